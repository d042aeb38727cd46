//! Checks: one TOML file each with its condition, reasons, fixes and examples. This room reads,
//! compiles and lints them; it judges nothing and touches no file system (texts come to it).

mod catalogue;
mod condition;
mod lint;
mod read;
mod scope;

pub use catalogue::{Catalogue, Source};
pub use condition::{Condition, Truth, with_large_stack};
pub use lint::{lint, shown_by_examples};
pub use read::{Check, Effect, Example, Expect, FixStep, Recipe, Risk, Severity, StepKind};
pub use scope::Scope;

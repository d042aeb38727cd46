//! Fixes: templates turned into steps for this very host. Every value is quoted for the language
//! of its step; refuses to write a step whose values are unknown or cannot be written safely.

mod action;
mod ansible;
mod aside;
mod below;
pub mod edit;
mod merge;
mod mode;
mod needs;
mod order;
mod pieces;
mod plan;
mod quote;
mod recipe;
mod relocate;
mod render;
mod script;
mod shell;
mod steps;
mod system;

pub use action::{Action, Server, Spot};
pub use ansible::{Edits, playbook};
pub use aside::is_odd;
pub use merge::{Conflict, Covered};
pub use mode::ModeChange;
pub use needs::Needs;
pub use order::{Phase, touches};
pub use plan::{ByHand, FixOf, Note, Plan, Planned, Refused};
pub use quote::{php_text, quote};
pub(crate) use render::{NAMELESS, NO_COMMAND};
pub use render::{Step, Templates};
pub use script::{About, script};
pub use shell::line;
pub use system::is_systems;

//! Fixes: templates turned into steps for this very host. Every value is quoted for the language
//! of its step; refuses to write a step whose values are unknown or cannot be written safely.

mod quote;
mod render;

pub use quote::quote;
pub(crate) use render::NAMELESS;
pub use render::{Step, Templates};

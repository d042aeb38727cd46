//! What runs the product by the clock: crontabs, timers, supervisors, and loops that run right now.
//! Refuses to repeat secrets: what a command line holds of them becomes `***`.

mod command;
mod secret;
mod shell;
mod wrapper;
pub use command::{JobKind, is_product_command};

/// A scheduled task of the product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledJob {}

/// All tasks.
pub(super) fn look(
    _: &crate::host::Host,
    _: &std::path::Path,
    _: &crate::host::Processes,
) -> (Vec<ScheduledJob>, Vec<String>) {
    (vec![], vec![])
}

//! `deskguard demo`: stub.

use super::Failure;
use crate::cli::DemoArgs;

pub(super) fn run(_args: DemoArgs) -> Result<u8, Failure> {
    Err(Failure::Message("not yet".to_owned()))
}

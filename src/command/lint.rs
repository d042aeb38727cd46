//! `deskguard lint DIR`: whether a site's own checks are sound.

use super::{Failure, own_checks, print};
use crate::check::{Catalogue, lint};
use crate::cli::LintArgs;

pub(super) fn run(args: &LintArgs) -> Result<u8, Failure> {
    let sources = own_checks::read(&args.dir)?;
    let files: Vec<_> = sources
        .iter()
        .map(|(id, file, _)| (id.clone(), file.clone()))
        .collect();
    let catalogue = Catalogue::compile(&sources)?;
    let complaints = lint(&catalogue, &files);
    if complaints.is_empty() {
        let count = catalogue.checks.len();
        let noun = if count == 1 { "check is" } else { "checks are" };
        print(&format!("{count} {noun} sound\n"))?;
        return Ok(0);
    }
    Err(Failure::Complaints(complaints))
}

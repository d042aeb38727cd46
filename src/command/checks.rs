//! `deskguard checks [ID]`: what is checked, and why.

use super::{Failure, own_checks, print, terminal};
use crate::check::Catalogue;
use crate::cli::ChecksArgs;
use crate::report::{explain, list};

pub(super) fn run(args: &ChecksArgs) -> Result<u8, Failure> {
    let own = args.checks.as_deref().map(own_checks::read).transpose()?;
    let catalogue = Catalogue::read(own.unwrap_or_default())?;
    let options = terminal::options(args.look);
    let text = match &args.id {
        None => list(&catalogue, &options),
        Some(id) => explain(
            catalogue.find(id).ok_or_else(|| no_such(&catalogue, id))?,
            &options,
        ),
    };
    print(&text)?;
    Ok(0)
}

pub(super) fn no_such(catalogue: &Catalogue, id: &str) -> String {
    let hint = catalogue.nearest(id).map_or_else(
        || "`deskguard checks` lists them".to_owned(),
        |near| format!("did you mean {near}?"),
    );
    format!("there is no check {id}; {hint}")
}

//! `deskguard checks [ID]`: what is checked, and why.

use super::{Failure, own_checks, print, terminal};
use crate::check::Catalogue;
use crate::cli::{ChecksArgs, ChecksFormat};
use crate::report::{explain, list, manual_html, manual_markdown};

pub(super) fn run(args: &ChecksArgs) -> Result<u8, Failure> {
    let own = args.checks.as_deref().map(own_checks::read).transpose()?;
    let mut catalogue = Catalogue::read(own.unwrap_or_default())?;
    let options = terminal::options(args.look);
    if let Some(id) = &args.id {
        let wanted = catalogue.find(id).ok_or_else(|| no_such(&catalogue, id))?;
        let wanted = wanted.id.clone();
        catalogue.checks.retain(|check| check.id == wanted);
    }
    let text = match (args.format, args.id.is_some()) {
        (ChecksFormat::Text, false) => list(&catalogue, &options),
        (ChecksFormat::Text, true) => {
            let pages = catalogue.checks.iter();
            pages.map(|check| explain(check, &options)).collect()
        }
        (ChecksFormat::Markdown, _) => manual_markdown(&catalogue),
        (ChecksFormat::Html, _) => manual_html(&catalogue),
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

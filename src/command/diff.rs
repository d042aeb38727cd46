//! `deskguard diff OLD NEW`: what became of a host between two reports.

use super::{Failure, print, saved, terminal};
use crate::cli::{DiffArgs, DiffFormat};
use crate::report::{diff, diff_json, diff_markdown, diff_text};

pub(super) fn run(args: &DiffArgs) -> Result<u8, Failure> {
    let (old, new) = (saved::report(&args.old)?, saved::report(&args.new)?);
    let diff = diff(&old, &new);
    let text = match args.format {
        DiffFormat::Text => diff_text(&diff, &terminal::options(args.look)),
        DiffFormat::Json => diff_json(&diff),
        DiffFormat::Markdown => diff_markdown(&diff),
    };
    print(&text)?;
    Ok(0)
}

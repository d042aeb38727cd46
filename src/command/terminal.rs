//! How the terminal is: its width, and whether colour is wanted. NO_COLOR and CLICOLOR_FORCE are
//! honoured as their sites describe them.

use crate::cli::{ColorWhen, Look};
use crate::report::{Detail, Options};
use std::io::IsTerminal;

/// Columns when there is no terminal to ask.
const USUAL_WIDTH: usize = 80;

/// Whether to colour what goes to this stream.
#[must_use]
pub fn colored(when: ColorWhen, stream: &impl IsTerminal) -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match when {
        ColorWhen::Always => true,
        ColorWhen::Never => false,
        ColorWhen::Auto if set("NO_COLOR") => false,
        ColorWhen::Auto if std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value != "0") => {
            true
        }
        ColorWhen::Auto => {
            stream.is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// How to render text for standard output.
#[must_use]
pub fn options(look: Look) -> Options {
    let stdout = std::io::stdout();
    let width = terminal_size::terminal_size_of(&stdout)
        .map_or(USUAL_WIDTH, |(width, _)| usize::from(width.0).max(40));
    Options {
        width,
        color: colored(look.color, &stdout),
        detail: if look.quiet {
            Detail::Quiet
        } else if look.verbose {
            Detail::Verbose
        } else {
            Detail::Normal
        },
    }
}

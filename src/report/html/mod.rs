//! The report as one HTML file that needs nothing else: no script, no font, no network. The template
//! escapes whatever is put in; control characters are made visible before. Filters are form fields
//! that CSS looks at. Refuses to list without end: what is left out is counted.

mod check_view;
mod view;

use super::{Exit, Report};
use minijinja::Environment;
use view::View;

pub(super) use check_view::anchor;

/// The style sheet of the report's page and of the manual's.
pub(super) const STYLE: &str = include_str!("style.css");
const PAGE: &str = include_str!("page.html");
const PIECE: &str = include_str!("piece.html");

/// The report as an HTML page.
#[must_use]
pub fn html(report: &Report, exit: &Exit) -> String {
    render(&View::new(report, exit)).unwrap_or_else(|error| {
        // The templates are fixed and tested; a fault in them must not cost the run.
        format!("<!DOCTYPE html><title>deskguard</title><p>The page cannot be made: {error}")
    })
}

fn render(view: &View<'_>) -> Result<String, minijinja::Error> {
    // Templates whose names end in .html escape what is put in.
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.add_template("page.html", PAGE)?;
    environment.add_template("piece.html", PIECE)?;
    environment
        .get_template("page.html")?
        .render(minijinja::value::Value::from(minijinja::value::Serde(view)))
}

#[cfg(test)]
mod tests;

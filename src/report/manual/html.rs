//! The reference manual as one HTML page, in the clothes of the report's page.

use super::Entry;
use crate::check::Catalogue;
use crate::facts::FactSchema;
use minijinja::Environment;
use serde::Serialize;

const PAGE: &str = include_str!("manual.html");

#[derive(Serialize)]
struct Manual {
    style: minijinja::Value,
    version: &'static str,
    areas: Vec<Area>,
    count: usize,
}

#[derive(Serialize)]
struct Area {
    name: String,
    entries: Vec<Anchored>,
}

#[derive(Serialize)]
struct Anchored {
    anchor: String,
    entry: Entry,
}

/// These checks as a manual.
#[must_use]
pub fn html(catalogue: &Catalogue) -> String {
    let schema = FactSchema::new();
    let areas = catalogue
        .checks
        .chunk_by(|one, other| area(&one.id) == area(&other.id))
        .map(|alike| Area {
            name: alike.first().map_or("", |check| area(&check.id)).to_owned(),
            entries: alike
                .iter()
                .map(|check| Anchored {
                    anchor: super::super::html::anchor(&check.id),
                    entry: Entry::new(check, &schema),
                })
                .collect(),
        })
        .collect();
    let manual = Manual {
        style: minijinja::Value::from_safe_string(super::super::html::STYLE.to_owned()),
        version: env!("CARGO_PKG_VERSION"),
        areas,
        count: catalogue.checks.len(),
    };
    render(&manual).unwrap_or_else(|error| {
        // The template is fixed and tested.
        format!("<!DOCTYPE html><title>deskguard</title><p>The manual cannot be made: {error}")
    })
}

fn render(manual: &Manual) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    environment.add_template("manual.html", PAGE)?;
    environment
        .get_template("manual.html")?
        .render(minijinja::value::Value::from(minijinja::value::Serde(
            manual,
        )))
}

fn area(id: &str) -> &str {
    id.split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::manual_markdown;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn both_manuals_hold_every_check_and_their_links_lead_somewhere() {
        let catalogue = Catalogue::read(Vec::new()).unwrap();
        let (page, text) = (html(&catalogue), manual_markdown(&catalogue));
        let ids: BTreeSet<&str> = page
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        for link in page
            .split("href=\"#")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
        {
            assert!(ids.contains(link), "#{link} leads nowhere");
        }
        for check in &catalogue.checks {
            assert!(
                text.contains(&format!("\n## {}\n", check.id)),
                "{}",
                check.id
            );
            let anchor = check.id.replace('/', "");
            assert!(text.contains(&format!("](#{anchor})")), "{anchor}");
            assert!(
                ids.contains(&*format!("check-{}", check.id.replace('/', "--"))),
                "{}",
                check.id
            );
        }
        assert!(!page.contains("cannot be made") && !page.contains("<script"));
    }
}

//! Which generation of settings a helpdesk has, told by its tables and its build. Two witnesses that
//! contradict each other are said; none at all is an unknown.

use super::picture::Picture;
use crate::facts::Known;

/// A generation of the product's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Era {
    /// Early v4, 2013 to 2014.
    E1,
    /// Middle v4, about 2014.
    E2,
    /// Late v4 and the first v5, about 2015 to 2016.
    E3,
    /// v5, 2017 to 2021.
    E4,
    /// Horizon, the container image, from 2021.
    E5,
}

impl Era {
    /// Its short name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::E1 => "E1",
            Self::E2 => "E2",
            Self::E3 => "E3",
            Self::E4 => "E4",
            Self::E5 => "E5",
        }
    }

    /// In words.
    #[must_use]
    pub const fn described(self) -> &'static str {
        match self {
            Self::E1 => "early v4",
            Self::E2 => "middle v4",
            Self::E3 => "late v4 or the first v5",
            Self::E4 => "v5",
            Self::E5 => "Horizon",
        }
    }
}

/// What was told, and by what.
#[derive(Debug, Clone)]
pub struct Told {
    /// The era.
    pub era: Known<Era>,
    /// In words.
    pub because: String,
}

/// v5's own upgrader takes builds after this moment for its own line (`dp:upgrade`).
const FIRST_V5_BUILD: i64 = 1_473_329_441;
/// The time that a source checkout shows; it tells nothing.
const UNBUILT: i64 = 1_323_444_089;

/// Tables that came with an era and stayed.
const MARKS: [(Era, &str); 5] = [
    (Era::E4, "audit_logs"),
    (Era::E3, "white_listed_ips"),
    (Era::E3, "rate_limit_log"),
    (Era::E2, "password_history"),
    (Era::E2, "app_packages"),
];

/// The era of a picture; its tables and settings must have been read.
#[must_use]
pub fn tell(picture: &Picture, is_container: bool) -> Told {
    if is_container {
        return told(
            Era::E5,
            "the container's settings are not public: those of v5 are taken to be read, and their shipped defaults are not known",
        );
    }
    let tables = &picture.tables.seen;
    let mark = MARKS.iter().find(|(_, table)| tables.contains_key(*table));
    let built_as_v5 = build_of(picture)
        .is_some_and(|second| second > FIRST_V5_BUILD && second != UNBUILT)
        || tables.contains_key("articles_slug_history") && picture.tables.hidden.is_some();
    match mark {
        Some((era, table)) if *era == Era::E4 || !built_as_v5 => {
            told(*era, &format!("the table {table} is there"))
        }
        _ if built_as_v5 => told(Era::E4, "core.deskpro_build is one of v5"),
        _ if let Some(reason) = &picture.tables.hidden => Told {
            // Word for word, so that reports group it with everything else that this reason hides.
            era: Known::unknown(reason.clone()),
            because: String::new(),
        },
        _ if tables.contains_key("settings") => told(
            Era::E1,
            "neither password_history nor app_packages is there",
        ),
        _ => Told {
            era: Known::unknown("the database has no table `settings`: it is no helpdesk's"),
            because: String::new(),
        },
    }
}

fn told(era: Era, because: &str) -> Told {
    Told {
        era: Known::Known(era),
        because: format!("{} ({}): {because}", era.described(), era.word()),
    }
}

fn build_of(picture: &Picture) -> Option<i64> {
    let rows = picture.settings.known()?;
    super::number(rows.get("core.deskpro_build")?.known()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn picture(tables: &[&str], build: &str, hidden: Option<&str>) -> Picture {
        let mut picture = Picture::default();
        for table in tables {
            picture
                .tables
                .seen
                .insert((*table).to_owned(), BTreeSet::new());
        }
        picture.tables.hidden = hidden.map(str::to_owned);
        picture.settings = Known::Known(BTreeMap::from([(
            "core.deskpro_build".to_owned(),
            Known::Known(build.as_bytes().to_vec()),
        )]));
        picture
    }

    #[test]
    fn eras_are_told_by_tables_then_by_build() {
        for (tables, build, hidden, expected) in [
            (
                &["settings", "plugins"][..],
                "1363000000",
                None,
                Some(Era::E1),
            ),
            (
                &["settings", "app_packages"],
                "1400000000",
                None,
                Some(Era::E2),
            ),
            (
                &["settings", "password_history", "white_listed_ips"],
                "1450000000",
                None,
                Some(Era::E3),
            ),
            (
                &["settings", "rate_limit_log", "audit_logs"],
                "1500000000",
                None,
                Some(Era::E4),
            ),
            (
                &["settings", "white_listed_ips"],
                "1500000000",
                None,
                Some(Era::E4),
            ),
            (&["settings"], "1500000000", Some("denied"), Some(Era::E4)),
            (&["settings"], "1363000000", Some("denied"), None),
            (&["settings"], "1323444089", None, Some(Era::E1)),
            (&["wp_posts"], "", None, None),
        ] {
            let told = tell(&picture(tables, build, hidden), false);
            assert_eq!(told.era.known().copied(), expected, "{tables:?} {build}");
        }
        assert_eq!(
            tell(&picture(&[], "", None), true).era,
            Known::Known(Era::E5)
        );
    }
}

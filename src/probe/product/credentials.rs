//! Database credentials beside the main ones: left from an import, or for a read replica that
//! nobody configured. Names the account, never the password.

use super::sentence;
use crate::facts::{CredentialSet, Known, Listing};
use crate::php::{Lookup, Value};
use crate::target::{Generation, Settings};

/// A place where credentials may stand.
struct Spare {
    generation: Generation,
    id: &'static str,
    path: &'static [&'static str],
    /// The keys for host, user and password below `path`.
    keys: [&'static str; 3],
    purpose: &'static str,
    /// Whether the product still reads it once the helpdesk runs.
    lasting: bool,
}

const PLAIN: [&str; 3] = ["host", "user", "password"];

const SPARES: &[Spare] = &[
    Spare {
        generation: Generation::V4,
        id: "",
        path: &["import"],
        keys: ["db_host", "db_user", "db_password"],
        purpose: "import from v3",
        lasting: false,
    },
    Spare {
        generation: Generation::V4,
        id: "",
        path: &["db_read"],
        keys: PLAIN,
        purpose: "read replica",
        lasting: true,
    },
    Spare {
        generation: Generation::V5,
        id: "database_advanced",
        path: &["read"],
        keys: PLAIN,
        purpose: "read replica",
        lasting: true,
    },
    Spare {
        generation: Generation::V5,
        id: "database_advanced",
        path: &["read_reports"],
        keys: PLAIN,
        purpose: "reports replica",
        lasting: true,
    },
    Spare {
        generation: Generation::V5,
        id: "database_advanced",
        path: &["read_search"],
        keys: PLAIN,
        purpose: "search replica",
        lasting: true,
    },
    Spare {
        generation: Generation::V5,
        id: "database_advanced",
        path: &["system"],
        keys: PLAIN,
        purpose: "system connection",
        lasting: true,
    },
    Spare {
        generation: Generation::V5,
        id: "database_advanced",
        path: &["audit"],
        keys: PLAIN,
        purpose: "audit connection",
        lasting: true,
    },
    Spare {
        generation: Generation::Container,
        id: "database_advanced",
        path: &["read"],
        keys: PLAIN,
        purpose: "read replica",
        lasting: true,
    },
    Spare {
        generation: Generation::Container,
        id: "database_advanced",
        path: &["read_reports"],
        keys: PLAIN,
        purpose: "reports replica",
        lasting: true,
    },
];

pub(super) fn observe(settings: &Settings) -> Listing<CredentialSet> {
    let mut rows = Vec::new();
    for spare in SPARES
        .iter()
        .filter(|spare| spare.generation == settings.generation)
    {
        // The container and v5 may hold one array or a list of them.
        for index in ["", "0", "1", "2", "3"] {
            let mut path = spare.path.to_vec();
            if !index.is_empty() {
                path.push(index);
            }
            rows.extend(one(settings, spare, &path));
        }
    }
    Listing::whole(rows)
}

fn one(settings: &Settings, spare: &Spare, path: &[&str]) -> Option<CredentialSet> {
    let ask = |key: &'static str| {
        let mut full = path.to_vec();
        full.push(key);
        settings.get(spare.id, &full)
    };
    let [host, user, password] = spare.keys.map(ask);
    let filled = |lookup: &Lookup<'_>| match lookup {
        Lookup::Missing => Known::Known(false),
        Lookup::Unknown(unknown) => Known::unknown(sentence(unknown)),
        Lookup::Known(value, _) => Known::Known(value.truth().unwrap_or(true)),
    };
    let has_password = filled(&password.lookup);
    if has_password == Known::Known(false) {
        return None;
    }
    let (at, line) = password.place();
    Some(CredentialSet {
        purpose: spare.purpose.to_owned(),
        setting: settings.name_of(spare.id, path),
        password: password.name.clone(),
        user: match &user.lookup {
            Lookup::Known(Value::Str(bytes), _) => String::from_utf8_lossy(bytes).into_owned(),
            _ => String::new(),
        },
        has_password,
        used: if spare.lasting {
            filled(&host.lookup)
        } else {
            Known::Known(false)
        },
        path: at,
        line,
    })
}

//! Whether a secret still holds the text that the distribution ships. The value is compared here
//! and forgotten; only the verdict leaves.

use super::{sentence, text};
use crate::facts::{Known, Listing, Secret, SecretState};
use crate::host::Host;
use crate::php::{Lookup, Value};
use crate::target::{Asked, Generation, Settings};
use std::path::Path;

/// The compose example's secret files, relative to a directory that may hold them.
const SECRET_FILES: [&str; 3] = [
    "DESKPRO_DB_PASS.txt",
    "MYSQL_ROOT_PASSWORD.txt",
    "DESKPRO_APP_KEY.txt",
];

pub(super) fn observe(
    host: &Host,
    root: &Path,
    settings: &Settings,
    unread: &[String],
) -> Listing<SecretState> {
    let mut list = Listing::whole(Vec::new());
    // In a file that could not be read it may well be set.
    let missing = unread
        .first()
        .map_or_else(|| Known::Known("missing".to_owned()), Known::unknown);
    match settings.generation {
        Generation::V4 => {
            let password = settings.get("", &["db", "password"]);
            let password = if matches!(password.lookup, Lookup::Missing) {
                settings.constant("DP_DATABASE_PASSWORD")
            } else {
                password
            };
            list.rows
                .push(state(&password, over_socket(settings), &missing));
        }
        Generation::V5 => {
            for path in password_paths(settings) {
                list.rows.push(state(
                    &settings.get("database", &path),
                    over_socket(settings),
                    &missing,
                ));
            }
        }
        Generation::Container => {
            list.rows.push(state(
                &settings.get("database", &["password"]),
                over_socket(settings),
                &missing,
            ));
            list.rows
                .push(state(&settings.get("app_key", &[]), false, &missing));
            secret_files(host, root, &mut list);
        }
    }
    list
}

/// v5 may name one server, or a list of them.
fn password_paths(settings: &Settings) -> Vec<Vec<&'static str>> {
    let there = |at: &&str| !matches!(settings.get("database", &[at]).lookup, Lookup::Missing);
    let listed: Vec<_> = ["0", "1", "2", "3", "4", "5", "6", "7"]
        .into_iter()
        .take_while(there)
        .map(|at| vec![at, "password"])
        .collect();
    if listed.is_empty() {
        vec![vec!["password"]]
    } else {
        listed
    }
}

/// A connection through a socket may be authenticated by the account, without a password.
fn over_socket(settings: &Settings) -> bool {
    let asked = settings.get("database", &["host"]);
    let v4 = settings.constant("DP_DATABASE_HOST");
    [asked, v4].iter().any(|asked| {
        matches!(&asked.lookup, Lookup::Known(Value::Str(bytes), _) if bytes.starts_with(b"unix_socket:"))
    })
}

fn state(asked: &Asked<'_>, may_be_empty: bool, missing: &Known<String>) -> SecretState {
    let (path, line) = asked.place();
    let word = |word: &str| Known::Known(word.to_owned());
    let state = match &asked.lookup {
        Lookup::Unknown(unknown) => Known::unknown(sentence(unknown)),
        Lookup::Missing => missing.clone(),
        Lookup::Known(Value::Str(bytes), _) => {
            let secret = Secret::new(bytes);
            if secret.is_empty() {
                word(if may_be_empty { "set" } else { "empty" })
            } else if secret.is_shipped() {
                word("shipped")
            } else {
                word("set")
            }
        }
        Lookup::Known(Value::Null, _) => word(if may_be_empty { "set" } else { "empty" }),
        Lookup::Known(other, _) => Known::unknown(format!("it is a {}, not a text", other.kind())),
    };
    SecretState {
        setting: asked.name.clone(),
        state,
        path,
        line,
    }
}

fn secret_files(host: &Host, root: &Path, list: &mut Listing<SecretState>) {
    let folders = [
        root.join("config"),
        root.join("../config"),
        Path::new("/deskpro/config").to_owned(),
    ];
    for folder in folders {
        for name in SECRET_FILES {
            let path = folder.join(name);
            let state = match host.read_file(&path, 64 << 10) {
                Ok(None) => continue,
                Ok(Some(bytes)) => {
                    let secret = Secret::new(bytes.trim_ascii());
                    Known::Known(if secret.is_empty() {
                        "empty".to_owned()
                    } else if secret.is_shipped() {
                        "shipped".to_owned()
                    } else {
                        "set".to_owned()
                    })
                }
                Err(reason) => Known::unknown(reason),
            };
            list.rows.push(SecretState {
                setting: name.to_owned(),
                state,
                path: text(&path),
                line: 0,
            });
        }
    }
}

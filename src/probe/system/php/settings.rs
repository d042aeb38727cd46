//! The switches of PHP's that matter, each with the line that decides it. What overrides a line for
//! some requests only counts besides: the worse of two places is what an attacker looks for.

use super::overrides::{Override, Written, overrides};
use crate::facts::{Known, Listing, PhpSetting};
use crate::host::Host;
use crate::route::Place;
use crate::target::Target;
use crate::target::php_ini::truth;
use crate::target::php_runtime::PhpRuntime;

/// Setting, PHP's own default (main/main.c, ext/session/session.c), what is wanted, and the harm.
const WANTED: &[(&str, bool, bool, &str)] = &[
    (
        "display_errors",
        true,
        false,
        "visitors read error messages, with paths and sometimes passwords in them",
    ),
    (
        "expose_php",
        true,
        false,
        "every answer tells PHP's exact version",
    ),
    (
        "session.cookie_httponly",
        false,
        true,
        "a script in a page can read session cookies, so that one injected script takes over an agent's session",
    ),
    (
        "allow_url_include",
        false,
        false,
        "PHP runs code that it fetches from other servers",
    ),
];

/// A value and the line that says it.
pub(super) struct Said<'a> {
    pub(super) value: &'a str,
    pub(super) at: &'a Place,
    admin: bool,
    pub(super) how: How,
}

/// How the line is written.
#[derive(Default)]
pub(super) struct How {
    pub(super) language: &'static str,
    pub(super) section: Option<String>,
    pub(super) key: String,
}

impl How {
    pub(super) fn ini(section: Option<String>, key: &str) -> Self {
        Self {
            language: "ini",
            section,
            key: key.to_owned(),
        }
    }

    fn of(it: &Override) -> Self {
        match &it.written {
            Some(Written::Ini) => Self::ini(None, &it.name),
            Some(Written::Apache(key)) => Self {
                language: "apache",
                section: None,
                key: key.clone(),
            },
            None => Self::default(),
        }
    }
}

pub(super) fn rows(
    host: &Host,
    target: &Target,
    runtime: &PhpRuntime,
    list: &mut Listing<PhpSetting>,
) {
    let (others, missed) = overrides(host, target, runtime);
    list.missed.extend(missed);
    for (setting, default, wanted, effect) in WANTED {
        let row = |on: Known<bool>, source: String, at: &Place, how: &How| {
            let text = match how.language {
                "apache" => text(host, at),
                _ => Some(String::new()),
            };
            PhpSetting {
                php: runtime.name.clone(),
                setting: (*setting).to_owned(),
                on,
                wanted: *wanted,
                effect: (*effect).to_owned(),
                source,
                path: at.file.to_string_lossy().into_owned(),
                line: at.line,
                language: text.as_ref().map_or("", |_| how.language).to_owned(),
                section: how.section.clone().unwrap_or_default(),
                key: how.key.clone(),
                text: text.unwrap_or_default(),
            }
        };
        let own: Vec<&Override> = others.iter().filter(|it| it.name == *setting).collect();
        let base = deciding(runtime, setting, &own);
        let is_fixed = base.as_ref().is_some_and(|said| said.admin);
        list.rows.push(match &base {
            Some(said) => row(
                on(setting, said.value, said.at),
                said.at.to_string(),
                said.at,
                &said.how,
            ),
            None => from_default(runtime, setting, *default, row),
        });
        for it in own.iter().filter(|it| it.admin || !is_fixed) {
            let value = on(setting, &it.value, &it.at);
            if value != Known::Known(*wanted) {
                let how = How::of(it);
                list.rows.push(row(value, it.at.to_string(), &it.at, &how));
            }
        }
    }
}

/// Nothing says it: PHP's own default, unless a file could not be read.
fn from_default(
    runtime: &PhpRuntime,
    setting: &str,
    default: bool,
    row: impl Fn(Known<bool>, String, &Place, &How) -> PhpSetting,
) -> PhpSetting {
    let missed = runtime.ini.missed.first();
    let on = missed.map_or(Known::Known(default), |reason| {
        Known::unknown(reason.clone())
    });
    let source = "PHP's own default".to_owned();
    let main = runtime.ini.files.first();
    let Some(file) = main else {
        return row(on, source, &runtime.at, &How::default());
    };
    let at = Place {
        file: file.as_path().into(),
        line: 0,
    };
    row(on, source, &at, &How::ini(None, setting))
}

/// What decides for requests in general: what an admin fixes, else what the pool or the server sets,
/// else the ini files.
pub(super) fn deciding<'a>(
    runtime: &'a PhpRuntime,
    setting: &str,
    others: &[&'a Override],
) -> Option<Said<'a>> {
    let pool = runtime.pool.iter().rev().filter(|it| it.name == setting);
    let section = runtime.name.strip_prefix("PHP-FPM's pool ");
    let pool = pool.map(|it| Said {
        value: &it.value,
        at: &it.at,
        admin: it.admin,
        how: How::ini(section.map(str::to_owned), &it.key),
    });
    let broad = others.iter().rev().filter(|it| it.broad).map(|it| Said {
        value: &it.value,
        at: &it.at,
        admin: it.admin,
        how: How::of(it),
    });
    let mut set: Vec<Said<'_>> = broad.chain(pool).collect();
    set.sort_by_key(|said| !said.admin);
    set.into_iter().next().or_else(|| {
        let ini = runtime.ini.get(setting)?;
        Some(Said {
            value: &ini.value,
            at: &ini.at,
            admin: false,
            how: How::ini(None, setting),
        })
    })
}

/// What stands on a line, if it does not go on on the next one.
pub(super) fn text(host: &Host, at: &Place) -> Option<String> {
    let text = host.line(&at.file, at.line)?;
    (!text.ends_with('\\')).then_some(text)
}

/// Whether the value switches the setting on. `display_errors = stderr` shows nothing to visitors
/// (main/main.c, `php_get_display_errors_mode`).
fn on(setting: &str, value: &str, at: &Place) -> Known<bool> {
    if setting == "display_errors" {
        match value.trim().to_ascii_lowercase().as_str() {
            "stderr" | "2" => return Known::Known(false),
            "stdout" => return Known::Known(true),
            _ => {}
        }
    }
    truth(value).map_or_else(
        || Known::unknown(format!("{at}: {value} is neither on nor off")),
        Known::Known,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;
    use std::sync::Arc;

    #[test]
    fn errors_on_the_log_are_not_displayed() {
        let at = Place {
            file: Arc::from(Path::new("/x")),
            line: 1,
        };
        assert_eq!(on("display_errors", "stderr", &at), Known::Known(false));
        assert_eq!(on("display_errors", "On", &at), Known::Known(true));
        assert_eq!(on("expose_php", "stderr", &at).known(), None);
    }
}

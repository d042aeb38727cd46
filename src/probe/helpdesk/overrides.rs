//! Settings that the product's configuration files override: v4's `$DP_CONFIG['SETTINGS']`, v5's
//! `$SETTINGS`, the container's `$CONFIG['settings']`. The application's secret leaves as a verdict.

use crate::facts::Known;
use crate::helpdesk::{Override, Overrides, SecretSeen, Value, setting_names};
use crate::php;
use crate::target::{Asked, Generation, Settings, Target};

pub(super) fn read(target: &Target) -> Overrides {
    let Some(settings) = &target.settings else {
        return Overrides {
            unread: Some(target.no_settings()),
            ..Overrides::default()
        };
    };
    let known = setting_names().filter_map(|name| {
        let asked = ask(settings, name);
        Some((name.to_owned(), found(&asked, value)?))
    });
    Overrides {
        known: known.collect(),
        secret: found(&ask(settings, "core.app_secret"), secret),
        unread: unread(settings),
    }
}

fn ask<'a>(settings: &'a Settings, name: &str) -> Asked<'a> {
    match settings.generation {
        Generation::V4 => settings.get("", &["SETTINGS", name]),
        Generation::V5 | Generation::Container => settings.get("settings", &[name]),
    }
}

fn found<T>(asked: &Asked<'_>, take: fn(&php::Value) -> Known<T>) -> Option<Override<T>> {
    let (path, line) = asked.place();
    let value = match &asked.lookup {
        php::Lookup::Missing => return None,
        php::Lookup::Unknown(unknown) => {
            Known::unknown(format!("{} cannot be told: {}", asked.name, unknown.why))
        }
        php::Lookup::Known(value, _) => take(value),
    };
    Some(Override {
        value,
        path,
        line,
        spelled: asked.name.clone(),
    })
}

/// Why there may be overrides that nobody saw: a file that is there and could not be read.
fn unread(settings: &Settings) -> Option<String> {
    let files = settings.files.iter().filter_map(|file| match &file.there {
        Err(reason) => Some(reason.clone()),
        Ok(true) => file.evaluation.unread().map(str::to_owned),
        Ok(false) => None,
    });
    settings.unknown.iter().cloned().chain(files).next()
}

fn value(value: &php::Value) -> Known<Value> {
    Known::Known(match value {
        php::Value::Null => Value::Null,
        php::Value::Bool(flag) => Value::Bool(*flag),
        php::Value::Int(number) => Value::Int(*number),
        php::Value::Float(number) => Value::Float(*number),
        php::Value::Str(bytes) => Value::Bytes(bytes.clone()),
        php::Value::Array(array) => {
            if let Some(loose) = array.loose() {
                return Known::unknown(&loose.why);
            }
            let mut items = Vec::new();
            for (_, held) in array.iter() {
                match self::value(&held.value) {
                    Known::Known(item) => items.push(item),
                    unknown => return unknown,
                }
            }
            Value::List(items)
        }
        php::Value::Unknown(unknown) => return Known::unknown(&unknown.why),
    })
}

fn secret(value: &php::Value) -> Known<SecretSeen> {
    match value {
        php::Value::Str(bytes) => Known::Known(SecretSeen::judge(bytes)),
        php::Value::Null => Known::Known(SecretSeen::judge(b"")),
        other => Known::unknown(format!("core.app_secret is a {}, not a text", other.kind())),
    }
}

//! Switches that weaken the helpdesk while they are on, from the product's own sources: which
//! setting, what it does, and how the product reads it.

use super::{sentence, text};
use crate::facts::{Known, Listing, Setting};
use crate::php::{IniSet, Lookup, Value};
use crate::target::{Asked, Generation, Settings};

/// How the product decides that a switch is on.
#[derive(Clone, Copy)]
enum On {
    /// PHP finds the value true.
    True,
    /// `isset()`: it is there and not null, even when it is false.
    Set,
    /// It is a string that is not empty.
    Text,
    /// It is one of these words.
    Word(&'static [&'static str]),
    /// It is there and is any word but these.
    AnyBut(&'static [&'static str]),
}

/// Where the switch stands.
#[derive(Clone, Copy)]
enum Where {
    Key(&'static str, &'static [&'static str]),
    Constant(&'static str),
}

struct Switch {
    generations: &'static [Generation],
    at: Where,
    on: On,
    effect: &'static str,
}

const V4: &[Generation] = &[Generation::V4];
const V5: &[Generation] = &[Generation::V5];
const NEW: &[Generation] = &[Generation::V5, Generation::Container];
const BOX: &[Generation] = &[Generation::Container];
const ALL: &[Generation] = &[Generation::V4, Generation::V5, Generation::Container];

const fn key(
    generations: &'static [Generation],
    id: &'static str,
    path: &'static [&'static str],
    on: On,
    effect: &'static str,
) -> Switch {
    Switch {
        generations,
        at: Where::Key(id, path),
        on,
        effect,
    }
}

const fn constant(
    generations: &'static [Generation],
    name: &'static str,
    on: On,
    effect: &'static str,
) -> Switch {
    Switch {
        generations,
        at: Where::Constant(name),
        on,
        effect,
    }
}

const DEBUG: &[Switch] = &[
    key(
        V4,
        "",
        &["debug", "dev"],
        On::Set,
        "file.php shows visitors exceptions with their backtraces as soon as the key exists, and a true value starts the debug kernel",
    ),
    key(
        V4,
        "",
        &["debug", "serve_file_debug"],
        On::True,
        "file.php shows visitors exceptions with their backtraces",
    ),
    key(
        V4,
        "",
        &["debug", "enable_debug_trace"],
        On::True,
        "every call with its parameters is written below the data directory",
    ),
    key(
        V4,
        "",
        &["debug", "page_log", "enabled"],
        On::True,
        "database queries are written to logs below the data directory",
    ),
    key(
        V4,
        "",
        &["debug", "enable_usersource_log"],
        On::True,
        "directory and single-sign-on exchanges are written to a log",
    ),
    key(
        V4,
        "",
        &["debug", "enable_profiler"],
        On::True,
        "the profiler is shown",
    ),
    key(
        V4,
        "",
        &["debug", "enable_transaction_log"],
        On::True,
        "database transactions are written to a log",
    ),
    key(
        V4,
        "",
        &["debug", "log_delete_queries"],
        On::True,
        "database queries are written to a log",
    ),
    key(
        V4,
        "",
        &["enable_display_errors"],
        On::True,
        "visitors see PHP errors",
    ),
    key(
        NEW,
        "env",
        &["debug_mode"],
        On::True,
        "visitors see errors with their backtraces",
    ),
    key(
        V5,
        "env",
        &["environment"],
        On::Word(&["dev", "test"]),
        "the development kernel runs and visitors see errors",
    ),
    key(
        BOX,
        "env",
        &["environment"],
        On::AnyBut(&["production", "prod"]),
        "the product does not run in production mode",
    ),
    key(
        BOX,
        "env",
        &["app_environment"],
        On::AnyBut(&["production", "prod"]),
        "the product does not run in production mode",
    ),
    key(
        NEW,
        "logs",
        &["log_level"],
        On::Word(&["debug"]),
        "logs hold requests and mail in full",
    ),
    key(
        NEW,
        "logs",
        &["log_db_queries"],
        On::True,
        "database queries are written to a log",
    ),
    key(
        NEW,
        "logs",
        &["page_log", "enabled"],
        On::True,
        "database queries are written to a log",
    ),
];

const LOGIN: &[Switch] = &[
    constant(
        ALL,
        "DP_OVERRIDE_USER_PASS",
        On::Text,
        "whoever knows it logs in as the person it names, or as everybody with `*`",
    ),
    constant(
        ALL,
        "DP_BYPASS_TOKEN_AUTH",
        On::Text,
        "a request that carries it is not counted by the protection against password guessing",
    ),
    key(
        NEW,
        "settings",
        &["api_auth.master_key"],
        On::Text,
        "whoever knows it calls the whole API",
    ),
    key(
        NEW,
        "settings",
        &["enable_test_user_context_header"],
        On::True,
        "a request header chooses which user is logged in",
    ),
    key(
        BOX,
        "app_settings",
        &["enable_test_support"],
        On::True,
        "test endpoints answer that production must not have",
    ),
];

const TOKENS: &[Switch] = &[
    constant(
        ALL,
        "DP_SAVEMAIL_AUTH",
        On::Text,
        "it opens the page that stores mail",
    ),
    constant(
        ALL,
        "DP_CHATSTATUS_AUTH",
        On::Text,
        "it opens the chat status page",
    ),
    constant(
        ALL,
        "DP_APC_STATS_INFO_AUTH",
        On::Text,
        "it opens the cache statistics",
    ),
    constant(
        ALL,
        "DPC_SAVE_FAILED_MAIL_AUTH",
        On::Text,
        "it opens the page that stores failed mail",
    ),
    key(
        V4,
        "",
        &["phpinfo_auth"],
        On::Text,
        "it opens phpinfo at ?_sys=phpinfo",
    ),
    key(
        V4,
        "",
        &["sys_licinfo"],
        On::True,
        "it opens the licence page",
    ),
];

const MAIL: &[Switch] = &[
    key(
        V4,
        "",
        &["debug", "mail", "save_to_file"],
        On::True,
        "every outgoing mail, password resets included, is written below the data directory",
    ),
    key(
        V4,
        "",
        &["debug", "mail", "save_to_file_info"],
        On::True,
        "every outgoing mail's recipients are written below the data directory",
    ),
    key(
        V4,
        "",
        &["debug", "mail", "force_to"],
        On::Text,
        "all mail goes to this one address",
    ),
    key(
        V4,
        "",
        &["debug", "mail", "disable_send"],
        On::True,
        "no mail leaves the helpdesk",
    ),
    key(
        V4,
        "",
        &["SETTINGS", "core.bcc_all_emails"],
        On::Text,
        "this address receives a copy of every mail",
    ),
    key(
        NEW,
        "settings",
        &["core.bcc_all_emails"],
        On::Text,
        "this address receives a copy of every mail",
    ),
    key(
        NEW,
        "settings",
        &["disable_outgoing_email"],
        On::True,
        "no mail leaves the helpdesk",
    ),
    constant(
        ALL,
        "DP_EMAIL_TRANSPORT_FACTORY",
        On::Text,
        "other code than the product's sends the mail",
    ),
];

pub(super) fn debug(settings: &Settings) -> Listing<Setting> {
    let mut list = observe(settings, DEBUG);
    let calls: Vec<&IniSet> = settings
        .files
        .iter()
        .flat_map(|file| &file.evaluation.ini)
        .filter(|set| set.key == "display_errors")
        .collect();
    // The last call that is certainly made undoes those before it.
    let last = calls.iter().rposition(|set| set.certain).unwrap_or(0);
    list.rows
        .extend(calls.iter().skip(last).map(|set| display_errors(set)));
    list
}

fn display_errors(set: &IniSet) -> Setting {
    Setting {
        setting: "ini_set('display_errors')".to_owned(),
        on: match &set.value {
            Value::Unknown(unknown) => Known::unknown(sentence(unknown)),
            _ if !set.certain => Known::unknown(format!(
                "whether the call is made is not known ({}:{})",
                set.at.file.display(),
                set.at.line
            )),
            value => Known::Known(shows_errors(value)),
        },
        effect: "visitors see PHP errors".to_owned(),
        path: text(&set.at.file),
        line: set.at.line,
    }
}

pub(super) fn login_overrides(settings: &Settings) -> Listing<Setting> {
    observe(settings, LOGIN)
}

pub(super) fn static_tokens(settings: &Settings) -> Listing<Setting> {
    observe(settings, TOKENS)
}

pub(super) fn mail_diversions(settings: &Settings) -> Listing<Setting> {
    observe(settings, MAIL)
}

/// php.ini's words for a display that is off; `stderr` is one on the command line only.
fn shows_errors(value: &Value) -> bool {
    match value {
        Value::Bool(on) => *on,
        Value::Int(number) => *number != 0,
        Value::Str(bytes) => {
            let word = bytes.to_ascii_lowercase();
            !matches!(
                word.as_slice(),
                b"" | b"0" | b"off" | b"no" | b"false" | b"none" | b"stderr"
            )
        }
        _ => false,
    }
}

/// The switches that the configuration mentions.
fn observe(settings: &Settings, switches: &[Switch]) -> Listing<Setting> {
    let mut rows = Vec::new();
    for switch in switches {
        if !switch.generations.contains(&settings.generation) {
            continue;
        }
        let asked = match switch.at {
            Where::Key(id, path) => settings.get(id, path),
            Where::Constant(name) => settings.constant(name),
        };
        if matches!(asked.lookup, Lookup::Missing) {
            continue;
        }
        let (path, line) = asked.place();
        rows.push(Setting {
            on: is_on(&asked, switch.on),
            setting: asked.name,
            effect: switch.effect.to_owned(),
            path,
            line,
        });
    }
    Listing::whole(rows)
}

fn is_on(asked: &Asked<'_>, on: On) -> Known<bool> {
    let value = match &asked.lookup {
        Lookup::Missing => return Known::Known(false),
        Lookup::Unknown(unknown) => return Known::unknown(sentence(unknown)),
        Lookup::Known(value, _) => *value,
    };
    let word = |words: &[&str]| match value {
        Value::Str(bytes) => words
            .iter()
            .any(|word| bytes.eq_ignore_ascii_case(word.as_bytes())),
        _ => false,
    };
    match on {
        On::True => value.truth().map_or_else(
            || Known::unknown(format!("PHP's truth of the {} is not known", value.kind())),
            Known::Known,
        ),
        On::Set => Known::Known(!matches!(value, Value::Null)),
        On::Text => match value {
            Value::Str(bytes) => Known::Known(!bytes.is_empty()),
            other => Known::Known(other.truth().unwrap_or(true)),
        },
        On::Word(words) => Known::Known(word(words)),
        On::AnyBut(words) => Known::Known(!matches!(value, Value::Null) && !word(words)),
    }
}

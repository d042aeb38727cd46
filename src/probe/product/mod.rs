//! The product's own configuration as facts: which switches are mentioned, whom it trusts, what is
//! known of its secrets. Passwords are looked at here and go no further than a verdict.

mod credentials;
mod proxy_trust;
mod secrets;
mod switches;

use crate::facts::{ConfigFacts, Known, Listing, Problem, ProxyTrust, Umask};
use crate::host::Host;
use crate::php::{Lookup, Unknown, Value};
use crate::target::{Generation, Settings};
use std::path::Path;

/// Observes the configuration.
#[must_use]
pub fn observe(host: &Host, root: &Path, settings: &Settings) -> ConfigFacts {
    let unread = unread(settings);
    let mut facts = ConfigFacts {
        debug: switches::debug(settings),
        login_overrides: switches::login_overrides(settings),
        static_tokens: switches::static_tokens(settings),
        mail_diversions: switches::mail_diversions(settings),
        proxy_trust: proxy_trust::observe(settings),
        umask: umask(settings),
        secrets: secrets::observe(host, root, settings, &unread),
        credentials: credentials::observe(settings),
        problems: problems(settings),
    };
    for missed in [
        &mut facts.debug.missed,
        &mut facts.login_overrides.missed,
        &mut facts.static_tokens.missed,
        &mut facts.mail_diversions.missed,
        &mut facts.secrets.missed,
        &mut facts.credentials.missed,
    ] {
        missed.extend(unread.iter().cloned());
    }
    // Where nothing was found in a file that could not be read, nothing is known.
    if let (0, Some(reason)) = (facts.proxy_trust.line, unread.first()) {
        facts.proxy_trust.who = Known::unknown(reason);
    }
    add_unresolved(&mut facts, settings);
    facts
}

/// What is known of a configuration that nobody found.
#[must_use]
pub fn unseen(reason: &str) -> ConfigFacts {
    ConfigFacts {
        problems: Listing::unseen(reason),
        debug: Listing::unseen(reason),
        login_overrides: Listing::unseen(reason),
        static_tokens: Listing::unseen(reason),
        mail_diversions: Listing::unseen(reason),
        proxy_trust: ProxyTrust {
            who: Known::unknown(reason),
            ..ProxyTrust::default()
        },
        umask: Umask {
            value: Known::unknown(reason),
            opens_to_everybody: Known::unknown(reason),
            ..Umask::default()
        },
        secrets: Listing::unseen(reason),
        credentials: Listing::unseen(reason),
    }
}

/// Why the configuration as a whole may say more than was seen.
fn unread(settings: &Settings) -> Vec<String> {
    let mut reasons = settings.unknown.clone();
    for file in &settings.files {
        let path = file.file.path.display();
        match &file.there {
            Err(reason) => reasons.push(reason.clone()),
            Ok(false) => reasons.push(format!("{path} is not there")),
            Ok(true) => reasons.extend(file.evaluation.unread().map(str::to_owned)),
        }
    }
    reasons
}

/// Files that are not there or do not parse, and includes that could not be followed.
fn problems(settings: &Settings) -> Listing<Problem> {
    let mut list = Listing {
        rows: Vec::new(),
        missed: settings.unknown.clone(),
    };
    for file in &settings.files {
        let path = text(&file.file.path);
        let whole = |reason: String| Problem {
            what: format!("the file {}", file.file.id),
            reason,
            path: path.clone(),
            line: 0,
        };
        match &file.there {
            Err(reason) => list.missed.push(reason.clone()),
            Ok(false) => list.rows.push(whole("it is not there".to_owned())),
            Ok(true) => match file.evaluation.unread() {
                Some(why) if why.contains("permission denied") => list.missed.push(why.to_owned()),
                Some(why) => list.rows.push(whole(why.to_owned())),
                None => list
                    .rows
                    .extend(file.evaluation.failures().map(|note| Problem {
                        what: "PHP".to_owned(),
                        reason: note.text.clone(),
                        path: text(&note.at.file),
                        line: note.at.line,
                    })),
            },
        }
    }
    list
}

/// Values that checks ask for and that could not be resolved; a file that could not be read at all
/// is a problem once, not once for each of them.
fn add_unresolved(facts: &mut ConfigFacts, settings: &Settings) {
    let unread: Vec<String> = settings
        .files
        .iter()
        .filter(|file| file.evaluation.unread().is_some())
        .map(|file| text(&file.file.path))
        .collect();
    let mut rows = Vec::new();
    let mut note = |what: &str, why: &str, path: &str, line: u32| {
        if unread.iter().any(|file| file == path) {
            return;
        }
        rows.push(Problem {
            what: what.to_owned(),
            reason: why.to_owned(),
            path: path.to_owned(),
            line,
        });
    };
    for setting in facts
        .debug
        .rows
        .iter()
        .chain(&facts.login_overrides.rows)
        .chain(&facts.static_tokens.rows)
        .chain(&facts.mail_diversions.rows)
    {
        if let Known::Unknown(why) = &setting.on {
            note(&setting.setting, why, &setting.path, setting.line);
        }
    }
    for secret in &facts.secrets.rows {
        if let Known::Unknown(why) = &secret.state {
            note(&secret.setting, why, &secret.path, secret.line);
        }
    }
    let trust = &facts.proxy_trust;
    if let (Known::Unknown(why), true) = (&trust.who, trust.line > 0) {
        note("trust_proxy_data", why, &trust.path, trust.line);
    }
    let umask = &facts.umask;
    if let (Known::Unknown(why), true) = (&umask.value, umask.line > 0) {
        note("set_umask", why, &umask.path, umask.line);
    }
    facts.problems.rows.extend(rows);
}

/// v5 and the container set the umask themselves; v4 leaves it to the process.
fn umask(settings: &Settings) -> Umask {
    if settings.generation == Generation::V4 {
        return Umask {
            value: Known::Known(None),
            opens_to_everybody: Known::unknown("v4 sets no umask: that of PHP and of cron applies"),
            ..Umask::default()
        };
    }
    let asked = settings.get("env", &["set_umask"]);
    let (path, line) = asked.place();
    let mut umask = Umask {
        setting: asked.name.clone(),
        path,
        line,
        ..Umask::default()
    };
    match &asked.lookup {
        Lookup::Known(Value::Int(bits), _) => {
            umask.value = Known::Known(Some(format!("{:04o}", bits & 0o7777)));
            umask.opens_to_everybody = Known::Known(bits & 0o002 == 0);
        }
        Lookup::Missing | Lookup::Known(Value::Null, _) => {
            umask.value = Known::Known(None);
            umask.opens_to_everybody =
                Known::unknown("the configuration sets no umask: that of PHP and of cron applies");
        }
        Lookup::Known(other, _) => {
            let why = format!("it is a {}, and PHP's umask() takes a number", other.kind());
            umask.value = Known::unknown(why.clone());
            umask.opens_to_everybody = Known::unknown(why);
        }
        Lookup::Unknown(unknown) => {
            umask.value = Known::unknown(sentence(unknown));
            umask.opens_to_everybody = Known::unknown(sentence(unknown));
        }
    }
    umask
}

/// A path as facts hold it; bytes that are not UTF-8 become U+FFFD, which no fix will take.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Why, with file and line.
fn sentence(unknown: &Unknown) -> String {
    unknown.sentence()
}

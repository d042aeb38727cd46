//! What one directive says to a section, wherever it stands: configuration or `.htaccess`. Refuses
//! what Apache refuses, in its words.

use super::directives::{self, Effect};
use super::effects::directive;
use super::modules::Loaded;
use super::perdir::PerDir;
use super::rewriting::section_rules;
use super::said::Stop;
use super::sections::section;
use crate::route::{Because, Directive, Word};

/// Where a directive stands.
#[derive(Debug, Clone)]
pub(super) struct Scope<'a> {
    pub(super) loaded: &'a Loaded,
    /// The path of the section around; none outside of all, and where mod_rewrite has no path.
    pub(super) path: Option<Vec<u8>>,
    /// Whether rewriting can be modelled here.
    pub(super) rewritable: bool,
    /// Whether this counts for GET (`<Limit>`).
    pub(super) get: bool,
    /// What `.htaccess` may hold; none in the configuration.
    pub(super) allowed: Option<Allowed>,
}

/// What `AllowOverride` lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) classes: u8,
    pub(super) options: u8,
    pub(super) list: Vec<String>,
    pub(super) nonfatal: (bool, bool),
}

/// Why a line was not carried out.
#[derive(Debug, Clone)]
pub(super) enum Trouble {
    /// Apache refuses it: no start, or 500 for `.htaccess`.
    Refused(String),
    /// Only Apache knows.
    Stop(Stop),
}

impl From<String> for Trouble {
    fn from(message: String) -> Self {
        Self::Refused(message)
    }
}

pub(super) type Said1 = Result<(), Trouble>;

/// Carries out the lines of a section; an error comes with the line that caused it.
pub(super) fn all(
    lines: &[Directive],
    says: &mut PerDir,
    scope: &Scope<'_>,
) -> Result<(), (Because, Trouble)> {
    for line in lines {
        one(line, says, scope).map_err(|trouble| {
            let because = Because {
                at: Some(line.at.clone()),
                text: match &trouble {
                    Trouble::Refused(message) => message.clone(),
                    Trouble::Stop(stop) => stop.0.text.clone(),
                },
            };
            (because, trouble)
        })?;
    }
    Ok(())
}

/// Carries out one line.
pub(super) fn one(line: &Directive, says: &mut PerDir, scope: &Scope<'_>) -> Said1 {
    let bare = line.name.text().to_ascii_lowercase();
    let name = if line.children.is_some() {
        format!("<{bare}")
    } else {
        bare.clone()
    };
    let known = directives::known(&name);
    if known.is_empty() {
        if scope.allowed.is_some() {
            return unknown(&line.name, scope);
        }
        says.unmodelled.push(not_modelled(line));
        return Ok(());
    }
    if let Some(allowed) = &scope.allowed {
        let loaded = known
            .iter()
            .find(|known| scope.loaded.has_file(known.module));
        let Some(loaded) = loaded else {
            return unknown(&line.name, scope);
        };
        let listed = allowed.list.contains(&name);
        if loaded.classes & allowed.classes == 0 && !listed {
            if allowed.nonfatal.0 {
                touch(loaded.module, says, scope);
                return Ok(());
            }
            return Err(format!("{} not allowed here", line.name.text()).into());
        }
    }
    let effect = known
        .iter()
        .map(|known| known.effect)
        .find(|effect| *effect != Effect::Harmless);
    match effect {
        None | Some(Effect::Harmless) => Ok(()),
        Some(Effect::Decides) => {
            says.unmodelled.push(not_modelled(line));
            Ok(())
        }
        Some(Effect::Models) if line.children.is_some() => section(&bare, line, says, scope),
        Some(Effect::Models) => directive(&bare, line, says, scope),
    }
}

/// A line that is passed over still makes its module say something here, although nothing
/// (`ap_set_config_vectors` comes before the look at `AllowOverride`). What lies around is then merged
/// with nothing: mod_access_compat and the rules of mod_rewrite forget it.
fn touch(module: &str, says: &mut PerDir, scope: &Scope<'_>) {
    match module {
        "mod_access_compat.c" => {
            says.hosts.get_or_insert_default();
        }
        "mod_authz_core.c" => {
            says.authorization_mut();
        }
        "mod_rewrite.c" => {
            section_rules(says, scope);
        }
        _ => {}
    }
}

fn unknown(name: &Word, scope: &Scope<'_>) -> Said1 {
    if scope
        .allowed
        .as_ref()
        .is_some_and(|allowed| allowed.nonfatal.1)
    {
        return Ok(());
    }
    if let Some(stranger) = scope.loaded.stranger() {
        let text = format!(
            "not known: whether the module {stranger} knows {}",
            name.text()
        );
        return Err(Trouble::Stop(Stop::new(text)));
    }
    Err(format!("Invalid command '{}'", name.text()).into())
}

pub(super) fn not_modelled(line: &Directive) -> Because {
    Because {
        at: Some(line.at.clone()),
        text: format!("not modelled: {}", written(line)),
    }
}

/// A line as it stands in the file.
pub(super) fn written(line: &Directive) -> String {
    let raw = line
        .raw
        .as_ref()
        .map(|raw| raw.text().into_owned())
        .unwrap_or_default();
    let text = format!("{} {raw}", line.name.text());
    let text = text.trim_end();
    if line.children.is_some() {
        format!("<{text}>")
    } else {
        text.to_owned()
    }
}

pub(super) fn only(words: &[Word], line: &Directive) -> Result<String, Trouble> {
    match words {
        [word] => Ok(word.text().into_owned()),
        _ => Err(format!("{} takes one argument", line.name.text()).into()),
    }
}

pub(super) fn flag(words: &[Word], line: &Directive) -> Result<bool, Trouble> {
    match only(words, line)?.to_ascii_lowercase().as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{} must be On or Off", line.name.text()).into()),
    }
}

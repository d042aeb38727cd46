//! What one directive says to a section, wherever it stands: configuration or `.htaccess`. Refuses
//! what Apache refuses, in its words.

use super::access::Merging;
use super::directives::{self, Effect};
use super::hosts::Hosts;
use super::mime::What;
use super::modules::Loaded;
use super::options::bit;
use super::perdir::{PathInfo, PerDir};
use super::redirecting::{Redirecting, redirect};
use super::rewriting::{rewriting, section_rules};
use super::said::{Said, Stop};
use super::sections::{require, section};
use super::setenv::SetEnv;
use super::text::Text;
use super::uri::{self, Slashes};
use crate::route::{Because, Directive, Word};
use std::sync::Arc;

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

type Said1 = Result<(), Trouble>;

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

fn directive(name: &str, line: &Directive, says: &mut PerDir, scope: &Scope<'_>) -> Said1 {
    let (words, at) = (line.args.as_slice(), &line.at);
    match name {
        "require" => require(line, says, scope)?,
        "authmerging" => {
            says.authorization_mut().merging =
                match only(words, line)?.to_ascii_lowercase().as_str() {
                    "off" => Merging::Off,
                    "and" => Merging::And,
                    "or" => Merging::Or,
                    _ => {
                        return Err("AuthMerging must be one of: Off | And | Or"
                            .to_owned()
                            .into());
                    }
                };
        }
        "authzsendforbiddenonfailure" => {
            says.authorization_mut().forbidden = Some(flag(words, line)?);
        }
        "authtype" => says.auth_type = Some(Said::new(only(words, line)?, at)),
        "authname" => says.auth_name = Some(Said::new((), at)),
        "order" | "allow" | "deny" | "satisfy" => {
            let hosts = says.hosts.get_or_insert_with(Hosts::default);
            if scope.get {
                hosts.set(name, words, at)?;
            }
        }
        "options" => {
            let allowed = scope
                .allowed
                .as_ref()
                .map_or(bit::ANY, |allowed| allowed.options);
            says.options.set(words, at, allowed)?;
        }
        "allowoverride" => says.overrides.allow(words, at)?,
        "allowoverridelist" => {
            let names = words.iter().map(|word| word.text().to_ascii_lowercase());
            let names = names.filter(|name| name != "none").collect();
            says.overrides.list = Some(Said::new(names, at));
        }
        "sethandler" => says.handler = Some(Said::new(handler_text(words, line)?, at)),
        "forcetype" => {
            says.force_type = Some(Said::new(only(words, line)?.to_ascii_lowercase(), at));
        }
        "addhandler" => mime(says).add(What::Handler, values(words, line)?, at),
        "addtype" => mime(says).add(What::Type, values(words, line)?, at),
        "addoutputfilter" => mime(says).add(What::Filter, values(words, line)?, at),
        "removehandler" => mime(says).remove(What::Handler, words),
        "removetype" => mime(says).remove(What::Type, words),
        "setoutputfilter" => {
            says.output_filter = Some(Said::new(only(words, line)?.to_ascii_lowercase(), at));
        }
        "acceptpathinfo" => {
            let value = match only(words, line)?.to_ascii_lowercase().as_str() {
                "on" => PathInfo::Accept,
                "off" => PathInfo::Reject,
                "default" => PathInfo::Default,
                _ => {
                    return Err("AcceptPathInfo must be set to on, off or default"
                        .to_owned()
                        .into());
                }
            };
            says.path_info = Some(Said::new(value, at));
        }
        "allowencodedslashes" => {
            let value = match only(words, line)?.to_ascii_lowercase().as_str() {
                "on" => Slashes::Decode,
                "off" => Slashes::Forbid,
                "nodecode" => Slashes::Keep,
                _ => {
                    return Err("AllowEncodedSlashes must be On, Off, or NoDecode"
                        .to_owned()
                        .into());
                }
            };
            says.slashes = Some(Said::new(value, at));
        }
        "errordocument" => error_document(line, says)?,
        "directoryindex" => directory_index(words, line, says),
        "directoryslash" => says.slash = Some(Said::new(flag(words, line)?, at)),
        "directorycheckhandler" => says.check_handler = Some(Said::new(flag(words, line)?, at)),
        "directoryindexredirect" => {
            says.index_redirect = Some(Said::new(index_redirect(&only(words, line)?)?, at));
        }
        "fallbackresource" => says.fallback = Some(Said::new(only(words, line)?.into_bytes(), at)),
        "browsermatch" | "browsermatchnocase" | "setenvif" | "setenvifnocase" | "setenvifexpr" => {
            says.set_env.push(Arc::new(SetEnv::read(name, words, at)?));
        }
        "action" => {
            let [kind, script, rest @ ..] = words else {
                return Err("Action takes two or three arguments".to_owned().into());
            };
            let always = rest.first().is_some_and(|word| word.is("virtual"));
            let said = Said::new((script.bytes().to_vec(), always), at);
            says.actions.insert(kind.text().to_ascii_lowercase(), said);
        }
        "php_flag" | "php_admin_flag" | "php_value" | "php_admin_value" => {
            php(name, words, line, says);
        }
        "redirect" | "redirectmatch" | "redirectpermanent" | "redirecttemp" => {
            match redirect(name, words, line)? {
                Redirecting::List(redirect) => says
                    .redirects
                    .insert(says.redirects.len(), Arc::new(redirect)),
                Redirecting::Whole(said) => says.redirect = Some(said),
            }
        }
        "alias" | "scriptalias" if words.len() == 1 => {
            let script = (name == "scriptalias").then_some("cgi-script");
            let text = Text::read(words.first().map(Word::bytes).unwrap_or_default())?;
            says.alias = Some(Said::new((text, script), at));
        }
        "rewriteengine" | "rewriteoptions" | "rewritebase" | "rewritecond" | "rewriterule" => {
            rewriting(name, line, says, scope)?;
        }
        "allowmethods" => {
            let get = words.iter().any(|word| word.is("GET") || word.is("reset"));
            says.methods = Some(Said::new(get, at));
        }
        "requestheader" => request_header(line, says),
        "xbithack" if !words.iter().any(|word| word.is("off")) => {
            says.xbit_hack = Some(Said::new((), at));
        }
        "sslverifyclient" if !words.iter().any(|word| word.is("none")) => {
            says.unmodelled.push(not_modelled(line));
        }
        _ => {}
    }
    Ok(())
}

fn mime(says: &mut PerDir) -> &mut super::mime::Mime {
    says.mime.get_or_insert_default()
}

pub(super) fn only(words: &[Word], line: &Directive) -> Result<String, Trouble> {
    match words {
        [word] => Ok(word.text().into_owned()),
        _ => Err(format!("{} takes one argument", line.name.text()).into()),
    }
}

fn values<'w>(words: &'w [Word], line: &Directive) -> Result<&'w [Word], Trouble> {
    if words.len() < 2 {
        return Err(format!("{} requires at least two arguments", line.name.text()).into());
    }
    Ok(words)
}

pub(super) fn flag(words: &[Word], line: &Directive) -> Result<bool, Trouble> {
    match only(words, line)?.to_ascii_lowercase().as_str() {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(format!("{} must be On or Off", line.name.text()).into()),
    }
}

fn handler_text(words: &[Word], line: &Directive) -> Result<Text, Trouble> {
    let text = only(words, line)?;
    Ok(if text.contains("%{") {
        Text::read(text.as_bytes())?
    } else {
        Text::literal(text.as_bytes())
    })
}

fn directory_index(words: &[Word], line: &Directive, says: &mut PerDir) {
    let list = says
        .index
        .get_or_insert_with(|| Said::new(Vec::new(), &line.at));
    list.at = line.at.clone();
    if let [word] = words
        && word.is("disabled")
    {
        list.value.clear();
        return;
    }
    list.value
        .extend(words.iter().map(|word| word.bytes().to_vec()));
}

fn index_redirect(word: &str) -> Result<u16, Trouble> {
    Ok(match word.to_ascii_lowercase().as_str() {
        "on" | "temp" => 302,
        "off" => 0,
        "permanent" => 301,
        "seeother" => 303,
        other => other
            .parse()
            .ok()
            .filter(|code| (300..400).contains(code))
            .ok_or("DirectoryIndexRedirect only accepts values between 300 and 399".to_owned())?,
    })
}

fn error_document(line: &Directive, says: &mut PerDir) -> Said1 {
    let [code, rest @ ..] = line.args.as_slice() else {
        return Err("ErrorDocument takes two arguments".to_owned().into());
    };
    let [message] = rest else {
        return Err("ErrorDocument takes two arguments".to_owned().into());
    };
    let code: u16 = code
        .text()
        .parse()
        .map_err(|_| "Unsupported HTTP response code".to_owned())?;
    let bytes = message.bytes();
    let is_text = bytes.contains(&b' ') || (!bytes.starts_with(b"/") && !uri::is_url(bytes));
    if code == 401 && !is_text && uri::is_url(bytes) {
        return Ok(());
    }
    let value = match bytes {
        b"default" => Vec::new(),
        _ if is_text => [b"\"", bytes].concat(),
        _ => bytes.to_vec(),
    };
    says.errors.insert(code, Said::new(value, &line.at));
    Ok(())
}

/// `engine` of PHP; admin flags cannot be taken back below.
fn php(name: &str, words: &[Word], line: &Directive, says: &mut PerDir) {
    if let [key, value] = words
        && key.is("engine")
    {
        let on = ["on", "1", "true", "yes"].iter().any(|yes| value.is(yes));
        let admin = name.contains("admin");
        if says.php_engine_fixed && !admin {
            return;
        }
        says.php_engine = Some(Said::new(on, &line.at));
        says.php_engine_fixed |= admin;
    }
}

/// Headers that routes are asked by.
fn request_header(line: &Directive, says: &mut PerDir) {
    let header = line
        .args
        .get(1)
        .map(|word| word.text().to_ascii_lowercase());
    let matters = header.is_some_and(|header| {
        let header = header.trim_end_matches(':').to_owned();
        ["host", "authorization", "forwarded"].contains(&header.as_str())
            || header.starts_with("x-forwarded")
    });
    if matters && line.args.last().is_some_and(|word| word.is("early")) {
        says.unmodelled.push(not_modelled(line));
    }
}

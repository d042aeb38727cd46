//! What each directive that is modelled says about a place. Refuses what Apache refuses, in its words.

use super::access::Merging;
use super::hosts::Hosts;
use super::mime::What;
use super::options::bit;
use super::perdir::{PathInfo, PerDir};
use super::redirecting::{Redirecting, redirect};
use super::rewriting::rewriting;
use super::said::Said;
use super::say::{Said1, Scope, Trouble, flag, not_modelled, only};
use super::sections::require;
use super::setenv::SetEnv;
use super::text::Text;
use super::uri::{self, Slashes};
use crate::route::{Directive, Word};
use std::sync::Arc;

pub(super) fn directive(
    name: &str,
    line: &Directive,
    says: &mut PerDir,
    scope: &Scope<'_>,
) -> Said1 {
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

fn values<'w>(words: &'w [Word], line: &Directive) -> Result<&'w [Word], Trouble> {
    if words.len() < 2 {
        return Err(format!("{} requires at least two arguments", line.name.text()).into());
    }
    Ok(words)
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

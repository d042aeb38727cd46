//! Which handler answers: PHP, another server, a listing, a fixed page, or the file itself, which is
//! what every handler that nobody knows comes to.

use super::directory;
use super::options::bit;
use super::perdir::PathInfo;
use super::record::{Asking, Kind, Record, shown};
use super::respond::Answered;
use super::said::{Step, Stop};
use super::{fcgi, rewrite, uri};
use crate::route::{Decision, Place};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

/// Names by which mod_php takes a request (sapi_apache2.c, `php_handler`).
const PHP: &[&str] = &["application/x-httpd-php", "php-script"];
/// PHP shows the source.
const PHP_SOURCE: &str = "application/x-httpd-php-source";

/// Answers a request that has passed all phases.
pub(super) fn invoke(asking: &Asking<'_>, r: &mut Record) -> Step<Answered> {
    if let Some(at) = &r.per_dir.xbit_hack
        && r.content_type
            .as_ref()
            .is_some_and(|(name, _)| name.starts_with("text/html"))
    {
        return Err(Stop::at(&at.at, "not modelled: XBitHack"));
    }
    let (name, at) = match (&r.handler, &r.content_type) {
        (Some(handler), _) => handler.clone(),
        (None, Some((name, at))) if r.type_is_trusted => {
            let bare = name.split(';').next().unwrap_or_default().to_owned();
            (bare, at.clone())
        }
        _ => ("default-handler".to_owned(), None),
    };
    if r.per_dir.methods.as_ref().is_some_and(|said| !said.value)
        && asking.model.loaded.has("allowmethods")
    {
        return Ok(Answered::Status(405));
    }
    if let Some(answered) = proxied(asking, r, &name, at.as_ref())? {
        return Ok(answered);
    }
    if name == rewrite::REDIRECT
        && let Some(path) = r.file().strip_prefix(b"redirect:")
    {
        let (path, query) = uri::split(path);
        return Ok(Answered::Redirect(path, query.or_else(|| r.args.clone())));
    }
    if let Some(answered) = php(asking, r, &name, at.as_ref())? {
        return Ok(answered);
    }
    if let Some(answered) = special(asking, r, &name, at.as_ref())? {
        return Ok(answered);
    }
    if let Some(answered) = action(asking, r, &name) {
        return Ok(answered);
    }
    Ok(file(r))
}

fn path(r: &Record) -> PathBuf {
    PathBuf::from(OsStr::from_bytes(r.file()))
}

/// `ProxyPass`, `[P]`, `SetHandler proxy:…`.
fn proxied(
    asking: &Asking<'_>,
    r: &mut Record,
    name: &str,
    at: Option<&Place>,
) -> Step<Option<Answered>> {
    if !asking.model.loaded.has("proxy") {
        return Ok(None);
    }
    let target = if r.is_proxy_name() {
        shown(r.file().strip_prefix(b"proxy:").unwrap_or_default())
    } else if let Some(handler) = name.strip_prefix("proxy:") {
        if let Some(at) = at {
            r.note(at, format!("SetHandler {name}"));
        }
        return fcgi::by_handler(asking, r, handler).map(Some);
    } else {
        return Ok(None);
    };
    fcgi::by_url(asking, r, &target).map(Some)
}

/// mod_php.
fn php(
    asking: &Asking<'_>,
    r: &mut Record,
    name: &str,
    at: Option<&Place>,
) -> Step<Option<Answered>> {
    let module = ["php", "php5", "php7"]
        .iter()
        .any(|name| asking.model.loaded.has(name));
    let source = name == PHP_SOURCE;
    if !module || !(PHP.contains(&name) || source) {
        return Ok(None);
    }
    if r.path_info_use == PathInfo::Reject && !r.path_info.is_empty() {
        return Ok(Some(Answered::Status(404)));
    }
    if let Some(at) = at {
        r.note(at, format!("the handler is {name}"));
    }
    if let Some(said) = r.per_dir.php_engine.clone().filter(|said| !said.value) {
        r.note(&said.at, "the engine of PHP is off");
        return Ok(None);
    }
    Ok(Some(match r.kind {
        Kind::Nothing => Answered::Status(404),
        Kind::Directory { .. } => Answered::Status(403),
        Kind::File { readable } => {
            if !readable || r.file().starts_with(b"redirect:") {
                r.note_fact("PHP cannot read the script");
                // PHP's own error, so that no ErrorDocument takes over. It changes the status only
                // from 200 (main/main.c, `php_error_cb`).
                if r.status == 200 {
                    r.status = 500;
                }
                return Ok(Some(Answered::With(Decision::Denied, None)));
            }
            let decision = if source {
                Decision::Static
            } else {
                Decision::Executed
            };
            Answered::With(decision, Some(path(r)))
        }
    }))
}

/// Handlers that answer by themselves.
fn special(
    asking: &Asking<'_>,
    r: &mut Record,
    name: &str,
    at: Option<&Place>,
) -> Step<Option<Answered>> {
    let loaded = &asking.model.loaded;
    let fixed = match name {
        "server-status" => loaded.has("status"),
        "server-info" => loaded.has("info"),
        "ldap-status" => loaded.has("ldap"),
        "balancer-manager" => loaded.has("proxy_balancer"),
        _ => false,
    };
    if fixed {
        if let Some(at) = at {
            r.note(at, format!("the handler is {name}"));
        }
        return Ok(Some(Answered::With(Decision::Fixed, None)));
    }
    if name == directory::TYPE && loaded.has("autoindex") {
        return Ok(Some(listing(r)));
    }
    let program = match name {
        "cgi-script" | "application/x-httpd-cgi" => loaded.has("cgi") || loaded.has("cgid"),
        "fcgid-script" => loaded.has("fcgid"),
        "wsgi-script" => loaded.has("wsgi"),
        "perl-script" | "modperl" => loaded.has("perl"),
        "lua-script" => loaded.has("lua"),
        "type-map" | "application/x-type-map" => loaded.has("negotiation"),
        "send-as-is" | "httpd/send-as-is" => loaded.has("asis"),
        "imap-file" | "application/x-httpd-imap" => loaded.has("imagemap"),
        _ => false,
    };
    if program && name.contains("cgi") && !name.contains("fcgid") {
        if !r.per_dir.options.has(bit::EXEC_CGI) && !r.script_alias {
            note_options(r, "Options without ExecCGI");
            return Ok(Some(Answered::Status(403)));
        }
        match r.kind {
            Kind::Nothing => return Ok(Some(Answered::Status(404))),
            Kind::Directory { .. } => return Ok(Some(Answered::Status(403))),
            Kind::File { .. } => {}
        }
    }
    let strange = program || loaded.stranger().is_some() && is_strange(name);
    if strange {
        let text = format!("not modelled: the handler {name}");
        return Err(at.map_or_else(|| Stop::new(text.clone()), |at| Stop::at(at, text.clone())));
    }
    Ok(None)
}

/// Whether a module of others could answer to the name.
fn is_strange(name: &str) -> bool {
    name != "default-handler" && !name.contains('/') && name != directory::TYPE
}

fn note_options(r: &mut Record, text: &str) {
    match r.per_dir.options.at.clone() {
        Some(at) => r.note(&at, text),
        None => r.note_fact(text),
    }
}

/// mod_autoindex.
fn listing(r: &mut Record) -> Answered {
    if !r.per_dir.options.has(bit::INDEXES) {
        note_options(r, "Options without Indexes");
        return Answered::Status(403);
    }
    note_options(r, "Options with Indexes");
    match r.kind {
        Kind::Directory { readable: true } => Answered::With(Decision::Listing, Some(path(r))),
        _ => Answered::Status(403),
    }
}

/// `Action` (mod_actions.c).
fn action(asking: &Asking<'_>, r: &mut Record, name: &str) -> Option<Answered> {
    if !asking.model.loaded.has("actions") {
        return None;
    }
    let said = r.per_dir.actions.get(name).cloned()?;
    let (script, always) = said.value;
    if !always && r.kind == Kind::Nothing {
        return None;
    }
    r.note(&said.at, format!("Action leads to {}", shown(&script)));
    let path = [script.as_slice(), &uri::escape(&r.uri)].concat();
    Some(Answered::Redirect(path, r.args.clone()))
}

/// The file as it is (server/core.c, `default_handler`).
fn file(r: &mut Record) -> Answered {
    match r.kind {
        Kind::Nothing => {
            let text = format!("{} does not exist", shown(r.file()));
            r.note_fact(text);
            Answered::Status(404)
        }
        Kind::Directory { .. } => Answered::Status(404),
        Kind::File { .. } if r.path_info_use != PathInfo::Accept && !r.path_info.is_empty() => {
            r.note_fact("a file has nothing below it");
            Answered::Status(404)
        }
        // mod_rewrite's name for a redirect that another handler has taken over.
        Kind::File { .. } if r.file().starts_with(b"redirect:") => Answered::Status(403),
        Kind::File { readable: false } => {
            let text = format!("{} cannot be read by Apache", shown(r.file()));
            r.note_fact(text);
            Answered::Status(403)
        }
        Kind::File { readable: true } => Answered::With(Decision::Static, Some(path(r))),
    }
}

//! The phases of one request in Apache's order (server/request.c, `ap_process_request_internal`):
//! path, name, sections, access, types, fixups.

use super::access::{self, Auth};
use super::directory;
use super::perdir::PathInfo;
use super::record::{Asking, Kind, Record};
use super::rewrite;
use super::said::{Said, Step, Stop, Verdict};
use super::uri::{self, Bad, Slashes};
use super::{mime, translate, walk};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;

/// Runs all phases; a status ends the request.
pub(super) fn run(asking: &Asking<'_>, r: &mut Record) -> Step<Option<u16>> {
    if let Some(status) = clean_path(asking, r)? {
        return Ok(Some(status));
    }
    let defaults = Arc::clone(&asking.server.defaults);
    locations_and_conditions(asking, r)?;
    if let Some(status) = ended(translate::translate(asking, r)?) {
        return Ok(Some(status));
    }
    r.per_dir = defaults;
    r.taken.clear();
    if r.is_proxy_name() {
        walk::proxies(asking, r)?;
    } else {
        if let Some(status) = ended(walk::directories(asking, r)?) {
            return Ok(Some(status));
        }
        walk::files(r)?;
    }
    locations_and_conditions(asking, r)?;
    if let Some(because) = r.per_dir.unmodelled.first() {
        return Err(Stop(because.clone()));
    }
    if r.depth == 0 {
        // Headers are looked at once; a subrequest has what its request has (`ap_run_header_parser`).
        for set in r.per_dir.set_env.clone() {
            set.apply(asking, r)?;
        }
    }
    if r.before.as_ref() != Some(&r.taken)
        && let Some(status) = access(asking, r)?
    {
        return Ok(Some(status));
    }
    types(asking, r)?;
    fixups(asking, r)
}

const fn ended(verdict: Verdict) -> Option<u16> {
    match verdict {
        Verdict::Status(status) => Some(status),
        _ => None,
    }
}

/// Normalises and unescapes the path.
fn clean_path(asking: &Asking<'_>, r: &mut Record) -> Step<Option<u16>> {
    let merge = asking.server.merge_slashes != Some(false);
    let (path, right) = uri::normalize(&r.uri, merge, true);
    r.uri = path;
    if !right {
        r.note_fact("the path has a wrong escape, or leads above the root");
        return Ok(Some(400));
    }
    let slashes = r.per_dir.slashes.clone();
    let how = slashes.as_ref().map_or(Slashes::Forbid, |said| said.value);
    match uri::unescape(&r.uri, how) {
        Ok(path) => r.uri = path,
        Err(Bad::Request) => {
            r.note_fact("the path has a wrong escape");
            return Ok(Some(400));
        }
        Err(Bad::NotFound) => {
            let text = "an escaped slash or NUL in the path is not allowed";
            match slashes {
                Some(said) => r.note(&said.at, text),
                None => r.note_fact(text),
            }
            return Ok(Some(404));
        }
    }
    if how == Slashes::Decode {
        (r.uri, _) = uri::normalize(&r.uri, merge, false);
    }
    Ok(None)
}

fn locations_and_conditions(asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    walk::locations(asking, r)?;
    walk::conditions(asking, r)
}

/// Access: addresses first, then `Require`, then a login that never comes.
fn access(asking: &Asking<'_>, r: &mut Record) -> Step<Option<u16>> {
    let per_dir = Arc::clone(&r.per_dir);
    let hosts = per_dir
        .hosts
        .as_ref()
        .filter(|_| asking.model.loaded.has("access_compat"));
    let any = hosts
        .and_then(|hosts| hosts.any.as_ref())
        .is_some_and(|said| said.value);
    if let Some(hosts) = hosts {
        let (passes, line) = hosts.passes(asking, r)?;
        if let Some((at, text)) = line {
            r.note(
                &at,
                format!("{text}: {}", if passes { "allowed" } else { "denied" }),
            );
        }
        if passes && any {
            return Ok(None);
        }
        if !passes && !any {
            return Ok(Some(403));
        }
    } else if any {
        return Ok(None);
    }
    authorize(asking, r, &per_dir)
}

fn authorize(
    asking: &Asking<'_>,
    r: &mut Record,
    per_dir: &super::perdir::PerDir,
) -> Step<Option<u16>> {
    let login = per_dir
        .auth_type
        .as_ref()
        .filter(|said| said.value != "none" && said.value != "None");
    let authorization = per_dir.authorization.as_ref();
    let Some(rules) = authorization.and_then(|authorization| authorization.rules.as_ref()) else {
        if let Some(login) = login {
            r.note(&login.at, "AuthType without Require");
            return Ok(Some(500));
        }
        return Ok(None);
    };
    let (auth, line) = access::judge(rules, true, asking, r)?;
    if let Some((at, text)) = line {
        r.note(&at, text);
    }
    match auth {
        Auth::Granted => Ok(None),
        Auth::Denied | Auth::Neutral => Ok(Some(403)),
        Auth::NoUser => log_in(asking, r, login, per_dir.auth_name.is_some()),
    }
}

/// A login that the client does not offer.
fn log_in(
    asking: &Asking<'_>,
    r: &mut Record,
    login: Option<&Said<String>>,
    named: bool,
) -> Step<Option<u16>> {
    let Some(login) = login else {
        r.note_fact("a user is required, but no AuthType says how to log in");
        return Ok(Some(500));
    };
    r.note(&login.at, format!("AuthType {}", login.value));
    let module = match login.value.to_ascii_lowercase().as_str() {
        "basic" => "auth_basic",
        "digest" => "auth_digest",
        _ => {
            return Err(Stop::at(
                &login.at,
                format!("not modelled: AuthType {}", login.value),
            ));
        }
    };
    if asking.request.header("authorization").is_some() {
        return Err(Stop::at(
            &login.at,
            "not modelled: who the client logs in as",
        ));
    }
    if !asking.model.loaded.has(module) || !named {
        return Ok(Some(500));
    }
    Ok(Some(401))
}

/// Types and handlers by extension (mod_mime), and what mod_negotiation would look for.
fn types(asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    if asking.model.loaded.has("negotiation")
        && r.per_dir.options.has(super::options::bit::MULTI)
        && r.kind == Kind::Nothing
    {
        multiviews(asking, r)?;
    }
    if !asking.model.loaded.has("mime") {
        return Ok(());
    }
    if r.kind.is_directory() {
        r.content_type = Some((directory::TYPE.to_owned(), None));
        return Ok(());
    }
    let per_dir = Arc::clone(&r.per_dir);
    let file = r.file().to_vec();
    let name = file.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let found = mime::find(per_dir.mime.as_ref(), &asking.model.types, name).map_err(Stop::new)?;
    if let Some(found) = found.content_type {
        r.content_type = Some(found);
        r.type_is_trusted = true;
    }
    if let Some(handler) = found.handler
        && !r.proxied
    {
        r.handler = Some((handler.value, Some(handler.at)));
    }
    if let Some(filter) = found.output_filter
        && filter.value.split(';').any(|name| name == "includes")
        && per_dir.options.has(super::options::bit::INCLUDES)
        && r.kind.is_file()
    {
        return Err(Stop::at(&filter.at, "not modelled: server-side includes"));
    }
    Ok(())
}

/// Files whose names begin with the one that is missing.
fn multiviews(asking: &Asking<'_>, r: &Record) -> Step<()> {
    let mut pattern: Vec<u8> = Vec::new();
    for byte in r.file() {
        if matches!(byte, b'*' | b'?' | b'[' | b'\\') {
            pattern.push(b'\\');
        }
        pattern.push(*byte);
    }
    pattern.extend_from_slice(b".*");
    let others = asking
        .disk
        .glob(Path::new(OsStr::from_bytes(&pattern)))
        .map_err(Stop::new)?;
    if others.is_empty() {
        return Ok(());
    }
    let text = "not modelled: MultiViews chooses among files of that name";
    Err(match &r.per_dir.options.at {
        Some(at) => Stop::at(at, text),
        None => Stop::new(text),
    })
}

/// The fixups, in their order: core, mod_rewrite, mod_alias, mod_dir, mod_rewrite again.
fn fixups(asking: &Asking<'_>, r: &mut Record) -> Step<Option<u16>> {
    override_type(asking, r)?;
    let loaded = &asking.model.loaded;
    if loaded.has("rewrite")
        && let Some(status) = ended(rewrite::fixup(asking, r)?)
    {
        return Ok(Some(status));
    }
    if loaded.has("alias") {
        let per_dir = Arc::clone(&r.per_dir);
        let verdict =
            translate::redirect(per_dir.redirect.as_ref(), &per_dir.redirects, asking, r)?;
        if let Some(status) = verdict.and_then(ended) {
            return Ok(Some(status));
        }
    }
    if loaded.has("dir")
        && let Some(status) = directory::fixup(asking, r)?
    {
        return Ok(Some(status));
    }
    if let Some((name, at)) = r.forced_type.clone() {
        r.content_type = Some((name, Some(at)));
        r.type_is_trusted = true;
    }
    if let Some((name, at)) = r.forced_handler.clone() {
        r.handler = Some((name, Some(at)));
    }
    Ok(None)
}

/// `ForceType`, `SetHandler`, `AcceptPathInfo` (`core_override_type`).
fn override_type(asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    let per_dir = Arc::clone(&r.per_dir);
    if let Some(said) = &per_dir.force_type
        && said.value != "none"
    {
        r.content_type = Some((said.value.clone(), Some(said.at.clone())));
        r.type_is_trusted = true;
    }
    if let Some(said) = &per_dir.handler {
        let name = said
            .value
            .fill(asking, r)
            .map_err(|stop| Stop::at(&said.at, stop.0.text))?;
        if !name.eq_ignore_ascii_case(b"none") && !name.is_empty() {
            r.handler = Some((super::record::shown(&name), Some(said.at.clone())));
        }
    }
    if r.path_info_use == PathInfo::Default
        && let Some(said) = &per_dir.path_info
    {
        r.path_info_use = said.value;
    }
    Ok(())
}

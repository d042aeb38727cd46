//! Where mod_rewrite steps in: before the file name is made (`hook_uri2file`), and after the
//! directory is known (`hook_fixup`).

use super::super::record::{Asking, Record, Rewritten};
use super::super::said::{Step, Stop, Verdict};
use super::super::translate;
use super::super::uri;
use super::{apply, url};
use crate::route::Entry;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// The handler by which a rewritten path comes back as a request.
pub(in super::super) const REDIRECT: &str = "redirect-handler";

/// The rules of the server.
pub(in super::super) fn translate(asking: &Asking<'_>, r: &mut Record) -> Step<Verdict> {
    let state = r
        .per_dir
        .rewrite
        .as_ref()
        .and_then(|conf| conf.state.clone());
    let Some(state) = state.filter(|state| state.value) else {
        return Ok(Verdict::Declined);
    };
    if !asking.server.has_rewrite || r.rewriting_ended || !r.uri.starts_with(b"/") {
        return Ok(Verdict::Declined);
    }
    let old_args = r.args.clone();
    let mut outcome = None;
    let how = match r.rewritten {
        Some(how) => how,
        None => {
            if r.filename.is_none() {
                r.filename = Some(r.uri.clone());
            }
            let before = r.because.len();
            let found = apply::list(&asking.server.rules, None, asking, r)?;
            if r.because.len() > before {
                r.note(&state.at, "RewriteEngine On");
            }
            let how = found.how;
            r.rewritten = Some(how);
            outcome = Some(found);
            how
        }
    };
    let status = outcome.as_ref().map_or(0, |outcome| outcome.status);
    if how == Rewritten::Nothing {
        return Ok(Verdict::Declined);
    }
    if has_strange_query(r, how) {
        return Ok(Verdict::Status(403));
    }
    if how == Rewritten::Status {
        r.status = 200;
        return Ok(Verdict::Status(status));
    }
    if r.file().len() > 6 && r.file().starts_with(b"proxy:") {
        let name = [r.file(), &r.path_info].concat();
        r.filename = Some(name);
        return proxy(asking, r);
    }
    if let Some((scheme, _)) = url::absolute(r.file()) {
        return Ok(redirect(r, how, scheme, old_args.as_deref()));
    }
    if let Some(rest) = r.file().strip_prefix(b"passthrough:") {
        r.uri = rest.to_vec();
        return Ok(Verdict::Declined);
    }
    if r.file().starts_with(b"/~") {
        return Err(Stop::new(
            "not modelled: a rewritten path that begins with /~",
        ));
    }
    if !r.file().starts_with(b"/") {
        return Ok(Verdict::Status(400));
    }
    let on_disk = first_segment_exists(r.file(), asking)?;
    let holes = outcome
        .and_then(|outcome| outcome.last)
        .filter(|rule| begins_with_hole(rule.output.as_deref().unwrap_or_default()));
    if on_disk && let Some(rule) = holes {
        return Err(Stop::at(
            &rule.at,
            "not modelled: a substitution that begins with a variable and names a directory of the system",
        ));
    }
    let legacy = asking.server.choices.unwrap_or_default().legacy_prefix;
    if !on_disk || (r.uri_reduced && !legacy) {
        let path = r.file().to_vec();
        return Ok(translate::core(asking, r, &path));
    }
    Ok(Verdict::Ok)
}

/// Blanks and control characters in a rewritten query, which Apache refuses (AH10410) unless it escapes
/// them for a redirect.
fn has_strange_query(r: &mut Record, how: Rewritten) -> bool {
    let escapes = how != Rewritten::NoEscape && url::absolute(r.file()).is_some();
    let strange = !escapes
        && r.args
            .as_ref()
            .is_some_and(|args| args.iter().any(|byte| *byte <= b' ' || *byte == 0x7f));
    if strange {
        r.note_fact("the rewritten query holds blanks or control characters");
    }
    strange
}

/// Whether a substitution's first name comes from the request, which 2.4.60 and later distrust.
fn begins_with_hole(output: &[u8]) -> bool {
    let start = output.strip_prefix(b"/").unwrap_or(output);
    let first = start.split(|byte| *byte == b'/').next().unwrap_or_default();
    first.iter().any(|byte| matches!(byte, b'$' | b'%'))
}

fn proxy(asking: &Asking<'_>, r: &mut Record) -> Step<Verdict> {
    if !asking.model.loaded.has("proxy") {
        return Ok(Verdict::Status(403));
    }
    r.proxied = true;
    r.handler = Some(("proxy-server".to_owned(), None));
    Ok(Verdict::Ok)
}

fn redirect(r: &mut Record, how: Rewritten, scheme: usize, old_args: Option<&[u8]>) -> Verdict {
    let mut to = r.file().to_vec();
    if how != Rewritten::NoEscape {
        to = url::escape_absolute(&to, scheme);
    }
    if let Some(args) = &r.args {
        let as_is = how == Rewritten::NoEscape || old_args == Some(args.as_slice());
        let args = if as_is {
            args.clone()
        } else {
            uri::escape(args)
        };
        to = [to.as_slice(), b"?", &args].concat();
    }
    r.location = Some(to);
    let status = r.status;
    if !(300..400).contains(&status) {
        return Verdict::Status(302);
    }
    r.status = 200;
    Verdict::Status(status)
}

/// Whether the first name of a path exists at the root of the file system (`prefix_stat`).
fn first_segment_exists(path: &[u8], asking: &Asking<'_>) -> Step<bool> {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    let first = path.split(|byte| *byte == b'/').next().unwrap_or_default();
    if first == b".." {
        return Ok(false);
    }
    let root = [b"/", first].concat();
    let entry = asking
        .disk
        .entry(Path::new(OsStr::from_bytes(&root)))
        .map_err(Stop::new)?;
    Ok(matches!(
        entry,
        Entry::File { .. } | Entry::Directory { .. } | Entry::Other
    ))
}

/// The rules of the directory.
pub(in super::super) fn fixup(asking: &Asking<'_>, r: &mut Record) -> Step<Verdict> {
    let per_dir = std::sync::Arc::clone(&r.per_dir);
    let Some(conf) = &per_dir.rewrite else {
        return Ok(Verdict::Declined);
    };
    let (Some(state), Some(directory)) = (&conf.state, &conf.directory) else {
        return Ok(Verdict::Declined);
    };
    if !state.value {
        return Ok(Verdict::Declined);
    }
    let choices = conf.choices.unwrap_or_default();
    let is_proxy = r.is_proxy_name();
    let bare = directory.strip_suffix(b"/").unwrap_or(directory);
    if !is_proxy && !choices.no_slash && r.file() == bare {
        return Ok(Verdict::Declined);
    }
    if r.rewriting_ended {
        return Ok(Verdict::Declined);
    }
    let bits = super::super::options::bit::SYM_LINKS | super::super::options::bit::SYM_OWNER;
    if !per_dir.options.has(bits) {
        if let Some(at) = &per_dir.options.at {
            r.note(at, "Options without FollowSymLinks forbids rewriting");
        }
        return Ok(Verdict::Status(403));
    }
    let old_file = r.filename.clone();
    let old_args = r.args.clone();
    if r.filename.is_none() {
        r.filename = Some(r.uri.clone());
    }
    let outcome = apply::list(&conf.rules, Some(directory), asking, r)?;
    match outcome.how {
        Rewritten::Nothing => {
            r.filename = old_file;
            return Ok(Verdict::Declined);
        }
        how if has_strange_query(r, how) => return Ok(Verdict::Status(403)),
        Rewritten::Status => {
            r.status = 200;
            return Ok(Verdict::Status(outcome.status));
        }
        _ => {}
    }
    if r.file().len() > 6 && r.file().starts_with(b"proxy:") {
        return proxy(asking, r);
    }
    if let Some((scheme, _)) = url::absolute(r.file()) {
        rebase_absolute(r, conf, directory, scheme);
        return Ok(redirect(r, outcome.how, scheme, old_args.as_deref()));
    }
    if let Some(rest) = r.file().strip_prefix(b"passthrough:") {
        r.filename = Some(rest.to_vec());
    }
    if !r.file().starts_with(b"/") {
        return Ok(Verdict::Status(400));
    }
    if old_file.as_deref() == Some(r.file()) {
        return Ok(Verdict::Ok);
    }
    let path = local_url(asking, r, conf, directory);
    r.filename = Some([b"redirect:", path.as_slice()].concat());
    r.handler = Some((
        REDIRECT.to_owned(),
        outcome.last.map(|rule| rule.at.clone()),
    ));
    Ok(Verdict::Ok)
}

/// `RewriteBase` in a redirect to an absolute URL.
fn rebase_absolute(r: &mut Record, conf: &super::PerDirectory, directory: &[u8], scheme: usize) {
    let Some(base) = &conf.base else {
        return;
    };
    let text = r.file().to_vec();
    let Some(slash) = text
        .get(scheme..)
        .and_then(|rest| rest.iter().position(|byte| *byte == b'/'))
    else {
        return;
    };
    let (start, path) = text.split_at(scheme + slash + 1);
    let directory = directory.strip_prefix(b"/").unwrap_or(directory);
    let to = base.value.get(1..).unwrap_or_default();
    if let Some(path) = url::replace_prefix(path, directory, to) {
        r.filename = Some([start, &path].concat());
    }
}

/// The URL path of a rewritten file name.
fn local_url(
    asking: &Asking<'_>,
    r: &Record,
    conf: &super::PerDirectory,
    directory: &[u8],
) -> Vec<u8> {
    let file = r.file();
    let found = match &conf.base {
        Some(base) => url::replace_prefix(file, directory, &base.value),
        None => {
            let root = asking.server.root.value.as_os_str().as_bytes();
            let root = root.strip_suffix(b"/").unwrap_or(root);
            file.strip_prefix(root)
                .filter(|rest| rest.starts_with(b"/"))
                .map(<[u8]>::to_vec)
        }
    };
    if let Some(found) = found {
        return found;
    }
    if !conf.choices.unwrap_or_default().ignore_context {
        // Without an alias, the document root gives way to nothing: what is left has no slash.
        let root = asking.server.root.value.as_os_str().as_bytes();
        let (prefix, root) = match &r.context {
            Some((prefix, root)) => (prefix.as_slice(), root.as_slice()),
            None => (&b""[..], root),
        };
        if let Some(found) = url::replace_prefix(file, root, prefix) {
            return found;
        }
    }
    file.to_vec()
}

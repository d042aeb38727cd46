//! Directories: the slash that is missing, the index files, FallbackResource
//! (modules/mappers/mod_dir.c).

use super::phases;
use super::record::{Asking, Kind, Record, Taken};
use super::said::{Step, Stop};
use super::uri;
use std::sync::Arc;

/// The type and handler of directories.
pub(super) const TYPE: &str = "httpd/unix-directory";

/// Requests within requests, no deeper than this (`LimitInternalRecursion`).
const DEEPEST: usize = 10;

/// What mod_dir does with a request; a status ends it.
pub(super) fn fixup(asking: &Asking<'_>, r: &mut Record) -> Step<Option<u16>> {
    match r.kind {
        Kind::Directory { .. } => index(asking, r),
        Kind::Nothing if r.handler.is_none() => fallback(asking, r),
        _ => Ok(None),
    }
}

fn index(asking: &Asking<'_>, r: &mut Record) -> Step<Option<u16>> {
    if r.handler.is_none() {
        r.handler = Some((TYPE.to_owned(), None));
    }
    if !r.path_info.is_empty() {
        return Ok(None);
    }
    let per_dir = Arc::clone(&r.per_dir);
    if !r.uri.ends_with(b"/") {
        if per_dir.slash.as_ref().is_some_and(|said| !said.value) {
            return Ok(None);
        }
        if let Some(said) = &per_dir.slash {
            r.note(&said.at, "DirectorySlash");
        }
        r.note_fact("the URL of a directory lacks its slash");
        let mut path = [uri::escape(&r.uri).as_slice(), b"/"].concat();
        if let Some(args) = &r.args {
            path = [path.as_slice(), b"?", args].concat();
        }
        r.location = Some(asking.server.url(asking, r, &path)?);
        return Ok(Some(301));
    }
    let handler = r
        .handler
        .as_ref()
        .map(|(name, _)| name.as_str())
        .unwrap_or_default();
    if handler == super::rewrite::REDIRECT {
        return Ok(None);
    }
    if per_dir
        .check_handler
        .as_ref()
        .is_some_and(|said| said.value)
        && handler != TYPE
    {
        return Ok(None);
    }
    let default = vec![b"index.html".to_vec()];
    let names = per_dir.index.as_ref().map_or(&default, |said| &said.value);
    let mut error = None;
    for name in names {
        let found = look_up(asking, r, name)?;
        let (inner, status) = found;
        let is_there = inner.kind.is_file()
            || inner
                .handler
                .as_ref()
                .is_some_and(|(name, _)| name == "proxy-server");
        match status {
            None if is_there => {
                if let Some(said) = &per_dir.index {
                    r.note(
                        &said.at,
                        format!("DirectoryIndex takes {}", String::from_utf8_lossy(name)),
                    );
                }
                if let Some(said) = per_dir
                    .index_redirect
                    .as_ref()
                    .filter(|said| said.value != 0)
                {
                    r.note(&said.at, "DirectoryIndexRedirect");
                    r.location = Some(asking.server.url(asking, r, &inner.uri)?);
                    return Ok(Some(said.value));
                }
                become_inner(r, inner);
                return Ok(None);
            }
            Some(status @ 300..=399) => {
                r.location = inner.location.clone();
                r.because.extend(inner.because);
                return Ok(Some(status));
            }
            Some(status @ (401 | 406)) if names.len() == 1 => {
                r.because.extend(inner.because);
                return Ok(Some(status));
            }
            Some(status) if status != 404 => {
                r.because.extend(inner.because);
                error = Some(status);
            }
            _ => {}
        }
    }
    Ok(error)
}

fn fallback(asking: &Asking<'_>, r: &mut Record) -> Step<Option<u16>> {
    let per_dir = Arc::clone(&r.per_dir);
    let Some(said) = per_dir
        .fallback
        .as_ref()
        .filter(|said| !said.value.eq_ignore_ascii_case(b"disabled"))
    else {
        return Ok(None);
    };
    let (inner, status) = look_up(asking, r, &said.value)?;
    r.note(
        &said.at,
        format!("FallbackResource {}", String::from_utf8_lossy(&said.value)),
    );
    let is_there = inner.kind.is_file()
        || inner
            .handler
            .as_ref()
            .is_some_and(|(name, _)| name == "proxy-server");
    match status {
        None if is_there => {
            become_inner(r, inner);
            Ok(None)
        }
        Some(404) | None => Ok(None),
        Some(status) => {
            r.location = inner.location.clone();
            Ok(Some(status))
        }
    }
}

/// A subrequest for a name, relative to the request's own path (`ap_sub_req_lookup_uri`).
fn look_up(asking: &Asking<'_>, r: &Record, name: &[u8]) -> Step<(Record, Option<u16>)> {
    let most = asking.server.most_subrequests.unwrap_or(DEEPEST);
    if r.depth >= most {
        return Err(Stop::new(
            "not modelled: subrequests within subrequests without end",
        ));
    }
    let url = if name.starts_with(b"/") {
        name.to_vec()
    } else {
        [uri::escape(uri::parent(&r.uri)).as_slice(), name].concat()
    };
    let (path, query) = uri::split(&url);
    let query = query.or_else(|| r.args.clone());
    let mut inner = Record::new(&path, query, Arc::clone(&asking.server.defaults));
    inner.depth = r.depth + 1;
    inner.redirects = r.redirects;
    inner.env = r.env.clone();
    inner.status = r.status;
    inner.before = Some(r.taken.clone());
    inner.walked_before = r.walked.clone();
    // [END] is kept in the request's own pool, which a subrequest does not share.
    let status = phases::run(asking, &mut inner)?;
    Ok((inner, status))
}

/// The request goes on as its subrequest (`ap_internal_fast_redirect`).
fn become_inner(r: &mut Record, inner: Record) {
    let mut because = std::mem::take(&mut r.because);
    for each in inner.because.clone() {
        if !because.contains(&each) {
            because.push(each);
        }
    }
    let taken: Vec<Taken> = inner.taken.clone();
    // Variables are laid over one another, so that none goes away.
    let mut env = std::mem::take(&mut r.env);
    env.extend(inner.env.clone());
    *r = Record {
        env,
        forced_type: inner.forced_type.clone().or_else(|| r.forced_type.take()),
        forced_handler: inner
            .forced_handler
            .clone()
            .or_else(|| r.forced_handler.take()),
        depth: r.depth,
        rewriting_ended: r.rewriting_ended,
        status: r.status,
        earlier_error: r.earlier_error,
        before: r.before.take(),
        walked: r.walked.take(),
        walked_before: r.walked_before.take(),
        because,
        taken,
        ..inner
    };
}

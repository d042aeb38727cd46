//! From URL to file name: ProxyPass, rules of the server, redirects and aliases, the document root,
//! in the order of Apache's hooks (`translate_name`).

use super::pattern::Groups;
use super::perdir::{Matching, Redirect};
use super::record::{Asking, Record, shown};
use super::rewrite;
use super::said::{Said, Step, Stop, Verdict};
use super::text::Text;
use super::uri;
use super::walk::canonical;
use std::os::unix::ffi::OsStrExt as _;
use std::sync::Arc;

/// Runs the hooks until one takes the request.
pub(super) fn translate(asking: &Asking<'_>, r: &mut Record) -> Step<Verdict> {
    let loaded = &asking.model.loaded;
    if loaded.has("rewrite") {
        let verdict = rewrite::translate(asking, r)?;
        if verdict != Verdict::Declined {
            return Ok(verdict);
        }
    }
    if !r.uri.starts_with(b"/") {
        // Rules with both [R] and [PT] come to this; no other hook takes it.
        return Ok(Verdict::Status(400));
    }
    if loaded.has("proxy") {
        let verdict = proxy_pass(asking, r)?;
        if verdict != Verdict::Declined {
            return Ok(verdict);
        }
    }
    if loaded.has("alias") {
        let verdict = alias(asking, r)?;
        if verdict != Verdict::Declined {
            return Ok(verdict);
        }
    }
    if r.uri.starts_with(b"/~")
        && loaded.has("userdir")
        && let Some(at) = &asking.server.user_dir
    {
        return Err(Stop::at(at, "not modelled: UserDir"));
    }
    let path = r.uri.clone();
    let verdict = core(asking, r, &path);
    let root = &asking.server.root;
    r.note(&root.at, format!("DocumentRoot {}", root.value.display()));
    Ok(verdict)
}

/// A path below the document root (`ap_core_translate`); 403 where the two are longer than Linux
/// takes (`PATH_MAX`, with the four bytes that `apr_filepath_merge` puts aside).
pub(super) fn core(asking: &Asking<'_>, r: &mut Record, path: &[u8]) -> Verdict {
    const LONGEST: usize = 4096 - 4;
    let root = asking.server.root.value.as_os_str().as_bytes();
    let start = path
        .iter()
        .position(|byte| *byte != b'/')
        .unwrap_or(path.len());
    if root.len() + path.len() - start > LONGEST {
        r.note_fact("the path is too long for a file name");
        return Verdict::Status(403);
    }
    r.filename = Some(canonical(&[root, b"/", path].concat()));
    Verdict::Ok
}

/// `ProxyPass` (`ap_proxy_trans_match`).
fn proxy_pass(asking: &Asking<'_>, r: &mut Record) -> Step<Verdict> {
    if r.proxied {
        return Ok(Verdict::Ok);
    }
    for pass in &asking.server.proxies {
        let matched = match &pass.regex {
            Some(regex) => match regex
                .captures(&r.uri)
                .map_err(|stop| Stop::at(&pass.at, stop.0.text))?
            {
                Some(found) => {
                    let groups = Groups::new(&r.uri, found);
                    let real = groups.substitute(&pass.real);
                    // Without a group in it, the URL takes the whole path.
                    Some(if real == pass.real {
                        [real.as_slice(), &r.uri].concat()
                    } else {
                        real
                    })
                }
                None => None,
            },
            None => alias_length(&r.uri, &pass.fake).map(|length| {
                let rest = r.uri.get(length..).unwrap_or_default();
                [pass.real.as_slice(), rest].concat()
            }),
        };
        let Some(real) = matched else {
            continue;
        };
        if pass.strange {
            return Err(Stop::at(
                &pass.at,
                format!("not modelled: {}", pass.written),
            ));
        }
        r.note(&pass.at, pass.written.clone());
        if pass.real == b"!" {
            return Ok(Verdict::Declined);
        }
        r.filename = Some([b"proxy:", real.as_slice()].concat());
        r.handler = Some(("proxy-server".to_owned(), Some(pass.at.clone())));
        r.proxied = true;
        return Ok(Verdict::Ok);
    }
    Ok(Verdict::Declined)
}

/// How much of a path an alias covers (`alias_matches`).
pub(super) fn alias_length(uri: &[u8], fake: &[u8]) -> Option<usize> {
    let slash = |text: &[u8], at: usize| text.get(at) == Some(&b'/');
    let (mut a, mut u) = (0, 0);
    while let Some(&byte) = fake.get(a) {
        if byte == b'/' {
            if !slash(uri, u) {
                return None;
            }
            while slash(fake, a) {
                a += 1;
            }
            while slash(uri, u) {
                u += 1;
            }
        } else {
            if uri.get(u) != Some(&byte) {
                return None;
            }
            a += 1;
            u += 1;
        }
    }
    let whole = fake.ends_with(b"/") || uri.get(u).is_none_or(|byte| *byte == b'/');
    (whole && u > 0).then_some(u)
}

/// Redirects and aliases (`translate_alias_redir`).
fn alias(asking: &Asking<'_>, r: &mut Record) -> Step<Verdict> {
    let per_dir = Arc::clone(&r.per_dir);
    if let Some(verdict) = redirect(
        per_dir.redirect.as_ref(),
        &asking.server.redirects,
        asking,
        r,
    )? {
        return Ok(verdict);
    }
    if let Some(said) = &per_dir.alias {
        let (text, handler) = &said.value;
        let found = text.fill(asking, r)?;
        r.note(&said.at, format!("Alias leads to {}", shown(&found)));
        if let Some(handler) = handler {
            r.handler = Some(((*handler).to_owned(), Some(said.at.clone())));
            r.script_alias = true;
        }
        r.filename = Some(canonical(&found));
        return Ok(Verdict::Ok);
    }
    for alias in &asking.server.aliases {
        let found = match &alias.regex {
            Some(regex) => {
                let found = regex
                    .captures(&r.uri)
                    .map_err(|stop| Stop::at(&alias.at, stop.0.text))?;
                found.map(|found| Groups::new(&r.uri, found).substitute(&alias.real))
            }
            None => alias_length(&r.uri, &alias.fake).map(|length| {
                r.context = Some((alias.fake.clone(), alias.real.clone()));
                [
                    alias.real.as_slice(),
                    r.uri.get(length..).unwrap_or_default(),
                ]
                .concat()
            }),
        };
        if let Some(found) = found {
            r.note(&alias.at, alias.written.clone());
            if alias.script {
                r.handler = Some(("cgi-script".to_owned(), Some(alias.at.clone())));
                r.script_alias = true;
            }
            let root = asking.model.server_root.as_os_str().as_bytes();
            let found = if found.starts_with(b"/") {
                found
            } else {
                [root, b"/", &found].concat()
            };
            r.filename = Some(canonical(&found));
            return Ok(Verdict::Ok);
        }
    }
    Ok(Verdict::Declined)
}

/// The redirects of a section or a server.
pub(super) fn redirect(
    whole: Option<&Said<(Option<Text>, u16)>>,
    list: &[Arc<Redirect>],
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<Option<Verdict>> {
    let mut found = None;
    if let Some(said) = whole {
        let (text, status) = &said.value;
        let to = match text {
            Some(text) => escape_target(&text.fill(asking, r)?),
            None => Vec::new(),
        };
        found = Some((to, *status, said.at.clone()));
    } else {
        for redirect in list {
            if let Some(to) = target(redirect, r)? {
                found = Some((to, redirect.status, redirect.at.clone()));
                break;
            }
        }
    }
    let Some((mut to, status, at)) = found else {
        return Ok(None);
    };
    r.note(&at, format!("Redirect: {status}"));
    if (300..400).contains(&status) {
        if to.starts_with(b"/") {
            to = asking.server.url(asking, r, &to)?;
        }
        if !uri::is_url(&to) {
            return Ok(Some(Verdict::Status(500)));
        }
        if let Some(args) = &r.args
            && !to.contains(&b'?')
        {
            to = [to.as_slice(), b"?", args].concat();
        }
        r.location = Some(to);
    }
    Ok(Some(Verdict::Status(status)))
}

fn target(redirect: &Redirect, r: &Record) -> Step<Option<Vec<u8>>> {
    let to = redirect.to.as_deref().unwrap_or_default();
    match &redirect.fake {
        Matching::Regex(regex) => {
            let found = regex
                .captures(&r.uri)
                .map_err(|stop| Stop::at(&redirect.at, stop.0.text))?;
            Ok(found.map(|found| match redirect.to {
                Some(_) => escape_target(&Groups::new(&r.uri, found).substitute(to)),
                None => Vec::new(),
            }))
        }
        Matching::Exact(fake) => Ok(alias_length(&r.uri, fake).map(|length| {
            let rest = r.uri.get(length..).unwrap_or_default();
            [to, &uri::escape(rest)].concat()
        })),
        _ => Ok(None),
    }
}

/// Escapes what stands before query and fragment.
fn escape_target(to: &[u8]) -> Vec<u8> {
    let end = to
        .iter()
        .position(|byte| matches!(byte, b'?' | b'#'))
        .unwrap_or(to.len());
    let (path, rest) = to.split_at(end);
    [uri::escape(path).as_slice(), rest].concat()
}

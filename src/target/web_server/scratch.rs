//! Where nginx's workers keep bodies and answers that do not fit into memory, and caches. Refuses to guess
//! what a binary would tell.

use super::find::Candidate;
use crate::route::{Directive, Tree};
use std::path::{Path, PathBuf};

/// Each directive, the option that it was compiled with, and the directory without that (auto/options).
const TEMPORARY: [(&str, &str, &str); 5] = [
    (
        "client_body_temp_path",
        "--http-client-body-temp-path",
        "client_body_temp",
    ),
    ("proxy_temp_path", "--http-proxy-temp-path", "proxy_temp"),
    (
        "fastcgi_temp_path",
        "--http-fastcgi-temp-path",
        "fastcgi_temp",
    ),
    ("uwsgi_temp_path", "--http-uwsgi-temp-path", "uwsgi_temp"),
    ("scgi_temp_path", "--http-scgi-temp-path", "scgi_temp"),
];
const CACHES: [&str; 4] = [
    "fastcgi_cache_path",
    "proxy_cache_path",
    "scgi_cache_path",
    "uwsgi_cache_path",
];

/// The directories, in the order of their bytes; they need not be there.
pub(super) fn nginx(
    tree: &Tree,
    candidate: &Candidate,
    prefix: &Path,
) -> Result<Vec<PathBuf>, String> {
    let mut said: Vec<&Path> = Vec::new();
    collect(&tree.directives, &mut said);
    let mut found: Vec<PathBuf> = said.iter().map(|path| prefix.join(path)).collect();
    for (name, option, usual) in TEMPORARY {
        // A server block without a word of its own takes the one around it, else nginx's own.
        let in_http = tree
            .directives
            .iter()
            .any(|http| http.is("http") && http.all(name).next().is_some());
        if in_http {
            continue;
        }
        let compiled = candidate.compiled.as_ref().ok_or_else(|| {
            format!("{name} is not said, and no program tells what it is without")
        })?;
        let path = compiled.option(option).unwrap_or_else(|| usual.to_owned());
        found.push(prefix.join(path));
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn collect<'a>(directives: &'a [Directive], found: &mut Vec<&'a Path>) {
    for directive in directives {
        let temporary = TEMPORARY.iter().any(|(name, ..)| directive.is(name));
        if (temporary || CACHES.iter().any(|name| directive.is(name)))
            && let Some(path) = directive.args.first()
        {
            found.push(path.path());
        }
        collect(directive.inside(), found);
    }
}

//! Absolute URLs in rules: found, made, reduced to paths when they name this very server.

use super::super::record::{Asking, Record};
use super::super::said::Step;
use super::super::uri;
use super::rule::Flags;

/// Schemes that make a substitution absolute, and whether a query belongs to them
/// (`is_absolute_uri`).
const SCHEMES: &[(&[u8], bool)] = &[
    (b"ajp://", true),
    (b"balancer://", true),
    (b"fcgi://", true),
    (b"ftp://", false),
    (b"gopher://", false),
    (b"http://", true),
    (b"https://", true),
    (b"h2://", true),
    (b"h2c://", true),
    (b"ldap://", false),
    (b"mailto:", true),
    (b"news:", false),
    (b"nntp://", false),
    (b"scgi://", true),
    (b"unix:", false),
    (b"uwsgi://", true),
    (b"ws://", true),
    (b"wss://", true),
];

/// The length of the scheme, and whether a query belongs to it.
pub(super) fn absolute(text: &[u8]) -> Option<(usize, bool)> {
    SCHEMES.iter().find_map(|(scheme, query)| {
        let start = text.get(..scheme.len())?;
        start
            .eq_ignore_ascii_case(scheme)
            .then_some((scheme.len(), *query))
    })
}

/// Escapes the path of an absolute URL (`escape_absolute_uri`).
pub(super) fn escape_absolute(text: &[u8], scheme: usize) -> Vec<u8> {
    let (start, rest) = text.split_at(scheme.min(text.len()));
    if !start.ends_with(b"/") {
        return [start, uri::escape(rest).as_slice()].concat();
    }
    match rest.iter().position(|byte| *byte == b'/') {
        Some(slash) => {
            let (host, path) = rest.split_at(slash + 1);
            [start, host, uri::escape(path).as_slice()].concat()
        }
        None => text.to_vec(),
    }
}

/// Takes the query off a substitution (`splitout_queryargs`).
pub(super) fn split_query(r: &mut Record, flags: &Flags) {
    let filename = r.file().to_vec();
    if absolute(&filename).is_some_and(|(_, query)| !query) {
        r.args = None;
        return;
    }
    if flags.discard_query {
        r.args = None;
    }
    let mark = if flags.query_last {
        filename.iter().rposition(|byte| *byte == b'?')
    } else {
        filename.iter().position(|byte| *byte == b'?')
    };
    let Some(mark) = mark else {
        return;
    };
    let (path, query) = filename.split_at(mark);
    let query = query.get(1..).unwrap_or_default();
    r.filename = Some(path.to_vec());
    if flags.append_query {
        if !query.is_empty() {
            let old = r.args.take().unwrap_or_default();
            r.args = Some([query, b"&", &old].concat());
        }
    } else {
        r.args = Some(query.to_vec());
    }
    if let Some(args) = &mut r.args
        && args.ends_with(b"&")
    {
        args.pop();
    }
    r.args = r.args.take().filter(|args| !args.is_empty());
}

/// Makes a substitution absolute (`fully_qualify_uri`).
pub(super) fn qualify(asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    if absolute(r.file()).is_none() {
        let slash: &[u8] = if r.file().starts_with(b"/") {
            b""
        } else {
            b"/"
        };
        let path = [slash, r.file()].concat();
        r.filename = Some(asking.server.url(asking, r, &path)?);
    }
    Ok(())
}

/// Takes this server's own name off an absolute URL (`reduce_uri`).
pub(super) fn reduce(asking: &Asking<'_>, r: &mut Record) {
    let scheme = asking.request.scheme;
    let start = format!("{}://", scheme.word());
    let text = r.file().to_vec();
    let same = text.len() > start.len()
        && text
            .get(..start.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()));
    if !same {
        return;
    }
    let rest = text.get(start.len()..).unwrap_or_default();
    let slash = rest
        .iter()
        .position(|byte| *byte == b'/')
        .unwrap_or(rest.len());
    let (authority, path) = rest.split_at(slash);
    let (host, port) = match authority.iter().position(|byte| *byte == b':') {
        Some(colon) => {
            let (host, port) = authority.split_at(colon);
            let port = super::super::expr::number(port.get(1..).unwrap_or_default());
            (host, u16::try_from(port).unwrap_or(0))
        }
        None => (authority, scheme.port()),
    };
    if asking.server.is_called(host, port) {
        let path = if path.is_empty() { b"/" } else { path };
        r.filename = Some(path.to_vec());
        r.uri_reduced = true;
    }
}

/// Puts `to` in the place of a prefix (`subst_prefix_path`); none where the prefix is another.
pub(super) fn replace_prefix(input: &[u8], prefix: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let prefix = prefix.strip_suffix(b"/").unwrap_or(prefix);
    let rest = input.strip_prefix(prefix)?.strip_prefix(b"/")?;
    let slash: &[u8] = if to.is_empty() || to.ends_with(b"/") {
        b""
    } else {
        b"/"
    };
    Some([to, slash, rest].concat())
}

//! URL paths as Apache takes and gives them: normalised, unescaped, escaped (server/util.c,
//! `ap_normalize_path`, `unescape_url`, `ap_os_escape_path`). Refuses what those refuse.

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bad {
    /// A wrong escape, or `..` above the root: 400.
    Request,
    /// An escaped slash where none may be, or an escaped NUL: 404.
    NotFound,
}

/// Takes out `/./`, `/x/../` and doubled slashes; unreserved characters lose their escapes where
/// `decode` says so. The path comes back as far as it could be made right.
pub(super) fn normalize(path: &[u8], merge: bool, decode: bool) -> (Vec<u8>, bool) {
    let mut bytes = path.to_vec();
    let get = |bytes: &[u8], at: usize| bytes.get(at).copied().unwrap_or(0);
    let is_end = |byte: u8| byte == b'/' || byte == 0;
    if get(&bytes, 0) != b'/' {
        return (bytes, path == b"*");
    }
    let mut right = true;
    let mut out = vec![b'/'];
    let mut l = 1;
    while l < bytes.len() {
        if decode && get(&bytes, l) == b'%' {
            match unhex(get(&bytes, l + 1), get(&bytes, l + 2)) {
                Some(byte) if is_unreserved(byte) => {
                    l += 2;
                    if let Some(slot) = bytes.get_mut(l) {
                        *slot = byte;
                    }
                }
                Some(_) => {}
                None => right = false,
            }
        }
        if out.last().is_none_or(|last| *last == b'/') {
            if merge && get(&bytes, l) == b'/' {
                l += 1;
                continue;
            }
            if get(&bytes, l) == b'.' {
                if is_end(get(&bytes, l + 1)) {
                    l += 2;
                    continue;
                }
                let escaped = decode
                    && get(&bytes, l + 1) == b'%'
                    && get(&bytes, l + 2) == b'2'
                    && get(&bytes, l + 3).eq_ignore_ascii_case(&b'e');
                let n = if escaped { l + 3 } else { l + 1 };
                if (escaped || get(&bytes, n) == b'.') && is_end(get(&bytes, n + 1)) {
                    if out.len() > 1 {
                        out.pop();
                        while out.last().is_some_and(|last| *last != b'/') {
                            out.pop();
                        }
                    } else {
                        right = false;
                    }
                    l = n + 2;
                    continue;
                }
            }
        }
        out.push(get(&bytes, l));
        l += 1;
    }
    (out, right)
}

/// What an escaped slash becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slashes {
    /// `AllowEncodedSlashes Off`: 404.
    Forbid,
    /// `NoDecode`: it stays escaped.
    Keep,
    /// `On`: a slash.
    Decode,
}

/// Takes the escapes off, those of unreserved characters apart, which are gone already.
pub(super) fn unescape(path: &[u8], slashes: Slashes) -> Result<Vec<u8>, Bad> {
    let mut out = Vec::with_capacity(path.len());
    let (mut bad_escape, mut bad_path) = (false, false);
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let pair = (
            after.first().copied().unwrap_or(0),
            after.get(1).copied().unwrap_or(0),
        );
        let Some(decoded) = unhex(pair.0, pair.1) else {
            bad_escape = true;
            out.push(byte);
            continue;
        };
        rest = after.get(2..).unwrap_or_default();
        if decoded == 0 || (decoded == b'/' && slashes == Slashes::Forbid) {
            bad_path = true;
        } else if is_unreserved(decoded) || (decoded == b'/' && slashes == Slashes::Keep) {
            out.extend([b'%', pair.0, pair.1]);
        } else {
            out.push(decoded);
        }
    }
    match (bad_escape, bad_path) {
        (true, _) => Err(Bad::Request),
        (_, true) => Err(Bad::NotFound),
        _ => Ok(out),
    }
}

/// Takes every escape off; what is no escape stays.
pub(super) fn decode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let pair = (
            after.first().copied().unwrap_or(0),
            after.get(1).copied().unwrap_or(0),
        );
        match unhex(pair.0, pair.1).filter(|_| byte == b'%') {
            Some(decoded) => {
                out.push(decoded);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(byte);
                rest = after;
            }
        }
    }
    out
}

fn unhex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    Some(digit(high)? << 4 | digit(low)?)
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Escapes a path for a URL (`ap_escape_uri`).
pub(super) fn escape(path: &[u8]) -> Vec<u8> {
    const PLAIN: &[u8] = b"$-_.+!*'(),:;@&=/~";
    let mut out = Vec::with_capacity(path.len());
    for &byte in path {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02x}").as_bytes());
        }
    }
    out
}

/// Splits a URL as written in a configuration into path and query; a fragment falls off.
pub(super) fn split(url: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    let url = url.split(|byte| *byte == b'#').next().unwrap_or_default();
    match url.iter().position(|byte| *byte == b'?') {
        Some(at) => {
            let (path, query) = url.split_at(at);
            (path.to_vec(), query.get(1..).map(<[u8]>::to_vec))
        }
        None => (url.to_vec(), None),
    }
}

/// Whether the text is an absolute URL for mod_alias and ErrorDocument (`ap_is_url`).
pub(super) fn is_url(text: &[u8]) -> bool {
    let scheme = text
        .iter()
        .position(|byte| !(byte.is_ascii_alphanumeric() || b"+-.".contains(byte)));
    scheme.is_some_and(|at| text.get(at) == Some(&b':'))
}

/// The directory of a path, with its slash (`ap_make_dirstr_parent`).
pub(super) fn parent(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(at) => path.get(..=at).unwrap_or_default(),
        None => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_as_apache_does() {
        for (path, merge, expected, right) in [
            ("/a/./b//c", true, "/a/b/c", true),
            ("/a//b", false, "/a//b", true),
            ("/a/../../b", true, "/b", false),
            ("/a/%2e%2E/b", true, "/b", true),
            ("/%61%2f%zz", true, "/a%2f%zz", false),
            ("/a/..", true, "/", true),
            ("/a/.", true, "/a/", true),
            ("/a/.b/..c", true, "/a/.b/..c", true),
        ] {
            let (found, ok) = normalize(path.as_bytes(), merge, true);
            assert_eq!(
                (String::from_utf8(found).unwrap().as_str(), ok),
                (expected, right),
                "{path}"
            );
        }
    }

    #[test]
    fn escapes_come_off() {
        assert_eq!(unescape(b"/a%20b", Slashes::Forbid), Ok(b"/a b".to_vec()));
        assert_eq!(unescape(b"/a%2fb", Slashes::Forbid), Err(Bad::NotFound));
        assert_eq!(unescape(b"/a%2Fb", Slashes::Keep), Ok(b"/a%2Fb".to_vec()));
        assert_eq!(unescape(b"/a%2fb", Slashes::Decode), Ok(b"/a/b".to_vec()));
        assert_eq!(unescape(b"/a%00", Slashes::Decode), Err(Bad::NotFound));
        assert_eq!(unescape(b"/a%0", Slashes::Decode), Err(Bad::Request));
    }
}

//! The request line: how nginx reads a target and what path it makes of it
//! (`ngx_http_parse_request_line`, `ngx_http_parse_complex_uri`).

/// A target that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Uri {
    /// Decoded, dots and doubled slashes resolved.
    pub(super) path: Vec<u8>,
    pub(super) args: Vec<u8>,
    /// As sent, for `$request_uri`.
    pub(super) unparsed: Vec<u8>,
    /// The host of an absolute URI.
    pub(super) host: Option<Vec<u8>>,
    /// Whether captures are escaped again where they enter a query.
    pub(super) escapes: bool,
}

/// Why a target is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bad {
    /// 400, in every release.
    Request(&'static str),
    /// 400 since 1.21.1, taken before.
    Releases(&'static str),
}

impl Uri {
    pub(super) fn read(target: &[u8], merge_slashes: bool) -> Result<Self, Bad> {
        if target.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
            return Err(Bad::Releases(
                "a blank or control character in the request line is refused since nginx 1.21.1 only",
            ));
        }
        let (host, rest) = split_host(target)?;
        let mut uri = Self {
            path: Vec::new(),
            args: Vec::new(),
            unparsed: rest.to_vec(),
            host,
            escapes: false,
        };
        let (path, args) = match rest.iter().position(|byte| *byte == b'?') {
            Some(mark) => (
                rest.get(..mark).unwrap_or_default(),
                rest.get(mark + 1..).unwrap_or_default(),
            ),
            None => (rest, &[][..]),
        };
        // A fragment ends path and query, and a question mark behind it means nothing.
        let (path, args) = match path.iter().position(|byte| *byte == b'#') {
            Some(end) => (path.get(..end).unwrap_or_default(), &[][..]),
            None => (path, args),
        };
        let args = args.split(|byte| *byte == b'#').next().unwrap_or_default();
        uri.args = args.to_vec();
        let mut reader = Path {
            out: Vec::with_capacity(path.len() + 1),
            state: State::Usual,
            merge_slashes,
            escapes: false,
        };
        if path.is_empty() {
            reader.out.push(b'/');
        }
        reader.read(path)?;
        uri.escapes = reader.escapes;
        uri.path = reader.out;
        Ok(uri)
    }
}

/// Takes scheme and authority off an absolute target; what is left begins with a slash or is empty.
fn split_host(target: &[u8]) -> Result<(Option<Vec<u8>>, &[u8]), Bad> {
    if target.starts_with(b"/") {
        return Ok((None, target));
    }
    let Some(end) = target.windows(3).position(|three| three == b"://") else {
        return Err(Bad::Request(
            "the target begins with neither a slash nor a scheme",
        ));
    };
    let scheme = target.get(..end).unwrap_or_default();
    let is_scheme = scheme.first().is_some_and(u8::is_ascii_alphabetic)
        && scheme
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    if !is_scheme {
        return Err(Bad::Request(
            "the target begins with neither a slash nor a scheme",
        ));
    }
    let rest = target.get(end + 3..).unwrap_or_default();
    let end = rest
        .iter()
        .position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let (authority, rest) = rest
        .split_at_checked(end.unwrap_or(rest.len()))
        .unwrap_or((rest, &[]));
    if authority.iter().any(|byte| {
        !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'_')
    }) {
        return Err(Bad::Releases("an absolute target with an unusual host"));
    }
    if authority.is_empty() || rest.starts_with(b"#") {
        return Err(Bad::Releases("an absolute target without a host or path"));
    }
    Ok((Some(authority.to_vec()), rest))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Usual,
    Slash,
    Dot,
    DotDot,
}

struct Path {
    out: Vec<u8>,
    state: State,
    merge_slashes: bool,
    escapes: bool,
}

impl Path {
    fn read(&mut self, path: &[u8]) -> Result<(), Bad> {
        let mut bytes = path.iter().copied();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                self.escapes |= byte == b'+';
                self.step(byte)?;
                continue;
            }
            self.escapes = true;
            let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
            let pair = digit(bytes.next()).zip(digit(bytes.next()));
            let value = pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
            match value {
                None => {
                    return Err(Bad::Request(
                        "a % is not followed by two hexadecimal digits",
                    ));
                }
                Some(0) => return Err(Bad::Request("the path holds %00")),
                // These come from an escape only, and mean themselves.
                Some(byte @ (b'%' | b'#' | b'?')) => {
                    self.state = State::Usual;
                    self.out.push(byte);
                }
                Some(byte) => self.step(byte)?,
            }
        }
        match self.state {
            State::Dot => {
                self.out.pop();
            }
            State::DotDot => self.up()?,
            State::Usual | State::Slash => {}
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), Bad> {
        self.state = match (self.state, byte) {
            (State::Usual, b'/') => self.push(byte, State::Slash),
            (State::Slash, b'/') if self.merge_slashes => State::Slash,
            (State::Slash, b'/') => self.push(byte, State::Slash),
            (State::Slash, b'.') => self.push(byte, State::Dot),
            (State::Dot, b'/') => {
                self.out.pop();
                State::Slash
            }
            (State::Dot, b'.') => self.push(byte, State::DotDot),
            (State::DotDot, b'/') => {
                self.up()?;
                State::Slash
            }
            _ => self.push(byte, State::Usual),
        };
        Ok(())
    }

    fn push(&mut self, byte: u8, state: State) -> State {
        self.out.push(byte);
        state
    }

    /// Takes `/..` and the name before it away.
    fn up(&mut self) -> Result<(), Bad> {
        let parent = self.out.len().checked_sub(4).and_then(|last| {
            let until = self.out.get(..=last)?;
            until.iter().rposition(|byte| *byte == b'/')
        });
        let Some(parent) = parent else {
            return Err(Bad::Request("the path leads above the root"));
        };
        self.out.truncate(parent + 1);
        Ok(())
    }
}

/// Whether a byte is escaped in a query (`NGX_ESCAPE_ARGS`).
const fn is_escaped_in_args(byte: u8) -> bool {
    matches!(byte, b'&' | b'+' | b';') || is_escaped_in_path(byte)
}

/// Whether a byte is escaped in the path of a redirect (`NGX_ESCAPE_URI` since 1.21.1).
const fn is_escaped_in_path(byte: u8) -> bool {
    matches!(
        byte,
        0..=b' ' | b'"' | b'#' | b'%' | b'<' | b'>' | b'?' | b'\\' | b'^' | b'`' | b'{'..=0xff
    ) && byte != b'~'
}

/// Escapes a path that enters a redirect.
pub(super) fn escape_path(path: &[u8]) -> Vec<u8> {
    escape(path, is_escaped_in_path)
}

/// Escapes a value that enters a query.
pub(super) fn escape_args(text: &[u8]) -> Vec<u8> {
    escape(text, is_escaped_in_args)
}

fn escape(text: &[u8], is_escaped: fn(u8) -> bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if is_escaped(*byte) {
            out.extend(format!("%{byte:02X}").into_bytes());
        } else {
            out.push(*byte);
        }
    }
    out
}

/// Cuts the query off a URI of the configuration (`ngx_http_split_args`).
pub(super) fn split_args(uri: &[u8]) -> (Vec<u8>, Vec<u8>) {
    match uri.iter().position(|byte| *byte == b'?') {
        Some(mark) => (
            uri.get(..mark).unwrap_or_default().to_vec(),
            uri.get(mark + 1..).unwrap_or_default().to_vec(),
        ),
        None => (uri.to_vec(), Vec::new()),
    }
}

/// Undoes escapes in a redirect up to its query (`NGX_UNESCAPE_REDIRECT`): only what would stay
/// as it is in a header line is undone.
pub(super) fn unescape_redirect(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == b'?' {
            out.push(byte);
            out.extend_from_slice(rest);
            break;
        }
        let digits = after
            .get(..2)
            .filter(|pair| pair.iter().all(u8::is_ascii_hexdigit));
        let value = digits
            .filter(|_| byte == b'%')
            .and_then(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        match (value, digits) {
            (Some(b'?'), _) => {
                out.push(b'?');
                out.extend_from_slice(after.get(2..).unwrap_or_default());
                break;
            }
            (Some(value), Some(pair)) => {
                if value > b'%' && value < 0x7f {
                    out.push(value);
                } else {
                    out.push(b'%');
                    out.extend_from_slice(pair);
                }
                rest = after.get(2..).unwrap_or_default();
            }
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_what_nginx_makes_of_them() {
        for (target, expected) in [
            ("/a/../b", Some("/b")),
            ("/a/..", Some("/")),
            ("/a/.", Some("/a/")),
            ("/a/...", Some("/a/...")),
            ("/a/..b", Some("/a/..b")),
            ("//a///b", Some("/a/b")),
            ("/a%2f%2e%2e%2fb", Some("/b")),
            ("/a%2e/b", Some("/a./b")),
            ("/%252e", Some("/%2e")),
            ("/a%3fb?c", Some("/a?b")),
            ("/a#b?c", Some("/a")),
            ("/..", None),
            ("/a/../../b", None),
            ("/%00", None),
            ("/%g0", None),
            ("/%2", None),
            ("http://h", Some("/")),
            ("http://h?x", Some("/")),
        ] {
            let path = Uri::read(target.as_bytes(), true).ok().map(|uri| uri.path);
            let path = path.map(|path| String::from_utf8(path).unwrap());
            assert_eq!(path.as_deref(), expected, "{target}");
        }
        assert_eq!(Uri::read(b"//a//b/../", false).unwrap().path, b"//a//");
    }
}

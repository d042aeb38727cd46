//! One request as a client would send it. Refuses to normalise: everything after host and port goes
//! to the server byte for byte.

use std::net::IpAddr;

/// How the client reached the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Scheme {
    /// Plain HTTP.
    Http,
    /// HTTP over TLS; the server name indication is the host.
    Https,
}

impl Scheme {
    /// As URLs spell it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a URL without one means.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A GET request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// How the client reached the server.
    pub scheme: Scheme,
    /// The host as the URL names it, without the port.
    pub host: String,
    /// The port that the client connects to.
    pub port: u16,
    /// The address that the client connects to, where it is known; the URL's host if that is one.
    pub to: Option<IpAddr>,
    /// What follows the method in the request line: path, and query where there is one.
    pub target: Vec<u8>,
    /// The client's address, as the server's socket sees it.
    pub from: IpAddr,
    /// Further headers in their order. `Host` here replaces the one that the URL gives.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Request {
    /// Understands an absolute URL; a fragment is cut off, nothing else is touched. No IDNA: a host
    /// that is not ASCII is refused.
    ///
    /// # Errors
    /// What is wrong with the URL, and how one looks.
    pub fn new(url: &str, from: IpAddr) -> Result<Self, String> {
        let wrong = |why: &str| {
            let shown = without_login(url);
            format!("{shown}: {why}; a URL looks like https://help.example.com/path")
        };
        let (scheme, rest) = if let Some(rest) = strip(url, "http://") {
            (Scheme::Http, rest)
        } else if let Some(rest) = strip(url, "https://") {
            (Scheme::Https, rest)
        } else {
            return Err(wrong("it starts with neither http:// nor https://"));
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let target = match target.bytes().next() {
            Some(b'/') => target.to_owned(),
            _ => format!("/{target}"),
        };
        if target.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
            return Err(wrong(
                "it holds a blank or a control character, which must be written as %20 and the like",
            ));
        }
        if authority.contains('@') {
            return Err(wrong("it holds a user name"));
        }
        let (host, port) =
            split_port(authority).ok_or_else(|| wrong("its port is no number from 1 to 65535"))?;
        if host.is_empty() || !host.is_ascii() {
            return Err(wrong("it has no host in ASCII"));
        }
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        Ok(Self {
            scheme,
            host: host.to_owned(),
            port: port.unwrap_or(scheme.port()),
            to: bare.parse().ok(),
            target: target.into_bytes(),
            from,
            headers: Vec::new(),
        })
    }

    /// The `Host` header that goes out: the last one among the headers, else host and port.
    #[must_use]
    pub fn host_header(&self) -> Vec<u8> {
        if let Some(value) = self.header("host") {
            return value.to_vec();
        }
        if self.port == self.scheme.port() {
            self.host.clone().into_bytes()
        } else {
            format!("{}:{}", self.host, self.port).into_bytes()
        }
    }

    /// The last header of this name, ASCII case apart.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let found = self
            .headers
            .iter()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }

    /// The path as sent, without the query.
    #[must_use]
    pub fn raw_path(&self) -> &[u8] {
        self.target
            .split(|byte| *byte == b'?')
            .next()
            .unwrap_or_default()
    }

    /// The query as sent, without its question mark; none where there is no question mark.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        let mark = self.target.iter().position(|byte| *byte == b'?')?;
        self.target.get(mark + 1..)
    }

    /// The URL again, for reports.
    #[must_use]
    pub fn url(&self) -> String {
        let port = if self.port == self.scheme.port() {
            String::new()
        } else {
            format!(":{}", self.port)
        };
        let target = String::from_utf8_lossy(&self.target);
        format!("{}://{}{port}{target}", self.scheme.word(), self.host)
    }
}

/// The URL as a message may show it: a password before the `@` is nobody else's business. An `@` in a
/// path hides more than it must.
fn without_login(url: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    match url.split_at(start) {
        (scheme, rest) if rest.contains('@') => {
            let host = rest.rsplit('@').next().unwrap_or_default();
            format!("{scheme}***@{host}")
        }
        _ => url.to_owned(),
    }
}

fn strip<'a>(url: &'a str, start: &str) -> Option<&'a str> {
    let head = url.get(..start.len())?;
    head.eq_ignore_ascii_case(start)
        .then(|| url.get(start.len()..))?
}

/// Host and port; a bracketed address keeps its brackets.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let after_bracket = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority.get(after_bracket..)?.find(':') else {
        return Some((authority, None));
    };
    let (host, port) = authority.split_at(after_bracket + colon);
    match port.get(1..)? {
        "" => Some((host, None)),
        digits => {
            let port: u16 = digits.parse().ok()?;
            (port > 0).then_some((host, Some(port)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    #[test]
    fn nothing_after_the_port_is_touched() {
        let request = Request::new("HTTPS://h.example:8443/a/../b%2f//?x=/../#y", FROM).unwrap();
        assert_eq!(request.target, b"/a/../b%2f//?x=/../");
        assert_eq!(request.raw_path(), b"/a/../b%2f//");
        assert_eq!(request.query(), Some(&b"x=/../"[..]));
        assert_eq!(request.host_header(), b"h.example:8443");
        assert_eq!(request.url(), "https://h.example:8443/a/../b%2f//?x=/../");
    }

    #[test]
    fn a_password_in_a_url_is_in_no_message() {
        for url in [
            "http://u:s3cret@h/",
            "https://u:s3/cret@h",
            "ftp://u:s3cret@h/",
            "u:s3cret@h",
        ] {
            let said = Request::new(url, FROM).unwrap_err();
            assert!(!said.contains("s3"), "{said}");
            assert!(said.contains("***@h"), "{said}");
        }
    }

    #[test]
    fn hosts_ports_and_empty_paths() {
        let request = Request::new("http://[::1]:80?q", FROM).unwrap();
        assert_eq!((request.host.as_str(), request.port), ("[::1]", 80));
        assert_eq!(request.to, "::1".parse().ok());
        assert_eq!(request.target, b"/?q");
        for wrong in [
            "ftp://x/",
            "help.example.com",
            "http://",
            "http://h:0/",
            "http://h:99999/",
            "http://h/a b",
            "http://u@h/",
        ] {
            assert!(Request::new(wrong, FROM).is_err(), "{wrong}");
        }
    }
}

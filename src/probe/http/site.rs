//! The address that is asked: scheme, host, port and the prefix that the helpdesk lies under. Paths go
//! out byte for byte.

use crate::route::{Request, Scheme};
use std::net::{IpAddr, Ipv4Addr};

/// The helpdesk's own address.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// A request for the helpdesk's first page.
    pub(super) home: Request,
    /// What every path starts with; empty or `/support`, without a slash at its end.
    prefix: String,
}

impl Site {
    /// Understands the URL that was named.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(url: &str) -> Result<Self, String> {
        let from = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
        let mut home = Request::new(url, from)?;
        let path = String::from_utf8_lossy(home.raw_path()).into_owned();
        let prefix = match path.rsplit_once('/') {
            // A page's own name is no part of where the helpdesk lies.
            Some((before, last)) if last.contains('.') => before.to_owned(),
            _ => path.trim_end_matches('/').to_owned(),
        };
        home.target = format!("{prefix}/").into_bytes();
        Ok(Self { home, prefix })
    }

    /// The name or address without brackets.
    pub(super) fn host(&self) -> &str {
        let host = self.home.host.as_str();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// A path of the helpdesk; it starts with a slash.
    pub(super) fn at(&self, path: &str) -> Request {
        self.absolute(&format!("{}{path}", self.prefix))
    }

    /// A path of the whole host.
    pub(super) fn absolute(&self, path: &str) -> Request {
        Request {
            target: path.as_bytes().to_vec(),
            ..self.home.clone()
        }
    }

    /// The same host over another scheme and port.
    pub(super) fn over(&self, scheme: Scheme, port: u16, path: &str) -> Request {
        Request {
            scheme,
            port,
            target: path.as_bytes().to_vec(),
            ..self.home.clone()
        }
    }

    /// Where a redirect of `asked` leads, if it stays on this host; else the host that it names.
    pub(super) fn follow(&self, asked: &Request, location: &str) -> Result<Request, String> {
        let lower = location.to_ascii_lowercase();
        let absolute = if let Some(rest) = location.strip_prefix("//") {
            format!("{}://{rest}", asked.scheme.word())
        } else if lower.starts_with("http://") || lower.starts_with("https://") {
            location.to_owned()
        } else {
            let path = if location.starts_with('/') {
                location.to_owned()
            } else {
                let path = String::from_utf8_lossy(asked.raw_path()).into_owned();
                let folder = path.rsplit_once('/').map_or("", |(before, _)| before);
                format!("{folder}/{location}")
            };
            let mut next = asked.clone();
            let path = path.split('#').next().unwrap_or_default();
            next.target = path.replace(' ', "%20").into_bytes();
            return Ok(next);
        };
        let mut next = Request::new(&absolute.replace(' ', "%20"), asked.from)?;
        if !next.host.eq_ignore_ascii_case(&self.home.host) {
            return Err(next.host);
        }
        next.host.clone_from(&self.home.host);
        Ok(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_is_where_the_helpdesk_lies() {
        for (url, page) in [
            ("https://h", "https://h/admin/"),
            ("https://h/support", "https://h/support/admin/"),
            ("https://h/support/?x", "https://h/support/admin/"),
            ("http://h:81/a/index.php", "http://h:81/a/admin/"),
        ] {
            assert_eq!(Site::new(url).unwrap().at("/admin/").url(), page);
        }
    }

    #[test]
    fn redirects_stay_on_the_host() {
        let site = Site::new("http://h.example/x/").unwrap();
        let to = |location| site.follow(&site.at("/a/b"), location).map(|it| it.url());
        for (location, url) in [
            ("login?x=1#y", "http://h.example/x/a/login?x=1"),
            ("/login", "http://h.example/login"),
            ("https://H.example/", "https://h.example/"),
            ("//h.example:8443/z", "http://h.example:8443/z"),
        ] {
            assert_eq!(to(location).unwrap(), url, "{location}");
        }
        for other in [
            "https://evil.example/",
            "//h.example.evil/",
            "http://h.example@evil/",
        ] {
            assert!(to(other).is_err(), "{other}");
        }
    }
}

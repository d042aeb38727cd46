//! One answer: status, headers and the start of its body, unpacked up to a limit. Refuses to keep more
//! than the limit, packed or unpacked, and to take a body that was cut for a whole one.

use flate2::read::{MultiGzDecoder, ZlibDecoder};
use hyper::header::{CONTENT_ENCODING, HeaderMap, HeaderName};
use std::io::Read as _;

/// No more of a body is kept, in bytes.
pub(super) const MOST_BODY: usize = 256 << 10;

/// An answer.
#[derive(Debug, Clone, Default)]
pub(super) struct Reply {
    /// The status.
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    /// The body's start, unpacked.
    pub(super) body: Vec<u8>,
    /// Whether there was more of it.
    pub(super) cut: bool,
    /// Why the body cannot be read; empty where it can.
    pub(super) unreadable: String,
}

impl Reply {
    /// An answer whose body was read up to the limit.
    pub(super) fn new(status: u16, headers: HeaderMap, body: Vec<u8>, cut: bool) -> Self {
        let mut reply = Self {
            status,
            headers,
            body,
            cut,
            unreadable: String::new(),
        };
        reply.unpack();
        reply
    }

    /// Undoes a packing that was not asked for (`Accept-Encoding: identity` went out).
    fn unpack(&mut self) {
        let coding = self.header(&CONTENT_ENCODING).to_ascii_lowercase();
        let packed = self.body.as_slice();
        let limit = MOST_BODY as u64 + 1;
        let mut body = Vec::new();
        let result = match coding.as_str() {
            "" | "identity" => return,
            "gzip" | "x-gzip" => MultiGzDecoder::new(packed)
                .take(limit)
                .read_to_end(&mut body),
            "deflate" => ZlibDecoder::new(packed).take(limit).read_to_end(&mut body),
            other => {
                self.unreadable =
                    format!("its body is packed as {other}, though plain was asked for");
                return;
            }
        };
        if let Err(error) = result
            && !self.cut
        {
            self.unreadable = format!("its {coding} body cannot be unpacked: {error}");
        }
        if body.len() > MOST_BODY {
            body.truncate(MOST_BODY);
            self.cut = true;
        }
        self.body = body;
    }

    /// The first header of this name as text; empty where there is none.
    pub(super) fn header(&self, name: &HeaderName) -> String {
        self.headers
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
            .unwrap_or_default()
    }

    /// The first header of this name as text; empty where there is none.
    pub(super) fn named(&self, name: &str) -> String {
        HeaderName::from_bytes(name.as_bytes())
            .map(|name| self.header(&name))
            .unwrap_or_default()
    }

    /// Every header of this name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect()
    }

    /// The body as text, and in lower case.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn contains(&self, marker: &str) -> bool {
        let marker = marker.as_bytes();
        self.body
            .windows(marker.len().max(1))
            .any(|window| window == marker)
    }

    /// Whether the body looks like a page, whatever its headers say.
    pub(super) fn is_page(&self) -> bool {
        let start = self.body.get(..1024).unwrap_or(&self.body);
        let start = String::from_utf8_lossy(start).to_ascii_lowercase();
        ["<!doctype html", "<html", "<head", "<body", "<title"]
            .iter()
            .any(|tag| start.contains(tag))
    }

    /// What stands between `<title>` and its end; empty where there is none.
    pub(super) fn title(&self) -> String {
        let text = self.text();
        let lower = text.to_ascii_lowercase();
        let Some(open) = lower.find("<title") else {
            return String::new();
        };
        let Some(start) = lower.get(open..).and_then(|rest| rest.find('>')) else {
            return String::new();
        };
        let start = open + start + 1;
        let end = lower
            .get(start..)
            .and_then(|rest| rest.find("</title"))
            .map_or(lower.len(), |end| start + end);
        // ASCII lower case keeps every offset.
        text.get(start..end).unwrap_or_default().trim().to_owned()
    }

    /// Whether the answer sends the client elsewhere.
    pub(super) fn redirect(&self) -> Option<String> {
        let to = self.header(&hyper::header::LOCATION);
        (matches!(self.status, 301 | 302 | 303 | 307 | 308) && !to.is_empty()).then_some(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write as _;

    fn packed(body: &[u8], coding: &str) -> Reply {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, coding.parse().unwrap());
        Reply::new(200, headers, body.to_vec(), false)
    }

    #[test]
    fn a_bomb_is_unpacked_to_the_limit_only() {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..512 {
            encoder.write_all(&[b'x'; 64 << 10]).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < MOST_BODY, "{}", bomb.len());
        let reply = packed(&bomb, "gzip");
        assert_eq!((reply.body.len(), reply.cut), (MOST_BODY, true));
        assert_eq!(reply.unreadable, "");
    }

    #[test]
    fn what_cannot_be_unpacked_is_said() {
        assert!(packed(b"no gzip", "gzip").unreadable.contains("gzip"));
        assert!(packed(b"??", "br").unreadable.contains("packed as br"));
        assert_eq!(packed(b"plain", "identity").body, b"plain");
    }

    #[test]
    fn titles_and_pages() {
        let page = |body: &str| Reply::new(200, HeaderMap::new(), body.into(), false);
        assert_eq!(page("<TITLE lang=x>\u{c4} b</Title>").title(), "\u{c4} b");
        assert_eq!(page("<title>open").title(), "open");
        assert_eq!(page("").title(), "");
        assert!(page("\n<!DOCTYPE html><p>").is_page());
        assert!(!page("2026-01-01 error").is_page());
    }
}

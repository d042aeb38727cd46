//! What a body proves: the product's own markers, the very bytes of a file on disk, and the shapes of
//! source, logs, dumps and listings. Refuses to go by the status.

use super::reply::Reply;

/// No more of a file on disk is compared, in bytes.
pub(super) const MOST_COMPARED: usize = 4096;
/// Fewer bytes prove nothing.
const FEWEST_COMPARED: usize = 8;

/// How the content that is asked for is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Marker {
    /// Any of these texts. Whole: the content has one of them for certain.
    Text(&'static [&'static str]),
    /// PHP source; an empty answer shows that it was run.
    Php,
    /// A log or other text: anything that is no page and not what is answered to nothing.
    AnyText,
    /// A database dump or an archive.
    Dump,
    /// A file of settings, `NAME=value`.
    Settings,
    /// A directory's names as servers list them.
    Listing,
    /// What `phpinfo()` prints.
    PhpInfo,
    /// JSON with `deskpro: true` and the interface's name.
    Ping(&'static str),
    /// A PHP version and nothing else.
    PhpVersion,
    /// A page of an interface: a login form, or anything that is not what is answered to nothing.
    Login,
    /// The product's installer.
    Installer,
}

/// What the answer shows of it; none where it shows nothing of the kind.
pub(super) fn shown(marker: &Marker, reply: &Reply, disk: Option<&[u8]>) -> Option<String> {
    // The status is not looked at, as the product's own installer does not: some error pages are the
    // very file that was asked for.
    if !reply.unreadable.is_empty() {
        return None;
    }
    if let Some(disk) = disk
        && is_start_of(disk, &reply.body)
    {
        return Some(if php_source(&reply.body) {
            "PHP source, the very bytes of the file".to_owned()
        } else {
            "the very bytes of the file".to_owned()
        });
    }
    match marker {
        Marker::Text(texts) => texts
            .iter()
            .find(|text| reply.contains(text))
            .map(|text| format!("the text {text}")),
        Marker::Php => php_source(&reply.body).then(|| "PHP source".to_owned()),
        Marker::AnyText => None,
        Marker::Dump => dump(&reply.body).map(str::to_owned),
        Marker::Settings => settings(&reply.text()).then(|| "lines such as NAME=value".to_owned()),
        Marker::Listing => {
            listing(reply).then(|| "a list of the names in the directory".to_owned())
        }
        Marker::PhpInfo => phpinfo(reply).then(|| "the output of phpinfo()".to_owned()),
        Marker::Ping(interface) => {
            ping(&reply.body, interface).then(|| format!("dp-ping of the {interface} interface"))
        }
        Marker::PhpVersion => php_version(&reply.text()),
        Marker::Login => {
            let form = reply.text().to_ascii_lowercase().replace(['"', '\''], "");
            form.contains("type=password")
                .then(|| "a login form".to_owned())
        }
        Marker::Installer => installer(reply).then(|| "the installer's page".to_owned()),
    }
}

impl Marker {
    /// Whether content of this kind always shows the marker, so that its absence means something.
    pub(super) const fn is_certain(&self) -> bool {
        !matches!(self, Self::AnyText | Self::Login)
    }
}

/// Whether the body is the file, as far as both were read.
pub(super) fn is_start_of(disk: &[u8], body: &[u8]) -> bool {
    let common = disk.len().min(MOST_COMPARED).min(body.len());
    // A file shorter than what was compared must be the whole body.
    let whole = disk.len() >= MOST_COMPARED || disk.len() == body.len();
    common >= FEWEST_COMPARED && whole && disk.get(..common) == body.get(..common)
}

/// `<?php` or `<?=` at the start, a byte order mark and a first line `#!` apart.
pub(super) fn php_source(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(body.get(..512).unwrap_or(body)).into_owned();
    let start = start.trim_start_matches('\u{feff}').trim_start();
    let start = match start.strip_prefix("#!") {
        Some(rest) => rest.split_once('\n').map_or("", |(_, rest)| rest),
        None => start,
    };
    start.starts_with("<?php") || start.starts_with("<?=")
}

fn dump(body: &[u8]) -> Option<&'static str> {
    let start = String::from_utf8_lossy(body.get(..2048).unwrap_or(body)).into_owned();
    let is = |magic: &[u8]| body.starts_with(magic);
    if is(b"PK\x03\x04") || is(b"PK\x05\x06") {
        Some("a ZIP archive")
    } else if is(b"\x1f\x8b") || is(b"BZh") || is(b"\xfd7zXZ") || is(b"\x28\xb5\x2f\xfd") {
        Some("a packed file")
    } else if [
        "-- MySQL dump",
        "-- MariaDB dump",
        "CREATE TABLE ",
        "INSERT INTO ",
    ]
    .iter()
    .any(|text| start.contains(text))
        || start.contains("enable the sandbox mode")
    {
        Some("a database dump")
    } else {
        None
    }
}

fn settings(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .peekable();
    let is_setting = |line: &str| {
        line.trim_start_matches("export ")
            .split_once('=')
            .is_some_and(|(name, _)| {
                !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            })
    };
    lines.peek().is_some() && lines.take(5).all(is_setting)
}

/// nginx (ngx_http_autoindex_module), Apache (mod_autoindex), lighttpd (mod_dirlisting) and others
/// title it so; a page of the product might, too, so the way up or the server's own rule must be there.
pub(super) fn listing(reply: &Reply) -> bool {
    let title = reply.title();
    let titled = title.starts_with("Index of /") || title.starts_with("Directory listing for /");
    let text = reply.text();
    titled
        && [
            "href=\"../\"",
            "href=\"..\"",
            "Parent Directory",
            "<pre>",
            "<table",
            "<ul>",
        ]
        .iter()
        .any(|mark| text.contains(mark))
}

fn phpinfo(reply: &Reply) -> bool {
    reply.contains("PHP Version")
        && [
            "phpinfo()",
            "Loaded Configuration File",
            "Zend Engine",
            "PHP License",
        ]
        .iter()
        .any(|text| reply.contains(text))
}

fn ping(body: &[u8], interface: &str) -> bool {
    let Ok(serde_json::Value::Object(fields)) = serde_json::from_slice(body) else {
        return false;
    };
    fields.get("deskpro") == Some(&serde_json::Value::Bool(true))
        && (interface.is_empty()
            || fields
                .values()
                .any(|value| value.as_str().is_some_and(|text| text == interface)))
}

/// The installer's first page makes the browser look for the data directory's marker
/// (views/Install/index.html.php); its other pages are titled so.
fn installer(reply: &Reply) -> bool {
    let title = reply.title().to_ascii_lowercase();
    let text = reply.text().to_ascii_lowercase();
    let closed = !(200..300).contains(&reply.status)
        || text.contains("already installed")
        || text.contains("already been installed");
    !closed
        && (reply.contains("DESKPRO_READABLE_FILE")
            || title.contains("install")
            || (text.contains("config-editor") && text.contains("install")))
}

fn php_version(text: &str) -> Option<String> {
    let text = text.trim();
    let mut parts = text.splitn(3, '.');
    let number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_version = text.len() < 40
        && number(parts.next())
        && number(parts.next())
        && parts
            .next()
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    is_version.then(|| format!("the PHP version {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::HeaderMap;

    fn page(body: &str) -> Reply {
        Reply::new(200, HeaderMap::new(), body.into(), false)
    }

    fn shows(marker: &Marker, body: &str) -> bool {
        shown(marker, &page(body), None).is_some()
    }

    #[test]
    fn each_marker_and_its_lookalikes() {
        for (marker, yes, no) in [
            (Marker::Php, "\u{feff}<?php $x;", "<html><?php"),
            (Marker::Php, "#!/usr/bin/php\n<?php", "#!/bin/sh\necho"),
            (Marker::Dump, "-- MySQL dump 10.13\n", "<html>dump"),
            (Marker::Dump, "PK\u{3}\u{4}x", "PK"),
            (Marker::Settings, "# x\nDB_PASS=a\n", "<p>a=b"),
            (Marker::Settings, "export A=b", "a sentence = wrong"),
            (
                Marker::Listing,
                "<html><head><title>Index of /data/</title></head><a href=\"../\">",
                "<title>Index of /data/</title> is the name of an article",
            ),
            (
                Marker::PhpInfo,
                "<h1>PHP Version 7.4</h1>Zend Engine",
                "PHP Version 7.4 is needed",
            ),
            (
                Marker::Ping("admin"),
                r#"{"deskpro":true,"interface":"admin"}"#,
                r#"{"deskpro":true,"interface":"user"}"#,
            ),
            (
                Marker::Ping("admin"),
                r#"{"deskpro":true,"x":"admin"}"#,
                "deskpro: true admin",
            ),
            (
                Marker::PhpVersion,
                "7.4.33-1+deb11u5\n",
                "auth code 7.4.33 invalid",
            ),
        ] {
            assert!(shows(&marker, yes), "{marker:?}: {yes}");
            assert!(!shows(&marker, no), "{marker:?}: {no}");
        }
    }

    #[test]
    fn bytes_on_disk_prove_more_than_any_marker() {
        let disk = b"2026-01-01 error\n";
        let given = |body: &str| shown(&Marker::AnyText, &page(body), Some(disk));
        assert!(given("2026-01-01 error\n").is_some());
        assert!(given("2026-01-01 error\n and a page around it").is_none());
        assert!(given("2026-01").is_none());
        assert!(!is_start_of(b"ok", b"ok"), "too short to prove anything");
        let long = vec![b'x'; MOST_COMPARED];
        assert!(is_start_of(&long, &vec![b'x'; MOST_COMPARED + 9]));
    }
}

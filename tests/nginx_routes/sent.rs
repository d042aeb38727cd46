//! Requests that try to get around a configuration.

use crate::generate::Random;
use std::net::Ipv4Addr;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) target: String,
    pub(crate) host: String,
    /// 0 for the first port of the configuration, 1 for the second.
    pub(crate) port: usize,
    pub(crate) from: Ipv4Addr,
    pub(crate) to: Ipv4Addr,
    pub(crate) headers: Vec<(String, String)>,
}

impl Sent {
    pub(crate) fn random(random: &mut Random) -> Self {
        let host = random.pick(&[
            "a{N}.test",
            "a{N}.test",
            "b{N}.test",
            "www.b{N}.test",
            "x.a{N}.test",
            "x.y.b{N}.test",
            "mail{N}.example",
            "sub.c{N}.test",
            "abc{N}.test",
            "ABC{N}.test",
            "unknown.test",
            "A{N}.TEST",
            "a{N}.test.",
            "a{N}.test:99",
            "127.0.0.1",
            "_",
            "[::1]",
            "a..b",
            "a{N}.test..",
            "evil@a{N}.test",
        ]);
        let mut headers = Vec::new();
        for (name, values) in [
            (
                "X-Forwarded-For",
                &[
                    "127.0.0.2",
                    "127.0.0.2, 127.0.0.1",
                    "10.0.0.1,127.0.0.3",
                    "junk",
                    "127.0.0.2:80",
                    "10.0.0.1, junk",
                    " , ,",
                ][..],
            ),
            (
                "X-Real-IP",
                &["127.0.0.2", "127.0.0.3", "::1", "999.1.1.1"][..],
            ),
            ("X_Client", &["127.0.0.2"][..]),
            ("User-Agent", &["evil", "Mozilla/5.0"][..]),
            ("Cookie", &["a=1", "b=2; a=1", "a=10"][..]),
            ("X_A", &["b"][..]),
            ("X-A", &["b", "c"][..]),
            ("Authorization", &["Basic bm86bm8="][..]),
        ] {
            let percent = if name == "Authorization" { 2 } else { 12 };
            if random.chance(percent) {
                headers.push((name.to_owned(), random.pick(values).to_owned()));
            }
        }
        Self {
            target: target(random),
            host: host.to_owned(),
            port: usize::from(random.chance(15)),
            from: Ipv4Addr::new(127, 0, 0, 1 + random.below(4) as u8),
            to: if random.chance(85) {
                Ipv4Addr::LOCALHOST
            } else {
                Ipv4Addr::new(127, 0, 0, 9)
            },
            headers,
        }
    }

    /// Requests that lack something of this one.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut found = Vec::new();
        for at in 0..self.headers.len() {
            let mut fewer = self.clone();
            fewer.headers.remove(at);
            found.push(fewer);
        }
        let with = |target: &str| Self {
            target: target.to_owned(),
            ..self.clone()
        };
        if let Some((path, _)) = self.target.split_once('?') {
            found.push(with(path));
        }
        for (at, byte) in self.target.bytes().enumerate() {
            if byte == b'/' && at > 0 {
                found.push(with(&self.target[at..]));
                found.push(with(&self.target[..at]));
            }
        }
        found
    }
}

/// A path that is there, perhaps with something added.
fn likely(random: &mut Random) -> String {
    let mut target = String::from("/");
    target.push_str(random.pick(&[
        "x.php",
        "index.php",
        "x.txt",
        "",
        "admin/",
        "admin/index.php",
        "admin/panel.php",
        "data/secret.txt",
        "data/evil.php",
        "data/",
        "data/sub/x.php",
        "dir/",
        "dir",
        "dir/x.php",
        "upload/shell.php",
        "upload/shell.phar",
        "upload/a.jpg",
        "empty/",
        "other/",
        "other/x.php",
        "other/data/evil.php",
        "upload.jpg",
        "Data/evil.php",
    ]));
    if random.chance(15) {
        target.push_str(random.pick(&[
            "/info",
            "/x.php",
            "/",
            "//",
            "/..",
            "%2f",
            "%2e",
            ".",
            "%20",
            "/../x.txt",
            "~",
            "%0a",
        ]));
    }
    if random.chance(15) {
        target.insert_str(
            0,
            random.pick(&["/", "/.", "/x/..", "/admin/..", "/%2e", "/%2f", "/data"]),
        );
    }
    if random.chance(10) {
        target.push_str(random.pick(&["?a=1", "?t=/x.txt", "?", "?r=data&s=x.php"]));
    }
    target
}

fn target(random: &mut Random) -> String {
    if random.chance(50) {
        return likely(random);
    }
    let mut target = String::new();
    if random.chance(3) {
        target.push_str(random.pick(&[
            "http://a{N}.test",
            "http://b{N}.test:80",
            "https://unknown.test",
            "HTTP://A{N}.test",
        ]));
    }
    for _ in 0..1 + random.below(3) {
        target.push_str(random.pick(&[
            "/", "/", "/", "/", "/", "/", "/", "//", "/./", "/../", "%2f", "/%2e%2e/", "/x/../",
            "///",
        ]));
        target.push_str(random.pick(&[
            "x.php",
            "x.php",
            "index.php",
            "index.html",
            "x.txt",
            "data",
            "data",
            "admin",
            "dir",
            "upload",
            "evil.php",
            "secret.txt",
            "upload.jpg",
            "upload.jpg/x.php",
            "x.php/info",
            "x.php/info.php",
            "index.php/admin",
            "UPPER.PHP",
            "X.PHP",
            "Data",
            ".htaccess",
            ".git",
            "config",
            "sub",
            "sp%20ace.txt",
            "a+b.txt",
            "%2541.txt",
            "a%3fb.php",
            "x.php.jpg",
            "x.phtml",
            "shell.phar",
            "link.txt",
            "linked",
            "circle",
            "broken.php",
            "secret",
            "unreadable.txt",
            "unreadable.php",
            "closed",
            "inside.txt",
            "inside.php",
            "unlisted",
            "folder.php",
            "empty",
            "other",
            "none",
            "old",
            "50x.html",
            "x.php%00",
            "x%2ephp",
            "%78.php",
            "x.php.",
            "x.php%20",
            "x.php%0a",
            "x.txt/",
            "x.ph%70",
            "",
            "",
            "a.html",
            "panel.php",
            "shell.php",
            "a.jpg",
            "..",
            ".",
            "...",
            "%2e",
            "x%",
            "x%zz",
            "%c3%a9",
            "x.php;a=b",
            "~",
            "wwwx.php",
            "x#y",
            "index.php/",
            "index.php//x",
        ]));
    }
    if !target.starts_with(['/', 'h', 'H']) {
        target.insert(0, '/');
    }
    if random.chance(15) {
        target.push('/');
    }
    if random.chance(30) {
        target.push_str(random.pick(&[
            "?a=1",
            "?a=",
            "?",
            "?t=/x.txt",
            "?r=data",
            "?e=x.php",
            "?s=x.php",
            "?a=1&A=2",
            "?i=x.txt",
            "?x=/../",
            "?a=%2e%2e",
            "?t=/data/evil.php&a=1",
            "?a#b",
            "?a?b=c",
            "?r=../",
            "?s=upload.jpg",
        ]));
    }
    target
}

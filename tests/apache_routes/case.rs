//! One case: two virtual hosts on an address of their own, `.htaccess` files, requests. Written out
//! for Apache, asked of the model, made smaller where both disagree.

use crate::lines::{self, Scene, URLS};
use crate::random::Random;
use crate::tree;
use deskguard::route::{Request, Scheme};
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

/// A virtual host and two folders of files.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) folder: PathBuf,
    pub(crate) address: Ipv4Addr,
    /// Lines of each virtual host.
    pub(crate) hosts: Vec<Vec<String>>,
    /// Files below the folder, and their lines.
    pub(crate) htaccess: Vec<(String, Vec<String>)>,
}

impl Case {
    /// Makes a case and plants its tree.
    pub(crate) fn new(
        r: &mut Random,
        folder: &Path,
        address: Ipv4Addr,
        socket: &str,
        backend: u16,
    ) -> Self {
        let scene = Scene {
            case: folder.to_str().unwrap(),
            socket,
            backend,
        };
        tree::plant(folder);
        let mut hosts = vec![lines::host_lines(r, &scene)];
        if r.chance(40) {
            hosts.push(lines::host_lines(r, &scene));
        }
        for host in &mut hosts {
            let allow = if r.chance(65) {
                "AllowOverride All".to_owned()
            } else {
                lines::override_line(r)
            };
            if r.chance(88) {
                host.insert(
                    0,
                    format!(
                        "<Directory \"{}\">\nRequire all granted\n{allow}\n</Directory>",
                        scene.case
                    ),
                );
            }
        }
        let mut htaccess = Vec::new();
        for file in [
            "www/.htaccess",
            "www/data/.htaccess",
            "www/admin/.htaccess",
            "www/data/sub/.htaccess",
            "out/.htaccess",
        ] {
            if r.chance(28) {
                let text = lines::htaccess(r, &scene);
                htaccess.push((file.to_owned(), text.lines().map(str::to_owned).collect()));
            }
        }
        Self {
            folder: folder.to_owned(),
            address,
            hosts,
            htaccess,
        }
    }

    /// Writes the `.htaccess` files; those that are gone are removed.
    pub(crate) fn write(&self) {
        for file in ["www", "www/data", "www/admin", "www/data/sub", "out"] {
            let _ = fs::remove_file(self.folder.join(file).join(".htaccess"));
        }
        for (file, lines) in &self.htaccess {
            fs::write(self.folder.join(file), lines.join("\n") + "\n").unwrap();
        }
    }

    /// The virtual hosts as Apache reads them.
    pub(crate) fn config(&self, port: u16) -> String {
        let mut text = format!("Listen {}:{port}\n", self.address);
        for (number, lines) in self.hosts.iter().enumerate() {
            let (name, root) = if number == 0 {
                ("one", "www")
            } else {
                ("two", "out")
            };
            text.push_str(&format!(
                "<VirtualHost {}:{port}>\nServerName {name}.test\nServerAlias *.{name}.wild www.{name}.test\nDocumentRoot \"{}/{root}\"\n",
                self.address,
                self.folder.display()
            ));
            for line in lines {
                text.push_str(line);
                text.push('\n');
            }
            text.push_str("</VirtualHost>\n");
        }
        text
    }

    /// The virtual hosts and the `.htaccess` files, to be shown.
    pub(crate) fn text(&self, port: u16) -> String {
        let mut text = self.config(port);
        for (file, lines) in &self.htaccess {
            text.push_str(&format!("# {file}\n{}\n", lines.join("\n")));
        }
        text
    }

    /// A request to this case.
    pub(crate) fn request(&self, r: &mut Random, port: u16) -> Request {
        let host = r
            .pick(&[
                "one.test",
                "one.test",
                "one.test",
                "one.test",
                "two.test",
                "two.test",
                "ONE.test",
                "a.one.wild",
                "x.two.wild",
                "nobody.test",
                "one.test.",
                "one.test:81",
                "www.two.test:80",
                "bad..test",
                "a/b",
                "[::1]",
                "127.0.0.1",
                "1.2.3",
                "",
                "x_y.test",
            ])
            .to_string();
        let mut headers = vec![("Host".to_owned(), host.clone().into_bytes())];
        if r.chance(25) {
            headers.push((
                "X-Forwarded-For".to_owned(),
                r.pick(&["10.1.2.3", "127.0.0.1", "203.0.113.9, 10.0.0.1", "nonsense"])
                    .as_bytes()
                    .to_vec(),
            ));
        }
        let from = Ipv4Addr::new(127, 0, 0, 1 + u8::try_from(r.below(3)).unwrap());
        Request {
            scheme: Scheme::Http,
            host,
            port,
            to: Some(IpAddr::V4(self.address)),
            target: target(r).into_bytes(),
            from: IpAddr::V4(from),
            headers,
        }
    }
}

/// A URL path, mostly near a file, often not quite.
fn target(r: &mut Random) -> String {
    let mut path = match r.below(10) {
        0 | 1 => (*r.pick(URLS)).to_owned(),
        2 => r
            .pick(&[
                "/al/o.php",
                "/al/o.txt",
                "/cgi/o.php",
                "/m/up.php",
                "/m/secret.txt",
                "/na.php",
                "/one",
                "/out/in/p.php",
                "/data/al/p.php",
                "/far/away",
                "/near",
                "/data/sub/x",
                "/old/b",
                "/old2/c",
                "/linkdir/o.php",
                "/link.txt",
                "/dangling",
                "/link.php",
                "/missing",
                "/missing.php",
                "/dir/missing/x",
                "/in/p.php",
                "/o.txt",
            ])
            .to_string(),
        _ => {
            let file = r.pick(tree::FILES);
            let file = file
                .strip_prefix("www")
                .or_else(|| file.strip_prefix("out"))
                .unwrap_or(file);
            file.replace(' ', "%20")
        }
    };
    for _ in 0..r.below(3) {
        path = twisted(r, &path);
    }
    if r.chance(20) {
        let query: &&str = r.pick(&["?x=1", "?", "?a=b&c=%2e", "?/../x", "?p=/data"]);
        path.push_str(query);
    }
    path
}

fn twisted(r: &mut Random, path: &str) -> String {
    let middle = |path: &str, piece: &str, r: &mut Random| {
        let slashes: Vec<usize> = path.match_indices('/').map(|(at, _)| at).collect();
        let at = if slashes.is_empty() {
            0
        } else {
            *r.pick(&slashes)
        };
        format!("{}{piece}{}", &path[..at], &path[at..])
    };
    match r.below(20) {
        0 | 1 => format!("{path}/"),
        2 => format!("{path}/x/y"),
        3 => format!("{path}."),
        4 => format!("{path}%20"),
        5 => path.replacen('a', "%61", 1),
        6 => path.replacen('.', "%2e", 1),
        7 => path.replacen("/data", "/data%2f", 1),
        8 => middle(path, "/", r),
        9 => middle(path, "/.", r),
        10 => middle(path, "/x/..", r),
        11 => format!("/..{path}"),
        12 => middle(path, "/%2e%2e", r),
        13 => format!("{path}%00"),
        14 => path.to_uppercase(),
        15 => format!(
            "{path}{}",
            r.pick(&[
                "/b.txt", "/a.php", "%2fa.php", ";x", "%3fx", "~", "%zz", "%0a", "%25", "'", "{",
                "|", "%5c", "%23"
            ])
        ),
        16 => path.replacen(".php", ".PHP", 1),
        17 => format!("{path}/."),
        18 => format!("{path}/.."),
        _ => middle(path, "/data/../data/..", r),
    }
}

//! Route decisions per second, on a configuration as Debian would have it with v4's `.htaccess`. No
//! other tool answers the question, so the figures stand alone; measure on a quiet machine.

#![allow(clippy::print_stdout, reason = "a benchmark's output is its figures")]

use deskguard::route::apache::{Model, Setup, Start, Variables, parse};
use deskguard::route::{Disk, Entry, Links, Model as _, Request, Source, Sources};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Instant;

const APACHE: &str = "\
<Directory />\nOptions FollowSymLinks\nAllowOverride None\nRequire all denied\n</Directory>\n\
<Directory /var/www/>\nAllowOverride All\nRequire all granted\n</Directory>\n\
<FilesMatch \"^\\.ht\">\nRequire all denied\n</FilesMatch>\n\
<FilesMatch \".+\\.ph(?:ar|p|tml)$\">\nSetHandler application/x-httpd-php\n</FilesMatch>\n\
DirectoryIndex index.html index.php\nListen 80\n\
<VirtualHost *:80>\nServerName help.example.com\nDocumentRoot /var/www/deskpro\n\
<Location /admin>\nRequire ip 10.0.0.0/8\n</Location>\n</VirtualHost>\n";

const HTACCESS: &str = "\
RewriteEngine On\nRewriteRule (^|/)\\. - [F]\nRewriteCond %{REQUEST_FILENAME} !-f\n\
RewriteRule ^(.*)$ index.php [L,QSA]\n<Files config.php>\nOrder allow,deny\nDeny from all\n</Files>\n";

/// A handful of files, in memory, so that the model alone is measured.
struct Install;

impl Sources for Install {
    fn read(&self, path: &Path) -> Result<Source, String> {
        Ok(match path.to_str() {
            Some("/var/www/deskpro/.htaccess") => Source::Text(HTACCESS.as_bytes().to_vec()),
            Some("/etc/mime.types") => Source::Text(b"text/plain txt\ntext/html html\n".to_vec()),
            _ => Source::Missing,
        })
    }

    fn glob(&self, _: &Path) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }
}

impl Disk for Install {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        let directory = Entry::Directory {
            readable: true,
            enterable: true,
        };
        Ok(match path.to_str().map(|path| path.trim_end_matches('/')) {
            Some("" | "/var" | "/var/www" | "/var/www/deskpro" | "/var/www/deskpro/data") => {
                directory
            }
            Some(
                "/var/www/deskpro/.htaccess"
                | "/var/www/deskpro/index.php"
                | "/var/www/deskpro/config.php"
                | "/var/www/deskpro/data/log.txt",
            ) => Entry::File { readable: true },
            _ => Entry::Missing,
        })
    }

    fn links(&self, _: &Path) -> Result<Links, String> {
        Ok(Links::None)
    }
}

fn main() {
    let start = Start {
        server_root: "/etc/apache2".into(),
        variables: Variables::default(),
    };
    let config = parse(
        Path::new("/etc/apache2/apache2.conf"),
        APACHE.as_bytes(),
        start,
        &Install,
    );
    let model = Model::new(&config, &Setup::default(), &Install);
    let from = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
    let urls = [
        "/",
        "/index.php/admin/",
        "/config.php",
        "/data/log.txt",
        "/admin/",
        "/tickets/12",
        "/.git/config",
    ];
    let requests: Vec<Request> = urls
        .iter()
        .filter_map(|url| Request::new(&format!("http://help.example.com{url}"), from).ok())
        .collect();
    for request in &requests {
        let answer = model.answer(request, &Install);
        println!(
            "{:24} {} {:?}",
            request.url(),
            answer.decision.word(),
            answer.status
        );
    }
    let rounds = 2_000;
    let begun = Instant::now();
    for _ in 0..rounds {
        for request in &requests {
            std::hint::black_box(model.answer(request, &Install));
        }
    }
    let spent = begun.elapsed().as_secs_f64();
    let decisions = f64::from(rounds) * requests.len() as f64;
    println!("apache: {:.0} decisions a second", decisions / spent);
}

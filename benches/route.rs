//! Decisions a second of the nginx model on an ordinary configuration, against a disk that answers
//! at once. Prints the best of five rounds; says nothing about the disk.

#![allow(clippy::print_stdout)]

use deskguard::route::{
    Disk, Entry, Fpm, Links, Model, NoSources, Request, Source, Sources, nginx,
};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::time::Instant;

const CONFIG: &str = r"
events {}
http {
  include mime.types;
  server { listen 80 default_server; server_name _; return 444; }
  server { listen 80; server_name help.example.com; return 301 https://$host$request_uri; }
  server {
    listen 443 ssl;
    server_name help.example.com support.example.com;
    root /var/www/deskpro;
    index index.php index.html;
    error_page 404 /index.php;
    location / { try_files $uri $uri/ /index.php?$args; }
    location /data/ { deny all; }
    location ^~ /app/ { deny all; }
    location ~ /\. { deny all; }
    location /admin { allow 10.0.0.0/8; allow 192.168.0.0/16; deny all; try_files $uri /index.php; }
    location ~* \.(?:css|js|png|jpg|svg|woff2)$ { expires 7d; try_files $uri =404; }
    location ~ \.php(/|$) {
      fastcgi_split_path_info ^(.+\.php)(/.*)$;
      try_files $fastcgi_script_name =404;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_pass unix:/run/php/php-fpm.sock;
    }
  }
}
";

const TARGETS: &[&str] = &[
    "/",
    "/agent/tickets/123?view=full",
    "/data/secret.txt",
    "/data/evil.php",
    "/index.php/admin/",
    "/admin/",
    "/app/config.php",
    "/.git/config",
    "/assets/app.js",
    "/a/..%2f../config.php",
];

/// Files whose names hold a dot exist, all else is missing.
struct AtOnce;

impl Sources for AtOnce {
    fn read(&self, _: &Path) -> Result<Source, String> {
        Ok(Source::Missing)
    }

    fn glob(&self, _: &Path) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }
}

impl Disk for AtOnce {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        Ok(match path.extension() {
            Some(_) => Entry::File { readable: true },
            None => Entry::Missing,
        })
    }

    fn links(&self, _: &Path) -> Result<Links, String> {
        Ok(Links::None)
    }
}

fn main() {
    let tree = nginx::parse(
        Path::new("/etc/nginx/nginx.conf"),
        CONFIG.as_bytes(),
        &NoSources,
    );
    let start = nginx::Start::with_prefix(Path::new("/usr/share/nginx"));
    let model = nginx::Model::new(&tree, &start, vec![Fpm::default()]);
    let from = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));
    let requests: Vec<Request> = TARGETS
        .iter()
        .filter_map(|target| Request::new(&format!("https://help.example.com{target}"), from).ok())
        .collect();
    let rounds = 20_000;
    let mut best = 0.0_f64;
    for _ in 0..5 {
        let begin = Instant::now();
        let mut reasons = 0;
        for _ in 0..rounds {
            for request in &requests {
                reasons += model.answer(request, &AtOnce).because.len();
            }
        }
        let decisions = (rounds * requests.len()) as f64;
        best = best.max(decisions / begin.elapsed().as_secs_f64());
        assert!(reasons > 0);
    }
    println!("nginx: {best:.0} decisions a second, reasons included");
}

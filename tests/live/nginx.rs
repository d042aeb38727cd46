//! nginx with PHP-FPM: every live check passes on a hardened site, and fails on one fault after the other.

use crate::certificate::{self, Kind};
use crate::install::{Install, asking};
use crate::process::{Process, free_port, listens, open_folder, php_fpm};
use crate::verdict::{Report, audit};
use std::fs;
use std::process::Command;

const HARDENED: &str = r#"
daemon off; pid {dir}/nginx.pid; error_log {dir}/error.log;
{user}
events {}
http {
  access_log off; server_tokens off; include /etc/nginx/mime.types;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  server {
    listen 127.0.0.1:{plain}; server_name localhost;
    location / { return 301 https://localhost:{tls}$request_uri; }
  }
  server {
    listen 127.0.0.1:{tls} ssl; server_name localhost;
    ssl_certificate {dir}/site.pem; ssl_certificate_key {dir}/site.key;
    ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers DEFAULT;
    root {root}; index index.php;
    add_header Strict-Transport-Security "max-age=31536000" always;
    add_header X-Content-Type-Options nosniff always;
    add_header X-Frame-Options SAMEORIGIN always;
    add_header Referrer-Policy same-origin always;
    fastcgi_hide_header X-Powered-By;
    location ^~ /data/ { return 403; }
    location ~ /\. { return 403; }
    location ~ ^/(app|plugins|config|cron|cmd|import|upgrade) { return 403; }
    location / { try_files $uri /index.php$is_args$args; }
    location ~ ^/index\.php(/|$) {
      fastcgi_split_path_info ^(/index\.php)(.*)$;
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME {root}/index.php;
      fastcgi_param PATH_INFO $fastcgi_path_info;
      fastcgi_pass unix:{dir}/fpm.sock;
    }
    location ~ \.php { return 403; }
  }
}
"#;

/// A running site.
pub(crate) struct Site {
    _nginx: Process,
    _fpm: Process,
    folder: tempfile::TempDir,
    pub(crate) plain: u16,
    tls: u16,
}

impl Site {
    /// The hardened configuration with words replaced.
    pub(crate) fn start(install: &Install, kind: Kind, faults: &[(&str, &str)], php: &str) -> Self {
        let folder = open_folder();
        let dir = folder.path();
        certificate::write(dir, kind);
        let (plain, tls) = (free_port(), free_port());
        let mut config = HARDENED.to_owned();
        for (from, to) in faults {
            assert!(config.contains(from), "{from}");
            config = config.replacen(from, to, 1);
        }
        let user = if rustix::process::geteuid().is_root() {
            "user www-data;"
        } else {
            ""
        };
        for (mark, value) in [
            ("{dir}", dir.to_str().unwrap()),
            ("{root}", install.root.to_str().unwrap()),
            ("{user}", user),
            ("{plain}", &plain.to_string()),
            ("{tls}", &tls.to_string()),
        ] {
            config = config.replace(mark, value);
        }
        fs::write(dir.join("nginx.conf"), config).unwrap();
        // For those that include it.
        let more = "add_header X-Own 1;\nadd_header Referrer-Policy unsafe-url;\n";
        fs::write(dir.join("more.conf"), more).unwrap();
        let fpm = php_fpm(dir, php);
        let mut command = Command::new("/usr/sbin/nginx");
        command
            .arg("-p")
            .arg(dir)
            .arg("-c")
            .arg(dir.join("nginx.conf"));
        command.arg("-e").arg(dir.join("error.log"));
        let nginx = Process::start(&mut command, &dir.join("nginx.out"), || listens(tls));
        Self {
            _nginx: nginx,
            _fpm: fpm,
            folder,
            plain,
            tls,
        }
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn secure_url(&self) -> String {
        format!("https://localhost:{}/", self.tls)
    }

    fn audit(&self, install: &Install) -> Report {
        let url = format!("http://localhost:{}/", self.plain);
        audit(install, &url, &self.folder.path().join("ca.pem"), &[])
    }
}

/// Checks that rest on live answers alone.
const LIVE: [&str; 7] = [
    "data/forbidden-live",
    "web/https-only",
    "web/tls-modern",
    "web/hsts-set",
    "web/headers-set",
    "web/cookies-protected",
    "web/versions-hidden",
];

/// The fault's own checks fail, the evidence of the first holds `shows`, all others pass.
fn one_fault(checks: &[&str], shows: &str, kind: Kind, faults: &[(&str, &str)], php: &str) {
    let install = Install::v4();
    let site = Site::start(&install, kind, faults, php);
    let report = site.audit(&install);
    for id in LIVE {
        let expected = if checks.contains(&id) { "fail" } else { "pass" };
        assert_eq!(report.outcome(id), expected, "{id}: {}", report.says(id));
    }
    if let Some(first) = checks.first() {
        assert!(report.says(first).contains(shows), "{}", report.says(first));
    }
}

#[test]
fn a_hardened_site_passes() {
    one_fault(&[], "", Kind::Good, &[], "");
}

#[test]
fn data_is_served() {
    let open = &[("location ^~ /data/ { return 403; }", "")];
    one_fault(
        &["data/forbidden-live"],
        "logs/error.log",
        Kind::Good,
        open,
        "",
    );
}

/// The rule is there, and a regular expression wins over it: the marker is refused, the log is not.
#[test]
fn a_regular_expression_beats_the_rule() {
    let faults = &[(
        "location ^~ /data/ { return 403; }",
        "location /data/ { return 403; } location ~ \\.log$ { }",
    )];
    one_fault(
        &["data/forbidden-live"],
        "logs/error.log in the data directory",
        Kind::Good,
        faults,
        "",
    );
}

#[test]
fn plain_http_answers() {
    let faults = &[(
        "location / { return 301 https://localhost:{tls}$request_uri; }",
        "location = / { return 301 https://localhost:{tls}/; } location / { root {root}; include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME {root}/index.php; fastcgi_pass unix:{dir}/fpm.sock; }",
    )];
    one_fault(&["web/https-only"], "/agent/", Kind::Good, faults, "");
}

#[test]
fn old_tls_is_accepted() {
    let faults = &[(
        "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers DEFAULT;",
        "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0;",
    )];
    one_fault(
        &["web/tls-modern"],
        "TLS 1.0 and TLS 1.1",
        Kind::Good,
        faults,
        "",
    );
}

#[test]
fn certificates() {
    for (kind, shows) in [
        (Kind::Expired, "it has expired"),
        (Kind::EndsSoon, "valid until"),
        (
            Kind::WrongName,
            "it is for other.example.com, not for localhost",
        ),
        (
            Kind::SelfSigned,
            "nobody whom this machine trusts has signed it",
        ),
        (Kind::OwnAuthority, "self-signed"),
    ] {
        one_fault(&["web/tls-modern"], shows, kind, &[], "");
    }
}

#[test]
fn headers_are_missing() {
    for (check, shows, line) in [
        (
            "web/hsts-set",
            "is not sent",
            "add_header Strict-Transport-Security \"max-age=31536000\" always;",
        ),
        (
            "web/headers-set",
            "nosniff",
            "add_header X-Content-Type-Options nosniff always;",
        ),
        (
            "web/headers-set",
            "X-Frame-Options",
            "add_header X-Frame-Options SAMEORIGIN always;",
        ),
        (
            "web/headers-set",
            "Referrer-Policy",
            "add_header Referrer-Policy same-origin always;",
        ),
    ] {
        one_fault(&[check], shows, Kind::Good, &[(line, "")], "");
    }
}

#[test]
fn versions_are_announced() {
    let tokens = &[("server_tokens off;", "")];
    one_fault(&["web/versions-hidden"], "nginx/", Kind::Good, tokens, "");
    let php = &[("fastcgi_hide_header X-Powered-By;", "")];
    one_fault(&["web/versions-hidden"], "PHP/", Kind::Good, php, "");
}

#[test]
fn a_cookie_without_a_mark() {
    let install = Install::v4();
    let index = fs::read_to_string(install.root.join("index.php")).unwrap();
    install.write("index.php", &index.replace("; HttpOnly", ""));
    let site = Site::start(&install, Kind::Good, &[], "");
    let report = site.audit(&install);
    assert_eq!(report.outcome("web/cookies-protected"), "fail");
    let says = report.says("web/cookies-protected");
    assert!(
        says.contains("dpsid-agent is set without HttpOnly"),
        "{says}"
    );
    assert!(!says.contains("SameSite"), "{says}");
}

/// An https address is asked as it is, and its plain neighbour is another site's.
#[test]
fn an_https_address() {
    let install = Install::v4();
    let site = Site::start(&install, Kind::Good, &[], "");
    let url = format!("https://localhost:{}/", site.tls);
    let report = audit(&install, &url, &site.folder.path().join("ca.pem"), &[]);
    for id in ["data/forbidden-live", "web/tls-modern", "web/hsts-set"] {
        assert_eq!(report.outcome(id), "pass", "{id}: {}", report.says(id));
    }
    // Without a trust store nobody can tell.
    let nothing = site.folder.path().join("nginx.conf");
    let report = audit(&install, &url, &nothing, &[]);
    assert_eq!(report.outcome("web/tls-modern"), "unknown");
    assert!(report.says("web/tls-modern").contains("no trust store"));
    assert_eq!(report.outcome("data/forbidden-live"), "pass");
}

/// The configuration predicts every answer of the server that runs by it; after an edit without a reload
/// it does not.
#[test]
fn the_configuration_and_the_answers() {
    let install = Install::v4();
    let site = Site::start(&install, Kind::Good, &[], "");
    let url = format!("http://localhost:{}/", site.plain);
    let config = site.folder.path().join("nginx.conf");
    let visit = || install.ask_beside(asking(&url), Some(config.clone())).live;
    let live = visit();
    let known = live
        .predicted
        .rows
        .iter()
        .filter(|row| row.decision.known().is_some());
    println!(
        "{} of {} answers were predicted",
        known.count(),
        live.exchanges.rows.len()
    );
    assert_eq!(live.disagreements.rows, []);
    assert_eq!(live.disagreements.missed, Vec::<String>::new());
    let text = fs::read_to_string(&config).unwrap();
    let edited = text.replace("location ^~ /data/ { return 403; }", "");
    assert_ne!(edited, text);
    fs::write(&config, edited).unwrap();
    let live = visit();
    let rows = &live.disagreements.rows;
    let row = rows
        .iter()
        .find(|row| row.url.ends_with("/data/index.html"))
        .unwrap();
    assert_eq!(
        (row.live.as_str(), row.model.as_str()),
        ("denied 403", "static 200")
    );
    assert!(row.path.ends_with("nginx.conf") && row.line > 0, "{row:?}");
}

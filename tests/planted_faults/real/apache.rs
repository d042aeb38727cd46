//! Apache with its PHP module.

use super::mended::Round;
use super::real_apache::{Apache, exchange, free_port, preamble};
use super::{Answer, CHECKS, Fault, STRANGER, alone, audit, request};
use crate::accounts::{ROOT, WEB};
use crate::hardened::Kind;
use crate::judged::{evidence, said};
use crate::tree::Install;
use deskguard::report::Outcome;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

/// Where faults are put in.
const MARK: &str = "# here\n";

struct Site {
    install: Install,
    folder: PathBuf,
    to: SocketAddr,
}

impl Site {
    fn new() -> Self {
        let install = Kind::V4.make();
        install.dir("host:run", ROOT, 0o755);
        let local = IpAddr::V4(Ipv4Addr::LOCALHOST);
        Self {
            folder: install.at("host:run"),
            to: SocketAddr::new(local, free_port(23_300..23_900)),
            install,
        }
    }

    /// What an admin has who did all that the guide and common sense ask for.
    fn sound(&self) -> String {
        let root = self.install.at("");
        format!(
            r#"{}Listen {to}
AddType text/css .css
<Directory />
    AllowOverride None
    Require all denied
</Directory>
php_admin_flag display_errors off
php_admin_flag expose_php off
php_admin_flag session.cookie_httponly on
<VirtualHost {to}>
    ServerName help.example.com
    DocumentRoot {root}
    DirectoryIndex index.php
    <Directory {root}>
        Options -Indexes
        Require all granted
        FallbackResource /index.php
    </Directory>
    <FilesMatch "\.(php|phtml|phar)$">
        SetHandler application/x-httpd-php
        Require all denied
    </FilesMatch>
    <FilesMatch "^(index|file|dp|get_messages)\.php$">
        Require all granted
    </FilesMatch>
    <FilesMatch "^\.|~$|\.(bak|old|orig|save|sql|zip|gz|log|dat|bat|config|trigger)$">
        Require all denied
    </FilesMatch>
    <LocationMatch "^/+(index\.php/+)?(admin|billing|reports|agent|api)(/|$)">
        Require ip 10.0.0.0/8
    </LocationMatch>
    <DirectoryMatch "^{root}/(app|plugins)">
        Require all denied
    </DirectoryMatch>
    {MARK}</VirtualHost>
"#,
            preamble(&self.folder),
            to = self.to,
            root = root.display()
        )
    }

    fn start(&self, text: &str) -> Apache {
        std::fs::write(self.config(), text).unwrap();
        Apache::start(&self.folder, &self.config(), self.to)
    }

    fn ask(&self, target: &str, header: &str) -> Answer {
        self.ask_from(STRANGER, target, header)
    }

    fn ask_from(&self, from: Ipv4Addr, target: &str, header: &str) -> Answer {
        let reply = exchange(from.into(), self.to, &request(target, header)).unwrap();
        Answer {
            status: reply.status,
            body: reply.body,
        }
    }

    fn config(&self) -> PathBuf {
        self.folder.join("apache2.conf")
    }
}

#[test]
fn a_hardened_apache_passes() {
    let _alone = alone();
    let site = Site::new();
    let _apache = site.start(&site.sound());
    let report = audit(&site.install, &site.config());
    for id in CHECKS {
        let check = said(&report, id);
        let shown = (check.reason.clone(), evidence(check));
        assert_eq!(check.outcome, Outcome::Pass, "{id} {shown:#?}");
    }
    for (target, status) in [
        ("/index.php/admin/", 403),
        ("/agent/", 403),
        ("/cmd.php", 403),
        ("/app/src/Controller.php", 403),
        ("/web/site.css", 200),
    ] {
        assert_eq!(site.ask(target, "").status, status, "{target}");
    }
}

const FAULTS: &[Fault] = &[
    Fault::new(
        "an alias into the data",
        (
            MARK,
            "Alias /d {data}\n<Directory {data}>\nRequire all granted\nAllowOverride None\n</Directory>\n",
        ),
        &["data/not-served"],
        "/d/index.html",
        |it| it.body.contains("DESKPRO_READABLE_FILE"),
    ),
    Fault::new(
        "scripts in the data run",
        (
            MARK,
            "Alias /d {data}\n<Directory {data}>\nRequire all denied\nAllowOverride None\n<FilesMatch \"\\.php$\">\nRequire all granted\n</FilesMatch>\n</Directory>\n",
        ),
        &["data/not-executed", "web/writable-never-executed"],
        "/d/files/evil.php",
        |it| it.body == "ran42",
    )
    .planting(|it| it.file("data:files/evil.php", WEB, 0o640, "<?php echo 'ran', 6 * 7;")),
    Fault::new(
        "an .htaccess may switch PHP on",
        (
            MARK,
            "Alias /d {data}\n<Directory {data}>\nRequire all denied\nAllowOverride All\n</Directory>\n",
        ),
        &["data/not-executed", "web/writable-never-executed"],
        "/d/files/evil.gif",
        |it| it.body == "ran42",
    )
    .planting(|it| {
        it.file("data:files/evil.gif", WEB, 0o640, "<?php echo 'ran', 6 * 7;");
        let text = "SetHandler application/x-httpd-php\nRequire all granted\nOrder allow,deny\nAllow from all\n";
        it.file("data:files/.htaccess", WEB, 0o640, text);
    }),
    Fault::new(
        "source is served",
        (
            MARK,
            "<Files cmd.php>\nRequire all granted\nSetHandler none\n</Files>\n",
        ),
        &["web/source-not-served"],
        "/cmd.php",
        |it| it.body.contains("<?php // cmd"),
    ),
    Fault::new(
        "a listing",
        (MARK, "<Directory {root}/web>\nOptions +Indexes\nFallbackResource disabled\n</Directory>\n"),
        &["web/no-directory-listing"],
        "/web/",
        |it| it.body.contains("Index of") && it.body.contains("site.css"),
    ),
    Fault::new(
        "only one door of admin is closed",
        ("(index\\.php/+)?(admin|billing|reports|agent|api)", "(admin|billing|reports|(index\\.php/+)?(agent|api))"),
        &["web/admin-restricted"],
        "/index.php/admin/",
        |it| it.status == 200,
    ),
    Fault::new(
        "a status page",
        (MARK, "<Location /server-status>\nSetHandler server-status\n</Location>\n"),
        &["web/diagnostics-closed"],
        "/server-status",
        |it| it.body.contains("Apache Server Status"),
    ),
    Fault::new(
        "everybody is a proxy",
        (MARK, "RemoteIPHeader X-Forwarded-For\nRemoteIPInternalProxy 0.0.0.0/1\n"),
        &["web/client-address-trustworthy"],
        "/index.php/admin/",
        |it| it.status == 200,
    )
    .with("X-Forwarded-For: 10.0.0.1"),
    Fault::new(
        "errors are shown",
        ("php_admin_flag display_errors off", "php_admin_flag display_errors on"),
        &["server/php-hardened"],
        "/",
        |it| it.body.contains("Warning"),
    )
    .planting(|it| {
        let text = it.read("index.php");
        it.rewrite("index.php", text.replace("require DP_ROOT", "echo $nothing; require DP_ROOT"));
    }),
];

#[test]
fn apache_s_faults_fail_and_are_true() {
    let _alone = alone();
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let mut site = Site::new();
        (fault.plant)(&mut site.install);
        let text = fault.text(&site.install, &site.sound());
        let apache = site.start(&text);
        let answer = site.ask(fault.target, fault.header);
        let report = audit(&site.install, &site.config());
        wrong.extend(fault.complaint(&report, &answer));
        drop(apache);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn apache_s_faults_are_mended_and_come_back() {
    let _alone = alone();
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let mut site = Site::new();
        (fault.plant)(&mut site.install);
        let text = fault.text(&site.install, &site.sound());
        let _apache = site.start(&text);
        let round = Round {
            faults: vec![fault],
            install: &site.install,
            config: site.config(),
            edits: site.config(),
            ask: &|from, target, header| site.ask_from(from, target, header),
        };
        wrong.extend(round.trip());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Several faults of one virtual host, mended by one plan.
#[test]
fn many_faults_of_apache_at_once() {
    let _alone = alone();
    let names = [
        "an alias into the data",
        "source is served",
        "a listing",
        "only one door of admin is closed",
        "a status page",
    ];
    let faults: Vec<&Fault> = FAULTS
        .iter()
        .filter(|fault| names.contains(&fault.name))
        .collect();
    assert_eq!(faults.len(), names.len());
    let mut site = Site::new();
    let mut text = site.sound();
    for fault in &faults {
        (fault.plant)(&mut site.install);
        let (from, to) = fault.change;
        let kept = if from == MARK {
            format!("{to}{MARK}")
        } else {
            to.to_owned()
        };
        text = text.replacen(from, &site.install.spell(&kept), 1);
    }
    let _apache = site.start(&text);
    let round = Round {
        faults,
        install: &site.install,
        config: site.config(),
        edits: site.config(),
        ask: &|from, target, header| site.ask_from(from, target, header),
    };
    let wrong = round.trip();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

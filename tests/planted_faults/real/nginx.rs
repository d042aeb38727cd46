//! nginx with PHP-FPM.

use super::mended::Round;
use super::php_fpm::PhpFpm;
use super::real_nginx::{Nginx, Ports, http_preamble, preamble, send};
use super::{Answer, CHECKS, Fault, STRANGER, alone, audit, request};
use crate::accounts::{OWNER, ROOT, WEB};
use crate::hardened::{Kind, nginx};
use crate::judged::{evidence, said};
use crate::tree::Install;
use deskguard::report::Outcome;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

const SERVED: &str = "data/not-served";
const RUN: &str = "data/not-executed";
const WRITABLE: &str = "web/writable-never-executed";
const LISTEN: &str = "    if ($refused)";

/// A hardened v4 behind a running nginx.
pub(super) struct Site {
    pub(super) install: Install,
    pub(super) folder: PathBuf,
    fpm: PhpFpm,
    pub(super) port: u16,
    _ports: Ports,
}

impl Site {
    pub(super) fn new(pool: &str) -> Self {
        let install = Kind::V4.make();
        install.dir("host:run", ROOT, 0o755);
        let folder = install.at("host:run");
        let ports = Ports::claim(23_100, 1);
        Self {
            fpm: PhpFpm::start(&folder, pool),
            port: ports.all[0],
            _ports: ports,
            install,
            folder,
        }
    }

    /// The hardened configuration, for this port and this pool.
    pub(super) fn sound(&self) -> String {
        let root = self.install.at("").display().to_string();
        let text = nginx::text(&root, "app|plugins|data");
        let start = "user www-data;\nevents {}\nhttp {\n";
        assert!(text.starts_with(start));
        text.replace(
            start,
            &format!(
                "{}http {{\n{}",
                preamble(&self.folder),
                http_preamble(&self.folder)
            ),
        )
        .replace("listen 80;", &format!("listen 127.0.0.1:{};", self.port))
        .replace("/run/php/php-fpm.sock", &self.fpm.socket.to_string_lossy())
    }

    pub(super) fn ask(&self, target: &str, header: &str) -> Answer {
        self.ask_from(STRANGER, target, header)
    }

    pub(super) fn ask_from(&self, from: Ipv4Addr, target: &str, header: &str) -> Answer {
        let to = Ipv4Addr::LOCALHOST;
        let reply = send(from, to, self.port, &request(target, header)).unwrap();
        Answer {
            status: reply.status.unwrap_or_default(),
            body: reply.body_text(),
        }
    }

    pub(super) fn config(&self) -> PathBuf {
        self.folder.join("nginx.conf")
    }
}

#[test]
fn a_hardened_nginx_passes() {
    let _alone = alone();
    let site = Site::new("");
    let _nginx = Nginx::start(&site.folder, &site.sound(), site.port);
    assert_eq!(site.ask("/", "").status, 200);
    let report = audit(&site.install, &site.config());
    for id in CHECKS {
        let check = said(&report, id);
        let shown = (check.reason.clone(), evidence(check));
        assert_eq!(check.outcome, Outcome::Pass, "{id} {shown:#?}");
    }
    for (target, status) in [
        ("/", 200),
        ("/index.php/portal", 200),
        ("/index.php/admin/", 403),
        ("/agent/", 403),
        ("/cmd.php", 404),
        ("/.htaccess", 404),
        ("/app/src/Controller.php", 403),
    ] {
        assert_eq!(site.ask(target, "").status, status, "{target}");
    }
}

const FAULTS: &[Fault] = &[
    Fault::new(
        "an alias into the data",
        (LISTEN, "    location ^~ /d/ { alias {data}/; }\n    if ($refused)"),
        &[SERVED],
        "/d/index.html",
        |it| it.body.contains("DESKPRO_READABLE_FILE"),
    ),
    Fault::new(
        "a pattern that beats a prefix",
        (LISTEN, "    location /d/ { alias {data}/; deny all; location ~ \\.html$ { allow all; } }\n    if ($refused)"),
        &[SERVED],
        "/d/index.html",
        |it| it.body.contains("DESKPRO_READABLE_FILE"),
    ),
    Fault::new(
        "scripts in the data run",
        (
            LISTEN,
            "    location ^~ /d/ { alias {data}/; location ~ \\.php$ { fastcgi_param REQUEST_METHOD GET; fastcgi_param SCRIPT_FILENAME $request_filename; fastcgi_pass unix:{host}/run/php.sock; } return 403; }\n    if ($refused)",
        ),
        &[RUN, WRITABLE],
        "/d/files/evil.php",
        |it| it.body == "ran42",
    )
    .planting(|it| it.file("data:files/evil.php", WEB, 0o640, "<?php echo 'ran', 6 * 7;")),
    Fault::new(
        "the configuration is served",
        (LISTEN, "    location ^~ /c/ { alias {host}/srv/private/helpdesk/; }\n    if ($refused)"),
        &["web/config-not-served"],
        "/c/config.php",
        |it| it.body.contains("nS7-pLq0_vTz92"),
    ),
    Fault::new(
        "source is served",
        (LISTEN, "    location = /cmd.php { }\n    if ($refused)"),
        &["web/source-not-served"],
        "/cmd.php",
        |it| it.body.contains("<?php // cmd"),
    ),
    Fault::new(
        "every script runs",
        ("^/(index|file|dp|get_messages)\\.php(/|$)", "\\.php(/|$)"),
        &["web/only-entry-points-execute"],
        "/upgrade.php",
        |it| it.body == "upgrading",
    )
    .planting(|it| it.file("upgrade.php", OWNER, 0o644, "<?php echo 'upgrading';")),
    Fault::new(
        "a listing",
        (LISTEN, "    location /web/ { autoindex on; }\n    if ($refused)"),
        &["web/no-directory-listing"],
        "/web/",
        |it| it.body.contains("Index of") && it.body.contains("site.css"),
    ),
    Fault::new(
        "only one door of admin is closed",
        ("(index\\.php/+)?(admin|", "(index\\.php/+(agent|api)|admin|"),
        &["web/admin-restricted"],
        "/index.php/admin/",
        |it| it.body == "front",
    )
    .planting(front),
    Fault::new(
        "the agent interface is open",
        ("|agent|api|", "|"),
        &["web/agent-restricted"],
        "/agent/",
        |it| it.body == "front",
    )
    .planting(front),
    Fault::new(
        "the installer is open",
        (LISTEN, LISTEN),
        &["web/installer-closed"],
        "/index.php/install/",
        |it| it.body == "front",
    )
    .planting(|it| {
        front(it);
        // The product asks for its mark.
        let mark = it.at("data:is_installed.dat").display().to_string();
        let asks = format!("echo strpos(implode(' ', $_SERVER), '/install') && file_exists('{mark}') ? 'installed' : 'front'");
        it.rewrite("index.php", it.read("index.php").replace("echo 'front'", &asks));
        it.remove("data:is_installed.dat");
    }),
    Fault::new(
        "a status page",
        (LISTEN, "    location = /nginx_status { stub_status; }\n    if ($refused)"),
        &["web/diagnostics-closed"],
        "/nginx_status",
        |it| it.body.contains("Active connections"),
    ),
    Fault::new(
        "everybody is a proxy",
        (
            "  geo $outsider",
            "  set_real_ip_from 0.0.0.0/0; real_ip_header X-Forwarded-For;\n  geo $outsider",
        ),
        &["web/client-address-trustworthy"],
        "/admin/",
        |it| it.status == 200,
    )
    .with("X-Forwarded-For: 10.0.0.1"),
];

/// A front controller that shows itself.
fn front(it: &mut Install) {
    let text = it.read("index.php");
    it.rewrite(
        "index.php",
        text.replace("require DP_ROOT", "echo 'front'; exit; require DP_ROOT"),
    );
    it.rewrite("admin/index.php", "<?php echo 'front';");
    it.rewrite("agent/index.php", "<?php echo 'front';");
}

#[test]
fn nginx_s_faults_fail_and_are_true() {
    let _alone = alone();
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let mut site = Site::new("");
        (fault.plant)(&mut site.install);
        let text = fault.text(&site.install, &site.sound());
        let _nginx = Nginx::start(&site.folder, &text, site.port);
        // Workers that have answered have their titles.
        site.ask("/", "");
        let answer = site.ask(fault.target, fault.header);
        let report = audit(&site.install, &site.config());
        wrong.extend(fault.complaint(&report, &answer));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nginx_s_faults_are_mended_and_come_back() {
    let _alone = alone();
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let mut site = Site::new("");
        (fault.plant)(&mut site.install);
        let text = fault.text(&site.install, &site.sound());
        let _nginx = Nginx::start(&site.folder, &text, site.port);
        site.ask("/", "");
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

#[test]
fn a_change_that_was_not_loaded_fails_until_it_is() {
    let _alone = alone();
    let site = Site::new("");
    let nginx = Nginx::start(&site.folder, &site.sound(), site.port);
    let config = std::fs::File::options()
        .append(true)
        .open(site.config())
        .unwrap();
    let now = SystemTime::now();
    config.set_modified(now + Duration::from_secs(5)).unwrap();
    let loaded = |expected: Outcome| {
        let report = audit(&site.install, &site.config());
        let check = said(&report, "web/loaded-config-is-audited");
        assert_eq!(
            check.outcome,
            expected,
            "{:?} {:#?}",
            check.reason,
            evidence(check)
        );
    };
    loaded(Outcome::Fail);
    // The change is old, and nginx reads it.
    std::thread::sleep(Duration::from_secs(3));
    config.set_modified(now).unwrap();
    let prefix = site.folder.display().to_string();
    let reload = ["-s", "reload", "-p", &prefix, "-c"];
    let status = Command::new("nginx")
        .args(reload)
        .arg(site.config())
        .status()
        .unwrap();
    assert!(status.success());
    std::thread::sleep(Duration::from_secs(1));
    loaded(Outcome::Pass);
    drop(nginx);
}

#[test]
fn php_s_own_word_for_its_switches() {
    let _alone = alone();
    let site = Site::new("php_flag[allow_url_include] = on");
    let text =
        "<?php echo (int) ini_get('allow_url_include'), (int) ini_get('session.cookie_httponly');";
    site.install.file("index.php", OWNER, 0o644, text);
    let _nginx = Nginx::start(&site.folder, &site.sound(), site.port);
    let report = audit(&site.install, &site.config());
    let check = said(&report, "server/php-hardened");
    assert_eq!(check.outcome, Outcome::Fail);
    let shown = evidence(check);
    assert!(
        shown.len() == 1 && shown[0].contains("allow_url_include is on"),
        "{shown:?}"
    );
    assert!(site.ask("/", "").body.contains("11"));
}

#[test]
fn php_fpm_s_fault_is_mended_and_comes_back() {
    let _alone = alone();
    let fault = Fault::new(
        "PHP fetches code from elsewhere",
        (LISTEN, LISTEN),
        &["server/php-hardened"],
        "/",
        |it| it.body.starts_with("11"),
    );
    let site = Site::new("php_flag[allow_url_include] = on");
    let text =
        "<?php echo (int) ini_get('allow_url_include'), (int) ini_get('session.cookie_httponly');";
    site.install.file("index.php", OWNER, 0o644, text);
    let _nginx = Nginx::start(&site.folder, &site.sound(), site.port);
    let round = Round {
        faults: vec![&fault],
        install: &site.install,
        config: site.config(),
        edits: site.folder.join("fpm.conf"),
        ask: &|from, target, header| site.ask_from(from, target, header),
    };
    let wrong = round.trip();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Several faults of one server block, mended by one plan: their lines become one snippet.
#[test]
fn many_faults_of_nginx_at_once() {
    let _alone = alone();
    let names = [
        "an alias into the data",
        "the configuration is served",
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
    let mut site = Site::new("");
    let mut text = site.sound();
    for fault in &faults {
        (fault.plant)(&mut site.install);
        text = fault.text(&site.install, &text);
    }
    let _nginx = Nginx::start(&site.folder, &text, site.port);
    site.ask("/", "");
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

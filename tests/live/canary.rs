//! `--canary` against nginx and Apache: what is served and what is run, that nothing stays behind, and
//! that nothing is put anywhere without the flag.

use crate::certificate::Kind;
use crate::install::{Install, asking, given};
use crate::server::Server;
use crate::{apache, nginx};
use deskguard::facts::{Canary, Known, LiveFacts};
use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

/// What was seen, the data directory being as it was before.
fn visit(install: &Install, url: &str) -> LiveFacts {
    let data = install.root.join("data");
    let before = names(&data);
    let mut asking = asking(url);
    asking.canary = true;
    let live = install.ask(asking).live;
    assert_eq!(names(&data), before);
    assert_eq!(live.canary.placed, Known::Known(true), "{:?}", live.canary);
    assert_eq!(live.canary.left, Vec::<String>::new());
    live
}

fn saw(canary: &Canary) -> (bool, bool, bool) {
    let known = |fact: &Known<bool>| *fact.known().unwrap();
    (
        known(&canary.served),
        known(&canary.executed),
        known(&canary.source_served),
    )
}

#[test]
fn nginx_refuses_serves_and_runs() {
    let rule = "location ^~ /data/ { return 403; }";
    let run_all = "location ~ \\.php { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; fastcgi_pass unix:{dir}/fpm.sock; }";
    let last = "location ~ \\.php { return 403; }";
    for (faults, php, expected) in [
        (&[][..], "", (false, false, false)),
        (&[(rule, "")], "", (true, false, true)),
        // The text is served, the script is run, and so is the text with a path behind it.
        (
            &[(rule, ""), (last, run_all)],
            "security.limit_extensions =\nphp_admin_value[cgi.fix_pathinfo] = 1",
            (true, true, true),
        ),
    ] {
        let install = Install::v4();
        let site = nginx::Site::start(&install, Kind::Good, faults, php);
        let live = visit(&install, &format!("http://localhost:{}/", site.plain));
        assert_eq!(saw(&live.canary), expected, "{faults:?} {:#?}", live.canary);
        let shown = given(&live.data.rows)
            .iter()
            .any(|path| path.contains("deskguard-canary-"));
        assert_eq!(shown, expected.0);
        assert_eq!(live.proven.data_executed.shown, expected.1);
        if expected.1 {
            let text = live
                .canary
                .urls
                .iter()
                .any(|url| url.ends_with(".txt/x.php"));
            assert!(text, "{:?}", live.canary.urls);
        }
    }
}

#[test]
fn apache_runs_scripts_in_data_unless_told_otherwise() {
    let install = Install::v4();
    let site = apache::Site::start(&install, "");
    let live = visit(&install, &site.url());
    assert_eq!((saw(&live.canary).0, saw(&live.canary).1), (true, true));
    assert!(
        live.proven.data_executed.by.contains(".php"),
        "{:?}",
        live.proven.data_executed
    );
    drop(site);
    let off = format!(
        "<Directory {}/data>\nphp_admin_flag engine off\n</Directory>",
        install.root.display()
    );
    let site = apache::Site::start(&install, &off);
    assert!(!saw(&visit(&install, &site.url()).canary).1);
}

/// Without the flag the data directory is not even touched.
#[test]
fn nothing_is_put_anywhere_without_the_flag() {
    let install = Install::v4();
    let data = install.root.join("data");
    let before = fs::metadata(&data).unwrap().modified().unwrap();
    let server = Server::pages(|_| (200, String::new(), "by DeskPRO".into()));
    let live = install.live(&server.url());
    assert!(matches!(&live.canary.placed, Known::Unknown(why) if why.contains("--canary")));
    assert_eq!(fs::metadata(&data).unwrap().modified().unwrap(), before);
}

/// A signal that ends the program takes the markers away first, even while the server says nothing.
#[test]
fn signals_leave_nothing_behind() {
    for signal in [
        rustix::process::Signal::INT,
        rustix::process::Signal::TERM,
        rustix::process::Signal::HUP,
    ] {
        let install = Install::v4();
        let data = install.root.join("data");
        let before = names(&data);
        let server = Server::new(|target, _, stream| {
            use std::io::Write as _;
            if target.contains("canary") {
                std::thread::sleep(Duration::from_secs(20));
            }
            let _ = stream.write_all(
                b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nby DeskPRO",
            );
        });
        let mut child = Command::new(env!("CARGO_BIN_EXE_deskguard"))
            .arg("audit")
            .arg(&install.root)
            .args(["--generation", "v4", "--canary", "--url", &server.url()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let clock = Instant::now();
        while names(&data).len() < before.len() + 2 {
            assert!(
                clock.elapsed() < Duration::from_secs(10),
                "no marker was put"
            );
            assert!(child.try_wait().unwrap().is_none(), "it ended before");
            std::thread::sleep(Duration::from_millis(5));
        }
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(names(&data), before);
        assert_eq!(status.signal(), Some(signal.as_raw()), "{status:?}");
    }
}

#[test]
fn the_flag_needs_a_url_and_refuses_offline() {
    for (flags, part) in [
        (&["--canary"][..], "give --url"),
        (
            &["--canary", "--offline", "--url", "http://localhost/"],
            "--offline",
        ),
        (&["--url", "help.example.com"], "a URL looks like"),
    ] {
        let install = Install::v4();
        let mut command = assert_cmd::Command::cargo_bin("deskguard").unwrap();
        let output = command
            .arg("audit")
            .arg(&install.root)
            .args(flags)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(part), "{text}");
    }
}

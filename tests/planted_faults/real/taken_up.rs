//! How edits reach a running server: through the links that distributions make, and not at all where
//! the server refuses them.

use super::mended::Round;
use super::nginx::Site;
use super::php_fpm::PhpFpm;
use super::real_nginx::Nginx;
use super::{Fault, alone};
use deskguard::check::{Risk, StepKind};
use deskguard::fix::{Action, Plan, Server, Step};
use deskguard::host::Host;
use deskguard::mend::{World, apply, undo};
use deskguard::target::masters::{masters, workers};
use std::os::unix::fs::symlink;

const STARTED: &str = "2026-11-24T00:00:00Z";

#[test]
fn what_a_server_refuses_is_taken_back_at_once() {
    let _alone = alone();
    let site = Site::new("");
    let _nginx = Nginx::start(&site.folder, &site.sound(), site.port);
    let before = std::fs::read_to_string(site.config()).unwrap();
    let line = before.lines().position(|line| line.trim() == "server {");
    let step = Step {
        number: 0,
        kind: StepKind::Nginx,
        risk: Risk::Reload,
        run: String::new(),
        check: None,
        note: None,
        actions: vec![Action::Snippet {
            server: Server::Nginx,
            path: site.config().to_str().unwrap().to_owned(),
            line: u32::try_from(line.unwrap() + 1).unwrap(),
            expected: "server {".to_owned(),
            text: "no_such_thing on;".to_owned(),
        }],
    };
    let plan = Plan::of([("web/x", &step)]);
    let host = Host::default();
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().canonicalize().unwrap().join("journal");
    let mut world = World::new(&host, site.install.root.clone(), STARTED);
    let refused = apply(&mut world, &plan, &journal, &mut |_| {}).unwrap_err();
    let shown = refused.to_string();
    for part in [
        "nginx refuses the configuration",
        "no_such_thing",
        "is taken back",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    let now = || std::fs::read_to_string(site.config()).unwrap();
    assert_eq!(now(), before);
    assert_eq!(site.ask("/", "").status, 200);
    let mut world = World::new(&host, site.install.root.clone(), STARTED);
    undo(&mut world, &journal, &mut |_| {}).unwrap();
    assert_eq!(now(), before);
}

/// Debian's way: the main file includes a folder of links to the sites.
#[test]
fn a_site_behind_a_link_is_edited_where_it_is() {
    let _alone = alone();
    let fault = Fault::new(
        "a page beside the site's own",
        (
            "    if ($refused)",
            "    location = /cmd.php { }\n    if ($refused)",
        ),
        &["web/source-not-served"],
        "/cmd.php",
        |it| it.body.contains("<?php // cmd"),
    );
    let site = Site::new("");
    let text = fault.text(&site.install, &site.sound());
    let (main, server) = text.split_once("  server {").unwrap();
    let server = server.trim_end().strip_suffix('}').unwrap();
    // Links are followed only where nobody but root could have put them: not below /tmp.
    let folder = tempfile::tempdir_in("/var/lib").unwrap();
    for name in ["sites-available", "sites-enabled"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    let there = folder.path().join("sites-available/helpdesk");
    std::fs::write(
        &there,
        format!("server {{\r\n{}", server.replace('\n', "\r\n")),
    )
    .unwrap();
    let link = folder.path().join("sites-enabled/helpdesk");
    symlink("../sites-available/helpdesk", &link).unwrap();
    let main = format!(
        "{main}include {}/sites-enabled/*;\n}}\n",
        folder.path().display()
    );
    let _nginx = Nginx::start(&site.folder, &main, site.port);
    site.ask("/", "");
    let round = Round {
        faults: vec![&fault],
        install: &site.install,
        config: site.config(),
        edits: there,
        ask: &|from, target, header| site.ask_from(from, target, header),
    };
    let wrong = round.trip();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(link.is_symlink());
}

/// PHP-FPM's master starts itself anew, and its new workers are not known by their titles at once.
#[test]
fn after_a_reload_master_and_workers_are_seen_at_once() {
    let _alone = alone();
    let host = Host::default();
    for pool in ["", "pm = ondemand"] {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let _fpm = PhpFpm::start(&folder, pool);
        let step = Step {
            number: 0,
            kind: StepKind::Shell,
            risk: Risk::Reload,
            run: String::new(),
            note: None,
            check: None,
            actions: vec![Action::Reload {
                server: Server::PhpFpm,
                service: None,
            }],
        };
        let plan = Plan::of([("web/x", &step)]);
        for round in 0..8 {
            let mut world = World::new(&host, folder.clone(), STARTED);
            let journal = folder.join(format!("journal-{round}"));
            apply(&mut world, &plan, &journal, &mut |_| {}).unwrap();
            let found = masters(&host).0;
            let own = found.iter().find(|it| it.config == folder.join("fpm.conf"));
            let own = own.unwrap_or_else(|| panic!("{pool:?} {round}: no master"));
            let at_work = workers(&host, own).len();
            assert_eq!(at_work, usize::from(pool.is_empty()), "{pool:?} {round}");
        }
    }
}

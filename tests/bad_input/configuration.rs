//! Product configurations that cannot be understood: a finding or an unknown, and the rest of the
//! report as ever.

use crate::install::{CONFIG, Install, check, unknown};
use std::fs;

/// Checks that must not claim anything of a configuration that nobody understood.
const ABOUT_CONFIG: [&str; 5] = [
    "config/debug-off",
    "config/no-login-override",
    "config/no-placeholder-secrets",
    "config/proxy-trust-listed",
    "data/dir-configured",
];

#[test]
fn one_that_does_not_parse() {
    let it = Install::new();
    fs::write(
        it.at("config.php"),
        format!("{CONFIG}$DP_CONFIG['x'] = array(;\n"),
    )
    .unwrap();
    let report = it.report();
    let readable = check(&report, "config/readable");
    assert_eq!(readable["outcome"], "fail");
    let place = &readable["evidence"][0]["location"];
    assert_eq!(place["line"], 5, "{readable:#}");
}

#[test]
fn one_that_is_no_php() {
    let it = Install::new();
    fs::write(
        it.at("config.php"),
        [0xff, 0, 0x1b, b'[', b'3', b'1', b'm', b'\n'].repeat(1000),
    )
    .unwrap();
    it.report();
    it.text();
}

#[test]
fn one_of_fifty_megabytes() {
    let it = Install::new();
    let line = "$DP_CONFIG['x'] = 'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy';\n";
    let huge = format!("{CONFIG}{}", line.repeat((50 << 20) / line.len()));
    fs::write(it.at("config.php"), huge).unwrap();
    let report = it.report();
    let readable = check(&report, "config/readable");
    assert_eq!(readable["outcome"], "fail");
    assert_eq!(readable["evidence_total"], 1, "said once: {readable:#}");
    assert!(
        readable["evidence"][0]["message"]
            .as_str()
            .unwrap()
            .contains("is larger than 4 MiB"),
        "{readable:#}"
    );
    for id in ABOUT_CONFIG {
        assert!(unknown(&report, id).contains("is larger than"), "{id}");
    }
}

#[test]
fn one_that_is_missing() {
    let it = Install::new();
    fs::remove_file(it.at("config.php")).unwrap();
    let report = it.report();
    for id in ABOUT_CONFIG {
        assert!(
            unknown(&report, id).contains("config.php is not there"),
            "{id}"
        );
    }
}

#[test]
fn one_that_is_a_folder_or_a_fifo() {
    let it = Install::new();
    fs::remove_file(it.at("config.php")).unwrap();
    fs::create_dir(it.at("config.php")).unwrap();
    for id in ABOUT_CONFIG {
        assert!(unknown(&it.report(), id).contains("not a file"), "{id}");
    }
    fs::remove_dir(it.at("config.php")).unwrap();
    nix::unistd::mkfifo(&it.at("config.php"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    for id in ABOUT_CONFIG {
        assert!(unknown(&it.report(), id).contains("not a file"), "{id}");
    }
}

#[test]
fn a_loop_of_includes() {
    let it = Install::new();
    fs::write(
        it.at("config.php"),
        format!("{CONFIG}require __DIR__ . '/more.php';\n"),
    )
    .unwrap();
    fs::write(
        it.at("more.php"),
        "<?php\n$DP_CONFIG['debug']['dev'] = true;\ninclude __DIR__ . '/config.php';\n",
    )
    .unwrap();
    let report = it.report();
    assert_ne!(check(&report, "config/readable")["outcome"], "pass");
    assert_ne!(check(&report, "config/debug-off")["outcome"], "pass");
    fs::write(it.at("config.php"), format!("{CONFIG}require __FILE__;\n")).unwrap();
    it.report();
}

#[test]
fn nesting_without_end() {
    let it = Install::new();
    for (open, close) in [("array(", ")"), ("((", "))"), ("[", "]"), ("!", "")] {
        let deep = format!(
            "<?php\n$DP_CONFIG = {}1{};\n",
            open.repeat(50_000),
            close.repeat(50_000)
        );
        fs::write(it.at("config.php"), deep).unwrap();
        assert_ne!(check(&it.report(), "config/readable")["outcome"], "pass");
    }
}

#[test]
fn links_that_go_round() {
    let it = Install::new();
    fs::remove_file(it.at("config.php")).unwrap();
    std::os::unix::fs::symlink("config.php", it.at("config.php")).unwrap();
    it.report();
    fs::remove_file(it.at("index.php")).unwrap();
    std::os::unix::fs::symlink("index.php", it.at("index.php")).unwrap();
    it.report();
}

//! Whatever a file holds, reading it ends, and ends with an answer.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use deskguard::host::Host;
use deskguard::route::apache::{Start, Variables};
use deskguard::route::{NoSources, apache, kind, nginx};
use deskguard::target::schedule::is_product_command;
use deskguard::target::servers::look;
use proptest::prelude::*;
use std::path::Path;

/// Bytes among which those that mean something are frequent.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let telling = proptest::sample::select(&b"{}[]<>()#;\"'\\$%=-\n\r\t /*?a@&|`"[..]);
    proptest::collection::vec(prop_oneof![8 => telling, 1 => any::<u8>()], 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_is_read(mut text in text(), lua in any::<bool>()) {
        if lua {
            text.splice(0..0, *b"x_by_lua_block {");
        }
        let file = Path::new("/x");
        let _ = nginx::parse(file, &text, &NoSources);
        let _ = nginx::parse_dump(&[b"# configuration file /x:\n", text.as_slice()].concat());
        let start = Start { server_root: "/".into(), variables: Variables::default() };
        let _ = apache::parse(file, &text, start, &NoSources);
        let _ = kind(&text);
        let line = String::from_utf8_lossy(&text);
        let _ = is_product_command(&line, file);
        let _ = is_product_command(&format!("sudo -u x flock {line} su -c {line}"), file);
    }
}

/// Anybody may write a crontab; a huge one costs neither the audit's time nor its report.
#[test]
fn a_crontab_cannot_drown_the_audit() {
    let folder = tempfile::tempdir().unwrap();
    let tables = folder.path().join("var/spool/cron/crontabs");
    std::fs::create_dir_all(&tables).unwrap();
    let table = "* * * * * php /d/cron.php\nx\n* * * * * /s\n".repeat(50_000);
    std::fs::write(tables.join("mallory"), table).unwrap();
    std::fs::write(folder.path().join("s"), "#!/bin/sh\n").unwrap();
    let root = folder.path().to_owned();
    let servers = look(&Host { root }, Path::new("/d"), None);
    assert_eq!(servers.jobs.len(), 2000);
    assert_eq!(servers.missed.jobs.len(), 502);
    assert_eq!(servers.missed.jobs[1], "there are more than 2000 tasks");
}

//! What is asked of each generation, byte for byte, and what a careless server gives away of it.

use crate::install::{Install, given};
use crate::server::Server;
use std::fs;
use std::sync::{Arc, Mutex};

/// Serves files below a folder, `..` and all, and remembers what was asked.
fn careless(root: std::path::PathBuf) -> (Server, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&asked);
    let server = Server::pages(move |target| {
        heard.lock().unwrap().push(target.to_owned());
        let path = target.trim_start_matches('/');
        match fs::read_to_string(root.join(path)) {
            _ if target == "/" => (200, String::new(), "by DeskPRO".to_owned()),
            Ok(text) => (200, String::new(), text),
            Err(_) => (404, String::new(), "<title>No page</title>".to_owned()),
        }
    });
    (server, asked)
}

#[test]
fn paths_go_out_byte_for_byte() {
    let install = Install::v4();
    let (server, asked) = careless(install.root.join("nothing"));
    install.live(&server.url());
    let asked = asked.lock().unwrap();
    for path in [
        "/data/",
        "/data/index.html",
        "/%64ata/index.html",
        "/data%2findex.html",
        "/DATA/index.html",
        "//data/index.html",
        "/data//index.html",
        "/./data/index.html",
        "/%2e/data/index.html",
        "/x/../data/index.html",
        "/x/%2e%2e/data/index.html",
        "/index.php/../data/index.html",
        "/admin/dp-ping",
        "/index.php/admin/",
        "/.git/HEAD",
    ] {
        assert!(
            asked.iter().any(|it| it == path),
            "{path} was not asked for: {asked:#?}"
        );
    }
    let writes = asked
        .iter()
        .find(|it| it.contains("config-editor") || it.contains("migrations"));
    assert_eq!(writes, None, "a request that may change something");
}

#[test]
fn v5_published_as_a_whole() {
    let install = Install::v5();
    let (server, _) = careless(install.root.clone());
    let live = install.live(&server.url());
    let files = given(&live.files.rows);
    for path in [
        "/app/run/targets/test_ping.html",
        "/config/config.database.php",
        "/bin/cron",
    ] {
        assert!(files.contains(&path), "{path}: {files:?}");
    }
    let data = given(&live.data.rows);
    for path in ["/var/logs/error.log", "/backups/2026-01-02-database.sql"] {
        assert!(data.contains(&path), "{path}: {data:?}");
    }
    assert!(
        live.proven.config.by.contains("PHP source"),
        "{:?}",
        live.proven.config
    );
}

/// A server that lets `..` out of its folder (as CVE-2021-41773 did, and carelessly written ones do).
#[test]
fn v5_climbed_out_of() {
    let install = Install::v5();
    let (server, _) = careless(install.root.join("www"));
    let live = install.live(&server.url());
    let files = given(&live.files.rows);
    assert!(
        files.contains(&"/../config/config.database.php"),
        "{files:?}"
    );
    assert!(!files.contains(&"/config/config.database.php"), "{files:?}");
}

#[test]
fn v5_published_as_it_should_be() {
    let install = Install::v5();
    let server = Server::pages(|target| match target {
        "/" => (
            200,
            String::new(),
            "<title>Help</title>by DeskPRO".to_owned(),
        ),
        _ => (404, String::new(), "<title>No page</title>".to_owned()),
    });
    let live = install.live(&server.url());
    assert_eq!(given(&live.files.rows), Vec::<&str>::new());
    assert_eq!(given(&live.data.rows), Vec::<&str>::new());
}

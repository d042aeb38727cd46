//! `deskguard route` as a program: the form of its answers, dumps, headers, addresses, errors. Needs no
//! server: a configuration file alone is enough.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use assert_cmd::Command;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

struct Site {
    folder: tempfile::TempDir,
    root: PathBuf,
    config: PathBuf,
}

const CONFIG: &str = r"user www-data;
events {}
http {
  server {
    listen 8080;
    server_name help.example.com;
    root {ROOT};
    location / { return 404; }
    location /data/ { return 403; }
    location ~ \.log$ { expires 1d; }
    location /admin/ { allow 10.0.0.0/8; deny all; }
    location = /who { if ($http_x_a = b) { return 418; } return 302 https://other.example/$args; }
    location /lua/ { access_by_lua_block { ngx.exit(403) } }
  }
}
";

fn site() -> Site {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let root = folder.path().join("www");
    for directory in ["data", "admin"] {
        fs::create_dir_all(root.join(directory)).unwrap();
    }
    fs::write(root.join("data/error.log"), "x").unwrap();
    fs::write(root.join("admin/index.html"), "x").unwrap();
    let config = folder.path().join("nginx.conf");
    fs::write(&config, CONFIG.replace("{ROOT}", &root.to_string_lossy())).unwrap();
    Site {
        folder,
        root,
        config,
    }
}

impl Site {
    fn route(&self, args: &[&str]) -> Command {
        let mut command = Command::cargo_bin("deskguard").unwrap();
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        command
            .arg("route")
            .arg("--web-config")
            .arg(&self.config)
            .args(args);
        command
    }

    fn json(&self, args: &[&str]) -> Vec<Value> {
        let output = self
            .route(args)
            .args(["--format", "json"])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

const HOST: &str = "http://help.example.com:8080";

#[test]
fn json_is_a_list_in_the_order_of_the_arguments() {
    let site = site();
    let (log, data) = (format!("{HOST}/data/error.log"), format!("{HOST}/data/"));
    let rows = site.json(&[&log, &data]);
    assert_eq!(rows.len(), 2);
    let keys: Vec<&String> = rows[0].as_object().unwrap().keys().collect();
    assert_eq!(
        keys,
        ["because", "decision", "file", "from", "status", "url"]
    );
    assert_eq!(rows[0]["url"], json!(log));
    assert_eq!(rows[0]["from"], json!("198.51.100.7"));
    assert_eq!(rows[0]["decision"], json!("static"));
    assert_eq!(rows[0]["status"], json!(200));
    assert_eq!(rows[0]["file"], json!(site.root.join("data/error.log")));
    let beats = rows[0]["because"]
        .as_array()
        .unwrap()
        .iter()
        .find(|because| because["text"].as_str().unwrap().contains("beats"));
    let beats = beats.unwrap();
    assert_eq!(
        (&beats["line"], &beats["file"]),
        (&json!(10), &json!(site.config))
    );
    assert_eq!(
        (&rows[1]["decision"], &rows[1]["status"]),
        (&json!("denied"), &json!(403))
    );
    assert_eq!(rows[1]["file"], Value::Null);
}

#[test]
fn addresses_headers_and_bytes_go_out_as_given() {
    let site = site();
    let decision = |args: &[&str]| {
        let row = site.json(args).remove(0);
        (
            row["decision"].as_str().unwrap().to_owned(),
            row["status"].clone(),
        )
    };
    let admin = format!("{HOST}/admin/index.html");
    assert_eq!(decision(&[&admin]), ("denied".to_owned(), json!(403)));
    assert_eq!(
        decision(&[&admin, "--from", "10.1.2.3"]),
        ("static".to_owned(), json!(200))
    );
    let who = format!("{HOST}/who?a=/../b");
    assert_eq!(decision(&[&who]), ("redirect".to_owned(), json!(302)));
    assert_eq!(
        decision(&[&who, "--header", "X-A: b"]),
        ("denied".to_owned(), json!(418))
    );
    let up = format!("{HOST}/x/../data/%65rror.log");
    let row = site.json(&[&up]).remove(0);
    assert_eq!(
        (&row["url"], &row["decision"]),
        (&json!(up), &json!("static"))
    );
    let lua = site.json(&[&format!("{HOST}/lua/")]).remove(0);
    assert_eq!(
        (&lua["decision"], &lua["status"]),
        (&json!("undetermined"), &Value::Null)
    );
    let last = lua["because"].as_array().unwrap().last().unwrap();
    assert_eq!(last["line"], json!(13));
    // A loopback address is asked by this machine alone.
    let local = site.json(&["http://127.0.0.1:8080/who"]).remove(0);
    assert_eq!(local["from"], json!("127.0.0.1"));
}

#[test]
fn text_quotes_the_deciding_lines_in_80_columns() {
    let site = site();
    let text = |color: &str| {
        let url = format!("{HOST}/data/error.log");
        let output = site.route(&[&url, "--color", color]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = text("never");
    assert!(
        plain.contains("STATIC 200  the file's own bytes are sent"),
        "{plain}"
    );
    assert!(
        plain.contains("│ location ~ \\.log$ { expires 1d; }"),
        "{plain}"
    );
    assert!(
        plain.contains(&format!("{}:10", site.config.display())),
        "{plain}"
    );
    let is_short = |line: &&str| {
        line.chars().count() <= 80 || line.contains(&*site.folder.path().to_string_lossy())
    };
    assert!(plain.lines().all(|line| is_short(&line)), "{plain}");
    let colored = text("always");
    assert!(colored.contains("\u{1b}[") && !plain.contains('\u{1b}'));
}

#[test]
fn a_dump_is_a_configuration_too() {
    let mut site = site();
    let dump = format!(
        "nginx: the configuration file x syntax is ok\n# configuration file /etc/nginx/nginx.conf:\n{}",
        fs::read_to_string(&site.config).unwrap()
    );
    site.config = site.folder.path().join("dump.txt");
    fs::write(&site.config, dump).unwrap();
    let url = format!("{HOST}/data/error.log");
    let row = site.json(&[&url]).remove(0);
    assert_eq!(row["decision"], json!("static"));
    let output = site.route(&[&url]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("/etc/nginx/nginx.conf:10"), "{text}");
    assert!(
        text.contains("│ location ~ \\.log$"),
        "quoted from the dump: {text}"
    );
}

#[test]
fn mistakes_are_told_in_one_sentence() {
    let site = site();
    for (args, expected) in [
        (
            vec!["help.example.com"],
            "a URL looks like https://help.example.com/path",
        ),
        (vec!["ftp://x/"], "neither http:// nor https://"),
        (
            vec!["http://x/", "--header", "no colon"],
            "a header looks like",
        ),
        (
            vec!["http://x/", "--header", "a b: c"],
            "no name of a header",
        ),
        (vec!["http://x/", "--from", "office"], "invalid"),
    ] {
        let output = site.route(&args).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?} {error}");
        assert!(error.contains(expected), "{args:?} {error}");
    }
    let mut missing = Command::cargo_bin("deskguard").unwrap();
    let output = missing
        .args(["route", "http://x/", "--web-config", "/nowhere/nginx.conf"])
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        error.contains("/nowhere/nginx.conf does not exist"),
        "{error}"
    );
}

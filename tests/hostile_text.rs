//! Whatever a file holds, reading it ends, and ends with an answer.

// A test may fail by panicking.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use deskguard::host::Host;
use deskguard::route::apache::{Start, Variables};
use deskguard::route::{
    Decision, Disk, Entry, Links, Model, NoSources, Request, Source, Sources, apache, kind, nginx,
};
use deskguard::target::schedule::is_product_command;
use deskguard::target::servers::look;
use proptest::prelude::*;
use std::path::{Path, PathBuf};

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

/// Folders everywhere, and one `.htaccess`.
struct Folders(Vec<u8>);

impl Sources for Folders {
    fn read(&self, _: &Path) -> Result<Source, String> {
        Ok(Source::Text(self.0.clone()))
    }

    fn glob(&self, _: &Path) -> Result<Vec<PathBuf>, String> {
        Ok(Vec::new())
    }
}

impl Disk for Folders {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        Ok(match path.to_str() {
            Some("/r/.htaccess") if !self.0.is_empty() => Entry::File { readable: true },
            Some(path) if path.ends_with(".htaccess") => Entry::Missing,
            _ => Entry::Directory {
                readable: true,
                enterable: true,
            },
        })
    }

    fn links(&self, _: &Path) -> Result<Links, String> {
        Ok(Links::None)
    }
}

/// What stood in the way, of a request that nothing else decides.
fn undetermined(model: &dyn Model, disk: &dyn Disk) -> String {
    let request = Request::new("http://h/abcdefghijkl", "192.0.2.1".parse().unwrap()).unwrap();
    let answer = model.answer(&request, disk);
    assert_eq!(answer.decision, Decision::Undetermined, "{answer:?}");
    answer.because.last().unwrap().text.clone()
}

/// Lines that double a value: some dozens of them would be more than any machine's memory.
#[test]
fn nginx_values_that_double_are_not_followed() {
    for lines in [
        format!("set $a aaaa; {} return 200 $a;", "set $a $a$a;".repeat(64)),
        "rewrite ^/(.*)$ /$1$1$1$1$1$1$1$1 last; location / { rewrite ^/(.*)$ /$1$1$1$1$1$1$1$1 last; }"
            .to_owned(),
        "location / { try_files /none.txt /$uri$uri$uri$uri$uri$uri$uri$uri; }".to_owned(),
        format!(
            "{} rewrite ^ $uri?$args;",
            "rewrite ^ $uri?$args&a=$args$args?;".repeat(40)
        ),
    ] {
        let text = format!("http {{ server {{ listen 80; root /r; {lines} }} }}");
        let tree = nginx::parse(Path::new("/c"), text.as_bytes(), &NoSources);
        assert!(tree.problems.is_empty(), "{:?}", tree.problems);
        let start = nginx::Start::with_prefix(Path::new("/p"));
        let model = nginx::Model::new(&tree, &start, Vec::new());
        let why = undetermined(&model, &Folders(Vec::new()));
        assert!(why.contains("a value longer than"), "{why}");
    }
}

/// The same for Apache, where an attacker may write the `.htaccess`; and rules without end.
#[test]
fn apache_rules_that_double_or_never_end_are_not_followed() {
    let head = "Listen 80\nLoadModule rewrite_module r.so\nLoadModule setenvif_module s.so\nLoadModule authz_core_module a.so\nDocumentRoot /r\n<Directory /r>\nAllowOverride All\nRequire all granted\n</Directory>\n";
    let doubles = "RewriteRule ^ - [E=a:x%{ENV:a}%{ENV:a}]\n".repeat(64);
    let queries = "RewriteRule ^ x?%{QUERY_STRING}&%{QUERY_STRING}&a=b [QSA]\n".repeat(64);
    let long = "y".repeat(60_000);
    let many: String = (0..1000)
        .map(|at| format!("RewriteRule ^ - [E=v{at}:%{{ENV:long}}]\n"))
        .collect();
    let define = format!("Define a aaaa\n{}", "Define a ${a}${a}\n".repeat(40));
    for (before, inside, reason) in [
        ("", doubles, "a value longer than"),
        ("", queries, "a value longer than"),
        (
            "",
            format!(
                "SetEnvIf Request_URI .* a=xx\n{}",
                "SetEnvIf a .* a=&&\n".repeat(64)
            ),
            "a value longer than",
        ),
        (
            "",
            format!("RewriteRule ^ - [E=long:{long}]\n{many}"),
            "that cost this much",
        ),
        (
            "",
            format!(
                "{}RewriteRule ^ - [N=100000]\n",
                "RewriteRule z -\n".repeat(4000)
            ),
            "that cost this much",
        ),
        (
            "",
            format!("#{}\n", "x".repeat(300 << 10)),
            "is larger than 256 KiB",
        ),
        (define.as_str(), String::new(), "variables fill a line"),
    ] {
        let file = Path::new("/etc/apache2/apache2.conf");
        let start = Start {
            server_root: "/etc/apache2".into(),
            variables: Variables::default(),
        };
        let config = apache::parse(
            file,
            format!("{before}{head}").as_bytes(),
            start,
            &NoSources,
        );
        let text = match inside.is_empty() {
            true => Vec::new(),
            false => format!("RewriteEngine On\n{inside}").into_bytes(),
        };
        let disk = Folders(text);
        let model = apache::Model::new(&config, &apache::Setup::default(), &disk);
        let why = undetermined(&model, &disk);
        assert!(why.contains(reason), "{reason}: {why}");
    }
}

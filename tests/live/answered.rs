//! The way of a fault of the answers there and back, by the program itself on servers that run: it fails,
//! its deeds are foreseen to mend it and do, nothing else gets worse, a second plan is empty, and taking it
//! back leaves every file as it was. Needs root.

mod apache;
mod nginx;

use crate::install::Install;
use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// Checks of a site's answers, and those that speak of the same servers and of PHP.
const CHECKS: [&str; 10] = [
    "data/forbidden-live",
    "server/php-hardened",
    "web/config-not-served",
    "web/cookies-protected",
    "web/headers-set",
    "web/hsts-set",
    "web/https-only",
    "web/model-agrees-with-live",
    "web/tls-modern",
    "web/versions-hidden",
];

/// A running site and what deskguard is told of it.
pub(crate) struct Ground<'a> {
    pub(crate) install: &'a Install,
    pub(crate) url: String,
    pub(crate) config: PathBuf,
    /// Where its configuration, logs and certificates are.
    pub(crate) folder: &'a Path,
}

impl Ground<'_> {
    /// What goes wrong on the way of these checks, which must fail; with a look at the site while it is
    /// mended.
    pub(crate) fn trip(
        &self,
        fails: &[&str],
        mends: bool,
        look: impl Fn(&Self) -> Vec<String>,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let files = self.files();
        let before = self.audit();
        for id in fails {
            if before[*id] != "fail" {
                wrong.push(format!("{id} is {} when it is planted", before[*id]));
            }
        }
        let mut foreseen = before.clone();
        let plan = self.plan(fails);
        for turn in plan["prediction"]["turns"].as_array().unwrap() {
            let of = |name: &str| turn[name].as_str().unwrap().to_owned();
            foreseen.insert(of("check"), of("after"));
        }
        let journals = tempfile::tempdir().unwrap();
        let journal = journals.path().canonicalize().unwrap().join("journal");
        let said = self.fix(
            fails,
            &["--apply", "--yes", "--journal", journal.to_str().unwrap()],
        );
        let after = self.audit();
        for (id, outcome) in &after {
            let is_worse = outcome != "pass" && before[id] == "pass";
            let is_left = mends && fails.contains(&id.as_str()) && outcome != "pass";
            let is_unforeseen = foreseen
                .get(id)
                .is_some_and(|it| it != outcome && it != "unknown");
            if is_worse || is_left || is_unforeseen {
                wrong.push(format!(
                    "{id} was {}, should be {:?}, is {outcome}\n{said}\n{}",
                    before[id],
                    foreseen.get(id),
                    self.changed(&files)
                ));
            }
        }
        wrong.extend(look(self));
        let again = self.plan(fails);
        if again["steps"]
            .as_array()
            .is_none_or(|steps| !steps.is_empty())
        {
            wrong.push(format!("a second plan has steps: {}", again["steps"]));
        }
        let edited = self.changed(&files);
        if journal.exists() {
            let undone = self.run(&["fix", "--undo", journal.to_str().unwrap()]);
            let now = self.files();
            if now != files {
                wrong.push(format!("undoing leaves other bytes: {undone}"));
            }
        }
        let back = self.audit();
        if back != before {
            wrong.push(format!("after undoing: {back:?}, was {before:?}"));
        }
        println!("{} | {}", fails.join(" "), edited.replace('\n', "\n    "));
        wrong
    }

    fn plan(&self, only: &[&str]) -> Value {
        serde_json::from_str(&self.fix(only, &["--format", "json"])).unwrap()
    }

    /// The plan as a person reads it.
    pub(crate) fn told(&self, only: &[&str]) -> String {
        self.fix(only, &[])
    }

    fn fix(&self, only: &[&str], more: &[&str]) -> String {
        let mut all = vec!["fix", self.install.root.to_str().unwrap()];
        all.extend(only);
        let observe = self.observe();
        all.extend(observe.iter().map(String::as_str));
        all.extend(more);
        self.run(&all)
    }

    fn observe(&self) -> Vec<String> {
        let config = self.config.to_str().unwrap().to_owned();
        ["--generation", "v4", "--vantage", "outside", "--url"]
            .map(str::to_owned)
            .into_iter()
            .chain([self.url.clone(), "--web-config".to_owned(), config])
            .collect()
    }

    /// What each check comes to.
    fn audit(&self) -> BTreeMap<String, String> {
        let mut all = vec![
            "audit",
            self.install.root.to_str().unwrap(),
            "--format",
            "json",
        ];
        let observe = self.observe();
        all.extend(observe.iter().map(String::as_str));
        for id in CHECKS {
            all.extend(["--only", id]);
        }
        let report: Value = serde_json::from_str(&self.run(&all)).unwrap();
        let checks = report["checks"].as_array().unwrap().iter();
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        checks
            .map(|it| (word(&it["id"]), word(&it["outcome"])))
            .collect()
    }

    fn run(&self, arguments: &[&str]) -> String {
        let mut command = Command::cargo_bin("deskguard").unwrap();
        command
            .args(arguments)
            .env("SSL_CERT_FILE", self.folder.join("ca.pem"))
            .env_remove("SSL_CERT_DIR");
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = output.status.code();
        assert!(
            code.is_some_and(|it| it != 2 && it < 100),
            "{arguments:?}: {errors}"
        );
        format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            match arguments.contains(&"json") {
                true => String::new(),
                false => errors,
            }
        )
    }

    /// Every configuration file in the folder and of PHP's, byte for byte.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let folders = [self.folder, Path::new("/etc/php")];
        let entries = folders.into_iter().flat_map(walkdir::WalkDir::new);
        let files = entries.filter_map(|entry| {
            let path = entry.unwrap().into_path();
            let ending = path.extension()?.to_str()?;
            let is_config = ["conf", "ini", "load"].contains(&ending);
            is_config.then(|| (path.clone(), fs::read(&path).unwrap()))
        });
        files.collect()
    }

    /// The lines that are new.
    fn changed(&self, old: &BTreeMap<PathBuf, Vec<u8>>) -> String {
        let mut lines = Vec::new();
        for (path, text) in self.files() {
            let before = String::from_utf8(old[&path].clone()).unwrap();
            let text = String::from_utf8(text).unwrap();
            let new = text
                .lines()
                .filter(|line| !before.lines().any(|it| it == *line));
            lines.extend(new.map(str::to_owned));
        }
        lines.join("\n")
    }

    /// The head of an answer, in small letters; `target` as it is sent.
    pub(crate) fn head(&self, target: &str) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap();
        let to = rest.trim_end_matches('/');
        let request = format!("GET {target} HTTP/1.0\r\nHost: {to}\r\n\r\n");
        let answer = match scheme {
            "https" => through_tls(to, &request),
            _ => plainly(to, &request),
        };
        let head = answer.split("\r\n\r\n").next().unwrap_or_default();
        head.to_ascii_lowercase()
    }
}

/// Nobody frames the helpdesk's pages, however they are written, and the pages that the product shows in
/// other sites' frames stay as they are.
pub(crate) fn framed(ground: &Ground<'_>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (target, is_kept) in [
        ("/", true),
        ("/agent/", true),
        ("/widgets", true),
        ("/agent/?/widget/", true),
        ("/agent/widget/", true),
        ("/widget/%2e%2e/agent/", true),
        ("/widget/..%2fagent/", true),
        ("/widget/overlay.html?h=500", false),
        ("/index.php/tickets/new-simple/3", false),
        ("/focus-win/new-ticket/", false),
    ] {
        let head = ground.head(target);
        let kept = head.contains("x-frame-options: sameorigin");
        if kept != is_kept || !head.contains("x-content-type-options: nosniff") {
            wrong.push(format!("{target}: {head}"));
        }
    }
    wrong
}

fn through_tls(to: &str, request: &str) -> String {
    use std::io::Write as _;
    let mut child = std::process::Command::new("openssl")
        .args([
            "s_client",
            "-quiet",
            "-servername",
            "localhost",
            "-connect",
            to,
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(request.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn plainly(to: &str, request: &str) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(to).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

//! TLS and plain HTTP on servers that really run: the check fails by what was answered, its fix is carried
//! out on the running server, the check passes and no other is worse, undo brings every byte back. Needs
//! root.

mod apache;
mod nginx;

use crate::certificate::{self, Kind};
use crate::install::{Install, asking};
use crate::process::{Process, open_folder};
use assert_cmd::Command;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// A proof that an authority asks for over plain HTTP.
const PROOF: &str = "/.well-known/acme-challenge/proof";

/// Whoever lets workers run as root is alone: every audit sees all processes.
static ROOTS: RwLock<()> = RwLock::new(());

fn beside_others() -> RwLockReadGuard<'static, ()> {
    ROOTS.read().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn alone() -> RwLockWriteGuard<'static, ()> {
    ROOTS.write().unwrap_or_else(PoisonError::into_inner)
}

/// A helpdesk behind a running server.
struct Stand {
    install: Install,
    folder: tempfile::TempDir,
    /// Where the helpdesk is, as its users know it.
    url: String,
    config: PathBuf,
    _processes: Vec<Process>,
}

/// Outcomes by check.
type Outcomes = BTreeMap<String, String>;

impl Stand {
    fn command(&self, verb: &str) -> Command {
        let mut command = Command::cargo_bin("deskguard").unwrap();
        command
            .arg(verb)
            .arg(&self.install.root)
            .env("SSL_CERT_FILE", self.folder.path().join("ca.pem"))
            .env_remove("SSL_CERT_DIR");
        command
    }

    fn looking<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .args(["--generation", "v4", "--url", &self.url])
            .args(["--vantage", "outside", "--web-config"])
            .arg(&self.config)
    }

    fn outcomes(&self) -> (Outcomes, Value) {
        let mut command = self.command("audit");
        let output = self.looking(&mut command).args(["--format", "json"]);
        let output = output.output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        let report: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{text}"));
        let outcome = |check: &Value| {
            let word = |name: &str| check[name].as_str().unwrap().to_owned();
            (word("id"), word("outcome"))
        };
        let all = report["checks"].as_array().unwrap().iter();
        (all.map(outcome).collect(), report)
    }

    /// What the program says to `fix`, on standard output.
    fn fix(&self, checks: &[&str], more: &[&str]) -> String {
        let mut command = self.command("fix");
        let output = self.looking(command.args(checks)).args(more).output();
        let output = output.unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        format!("{}{told}", String::from_utf8_lossy(&output.stdout))
    }

    /// Every file of configuration.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        paths
            .filter(|path| path.extension().is_some_and(|it| it == "conf"))
            .map(|path| (path.clone(), fs::read(path).unwrap()))
            .collect()
    }

    /// The helpdesk answers at its own address.
    fn works(&self) {
        let live = self.install.ask(asking(&self.url)).live;
        assert!(
            live.site.recognised_by.known().is_some(),
            "{:?}",
            live.site.recognised_by
        );
    }

    /// What the plan says that every check comes to.
    fn foreseen(&self, before: &Outcomes, checks: &[&str]) -> Outcomes {
        let plan = self.fix(checks, &["--format", "json"]);
        let plan: Value = serde_json::from_str(&plan).unwrap_or_else(|_| panic!("{plan}"));
        let mut foreseen = before.clone();
        for turn in plan["prediction"]["turns"].as_array().unwrap() {
            let word = |name: &str| turn[name].as_str().unwrap().to_owned();
            foreseen.insert(word("check"), word("after"));
        }
        foreseen
    }

    /// There and back; gives what is seen of the server while the fix holds.
    fn trip<T>(&self, name: &str, checks: &[&str], meanwhile: impl Fn() -> T) -> T {
        self.works();
        let files = self.files();
        let (before, report) = self.outcomes();
        for id in checks {
            assert_eq!(
                before[*id],
                "fail",
                "{name}: {id} before: {}",
                says(&report, id)
            );
        }
        let foreseen = self.foreseen(&before, checks);
        let journal = self.folder.path().join("journal");
        let told = self.fix(
            checks,
            &["--apply", "--yes", "--journal", journal.to_str().unwrap()],
        );
        assert!(told.contains("took it up"), "{name}: {told}");
        let (after, report) = self.outcomes();
        for (id, outcome) in &after {
            let was = before[id].as_str();
            let is_mended = outcome == "pass" || !checks.contains(&id.as_str());
            let is_worse = outcome == "fail" && was != "fail";
            assert!(
                is_mended && !is_worse,
                "{name}: {id} was {was}, is {outcome}: {}\n{told}",
                says(&report, id)
            );
        }
        // What is foreseen to pass does, and what fails was foreseen to.
        for (id, outcome) in &foreseen {
            let is_so = &after[id] == outcome || after[id] != "fail" && outcome != "pass";
            assert!(
                is_so || outcome == "unknown",
                "{name}: {id} is foreseen to {outcome}, and is {}: {}",
                after[id],
                says(&report, id)
            );
        }
        self.works();
        let seen = meanwhile();
        // A second time nothing is left to do.
        let again = self.fix(checks, &[]);
        assert!(
            again.contains("no step can be carried out"),
            "{name}: {again}"
        );
        let mut undo = Command::cargo_bin("deskguard").unwrap();
        let undone = undo.args(["fix", "--undo"]).arg(&journal).output().unwrap();
        let undone = String::from_utf8_lossy(&undone.stdout).into_owned();
        let now = self.files();
        assert!(now == files, "{name}: undo leaves other bytes: {undone}");
        let (again, _) = self.outcomes();
        for id in checks {
            assert_eq!(again[*id], "fail", "{name}: {id} after undo: {undone}");
        }
        self.works();
        println!("{name}: {} fail, are mended, come back", checks.join(", "));
        seen
    }

    /// The plan has no deed for the check, and says why.
    fn stays_by_hand(&self, name: &str, check: &str, why: &str) {
        let plan = self.fix(&[check], &["--format", "json"]);
        let plan: Value = serde_json::from_str(&plan).unwrap_or_else(|_| panic!("{name}: {plan}"));
        assert_eq!(plan["steps"], Value::Array(Vec::new()), "{name}: {plan:#}");
        let by_hand = plan["by_hand"].to_string();
        assert!(by_hand.contains(why), "{name}: {by_hand}");
        println!("{name}: {check} stays by hand: {why}");
    }
}

fn says(report: &Value, id: &str) -> String {
    let mut checks = report["checks"].as_array().unwrap().iter();
    let check = checks.find(|check| check["id"] == id).unwrap();
    format!("{} {}", check["evidence"], check["reason"])
}

/// A loopback address of its own with its ports 80 and 443: the URLs of people name no port.
fn own_address() -> Ipv4Addr {
    static NEXT: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    for _ in 0..=u8::MAX {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let address = Ipv4Addr::new(127, 64 | (high & 63), low, number);
        let is_free = |port| TcpListener::bind((address, port)).is_ok();
        if is_free(80) && is_free(443) {
            return address;
        }
    }
    panic!("no address with free ports 80 and 443: this test needs root");
}

/// Status and body of a request over plain HTTP, and where it leads.
fn plainly(to: SocketAddr, host: &str, target: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(to).unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let lines = head.lines();
    let mut to = lines.filter_map(|line| line.strip_prefix("Location: "));
    let to = to.next().unwrap_or_default().to_owned();
    (status, to, body.to_owned())
}

/// What holds for every redirect: paths and queries are kept, proofs are served, other names are not
/// touched.
fn leads_to_https(to: SocketAddr, host: &str, https: &str) {
    let (status, led, _) = plainly(to, host, "/tickets/new?a=1&b=%2F");
    assert_eq!(
        (status, led),
        (301, format!("{https}/tickets/new?a=1&b=%2F"))
    );
    let (status, _, body) = plainly(to, host, PROOF);
    assert_eq!((status, body.as_str()), (200, "proof"));
    let (status, led, _) = plainly(to, "other.example.com", "/agent/");
    assert_eq!((status, led), (200, String::new()));
}

/// A folder with a good certificate, and an install with a proof in it.
fn ground(name: &str) -> (tempfile::TempDir, Install) {
    let folder = open_folder();
    certificate::write_for(folder.path(), Kind::Good, name);
    let install = Install::v4();
    install.write(PROOF.trim_start_matches('/'), "proof");
    (folder, install)
}

fn write(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path
}

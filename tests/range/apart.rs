//! A machine of one's own: the test starts itself anew with processes, mounts and a network of its own,
//! where `/etc`, the crontabs and the accounts may be changed and nobody else's servers run.

use std::fs;
use std::path::Path;
use std::process::Command;

const INSIDE: &str = "DESKGUARD_RANGE_INSIDE";

/// Whether this is the machine of one's own; otherwise the test of this name is run there, and passes or
/// fails as it does.
pub(crate) fn apart(test: &str) -> bool {
    assert!(
        rustix::process::geteuid().is_root(),
        "the range needs root (sudo -E cargo test)"
    );
    if std::env::var_os(INSIDE).is_some() {
        furnish();
        return true;
    }
    let program = std::env::current_exe().unwrap();
    let status = Command::new("unshare")
        .args(["--mount", "--pid", "--net", "--fork", "--mount-proc"])
        .arg("--kill-child")
        // The first process there buries what daemons leave behind, as a shell does while it waits.
        .args(["sh", "-c", "\"$@\"; exit $?", "sh"])
        .arg(program)
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(INSIDE, "1")
        .status()
        .expect("unshare must be installed (Debian: util-linux)");
    assert!(status.success(), "{test} fails on a machine of its own");
    false
}

fn furnish() {
    run("ip", &["link", "set", "lo", "up"]);
    let copy = tempfile::tempdir().unwrap().keep();
    let etc = copy.join("etc");
    run("cp", &["-a", "/etc", &etc.to_string_lossy()]);
    run("mount", &["--bind", &etc.to_string_lossy(), "/etc"]);
    fs::create_dir_all("/var/lib/deskguard").unwrap();
    for path in [
        "/var/spool/cron",
        "/srv",
        "/run",
        "/root",
        "/var/lib/deskguard",
    ] {
        if Path::new(path).is_dir() {
            run("mount", &["-t", "tmpfs", "none", path]);
        }
    }
    for path in [
        "cron.d",
        "cron.daily",
        "nginx/sites-enabled",
        "apache2/sites-enabled",
    ] {
        let path = Path::new("/etc").join(path);
        let entries = fs::read_dir(&path).into_iter().flatten();
        for entry in entries {
            let _ = fs::remove_file(entry.unwrap().path());
        }
    }
}

pub(crate) fn run(program: &str, arguments: &[&str]) {
    let status = Command::new(program).args(arguments).status();
    let status = status.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(status.success(), "{program} {arguments:?}");
}

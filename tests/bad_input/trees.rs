//! Trees that are deep, wide, unreadable, in motion, or hold what is neither file nor folder.

use crate::install::{Install, audit, check, chmod};
use nix::sys::stat::{Mode, SFlag, mknod};
use rustix::fs::{CWD, OFlags, mkdirat, openat};
use std::fs;
use std::os::unix::net::UnixListener;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

#[test]
fn what_is_neither_file_nor_folder() {
    let it = Install::new();
    fs::create_dir_all(it.at("app/sys/Resources")).unwrap();
    for name in [
        "fifo",
        "x.php",
        "dump.sql",
        ".htaccess",
        "app/sys/Resources/distro-checksums.php",
        "app/sys/config/build-time.php",
        "data/x.php",
    ] {
        nix::unistd::mkfifo(&it.at(name), Mode::S_IRWXU).unwrap();
    }
    let _socket = UnixListener::bind(it.at("data/socket")).unwrap();
    for (name, kind, device) in [
        ("zero", SFlag::S_IFCHR, (1, 5)),
        ("disk.bak", SFlag::S_IFBLK, (7, 200)),
    ] {
        let device = nix::sys::stat::makedev(device.0, device.1);
        mknod(&it.at(name), kind, Mode::S_IRWXU, device).unwrap();
    }
    it.report();
    it.text();
}

#[test]
fn three_thousand_folders_deep() {
    let it = Install::new();
    let mut here = openat(
        CWD,
        it.at("app").as_path(),
        OFlags::PATH,
        rustix::fs::Mode::empty(),
    )
    .unwrap();
    for _ in 0..3000 {
        mkdirat(&here, "d", rustix::fs::Mode::RWXU).unwrap();
        here = openat(&here, "d", OFlags::PATH, rustix::fs::Mode::empty()).unwrap();
    }
    let report = it.report();
    let reason = check(&report, "files/no-leftovers")["reason"]
        .as_str()
        .unwrap();
    assert!(reason.contains("deeper than"), "{reason}");
    assert!(
        reason.len() < 4000,
        "a reason is a sentence, not {} bytes",
        reason.len()
    );
    let text = it.text();
    let longest = text.lines().map(str::len).max().unwrap();
    assert!(longest < 2500, "a line of {longest} bytes");
}

#[test]
fn a_hundred_thousand_files_in_one_folder() {
    const MOST: u64 = 64 << 10;
    let it = Install::new();
    let folder = it.at("data/files");
    fs::create_dir(&folder).unwrap();
    for number in 0..100_000 {
        let file = fs::OpenOptions::new();
        let path = folder.join(format!("{number}.sql"));
        { file }.write(true).create_new(true).open(path).unwrap();
    }
    let begun = Instant::now();
    let mut child = Command::new(assert_cmd::cargo::cargo_bin("deskguard"))
        .args(["audit", "--format", "json"])
        .arg(&it.root)
        .stdout(fs::File::create(it.folder.path().join("report.json")).unwrap())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        peak = peak.max(high_water(child.id()));
        std::thread::sleep(Duration::from_millis(2));
    }
    let text = fs::read_to_string(it.folder.path().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(check(&report, "files/backups-private")["outcome"], "fail");
    assert!(text.len() < 4 << 20, "the report has {} bytes", text.len());
    assert!(peak < MOST, "it took {peak} KiB");
    assert!(begun.elapsed() < Duration::from_secs(60));
}

/// The most memory that a process has held so far, in KiB.
fn high_water(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok())
        .unwrap_or(0)
}

#[test]
fn entries_that_come_and_go() {
    let it = Install::new();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                churn(&it);
            }
        });
        // Also when an assertion fails: the scope waits for the other thread.
        let _stops = Stops(&stop);
        for _ in 0..15 {
            let report = it.report();
            assert!(report["checks"].as_array().unwrap().len() > 20);
            for id in ["files/no-setuid", "files/owner-not-root"] {
                let reason = check(&report, id)["reason"].as_str().unwrap_or_default();
                assert!(
                    !reason.contains("could not be looked at"),
                    "what vanished is not there: {reason}"
                );
            }
        }
    });
}

/// Ends the churn.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Makes and takes away files, folders and links, and puts one kind in the place of another.
fn churn(it: &Install) {
    for number in 0..50 {
        let path = it.at(&format!("app/{number}"));
        let _ = fs::create_dir(&path);
        let _ = fs::write(path.join("x.php"), "<?php\n");
        let _ = fs::create_dir(path.join("y"));
    }
    for number in 0..50 {
        let path = it.at(&format!("app/{number}"));
        let _ = fs::remove_dir_all(&path);
        let _ = std::os::unix::fs::symlink("/etc", &path);
        let _ = fs::remove_file(&path);
        let _ = fs::write(&path, "");
        let _ = fs::remove_file(&path);
    }
}

#[test]
fn the_time_allowed_is_up() {
    let it = Install::new();
    let output = audit(&[
        it.root.to_str().unwrap(),
        "--timeout",
        "0",
        "--format",
        "json",
    ]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let reason = crate::install::unknown(&report, "files/no-setuid");
    assert!(reason.contains("the time allowed is up"), "{reason}");
}

#[test]
fn an_empty_and_a_closed_data_folder() {
    let it = Install::new();
    chmod(&it.at("data"), 0o000);
    it.report();
}

//! The walk measured against what a user would run instead: GNU find, and walks on each crate.
//!
//! `cargo bench --bench walk` makes a tree (320,000 entries by default; `DESKGUARD_BENCH_DIRECTORIES`
//! and `DESKGUARD_BENCH_FILES` change that), then runs every contender interleaved on a warm cache and
//! prints medians of wall and processor time, ratios to find, and peak memory. find, the crates and the
//! bare loops ask one question each; deskguard answers all of its own, reports and all. The bare loop on
//! two threads is what no walk on two processors can go below. On a busy machine trust the processor times.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench prints, and stops where it cannot measure"
)]

use nix::sys::resource::{UsageWho, getrusage};
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, RawDir, StatxFlags, openat, statx};
use std::ffi::{CStr, CString};
use std::fs;
use std::mem::MaybeUninit;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const ROUNDS: usize = 7;

fn main() {
    let directories = number("DESKGUARD_BENCH_DIRECTORIES", 20_000);
    let files = number("DESKGUARD_BENCH_FILES", 300_000);
    let tree = make_tree(directories, files);
    if let Ok(name) = std::env::var("DESKGUARD_BENCH_CONTENDER") {
        let count = contender(&name, &tree);
        eprintln!("{name}: {count} matches");
        return;
    }
    println!("{} entries in {}", directories + files, tree.display());
    let names = [
        "find",
        "deskguard",
        "walkdir",
        "jwalk",
        "ignore",
        "bare loop",
        "bare loop, 2 threads",
    ];
    let mut times: Vec<Vec<Times>> = names.iter().map(|_| Vec::new()).collect();
    for _ in 0..=ROUNDS {
        for (name, times) in names.iter().zip(&mut times) {
            times.push(time(name, &tree));
        }
    }
    println!(
        "{:<22} {:>9} {:>8} {:>9} {:>9} {:>12}",
        "contender", "wall ms", "x find", "user ms", "sys ms", "peak KiB"
    );
    let find = median(&times[0]).wall;
    for (name, times) in names.iter().zip(&times) {
        let Times { wall, user, sys } = median(times);
        let memory = peak(name, &tree);
        println!(
            "{name:<22} {wall:>9.0} {:>8.2} {user:>9.0} {sys:>9.0} {memory:>12}",
            wall / find
        );
    }
}

/// What one run took, in milliseconds.
#[derive(Clone, Copy)]
struct Times {
    wall: f64,
    user: f64,
    sys: f64,
}

fn number(name: &str, usual: usize) -> usize {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

/// The medians without the first, cold round.
fn median(times: &[Times]) -> Times {
    let middle = |of: fn(&Times) -> f64| {
        let mut all: Vec<f64> = times.iter().skip(1).map(of).collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    Times {
        wall: middle(|it| it.wall),
        user: middle(|it| it.user),
        sys: middle(|it| it.sys),
    }
}

/// Runs one contender in a process of its own.
fn time(name: &str, tree: &Path) -> Times {
    let (user, sys) = processor();
    let start = Instant::now();
    start_contender(name, tree).wait().unwrap();
    let wall = start.elapsed().as_secs_f64() * 1000.0;
    let (user_after, sys_after) = processor();
    Times {
        wall,
        user: user_after - user,
        sys: sys_after - sys,
    }
}

/// What all ended children have used, in milliseconds of user and of system time.
fn processor() -> (f64, f64) {
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let ms =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 * 1e3 + time.tv_usec() as f64 / 1e3;
    (ms(used.user_time()), ms(used.system_time()))
}

/// Runs one contender and watches its peak memory in KiB, which costs time: never while it is timed.
fn peak(name: &str, tree: &Path) -> i64 {
    let mut child = start_contender(name, tree);
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let seen = fs::read_to_string(&status).ok();
        peak = peak.max(seen.and_then(|text| high_water(&text)).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

fn start_contender(name: &str, tree: &Path) -> Child {
    let mut command = match name {
        "find" => {
            let mut command = Command::new("find");
            let question = ["(", "-user", "root", "-o", "-perm", "/022", ")"];
            command.arg(tree).args(question);
            command
        }
        "deskguard" => audit(tree),
        other => {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.env("DESKGUARD_BENCH_CONTENDER", other);
            command
        }
    };
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.spawn().unwrap()
}

fn high_water(status: &str) -> Option<i64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn audit(tree: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_deskguard"));
    command
        .arg("audit")
        .arg(tree)
        .args(["--web-user", "www-data", "--cron-user", "www-data"]);
    command.args(["--format", "json"]);
    command
}

/// A v4 install with the wanted numbers below it, kept between runs.
fn make_tree(directories: usize, files: usize) -> PathBuf {
    const WIDTH: usize = 6;
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("walk-{directories}-{files}"));
    if root.join("done").exists() {
        return root;
    }
    let _ = fs::remove_dir_all(&root);
    for file in [
        "index.php",
        "cron.php",
        "dp.php",
        "get_messages.php",
        "config.php",
        "app/sys/load_config.php",
    ] {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "<?php\n").unwrap();
    }
    let mut folders = vec![root.join("app")];
    for number in 1..directories {
        let parent = folders[(number - 1) / WIDTH].clone();
        let folder = parent.join(format!("directory-{number}"));
        fs::create_dir(&folder).unwrap();
        folders.push(folder);
    }
    for number in 0..files {
        let path = folders[number % folders.len()].join(format!("file-{number}.txt"));
        fs::write(&path, "").unwrap();
        let owner = if number % 100 == 0 { 0 } else { 33 };
        std::os::unix::fs::chown(&path, Some(owner), Some(owner)).unwrap();
    }
    fs::write(root.join("done"), "").unwrap();
    root
}

fn contender(name: &str, tree: &Path) -> u64 {
    match name {
        "walkdir" => walkdir::WalkDir::new(tree)
            .into_iter()
            .filter_map(|entry| entry.ok()?.metadata().ok())
            .filter(wanted)
            .count() as u64,
        "jwalk" => jwalk::WalkDir::new(tree)
            .skip_hidden(false)
            .parallelism(jwalk::Parallelism::RayonNewPool(2))
            .into_iter()
            .filter_map(|entry| entry.ok()?.metadata().ok())
            .filter(wanted)
            .count() as u64,
        "ignore" => ignore_crate(tree),
        "bare loop" => bare(tree, 1),
        "bare loop, 2 threads" => bare(tree, 2),
        other => panic!("no contender {other}"),
    }
}

fn wanted(metadata: &fs::Metadata) -> bool {
    metadata.uid() == 0 || metadata.mode() & 0o022 != 0
}

fn ignore_crate(tree: &Path) -> u64 {
    let count = std::sync::atomic::AtomicU64::new(0);
    let walk = ignore::WalkBuilder::new(tree)
        .standard_filters(false)
        .threads(2)
        .build_parallel();
    walk.run(|| {
        Box::new(|entry| {
            if entry
                .ok()
                .and_then(|entry| entry.metadata().ok())
                .is_some_and(|seen| wanted(&seen))
            {
                count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            ignore::WalkState::Continue
        })
    });
    count.into_inner()
}

/// A directory still to be read.
type Left = (Arc<OwnedFd>, CString);

/// What no walk can go below: each directory opened and read, each entry asked by statx, nothing else.
fn bare(tree: &Path, threads: usize) -> u64 {
    let root = openat(CWD, tree, OFlags::PATH | OFlags::CLOEXEC, Mode::empty()).unwrap();
    let left = Mutex::new((vec![(Arc::new(root), c".".to_owned())], 0_usize));
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|_| scope.spawn(|| bare_thread(&left)))
            .collect();
        running.into_iter().map(|it| it.join().unwrap()).sum()
    })
}

fn bare_thread(left: &Mutex<(Vec<Left>, usize)>) -> u64 {
    let mut count = 0;
    let mut buffer = vec![MaybeUninit::uninit(); 32 << 10];
    let mut found = Vec::new();
    loop {
        let next = {
            let mut left = left.lock().unwrap();
            let next = left.0.pop();
            if next.is_none() && left.1 == 0 {
                return count;
            }
            left.1 += usize::from(next.is_some());
            next
        };
        let Some((parent, name)) = next else {
            std::thread::yield_now();
            continue;
        };
        count += bare_directory(&parent, &name, &mut buffer, &mut found);
        let mut left = left.lock().unwrap();
        left.0.append(&mut found);
        left.1 -= 1;
    }
}

fn bare_directory(
    parent: &OwnedFd,
    name: &CStr,
    buffer: &mut [MaybeUninit<u8>],
    found: &mut Vec<Left>,
) -> u64 {
    let mut count = 0;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let Ok(directory) = openat(parent, name, flags, Mode::empty()) else {
        return 0;
    };
    let directory = Arc::new(directory);
    let mut names = RawDir::new(directory.as_fd(), buffer);
    while let Some(Ok(entry)) = names.next() {
        let name = entry.file_name();
        if name == c"." || name == c".." {
            continue;
        }
        let how = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC;
        let Ok(seen) = statx(&directory, name, how, StatxFlags::BASIC_STATS) else {
            continue;
        };
        count += u64::from(seen.stx_uid == 0 || seen.stx_mode & 0o022 != 0);
        if entry.file_type() == FileType::Directory {
            found.push((Arc::clone(&directory), name.to_owned()));
        }
    }
    count
}

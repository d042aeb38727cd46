//! The judge: a process that has really become the user, tries every right with real system calls and says
//! which error number each got. Refuses to know the model.

use std::ffi::{CString, OsStr};
use std::io::{BufRead, Write, stdin, stdout};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, OFlag, open, openat, renameat};
use nix::sys::stat::{Mode, mode_t};
use nix::unistd::{Gid, Uid, UnlinkatFlags, setgroups, setresgid, setresuid, unlinkat};

/// `UID:GID,GID…` in this variable makes the test binary a judge.
pub(crate) const JUDGE: &str = "DESKGUARD_ACCESS_JUDGE";

/// Becomes the user, then answers one question a line until standard input ends.
pub(crate) fn serve(spec: &str) {
    become_user(spec);
    std::env::set_current_dir("/").expect("cd /");
    let mut line = String::new();
    let mut number = 0;
    while read_line(&mut line) {
        number += 1;
        let path = super::unhex(&line);
        let errors = [
            read(&path),
            write(&path),
            create(&path, number),
            delete(&path),
            replace(&path, number),
            chmod(&path),
            traverse(&path),
        ];
        let words: Vec<String> = errors.iter().map(|error| error.to_string()).collect();
        say(&format!("A {}", words.join(" ")));
    }
}

fn become_user(spec: &str) {
    let (uid, gids) = spec.split_once(':').expect("UID:GID");
    let gids: Vec<Gid> = gids
        .split(',')
        .map(|gid| Gid::from_raw(gid.parse().expect("gid")))
        .collect();
    let uid = Uid::from_raw(uid.parse().expect("uid"));
    nix::sys::stat::umask(Mode::empty());
    setgroups(&gids).expect("setgroups");
    setresgid(gids[0], gids[0], gids[0]).expect("setresgid");
    setresuid(uid, uid, uid).expect("setresuid");
}

fn read_line(line: &mut String) -> bool {
    line.clear();
    let read = stdin().lock().read_line(line).expect("question");
    line.truncate(line.trim_end().len());
    read > 0
}

fn say(line: &str) {
    let mut out = stdout().lock();
    writeln!(out, "{line}")
        .and_then(|()| out.flush())
        .expect("answer");
}

/// Asks root to put something right, and waits until it is.
fn restore(what: &str) {
    say(what);
    let mut line = String::new();
    assert!(read_line(&mut line), "root went away");
}

fn number<T>(result: Result<T, Errno>) -> i32 {
    result.map_or_else(|error| error as i32, |_| 0)
}

fn path(bytes: &[u8]) -> &OsStr {
    OsStr::from_bytes(bytes)
}

const QUIET: OFlag = OFlag::O_NONBLOCK
    .union(OFlag::O_CLOEXEC)
    .union(OFlag::O_NOCTTY);

fn read(name: &[u8]) -> i32 {
    number(open(path(name), OFlag::O_RDONLY | QUIET, Mode::empty()))
}

fn write(name: &[u8]) -> i32 {
    number(open(path(name), OFlag::O_WRONLY | QUIET, Mode::empty()))
}

/// Through a descriptor of the directory, so that the path may have any length.
fn create(name: &[u8], number_of_try: usize) -> i32 {
    let directory = match open(
        path(name),
        OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
        Mode::empty(),
    ) {
        Ok(directory) => directory,
        Err(error) => return error as i32,
    };
    let probe = format!(".probe-{}-{number_of_try}", std::process::id());
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | QUIET;
    let made = openat(&directory, probe.as_str(), flags, Mode::S_IRWXU);
    if made.is_ok() {
        // In an append-only directory it stays until the tree goes.
        let _ = unlinkat(&directory, probe.as_str(), UnlinkatFlags::NoRemoveDir);
    }
    number(made)
}

fn delete(name: &[u8]) -> i32 {
    match number(nix::unistd::unlink(path(name))) {
        error if error == Errno::EISDIR as i32 => {
            let name = CString::new(name).expect("no NUL");
            let removed = std::fs::remove_dir(path(name.as_bytes()));
            removed.map_or_else(
                |error| error.raw_os_error().expect("errno"),
                |()| panic!("directories are not empty"),
            )
        }
        0 => {
            restore("U");
            0
        }
        error => error,
    }
}

/// Renames away and back. The way back starts from a descriptor of the directory, because the path itself may
/// lead through the name; `.` keeps a link in front of it from becoming the last one.
fn replace(name: &[u8], number_of_try: usize) -> i32 {
    let end = name
        .iter()
        .rposition(|byte| *byte != b'/')
        .map_or(0, |last| last + 1);
    let cut = name[..end]
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1);
    let away = format!(".away-{}-{number_of_try}", std::process::id());
    let holder = [&name[..cut], b"."].concat();
    let moved = match open(
        path(&holder),
        OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC,
        Mode::empty(),
    ) {
        Ok(holder) => {
            let moved = renameat(AT_FDCWD, path(name), &holder, away.as_str());
            if moved.is_ok() {
                renameat(&holder, away.as_str(), &holder, path(&name[cut..end]))
                    .expect("move back");
            }
            number(moved)
        }
        Err(_) => number(renameat(
            AT_FDCWD,
            path(name),
            AT_FDCWD,
            path(&[&name[..cut], away.as_bytes()].concat()),
        )),
    };
    if moved != Errno::ENOENT as i32 {
        return moved;
    }
    let made = number(nix::unistd::mkdir(path(name), Mode::S_IRWXU));
    if made == 0 {
        restore("M");
    }
    made
}

fn mode_of(name: &[u8]) -> Option<mode_t> {
    nix::sys::stat::stat(path(name))
        .ok()
        .map(|stat| stat.st_mode & 0o7777)
}

fn chmod(name: &[u8]) -> i32 {
    let before = mode_of(name).unwrap_or(0o600);
    let changed = std::fs::set_permissions(
        PathBuf::from(path(name)),
        std::os::unix::fs::PermissionsExt::from_mode(before),
    );
    let error = changed.map_or_else(|error| error.raw_os_error().unwrap_or(-1), |()| 0);
    if error == 0 && mode_of(name) != Some(before) {
        restore(&format!("G {before}"));
    }
    error
}

fn traverse(name: &[u8]) -> i32 {
    let entered = number(nix::unistd::chdir(path(name)));
    nix::unistd::chdir("/").expect("cd /");
    entered
}

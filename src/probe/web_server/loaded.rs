//! Whether the running servers work by the files on disk: what changed after they read it.

use crate::facts::{Known, Listing, LoadedFile};
use crate::host::Host;
use crate::target::Target;
use crate::target::web_server::{ReadAt, Running};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Clocks of processes and of files are compared with this many seconds of doubt: the machine's start
/// is known to a second, and so is a process's.
const DOUBT: i64 = 2;

pub(super) fn observe(host: &Host, target: &Target) -> Listing<LoadedFile> {
    let mut list = Listing::whole(Vec::new());
    list.missed.extend(target.not_served(host));
    for server in target.serving(host) {
        let program = server.program.name();
        let Some(running) = &server.running else {
            list.missed.push(format!(
                "no running server works by {}, so nobody knows what is loaded",
                server.config.display()
            ));
            continue;
        };
        for file in &server.files {
            list.rows.push(row(host, program, file, running));
        }
    }
    let mut pools: BTreeSet<(PathBuf, u32)> = BTreeSet::new();
    for pool in &target.servers.pools {
        let Some(running) = &pool.running else {
            continue;
        };
        for file in [pool.config.clone(), pool.at.file.to_path_buf()] {
            if pools.insert((file.clone(), running.pid)) {
                list.rows.push(row(host, "php-fpm", &file, running));
            }
        }
    }
    list
}

fn row(host: &Host, program: &str, file: &Path, running: &Running) -> LoadedFile {
    let mut row = LoadedFile {
        program: program.to_owned(),
        path: file.to_string_lossy().into_owned(),
        line: 0,
        newer: Known::Known(false),
        changed: String::new(),
        read: String::new(),
        because: String::new(),
    };
    let times = host.stat(file).and_then(|stat| {
        stat.map(|stat| (stat.st_mtime, stat.st_ctime))
            .ok_or_else(|| format!("{} does not exist any more", file.display()))
    });
    row.newer = match (&running.read, times) {
        (Err(reason), _) => Known::unknown(reason.clone()),
        (_, Err(reason)) => Known::unknown(reason),
        (Ok(read), Ok((content, any))) => {
            row.changed = date(content);
            row.read = date(read.latest);
            row.because.clone_from(&read.because);
            newer(file, read, content, any)
        }
    };
    row
}

fn newer(file: &Path, read: &ReadAt, content: i64, any: i64) -> Known<bool> {
    let shown = file.display();
    if content >= read.latest + DOUBT {
        Known::Known(true)
    } else if content >= read.earliest + DOUBT {
        Known::unknown(format!(
            "{shown} changed between the server's start and its oldest worker's, so it may have been read since or not"
        ))
    } else if any >= read.latest + DOUBT {
        Known::unknown(format!(
            "{shown} keeps an older date, but was copied, moved or given another mode after the server read it"
        ))
    } else {
        Known::Known(false)
    }
}

fn date(second: i64) -> String {
    jiff::Timestamp::from_second(second).map_or_else(
        |_| second.to_string(),
        |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newer_than_what_was_read() {
        let read = ReadAt {
            earliest: 100,
            latest: 200,
            because: String::new(),
        };
        let judge = |content, any| newer(Path::new("/f"), &read, content, any).known().copied();
        assert_eq!(judge(50, 50), Some(false));
        assert_eq!(judge(101, 101), Some(false), "written just before");
        assert_eq!(judge(150, 150), None, "read since, or not");
        assert_eq!(judge(50, 300), None, "a copy that keeps dates");
        assert_eq!(judge(202, 202), Some(true));
    }
}

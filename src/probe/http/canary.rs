//! `--canary`: two marker files in a data directory, asked for and taken away again, also after an
//! error, a panic, or a signal that ends the program. Refuses to follow a link, to replace anything, and
//! to delete a file that is not its own.

use super::places::{Places, encoded};
use super::reply::Reply;
use super::send::Sender;
use super::trust::Trust;
use super::unseen::unseen_canary;
use crate::facts::{Asked, Canary, Known, Listing};
use crate::route::Request;
use crate::target::Target;
use rustix::fs::{AtFlags, Mode, OFlags, fstat, openat, statat, unlinkat};
use rustix::io::write;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::future::poll_fn;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::time::Duration;

/// How often a waiting request looks for a signal.
const LOOK: Duration = Duration::from_millis(50);

/// Puts the markers there, asks for them, takes them away.
pub(super) async fn observe(
    sender: &mut Sender,
    places: &Places<'_>,
    target: &Target,
    trust: &Trust,
    data: &mut Listing<Asked>,
) -> Canary {
    let Some((directory, base)) = directory(sender, places, target) else {
        return unseen_canary("no data directory is there to put marker files into");
    };
    let signals = Signals::watch();
    let result = match Words::new(trust) {
        Ok(words) => Markers::put(&directory, &words).map(|markers| (markers, words)),
        Err(problem) => Err(problem),
    };
    let canary = match result {
        Ok((mut markers, words)) => {
            let mut canary = ask(sender, &signals, &base, &words, data).await;
            canary.left = markers.take_away();
            canary
        }
        Err(problem) => unseen_canary(&problem),
    };
    signals.obey();
    Canary {
        path: directory.to_string_lossy().into_owned(),
        ..canary
    }
}

/// A data directory, one that is published before others, and the requests that may lead there.
fn directory(
    sender: &Sender,
    places: &Places<'_>,
    target: &Target,
) -> Option<(PathBuf, Vec<Request>)> {
    let mut found: Vec<(PathBuf, Vec<Request>)> = target
        .data
        .iter()
        .filter_map(|directory| directory.real.clone())
        .map(|path| {
            let requests = places.requests(&sender.site, &path);
            (path, requests)
        })
        .collect();
    found.sort_by_key(|(_, requests)| requests.is_empty());
    let (path, mut requests) = found.into_iter().next()?;
    if requests.is_empty() {
        // Moved out; an alias may still lead there under its own name.
        let name = path.file_name().map(Path::new)?;
        requests.push(sender.site.at("/data"));
        requests.push(sender.site.at(&encoded(name)));
    }
    Some((path, requests))
}

/// Words that nobody can guess, and that stand in no source as they are printed.
struct Words {
    /// What both names hold.
    name: String,
    /// What the text says.
    said: String,
    /// What a script prints.
    printed: String,
}

impl Words {
    fn new(trust: &Trust) -> Result<Self, String> {
        let word = || {
            let bytes = trust.random()?;
            Ok::<_, String>(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
        };
        let (name, said): (String, String) = (word()?, word()?);
        Ok(Self {
            name: format!("deskguard-canary-{name}"),
            said,
            printed: word()?,
        })
    }

    fn script(&self) -> String {
        let reversed: String = self.printed.chars().rev().collect();
        format!(
            "<?php /* put here by deskguard --canary; it prints a word; delete it if it is still here */ echo strrev('{reversed}'); ?>\n"
        )
    }

    fn text(&self) -> String {
        format!("{} {}", self.said, self.script())
    }
}

/// The two files, while they are there.
struct Markers {
    directory: OwnedFd,
    place: PathBuf,
    /// Name, device and inode.
    files: Vec<(String, u64, u64)>,
}

impl Markers {
    fn put(directory: &Path, words: &Words) -> Result<Self, String> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let opened = openat(rustix::fs::CWD, directory, flags, Mode::empty())
            .map_err(|error| format!("{}: {error}", directory.display()))?;
        let mut markers = Self {
            directory: opened,
            place: directory.to_owned(),
            files: Vec::new(),
        };
        // What fails half way is taken away when `markers` is dropped.
        markers.file(&format!("{}.txt", words.name), &words.text())?;
        markers.file(&format!("{}.php", words.name), &words.script())?;
        Ok(markers)
    }

    fn file(&mut self, name: &str, content: &str) -> Result<(), String> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
        let place = self.place.join(name);
        let say = |error| format!("{}: {error}", place.display());
        let file = openat(&self.directory, name, flags, mode).map_err(say)?;
        let seen = fstat(&file).map_err(say)?;
        self.files.push((name.to_owned(), seen.st_dev, seen.st_ino));
        // The umask may have made it unreadable for the web server.
        rustix::fs::fchmod(&file, mode).map_err(say)?;
        let mut rest = content.as_bytes();
        while !rest.is_empty() {
            let count = write(&file, rest).map_err(say)?;
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    /// Takes them away; what could not be is named.
    fn take_away(&mut self) -> Vec<String> {
        let mut left = Vec::new();
        for (name, device, inode) in self.files.drain(..) {
            let place = self.place.join(&name).to_string_lossy().into_owned();
            match statat(&self.directory, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(seen) if (seen.st_dev, seen.st_ino) == (device, inode) => {
                    if let Err(error) = unlinkat(&self.directory, &name, AtFlags::empty()) {
                        left.push(format!("{place}: {error}"));
                    }
                }
                Ok(_) => left.push(format!("{place}: somebody has put another file there")),
                // Somebody else was faster.
                Err(rustix::io::Errno::NOENT) => {}
                Err(error) => left.push(format!("{place}: {error}")),
            }
        }
        left
    }
}

impl Drop for Markers {
    fn drop(&mut self) {
        self.take_away();
    }
}

/// Signals that would end the program while the markers are there.
struct Signals {
    caught: Arc<AtomicUsize>,
    watching: Vec<signal_hook::SigId>,
}

impl Signals {
    fn watch() -> Self {
        let caught = Arc::new(AtomicUsize::new(0));
        let watching = [SIGINT, SIGTERM, SIGHUP].into_iter().filter_map(|signal| {
            let value = usize::try_from(signal).ok()?;
            signal_hook::flag::register_usize(signal, Arc::clone(&caught), value).ok()
        });
        Self {
            watching: watching.collect(),
            caught,
        }
    }

    async fn came(&self) {
        while self.caught.load(Ordering::SeqCst) == 0 {
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Lets a signal that came meanwhile do what it was sent for.
    fn obey(self) {
        for id in self.watching {
            signal_hook::low_level::unregister(id);
        }
        if let Ok(signal @ 1..) = i32::try_from(self.caught.load(Ordering::SeqCst)) {
            // Where that fails, the audit goes on.
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    }
}

async fn ask(
    sender: &mut Sender,
    signals: &Signals,
    base: &[Request],
    words: &Words,
    data: &mut Listing<Asked>,
) -> Canary {
    let mut found = Found::default();
    let name = &words.name;
    let paths = [
        format!("{name}.txt"),
        // PHP-FPM looks for the script among the parents of a path (cgi.fix_pathinfo).
        format!("{name}.txt/x.php"),
        format!("{name}.php"),
        format!("{name}.php/x"),
        format!("{name}.php?x"),
    ];
    for base in base {
        let above = String::from_utf8_lossy(&base.target).into_owned();
        let above = above.trim_end_matches('/').to_owned();
        for path in &paths {
            let request = sender.site.absolute(&format!("{above}/{path}"));
            let Some(reply) = unless(signals.came(), sender.get(&request)).await else {
                return found.canary();
            };
            match reply {
                Ok(reply) => found.judge(&request, &reply, words, data),
                Err(failure) => found.missed = Some(failure.reason().to_owned()),
            }
        }
    }
    found.canary()
}

/// What the work comes to; none where the other came first.
async fn unless<T>(other: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    let (mut other, mut work) = (pin!(other), pin!(work));
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        other.as_mut().poll(context).map(|()| None)
    })
    .await
}

#[derive(Default)]
struct Found {
    served: bool,
    executed: bool,
    source: bool,
    urls: Vec<String>,
    missed: Option<String>,
}

impl Found {
    fn judge(
        &mut self,
        request: &Request,
        reply: &Reply,
        words: &Words,
        data: &mut Listing<Asked>,
    ) {
        let served = reply.contains(&words.said);
        let source = reply.contains("strrev(");
        let executed = reply.contains(&words.printed);
        self.served |= served;
        self.source |= source;
        self.executed |= executed;
        let given = served || source || executed;
        let shows = if executed {
            "what the marker script prints: it was run"
        } else if given {
            "the marker file's own bytes"
        } else {
            ""
        };
        if given {
            // The one that was run is the one to show.
            let at = if executed { 0 } else { self.urls.len() };
            self.urls.insert(at, request.url());
        }
        data.rows.push(Asked {
            what: "a marker file of --canary".to_owned(),
            kind: "data".to_owned(),
            url: request.url(),
            status: reply.status,
            given: Known::Known(given),
            given_outside: Known::unknown("it was put there for this request"),
            shows: if given {
                shows.to_owned()
            } else {
                format!("status {}", reply.status)
            },
        });
    }

    fn canary(self) -> Canary {
        let fact = |shown: bool| match (&self.missed, shown) {
            (Some(why), false) => Known::unknown(why.clone()),
            _ => Known::Known(shown),
        };
        Canary {
            placed: Known::Known(true),
            served: fact(self.served),
            executed: fact(self.executed),
            source_served: fact(self.source),
            urls: self.urls,
            ..Canary::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    fn words() -> Words {
        Words::new(&Trust::load()).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let names = fs::read_dir(folder).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn they_are_gone_after_a_panic() {
        let folder = tempfile::tempdir().unwrap();
        let words = words();
        let result = catch_unwind(AssertUnwindSafe(|| {
            let _markers = Markers::put(folder.path(), &words).unwrap();
            assert_eq!(names(folder.path()).len(), 2);
            panic!("something broke");
        }));
        assert!(result.is_err());
        assert_eq!(names(folder.path()), Vec::<String>::new());
    }

    #[test]
    fn no_link_is_followed_and_nothing_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let words = words();
        assert!(Markers::put(&link, &words).is_err());
        // The second name is taken: the first file goes away again.
        let taken = format!("{}.php", words.name);
        std::os::unix::fs::symlink("/etc/passwd", real.join(&taken)).unwrap();
        assert!(Markers::put(&real, &words).is_err());
        assert_eq!(names(&real), [taken]);
    }

    #[test]
    fn a_file_of_somebody_else_is_left_and_named() {
        let folder = tempfile::tempdir().unwrap();
        let words = words();
        let mut markers = Markers::put(folder.path(), &words).unwrap();
        let text = folder.path().join(format!("{}.txt", words.name));
        fs::rename(&text, folder.path().join("moved")).unwrap();
        fs::write(&text, "another").unwrap();
        let left = markers.take_away();
        assert!(
            left[0].contains("somebody has put another file there"),
            "{left:?}"
        );
        assert_eq!(names(folder.path()).len(), 2);
    }

    #[test]
    fn what_is_printed_stands_in_no_source() {
        let words = words();
        for source in [words.script(), words.text()] {
            assert!(!source.contains(&words.printed) && source.contains("strrev("));
        }
    }
}

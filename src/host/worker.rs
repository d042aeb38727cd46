//! The disk as one account sees it, for the models of web servers: what may be read, entered, or is
//! not there. Answers are remembered up to a bound. Refuses to be the account: the access model says
//! what the kernel would.

use super::glob::LARGEST_CONFIG;
use super::{Host, Looker};
use crate::access::{
    Chain, Decision, End, Kind as What, LastName, Mechanism, Place, Principal, Right, Step,
    Verdict, decide,
};
use crate::route::{Disk, Entry, Links, Source, Sources};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// No more answers are remembered; then the memory starts anew.
const MOST_REMEMBERED: usize = 20_000;
/// No more text is remembered, in bytes: every folder may hold a large `.htaccess`.
const MOST_TEXT: usize = 8 << 20;

/// What one account finds on disk.
pub struct WorkerDisk<'a> {
    host: &'a Host,
    looker: &'a Looker,
    who: Result<Principal, String>,
    // By the bytes: two paths that differ in a last slash alone are equal as paths.
    entries: RefCell<HashMap<OsString, Result<Entry, String>>>,
    texts: RefCell<HashMap<OsString, Result<Source, String>>>,
    /// How much the texts hold, in bytes.
    text_bytes: Cell<usize>,
}

impl<'a> WorkerDisk<'a> {
    /// The disk of this account; without one, why it is not known.
    #[must_use]
    pub fn new(host: &'a Host, looker: &'a Looker, who: Result<Principal, String>) -> Self {
        Self {
            host,
            looker,
            who,
            entries: RefCell::default(),
            texts: RefCell::default(),
            text_bytes: Cell::new(0),
        }
    }

    /// The chain of a path. A folder that stands for a host holds the host's paths.
    fn chain(&self, path: &Path) -> Chain {
        if self.host.is_here() || path.starts_with(&self.host.root) {
            return self.looker.chain(path.as_os_str().as_bytes());
        }
        // Byte for byte: what joining paths would tidy away decides what the kernel says.
        let mut whole = self.host.root.as_os_str().as_bytes().to_vec();
        whole.extend_from_slice(path.as_os_str().as_bytes());
        self.looker.chain(&whole)
    }

    fn look(&self, path: &Path) -> Result<Entry, String> {
        let who = self.who.as_ref().map_err(Clone::clone)?;
        let chain = self.chain(path);
        let read = decide(&chain, who, self.looker.sysctl(), Right::Read);
        let End::Reached(place) = chain.end else {
            return not_reached(&chain, read, path);
        };
        let kind = chain.entry(place).map(|entry| entry.kind);
        let at_end = read.place == Some(place);
        match (read.verdict, kind) {
            (Verdict::Denied(_), _) if !at_end => Ok(Entry::Closed),
            (Verdict::Unknown(_), _) => Err(doubt(&chain, who, read, path)),
            (verdict, Some(What::File)) => Ok(Entry::File {
                readable: verdict.is_granted(),
            }),
            (verdict, Some(What::Directory)) => {
                let enter = decide(&chain, who, self.looker.sysctl(), Right::Traverse);
                Ok(Entry::Directory {
                    readable: verdict.is_granted(),
                    enterable: enter
                        .verdict
                        .allowed()
                        .ok_or_else(|| doubt(&chain, who, enter, path))?,
                })
            }
            _ => Ok(Entry::Other),
        }
    }

    /// Whether a link belongs to the owner of what it leads to.
    fn owner_of(&self, link: &Place) -> Result<Links, String> {
        let target = self.looker.chain(&link.path);
        match target.end_entry() {
            Some(entry) if entry.uid == link.entry.uid => Ok(Links::SameOwner),
            None if matches!(target.end, End::Unseen(..)) => {
                let shown = String::from_utf8_lossy(&link.path);
                Err(format!("where {shown} leads could not be looked at"))
            }
            _ => Ok(Links::OtherOwner),
        }
    }

    fn remember<T: Clone>(
        memory: &RefCell<HashMap<OsString, T>>,
        path: &Path,
        look: impl FnOnce() -> T,
    ) -> T {
        if let Some(known) = memory.borrow().get(path.as_os_str()) {
            return known.clone();
        }
        let found = look();
        let mut memory = memory.borrow_mut();
        if memory.len() >= MOST_REMEMBERED {
            memory.clear();
        }
        memory.insert(path.as_os_str().to_owned(), found.clone());
        found
    }
}

/// The path leads to no entry: which of the kernel's errors the account would get.
fn not_reached(chain: &Chain, read: Decision, path: &Path) -> Result<Entry, String> {
    match (read.verdict, &chain.end) {
        (Verdict::Denied(Mechanism::Missing), _) => Ok(Entry::Missing),
        (Verdict::Denied(Mechanism::NotDirectory), _) => Ok(Entry::BelowFile),
        (Verdict::Denied(Mechanism::LinkLoop | Mechanism::NameTooLong), _) => Ok(Entry::Unusable),
        (Verdict::Denied(_), _) => Ok(Entry::Closed),
        (_, End::Unseen(at, why)) => Err(format!(
            "{}: {why}",
            String::from_utf8_lossy(at).into_owned()
        )),
        _ => Err(format!("{} could not be looked at", path.display())),
    }
}

fn doubt(chain: &Chain, who: &Principal, decision: Decision, path: &Path) -> String {
    let at = decision.place;
    let place = at.map_or_else(|| path.display().to_string(), |id| chain.path(id));
    let entry = at.and_then(|id| chain.entry(id));
    decision.verdict.sentence(who, &place, entry, decision.want)
}

impl Sources for WorkerDisk<'_> {
    /// What the file holds, which the auditor reads; whether the account may is in `entry`.
    fn read(&self, path: &Path) -> Result<Source, String> {
        Self::remember(&self.texts, path, || {
            let found = self.host.read(path);
            let size = match &found {
                Ok(Source::Text(text)) => text.len(),
                _ => 0,
            };
            self.text_bytes
                .set(self.text_bytes.get().saturating_add(size));
            if self.text_bytes.get() > MOST_TEXT {
                self.texts.borrow_mut().clear();
                self.text_bytes.set(size);
            }
            found
        })
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        self.host.glob(pattern)
    }
}

impl Disk for WorkerDisk<'_> {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        Self::remember(&self.entries, path, || self.look(path))
    }

    fn links(&self, path: &Path) -> Result<Links, String> {
        let chain = self.chain(path);
        let mut found = Links::None;
        for step in &chain.steps {
            let Step::Follow { link, .. } = step else {
                continue;
            };
            if let Some(place) = chain.places.get(*link) {
                match self.owner_of(place)? {
                    Links::OtherOwner => found = Links::OtherOwner,
                    other if found == Links::None => found = other,
                    _ => {}
                }
            }
        }
        Ok(found)
    }

    fn link(&self, path: &Path) -> Result<Links, String> {
        let chain = self.chain(path);
        match chain.last.map(|last| last.name) {
            Some(LastName::Entry { place, .. }) => match chain.places.get(place) {
                Some(last) if last.entry.kind == What::Link => self.owner_of(last),
                _ => Ok(Links::None),
            },
            Some(LastName::Unseen(why)) => Err(format!("{}: {why}", path.display())),
            _ => Ok(Links::None),
        }
    }
}

/// A file's text as far as it is a configuration's, for drawing the lines that decided.
#[must_use]
pub fn text_of(host: &Host, path: &Path) -> Option<Vec<u8>> {
    host.read_file(path, LARGEST_CONFIG).ok().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = |name: &str, mode| {
            fs::set_permissions(at(name), Permissions::from_mode(mode)).unwrap();
        };
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        for name in ["open", "closed", "blind"] {
            fs::create_dir(at(name)).unwrap();
            fs::write(at(name).join("f"), "x").unwrap();
            mode(&format!("{name}/f"), 0o644);
        }
        fs::write(at("open/secret"), "x").unwrap();
        mode("open/secret", 0o600);
        mode("open", 0o755);
        mode("closed", 0o700);
        mode("blind", 0o711);
        symlink("open/f", at("own")).unwrap();
        symlink("loop", at("loop")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        symlink("closed/f", at("into")).unwrap();
        folder
    }

    #[test]
    fn each_error_of_the_kernel_has_its_answer() {
        let (folder, host, looker) = (folder(), Host::default(), Looker::based("/".into()));
        let stranger = Principal::new("stranger", 4_000_000, vec![4_000_000]);
        let disk = WorkerDisk::new(&host, &looker, Ok(stranger));
        let file = |readable| Entry::File { readable };
        let directory = |readable, enterable| Entry::Directory {
            readable,
            enterable,
        };
        for (path, expected) in [
            ("open", directory(true, true)),
            ("open/", directory(true, true)),
            ("open/f", file(true)),
            ("open//../open/f", file(true)),
            ("open/f/", Entry::BelowFile),
            ("open/f/x", Entry::BelowFile),
            ("open/none", Entry::Missing),
            ("open/secret", file(false)),
            ("blind", directory(false, true)),
            ("blind/f", file(true)),
            ("closed", directory(false, false)),
            ("closed/f", Entry::Closed),
            ("closed/none", Entry::Closed),
            ("into", Entry::Closed),
            ("own", file(true)),
            ("loop", Entry::Unusable),
            ("dangling", Entry::Missing),
        ] {
            let path = format!("{}/{path}", folder.path().display());
            assert_eq!(disk.entry(Path::new(&path)), Ok(expected), "{path}");
        }
        assert_eq!(disk.entry(Path::new("/dev/null")), Ok(Entry::Other));
        let long = format!("/{}", "x".repeat(300));
        assert_eq!(disk.entry(Path::new(&long)), Ok(Entry::Unusable));
        let nobody = WorkerDisk::new(&host, &looker, Err("no account".into()));
        assert_eq!(nobody.entry(folder.path()), Err("no account".to_owned()));
    }

    #[test]
    fn links_and_their_owners() {
        let (folder, host, looker) = (folder(), Host::default(), Looker::based("/".into()));
        let disk = WorkerDisk::new(&host, &looker, Ok(Principal::root()));
        let links = |name: &str| disk.links(&folder.path().join(name)).unwrap();
        assert_eq!(links("open/f"), Links::None);
        assert_eq!(links("own"), Links::SameOwner);
        assert_eq!(links("dangling"), Links::OtherOwner);
        let link = |name: &str| disk.link(&folder.path().join(name)).unwrap();
        assert_eq!(link("own"), Links::SameOwner);
        symlink("open", folder.path().join("way")).unwrap();
        assert_eq!(
            (links("way/f"), link("way/f")),
            (Links::SameOwner, Links::None)
        );
        if rustix::process::geteuid().is_root() {
            chown(folder.path().join("open/f"), Some(5), None).unwrap();
            assert_eq!(links("own"), Links::OtherOwner);
        }
    }

    #[test]
    fn a_folder_that_stands_for_a_host_holds_its_paths() {
        let (folder, looker) = (folder(), Looker::based("/".into()));
        let host = Host::at(folder.path().to_owned());
        let disk = WorkerDisk::new(&host, &looker, Ok(Principal::root()));
        let file = Ok(Entry::File { readable: true });
        assert_eq!(disk.entry(Path::new("/open/f")), file);
        assert_eq!(disk.entry(&folder.path().join("open/f")), file);
    }
}

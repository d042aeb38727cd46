//! Include patterns on the host, and the host as the place where included text comes from.
//! Refuses patterns that match without end; what cannot be listed is an error, never a shorter list.

use super::read::{Host, Kind, MOST_ENTRIES, kind};
use crate::route::pattern::{Link, Pattern};
use crate::route::{Source, Sources};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// No configuration file is larger than this.
pub const LARGEST_CONFIG: usize = 4 << 20;
/// No pattern matches more than this.
const MOST_MATCHES: usize = 10_000;

impl Host {
    /// The paths that match a pattern by the rules of glob(3), in the order of their bytes.
    ///
    /// # Errors
    /// A sentence that says why there may be others.
    pub fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        let mut found = vec![PathBuf::from("/")];
        for link in Pattern::new(pattern)?.links {
            let mut next = Vec::new();
            for directory in found {
                match &link {
                    Link::Name(name) => next.push(directory.join(OsStr::from_bytes(name))),
                    Link::Any(..) => next.extend(self.matching(&directory, &link)?),
                }
                if next.len() > MOST_MATCHES {
                    let shown = pattern.display();
                    return Err(format!("more than {MOST_MATCHES} paths match {shown}"));
                }
            }
            found = next;
        }
        let mut there = Vec::new();
        for path in found {
            if self.is_there(&path)? {
                there.push(path);
            }
        }
        there.sort();
        Ok(there)
    }

    fn matching(&self, directory: &Path, link: &Link) -> Result<Vec<PathBuf>, String> {
        // A file in the middle of a pattern matches nothing.
        let is_directory = self
            .stat(directory)?
            .is_some_and(|stat| kind(&stat) == Kind::Directory);
        if !is_directory {
            return Ok(Vec::new());
        }
        let entries = self.list_dir(directory, MOST_ENTRIES)?.unwrap_or_default();
        let names = entries.into_iter().map(|(name, _)| name);
        Ok(names
            .filter(|name| link.matches(name))
            .map(|name| directory.join(name))
            .collect())
    }
}

impl Sources for Host {
    fn read(&self, path: &Path) -> Result<Source, String> {
        let is = self.stat(path)?.map(|stat| kind(&stat));
        if is == Some(Kind::Directory) {
            let entries = self.list_dir(path, MOST_ENTRIES)?.unwrap_or_default();
            let paths = entries.into_iter().map(|(name, _)| path.join(name));
            return Ok(Source::Directory(paths.collect()));
        }
        let text = self.read_file(path, LARGEST_CONFIG)?;
        Ok(text.map_or(Source::Missing, Source::Text))
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        Self::glob(self, pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn host() -> (tempfile::TempDir, Host) {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_owned();
        (folder, Host { root })
    }

    #[test]
    fn files_are_read_and_everything_else_is_said() {
        let (_folder, host) = host();
        let at = |name: &str| host.root.join(name);
        std::fs::write(at("f"), "12345").unwrap();
        std::fs::create_dir(at("d")).unwrap();
        symlink("/f", at("l")).unwrap();
        symlink("/dev/null", at("out")).unwrap();
        symlink("../../../../../../../../etc/passwd", at("up")).unwrap();
        symlink("loop", at("loop")).unwrap();
        nix::unistd::mkfifo(&at("p"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let read = |path: &str| host.read_file(Path::new(path), 5);
        assert_eq!(read("/f"), Ok(Some(b"12345".to_vec())));
        assert_eq!(read("/l"), Ok(Some(b"12345".to_vec())), "inside the root");
        assert_eq!(read("/out"), Ok(None), "links stay inside");
        assert_eq!(read("/up"), Ok(None), "links stay inside");
        assert_eq!(read("/none/x"), Ok(None));
        assert_eq!(read("/f/x"), Ok(None));
        assert_eq!(read("/p"), Err("/p is a FIFO, not a file".to_owned()));
        assert_eq!(read("/d"), Err("/d is a directory, not a file".to_owned()));
        assert_eq!(
            read("/loop"),
            Err("/loop leads through too many links".to_owned())
        );
        let small = host.read_file(Path::new("/f"), 4);
        assert_eq!(small, Err("/f is larger than 4 bytes".to_owned()));
        let device = Host::default().read_file(Path::new("/dev/null"), 5);
        assert_eq!(device, Err("/dev/null is a device, not a file".to_owned()));
        let link = host.read_link(Path::new("/out"));
        assert_eq!(link, Ok(Some("/dev/null".into())));
        assert_eq!(host.read_link(Path::new("/f")), Ok(None));
        assert_eq!(host.real_path(Path::new("/l")), Ok(Some("/f".into())));
        let real = Host::default().real_path(&host.root.join("f"));
        assert_eq!(real, Ok(Some(host.root.join("f"))));
    }

    #[test]
    fn patterns_match_in_order_and_hide_dots() {
        let (_folder, host) = host();
        for name in ["b.conf", "a.conf", ".c.conf", "d.txt"] {
            for folder in ["x", "y"] {
                std::fs::create_dir_all(host.root.join(folder)).unwrap();
                std::fs::write(host.root.join(folder).join(name), "").unwrap();
            }
        }
        symlink("/nowhere", host.root.join("x/z.conf")).unwrap();
        let found = host.glob(Path::new("/*/[ab].conf")).unwrap();
        let expected = ["/x/a.conf", "/x/b.conf", "/y/a.conf", "/y/b.conf"];
        assert_eq!(found, expected.map(PathBuf::from));
        assert_eq!(
            host.glob(Path::new("/x/z*")).unwrap().len(),
            1,
            "dangling links too"
        );
        assert!(host.glob(Path::new("/x/a.conf/*")).unwrap().is_empty());
        let listed = host.list_dir(Path::new("/x"), 3);
        assert_eq!(listed, Err("/x has more than 3 entries".to_owned()));
    }
}

//! From URI to path (`ngx_http_map_uri_to_path`), and what lies there for the worker.

use super::state::State;
use crate::route::nginx::plan::{Alias, Beyond, Symlinks};
use crate::route::{Entry, Links, Place};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Longest name and longest path of Linux.
const LONGEST_NAME: usize = 255;
const LONGEST_PATH: usize = 4095;

impl State<'_> {
    /// `$document_root`: what `root` or `alias` comes to.
    pub(super) fn root_directory(&mut self) -> Result<Vec<u8>, Beyond> {
        let root = &self.settings()?.root;
        let path = self.value(&root.path, false)?;
        if path.starts_with(b"/") {
            return Ok(path);
        }
        let text = "root comes to a relative path".to_owned();
        Err(Beyond {
            at: root.at.clone(),
            text,
        })
    }

    /// Root and the part of the URI that counts; the length of the root. Nothing where nginx gives up.
    pub(super) fn mapped(&mut self, uri: &[u8]) -> Result<Option<(Vec<u8>, usize)>, Beyond> {
        let alias = self.settings()?.root.alias;
        if alias != Alias::Root && !self.valid_location {
            self.note("alias cannot be used where the URI was rewritten");
            return Ok(None);
        }
        let mut path = self.root_directory()?;
        let length = path.len();
        match alias {
            Alias::Root => path.extend_from_slice(uri),
            Alias::Prefix(name) => path.extend_from_slice(uri.get(name..).unwrap_or_default()),
            Alias::Whole if self.add_uri_to_alias => path.extend_from_slice(uri),
            Alias::Whole => {}
        }
        Ok(Some((path, length)))
    }

    pub(super) fn path_of_uri(&mut self) -> Result<Option<Vec<u8>>, Beyond> {
        let uri = self.uri.clone();
        Ok(self.mapped(&uri)?.map(|(path, _)| path))
    }

    /// `$realpath_root`: links resolved; empty where that fails.
    pub(super) fn realpath_root(&mut self, at: &Place) -> Result<Vec<u8>, Beyond> {
        let root = self.root_directory()?;
        let path = Path::new(OsStr::from_bytes(&root));
        match self.entry(path)? {
            Entry::File { .. } | Entry::Directory { .. } | Entry::Other => {}
            _ => return Ok(Vec::new()),
        }
        let links = self.disk.links(path).map_err(|why| Beyond::at(at, why))?;
        if links != Links::None {
            return Err(Beyond::at(
                at,
                "$realpath_root: a symbolic link leads to the root, and where to is not known",
            ));
        }
        Ok(cleaned(&root))
    }

    /// What a path leads to for the worker.
    pub(super) fn entry(&self, path: &Path) -> Result<Entry, Beyond> {
        self.disk
            .entry(path)
            .map_err(|text| Beyond { at: None, text })
    }

    /// What a path leads to for the worker under `disable_symlinks` (`ngx_open_file_wrapper`): a
    /// forbidden link in the place of a directory counts as no directory (ENOTDIR), as the last name
    /// like a circle (ELOOP).
    pub(super) fn opened(&self, path: &Path) -> Result<Entry, Beyond> {
        let (kind, at) = &self.settings()?.symlinks;
        let links = |path: &Path| {
            self.disk.links(path).map_err(|text| Beyond {
                at: at.clone(),
                text,
            })
        };
        let entry = self.entry(path)?;
        match kind {
            Symlinks::Followed => Ok(entry),
            Symlinks::Refused => {
                let parent = path.parent().unwrap_or(path);
                if links(parent)? != Links::None {
                    return Ok(Entry::BelowFile);
                }
                let is_link = links(path)? != Links::None;
                Ok(if is_link { Entry::Unusable } else { entry })
            }
            // A link that leads nowhere has no owner to compare with.
            Symlinks::OfOwner => {
                let refused = entry != Entry::Missing && links(path)? == Links::OtherOwner;
                Ok(if refused { Entry::Unusable } else { entry })
            }
            Symlinks::Unknown => match links(path)? {
                Links::None => Ok(entry),
                _ => Err(Beyond {
                    at: at.clone(),
                    text: "disable_symlinks with from= is not modelled".to_owned(),
                }),
            },
        }
    }
}

/// Whether the kernel refuses a path for its length (ENAMETOOLONG) and not for circling links.
pub(super) fn is_too_long(path: &[u8]) -> bool {
    path.len() > LONGEST_PATH
        || path
            .split(|b| *b == b'/')
            .any(|name| name.len() > LONGEST_NAME)
}

/// A path without `.`, `..`, doubled and trailing slashes, as realpath(3) gives it.
fn cleaned(path: &[u8]) -> Vec<u8> {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    let mut out = Vec::new();
    for name in names {
        out.push(b'/');
        out.extend_from_slice(name);
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

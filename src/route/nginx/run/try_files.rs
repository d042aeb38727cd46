//! `try_files` (`ngx_http_try_files_handler`).

use super::Step;
use super::state::State;
use super::uri::split_args;
use crate::route::Entry;
use crate::route::nginx::plan::{Alias, Beyond, Template, Tried};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A whole path, and what follows the root in it.
type PathAndName = (Vec<u8>, Vec<u8>);

impl State<'_> {
    pub(super) fn try_files(&mut self) -> Result<Step, Beyond> {
        let location = self.location()?;
        let Some((at, tried)) = &location.try_files else {
            return Ok(Step::Content);
        };
        let alias = location.settings.root.alias;
        for one in tried {
            match one {
                Tried::Code(status) => {
                    self.say(at, format!("try_files finds nothing: ={status}"));
                    return Ok(Step::status(*status));
                }
                Tried::Fallback(template) => {
                    let Some((_, name)) = self.tried(template, alias)? else {
                        return Ok(Step::status(500));
                    };
                    let shown = String::from_utf8_lossy(&name).into_owned();
                    self.say(
                        at,
                        format!("try_files finds nothing and falls back to {shown}"),
                    );
                    if name.starts_with(b"@") {
                        return self.named_location(&name);
                    }
                    let (uri, args) = split_args(&name);
                    return self.internal_redirect(uri, args);
                }
                Tried::File(template) | Tried::Directory(template) => {
                    let wants_directory = matches!(one, Tried::Directory(_));
                    let Some((path, name)) = self.tried(template, alias)? else {
                        return Ok(Step::status(500));
                    };
                    if !self.is_there(&path, wants_directory)? {
                        continue;
                    }
                    let shown = String::from_utf8_lossy(&path).into_owned();
                    self.say(at, format!("try_files finds {shown}"));
                    self.found(alias, name, wants_directory);
                    return Ok(Step::Content);
                }
            }
        }
        Ok(Step::Content)
    }

    /// The path of an argument, and what follows the root in it.
    fn tried(&mut self, template: &Template, alias: Alias) -> Result<Option<PathAndName>, Beyond> {
        let uri = self.uri.clone();
        let Some((path, root)) = self.mapped(&uri)? else {
            return Ok(None);
        };
        let mut name = self.value(template, false)?;
        if let Alias::Prefix(length) = alias
            && template.constant().is_none()
            && uri
                .get(..length)
                .is_some_and(|start| name.starts_with(start))
        {
            name.drain(..length);
        }
        let mut path = path.get(..root).unwrap_or_default().to_vec();
        path.extend_from_slice(&name);
        Ok(Some((path, name)))
    }

    fn is_there(&self, path: &[u8], wants_directory: bool) -> Result<bool, Beyond> {
        let path = Path::new(OsStr::from_bytes(path));
        Ok(match self.opened(path)? {
            Entry::Directory { .. } => wants_directory,
            Entry::File { .. } | Entry::Other => !wants_directory,
            _ => false,
        })
    }

    fn found(&mut self, alias: Alias, name: Vec<u8>, is_directory: bool) {
        match alias {
            Alias::Root => self.uri = name,
            Alias::Prefix(length) => {
                self.uri.truncate(length);
                self.uri.extend(name);
            }
            Alias::Whole if !is_directory => {
                self.uri = name;
                self.add_uri_to_alias = true;
            }
            Alias::Whole => {}
        }
    }
}

//! The content phase: index, autoindex, static, or the location's own handler.

use super::path::is_too_long;
use super::state::State;
use super::uri::escape_path;
use super::{End, Step};
use crate::route::nginx::plan::{Alias, Beyond, Handler, Template};
use crate::route::{Decision, Entry};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

impl State<'_> {
    pub(super) fn content(&mut self) -> Result<Step, Beyond> {
        if let Some(index) = self.handler {
            return self.handled(index);
        }
        if self.uri.ends_with(b"/") {
            return self.directory();
        }
        self.static_file()
    }

    fn handled(&mut self, index: usize) -> Result<Step, Beyond> {
        let Some(handler) = &self.at(index)?.handler else {
            return Ok(Step::status(500));
        };
        let (at, text, decision) = match handler {
            Handler::Proxy { at, text } => (at, text.clone(), Decision::Proxied),
            Handler::EmptyGif(at) => (at, "empty_gif".to_owned(), Decision::Fixed),
            Handler::StubStatus(at) => (at, "stub_status".to_owned(), Decision::Fixed),
            Handler::Unknown(at, text) => return Err(Beyond::at(at, text.clone())),
            Handler::FastCgi { at, to } => return self.fastcgi(at, to),
        };
        self.say(at, text);
        let status = match decision {
            Decision::Proxied => self.forced_status(),
            _ => Some(self.sent_status(200)),
        };
        Ok(self.end(decision, status, None))
    }

    pub(super) fn end(&self, decision: Decision, status: Option<u16>, file: Option<&[u8]>) -> Step {
        Step::Done(End {
            decision,
            status,
            file: file.map(|path| PathBuf::from(OsStr::from_bytes(path))),
            to: None,
        })
    }

    /// A URI that ends in a slash: index, then autoindex, then 403.
    fn directory(&mut self) -> Result<Step, Beyond> {
        if let Some(step) = self.index()? {
            return Ok(step);
        }
        let Some(mut path) = self.path_of_uri()? else {
            return Ok(Step::status(500));
        };
        let root = self.settings()?.root.at.clone();
        if let Some(at) = self.settings()?.autoindex.clone() {
            // nginx drops the last byte without looking: an alias may end in another than a slash.
            if path.len() > 1 {
                path.pop();
            }
            let shown = String::from_utf8_lossy(&path).into_owned();
            let entry = self.entry(Path::new(OsStr::from_bytes(&path)))?;
            return Ok(match entry {
                Entry::Directory { readable: true, .. } => {
                    self.say(&at, format!("autoindex lists {shown}"));
                    let status = self.sent_status(200);
                    self.end(Decision::Listing, Some(status), Some(&path))
                }
                Entry::Missing | Entry::BelowFile | Entry::File { .. } | Entry::Other => {
                    self.note(format!("{shown} is no directory"));
                    Step::status(404)
                }
                Entry::Unusable if is_too_long(&path) => Step::status(404),
                Entry::Unusable => Step::status(500),
                Entry::Directory { .. } | Entry::Closed => {
                    self.note(format!("{shown} is closed to the worker"));
                    Step::status(403)
                }
            });
        }
        let shown = String::from_utf8_lossy(&path).into_owned();
        let text = format!("{shown} has no index, and autoindex is off");
        match root {
            Some(at) => self.say(&at, text),
            None => self.note(text),
        }
        Ok(Step::status(403))
    }

    /// `ngx_http_index_handler`.
    fn index(&mut self) -> Result<Option<Step>, Beyond> {
        let settings = self.settings()?;
        let mut directory_is_there = false;
        for template in settings.index.iter() {
            if let Some(step) = self.one_index(template, &mut directory_is_there)? {
                return Ok(Some(step));
            }
        }
        Ok(None)
    }

    fn one_index(
        &mut self,
        template: &Template,
        tested: &mut bool,
    ) -> Result<Option<Step>, Beyond> {
        let name = self.value(template, false)?;
        let args = self.args.clone();
        if name.starts_with(b"/") {
            self.say(
                &template.at,
                format!("index {}", String::from_utf8_lossy(&name)),
            );
            return self.internal_redirect(name, args).map(Some);
        }
        let Some(directory) = self.path_of_uri()? else {
            return Ok(Some(Step::status(500)));
        };
        let mut path = directory.clone();
        path.extend_from_slice(&name);
        let full = Path::new(OsStr::from_bytes(&path));
        match self.opened(full)? {
            Entry::File { .. } | Entry::Directory { .. } | Entry::Other => {}
            Entry::Missing => {
                if !*tested {
                    if let Some(status) = self.index_directory(&directory)? {
                        self.note(format!(
                            "{} is no directory",
                            String::from_utf8_lossy(&directory)
                        ));
                        return Ok(Some(Step::status(status)));
                    }
                    *tested = true;
                }
                return Ok(None);
            }
            Entry::BelowFile => {
                self.note(format!("{} is below a file", full.display()));
                return Ok(Some(Step::status(404)));
            }
            Entry::Closed => {
                self.note(format!("{} is closed to the worker", full.display()));
                return Ok(Some(Step::status(403)));
            }
            Entry::Unusable if is_too_long(&path) => return Ok(Some(Step::status(404))),
            Entry::Unusable => {
                self.note(format!(
                    "{} leads over links that are refused",
                    full.display()
                ));
                return Ok(Some(Step::status(403)));
            }
        }
        self.say(&template.at, format!("index finds {}", full.display()));
        let mut uri = self.uri.clone();
        uri.extend_from_slice(&name);
        self.internal_redirect(uri, args).map(Some)
    }

    /// `ngx_http_index_test_dir`.
    fn index_directory(&self, directory: &[u8]) -> Result<Option<u16>, Beyond> {
        let bare = match directory {
            b"/" => directory,
            _ => directory.strip_suffix(b"/").unwrap_or(directory),
        };
        Ok(match self.entry(Path::new(OsStr::from_bytes(bare)))? {
            Entry::Directory { .. } | Entry::Closed => None,
            Entry::Missing => Some(404),
            Entry::Unusable => Some(403),
            _ => Some(500),
        })
    }

    /// `ngx_http_static_handler`.
    fn static_file(&mut self) -> Result<Step, Beyond> {
        let uri = self.uri.clone();
        let Some((path, root)) = self.mapped(&uri)? else {
            return Ok(Step::status(500));
        };
        if let Some((at, always)) = &self.settings()?.gzip_static {
            let may = *always || self.request.header("accept-encoding").is_some();
            let packed = [path.as_slice(), b".gz"].concat();
            let packed = self.entry(Path::new(OsStr::from_bytes(&packed)))?;
            if may && packed != Entry::Missing {
                return Err(Beyond::at(at, "gzip_static may send another file"));
            }
        }
        let full = Path::new(OsStr::from_bytes(&path));
        let shown = full.display().to_string();
        match self.opened(full)? {
            Entry::File { readable: true } => {
                self.say_root(&format!("{shown} is sent as it is"))?;
                let status = self.sent_status(200);
                Ok(self.end(Decision::Static, Some(status), Some(&path)))
            }
            Entry::Directory { readable: true, .. } => {
                self.note(format!("{shown} is a directory"));
                Ok(Step::Finalize {
                    status: 301,
                    to: Some(self.with_slash(&path, root)?),
                })
            }
            Entry::File { .. } | Entry::Directory { .. } | Entry::Closed => {
                self.note(format!("{shown} is closed to the worker"));
                Ok(Step::status(403))
            }
            Entry::Missing | Entry::BelowFile => {
                self.say_root(&format!("{shown} does not exist"))?;
                Ok(Step::status(404))
            }
            Entry::Unusable if is_too_long(&path) => Ok(Step::status(404)),
            Entry::Unusable => {
                self.note(format!("{shown} leads over links that are refused"));
                Ok(Step::status(403))
            }
            Entry::Other => Err(Beyond {
                at: None,
                text: format!("{shown} is neither a file nor a directory"),
            }),
        }
    }

    fn say_root(&mut self, text: &str) -> Result<(), Beyond> {
        let root = &self.settings()?.root;
        let word = if root.alias == Alias::Root {
            "root"
        } else {
            "alias"
        };
        match &root.at {
            Some(at) => self.say(at, format!("{word}: {text}")),
            None => self.note(format!("root html, which is compiled in: {text}")),
        }
        Ok(())
    }

    /// Where a directory without its last slash is redirected.
    fn with_slash(&self, path: &[u8], root: usize) -> Result<Vec<u8>, Beyond> {
        let is_root = self.settings()?.root.alias == Alias::Root;
        let mut to = if is_root && self.args.is_empty() {
            escape_path(path.get(root..).unwrap_or_default())
        } else {
            escape_path(&self.uri)
        };
        to.push(b'/');
        if !self.args.is_empty() {
            to.push(b'?');
            to.extend_from_slice(&self.args);
        }
        Ok(to)
    }
}

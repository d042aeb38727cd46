//! One request on its way through Apache, as `request_rec` holds it, and what stays the same for all
//! its internal redirects.

use super::Model;
use super::pattern::Groups;
use super::perdir::{PathInfo, PerDir};
use super::said::{Step, Stop};
use super::say::Allowed;
use super::server::Server;
use crate::route::{Because, Disk, Entry, Place, Request};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

/// What rules and variables may cost one request, in bytes.
const MOST_BYTES: usize = 16 << 20;

/// What lies under a file name (`finfo.filetype`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Nothing,
    File { readable: bool },
    Directory { readable: bool },
}

impl Kind {
    /// What the disk says; none for devices, sockets and pipes.
    pub(super) const fn of(entry: Entry) -> Option<Self> {
        Some(match entry {
            Entry::File { readable } => Self::File { readable },
            Entry::Directory { readable, .. } => Self::Directory { readable },
            Entry::Other => return None,
            Entry::Missing | Entry::BelowFile | Entry::Closed | Entry::Unusable => Self::Nothing,
        })
    }

    pub(super) const fn is_directory(self) -> bool {
        matches!(self, Self::Directory { .. })
    }

    pub(super) const fn is_file(self) -> bool {
        matches!(self, Self::File { .. })
    }
}

/// A section or `.htaccess` that took part in the configuration of a request, by where it lies in
/// memory. Requests with equal lists have the very same configuration, so that access is not checked
/// again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Taken(usize);

impl Taken {
    pub(super) fn of<T>(part: &Arc<T>) -> Self {
        Self(Arc::as_ptr(part) as usize)
    }
}

/// A `.htaccess` that was read for this request, under what `AllowOverride` let through then.
/// Subrequests and redirects get the same again (`r->htaccess`).
pub(super) struct ReadOnce {
    pub(super) file: PathBuf,
    pub(super) allowed: Allowed,
    pub(super) says: Arc<PerDir>,
}

/// The way down to a directory, kept for subrequests and redirects: one that ends in the same
/// directory takes it as it is, without going down again.
#[derive(Debug, Clone)]
pub(super) struct Walked {
    /// The directory, with its slash.
    pub(super) directory: Vec<u8>,
    pub(super) per_dir: Arc<PerDir>,
    pub(super) taken: Vec<Taken>,
}

/// How mod_rewrite's rules of the server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rewritten {
    Nothing,
    Normal,
    NoEscape,
    Status,
}

/// What all records of one request share.
pub(super) struct Asking<'a> {
    pub(super) model: &'a Model,
    pub(super) server: &'a Server,
    pub(super) disk: &'a dyn Disk,
    pub(super) request: &'a Request,
    /// The host as Apache keeps it: small letters, without port.
    pub(super) host: Vec<u8>,
    /// The client, after mod_remoteip.
    pub(super) client: IpAddr,
    /// The header that mod_remoteip took the client from, and what it left of it.
    pub(super) used: Option<(String, Option<Vec<u8>>)>,
    /// The reasons up to the point where the model ended.
    pub(super) until: RefCell<Vec<Because>>,
    /// What rules and variables have cost so far, in bytes.
    pub(super) spent: Cell<usize>,
    pub(super) read_once: RefCell<Vec<ReadOnce>>,
}

impl Asking<'_> {
    /// Counts bytes that were looked through or kept. An `.htaccess` may be the work of an attacker:
    /// thousands of rules, carried out thousands of times.
    pub(super) fn spend(&self, bytes: usize) -> Step<()> {
        let spent = self.spent.get().saturating_add(bytes);
        self.spent.set(spent);
        if spent > MOST_BYTES {
            return Err(Stop::new(
                "not modelled: rules and variables that cost this much",
            ));
        }
        Ok(())
    }
}

/// One request, subrequest or internal redirect.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) uri: Vec<u8>,
    pub(super) args: Option<Vec<u8>>,
    pub(super) filename: Option<Vec<u8>>,
    pub(super) path_info: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) handler: Option<(String, Option<Place>)>,
    pub(super) content_type: Option<(String, Option<Place>)>,
    pub(super) type_is_trusted: bool,
    pub(super) proxied: bool,
    pub(super) per_dir: Arc<PerDir>,
    pub(super) taken: Vec<Taken>,
    pub(super) env: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The status that an earlier error set.
    pub(super) status: u16,
    /// The status of the request that an error document answers.
    pub(super) earlier_error: Option<u16>,
    pub(super) location: Option<Vec<u8>>,
    /// Internal redirects so far.
    pub(super) redirects: usize,
    /// Subrequests around this one.
    pub(super) depth: usize,
    /// The sections of the request that this one comes from.
    pub(super) before: Option<Vec<Taken>>,
    /// The way down of the request that this one comes from, and its own.
    pub(super) walked_before: Option<Arc<Walked>>,
    pub(super) walked: Option<Arc<Walked>>,
    /// `Alias` and what it stands for.
    pub(super) context: Option<(Vec<u8>, Vec<u8>)>,
    pub(super) rewritten: Option<Rewritten>,
    pub(super) rewriting_ended: bool,
    pub(super) uri_reduced: bool,
    pub(super) forced_type: Option<(String, Place)>,
    pub(super) forced_handler: Option<(String, Place)>,
    pub(super) path_info_use: PathInfo,
    pub(super) script_alias: bool,
    /// `$0` to `$9` of the condition that is being asked; none where nothing has been written to them
    /// and Apache would read whatever its memory holds.
    pub(super) groups: Option<Groups>,
    pub(super) because: Vec<Because>,
}

impl Record {
    pub(super) fn new(uri: &[u8], args: Option<Vec<u8>>, per_dir: Arc<PerDir>) -> Self {
        // Of slashes at the start, one is left (`ap_parse_uri`).
        let doubled = uri.windows(2).take_while(|pair| *pair == b"//").count();
        Self {
            uri: uri.get(doubled..).unwrap_or_default().to_vec(),
            args,
            filename: None,
            path_info: Vec::new(),
            kind: Kind::Nothing,
            handler: None,
            content_type: None,
            type_is_trusted: false,
            proxied: false,
            per_dir,
            taken: Vec::new(),
            env: BTreeMap::new(),
            status: 200,
            earlier_error: None,
            location: None,
            redirects: 0,
            depth: 0,
            before: None,
            walked_before: None,
            walked: None,
            context: None,
            rewritten: None,
            rewriting_ended: false,
            uri_reduced: false,
            forced_type: None,
            forced_handler: None,
            path_info_use: PathInfo::Default,
            script_alias: false,
            groups: Some(Groups::default()),
            because: Vec::new(),
        }
    }

    /// Notes a line that had a part in the route.
    pub(super) fn note(&mut self, at: &Place, text: impl Into<String>) {
        self.push(Some(at.clone()), text.into());
    }

    /// Notes what has no line.
    pub(super) fn note_fact(&mut self, text: impl Into<String>) {
        self.push(None, text.into());
    }

    fn push(&mut self, at: Option<Place>, text: String) {
        let because = Because { at, text };
        if !self.because.contains(&because) && self.because.len() < 200 {
            self.because.push(because);
        }
    }

    /// The file name, empty where there is none yet.
    pub(super) fn file(&self) -> &[u8] {
        self.filename.as_deref().unwrap_or_default()
    }

    /// Whether the file name stands for another server.
    pub(super) fn is_proxy_name(&self) -> bool {
        self.proxied && self.file().starts_with(b"proxy:")
    }
}

/// Bytes for people.
pub(super) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

//! Why carrying out or undoing stopped, in words that name the entry and the remedy. Refuses to be
//! anything but the end: after a surprise nothing further is changed.

use rustix::io::Errno;
use std::fmt;
use std::path::Path;

/// What to do where somebody else changes what is being changed.
pub(super) const BUSY: &str = "somebody changes it at the same time: stop the web server and the scheduled task, and try again";

/// What was not as it had to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surprise {
    /// What is the matter, with its path.
    pub message: String,
    /// What a person can do about it.
    pub remedy: Option<String>,
    /// What kind it is.
    pub kind: Why,
}

/// Kinds of surprise that are met with something else than the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// An entry whose owner, mode or ACL was to be changed is not there any more.
    Gone,
    /// Undoing found neither what was before the fix nor what it left.
    Changed,
    /// Carrying out or undoing was not begun: nothing was changed.
    Unbegun,
    /// Anything else.
    Other,
}

impl Surprise {
    /// One without a remedy of its own.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            remedy: None,
            kind: Why::Other,
        }
    }

    /// Says of which kind it is.
    #[must_use]
    pub(super) const fn kind(mut self, kind: Why) -> Self {
        self.kind = kind;
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// What a system call refused.
    #[must_use]
    pub fn call(error: Errno, what: &str, path: &Path) -> Self {
        let path = path.display();
        match error {
            Errno::PERM => Self::new(format!("{what} {path}: the system does not permit it"))
                .remedy(format!(
                    "run deskguard as root; if lsattr -d shows i or a on {path} or on the directory above, chattr -ia takes that away"
                )),
            Errno::ROFS => Self::new(format!("{what} {path}: the file system is mounted read-only"))
                .remedy("mount it writable, then try again"),
            Errno::DQUOT | Errno::NOSPC => {
                Self::new(format!("{what} {path}: the file system is full"))
                    .remedy("make room, then try again")
            }
            Errno::NOENT => Self::new(format!("{what} {path}: it is not there")),
            other => Self::new(format!("{what} {path}: {}", said(other))),
        }
    }
}

/// The system's words without the number behind them.
fn said(error: Errno) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}

impl fmt::Display for Surprise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.remedy {
            Some(remedy) => write!(f, "; {remedy}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Surprise {}

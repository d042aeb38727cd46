//! The rules by which PHP-FPM takes or refuses a script that a web server hands to it
//! (`init_request_info` and `fpm_php_limit_extensions` of its sources).

use super::{Disk, Entry};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// One PHP-FPM listener, as its pool configures it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fpm {
    /// `listen`: a socket's path, `address:port`, or a port.
    pub listen: String,
    /// `security.limit_extensions`, each with its dot; empty means that every file may run.
    pub limit_extensions: Vec<String>,
    /// `cgi.fix_pathinfo`: PHP looks for the script among the parents of a path that does not exist.
    pub fix_pathinfo: bool,
    /// `chroot`: script names are looked up below it.
    pub chroot: Option<PathBuf>,
}

/// What PHP-FPM does with a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It runs this file.
    Script(PathBuf),
    /// 403, and why.
    Denied(String),
    /// 404, and why.
    Missing(String),
}

impl Default for Fpm {
    /// PHP-FPM's own defaults (php-fpm.conf, `security.limit_extensions`; php.ini, `cgi.fix_pathinfo`).
    fn default() -> Self {
        Self {
            listen: String::new(),
            limit_extensions: vec![".php".to_owned(), ".phar".to_owned()],
            fix_pathinfo: true,
            chroot: None,
        }
    }
}

impl Fpm {
    /// What happens to a request whose `SCRIPT_FILENAME` is this one.
    ///
    /// # Errors
    /// Why nobody could look, or what is not modelled.
    pub fn run(&self, script: &[u8], disk: &dyn Disk) -> Result<Ran, String> {
        let Some(script) = self.script(script, disk)? else {
            return Ok(Ran::Missing(
                "PHP-FPM finds no script: File not found.".to_owned(),
            ));
        };
        let shown = String::from_utf8_lossy(&script).into_owned();
        let may_run = |end: &String| script.len() > end.len() && script.ends_with(end.as_bytes());
        if !self.limit_extensions.is_empty() && !self.limit_extensions.iter().any(may_run) {
            return Ok(Ran::Denied(format!(
                "security.limit_extensions does not let PHP-FPM run {shown}: Access denied."
            )));
        }
        match disk.entry(&self.outside(&script))? {
            Entry::File { readable: true } => Ok(Ran::Script(self.outside(&script))),
            Entry::File { readable: false }
            | Entry::Directory {
                readable: false, ..
            } => Ok(Ran::Denied(format!(
                "PHP cannot read {shown}: Access denied."
            ))),
            Entry::Other => Err(format!("{shown} is neither a file nor a directory")),
            _ => Ok(Ran::Missing(format!(
                "PHP cannot open {shown}: No input file specified."
            ))),
        }
    }

    /// The script's name after `cgi.fix_pathinfo`; nothing where PHP-FPM gives up.
    pub(super) fn script(&self, name: &[u8], disk: &dyn Disk) -> Result<Option<Vec<u8>>, String> {
        let mut script = name.to_vec();
        if self.fix_pathinfo && !name.is_empty() {
            let there = |name: &[u8]| disk.entry(&self.outside(name));
            let exists = matches!(
                there(name)?,
                Entry::File { .. } | Entry::Directory { .. } | Entry::Other
            );
            if name.ends_with(b"/") || !exists {
                loop {
                    let Some(slash) = script.iter().rposition(|byte| *byte == b'/') else {
                        return Ok(None);
                    };
                    script.truncate(slash);
                    if !script.is_empty() && matches!(there(&script)?, Entry::File { .. }) {
                        break;
                    }
                }
            }
        }
        // `is_valid_path`: PHP refuses to climb.
        let climbs = script.split(|byte| *byte == b'/').any(|name| name == b"..");
        Ok((!climbs).then_some(script))
    }

    /// Where a name of PHP's lies for everybody else.
    fn outside(&self, name: &[u8]) -> PathBuf {
        let name = Path::new(OsStr::from_bytes(name));
        match &self.chroot {
            Some(root) => root.join(name.strip_prefix("/").unwrap_or(name)),
            None => name.to_owned(),
        }
    }
}

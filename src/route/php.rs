//! The rules by which PHP-FPM takes or refuses a script that a web server hands to it.

use std::path::PathBuf;

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

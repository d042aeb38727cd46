//! A hardened PHP-FPM for one install.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running PHP-FPM.
pub(super) struct PhpFpm {
    child: Child,
    pub(super) socket: PathBuf,
}

impl PhpFpm {
    /// Starts one pool in this folder; `more` are further lines of the pool.
    pub(super) fn start(folder: &Path, more: &str) -> Self {
        let (config, socket) = (folder.join("fpm.conf"), folder.join("php.sock"));
        let text = format!(
            "[global]\nerror_log = {0}/fpm.log\npid = {0}/fpm.pid\ndaemonize = no\n[www]\nuser = www-data\n\
             group = www-data\nlisten = {0}/php.sock\nlisten.mode = 0666\npm = static\npm.max_children = 1\n\
             php_admin_flag[display_errors] = off\nphp_admin_flag[expose_php] = off\n\
             php_admin_flag[session.cookie_httponly] = on\n{more}\n",
            folder.display()
        );
        fs::write(&config, text).unwrap();
        let mut programs: Vec<PathBuf> = fs::read_dir("/usr/sbin")
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.to_string_lossy().contains("/php-fpm"))
            .collect();
        programs.sort();
        let program = programs.pop().expect("php-fpm must be installed");
        let child = Command::new(program)
            .args(["-F", "-y"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let until = Instant::now() + Duration::from_secs(10);
        while !socket.exists() {
            let log = fs::read_to_string(folder.join("fpm.log")).unwrap_or_default();
            assert!(Instant::now() < until, "php-fpm does not start: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
        Self { child, socket }
    }
}

impl Drop for PhpFpm {
    fn drop(&mut self) {
        // SIGTERM, so that the master takes its workers along.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

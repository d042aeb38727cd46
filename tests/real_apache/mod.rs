//! A real Apache with mod_php, and PHP-FPM behind a socket: from Debian's packages, in a folder of its
//! own, on loopback addresses only, stopped by its own process number. Needs root, so that Apache's
//! children can be www-data.

#![allow(
    dead_code,
    reason = "several tests share this room and none uses all of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may fail by panicking, in its own functions too"
)]

pub(crate) mod disk;

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Modules that Debian enables at installation, and those that the model knows beside them.
const MODULES: &[&str] = &[
    "mpm_prefork",
    "access_compat",
    "actions",
    "alias",
    "auth_basic",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_host",
    "authz_user",
    "autoindex",
    "cgi",
    "dir",
    "env",
    "headers",
    "mime",
    "negotiation",
    "proxy",
    "proxy_fcgi",
    "proxy_http",
    "remoteip",
    "rewrite",
    "setenvif",
    "status",
];

/// The first lines of every configuration: what runs, what is loaded, where it logs.
pub(crate) fn preamble(folder: &Path) -> String {
    let mut text = format!(
        "ServerRoot {0}\nDefaultRuntimeDir {0}\nPidFile {0}/httpd.pid\nErrorLog {0}/error.log\nLogLevel info\n\
         User www-data\nGroup www-data\nMutex file:{0} default\nStartServers 4\nMinSpareServers 2\n\
         MaxRequestWorkers 12\nKeepAlive Off\nTimeout 20\nListenBacklog 128\nServerName main.test\n\
         TypesConfig /etc/mime.types\n",
        folder.display()
    );
    for module in MODULES {
        let file = format!("/usr/lib/apache2/modules/mod_{module}.so");
        text.push_str(&format!("LoadModule {module}_module {file}\n"));
    }
    text.push_str(&format!(
        "LoadModule php_module {}\n",
        php_module().display()
    ));
    text
}

/// Debian's mod_php, whatever its version.
fn php_module() -> PathBuf {
    let modules = fs::read_dir("/usr/lib/apache2/modules").expect("apache2 must be installed");
    let mut found = modules
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("/libphp"));
    found.next().expect("libapache2-mod-php must be installed")
}

/// A running Apache.
pub(crate) struct Apache {
    process: Child,
    folder: PathBuf,
}

impl Apache {
    /// Checks the configuration with `apache2 -t`; the error is Apache's.
    pub(crate) fn check(folder: &Path, config: &Path) -> Result<(), String> {
        let output = program(folder, config).arg("-t").output().unwrap();
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    /// Starts it and waits until `ready` accepts.
    pub(crate) fn start(folder: &Path, config: &Path, ready: SocketAddr) -> Self {
        let log = fs::File::create(folder.join("start.log")).unwrap();
        let process = program(folder, config)
            .arg("-DFOREGROUND")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("apache2 must be installed");
        let mut apache = Self {
            process,
            folder: folder.to_owned(),
        };
        let start = Instant::now();
        // Another one that is just ending may still accept, so this one's own number must be there.
        let number = apache.process.id().to_string();
        let up = || {
            let written = fs::read_to_string(folder.join("httpd.pid")).unwrap_or_default();
            written.trim() == number && TcpStream::connect(ready).is_ok()
        };
        while !up() {
            let ended = apache.process.try_wait().unwrap();
            if ended.is_some() || start.elapsed() > Duration::from_secs(20) {
                let told = fs::read_to_string(folder.join("start.log")).unwrap_or_default();
                let log = fs::read_to_string(folder.join("error.log")).unwrap_or_default();
                panic!("Apache did not start: {told}\n{log}");
            }
            thread::sleep(Duration::from_millis(10));
        }
        apache
    }

    /// Children that a signal killed so far; the parent writes them down once a second.
    pub(crate) fn crashed(&self) -> usize {
        let log = fs::read(self.folder.join("error.log")).unwrap_or_default();
        String::from_utf8_lossy(&log).matches("AH00052").count()
    }

    /// The last lines of the error log.
    pub(crate) fn log(&self) -> String {
        let log = fs::read(self.folder.join("error.log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log).into_owned();
        let lines: Vec<&str> = log.lines().rev().take(6).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Apache {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

fn program(folder: &Path, config: &Path) -> Command {
    let mut command = Command::new("apache2");
    // When it ends, Apache signals its whole process group, which must not be the test's.
    command.process_group(0);
    command.env_clear();
    command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
    command.arg("-d").arg(folder).arg("-f").arg(config);
    command
}

/// Asks a server to end, and its children with it.
fn stop(process: &mut Child) {
    let id = rustix::process::Pid::from_child(process);
    let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    let start = Instant::now();
    while process.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(10) {
            let _ = process.kill();
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// A running PHP-FPM with one pool on a socket.
pub(crate) struct PhpFpm {
    process: Child,
    /// Where it listens.
    pub(crate) socket: PathBuf,
}

impl PhpFpm {
    /// Starts it; Apache's children may connect.
    pub(crate) fn start(folder: &Path) -> Self {
        let socket = folder.join("fpm.sock");
        let config = folder.join("fpm.conf");
        let text = format!(
            "[global]\nerror_log={0}/fpm.log\ndaemonize=no\n[www]\nuser=www-data\ngroup=www-data\nlisten={1}\n\
             listen.mode=0666\npm=static\npm.max_children=3\n",
            folder.display(),
            socket.display()
        );
        fs::write(&config, text).unwrap();
        let process = Command::new(fpm_program())
            .arg("-n")
            .arg("-y")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        while !socket.exists() {
            assert!(
                start.elapsed() < Duration::from_secs(20),
                "PHP-FPM did not start"
            );
            thread::sleep(Duration::from_millis(10));
        }
        Self { process, socket }
    }
}

impl Drop for PhpFpm {
    fn drop(&mut self) {
        stop(&mut self.process);
    }
}

fn fpm_program() -> PathBuf {
    let programs = fs::read_dir("/usr/sbin").unwrap();
    let mut found = programs
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().contains("/php-fpm"));
    found.next().expect("php-fpm must be installed")
}

/// A port that is free on every loopback address, in the range that is given.
pub(crate) fn free_port(range: std::ops::Range<u16>) -> u16 {
    let start = u16::try_from(std::process::id() % u32::from(range.end - range.start)).unwrap();
    let length = range.end - range.start;
    let all = (0..length).map(|step| range.start + (start + step) % length);
    let mut free = all.filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.next().expect("no port is free")
}

/// What a server sent back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
}

/// Sends these very bytes from this address, and reads until the server hangs up. None where it does
/// so without an answer.
pub(crate) fn exchange(from: IpAddr, to: SocketAddr, bytes: &[u8]) -> Option<Reply> {
    let mut stream = connect(from, to);
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(bytes).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    let location = head
        .lines()
        .find_map(|line| line.strip_prefix("Location: "));
    Some(Reply {
        status,
        location: location.map(str::to_owned),
        body: body.to_owned(),
    })
}

/// A connection from one loopback address to another.
fn connect(from: IpAddr, to: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()
        .unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::new(from, 0)).unwrap();
        socket.connect(to).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    stream
}

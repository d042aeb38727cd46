//! The real nginx and the real PHP-FPM from Debian's packages, each in a folder of its own, on
//! loopback, stopped by pid. Needs root, and fails without it: nginx must become www-data.

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, socket};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A pool of the PHP-FPM that tests share.
pub(crate) struct Pool {
    pub(crate) name: &'static str,
    /// `security.limit_extensions`; none for PHP-FPM's own.
    pub(crate) limit_extensions: Option<&'static str>,
    pub(crate) fix_pathinfo: bool,
}

/// A running PHP-FPM.
pub(crate) struct PhpFpm {
    child: Child,
    folder: PathBuf,
}

impl PhpFpm {
    /// Starts pools, each behind the socket that `socket` names.
    pub(crate) fn start(folder: &Path, pools: &[Pool]) -> Self {
        let mut text = format!(
            "[global]\nerror_log = {0}/fpm.log\npid = {0}/fpm.pid\ndaemonize = no\n",
            folder.display()
        );
        for pool in pools {
            let socket = Self::path(folder, pool.name);
            let _ = write!(
                text,
                "[{}]\nuser = www-data\ngroup = www-data\nlisten = {}\nlisten.mode = 0666\n\
                 pm = static\npm.max_children = 2\ncatch_workers_output = no\n\
                 php_admin_value[cgi.fix_pathinfo] = {}\n\
                 php_admin_value[output_buffering] = 4096\n",
                pool.name,
                socket.display(),
                u8::from(pool.fix_pathinfo)
            );
            if let Some(limit) = pool.limit_extensions {
                let _ = writeln!(text, "security.limit_extensions = {limit}");
            }
        }
        let config = folder.join("fpm.conf");
        fs::write(&config, text).unwrap();
        let child = Command::new(program("php-fpm"))
            .args(["-n", "-F", "-y"])
            .arg(&config)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("php-fpm judges this test; install php-fpm");
        let fpm = Self {
            child,
            folder: folder.to_owned(),
        };
        let until = Instant::now() + Duration::from_secs(10);
        for pool in pools {
            while !fpm.socket(pool.name).exists() {
                assert!(
                    Instant::now() < until,
                    "php-fpm does not start: {}",
                    fs::read_to_string(folder.join("fpm.log")).unwrap_or_default()
                );
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        fpm
    }

    /// The socket of a pool.
    pub(crate) fn socket(&self, pool: &str) -> PathBuf {
        Self::path(&self.folder, pool)
    }

    fn path(folder: &Path, pool: &str) -> PathBuf {
        folder.join(format!("{pool}.sock"))
    }
}

impl Drop for PhpFpm {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// The php-fpm of whatever release is installed.
fn program(name: &str) -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/sbin")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|file| file.to_string_lossy().starts_with(name))
        })
        .collect();
    found.sort();
    found.pop().expect("php-fpm is not in /usr/sbin")
}

fn stop(child: &mut Child) {
    let pid = nix::unistd::Pid::from_raw(i32::try_from(child.id()).unwrap());
    // SIGTERM, so that a master takes its workers along.
    let _ = Command::new("kill").arg(pid.to_string()).status();
    let _ = child.wait();
}

/// A running nginx.
pub(crate) struct Nginx {
    child: Child,
}

/// What stands before `http`: nginx in the foreground, everything in its own folder.
pub(crate) fn preamble(prefix: &Path) -> String {
    format!(
        "user www-data www-data;\nworker_processes 1;\ndaemon off;\npid {0}/nginx.pid;\n\
         error_log {0}/error.log crit;\nevents {{ worker_connections 4096; }}\n",
        prefix.display()
    )
}

/// What stands first in `http`.
pub(crate) fn http_preamble(prefix: &Path) -> String {
    let mut text = String::from(
        "access_log off;\nserver_names_hash_bucket_size 128;\nserver_names_hash_max_size 4096;\nvariables_hash_max_size 8192;\nkeepalive_timeout 0;\n",
    );
    for kind in ["client_body", "fastcgi", "proxy", "scgi", "uwsgi"] {
        let _ = writeln!(text, "{kind}_temp_path {}/{kind};", prefix.display());
    }
    text
}

impl Nginx {
    /// What `nginx -t` says against a configuration.
    pub(crate) fn check(prefix: &Path, config: &str) -> Result<(), String> {
        let file = prefix.join("checked.conf");
        fs::write(&file, config).unwrap();
        let output = Command::new("nginx")
            .args(["-t", "-q", "-p"])
            .arg(prefix)
            .arg("-c")
            .arg(&file)
            .output()
            .expect("nginx judges this test; install nginx");
        if output.status.success() {
            return Ok(());
        }
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Starts nginx and waits until this port answers: the one that stands last in the configuration.
    pub(crate) fn start(prefix: &Path, config: &str, port: u16) -> Self {
        assert!(
            nix::unistd::geteuid().is_root(),
            "this test needs root: nginx must become www-data"
        );
        let file = prefix.join("nginx.conf");
        fs::write(&file, config).unwrap();
        let child = Command::new("nginx")
            .arg("-p")
            .arg(prefix)
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx judges this test; install nginx");
        let mut nginx = Self { child };
        let until = Instant::now() + Duration::from_secs(10);
        // The master's socket takes connections before there is a worker.
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() || !nginx.has_worker() {
            let ended = nginx.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < until,
                "nginx does not start: {}",
                fs::read_to_string(prefix.join("error.log")).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
        nginx
    }

    fn has_worker(&self) -> bool {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let children = children.unwrap_or_default();
        let title = |pid: &str| fs::read_to_string(format!("/proc/{pid}/cmdline"));
        children
            .split_whitespace()
            .any(|pid| title(pid).is_ok_and(|title| title.starts_with("nginx: worker process")))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        stop(&mut self.child);
    }
}

/// Ports that no other run of the tests uses, for as long as this lives. A port is free again while
/// nginx restarts, so that being free is not enough.
pub(crate) struct Ports {
    pub(crate) all: Vec<u16>,
    _lock: fs::File,
}

impl Ports {
    /// So many of the thousand from this one on.
    pub(crate) fn claim(from: u16, count: usize) -> Self {
        for first in (from..from + 1_000).step_by(100) {
            let name = std::env::temp_dir().join(format!("deskguard-ports-{first}"));
            let lock = fs::File::create(name).unwrap();
            if lock.try_lock().is_err() {
                continue;
            }
            let all: Vec<u16> = (first..first + 100)
                .filter(|port| TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok())
                .take(count)
                .collect();
            if all.len() == count {
                return Self { all, _lock: lock };
            }
        }
        panic!(
            "there are not {count} free ports between {from} and {}",
            from + 999
        );
    }
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    /// None where the server hung up without a word.
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends bytes as they are from one loopback address, and reads until the server closes.
pub(crate) fn send(
    from: Ipv4Addr,
    to: Ipv4Addr,
    port: u16,
    request: &[u8],
) -> std::io::Result<Reply> {
    let fd = socket(
        AddressFamily::Inet,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC,
        None,
    )?;
    bind(
        fd.as_raw_fd(),
        &SockaddrIn::from(SocketAddrV4::new(from, 0)),
    )?;
    connect(
        fd.as_raw_fd(),
        &SockaddrIn::from(SocketAddrV4::new(to, port)),
    )?;
    let mut stream = TcpStream::from(fd);
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    // A server may refuse before it has read everything.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let read = stream.read_to_end(&mut bytes);
    if bytes.is_empty() {
        read.or_else(|e| match e.kind() {
            std::io::ErrorKind::ConnectionReset => Ok(0),
            _ => Err(e),
        })?;
    }
    Ok(parse(&bytes))
}

fn parse(bytes: &[u8]) -> Reply {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, mut body) = match end {
        Some(end) => (&bytes[..end], bytes[end + 4..].to_vec()),
        None => (bytes, Vec::new()),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .and_then(|code| code.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let is_chunked = headers
        .iter()
        .any(|(name, value)| name.eq_ignore_ascii_case("transfer-encoding") && value == "chunked");
    if is_chunked {
        body = unchunked(&body);
    }
    Reply {
        status,
        headers,
        body,
    }
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = rest.windows(2).position(|two| two == b"\r\n") {
        let text = String::from_utf8_lossy(&rest[..end]).into_owned();
        let Ok(length) = usize::from_str_radix(text.trim(), 16) else {
            break;
        };
        let start = end + 2;
        out.extend_from_slice(&rest[start..(start + length).min(rest.len())]);
        if length == 0 {
            break;
        }
        rest = rest.get(start + length + 2..).unwrap_or_default();
    }
    out
}

//! Real servers in the foreground, each in a folder of its own, stopped by their ids.

use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(10);

/// A server that ends with the test.
pub(crate) struct Process(Child);

impl Process {
    /// Starts it and waits until `ready`.
    pub(crate) fn start(command: &mut Command, log: &Path, ready: impl Fn() -> bool) -> Self {
        let output = fs::File::create(log).unwrap();
        let child = command
            // Apache ends its whole process group, which would be the test's.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let mut process = Self(child);
        let clock = Instant::now();
        while !ready() {
            let ended = process.0.try_wait().unwrap();
            assert!(
                ended.is_none() && clock.elapsed() < PATIENCE,
                "{command:?} did not start ({ended:?}): {}",
                fs::read_to_string(log).unwrap_or_default()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGTERM lets the master stop its workers.
        let id = rustix::process::Pid::from_child(&self.0);
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        let _ = self.0.wait();
    }
}

/// A port that nobody listens on.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub(crate) fn listens(port: u16) -> bool {
    TcpStream::connect_timeout(
        &SocketAddr::from(([127, 0, 0, 1], port)),
        Duration::from_millis(200),
    )
    .is_ok()
}

/// A folder that every account may enter.
pub(crate) fn open_folder() -> tempfile::TempDir {
    let folder = tempfile::Builder::new()
        .prefix("deskguard-server-")
        .tempdir()
        .unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// PHP-FPM from Debian, on a socket in this folder.
pub(crate) fn php_fpm(folder: &Path, settings: &str) -> Process {
    let program = fs::read_dir("/usr/sbin")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().starts_with("/usr/sbin/php-fpm"))
        .expect("php-fpm is not installed (apt install php-fpm)");
    let socket = folder.join("fpm.sock");
    let place = folder.display();
    let config = folder.join("fpm.conf");
    fs::write(
        &config,
        format!(
            "[global]\nerror_log = {place}/fpm.log\ndaemonize = no\n[www]\nuser = www-data\ngroup = www-data\nlisten = {place}/fpm.sock\nlisten.mode = 0666\npm = static\npm.max_children = 2\ncatch_workers_output = yes\n{settings}\n"
        ),
    )
    .unwrap();
    let mut command = Command::new(program);
    command.arg("-F").arg("-y").arg(config).arg("-n");
    Process::start(&mut command, &folder.join("fpm.out"), || {
        std::os::unix::net::UnixStream::connect(&socket).is_ok()
    })
}

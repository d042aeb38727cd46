//! A real MariaDB of one's own: made from Debian's package, in a folder of its own, on a socket and a port
//! of its own, stopped when dropped. Nothing of it survives the test but the template that is copied.

#![allow(
    dead_code,
    reason = "several tests share this room and none uses all of it"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking, in its own functions too"
)]

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// v4's tables (era E1 of the settings) with the rows that every install has.
pub(crate) const V4: &str = include_str!("../../fixtures/database/v4.sql");
/// v5's tables (era E4) with the rows that every install has.
pub(crate) const V5: &str = include_str!("../../fixtures/database/v5.sql");

/// A running server. `root` over the socket needs no password, if it is the same user of the machine.
pub(crate) struct MariaDb {
    process: Child,
    folder: tempfile::TempDir,
    /// Its port on 127.0.0.1.
    pub(crate) port: u16,
}

impl MariaDb {
    /// Starts one with these further options, and waits until it answers.
    pub(crate) fn start(options: &[&str]) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("deskguard-mariadb-")
            .tempdir()
            .unwrap();
        let data = folder.path().join("data");
        run(Command::new("cp")
            .args(["-a", "--reflink=auto"])
            .arg(template())
            .arg(&data));
        let port = free_port();
        let log = File::create(folder.path().join("log")).unwrap();
        let process = Command::new("mariadbd")
            .arg("--no-defaults")
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}/socket", folder.path().display()))
            .arg(format!("--pid-file={}/pid", folder.path().display()))
            .arg(format!("--port={port}"))
            // A server that starts takes away the temporary tables of every other one in the same folder.
            .arg(format!("--tmpdir={}", folder.path().display()))
            .args(SMALL)
            .args(as_root())
            .args(options)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("mariadbd must be installed (Debian: mariadb-server)");
        let mut server = Self {
            process,
            folder,
            port,
        };
        server.wait();
        server
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// A folder that lives as long as the server.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs statements as `root`; they must succeed. Gives back what they print, tab-separated, without
    /// headings.
    pub(crate) fn sql(&self, statements: &str) -> String {
        self.try_sql("", statements)
            .unwrap_or_else(|error| panic!("{statements}\n{error}"))
    }

    /// The same with a schema that unqualified names belong to.
    pub(crate) fn sql_in(&self, schema: &str, statements: &str) -> String {
        self.try_sql(schema, statements)
            .unwrap_or_else(|error| panic!("{statements}\n{error}"))
    }

    /// A schema with these tables.
    pub(crate) fn load(&self, schema: &str, tables: &str) {
        self.sql(&format!("CREATE DATABASE `{schema}` CHARACTER SET utf8mb4"));
        self.sql_in(schema, tables);
    }

    /// Runs statements as `root`.
    pub(crate) fn try_sql(&self, schema: &str, statements: &str) -> Result<String, String> {
        use std::io::Write as _;
        let mut client = Command::new("mariadb")
            .args(["--no-defaults", "--batch", "--skip-column-names", "--raw"])
            .args(["--default-character-set=utf8mb4", "--user=root"])
            .arg(format!("--socket={}", self.socket().display()))
            .args((!schema.is_empty()).then_some(schema))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the client mariadb must be installed (Debian: mariadb-client)");
        let mut input = client.stdin.take().unwrap();
        let text = statements.to_owned();
        // Written beside, so that neither side waits for the other.
        let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
        let output = client.wait_with_output().unwrap();
        let _ = writer.join();
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    /// Stops it, for tests of a server that is gone. Its folder stays until it is dropped.
    pub(crate) fn stop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    fn wait(&mut self) {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            if self.try_sql("", "SELECT 1").is_ok() {
                return;
            }
            let gone = self.process.try_wait().unwrap();
            assert!(
                gone.is_none() && Instant::now() < end,
                "mariadbd does not answer: {}",
                fs::read_to_string(self.folder.path().join("log")).unwrap()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for MariaDb {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Small and fast: nothing here must survive a power cut.
const SMALL: &[&str] = &[
    "--bind-address=127.0.0.1",
    "--innodb-buffer-pool-size=16M",
    "--innodb-log-file-size=4M",
    "--innodb-doublewrite=0",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--key-buffer-size=1M",
    "--aria-pagecache-buffer-size=1M",
    "--skip-log-bin",
    "--performance-schema=0",
    "--max-connections=50",
];

/// A data directory as a fresh installation has it, made once for all tests.
pub(crate) fn template() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let lock = File::create(target.join("mariadb-template.lock")).unwrap();
    lock.lock().unwrap();
    let ready = target.join("mariadb-template");
    if !ready.is_dir() {
        let making = target.join("mariadb-template.making");
        let _ = fs::remove_dir_all(&making);
        run(Command::new("mariadb-install-db")
            .arg("--no-defaults")
            .arg(format!("--datadir={}", making.display()))
            .args(["--skip-test-db", "--auth-root-authentication-method=socket"])
            .arg(format!("--auth-root-socket-user={}", user()))
            .args(["--innodb-log-file-size=4M", "--innodb-flush-method=nosync"])
            .args(as_root()));
        fs::rename(&making, &ready).unwrap();
    }
    ready
}

/// mariadbd runs as root only when it is told to.
fn as_root() -> Option<&'static str> {
    nix::unistd::geteuid().is_root().then_some("--user=root")
}

fn user() -> String {
    let uid = nix::unistd::geteuid();
    nix::unistd::User::from_uid(uid).unwrap().unwrap().name
}

fn free_port() -> u16 {
    let probe = TcpListener::bind("127.0.0.1:0").unwrap();
    probe.local_addr().unwrap().port()
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

//! Programs of the system that carry out what files alone cannot. Refuses a shell, the caller's
//! environment, and programs outside of the system's own directories.

use super::Surprise;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Where the system's own programs are, all of them root's.
const DIRECTORIES: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// Runs a program of the system until it ends; what it said on either channel.
///
/// # Errors
/// That it is not there, or that it failed, with what it said.
pub(super) fn run(name: &str, arguments: &[&str]) -> Result<String, Surprise> {
    run_at(&find(name)?, arguments)
}

/// The same by a program's path, which the caller trusts.
///
/// # Errors
/// That it failed, with what it said.
pub(super) fn run_at(path: &Path, arguments: &[&str]) -> Result<String, Surprise> {
    let spelled = format!("{} {}", path.display(), arguments.join(" "));
    let failed = |why: String| Surprise::new(format!("{spelled}: {why}"));
    let done = Command::new(path)
        .args(arguments)
        .env_clear()
        .env("PATH", DIRECTORIES.join(":"))
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output()
        .map_err(|e| failed(e.to_string()))?;
    let said = [&done.stdout[..], &done.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said).trim().to_owned();
    if done.status.success() {
        Ok(said)
    } else {
        Err(failed(format!("{}: {said}", done.status)))
    }
}

/// Runs a program of the system that may leave a server behind: nothing of what it says is read, since
/// the server would keep the pipe open.
///
/// # Errors
/// That it is not there, that it failed, or that it took longer than this.
pub(super) fn carry_out(name: &str, arguments: &[&str], longest: Duration) -> Result<(), Surprise> {
    let path = find(name)?;
    let spelled = format!("{} {}", path.display(), arguments.join(" "));
    let failed = |why: String| Surprise::new(format!("{spelled}: {why}"));
    let mut child = Command::new(&path)
        .args(arguments)
        .env_clear()
        .env("PATH", DIRECTORIES.join(":"))
        .env("LC_ALL", "C")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| failed(e.to_string()))?;
    let until = Instant::now() + longest;
    loop {
        match child.try_wait().map_err(|e| failed(e.to_string()))? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(failed(status.to_string())),
            None if Instant::now() > until => {
                return Err(failed(format!(
                    "it takes longer than {} s",
                    longest.as_secs()
                )));
            }
            None => std::thread::sleep(BETWEEN_LOOKS),
        }
    }
}

fn find(name: &str) -> Result<PathBuf, Surprise> {
    let places = DIRECTORIES.iter().map(|it| Path::new(it).join(name));
    places
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| {
            Surprise::new(format!(
                "no program {name} is in {}",
                DIRECTORIES.join(", ")
            ))
            .remedy("install the package that brings it, or do it by hand")
        })
}

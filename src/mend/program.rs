//! Programs of the system that carry out what files alone cannot. Refuses a shell, the caller's
//! environment, and programs outside of the system's own directories.

use super::Surprise;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where the system's own programs are, all of them root's.
const DIRECTORIES: [&str; 4] = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// Runs a program of the system until it ends; what it said on either channel.
///
/// # Errors
/// That it is not there, or that it failed, with what it said.
pub(super) fn run(name: &str, arguments: &[&str]) -> Result<String, Surprise> {
    let path = find(name)?;
    let spelled = format!("{} {}", path.display(), arguments.join(" "));
    let failed = |why: String| Surprise::new(format!("{spelled}: {why}"));
    let done = Command::new(&path)
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

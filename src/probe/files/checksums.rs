//! The checksums that a v4 release ships (`app/sys/Resources/distro-checksums.php`): each an MD5 of
//! the file without byte-order mark and line ends, trimmed. Reads the list through the PHP evaluator.

use super::moved_config;
use crate::host::Host;
use crate::php::{Key, Value};
use crate::target::evaluate_alone;
use md5::{Digest as _, Md5};
use rustix::fd::BorrowedFd;
use rustix::fs::{Mode, OFlags, openat};
use std::collections::HashMap;
use std::ffi::CStr;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// Where a v4 release keeps its list.
pub(super) const LIST: &str = "app/sys/Resources/distro-checksums.php";
/// Files larger than this are not compared, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// The release's list.
pub(super) struct Checksums {
    numbers: HashMap<Vec<u8>, u32>,
    sums: Vec<[u8; 16]>,
    paths: Vec<Vec<u8>>,
}

impl Checksums {
    /// Reads the list of the release at `root`; `Ok(None)` where it ships none.
    pub(super) fn read(host: &Host, root: &Path) -> Result<Option<Self>, String> {
        let file = root.join(LIST);
        if !host.exists(&file)? {
            return Ok(None);
        }
        let evaluation = evaluate_alone(host, &file);
        if let Some(why) = evaluation.unread() {
            return Err(why.to_owned());
        }
        let mut lists: Vec<&Value> = evaluation.returned.iter().collect();
        lists.extend(evaluation.variables.iter().map(|(_, held)| &held.value));
        let list = lists
            .into_iter()
            .filter_map(|value| match value {
                Value::Array(array) => Some(Self::from_pairs(array.iter().filter_map(
                    |(key, held)| match (key, &held.value) {
                        (Key::Str(path), Value::Str(sum)) => Some((path.clone(), sum.clone())),
                        _ => None,
                    },
                ))),
                _ => None,
            })
            .max_by_key(|list| list.sums.len());
        list.filter(|list| !list.sums.is_empty())
            .map(Some)
            .ok_or_else(|| format!("{} holds no list of checksums", file.display()))
    }

    fn from_pairs(pairs: impl Iterator<Item = (Vec<u8>, Vec<u8>)>) -> Self {
        let mut list = Self {
            numbers: HashMap::new(),
            sums: Vec::new(),
            paths: Vec::new(),
        };
        for (path, sum) in pairs {
            let Some(sum) = decode(&sum) else { continue };
            let relative = path.strip_prefix(b"/").unwrap_or(&path).to_vec();
            let number = u32::try_from(list.sums.len()).unwrap_or(u32::MAX);
            list.numbers.insert(relative.clone(), number);
            list.sums.push(sum);
            list.paths.push(relative);
        }
        list
    }

    /// How many files it names.
    pub(super) fn len(&self) -> usize {
        self.sums.len()
    }

    /// The number of a file, by its absolute path.
    pub(super) fn number(&self, root: &Path, path: &[u8]) -> Option<u32> {
        self.numbers.get(relative(root, path)?).copied()
    }

    /// Every listed path that is not among `met`.
    pub(super) fn missing<'a>(
        &'a self,
        met: &'a std::collections::BTreeSet<u32>,
    ) -> impl Iterator<Item = &'a [u8]> {
        self.paths
            .iter()
            .zip(0_u32..)
            .filter(|(_, number)| !met.contains(number))
            .map(|(path, _)| path.as_slice())
    }

    /// Files that belong to the site and that no release lists: its configuration, and what the
    /// release's own checker leaves out.
    pub(super) fn is_site_file(&self, root: &Path, path: &[u8]) -> bool {
        let Some(relative) = relative(root, path) else {
            return true;
        };
        let name = relative
            .rsplit(|byte| *byte == b'/')
            .next()
            .unwrap_or_default();
        matches!(name, b"config.php" | b"config.new.php")
            || relative.starts_with(b"data/")
            || relative.starts_with(b"app/sys/cache/dev/")
            || relative == LIST.as_bytes()
    }

    /// Whether it is the script in which admins name the place of the configuration.
    fn is_entry(&self, number: u32) -> bool {
        self.paths
            .get(number as usize)
            .is_some_and(|path| path == b"index.php")
    }

    /// Whether the file is what the release shipped.
    ///
    /// # Errors
    /// Why it could not be compared.
    pub(super) fn matches(
        &self,
        number: u32,
        directory: BorrowedFd<'_>,
        name: &CStr,
    ) -> Result<bool, String> {
        let wanted = self
            .sums
            .get(number as usize)
            .ok_or_else(|| "no such number".to_owned())?;
        let flags =
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let file = openat(directory, name, flags, Mode::empty())
            .map_err(|error| format!("it could not be compared with the release: {error}"))?;
        let mut bytes = Vec::new();
        std::fs::File::from(file)
            .take(MAX_FILE + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| format!("it could not be compared with the release: {error}"))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(format!(
                "it is larger than {} MiB and was not compared with the release",
                MAX_FILE >> 20
            ));
        }
        // Moving config.php out of the web root is the advice, not tampering.
        let restored = self
            .is_entry(number)
            .then(|| moved_config::restored(&bytes))
            .flatten();
        Ok(checksum(bytes) == *wanted || restored.is_some_and(|bytes| checksum(bytes) == *wanted))
    }
}

fn relative<'a>(root: &Path, path: &'a [u8]) -> Option<&'a [u8]> {
    path.strip_prefix(root.as_os_str().as_bytes())?
        .strip_prefix(b"/")
}

/// The release's own sum: no byte-order mark, no CR or LF, PHP's `trim`, then MD5.
fn checksum(mut bytes: Vec<u8>) -> [u8; 16] {
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    bytes.retain(|byte| !matches!(byte, b'\r' | b'\n'));
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0B);
    let start = bytes
        .iter()
        .position(|byte| !blank(byte))
        .unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |last| last + 1);
    let trimmed = bytes.get(start..end).unwrap_or_default();
    Md5::digest(trimmed).into()
}

fn decode(hex: &[u8]) -> Option<[u8; 16]> {
    let text = std::str::from_utf8(hex).ok()?;
    u128::from_str_radix(text, 16)
        .ok()
        .filter(|_| text.len() == 32)
        .map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_marks_and_blanks_do_not_count() {
        let plain = checksum(b"<?php\necho 1;\n".to_vec());
        assert_eq!(
            plain,
            checksum(b"\xEF\xBB\xBF<?php\r\necho 1;\r\n \t\x0B".to_vec())
        );
        assert_ne!(plain, checksum(b"<?php\necho 2;\n".to_vec()));
        assert_eq!(
            decode(b"5d41402abc4b2a76b9719d911017c592"),
            Some(Md5::digest(b"hello").into())
        );
        assert_eq!(decode(b"5d41"), None);
    }
}

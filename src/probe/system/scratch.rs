//! Whether a directory holds nothing but what nginx's workers put there, by the names that they give:
//! handing over anything else that is root's would give it away. Refuses large directories.

use crate::host::Host;
use crate::route::{Source, Sources as _};
use std::path::Path;

/// nginx divides such directories into this many levels at most (`levels`, `*_temp_path`).
const LEVELS: usize = 3;
/// No more entries are looked at.
const MOST: usize = 10_000;

/// # Errors
/// What is not nginx's there, or why that is not known.
pub(super) fn is_nginx_s_own(host: &Host, path: &Path) -> Result<(), String> {
    let mut left = MOST;
    level(host, path, LEVELS, &mut left)
}

fn level(host: &Host, path: &Path, deeper: usize, left: &mut usize) -> Result<(), String> {
    let Source::Directory(entries) = host.read(path)? else {
        return Err(format!("{} is no directory", path.display()));
    };
    *left = left.checked_sub(entries.len()).ok_or_else(|| {
        format!(
            "what nginx keeps is more than {MOST} files, {} among them",
            path.display()
        )
    })?;
    for entry in &entries {
        let name = entry.file_name().and_then(|name| name.to_str());
        let name = name.unwrap_or_default();
        if is_level(name) && deeper > 0 {
            level(host, entry, deeper - 1, left)?;
        } else if !is_file(name) {
            return Err(format!(
                "{} is none of nginx's temporary files",
                entry.display()
            ));
        }
    }
    Ok(())
}

/// The last digits of a number, or of an MD5 sum (ngx_create_hashed_filename).
fn is_level(name: &str) -> bool {
    matches!(name.len(), 1..=3) && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Ten digits and more, or an MD5 sum, with such a number after it while it is written.
fn is_file(name: &str) -> bool {
    let number = |text: &str| text.len() >= 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let sum = |text: &str| text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match name.split_once('.') {
        Some((before, after)) => sum(before) && number(after),
        None => number(name) || sum(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_nginx_s_names_are_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        let own = || is_nginx_s_own(&Host::default(), top);
        fs::create_dir_all(top.join("3/00")).unwrap();
        fs::create_dir_all(top.join("c/29")).unwrap();
        for name in [
            "0000000017",
            "3/00/0000000003",
            "c/29/b7f54b2df7773722d382f4809d65029c",
            "c/29/b7f54b2df7773722d382f4809d65029c.0000000011",
        ] {
            fs::write(top.join(name), "x").unwrap();
        }
        assert_eq!(own(), Ok(()));
        for name in [
            "shadow",
            "3/00/1234",
            "c/29/b7f54b2df7773722d382f4809d65029c.key",
        ] {
            fs::write(top.join(name), "x").unwrap();
            assert!(own().unwrap_err().contains("temporary files"), "{name}");
            fs::remove_file(top.join(name)).unwrap();
        }
        fs::create_dir_all(top.join("1/2/3/4")).unwrap();
        assert!(own().is_err(), "four levels");
    }
}

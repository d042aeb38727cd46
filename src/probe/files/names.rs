//! What a file's name says about it: a leftover, a dump, a script. Pure; refuses to judge whether
//! it may lie where it lies.

/// Something that an edit, a copy, a dump or an installation leaves behind. Only names that
/// [`may_be_left_over`] and directories need be asked.
#[must_use]
pub(super) fn leftover(name: &[u8], is_directory: bool) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let lower = lower.as_slice();
    if is_directory {
        return match lower {
            b".git" | b".svn" | b".hg" | b".bzr" | b"cvs" => Some("version control"),
            b".idea" | b".vscode" => Some("editor settings"),
            _ => None,
        };
    }
    if lower == b".git" || lower == b".htpasswd" {
        return Some(if lower == b".git" {
            "version control"
        } else {
            "password file"
        });
    }
    if lower == b".env" || lower.starts_with(b".env.") {
        return Some("environment file");
    }
    if let Some(kind) = dump(lower) {
        return Some(kind);
    }
    if lower.ends_with(b"~")
        || lower.starts_with(b".#")
        || (lower.starts_with(b"#") && lower.ends_with(b"#"))
        || ends_with_any(
            lower,
            &[
                ".swp",
                ".swo",
                ".swn",
                ".bak",
                ".orig",
                ".old",
                ".save",
                ".rej",
                ".copy",
                ".dpkg-old",
                ".dpkg-dist",
                ".rpmsave",
                ".rpmnew",
                ".tmp",
            ],
        )
        || contains_any(lower, &[".bak.", ".old.", ".orig.", ".save."])
    {
        return Some("editor or update copy");
    }
    if ends_with_any(
        lower,
        &[
            ".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".tar.zst", ".tbz2", ".txz",
            ".7z", ".rar", ".gz", ".bz2", ".xz", ".zst",
        ],
    ) {
        return Some("archive");
    }
    match lower {
        b"newticket.php" => Some("v3 installation"),
        b"deskpro-install-profile.json" | b"database-credentials" => {
            Some("installer's credentials")
        }
        b".ds_store" | b"thumbs.db" | b".bash_history" | b".mysql_history" => {
            Some("desktop or shell file")
        }
        b"phpinfo.php" | b"info.php" | b"adminer.php" | b"test.php" => Some("diagnostic script"),
        _ => None,
    }
}

/// Most names end like code, pictures or texts: told at a glance, without copying the name.
pub(super) fn may_be_left_over(name: &[u8]) -> bool {
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.') else {
        return true;
    };
    let (stem, extension) = name.split_at(dot);
    let plain = matches!(
        extension,
        b".php"
            | b".html"
            | b".js"
            | b".css"
            | b".png"
            | b".gif"
            | b".txt"
            | b".yml"
            | b".xml"
            | b".twig"
    );
    !plain || stem.is_empty() || stem.contains(&b'.') || is_diagnostic(stem)
}

/// Scripts that are known by their whole name.
fn is_diagnostic(stem: &[u8]) -> bool {
    ["newticket", "phpinfo", "info", "adminer", "test"]
        .iter()
        .any(|known| stem.eq_ignore_ascii_case(known.as_bytes()))
}

/// A database dump or a file backup by its name.
#[must_use]
pub(super) fn dump(lower: &[u8]) -> Option<&'static str> {
    if ends_with_any(
        lower,
        &[
            ".sql", ".sql.gz", ".sql.zip", ".sql.bz2", ".sql.xz", ".sql.zst", ".mysql", ".dump",
            ".dump.gz",
        ],
    ) {
        return Some("database dump");
    }
    // The product's own updater writes `<date>-database.zip` and `<date>-files.zip`.
    if lower.ends_with(b"-database.zip") {
        return Some("database dump");
    }
    if lower.ends_with(b"-files.zip") {
        return Some("file backup");
    }
    None
}

/// A configuration file that v5's installer moved to `backups/config_backup/<time>/` when it wrote
/// a new one: it still holds the credentials.
#[must_use]
pub(super) fn moved_config(directory: &[u8], name: &[u8]) -> bool {
    name.starts_with(b"config.")
        && name.ends_with(b".php")
        && directory
            .split(|byte| *byte == b'/')
            .any(|part| part == b"config_backup")
}

/// A file that a web server might run or obey.
#[must_use]
pub(super) fn script(name: &[u8]) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    match lower.as_slice() {
        b".htaccess" => return Some("Apache directives"),
        b".user.ini" => return Some("PHP settings"),
        b"web.config" => return Some("IIS directives"),
        _ => {}
    }
    let mut parts = lower.split(|byte| *byte == b'.').skip(1).peekable();
    let mut inner = None;
    while let Some(extension) = parts.next() {
        let kind = executable(extension);
        if parts.peek().is_none() {
            return kind.or(inner);
        }
        // mod_mime runs `shell.php.jpg` where `.php` has a handler.
        inner = inner.or(kind.map(|_| "script by an inner extension"));
    }
    None
}

fn executable(extension: &[u8]) -> Option<&'static str> {
    match extension {
        b"php" | b"php3" | b"php4" | b"php5" | b"php7" | b"php8" | b"phtml" | b"pht" | b"phpt"
        | b"phps" => Some("PHP script"),
        b"phar" => Some("PHP archive"),
        b"cgi" | b"fcgi" | b"pl" | b"py" | b"rb" | b"shtml" | b"asp" | b"aspx" | b"jsp" => {
            Some("CGI script")
        }
        _ => None,
    }
}

/// Whether PHP would run the file by its last extension: asked of every entry, so without a copy.
#[must_use]
pub(super) fn is_php(name: &[u8]) -> bool {
    const EXTENSIONS: [&[u8]; 10] = [
        b"php", b"php3", b"php4", b"php5", b"php7", b"php8", b"phtml", b"pht", b"phpt", b"phar",
    ];
    let last = name.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    last.len() < name.len()
        && EXTENSIONS
            .iter()
            .any(|known| last.eq_ignore_ascii_case(known))
}

fn ends_with_any(text: &[u8], endings: &[&str]) -> bool {
    endings
        .iter()
        .any(|ending| text.ends_with(ending.as_bytes()))
}

fn contains_any(text: &[u8], parts: &[&str]) -> bool {
    parts.iter().any(|part| {
        text.windows(part.len())
            .any(|window| window == part.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_they_are() {
        for (name, expected) in [
            ("config.php.bak", Some("editor or update copy")),
            ("config.php~", Some("editor or update copy")),
            (".config.php.swp", Some("editor or update copy")),
            ("config.old.php", Some("editor or update copy")),
            ("site.tar.gz", Some("archive")),
            ("dump.sql", Some("database dump")),
            ("2026-01-02-03-04-05-files.zip", Some("file backup")),
            (".env.local", Some("environment file")),
            ("newticket.php", Some("v3 installation")),
            ("config.php", None),
            ("logo.png", None),
            ("folder.environment", None),
        ] {
            assert_eq!(leftover(name.as_bytes(), false), expected, "{name}");
            let asked = may_be_left_over(name.as_bytes());
            assert!(asked || expected.is_none(), "{name} would not be asked");
        }
        assert_eq!(leftover(b".git", true), Some("version control"));
        assert_eq!(leftover(b"old", true), None);
    }

    #[test]
    fn scripts_are_known_by_any_extension() {
        for (name, expected) in [
            ("a.PHP", Some("PHP script")),
            ("a.phtml", Some("PHP script")),
            ("a.php.jpg", Some("script by an inner extension")),
            (".htaccess", Some("Apache directives")),
            ("a.phar", Some("PHP archive")),
            ("php", None),
            ("a.inc", None),
            ("photo.jpg", None),
        ] {
            assert_eq!(script(name.as_bytes()), expected, "{name}");
        }
    }
}

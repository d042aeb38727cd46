//! What edits, copies, dumps and installations leave behind in the web root, and only there.

use crate::accounts::OWNER;
use crate::case::{Case, fails, passes};
use crate::hardened::Kind::{Container, V4, V5};

const LEFT: &str = "files/no-leftovers";
const UNMODIFIED: &str = "files/app-unmodified";
const PRIVATE: &str = "files/backups-private";

/// A file that only its owner reads, so that nothing else is wrong with it.
macro_rules! left {
    ($path:literal, $kind:literal) => {
        fails(
            $path,
            V4,
            LEFT,
            &[concat!("{root}/", $path, " is left behind (", $kind, ")")],
            |it| it.file($path, OWNER, 0o600, ""),
        )
    };
}

pub(super) const CASES: &[Case] = &[
    fails(
        ".git",
        V4,
        LEFT,
        &["{root}/.git is left behind (version control)"],
        |it| {
            it.dir(".git", OWNER, 0o755);
            it.file(".git/config", OWNER, 0o644, "[core]\n");
        },
    ),
    fails(
        ".svn deep inside",
        V4,
        LEFT,
        &["{root}/app/src/.svn is left behind (version control)"],
        |it| {
            it.dir("app/src/.svn", OWNER, 0o755);
        },
    ),
    fails(
        ".idea",
        V5,
        LEFT,
        &["{root}/www/.idea is left behind (editor settings)"],
        |it| {
            it.dir("www/.idea", OWNER, 0o755);
        },
    ),
    left!(".git", "version control"),
    left!(".env", "environment file"),
    left!(".env.production", "environment file"),
    left!(".htpasswd", "password file"),
    left!("config.php.bak", "editor or update copy"),
    left!("config.php~", "editor or update copy"),
    left!("config.php.OLD", "editor or update copy"),
    left!(".config.php.swp", "editor or update copy"),
    left!("#config.php#", "editor or update copy"),
    left!("app/sys/load_config.php.orig", "editor or update copy"),
    left!("config.php.dpkg-old", "editor or update copy"),
    left!("index.html.save", "editor or update copy"),
    left!("helpdesk.tar.gz", "archive"),
    left!("web/old.zip", "archive"),
    left!("x.7z", "archive"),
    left!("dump.sql", "database dump"),
    left!("dump.sql.gz", "database dump"),
    left!("2026-01-02-03-04-05-database.zip", "database dump"),
    left!("2026-01-02-03-04-05-files.zip", "file backup"),
    left!("deskpro-install-profile.json", "installer's credentials"),
    left!("database-credentials", "installer's credentials"),
    left!(".DS_Store", "desktop or shell file"),
    left!(".bash_history", "desktop or shell file"),
    left!("config.old.php", "editor or update copy").also(&[UNMODIFIED]),
    left!("newticket.php", "v3 installation").also(&[UNMODIFIED]),
    left!("phpinfo.php", "diagnostic script").also(&[UNMODIFIED]),
    left!("adminer.php", "diagnostic script").also(&[UNMODIFIED]),
    fails(
        "a readable dump",
        V4,
        LEFT,
        &["{root}/web/all.sql is left behind (database dump)"],
        |it| {
            it.file("web/all.sql", OWNER, 0o644, "");
        },
    )
    .also(&[PRIVATE]),
    fails(
        "in v5's web root",
        V5,
        LEFT,
        &["{root}/www/assets/site.zip is left behind (archive)"],
        |it| {
            it.file("www/assets/site.zip", OWNER, 0o644, "");
        },
    ),
    fails(
        "in the container's web root",
        Container,
        LEFT,
        &["{root}/serve/www/index.php.bak"],
        |it| {
            it.file("serve/www/index.php.bak", OWNER, 0o644, "");
        },
    ),
    passes("beside v5's web root", V5, LEFT, |it| {
        it.dir(".git", OWNER, 0o755);
        it.file("site.zip", OWNER, 0o600, "");
    }),
    passes("in the data directory", V4, LEFT, |it| {
        it.file("data:tmp/upload.zip", OWNER, 0o600, "");
    }),
    passes("names that only look so", V4, LEFT, |it| {
        for name in [
            "web/environment",
            "web/backup.css",
            "web/old",
            "web/gzip.js",
        ] {
            it.file(name, OWNER, 0o644, "");
        }
    }),
];

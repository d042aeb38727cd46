//! Scripts among the data, and links that lead out of what is published.

use crate::accounts::{OWNER, ROOT, WEB};
use crate::case::{Case, fails, passes};
use crate::hardened::Kind::{Container, V4, V5, V5Moved};

const SCRIPTS: &str = "files/no-scripts-in-data";
const LINKS: &str = "files/links-stay-inside";

macro_rules! script {
    ($path:literal, $kind:literal) => {
        fails(
            $path,
            V4,
            SCRIPTS,
            &[concat!(
                "{data}/",
                $path,
                ": ",
                $kind,
                ", and the product puts none there"
            )],
            |it| it.file(concat!("data:", $path), WEB, 0o660, "<?php\n"),
        )
    };
}

pub(super) const CASES: &[Case] = &[
    script!("files/shell.php", "PHP script"),
    script!("files/SHELL.PhP", "PHP script"),
    script!("tmp/a.phtml", "PHP script"),
    script!("tmp/a.php5", "PHP script"),
    script!("logs/a.phar", "PHP archive"),
    script!("files/photo.php.jpg", "script by an inner extension"),
    script!("files/.htaccess", "Apache directives"),
    script!("tmp/.user.ini", "PHP settings"),
    script!("web.config", "IIS directives"),
    script!("debug/a.cgi", "CGI script"),
    script!("hidden.py", "CGI script"),
    fails(
        "in v5's attachments",
        V5,
        SCRIPTS,
        &["{data}/attachments/x.php: PHP script"],
        |it| {
            it.file("data:attachments/x.php", WEB, 0o660, "<?php\n");
        },
    ),
    fails(
        "in v5's logs",
        V5Moved,
        SCRIPTS,
        &["{data}/var/logs/x.php: PHP script"],
        |it| {
            it.file("data:var/logs/x.php", WEB, 0o660, "<?php\n");
        },
    ),
    fails(
        "in the container's attachments",
        Container,
        SCRIPTS,
        &["{data}/attachments/x.php: PHP script"],
        |it| {
            it.file("data:attachments/x.php", WEB, 0o660, "<?php\n");
        },
    ),
    fails(
        "Apache directives in v5's attachments",
        V5,
        SCRIPTS,
        &["{data}/attachments/.htaccess: Apache directives"],
        |it| {
            it.file("data:attachments/.htaccess", WEB, 0o660, "");
        },
    ),
    passes(
        "old configurations that the installer moved",
        V5,
        SCRIPTS,
        |it| {
            it.dir("data:backups/config_backup", OWNER, 0o700);
            it.file(
                "data:backups/config_backup/config.paths.php",
                OWNER,
                0o600,
                "",
            );
        },
    ),
    fails(
        "another script beside them",
        V5,
        SCRIPTS,
        &["{data}/backups/config_backup/shell.php: PHP script"],
        |it| {
            it.dir("data:backups/config_backup", OWNER, 0o700);
            it.file("data:backups/config_backup/shell.php", OWNER, 0o600, "");
        },
    ),
    passes("compiled code", V5, SCRIPTS, |it| {
        it.file("data:var/kernel_cache/500/more.php", WEB, 0o660, "<?php\n");
        it.file("data:var/cache/config.php", WEB, 0o660, "<?php\n");
    }),
    passes("names that only look so", V4, SCRIPTS, |it| {
        for name in ["data:files/php", "data:files/a.inc", "data:files/aphp"] {
            it.file(name, WEB, 0o660, "");
        }
    }),
    fails(
        "a link out",
        V4,
        LINKS,
        &["{root}/web/accounts leads to /etc/passwd, which the web server can read"],
        |it| {
            it.link("web/accounts", "/etc/passwd", OWNER);
        },
    ),
    fails(
        "a link to a folder",
        V5,
        LINKS,
        &["{root}/www/assets/all leads to /etc"],
        |it| {
            it.link("www/assets/all", "/etc", OWNER);
        },
    ),
    fails(
        "a relative link out",
        Container,
        LINKS,
        &["{root}/serve/www/up leads to {host}/etc/passwd"],
        |it| {
            it.link("serve/www/up", "../../../../etc/passwd", OWNER);
        },
    ),
    fails(
        "a link through another",
        V4,
        LINKS,
        &["{root}/web/first leads to {host}/etc"],
        |it| {
            it.link("web/second", "first/passwd", OWNER);
            it.link("web/first", it.at("host:etc"), OWNER);
        },
    ),
    passes("a link inside", V4, LINKS, |it| {
        it.link("web/app", "../app/src", OWNER);
    }),
    passes("a link to the data", V4, LINKS, |it| {
        it.link("web/files", it.at("data:files"), OWNER);
    }),
    passes("a link out and back", V4, LINKS, |it| {
        it.link("host:srv/again", it.root.clone(), OWNER);
        it.link("web/again", "../../again/web", OWNER);
    }),
    passes("a dangling link", V4, LINKS, |it| {
        it.link("web/gone", "/nonexistent/x", OWNER);
    }),
    passes(
        "a link to what the web server cannot read",
        V4,
        LINKS,
        |it| {
            it.file("host:srv/secret", ROOT, 0o600, "");
            it.link("web/secret", "../../secret", OWNER);
        },
    ),
    passes("a link beside v5's web root", V5, LINKS, |it| {
        it.link("all", "/etc", OWNER);
    }),
    passes("a link to itself", V4, LINKS, |it| {
        it.link("web/loop", "loop", OWNER);
    }),
];

//! What lies above the install, and whether the application is what the release shipped.

use crate::accounts::{OWNER, WEB};
use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5};
use crate::tree::Named::User;

const PARENTS: &str = "files/parents-protected";
const WEB_CHANGES: &str = "files/app-not-writable-by-web";
const WORLD: &str = "files/no-world-writable";
const UNMODIFIED: &str = "files/app-unmodified";

pub(super) const CASES: &[Case] = &[
    fails(
        "a parent for everybody",
        V4,
        PARENTS,
        &["anybody can rename {root} away", "{host}/srv is mode 0777"],
        |it| {
            it.chmod("host:srv", 0o777);
        },
    )
    .also(&[WEB_CHANGES, WORLD, "web/writable-never-executed"]),
    fails(
        "a parent of the web server's group",
        V5,
        PARENTS,
        &["www-data can rename {root} away", "{host}/srv is mode 0775"],
        |it| {
            it.chgrp("host:srv", WEB.1);
            it.chmod("host:srv", 0o775);
        },
    )
    .also(&[WEB_CHANGES, "web/writable-never-executed"]),
    fails(
        "a parent of the web server",
        Container,
        PARENTS,
        &["www-data can rename {root} away", "{host}/srv"],
        |it| {
            it.chown("host:srv", WEB);
        },
    )
    .also(&[WEB_CHANGES, "web/writable-never-executed"]),
    fails(
        "an ACL on a parent",
        V4,
        PARENTS,
        &["www-data can rename {root} away", "{host}/srv"],
        |it| {
            it.acl("host:srv", &[User(WEB.0, 7)], None);
        },
    )
    .also(&[WEB_CHANGES, "web/writable-never-executed"]),
    passes("a masked ACL on a parent", V4, PARENTS, |it| {
        it.acl("host:srv", &[User(WEB.0, 7)], Some(5));
    }),
    passes("a sticky parent", V4, PARENTS, |it| {
        it.chmod("host:srv", 0o1777);
    }),
    fails(
        "the parent of the configuration",
        V4,
        PARENTS,
        &[
            "anybody can rename {host}/srv/private/helpdesk away",
            "{host}/srv/private is mode 0777",
        ],
        |it| {
            it.chmod("host:srv/private", 0o777);
        },
    ),
    fails(
        "the way that was given",
        V4,
        PARENTS,
        &["anybody can rename {host}/open/current away"],
        |it| {
            it.dir("host:open", OWNER, 0o777);
            it.link("host:open/current", it.root.clone(), OWNER);
            it.given = it.at("host:open/current");
        },
    ),
    fails(
        "a changed file",
        V4,
        UNMODIFIED,
        &["{root}/app/src/Controller.php is not as the release shipped it"],
        |it| {
            it.rewrite("app/src/Controller.php", "<?php // controller, and more\n");
        },
    ),
    fails(
        "a missing file",
        V4,
        UNMODIFIED,
        &["{root}/app/src/Sub/Model.php is missing"],
        |it| {
            it.remove("app/src/Sub/Model.php");
        },
    ),
    fails(
        "an unknown script",
        V4,
        UNMODIFIED,
        &["{root}/web/x.phtml is a script that the release does not ship"],
        |it| {
            it.file("web/x.phtml", OWNER, 0o644, "<?php\n");
        },
    )
    .also(&["web/source-not-served"]),
    fails(
        "an entry script with more than a moved path",
        V4,
        UNMODIFIED,
        &["{root}/index.php is not as the release shipped it"],
        |it| it.rewrite("index.php", it.read("index.php") + "include '/tmp/x';\n"),
    ),
    fails(
        "a moved application",
        V4,
        UNMODIFIED,
        &["{root}/index.php is not as the release shipped it"],
        |it| {
            let text = it.read("index.php");
            it.rewrite("index.php", text.replace("'/app'", "'/../elsewhere'"));
        },
    ),
    fails(
        "a list as long as the release's",
        V4,
        UNMODIFIED,
        &["11800 more missing files are not listed"],
        |it| {
            let path = "app/sys/Resources/distro-checksums.php";
            let rows = (0..12_000)
                .map(|number| format!("  '/app/vendor/{number}.php' => '{number:032x}',\n"));
            let more: String = rows.collect();
            it.rewrite(path, it.read(path).replace(");\n", &format!("{more});\n")));
        },
    ),
    passes("an unknown picture", V4, UNMODIFIED, |it| {
        it.file("web/logo.png", OWNER, 0o644, "");
    }),
    passes("other line ends", V4, UNMODIFIED, |it| {
        it.rewrite("app/src/Controller.php", "\u{feff}<?php // controller\r\n");
    }),
    passes("the site's own .htaccess", V4, UNMODIFIED, |it| {
        it.rewrite(".htaccess", "Require all denied\n");
    }),
    unknown(
        "a list that is none",
        V4,
        UNMODIFIED,
        &["distro-checksums.php holds no list of checksums"],
        |it| {
            it.rewrite(
                "app/sys/Resources/distro-checksums.php",
                "<?php return array();\n",
            );
        },
    )
    // Only the list tells that the release ships an archive.
    .also(&["files/no-leftovers"]),
    unknown(
        "a list that does not parse",
        V4,
        UNMODIFIED,
        &["distro-checksums.php"],
        |it| {
            it.rewrite(
                "app/sys/Resources/distro-checksums.php",
                "<?php return array('/a' => \n",
            );
        },
    )
    // Only the list tells that the release ships an archive.
    .also(&["files/no-leftovers"]),
];

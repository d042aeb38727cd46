//! Who can change the application: owner, group, ACL, the directory around, flags, mounts.

use crate::accounts::{CRON, SECOND_GROUP, WEB};
use crate::case::{Case, fails, passes};
use crate::hardened::Kind::{Container, V4, V5, V5Moved};
use crate::tree::Named::{Group, User};
use rustix::fs::IFlags;

const WEB_CHANGES: &str = "files/app-not-writable-by-web";
const WORLD: &str = "files/no-world-writable";
const CODE: &str = "app/src/Controller.php";

pub(super) const CASES: &[Case] = &[
    fails(
        "owner",
        V4,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in app/ (owner)",
            "{root}/app/src/Controller.php",
        ],
        |it| {
            it.chown(CODE, WEB);
        },
    ),
    fails(
        "owner of a read-only file",
        V4,
        WEB_CHANGES,
        &[
            "www-data can take over 1 entry in app/ (owner)",
            "www-data owns {root}/app/src/Controller.php",
        ],
        |it| {
            it.chown(CODE, WEB);
            it.chmod(CODE, 0o444);
        },
    ),
    fails(
        "owner of a read-only directory",
        V4,
        WEB_CHANGES,
        &["www-data owns {root}/app/src"],
        |it| {
            it.chown("app/src", WEB);
            it.chmod("app/src", 0o555);
        },
    ),
    fails(
        "group",
        V4,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in app/ (group)",
            "{root}/app/src/Controller.php is mode 0664",
        ],
        |it| {
            it.chgrp(CODE, WEB.1);
            it.chmod(CODE, 0o664);
        },
    ),
    fails(
        "second group",
        V4,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in app/ (group)",
            "{root}/app/src/Controller.php is mode 0664",
        ],
        |it| {
            it.chgrp(CODE, SECOND_GROUP);
            it.chmod(CODE, 0o664);
        },
    ),
    fails(
        "ACL for the user",
        V4,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in app/ (acl)",
            "{root}/app/src/Controller.php",
        ],
        |it| {
            it.acl(CODE, &[User(WEB.0, 6)], None);
        },
    ),
    fails(
        "ACL for a group",
        V4,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in app/ (acl)",
            "{root}/app/src/Controller.php",
        ],
        |it| {
            it.acl(CODE, &[Group(SECOND_GROUP, 6)], None);
        },
    ),
    passes("ACL masked", V4, WEB_CHANGES, |it| {
        it.acl(CODE, &[User(WEB.0, 6)], Some(4));
    }),
    passes("default ACL of a directory", V4, WEB_CHANGES, |it| {
        it.default_acl("app/src", &[User(WEB.0, 7)]);
    }),
    fails(
        "replace through the parent",
        V4,
        WEB_CHANGES,
        &[
            "www-data can replace 2 entries in app/ (group)",
            "{root}/app/src is mode 0775",
        ],
        |it| {
            it.chgrp("app/src", WEB.1);
            it.chmod("app/src", 0o775);
        },
    ),
    fails(
        "replace through a grandparent",
        V4,
        WEB_CHANGES,
        &["www-data can put another directory in the place of {root}/app/bin"],
        |it| {
            it.chgrp("app", WEB.1);
            it.chmod("app", 0o775);
        },
    ),
    fails(
        "sticky parent",
        V4,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in app/ (group)",
            "{root}/app/src is mode 1775",
        ],
        |it| {
            it.chgrp("app/src", WEB.1);
            it.chmod("app/src", 0o1775);
        },
    )
    .hides(&["can replace"]),
    fails(
        "the install's root",
        V4,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry at the top of the install (group)",
            "{root} is mode 0775",
        ],
        |it| {
            it.chgrp("", WEB.1);
            it.chmod("", 0o775);
        },
    )
    .also(&["web/writable-never-executed"]),
    fails(
        "everybody",
        V4,
        WEB_CHANGES,
        &[
            "anybody can write 1 entry in app/ (other)",
            "{root}/app/src/Controller.php is mode 0666",
        ],
        |it| {
            it.chmod(CODE, 0o666);
        },
    )
    .also(&[WORLD]),
    fails(
        "everybody in a directory",
        V5,
        WORLD,
        &["in app/", "{root}/app/500 is mode 0777"],
        |it| {
            it.chmod("app/500", 0o777);
        },
    )
    .also(&[WEB_CHANGES]),
    fails(
        "everybody but the group",
        V4,
        WORLD,
        &["{root}/app/src/Controller.php is mode 0606"],
        |it| {
            it.chmod(CODE, 0o606);
        },
    )
    .also(&[WEB_CHANGES]),
    fails(
        "everybody but the web server",
        V4,
        WORLD,
        &["1 entry in app/", "{root}/app/src/Controller.php"],
        |it| {
            it.chmod(CODE, 0o606);
            it.chgrp(CODE, WEB.1);
        },
    )
    .also(&[WEB_CHANGES]),
    passes("an immutable file", V4, WORLD, |it| {
        it.chmod(CODE, 0o666);
        it.flag(CODE, IFlags::IMMUTABLE);
    }),
    passes("an immutable directory", V4, WEB_CHANGES, |it| {
        it.chmod("app/src", 0o777);
        it.flag("app/src", IFlags::IMMUTABLE);
    }),
    fails(
        "an append-only directory",
        V4,
        WEB_CHANGES,
        &["{root}/app/src is mode 0777"],
        |it| {
            it.chmod("app/src", 0o777);
            it.flag("app/src", IFlags::APPEND);
        },
    )
    .also(&[WORLD])
    .hides(&["can replace"]),
    passes("an append-only file", V4, WEB_CHANGES, |it| {
        it.chmod(CODE, 0o666);
        it.flag(CODE, IFlags::APPEND);
    }),
    passes("a read-only mount", V4, WEB_CHANGES, |it| {
        it.chmod("app/src", 0o777);
        it.chmod(CODE, 0o666);
        it.read_only_mount("app/src");
    }),
    passes("a closed parent", V4, WEB_CHANGES, |it| {
        it.chmod("app/src", 0o700);
        it.chmod(CODE, 0o666);
    }),
    fails(
        "owner of a file in the other layouts",
        V5,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in www/ (owner)",
            "{root}/www/index.php",
        ],
        |it| {
            it.chown("www/index.php", WEB);
        },
    )
    .also(&["web/writable-never-executed"]),
    fails(
        "a configuration that the web server writes",
        V5,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in config/ (owner)",
            "{root}/config/config.paths.php",
        ],
        |it| {
            it.chown("config/config.paths.php", WEB);
        },
    ),
    fails(
        "the container's configuration",
        Container,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in INSTANCE_DATA/ (owner)",
            "{data}/config.php",
        ],
        |it| {
            it.chown("data:config.php", WEB);
        },
    ),
    fails(
        "the container's code",
        Container,
        WEB_CHANGES,
        &[
            "www-data can write 1 entry in services/ (acl)",
            "{root}/services/api.php",
        ],
        |it| {
            it.acl("services/api.php", &[User(WEB.0, 6)], None);
        },
    ),
    fails(
        "a moved data directory",
        V5Moved,
        WORLD,
        &["of the data directories", "{data}/var/logs"],
        |it| {
            it.acl("data:var", &[User(CRON.0, 7)], None);
            it.chmod("data:var", 0o2775);
            it.chmod("data:var/logs", 0o777);
        },
    ),
];

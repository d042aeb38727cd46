//! Who can change the application: owner, group, ACL, the directory around, flags, mounts.

use crate::accounts::{CRON, OWNER, ROOT, SECOND_GROUP, STRANGER, WEB};
use crate::case::{Case, fails, passes};
use crate::hardened::Kind::{Container, V4, V5, V5Moved};
use crate::tree::Named::{Group, User};
use rustix::fs::IFlags;

const WEB_CHANGES: &str = "files/app-not-writable-by-web";
const ANYBODY: &str = "files/app-not-writable-by-anyone";
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
        it.acl(CODE, &[User(WEB.0, 6)], Some(4))
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
    ),
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
    ),
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
    )
    .also(&[]),
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
    fails(
        "a stranger's ACL",
        V4,
        ANYBODY,
        &[
            "games can change 1 entry in app/ (acl)",
            "{root}/app/src/Controller.php",
        ],
        |it| {
            it.acl(CODE, &[User(STRANGER.0, 6)], None);
        },
    )
    .strict(),
    fails(
        "the scheduled task's group",
        V5,
        ANYBODY,
        &[
            "list can change 1 entry in www/ (group)",
            "{root}/www/index.php",
        ],
        |it| {
            it.chgrp("www/index.php", CRON.1);
            it.chmod("www/index.php", 0o664);
        },
    )
    .strict(),
    fails(
        "a file of the scheduled task",
        Container,
        ANYBODY,
        &["list can change 1 entry in bin/ (owner)", "{root}/bin/cron"],
        |it| {
            it.chown("bin/cron", CRON);
        },
    )
    .strict(),
    fails(
        "a file of root",
        V4,
        "files/owner-not-root",
        &[
            "1 application entry belongs to root",
            "{root}/app/src/Controller.php",
        ],
        |it| {
            it.chown(CODE, ROOT);
        },
    ),
    fails(
        "many files of root",
        V5,
        "files/owner-not-root",
        &["3 application entries belong to root", "{root}/bin"],
        |it| {
            for path in ["bin", "bin/cron", "bin/console"] {
                it.chown(path, ROOT);
            }
        },
    ),
    fails(
        "a link of root",
        Container,
        "files/owner-not-root",
        &["{root}/services/old.php"],
        |it| {
            it.link("services/old.php", "api.php", ROOT);
        },
    ),
    passes("a data file of root", V4, "files/owner-not-root", |it| {
        it.file("data:logs/cron.log", ROOT, 0o644, "");
    }),
    fails(
        "set-uid",
        V4,
        "files/no-setuid",
        &["{root}/app/bin/helper is set-uid and lends the rights of backup"],
        |it| {
            it.file("app/bin/helper", OWNER, 0o4755, "#!/bin/sh\n");
        },
    ),
    fails(
        "set-uid in the data",
        V5,
        "files/no-setuid",
        &["{data}/attachments/sh is set-uid and lends the rights of root"],
        |it| {
            it.file("data:attachments/sh", ROOT, 0o4755, "");
        },
    ),
    fails(
        "set-gid",
        Container,
        "files/no-setuid",
        &["{root}/services/helper is set-gid"],
        |it| {
            it.file("services/helper", OWNER, 0o2755, "");
        },
    ),
    fails(
        "both",
        V4,
        "files/no-setuid",
        &["{root}/app/bin/helper is set-uid and set-gid"],
        |it| {
            it.file("app/bin/helper", OWNER, 0o6755, "");
        },
    ),
    passes("mandatory locking", V4, "files/no-setuid", |it| {
        it.file("app/bin/locked", OWNER, 0o2644, "");
    }),
    passes("set-uid that cannot be run", V4, "files/no-setuid", |it| {
        it.file("app/bin/helper", OWNER, 0o4644, "");
    }),
];

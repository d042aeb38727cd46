//! Who else can change the application, whose its files are, and programs that lend their owner's
//! rights.

use crate::accounts::{CRON, OWNER, ROOT, STRANGER};
use crate::case::{Case, fails, passes};
use crate::hardened::Kind::{Container, V4, V5};
use crate::tree::Named::User;

const ANYBODY: &str = "files/app-not-writable-by-anyone";
const CODE: &str = "app/src/Controller.php";

pub(super) const CASES: &[Case] = &[
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

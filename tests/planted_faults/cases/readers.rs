//! Who reads files with credentials, and dumps.

use crate::accounts::{CRON, OWNER, STRANGER, WEB};
use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5, V5Moved};
use crate::tree::Named::{Group, User};

const CONFIG: &str = "files/config-private";
const BACKUPS: &str = "files/backups-private";
const OPEN: &str = "host:srv/private/helpdesk";
const FILE: &str = "host:srv/private/helpdesk/config.php";

pub(super) const CASES: &[Case] = &[
    fails(
        "everybody",
        V4,
        CONFIG,
        &[
            "every account of the host can read {host}/srv/private/helpdesk/config.php (mode 0644, owner backup)",
        ],
        |it| {
            it.chmod(OPEN, 0o755);
            it.file(FILE, OWNER, 0o644, it.read(FILE));
        },
    ),
    fails(
        "a moved configuration of the web server's group",
        V4,
        "files/app-not-writable-by-web",
        &[
            "www-data can write 1 entry in {host}/srv/private/helpdesk/ (acl)",
            "{host}/srv/private/helpdesk/config.php",
        ],
        |it| it.acl(FILE, &[User(WEB.0, 6), User(CRON.0, 4)], None),
    ),
    fails(
        "a moved configuration in the web server's directory",
        V4,
        "files/app-not-writable-by-web",
        &[
            "www-data can replace 1 entry in {host}/srv/private/helpdesk/",
            "{host}/srv/private/helpdesk is mode 0770",
        ],
        |it| {
            it.remove_acl(OPEN);
            it.chmod(OPEN, 0o770);
        },
    )
    .also(&["files/data-writable-by-cron"]),
    fails(
        "what a moved configuration includes",
        V4,
        "files/no-world-writable",
        &[
            "1 entry in {host}/srv/private/ can be changed by every account of the host",
            "{host}/srv/private/more.php is mode 0666",
        ],
        |it| {
            it.file("host:srv/private/more.php", OWNER, 0o666, "<?php\n");
            it.config("config", "require __DIR__ . '/../more.php';");
        },
    )
    .also(&["files/app-not-writable-by-web", CONFIG]),
    passes("everybody, behind a closed door", V4, CONFIG, |it| {
        it.chmod(FILE, 0o644);
    }),
    fails(
        "a stranger's group",
        V4,
        CONFIG,
        &["games can read {host}/srv/private/helpdesk/config.php (mode 0640, owner backup)"],
        |it| {
            it.chmod(OPEN, 0o755);
            it.chgrp(FILE, STRANGER.1);
        },
    ),
    fails(
        "a stranger's ACL",
        V4,
        CONFIG,
        &["games can read {host}/srv/private/helpdesk/config.php"],
        |it| {
            it.acl(OPEN, &[User(STRANGER.0, 5), User(CRON.0, 5)], None);
            it.acl(FILE, &[User(STRANGER.0, 4), User(CRON.0, 4)], None);
        },
    ),
    fails(
        "the ACL of a stranger's group",
        V4,
        CONFIG,
        &["games can read {host}/srv/private/helpdesk/config.php"],
        |it| {
            it.chmod(OPEN, 0o755);
            it.acl(FILE, &[Group(STRANGER.1, 4)], None);
        },
    ),
    passes("a stranger's masked ACL", V4, CONFIG, |it| {
        it.chmod(OPEN, 0o755);
        it.acl(FILE, &[User(STRANGER.0, 4)], Some(0));
    }),
    fails(
        "a stranger's file",
        V4,
        CONFIG,
        &["(mode 0640, owner games)", "games can read"],
        |it| {
            it.chmod(OPEN, 0o755);
            it.file(FILE, (STRANGER.0, WEB.1), 0o640, it.read(FILE));
        },
    ),
    fails(
        "a file that it includes",
        V4,
        CONFIG,
        &[
            "every account of the host can read {host}/srv/private/secrets.php (mode 0644, owner backup)",
        ],
        |it| {
            it.file(
                "host:srv/private/secrets.php",
                OWNER,
                0o644,
                "<?php\n$more = 1;\n",
            );
            it.config("config", "require __DIR__ . '/../secrets.php';");
        },
    ),
    fails(
        "in v5",
        V5,
        CONFIG,
        &[
            "every account of the host can read {root}/config/config.database.php (mode 0644, owner backup)",
        ],
        |it| {
            it.chmod("config", 0o755);
            it.file(
                "config/config.database.php",
                OWNER,
                0o644,
                it.read("config/config.database.php"),
            );
        },
    ),
    fails(
        "in v5's further files",
        V5Moved,
        CONFIG,
        &["{root}/config/advanced/config.database_advanced.php (mode 0644"],
        |it| {
            it.chmod("config", 0o755);
            it.chmod("config/advanced", 0o755);
            it.chmod("config/advanced/config.database_advanced.php", 0o644);
        },
    ),
    fails(
        "in the container",
        Container,
        CONFIG,
        &["{data}/config.php (mode 0644, owner backup)"],
        |it| {
            it.chmod("data:config.php", 0o644);
        },
    ),
    fails(
        "the container's rendered configuration",
        Container,
        CONFIG,
        &["{data}/deskpro-config.php (mode 0644, owner root)"],
        |it| {
            it.file("data:deskpro-config.php", (0, 0), 0o644, "<?php\n");
        },
    )
    .also(&["files/owner-not-root"]),
    fails(
        "the container's key",
        Container,
        CONFIG,
        &["{data}/mysql-client.key (mode 0644"],
        |it| {
            it.chmod("data:mysql-client.key", 0o644);
        },
    ),
    fails(
        "a dump for everybody",
        V4,
        BACKUPS,
        &[
            "the database dump {data}/2026-database.zip (mode 0644) can be read by every account of the host",
        ],
        |it| {
            it.chmod("data:", 0o2775);
            it.file("data:2026-database.zip", WEB, 0o644, "");
        },
    ),
    passes("a dump behind a closed door", V4, BACKUPS, |it| {
        it.file("data:backups/old-database.zip", WEB, 0o644, "");
    }),
    fails(
        "a dump for a stranger",
        V5,
        BACKUPS,
        &["{data}/backups/x.sql.gz (mode 0640) can be read by games"],
        |it| {
            it.chmod("data:backups", 0o711);
            it.file("data:backups/x.sql.gz", (OWNER.0, STRANGER.1), 0o640, "");
        },
    ),
    fails(
        "an old configuration in v5's backups",
        V5,
        BACKUPS,
        &["{data}/backups/config_backup/config.database.php (mode 0644)"],
        |it| {
            it.chmod("data:backups", 0o755);
            it.dir("data:backups/config_backup", OWNER, 0o755);
            it.file(
                "data:backups/config_backup/config.database.php",
                OWNER,
                0o644,
                "",
            );
        },
    ),
    fails(
        "a file backup",
        V5Moved,
        BACKUPS,
        &["the file backup {data}/backups/2026-files.zip (mode 0604)"],
        |it| {
            it.chmod("data:backups", 0o755);
            it.file("data:backups/2026-files.zip", OWNER, 0o604, "");
        },
    ),
    fails(
        "a dump in the container",
        Container,
        BACKUPS,
        &["{data}/all.dump (mode 0644)"],
        |it| {
            it.file("data:all.dump", OWNER, 0o644, "");
        },
    ),
    unknown(
        "no configuration at all",
        V4,
        CONFIG,
        &["config.php is not there"],
        |it| it.remove(FILE),
    )
    .also(&["config/readable"]),
];

//! What differs between the generations on the stage: where their configuration names the database, what a
//! visitor's upload and the scheduled task come to, how cron starts that.

use crate::accounts::{OWNER, ROOT};
use crate::hardened::Kind;
use crate::hardened::v4::checksum_list;
use crate::helpdesk::{self, Helpdesk};
use crate::stage::CRON_TABLE;
use crate::tree::Install;
use std::fs;

/// Whose tables it has.
pub(crate) fn tables(kind: Kind) -> helpdesk::Kind {
    match kind {
        Kind::V4 => helpdesk::Kind::V4,
        _ => helpdesk::Kind::V5,
    }
}

/// Puts a hardened install in order for this database.
pub(crate) fn furnish(kind: Kind, install: &mut Install, database: &Helpdesk) {
    let socket = database.server.socket();
    let socket = format!("unix_socket:{}", socket.display());
    let id = database_config(kind);
    match kind {
        Kind::V4 => install.reconfig(
            id,
            "'DP_DATABASE_HOST', 'localhost'",
            &format!("'DP_DATABASE_HOST', '{socket}'"),
        ),
        Kind::V5 | Kind::V5Moved => install.reconfig(id, "127.0.0.1:3307", &socket),
        Kind::Container => {
            let port = database.server.port;
            // The constant is there only where PHP's module for MySQL is.
            install.reconfig(id, "PDO::MYSQL_ATTR_SSL_CA", "1009");
            install.reconfig(
                id,
                "'host' => 'db'",
                &format!("'host' => '127.0.0.1:{port}'"),
            );
        }
    }
    install.reconfig(id, "nS7-pLq0_vTz92", "kR7$wq-2");
    schedule(kind, install, "list");
    match kind {
        Kind::V4 => v4(install),
        Kind::V5 | Kind::V5Moved => v5(install),
        Kind::Container => container(install, database),
    }
}

/// The id of the file that names the database.
pub(crate) fn database_config(kind: Kind) -> &'static str {
    match kind {
        Kind::V4 | Kind::Container => "config",
        Kind::V5 | Kind::V5Moved => "database",
    }
}

/// The product's directories below its data.
pub(crate) struct Places {
    pub(crate) attachments: &'static str,
    pub(crate) logs: &'static str,
    pub(crate) debug: &'static str,
    pub(crate) tmp: &'static str,
    /// None in a container, whose dumps are made from outside.
    pub(crate) backups: Option<&'static str>,
}

pub(crate) fn places(kind: Kind) -> Places {
    match kind {
        Kind::V4 => Places {
            attachments: "data:files",
            logs: "data:logs",
            debug: "data:debug",
            tmp: "data:tmp",
            backups: Some("data:backups"),
        },
        _ => Places {
            attachments: "data:attachments",
            logs: "data:var/logs",
            debug: "data:var/debug",
            tmp: "data:var/tmp",
            backups: (kind != Kind::Container).then_some("data:backups"),
        },
    }
}

/// Cron's table as an admin writes it.
pub(crate) fn schedule(kind: Kind, install: &Install, user: &str) {
    let task = match kind {
        Kind::V4 => format!("/usr/bin/php {}", install.at("cron.php").display()),
        Kind::V5 | Kind::V5Moved => {
            format!("{} --no-auto-updater", install.at("bin/cron").display())
        }
        Kind::Container => install.at("bin/cron").display().to_string(),
    };
    fs::write(
        CRON_TABLE,
        format!("# the helpdesk\n* * * * * {user} {task}\n"),
    )
    .unwrap();
}

fn v4(install: &Install) {
    // What a visitor's upload comes to, and what the scheduled task leaves in its log.
    let stores = "<?php file_put_contents(dirname(__FILE__) . '/../helpdesk-data/files/upload', 'an attachment'); echo 'stored';\n";
    install.file("file.php", OWNER, 0o644, stores);
    let logs = "<?php $up = dirname(__FILE__) . '/..'; file_put_contents($up . '/helpdesk-data/logs/cron.log', 'ran'); require $up . '/private/helpdesk/config.php';\n";
    install.file("cron.php", OWNER, 0o644, logs);
    let says = format!("<?php {SAYS}\n");
    install.file("app/sys/load_config.php", OWNER, 0o644, says);
    // The last v4, which is the one that the database is at.
    let built = "<?php define(\"DP_BUILD_TIME\", 1374854426);\n";
    install.file("app/sys/config/build-time.php", OWNER, 0o644, built);
    let list = checksum_list(install);
    install.file("app/sys/Resources/distro-checksums.php", OWNER, 0o644, list);
}

/// What shows whether PHP has taken up its configuration.
const SAYS: &str = "echo 'errors ', (int) ini_get('display_errors');";

/// Later generations have one script, which answers for files too.
fn front(data: &str, more: &str) -> String {
    format!(
        "<?php\n$deskpro_dir = __DIR__.'/../';\n{SAYS}\n{more}if (strpos($_SERVER['REQUEST_URI'] ?? $_SERVER['SCRIPT_NAME'], '/file.php') === 0) {{ file_put_contents('{data}/attachments/upload', 'an attachment'); echo 'stored'; }}\n"
    )
}

fn task(data: &str, config: &str) -> String {
    format!(
        "#!/usr/bin/env php\n<?php file_put_contents('{data}/var/logs/cron.log', 'ran'); require '{config}';\n"
    )
}

fn v5(install: &Install) {
    let data = install.data.display().to_string();
    let starts = "require $deskpro_dir.'/app/run/init_env.php';\n";
    install.file("www/index.php", OWNER, 0o644, front(&data, starts));
    let config = install.configs["database"].display().to_string();
    install.file("bin/cron", OWNER, 0o755, task(&data, &config));
    let info = format!(
        "<?php return ['build-num' => 500, 'build-time' => {}];\n",
        helpdesk::build(helpdesk::Kind::V5)
    );
    install.file("app/500/sys/config/build-info.php", OWNER, 0o644, info);
}

fn container(install: &Install, database: &Helpdesk) {
    let data = install.data.display().to_string();
    install.file("serve/www/index.php", OWNER, 0o644, front(&data, ""));
    let config = install.configs["config"].display().to_string();
    install.file("bin/cron", OWNER, 0o755, task(&data, &config));
    // The release is the machine's own; the install lies in a folder of the test's.
    fs::copy(
        install.at("host:etc/deskpro-release"),
        "/etc/deskpro-release",
    )
    .unwrap();
    install.chown("host:etc/deskpro-release", ROOT);
    database.sql("UPDATE settings SET value = '77' WHERE name = 'core.deskpro_build_num'");
}

//! v5: `www/` alone is published; attachments, backups and var lie beside it, or all three where
//! `user_dir` says.

use super::{backups, code, days_ago, host_files, private_dir, private_file, shared};
use crate::accounts::{OWNER, WEB};
use crate::tree::Install;

/// Code and entry points; the active build and an older one that the updater left.
const FILES: &[(&str, &str)] = &[
    ("app/run/init_env.php", "<?php // env\n"),
    ("app/run/build-num.txt", "500\n"),
    ("app/run/targets/test_ping.html", "DESKPRO_PONG\n"),
    ("app/500/sys/boot.php", "<?php // boot\n"),
    ("app/500/sys/config/build-num.txt", "500\n"),
    ("app/500/sys/config/build-name.txt", "5.2.0.BUILD\n"),
    ("app/490/sys/config/build-num.txt", "490\n"),
    ("app/490/sys/config/build-time.txt", "1500000000\n"),
    (
        "www/index.php",
        "<?php\n$deskpro_dir = __DIR__.'/../';\nrequire $deskpro_dir.'/app/run/init_env.php';\n",
    ),
    ("www/.htaccess", "RewriteEngine On\n"),
    ("www/web.config", "<configuration/>\n"),
    ("www/assets/500/app.js", "// app\n"),
];

const COMMANDS: [&str; 3] = ["bin/cron", "bin/console", "bin/install"];

/// Id, path below `config/`, text.
const CONFIGS: [(&str, &str, &str); 6] = [
    (
        "database",
        "config.database.php",
        "<?php
$DB_CONFIG = [];
$DB_CONFIG['host'] = '127.0.0.1:3307';
$DB_CONFIG['user'] = 'deskpro';
$DB_CONFIG['password'] = 'nS7-pLq0_vTz92';
$DB_CONFIG['dbname'] = 'deskpro';
",
    ),
    ("paths", "config.paths.php", ""),
    (
        "env",
        "advanced/config.env.php",
        "<?php
$ENV_CONFIG['set_umask'] = 0007;
$ENV_CONFIG['environment'] = 'prod';
$ENV_CONFIG['debug_mode'] = false;
$ENV_CONFIG['trust_proxy_data'] = ['10.0.0.7', '10.1.0.0/16'];
",
    ),
    (
        "logs",
        "advanced/config.logs.php",
        "<?php
$LOGS_CONFIG['log_level'] = 'info';
$LOGS_CONFIG['page_log'] = ['enabled' => false];
",
    ),
    (
        "settings",
        "advanced/config.settings.php",
        "<?php
$SETTINGS['disable_outgoing_email'] = false;
",
    ),
    (
        "database_advanced",
        "advanced/config.database_advanced.php",
        "<?php
// $DB_CONFIG['read'] = [['host' => 'replica', 'user' => 'root', 'password' => 'x']];
",
    ),
];

pub(super) fn make(moved: bool) -> Install {
    let mut install = Install::on_a_host_of_its_own("srv/helpdesk");
    install.dir("", OWNER, 0o755);
    code(&install, FILES);
    let info = format!(
        "<?php return ['build-num' => 500, 'build-time' => {}];\n",
        days_ago(30)
    );
    code(&install, &[("app/500/sys/config/build-info.php", &info)]);
    install.dir("bin", OWNER, 0o755);
    for command in COMMANDS {
        install.file(
            command,
            OWNER,
            0o755,
            "#!/usr/bin/env php\n<?php // command\n",
        );
    }
    if moved {
        install.data = install.at("host:srv/helpdesk-user");
        install.dir("data:", OWNER, 0o755);
    }
    config(&mut install, moved);
    data(&install);
    let cron = install.at("bin/cron");
    let task = format!("{} --no-auto-updater", cron.display());
    host_files(&install, "www", &[task]);
    install
}

fn config(install: &mut Install, moved: bool) {
    private_dir(install, "config");
    private_dir(install, "config/advanced");
    let user_dir = format!("'{}'", install.data.display());
    let paths = format!(
        "<?php\n$PATHS_CONFIG['php_path'] = '/usr/bin/php';\n$PATHS_CONFIG['dp_paths'] = ['attachments' => null, 'user_dir' => {}];\n",
        if moved { user_dir.as_str() } else { "null" }
    );
    for (id, path, text) in CONFIGS {
        let path = format!("config/{path}");
        let text = if id == "paths" { paths.as_str() } else { text };
        private_file(install, &path, text);
        install.configs.insert(id, install.at(&path));
    }
}

fn data(install: &Install) {
    shared(install, "data:attachments");
    install.file("data:attachments/1A", WEB, 0o660, "an attachment\n");
    backups(install, "data:backups");
    shared(install, "data:var");
    for name in ["cache", "debug", "kernel_cache", "logs", "tmp"] {
        shared(install, &format!("data:var/{name}"));
    }
    install.file("data:var/cache/active_build.txt", WEB, 0o660, "500\n");
    shared(install, "data:var/kernel_cache/500");
    let compiled = "data:var/kernel_cache/500/container.php";
    install.file(compiled, WEB, 0o660, "<?php // compiled\n");
    install.file("data:var/logs/error.log", WEB, 0o660, "");
}

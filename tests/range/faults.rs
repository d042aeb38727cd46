//! The faults that are planted together: each is one that an admin in a hurry leaves behind.

use crate::accounts::{OWNER, ROOT, WEB};
use crate::desk;
use crate::hardened::Kind;
use crate::stage::Stage;
use crate::web::Web;

/// Plants all of them and starts the servers over them.
pub(crate) fn plant(stage: &mut Stage) {
    files(stage);
    data(stage);
    for (id, line) in configuration(stage.kind) {
        stage.install.config(id, line);
    }
    desk::schedule(stage.kind, &stage.install, "root");
    database(stage);
    let config = careless(stage.web, &stage.sound());
    stage.start(
        "php_admin_flag[display_errors] = on\nphp_admin_flag[expose_php] = on",
        &config,
    );
}

/// Where things are in a generation.
struct Code {
    /// Goes to the web server's account with all below it; the first is open to its group.
    web: &'static [&'static str],
    everybody: &'static str,
    root: &'static str,
    /// A directory with credentials, and a file in it.
    config: [&'static str; 2],
    leftovers: &'static [&'static str],
    tool: &'static str,
    link: &'static str,
}

const V4: Code = Code {
    web: &[
        "app/src",
        "app/src/Controller.php",
        "app/src/Sub",
        "app/src/Sub/Model.php",
    ],
    everybody: "app/sys/VERSION",
    root: "web/site.css",
    config: [
        "host:srv/private/helpdesk",
        "host:srv/private/helpdesk/config.php",
    ],
    leftovers: &["config.php.bak", "backup.sql"],
    tool: "app/bin/tool",
    link: "web/all",
};

const V5: Code = Code {
    web: &["app/500", "app/500/sys", "app/500/sys/boot.php"],
    everybody: "app/run/build-num.txt",
    root: "www/assets/500/app.js",
    config: ["config", "config/config.database.php"],
    leftovers: &["www/index.php.bak", "www/backup.sql"],
    tool: "bin/tool",
    link: "www/assets/all",
};

const CONTAINER: Code = Code {
    web: &["services", "services/api.php"],
    everybody: "serve/www/assets/app.js",
    root: "serve/www/assets",
    config: ["data:", "data:config.php"],
    leftovers: &["serve/www/index.php.bak", "serve/www/backup.sql"],
    tool: "bin/tool",
    link: "serve/www/assets/all",
};

fn files(stage: &Stage) {
    let install = &stage.install;
    let code = match stage.kind {
        Kind::V4 => V4,
        Kind::V5 | Kind::V5Moved => V5,
        Kind::Container => CONTAINER,
    };
    for path in code.web {
        install.chown(path, WEB);
    }
    install.chmod(code.web[0], 0o775);
    install.chmod(code.everybody, 0o666);
    install.chown(code.root, ROOT);
    install.chmod(code.config[0], 0o755);
    install.chmod(code.config[1], 0o644);
    for path in code.leftovers {
        install.file(path, OWNER, 0o644, "<?php // an old one\n");
    }
    install.file(code.tool, OWNER, 0o4755, "tool\n");
    install.link(code.link, "/etc", OWNER);
}

fn data(stage: &Stage) {
    let install = &stage.install;
    let places = desk::places(stage.kind);
    install.chmod(places.tmp, 0o2777);
    install.remove_acl(places.logs);
    install.chown(places.debug, ROOT);
    install.chmod(places.debug, 0o755);
    install.remove_acl(places.debug);
    let script = format!("{}/x.php", places.attachments);
    install.file(&script, WEB, 0o644, "<?php // planted\n");
    if let Some(backups) = places.backups {
        install.chmod(backups, 0o755);
        // As a task that runs as root makes it.
        let dump = format!("{backups}/2026-01-02-03-04-05-database.zip");
        install.file(&dump, ROOT, 0o644, "");
    }
}

/// Lines that are added to a file of the configuration, by its id.
fn configuration(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::V4 => &[
            ("config", "$DP_CONFIG['debug']['dev'] = true;"),
            ("config", "$DP_CONFIG['enable_display_errors'] = true;"),
            (
                "config",
                "$DP_CONFIG['debug']['mail']['save_to_file'] = true;",
            ),
            ("config", "define('DP_OVERRIDE_USER_PASS', '1:letmein');"),
            ("config", "$DP_CONFIG['phpinfo_auth'] = 'secret';"),
            ("config", "$DP_CONFIG['trust_proxy_data'] = true;"),
            (
                "config",
                "$DP_CONFIG['import']['db_password'] = 'old-Pw-7';",
            ),
        ],
        Kind::V5 | Kind::V5Moved => &[
            ("env", "$ENV_CONFIG['debug_mode'] = true;"),
            ("env", "$ENV_CONFIG['environment'] = 'dev';"),
            ("env", "$ENV_CONFIG['set_umask'] = 0000;"),
            ("env", "$ENV_CONFIG['trust_proxy_data'] = ['0.0.0.0/0'];"),
            ("logs", "$LOGS_CONFIG['log_level'] = 'debug';"),
            ("settings", "$SETTINGS['disable_outgoing_email'] = true;"),
            (
                "settings",
                "$SETTINGS['api_auth.master_key'] = 'open sesame';",
            ),
            (
                "database_advanced",
                "$DB_CONFIG['audit']['password'] = 'old-Pw-7';",
            ),
        ],
        Kind::Container => &[
            ("config", "$CONFIG['env']['debug_mode'] = true;"),
            ("config", "$CONFIG['env']['app_environment'] = 'dev';"),
            ("config", "$CONFIG['env']['set_umask'] = 0000;"),
            (
                "config",
                "$CONFIG['env']['trust_proxy_data'] = ['0.0.0.0/0'];",
            ),
            ("config", "$CONFIG['logs']['log_level'] = 'debug';"),
            (
                "config",
                "$CONFIG['settings']['disable_outgoing_email'] = true;",
            ),
            (
                "config",
                "$CONFIG['settings']['api_auth.master_key'] = 'open sesame';",
            ),
            (
                "config",
                "$CONFIG['database_advanced']['read'] = ['user' => 'r', 'password' => 'old-Pw-7'];",
            ),
        ],
    }
}

/// Everybody gets to the admins' side, data and code are served, folders are listed, and everybody may say
/// where he comes from.
fn careless(web: Web, sound: &str) -> String {
    let mut text = sound.to_owned();
    let changes: &[(&str, &str, &str)] = match web {
        Web::Nginx => &[
            ("    if ($refused) {", "}\n", ""),
            ("    location ~ ^/(", "}\n", ""),
            ("    location ~ /\\.", "}\n", ""),
            (
                "    index index.php;",
                "\n",
                "    index index.php;\n    autoindex on;\n    set_real_ip_from 0.0.0.0/0;\n    real_ip_header X-Forwarded-For;\n",
            ),
        ],
        Web::ApacheModule | Web::ApacheFpm => &[
            ("    <LocationMatch ", "</LocationMatch>\n", ""),
            ("    <DirectoryMatch ", "</DirectoryMatch>\n", ""),
            ("    <FilesMatch \"^\\.|~$", "</FilesMatch>\n", ""),
            (
                "        Options -Indexes",
                "\n",
                "        Options +Indexes\n",
            ),
            (
                "    ServerName ",
                "\n",
                "    ServerName help.example.com\n    RemoteIPHeader X-Forwarded-For\n    RemoteIPInternalProxy 0.0.0.0/1\n",
            ),
        ],
    };
    for (from, to, new) in changes {
        let start = text.find(from).unwrap_or_else(|| panic!("{from}"));
        let end = start + text[start..].find(to).unwrap() + to.len();
        text.replace_range(start..end, new);
    }
    text.replace("display_errors off", "display_errors on")
        .replace("expose_php off", "expose_php on")
}

fn database(stage: &Stage) {
    stage.database.server.sql(
        "GRANT FILE, PROCESS ON *.* TO deskpro@localhost;
         GRANT EVENT, CREATE ROUTINE, EXECUTE ON deskpro.* TO deskpro@localhost WITH GRANT OPTION;
         CREATE DATABASE shop; GRANT SELECT ON shop.* TO deskpro@localhost;
         CREATE USER ''@'localhost'; CREATE USER 'nobody'@'%';
         CREATE USER 'root'@'%' IDENTIFIED BY 'x'; GRANT ALL ON *.* TO 'root'@'%';",
    );
    stage.database.sql(
        "UPDATE settings SET value = '604800' WHERE name = 'core.sessions_lifetime';
         DELETE FROM people_prefs;
         UPDATE settings SET value = '' WHERE name = 'core.app_secret';",
    );
    if stage.kind != Kind::V4 {
        stage.database.sql(
            "UPDATE settings SET value = '1' WHERE name IN ('core.enable_agent_rememberme', 'core.rate_limit_disabled');
             UPDATE settings SET value = '0' WHERE name IN ('core.session_keepalive_require_page', 'agent.password_policy.forbid_reuse', 'agent.ip_security.enabled');
             UPDATE settings SET value = '6' WHERE name = 'agent.password_policy.min_length';
             DELETE FROM settings WHERE name IN ('agent.password_policy.max_age', 'agent.password_policy.require_num_symbol');",
        );
    }
}

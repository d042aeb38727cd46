//! The faults that are planted together: each is one that an admin in a hurry leaves behind.

use crate::accounts::{CRON, OWNER, ROOT, WEB};
use crate::stage::{CRON_TABLE, Stage};
use std::fs;

/// Plants all of them and starts the servers over them.
pub(crate) fn plant(stage: &mut Stage) {
    files(stage);
    data(stage);
    configuration(stage);
    let task = stage.install.at("cron.php");
    fs::write(
        CRON_TABLE,
        format!(
            "# the helpdesk\n* * * * * root /usr/bin/php {}\n",
            task.display()
        ),
    )
    .unwrap();
    database(stage);
    let config = nginx(&stage.sound());
    stage.start(
        "php_admin_flag[display_errors] = on\nphp_admin_flag[expose_php] = on",
        &config,
    );
}

fn files(stage: &Stage) {
    let install = &stage.install;
    for path in [
        "app/src",
        "app/src/Controller.php",
        "app/src/Sub",
        "app/src/Sub/Model.php",
    ] {
        install.chown(path, WEB);
    }
    install.chmod("app/src", 0o775);
    install.chmod("app/sys/VERSION", 0o666);
    install.chown("web/site.css", ROOT);
    install.chmod("host:srv/private/helpdesk/config.php", 0o644);
    install.chmod("host:srv/private/helpdesk", 0o755);
    install.file("config.php.bak", OWNER, 0o644, "<?php // an old one\n");
    install.file("backup.sql", OWNER, 0o644, "-- dump\n");
    install.file("app/bin/tool", OWNER, 0o4755, "tool\n");
    install.link("web/all", "/etc", OWNER);
}

fn data(stage: &Stage) {
    let install = &stage.install;
    install.chmod("data:tmp", 0o2777);
    install.remove_acl("data:logs");
    install.chown("data:debug", ROOT);
    install.chmod("data:debug", 0o755);
    install.remove_acl("data:debug");
    install.file("data:files/x.php", WEB, 0o644, "<?php // planted\n");
    install.chmod("data:backups", 0o755);
    let dump = "data:backups/2026-01-02-03-04-05-database.zip";
    install.file(dump, CRON, 0o644, "");
}

fn configuration(stage: &mut Stage) {
    let install = &mut stage.install;
    install.config("config", "$DP_CONFIG['debug']['dev'] = true;");
    install.config("config", "$DP_CONFIG['enable_display_errors'] = true;");
    install.config(
        "config",
        "$DP_CONFIG['debug']['mail']['save_to_file'] = true;",
    );
    install.config("config", "define('DP_OVERRIDE_USER_PASS', '1:letmein');");
    install.config("config", "$DP_CONFIG['phpinfo_auth'] = 'secret';");
    install.config("config", "$DP_CONFIG['trust_proxy_data'] = true;");
    install.config(
        "config",
        "$DP_CONFIG['import']['db_password'] = 'old-Pw-7';",
    );
}

/// Everybody gets to the admins' side, data and code are served, folders are listed, and everybody may say
/// where he comes from.
fn nginx(sound: &str) -> String {
    let mut text = sound.to_owned();
    for (from, to) in [
        ("    if ($refused) { return 403; }\n", ""),
        (
            "    location ~ ^/(app|plugins|data)(/|$) { return 404; }\n",
            "",
        ),
        ("    location ~ /\\. { return 404; }\n", ""),
        (
            "    index index.php;\n",
            "    index index.php;\n    autoindex on;\n    set_real_ip_from 0.0.0.0/0;\n    real_ip_header X-Forwarded-For;\n",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    text
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
}

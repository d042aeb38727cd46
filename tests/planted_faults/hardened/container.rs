//! The vendor's container image, seen from inside: code in `/srv/deskpro`, what belongs to the
//! instance in `INSTANCE_DATA`.

use super::{code, host_files, private_file, shared};
use crate::accounts::{OWNER, ROOT, WEB};
use crate::tree::Install;

const FILES: &[(&str, &str)] = &[
    ("bin/cron", "#!/usr/bin/env php\n<?php // cron\n"),
    ("serve/www/index.php", "<?php // front\n"),
    ("serve/www/assets/app.js", "// app\n"),
    ("services/api.php", "<?php // api\n"),
];

const CONFIG: &str = "<?php
$CONFIG['database'] = [
    'host' => 'db',
    'user' => 'deskpro',
    'password' => <<<'__VAL__'
nS7-pLq0_vTz92
__VAL__,
    'dbname' => 'deskpro',
    'pdo_options' => [PDO::MYSQL_ATTR_SSL_CA => '/deskpro/ssl/mysql/ca.pem'],
];
$CONFIG['env'] = ['set_umask' => 0007, 'environment' => 'production', 'debug_mode' => false];
$CONFIG['env']['trust_proxy_data'] = ['10.0.0.7'];
$CONFIG['logs'] = ['log_level' => 'info'];
$CONFIG['app_key'] = 'QmFzZTY0IG9mIHRoaXJ0eS10d28gcmFuZG9tIGJ5dGVzLg==';
$CONFIG['settings']['core.filestorage_method'] = 'fs';
";

pub(super) fn make() -> Install {
    let mut install = Install::on_a_host_of_its_own("srv/deskpro");
    install.dir("", OWNER, 0o755);
    code(&install, FILES);
    install.data = install.at("INSTANCE_DATA");
    install.dir("data:", (OWNER.0, WEB.1), 0o755);
    private_file(&install, "data:config.php", CONFIG);
    let config = install.at("data:config.php");
    install.configs.insert("config", config);
    private_file(&install, "data:mysql-client.key", "a key\n");
    shared(&install, "data:attachments");
    shared(&install, "data:var");
    for name in ["cache", "debug", "kernel_cache", "logs", "tmp"] {
        shared(&install, &format!("data:var/{name}"));
    }
    let day = jiff::Timestamp::from_second(super::days_ago(30).cast_signed()).unwrap();
    let release = format!(
        "DESKPRO_VERSION=\"2026.1.0\"\nDESKPRO_BUILD_ID=77\nDESKPRO_BUILD_DATE={}\n",
        day.strftime("%Y-%m-%dT%H:%M:%SZ")
    );
    install.file("host:etc/deskpro-release", ROOT, 0o644, release);
    install.dir("host:deskpro", ROOT, 0o755);
    install.dir("host:deskpro/config", (OWNER.0, WEB.1), 0o750);
    let task = install.at("bin/cron").display().to_string();
    host_files(&install, "serve/www", &[task]);
    install
}

//! v4: the install is the web root, so configuration and data are moved out of it; the release's
//! checksum list fits.

use super::{backups, code, days_ago, host_files, private_dir, private_file, shared};
use crate::accounts::{OWNER, ROOT, WEB};
use crate::tree::Install;
use md5::{Digest as _, Md5};
use std::fmt::Write as _;

const LIST: &str = "app/sys/Resources/distro-checksums.php";

/// Entry points and what lies beside them.
const FILES: &[(&str, &str)] = &[
    ("dp.php", "<?php // dp\n"),
    ("file.php", "<?php // file\n"),
    ("get_messages.php", "<?php // messages\n"),
    ("cron.php", "<?php // cron\n"),
    ("cmd.php", "<?php // cmd\n"),
    ("import.php", "<?php // import\n"),
    ("upgrade.php", "<?php // upgrade\n"),
    ("config.new.php", "<?php // a template\n"),
    (".htaccess", "Options -Indexes\n"),
    ("web.config", "<configuration/>\n"),
    ("schedule.bat", "rem\n"),
    ("robots.txt", "User-agent: *\nDisallow: /\n"),
    ("README.txt", "Read me.\n"),
    ("favicon.ico", ""),
    ("admin/index.php", "<?php // admin\n"),
    ("agent/index.php", "<?php // agent\n"),
    ("app/.htaccess", "deny from all\n"),
    ("app/bin/checksum-check.php", "<?php // check\n"),
    ("app/dev/box.zip", "not really\n"),
    ("app/src/Controller.php", "<?php // controller\n"),
    ("app/src/Sub/Model.php", "<?php // model\n"),
    ("app/sys/load_config.php", "<?php // load\n"),
    ("app/sys/VERSION", "20260101000000\n"),
    (
        "app/sys/config/build-num.php",
        "<?php define('DP_BUILD_NUM', 310.0);\n",
    ),
    ("plugins/.htaccess", "deny from all\n"),
    ("web/site.css", "body {}\n"),
];

/// The admin's edit of the second path is what the file itself invites to.
const INDEX: &str = "<?php
if (!defined('DP_ROOT')) define('DP_ROOT', dirname(__FILE__) . '/app');
if (!defined('DP_WEB_ROOT')) define('DP_WEB_ROOT', dirname(__FILE__));
if (!defined('DP_CONFIG_FILE')) define('DP_CONFIG_FILE', dirname(__FILE__) . '/../private/helpdesk/config.php');
require DP_ROOT . '/sys/load_config.php';
";

const CONFIG: &str = "<?php
define('DP_DATABASE_HOST', 'localhost');
define('DP_DATABASE_USER', \"deskpro\");
define('DP_DATABASE_PASSWORD', 'nS7-pLq0_vTz92');
define('DP_DATABASE_NAME', 'deskpro');
define('DP_TECHNICAL_EMAIL', 'it@example.com');
$DP_CONFIG = array('debug' => array(), 'cache' => array());
$DP_CONFIG['php_path'] = '/usr/bin/php';
$DP_CONFIG['dir_data'] = dirname(__FILE__) . '/../../helpdesk-data';
$DP_CONFIG['import'] = array('db_host' => 'localhost', 'db_user' => 'root', 'db_password' => '');
$DP_CONFIG['trust_proxy_data'] = array('10.0.0.7');
#$DP_CONFIG['enable_display_errors'] = true;
$DP_CONFIG['debug']['page_log'] = array('enabled' => false, 'slow_query_time' => 0.5,);
$DP_CONFIG['debug']['mail'] = array('save_to_file' => false, 'force_to' => '', 'disable_send' => false);
";

pub(super) fn make() -> Install {
    let mut install = Install::on_a_host_of_its_own("srv/helpdesk");
    install.dir("", OWNER, 0o755);
    code(&install, FILES);
    install.file("index.php", OWNER, 0o644, INDEX);
    let built = format!("<?php define(\"DP_BUILD_TIME\", {});\n", days_ago(30));
    install.file("app/sys/config/build-time.php", OWNER, 0o644, built);
    install.dir("app/sys/Resources", OWNER, 0o755);
    let list = checksum_list(&install);
    install.file(LIST, OWNER, 0o644, list);
    install.dir("host:srv/private", ROOT, 0o755);
    private_dir(&install, "host:srv/private/helpdesk");
    private_file(&install, "host:srv/private/helpdesk/config.php", CONFIG);
    let config = install.at("host:srv/private/helpdesk/config.php");
    install.configs.insert("config", config);
    install.data = install.at("host:srv/helpdesk-data");
    data(&install, "data:");
    let task = format!("/usr/bin/php {}", install.at("cron.php").display());
    host_files(&install, "", &[task]);
    install
}

/// A data directory with everything that the product makes below it.
pub(crate) fn data(install: &Install, path: &str) {
    shared(install, path);
    let below = |name: &str| {
        if path.ends_with(':') {
            format!("{path}{name}")
        } else {
            format!("{path}/{name}")
        }
    };
    for name in ["files", "logs", "tmp", "debug"] {
        shared(install, &below(name));
    }
    install.file(&below(".htaccess"), WEB, 0o640, "deny from all\n");
    install.file(&below("index.html"), WEB, 0o640, "DESKPRO_READABLE_FILE\n");
    install.file(&below("is_installed.dat"), WEB, 0o640, "1\n");
    install.file(&below("files/1A"), WEB, 0o660, "an attachment\n");
    install.file(&below("logs/error.log"), WEB, 0o660, "");
    backups(install, &below("backups"));
}

/// The release's list over the files as they are now, its own exceptions left out.
pub(crate) fn checksum_list(install: &Install) -> String {
    let mut list = String::from("<?php return array (\n");
    let more = ["index.php", "app/sys/config/build-time.php"];
    for path in FILES.iter().map(|(path, _)| *path).chain(more) {
        let name = path.rsplit('/').next().unwrap();
        if matches!(name, "config.new.php" | ".htaccess" | "web.config") {
            continue;
        }
        // The release's own text, before the admin's edit.
        let text = install.read(path).replace("/../private/helpdesk", "");
        let text = text.replace(['\r', '\n'], "");
        let mut sum = String::new();
        for byte in Md5::digest(text.trim()) {
            write!(sum, "{byte:02x}").unwrap();
        }
        writeln!(list, "  '/{path}' => '{sum}',").unwrap();
    }
    list.push_str(");\n");
    list
}

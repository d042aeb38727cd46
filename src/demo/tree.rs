//! What the demo's weak helpdesk consists of: paths, modes and contents, and what is wrong with each.

use md5::{Digest as _, Md5};
use std::fmt::Write as _;

/// Path, mode and contents.
pub(super) const FILES: &[(&str, u32, &str)] = &[
    (
        "index.php",
        0o644,
        "<?php\nif (!defined('DP_ROOT')) define('DP_ROOT', dirname(__FILE__) . '/app');\nif (!defined('DP_WEB_ROOT')) define('DP_WEB_ROOT', dirname(__FILE__));\nif (!defined('DP_CONFIG_FILE')) define('DP_CONFIG_FILE', dirname(__FILE__) . '/config.php');\nrequire DP_ROOT . '/sys/load_config.php';\n",
    ),
    ("dp.php", 0o644, "<?php\n"),
    ("file.php", 0o644, "<?php\n"),
    ("get_messages.php", 0o644, "<?php\n"),
    ("cron.php", 0o644, "<?php\n"),
    ("upgrade.php", 0o644, "<?php\n"),
    // World-readable, the template's account, shipped password, debug on, mail stored, proxies trusted.
    ("config.php", 0o644, CONFIG),
    (
        "config.php.bak",
        0o644,
        "<?php define('DP_DATABASE_PASSWORD', 'last year');\n",
    ),
    (".git/config", 0o644, "[core]\n\tbare = false\n"),
    ("backup-2025.tar.gz", 0o644, ""),
    (
        "app/sys/config/build-time.php",
        0o644,
        "<?php define('DP_BUILD_TIME', 1359676800);\n",
    ),
    (
        "app/sys/config/build-num.php",
        0o644,
        "<?php define('DP_BUILD_NUM', 310.0);\n",
    ),
    // Not what the list of checksums says.
    (
        "app/sys/load_config.php",
        0o644,
        "<?php\n/* changed after the release */\n",
    ),
    // Not on the list at all.
    (
        "app/sys/cache.php",
        0o644,
        "<?php /* nobody knows this file */\n",
    ),
    ("app/src/Controller.php", 0o666, "<?php\n"),
    ("app/bin/helper", 0o4755, "#!/bin/sh\n"),
    ("web/site.css", 0o644, "body {}\n"),
    ("data/.htaccess", 0o644, "deny from all\n"),
    ("data/index.html", 0o644, "DESKPRO_READABLE_FILE\n"),
    (
        "data/files/1/avatar.php",
        0o644,
        "<?php /* an upload that waits to be run */\n",
    ),
    ("data/backups/2025-01-02-03-04-05-database.zip", 0o644, ""),
    ("data/logs/cron.log", 0o644, ""),
    (
        "data/logs/error.log",
        0o644,
        "2025-01-02 03:04:05 SQLSTATE[28000] Access denied for user 'root'@'localhost'\n",
    ),
    (
        "data/cli-phpinfo.html",
        0o644,
        "<html><title>phpinfo()</title><h1>PHP Version 5.4.45</h1>Loaded Configuration File</html>\n",
    ),
];

/// Directories whose modes are set last.
pub(super) const DIRECTORIES: &[(&str, u32)] = &[
    ("app/sys/Resources", 0o755),
    ("data", 0o777),
    ("data/files", 0o777),
    ("data/logs", 0o777),
    ("data/tmp", 0o777),
];

const CONFIG: &str = "<?php
define('DP_DATABASE_HOST', 'localhost');
define('DP_DATABASE_USER', 'root');
define('DP_DATABASE_PASSWORD', 'deskpro');
define('DP_DATABASE_NAME', 'deskpro');
define('DP_OVERRIDE_USER_PASS', '1:open sesame');
$DP_CONFIG = array('debug' => array(), 'cache' => array());
$DP_CONFIG['dir_data'] = '';
$DP_CONFIG['import'] = array('db_host' => 'old-db', 'db_user' => 'v3', 'db_password' => 'still valid');
$DP_CONFIG['trust_proxy_data'] = '10.0.0.1';
$DP_CONFIG['debug']['dev'] = false;
$DP_CONFIG['debug']['mail']['save_to_file'] = true;
$DP_CONFIG['phpinfo_auth'] = 'letmein';
";

/// The release's list: right for every file that the demo did not tamper with.
pub(super) fn checksum_list() -> String {
    const TAMPERED: &str = "app/sys/load_config.php";
    const LEFT_OUT: [&str; 7] = [
        "config.php",
        "config.php.bak",
        ".git/config",
        "backup-2025.tar.gz",
        "app/sys/cache.php",
        "app/bin/helper",
        "data/",
    ];
    let mut list = String::from("<?php\nreturn array(\n");
    for (path, _, contents) in FILES {
        if LEFT_OUT.iter().any(|out| path.starts_with(out)) {
            continue;
        }
        let shipped = if *path == TAMPERED { "<?php" } else { contents };
        let flat: String = shipped
            .chars()
            .filter(|c| !matches!(c, '\r' | '\n'))
            .collect();
        let sum = u128::from_be_bytes(Md5::digest(flat.trim().as_bytes()).into());
        // Writing to a String cannot fail.
        let _ = writeln!(list, "  '/{path}' => '{sum:032x}',");
    }
    list.push_str(");\n");
    list
}

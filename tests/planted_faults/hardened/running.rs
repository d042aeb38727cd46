//! What runs on the planted host, as its /proc shows it: the first process, nginx and PHP-FPM with a
//! worker each, and no socket for other networks; and the PHP that they use.

use super::days_ago;
use crate::accounts::{ROOT, WEB};
use crate::tree::Install;

/// The machine started this many seconds ago, and its servers read everything that is planted.
const UP: u64 = 10_000;
const IN_THE_FUTURE: u64 = (UP + 3_600) * 100;

/// Head of a table of sockets.
const SOCKETS: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

/// MySQL on 127.0.0.1:3306 and nginx on every address.
const LISTENING: &str = "\
   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   105        0 4001 1 0 100 0 0 10 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4002 1 0 100 0 0 10 0
";

pub(super) fn make(install: &Install) {
    let dirs = [
        "proc",
        "proc/net",
        "etc/php",
        "etc/php/8.2",
        "etc/php/8.2/fpm",
        "etc/php/8.2/fpm/pool.d",
        "etc/php/8.2/fpm/conf.d",
    ];
    for dir in dirs {
        install.dir(&format!("host:{dir}"), ROOT, 0o755);
    }
    let boot = format!("cpu 0\nbtime {}\n", days_ago(0) - UP);
    install.file("host:proc/stat", ROOT, 0o444, boot);
    process(install, 1, 0, 0, "init", "/sbin/init");
    process(
        install,
        10,
        1,
        0,
        "nginx",
        "nginx: master process /usr/sbin/nginx",
    );
    process(install, 11, 10, WEB.0, "nginx", "nginx: worker process");
    let fpm = "php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)";
    process(install, 20, 1, 0, "php-fpm8.2", fpm);
    process(install, 21, 20, WEB.0, "php-fpm8.2", "php-fpm: pool www");
    for (table, lines) in [("tcp", LISTENING), ("tcp6", ""), ("udp", ""), ("udp6", "")] {
        let text = format!("{SOCKETS}{lines}");
        install.file(&format!("host:proc/net/{table}"), ROOT, 0o444, text);
    }
    for (path, text) in [
        (
            "etc/php/8.2/fpm/php-fpm.conf",
            "[global]\ninclude=/etc/php/8.2/fpm/pool.d/*.conf\n",
        ),
        (
            "etc/php/8.2/fpm/pool.d/www.conf",
            "[www]\nuser = www-data\ngroup = www-data\nlisten = /run/php/php-fpm.sock\nphp_admin_value[session.cookie_httponly] = 1\n",
        ),
        (
            "etc/php/8.2/fpm/php.ini",
            "[PHP]\ndisplay_errors = Off\nexpose_php = Off\nallow_url_include = Off\n",
        ),
        ("etc/os-release", "ID=debian\nVERSION_ID=\"13\"\n"),
    ] {
        install.file(&format!("host:{path}"), ROOT, 0o644, text);
    }
}

/// A process, as far as proc(5) tells of it.
fn process(install: &Install, pid: u32, parent: u32, uid: u32, name: &str, title: &str) {
    let base = format!("host:proc/{pid}");
    install.dir(&base, ROOT, 0o755);
    let zeros = " 0".repeat(17);
    let stat = format!(
        "{pid} ({name}) S {parent}{zeros} {IN_THE_FUTURE}{}\n",
        " 0".repeat(30)
    );
    let status = format!(
        "Name:\t{name}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{uid}\t{uid}\t{uid}\t{uid}\n"
    );
    install.file(&format!("{base}/stat"), ROOT, 0o444, stat);
    install.file(&format!("{base}/status"), ROOT, 0o444, status);
    install.file(
        &format!("{base}/cmdline"),
        ROOT,
        0o444,
        format!("{title}\0"),
    );
}

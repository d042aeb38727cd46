//! nginx, Apache, PHP-FPM and MariaDB as the distribution has them: configured in `/etc`, started by its own
//! scripts, listening where its clients look. On a machine of one's own, whose `/etc` is a copy.

use crate::apart::run;
use crate::helpdesk::Helpdesk;
use crate::web::Web;
use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const SITE: &str = "/etc/nginx/sites-enabled/helpdesk";
const HOST: &str = "/etc/apache2/sites-enabled/helpdesk.conf";
const LOGS: [&str; 3] = ["nginx", "apache2", "mysql"];

/// The release of PHP that is installed, as names of files have it.
fn php() -> String {
    let found = fs::read_dir("/etc/php").unwrap();
    let mut found: Vec<PathBuf> = found.map(|it| it.unwrap().path()).collect();
    found.retain(|it| it.join("fpm/pool.d").is_dir());
    found.sort();
    let newest = found.pop().expect("php-fpm must be installed");
    newest.file_name().unwrap().to_string_lossy().into_owned()
}

pub(crate) fn socket() -> PathBuf {
    format!("/run/php/php{}-fpm.sock", php()).into()
}

/// The data of a server that runs becomes the distribution's own, which is started in its place.
pub(crate) fn database(helpdesk: &mut Helpdesk) {
    run("mount", &["-t", "tmpfs", "none", "/var/log"]);
    for name in LOGS {
        fs::create_dir_all(Path::new("/var/log").join(name)).unwrap();
    }
    fs::create_dir_all("/run/lock").unwrap();
    let socket = helpdesk.server.socket();
    let data = helpdesk.server.folder().join("data");
    helpdesk.server.sql("SHUTDOWN");
    let pid = helpdesk.server.folder().join("pid");
    let until = Instant::now() + Duration::from_secs(20);
    while pid.exists() {
        assert!(Instant::now() < until, "the database server does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
    helpdesk.server.stop();
    let data = data.to_string_lossy();
    run(
        "chown",
        &["-R", "mysql:mysql", &data, "/var/log/mysql", "/run/mysqld"],
    );
    run("mount", &["--bind", &data, "/var/lib/mysql"]);
    fs::write(
        "/etc/mysql/mariadb.conf.d/90-small.cnf",
        "[mysqld]\ninnodb_buffer_pool_size = 16M\ninnodb_log_file_size = 4M\nkey_buffer_size = 1M\nperformance_schema = 0\n",
    )
    .unwrap();
    // What it does after its start is of no interest here.
    fs::write("/etc/mysql/debian-start", "#!/bin/sh\n").unwrap();
    let _ = fs::remove_file("/run/mysqld/mysqld.sock");
    run("service", &["mariadb", "start"]);
    let _ = fs::remove_file(&socket);
    symlink("/run/mysqld/mysqld.sock", &socket).unwrap();
}

/// Starts the servers anew, with what stands in `/etc`.
pub(crate) fn start_anew(web: Web, port: u16) {
    for service in services(web) {
        run("service", &[&service, "restart"]);
    }
    answers(port);
}

fn answers(port: u16) {
    let until = Instant::now() + Duration::from_secs(30);
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        let log = || fs::read_to_string("/var/log/nginx/error.log").unwrap_or_default();
        assert!(Instant::now() < until, "no server answers: {}", log());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Configures the web server and PHP, and starts them.
pub(crate) fn start(web: Web, port: u16, pool: &str, config: &str) {
    let php = php();
    if web == Web::Nginx {
        fs::write(SITE, config).unwrap();
    } else {
        fs::write(HOST, config).unwrap();
        for module in ["headers", "proxy", "proxy_fcgi", "remoteip", "rewrite"] {
            let file = format!("/etc/apache2/mods-enabled/{module}.load");
            let _ = symlink(format!("../mods-available/{module}.load"), file);
        }
    }
    if web != Web::ApacheModule {
        let file = format!("/etc/php/{php}/fpm/pool.d/www.conf");
        let text = fs::read_to_string(&file).unwrap();
        let own = "php_admin_flag[display_errors] = off\nphp_admin_flag[expose_php] = off\nphp_admin_flag[session.cookie_httponly] = on\n";
        fs::write(&file, format!("{text}{own}{pool}\n")).unwrap();
        fs::create_dir_all("/run/php").unwrap();
    }
    for service in services(web) {
        run("service", &[&service, "start"]);
    }
    answers(port);
}

/// What has read what stands in `/etc` once they are started anew.
fn services(web: Web) -> Vec<String> {
    let fpm = format!("php{}-fpm", php());
    match web {
        Web::Nginx => vec![fpm, "nginx".to_owned()],
        Web::ApacheModule => vec!["apache2".to_owned()],
        Web::ApacheFpm => vec![fpm, "apache2".to_owned()],
    }
}

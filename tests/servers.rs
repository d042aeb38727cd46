//! Whole hosts, each a folder named after its situation: who serves the product, who schedules it,
//! and what could not be known.

// A test may fail by panicking, in its own functions too.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use deskguard::host::Host;
use deskguard::target::php_fpm::Pool;
use deskguard::target::servers::{Program, Servers, look};
use deskguard::target::web_server::{Published, SaidBy};
use std::path::Path;

fn host(name: &str) -> Host {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/hosts")
        .join(name);
    Host { root }
}

fn found(name: &str, root: &str) -> Servers {
    look(&host(name), Path::new(root), None)
}

/// What scripts cannot change.
fn admin_value<'a>(pool: &'a Pool, name: &str) -> &'a str {
    let setting = pool.php.iter().find(|it| it.name == name).unwrap();
    assert!(setting.admin && setting.at.line > 0);
    &setting.value
}

fn line(published: &Published) -> String {
    let mut line = format!(
        "{} {} {}",
        published.directive,
        published.path.display(),
        published.at
    );
    if !published.server_names.is_empty() {
        line.push_str(&format!(" for {}", published.server_names.join(",")));
    }
    if let Some(reason) = &published.unresolved {
        line.push_str(&format!(" ({reason})"));
    }
    line
}

fn published(servers: &Servers) -> Vec<String> {
    let all = servers
        .programs
        .iter()
        .flat_map(|program| &program.published);
    all.map(line).collect()
}

fn jobs(servers: &Servers) -> Vec<String> {
    let each = servers.jobs.iter().map(|job| {
        let mut line = format!("{}:{} {}", job.path, job.line, job.user);
        if job.effective_user != job.user {
            line.push_str(&format!("->{}", job.effective_user));
        }
        if job.updates {
            line.push_str(" updates");
        }
        if !job.enabled {
            line.push_str(" off");
        }
        line
    });
    each.collect()
}

#[test]
fn debian_with_nginx_and_a_split_updater() {
    let servers = found("debian-nginx-fpm-v5", "/var/www/deskpro");
    let [nginx] = servers.programs.as_slice() else {
        panic!("{:?}", servers.programs);
    };
    assert_eq!(
        (nginx.program, nginx.found_by.as_str()),
        (Program::Nginx, "its usual place")
    );
    assert_eq!(nginx.users[0].user, "www-data");
    assert_eq!(nginx.users[0].group.as_deref(), Some("www-data"));
    assert!(matches!(&nginx.users[0].said_by, SaidBy::Line(at) if at.line == 1));
    let d = "/etc/nginx/conf.d/deskpro.conf";
    let names = "for help.example.com,support.example.com";
    assert_eq!(
        published(&servers),
        [
            format!("root /var/www/deskpro/www {d}:5 {names}"),
            format!(
                "alias /srv/downloads/$1 {d}:16 {names} (/srv/downloads/$1 depends on the request)"
            ),
            format!("root /usr/share/nginx/share {d}:20 {names}"),
            format!(" /usr/share/nginx/html {d}:35 for forgotten.example.com"),
            "root /var/www/html /etc/nginx/sites-enabled/default:3 for _".to_owned(),
        ]
    );
    let [pool] = servers.pools.as_slice() else {
        panic!("{:?}", servers.pools);
    };
    assert_eq!(pool.user.as_deref(), Some("www-data"));
    assert_eq!(pool.chdir.as_deref(), Some("/var/www"));
    assert_eq!(admin_value(pool, "error_log"), "/var/log/fpm-www.log");
    assert_eq!(
        pool.user_at.as_ref().unwrap().to_string(),
        "/etc/php/8.2/fpm/pool.d/www.conf:3"
    );
    assert_eq!(
        jobs(&servers),
        [
            "/etc/cron.d/deskpro:2 www-data",
            "/etc/cron.d/deskpro.old:1 root updates off",
            "/etc/cron.d/deskpro_updater:1 deskpro updates",
            "/etc/cron.daily/deskpro-backup:0 root->deskpro",
        ]
    );
    assert!(servers.jobs[2].command.contains("--db-password=***"));
    assert!(servers.jobs[1].notes[0].contains("Debian"));
    assert!(servers.missed.web.is_empty() && servers.missed.pools.is_empty());
    assert!(servers.missed.jobs.is_empty(), "{:?}", servers.missed.jobs);
    assert_eq!(
        servers.missed.processes,
        ["there is no /proc to read running processes from"]
    );
}

#[test]
fn debian_with_apache_and_a_crontab_of_root() {
    let servers = found("debian-apache-v4", "/var/www/deskpro");
    let [apache] = servers.programs.as_slice() else {
        panic!("{:?}", servers.programs);
    };
    assert_eq!(apache.program, Program::Apache);
    assert_eq!(apache.users.len(), 1);
    assert_eq!(apache.users[0].user, "www-data");
    assert_eq!(apache.users[0].group.as_deref(), Some("www-data"));
    assert_eq!(apache.files.len(), 5);
    let f = "/etc/apache2/sites-enabled/helpdesk.conf";
    let names = "for help.example.com,support.example.com,tickets.example.com";
    assert_eq!(
        published(&servers),
        [
            "Alias /usr/share/apache2/icons/ /etc/apache2/mods-enabled/alias.conf:2".to_owned(),
            "ScriptAlias /usr/lib/cgi-bin/ /etc/apache2/conf-enabled/serve-cgi-bin.conf:3"
                .to_owned(),
            format!("DocumentRoot /var/www/deskpro {f}:6 {names}"),
            format!(
                "Alias /etc/apache2/${{NOWHERE}}/shared {f}:7 {names} (${{NOWHERE}} is not defined in what was read)"
            ),
            format!("AliasMatch /srv/old/$1 {f}:8 {names} (/srv/old/$1 depends on the request)"),
            format!("Alias /srv/files {f}:10 {names}"),
            format!(
                "VirtualDocumentRoot /srv/sites/%0 {f}:13 {names} (/srv/sites/%0 depends on the request)"
            ),
            format!("documentroot /etc/apache2/htdocs {f}:17 for two.example.com"),
        ]
    );
    assert_eq!(
        jobs(&servers),
        [
            "/var/spool/cron/crontabs/root:4 root updates",
            "/var/spool/cron/crontabs/root:5 root->www-data updates",
        ]
    );
    assert_eq!(
        servers.missed.jobs,
        [
            "/var/spool/cron/crontabs/operator:1: `php cron.php` may be the product's, its directory is not known"
        ]
    );
    assert!(servers.missed.web.is_empty(), "{:?}", servers.missed.web);
}

#[test]
fn rhel_with_httpd_and_a_timer() {
    let servers = found("rhel-httpd-timer", "/opt/deskpro");
    assert_eq!(servers.programs[0].users[0].user, "apache");
    assert_eq!(
        published(&servers),
        [
            "DocumentRoot /var/www/html /etc/httpd/conf/httpd.conf:6 for help.example.com",
            "Alias /opt/deskpro/www /etc/httpd/conf.d/deskpro.conf:3 for help.example.com",
        ]
    );
    assert_eq!(servers.pools[0].user.as_deref(), Some("apache"));
    assert_eq!(
        servers.missed.pools,
        ["/etc/php-fpm.d/www.conf:5: neither a section nor a setting"]
    );
    assert_eq!(
        jobs(&servers),
        [
            "/etc/systemd/system/deskpro-cron.service:8 deskpro updates",
            "/usr/lib/systemd/system/deskpro-worker.service:2 root off",
        ]
    );
    assert_eq!(servers.jobs[0].notes, ["deskpro-cron.timer starts it"]);
}

#[test]
fn the_container_s_layout() {
    let servers = found("container", "/srv/deskpro");
    assert_eq!(
        published(&servers),
        [
            "root /srv/deskpro/serve/www /etc/nginx/nginx.conf:6",
            "alias /srv/deskpro/INSTANCE_DATA/attachments/ /etc/nginx/deskpro.d/blobs.conf:3",
        ]
    );
    let pools: Vec<_> = servers
        .pools
        .iter()
        .map(|p| (p.name.as_str(), p.user.as_deref()))
        .collect();
    assert_eq!(
        pools,
        [("dp_default", Some("dp_app")), ("dp_gql", Some("dp_app"))]
    );
    assert_eq!(
        servers.pools[0].listen.as_deref(),
        Some("/run/php_fpm_dp_default.sock")
    );
    assert_eq!(servers.pools[0].listen_mode.as_deref(), Some("0666"));
    assert_eq!(servers.pools[0].group.as_deref(), Some("www-data"));
    assert_eq!(
        admin_value(&servers.pools[1], "disable_functions"),
        "exec,system"
    );
    assert_eq!(
        jobs(&servers),
        ["/etc/supervisor/programs/tasks.conf:2 dp_app"]
    );
}

#[test]
fn a_broken_configuration_is_said_and_the_rest_is_seen() {
    let servers = found("broken-nginx", "/srv");
    assert_eq!(
        published(&servers),
        [
            "root /srv/before /etc/nginx/conf.d/bad.conf:2",
            "root /srv/seen /etc/nginx/nginx.conf:7",
        ]
    );
    assert_eq!(
        servers.missed.web,
        [
            "/etc/nginx/conf.d/bad.conf:5: unexpected end of file, expecting \";\" or \"}\"",
            "/etc/nginx/nginx.conf:5: /etc/nginx/gone.conf does not exist",
            "/etc/nginx/nginx.conf:9: unexpected end of file, expecting \"}\"",
        ]
    );
}

#[test]
fn a_root_above_the_install_and_an_account_that_nobody_names() {
    let servers = found("root-above-install", "/usr/share/nginx/html/deskpro");
    assert_eq!(
        published(&servers),
        [
            "root /usr/share/nginx/html /etc/nginx/nginx.conf:3 for _",
            "root /usr/share/nginx/html/deskpro/www /etc/nginx/nginx.conf:10 for help.example.com",
            "root /srv/$host /etc/nginx/nginx.conf:12 for help.example.com (/srv/$host depends on the request)",
        ]
    );
    let user = &servers.programs[0].users[0];
    assert_eq!(user.user, "nobody");
    assert!(matches!(&user.said_by, SaidBy::Assumed(_)));
}

#[test]
fn a_given_configuration_is_the_only_one() {
    let config = Path::new("/etc/nginx/conf.d/deskpro.conf");
    let servers = look(&host("debian-nginx-fpm-v5"), Path::new("/x"), Some(config));
    assert_eq!(servers.programs.len(), 1);
    assert_eq!(servers.programs[0].found_by, "--web-config");
    let config = Path::new("/etc/apache2/ports.conf");
    let servers = look(&host("debian-apache-v4"), Path::new("/x"), Some(config));
    assert_eq!(servers.programs[0].program, Program::Apache);
    let servers = look(
        &host("container"),
        Path::new("/x"),
        Some(Path::new("/none")),
    );
    assert_eq!(servers.missed.web, ["/none does not exist"]);
}

/// A host whose processes are what the test says.
fn with_processes(processes: &[(u32, u32, u32, &str, &[&str])]) -> (tempfile::TempDir, Host) {
    let folder = tempfile::tempdir().unwrap();
    for (pid, parent, uid, comm, args) in processes {
        let proc = folder.path().join("proc").join(pid.to_string());
        std::fs::create_dir_all(&proc).unwrap();
        let stat = format!("{pid} ({comm}) S {parent} 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 99 0\n");
        std::fs::write(proc.join("stat"), stat).unwrap();
        let status =
            format!("Uid:\t{uid}\t{uid}\t{uid}\t{uid}\nGid:\t{uid}\t{uid}\t{uid}\t{uid}\n");
        std::fs::write(proc.join("status"), status).unwrap();
        std::fs::write(proc.join("cmdline"), args.join("\0")).unwrap();
    }
    let root = folder.path().to_owned();
    (folder, Host { root })
}

#[test]
fn running_masters_say_where_their_configuration_is() {
    let (folder, host) = with_processes(&[
        (1, 0, 0, "init", &["init"]),
        (
            10,
            1,
            0,
            "nginx",
            &["nginx: master process nginx -p /srv/n -c n.conf -g user other;"],
        ),
        (11, 10, 33, "nginx", &["nginx: worker process"]),
        (
            12,
            1,
            1000,
            "x",
            &["nginx: master process nginx -c /home/mallory/n.conf"],
        ),
        (
            20,
            1,
            0,
            "httpd",
            &[
                "/usr/sbin/httpd",
                "-d",
                "/srv/a",
                "-f",
                "a.conf",
                "-DFOREGROUND",
            ],
        ),
        (
            21,
            20,
            48,
            "httpd",
            &[
                "/usr/sbin/httpd",
                "-d",
                "/srv/a",
                "-f",
                "a.conf",
                "-DFOREGROUND",
            ],
        ),
        (
            30,
            1,
            0,
            "php-fpm",
            &["php-fpm: master process (/srv/fpm.conf)"],
        ),
        (31, 30, 33, "php-fpm", &["php-fpm: pool www"]),
        (
            40,
            1,
            33,
            "php",
            &["php", "/d/bin/cron", "--no-auto-updater"],
        ),
        (50, 2, 0, "kthread", &[]),
    ]);
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("srv/n/n.conf", "http { server { root www; } }");
    write("home/mallory/n.conf", "http { server { root /m; } }");
    write("srv/a/a.conf", "User #48\nDocumentRoot here\n");
    write("srv/fpm.conf", "[www]\nuser = www-data\n");
    write(
        "etc/nginx/nginx.conf",
        "http { server { root /not/running; } }",
    );
    let servers = look(&host, Path::new("/d"), None);
    assert_eq!(
        published(&servers),
        [
            "root /srv/n/www /srv/n/n.conf:1",
            "root /m /home/mallory/n.conf:1",
            "DocumentRoot /srv/a/here /srv/a/a.conf:2",
        ]
    );
    assert_eq!(servers.programs[0].users[0].user, "other");
    let running = servers.programs[0].running.as_ref().unwrap();
    assert_eq!(running.pid, 10);
    assert_eq!(servers.programs[2].users[0].user, "#48");
    assert_eq!(servers.pools[0].user.as_deref(), Some("www-data"));
    assert_eq!(servers.pools[0].master, Some(30));
    let workers: Vec<_> = servers
        .workers
        .iter()
        .map(|w| (w.program.name(), w.pid, w.uid, w.pool.as_deref()))
        .collect();
    assert_eq!(
        workers,
        [
            ("nginx", 11, 33, None),
            ("apache", 21, 48, None),
            ("php-fpm", 31, 33, Some("www"))
        ]
    );
    assert_eq!(jobs(&servers), ["process 40:0 #33"]);
    assert_eq!(servers.jobs[0].uid, Some(33));
    assert!(servers.missed.web.is_empty(), "{:?}", servers.missed.web);
}

#[test]
fn a_master_that_root_does_not_run_hides_nothing() {
    let (folder, host) = with_processes(&[
        (1, 0, 0, "init", &["init"]),
        (
            12,
            1,
            1000,
            "x",
            &["nginx: master process nginx -c /home/mallory/n.conf"],
        ),
    ]);
    std::fs::create_dir_all(folder.path().join("etc/nginx")).unwrap();
    let config = folder.path().join("etc/nginx/nginx.conf");
    std::fs::write(config, "http { server { root /real; } }").unwrap();
    let servers = look(&host, Path::new("/d"), None);
    assert_eq!(published(&servers), ["root /real /etc/nginx/nginx.conf:1"]);
    assert_eq!(
        servers.missed.web,
        ["/home/mallory/n.conf, named by process 12, does not exist"]
    );
}

//! nginx with PHP-FPM.

use super::{Stand, alone, beside_others, ground, leads_to_https, own_address, says, write};
use crate::certificate::{self, Kind};
use crate::process::{Process, free_port, listens, php_fpm};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const AROUND: &str = r#"daemon off; pid {dir}/nginx.pid; error_log {dir}/error.log;
user {user};
events {}
http {
  access_log off; server_tokens off; include /etc/nginx/mime.types;
  client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi 1 2;
  uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
  ssl_certificate {dir}/site.pem; ssl_certificate_key {dir}/site.key;
  {servers}
}
"#;

/// What a server block of the helpdesk's holds.
const DESK: &str = r"root {root}; index index.php;
    location ^~ /data/ { return 403; }
    location ~ ^/(app|plugins|config|cron|cmd|import|upgrade) { return 403; }
    location / { try_files $uri /index.php$is_args$args; }
    location ~ ^/index\.php(/|$) {
      fastcgi_split_path_info ^(/index\.php)(.*)$;
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME {root}/index.php;
      fastcgi_param PATH_INFO $fastcgi_path_info;
      fastcgi_pass unix:{dir}/fpm.sock;
    }";

/// Starts it with these servers, `{desk}` among them; ready once the address takes connections.
fn start(name: &str, url: &str, servers: &str, ready: SocketAddr) -> Stand {
    start_as("www-data", name, url, servers, ready)
}

fn start_as(user: &str, name: &str, url: &str, servers: &str, ready: SocketAddr) -> Stand {
    let (folder, install) = ground(name);
    let dir = folder.path();
    let text = AROUND
        .replace("{user}", user)
        .replace("{servers}", servers)
        .replace("{desk}", DESK)
        .replace("{dir}", dir.to_str().unwrap())
        .replace("{root}", install.root.to_str().unwrap());
    let config = write(dir, "nginx.conf", &text);
    let fpm = php_fpm(dir, "");
    let mut command = Command::new("/usr/sbin/nginx");
    command.arg("-p").arg(dir).arg("-c").arg(&config);
    command.arg("-e").arg(dir.join("error.log"));
    let nginx = Process::start(&mut command, &dir.join("nginx.out"), || {
        TcpStream::connect(ready).is_ok()
    });
    Stand {
        install,
        url: url.to_owned(),
        config,
        folder,
        _processes: vec![nginx, fpm],
    }
}

const OLD: &str = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2;";
const NEW: &str = "ssl_protocols TLSv1.2 TLSv1.3;";
const CIPHERS: &str = "ssl_ciphers ALL:@SECLEVEL=0;";

/// The helpdesk as `localhost` on a port of its own; `{old}` and `{new}` in the servers are versions.
fn tls(servers: &str) -> Stand {
    let port = free_port();
    let servers = servers
        .replace("{listen}", &format!("listen 127.0.0.1:{port} ssl;"))
        .replace("{old}", OLD)
        .replace("{new}", NEW);
    let url = format!("https://localhost:{port}/");
    let ready = SocketAddr::from(([127, 0, 0, 1], port));
    start("localhost", &url, &format!("{CIPHERS}\n{servers}"), ready)
}

#[test]
fn old_versions_of_tls() {
    let _beside = beside_others();
    for (name, servers) in [
        (
            "nginx, a line of its own",
            "server { {listen} server_name localhost;\n  {old} # as ever\n {desk} }",
        ),
        (
            "nginx, a line around all servers",
            "{old}\nserver { {listen} server_name localhost;\n {desk} }",
        ),
        (
            "nginx's own default",
            "server { {listen} server_name localhost; {desk} }",
        ),
        (
            "nginx, the first server of the address",
            "server { {listen} server_name other;\n {old}\n return 404; }\nserver { {listen} server_name localhost; {new} {desk} }",
        ),
        (
            "nginx, the first server of the address by its default, and the own line",
            "server { {listen} server_name other; return 404; }\nserver { {listen} server_name localhost;\n {old}\n {desk} }",
        ),
    ] {
        let stand = tls(servers);
        stand.trip(name, &["web/tls-modern"], || ());
    }
}

#[test]
fn data_is_given_out() {
    let _beside = beside_others();
    const RULE: &str = "location ^~ /data/ { return 403; }";
    for (name, rule) in [
        ("nginx, no rule for the data", ""),
        (
            "nginx, an expression that wins over the rule",
            "location /data/ { return 403; } location ~ \\.log$ { }",
        ),
    ] {
        let desk = DESK.replace(RULE, rule);
        assert_ne!(desk, DESK);
        let stand = tls(&format!(
            "server {{ {{listen}} server_name localhost; {{new}} {desk} }}"
        ));
        stand.trip(name, &["data/forbidden-live"], || ());
    }
}

/// The reload is all that is wanting: no file changes, and there is nothing to take back.
#[test]
fn an_edit_that_nginx_has_not_read() {
    let _alone = alone();
    const CHECK: &str = "web/loaded-config-is-audited";
    let stand = tls("server { {listen} server_name localhost; {new} {desk} }");
    assert_eq!(stand.outcomes().0[CHECK], "pass");
    std::thread::sleep(Duration::from_secs(2));
    let edited = fs::read_to_string(&stand.config).unwrap() + "# later\n";
    fs::write(&stand.config, edited).unwrap();
    let (before, report) = stand.outcomes();
    assert_eq!(before[CHECK], "fail", "{}", says(&report, CHECK));
    let journal = stand.folder.path().join("journal");
    let told = stand.fix(
        &[CHECK],
        &["--apply", "--yes", "--journal", journal.to_str().unwrap()],
    );
    assert!(told.contains("took it up"), "{told}");
    let (after, report) = stand.outcomes();
    assert_eq!(after[CHECK], "pass", "{}\n{told}", says(&report, CHECK));
    stand.works();
}

#[test]
fn a_line_that_says_more_is_left_to_a_person() {
    let _beside = beside_others();
    let stand = tls("server { {listen} server_name localhost; {old}\n {desk} }");
    stand.stays_by_hand(
        "nginx, one line",
        "web/tls-modern",
        "cannot be replaced whole",
    );
}

/// Plain HTTP on port 80 and TLS on 443 of an address; `{plain}` and `{tls}` are their `listen` lines.
fn both(servers: &str) -> (Stand, SocketAddr, String) {
    let address = own_address();
    let host = address.to_string();
    let servers = servers
        .replace("{back}", &host)
        .replace("{plain}", &format!("listen {host}:80;"))
        .replace("{tls}", &format!("listen {host}:443 ssl;"));
    let https = format!("https://{host}");
    let plain = SocketAddr::from((address, 80));
    let stand = start(&host, &format!("{https}/"), &servers, plain);
    (stand, plain, https)
}

#[test]
fn plain_http_leads_to_https() {
    let _beside = beside_others();
    for (name, servers) in [
        (
            "nginx, a block for each port",
            "server { {plain} {desk} }\nserver { {tls} {desk} }",
        ),
        (
            "nginx, one block for both ports",
            "server { {plain} {tls} {desk} }",
        ),
        (
            "nginx, a block whose lines begin on the first",
            "server { {plain}\n location = /robots.txt { return 404; } {desk} }\nserver { {tls} {desk} }",
        ),
    ] {
        let (stand, plain, https) = both(servers);
        let host = plain.ip().to_string();
        stand.trip(name, &["web/https-only"], || {
            leads_to_https(plain, &host, &https);
        });
    }
}

/// The first page leads to HTTPS, and agents still log in without.
#[test]
fn half_a_redirect() {
    let _beside = beside_others();
    let (plain, port) = (free_port(), free_port());
    let servers = format!(
        "server {{ listen 127.0.0.1:{plain}; server_name localhost; location = / {{ return 301 https://localhost:{port}/; }} {{desk}} }}\n\
         server {{ listen 127.0.0.1:{port} ssl; server_name localhost; {{desk}} }}"
    );
    let ready = SocketAddr::from(([127, 0, 0, 1], plain));
    let stand = start(
        "localhost",
        &format!("http://localhost:{plain}/"),
        &servers,
        ready,
    );
    assert!(listens(port));
    stand.trip("nginx, half a redirect", &["web/https-only"], || {
        leads_to_https(
            ready,
            &format!("localhost:{plain}"),
            &format!("https://localhost:{port}"),
        );
    });
}

/// Guards of other checks at the start of the same block, in one plan.
#[test]
fn with_guards_in_the_same_block() {
    let _beside = beside_others();
    let (stand, plain, https) =
        both("server { {plain} {tls}\n    location = /cmd.php { }\n    {desk} }");
    stand.install.write("cmd.php", "<?php // cmd");
    let host = plain.ip().to_string();
    let checks = ["web/https-only", "web/source-not-served"];
    stand.trip("nginx, with guards", &checks, || {
        leads_to_https(plain, &host, &https);
    });
}

#[test]
fn signs_of_a_proxy_leave_it_to_a_person() {
    let _beside = beside_others();
    let two = "server { {plain} {desk} }\nserver { {tls} {desk} }";
    for (name, servers, php, why) in [
        (
            "real_ip",
            format!("set_real_ip_from 10.0.0.7; real_ip_header X-Forwarded-For;\n{two}"),
            "",
            "10.0.0.7 may name",
        ),
        (
            "a header about the scheme",
            format!("map $http_x_forwarded_proto $secure {{ https on; }}\n{two}"),
            "",
            "a line of map",
        ),
        (
            "PHP is told that it is HTTPS",
            two.replacen("{desk}", "fastcgi_param HTTPS on; {desk}", 1),
            "",
            "a line of fastcgi_param",
        ),
        (
            "the product believes proxies",
            two.to_owned(),
            "$DP_CONFIG['trust_proxy_data'] = true;",
            "believes proxies",
        ),
        (
            "the product asks for it",
            two.to_owned(),
            "if (isset($_SERVER['HTTP_X_FORWARDED_PROTO'])) { $_SERVER['HTTPS'] = 'on'; }",
            "config.php asks for",
        ),
        (
            "TLS that passes requests on",
            "server { {plain} {desk} }\nserver { {tls} location / { proxy_pass http://{back}; } }"
                .to_owned(),
            "",
            "passes requests on",
        ),
    ] {
        let (stand, ..) = both(&servers);
        if !php.is_empty() {
            let config = stand.install.root.join("config.php");
            let text = fs::read_to_string(&config).unwrap();
            fs::write(&config, format!("{text}{php}\n")).unwrap();
        }
        stand.stays_by_hand(name, "web/https-only", why);
    }
}

/// Users would be led to a warning.
#[test]
fn without_a_good_certificate_nobody_is_led_to_it() {
    let _beside = beside_others();
    let (stand, ..) = both("server { {plain} {desk} }\nserver { {tls} {desk} }");
    let empty = stand.folder.path().join("nginx.conf");
    fs::copy(empty, stand.folder.path().join("ca.pem")).unwrap();
    let check = "web/https-only";
    stand.stays_by_hand("no trust store", check, "whether users would get through");
    certificate::write_for(stand.folder.path(), Kind::Good, "other.example.com");
    stand.stays_by_hand("another authority", check, "does not trust the certificate");
}

/// nginx's workers are root, PHP's are not.
fn as_root() -> (Stand, SocketAddr) {
    let plain = SocketAddr::from(([127, 0, 0, 1], free_port()));
    let url = format!("http://localhost:{}/", plain.port());
    let servers = format!("server {{ listen {plain}; {{desk}} }}");
    let stand = start_as("root", "localhost", &url, &servers, plain);
    let index = fs::read_to_string(stand.install.root.join("index.php")).unwrap();
    let big = "<?php if (strpos($_SERVER['REQUEST_URI'], '/big') === 0) { echo str_repeat('x', 8 << 20); exit; } ?>";
    stand.install.write("index.php", &format!("{big}\n{index}"));
    (stand, plain)
}

/// More than fits into memory for a client that reads late: nginx keeps it in a file.
fn reads_late(to: SocketAddr) {
    let mut stream = TcpStream::connect(to).unwrap();
    let request = "GET /big HTTP/1.0\r\nHost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let body = answer.iter().filter(|byte| **byte == b'x').count();
    assert!(body >= 8 << 20, "{body} bytes of the body");
}

const ROOT: &str = "server/web-user-not-root";

/// Directories below, and whose they are.
fn owners(folder: &Path) -> BTreeMap<PathBuf, u32> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let inside = fs::read_dir(&path).unwrap().map(|it| it.unwrap().path());
        open.extend(inside.filter(|it| it.is_dir()));
        let owner = fs::metadata(&path).unwrap().uid();
        found.insert(path, owner);
    }
    found
}

#[test]
fn workers_of_nginx_are_no_longer_root() {
    let _alone = alone();
    let (stand, plain) = as_root();
    // Its data is root's: the account that answers requests could not write it.
    let plan = stand.fix(&[ROOT], &["--format", "json"]);
    let plan: Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["steps"], Value::Array(Vec::new()), "{plan:#}");
    assert!(
        plan["refused"]
            .to_string()
            .contains("www-data could not write"),
        "{plan:#}"
    );

    let data = stand.install.root.join("data");
    for path in [data.clone(), data.join("logs"), data.join("logs/error.log")] {
        chown(path, Some(33), Some(33)).unwrap();
    }
    for _ in 0..12 {
        reads_late(plain);
    }
    let scratch = stand.folder.path().join("fastcgi");
    let before = owners(&scratch);
    assert!(
        before.len() > 10,
        "nginx keeps no answers in files: {before:?}"
    );
    stand.trip("nginx's workers as root", &[ROOT], || {
        // Directories that root made come round again.
        for _ in 0..12 {
            reads_late(plain);
        }
        assert!(owners(&scratch).values().all(|owner| *owner == 33));
    });
    let after = owners(&scratch);
    let same = before
        .iter()
        .all(|(path, owner)| after.get(path) == Some(owner));
    assert!(same, "{before:?} {after:?}");
}

#[test]
fn a_socket_that_only_root_can_use_leaves_it_to_a_person() {
    let _alone = alone();
    let (stand, _) = as_root();
    let socket = stand.folder.path().join("fpm.sock");
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o600)).unwrap();
    stand.stays_by_hand(
        "a socket of root's",
        ROOT,
        "www-data could not use the socket",
    );
}

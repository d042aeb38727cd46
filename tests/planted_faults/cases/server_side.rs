//! The web server's and PHP's own settings: whom they believe about an address, what they have loaded,
//! which PHP runs and how, and what listens.

use crate::accounts::ROOT;
use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5, V5Moved};
use crate::tree::Install;
use std::time::{Duration, SystemTime};

const ADDRESS: &str = "web/client-address-trustworthy";
const LOADED: &str = "web/loaded-config-is-audited";
const HARDENED: &str = "server/php-hardened";
const SUPPORTED: &str = "server/php-supported";
const PRIVATE: &str = "server/services-private";
const NGINX: &str = "host:etc/nginx/nginx.conf";
const POOL: &str = "host:etc/php/8.2/fpm/pool.d/www.conf";
const INI: &str = "host:etc/php/8.2/fpm/php.ini";

/// Adds a line to nginx's `http` block.
fn http(it: &Install, line: &str) {
    let text = it.read(NGINX);
    it.rewrite(
        NGINX,
        text.replacen("http {\n", &format!("http {{\n  {line}\n"), 1),
    );
}

fn add(it: &Install, path: &str, line: &str) {
    let text = it.read(path);
    it.rewrite(path, format!("{text}{line}\n"));
}

/// Changes when a file was written, in hours from now.
fn written(it: &Install, path: &str, hours: u64) {
    let file = std::fs::File::options()
        .write(true)
        .open(it.at(path))
        .unwrap();
    let time = SystemTime::now() + Duration::from_secs(hours * 3600);
    file.set_modified(time).unwrap();
}

/// A socket on every address, as the kernel shows it.
fn listens(it: &Install, table: &str, address: &str, port: u16, state: &str) {
    let line = format!(
        "   9: {address}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 0 0 4999 1"
    );
    add(it, &format!("host:proc/net/{table}"), &line);
}

macro_rules! believed {
    ($name:literal, $line:literal, $shows:literal) => {
        fails(
            $name,
            V5,
            ADDRESS,
            &[$shows, "etc/nginx/nginx.conf:4"],
            |it| {
                http(it, $line);
            },
        )
    };
}

macro_rules! listening {
    ($shows:literal, $table:literal, $address:literal, $port:literal, $state:literal) => {
        fails($shows, V5, PRIVATE, &[$shows], |it| {
            listens(it, $table, $address, $port, $state);
        })
    };
}

macro_rules! pool_says {
    ($name:literal, $line:literal, $shows:literal) => {
        fails($name, V5, HARDENED, &[$shows, "www.conf:6"], |it| {
            add(it, POOL, $line);
        })
    };
}

pub(super) const CASES: &[Case] = &[
    believed!(
        "everybody is a proxy",
        "set_real_ip_from 0.0.0.0/0;",
        "every client name its own address in X-Real-IP"
    ),
    believed!(
        "everybody is a proxy over IPv6",
        "real_ip_header X-Forwarded-For; set_real_ip_from ::/0;",
        "every client name its own address in X-Forwarded-For"
    ),
    passes("one proxy", V5, ADDRESS, |it| {
        http(
            it,
            "set_real_ip_from 10.0.0.7; real_ip_header X-Forwarded-For;",
        );
    }),
    passes("a header that nobody may send", V5, ADDRESS, |it| {
        http(it, "real_ip_header X-Forwarded-For;");
    }),
    fails(
        "a header as the address",
        V4,
        ADDRESS,
        &["$http_x_forwarded_for", "every client may send"],
        |it| {
            let text = it.read(NGINX);
            let param = "fastcgi_param REMOTE_ADDR $http_x_forwarded_for; fastcgi_pass";
            it.rewrite(NGINX, text.replace("fastcgi_pass", param));
        },
    ),
    fails(
        "this machine is trusted, and a hop passes the client's header on",
        V4,
        ADDRESS,
        &["trusts this machine", "Client-IP"],
        |it| {
            it.reconfig("config", "array('10.0.0.7')", "array('127.0.0.1')");
            http(
                it,
                "server { listen 81; location / { proxy_set_header X-Forwarded-For $remote_addr; proxy_pass http://127.0.0.1:8080; } }",
            );
        },
    ),
    passes("a hop that says it itself", V5, ADDRESS, |it| {
        it.reconfig("env", "'10.0.0.7'", "'127.0.0.1'");
        http(
            it,
            "server { listen 81; location / { proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header Forwarded ''; proxy_pass http://127.0.0.1:8080; } }",
        );
    }),
    fails(
        "everybody believed, one header let through",
        Container,
        ADDRESS,
        &["the web server lets Forwarded through", "{config}:{line}"],
        |it| {
            let text = it.read(NGINX);
            let param = "fastcgi_param HTTP_X_FORWARDED_FOR ''; fastcgi_pass";
            it.rewrite(NGINX, text.replace("fastcgi_pass", param));
            it.reconfig("config", "['10.0.0.7']", "['0.0.0.0/0']");
        },
    )
    .also(&["config/proxy-trust-listed"]),
    fails(
        "changed since it was read",
        V5,
        LOADED,
        &["nginx.conf changed on", "nginx's process 10 started then"],
        |it| written(it, NGINX, 48),
    ),
    fails(
        "a pool changed since it was read",
        V4,
        LOADED,
        &["www.conf changed on", "php-fpm's process 20"],
        |it| written(it, POOL, 48),
    ),
    passes("changed before it was read", V5Moved, LOADED, |it| {
        written(it, NGINX, 0);
    }),
    unknown(
        "no worker to be seen",
        V5,
        LOADED,
        &["process 10 has no worker that can be seen"],
        |it| it.remove("host:proc/11"),
    ),
    fails(
        "display_errors of the ini file",
        V5,
        HARDENED,
        &["display_errors is on", "php.ini:5"],
        |it| add(it, INI, "display_errors = On"),
    ),
    fails(
        "a later ini file",
        V4,
        HARDENED,
        &["expose_php is on", "conf.d/99-x.ini:1"],
        |it| {
            it.file(
                "host:etc/php/8.2/fpm/conf.d/99-x.ini",
                ROOT,
                0o644,
                "expose_php=1\n",
            );
        },
    ),
    fails(
        "a default that nobody changed",
        Container,
        HARDENED,
        &["expose_php is on (PHP's own default)"],
        |it| it.rewrite(INI, "display_errors = Off\n"),
    ),
    pool_says!(
        "a pool that shows errors",
        "php_flag[display_errors] = on",
        "display_errors is on"
    ),
    pool_says!(
        "a pool that includes from afar",
        "php_admin_value[allow_url_include] = 1",
        "allow_url_include is on"
    ),
    passes("a pool that mends the ini file", V5, HARDENED, |it| {
        add(it, INI, "display_errors = On");
        add(it, POOL, "php_admin_flag[display_errors] = off");
    }),
    passes("errors on the log", V5, HARDENED, |it| {
        add(it, INI, "display_errors = stderr");
    }),
    fails(
        "nginx's own value",
        V5,
        HARDENED,
        &["display_errors is on", "nginx.conf:"],
        |it| {
            let text = it.read(NGINX);
            let param = "fastcgi_param PHP_VALUE display_errors=1; fastcgi_pass";
            it.rewrite(NGINX, text.replace("fastcgi_pass", param));
        },
    ),
    fails(
        "a file in the document root",
        V5,
        HARDENED,
        &["display_errors is on", "www/.user.ini:1"],
        |it| {
            it.file(
                "www/.user.ini",
                crate::accounts::OWNER,
                0o644,
                "display_errors=1\n",
            );
        },
    ),
    fails(
        "a PHP that nobody mends",
        V5,
        SUPPORTED,
        &["PHP 7.4 received its last fixes on 2022-11-28"],
        |it| {
            it.dir("host:etc/php/7.4", ROOT, 0o755);
            std::fs::rename(it.at("host:etc/php/8.2/fpm"), it.at("host:etc/php/7.4/fpm")).unwrap();
            let conf = "host:etc/php/7.4/fpm/php-fpm.conf";
            it.rewrite(conf, it.read(conf).replace("8.2", "7.4"));
            let title = "php-fpm: master process (/etc/php/7.4/fpm/php-fpm.conf)\0";
            it.rewrite("host:proc/20/cmdline", title);
        },
    ),
    unknown(
        "a PHP that the table does not hold",
        V5,
        SUPPORTED,
        &["does not hold PHP 8.9"],
        |it| {
            it.dir("host:etc/php/8.9", ROOT, 0o755);
            std::fs::rename(it.at("host:etc/php/8.2/fpm"), it.at("host:etc/php/8.9/fpm")).unwrap();
            let conf = "host:etc/php/8.9/fpm/php-fpm.conf";
            it.rewrite(conf, it.read(conf).replace("8.2", "8.9"));
            let title = "php-fpm: master process (/etc/php/8.9/fpm/php-fpm.conf)\0";
            it.rewrite("host:proc/20/cmdline", title);
        },
    ),
    listening!(
        "MySQL listens on 0.0.0.0 port 3306/tcp",
        "tcp",
        "00000000",
        3306,
        "0A"
    ),
    listening!(
        "Redis listens on :: port 6379/tcp",
        "tcp6",
        "00000000000000000000000000000000",
        6379,
        "0A"
    ),
    listening!(
        "Memcached listens on 0.0.0.0 port 11211/udp",
        "udp",
        "00000000",
        11211,
        "07"
    ),
    listening!(
        "Elasticsearch listens on 203.0.113.5 port 9200/tcp",
        "tcp",
        "057100CB",
        9200,
        "0A"
    ),
    passes("a private network", V5, PRIVATE, |it| {
        listens(it, "tcp", "0500000A", 3306, "0A");
    }),
    passes("a connection, not a listener", V5, PRIVATE, |it| {
        listens(it, "tcp", "00000000", 3306, "01");
    }),
    unknown(
        "no table of sockets",
        V5,
        PRIVATE,
        &["/proc/net/tcp does not exist"],
        |it| it.remove("host:proc/net/tcp"),
    ),
];

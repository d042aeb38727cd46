//! What nginx would serve, run and let in: faults of its configuration over hardened installs, and
//! what only looks like one.

use crate::accounts::{OWNER, WEB};
use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5, V5Moved};
use crate::tree::Install;

const NGINX: &str = "host:etc/nginx/nginx.conf";
const DATA: &str = "data/not-served";
const RUN: &str = "data/not-executed";
const WRITABLE: &str = "web/writable-never-executed";
const CONFIG: &str = "web/config-not-served";
const SOURCE: &str = "web/source-not-served";
const SCRIPTS: &str = "web/only-entry-points-execute";
const LISTING: &str = "web/no-directory-listing";
const ADMIN: &str = "web/admin-restricted";
const AGENT: &str = "web/agent-restricted";
const INSTALLER: &str = "web/installer-closed";
const PAGES: &str = "web/diagnostics-closed";
const ADDRESS: &str = "web/client-address-trustworthy";
const LEFT: &str = "files/no-leftovers";
const OUTSIDE_ROOT: &str = "data/outside-web-root";

/// Changes a part of the configuration that must be there.
fn change(it: &Install, from: &str, to: &str) {
    let (text, from) = (it.read(NGINX), it.spell(from));
    assert!(text.contains(&from), "no {from}");
    it.rewrite(NGINX, text.replace(&from, &it.spell(to)));
}

/// Adds lines at the start of the server block.
fn server(it: &Install, lines: &str) {
    change(
        it,
        "    listen 80;\n",
        &format!("    listen 80;\n    {lines}\n"),
    );
}

/// Adds a server of its own.
fn beside(it: &Install, lines: &str) {
    change(
        it,
        "  server {\n",
        &format!("  server {{ {lines} }}\n  server {{\n"),
    );
}

pub(super) const CASES: &[Case] = &[
    fails(
        "an alias into the data",
        V4,
        DATA,
        &["{data}/.htaccess is served", "location ^~ /d/: patterns are not asked", "http://help.example.com/d/"],
        |it| server(it, "location ^~ /d/ { alias {data}/; }"),
    )
    .also(&[OUTSIDE_ROOT, LEFT]),
    fails(
        "a pattern that beats a prefix",
        V4,
        DATA,
        &["{data}/logs/error.log is served", "location ~ \\.log$ matches", "nginx.conf:11"],
        |it| server(it, "location /d/ { alias {data}/; deny all; location ~ \\.log$ { allow all; } }"),
    )
    .also(&[OUTSIDE_ROOT, LEFT]),
    passes("an alias that is closed", V4, DATA, |it| {
        server(it, "location ^~ /d/ { alias {data}/; deny all; }");
    })
    .also(&[OUTSIDE_ROOT, LEFT]),
    fails(
        "another server above the install",
        V5Moved,
        DATA,
        &["http://old.example.com:8080/helpdesk-user/", "is served"],
        |it| beside(it, "listen 8080; server_name old.example.com; root {host}/srv;"),
    )
    .also(&[OUTSIDE_ROOT, LEFT, CONFIG, SOURCE]),
    fails(
        "scripts in the data run",
        V4,
        RUN,
        &["{data}", ".php, were it there, runs as PHP"],
        |it| {
            server(it, "location ^~ /d/ { alias {data}/; location ~ \\.php$ { fastcgi_param REQUEST_METHOD GET; fastcgi_param SCRIPT_FILENAME $request_filename; fastcgi_pass unix:/run/php/php-fpm.sock; } return 403; }");
        },
    )
    .also(&[OUTSIDE_ROOT, LEFT, WRITABLE]),
    fails(
        "the configuration is in the root",
        V5,
        CONFIG,
        &["{root}/config/", "is served", "http://localhost:8080/config/"],
        |it| beside(it, "listen 8080; root {root}; location ^~ /var/ { return 404; } location ^~ /attachments/ { return 404; } location ^~ /backups/ { return 404; } location ^~ /app/ { return 404; } location ^~ /bin/ { return 404; } location ~ /\\.|\\.config$ { return 404; }"),
    )
    .also(&[OUTSIDE_ROOT, LEFT]),
    fails(
        "source of the application",
        V4,
        SOURCE,
        &["{root}/cmd.php is sent as it is", "location = /cmd.php"],
        |it| server(it, "location = /cmd.php { }"),
    ),
    fails(
        "a dot-file",
        V4,
        SOURCE,
        &["{root}/.htaccess is sent as it is"],
        |it| change(it, "location ~ /\\. { return 404; }", ""),
    ),
    fails(
        "every script runs",
        V4,
        SCRIPTS,
        &["cmd.php runs on its own"],
        |it| {
            change(it, "^/(index|file|dp|get_messages)\\.php(/|$)", "\\.php(/|$)");
            change(it, "location ~ \\.php {", "location ~ \\.phtml {");
        },
    ),
    fails(
        "a directory of pictures",
        V4,
        LISTING,
        &["the names in {root}/web are listed", "autoindex"],
        |it| server(it, "location /web/ { autoindex on; }"),
    ),
    passes("a listing of an index", V4, LISTING, |it| {
        it.file("web/index.html", OWNER, 0o644, "welcome\n");
        server(it, "location /web/ { autoindex on; index index.html; }");
    }),
    fails(
        "only /admin is refused",
        V4,
        ADMIN,
        &["http://help.example.com/index.php/admin/", "198.51.100.7 gets to it"],
        |it| change(it, "(index\\.php/+)?(admin|", "(index\\.php/+(agent|api)|admin|"),
    ),
    fails(
        "the agent interface is open",
        V5,
        AGENT,
        &["http://help.example.com/agent/", "198.51.100.7 gets to it"],
        |it| change(it, "|agent|api|", "|"),
    ),
    fails(
        "the container's other door",
        Container,
        ADMIN,
        &["/admin-api/", "198.51.100.7 gets to it"],
        |it| change(it, "|admin-api|", "|"),
    ),
    fails(
        "a header opens the door",
        V5,
        ADDRESS,
        &["X-Forwarded-For: 10.0.0.1", "an outsider gets to"],
        |it| change(it, "geo $outsider { default 1; 10.0.0.0/8 0; }", "map $http_x_forwarded_for $outsider { default 1; ~^10\\. 0; }"),
    ),
    fails(
        "the installer is open",
        V4,
        INSTALLER,
        &["http://help.example.com/index.php/install/", "is_installed.dat is missing"],
        |it| it.remove("data:is_installed.dat"),
    ),
    fails(
        "a status page",
        V5,
        PAGES,
        &["nginx's status", "http://help.example.com/nginx_status"],
        |it| server(it, "location = /nginx_status { stub_status; }"),
    ),
    passes("a status page of this machine's own", V5, PAGES, |it| {
        server(it, "location = /nginx_status { stub_status; allow 127.0.0.1; deny all; }");
    }),
    fails(
        "a test page that somebody forgot",
        V5,
        PAGES,
        &["diagnostic page", "http://help.example.com/phpinfo.php"],
        |it| {
            it.file("www/phpinfo.php", OWNER, 0o644, "<?php phpinfo();\n");
            change(it, "(index|file|dp|get_messages)", "(index|phpinfo)");
        },
    )
    .also(&[SCRIPTS, LEFT]),
    fails(
        "PHP may write where it runs",
        V4,
        WRITABLE,
        &["www-data can write {root}/web/", "and the web server runs it"],
        |it| {
            it.chown("web", WEB);
            change(it, "^/(index|file|dp|get_messages)\\.php", "^/(web/.*|index|file|dp|get_messages)\\.php");
        },
    )
    .also(&["files/app-not-writable-by-web"]),
    passes("PHP may write where nothing runs", V5, WRITABLE, |it| {
        it.chown("www/assets", WEB);
    })
    .also(&["files/app-not-writable-by-web"]),
    unknown(
        "a rule in Lua",
        V5,
        ADMIN,
        &["access_by_lua_block", "nginx.conf:"],
        |it| server(it, "access_by_lua_block { ngx.exit(403) }"),
    ),
];

//! Settings, PHP, web servers, scheduled tasks and the database.

use super::{facts, judge, judge_over};
use crate::facts::{GrantRow, Known};
use serde_json::{Value, json};

#[test]
fn settings_of_the_product() {
    let setting = |name: &str, value: Value| json!({"action": "setting", "path": "/x", "setting": name, "value": value});
    judge(vec![
        (setting("$DP_CONFIG['debug']['dev']", Value::Null), ""),
        (
            setting("DP_DATABASE_PASSWORD", Value::Null),
            "cannot do without",
        ),
        (setting("$DB_CONFIG['password']", json!("''")), "empty"),
        (
            setting("$DP_CONFIG['db_read']['password']", json!("''")),
            "",
        ),
        (setting("$ENV_CONFIG['set_umask']", json!("0002")), ""),
        (
            setting("$ENV_CONFIG['set_umask']", json!("0027")),
            "closed to the other",
        ),
        (
            setting("$ENV_CONFIG['set_umask']", json!("$x")),
            "is not known",
        ),
    ]);
}

#[test]
fn ini_keys() {
    let ini = |path: &str, key: &str, value: &str| json!({"action": "ini", "path": path, "key": key, "value": value});
    let php = |key: &str, value: &str| ini("/etc/php/8.2/fpm/php.ini", key, value);
    let server =
        |key: &str, value: &str| ini("/etc/mysql/mariadb.conf.d/50-server.cnf", key, value);
    judge(vec![
        (php("display_errors", "Off"), ""),
        (php("php_admin_flag[expose_php]", "off"), ""),
        (php("disable_functions", "system, popen"), ""),
        (
            php("disable_functions", "system, exec"),
            "updater needs the function exec",
        ),
        (php("memory_limit", "64M"), "memory_limit"),
        (php("memory_limit", "256M"), ""),
        (php("file_uploads", "Off"), "needs file_uploads on"),
        (php("open_basedir", "/srv/dp:/tmp"), ""),
        (
            php("open_basedir", "/srv/dp/app:/tmp"),
            "open_basedir would close",
        ),
        (php("user", "www-data"), ""),
        (
            php("user", "deskpro"),
            "deskpro could not write /srv/dp/data",
        ),
        (php("something_else", "1"), "is not known"),
        (server("bind-address", "127.0.0.1"), ""),
        (server("local-infile", "0"), ""),
        (server("skip-networking", "1"), "over TCP"),
        (server("require_secure_transport", "ON"), "without TLS"),
        (server("sql_mode", "ANSI"), "is not known"),
    ]);
    let mut far = facts();
    far.database.connection.kind = Known::Known("network".to_owned());
    judge_over(
        &far,
        vec![(server("bind-address", "127.0.0.1"), "over the network")],
    );
}

#[test]
fn lines_of_web_servers() {
    let snippet = |server: &str, expected: &str, text: &str| json!({"action": "snippet", "server": server, "path": "/x", "line": 1, "expected": expected, "text": text});
    let nginx = |text: &str| snippet("nginx", "server {", text);
    let apache = |text: &str| snippet("apache", "<VirtualHost *:80>", text);
    let line = |expected: &str, text: &str| json!({"action": "line", "server": "nginx", "path": "/x", "line": 1, "expected": expected, "text": text});
    judge(vec![
        (nginx("add_header X-Frame-Options SAMEORIGIN;"), ""),
        (nginx("location ^~ /data/ { return 403; }"), ""),
        (nginx("location ~ ^/config { return 404; }"), ""),
        (
            nginx("location ~ \\.php$ { return 403; }"),
            "/ (the portal)",
        ),
        (
            nginx("location ^~ /web/ { deny all; }"),
            "/web/build/logo.png (assets)",
        ),
        (
            nginx("location ~ \\.(bak|zip|png)$ { return 404; }"),
            "/file.php/1ABCDEF/picture.png",
        ),
        (
            nginx(
                "location ~* ^/+(index\\.php/+)?agent { allow 127.0.0.0/8; deny all; try_files $uri /index.php?$args; }",
            ),
            "",
        ),
        (
            nginx("location ~* ^/+(index\\.php/+)?agent { deny all; }"),
            "/agent/ (the agents' interface)",
        ),
        (nginx("deny all;"), "the portal"),
        (
            nginx("if ($other) { return 403; }"),
            "would no longer be answered",
        ),
        (
            json!([
                snippet(
                    "nginx",
                    "http {",
                    "geo $other { default 1; 127.0.0.0/8 0; }"
                ),
                nginx("set $who \"$other$uri\";\nif ($who ~ \"^1/agent\") { return 403; }")
            ]),
            "",
        ),
        (
            json!([
                snippet(
                    "nginx",
                    "http {",
                    "geo $other { default 1; 127.0.0.0/8 0; }"
                ),
                nginx("set $who \"$other$uri\";\nif ($who ~ \"^1/\") { return 403; }")
            ]),
            "the portal",
        ),
        // From the end of the file to its beginning, as plans go.
        (
            json!([
                nginx("set $who \"$other$uri\";\nif ($who ~ \"^1/agent\") { return 403; }"),
                snippet(
                    "nginx",
                    "http {",
                    "geo $other { default 1; 127.0.0.0/8 0; }"
                )
            ]),
            "",
        ),
        (nginx("location {"), "nginx would not take"),
        (snippet("nginx", "location /data/ {", "return 403;"), ""),
        (
            snippet("nginx", "location / {", "return 403;"),
            "the portal",
        ),
        (snippet("nginx", "stream {", "return 403;"), "is not known"),
        (
            apache("<Directory /srv/dp/data>\nRequire all denied\n</Directory>"),
            "",
        ),
        (
            apache("<Directory /srv/dp/app>\nRequire all denied\n</Directory>"),
            "",
        ),
        (
            apache("<Directory /srv/dp>\nRequire all denied\n</Directory>"),
            "the portal",
        ),
        (
            apache("<FilesMatch \"\\.php$\">\nRequire all denied\n</FilesMatch>"),
            "the portal",
        ),
        (
            apache("<FilesMatch \"^config|~$|\\.bak$\">\nRequire all denied\n</FilesMatch>"),
            "",
        ),
        (line("autoindex on;", "autoindex off;"), ""),
        (line("try_files $uri /index.php;", ""), "is not known"),
        (line("user root;", "user www-data;"), ""),
        (
            line("user root;", "user deskpro;"),
            "deskpro could not write",
        ),
        (
            line("Options Indexes FollowSymLinks", "Options FollowSymLinks"),
            "",
        ),
        (
            line("Options Indexes FollowSymLinks", "Options None"),
            "FollowSymLinks",
        ),
    ]);
}

#[test]
fn scheduled_tasks() {
    let cron =
        |line: u32| json!({"action": "cron-line", "path": "/etc/cron.d/deskpro", "line": line});
    let user = |user: &str| json!({"action": "cron-line", "path": "/etc/cron.d/deskpro", "line": 1, "user": user});
    let write = json!({"action": "write", "path": "/etc/cron.d/new", "mode": "0644", "content": "* * * * * list php /srv/dp/cron.php\n"});
    let comment = json!({"action": "write", "path": "/etc/cron.d/new", "mode": "0644", "content": "# * * * * * list php /srv/dp/cron.php\n"});
    judge(vec![
        (cron(1), ""),
        (user("list"), ""),
        (user("deskpro"), "deskpro could not write /srv/dp/data"),
        (
            json!([user("deskpro"), {"action": "grant-acl", "path": "/srv/dp/data", "user": "deskpro", "rights": "rwx"}]),
            "",
        ),
        (json!([cron(1), cron(2)]), "nothing would run"),
        (json!([cron(1), cron(2), write]), ""),
        (json!([cron(1), cron(2), comment]), "nothing would run"),
    ]);
}

/// The guide's split of v5: who runs the tasks makes no dumps, who updates makes nothing else.
#[test]
fn a_task_that_is_split_in_two() {
    let split = |tasks: &str, updates: &str| {
        let content = format!(
            "* * * * * {tasks} /srv/dp/bin/cron --no-auto-updater\n* * * * * {updates} /srv/dp/bin/cron --auto-updater\n"
        );
        json!({"action": "write", "path": "/etc/cron.d/new", "mode": "0644", "content": content})
    };
    let mut two = facts();
    let mut dumps = two.needs.rights.rows[1].clone();
    "backups".clone_into(&mut dumps.purpose);
    for path in [&mut dumps.path, &mut dumps.end] {
        "/srv/dp/backups".clone_into(path);
    }
    dumps.through.pop();
    two.needs.rights.rows.push(dumps);
    let place = |path: &str, uid| super::place(path, "directory", (uid, uid), "0700");
    two.needs.places.rows.push(place("/srv/dp/backups", 38));
    let grant = json!({"action": "grant-acl", "path": "/srv/dp/backups", "user": "deskpro", "rights": "rwx"});
    judge_over(
        &two,
        vec![
            (split("www-data", "list"), ""),
            (
                split("deskpro", "list"),
                "deskpro could not write /srv/dp/data",
            ),
            (
                split("www-data", "deskpro"),
                "deskpro could not write /srv/dp/backups",
            ),
            (json!([grant, split("www-data", "deskpro")]), ""),
        ],
    );
}

#[test]
fn accounts_and_settings_of_the_database() {
    let revoke = |user: &str, level: &str, schema: &str, privileges: &[&str]| json!({"action": "sql", "statement": "revoke", "user": user, "host": "localhost", "on": {"level": level, "schema": schema}, "privileges": privileges});
    let of = |statement: &str, user: &str| json!({"action": "sql", "statement": statement, "user": user, "host": "localhost"});
    let settings = |name: &str| json!({"action": "sql", "statement": "settings", "schema": "deskpro", "values": {name: "1"}});
    judge(vec![
        (revoke("deskpro", "global", "", &["FILE"]), ""),
        (
            revoke("deskpro", "schema", "deskpro", &["EVENT", "CREATE ROUTINE"]),
            "",
        ),
        (
            revoke("deskpro", "schema", "deskpro", &["DELETE"]),
            "would lose DELETE",
        ),
        (
            revoke("deskpro", "schema", "deskpro", &["TRIGGER"]),
            "would lose TRIGGER",
        ),
        (
            revoke("deskpro", "schema", "deskpro", &["ALL PRIVILEGES"]),
            "would lose",
        ),
        (
            revoke("other", "schema", "deskpro", &["ALL PRIVILEGES"]),
            "",
        ),
        (
            json!([revoke("deskpro", "schema", "deskpro", &["ALL PRIVILEGES"]), {"action": "sql", "statement": "grant", "user": "deskpro", "host": "localhost", "on": {"level": "schema", "schema": "deskpro"}, "privileges": crate::sql::needs::all().collect::<Vec<_>>()}]),
            "",
        ),
        (of("drop-account", "deskpro"), "connects with"),
        (of("drop-account", "test"), ""),
        (of("lock-account", "deskpro"), "connects with"),
        (of("require-tls", "deskpro"), "without TLS"),
        (of("socket-login", "root"), ""),
        (of("socket-login", "deskpro"), "with a password"),
        (settings("core.agent_session_timeout"), ""),
        (settings("core.deskpro_url"), "the helpdesk itself keeps"),
    ]);
    let mut dark = facts();
    dark.database.account.host = Known::unknown("no connection");
    judge_over(&dark, vec![(of("drop-account", "deskpro"), "is not known")]);
    // What comes by a role counts only where the role gives something of it.
    let role = |schema: &str, privilege: &str, gives: &[&str]| GrantRow {
        level: "schema".to_owned(),
        schema: schema.to_owned(),
        role: "shared".to_owned(),
        through: "shared".to_owned(),
        privileges: vec![privilege.to_owned()],
        gives: gives.iter().map(|name| (*name).to_owned()).collect(),
        ..GrantRow::default()
    };
    let less = json!({"action": "sql", "statement": "revoke-role", "user": "deskpro", "host": "localhost", "role": "shared"});
    let mut by_role = facts();
    let rows = &mut by_role.database.account.grants.rows;
    rows.push(role("wiki", "SELECT", &[]));
    judge_over(&by_role, vec![(less.clone(), "")]);
    let rows = &mut by_role.database.account.grants.rows;
    *rows = vec![role("deskpro", "ALL PRIVILEGES", &["SELECT"])];
    let first = json!({"action": "sql", "statement": "grant", "user": "deskpro", "host": "localhost", "on": {"level": "schema", "schema": "deskpro"}, "privileges": crate::sql::needs::all().collect::<Vec<_>>()});
    judge_over(
        &by_role,
        vec![(less.clone(), "would lose"), (json!([first, less]), "")],
    );
}

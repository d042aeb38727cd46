//! For each kind of deed one that takes something away and one that does not, over one made-up v4 install
//! whose data lies in its web root.

use super::Needs;
use crate::facts::{
    ActingAccount, DataDirectory, Facts, GrantRow, Job, Known, Leftover, Listing, NeededRight,
    PlaceOnDisk, ReadAs, Role,
};
use crate::fix::Action;
use serde_json::{Value, json};

const ROOT: &str = "/srv/dp";

fn place(path: &str, kind: &str, (uid, gid): (u32, u32), mode: &str) -> PlaceOnDisk {
    PlaceOnDisk {
        path: path.to_owned(),
        kind: kind.to_owned(),
        uid,
        gid,
        mode: mode.to_owned(),
        acl: Known::Known(None),
    }
}

fn account(user: &str, id: u32) -> ActingAccount {
    ActingAccount {
        user: user.to_owned(),
        uid: id,
        gids: vec![id],
        group: user.to_owned(),
    }
}

fn right(user: &str, right: &str, path: &str) -> NeededRight {
    let role = if user == "www-data" { "web" } else { "cron" };
    let ends = path.match_indices('/').map(|(end, _)| end.max(1));
    NeededRight {
        role: role.to_owned(),
        user: user.to_owned(),
        right: right.to_owned(),
        path: path.to_owned(),
        purpose: "data".to_owned(),
        held: Known::Known(true),
        through: ends.map(|end| path[..end].to_owned()).collect(),
        end: path.to_owned(),
    }
}

/// Code of root's that everybody reads, data of the web server's that the scheduled task enters by an ACL.
fn facts() -> Facts {
    let mut facts = Facts::default();
    facts.target.root = ROOT.to_owned();
    facts.target.generation = Known::Known("v4".to_owned());
    let role = |role: &str, uid| Role {
        role: role.to_owned(),
        user: String::new(),
        uid,
        source: String::new(),
    };
    facts.target.roles = Listing::whole(vec![role("web", 33), role("cron", 38)]);
    let directory = format!("{ROOT}/data");
    facts.data.directories = Listing::whole(vec![DataDirectory {
        directory: directory.clone(),
        real_directory: directory,
        purpose: "data".to_owned(),
        setting: "$DP_CONFIG['dir_data']".to_owned(),
        configured: false,
        default_is_safe: false,
        absolute: true,
        exists: Known::Known(true),
        inside: Known::Known(ROOT.to_owned()),
        path: format!("{ROOT}/config.php"),
        line: 0,
    }]);
    let needs = &mut facts.needs;
    needs.accounts = Listing::whole(vec![
        account("root", 0),
        account("www-data", 33),
        account("deskpro", 34),
        account("list", 38),
    ]);
    let mut data = place("/srv/dp/data", "directory", (33, 33), "2770");
    data.acl = Known::Known(Some(
        [
            "user::rwx",
            "user:38:rwx",
            "group::rwx",
            "mask::rwx",
            "other::---",
        ]
        .map(str::to_owned)
        .to_vec(),
    ));
    needs.places = Listing::whole(vec![
        place("/", "directory", (0, 0), "0755"),
        place("/srv", "directory", (0, 0), "0755"),
        place(ROOT, "directory", (0, 0), "0755"),
        place("/srv/dp/config.php", "file", (0, 33), "0644"),
        place("/srv/dp/app", "directory", (33, 33), "0777"),
        place("/srv/dp/app/x.php", "file", (33, 33), "0666"),
        data,
        place("/srv/dp/data/error.log", "file", (33, 33), "0660"),
        place("/srv/dp/config.php.bak", "file", (33, 33), "0644"),
    ]);
    needs.rights = Listing::whole(vec![
        right("www-data", "write", "/srv/dp/data"),
        right("list", "write", "/srv/dp/data"),
        right("www-data", "read", "/srv/dp/config.php"),
        right("list", "read", "/srv/dp/config.php"),
        right("www-data", "read", "/srv/dp/app"),
    ]);
    needs.read_as = Listing::whole(Vec::new());
    facts.files.leftovers = Listing::whole(vec![Leftover {
        path: "/srv/dp/config.php.bak".to_owned(),
        kind: "copy".to_owned(),
        in_web_root: true,
        shipped: false,
    }]);
    database(&mut facts);
    let job = |line| Job {
        user: "list".to_owned(),
        uid: 38,
        command: "php cron.php".to_owned(),
        updates: true,
        is_web_user: Known::Known(false),
        crontab: true,
        path: "/etc/cron.d/deskpro".to_owned(),
        line,
    };
    facts.server.jobs = Listing::whole(vec![job(1), job(2)]);
    facts
}

fn database(facts: &mut Facts) {
    let database = &mut facts.database;
    database.schema = Known::Known("deskpro".to_owned());
    database.account.user = Known::Known("deskpro".to_owned());
    database.account.name = Known::Known("deskpro".to_owned());
    database.account.host = Known::Known("localhost".to_owned());
    database.account.missing_at_run_time = Known::Known(Vec::new());
    database.account.missing_for_updates = Known::Known(Vec::new());
    database.account.grants = Listing::whole(vec![
        GrantRow {
            level: "schema".to_owned(),
            schema: "deskpro".to_owned(),
            privileges: vec!["ALL PRIVILEGES".to_owned()],
            ..GrantRow::default()
        },
        GrantRow {
            level: "global".to_owned(),
            privileges: vec!["FILE".to_owned()],
            ..GrantRow::default()
        },
    ]);
    database.connection.kind = Known::Known("loopback".to_owned());
    database.connection.tls = Known::Known(false);
}

fn deeds(written: Value) -> Vec<Action> {
    let list = if written.is_array() {
        written
    } else {
        json!([written])
    };
    serde_json::from_value(list).unwrap()
}

/// Each with a part of the objection; nothing where it may pass.
fn judge(cases: Vec<(Value, &str)>) {
    judge_over(&facts(), cases);
}

fn judge_over(facts: &Facts, cases: Vec<(Value, &str)>) {
    let mut wrong = Vec::new();
    for (written, expected) in cases {
        let objection = Needs::of(facts).admit(&deeds(written.clone())).err();
        let fits = objection.as_ref().map_or(expected.is_empty(), |said| {
            !expected.is_empty() && said.contains(expected)
        });
        if !fits {
            wrong.push(format!("{written}: {objection:?}, not {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn owners_modes_and_acls() {
    let data = "/srv/dp/data";
    let own = |path: &str, user: &str, group: Value| json!({"action": "own", "path": path, "user": user, "group": group});
    let mode = |path: &str, mode: &str| json!({"action": "mode", "path": path, "mode": mode});
    let grant = json!({"action": "grant-acl", "path": data, "user": "list", "rights": "rwx", "inherit": true});
    let weak = json!({"action": "grant-acl", "path": "/srv/dp/config.php", "user": "www-data", "rights": "w"});
    judge(vec![
        (own(data, "deskpro", Value::Null), ""),
        (
            own(data, "deskpro", json!("deskpro")),
            "www-data could no longer write /srv/dp/data",
        ),
        (own("/srv/dp/app/x.php", "deskpro", Value::Null), ""),
        (
            own(data, "nobody", Value::Null),
            "the account nobody is none",
        ),
        (
            own("/srv/dp/elsewhere", "deskpro", Value::Null),
            "is not known",
        ),
        (
            mode("/srv/dp/config.php", "0640"),
            "list could no longer read",
        ),
        (mode("/srv/dp/config.php", "g-w,o-w"), ""),
        (mode("/srv/dp", "o-x"), "could no longer"),
        (mode(data, "o-rwx"), ""),
        (mode(data, "g-rwx"), "could no longer write"),
        (
            mode("/srv/dp/data/error.log", "u-w"),
            "could no longer write /srv/dp/data/error.log",
        ),
        (mode("/srv/dp/app/x.php", "o-w"), ""),
        (
            mode("/srv/dp/app/x.php", "go-rwx"),
            "list could no longer read /srv/dp/app/x.php",
        ),
        (mode("/srv/dp/config.php.bak", "0000"), ""),
        (
            json!({"action": "strip-acl", "path": data}),
            "list could no longer write",
        ),
        (json!({"action": "strip-acl", "path": "/srv/dp/app"}), ""),
        (grant.clone(), ""),
        (weak, "www-data could no longer read"),
        // What one deed takes another of the same fix may give back.
        (json!([{"action": "strip-acl", "path": data}, grant]), ""),
    ]);
}

#[test]
fn whole_trees_and_directories() {
    let close = |except: &[&str], mode: &str| json!({"action": "close-tree", "path": ROOT, "except": except, "from": "www-data", "user": "deskpro", "mode": mode});
    let to_group = |group: &str| json!({"action": "close-tree", "path": ROOT, "except": ["/srv/dp/data"], "from": "www-data", "user": "deskpro", "group": group, "mode": "go-w"});
    let data = |user: &str, mode: &str| json!({"action": "directory", "path": "/srv/dp/data", "user": user, "group": user, "mode": mode});
    judge(vec![
        (close(&["/srv/dp/data"], "go-w"), ""),
        (close(&[], "go-w"), "could no longer write /srv/dp/data"),
        (close(&["/srv/dp/data"], "go-rwx"), "which files below"),
        (data("www-data", "2770"), ""),
        (data("www-data", "2700"), "list could no longer write"),
        (data("deskpro", "2770"), "www-data could no longer write"),
        (
            json!([data("deskpro", "2770"), {"action": "grant-acl", "path": "/srv/dp/data", "user": "www-data", "rights": "rwx"}]),
            "",
        ),
    ]);
    let mut private = facts();
    private.needs.read_as.rows.push(ReadAs {
        user: "www-data".to_owned(),
        by: "owner".to_owned(),
        owner: 33,
        count: 7,
        path: "/srv/dp/app/private.php".to_owned(),
    });
    judge_over(
        &private,
        vec![
            (
                close(&["/srv/dp/data"], "go-w"),
                "reads 7 files, for example /srv/dp/app/private.php, only as their owner",
            ),
            (close(&["/srv/dp/data", "/srv/dp/app"], "go-w"), ""),
            (to_group("www-data"), ""),
            (to_group("list"), "only as their owner"),
        ],
    );
}

#[test]
fn what_goes_and_what_comes() {
    let away = |path: &str| json!({"action": "put-away", "path": path, "into": "/root/kept"});
    let write =
        |path: &str| json!({"action": "write", "path": path, "content": "", "mode": "0644"});
    judge(vec![
        (away("/srv/dp/config.php.bak"), ""),
        (
            away("/srv/dp/config.php"),
            "the helpdesk needs /srv/dp/config.php",
        ),
        (away("/srv"), "the helpdesk needs"),
        (away("/srv/dp/app/x.php"), "nothing shows"),
        (
            json!({"action": "unlink", "path": "/srv/dp/data/error.log"}),
            "nothing shows",
        ),
        (write("/srv/dp/data/is_installed.dat"), ""),
        (
            write("/srv/dp/config.php"),
            "/srv/dp/config.php is what the helpdesk needs",
        ),
    ]);
}

#[test]
fn data_moves_only_to_where_it_can_be_written() {
    let setting = |value: Value| json!({"action": "setting", "path": "/srv/dp/config.php", "setting": "$DP_CONFIG['dir_data']", "value": value});
    let copy = json!({"action": "copy-tree", "path": "/srv/dp/data", "to": "/srv/dp-data"});
    judge(vec![
        (json!([copy, setting(json!("'/srv/dp-data'"))]), ""),
        (
            json!([copy, setting(json!("'/srv/dp-data'")), {"action": "mode", "path": "/srv/dp-data", "mode": "0700"}]),
            "list could no longer write /srv/dp-data",
        ),
        (
            setting(json!("'/srv/dp-data'")),
            "could no longer write /srv/dp-data",
        ),
        (setting(json!("$somewhere")), "is not known"),
        (setting(Value::Null), "is not known"),
    ]);
}

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
}

#[test]
fn a_plan_is_tried_step_by_step() {
    let mut needs = Needs::of(&facts());
    let strip = deeds(json!({"action": "strip-acl", "path": "/srv/dp/data"}));
    assert!(needs.admit(&strip).is_err());
    // Refused deeds count as not done.
    let group = deeds(json!({"action": "mode", "path": "/srv/dp/data", "mode": "o-rwx"}));
    assert_eq!(needs.admit(&group), Ok(()));
    let grant = |user: &str| {
        deeds(json!({"action": "grant-acl", "path": "/srv/dp/data", "user": user, "rights": "rwx"}))
    };
    assert_eq!(needs.admit(&grant("www-data")), Ok(()));
    let own = deeds(
        json!({"action": "own", "path": "/srv/dp/data", "user": "deskpro", "group": "deskpro"}),
    );
    assert_eq!(needs.admit(&own), Ok(()));
    assert!(needs.objection(&strip[0]).is_some());
}

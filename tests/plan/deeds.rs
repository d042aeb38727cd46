//! Every kind of deed, with paths, accounts and values as nasty as hosts have them.

use deskguard::fix::Action;
use serde_json::{Value, json};

/// Names that quoting has to withstand.
pub(crate) const NASTY: &[&str] = &[
    "plain",
    "with space",
    "it's",
    "dollar$HOME",
    "back`id`tick",
    "$(id)",
    "semi;colon",
    "star*",
    "ques?ion",
    "[a-z]",
    "back\\slash",
    "double\"quote",
    "-rf",
    "~root",
    "#hash",
    "a=b",
    "{brace,s}",
    "amp&pipe|",
    "<in>out",
    "!bang",
    "ümläut",
    "%s%n",
    "'\"$`\\",
    "EDITS",
    "{{ jinja }}",
    "{% raw %}",
];

pub(crate) fn action(value: Value) -> Action {
    serde_json::from_value(value).unwrap()
}

/// Deeds of every kind about entries below this directory, each with this name in it.
pub(crate) fn all(below: &str, name: &str) -> Vec<Action> {
    let path = |kind: &str| format!("{below}/{kind}/{name}");
    [
        json!({"action": "account", "user": "deskpro"}),
        json!({"action": "own", "path": path("own"), "user": "deskpro", "group": "www-data"}),
        json!({"action": "mode", "path": path("mode"), "mode": "go-w"}),
        json!({"action": "strip-acl", "path": path("acl")}),
        json!({"action": "grant-acl", "path": path("acl"), "user": "www-data", "rights": "rx", "inherit": true}),
        json!({"action": "close-tree", "path": path("tree"), "except": [format!("{}/data", path("tree"))],
            "from": "www-data", "user": "deskpro", "group": "www-data", "mode": "go-w"}),
        json!({"action": "directory", "path": path("made"), "user": "www-data", "group": "www-data", "mode": "2770"}),
        json!({"action": "write", "path": path("file"), "content": format!("{name}\n$x 'y'\n"), "mode": "0644"}),
        json!({"action": "put-away", "path": path("away"), "into": "/root/deskguard-leftovers"}),
        json!({"action": "unlink", "path": path("link")}),
        json!({"action": "move-tree", "path": path("from"), "to": path("to")}),
        json!({"action": "move-tree", "path": path("old"), "to": path("new")}),
        json!({"action": "setting", "path": path("config.php"), "line": 3, "setting": "$DP_CONFIG['debug']"}),
        json!({"action": "setting", "path": path("config.php"), "setting": "DP_X", "value": "'it'"}),
        json!({"action": "ini", "path": path("php.ini"), "section": "PHP", "key": "expose_php", "value": "Off"}),
        json!({"action": "snippet", "server": "nginx", "path": path("nginx"), "line": 2, "expected": "server {",
            "text": format!("# {name}\nserver_tokens off;")}),
        json!({"action": "line", "server": "nginx", "path": path("nginx"), "line": 7, "expected": "autoindex on;", "text": ""}),
        json!({"action": "snippet", "server": "apache", "path": path("apache"), "line": 1, "expected": "<VirtualHost *:80>",
            "text": "<Directory \"/srv\">\n    Require all denied\n</Directory>"}),
        json!({"action": "cron-line", "path": path("crontab"), "line": 4}),
        json!({"action": "cron-line", "path": path("crontab"), "line": 5, "user": "deskpro"}),
        json!({"action": "sql", "statement": "settings", "schema": "desk`pro", "values": {name: name}}),
        json!({"action": "sql", "statement": "random-setting", "schema": "d", "name": "core.app_secret", "length": 50}),
        json!({"action": "sql", "statement": "drop-account", "user": name, "host": "%"}),
        json!({"action": "own-login", "user": "desk'pro", "host": "localhost", "schema": "d",
            "privileges": ["SELECT", "LOCK TABLES"], "path": path("config.php"),
            "name": {"setting": "DP_DATABASE_USER", "line": 3}, "password": {"setting": "DP_DATABASE_PASSWORD", "line": 4}}),
        json!({"action": "reload", "server": "apache"}),
        json!({"action": "reload", "server": "php-fpm"}),
        json!({"action": "reload", "server": "database"}),
    ]
    .into_iter()
    .map(action)
    .collect()
}

//! Owners, modes, ACLs, trees, what goes and what comes.

use super::{ROOT, facts, judge, judge_over};
use crate::facts::ReadAs;
use serde_json::{Value, json};

#[test]
fn owners_modes_and_acls() {
    let data = "/srv/dp/data";
    let own = |path: &str, user: &str, group: Value| json!({"action": "own", "path": path, "user": user, "group": group});
    let mode = |path: &str, mode: &str| json!({"action": "mode", "path": path, "mode": mode});
    let grant = json!({"action": "grant-acl", "path": data, "user": "list", "rights": "rwx", "inherit": true});
    let weak = json!({"action": "grant-acl", "path": "/srv/dp/config.php", "user": "www-data", "rights": "w"});
    let mut spelled = facts();
    for right in &mut spelled.needs.rights.rows {
        right.path = right.path.replace("/srv/dp/data", "/srv/dp/app/../data");
    }
    judge_over(
        &spelled,
        vec![
            (
                mode("/srv/dp/app/../data", "g-rwx"),
                "could no longer write",
            ),
            (mode("/srv/dp/app/../data", "o-rwx"), ""),
            (mode("/srv/dp/app/../elsewhere", "o-rwx"), "is not known"),
        ],
    );
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
    let moved = json!({"action": "move-tree", "path": "/srv/dp/data", "to": "/srv/dp-data"});
    judge(vec![
        (json!([moved, setting(json!("'/srv/dp-data'"))]), ""),
        (
            json!([moved, setting(json!("'/srv/dp-data'")), {"action": "mode", "path": "/srv/dp-data", "mode": "0700"}]),
            "list could no longer write /srv/dp-data",
        ),
        (
            json!([moved, setting(json!("'/srv/dp-data'")), {"action": "mode", "path": "/srv/dp-data/error.log", "mode": "u-w"}]),
            "could no longer write /srv/dp-data/error.log",
        ),
        (
            setting(json!("'/srv/dp-data'")),
            "could no longer write /srv/dp-data",
        ),
        (moved.clone(), "could no longer write /srv/dp/data"),
        (setting(json!("$somewhere")), "is not known"),
        (setting(Value::Null), "is not known"),
    ]);
}

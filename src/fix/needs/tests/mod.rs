//! For each kind of deed one that takes something away and one that does not, over one made-up v4 install
//! whose data lies in its web root.

mod files;
mod servers;

use super::Needs;
use crate::facts::{
    ActingAccount, DataDirectory, Facts, GrantRow, Job, Known, Leftover, Listing, NeededRight,
    PlaceOnDisk, Role,
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
        exists: true,
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

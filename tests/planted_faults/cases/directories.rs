//! The data directories: named, there, outside of what is published, writable by those who must.

use crate::accounts::{CRON, OWNER, ROOT, WEB};
use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5, V5Moved};
use crate::hardened::v4;
use crate::tree::Named::User;
use rustix::fs::IFlags;

const NAMED: &str = "data/dir-configured";
const OUTSIDE: &str = "data/outside-web-root";
const BY_WEB: &str = "files/data-writable-by-web";
const BY_CRON: &str = "files/data-writable-by-cron";
const LEFT: &str = "files/no-leftovers";
const WORLD: &str = "files/no-world-writable";
const DIR_DATA: &str = "dirname(__FILE__) . '/../../helpdesk-data'";

pub(super) const CASES: &[Case] = &[
    fails("empty", V4, NAMED, &["$DP_CONFIG['dir_data'] is not set, so that the product uses {root}/data in the web root", "{config}:{line}"], |it| {
        it.reconfig("config", DIR_DATA, "''");
        v4::data(it, "data");
    })
    .also(&[OUTSIDE, LEFT]),
    fails("not mentioned", V4, NAMED, &["$DP_CONFIG['dir_data'] is not set", "{config}"], |it| {
        it.reconfig("config", "$DP_CONFIG['dir_data']", "# $DP_CONFIG['dir_data']");
        v4::data(it, "data");
    })
    .also(&[OUTSIDE, LEFT]),
    fails("not mentioned, and no other is there", V4, NAMED, &["$DP_CONFIG['dir_data'] is not set"], |it| {
        it.reconfig("config", "$DP_CONFIG['dir_data']", "# $DP_CONFIG['dir_data']");
        it.remove("data:");
        v4::data(it, "data");
    })
    .also(&[OUTSIDE, LEFT]),
    fails("moved into the web root", V4, OUTSIDE, &["{root}/web/data (data) lies in the document root {root}"], |it| {
        it.reconfig("config", DIR_DATA, "dirname(__FILE__) . '/../../helpdesk/web/data'");
        it.remove("data:");
        v4::data(it, "web/data");
    })
    .also(&[LEFT, "data/not-served"]),
    fails("below the web root", V4, OUTSIDE, &["{root}/web/data (data) lies in the document root {root}", "{config}:{line}"], |it| {
        it.reconfig("config", DIR_DATA, "dirname(__FILE__) . '/../../helpdesk/web/data'");
        v4::data(it, "web/data");
    })
    .also(&[LEFT, "data/not-served"]),
    fails("below the web root through a link", V4, OUTSIDE, &["{root}/web/data (data) lies in the document root {root}"], |it| {
        v4::data(it, "web/data");
        it.remove("data:");
        it.link("host:srv/helpdesk-data", it.at("web/data"), OWNER);
    })
    .also(&[LEFT, "data/not-served"]),
    fails("relative", V4, NAMED, &["$DP_CONFIG['dir_data'] is not an absolute path", "{config}:{line}"], |it| {
        it.reconfig("config", DIR_DATA, "'../helpdesk-data'");
    }),
    fails("missing", V4, NAMED, &["$DP_CONFIG['dir_data'] names {host}/srv/private/helpdesk/../../elsewhere, where no directory is", "{config}:{line}"], |it| {
        it.reconfig("config", "helpdesk-data'", "elsewhere'");
    })
    .also(&[BY_WEB, BY_CRON, "web/installer-closed"]),
    unknown("computed", V4, NAMED, &["{config}:{line}"], |it| {
        it.reconfig("config", DIR_DATA, "getenv('DATA')");
    }),
    fails("a file in its place", V4, NAMED, &["where no directory is"], |it| {
        it.remove("data:");
        it.file("data:", WEB, 0o660, "");
    })
    .also(&[BY_WEB, BY_CRON, "web/installer-closed"]),
    fails("missing in v5", V5, NAMED, &["{data}/attachments, where no directory is"], |it| {
        it.remove("data:attachments");
    })
    .also(&[BY_WEB, BY_CRON]),
    fails("relative in v5", V5, NAMED, &["$PATHS_CONFIG['dp_paths']['var'] is not an absolute path", "{config}:{line}"], |it| {
        it.config("paths", "$PATHS_CONFIG['dp_paths']['var'] = 'var';");
    }),
    fails("below v5's web root", V5, OUTSIDE, &["{root}/www/files (attachments) lies in the document root {root}/www", "{config}:{line}"], |it| {
        it.remove("data:attachments");
        it.dir("www/files", WEB, 0o2770);
        it.acl("www/files", &[User(CRON.0, 7)], None);
        it.config("paths", "$PATHS_CONFIG['dp_paths']['attachments'] = dirname(__DIR__) . '/www/files';");
    })
    .also(&["data/not-served"]),
    fails("user_dir below the web root", V5Moved, OUTSIDE, &["/www/user/backups (backups) lies in the document root {root}/www"], |it| {
        let moved = it.at("www/user");
        std::fs::rename(&it.data, &moved).unwrap();
        let (from, to) = (it.data.clone(), moved.clone());
        it.reconfig("paths", &from.to_string_lossy(), &to.to_string_lossy());
        it.data = moved;
    })
    .also(&[LEFT, "data/not-served"]),
    fails("below the container's web root", Container, OUTSIDE, &["{root}/serve/www/blobs (attachments)", "{config}:{line}"], |it| {
        it.remove("data:attachments");
        it.dir("serve/www/blobs", WEB, 0o2770);
        it.acl("serve/www/blobs", &[User(CRON.0, 7)], None);
        it.config("config", "$CONFIG['paths']['blobs_path'] = dirname(__DIR__) . '/serve/www/blobs';");
    })
    .also(&["data/not-served"]),
    fails("missing in the container", Container, NAMED, &["{data}/var, where no directory is"], |it| {
        it.remove("data:var");
    })
    .also(&[BY_WEB, BY_CRON]),
    fails("not the web server's", V4, BY_WEB, &["www-data cannot write", "helpdesk-data/logs (logs)"], |it| {
        it.chown("data:logs", OWNER);
    }),
    fails("an immutable directory", V5, BY_WEB, &["www-data cannot write {data}/var/logs (logs)"], |it| {
        it.flag("data:var/logs", IFlags::IMMUTABLE);
    })
    .also(&[BY_CRON]),
    fails("a read-only mount", Container, BY_WEB, &["www-data cannot write {data}/attachments (attachments)"], |it| {
        it.read_only_mount("data:attachments");
    })
    .also(&[BY_CRON]),
    fails("a closed parent", V5Moved, BY_WEB, &["www-data cannot write {data}/attachments", "{data} is mode 0700"], |it| {
        it.chmod("data:", 0o700);
    })
    .also(&[BY_CRON]),
    passes("another's directory with an ACL", V4, BY_WEB, |it| {
        it.chown("data:logs", OWNER);
        it.chmod("data:logs", 0o750);
        it.acl("data:logs", &[User(WEB.0, 7), User(CRON.0, 7)], None);
    }),
    passes("backups, which the web server need not write", V4, BY_WEB, |it| {
        it.chmod("data:backups", 0o700);
    }),
    fails("no ACL for the task", V4, BY_CRON, &["list cannot write", "helpdesk-data/tmp (temporary files)"], |it| {
        it.acl("data:tmp", &[], None);
    }),
    fails("backups of another", V5, BY_CRON, &["list cannot write {data}/backups (backups)"], |it| {
        it.chown("data:backups", OWNER);
    }),
    fails("a masked ACL", Container, BY_CRON, &["list cannot write {data}/attachments (attachments)", "{data}/attachments"], |it| {
        it.acl("data:attachments", &[User(CRON.0, 7)], Some(5));
    }),
    fails("data for everybody, once", V4, WORLD, &["12 entries of the data directories can be changed by every account of the host: the ACL of {data} lets others"], |it| {
        for path in ["data:", "data:files", "data:logs", "data:tmp"] {
            it.chmod(path, 0o777);
        }
    }),
    fails("v5 as it is packed", V5, WORLD, &["of the data directories", "{data}/"], |it| {
        for path in ["data:attachments", "data:var", "data:var/logs"] {
            it.chmod(path, 0o777);
        }
    }),
    fails("the container's volume", Container, WORLD, &["1 entry of the data directories", "the ACL of {data}/attachments lets others"], |it| {
        it.chmod("data:attachments", 0o777);
    }),
    passes("data for everybody behind a closed door", V4, WORLD, |it| {
        it.chmod("data:files", 0o777);
        it.file("data:files/x", ROOT, 0o666, "");
    }),
];

//! Who is who on the planted host: accounts that every fresh Debian has, so that none must be made,
//! and the account files of a host that has no others.

/// An account: user id and group id.
pub(crate) type Account = (u32, u32);

pub(crate) const ROOT: Account = (0, 0);
/// Answers web requests.
pub(crate) const WEB: Account = (33, 33);
/// The dedicated account that owns the application.
pub(crate) const OWNER: Account = (34, 34);
/// Runs the scheduled task.
pub(crate) const CRON: Account = (38, 38);
/// Has nothing to do with the helpdesk.
pub(crate) const STRANGER: Account = (5, 60);
/// A group that the web server's account is in besides its own.
pub(crate) const SECOND_GROUP: u32 = 50;

pub(crate) const WEB_NAME: &str = "www-data";
pub(crate) const CRON_NAME: &str = "list";

pub(crate) const PASSWD: &str = "\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
games:x:5:60:games:/usr/games:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
list:x:38:38:Mailing List Manager:/var/list:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
";

pub(crate) const GROUP: &str = "\
root:x:0:
daemon:x:1:
www-data:x:33:
backup:x:34:
list:x:38:
staff:x:50:www-data
games:x:60:
nogroup:x:65534:
";

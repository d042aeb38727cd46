//! Who answers web requests and who runs the scheduled task, as the host's own files say it.

use crate::accounts::ROOT;
use crate::case::{Case, fails, passes, unknown};
use crate::hardened::Kind::{Container, V4, V5, V5Moved};
use crate::tree::Install;

const WEB: &str = "server/web-user-not-root";
const CRON: &str = "server/cron-user-not-root";
const UPDATER: &str = "server/updater-separated";
const BY_CRON: &str = "host:etc/cron.d/deskpro";
const NGINX: &str = "host:etc/nginx/nginx.conf";

/// Replaces a part of one of the host's files.
fn change(it: &Install, path: &str, from: &str, to: &str) {
    let text = it.read(path);
    assert!(text.contains(from), "{path} has no {from}");
    it.rewrite(path, text.replace(from, to));
}

fn pool(it: &Install, user: &str) {
    let text = format!(
        "; the helpdesk\n[help]\nuser = {user}\ngroup = {user}\nlisten = /run/php/help.sock\n"
    );
    it.file("host:etc/php/8.2/fpm/pool.d/help.conf", ROOT, 0o644, text);
}

pub(super) const CASES: &[Case] = &[
    fails(
        "nginx's user line",
        V5,
        WEB,
        &["nginx handles requests as root", "etc/nginx/nginx.conf:1"],
        |it| {
            change(it, NGINX, "user www-data;", "user root;");
        },
    ),
    fails(
        "a pool of PHP-FPM",
        V4,
        WEB,
        &["php-fpm handles requests as root", "help.conf:3"],
        |it| {
            pool(it, "root");
        },
    ),
    passes("a pool of its own", V4, WEB, |it| pool(it, "www-data")),
    unknown(
        "a pool of nobody known",
        V5,
        WEB,
        &["names the account ghost"],
        |it| pool(it, "ghost"),
    ),
    unknown(
        "a configuration that does not parse",
        V5Moved,
        WEB,
        &["nginx.conf"],
        |it| {
            change(it, NGINX, "events {}", "events {");
        },
    ),
    fails(
        "root's line",
        V4,
        CRON,
        &[
            "the scheduled task runs as root",
            "{root}/cron.php",
            "etc/cron.d/deskpro:1",
        ],
        |it| {
            change(it, BY_CRON, " list ", " root ");
        },
    ),
    fails(
        "root's own table",
        V5,
        CRON,
        &["the scheduled task runs as root", "crontabs/root:2"],
        |it| {
            let text = format!(
                "MAILTO=root\n*/1 * * * * cd / && {}\n",
                it.at("bin/cron").display()
            );
            for folder in [
                "var",
                "var/spool",
                "var/spool/cron",
                "var/spool/cron/crontabs",
            ] {
                it.dir(&format!("host:{folder}"), ROOT, 0o755);
            }
            it.file("host:var/spool/cron/crontabs/root", ROOT, 0o600, text);
        },
    ),
    fails(
        "nothing runs it",
        Container,
        CRON,
        &["no scheduled task of this install was found"],
        |it| {
            it.remove(BY_CRON);
        },
    ),
    fails(
        "commented out",
        V4,
        CRON,
        &["no scheduled task of this install was found"],
        |it| {
            change(it, BY_CRON, "* * * * *", "# * * * * *");
        },
    ),
    passes("root becomes another", V5, CRON, |it| {
        change(it, BY_CRON, " list ", " root sudo -u list ");
    }),
    fails(
        "v4's task as the web server",
        V4,
        UPDATER,
        &[
            "www-data answers web requests and also carries out updates",
            "etc/cron.d/deskpro:1",
        ],
        |it| {
            change(it, BY_CRON, " list ", " www-data ");
        },
    ),
    fails(
        "v5's whole task as the web server",
        V5,
        UPDATER,
        &["bin/cron", "etc/cron.d/deskpro:1"],
        |it| {
            change(it, BY_CRON, " list ", " www-data ");
            change(it, BY_CRON, " --no-auto-updater", "");
        },
    ),
    passes("v5's split task", V5, UPDATER, |it| {
        change(it, BY_CRON, " list ", " www-data ");
    }),
];

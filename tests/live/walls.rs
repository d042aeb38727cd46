//! Sites whose statuses say nothing: 200 to everything, 403 to everything, captive portals, challenges,
//! login walls. A marker still counts; a refusal does not.

use crate::install::{Install, given, unknown};
use crate::server::Server;
use deskguard::facts::Known;

const HOME: &str = "<!DOCTYPE html><title>Help</title>by DeskPRO";

fn plain(status: u16, body: &str) -> (u16, String, String) {
    (status, String::new(), body.to_owned())
}

#[test]
fn the_same_page_for_everything_gives_nothing_away() {
    let server = Server::pages(|_| plain(200, HOME));
    let live = Install::v4().live(&server.url());
    for rows in [
        &live.data,
        &live.files,
        &live.installer,
        &live.diagnostics,
        &live.interfaces,
    ] {
        for row in &rows.rows {
            assert_eq!(row.given, Known::Known(false), "{row:?}");
        }
    }
}

#[test]
fn ever_new_pages_with_200_are_no_log() {
    let server = Server::pages(|target| {
        let nonce: String = target
            .bytes()
            .rev()
            .map(|b| format!("{:x}q", b ^ 0x2a))
            .collect();
        match target {
            "/" => plain(200, HOME),
            _ => plain(200, &format!("{nonce}{}", "z".repeat(target.len() * 40))),
        }
    });
    let live = Install::v4().live(&server.url());
    assert_eq!(given(&live.data.rows), Vec::<&str>::new());
    assert!(
        unknown(&live.data.rows)[0].contains("ever new content"),
        "{:?}",
        unknown(&live.data.rows)
    );
    // What always shows its marker is known not to be there.
    let index = live
        .data
        .rows
        .iter()
        .find(|row| row.url.ends_with("/data/index.html"));
    assert_eq!(index.unwrap().given, Known::Known(false));
}

#[test]
fn a_marker_counts_whatever_the_site_answers_to_nothing() {
    let server = Server::pages(|target| match target {
        "/data/index.html" => plain(200, "DESKPRO_READABLE_FILE\n"),
        "/%64ata/index.html" => plain(200, "DESKPRO_READABLE_FILE\n"),
        _ => plain(200, HOME),
    });
    let live = Install::v4().live(&server.url());
    assert_eq!(
        given(&live.data.rows),
        ["/data/index.html", "/%64ata/index.html"]
    );
}

#[test]
fn a_refusal_by_status_with_the_content_is_none() {
    // Some error pages are the very file that was asked for.
    let server = Server::pages(|target| match target {
        "/" => plain(200, HOME),
        "/data/index.html" => plain(403, "DESKPRO_READABLE_FILE\n"),
        _ => plain(404, "no"),
    });
    let live = Install::v4().live(&server.url());
    assert_eq!(given(&live.data.rows), ["/data/index.html"]);
}

#[test]
fn everything_refused_is_no_refusal() {
    let server = Server::pages(|_| plain(403, "<title>Forbidden</title>"));
    let live = Install::v4().live(&server.url());
    let reasons = unknown(&live.data.rows);
    assert!(reasons[0].contains("403 to everything"), "{reasons:?}");
    assert_eq!(given(&live.interfaces.rows), Vec::<&str>::new());
    assert!(!live.headers.missed.is_empty());
}

#[test]
fn a_site_that_refuses_strange_paths_only_is_believed() {
    let server = Server::pages(|target| match target {
        "/" => plain(200, HOME),
        _ => plain(403, "<title>Forbidden</title>"),
    });
    let live = Install::v4().live(&server.url());
    assert_eq!(unknown(&live.data.rows), Vec::<&str>::new());
    assert_eq!(given(&live.data.rows), Vec::<&str>::new());
}

#[test]
fn a_captive_portal_is_not_the_helpdesk() {
    let server = Server::pages(|target| match target {
        "/login" => plain(200, "<title>Guest network</title><input type=password>"),
        _ => (302, "Location: /login\r\n".into(), String::new()),
    });
    let live = Install::v4().live(&server.url());
    let reasons = unknown(&live.data.rows);
    assert!(
        reasons[0].contains("sends every request to /login"),
        "{reasons:?}"
    );
}

#[test]
fn a_challenge_keeps_deskguard_out() {
    let server = Server::pages(|_| {
        (
            503,
            "cf-mitigated: challenge\r\nServer: cloudflare\r\n".into(),
            "<title>Just a moment...</title>".into(),
        )
    });
    let live = Install::v4().live(&server.url());
    let reasons = unknown(&live.data.rows);
    assert!(reasons[0].contains("challenge for browsers"), "{reasons:?}");
}

#[test]
fn another_site_is_not_taken_for_the_helpdesk() {
    let server = Server::pages(|target| match target {
        "/" => plain(200, "<title>Flowers</title>"),
        _ => plain(404, "<title>No flower here</title>"),
    });
    let live = Install::v4().live(&server.url());
    let reasons = unknown(&live.data.rows);
    assert!(
        reasons[0].contains("nothing shows that the helpdesk answers"),
        "{reasons:?}"
    );
    assert!(matches!(live.site.recognised_by, Known::Unknown(_)));
}

#[test]
fn a_file_of_this_install_shows_whose_site_it_is() {
    let install = Install::v4();
    let server = Server::pages(|target| match target {
        "/" => plain(200, "<title>Help</title>"),
        "/web/site.css" => plain(200, "body { color: black }\n"),
        _ => plain(404, "<title>No page</title>"),
    });
    let live = install.live(&server.url());
    let by = live.site.recognised_by.known().unwrap();
    assert!(by.contains("web/site.css"), "{by}");
    assert_eq!(unknown(&live.data.rows), Vec::<&str>::new());
}

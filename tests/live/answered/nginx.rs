//! What nginx's answers lack, given and taken back: at every level at which nginx would forget it.

use crate::answered::{Ground, framed};
use crate::apart::apart;
use crate::certificate::Kind;
use crate::install::{INDEX, Install};
use crate::mended::alone;
use crate::nginx::Site;

const HEADERS: &str = "web/headers-set";
const HSTS: &str = "web/hsts-set";
const VERSIONS: &str = "web/versions-hidden";
const COOKIES: &str = "web/cookies-protected";

const HSTS_LINE: &str = "add_header Strict-Transport-Security \"max-age=31536000\" always;";
const SNIFF: &str = "add_header X-Content-Type-Options nosniff always;";
const FRAME: &str = "add_header X-Frame-Options SAMEORIGIN always;";
const REFERRER: &str = "add_header Referrer-Policy same-origin always;";
const HTTP: &str = "access_log off;";
const PHP: &str = "fastcgi_split_path_info";
const HIDE: &str = "fastcgi_hide_header X-Powered-By;";

/// Everything of a fault: words replaced, the pool's further lines, the checks that fail.
struct Fault {
    name: &'static str,
    faults: &'static [(&'static str, &'static str)],
    pool: &'static str,
    fails: &'static [&'static str],
    look: fn(&Ground<'_>) -> Vec<String>,
}

fn nothing(_: &Ground<'_>) -> Vec<String> {
    Vec::new()
}

/// What the http block gives to all is still given.
fn inherited(ground: &Ground<'_>) -> Vec<String> {
    let head = ground.head("/");
    let has = head.contains("x-old: a \"b\" https");
    let lost = (!has).then(|| format!("the inherited header is lost: {head}"));
    lost.into_iter().chain(framed(ground)).collect()
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "the server block lacks them all",
        faults: &[
            (HSTS_LINE, "add_header X-Own 1;"),
            (SNIFF, ""),
            (FRAME, ""),
            (REFERRER, ""),
        ],
        pool: "",
        fails: &[HEADERS, HSTS],
        look: framed,
    },
    Fault {
        name: "headers are inherited from the http block, which others share",
        faults: &[
            (
                HTTP,
                "access_log off; add_header X-Old \"a \\\"b\\\" $scheme\" always;",
            ),
            (HSTS_LINE, ""),
            (SNIFF, ""),
            (FRAME, ""),
            (REFERRER, ""),
        ],
        pool: "",
        fails: &[HEADERS, HSTS],
        look: inherited,
    },
    Fault {
        name: "a location includes headers of its own, one of them a bad one",
        faults: &[(
            PHP,
            "include {dir}/more.conf;\n      fastcgi_split_path_info",
        )],
        pool: "",
        fails: &[HEADERS, HSTS],
        look: nothing,
    },
    Fault {
        name: "HSTS lasts five minutes, the policy keeps nothing",
        faults: &[
            ("max-age=31536000", "max-age=300; includeSubDomains"),
            ("Referrer-Policy same-origin", "Referrer-Policy unsafe-url"),
        ],
        pool: "",
        fails: &[HEADERS, HSTS],
        look: nothing,
    },
    Fault {
        name: "versions, with tokens for all servers and a location that hides something else",
        faults: &[
            ("server_tokens off;", "server_tokens build;"),
            (HIDE, ""),
            (
                PHP,
                "fastcgi_hide_header X-Else;\n      fastcgi_split_path_info",
            ),
        ],
        pool: "",
        fails: &[VERSIONS],
        look: nothing,
    },
    Fault {
        name: "PHP's pool tells its version",
        faults: &[(HIDE, "")],
        pool: "php_admin_flag[expose_php] = on\nphp_admin_flag[display_errors] = off\nphp_admin_flag[session.cookie_httponly] = on",
        fails: &[VERSIONS, "server/php-hardened"],
        look: nothing,
    },
];

fn ground<'a>(install: &'a Install, site: &'a Site) -> Ground<'a> {
    Ground {
        install,
        url: site.secure_url(),
        config: site.folder().join("nginx.conf"),
        folder: site.folder(),
    }
}

#[test]
fn what_nginx_s_answers_lack_is_given_and_taken_back() {
    let _alone = alone();
    if !apart("answered::nginx::what_nginx_s_answers_lack_is_given_and_taken_back") {
        return;
    }
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let install = Install::v4();
        let site = Site::start(&install, Kind::Good, fault.faults, fault.pool);
        let found = ground(&install, &site).trip(fault.fails, true, fault.look);
        wrong.extend(found.into_iter().map(|it| format!("{}: {it}", fault.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A product whose session cookies are PHP's own or follow its settings.
fn sessions(name: &str) -> Install {
    let install = Install::v4();
    let begin = format!("<?php\n{name}session_start();\n");
    install.write("index.php", &INDEX.replacen("<?php\n", &begin, 1));
    install
}

const BARE: &str = "php_flag[session.cookie_httponly] = off\nphp_flag[session.cookie_secure] = off\nphp_value[session.cookie_samesite] =\nphp_admin_flag[display_errors] = off\nphp_admin_flag[expose_php] = off";

#[test]
fn cookies_of_sessions_are_marked_by_the_pool() {
    let _alone = alone();
    if !apart("answered::nginx::cookies_of_sessions_are_marked_by_the_pool") {
        return;
    }
    let install = sessions("");
    let site = Site::start(&install, Kind::Good, &[], BARE);
    let fails = &[COOKIES, "server/php-hardened"];
    let wrong = ground(&install, &site).trip(fails, true, nothing);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// v4's cookies take two marks from PHP's settings, and nobody gives them the third: half of it is done.
#[test]
fn what_nobody_can_mark_is_left_to_a_person() {
    let _alone = alone();
    if !apart("answered::nginx::what_nobody_can_mark_is_left_to_a_person") {
        return;
    }
    let install = sessions("session_name('dpsid');");
    let site = Site::start(&install, Kind::Good, &[], BARE);
    let ground = ground(&install, &site);
    let wrong = ground.trip(&[COOKIES], false, |ground| {
        let head = ground.head("/");
        let cookie = head
            .lines()
            .find(|line| line.starts_with("set-cookie: dpsid="));
        let cookie = cookie.unwrap_or_default();
        let is_half = cookie.contains("secure")
            && cookie.contains("httponly")
            && !cookie.contains("samesite");
        (!is_half).then(|| head.clone()).into_iter().collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let told = ground.told(&[COOKIES]);
    assert!(
        told.contains("nginx can mark the cookies of proxy_pass alone"),
        "{told}"
    );
}

/// Browsers that know the header would let nobody past a bad certificate.
#[test]
fn no_browser_is_bound_to_https_that_does_not_work() {
    let _alone = alone();
    if !apart("answered::nginx::no_browser_is_bound_to_https_that_does_not_work") {
        return;
    }
    for kind in [Kind::Expired, Kind::SelfSigned, Kind::WrongName] {
        let install = Install::v4();
        let site = Site::start(&install, kind, &[(HSTS_LINE, "")], "");
        let ground = ground(&install, &site);
        let wrong = ground.trip(&[HSTS], false, |ground| {
            let told = ground.told(&[HSTS]);
            let says = told.contains("not while the certificate is a bad one");
            (!says).then_some(told).into_iter().collect()
        });
        assert!(wrong.is_empty(), "{kind:?}: {}", wrong.join("\n"));
        assert!(!ground.head("/").contains("strict-transport"));
    }
}

/// nginx in front of nginx: the one that speaks TLS gives all, and cookies as well.
#[test]
fn a_server_in_front_gives_it_all() {
    let _alone = alone();
    if !apart("answered::nginx::a_server_in_front_gives_it_all") {
        return;
    }
    let install = Install::v4();
    let index = INDEX.replace("; Secure; HttpOnly; SameSite=Lax", "");
    install.write("index.php", &index);
    let faults = &[
        (HSTS_LINE, ""),
        (SNIFF, ""),
        (FRAME, ""),
        (REFERRER, ""),
        ("server_tokens off;", ""),
        (
            "location / { try_files $uri /index.php$is_args$args; }",
            "location / { proxy_pass http://unix:{dir}/inner.sock; proxy_set_header Host $host; }",
        ),
        (HIDE, ""),
        (
            "    location ~ ^/index\\.php(/|$) {",
            "  }\n  server {\n    listen unix:{dir}/inner.sock;\n    root {root};\n    location / { try_files $uri /index.php$is_args$args; }\n    location ~ ^/index\\.php(/|$) {",
        ),
    ];
    let site = Site::start(
        &install,
        Kind::Good,
        faults,
        "php_admin_flag[expose_php] = off",
    );
    let fails = &[HEADERS, HSTS, VERSIONS, COOKIES];
    let wrong = ground(&install, &site).trip(fails, true, framed);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! What nginx's answers lack, given and taken back: at every level at which nginx would forget it.

use crate::certificate::Kind;
use crate::install::{INDEX, Install};
use crate::mended::Ground;
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
}

const FAULTS: &[Fault] = &[
    Fault {
        name: "the server block lacks them all",
        faults: &[(HSTS_LINE, "add_header X-Own 1;"), (SNIFF, ""), (FRAME, ""), (REFERRER, "")],
        pool: "",
        fails: &[HEADERS, HSTS],
    },
    Fault {
        name: "headers are inherited from the http block, which others share",
        faults: &[
            (HTTP, "access_log off; add_header X-Old \"a \\\"b\\\" $scheme\" always;"),
            (HSTS_LINE, ""), (SNIFF, ""), (FRAME, ""), (REFERRER, ""),
        ],
        pool: "",
        fails: &[HEADERS, HSTS],
    },
    Fault {
        name: "a location has a header of its own and forgets the others",
        faults: &[(PHP, "add_header X-Own 1;\n      fastcgi_split_path_info")],
        pool: "",
        fails: &[HEADERS, HSTS],
    },
    Fault {
        name: "HSTS lasts five minutes, the policy keeps nothing",
        faults: &[("max-age=31536000", "max-age=300; includeSubDomains"), ("Referrer-Policy same-origin", "Referrer-Policy unsafe-url")],
        pool: "",
        fails: &[HEADERS, HSTS],
    },
    Fault {
        name: "versions, with tokens for all servers and a location that hides something else",
        faults: &[
            ("server_tokens off;", "server_tokens build;"),
            (HIDE, ""),
            (PHP, "fastcgi_hide_header X-Else;\n      fastcgi_split_path_info"),
        ],
        pool: "",
        fails: &[VERSIONS],
    },
    Fault {
        name: "PHP's pool tells its version",
        faults: &[(HIDE, "")],
        pool: "php_admin_flag[expose_php] = on\nphp_admin_flag[display_errors] = off\nphp_admin_flag[session.cookie_httponly] = on",
        fails: &[VERSIONS, "server/php-hardened"],
    },
];

fn install() -> Install {
    Install::v4()
}

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
    let mut wrong = Vec::new();
    for fault in FAULTS {
        let install = install();
        let site = Site::start(&install, Kind::Good, fault.faults, fault.pool);
        let found = ground(&install, &site).trip(fault.fails, true);
        wrong.extend(found.into_iter().map(|it| format!("{}: {it}", fault.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

//! Configurations as people run them, and what must happen: told by the model, by the real nginx,
//! and by hand.

use super::sent::Sent;
use super::stage::{Case, Stage};
use std::net::Ipv4Addr;

/// What stands in a PHP location.
const PHP: &str = "include /etc/nginx/fastcgi_params; \
    fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; fastcgi_pass unix:{strict};";

struct Situation {
    name: &'static str,
    /// `PHP;` stands for the lines of a PHP location.
    text: &'static str,
    /// Target, decision, and how the file's path ends.
    expected: &'static [(&'static str, &'static str, &'static str)],
}

const SITUATIONS: &[Situation] = &[
    Situation {
        name: "v4 with the install as root: what lies there is sent or run",
        text: "server { listen {P0}; root {W}; index index.php;
            location / { try_files $uri $uri/ /index.php?$args; }
            location ~ \\.php$ { PHP; } }",
        expected: &[
            ("/", "executed", "/index.php"),
            ("/agent/tickets", "executed", "/index.php"),
            ("/index.php/admin/", "executed", "/index.php"),
            ("/config.php", "executed", "/config.php"),
            ("/data/secret.txt", "static", "/data/secret.txt"),
            ("/.git/config", "static", "/.git/config"),
            ("/upload/shell.php", "executed", "/upload/shell.php"),
            ("/upload/a.jpg", "static", "/upload/a.jpg"),
            ("/upload.jpg/x.php", "denied", ""),
            ("/UPPER.PHP", "static", "/UPPER.PHP"),
            ("/x.php.jpg", "static", "/x.php.jpg"),
            ("/x%2ephp", "executed", "/x.php"),
            ("//x.php", "executed", "/x.php"),
            ("/x.php%00.jpg", "denied", ""),
        ],
    },
    Situation {
        name: "v5: one front controller, no other script",
        text: "server { listen {P0}; root {W}/other;
            location / { try_files $uri /index.php$is_args$args; }
            location ~ ^/x\\.php(/|$) { fastcgi_split_path_info ^(.+\\.php)(/.*)$; PHP; }
            location ~ \\.php$ { return 404; } }",
        expected: &[
            ("/", "not-found", ""),
            ("/x.php", "executed", "/other/x.php"),
            ("/x.php/admin", "executed", "/other/x.php"),
            ("/data/evil.php", "not-found", ""),
            ("/.hidden", "static", "/other/.hidden"),
            ("/../config.php", "denied", ""),
            ("/..%2fconfig.php", "denied", ""),
        ],
    },
    Situation {
        name: "the container: whatever ends in .php is the front controller",
        text: "server { listen {P0}; root {W};
            location / { try_files $uri @app; }
            location @app { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root/index.php; fastcgi_pass unix:{strict}; }
            location /sys/services/blobs/private { internal; alias {W}/data; }
            location ~ \\.php$ { include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $document_root/index.php; fastcgi_pass unix:{strict}; } }",
        expected: &[
            ("/upload/shell.php", "executed", "/www/index.php"),
            ("/app", "executed", "/www/index.php"),
            ("/sys/services/blobs/private/secret.txt", "not-found", ""),
            ("/x.txt", "static", "/x.txt"),
        ],
    },
    Situation {
        name: "a list of folders that are denied by patterns before PHP's",
        text: "server { listen {P0}; root {W}; index index.php;
            location ~ ^/(?:build|tests|config|lib|templates|data)(?:$|/) { return 404; }
            location ~ ^/(?:\\.|autotest|occ|issue|indie|db_|console) { return 404; }
            location ~ \\.php(?:$|/) { fastcgi_split_path_info ^(.+?\\.php)(/.*)$; try_files $fastcgi_script_name =404; PHP; }
            location / { try_files $uri $uri/ /index.php$request_uri; } }",
        expected: &[
            ("/data/evil.php", "not-found", ""),
            ("/data", "not-found", ""),
            ("/Data/evil.php", "executed", "/Data/evil.php"),
            ("/.git/config", "not-found", ""),
            ("/config.php", "executed", "/config.php"),
            ("/upload.jpg/x.php", "not-found", ""),
            ("/x.php/info", "executed", "/x.php"),
            ("/nothing", "executed", "/index.php"),
            ("/upload/../data/secret.txt", "not-found", ""),
            ("/upload/%2e%2e/data%2fsecret.txt", "not-found", ""),
        ],
    },
    Situation {
        name: "a pattern beats a prefix",
        text: "server { listen {P0}; root {W};
            location /data/ { deny all; }
            location ^~ /upload/ { deny all; }
            location ~ \\.php$ { PHP; } }",
        expected: &[
            ("/data/secret.txt", "denied", ""),
            ("/data/evil.php", "executed", "/data/evil.php"),
            ("/upload/shell.php", "denied", ""),
        ],
    },
    Situation {
        name: "only /admin is restricted, and the application has a second door",
        text: "server { listen {P0}; root {W}; index index.php;
            location /admin { allow 10.0.0.0/8; deny all; try_files $uri /index.php; }
            location / { try_files $uri /index.php; }
            location ~ \\.php(/|$) { fastcgi_split_path_info ^(.+\\.php)(/.*)$; PHP; } }",
        expected: &[
            ("/admin/", "denied", ""),
            ("/admin", "denied", ""),
            ("/Admin/", "executed", "/www/index.php"),
            ("/index.php/admin/", "executed", "/www/index.php"),
            ("/admin/index.php", "executed", "/admin/index.php"),
            ("//admin/", "denied", ""),
            ("/x/../admin/", "denied", ""),
        ],
    },
    Situation {
        name: "an alias without its last slash leads out of its folder",
        text: "server { listen {P0}; root {W}/empty;
            location /files { alias {W}/data/; } }",
        expected: &[
            ("/files../config.php", "static", "/config.php"),
            ("/files/secret.txt", "static", "/data//secret.txt"),
        ],
    },
    Situation {
        name: "error pages send what they name, with the status of the error",
        text: "server { listen {P0}; root {W}; error_page 403 =200 /x.txt; error_page 404 /index.php;
            location /secret/ { deny all; } location ~ \\.php$ { PHP; } }",
        expected: &[
            ("/secret/unreadable.txt", "static", "/x.txt"),
            ("/nothing", "executed", "/www/index.php"),
        ],
    },
];

#[test]
fn known_situations_end_as_expected() {
    let stage = Stage::new(21_000, SITUATIONS.len());
    let cases: Vec<Case> = SITUATIONS
        .iter()
        .map(|situation| Case {
            text: situation.text.replace("PHP;", PHP),
            requests: situation
                .expected
                .iter()
                .map(|(target, ..)| Sent {
                    target: (*target).to_owned(),
                    host: "help.test".to_owned(),
                    port: 0,
                    from: Ipv4Addr::new(127, 0, 0, 2),
                    to: Ipv4Addr::LOCALHOST,
                    headers: Vec::new(),
                })
                .collect(),
        })
        .collect();
    let outcomes = stage.judge(&cases);
    let asked: usize = cases.iter().map(|case| case.requests.len()).sum();
    assert_eq!(outcomes.len(), asked);
    let mut wrong = Vec::new();
    for outcome in outcomes {
        let situation = &SITUATIONS[outcome.case];
        let (target, decision, file) = situation.expected[outcome.request];
        if let Some(text) = outcome.difference {
            wrong.push(format!("{}: {target}: {text}", situation.name));
        }
        let found = outcome.answer.file.as_ref();
        let found = found
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        if outcome.answer.decision.word() != decision || !found.ends_with(file) {
            wrong.push(format!(
                "{}: {target}: expected {decision} {file}, found {:?}",
                situation.name, outcome.answer
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The reasons are what a sysadmin reads.
#[test]
fn the_reasons_name_the_lines_that_decided() {
    let stage = Stage::new(21_000, 1);
    let situation = &SITUATIONS[4];
    let case = Case {
        text: situation.text.replace("PHP;", PHP),
        requests: vec![Sent {
            target: "/data/evil.php".to_owned(),
            host: "help.test".to_owned(),
            port: 0,
            from: Ipv4Addr::new(127, 0, 0, 2),
            to: Ipv4Addr::LOCALHOST,
            headers: Vec::new(),
        }],
    };
    let outcomes = stage.judge(&[case]);
    let reasons: Vec<String> = outcomes[0]
        .answer
        .because
        .iter()
        .map(|because| {
            let line = because.at.as_ref().map_or(0, |at| at.line);
            let text = because.text.split(" (/").next().unwrap_or_default();
            format!("{line} {}", text.split("/tmp").next().unwrap_or_default())
        })
        .collect();
    let first = outcomes[0].answer.because[0].at.as_ref().unwrap().line;
    let expected = [
        format!("{first} the only server on port "),
        format!("{} location ~ \\.php$ beats location /data/", first + 3),
        format!("{} fastcgi_pass unix:", first + 3),
        format!("{} SCRIPT_FILENAME is ", first + 3),
        "0 PHP runs ".to_owned(),
    ];
    assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
    for (reason, expected) in reasons.iter().zip(&expected) {
        assert!(
            reason.starts_with(expected.as_str()),
            "{reason:?} is not {expected:?}"
        );
    }
}

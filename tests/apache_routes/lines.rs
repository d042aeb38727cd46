//! Lines of small nasty configurations. All of them are right where they are put in the
//! configuration; `.htaccess` gets some that are not.

use crate::random::Random;
use crate::rules::{condition, rules};

/// What the lines may mention.
pub(crate) struct Scene<'a> {
    /// The case's folder.
    pub(crate) case: &'a str,
    /// PHP-FPM's socket.
    pub(crate) socket: &'a str,
    /// A port of another server.
    pub(crate) backend: u16,
}

const ADDRESSES: &[&str] = &[
    "127.0.0.1",
    "127.0.0.2",
    "127.0.0.0/30",
    "127.0.0.3 127.0.0.1",
    "10.1.2.3",
    "127",
    "203.0.113.9",
    "::1",
    "127.0.0.0/255.255.255.254",
];
const REGEXES: &[&str] = &[
    "\\.php$",
    "\\.(php|phtml)$",
    "^\\.",
    "^a",
    "\\.txt",
    "(?i)\\.php",
    "^index\\.",
    "data",
    "x|y",
    "\\.ph(p|ar|tml)",
    "^[a-m]",
];
const NAMES: &[&str] = &[
    "*.txt",
    "a.php",
    "*.php*",
    "config.php",
    "index.*",
    ".ht*",
    "?.php",
    "b.[th]*",
    "*",
    "up.p*",
];
pub(crate) const URLS: &[&str] = &[
    "/",
    "/data",
    "/data/",
    "/admin",
    "/a.php",
    "/al",
    "/al/",
    "/data/sub",
    "/index.php",
    "/b.txt",
    "/linkdir",
    "/d.php",
    "/out",
];
const PATHS: &[&str] = &[
    "/www",
    "/www/data",
    "/www/data/",
    "/www/*",
    "/www/d*",
    "/www/*/sub",
    "/www/data/sub",
    "/out",
    "/www/a.php",
    "/www/admin",
    "",
    "/*/data",
    "/www/linkdir",
    "/out/in",
    "/www/empty",
];

fn requirement(r: &mut Random) -> String {
    match r.below(9) {
        0 | 1 => "Require all denied".to_owned(),
        2 | 3 => "Require all granted".to_owned(),
        4 | 5 => format!("Require ip {}", r.pick(ADDRESSES)),
        6 => "Require local".to_owned(),
        7 => "Require env SEEN".to_owned(),
        _ => "Require method GET POST".to_owned(),
    }
}

fn requirements(r: &mut Random) -> Vec<String> {
    match r.below(12) {
        0 => vec![
            "<RequireAll>".into(),
            "Require all granted".into(),
            format!("Require not ip {}", r.pick(ADDRESSES)),
            "</RequireAll>".into(),
        ],
        1 => vec![
            "<RequireAny>".into(),
            requirement(r),
            "<RequireAll>".into(),
            requirement(r),
            requirement(r),
            "</RequireAll>".into(),
            "</RequireAny>".into(),
        ],
        2 => vec![
            "<RequireAll>".into(),
            "Require all granted".into(),
            "<RequireNone>".into(),
            requirement(r),
            requirement(r),
            "</RequireNone>".into(),
            "</RequireAll>".into(),
        ],
        3 => vec![
            requirement(r),
            format!("AuthMerging {}", r.pick(&["Off", "And", "Or"])),
        ],
        4 => vec![
            "AuthType Basic".into(),
            "AuthName x".into(),
            r.pick(&["Require valid-user", "Require user a b"])
                .to_string(),
        ],
        5 => vec![
            "AuthType Basic".into(),
            "AuthName x".into(),
            "Require valid-user".into(),
            requirement(r),
            format!("Satisfy {}", r.pick(&["any", "all"])),
        ],
        6 => vec![
            format!("<LimitExcept {}>", r.pick(&["GET", "POST"])),
            requirement(r),
            "</LimitExcept>".into(),
        ],
        7 => vec![format!("Require expr \"{}\"", condition(r))],
        _ => vec![requirement(r)],
    }
}

fn order(r: &mut Random) -> Vec<String> {
    let mut lines = Vec::new();
    if r.chance(80) {
        lines.push(format!(
            "Order {}",
            r.pick(&["allow,deny", "deny,allow", "mutual-failure"])
        ));
    }
    for _ in 0..r.below(3) {
        let from = r
            .pick(&[
                "all",
                "127.0.0.1",
                "127.0.0.2",
                "127.0",
                "env=SEEN",
                "10.0.0.0/8",
            ])
            .to_string();
        lines.push(format!("{} from {from}", r.pick(&["Allow", "Deny"])));
    }
    if r.chance(20) {
        lines.push(format!("Satisfy {}", r.pick(&["any", "all"])));
    }
    if r.chance(15) {
        lines.insert(
            0,
            format!("<Limit {}>", r.pick(&["GET", "POST", "GET POST"])),
        );
        lines.retain(|line| !line.starts_with("Satisfy"));
        lines.push("</Limit>".into());
    }
    lines
}

fn handlers(r: &mut Random, scene: &Scene<'_>) -> String {
    let fpm = format!("proxy:unix:{}|fcgi://localhost", scene.socket);
    match r.below(14) {
        0 => "AddHandler application/x-httpd-php .php".to_owned(),
        1 => "AddHandler application/x-httpd-php .php .phtml .jpg".to_owned(),
        2 => "AddType application/x-httpd-php .php".to_owned(),
        3 => "AddType application/x-httpd-php .html .xyz".to_owned(),
        4 => "SetHandler application/x-httpd-php".to_owned(),
        5 => "SetHandler None".to_owned(),
        6 => format!("RemoveHandler {}", r.pick(&[".php", ".jpg", ".php .phtml"])),
        7 => format!("RemoveType {}", r.pick(&[".php", ".html"])),
        8 => format!(
            "ForceType {}",
            r.pick(&["text/plain", "application/x-httpd-php", "None"])
        ),
        9 => format!("SetHandler \"{fpm}\""),
        10 => format!(
            "SetHandler {}",
            r.pick(&[
                "server-status",
                "default-handler",
                "nobody-knows",
                "cgi-script"
            ])
        ),
        11 => format!("AddHandler \"{fpm}\" .php"),
        12 => "AddHandler default-handler .txt".to_owned(),
        _ => "AddType text/html .php .txt".to_owned(),
    }
}

/// Lines that any section may hold.
pub(crate) fn section_lines(
    r: &mut Random,
    scene: &Scene<'_>,
    how_many: usize,
    rewriting: bool,
) -> Vec<String> {
    let mut lines = Vec::new();
    for _ in 0..how_many {
        match r.below(26) {
            0..=4 => lines.extend(requirements(r)),
            5 | 6 => lines.extend(order(r)),
            7..=9 => lines.push(handlers(r, scene)),
            10 => lines.push(format!("php_flag engine {}", r.pick(&["off", "on", "0"]))),
            11 => lines.push(format!(
                "DirectoryIndex {}",
                r.pick(&[
                    "index.html index.php",
                    "disabled",
                    "b.txt",
                    "nothing.html /index.php",
                    "index.php",
                    "up.php index.php",
                    "sub/deep.txt"
                ])
            )),
            12 => lines.push(format!(
                "Options {}",
                r.pick(&[
                    "None",
                    "+Indexes",
                    "-Indexes",
                    "Indexes FollowSymLinks",
                    "-FollowSymLinks",
                    "SymLinksIfOwnerMatch",
                    "+SymLinksIfOwnerMatch -FollowSymLinks",
                    "All",
                    "+MultiViews",
                    "+ExecCGI"
                ])
            )),
            13 => lines.push(format!(
                "AcceptPathInfo {}",
                r.pick(&["On", "Off", "Default"])
            )),
            14 => lines.push(format!(
                "FallbackResource {}",
                r.pick(&["/index.php", "/b.txt", "disabled", "/missing.php"])
            )),
            15 => lines.push(format!(
                "ErrorDocument {} {}",
                r.pick(&["403", "404", "500", "401"]),
                r.pick(&[
                    "/b.txt",
                    "/a.php",
                    "\"sorry\"",
                    "http://elsewhere.test/e",
                    "/missing.html",
                    "/data/",
                    "/a.php?x=1",
                    "default"
                ])
            )),
            16 => lines.push(
                r.pick(&[
                    "DirectorySlash On",
                    "DirectorySlash Off",
                    "DirectorySlash Off",
                    "DirectoryCheckHandler On",
                    "DirectoryIndexRedirect on",
                    "DirectoryIndexRedirect 307",
                ])
                .to_string(),
            ),
            17 => lines.push(redirect(r)),
            18 => lines.push(set_env(r)),
            19 | 20 if rewriting => lines.extend(rules(r, true)),
            21 | 22 => {
                let inner = some_lines(r, scene, 2, false);
                let head = match r.below(3) {
                    0 => format!("Files \"{}\"", r.pick(NAMES)),
                    1 => format!("Files ~ \"{}\"", r.pick(REGEXES)),
                    _ => format!("FilesMatch \"{}\"", r.pick(REGEXES)),
                };
                if !inner
                    .iter()
                    .any(|line| line.starts_with("<Files") || line.starts_with("<If"))
                {
                    wrap(&mut lines, &head, inner);
                }
            }
            23 => {
                let inner = section_lines(r, scene, 1, false);
                if !inner.iter().any(|line| {
                    line.starts_with("<Files")
                        || line.starts_with("<If")
                        || line.starts_with("<Else")
                }) {
                    let head = format!("If \"{}\"", condition(r));
                    wrap(&mut lines, &head, inner);
                    if r.chance(40) {
                        wrap(&mut lines, "Else", vec![requirement(r)]);
                    }
                }
            }
            24 => lines.push(format!(
                "<IfModule {}>\n{}\n</IfModule>",
                r.pick(&[
                    "mod_rewrite.c",
                    "!mod_php.c",
                    "mod_nope.c",
                    "rewrite_module"
                ]),
                handlers(r, scene)
            )),
            _ => lines.push(format!(
                "Action {} {}",
                r.pick(&["text/plain", "mine"]),
                r.pick(&["/a.php", "/b.txt"])
            )),
        }
    }
    lines
}

/// A variable that access rules and conditions ask for.
pub(crate) fn set_env(r: &mut Random) -> String {
    let set = r.pick(&["SEEN=1", "SEEN=1", "SEEN", "!SEEN"]);
    let asks = r.pick(&[
        "SetEnvIf Remote_Addr ^127\\.0\\.0\\.1$",
        "SetEnvIf Request_URI \\.php$",
        "SetEnvIf Host test",
        "SetEnvIf X-Forwarded-For ^10\\.",
        "SetEnvIf SEEN ^$",
        "SetEnvIf Request_Protocol ^HTTP",
        "SetEnvIfNoCase Request_URI ^/DATA",
        "SetEnvIfExpr \"%{REQUEST_URI} =~ m#^/data#\"",
    ]);
    format!("{asks} {set}")
}

/// One line or some more.
fn some_lines(r: &mut Random, scene: &Scene<'_>, most: usize, rewriting: bool) -> Vec<String> {
    let how_many = 1 + r.below(most);
    section_lines(r, scene, how_many, rewriting)
}

fn wrap(lines: &mut Vec<String>, head: &str, inner: Vec<String>) {
    let name = head.split(' ').next().unwrap_or_default().to_owned();
    lines.push(format!("<{head}>"));
    lines.extend(inner);
    lines.push(format!("</{name}>"));
}

fn redirect(r: &mut Random) -> String {
    r.pick(&[
        "Redirect /old /b.txt",
        "Redirect permanent /data/old http://elsewhere.test/d",
        "RedirectMatch \"\\.bak$\" /b.txt",
        "Redirect 410 /admin/x.txt",
        "RedirectMatch 403 \"/\\.git\"",
        "RedirectMatch 404 \"^/data/.*\\.txt\"",
        "RedirectPermanent /old2 /a.php?x",
        "Redirect 403 /data/secret.txt",
    ])
    .to_string()
}

/// Lines of a virtual host, outside of sections.
pub(crate) fn host_lines(r: &mut Random, scene: &Scene<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    let case = scene.case;
    for _ in 0..2 + r.below(6) {
        match r.below(17) {
            0..=3 => {
                let head = format!("Directory \"{case}{}\"", r.pick(PATHS));
                let mut inner = some_lines(r, scene, 3, true);
                if r.chance(30) {
                    inner.push(override_line(r));
                }
                wrap(&mut lines, &head, inner);
            }
            4 => {
                let regex = r.pick(&[
                    "/data(/|$)",
                    "^.*/www/[a-d]",
                    "/sub",
                    "php$",
                    "/(?<part>admin)",
                ]);
                let head = if r.chance(50) {
                    format!("DirectoryMatch \"{regex}\"")
                } else {
                    format!("Directory ~ \"{regex}\"")
                };
                let inner = some_lines(r, scene, 2, true);
                wrap(&mut lines, &head, inner);
            }
            5..=7 => {
                let head = match r.below(3) {
                    0 => format!(
                        "LocationMatch \"{}\"",
                        r.pick(&[
                            "^/data",
                            "\\.php$",
                            "\\.php/",
                            "(?i)^/ADMIN",
                            "^/(a|b)",
                            "//"
                        ])
                    ),
                    1 => format!(
                        "Location \"{}\"",
                        r.pick(&["/*.php", "/data/*", "/d*", "*.txt"])
                    ),
                    _ => format!("Location \"{}\"", r.pick(URLS)),
                };
                let rewriting = r.chance(40);
                let mut inner = some_lines(r, scene, 2, rewriting);
                if r.chance(10) {
                    inner.push(
                        r.pick(&[
                            "Alias CASE/out",
                            "Alias CASE/www/b.txt",
                            "Redirect 410",
                            "Redirect permanent /b.txt",
                            "Redirect http://elsewhere.test/l",
                        ])
                        .replace("CASE", case),
                    );
                }
                // <Files> may not stand in <Location>.
                if !inner.iter().any(|line| line.starts_with("<Files")) {
                    wrap(&mut lines, &head, inner);
                }
            }
            8 | 9 => {
                lines.push(
                    r.pick(&[
                        "Alias /al CASE/out",
                        "Alias /al/ CASE/out/",
                        "Alias /data/al CASE/out/in",
                        "AliasMatch \"^/m/(.*)\" CASE/www/data/$1",
                        "Alias /one CASE/www/b.txt",
                        "ScriptAlias /cgi CASE/out",
                        "Alias /out CASE/out",
                        "AliasMatch \"^/n([a-z]+)\\.php\" CASE/www/$1.php",
                    ])
                    .replace("CASE", case),
                );
            }
            10 => lines.push(redirect(r)),
            11 | 12 => {
                if r.chance(20) {
                    lines.push("RewriteMap low int:tolower".to_owned());
                }
                lines.extend(rules(r, false));
            }
            13 => lines.push(format!(
                "AllowEncodedSlashes {}",
                r.pick(&["On", "Off", "NoDecode"])
            )),
            14 => lines.push(proxy_pass(r, scene)),
            15 => lines.push(
                r.pick(&[
                    "MergeSlashes Off",
                    "MergeSlashes On",
                    "AccessFileName .htaccess .hidden",
                    "UseCanonicalName On",
                ])
                .to_string(),
            ),
            _ => lines.extend(section_lines_outside(r, scene)),
        }
    }
    lines
}

/// Lines that stand outside of sections but are not about access.
fn section_lines_outside(r: &mut Random, scene: &Scene<'_>) -> Vec<String> {
    match r.below(7) {
        0 => vec![handlers(r, scene).replace("SetHandler None", "AddHandler x .y")],
        1 => vec!["DirectoryIndex index.html index.php".into()],
        2 => vec![format!(
            "ErrorDocument 404 {}",
            r.pick(&["/b.txt", "/a.php", "/missing"])
        )],
        3 => vec![set_env(r)],
        4 => vec!["Options +Indexes".into()],
        5 => vec![
            format!("<FilesMatch \"{}\">", r.pick(REGEXES)),
            requirement(r),
            "</FilesMatch>".into(),
        ],
        _ => vec!["php_admin_flag engine off".into()],
    }
}

fn proxy_pass(r: &mut Random, scene: &Scene<'_>) -> String {
    let case = scene.case;
    let socket = scene.socket;
    let backend = scene.backend;
    match r.below(7) {
        0 => format!(
            "ProxyPassMatch \"^/(.*\\.php)$\" \"unix:{socket}|fcgi://localhost{case}/www/$1\""
        ),
        1 => format!(
            "ProxyPassMatch \"^/(.*\\.php(/.*)?)$\" \"unix:{socket}|fcgi://localhost{case}/www/$1\""
        ),
        2 => format!("ProxyPass /data http://127.0.0.1:{backend}/"),
        3 => "ProxyPass /data/sub !".to_owned(),
        4 => format!("ProxyPass /far http://127.0.0.1:{backend}/x"),
        5 => format!(
            "<FilesMatch \"\\.php$\">\nSetHandler \"proxy:unix:{socket}|fcgi://localhost\"\n</FilesMatch>"
        ),
        _ => format!(
            "<Location /near>\nProxyPass http://127.0.0.1:{backend}/\nRequire ip 127.0.0.1\n</Location>"
        ),
    }
}

/// An `AllowOverride` line.
pub(crate) fn override_line(r: &mut Random) -> String {
    match r.below(8) {
        0..=2 => "AllowOverride All".to_owned(),
        3 => "AllowOverride None".to_owned(),
        4 => format!("AllowOverride {}", r.pick(&["Limit", "AuthConfig", "FileInfo", "Indexes", "Options", "FileInfo AuthConfig Limit", "Limit Indexes"])),
        5 => format!("AllowOverride Options={} FileInfo", r.pick(&["Indexes", "FollowSymLinks,Indexes", "None"])),
        6 => "AllowOverride None\nAllowOverrideList Redirect Require RewriteEngine RewriteRule RewriteCond".to_owned(),
        _ => format!("AllowOverride {} Nonfatal={}", r.pick(&["FileInfo", "Limit"]), r.pick(&["Override", "Unknown", "All"])),
    }
}

/// The text of a `.htaccess`.
pub(crate) fn htaccess(r: &mut Random, scene: &Scene<'_>) -> String {
    let many = 1 + r.below(3);
    let mut lines = section_lines(r, scene, many, true);
    if r.chance(6) {
        lines.push(
            r.pick(&[
                "NoSuchThing on",
                "<Directory /x>\n</Directory>",
                "Alias /x /y",
                "Require nonsense x",
                "<Files",
                "Options Foo",
                "RewriteRule ( x",
                "AllowOverride All",
                "php_admin_flag engine on",
                "Require not ip 10.1.2.3",
            ])
            .to_string(),
        );
    }
    if r.chance(15) {
        lines.push("Order deny,allow\nDeny from all".into());
    }
    lines.join("\n") + "\n"
}

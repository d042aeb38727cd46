//! Servers, locations and what stands in them, by chance.

use crate::generate::{Block, Random, block, simple};

pub(crate) fn map(random: &mut Random) -> Block {
    let source = random.pick(&[
        "$uri",
        "$http_user_agent",
        "$host",
        "$arg_a",
        "$remote_addr",
        "$uri$is_args$args",
    ]);
    let mut inside = vec![simple(random.pick(&[
        "default 0",
        "default /x.txt",
        "default \"\"",
    ]))];
    for line in [
        "~^/data 1",
        "~*\\.php$ /x.php",
        "~^/(?<named{N}>[^/]+)/ $named{N}",
        "127.0.0.2 1",
        "evil 1",
        "/x.txt /dir/x.php",
        "b{N}.test 1",
    ] {
        if random.chance(40) {
            inside.push(simple(line));
        }
    }
    if random.chance(15) {
        inside.push(simple("volatile"));
    }
    block(format!("map {source} $map{{N}}"), inside)
}

pub(crate) fn server(random: &mut Random) -> Block {
    let mut inside = Vec::new();
    inside.push(simple(random.pick(&[
        "listen {P0}",
        "listen {P0}",
        "listen {P0} default_server",
        "listen 127.0.0.1:{P0}",
        "listen 127.0.0.9:{P0}",
        "listen {P1}",
        "listen *:{P0}",
    ])));
    if random.chance(70) {
        inside.push(simple(random.pick(&[
            "server_name a{N}.test",
            "server_name b{N}.test www.b{N}.test",
            "server_name *.a{N}.test",
            "server_name .b{N}.test",
            "server_name mail{N}.*",
            "server_name ~^(?<sub{N}>.+)\\.c{N}\\.test$",
            "server_name ~^[A-Z]+{N}\\.test$",
            "server_name _",
            "server_name \"\"",
        ])));
    }
    inside.push(simple(random.pick(&[
        "root {W}",
        "root {W}",
        "root {W}/",
        "root {W}/other",
        "root {W}/data",
    ])));
    for _ in 0..random.below(3) {
        inside.push(level(random, "server"));
    }
    if random.chance(30) {
        inside.push(rewriting(random, false));
    }
    if random.chance(15) {
        inside.push(simple(random.pick(&[
            "merge_slashes off",
            "underscores_in_headers on",
            "ignore_invalid_headers off",
        ])));
    }
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..1 + random.below(5) {
        let name = location_name(random, "");
        if names.insert(name.clone()) {
            let location = location(random, &name, 0);
            inside.push(location);
        }
    }
    for name in ["@fall", "@php"] {
        if random.chance(50) {
            inside.push(location(random, name, 5));
        }
    }
    block("server", inside)
}

fn location_name(random: &mut Random, outer: &str) -> String {
    if !outer.is_empty() && random.chance(60) {
        let below = random.pick(&["", "x", "sub/", "secret.txt", "/", "evil.php", "index.php"]);
        return format!("{outer}{below}");
    }
    random
        .pick(&[
            "/",
            "/",
            "/admin",
            "/admin/",
            "/data",
            "/data/",
            "/dir",
            "/dir/",
            "/upload/",
            "/index.php",
            "/index.php/",
            "/other/",
            "/secret/",
            "/x",
            "/a",
            "/D",
            "^~ /data/",
            "^~ /upload",
            "^~ /admin",
            "^~ /",
            "= /",
            "= /index.php",
            "= /data/",
            "= /admin",
            "= /x.txt",
            "=/dir",
            "~ \\.php$",
            "~ \\.php$",
            "~ \\.php(/|$)",
            "~* \\.php$",
            "~ ^/data/",
            "~ /\\.",
            "~* \\.(txt|jpg)$",
            "~ ^/(.+)\\.html$",
            "~ ^/(admin|data)(/.*)?$",
            "~ [^/]\\.php(/|$)",
            "~ ^/(?<what{N}>[a-z]+)/",
            "~ ^(.+\\.php)(/.+)$",
            "~* ^/UP",
            "~ ^/(?!data)",
            "/closed/",
            "~ \\s",
            "~ ^/.*$",
            "/circle",
        ])
        .to_owned()
}

fn location(random: &mut Random, name: &str, depth: usize) -> Block {
    let is_regex = name.starts_with('~');
    let is_named = name.starts_with('@');
    let mut inside = Vec::new();
    for _ in 0..random.below(3) {
        inside.push(level(random, "location"));
    }
    let choice = if name.contains("php") && random.chance(65) {
        0
    } else {
        random.below(12)
    };
    match choice {
        0..=2 => inside.extend(php(random)),
        4 => inside.push(simple(random.pick(&[
            "proxy_pass http://127.0.0.1:{BACK}",
            "proxy_pass http://127.0.0.1:{BACK}$request_uri",
        ]))),
        5 if !is_named => inside.push(alias(random, is_regex)),
        6..=7 => inside.push(try_files(random)),
        8 => inside.push(rewriting(random, true)),
        9 => inside.push(simple(random.pick(&[
            "empty_gif",
            "internal",
            "stub_status",
            "autoindex on",
        ]))),
        _ => {}
    }
    if random.chance(25) {
        inside.push(rewriting(random, true));
    }
    if random.chance(6) {
        inside.push(block(
            random.pick(&[
                "limit_except GET",
                "limit_except POST",
                "limit_except PUT DELETE",
            ]),
            vec![simple(random.pick(&[
                "deny all",
                "allow 127.0.0.2",
                "deny 127.0.0.2",
            ]))],
        ));
    }
    if !is_named && depth < 2 && random.chance(25) {
        let path = name.trim_start_matches("^~ ");
        let prefix = if name.starts_with(['~', '=']) {
            ""
        } else {
            path
        };
        if !name.starts_with('=') {
            let mut inner = if is_regex {
                random
                    .pick(&["~ \\.php$", "~* evil", "~ ^/data/sub", "~ \\.txt$"])
                    .to_owned()
            } else {
                location_name(random, prefix)
            };
            if !inner.starts_with('~') && !inner.contains(prefix) {
                inner = "~ \\.php$".to_owned();
            }
            inside.push(location(random, &inner, depth + 1));
        }
    }
    block(format!("location {name}"), inside)
}

/// Directives of a server or location.
fn level(random: &mut Random, place: &str) -> Block {
    if place == "location" && random.chance(8) {
        return simple("internal");
    }
    if random.chance(50) {
        return simple(random.pick(&[
            "index index.php",
            "index index.html index.htm",
            "index none.html",
            "autoindex on",
            "autoindex on",
            "autoindex on",
            "allow 127.0.0.1",
            "deny 127.0.0.3",
            "error_page 404 /x.txt",
            "root {W}",
            "root {W}/other",
            "try_files $uri $uri/ =404",
            "add_header X-A b always",
        ]));
    }
    simple(random.pick(&[
        "index index.php",
        "index index.html index.htm",
        "index none.html /x.php",
        "index $arg_i index.php",
        "index none.html",
        "autoindex on",
        "autoindex on",
        "allow 127.0.0.1",
        "allow 127.0.0.2",
        "deny all",
        "deny 127.0.0.3",
        "deny 127.0.0.0/30",
        "allow 127.0.0.0/8",
        "allow unix:",
        "deny ::1",
        "satisfy any",
        "auth_basic closed",
        "auth_basic_user_file {W}/x.txt",
        "auth_basic off",
        "error_page 404 /x.txt",
        "error_page 404 /err.php",
        "error_page 404 = /err.php?e=1",
        "error_page 404 =200 /index.html",
        "error_page 403 404 @fall",
        "error_page 403 =404 /none",
        "error_page 403 /data/secret.txt",
        "error_page 401 403 404 =204 /x.txt",
        "error_page 404 https://elsewhere.test/$uri",
        "error_page 404 =301 https://elsewhere.test/",
        "error_page 301 302 /x.txt",
        "error_page 500 502 /50x.html",
        "error_page 404 /$arg_e",
        "error_page 400 /x.txt",
        "error_page 404 =410 @php",
        "recursive_error_pages on",
        "root {W}/other",
        "root {W}",
        "root {W}/$arg_r",
        "root {W}/closed",
        "root {W}/none",
        "root {W}$fastcgi_path_info",
        "disable_symlinks on",
        "disable_symlinks if_not_owner",
        "set_real_ip_from 127.0.0.1",
        "set_real_ip_from 127.0.0.0/8",
        "real_ip_header X-Forwarded-For",
        "real_ip_header X-Real-IP",
        "real_ip_header X_Client",
        "real_ip_recursive on",
        "absolute_redirect off",
        "port_in_redirect off",
        "server_name_in_redirect on",
        "fastcgi_intercept_errors on",
        "fastcgi_index index.php",
        "add_header X-A b always",
        "try_files $uri =404",
        "try_files $uri $uri/ /index.php?$args",
        "gzip_static on",
        "default_type text/plain",
        "expires 1h",
    ]))
}

fn php(random: &mut Random) -> Vec<Block> {
    let mut inside = Vec::new();
    if random.chance(40) {
        inside.push(simple(random.pick(&[
            "fastcgi_split_path_info ^(.+\\.php)(/.+)$",
            "fastcgi_split_path_info ^(.+?\\.php)(/.*)$",
            "fastcgi_split_path_info ^(.+\\.php)(.*)$",
        ])));
    }
    if random.chance(30) {
        inside.push(try_files(random));
    }
    if random.chance(90) {
        inside.push(simple("include /etc/nginx/fastcgi_params"));
    }
    if random.chance(30) {
        inside.push(simple("fastcgi_index index.php"));
    }
    if random.chance(92) {
        inside.push(simple(format!(
            "fastcgi_param SCRIPT_FILENAME {}",
            random.pick(&[
                "$document_root$fastcgi_script_name",
                "$document_root$fastcgi_script_name",
                "$document_root$fastcgi_script_name",
                "$realpath_root$fastcgi_script_name",
                "$request_filename",
                "{W}$fastcgi_script_name",
                "{W}/index.php",
                "$document_root/$arg_s",
                "$document_root$uri",
                "{W}/upload.jpg/x.php",
                "{W}/$1.php",
            ])
        )));
    }
    if random.chance(20) {
        inside.push(simple("fastcgi_param PATH_INFO $fastcgi_path_info"));
    }
    inside.push(simple(format!(
        "fastcgi_pass unix:{{{}}}",
        random.pick(&["strict", "strict", "strict", "open", "plain"])
    )));
    inside
}

fn alias(random: &mut Random, is_regex: bool) -> Block {
    simple(if is_regex {
        random.pick(&[
            "alias {W}/other/$1",
            "alias {W}/data/",
            "alias {W}/$1$2",
            "alias {W}/data/evil.php",
            "alias {W}/x.txt",
            "alias {W}/$1",
        ])
    } else {
        random.pick(&[
            "alias {W}/other/",
            "alias {W}/data",
            "alias {W}/data/",
            "alias {W}/",
            "alias {W}/x.txt",
            "alias {W}/$arg_r/",
            "alias {W}/none/",
        ])
    })
}

fn try_files(random: &mut Random) -> Block {
    simple(random.pick(&[
        "try_files $uri =404",
        "try_files $uri $uri/ =404",
        "try_files $uri $uri/ /index.php?$args",
        "try_files $uri $uri/ /index.php$is_args$args",
        "try_files $uri @fall",
        "try_files $uri $uri/ @php",
        "try_files $uri/index.php $uri =403",
        "try_files /none /x.txt",
        "try_files /x.txt /index.php",
        "try_files $uri /index.php$uri",
        "try_files $uri.html $uri/ /50x.html",
        "try_files $arg_t $uri =444",
        "try_files $fastcgi_script_name =404",
        "try_files $uri/ =410",
        "try_files $uri /data/",
        "try_files /data/ /none",
        "try_files $uri$arg_t @none",
        "try_files $uri =200",
        "try_files \"\" =404",
    ]))
}

/// Directives of the rewrite module.
fn rewriting(random: &mut Random, in_location: bool) -> Block {
    if random.chance(35) {
        return condition(random, in_location);
    }
    simple(rewrite_line(random))
}

fn rewrite_line(random: &mut Random) -> &'static str {
    random.pick(&[
        "rewrite ^/old/(.*)$ /$1 last",
        "rewrite ^/(.*)$ /data/$1 break",
        "rewrite ^/data/(.*) /$1",
        "rewrite ^/x /y?a=1 last",
        "rewrite ^/(.*)\\.html$ /$1.php?from=$1 last",
        "rewrite ^ /index.php last",
        "rewrite ^ /index.php?$args? last",
        "rewrite ^/admin/?(.*)$ /other/$1 break",
        "rewrite ^/(a.*)$ /index.php?q=$1&x=$arg_a last",
        "rewrite ^/dir$ /dir/ permanent",
        "rewrite ^/dir/(.*) /elsewhere/$1? redirect",
        "rewrite ^/up https://elsewhere.test$request_uri",
        "rewrite (.*) $scheme://$host$1 permanent",
        "rewrite ^/(.)(.*) /$1$2/ last",
        "rewrite ^/(.*)/$ /$1 last",
        "rewrite /none$ $uri last",
        "rewrite ^/(.*)x(.*)$ $1$2 last",
        "return 403",
        "return 404",
        "return 200 \"FIXED $uri\"",
        "return 200",
        "return 204",
        "return 301 /x.txt",
        "return 301 $scheme://$host$request_uri",
        "return 302 /$1",
        "return https://elsewhere.test/$uri",
        "return 404 nothing",
        "return 403 /x.txt",
        "return 444",
        "return 410",
        "return 307 \"\"",
        "return 500",
        "break",
        "set $v{N} $1",
        "set $v{N} /data/$uri",
        "set $args a=b",
    ])
}

fn condition(random: &mut Random, in_location: bool) -> Block {
    let test = random.pick(&[
        "(-f $request_filename)",
        "(!-f $request_filename)",
        "(-d $request_filename)",
        "(!-e $request_filename)",
        "(-e $document_root/$arg_t)",
        "($request_uri ~ \"^/data\")",
        "($uri ~* \\.php$)",
        "($uri !~ ^/(.+)$)",
        "($args ~ (^|&)a=([^&]*))",
        "($arg_a = 1)",
        "($arg_a != \"\")",
        "($arg_a)",
        "($http_x_forwarded_for)",
        "($http_user_agent ~* (evil|bad))",
        "($remote_addr = 127.0.0.2)",
        "($remote_addr ~ ^127\\.0\\.0\\.[12]$)",
        "($host = b{N}.test)",
        "($request_method = POST)",
        "($scheme = http)",
        "($http_host ~ ^(.*):)",
        "($v{N})",
        "($v{N} = $1)",
        "($cookie_a = 1)",
        "($http_x_a ~ b)",
        "( $query_string = \"\" )",
        "($request_filename ~ \\.php)",
        "($document_uri = /x.txt)",
        "($is_args)",
    ]);
    let mut inside = Vec::new();
    for _ in 0..1 + random.below(2) {
        if in_location && random.chance(35) {
            inside.push(simple(random.pick(&[
                "root {W}/other",
                "error_page 404 /x.txt",
                "proxy_pass http://127.0.0.1:{BACK}",
                "fastcgi_pass unix:{strict}",
                "add_header X-B c",
                "limit_rate 10m",
            ])));
        } else {
            inside.push(simple(rewrite_line(random)));
        }
    }
    block(format!("if {test}"), inside)
}

//! Lines of mod_rewrite, by chance.

use crate::random::Random;

/// A condition of `<If>` or `Require expr`.
pub(crate) fn condition(r: &mut Random) -> String {
    r.pick(&[
        "%{REQUEST_URI} =~ m#^/data#",
        "%{REMOTE_ADDR} == '127.0.0.2'",
        "-R '127.0.0.0/31'",
        "%{QUERY_STRING} == 'x=1' || %{REQUEST_URI} =~ /php/",
        "! ( %{HTTP_HOST} =~ /test/ )",
        "-n req('X-Forwarded-For')",
        "%{REQUEST_METHOD} in { 'GET', 'POST' }",
        "%{REQUEST_FILENAME} -strmatch '*.txt'",
        "%{REMOTE_ADDR} -ipmatch '127.0.0.1/32'",
        "-f %{REQUEST_FILENAME}",
        "-d '/usr' && -e %{DOCUMENT_ROOT}",
        "%{PATH_INFO} =~ /x/",
        "%{HANDLER} =~ /php/",
        "reqenv('SEEN') == '1'",
        "%{SERVER_NAME} == 'one.test' || false",
        "%{REQUEST_STATUS} -eq 404",
        "%{CONTEXT_PREFIX} == '/al'",
        "req('Host') -strcmatch 'ONE*'",
        "%{REQUEST_URI} in { '/a.php', '/b.txt' } || %{QUERY_STRING} -ne 1",
        "true",
        "tolower(%{REQUEST_URI}) == '/a.php' && -z %{QUERY_STRING}",
    ])
    .to_string()
}

pub(crate) fn rules(r: &mut Random, directory: bool) -> Vec<String> {
    let slash = if directory { "" } else { "/" };
    let mut lines = vec!["RewriteEngine On".to_owned()];
    if r.chance(6) {
        lines[0] = "RewriteEngine Off".into();
    }
    if directory && r.chance(25) {
        lines.push(format!(
            "RewriteBase {}",
            r.pick(&["/", "/data", "/al/", "/admin/"])
        ));
    }
    if r.chance(8) {
        lines.push(format!(
            "RewriteOptions {}",
            r.pick(&[
                "Inherit",
                "InheritBefore",
                "AllowNoSlash",
                "InheritDown",
                "InheritDownBefore",
                "InheritDown IgnoreInherit",
                "MergeBase",
                "MergeBase InheritDownBefore",
                "IgnoreContextInfo",
            ])
        ));
    }
    for _ in 0..1 + r.below(3) {
        for _ in 0..r.below(3) {
            let test = r.pick(&[
                "%{REQUEST_FILENAME} !-f",
                "%{REQUEST_FILENAME} !-d",
                "%{REQUEST_FILENAME} -f",
                "%{REMOTE_ADDR} ^127\\.0\\.0\\.[12]$",
                "%{REQUEST_URI} ^/data",
                "%{REQUEST_URI} =/a.php",
                "%{QUERY_STRING} ^(.*)$",
                "%{HTTP_HOST} ^([a-z]+)\\. [NC]",
                "%{HTTP:X-Forwarded-For} ^10\\.",
                "$1 !^$",
                "%{ENV:REDIRECT_STATUS} ^$",
                "%{DOCUMENT_ROOT}/$1 -d",
                "%{THE_REQUEST} \\.php",
                "%{IS_SUBREQ} false",
                "%{REQUEST_FILENAME}.php -f",
                "%{DOCUMENT_ROOT}%{REQUEST_URI} -f",
                "%{REQUEST_FILENAME} -l",
                "%{REQUEST_FILENAME} !-l",
                "%{REQUEST_METHOD} !=POST",
                "%{PATH_INFO} .",
                "%{SERVER_PORT} ^80$",
                "%{SERVER_NAME} ^(one|two)",
                "%{HTTP_HOST} =one.test",
                "%{HTTP_HOST} <o",
                "%{REQUEST_SCHEME} =http",
                "%{HTTPS} !on",
                "%{ENV:SEEN} =1",
                "%{CONTEXT_PREFIX} ^/al",
                "%{CONTEXT_DOCUMENT_ROOT} /out$",
                "%{QUERY_STRING} >a",
                "%{SERVER_ADDR} ^127\\.1",
                "${low:%{HTTP_HOST}} ^ONE",
                "%{HTTP_USER_AGENT} ^$",
                "expr \"%{REMOTE_ADDR} == '127.0.0.1'\"",
                "expr \"-f %{REQUEST_FILENAME}\"",
                "expr \"%{HTTP_HOST} -in { 'one.test', 'two.test' }\"",
                "expr \"%{REQUEST_URI} =~ m#^/(al|data)/#\"",
            ]);
            let or = if !test.ends_with(']') && r.chance(25) {
                " [OR]"
            } else {
                ""
            };
            lines.push(format!("RewriteCond {test}{or}"));
        }
        if lines.last().is_some_and(|line| line.ends_with("[OR]")) {
            let last = lines.last_mut().unwrap();
            *last = last.replace(" [OR]", "");
        }
        let pattern = r
            .pick(&[
                "^{}(.*)$",
                "^{}a",
                "\\.php$",
                "^{}data/(.*)",
                "^{}admin(/.*)?$",
                "^{}([a-z]+)/([a-z]+)",
                "!^{}b",
                "^{}(.+)\\.txt$",
                "^",
                "^{}$",
                "^{}old/(.*)$",
                "^{}([a-z]+)\\.php/(.*)$",
            ])
            .replace("{}", slash);
        let output = r
            .pick(&[
                "-",
                "{}index.php",
                "/index.php",
                "{}b.txt",
                "{}$1",
                "{}data/$1",
                "index.php?p=$1",
                "{}a.php/$1",
                "http://elsewhere.test/$1",
                "/al/$1",
                "{}$1.php",
                "{}b.txt?q=%1",
                "-",
                "{}admin/index.php",
                "{}x.phtml",
                "{}${low:$1|b.txt}",
                "/${low:$1}.txt",
                "/data/secret.txt",
            ])
            .replace("{}", slash);
        let output = if output.starts_with("index.php?") {
            format!("{slash}{output}")
        } else {
            output
        };
        let mut flags: Vec<&str> = Vec::new();
        for _ in 0..r.below(3) {
            let flag = r.pick(&[
                "L",
                "END",
                "R",
                "R=301",
                "F",
                "G",
                "QSA",
                "QSD",
                "NC",
                "PT",
                "NE",
                "C",
                "S=1",
                "E=SEEN:1",
                "NS",
                "R=404",
                "H=application/x-httpd-php",
                "T=text/plain",
                "DPI",
                "B",
                "L",
                "L",
                "E=!SEEN",
            ]);
            if !flags.contains(flag) {
                flags.push(flag);
            }
        }
        let flags = if flags.is_empty() {
            String::new()
        } else {
            format!(" [{}]", flags.join(","))
        };
        lines.push(format!("RewriteRule {pattern} {output}{flags}"));
    }
    lines
}

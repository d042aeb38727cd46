//! Places of lines, by configurations of a few lines: what the running servers are asked about is in
//! `tests/live`.

use super::super::lines::Lines;
use super::lack::{Lack, What};
use super::{Edit, apache, nginx};
use crate::host::Host;
use crate::route::apache::{Start, Variables};
use crate::route::{NoSources, Place, nginx as nginx_s};
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn lack(about: &'static str, what: What) -> Lack {
    Lack {
        about,
        what,
        subjects: Vec::new(),
        is_wrong: false,
        elsewhere: None,
    }
}

fn sniff() -> Lack {
    lack("X-Content-Type-Options", What::Header("nosniff"))
}

fn hsts() -> Lack {
    lack("Strict-Transport-Security", What::Hsts)
}

/// A folder with the configuration in it.
fn folder(text: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("conf"), text).unwrap();
    folder
}

fn at(line: u32) -> Place {
    Place {
        file: Arc::from(Path::new("/conf")),
        line,
    }
}

/// `line: lines` of every edit, `line! …` for one that replaces; or why there is none.
fn shown(edits: Result<Vec<Edit>, String>) -> Vec<String> {
    match edits {
        Ok(edits) => edits
            .into_iter()
            .map(|edit| {
                let mark = if edit.replaces { "!" } else { ":" };
                format!("{}{mark} {}", edit.at.line, edit.lines)
            })
            .collect(),
        Err(reason) => vec![reason],
    }
}

fn nginx_edits(
    text: &str,
    server: u32,
    lack: &Lack,
    version: Option<(u32, u32, u32)>,
) -> Vec<String> {
    let folder = folder(text);
    let host = Host::at(folder.path().to_owned());
    let tree = nginx_s::parse(Path::new("/conf"), text.as_bytes(), &NoSources);
    assert_eq!(tree.problems, []);
    let mut lines = Lines::new(&host);
    let edits = nginx::Site::new(&mut lines, &tree.directives, &at(server), lack);
    let cookies = ["dpsid".to_owned()];
    shown(edits.and_then(|mut site| {
        site.mend(&cookies, version)?;
        Ok(site.edits)
    }))
}

fn apache_edits(text: &str, section: Option<u32>, lack: &Lack) -> Vec<String> {
    let folder = folder(text);
    let host = Host::at(folder.path().to_owned());
    std::fs::create_dir(folder.path().join("modules")).unwrap();
    std::fs::write(folder.path().join("modules/mod_headers.so"), "").unwrap();
    let start = Start {
        server_root: PathBuf::from("/"),
        variables: Variables::default(),
    };
    let config =
        crate::route::apache::parse(Path::new("/conf"), text.as_bytes(), start, &NoSources);
    let mut lines = Lines::new(&host);
    let here = section.map(at);
    let site = apache::Site::new(
        &host,
        &mut lines,
        &config,
        Path::new("/conf"),
        here.as_ref(),
        lack,
    );
    shown(site.and_then(|mut site| {
        site.mend(&["dpsid".to_owned()])?;
        Ok(site.edits)
    }))
}

const SNIFF: &str = "add_header X-Content-Type-Options \"nosniff\" always;";

#[test]
fn nginx_s_levels_that_forget() {
    // The server block has none, `http` has: those are said again. Locations and `if` in them count when
    // they have one of their own.
    let text = "http {\nadd_header A \"1;2\";\nserver {\nlisten 80;\nlocation /a {\nroot /x;\n}\nlocation /b {\nadd_header B 1;\nif ($x) {\nadd_header C 1;\n}\n}\n}\n}\n";
    assert_eq!(
        nginx_edits(text, 3, &sniff(), None),
        [
            format!("3: add_header \"A\" \"1;2\";\n{SNIFF}"),
            format!("8: {SNIFF}"),
            format!("10: {SNIFF}"),
        ]
    );
    // What says it well is left alone; what says it badly is replaced where it stands.
    let text = "http {\nserver {\nlisten 80;\nadd_header x-content-type-options nosniff;\nlocation /b {\nadd_header 'X-Content-Type-Options' none;  # why\n}\n}\n}\n";
    assert_eq!(
        nginx_edits(text, 2, &sniff(), None),
        [format!("6! {SNIFF}  # why")]
    );
}

#[test]
fn what_nginx_is_not_told() {
    let both = "http {\nserver {\nlisten 80;\nlocation /a { add_header A 1; } location /b { add_header B 1; }\n}\n}\n";
    let inherits = "http {\nadd_header_inherit merge;\nserver {\nlisten 80;\n}\n}\n";
    let well = "http {\nserver {\nlisten 443 ssl;\nadd_header Strict-Transport-Security max-age=99999999;\n}\n}\n";
    for (text, server, lack, reason) in [
        (both, 2, sniff(), "several blocks open there"),
        (inherits, 3, sniff(), "changes which blocks inherit"),
        (well, 2, hsts(), "says it already"),
        (well, 7, hsts(), "no server block opens"),
    ] {
        let found = nginx_edits(text, server, &lack, None);
        assert!(found.len() == 1 && found[0].contains(reason), "{found:?}");
    }
    let text = "http {\nserver {\nlisten 80;\n}\n}\n";
    let product = Lack {
        elsewhere: Some("https://h/agent/".to_owned()),
        ..sniff()
    };
    assert!(
        nginx_edits(text, 2, &product, None)[0]
            .contains("the product sends it on https://h/agent/")
    );
    let wrong = Lack {
        is_wrong: true,
        ..sniff()
    };
    assert!(nginx_edits(text, 2, &wrong, None)[0].contains("there it must be mended"));
}

#[test]
fn plain_http_is_not_told_to_use_https() {
    // The same file is in the block for 80: here the parser has put it there twice.
    let text = "http {\nserver {\nlisten 443 ssl;\nlocation /a {\nadd_header A 1;\n}\n}\n}\n";
    assert_eq!(nginx_edits(text, 2, &hsts(), None).len(), 2);
    let mut tree = nginx_s::parse(Path::new("/conf"), text.as_bytes(), &NoSources);
    let http = tree.directives[0].children.as_mut().unwrap();
    let mut plain = http[0].clone();
    plain.at.line = 99;
    plain.children.as_mut().unwrap().remove(0);
    http.push(plain);
    let folder = folder(text);
    let host = Host::at(folder.path().to_owned());
    let mut lines = Lines::new(&host);
    let lack = hsts();
    let mut site = nginx::Site::new(&mut lines, &tree.directives, &at(2), &lack).unwrap();
    let refused = site.mend(&[], None).unwrap_err();
    assert!(
        refused.contains("plain HTTP is spoken as well"),
        "{refused}"
    );
}

#[test]
fn nginx_marks_cookies_of_what_it_passes_on() {
    let marks = || {
        lack(
            "Set-Cookie",
            What::Cookies(vec!["HttpOnly", "SameSite=Lax"]),
        )
    };
    let text =
        |pass: &str| format!("http {{\nserver {{\nlisten 80;\nlocation / {{\n{pass}\n}}\n}}\n}}\n");
    let proxied = text("proxy_pass http://[::1]:81;");
    assert_eq!(
        nginx_edits(&proxied, 2, &marks(), Some((1, 19, 3))),
        ["2: proxy_cookie_flags dpsid httponly samesite=lax;"]
    );
    for (text, version) in [
        (proxied.clone(), Some((1, 18, 0))),
        (proxied, None),
        (text("fastcgi_pass unix:/x;"), Some((1, 22, 1))),
        (
            text("proxy_pass http://[::1]:81; proxy_cookie_flags a secure;"),
            Some((1, 22, 1)),
        ),
    ] {
        let found = nginx_edits(&text, 2, &marks(), version);
        assert!(!found[0].starts_with("2:"), "{found:?}");
    }
}

#[test]
fn apache_s_header_lines() {
    const LOADED: &str = "LoadModule headers_module modules/mod_headers.so\n";
    let host = "<VirtualHost *:443>\nServerName h\n</VirtualHost>\n";
    let set = "Header always set X-Content-Type-Options \"nosniff\"";
    assert_eq!(
        apache_edits(&format!("{LOADED}{host}"), Some(2), &sniff()),
        [format!("2: {set}")]
    );
    // Without mod_headers no such line is taken: it is loaded, or nothing is done.
    let bare = format!("LoadModule authz_core_module modules/mod_authz_core.so\n{host}");
    assert_eq!(
        apache_edits(&bare, Some(2), &sniff()),
        [
            "0: # Header lines need it; `a2enmod headers` does the same.\nLoadModule headers_module /modules/mod_headers.so".to_owned(),
            format!("2: {set}"),
        ]
    );
    for (text, section, reason) in [
        (host.to_owned(), Some(1), "mod_headers is not loaded"),
        (format!("{LOADED}{host}"), None, "all virtual hosts inherit"),
        (
            format!(
                "{LOADED}{}",
                host.replace("ServerName h", "Header unset X-Content-Type-Options")
            ),
            Some(2),
            "takes it away",
        ),
        (
            format!("{LOADED}Header set X-Content-Type-Options none\n{host}"),
            Some(3),
            "for every site",
        ),
        (
            format!(
                "{LOADED}{}",
                host.replace("ServerName h", "Header set X-Content-Type-Options: nosniff")
            ),
            Some(2),
            "says it already",
        ),
    ] {
        let found = apache_edits(&text, section, &sniff());
        assert!(found.len() == 1 && found[0].contains(reason), "{found:?}");
    }
    // Where there is no virtual host at all, the main server's end is the place.
    assert_eq!(apache_edits(LOADED, None, &sniff()), [format!("0: {set}")]);
}

#[test]
fn apache_s_tokens_are_the_main_server_s() {
    let tokens = || lack("Server", What::Version);
    let host = "<VirtualHost *:80>\n</VirtualHost>\n";
    assert_eq!(
        apache_edits(&format!("ServerTokens OS\n{host}"), Some(2), &tokens()),
        ["1! ServerTokens Prod"]
    );
    assert_eq!(
        apache_edits(host, Some(1), &tokens()),
        ["0: ServerTokens Prod"]
    );
    let found = apache_edits(&format!("ServerTokens prod\n{host}"), Some(2), &tokens());
    assert!(found[0].contains("keeps it already"), "{found:?}");
}

//! What the real server cannot be asked in `tests/nginx_routes`: TLS names, the end of the model, the
//! way back from a file to its requests.

use super::{Model, Start, parse};
use crate::route::{
    Answer, Decision, Disk, Entry, Links, Model as _, NoSources, Request, Source, Sources,
};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

const FROM: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// Whatever has a dot in its last name is a file.
struct Dots;

impl Sources for Dots {
    fn read(&self, path: &Path) -> Result<Source, String> {
        NoSources.read(path)
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        NoSources.glob(pattern)
    }
}

impl Disk for Dots {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        Ok(match path.extension() {
            Some(_) => Entry::File { readable: true },
            None => Entry::Missing,
        })
    }

    fn links(&self, _: &Path) -> Result<Links, String> {
        Ok(Links::None)
    }
}

fn model(http: &str) -> Model {
    let text = format!("http {{\n{http}\n}}");
    let tree = parse(Path::new("/c/nginx.conf"), text.as_bytes(), &NoSources);
    assert!(tree.problems.is_empty(), "{:?}", tree.problems);
    Model::new(&tree, &Start::with_prefix(Path::new("/p")), Vec::new())
}

fn ask(model: &Model, url: &str) -> Answer {
    model.answer(&Request::new(url, FROM).unwrap(), &Dots)
}

#[test]
fn tls_chooses_by_indication_and_then_by_host() {
    let model = model(
        "server { listen 443 ssl; server_name a.test; root /a; }
         server { listen 443 ssl; server_name b.test; root /b; }
         server { listen 444 ssl; ssl_reject_handshake on; }
         server { listen 445; }",
    );
    let file = |answer: Answer| answer.file.map(|file| file.display().to_string());
    assert_eq!(
        file(ask(&model, "https://b.test/x.txt")).as_deref(),
        Some("/b/x.txt")
    );
    let mut request = Request::new("https://b.test/x.txt", FROM).unwrap();
    request
        .headers
        .push(("Host".to_owned(), b"unknown.test".to_vec()));
    // A host that nobody is called falls to the default server, not to the one that TLS chose.
    assert_eq!(
        file(model.answer(&request, &Dots)).as_deref(),
        Some("/a/x.txt")
    );
    assert_eq!(ask(&model, "https://x.test:444/").status, Some(444));
    assert_eq!(ask(&model, "https://x.test:445/").status, Some(400));
    assert_eq!(ask(&model, "http://a.test:443/x.txt").status, Some(400));
    assert_eq!(
        ask(&model, "http://a.test:81/").decision,
        Decision::Undetermined
    );
}

#[test]
fn a_request_comes_in_by_the_first_server_of_the_address() {
    let model = model(
        "server { listen 80; server_name c.test; }
         server { listen 443 ssl; server_name a.test; }
         server { listen 443 ssl default_server; server_name d.test; }
         server { listen 443 ssl; listen 81 proxy_protocol; server_name b.test; }",
    );
    let lines = |url: &str| {
        let found = model.entrance(&Request::new(url, FROM).unwrap(), &Dots);
        let found = found.unwrap();
        let lines = [found.answers, found.first].map(|at| at.unwrap().line);
        (lines, found.tls, found.proxy_protocol)
    };
    assert_eq!(lines("https://b.test/"), ([5, 4], true, false));
    assert_eq!(lines("https://x.test/"), ([4, 4], true, false));
    assert_eq!(lines("http://b.test/"), ([2, 2], false, false));
    assert_eq!(lines("http://b.test:81/"), ([5, 5], false, true));
    let closed = Request::new("http://b.test:82/", FROM).unwrap();
    assert!(model.entrance(&closed, &Dots).is_err());
}

#[test]
fn the_model_ends_where_it_would_guess_and_only_there() {
    let model = model(
        "server { listen 80; server_name a.test; root /a; proxy_buffers 8 4k; gzip on;
           location /lua { content_by_lua_block { ngx.say(1) }
           }
           location /odd { frobnicate on; }
           location /lots { split_to $lot; if ($lot) { return 403; } }
           location /auth { auth_request /check; }
           location / { } }
         split_clients $remote_addr $lot { 50% 1; * 0; }
         server { listen 80; server_name b.test; frobnicate on; root /b; }"
            .replace("split_to $lot;", "set $x 1;")
            .as_str(),
    );
    for (url, place) in [
        ("http://a.test/lua", 3),
        ("http://a.test/odd/x.txt", 5),
        ("http://a.test/lots", 9),
        ("http://a.test/auth/x.txt", 7),
        ("http://b.test/x.txt", 10),
    ] {
        let answer = ask(&model, url);
        assert_eq!(answer.decision, Decision::Undetermined, "{url}");
        let at = answer.because.last().and_then(|last| last.at.clone());
        assert_eq!(
            at.map(|at| at.line),
            Some(place),
            "{url}: {:?}",
            answer.because
        );
    }
    assert_eq!(
        ask(&model, "http://a.test/x.txt").decision,
        Decision::Static
    );
}

#[test]
fn a_file_is_traced_back_to_its_requests() {
    let model = model(
        "server { listen 80; listen 127.0.0.1:8080; server_name a.test ~^x; root /srv/www;
           location /files/ { alias /srv/files/; }
           location ~ ^/d/(.*)$ { alias /srv/down/$1; }
           location @other { root /srv/other; } }
         server { listen 443 ssl; server_name *.b.test; root /srv; }",
    );
    let urls = |path: &str| {
        let mut urls: Vec<String> = model
            .requests_for(Path::new(path))
            .iter()
            .map(Request::url)
            .collect();
        urls.sort();
        urls
    };
    assert_eq!(
        urls("/srv/www/a b.php"),
        [
            "http://a.test/a%20b.php",
            "http://a.test:8080/a%20b.php",
            "https://any.b.test/www/a%20b.php"
        ]
    );
    assert!(urls("/srv/files/x").contains(&"http://a.test/files/x".to_owned()));
    assert!(urls("/srv/down/x/y").contains(&"http://a.test/d/x/y".to_owned()));
    assert!(urls("/srv/other/x").contains(&"http://a.test/x".to_owned()));
    assert!(urls("/etc/passwd").is_empty());
    let published = model.published();
    assert!(
        published.contains(&PathBuf::from("/srv/other")),
        "{published:?}"
    );
}

#[test]
fn hostile_configurations_do_not_break_it() {
    for http in [
        "server { location ~ ( { } listen; rewrite; set; return; error_page; try_files; if { } root; }",
        "server { listen 80; root $; index $; location / { alias ${; try_files $1; } }",
        "map $a $b { default $c; } map $b $c { default $b; } server { listen 80; if ($b) { return 403; } }",
        "server { listen 80; rewrite ^ /x last; location / { rewrite ^ /y last; } }",
        "server { listen 80; error_page 404 /a; recursive_error_pages on; }",
    ] {
        let text = format!("http {{\n{http}\n}}");
        let tree = parse(Path::new("/c/nginx.conf"), text.as_bytes(), &NoSources);
        let model = Model::new(&tree, &Start::with_prefix(Path::new("/p")), Vec::new());
        let answer = ask(&model, "http://a.test/x/y?z");
        assert!(!answer.because.is_empty(), "{http}");
        let _ = model.requests_for(Path::new("/p/html/x"));
    }
}

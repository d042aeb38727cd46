//! Lines of a web server's configuration on paper: what visitors need is asked of the route model, before
//! and after, in a plain configuration of the kind that the vendor shows. Refuses lines whose effect on
//! those requests cannot be told.

use crate::fix::action::Server;
use crate::needs::{self, Url};
use crate::route::{
    Decision, Disk, Entry, Links, Model, NoSources, Request, Source, Sources, apache, nginx,
};
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

/// An outsider (RFC 5737).
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

/// Directives that decide about no request: headers, versions, TLS, whom to believe, listings.
const HARMLESS: [&str; 31] = [
    "add_header",
    "autoindex",
    "expires",
    "fastcgi_hide_header",
    "fastcgi_param",
    "header",
    "php_admin_flag",
    "php_admin_value",
    "php_flag",
    "php_value",
    "proxy_cookie_flags",
    "proxy_hide_header",
    "proxy_set_header",
    "real_ip_header",
    "real_ip_recursive",
    "remoteipheader",
    "remoteipinternalproxy",
    "remoteipproxiesheader",
    "remoteiptrustedproxy",
    "requestheader",
    "server_tokens",
    "serversignature",
    "servertokens",
    "set_real_ip_from",
    "ssl_ciphers",
    "ssl_prefer_server_ciphers",
    "ssl_protocols",
    "sslciphersuite",
    "sslhonorcipherorder",
    "sslprotocol",
    "traceenable",
];

/// Where an install is, and which URLs it must answer.
#[derive(Clone)]
pub(super) struct Site {
    root: String,
    published: String,
    urls: &'static [Url],
    /// Somebody who may see the agents' side.
    inside: IpAddr,
    /// Lines of nginx's `http` block that deeds bring.
    http: String,
}

impl Site {
    /// `inside` are the networks that may see the agents' side; without any, this very machine may.
    pub(super) fn new(root: &str, generation: Option<&str>, inside: &[String]) -> Self {
        let generation = generation.unwrap_or_default();
        let published = match generation {
            "v5" => format!("{root}/www"),
            "container" => format!("{root}/serve/www"),
            _ => root.to_owned(),
        };
        Self {
            root: root.to_owned(),
            published,
            urls: needs::urls(generation),
            inside: inside
                .iter()
                .find_map(|network| network.split('/').next()?.parse().ok())
                .unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            http: String::new(),
        }
    }

    /// Lines of nginx's `http` block, on which others may rest.
    pub(super) fn expect(&mut self, expected: &str, text: &str) {
        let is_http = expected.trim().trim_end_matches('{').trim() == "http";
        if is_http && !self.http.contains(text) {
            self.http.push_str(text);
            self.http.push('\n');
        }
    }

    /// Lines at the start of a block that opens with `expected`.
    pub(super) fn snippet(&self, server: Server, expected: &str, text: &str) -> Result<(), String> {
        if !text.trim().is_empty() && text.lines().all(is_harmless) {
            return Ok(());
        }
        if self.urls.is_empty() {
            return Err("which URLs the helpdesk must answer is not known".to_owned());
        }
        let block = expected.trim().trim_end_matches('{').trim();
        let (with, without) = match (server, block.split_whitespace().next()) {
            (Server::Nginx, Some("http")) => {
                let bare = Self {
                    http: String::new(),
                    ..self.clone()
                };
                (self.nginx("", None), bare.nginx("", None))
            }
            (Server::Nginx, Some("server")) => (self.nginx(text, None), self.nginx("", None)),
            (Server::Nginx, Some("location")) => (
                self.nginx("", Some((block, text))),
                self.nginx("", Some((block, ""))),
            ),
            (Server::Apache, _) => (self.apache(block, text), self.apache(block, "")),
            _ => {
                return Err(format!(
                    "what lines in `{block}` do to requests is not known"
                ));
            }
        };
        self.compare(&*with?, &*without?)
    }

    /// One line that becomes another, or none.
    pub(super) fn line(&self, expected: &str, text: &str) -> Result<(), String> {
        if expected.trim().to_ascii_lowercase().starts_with("options") {
            return options(expected, text);
        }
        let lines = [expected].into_iter().chain(text.lines());
        let mut open = lines.filter(|line| !is_harmless(line));
        open.next().map_or(Ok(()), |line| {
            Err(format!(
                "what `{}` does to the helpdesk's requests is not known",
                line.trim()
            ))
        })
    }

    fn compare(&self, with: &dyn Model, without: &dyn Model) -> Result<(), String> {
        for url in self.urls {
            let from = if url.public { OUTSIDE } else { self.inside };
            let request = Request::new(&format!("http://deskguard.invalid{}", url.target), from)?;
            let (now, then) = (with.answer(&request, self), without.answer(&request, self));
            let works = |decision| matches!(decision, Decision::Executed | Decision::Static);
            if !works(then.decision) {
                let why = then
                    .because
                    .last()
                    .map_or("", |because| because.text.as_str());
                return Err(format!(
                    "what becomes of {} is not known: {why}",
                    url.target
                ));
            }
            if !works(now.decision) || now.file != then.file {
                return Err(format!(
                    "{} ({}) would no longer be answered: {}",
                    url.target,
                    url.purpose,
                    now.decision.word()
                ));
            }
        }
        Ok(())
    }

    fn nginx(
        &self,
        server: &str,
        location: Option<(&str, &str)>,
    ) -> Result<Box<dyn Model>, String> {
        const FRONT: &str = "try_files $uri /index.php?$args;";
        const PHP: &str = "fastcgi_split_path_info ^(.+?\\.php)(/.*)$; fastcgi_param REQUEST_METHOD $request_method; fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name; fastcgi_pass unix:/run/php.sock;";
        let mut blocks = vec![
            ("location /".to_owned(), FRONT.to_owned()),
            ("location ~ ^/[a-z_]+\\.php(/|$)".to_owned(), self.php(PHP)),
        ];
        if let Some((opens, text)) = location {
            let body = if opens.contains("php") {
                self.php(PHP)
            } else {
                FRONT.to_owned()
            };
            blocks.retain(|(known, _)| known != opens);
            blocks.insert(0, (opens.to_owned(), format!("{text}\n{body}")));
        }
        let blocks: String = blocks
            .iter()
            .map(|(opens, body)| format!("{opens} {{\n{body}\n}}\n"))
            .collect();
        let text = format!(
            "http {{\n{}\nserver {{\nlisten 80;\nroot \"{}\";\nindex index.php;\n{server}\n{blocks}}}\n}}\n",
            self.http, self.published
        );
        let tree = nginx::parse(Path::new("/nginx.conf"), text.as_bytes(), &NoSources);
        if let Some(problem) = tree.problems.first() {
            return Err(format!(
                "nginx would not take the lines: {}",
                problem.message
            ));
        }
        let start = nginx::Start::with_prefix(Path::new("/"));
        Ok(Box::new(nginx::Model::new(&tree, &start, Vec::new())))
    }

    /// v5 and the container run one script, whatever the URL.
    fn php(&self, body: &str) -> String {
        if self.published == self.root {
            return body.to_owned();
        }
        body.replace(
            "$document_root$fastcgi_script_name",
            "$document_root/index.php",
        )
    }

    fn apache(&self, block: &str, text: &str) -> Result<Box<dyn Model>, String> {
        let root = &self.published;
        let section = block
            .trim_start_matches('<')
            .trim_end_matches('>')
            .to_ascii_lowercase();
        let (main, host, directory) = match section.split_whitespace().next() {
            Some("virtualhost") => ("", text, ""),
            Some("directory") => ("", "", text),
            None => (text, "", ""),
            Some(_) => {
                return Err(format!(
                    "what lines in `{block}` do to requests is not known"
                ));
            }
        };
        let modules: String = [
            "authz_core",
            "authz_host",
            "dir",
            "rewrite",
            "proxy",
            "proxy_fcgi",
            "headers",
            "alias",
            "mime",
            "setenvif",
        ]
        .iter()
        .map(|name| format!("LoadModule {name}_module modules/mod_{name}.so\n"))
        .collect();
        let text = format!(
            "{modules}Listen 80\n{main}\n<Directory \"/\">\nAllowOverride None\nRequire all denied\n</Directory>\n<VirtualHost *:80>\nDocumentRoot \"{root}\"\nDirectoryIndex index.php\n<Directory \"{root}\">\n{directory}\nAllowOverride None\nOptions FollowSymLinks\nRequire all granted\nRewriteEngine On\nRewriteCond %{{REQUEST_FILENAME}} !-f\nRewriteRule ^ /index.php [L]\n</Directory>\n<FilesMatch \"\\.php$\">\nSetHandler \"proxy:unix:/run/php.sock|fcgi://localhost\"\n</FilesMatch>\n{host}\n</VirtualHost>\n"
        );
        let start = apache::Start {
            server_root: PathBuf::from("/"),
            variables: apache::Variables::default(),
        };
        let config = apache::parse(
            Path::new("/apache2.conf"),
            text.as_bytes(),
            start,
            &NoSources,
        );
        if let Some(problem) = config.tree.problems.first() {
            return Err(format!(
                "Apache would not take the lines: {}",
                problem.message
            ));
        }
        let setup = apache::Setup {
            defines: Vec::new(),
            version: None,
            fpm: Vec::new(),
        };
        Ok(Box::new(apache::Model::new(&config, &setup, &NoSources)))
    }
}

/// A comment, a closed brace, or a directive that decides about no request.
fn is_harmless(line: &str) -> bool {
    let name = line
        .trim()
        .split([' ', '\t', ';'])
        .next()
        .unwrap_or_default();
    let name = name.to_ascii_lowercase();
    name.is_empty() || name.starts_with('#') || HARMLESS.contains(&name.as_str())
}

/// Rewriting in a directory works only where links may be followed (mod_rewrite).
fn options(expected: &str, text: &str) -> Result<(), String> {
    let follows = |line: &str| {
        let line = line.to_ascii_lowercase();
        let words: Vec<&str> = line.split_whitespace().skip(1).collect();
        let allowed = [
            "followsymlinks",
            "+followsymlinks",
            "symlinksifownermatch",
            "+symlinksifownermatch",
            "all",
        ];
        let changes = !words.is_empty() && words.iter().all(|word| word.starts_with(['+', '-']));
        let taken = words.iter().any(|word| word.starts_with("-followsymlinks"));
        !taken && (changes || words.iter().any(|word| allowed.contains(word)))
    };
    if follows(expected) && !text.lines().any(follows) {
        return Err("rewriting in a directory needs FollowSymLinks".to_owned());
    }
    Ok(())
}

impl Sources for Site {
    fn read(&self, path: &Path) -> Result<Source, String> {
        NoSources.read(path)
    }

    fn glob(&self, pattern: &Path) -> Result<Vec<PathBuf>, String> {
        NoSources.glob(pattern)
    }
}

impl Disk for Site {
    fn entry(&self, path: &Path) -> Result<Entry, String> {
        let tidy: PathBuf = path.components().collect();
        let path = tidy.as_path();
        let files = || {
            self.urls
                .iter()
                .map(|url| Path::new(&self.root).join(url.file))
        };
        Ok(if files().any(|file| file == path) {
            Entry::File { readable: true }
        } else if files().any(|file| path.starts_with(&file)) {
            Entry::BelowFile
        } else if files().any(|file| file.starts_with(path)) {
            Entry::Directory {
                readable: true,
                enterable: true,
            }
        } else {
            Entry::Missing
        })
    }

    fn links(&self, _: &Path) -> Result<Links, String> {
        Ok(Links::None)
    }
}

//! Where a line has to stand to hold for the install: the server blocks and virtual hosts that publish
//! it, and nginx's `http` block. And lines that list directories or believe every client, with what they
//! say when they do not. Refuses to point into the output of `nginx -T`, which is no file.

use super::client_address::is_vast;
use super::lines::Lines;
use crate::facts::{Listing, WebBlock};
use crate::host::Host;
use crate::route::{Directive, Place};
use crate::target::Target;
use crate::target::web_server::{Parsed, WebServer};
use regex::{Captures, Regex};
use std::path::Path;
use std::sync::{Arc, LazyLock};

macro_rules! pattern {
    ($text:literal) => {
        LazyLock::new(|| Regex::new($text).ok())
    };
}

pub(super) fn observe(host: &Host, target: &Target) -> Listing<WebBlock> {
    let mut finder = Finder {
        lines: Lines::new(host),
        found: Listing {
            rows: Vec::new(),
            missed: target.servers.missed.web.clone(),
        },
    };
    for server in target.serving(host) {
        let ours = ours(host, server, &target.root);
        match &server.parsed {
            Parsed::Nginx { dump: Some(_), .. } => finder.found.missed.push(format!(
                "{} is the output of nginx -T: its lines are in other files",
                server.config.display()
            )),
            Parsed::Nginx { tree, .. } => finder.nginx(&tree.directives, &ours),
            Parsed::Apache { config, .. } => {
                finder.apache(&config.tree.directives, &ours, &server.config);
            }
        }
    }
    finder.found
}

/// The lines by which a server publishes something of the install.
fn ours(host: &Host, server: &WebServer, root: &Path) -> Vec<Place> {
    let published = server.published.iter().filter(|published| {
        let real = host.real_path(&published.path).ok().flatten();
        let path = real.as_deref().unwrap_or(&published.path);
        root.starts_with(path) || path.starts_with(root) || published.unresolved.is_some()
    });
    published.map(|published| published.at.clone()).collect()
}

struct Finder<'a> {
    lines: Lines<'a>,
    found: Listing<WebBlock>,
}

impl Finder<'_> {
    fn nginx(&mut self, directives: &[Directive], ours: &[Place]) {
        for http in directives.iter().filter(|it| it.is("http")) {
            let blocks: Vec<&Directive> = http.all("server").collect();
            // What stands outside of every server holds for each that says nothing of its own.
            let inherited = ours
                .iter()
                .any(|at| !blocks.iter().any(|block| holds(block, at)));
            let mut any = false;
            for block in blocks {
                if inherited || ours.iter().any(|at| holds(block, at)) {
                    any = true;
                    self.add("nginx", "server", &block.at, String::new());
                    self.lines_of(block);
                }
            }
            if any {
                self.add("nginx", "http", &http.at, String::new());
                for directive in http.inside().iter().filter(|it| !it.is("server")) {
                    self.line(directive);
                }
            }
        }
    }

    fn lines_of(&mut self, block: &Directive) {
        for directive in block.inside() {
            self.line(directive);
            self.lines_of(directive);
        }
    }

    /// A directive of nginx's that may stand on a line with others.
    fn line(&mut self, directive: &Directive) {
        static ON: Pattern = pattern!(r"\bautoindex\s+on\s*;");
        static FROM: Pattern = pattern!(r"\bset_real_ip_from\s+([^\s;]+)\s*;[ \t]*");
        static ADDRESS: Pattern = pattern!(r"\bREMOTE_ADDR\s+[^;]*;");
        let Some(text) = self.lines.text(&directive.at) else {
            return;
        };
        let first = directive.args.first();
        if directive.is("autoindex") && first.is_some_and(|word| word.is("on")) {
            let mended = replaced(&ON, &text, |_| "autoindex off;".to_owned());
            self.add("nginx", "listing", &directive.at, mended);
        } else if directive.is("set_real_ip_from") && first.is_some_and(|it| is_vast(&it.text())) {
            let mended = replaced(&FROM, &text, |found| {
                let vast = found
                    .get(1)
                    .is_some_and(|network| is_vast(network.as_str()));
                let all = found.get(0).map_or("", |all| all.as_str());
                if vast { "" } else { all }.to_owned()
            });
            self.add("nginx", "trust", &directive.at, mended);
        } else if directive.is("fastcgi_param") && first.is_some_and(|it| *it == "REMOTE_ADDR") {
            let value = directive.args.get(1).map(|word| word.text());
            let client = ["$http_", "${http_", "$proxy_add_x_forwarded_for"];
            if value.is_some_and(|value| client.iter().any(|it| value.contains(it))) {
                let own = |_: &Captures<'_>| "REMOTE_ADDR $remote_addr;".to_owned();
                let mended = replaced(&ADDRESS, &text, own);
                self.add("nginx", "trust", &directive.at, mended);
            }
        }
    }

    /// A header is believed from listed proxies; where none is left, nobody's is.
    fn remote_ip(&mut self, directives: &[Directive]) {
        let mut all = Vec::new();
        flat(directives, &mut all);
        let lists = ["RemoteIPInternalProxy", "RemoteIPTrustedProxy"];
        let files = ["RemoteIPInternalProxyList", "RemoteIPTrustedProxyList"];
        let mut left = all.iter().any(|it| files.iter().any(|name| it.is(name)));
        for directive in &all {
            if !lists.iter().any(|name| directive.is(name)) {
                continue;
            }
            let words: Vec<_> = directive.args.iter().map(|word| word.text()).collect();
            let kept: Vec<_> = words.iter().filter(|word| !is_vast(word)).collect();
            left |= !kept.is_empty();
            if kept.len() == words.len() {
                continue;
            }
            let mut mended = directive.name.text().into_owned();
            for word in &kept {
                mended.push(' ');
                mended.push_str(word);
            }
            if kept.is_empty() {
                mended = self.commented(&directive.at);
            }
            self.add("apache", "trust", &directive.at, mended);
        }
        if !left {
            for header in all.iter().filter(|it| it.is("RemoteIPHeader")) {
                let mended = self.commented(&header.at);
                self.add("apache", "trust", &header.at, mended);
            }
        }
    }

    fn commented(&mut self, at: &Place) -> String {
        format!("# {}", self.lines.text(at).unwrap_or_default())
    }

    fn apache(&mut self, directives: &[Directive], ours: &[Place], main: &Path) {
        let mut hosts = Vec::new();
        sections(directives, &mut hosts);
        let mut any = false;
        for section in &hosts {
            if ours.iter().any(|at| holds(section, at)) {
                any = true;
                self.add("apache", "server", &section.at, String::new());
            }
        }
        self.remote_ip(directives);
        let in_main = ours
            .iter()
            .any(|at| !hosts.iter().any(|section| holds(section, at)));
        if in_main || !any {
            let whole = Place {
                file: Arc::from(main),
                line: 0,
            };
            self.add("apache", "server", &whole, String::new());
        }
    }

    fn add(&mut self, program: &str, block: &str, at: &Place, mended: String) {
        let Some(text) = self.lines.text(at) else {
            let problem = format!("{at} could not be read again");
            self.found.missed.push(problem);
            return;
        };
        let row = WebBlock {
            program: program.to_owned(),
            block: block.to_owned(),
            path: at.file.to_string_lossy().into_owned(),
            line: at.line,
            text,
            mended,
        };
        if !self.found.rows.contains(&row) {
            self.found.rows.push(row);
        }
    }
}

type Pattern = LazyLock<Option<Regex>>;

/// The line with every match replaced.
fn replaced(pattern: &Pattern, text: &str, by: impl Fn(&Captures<'_>) -> String) -> String {
    match pattern.as_ref() {
        Some(pattern) => pattern.replace_all(text, by).trim_end().to_owned(),
        None => text.to_owned(),
    }
}

/// Directives of every section.
pub(super) fn flat<'a>(directives: &'a [Directive], found: &mut Vec<&'a Directive>) {
    for directive in directives {
        found.push(directive);
        flat(directive.inside(), found);
    }
}

/// Whether a line belongs to a block.
fn holds(block: &Directive, at: &Place) -> bool {
    block.at == *at || block.inside().iter().any(|inside| holds(inside, at))
}

/// Every virtual host, in whatever conditional section it stands.
fn sections<'a>(directives: &'a [Directive], found: &mut Vec<&'a Directive>) {
    for directive in directives {
        if directive.is("VirtualHost") {
            found.push(directive);
        } else {
            sections(directive.inside(), found);
        }
    }
}

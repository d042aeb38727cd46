//! nginx's half. A block inherits `add_header` and `*_hide_header` only as long as it has none of its own
//! (ngx_http_headers_module, ngx_http_proxy_module), so that every block with one must be told again;
//! `server_tokens` holds until a block inside says otherwise. Refuses `add_header_inherit`, which changes
//! the first of these, and lines that do not stand by themselves.

use super::super::blocks::holds;
use super::super::lines::Lines;
use super::Edit;
use super::lack::{HSTS, HSTS_SECONDS, Lack, What, a_year, max_age};
use crate::route::{Directive, Place, nginx};
use regex::{Captures, Regex};

/// What keeps pages that other sites embed free of the header.
const FRAMING: &str = "$deskguard_framing";

/// A server block.
pub(super) struct Site<'a, 'h> {
    lines: &'a mut Lines<'h>,
    lack: &'a Lack,
    http: &'a Directive,
    server: &'a Directive,
    pub(super) edits: Vec<Edit>,
}

/// How a block says it.
enum Said<'a> {
    Not,
    Well,
    Badly(&'a Directive),
}

impl<'a, 'h> Site<'a, 'h> {
    pub(super) fn new(
        lines: &'a mut Lines<'h>,
        tree: &'a [Directive],
        at: &Place,
        lack: &'a Lack,
    ) -> Result<Self, String> {
        let https = tree.iter().filter(|it| it.is("http"));
        let mut blocks =
            https.flat_map(|http| http.all("server").map(move |server| (http, server)));
        let (http, server) = blocks
            .find(|(_, server)| server.at == *at)
            .ok_or_else(|| format!("no server block opens at {at}"))?;
        Ok(Self {
            lines,
            lack,
            http,
            server,
            edits: Vec::new(),
        })
    }

    /// Finds what it takes; `cookies` are the names of those that lack something.
    pub(super) fn mend(
        &mut self,
        cookies: &[String],
        version: Option<(u32, u32, u32)>,
    ) -> Result<(), String> {
        match &self.lack.what {
            What::Header(value) => self.header(&format!("\"{value}\""))?,
            What::Framing(pattern) => {
                let pattern = pattern.as_ref().map_err(Clone::clone)?;
                self.framing(pattern)?;
            }
            What::Hsts => {
                self.header(&format!("\"{HSTS}\""))?;
                self.only_over_tls()?;
            }
            What::Version => self.version()?,
            What::PoweredBy => self.powered_by()?,
            What::Cookies(marks) => self.cookies(cookies, marks, version)?,
        }
        if self.edits.is_empty() {
            return Err(format!(
                "the server block at {} says it already, and the answer lacks it: the server runs with another configuration, or something on the way takes it away",
                self.server.at
            ));
        }
        Ok(())
    }

    /// What is included in another server block as well must not tell plain HTTP's visitors.
    fn only_over_tls(&self) -> Result<(), String> {
        let mut plain = self.http.all("server").filter(|it| !speaks_tls(it));
        let shared = plain.find_map(|it| self.edits.iter().find(|edit| holds(it, &edit.at)));
        shared.map_or(Ok(()), |edit| {
            Err(format!(
                "{} is included where plain HTTP is spoken as well: write it by hand",
                edit.at
            ))
        })
    }

    /// `proxy_cookie_flags` (ngx_http_proxy_module, since 1.19.3); the modules for FastCGI and the others
    /// have nothing like it.
    fn cookies(
        &mut self,
        names: &[String],
        marks: &[&str],
        version: Option<(u32, u32, u32)>,
    ) -> Result<(), String> {
        let others = ["fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass"];
        let other = others
            .iter()
            .find_map(|name| Some((name, find(self.server, name)?)));
        if let Some((name, at)) = other {
            return Err(format!(
                "nginx can mark the cookies of proxy_pass alone, and {at} has {name}"
            ));
        }
        if version.is_none_or(|version| version < (1, 19, 3)) {
            return Err(
                "nginx marks cookies since 1.19.3, and this one is older or not known".to_owned(),
            );
        }
        if let Some(at) = find(self.http, "proxy_cookie_flags") {
            return Err(format!("{at} marks cookies its own way: add them there"));
        }
        let marks = marks.join(" ").to_ascii_lowercase();
        let lines = names
            .iter()
            .map(|name| format!("proxy_cookie_flags {name} {marks};"));
        let lines: Vec<String> = lines.collect();
        self.put_into(self.server, &lines.join("\n"))
    }

    fn header(&mut self, value: &str) -> Result<(), String> {
        let about = self.lack.about;
        let line = format!("add_header {about} {value} always;");
        self.added(&line, &line)
    }

    /// Other sites frame some pages: a variable is empty for those, and nginx sends no empty header.
    fn framing(&mut self, pattern: &str) -> Result<(), String> {
        let about = self.lack.about;
        let own = !matches!(self.base("add_header"), Said::Well);
        let value = if own { FRAMING } else { "\"SAMEORIGIN\"" };
        let line = format!("add_header {about} {value} always;");
        let first = format!(
            "set {FRAMING} \"SAMEORIGIN\";\nif ($request_uri ~ \"{pattern}\") {{ set {FRAMING} \"\"; }}\n{line}"
        );
        self.added(&first, &line)
    }

    /// `add_header` in the server block and wherever it would be forgotten.
    fn added(&mut self, first: &str, inside: &str) -> Result<(), String> {
        if let Some(at) = find(self.http, "add_header_inherit") {
            return Err(format!(
                "{at} changes which blocks inherit headers: add it there by hand"
            ));
        }
        if let Some(url) = &self.lack.elsewhere
            && !self.is_said("add_header")
        {
            return Err(format!(
                "the product sends it on {url}, and would then send it twice: the other pages are the product's business"
            ));
        }
        let whole = format!("{}{first}", self.inherited()?);
        self.base_and_inside("add_header", &whole, inside)?;
        let replaces = self.edits.iter().any(|edit| edit.replaces);
        if self.lack.is_wrong && !replaces {
            return Err(
                "the product itself sends one that does not protect: there it must be mended"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// The block, and every block inside that has such a directive of its own.
    fn base_and_inside(
        &mut self,
        name: &'static str,
        first: &str,
        inside: &str,
    ) -> Result<(), String> {
        match self.base(name) {
            Said::Well => {}
            Said::Not => self.put_into(self.server, first)?,
            Said::Badly(line) if is_direct(self.server, line) => self.replace(line)?,
            // What stands outside is for other servers as well.
            Said::Badly(_) => self.put_into(self.server, first)?,
        }
        let mut blocks = Vec::new();
        own(self.server, name, &mut blocks);
        for block in blocks {
            match self.said(block.all(name)) {
                Said::Well => {}
                Said::Not => self.put_into(block, inside)?,
                Said::Badly(line) => self.replace(line)?,
            }
        }
        Ok(())
    }

    /// What the server block says itself, or inherits.
    fn base(&self, name: &'static str) -> Said<'a> {
        let outside = self.http.all(name);
        match self.server.all(name).next() {
            Some(_) => self.said(self.server.all(name)),
            None => self.said(outside),
        }
    }

    fn said<'d>(&self, lines: impl Iterator<Item = &'d Directive>) -> Said<'d> {
        let mut own = lines.filter(|line| self.is_about(line));
        match own.next() {
            None => Said::Not,
            Some(line) if self.is_good(line) => Said::Well,
            Some(line) => Said::Badly(line),
        }
    }

    fn is_about(&self, line: &Directive) -> bool {
        let name = line.args.first();
        name.is_some_and(|name| name.is(self.lack.about))
    }

    fn is_good(&self, line: &Directive) -> bool {
        let value = line.args.get(1).map(|it| it.text().to_ascii_lowercase());
        let value = value.unwrap_or_default();
        if value.contains('$') || matches!(self.lack.what, What::PoweredBy) {
            return true;
        }
        match self.lack.what {
            // Whoever wrote it has decided who frames what is below.
            What::Framing(_) => true,
            What::Hsts => max_age(&value).is_some_and(|age| age >= HSTS_SECONDS),
            What::Header("nosniff") => value.trim() == "nosniff",
            _ => !matches!(
                value.rsplit(',').next().unwrap_or_default().trim(),
                "" | "unsafe-url" | "no-referrer-when-downgrade"
            ),
        }
    }

    /// Whether the configuration sends the header anywhere for this server.
    fn is_said(&self, name: &'static str) -> bool {
        let mut blocks = vec![self.http, self.server];
        own(self.server, name, &mut blocks);
        let mut lines = blocks.into_iter().flat_map(|block| block.all(name));
        lines.any(|line| {
            self.is_about(line)
                || line
                    .args
                    .first()
                    .is_some_and(|it| it.is("Content-Security-Policy"))
        })
    }

    /// What the server block inherits and would lose by a line of its own.
    fn inherited(&self) -> Result<String, String> {
        if self.server.all("add_header").next().is_some() {
            return Ok(String::new());
        }
        let lines = self.http.all("add_header");
        let lines = lines.filter(|line| !self.is_about(line));
        let lines: Result<Vec<String>, String> = lines.map(written).collect();
        Ok(lines?.concat())
    }

    fn version(&mut self) -> Result<(), String> {
        let is_off = |line: &Directive| line.args.first().is_some_and(|it| it.is("off"));
        let mut lines = Vec::new();
        let mut blocks = vec![self.server];
        own(self.server, "server_tokens", &mut blocks);
        for block in blocks {
            lines.extend(block.all("server_tokens").filter(|line| !is_off(line)));
        }
        let outside = self.http.all("server_tokens").any(is_off);
        if self.server.all("server_tokens").next().is_none() && !outside {
            self.put_into(self.server, "server_tokens off;")?;
        }
        for line in lines {
            self.by_pattern(line, r"\bserver_tokens\s+[^;]*;", |_| {
                "server_tokens off;".to_owned()
            })?;
        }
        Ok(())
    }

    fn powered_by(&mut self) -> Result<(), String> {
        for (pass, hide) in [
            ("fastcgi_pass", "fastcgi_hide_header"),
            ("proxy_pass", "proxy_hide_header"),
        ] {
            if find(self.server, pass).is_some() {
                let inherited = self.http.all(hide).map(written);
                let inherited: Result<Vec<String>, String> = inherited.collect();
                let inherited = match self.server.all(hide).next() {
                    Some(_) => String::new(),
                    None => inherited?.concat(),
                };
                let line = format!("{hide} {};", self.lack.about);
                self.base_and_inside(hide, &format!("{inherited}{line}"), &line)?;
            }
        }
        Ok(())
    }

    fn put_into(&mut self, block: &Directive, lines: &str) -> Result<(), String> {
        let text = self.lines.file(&block.at.file);
        let text = text.ok_or_else(|| format!("{} could not be read again", block.at))?;
        nginx::inside(text, block.at.line).map_err(|problem| format!("{}: {problem}", block.at))?;
        self.edits.push(Edit {
            at: block.at.clone(),
            replaces: false,
            lines: lines.to_owned(),
        });
        Ok(())
    }

    fn replace(&mut self, line: &Directive) -> Result<(), String> {
        const VALUE: &str = r#"(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s;"'])+"#;
        let about = self.lack.about;
        let pattern =
            format!(r#"(?i)\badd_header\s+["']?{about}["']?\s+{VALUE}(?:\s+always)?\s*;"#);
        let value = match self.lack.what {
            What::Header(value) => value,
            What::Framing(_) => "SAMEORIGIN",
            _ => HSTS,
        };
        let is_hsts = matches!(self.lack.what, What::Hsts);
        self.by_pattern(line, &pattern, |found| {
            let old = found.get(0).map_or("", |it| it.as_str());
            let longer = is_hsts.then(|| a_year(old)).flatten();
            longer.unwrap_or_else(|| format!("add_header {about} \"{value}\" always;"))
        })
    }

    fn by_pattern(
        &mut self,
        line: &Directive,
        pattern: &str,
        by: impl Fn(&Captures<'_>) -> String,
    ) -> Result<(), String> {
        let text = self.lines.text(&line.at);
        let text = text.ok_or_else(|| format!("{} could not be read again", line.at))?;
        let pattern = Regex::new(pattern).map_err(|error| error.to_string())?;
        if pattern.find_iter(&text).count() != 1 {
            return Err(format!(
                "{} cannot be taken apart: give the directive a line of its own",
                line.at
            ));
        }
        let edit = Edit {
            at: line.at.clone(),
            replaces: true,
            lines: pattern
                .replace(&text, |found: &Captures<'_>| by(found))
                .into_owned(),
        };
        // One file may be included in several places.
        if !self.edits.contains(&edit) {
            self.edits.push(edit);
        }
        Ok(())
    }
}

/// `listen … ssl`; `ssl on` before nginx 1.25.1.
fn speaks_tls(server: &Directive) -> bool {
    let listens = server.all("listen").flat_map(|listen| &listen.args);
    listens
        .chain(server.all("ssl").flat_map(|it| &it.args))
        .any(|word| word.is("ssl") || word.is("quic") || word.is("on"))
}

fn is_direct(block: &Directive, line: &Directive) -> bool {
    block.inside().iter().any(|it| std::ptr::eq(it, line))
}

/// The blocks inside that have such a directive of their own.
fn own<'a>(block: &'a Directive, name: &str, found: &mut Vec<&'a Directive>) {
    for inside in block.inside() {
        if inside.inside().iter().any(|it| it.is(name)) {
            found.push(inside);
        }
        own(inside, name, found);
    }
}

/// Where such a directive stands, at any depth.
fn find<'a>(block: &'a Directive, name: &str) -> Option<&'a Place> {
    block.inside().iter().find_map(|it| {
        if it.is(name) {
            Some(&it.at)
        } else {
            find(it, name)
        }
    })
}

/// A directive as it may stand elsewhere, on a line of its own.
fn written(line: &Directive) -> Result<String, String> {
    let mut text = line.name.text().into_owned();
    for word in &line.args {
        let word = std::str::from_utf8(word.bytes()).ok();
        let word = word.filter(|word| !word.chars().any(char::is_control));
        let word = word.ok_or_else(|| format!("{} cannot be written again", line.at))?;
        text.push_str(" \"");
        text.push_str(&word.replace('\\', "\\\\").replace('"', "\\\""));
        text.push('"');
    }
    text.push_str(";\n");
    Ok(text)
}

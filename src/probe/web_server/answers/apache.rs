//! Apache's half. `Header` lines of the main server, the virtual host and its sections are all carried
//! out, in that order (mod_headers), so one line at the end of the virtual host does; `ServerTokens` is
//! the main server's alone (core). Headers that PHP makes are in one table, `Header always` writes the
//! other one, and FastCGI's cookies are in that: cookies are edited in both. Refuses lines for a main
//! server that other virtual hosts inherit.

use super::super::blocks::{flat, holds, sections};
use super::super::lines::Lines;
use super::Edit;
use super::lack::{HSTS, HSTS_SECONDS, Lack, What, a_year, max_age};
use crate::host::Host;
use crate::route::apache::{Config, closing};
use crate::route::{Directive, Place};
use std::path::Path;
use std::sync::Arc;

/// A virtual host, or the main server where there is none.
pub(super) struct Site<'a, 'h> {
    host: &'a Host,
    lines: &'a mut Lines<'h>,
    config: &'a Config,
    main: &'a Path,
    /// None for the main server.
    section: Option<&'a Directive>,
    lack: &'a Lack,
    pub(super) edits: Vec<Edit>,
}

impl<'a, 'h> Site<'a, 'h> {
    pub(super) fn new(
        host: &'a Host,
        lines: &'a mut Lines<'h>,
        config: &'a Config,
        main: &'a Path,
        at: Option<&Place>,
        lack: &'a Lack,
    ) -> Result<Self, String> {
        let mut hosts = Vec::new();
        sections(&config.tree.directives, &mut hosts);
        let here = at.map(|at| hosts.iter().copied().find(|it| it.at == *at));
        let section = match here {
            Some(None) => return Err("which virtual host answers is not known".to_owned()),
            Some(found) => found,
            None if hosts.is_empty() || matches!(lack.what, What::Version) => None,
            None => {
                return Err(
                    "the main server answers, whose lines all virtual hosts inherit: write them by hand"
                        .to_owned(),
                );
            }
        };
        Ok(Self {
            host,
            lines,
            config,
            main,
            section,
            lack,
            edits: Vec::new(),
        })
    }

    /// Finds what it takes; `cookies` are the names of those that lack something.
    pub(super) fn mend(&mut self, cookies: &[String]) -> Result<(), String> {
        let about = self.lack.about;
        match &self.lack.what {
            What::Version => self.version(),
            What::Cookies(marks) => {
                self.module()?;
                self.put_into_site(&marked(cookies, marks))
            }
            What::PoweredBy => {
                self.module()?;
                self.put_into_site(&format!(
                    "Header unset {about}\nHeader always unset {about}"
                ))
            }
            _ => self.header(),
        }
    }

    fn version(&mut self) -> Result<(), String> {
        let mut all = Vec::new();
        flat(&self.config.tree.directives, &mut all);
        all.retain(|line| line.is("ServerTokens"));
        let is_bare = |line: &&&Directive| {
            let word = line.args.first();
            word.is_some_and(|word| ["Prod", "ProductOnly"].iter().any(|it| word.is(it)))
        };
        let wordy: Vec<&Directive> = all.iter().filter(|it| !is_bare(it)).copied().collect();
        for line in &wordy {
            self.replace(line, "ServerTokens Prod".to_owned())?;
        }
        match (all.as_slice(), wordy.as_slice()) {
            ([], _) => {
                self.put_into_main("ServerTokens Prod");
                Ok(())
            }
            ([one, ..], []) => Err(format!(
                "{} keeps it already: the server runs with another configuration, or something on the way adds it",
                one.at
            )),
            _ => Ok(()),
        }
    }

    fn header(&mut self) -> Result<(), String> {
        let about = self.lack.about;
        let own = self
            .section
            .map_or(&*self.config.tree.directives, Directive::inside);
        let (mut inside, mut outside) = (Vec::new(), Vec::new());
        flat(own, &mut inside);
        flat(&self.config.tree.directives, &mut outside);
        outside.retain(|line| !self.is_a_site_s(line));
        let set = |line: &&Directive| Set::of(line).is_some_and(|it| it.is_about(about));
        inside.retain(|line| set(line));
        outside.retain(|line| self.section.is_some() && set(line));
        let mut is_set = false;
        for line in inside {
            let Some(set) = Set::of(line) else { continue };
            match self.is_good(&set) {
                None => return Err(format!("{} takes it away", line.at)),
                Some(true) => is_set = true,
                Some(false) => {
                    let mended = self.mended(line)?;
                    self.replace(line, mended)?;
                    is_set |= own.iter().any(|it| std::ptr::eq(it, line));
                }
            }
        }
        if let Some(line) = outside
            .iter()
            .find(|line| Set::of(line).is_some_and(|set| self.is_good(&set) == Some(false)))
        {
            return Err(format!(
                "{} sends it for every site: mend it there",
                line.at
            ));
        }
        if self.edits.is_empty() && (is_set || !outside.is_empty()) {
            return Err(
                "the configuration says it already, and the answer lacks it: the server runs with another one, or something on the way takes it away"
                    .to_owned(),
            );
        }
        if self.lack.is_wrong && self.edits.is_empty() {
            return Err(
                "the product, or an .htaccess of it, sends one that does not protect: there it must be mended"
                    .to_owned(),
            );
        }
        if let (Some(url), false) = (&self.lack.elsewhere, is_set) {
            return Err(format!(
                "the product sends it on {url}, and would then send it twice: the other pages are the product's business"
            ));
        }
        if is_set {
            return Ok(());
        }
        self.module()?;
        let line = match &self.lack.what {
            What::Framing(pattern) => {
                let pattern = pattern.as_ref().map_err(Clone::clone)?;
                framing(pattern)
            }
            What::Header(value) => format!("Header always set {about} \"{value}\""),
            _ => format!("Header always set {about} \"{HSTS}\""),
        };
        self.put_into_site(&line)
    }

    /// Whether the line is inside of any virtual host.
    fn is_a_site_s(&self, line: &Directive) -> bool {
        let mut hosts = Vec::new();
        sections(&self.config.tree.directives, &mut hosts);
        hosts.iter().any(|it| holds(it, &line.at))
    }

    /// Whether the value protects; none where the line takes the header away.
    fn is_good(&self, set: &Set) -> Option<bool> {
        if set.action == "unset" {
            return None;
        }
        let value = set.value.to_ascii_lowercase();
        Some(match self.lack.what {
            What::Framing(_) => true,
            _ if value.contains("%{") => true,
            What::Hsts => max_age(&value).is_some_and(|age| age >= HSTS_SECONDS),
            What::Header("nosniff") => value.trim() == "nosniff",
            _ => !matches!(
                value.rsplit(',').next().unwrap_or_default().trim(),
                "" | "unsafe-url" | "no-referrer-when-downgrade"
            ),
        })
    }

    fn mended(&mut self, line: &Directive) -> Result<String, String> {
        let about = self.lack.about;
        if let What::Header(value) = self.lack.what {
            return Ok(format!("Header always set {about} \"{value}\""));
        }
        let text = self.lines.text(&line.at);
        let text = text.ok_or_else(|| format!("{} could not be read again", line.at))?;
        Ok(a_year(&text).unwrap_or_else(|| format!("Header always set {about} \"{HSTS}\"")))
    }

    /// Without mod_headers Apache takes no `Header` line, and one in `<IfModule>` would do nothing.
    fn module(&mut self) -> Result<(), String> {
        if loads(&self.config.tree.directives, "headers_module").is_some() {
            return Ok(());
        }
        let beside = loads(&self.config.tree.directives, "authz_core_module");
        let file = beside.and_then(|line| {
            let path = self.config.variables.resolve(line.args.get(1)?).ok()?;
            let path = self.config.server_root.join(path.path());
            Some(path.parent()?.join("mod_headers.so"))
        });
        let file = file.filter(|file| self.host.is_file(file) == Ok(true));
        let text = file.as_deref().and_then(Path::to_str);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
        match text.filter(|text| text.chars().all(is_plain)) {
            Some(text) => {
                let lines = format!(
                    "# Header lines need it; `a2enmod headers` does the same.\nLoadModule headers_module {text}"
                );
                self.put_into_main(&lines);
                Ok(())
            }
            None => Err(
                "mod_headers is not loaded (a2enmod headers), or it is not certain that it is"
                    .to_owned(),
            ),
        }
    }

    fn put_into_site(&mut self, lines: &str) -> Result<(), String> {
        let Some(site) = self.section else {
            self.put_into_main(lines);
            return Ok(());
        };
        let text = self.lines.file(&site.at.file);
        let text = text.ok_or_else(|| format!("{} could not be read again", site.at))?;
        closing(text, site.at.line).map_err(|problem| format!("{}: {problem}", site.at))?;
        self.edits.push(Edit {
            at: site.at.clone(),
            replaces: false,
            lines: lines.to_owned(),
        });
        Ok(())
    }

    /// At the end of the file that Apache starts from.
    fn put_into_main(&mut self, lines: &str) {
        self.edits.push(Edit {
            at: Place {
                file: Arc::from(self.main),
                line: 0,
            },
            replaces: false,
            lines: lines.to_owned(),
        });
    }

    fn replace(&mut self, line: &Directive, lines: String) -> Result<(), String> {
        let text = self.lines.text(&line.at);
        let text = text.ok_or_else(|| format!("{} could not be read again", line.at))?;
        if text.ends_with('\\') {
            return Err(format!(
                "{} goes on on the next line: write it by hand",
                line.at
            ));
        }
        let edit = Edit {
            at: line.at.clone(),
            replaces: true,
            lines,
        };
        // One file may be included in several places.
        if !self.edits.contains(&edit) {
            self.edits.push(edit);
        }
        Ok(())
    }
}

/// A `Header` line.
struct Set {
    action: String,
    name: String,
    value: String,
}

impl Set {
    fn of(line: &Directive) -> Option<Self> {
        if !line.is("Header") {
            return None;
        }
        let mut words = line.args.iter().peekable();
        words.next_if(|word| word.is("always") || word.is("onsuccess"));
        let action = words.next()?.text().to_ascii_lowercase();
        let name = words.next()?.text();
        Some(Self {
            action,
            name: name.trim_end_matches(':').to_owned(),
            value: words
                .next()
                .map_or_else(String::new, |it| it.text().into_owned()),
        })
    }

    fn is_about(&self, header: &str) -> bool {
        let acts = [
            "set",
            "append",
            "add",
            "merge",
            "setifempty",
            "unset",
            "edit",
            "edit*",
        ];
        acts.contains(&self.action.as_str()) && self.name.eq_ignore_ascii_case(header)
    }
}

/// The line that loads a module for sure: outside of all sections.
fn loads<'a>(lines: &'a [Directive], module: &str) -> Option<&'a Directive> {
    let is_it = |line: &&Directive| {
        let name = line.args.first();
        line.is("LoadModule") && name.is_some_and(|name| name.is(module))
    };
    lines.iter().find(is_it)
}

/// Other sites frame some pages: those go without.
fn framing(pattern: &str) -> String {
    let path = pattern.trim_start_matches('^').replace(r"(\?|$)", "[? ]");
    format!(
        "Header always set X-Frame-Options \"SAMEORIGIN\" \"expr=! %{{THE_REQUEST}} =~ m#^[A-Z]+ {path}#\""
    )
}

/// Adds what is missing to cookies of these names, whichever of Apache's two tables they are in.
fn marked(names: &[String], marks: &[&str]) -> String {
    let names = names.join("|");
    let lines = marks.iter().flat_map(|mark| {
        let word = mark.split('=').next().unwrap_or_default();
        ["Header", "Header always"].map(|header| {
            format!(
                "{header} edit Set-Cookie \"^((?:{names})=(?!.*;\\s*(?i:{word})).*)$\" \"$1; {mark}\""
            )
        })
    });
    lines.collect::<Vec<_>>().join("\n")
}

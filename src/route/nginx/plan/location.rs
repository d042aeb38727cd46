//! Locations at any depth, and the `if` and `limit_except` in them, which nginx treats as locations.

use super::level::{Level, obstacle};
use super::named::Pattern;
use super::{Code, Plan, Settings, Template};
use crate::route::{Directive, Place, Word};
use std::path::Path;

/// How a location is chosen.
#[derive(Debug)]
pub(in crate::route::nginx) enum Kind {
    /// The server itself, where no location fits.
    Server,
    Exact,
    Prefix {
        /// `^~`.
        no_regex: bool,
    },
    Regex(Box<Pattern>),
    Named,
    /// `if` or `limit_except`.
    Inner,
}

/// What produces the content.
#[derive(Debug, Clone)]
pub(in crate::route::nginx) enum Handler {
    /// `proxy_pass` and its like.
    Proxy {
        at: Place,
        text: String,
    },
    FastCgi {
        at: Place,
        to: Template,
    },
    EmptyGif(Place),
    StubStatus(Place),
    /// Not modelled.
    Unknown(Place, String),
}

/// One argument of `try_files`.
#[derive(Debug)]
pub(in crate::route::nginx) enum Tried {
    File(Template),
    Directory(Template),
    /// The last one.
    Code(u16),
    /// The last one: a URI or a named location.
    Fallback(Template),
}

/// A location.
#[derive(Debug)]
pub(in crate::route::nginx) struct Location {
    pub(in crate::route::nginx) at: Place,
    /// As it is written: `location ^~ /data/`.
    pub(in crate::route::nginx) label: String,
    pub(in crate::route::nginx) kind: Kind,
    pub(in crate::route::nginx) name: Vec<u8>,
    pub(in crate::route::nginx) settings: Settings,
    pub(in crate::route::nginx) codes: Vec<Code>,
    pub(in crate::route::nginx) handler: Option<Handler>,
    pub(in crate::route::nginx) try_files: Option<(Place, Vec<Tried>)>,
    /// For methods that `limit_except` does not name.
    pub(in crate::route::nginx) limit_except: Option<usize>,
    /// Locations inside that are no patterns, sorted by name.
    pub(in crate::route::nginx) statics: Vec<(Vec<u8>, usize)>,
    /// Locations inside that are patterns, in their order.
    pub(in crate::route::nginx) patterns: Vec<usize>,
    /// Whether a URI that lacks only the last slash is redirected here.
    pub(in crate::route::nginx) auto_redirect: bool,
}

/// What all locations of a server need while they are read.
pub(super) struct Reader<'a> {
    pub(super) plan: &'a mut Plan,
    pub(super) prefix: &'a Path,
    /// The server's named locations.
    pub(super) named: Vec<(Vec<u8>, usize)>,
}

impl Reader<'_> {
    /// Reads a level and everything inside it; where it is in the plan.
    pub(super) fn location(
        &mut self,
        block: &Directive,
        kind: Kind,
        name: Vec<u8>,
        outside: &Settings,
    ) -> usize {
        let alias_name = match kind {
            Kind::Regex(_) => None,
            _ => Some(name.len()),
        };
        let settings = self.settings(block, alias_name, outside);
        let is_regex = matches!(kind, Kind::Regex(_));
        let index = self.push(block, kind, name, settings);
        self.handler(block, index);
        let codes = self.codes(block, index, is_regex);
        self.set(index, |location| location.codes = codes);
        self.limit_except(block, index);
        self.children(block, index);
        index
    }

    pub(super) fn settings(
        &mut self,
        block: &Directive,
        name: Option<usize>,
        outside: &Settings,
    ) -> Settings {
        let mut level = Level {
            plan: self.plan,
            prefix: self.prefix,
            name,
        };
        level.read(outside, block.inside())
    }

    pub(super) fn push(
        &mut self,
        block: &Directive,
        kind: Kind,
        name: Vec<u8>,
        settings: Settings,
    ) -> usize {
        let words: Vec<_> = std::iter::once(&block.name)
            .chain(&block.args)
            .map(Word::text)
            .collect();
        self.plan.locations.push(Location {
            at: block.at.clone(),
            label: words.join(" "),
            kind,
            name,
            settings,
            codes: Vec::new(),
            handler: None,
            try_files: None,
            limit_except: None,
            statics: Vec::new(),
            patterns: Vec::new(),
            auto_redirect: false,
        });
        self.plan.locations.len() - 1
    }

    pub(super) fn set(&mut self, index: usize, change: impl FnOnce(&mut Location)) {
        if let Some(location) = self.plan.locations.get_mut(index) {
            change(location);
        }
    }

    /// `proxy_pass` and its like, `try_files`.
    pub(super) fn handler(&mut self, block: &Directive, index: usize) {
        for directive in block.inside() {
            let at = directive.at.clone();
            let target = directive.args.first();
            let text = target.map(|word| word.text().into_owned());
            let text = format!("{} {}", directive.name.text(), text.unwrap_or_default());
            let handler = match directive.name.bytes() {
                b"proxy_pass" | b"uwsgi_pass" | b"scgi_pass" | b"grpc_pass" | b"memcached_pass"
                | b"tunnel_pass" => Handler::Proxy { at, text },
                b"fastcgi_pass" => Handler::FastCgi {
                    to: Template::new(
                        target.map(Word::bytes).unwrap_or_default(),
                        &at,
                        self.plan,
                        false,
                    ),
                    at,
                },
                b"empty_gif" => Handler::EmptyGif(at),
                b"stub_status" => Handler::StubStatus(at),
                b"mp4" | b"flv" | b"perl" | b"api" | b"status" | b"hls" | b"f4f" => {
                    let (at, text) = obstacle(directive);
                    Handler::Unknown(at, text)
                }
                name if name.starts_with(b"content_by_lua") || name == b"js_content" => {
                    let (at, text) = obstacle(directive);
                    Handler::Unknown(at, text)
                }
                b"try_files" => {
                    let tried = self.try_files(directive);
                    self.set(index, |location| {
                        location.try_files = Some((directive.at.clone(), tried));
                    });
                    continue;
                }
                _ => continue,
            };
            // These redirect a URI that lacks the last slash (`clcf->auto_redirect`).
            let redirects = matches!(handler, Handler::Proxy { .. } | Handler::FastCgi { .. });
            self.set(index, |location| {
                location.auto_redirect =
                    location.auto_redirect || (redirects && location.name.ends_with(b"/"));
                location.handler = Some(handler);
            });
        }
    }

    fn try_files(&self, directive: &Directive) -> Vec<Tried> {
        let count = directive.args.len();
        let template = |text: &[u8]| Template::new(text, &directive.at, self.plan, false);
        let each = directive.args.iter().enumerate().map(|(at, word)| {
            let text = word.bytes();
            let is_last = at + 1 == count;
            if let Some(code) = text.strip_prefix(b"=").filter(|_| is_last) {
                Tried::Code(super::error_page::number(code).unwrap_or(500))
            } else if is_last {
                Tried::Fallback(template(text))
            } else if let Some(name) = text.strip_suffix(b"/") {
                Tried::Directory(template(name))
            } else {
                Tried::File(template(text))
            }
        });
        each.collect()
    }

    /// `limit_except`: nothing of the location but what it hands down applies inside.
    fn limit_except(&mut self, block: &Directive, index: usize) {
        let Some(limit) = block.all("limit_except").next() else {
            return;
        };
        // A GET that is named goes the ordinary way.
        if limit.args.iter().any(|method| method.is("GET")) {
            return;
        }
        let Some(outer) = self.plan.locations.get(index) else {
            return;
        };
        let (name, outside) = (outer.name.clone(), outer.settings.clone());
        let handler = outer.handler.clone();
        let settings = self.settings(limit, Some(name.len()), &outside);
        let inner = self.push(limit, Kind::Inner, name, settings);
        self.set(inner, |location| {
            location.handler = handler.filter(|handler| {
                matches!(handler, Handler::Proxy { .. } | Handler::FastCgi { .. })
            });
        });
        self.handler(limit, inner);
        let codes = self.codes(limit, inner, false);
        self.set(inner, |location| location.codes = codes);
        self.set(index, |location| location.limit_except = Some(inner));
    }

    /// The locations inside a level.
    pub(super) fn children(&mut self, block: &Directive, index: usize) {
        for child in block.all("location") {
            let Some(outside) = self.plan.locations.get(index) else {
                return;
            };
            let outside = outside.settings.clone();
            let (kind, name) = self.kind(child);
            let (is_regex, is_named) =
                (matches!(kind, Kind::Regex(_)), matches!(kind, Kind::Named));
            let inner = self.location(child, kind, name.clone(), &outside);
            if is_named {
                self.named.push((name, inner));
            } else if is_regex {
                self.set(index, |location| location.patterns.push(inner));
            } else {
                self.set(index, |location| location.statics.push((name, inner)));
            }
        }
        self.set(index, |location| location.statics.sort());
    }

    /// `location [modifier] name`; the modifier may stick to the name.
    fn kind(&mut self, block: &Directive) -> (Kind, Vec<u8>) {
        let (modifier, name) = match block.args.as_slice() {
            [modifier, name, ..] => (modifier.bytes(), name.bytes()),
            [word] => modifier_of(word.bytes()),
            [] => (&b""[..], &b""[..]),
        };
        let kind = match modifier {
            b"=" => Kind::Exact,
            b"^~" => Kind::Prefix { no_regex: true },
            b"~" => Kind::Regex(Box::new(self.plan.pattern(name, false))),
            b"~*" => Kind::Regex(Box::new(self.plan.pattern(name, true))),
            _ if name.starts_with(b"@") => Kind::Named,
            _ => Kind::Prefix { no_regex: false },
        };
        (kind, name.to_vec())
    }
}

fn modifier_of(word: &[u8]) -> (&[u8], &[u8]) {
    for modifier in [&b"~*"[..], b"^~", b"~", b"="] {
        if let Some(name) = word.strip_prefix(modifier) {
            return (modifier, name);
        }
    }
    (b"", word)
}

//! Which location takes a URI (`ngx_http_core_find_location`).

use super::Step;
use super::state::State;
use super::uri::escape_path;
use crate::route::nginx::plan::{Beyond, Kind};

/// How the search ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// An exact name or a pattern: nothing else counts.
    Final,
    /// A prefix, and no pattern beat it.
    Prefix,
    /// Only the last slash is missing.
    Redirect,
    Nothing,
}

impl State<'_> {
    /// `ngx_http_core_find_config_phase`.
    pub(super) fn find_config(&mut self) -> Result<Step, Beyond> {
        self.handler = None;
        self.uri_changed = false;
        let said = self.because.len();
        let found = self.find(0)?;
        let location = self.location()?;
        if self.because.len() == said && found != Found::Nothing {
            self.say(&location.at, format!("{} fits best", location.label));
        }
        if !self.internal
            && let Some(at) = &location.settings.internal
        {
            self.say(at, "internal: from outside it is not there");
            return Ok(Step::status(404));
        }
        self.enter(self.location)?;
        if found == Found::Redirect {
            let mut to = escape_path(&location.name);
            if !self.args.is_empty() {
                to.push(b'?');
                to.extend_from_slice(&self.args);
            }
            self.say(&location.at, "the URI lacks only the last slash");
            return Ok(Step::Finalize {
                status: 301,
                to: Some(to),
            });
        }
        Ok(Step::Rewrite)
    }

    fn find(&mut self, depth: usize) -> Result<Found, Beyond> {
        if depth > 200 {
            return Ok(Found::Nothing);
        }
        let outer = self.location()?;
        let mut found = self.find_static()?;
        let mut no_regex = false;
        let best = self.location;
        if found == Found::Prefix {
            no_regex = matches!(self.location()?.kind, Kind::Prefix { no_regex: true });
            found = match self.find(depth + 1)? {
                Found::Nothing => Found::Prefix,
                other => other,
            };
        }
        if matches!(found, Found::Final | Found::Redirect) {
            return Ok(found);
        }
        if no_regex {
            if !outer.patterns.is_empty() {
                let location = self.at(best)?;
                let text = format!("{}: patterns are not asked", location.label);
                self.say(&location.at, text);
            }
            return Ok(found);
        }
        let uri = self.uri.clone();
        for index in &outer.patterns {
            let candidate = self.at(*index)?;
            let Kind::Regex(pattern) = &candidate.kind else {
                continue;
            };
            if !self.matches(pattern, &uri, &candidate.at)? {
                continue;
            }
            let text = if found == Found::Prefix {
                let beaten = self.location()?;
                format!(
                    "{} beats {} ({}): a pattern wins over a prefix without ^~",
                    candidate.label, beaten.label, beaten.at
                )
            } else {
                format!("{} matches", candidate.label)
            };
            self.say(&candidate.at, text);
            self.location = *index;
            self.find(depth + 1)?;
            return Ok(Found::Final);
        }
        Ok(found)
    }

    /// `ngx_http_core_find_static_location`.
    fn find_static(&mut self) -> Result<Found, Beyond> {
        let outer = self.location()?;
        let mut best: Option<(usize, usize)> = None;
        let mut redirect = None;
        for (name, index) in &outer.statics {
            let is_exact = matches!(self.at(*index)?.kind, Kind::Exact);
            if is_exact && *name == self.uri {
                self.location = *index;
                return Ok(Found::Final);
            }
            if !is_exact && self.uri.starts_with(name) {
                if best.is_none_or(|(length, _)| name.len() >= length) {
                    best = Some((name.len(), *index));
                }
            } else if name.len() == self.uri.len() + 1
                && name.starts_with(&self.uri)
                && self.at(*index)?.auto_redirect
            {
                redirect = Some(*index);
            }
        }
        match (best, redirect) {
            (Some((length, index)), _) if length == self.uri.len() => {
                self.location = index;
                Ok(Found::Prefix)
            }
            (_, Some(index)) => {
                self.location = index;
                Ok(Found::Redirect)
            }
            (Some((_, index)), None) => {
                self.location = index;
                Ok(Found::Prefix)
            }
            (None, None) => Ok(Found::Nothing),
        }
    }
}

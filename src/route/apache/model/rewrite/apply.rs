//! Carries out a list of rules (`apply_rewrite_list`, `apply_rewrite_rule`).

use super::super::pattern::Groups;
use super::super::record::{Asking, Record, Rewritten, shown};
use super::super::said::{Step, Stop};
use super::super::uri;
use super::condition::all_hold;
use super::expand::{References, expand};
use super::rule::Rule;
use super::url;
use crate::route::tree::LONGEST_VALUE;
use std::sync::Arc;

/// How one rule ended.
#[derive(PartialEq, Eq)]
enum Applied {
    No,
    /// The substitution took place.
    Changed,
    /// `-`.
    Matched,
}

/// How a list ended.
pub(super) struct Outcome {
    pub(super) how: Rewritten,
    /// The answer, where a rule sets it.
    pub(super) status: u16,
    /// The last rule that changed something.
    pub(super) last: Option<Arc<Rule>>,
}

/// Apache's longest request line, twice (`AP_MAX_REWRITE…`, `limit_req_line`).
const LONGEST: usize = 2 * 8190;

/// Carries out the rules in their order; `directory` is the section's path.
pub(super) fn list(
    rules: &[Arc<Rule>],
    directory: Option<&[u8]>,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<Outcome> {
    let mut outcome = Outcome {
        how: Rewritten::Nothing,
        status: 0,
        last: None,
    };
    let mut references = References::default();
    let (mut at, mut round) = (0, 1);
    while let Some(rule) = rules.get(at) {
        let flags = &rule.flags;
        at += 1;
        if r.depth > 0 && (flags.not_on_subrequests || flags.redirect) {
            continue;
        }
        let applied = one(rule, directory, &mut references, asking, r)?;
        if applied == Applied::No {
            let mut chained = flags.chain;
            while chained {
                chained = rules.get(at).is_some_and(|rule| rule.flags.chain);
                at += 1;
            }
            continue;
        }
        if r.file().len() > LONGEST {
            outcome.how = Rewritten::Status;
            outcome.status = 500;
            return Ok(outcome);
        }
        if flags.answers {
            outcome.how = Rewritten::Status;
            outcome.status = flags.code;
            return Ok(outcome);
        }
        if applied == Applied::Changed {
            outcome.how = if flags.no_escape {
                Rewritten::NoEscape
            } else {
                Rewritten::Normal
            };
            outcome.last = Some(Arc::clone(rule));
        }
        let leaves = flags.redirect || (url::absolute(r.file()).is_some() && !flags.proxy);
        if applied == Applied::Changed && leaves {
            r.status = flags.code;
        }
        if flags.pass_through {
            r.filename = Some([b"passthrough:", r.file()].concat());
            outcome.how = Rewritten::Normal;
            break;
        }
        if flags.end {
            r.rewriting_ended = true;
            break;
        }
        if flags.proxy || flags.last {
            break;
        }
        if let Some(most) = flags.next {
            round += 1;
            if round >= most {
                outcome.how = Rewritten::Status;
                outcome.status = 500;
                return Ok(outcome);
            }
            if round > 2_000 {
                return Err(Stop::at(
                    &rule.at,
                    "not modelled: more than 2000 rounds of [N]",
                ));
            }
            at = 0;
            continue;
        }
        at += flags.skip;
    }
    Ok(outcome)
}

fn one(
    rule: &Rule,
    directory: Option<&[u8]>,
    references: &mut References,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<Applied> {
    let located = |stop: Stop| Stop::at(&rule.at, stop.0.text);
    let mut subject = r.file().to_vec();
    let is_proxy = directory.is_some() && r.is_proxy_name();
    if let Some(directory) = directory {
        subject.extend_from_slice(&r.path_info);
        if !is_proxy && let Some(rest) = subject.strip_prefix(directory) {
            subject = rest.to_vec();
        }
    }
    // A rule costs something even where it has nothing to look at.
    asking.spend(subject.len() + 64).map_err(located)?;
    let found = rule.pattern.captures(&subject).map_err(located)?;
    if found.is_some() == rule.negated {
        return Ok(Applied::No);
    }
    references.test = Some(Groups::default());
    references.rule = match found.filter(|_| !rule.negated) {
        Some(found) => Groups::new(&subject, found),
        None => Groups::default(),
    };
    if !all_hold(&rule.tests, references, asking, r)? {
        return Ok(Applied::No);
    }
    r.note(
        &rule.at,
        format!("{} matches {}", rule.written, shown(&subject)),
    );
    let output = match &rule.output {
        Some(output) => {
            Some(expand(output, references, Some(&rule.flags), asking, r).map_err(located)?)
        }
        None => None,
    };
    set_env(rule, references, asking, r).map_err(located)?;
    let Some(output) = output else {
        force(rule, references, asking, r).map_err(located)?;
        return Ok(Applied::Matched);
    };
    substitute(rule, output, directory.filter(|_| !is_proxy), asking, r).map_err(located)?;
    if !rule.flags.proxy && !rule.flags.redirect && url::absolute(r.file()).is_none() {
        force(rule, references, asking, r).map_err(located)?;
    }
    Ok(Applied::Changed)
}

fn substitute(
    rule: &Rule,
    output: Vec<u8>,
    directory: Option<&[u8]>,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<()> {
    let flags = &rule.flags;
    if output.contains(&b'?') && contains_escaped_mark(&asking.request.target) {
        return Err(Stop::new(
            "not modelled: an escaped question mark meets a rewritten one",
        ));
    }
    // The section's path comes first, so that a question mark in it begins the query.
    r.filename = Some(match directory {
        Some(directory) if !output.starts_with(b"/") && url::absolute(&output).is_none() => {
            [directory, output.as_slice()].concat()
        }
        _ => output,
    });
    if directory.is_some() && flags.discard_path_info {
        r.path_info.clear();
    }
    url::split_query(r, flags);
    if r.args
        .as_ref()
        .is_some_and(|args| args.len() > LONGEST_VALUE)
    {
        return Err(Stop::new(format!(
            "not modelled: a query longer than {LONGEST_VALUE} bytes"
        )));
    }
    if flags.proxy {
        if directory.is_some() && !flags.no_escape {
            r.filename = Some(uri::escape(r.file()));
        }
        url::qualify(asking, r)?;
        r.filename = Some([b"proxy:", r.file()].concat());
        return Ok(());
    }
    if flags.redirect {
        return url::qualify(asking, r);
    }
    url::reduce(asking, r);
    Ok(())
}

fn contains_escaped_mark(target: &[u8]) -> bool {
    target
        .windows(3)
        .any(|part| part.eq_ignore_ascii_case(b"%3f"))
}

fn set_env(rule: &Rule, references: &References, asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    for each in &rule.flags.env {
        let text = expand(each, references, Some(&rule.flags), asking, r)?;
        if let Some(name) = text.strip_prefix(b"!") {
            r.env.remove(name);
            continue;
        }
        let (name, value) = match text.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let (name, value) = text.split_at(colon);
                (name.to_vec(), value.get(1..).unwrap_or_default().to_vec())
            }
            None => (text, Vec::new()),
        };
        asking.spend(name.len() + value.len())?;
        r.env.insert(name, value);
    }
    Ok(())
}

/// `[H=…]` and `[T=…]` (`force_type_handler`).
fn force(rule: &Rule, references: &References, asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    let filled = |text: &Option<Vec<u8>>, r: &Record| -> Step<Option<String>> {
        let Some(text) = text else { return Ok(None) };
        let text = expand(text, references, Some(&rule.flags), asking, r)?;
        Ok((!text.is_empty()).then(|| shown(&text).to_ascii_lowercase()))
    };
    if let Some(name) = filled(&rule.flags.content_type, r)? {
        r.forced_type = Some((name, rule.at.clone()));
    }
    if let Some(name) = filled(&rule.flags.handler, r)? {
        r.forced_handler = Some((name, rule.at.clone()));
    }
    Ok(())
}

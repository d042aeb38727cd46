//! Sections within sections: `<Files>`, `<If>`, `<Limit>` and the containers of `Require`.

use super::access::{Group, Rule};
use super::directives::class;
use super::expr::Condition;
use super::pattern::{Expression, is_wild};
use super::perdir::{Matching, PerDir, Section};
use super::say::{Scope, Trouble, not_modelled, one, written};
use crate::route::{Directive, Word};
use std::sync::Arc;

/// Carries out a section that stands in another, or in `.htaccess`.
pub(super) fn section(
    name: &str,
    line: &Directive,
    says: &mut PerDir,
    scope: &Scope<'_>,
) -> Result<(), Trouble> {
    match name {
        "files" | "filesmatch" => {
            let matching = matching(name == "filesmatch", &line.args, false)?;
            let section = inner(line, matching, scope)?;
            says.files.push(Arc::new(section));
        }
        "if" | "elseif" | "else" => {
            let condition = || -> Result<_, String> {
                let raw = line
                    .raw
                    .as_ref()
                    .map(Word::bytes)
                    .unwrap_or_default()
                    .trim_ascii();
                let text = match line.args.as_slice() {
                    [one] => one.bytes(),
                    _ => raw,
                };
                Ok(Arc::new(Condition::read(text)?))
            };
            let matching = match name {
                "if" => Matching::If(condition()?),
                "elseif" => Matching::ElseIf(condition()?),
                _ => Matching::Else,
            };
            let section = inner(line, matching, scope)?;
            says.ifs.push(Arc::new(section));
        }
        "limit" | "limitexcept" => {
            let names_get = line
                .args
                .iter()
                .any(|word| *word == *"GET" || *word == *"HEAD");
            let mut scope = scope.clone();
            scope.get &= names_get == (name == "limit");
            for line in line.inside() {
                one(line, says, &scope)?;
            }
        }
        "requireall" => container(line, true, false, says, scope)?,
        "requireany" => container(line, false, false, says, scope)?,
        "requirenone" => container(line, false, true, says, scope)?,
        _ => says.unmodelled.push(not_modelled(line)),
    }
    Ok(())
}

/// A section within a section.
fn inner(line: &Directive, matching: Matching, scope: &Scope<'_>) -> Result<Section, Trouble> {
    let mut says = PerDir::default();
    let scope = Scope {
        rewritable: false,
        path: scope.path.clone().or_else(|| Some(Vec::new())),
        ..scope.clone()
    };
    for line in line.inside() {
        one(line, &mut says, &scope)?;
    }
    Ok(Section {
        matching,
        says: Arc::new(says),
        at: line.at.clone(),
        written: written(line),
    })
}

/// What a section's arguments match: `~` makes it a regular expression.
pub(super) fn matching(regex: bool, words: &[Word], directory: bool) -> Result<Matching, String> {
    let (regex, word) = match words {
        [tilde, word, ..] if *tilde == *"~" => (true, word),
        [word, ..] => (regex, word),
        [] => return Err("the section needs an argument".to_owned()),
    };
    if regex {
        return Ok(Matching::Regex(Expression::new(word.bytes(), false)?));
    }
    let mut path = word.bytes().to_vec();
    if directory && path != b"/" {
        path = super::walk::canonical(&path);
        if !path.ends_with(b"/") {
            path.push(b'/');
        }
    }
    Ok(if is_wild(&path) {
        Matching::Wild(path)
    } else {
        Matching::Exact(path)
    })
}

/// `<RequireAll>` and the like (`add_authz_section`).
fn container(
    line: &Directive,
    all: bool,
    negated: bool,
    says: &mut PerDir,
    scope: &Scope<'_>,
) -> Result<(), Trouble> {
    let old = says.authorization_mut().rules.take();
    says.authorization_mut().rules = Some(Group {
        all,
        negated,
        get: false,
        rules: Vec::new(),
    });
    let mut scope = scope.clone();
    if let Some(allowed) = &mut scope.allowed {
        allowed.classes = class::AUTH_CONFIG;
    }
    let mut result = Ok(());
    for line in line.inside() {
        result = one(line, says, &scope);
        if result.is_err() {
            break;
        }
    }
    let group = says.authorization_mut().rules.take();
    says.authorization_mut().rules = old;
    result?;
    let Some(group) = group.filter(|group| !group.rules.is_empty()) else {
        return Err("the container holds no authorization directives"
            .to_owned()
            .into());
    };
    let outer = says
        .authorization_mut()
        .rules
        .get_or_insert_with(Group::any);
    outer.get |= group.get;
    if group.negated && !outer.all {
        return Err("negative container has no effect here".to_owned().into());
    }
    if !group.negated && group.all == outer.all {
        outer.rules.extend(group.rules);
    } else {
        outer.rules.push(Arc::new(Rule::Group(group)));
    }
    Ok(())
}

/// Carries out a `Require` line (`add_authz_provider`).
pub(super) fn require(
    line: &Directive,
    says: &mut PerDir,
    scope: &Scope<'_>,
) -> Result<(), Trouble> {
    let raw = line.raw.as_ref().map(Word::bytes).unwrap_or_default();
    let rule = Rule::read(&line.args, raw, scope.get, &line.at, scope.loaded)?;
    let group = says
        .authorization_mut()
        .rules
        .get_or_insert_with(Group::any);
    if rule.is_negated() && !group.all {
        return Err("negative Require directive has no effect here"
            .to_owned()
            .into());
    }
    group.get |= rule.counts_for_get();
    group.rules.push(Arc::new(rule));
    Ok(())
}

//! Lines of mod_rewrite as written, in sections and outside.

use super::perdir::PerDir;
use super::rewrite::{self, PerDirectory, Rule, Test};
use super::said::{Said, Stop};
use super::say::{Scope, Trouble, flag, not_modelled, only};
use crate::route::{Directive, Word};
use std::sync::Arc;

/// A line of mod_rewrite in a section.
pub(super) fn rewriting(
    name: &str,
    line: &Directive,
    says: &mut PerDir,
    scope: &Scope<'_>,
) -> Result<(), Trouble> {
    if !scope.rewritable {
        says.unmodelled.push(not_modelled(line));
        return Ok(());
    }
    rewrite_line(name, line, section_rules(says, scope))
}

/// What a section says to mod_rewrite, from the first line on that is its own
/// (`config_perdir_create`).
pub(super) fn section_rules<'s>(says: &'s mut PerDir, scope: &Scope<'_>) -> &'s mut PerDirectory {
    let conf = says.rewrite.get_or_insert_default();
    if conf.directory.is_none() {
        conf.directory = scope.path.clone().map(|mut path| {
            if !path.ends_with(b"/") {
                path.push(b'/');
            }
            path
        });
    }
    conf
}

/// Carries out a line of mod_rewrite.
pub(super) fn rewrite_line(
    name: &str,
    line: &Directive,
    conf: &mut PerDirectory,
) -> Result<(), Trouble> {
    let raw = line.raw.as_ref().map(Word::bytes).unwrap_or_default();
    match name {
        "rewriteengine" => conf.state = Some(Said::new(flag(&line.args, line)?, &line.at)),
        "rewriteoptions" => {
            let found =
                rewrite::choices(&line.args, conf.choices, &line.at).map_err(Trouble::Stop)?;
            conf.choices = Some(found);
        }
        "rewritebase" => {
            let base = only(&line.args, line)?.into_bytes();
            if !base.starts_with(b"/") {
                return Err("RewriteBase: argument is not a valid URL".to_owned().into());
            }
            conf.base = Some(Said::new(base, &line.at));
            conf.base_said = true;
        }
        "rewritecond" => conf.pending.push(strange(Test::read(raw, &line.at), line)?),
        _ => {
            let tests = std::mem::take(&mut conf.pending);
            let rule = strange(Rule::read(raw, tests, &line.at), line)?;
            conf.rules.push(Arc::new(rule));
        }
    }
    Ok(())
}

fn strange<T>(read: Result<T, String>, line: &Directive) -> Result<T, Trouble> {
    read.map_err(|message| {
        if message.contains("not modelled") {
            Trouble::Stop(Stop::at(&line.at, message))
        } else {
            Trouble::Refused(message)
        }
    })
}

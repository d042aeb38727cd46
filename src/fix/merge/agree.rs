//! Deeds about one subject that must agree: the same value twice is one deed, two values are a
//! conflict.

use super::bits::Bits;
use super::{Deed, Merged};
use crate::fix::action::Action;
use crate::sql;
use std::collections::BTreeMap;

const SAME: &str = "it does the same";

/// What a deed is about: deeds with different subjects never disturb each other here.
pub(super) fn subject(action: &Action) -> String {
    match action {
        Action::Own { path, .. }
        | Action::Mode { path, .. }
        | Action::StripAcl { path }
        | Action::GrantAcl { path, .. }
        | Action::Directory { path, .. } => format!("entry\n{path}"),
        Action::CloseTree {
            path,
            except,
            from,
            user,
            group,
            ..
        } => {
            let mut kept = except.clone();
            kept.sort();
            let group = group.clone().unwrap_or_default();
            format!("tree\n{path}\n{from}\n{user}\n{group}\n{}", kept.join("\n"))
        }
        Action::Write { path, .. } => format!("file\n{path}"),
        Action::PutAway { path, .. } | Action::Unlink { path } => format!("away\n{path}"),
        Action::MoveTree { to, .. } => format!("move\n{to}"),
        Action::Account { user } => format!("account\n{user}"),
        Action::Setting { path, setting, .. } => format!("setting\n{path}\n{setting}"),
        Action::Ini {
            path, section, key, ..
        } => {
            let section = section.clone().unwrap_or_default();
            format!("ini\n{path}\n{section}\n{key}")
        }
        Action::Snippet { path, line, .. } => format!("snippet\n{path}\n{line}"),
        Action::Line { path, line, .. } => format!("line\n{path}\n{line}"),
        Action::CronLine { path, line, .. } => format!("cron line\n{path}\n{line}"),
        Action::Sql(deed) => database(deed),
        Action::OwnLogin { path, .. } => format!("login\n{path}"),
        Action::Reload { server, service } => {
            let service = service.clone().unwrap_or_default();
            format!("reload\n{server:?}\n{service}")
        }
    }
}

/// Settings of one schema can be written together; every other statement is about itself alone.
fn database(deed: &sql::Deed) -> String {
    match deed {
        sql::Deed::Settings { schema, .. } => format!("settings\n{schema}"),
        other => format!("sql\n{other:?}"),
    }
}

/// One deed for all of a subject, or a conflict.
pub(super) fn merge(deeds: &[Deed], merged: &mut Merged) {
    let Some(first) = deeds.first() else { return };
    if let Action::CloseTree { .. } = &first.action {
        trees(deeds, first, merged);
        return;
    }
    if let Action::Sql(sql::Deed::Settings { .. }) = &first.action {
        settings(deeds, merged);
        return;
    }
    // Evidence before leftovers: the place that comes first. A link needs no keeping.
    if let Action::PutAway { .. } | Action::Unlink { .. } = &first.action {
        let because = "it is taken away already";
        merged.keep(first.action.clone(), deeds, because);
        return;
    }
    let value = meaning(&first.action);
    if deeds.iter().all(|it| meaning(&it.action) == value) {
        // A setting whose line is known is the better deed.
        let best = deeds.iter().max_by_key(|it| match &it.action {
            Action::Setting { line, .. } => *line,
            _ => 0,
        });
        let action = best.unwrap_or(first).action.clone();
        merged.keep(action, deeds, SAME);
    } else {
        let about = subject(&first.action).replace('\n', " ");
        merged.conflict(about.trim().to_owned(), deeds);
    }
}

/// What a deed would leave behind, apart from where that stands now.
fn meaning(action: &Action) -> Action {
    let mut action = action.clone();
    if let Action::Setting { line, .. } = &mut action {
        *line = 0;
    }
    action
}

/// What several would take from a tree is taken at once.
fn trees(deeds: &[Deed], first: &Deed, merged: &mut Merged) {
    let (mut take, mut give) = (0, 0);
    for deed in deeds {
        let Action::CloseTree { mode, .. } = &deed.action else {
            continue;
        };
        match Bits::of(mode) {
            Some(Bits::Change { take: t, give: g }) => (take, give) = (take | t, give | g),
            _ => {
                return merged.conflict("a tree's mode must be clauses".to_owned(), deeds);
            }
        }
    }
    if take & give != 0 {
        return merged.conflict("modes of a tree".to_owned(), deeds);
    }
    let mut action = first.action.clone();
    if let Action::CloseTree { mode, except, .. } = &mut action {
        *mode = Bits::Change { take, give }.text();
        except.sort();
    }
    merged.keep(action, deeds, "the same walk takes these bits too");
}

/// Each fix writes its own settings, so that a step shows what it is for; only a setting that two fixes
/// want to have different values is a conflict.
fn settings(deeds: &[Deed], merged: &mut Merged) {
    let mut known: BTreeMap<&String, (&String, &Deed)> = BTreeMap::new();
    for deed in deeds {
        let Action::Sql(sql::Deed::Settings { values, .. }) = &deed.action else {
            continue;
        };
        for (name, value) in values {
            match known.insert(name, (value, deed)) {
                Some((other, with)) if other != value => {
                    let about = format!("the setting {name}");
                    return merged.conflict(about, &[with.clone(), deed.clone()]);
                }
                _ => {}
            }
        }
    }
    for deed in deeds {
        merged.keep(deed.action.clone(), std::slice::from_ref(deed), SAME);
    }
}

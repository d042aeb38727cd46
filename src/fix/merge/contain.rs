//! Deeds that one with a wider reach makes needless, or contradicts: what is taken away needs no new
//! mode, what a walk over the tree closes need not be closed by itself.

use super::bits::Bits;
use super::{Deed, Merged};
use crate::fix::action::Action;
use crate::fix::below::is_below;
use std::collections::BTreeMap;

const AWAY: &str = "what it is about is taken away";
const TREE: &str = "the whole tree is closed so";

pub(super) fn merge(merged: &mut Merged) {
    walks(merged);
    let deeds = std::mem::take(&mut merged.deeds);
    let mut away: BTreeMap<String, Action> = BTreeMap::new();
    let mut trees: BTreeMap<String, Vec<Deed>> = BTreeMap::new();
    let mut lines: BTreeMap<(String, u32), Deed> = BTreeMap::new();
    for deed in &deeds {
        match &deed.action {
            Action::PutAway { path, .. } | Action::Unlink { path } => {
                away.insert(path.clone(), deed.action.clone());
            }
            Action::CloseTree { path, .. } => {
                trees.entry(path.clone()).or_default().push(deed.clone());
            }
            Action::Line { path, line, .. } => {
                lines.insert((path.clone(), *line), deed.clone());
            }
            _ => {}
        }
    }
    for deed in deeds {
        if let Action::Snippet { path, line, .. } = &deed.action
            && let Some(other) = lines.get(&(path.clone(), *line))
        {
            let about = format!("{path}:{line}, which another deed changes");
            merged.conflict(about, &[deed.clone(), other.clone()]);
            continue;
        }
        let Some(path) = entry(&deed.action).map(str::to_owned) else {
            merged.deeds.push(deed);
            continue;
        };
        if let Some(by) = chain(&path).find_map(|it| away.get(it)).cloned() {
            merged.cover(&deed, &by, AWAY);
            continue;
        }
        let by = chain(&path)
            .filter_map(|it| trees.get(it))
            .flatten()
            .find_map(|tree| Some((tree, closes(&tree.action, &deed.action)?)))
            .map(|(tree, fate)| (tree.clone(), fate));
        match by {
            Some((tree, Fate::Covered)) => merged.cover(&deed, &tree.action, TREE),
            Some((tree, Fate::Contradicted)) => {
                merged.conflict(format!("the mode of {path}"), &[deed, tree]);
            }
            None => merged.deeds.push(deed),
        }
    }
}

/// Two walks over one tree of which one takes bits alone that the other takes as well: the other does, for
/// the checks of both.
fn walks(merged: &mut Merged) {
    let mut left: Vec<Deed> = Vec::new();
    for deed in std::mem::take(&mut merged.deeds) {
        if let Some(wider) = left
            .iter_mut()
            .find(|it| walks_for(&it.action, &deed.action))
        {
            wider.origins.extend(deed.origins.iter().cloned());
            let by = wider.action.clone();
            merged.cover(&deed, &by, TREE);
            continue;
        }
        let (narrow, rest): (Vec<Deed>, Vec<Deed>) = left
            .into_iter()
            .partition(|it| walks_for(&deed.action, &it.action));
        left = rest;
        let mut deed = deed;
        for other in narrow {
            deed.origins.extend(other.origins.iter().cloned());
            merged.cover(&other, &deed.action, TREE);
        }
        left.push(deed);
    }
    merged.deeds = left;
}

/// Whether a walk does all that another one does.
fn walks_for(wide: &Action, narrow: &Action) -> bool {
    let (
        Action::CloseTree {
            path,
            except,
            from,
            user,
            mode,
            ..
        },
        Action::CloseTree {
            path: same,
            except: spared,
            from: theirs,
            user: stays,
            group: None,
            mode: less,
        },
    ) = (wide, narrow)
    else {
        return false;
    };
    let takes = |mode: &str| match Bits::of(mode) {
        Some(Bits::Change { take, give: 0 }) => Some(take),
        _ => None,
    };
    let (Some(most), Some(least)) = (takes(mode), takes(less)) else {
        return false;
    };
    let does_more = from != user || most != least;
    (path, except, theirs) == (same, spared, stays) && least & !most == 0 && does_more
}

/// The path of a deed about one entry's owner, mode or ACL.
fn entry(action: &Action) -> Option<&str> {
    match action {
        Action::Own { path, .. }
        | Action::Mode { path, .. }
        | Action::StripAcl { path }
        | Action::GrantAcl { path, .. } => Some(path),
        _ => None,
    }
}

/// A path and all directories above it.
fn chain(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| {
        let (above, _) = path.rsplit_once('/')?;
        Some(if above.is_empty() && *path != "/" {
            "/"
        } else {
            above
        })
    })
    .take_while(|path| !path.is_empty())
}

enum Fate {
    Covered,
    Contradicted,
}

/// Whether the walk does what a deed about one entry would do, or undoes it.
fn closes(tree: &Action, deed: &Action) -> Option<Fate> {
    let Action::CloseTree {
        path: top,
        except,
        mode: taken,
        ..
    } = tree
    else {
        return None;
    };
    let Action::Mode { path, mode } = deed else {
        return None;
    };
    let spared = |it: &String| path == it || is_below(path, it);
    let inside = path == top || is_below(path, top);
    if !inside || except.iter().any(spared) {
        return None;
    }
    let Some(Bits::Change { take, .. }) = Bits::of(taken) else {
        return None;
    };
    match Bits::of(mode) {
        Some(Bits::Change { take: own, give: 0 }) if own & !take == 0 => Some(Fate::Covered),
        Some(Bits::Change { give, .. }) if give & take != 0 => Some(Fate::Contradicted),
        Some(Bits::Exact(bits)) if bits & take != 0 => Some(Fate::Contradicted),
        _ => None,
    }
}

//! Configuration files that lie outside of what is walked. The product runs them as code wherever
//! they are, so whoever can change one can change the application.

use super::changes::mechanism;
use super::principals::{Principals, Set, Watch};
use super::publish::text;
use crate::access::{Answer, Chain, Principal, Verdict, judge};
use crate::facts::{Change, Listing};
use crate::host::Looker;
use crate::target::as_path;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Who can change these files, those below a walked root left out.
pub(super) fn changes(
    files: impl IntoIterator<Item = PathBuf>,
    walked: &[PathBuf],
    principals: &Principals,
    looker: &Looker,
) -> Listing<Change> {
    let mut list = Listing::whole(Vec::new());
    for file in files {
        let taken = looker.chain(file.as_os_str().as_bytes());
        let Some(real) = taken.end_path() else {
            list.missed
                .push(format!("{} could not be looked at", file.display()));
            continue;
        };
        if !walked.iter().any(|root| as_path(real).starts_with(root)) {
            one(real, principals, looker, &mut list);
        }
    }
    list
}

fn one(real: &[u8], principals: &Principals, looker: &Looker, list: &mut Listing<Change>) {
    let chain = looker.chain(real);
    let asked = principals.everybody | principals.web | principals.accounts;
    let mut everybody: Set = 0;
    for (index, watch, who) in principals.of(asked) {
        // What everybody can do is not said again for each account.
        if everybody != 0 && watch != Watch::Web {
            continue;
        }
        match way(&chain, who, looker) {
            Ok(Some((right, answer))) => {
                everybody |= principals.everybody & (1 << index);
                list.rows.push(row(real, watch, who, right, answer));
            }
            Ok(None) => {}
            Err(reason) => list.missed.push(reason),
        }
    }
}

/// The plainest way to change what the path names.
fn way(
    chain: &Chain,
    who: &Principal,
    looker: &Looker,
) -> Result<Option<(&'static str, Answer)>, String> {
    let answers = judge(chain, who, looker.sysctl());
    let mut unknown = None;
    for (right, answer) in [
        ("write", answers.write),
        ("chmod", answers.chmod),
        ("replace", answers.replace),
    ] {
        match answer.allowed {
            Some(true) => return Ok(Some((right, answer))),
            Some(false) => {}
            None => unknown = unknown.or(Some(answer.because)),
        }
    }
    unknown.map_or(Ok(None), Err)
}

fn row(real: &[u8], watch: Watch, who: &Principal, right: &'static str, answer: Answer) -> Change {
    let granted = answer.link.and_then(|link| link.mechanism);
    Change {
        by: watch.word().to_owned(),
        user: who.name.clone(),
        area: "app".to_owned(),
        right: right.to_owned(),
        mechanism: granted
            .map_or("owner", |it| mechanism(Verdict::Granted(it)))
            .to_owned(),
        directory: as_path(real)
            .parent()
            .map_or_else(String::new, |parent: &Path| {
                text(parent.as_os_str().as_bytes())
            }),
        count: 1,
        path: text(real),
        because: answer.because,
        examples: vec![text(real)],
        mostly_in: Vec::new(),
    }
}

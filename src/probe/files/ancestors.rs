//! The directories above the install: could the web server's account, or everybody, rename one away
//! and put another in its place? Asked along the path as it was given and as it really is.

use super::changes::mechanism;
use super::publish::text;
use crate::access::{Principal, Verdict, judge};
use crate::facts::{Ancestor, Known, Listing};
use crate::host::Looker;
use crate::target::Target;
use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

pub(super) fn observe(target: &Target, looker: &Looker) -> Listing<Ancestor> {
    let mut places: BTreeSet<PathBuf> = BTreeSet::new();
    let config = target.config_file().and_then(Path::parent);
    let roots = [
        Some(target.given.as_path()),
        Some(target.root.as_path()),
        config,
    ];
    for root in roots.into_iter().flatten() {
        places.extend(root.ancestors().map(Path::to_owned));
    }
    places.remove(Path::new("/"));
    let anybody = Principal::anybody();
    let mut asked: Vec<(&str, &Principal)> = vec![("everybody", &anybody)];
    asked.extend(target.roles.web.iter().map(|who| ("web", who)));
    let mut rows = Vec::new();
    for place in &places {
        let chain = looker.chain(place.as_os_str().as_bytes());
        for (by, who) in &asked {
            let replace = judge(&chain, who, looker.sysctl()).replace;
            let decides = replace.link.as_ref().and_then(|link| {
                let mut places = chain.places.iter();
                places.find(|place| place.path == link.path)
            });
            let sticky = decides.is_some_and(|place| place.entry.mode & 0o1000 != 0);
            rows.push(Ancestor {
                path: text(place.as_os_str().as_bytes()),
                by: (*by).to_owned(),
                user: who.name.clone(),
                replaceable: replace
                    .allowed
                    .map_or_else(|| Known::unknown(replace.because.clone()), Known::Known),
                decided_by: replace
                    .link
                    .as_ref()
                    .map_or_else(String::new, |link| text(&link.path)),
                sticky,
                mechanism: replace
                    .link
                    .and_then(|link| link.mechanism)
                    .map_or("", |it| mechanism(Verdict::Granted(it)))
                    .to_owned(),
                because: replace.because,
            });
        }
    }
    Listing {
        rows,
        missed: target.roles.web_unknown.clone(),
    }
}

//! What happens to files in data directories: those that are there, and those that uploads, logs and
//! dumps would put there. One row for each thing that happens and each line that decides it.

use super::guard;
use super::places::{Bounds, Sample, Spot, spots};
use super::surface::{Planted, Surface};
use crate::facts::{Known, Listing, Reach};
use crate::target::Target;
use std::path::{Path, PathBuf};

/// A huge tree of attachments is a few directories of each level.
const BOUNDS: Bounds = Bounds {
    depth: 2,
    directories: 40,
};

/// Names that the product or a visitor may make, and what they stand for.
const NAMES: &[(&str, &str)] = &[
    ("deskguard-probe", "attachment"),
    ("deskguard-probe.html", "page"),
    ("deskguard-probe.txt", "text"),
    ("deskguard-probe.log", "log"),
    ("deskguard-probe.sql", "dump"),
    ("deskguard-probe.zip", "backup"),
    ("deskguard-probe.dat", "data"),
    (".deskguard-probe", "dot-file"),
];

/// Names that a server might run, what to add to the request, and what they stand for.
pub(super) const SCRIPTS: &[(&str, &str, &str)] = &[
    ("deskguard-probe.php", "", "script"),
    ("deskguard-probe.phtml", "", "script"),
    ("deskguard-probe.phar", "", "script"),
    ("deskguard-probe.php5", "", "script"),
    (
        "deskguard-probe.php.jpg",
        "",
        "picture with .php in its name",
    ),
    (
        "deskguard-probe.jpg",
        "/x.php",
        "picture, asked for with /x.php behind it",
    ),
];

/// Every data directory and the spots in it, links resolved, each once.
pub(super) fn data_spots(surface: &Surface<'_>, target: &Target) -> Sample {
    let mut roots: Vec<PathBuf> = target
        .data
        .iter()
        .map(|data| data.real.clone().unwrap_or_else(|| data.path.clone()))
        .collect();
    roots.sort();
    roots.dedup();
    let all = roots.clone();
    // What lies in another data directory is reached from there.
    roots.retain(|root| {
        !all.iter()
            .any(|other| other != root && root.starts_with(other))
    });
    let mut found: Vec<Spot> = Vec::new();
    let mut is_cut = false;
    for root in &roots {
        let sample = spots(surface.host, root, &[], BOUNDS);
        found.extend(sample.spots);
        is_cut |= sample.is_cut;
    }
    // Those with a setting of their own are asked about however deep they lie.
    for path in all {
        if found.iter().all(|spot| spot.path != path) {
            found.push(Spot {
                path,
                ..Spot::default()
            });
        }
    }
    Sample {
        spots: found,
        is_cut,
    }
}

pub(super) fn observe(surface: &Surface<'_>, target: &Target, spots: &[Spot]) -> Listing<Reach> {
    let mut rows = Groups::default();
    for spot in spots {
        let mut add = |path: &Path, kind: &str, planted: Planted<'_>, more: &str| {
            let found = surface.reaches(path, kind, planted, more);
            rows.add(guarded(target, found, path, more));
        };
        add(&spot.path, "directory", &[], "");
        add(&spot.path, "directory", &[], "/");
        for path in spot.files.values() {
            add(path, "file", &[], "");
        }
        for (name, kind) in NAMES {
            let path = spot.path.join(name);
            add(&path, kind, &[(path.clone(), "")], "");
        }
        for (name, more, kind) in SCRIPTS {
            let path = spot.path.join(name);
            add(&path, kind, &[(path.clone(), "")], more);
        }
    }
    let mut missed = surface.missed.clone();
    missed.extend(target.data_unknown.iter().cloned());
    if spots.is_empty() && missed.is_empty() {
        missed.push(target.no_settings());
    }
    Listing {
        rows: rows.rows,
        missed,
    }
}

/// The rows with what refuses every request to the data directory that the path lies in.
pub(super) fn guarded(
    target: &Target,
    mut rows: Vec<Reach>,
    path: &Path,
    more: &str,
) -> Vec<Reach> {
    let tops = target
        .data
        .iter()
        .map(|data| data.real.as_deref().unwrap_or(&data.path));
    let top = tops
        .filter(|top| path.starts_with(top))
        .min_by_key(|top| top.as_os_str().len());
    for row in &mut rows {
        let guard = top.and_then(|top| guard::below(&row.url, more, path, top));
        row.guard = guard.unwrap_or_default();
    }
    rows
}

/// Rows that say the same of several files: the first stands for all.
#[derive(Default)]
pub(super) struct Groups {
    pub(super) rows: Vec<Reach>,
}

impl Groups {
    pub(super) fn add(&mut self, rows: Vec<Reach>) {
        for row in rows {
            let nothing = row.does == Known::Known("nothing".to_owned());
            let alike = |known: &Reach| {
                known.does == row.does
                    && known.intended == row.intended
                    && known.path == row.path
                    && known.line == row.line
                    && (nothing || (known.exists == row.exists && host_of(known) == host_of(&row)))
            };
            match self.rows.iter_mut().find(|known| alike(known)) {
                Some(known) => {
                    known.count += row.count;
                    known.guard = guard::both(&known.guard, &row.guard);
                }
                None => self.rows.push(row),
            }
        }
    }
}

/// Scheme and host of the request: each virtual host is a finding of its own.
fn host_of(row: &Reach) -> Option<&str> {
    let after = row.url.find("://").map_or(0, |at| at + 3);
    let end = row.url.get(after..)?.find('/')?;
    row.url.get(..after + end)
}

/// Whether a path lies in a data directory.
pub(super) fn is_data(target: &Target, path: &Path) -> bool {
    let real =
        |data: &crate::target::DataDir| data.real.clone().unwrap_or_else(|| data.path.clone());
    target.data.iter().any(|data| path.starts_with(real(data)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(subject: &str, does: &str, line: u32, url: &str) -> Reach {
        Reach {
            subject: subject.to_owned(),
            kind: String::new(),
            exists: true,
            intended: false,
            does: Known::Known(does.to_owned()),
            count: 1,
            guard: String::new(),
            url: url.to_owned(),
            answer: String::new(),
            path: "/n".to_owned(),
            line,
            because: String::new(),
        }
    }

    #[test]
    fn one_row_for_each_line_and_host() {
        let mut groups = Groups::default();
        groups.add(vec![
            row("/d/a", "served", 3, "http://a.example/d/a"),
            row("/d/b", "served", 3, "http://a.example/d/b"),
            row("/d/c", "served", 3, "http://b.example/d/c"),
            row("/d/d", "served", 4, "http://a.example/d/d"),
            row("/d/e", "nothing", 3, "http://a.example/d/e"),
            row("/d/f", "nothing", 3, "http://b.example/d/f"),
        ]);
        let counts: Vec<u64> = groups.rows.iter().map(|row| row.count).collect();
        assert_eq!(counts, [2, 1, 1, 2]);
    }
}

//! One `.htaccess`: found, read, held against `AllowOverride` (server/config.c, `ap_parse_htaccess`).
//! What it may not hold makes Apache answer 500, what it cannot read 403.

use super::expand::Expansion;
use super::options::{Overrides, bit};
use super::perdir::PerDir;
use super::record::{Asking, ReadOnce, Record};
use super::said::{Step, Stop};
use super::say::{self, Allowed, Scope, Trouble};
use crate::route::apache::{Start, parse};
use crate::route::{Because, Directive, Entry, NoSources, Source};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// No larger file is modelled, in bytes: whoever may write to a folder may put one there, and it is read
/// for every request.
const LARGEST: usize = 256 << 10;

/// What was found.
pub(super) enum Found {
    None,
    Status(u16),
    Says(Arc<PerDir>),
}

/// The names that such a file may have in a directory (`AccessFileName`), the path ending in a slash.
fn names(directory: &[u8], asking: &Asking<'_>) -> Vec<PathBuf> {
    let path = |name: &[u8]| PathBuf::from(OsStr::from_bytes(&[directory, name].concat()));
    match &asking.server.access_names {
        Some(names) => names.iter().map(|name| path(name)).collect(),
        None => vec![path(b".htaccess")],
    }
}

/// Names the file that lies in a directory where Apache does not look for one. It changes nothing,
/// so that a disk that cannot tell is no reason to stop.
pub(super) fn note_ignored(
    directory: &[u8],
    overrides: &Overrides,
    asking: &Asking<'_>,
    r: &mut Record,
) {
    let Some(said) = &overrides.classes else {
        return;
    };
    for file in names(directory, asking) {
        if let Ok(Entry::File { .. }) = asking.disk.entry(&file) {
            r.note(
                &said.at,
                format!("AllowOverride None: {} is not read", file.display()),
            );
        }
    }
}

/// Reads the file of a directory, whose path ends in a slash.
pub(super) fn read(
    directory: &[u8],
    overrides: &Overrides,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<Found> {
    for file in names(directory, asking) {
        match asking.disk.entry(&file).map_err(Stop::new)? {
            Entry::Missing | Entry::BelowFile => continue,
            Entry::File { readable: true } => return parsed(file, directory, overrides, asking, r),
            _ => {
                r.note_fact(format!("{} cannot be read by Apache", file.display()));
                return Ok(Found::Status(403));
            }
        }
    }
    Ok(Found::None)
}

fn parsed(
    file: PathBuf,
    directory: &[u8],
    overrides: &Overrides,
    asking: &Asking<'_>,
    r: &mut Record,
) -> Step<Found> {
    let classes = overrides.classes.as_ref();
    let allowed = Allowed {
        classes: classes.map_or(0, |said| said.value),
        options: overrides.options.unwrap_or(bit::ANY),
        list: overrides
            .list
            .as_ref()
            .map(|said| said.value.clone())
            .unwrap_or_default(),
        nonfatal: overrides.nonfatal,
    };
    if let Some(says) = known(&file, &allowed, asking) {
        return Ok(Found::Says(says));
    }
    let Source::Text(text) = asking.disk.read(&file).map_err(Stop::new)? else {
        return Ok(Found::None);
    };
    if text.len() > LARGEST {
        return Err(Stop::new(format!(
            "not modelled: {} is larger than {} KiB",
            file.display(),
            LARGEST >> 10
        )));
    }
    let remembered = &asking.model.htaccess;
    let result = match remembered.find(&file, &allowed, &text) {
        Some(says) => Ok(says),
        None => lines(&file, &text, directory, allowed.clone(), asking)?.map(|says| {
            let says = Arc::new(says);
            remembered.keep(&file, &allowed, &text, &says);
            says
        }),
    };
    match result {
        Ok(says) => {
            asking.read_once.borrow_mut().push(ReadOnce {
                file,
                allowed,
                says: Arc::clone(&says),
            });
            Ok(Found::Says(says))
        }
        Err(because) => {
            if let Some(said) = classes {
                r.note(&said.at, "AllowOverride");
            }
            r.because.push(because);
            Ok(Found::Status(500))
        }
    }
}

fn known(file: &Path, allowed: &Allowed, asking: &Asking<'_>) -> Option<Arc<PerDir>> {
    let read = asking.read_once.borrow();
    let found = read
        .iter()
        .find(|read| read.file == file && read.allowed == *allowed)?;
    Some(Arc::clone(&found.says))
}

/// What the lines say, or the line that Apache refuses.
fn lines(
    file: &Path,
    text: &[u8],
    directory: &[u8],
    allowed: Allowed,
    asking: &Asking<'_>,
) -> Step<Result<PerDir, Because>> {
    let model = asking.model;
    let start = Start {
        server_root: model.server_root.clone(),
        variables: model.variables.clone(),
    };
    let config = parse(file, text, start, &NoSources);
    if let Some(problem) = config.tree.problems.first() {
        return Ok(Err(Because {
            at: Some(problem.at.clone()),
            text: problem.message.clone(),
        }));
    }
    let conditional = |line: &&Directive| {
        let name = format!("<{}", line.name.text().to_ascii_lowercase());
        line.children.is_some() && name.starts_with("<if") && !allowed.list.contains(&name)
    };
    if allowed.classes == 0
        && let Some(line) = config.tree.directives.iter().find(conditional)
    {
        return Ok(Err(Because {
            at: Some(line.at.clone()),
            text: format!("<{} not allowed here", line.name.text()),
        }));
    }
    let mut expansion = Expansion {
        loaded: model.loaded.clone(),
        variables: model.variables.clone(),
        sources: asking.disk,
        undecided: Vec::new(),
    };
    let lines = expansion.expand(&config.tree.directives);
    if let Some(because) = expansion.undecided.into_iter().next() {
        return Err(Stop(because));
    }
    let scope = Scope {
        loaded: &model.loaded,
        path: Some(directory.to_vec()),
        rewritable: true,
        get: true,
        allowed: Some(allowed),
    };
    let mut says = PerDir::default();
    match say::all(&lines, &mut says, &scope) {
        Ok(()) => Ok(Ok(says)),
        Err((because, Trouble::Refused(_))) => Ok(Err(because)),
        Err((because, Trouble::Stop(_))) => Err(Stop(because)),
    }
}

//! Which sections take part: down the directories with their `.htaccess`, then files, locations and
//! conditions (server/request.c, `ap_directory_walk` and its siblings).

use super::descend::Down;
use super::options::bit;
use super::pattern::fnmatch;
use super::perdir::{Matching, PerDir, Section};
use super::record::{Asking, Kind, Record, Taken, shown};
use super::said::{Step, Stop, Verdict};
use super::uri;
use crate::route::{Entry, Links};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Takes out `//`, `/./` and `/../`; a trailing slash stays (`apr_filepath_merge`).
pub(super) fn canonical(path: &[u8]) -> Vec<u8> {
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    let mut out = Vec::with_capacity(path.len());
    for name in &names {
        out.push(b'/');
        out.extend_from_slice(name);
    }
    if path.ends_with(b"/") || path.ends_with(b"/.") || path.ends_with(b"/..") || out.is_empty() {
        out.push(b'/');
    }
    out
}

/// The same for a path, without a trailing slash.
pub(super) fn canonical_path(path: &Path) -> PathBuf {
    let out = canonical(path.as_os_str().as_bytes());
    let out = match out.strip_suffix(b"/") {
        Some(rest) if !rest.is_empty() => rest,
        _ => &out,
    };
    PathBuf::from(OsStr::from_bytes(out))
}

pub(super) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Whether the last name of a path is a symbolic link. [`crate::route::Disk::entry`] follows links, so
/// that one to nowhere looks like nothing.
pub(super) fn link(path: &Path, entry: Entry, asking: &Asking<'_>) -> Step<Links> {
    match asking.disk.link(path) {
        Err(_) if entry == Entry::Missing => Ok(Links::None),
        found => found.map_err(Stop::new),
    }
}

/// Sections that were found, merged with one another but not yet with what was before.
#[derive(Default)]
pub(super) struct Merged {
    says: Option<PerDir>,
}

impl Merged {
    pub(super) fn take(&mut self, says: &PerDir) {
        self.says = Some(match &self.says {
            Some(before) => before.merge(says),
            None => says.clone(),
        });
    }

    fn onto(self, r: &mut Record) {
        if let Some(says) = self.says {
            r.per_dir = Arc::new(r.per_dir.merge(&says));
        }
    }
}

pub(super) fn take_section(section: &Arc<Section>, merged: &mut Merged, r: &mut Record) {
    merged.take(&section.says);
    r.taken.push(Taken::of(section));
}

/// `<Directory>` and `.htaccess` on the way down to the file.
pub(super) fn directories(asking: &Asking<'_>, r: &mut Record) -> Step<Verdict> {
    if !r.file().starts_with(b"/") {
        return Ok(Verdict::Ok);
    }
    let filename = canonical(r.file());
    r.kind = found(&filename, asking)?;
    if let Some(verdict) = familiar(&filename, asking, r)? {
        return Ok(verdict);
    }
    let whole = if r.kind.is_directory() && !r.path_info.is_empty() {
        let joined = [filename.as_slice(), b"/", &r.path_info].concat();
        r.path_info.clear();
        canonical(&joined)
    } else {
        filename
    };
    let saved = std::mem::take(&mut r.path_info);
    let mut down = Down {
        asking,
        options: r.per_dir.options.clone(),
        overrides: r.per_dir.overrides.clone(),
        merged: Merged::default(),
        next: 0,
        filename: b"/".to_vec(),
        rest: whole.get(1..).unwrap_or_default().to_vec(),
        known: r.kind,
    };
    if let Some(status) = down.walk(r)? {
        return Ok(Verdict::Status(status));
    }
    let Down {
        merged,
        filename,
        rest,
        next,
        known,
        ..
    } = down;
    r.kind = known;
    r.filename = Some(filename);
    r.path_info = rest;
    if !saved.is_empty() {
        let slash: &[u8] =
            if r.path_info.is_empty() || r.path_info.ends_with(b"/") || saved.starts_with(b"/") {
                b""
            } else {
                b"/"
            };
        r.path_info = [r.path_info.as_slice(), slash, &saved].concat();
    }
    let mut merged = merged;
    expressions(asking, next, &mut merged, r)?;
    merged.onto(r);
    r.walked = Some(Arc::new(super::record::Walked {
        directory: match r.kind {
            Kind::Directory { .. } => r.file().to_vec(),
            _ => uri::parent(r.file()).to_vec(),
        },
        per_dir: Arc::clone(&r.per_dir),
        taken: r.taken.clone(),
    }));
    Ok(Verdict::Ok)
}

/// The way that the request before went down to the same directory.
fn familiar(filename: &[u8], asking: &Asking<'_>, r: &mut Record) -> Step<Option<Verdict>> {
    let Some(before) = r.walked_before.clone() else {
        return Ok(None);
    };
    let directory = match r.kind {
        Kind::File { .. } => uri::parent(filename).to_vec(),
        Kind::Directory { .. } if r.path_info.is_empty() && filename.ends_with(b"/") => {
            filename.to_vec()
        }
        Kind::Directory { .. } if r.path_info.is_empty() => [filename, b"/"].concat(),
        _ => return Ok(None),
    };
    if directory != before.directory {
        return Ok(None);
    }
    r.filename = Some(filename.to_vec());
    r.per_dir = Arc::clone(&before.per_dir);
    r.taken.extend(before.taken.iter().cloned());
    r.walked = Some(Arc::clone(&before));
    let options = before.per_dir.options.clone();
    if !options.has(bit::SYM_LINKS) {
        let entry = asking.disk.entry(path(filename)).map_err(Stop::new)?;
        let links = link(path(filename), entry, asking)?;
        if links != Links::None && (!options.has(bit::SYM_OWNER) || links == Links::OtherOwner) {
            r.note_fact(format!(
                "{} is a symbolic link that may not be followed",
                shown(filename)
            ));
            return Ok(Some(Verdict::Status(403)));
        }
    }
    Ok(Some(Verdict::Ok))
}

/// What the whole name leads to at once (`ap_run_dirwalk_stat`).
fn found(filename: &[u8], asking: &Asking<'_>) -> Step<Kind> {
    let entry = asking.disk.entry(path(filename)).map_err(Stop::new)?;
    if entry == Entry::Other {
        return Err(Stop::new(format!(
            "not modelled: {} is no file and no directory",
            shown(filename)
        )));
    }
    Ok(Kind::of(entry).unwrap_or(Kind::Nothing))
}

/// `<DirectoryMatch>` comes after all others.
fn expressions(asking: &Asking<'_>, next: usize, merged: &mut Merged, r: &mut Record) -> Step<()> {
    for section in asking.server.directories.iter().skip(next) {
        let Matching::Regex(regex) = &section.matching else {
            continue;
        };
        let subject = r.file().to_vec();
        if matches_regex(regex, &subject, section, r)? {
            r.note(&section.at, section.written.clone());
            take_section(section, merged, r);
        }
    }
    Ok(())
}

fn matches_regex(
    regex: &super::pattern::Expression,
    subject: &[u8],
    section: &Section,
    r: &mut Record,
) -> Step<bool> {
    let found = regex
        .captures(subject)
        .map_err(|stop| Stop::at(&section.at, stop.0.text))?;
    let Some(found) = found else {
        return Ok(false);
    };
    for (name, group) in regex.names() {
        if let Some(value) = found.bytes(*group, subject) {
            let name = format!("MATCH_{}", name.to_ascii_uppercase()).into_bytes();
            r.env.insert(name, value.to_vec());
        }
    }
    Ok(true)
}

/// `<Files>` (`ap_file_walk`).
pub(super) fn files(r: &mut Record) -> Step<()> {
    let Some(filename) = r.filename.clone() else {
        return Ok(());
    };
    let name = filename
        .rsplit(|byte| *byte == b'/')
        .next()
        .unwrap_or_default();
    let per_dir = Arc::clone(&r.per_dir);
    let mut merged = Merged::default();
    for section in &per_dir.files {
        let matches = match &section.matching {
            Matching::Exact(pattern) => pattern == name,
            Matching::Wild(pattern) => fnmatch(pattern, name, false),
            Matching::Regex(regex) => matches_regex(regex, name, section, r)?,
            _ => false,
        };
        if matches {
            r.note(&section.at, section.written.clone());
            take_section(section, &mut merged, r);
        }
    }
    merged.onto(r);
    Ok(())
}

/// `<Location>` (`ap_location_walk`).
pub(super) fn locations(asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    let merged_uri = merge_slashes(&r.uri);
    let mut merged = Merged::default();
    for section in &asking.server.locations {
        let matches = match &section.matching {
            Matching::Exact(prefix) => begins_with(&merged_uri, prefix),
            Matching::Wild(pattern) => fnmatch(pattern, &merged_uri, true),
            Matching::Regex(regex) => {
                let uri = r.uri.clone();
                matches_regex(regex, &uri, section, r)?
            }
            _ => false,
        };
        if matches {
            r.note(&section.at, section.written.clone());
            take_section(section, &mut merged, r);
        }
    }
    merged.onto(r);
    Ok(())
}

fn begins_with(uri: &[u8], prefix: &[u8]) -> bool {
    match uri.strip_prefix(prefix) {
        Some(rest) => {
            prefix.is_empty()
                || prefix.ends_with(b"/")
                || rest.first().is_none_or(|byte| *byte == b'/')
        }
        None => false,
    }
}

fn merge_slashes(uri: &[u8]) -> Vec<u8> {
    let mut out = uri.to_vec();
    out.dedup_by(|a, b| *a == b'/' && *b == b'/');
    out
}

/// `<If>`, `<ElseIf>` and `<Else>` (`ap_if_walk`).
pub(super) fn conditions(asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    let per_dir = Arc::clone(&r.per_dir);
    let mut merged = Merged::default();
    let mut held = false;
    for section in &per_dir.ifs {
        let holds = match &section.matching {
            Matching::If(condition) => condition.holds(asking, r),
            Matching::ElseIf(_) | Matching::Else if held => continue,
            Matching::ElseIf(condition) => condition.holds(asking, r),
            _ => Ok(true),
        };
        if !holds.map_err(|stop| Stop::at(&section.at, stop.0.text))? {
            held = false;
            continue;
        }
        held = true;
        if !section.says.ifs.is_empty() {
            return Err(Stop::at(
                &section.at,
                "not modelled: a condition within a condition",
            ));
        }
        r.note(&section.at, section.written.clone());
        take_section(section, &mut merged, r);
    }
    merged.onto(r);
    Ok(())
}

/// `<Proxy>` (mod_proxy.c, `proxy_walk`).
pub(super) fn proxies(asking: &Asking<'_>, r: &mut Record) -> Step<()> {
    let name = r
        .file()
        .strip_prefix(b"proxy:")
        .unwrap_or_default()
        .to_vec();
    r.per_dir = Arc::clone(&asking.server.defaults);
    for section in &asking.server.proxy_sections {
        let matches = match &section.matching {
            Matching::Exact(prefix) => name.starts_with(prefix),
            Matching::Wild(pattern) => fnmatch(pattern, &name, false),
            Matching::Regex(regex) => matches_regex(regex, &name, section, r)?,
            _ => false,
        };
        if matches {
            r.note(&section.at, section.written.clone());
            r.per_dir = Arc::new(r.per_dir.merge(&section.says));
            r.taken.push(Taken::of(section));
        }
    }
    Ok(())
}

//! The product's error logs on disk: how large, from when to when, and whether anything rotates them.
//! Reads the first lines of each for the day of its first entry, and nothing else of it.

use crate::facts::{ErrorLog, Known, Listing};
use crate::helpdesk::{day_of, written_day};
use crate::host::{Host, Kind, read::MOST_ENTRIES};
use crate::target::{Generation, Target};
use regex::Regex;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// Where the container writes its logs, inside and mounted.
const CONTAINER: [&str; 2] = ["/var/log/deskpro", "/deskpro/logs"];
/// How much of a log is looked at for its first day, in bytes.
const HEAD: usize = 16 << 10;
const MIB: u64 = 1 << 20;

pub(super) fn look(host: &Host, target: &Target) -> Listing<ErrorLog> {
    let mut list = Listing {
        rows: Vec::new(),
        missed: target.data_unknown.clone(),
    };
    for folder in folders(target) {
        match host.list_dir(&folder, MOST_ENTRIES) {
            Ok(None) => {}
            Err(reason) => list.missed.push(reason),
            Ok(Some(entries)) => {
                let names: Vec<String> = entries
                    .iter()
                    .filter(|(_, kind)| *kind == Kind::File)
                    .filter_map(|(name, _)| name.to_str().map(str::to_owned))
                    .collect();
                for name in names.iter().filter(|name| is_error_log(name)) {
                    match one(host, &folder.join(name), is_rotated(name, &names)) {
                        Ok(Some(log)) => list.rows.push(log),
                        Ok(None) => {}
                        Err(reason) => list.missed.push(reason),
                    }
                }
            }
        }
    }
    list
}

fn folders(target: &Target) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = target
        .data
        .iter()
        .filter(|data| data.purpose == "logs")
        .map(|data| data.real.clone().unwrap_or_else(|| data.path.clone()))
        .collect();
    if target.generation == Known::Known(Generation::Container) {
        folders.extend(CONTAINER.map(PathBuf::from));
    }
    folders.sort();
    folders.dedup();
    folders
}

/// `error.log`, `server-phperr-web.log`, `cli-phperr.log`, `cron-boot-errors.log`,
/// `app-v5-errors.log`, and v5's own fallback for PHP.
fn is_error_log(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "server-php.log" || name.ends_with(".log") && name.contains("err")
}

/// As logrotate and the container leave them: `error.log.1`, `error.log-20260131.gz`.
fn is_rotated(name: &str, names: &[String]) -> bool {
    names.iter().any(|other| {
        other.strip_prefix(name).is_some_and(|rest| {
            rest.starts_with(['.', '-']) && rest.contains(|c: char| c.is_ascii_digit())
        })
    })
}

fn one(host: &Host, path: &Path, rotated: bool) -> Result<Option<ErrorLog>, String> {
    let Some(stat) = host.stat(path)? else {
        return Ok(None);
    };
    let bytes = u64::try_from(stat.st_size).unwrap_or(0);
    let newest_day = day_of(stat.st_mtime);
    let oldest_day = if bytes == 0 {
        Known::Known(newest_day)
    } else {
        let head = host.read_start(path, HEAD)?.unwrap_or_default();
        first_day(&head).map_or_else(
            || Known::unknown(format!("the first lines of {} name no day", path.display())),
            Known::Known,
        )
    };
    Ok(Some(ErrorLog {
        path: path.to_string_lossy().into_owned(),
        bytes,
        mib: i64::try_from(bytes.div_ceil(MIB)).unwrap_or(i64::MAX),
        newest_day,
        newest: written_day(newest_day),
        oldest: oldest_day
            .known()
            .map(|day| written_day(*day))
            .unwrap_or_default(),
        oldest_day,
        rotated,
    }))
}

/// The first date: `2026-01-31`, or `31-Jan-2026` as PHP writes it.
pub(super) fn first_day(head: &[u8]) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    static DATES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"\b(?:(\d{4})-(\d\d)-(\d\d)|(\d\d)-([A-Z][a-z]{2})-(\d{4}))").ok()
    });
    let text = String::from_utf8_lossy(head);
    DATES.as_ref()?.captures_iter(&text).find_map(|found| {
        let number = |at| found.get(at)?.as_str().parse::<i16>().ok();
        let (year, month, day) = match (number(1), found.get(5)) {
            (Some(year), _) => (year, number(2)?, number(3)?),
            (None, Some(name)) => {
                let at = MONTHS.find(name.as_str()).filter(|at| at % 3 == 0)?;
                (number(6)?, i16::try_from(at / 3 + 1).ok()?, number(4)?)
            }
            (None, None) => return None,
        };
        let date = jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?)
            .ok()?;
        let span = jiff::civil::date(1970, 1, 1).until(date).ok()?;
        Some(i64::from(span.get_days()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_day_is_found_in_both_notations() {
        for (head, expected) in [
            (&b"[02-Jan-1970 10:00:00 UTC] PHP Warning: x"[..], Some(1)),
            (b"\xff\xfe 1970-01-03T00:00:00 error", Some(2)),
            (b"99-Xyz-2020 then 1970-13-01 then 1970-01-02", Some(1)),
            (b"no day here", None),
        ] {
            assert_eq!(first_day(head), expected);
        }
    }

    #[test]
    fn rotation_shows_in_the_names_beside() {
        let names = [
            "error.log",
            "error.log.1",
            "cli-phperr.log",
            "server-phperr-web.log-20260101.gz",
        ]
        .map(str::to_owned);
        assert!(is_rotated("error.log", &names));
        assert!(!is_rotated("cli-phperr.log", &names));
        assert!(is_rotated("server-phperr-web.log", &names));
        assert!(is_error_log("app-v5-errors.log") && !is_error_log("cron.log"));
    }
}

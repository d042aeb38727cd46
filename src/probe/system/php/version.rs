//! Until when a version of PHP receives fixes: by its makers, or by the distribution that ships it.

use crate::facts::{Known, Php};
use crate::host::Host;
use crate::target::php_runtime::PhpRuntime;
use crate::target::{Generation, Target};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

type Dates = BTreeMap<String, String>;

#[derive(Debug, Default, Deserialize)]
struct Releases {
    php: Dates,
    distributions: BTreeMap<String, Dates>,
}

static RELEASES: LazyLock<Releases> =
    LazyLock::new(|| toml::from_str(include_str!("../releases.toml")).unwrap_or_default());

pub(super) fn row(host: &Host, target: &Target, runtime: &PhpRuntime) -> Php {
    let version = Known::from(runtime.version.clone());
    let (day, date) = match &runtime.version {
        Ok(version) => match fixed_until(host, version) {
            Ok((day, by)) => (Known::Known(day), Known::Known(by)),
            Err(reason) => (Known::unknown(reason.clone()), Known::unknown(reason)),
        },
        Err(reason) => (Known::unknown(reason), Known::unknown(reason)),
    };
    let needs = needs(target);
    let accepts = match (&version, &needs) {
        (Known::Known(version), Known::Known(least)) => {
            Known::Known(parts(version) >= parts(least))
        }
        (Known::Unknown(reason), _) | (_, Known::Unknown(reason)) => Known::unknown(reason.clone()),
    };
    Php {
        name: runtime.name.clone(),
        version,
        fixed_until_day: day,
        fixed_until: date,
        product_needs: needs,
        product_accepts: accepts,
        path: runtime.at.file.to_string_lossy().into_owned(),
        line: runtime.at.line,
    }
}

/// What the product's own requirement checks ask for (v4 `server_check_functions.php`, v5
/// `DeskproRequirements.php`, the container image's own PHP); none of them names a highest version.
fn needs(target: &Target) -> Known<String> {
    target.generation.clone().map(|generation| {
        let least = match generation {
            Generation::V4 => "5.3.2",
            Generation::V5 => "5.5",
            Generation::Container => "8.1",
        };
        least.to_owned()
    })
}

/// The later of the makers' and the distribution's day, and whose it is.
fn fixed_until(host: &Host, version: &str) -> Result<(i64, String), String> {
    let mut numbers = version.split('.');
    let minor = match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => format!("{major}.{minor}"),
        _ => return Err(format!("{version} is no version of PHP")),
    };
    let makers = RELEASES
        .php
        .get(&minor)
        .map(|date| (date, "php.net".to_owned()));
    let distribution = distribution(host).and_then(|name| {
        let date = RELEASES.distributions.get(&name)?.get(&minor)?;
        Some((date, name))
    });
    let latest = makers.into_iter().chain(distribution).max();
    let (date, by) = latest.ok_or_else(|| {
        format!("deskguard's table does not hold PHP {minor}: see https://www.php.net/supported-versions.php")
    })?;
    let day = day(date).ok_or_else(|| format!("{date} is no date"))?;
    Ok((day, format!("{date} ({by})")))
}

fn day(date: &str) -> Option<i64> {
    let date: jiff::civil::Date = date.parse().ok()?;
    let start = jiff::civil::date(1970, 1, 1);
    let days = start.until(date).ok()?.get_days();
    Some(i64::from(days))
}

/// `debian 12`, from os-release(5); RHEL's rebuilds by their model's name.
fn distribution(host: &Host) -> Option<String> {
    let text = host.read_file(Path::new("/etc/os-release"), 1 << 16);
    let text = String::from_utf8_lossy(&text.ok()??).into_owned();
    let value = |name: &str| {
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.map(|value| value.trim_matches('"').to_owned())
    };
    let (id, version) = (value("ID")?, value("VERSION_ID")?);
    if matches!(id.as_str(), "rhel" | "rocky" | "almalinux" | "ol") {
        let major = version.split('.').next()?;
        return Some(format!("rhel {major}"));
    }
    Some(format!("{id} {version}"))
}

fn parts(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let dates = RELEASES.distributions.values().chain([&RELEASES.php]);
        let mut count = 0;
        for date in dates.flat_map(BTreeMap::values) {
            assert!(day(date).is_some_and(|day| day > 15_000), "{date}");
            count += 1;
        }
        assert!(count > 20);
        assert_eq!(day("1970-01-02"), Some(1));
    }

    #[test]
    fn a_distribution_may_mend_longer() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("etc")).unwrap();
        let release = |text: &str| std::fs::write(folder.path().join("etc/os-release"), text);
        let host = Host::at(folder.path().to_owned());
        let until = |version: &str| fixed_until(&host, version).map(|(_, by)| by);
        assert_eq!(until("8.2.7"), Ok("2026-12-31 (php.net)".to_owned()));
        release("ID=debian\nVERSION_ID=\"12\"\n").unwrap();
        assert_eq!(until("8.2.7"), Ok("2028-06-30 (debian 12)".to_owned()));
        assert_eq!(until("8.4"), Ok("2028-12-31 (php.net)".to_owned()));
        release("ID=rocky\nVERSION_ID=\"9.4\"\n").unwrap();
        assert_eq!(until("8.0.30"), Ok("2032-05-31 (rhel 9)".to_owned()));
        assert!(until("9.9").is_err());
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(parts("5.10") > parts("5.5"));
        assert!(parts("8.2.7") >= parts("5.3.2"));
        assert!(parts("5.3.1") < parts("5.3.2"));
    }
}

//! Which build lies on disk, and whether its own files agree about it. The sources are the vendor's
//! own: v4's `build-time.php` and `build-num.php`, v5's `active_build.txt` and build folders, the
//! container's `/etc/deskpro-release`.

use crate::facts::{Known, Product};
use crate::host::Host;
use crate::php::{Found, Key, Lookup, Value};
use crate::target::{Generation, Target, evaluate_alone};
use std::path::{Path, PathBuf};

/// The time that v4 shows for a tree that was never built.
const UNBUILT: i64 = 1_323_444_089;
const DAY: i64 = 86_400;

pub(super) fn observe(host: &Host, target: &Target) -> Product {
    match &target.generation {
        Known::Known(Generation::V4) => v4(host, &target.root),
        Known::Known(Generation::V5) => v5(host, target),
        Known::Known(Generation::Container) => container(host),
        Known::Unknown(reason) => dark(reason, Path::new("")),
    }
}

fn dark(reason: &str, path: &Path) -> Product {
    Product {
        build: Known::unknown(reason),
        built_second: Known::unknown(reason),
        built_day: Known::unknown(reason),
        built: Known::unknown(reason),
        consistent: Known::unknown(reason),
        path: path.to_string_lossy().into_owned(),
    }
}

fn v4(host: &Host, root: &Path) -> Product {
    let file = root.join("app/sys/config/build-time.php");
    let time = match evaluate_alone(host, &file).constant("DP_BUILD_TIME") {
        Lookup::Known(Value::Int(seconds), _) => *seconds,
        Lookup::Known(Value::Str(bytes), _) => match digits(bytes) {
            Some(seconds) => seconds,
            None => return dark("DP_BUILD_TIME is not a time", &file),
        },
        Lookup::Known(..) | Lookup::Missing => {
            return dark(
                &format!("{} defines no DP_BUILD_TIME", file.display()),
                &file,
            );
        }
        Lookup::Unknown(unknown) => return dark(&unknown.why, &file),
    };
    if time == UNBUILT {
        return dark(
            "the tree was never built: DP_BUILD_TIME is the vendor's placeholder",
            &file,
        );
    }
    Product {
        build: Known::Known(time.to_string()),
        consistent: Known::unknown(
            "a v4 tree names its build once; its checksums tell whether files of another are mixed in",
        ),
        ..dated(time, &file)
    }
}

fn dated(seconds: i64, path: &Path) -> Product {
    let date =
        jiff::Timestamp::from_second(seconds).map(|time| time.strftime("%Y-%m-%d").to_string());
    Product {
        built_second: Known::Known(seconds),
        built_day: Known::Known(seconds.div_euclid(DAY)),
        built: date.map_or_else(
            |_| Known::unknown("the build's time is out of range"),
            Known::Known,
        ),
        path: path.to_string_lossy().into_owned(),
        ..Product::default()
    }
}

fn v5(host: &Host, target: &Target) -> Product {
    let cache = target.data.iter().find(|data| data.purpose == "cache");
    let file = cache
        .map_or_else(|| target.root.join("var/cache"), |data| data.path.clone())
        .join("active_build.txt");
    let active = match line_of(host, &file) {
        Ok(Some(build)) => build,
        Ok(None) => match line_of(host, &target.root.join("app/run/build-num.txt")) {
            Ok(Some(build)) => build,
            Ok(None) => {
                return dark(
                    &format!(
                        "neither {} nor app/run/build-num.txt is there",
                        file.display()
                    ),
                    &file,
                );
            }
            Err(reason) => return dark(&reason, &file),
        },
        Err(reason) => return dark(&reason, &file),
    };
    if active.is_empty() || active.contains('/') || active.starts_with('.') {
        return dark("active_build.txt names no build", &file);
    }
    let folder = target.root.join("app").join(&active).join("sys/config");
    let mut product = match built(host, &folder) {
        Ok(Some(seconds)) => dated(seconds, &file),
        Ok(None) => dark(&format!("{} says no build time", folder.display()), &file),
        Err(reason) => dark(&reason, &file),
    };
    product.build = Known::Known(active.clone());
    product.consistent = consistent(host, &target.root, &active);
    product
}

/// The build time, from `build-info.php` or `build-time.txt`.
fn built(host: &Host, folder: &Path) -> Result<Option<i64>, String> {
    if let Some(text) = line_of(host, &folder.join("build-time.txt"))? {
        return Ok(digits(text.as_bytes()));
    }
    for (name, key) in [("build-info.php", "build-time"), ("build-time.php", "")] {
        let file = folder.join(name);
        if !host.exists(&file)? {
            continue;
        }
        let evaluation = evaluate_alone(host, &file);
        if let Lookup::Known(Value::Int(seconds), _) = evaluation.constant("DP_BUILD_TIME") {
            return Ok(Some(*seconds));
        }
        if let Some(Value::Array(info)) = &evaluation.returned {
            return Ok(match info.get(&Key::from_bytes(key.as_bytes())) {
                Found::Here(held) => match &held.value {
                    Value::Int(seconds) => Some(*seconds),
                    Value::Str(bytes) => digits(bytes),
                    _ => None,
                },
                _ => None,
            });
        }
    }
    Ok(None)
}

/// The active build's folder must be there, and `app/run` must belong to the same build.
fn consistent(host: &Host, root: &Path, active: &str) -> Known<bool> {
    let folder: PathBuf = root.join("app").join(active);
    match (
        host.is_dir(&folder),
        line_of(host, &root.join("app/run/build-num.txt")),
    ) {
        (Err(reason), _) | (_, Err(reason)) => Known::unknown(reason),
        (Ok(there), Ok(run)) => Known::Known(there && run.is_none_or(|run| run == active)),
    }
}

fn container(host: &Host) -> Product {
    let file = Path::new("/etc/deskpro-release");
    let text = match host.read_file(file, 64 << 10) {
        Ok(Some(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        Ok(None) => {
            return dark(
                "/etc/deskpro-release is not there: this is not inside the container",
                file,
            );
        }
        Err(reason) => return dark(&reason, file),
    };
    let value = |key: &str| {
        text.lines()
            .filter_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='))
            .map(|value| value.trim_matches(['"', '\'']).to_owned())
            .next_back()
    };
    let version = value("DESKPRO_VERSION").filter(|version| version != "0.0.0");
    let date = value("DESKPRO_BUILD_DATE")
        .and_then(|date| {
            date.get(..10)
                .and_then(|day| day.parse::<jiff::civil::Date>().ok())
        })
        .and_then(|day| jiff::civil::date(1970, 1, 1).until(day).ok())
        .map(|span| i64::from(span.get_days()) * DAY);
    let mut product = date.map_or_else(
        || dark("/etc/deskpro-release says no DESKPRO_BUILD_DATE", file),
        |seconds| dated(seconds, file),
    );
    product.build = version.map_or_else(
        || Known::unknown("/etc/deskpro-release says no DESKPRO_VERSION"),
        Known::Known,
    );
    product.consistent = Known::unknown("a container image names its build once");
    product
}

/// A small file's first line; `None` where there is no file.
fn line_of(host: &Host, file: &Path) -> Result<Option<String>, String> {
    Ok(host.read_file(file, 4096)?.map(|bytes| {
        String::from_utf8_lossy(&bytes)
            .lines()
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned()
    }))
}

/// v4's own updater takes ten digits for a time.
fn digits(bytes: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

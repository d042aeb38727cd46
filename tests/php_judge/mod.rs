//! Compares this program's reading of PHP files with what the real PHP makes of them, leaf by leaf.
//! Unknown on our side is the only disagreement it lets pass, and it counts them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

pub(crate) mod generate;

use deskguard::php::{self, Array, Evaluation, Found, Key, Limits, Sources, Value};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The real file system.
pub(crate) struct Disk;

impl Sources for Disk {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        match std::fs::read(path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
    fn exists(&self, path: &Path) -> Result<bool, String> {
        path.try_exists().map_err(|error| error.to_string())
    }
    fn is_file(&self, path: &Path) -> Result<bool, String> {
        Ok(path.is_file())
    }
    fn is_dir(&self, path: &Path) -> Result<bool, String> {
        Ok(path.is_dir())
    }
    fn realpath(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        Ok(std::fs::canonicalize(path).ok())
    }
}

/// Two environments, so that what we claim to know must hold in both.
const ENVIRONMENTS: [&[(&str, &str)]; 2] = [
    &[],
    &[
        ("DG_FLAG", "1"),
        ("DG_HOST", "db.example.net"),
        ("DG_NUMBER", "7"),
    ],
];

/// Runs the real PHP over many files, once for each environment.
pub(crate) fn run_php(entries: &[PathBuf], scratch: &Path) -> Vec<[Option<Json>; 2]> {
    let mut results: Vec<[Option<Json>; 2]> = entries.iter().map(|_| [None, None]).collect();
    for (which, environment) in ENVIRONMENTS.iter().enumerate() {
        let out = |at: usize| scratch.join(format!("{at}.{which}.json"));
        let list: String = entries
            .iter()
            .enumerate()
            .map(|(at, entry)| format!("{}\t{}\n", entry.display(), out(at).display()))
            .collect();
        let list_file = scratch.join("list");
        std::fs::write(&list_file, list).unwrap();
        let driver = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/php_judge/driver.php");
        let status = Command::new("php")
            .arg("-n")
            .arg(driver)
            .arg(&list_file)
            .current_dir(scratch)
            .env_clear()
            .env("PATH", std::env::var("PATH").unwrap_or_default())
            .envs(environment.iter().copied())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .status()
            .expect("php is not there: install php-cli, the judge of this test");
        assert!(
            status.success(),
            "php failed on the driver: install php-cli with pcntl"
        );
        for (at, result) in results.iter_mut().enumerate() {
            let text = std::fs::read(out(at)).ok();
            result[which] = text.and_then(|text| serde_json::from_slice(&text).ok());
            let _ = std::fs::remove_file(out(at));
        }
    }
    results
}

/// What was counted.
#[derive(Default, Debug, Clone)]
pub(crate) struct Tally {
    pub(crate) known: u64,
    pub(crate) unknown: u64,
    pub(crate) died: u64,
    pub(crate) refused: u64,
    pub(crate) skipped: u64,
    /// Why leaves were unknown, to see where the model is poor.
    pub(crate) reasons: BTreeMap<String, u64>,
}

/// Evaluates and compares one file; the text of the first disagreement, if any.
pub(crate) fn judge(
    entry: &Path,
    php: &[Option<Json>; 2],
    tally: &mut Tally,
) -> Result<(), String> {
    let ours = php::evaluate(entry, &Disk, &Limits::default());
    let refused = ours
        .syntax_errors
        .iter()
        .find(|note| *note.at.file == *entry);
    let mut counted = false;
    for (which, result) in php.iter().enumerate() {
        let Some(result) = result else {
            if refused.is_none() && !stops_perhaps(&ours) {
                return Err(format!("environment {which}: php gave no result"));
            }
            tally.skipped += 1;
            continue;
        };
        let died = result["end"] == "died";
        if let Some(refused) = refused {
            if !died {
                return Err(format!(
                    "we say PHP refuses it ({}), PHP does not",
                    refused.text
                ));
            }
            tally.refused += 1;
            continue;
        }
        if let (Some(dies), false) = (&ours.dies, died) {
            return Err(format!(
                "we say: {} (line {}); PHP goes on",
                dies.text, dies.at.line
            ));
        }
        if died && ours.dies.is_none() {
            let why = unhex(result["why"].as_str().unwrap_or_default());
            if !stops_perhaps(&ours) {
                return Err(format!(
                    "environment {which}: PHP died ({}), we go on",
                    String::from_utf8_lossy(&why)
                ));
            }
            tally.skipped += 1;
            continue;
        }
        if died && stops_perhaps(&ours) && (ours.dies.is_none() || any_unknown_at_all(&ours)) {
            tally.skipped += 1;
            continue;
        }
        // Code that nobody saw, such as an include that cannot be followed, may also exit.
        if result["end"] == "exit" && ours.returned.is_some() && !ours.fully_known {
            tally.skipped += 1;
            continue;
        }
        tally.died += u64::from(died);
        let mut leaves = Tally::default();
        let mut check = |what: &str, theirs: &Json, mine: &Array| {
            compare_arrays(what, &theirs[1], mine, Some(died), &mut leaves)
                .map_err(|text| format!("environment {which}: {text}"))
        };
        check("$", &result["variables"], &ours.variables)?;
        check("constant ", &result["constants"], &ours.constants)?;
        if let (Some(value), "done") = (&ours.returned, result["end"].as_str().unwrap_or_default())
        {
            compare("returned", &result["returned"], value, &mut leaves)?;
        }
        compare_ini(&result["ini"], &ours, &mut leaves)?;
        if !counted {
            tally.known += leaves.known;
            tally.unknown += leaves.unknown;
            for (reason, count) in leaves.reasons {
                *tally.reasons.entry(reason).or_default() += count;
            }
            counted = true;
        }
    }
    Ok(())
}

/// Whether an unknown value may have made PHP stop with an error.
fn stops_perhaps(ours: &Evaluation) -> bool {
    any_unknown_at_all(ours)
        || ours
            .notes
            .iter()
            .any(|note| note.text.starts_with("PHP stops here"))
}

fn any_unknown_at_all(ours: &Evaluation) -> bool {
    fn within(array: &Array) -> bool {
        array.loose().is_some()
            || array.iter().any(|(_, held)| match &held.value {
                Value::Unknown(_) => true,
                Value::Array(array) => within(array),
                _ => false,
            })
    }
    !ours.fully_known
        || ours.may_stop
        || within(&ours.variables)
        || within(&ours.constants)
        || matches!(ours.returned, Some(Value::Unknown(_)))
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).unwrap())
        .collect()
}

fn key_of(shape: &Json) -> Key {
    let text = shape[1].as_str().unwrap_or_default();
    match shape[0].as_str() {
        Some("i") => Key::Int(text.parse().unwrap()),
        _ => Key::Str(unhex(text)),
    }
}

fn compare(what: &str, theirs: &Json, ours: &Value, tally: &mut Tally) -> Result<(), String> {
    let text = theirs[1].as_str().unwrap_or_default();
    let agree = match (theirs[0].as_str().unwrap_or_default(), ours) {
        (_, Value::Unknown(unknown)) => {
            tally.unknown += 1;
            *tally.reasons.entry(unknown.why.clone()).or_default() += 1;
            return Ok(());
        }
        ("a", Value::Array(array)) => return compare_arrays(what, &theirs[1], array, None, tally),
        ("n", Value::Null) => true,
        ("b", Value::Bool(value)) => theirs[1].as_bool() == Some(*value),
        ("i", Value::Int(value)) => text == value.to_string(),
        ("f", Value::Float(value)) => {
            text == format!("{:016x}", value.to_bits())
                || (value.is_nan() && text.starts_with("7ff8"))
                || (value.is_nan() && text.starts_with("fff8"))
        }
        ("s", Value::Str(bytes)) => unhex(text) == *bytes,
        _ => false,
    };
    tally.known += 1;
    if agree {
        return Ok(());
    }
    let shown = match ours {
        Value::Str(bytes) => format!("string {:?}", String::from_utf8_lossy(bytes)),
        other => format!("{other:?}"),
    };
    let theirs_shown = match theirs[0].as_str() {
        Some("s") => format!("string {:?}", String::from_utf8_lossy(&unhex(text))),
        Some("f") => format!(
            "float {}",
            f64::from_bits(u64::from_str_radix(text, 16).unwrap())
        ),
        _ => theirs.to_string(),
    };
    Err(format!("{what}: PHP has {theirs_shown}, we say {shown}"))
}

fn compare_arrays(
    what: &str,
    rows: &Json,
    ours: &Array,
    scope: Option<bool>,
    tally: &mut Tally,
) -> Result<(), String> {
    let empty = Vec::new();
    let rows = rows.as_array().unwrap_or(&empty);
    let mut theirs = Vec::new();
    for row in rows {
        let key = key_of(&row[0]);
        let name = format!("{what}[{key:?}]");
        match ours.get(&key) {
            Found::Here(held) => compare(&name, &row[1], &held.value, tally)?,
            Found::Unknown(_) => tally.unknown += 1,
            // PHP makes the variable it then dies on.
            Found::Missing if scope == Some(true) && row[1][0] == "n" => {}
            Found::Missing => return Err(format!("{name}: PHP has it, we say it is missing")),
        }
        theirs.push(key);
    }
    for (key, held) in ours.iter() {
        let excused = matches!(held.value, Value::Unknown(_))
            || (scope.is_some() && ours.loose().is_some() && matches!(held.value, Value::Null));
        if !theirs.contains(key) && !excused {
            return Err(format!("{what}[{key:?}]: we have it, PHP does not"));
        }
    }
    if scope.is_none() && ours.loose().is_none() {
        let mine: Vec<_> = ours.iter().map(|(key, _)| key.clone()).collect();
        if mine != theirs {
            return Err(format!(
                "{what}: PHP has the keys {theirs:?}, we say {mine:?}"
            ));
        }
        tally.known += u64::from(mine.is_empty());
    }
    Ok(())
}

/// The last certain setting of each key, unless perhaps another came.
fn compare_ini(theirs: &Json, ours: &Evaluation, tally: &mut Tally) -> Result<(), String> {
    let mut last: BTreeMap<&str, Option<&Value>> = BTreeMap::new();
    for set in &ours.ini {
        if set.key == "*" {
            return Ok(());
        }
        last.insert(&set.key, set.certain.then_some(&set.value));
    }
    for (key, value) in last {
        let Some(text) = theirs[key].as_str() else {
            continue;
        };
        let expected = match value {
            Some(Value::Str(bytes)) => bytes.clone(),
            Some(Value::Int(number)) => number.to_string().into_bytes(),
            Some(Value::Bool(true)) => b"1".to_vec(),
            Some(Value::Bool(false) | Value::Null) => Vec::new(),
            _ => {
                tally.unknown += 1;
                continue;
            }
        };
        tally.known += 1;
        if unhex(text) != expected {
            return Err(format!(
                "ini {key}: PHP has {:?}",
                String::from_utf8_lossy(&unhex(text))
            ));
        }
    }
    Ok(())
}

//! Settings taken out of random configurations, or given another value, and the real PHP as the judge:
//! it must find the setting as it was wanted, and everything else that was known as it was.
//! `DESKGUARD_SEED` picks another sequence, `DESKGUARD_PHP_CASES` another number of cases.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    dead_code,
    reason = "a test; the judge's room is shared and not all of it is used"
)]

mod php_judge;

use deskguard::fix::Action;
use deskguard::fix::edit::edited;
use deskguard::php::{Leaf, Limits, evaluate, leaves};
use php_judge::generate::{Case, Choice, case};
use php_judge::{Disk, run_php};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

const VALUES: &[(&str, &str)] = &[
    ("''", r#"["s",""]"#),
    ("0007", r#"["i","7"]"#),
    ("false", r#"["b",false]"#),
    ("'it\\'s'", r#"["s","69742773"]"#),
];

fn number(name: &str, default: u64) -> u64 {
    let text = std::env::var(name).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// An edit of one random file, and what PHP must say of it.
struct Edit {
    entry: PathBuf,
    before: Vec<u8>,
    after: Vec<u8>,
    name: String,
    /// What PHP shows of the value that it was given.
    value: Option<&'static str>,
    /// What was known of everything else.
    known: BTreeSet<String>,
}

fn write(case: &Case, folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    for file in 0..case.files.len() {
        std::fs::write(folder.join(format!("f{file}.php")), case.render(file)).unwrap();
    }
    std::fs::write(folder.join("data.txt"), "twelve bytes").unwrap();
    folder.join("f0.php")
}

/// One setting of the file, edited; nothing where it is refused.
fn edit(entry: &Path, choice: &mut Choice) -> Option<Result<Edit, String>> {
    let limits = Limits::default();
    let all = leaves(&evaluate(entry, &Disk, &limits));
    let own = |leaf: &&Leaf| {
        let plain = |c: char| c.is_ascii_graphic() || c == ' ';
        *leaf.at.file == *entry
            && !leaf.is_unknown
            && !leaf.name.starts_with("return")
            && !leaf.name.starts_with("ini_set")
            && leaf.name.chars().all(plain)
    };
    let settings: Vec<&Leaf> = all.iter().filter(own).collect();
    if settings.is_empty() {
        return None;
    }
    let leaf = settings[choice.below(settings.len())];
    let which = choice.below(VALUES.len() * 2);
    let value = VALUES.get(which).copied();
    let action = Action::Setting {
        path: entry.to_str().unwrap().to_owned(),
        setting: leaf.name.clone(),
        line: leaf.at.line,
        value: value.map(|(php, _)| php.to_owned()),
    };
    let before = std::fs::read(entry).unwrap();
    Some(edited(&action, &before, &Disk, &limits).map(|after| {
        let again = edited(&action, &after, &Disk, &limits);
        assert_eq!(again.as_ref(), Ok(&after), "a second time changes it");
        Edit {
            entry: entry.to_owned(),
            name: leaf.name.clone(),
            value: value.map(|(_, shown)| shown),
            known: all
                .iter()
                .filter(|it| !it.is_unknown && !is_own(&it.name, &leaf.name))
                .map(|it| it.name.clone())
                .collect(),
            before,
            after,
        }
    }))
}

fn is_own(name: &str, setting: &str) -> bool {
    let rest = name.strip_prefix(setting);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

/// PHP's values by the names that deskguard gives them.
fn flat(name: &str, shape: &Json, found: &mut BTreeMap<String, String>) {
    if shape[0] != "a" {
        found.insert(name.to_owned(), shape.to_string());
        return;
    }
    for row in shape[1].as_array().unwrap() {
        let key = match row[0][0].as_str().unwrap() {
            "i" => row[0][1].as_str().unwrap().to_owned(),
            _ => text(&row[0][1]),
        };
        flat(&format!("{name}['{key}']"), &row[1], found);
    }
}

fn text(hex: &Json) -> String {
    let hex = hex.as_str().unwrap();
    let pairs = (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[at * 2..at * 2 + 2], 16));
    String::from_utf8_lossy(&pairs.map(Result::unwrap).collect::<Vec<u8>>()).into_owned()
}

fn values(result: &Json) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (start, all) in [("$", &result["variables"]), ("", &result["constants"])] {
        for row in all[1].as_array().unwrap() {
            flat(&format!("{start}{}", text(&row[0][1])), &row[1], &mut found);
        }
    }
    found
}

/// What PHP says against the edit.
fn complaint(edit: &Edit, before: &Json, after: &Json) -> Option<String> {
    if before["end"] != after["end"] {
        return Some(format!(
            "it ended {} and ends {}",
            before["end"], after["end"]
        ));
    }
    let (before, after) = (values(before), values(after));
    let own: Vec<_> = after
        .iter()
        .filter(|(name, _)| is_own(name, &edit.name))
        .map(|(_, value)| value.as_str())
        .collect();
    if own != edit.value.into_iter().collect::<Vec<_>>() {
        return Some(format!("{} is {own:?}, wanted {:?}", edit.name, edit.value));
    }
    let other = edit
        .known
        .iter()
        .find(|name| before.get(*name) != after.get(*name));
    other.map(|name| {
        format!(
            "{name} was {:?} and is {:?}",
            before.get(name),
            after.get(name)
        )
    })
}

#[test]
fn php_finds_what_was_wanted_and_nothing_else() {
    let seed = number("DESKGUARD_SEED", 20_261_124);
    let cases = number("DESKGUARD_PHP_CASES", 120);
    println!("DESKGUARD_SEED={seed}");
    let scratch = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(scratch.path()).unwrap();
    let mut edits = Vec::new();
    let mut refused = 0_u64;
    for at in 0..cases {
        let seed = seed.wrapping_mul(1_000_003).wrapping_add(at);
        let entry = write(&case(seed), &root.join(at.to_string()));
        match edit(&entry, &mut Choice::new(seed)) {
            Some(Ok(edit)) => edits.push(edit),
            Some(Err(_)) => refused += 1,
            None => {}
        }
    }
    let entries: Vec<PathBuf> = edits.iter().map(|edit| edit.entry.clone()).collect();
    let before = run_php(&entries, &root);
    for edit in &edits {
        std::fs::write(&edit.entry, &edit.after).unwrap();
    }
    let after = run_php(&entries, &root);
    let mut judged = 0_u64;
    let mut wrong = Vec::new();
    for ((edit, before), after) in edits.iter().zip(&before).zip(&after) {
        for (before, after) in before.iter().zip(after) {
            let (Some(before), Some(after)) = (before, after) else {
                continue;
            };
            // A file that PHP leaves in the middle may not have got to the setting.
            if before["end"] != "done" {
                continue;
            }
            judged += 1;
            if let Some(text) = complaint(edit, before, after) {
                wrong.push(format!(
                    "{}: {text}\n--- before\n{}\n--- after\n{}\n",
                    edit.entry.display(),
                    String::from_utf8_lossy(&edit.before),
                    String::from_utf8_lossy(&edit.after)
                ));
                break;
            }
        }
    }
    println!(
        "{} edits, {judged} judgements, {refused} refused",
        edits.len()
    );
    assert!(judged > cases / 2, "PHP judged too little");
    assert!(
        wrong.is_empty(),
        "{} wrong with DESKGUARD_SEED={seed}:\n{}",
        wrong.len(),
        wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
    );
}

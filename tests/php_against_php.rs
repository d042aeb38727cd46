//! Random and hand-written configuration files, read by this program and by the real PHP.
//! `DESKGUARD_SEED` picks another sequence, `DESKGUARD_PHP_CASES` another number of cases.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

mod php_judge;

use php_judge::generate::{Case, case};
use php_judge::{Tally, judge, run_php};
use std::path::{Path, PathBuf};

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn write(case: &Case, folder: &Path) -> PathBuf {
    std::fs::create_dir_all(folder).unwrap();
    for file in 0..case.files.len() {
        std::fs::write(folder.join(format!("f{file}.php")), case.render(file)).unwrap();
    }
    std::fs::write(folder.join("data.txt"), "twelve bytes").unwrap();
    folder.join("f0.php")
}

fn disagreement(case: &Case, scratch: &Path) -> Option<String> {
    let entry = write(case, &scratch.join("again").join(&case.folder));
    let php = run_php(std::slice::from_ref(&entry), scratch);
    judge(&entry, &php[0], &mut Tally::default()).err()
}

/// Drops statements as long as the disagreement stays.
fn shrink(mut case: Case, scratch: &Path) -> (Case, String) {
    let mut text =
        disagreement(&case, scratch).unwrap_or_else(|| "it does not happen again".into());
    let mut smaller = true;
    while smaller {
        smaller = false;
        for file in 0..case.files.len() {
            let mut at = 0;
            while at < case.files[file].len() {
                let mut candidate = case.clone();
                candidate.files[file].remove(at);
                match disagreement(&candidate, scratch) {
                    Some(found) => {
                        (case, text) = (candidate, found);
                        smaller = true;
                    }
                    None => at += 1,
                }
            }
        }
    }
    (case, text)
}

#[test]
fn random_configurations_mean_what_php_says() {
    let seed = number("DESKGUARD_SEED", 20_261_123);
    let cases = number("DESKGUARD_PHP_CASES", 2_000);
    let scratch = tempfile::tempdir().unwrap();
    let root = std::fs::canonicalize(scratch.path()).unwrap();
    let mut tally = Tally::default();
    let mut wrong = Vec::new();
    for batch in 0..cases.div_ceil(500) {
        let seeds: Vec<u64> = (batch * 500..((batch + 1) * 500).min(cases))
            .map(|at| seed.wrapping_mul(1_000_003) + at)
            .collect();
        let mut made: Vec<Case> = seeds.iter().map(|seed| case(*seed)).collect();
        for (at, case) in made.iter_mut().enumerate() {
            case.folder = at.to_string();
        }
        let entries: Vec<PathBuf> = made
            .iter()
            .enumerate()
            .map(|(at, case)| write(case, &root.join(at.to_string())))
            .collect();
        let results = run_php(&entries, &root);
        for ((made, entry), php) in made.into_iter().zip(&entries).zip(&results) {
            if judge(entry, php, &mut tally).is_err() {
                wrong.push(made);
            }
        }
        for entry in &entries {
            std::fs::remove_dir_all(entry.parent().unwrap()).unwrap();
        }
    }
    let all = tally.known + tally.unknown;
    println!(
        "seed {seed}: {cases} cases, {} leaves known, {} unknown ({:.1} %), php died {}, refused {}, skipped {}, disagreements {}",
        tally.known,
        tally.unknown,
        tally.unknown as f64 * 100.0 / all.max(1) as f64,
        tally.died,
        tally.refused,
        tally.skipped,
        wrong.len()
    );
    let mut reasons: Vec<_> = tally.reasons.iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (reason, count) in reasons.iter().take(25) {
        println!("{count:7} {reason}");
    }
    let shown = number("DESKGUARD_PHP_SHOW", 3) as usize;
    for made in wrong.iter().take(shown) {
        let (small, text) = shrink(made.clone(), &root);
        println!("---- {text}");
        for file in 0..small.files.len() {
            println!(
                "f{file}.php ({} statements, dress {}):\n{}",
                small.statements(),
                small.dress,
                String::from_utf8_lossy(&small.render(file))
            );
        }
    }
    assert!(
        wrong.is_empty(),
        "seed {seed}: {} of {cases} cases disagree",
        wrong.len()
    );
    assert!(
        tally.unknown * 4 <= all,
        "seed {seed}: too much is unknown: {} of {all} leaves",
        tally.unknown
    );
    assert!(
        tally.skipped * 5 <= cases * 2,
        "seed {seed}: too many cases were not compared: {}",
        tally.skipped
    );
}

#[test]
fn fixtures_mean_what_php_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/php");
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "php"))
        .collect();
    entries.sort();
    assert!(entries.len() >= 12, "fixtures are missing");
    let scratch = tempfile::tempdir().unwrap();
    let results = run_php(&entries, scratch.path());
    for (entry, php) in entries.iter().zip(&results) {
        let mut tally = Tally::default();
        if let Err(text) = judge(entry, php, &mut tally) {
            panic!("{}: {text}", entry.display());
        }
        println!(
            "{}: {} known, {} unknown, skipped {}",
            entry.display(),
            tally.known,
            tally.unknown,
            tally.skipped
        );
    }
}

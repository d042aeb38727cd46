//! Files that an attacker would write: they may cost a bounded time and give unknowns, never a crash or a hang.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr
)]

use deskguard::php::{Evaluation, Limits, Lookup, Sources, evaluate};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

struct Given(Vec<u8>);

impl Sources for Given {
    fn read(&self, path: &Path) -> Result<Option<Vec<u8>>, String> {
        Ok(path.starts_with("/x").then(|| self.0.clone()))
    }
    fn exists(&self, _: &Path) -> Result<bool, String> {
        Ok(true)
    }
    fn is_file(&self, _: &Path) -> Result<bool, String> {
        Err("permission denied".into())
    }
    fn is_dir(&self, _: &Path) -> Result<bool, String> {
        Ok(false)
    }
    fn realpath(&self, path: &Path) -> Result<Option<PathBuf>, String> {
        Ok(Some(path.to_path_buf()))
    }
}

fn limits() -> Limits {
    Limits {
        steps: 50_000,
        ..Limits::default()
    }
}

fn read(source: impl Into<Vec<u8>>) -> Evaluation {
    let began = Instant::now();
    let result = evaluate(Path::new("/x/config.php"), &Given(source.into()), &limits());
    assert!(
        began.elapsed() < Duration::from_secs(20),
        "it took {:?}",
        began.elapsed()
    );
    result
}

fn unknown(result: &Evaluation, name: &str) -> bool {
    matches!(result.get(name, &[]), Lookup::Unknown(_))
}

#[test]
fn nesting_of_every_kind_is_survived() {
    const DEEP: usize = 100_000;
    let around = |open: &str, close: &str| {
        format!(
            "<?php $a = {}1{}; $b = 2;",
            open.repeat(DEEP),
            close.repeat(DEEP)
        )
    };
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("-", ""),
        ("!", ""),
        ("@", ""),
        ("(int)", ""),
        ("f(", ")"),
        ("1 ? ", " : 2"),
        ("1 + (", ")"),
    ] {
        read(around(open, close));
    }
    for statement in [
        "{",
        "if (1) {",
        "if (1) ",
        "else if (x()) ",
        "foreach ([1] as $x) {",
        "function f() {",
        "switch (1) { case 1: ",
    ] {
        read(format!("<?php {} $a = 1;", statement.repeat(DEEP)));
    }
}

#[test]
fn long_chains_are_survived() {
    const LONG: usize = 50_000;
    for (start, link) in [
        ("1", " + 1"),
        ("1", " . 1"),
        ("$a", "[0]"),
        ("$a", "->b"),
        ("f", "()"),
        ("1", " && 1"),
        ("$x", " ?? $x"),
        ("$u", " = $u"),
        ("1", " ?: 1"),
    ] {
        read(format!("<?php $r = {start}{}; $b = 1;", link.repeat(LONG)));
    }
}

#[test]
fn values_cannot_grow_without_bound() {
    let result = read(
        "<?php $a = str_repeat('x', 1000000000); $b = 'x'; for ($i = 0; $i < 900; $i++) { $b .= $b; } $c = 1;",
    );
    assert!(unknown(&result, "a"));
    let result =
        read("<?php $a = [1]; for ($i = 0; $i < 500; $i++) { $a = [$a, $a]; } $b = $a == $a;");
    assert!(unknown(&result, "b"));
    let result = read("<?php $a = []; for ($i = 0; $i < 990; $i++) { $a = [$a]; } $b = $a == $a;");
    assert!(unknown(&result, "b"));
    let result = read("<?php while (true) { $a[] = 1; } $b = 1;");
    assert!(unknown(&result, "a"));
    assert!(unknown(&read("<?php $a = sprintf('%999999999d', 1);"), "a"));
}

#[test]
fn branches_do_not_multiply() {
    let mut source = "<?php ".to_owned();
    for turn in 0..3_000 {
        source += &format!(
            "if (getenv('X')) {{ $a[{turn}] = 1; ini_set('k', getenv('Y')); }} else {{ $b = {turn}; }}\n"
        );
    }
    let result = read(source);
    assert!(unknown(&result, "b"));
}

#[test]
fn a_file_of_fifty_megabytes_is_refused_with_a_reason() {
    let result = read(vec![b'('; 50 << 20]);
    assert!(unknown(&result, "DP_CONFIG"));
    assert!(
        result
            .notes
            .iter()
            .any(|note| note.text.contains("larger than"))
    );
}

#[test]
fn endless_includes_end() {
    let result = read("<?php $a = 1; include __FILE__; include __DIR__ . '/y.php';");
    assert!(unknown(&result, "a"));
}

#[test]
fn rubbish_and_mutated_files_are_survived() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    for _ in 0..40 {
        let mut bytes = b"<?php ".to_vec();
        bytes.extend((0..400).map(|_| next().to_le_bytes()[0]));
        read(bytes);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/php");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let bytes = std::fs::read(path).unwrap();
        for _ in 0..8 {
            let mut mutated = bytes.clone();
            for _ in 0..3 {
                let at = next() as usize % mutated.len();
                match next() % 3 {
                    0 => mutated[at] = next().to_le_bytes()[0],
                    1 => mutated.truncate(at.max(6)),
                    _ => {
                        let piece: Vec<u8> = mutated[at..].iter().take(30).copied().collect();
                        mutated.splice(at..at, piece);
                    }
                }
            }
            read(mutated);
        }
    }
}

//! The access model against the kernel: random trees, random users, every right, and a child process that has
//! really become the user and really tries. A decision is one (path, user, right) compared; a disagreement or
//! an "unknown" about a local tree fails the test. Needs root; refuses to pass without it.
//!
//! `DESKGUARD_ACCESS_DECISIONS` (default 100000; the long mode is 1000000) and `DESKGUARD_SEED` (default: the
//! clock) choose the run. Some of the advice that answers give is followed, and the kernel must change its mind. Whatever kind of entry the trees are meant to hold and did not fails the test too.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod advice;
mod child;
mod compare;
mod coverage;
mod describe;
mod dress;
mod judge;
mod questions;
mod random;
mod restore;
mod tree;

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Instant, SystemTime};

use deskguard::access::{Chain, Flag, Principal};
use deskguard::host::Looker;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use advice::{Followed, follow};
use compare::{Tally, compare, shrink};
use coverage::Coverage;
use describe::describe;
use judge::Judge;
use questions::{principals, questions};
use random::Random;
use tree::Tree;

/// So many decisions that every kind of entry must have occurred.
const ENOUGH: u64 = 100_000;

const PROTECTED: &str = "/proc/sys/fs/protected_symlinks";

fn main() {
    if let Ok(spec) = std::env::var(child::JUDGE) {
        return child::serve(&spec);
    }
    if filtered_out() {
        return println!("access against the kernel: filtered out by the command line");
    }
    assert!(
        nix::unistd::geteuid().is_root(),
        "this test asks the kernel about several users and must run as root; it does not skip itself"
    );
    unshare(CloneFlags::CLONE_NEWNS).expect("a mount namespace of our own");
    mount(
        None::<&str>,
        "/",
        None::<&str>,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None::<&str>,
    )
    .expect("private");
    let wanted: u64 = number("DESKGUARD_ACCESS_DECISIONS").unwrap_or(100_000);
    let clock = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .expect("clock")
        .as_micros() as u64;
    let seed = number("DESKGUARD_SEED").unwrap_or(clock);
    println!("access against the kernel: seed {seed}, at least {wanted} decisions");
    let _sysctl = ProtectedSymlinks::remember();
    let mut tally = Tally::default();
    let mut coverage = Coverage::new();
    let mut followed = Followed::default();
    let started = Instant::now();
    let mut batch = 0;
    while tally.decisions < wanted {
        run_batch(
            seed.wrapping_add(batch),
            &mut tally,
            &mut coverage,
            &mut followed,
        );
        batch += 1;
    }
    println!(
        "{} decisions about {} paths in {batch} trees, {:.1} s, seed {seed}: no disagreement",
        tally.decisions,
        tally.paths,
        started.elapsed().as_secs_f64()
    );
    for (right, (yes, no)) in &tally.rights {
        println!("  {right:<9} {yes:>8} granted {no:>8} denied");
    }
    let mechanisms: Vec<String> = tally
        .mechanisms
        .iter()
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    println!("  decided by: {}", mechanisms.join(", "));
    let (held, never) = coverage.lines();
    println!("  led through: {}", held.join(", "));
    println!(
        "  advice followed, and the kernel changed its mind: {:?}, left alone {}",
        followed.kinds, followed.left_alone
    );
    assert!(
        wanted < ENOUGH || followed.kinds.len() == 5,
        "advice of some kind was never followed"
    );
    assert!(
        never.is_empty() || wanted < ENOUGH,
        "the random trees never held: {}",
        never.join(", ")
    );
}

/// `cargo test WORD` runs what WORD names; `--list` runs nothing.
fn filtered_out() -> bool {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let mut filters = words
        .iter()
        .filter(|word| !word.starts_with('-'))
        .peekable();
    words.iter().any(|word| word == "--list")
        || (filters.peek().is_some()
            && !filters.any(|word| "access_against_kernel".contains(word.as_str())))
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable)
        .ok()
        .map(|value| value.parse().expect("a number"))
}

/// `fs.protected_symlinks`, put back at the end.
struct ProtectedSymlinks(Option<String>);

impl ProtectedSymlinks {
    fn remember() -> Self {
        Self(std::fs::read_to_string(PROTECTED).ok())
    }
}

impl Drop for ProtectedSymlinks {
    fn drop(&mut self) {
        if let Some(value) = &self.0 {
            let _ = std::fs::write(PROTECTED, value);
        }
    }
}

fn run_batch(seed: u64, tally: &mut Tally, coverage: &mut Coverage, followed: &mut Followed) {
    let mut random = Random::new(seed);
    // Where it may not be changed, the model reads what it is.
    let _ = std::fs::write(PROTECTED, if random.chance(50) { "1" } else { "0" });
    let folder = tempfile::Builder::new()
        .prefix("deskguard-access-")
        .tempdir()
        .expect("a folder");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("chmod");
    let base = folder.path().join("b");
    std::fs::create_dir(&base).expect("mkdir");
    let in_memory = random.chance(50);
    let tree = Tree::grow(&base, in_memory, &mut random);
    let looker = Looker::based("/".into());
    let questions: Vec<(Vec<u8>, Chain)> = questions(&tree, &mut random)
        .into_iter()
        .map(|path| (path.clone(), looker.chain(&path)))
        .collect();
    for (path, chain) in &questions {
        check_exists(path, chain, &looker, seed);
        let protected = looker.sysctl().protected_symlinks == Flag::Yes;
        coverage.note(path, chain, protected);
    }
    tally.paths += questions.len() as u64;
    for who in principals(&mut random) {
        let mut judge = Judge::start(&who);
        for (path, chain) in &questions {
            let errors = judge.ask(path, chain, &tree);
            let Err(found) = compare(path, chain, &who, looker.sysctl(), &errors, tally) else {
                let sysctl = looker.sysctl();
                let hands = (&mut judge, &tree);
                follow(path, chain, &who, sysctl, hands, &mut random, followed);
                continue;
            };
            let found = shrink(found, path, chain, looker.sysctl(), &tree).sentence();
            let links = describe(path, chain, looker.sysctl());
            panic!("disagreement; repeat with DESKGUARD_SEED={seed}\n{found}\n{links}");
        }
        judge.stop();
    }
}

fn check_exists(path: &[u8], chain: &Chain, looker: &Looker, seed: u64) {
    let answers = deskguard::access::judge(chain, &Principal::root(), looker.sysctl());
    let kernel = Path::new(OsStr::from_bytes(path))
        .symlink_metadata()
        .is_ok();
    assert_eq!(
        answers.exists,
        Some(kernel),
        "exists, seed {seed}\n{}",
        describe(path, chain, looker.sysctl())
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.trim_start_matches('x').as_bytes();
    let digit = |byte: u8| (byte as char).to_digit(16).expect("hex") as u8;
    digits
        .chunks(2)
        .map(|pair| digit(pair[0]) << 4 | digit(pair[1]))
        .collect()
}

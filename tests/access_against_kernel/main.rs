//! The access model against the kernel: random trees, random users, every right, and a child process that has
//! really become the user and really tries. A decision is one (path, user, right) compared; a disagreement or
//! an "unknown" about a local tree fails the test. Needs root; refuses to pass without it.
//!
//! `DESKGUARD_ACCESS_DECISIONS` (default 100000) and `DESKGUARD_SEED` (default: the clock) choose the run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout
)]

mod child;
mod describe;
mod dress;
mod judge;
mod questions;
mod random;
mod restore;
mod tree;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Instant, SystemTime};

use deskguard::access::{Chain, Principal, Right};
use deskguard::host::Looker;
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};

use describe::describe;
use judge::Judge;
use questions::{principals, questions};
use random::Random;
use tree::Tree;

const PROTECTED: &str = "/proc/sys/fs/protected_symlinks";

fn main() {
    if let Ok(spec) = std::env::var(child::JUDGE) {
        return child::serve(&spec);
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
    let started = Instant::now();
    let mut batch = 0;
    while tally.decisions < wanted {
        run_batch(seed.wrapping_add(batch), batch, &mut tally);
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
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable)
        .ok()
        .map(|value| value.parse().expect("a number"))
}

/// What was compared.
#[derive(Default)]
struct Tally {
    decisions: u64,
    paths: u64,
    rights: BTreeMap<&'static str, (u64, u64)>,
    mechanisms: BTreeMap<&'static str, u64>,
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

fn run_batch(seed: u64, batch: u64, tally: &mut Tally) {
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
    let tree = Tree::grow(&base, batch.is_multiple_of(2), &mut random);
    let looker = Looker::based("/".into());
    let questions: Vec<(Vec<u8>, Chain)> = questions(&tree, &mut random)
        .into_iter()
        .map(|path| (path.clone(), looker.chain(&path)))
        .collect();
    for (path, chain) in &questions {
        check_exists(path, chain, &looker, seed);
    }
    tally.paths += questions.len() as u64;
    for who in principals(&mut random) {
        let mut judge = Judge::start(&who);
        for (path, chain) in &questions {
            let errors = judge.ask(path, chain, &tree);
            compare(path, chain, &who, &looker, &errors, seed, tally);
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
        describe(path, chain)
    );
}

fn compare(
    path: &[u8],
    chain: &Chain,
    who: &Principal,
    looker: &Looker,
    errors: &[i32],
    seed: u64,
    tally: &mut Tally,
) {
    let answers = deskguard::access::judge(chain, who, looker.sysctl());
    for (right, error) in Right::ALL.into_iter().zip(errors) {
        let answer = answers.of(right);
        let error = Errno::from_raw(*error);
        let kernel = match (right, error) {
            (_, Errno::UnknownErrno) => true,
            (Right::Read | Right::Write, Errno::ENXIO | Errno::ENODEV) => true,
            // For a last `..` it is not the directory's content that the kernel minds (fs/namei.c do_rmdir).
            (Right::Delete, Errno::ENOTEMPTY) => !ends_in_dots(path),
            _ => false,
        };
        assert!(!answer.because.is_empty(), "no reason");
        if answer.allowed != Some(kernel) {
            println!(
                "{} as {}: the kernel says {error:?}, the model {answer:?}",
                right.word(),
                who.label()
            );
            println!("protected_symlinks: {:?}", looker.sysctl());
            panic!(
                "disagreement; repeat with DESKGUARD_SEED={seed}\n{}",
                describe(path, chain)
            );
        }
        tally.decisions += 1;
        let count = tally.rights.entry(right.word()).or_default();
        if kernel {
            count.0 += 1;
        } else {
            count.1 += 1;
        }
        if let Some(mechanism) = answer.link.as_ref().and_then(|link| link.mechanism) {
            *tally.mechanisms.entry(mechanism.word()).or_default() += 1;
        }
    }
}

fn ends_in_dots(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/')
        .rfind(|name| !name.is_empty())
        == Some(b"..")
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

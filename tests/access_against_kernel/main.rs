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
mod random;
mod tree;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Instant, SystemTime};

use deskguard::access::{AclState, Chain, End, LastName, Principal, Right, judge};
use deskguard::host::Looker;
use nix::errno::Errno;
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use random::Random;
use tree::{GIDS, Tree, UIDS};

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

/// Root, owners with odd groups, and one who owns nothing.
fn principals(random: &mut Random) -> Vec<Principal> {
    let mut all = vec![
        Principal::new("root", 0, vec![0]),
        Principal::new("stranger", 61999, vec![62999]),
    ];
    for _ in 0..6 {
        let mut gids = vec![*random.pick(&GIDS[1..])];
        for gid in GIDS {
            if random.chance(25) && !gids.contains(&gid) {
                gids.push(gid);
            }
        }
        all.push(Principal::new("user", *random.pick(&UIDS[1..]), gids));
    }
    all
}

/// Every entry, and what can be made of its name.
fn questions(tree: &Tree, random: &mut Random) -> Vec<Vec<u8>> {
    let fixed: [&[u8]; 9] = [
        b"/",
        b"",
        b"//",
        b"/.",
        b"/..",
        b"/../..",
        b"/../tmp",
        b"/missing",
        b"/../missing/",
    ];
    let mut paths: Vec<Vec<u8>> = fixed.iter().map(|path| path.to_vec()).collect();
    let all: Vec<&PathBuf> = tree.directories.iter().chain(&tree.others).collect();
    let long = vec![b'l'; 255 + random.below(2)];
    for entry in &all {
        let path = entry.as_os_str().as_bytes();
        let other = random
            .pick(&all)
            .file_name()
            .expect("name")
            .as_bytes()
            .to_vec();
        let mut ask = |pieces: &[&[u8]]| paths.push(pieces.concat());
        ask(&[path]);
        match random.below(14) {
            0 => ask(&[path, b"/"]),
            1 => ask(&[path, b"/."]),
            2 => ask(&[path, b"/.."]),
            3 => ask(&[path, b"/missing"]),
            4 => ask(&[path, b"/missing/"]),
            5 => ask(&[path, b"/missing/x"]),
            6 | 7 => ask(&[path, b"/", &other]),
            8 => ask(&[path, b"/../", &other]),
            9 => ask(&[path, b"//.//", &other, b"//"]),
            10 => ask(&[path, b"/", &long]),
            11 => ask(&[path, b"/../../", &other, b"/", &other]),
            12 => ask(&[
                path,
                &b"/.".repeat((4095 + random.below(2)).saturating_sub(path.len()) / 2),
            ]),
            _ => ask(&[path, b"/", &other, b"/../", &other]),
        }
        // Directly below a link, so that ways through links are taken often.
        if entry.is_symlink() {
            ask(&[path, b"/"]);
            ask(&[path, b"/", &other]);
        }
    }
    paths
}

/// A child that has become the user.
struct Judge {
    child: Child,
    replies: BufReader<std::process::ChildStdout>,
}

impl Judge {
    fn start(who: &Principal) -> Self {
        let gids: Vec<String> = who.gids.iter().map(u32::to_string).collect();
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .env(child::JUDGE, format!("{}:{}", who.uid, gids.join(",")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a judge");
        let replies = BufReader::new(child.stdout.take().expect("its answers"));
        Self { child, replies }
    }

    fn tell(&mut self, line: &str) {
        let mut input = self.child.stdin.as_ref().expect("its questions");
        writeln!(input, "{line}").expect("ask");
    }

    /// The error numbers of the seven rights, restoring meanwhile what a success destroyed.
    fn ask(&mut self, path: &[u8], chain: &Chain, tree: &Tree) -> Vec<i32> {
        self.tell(&format!("x{}", hex(path)));
        loop {
            let mut line = String::new();
            let read = self.replies.read_line(&mut line).expect("an answer");
            assert!(
                read > 0,
                "the judge died over {}",
                String::from_utf8_lossy(path)
            );
            let mut words = line.split_whitespace();
            match words.next().expect("a word") {
                "A" => {
                    return words
                        .map(|word| word.parse().expect("an error number"))
                        .collect();
                }
                "U" => tree.relink(&victim(chain)),
                "M" => Tree::unmake(&directory(chain), path),
                "G" => {
                    let mode = words.next().expect("a mode").parse().expect("a mode");
                    std::fs::set_permissions(reached(chain), PermissionsExt::from_mode(mode))
                        .expect("chmod back");
                }
                other => panic!("the judge says {other}"),
            }
            self.tell("done");
        }
    }

    fn stop(mut self) {
        drop(self.child.stdin.take());
        assert!(
            self.child.wait().expect("the judge's end").success(),
            "the judge failed"
        );
    }
}

fn place(chain: &Chain, id: usize) -> PathBuf {
    Path::new(OsStr::from_bytes(&chain.places[id].path)).into()
}

fn victim(chain: &Chain) -> PathBuf {
    match chain.last.expect("a last name").name {
        LastName::Entry { place: id, .. } => place(chain, id),
        other => panic!("the model sees {other:?} where the kernel unlinked"),
    }
}

fn directory(chain: &Chain) -> PathBuf {
    place(chain, chain.last.expect("a last name").directory)
}

fn reached(chain: &Chain) -> PathBuf {
    match chain.end {
        End::Reached(id) => place(chain, id),
        ref other => panic!("the model sees {other:?} where the kernel changed a mode"),
    }
}

fn check_exists(path: &[u8], chain: &Chain, looker: &Looker, seed: u64) {
    let answers = judge(chain, &Principal::root(), looker.sysctl());
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
    let answers = judge(chain, who, looker.sysctl());
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

/// The links of one path and nothing else: the smallest tree that shows the failure.
fn describe(path: &[u8], chain: &Chain) -> String {
    let mut text = format!("path {:?}\n", String::from_utf8_lossy(path));
    for (id, place) in chain.places.iter().enumerate() {
        let entry = &place.entry;
        let _ = write!(
            text,
            "  [{id}] {:?} {:?} {:04o} {}:{}",
            String::from_utf8_lossy(&place.path),
            entry.kind,
            entry.mode,
            entry.uid,
            entry.gid
        );
        match &entry.acl {
            AclState::None => {}
            acl => {
                let _ = write!(text, " {acl:?}");
            }
        }
        let _ = writeln!(
            text,
            " +i {:?} +a {:?} {:?}",
            entry.immutable, entry.append_only, entry.mount
        );
    }
    let _ = writeln!(
        text,
        "  steps {:?}\n  last {:?}, after {} steps",
        chain.steps, chain.last, chain.parent_steps
    );
    let _ = writeln!(text, "  end {:?}", chain.end);
    text
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

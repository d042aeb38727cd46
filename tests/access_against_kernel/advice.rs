//! The advice taken at its word: what an answer says would flip it is done to the tree, as a person would do it
//! who reads the sentence, and the kernel is asked again. Refuses to guess: a sentence that it cannot carry out
//! (a mount, an entry on a read-only one) is counted as left alone.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use deskguard::access::{Answer, Chain, Principal, Right, Sysctl, judge};
use deskguard::host::Looker;
use rustix::fs::{IFlags, XattrFlags};

use super::compare::granted;
use super::describe::describe;
use super::judge::Judge;
use super::random::Random;
use super::tree::Tree;

/// Follows advice this often, of a hundred pieces.
const SHARE: usize = 4;
const ACL: &str = "system.posix_acl_access";
const STRANGER: u32 = 64999;

/// How much advice was followed, by its kind, and how much left alone.
#[derive(Default)]
pub(crate) struct Followed {
    pub(crate) kinds: BTreeMap<&'static str, u64>,
    pub(crate) left_alone: u64,
}

/// One thing to do.
enum Act {
    Mode {
        gain: bool,
        bits: u32,
    },
    Acl {
        gain: bool,
        tag: u16,
        id: u32,
        bits: u16,
    },
    Owner(u32),
    Flag(IFlags, bool),
    NotSticky,
}

impl Act {
    const fn kind(&self) -> &'static str {
        match self {
            Self::Mode { .. } => "mode",
            Self::Acl { .. } => "acl",
            Self::Owner(_) => "owner",
            Self::Flag(..) => "flag",
            Self::NotSticky => "sticky",
        }
    }

    fn on(&self, path: &Path) {
        match self {
            Self::Mode { gain, bits } => {
                let mode = path.metadata().expect("stat").mode() & 0o7777;
                chmod(path, if *gain { mode | bits } else { mode & !bits });
            }
            Self::NotSticky => chmod(path, path.metadata().expect("stat").mode() & 0o6777),
            Self::Owner(uid) => {
                let mode = path.metadata().expect("stat").mode() & 0o7777;
                chown(path, Some(*uid), None).expect("chown");
                chmod(path, mode);
            }
            Self::Flag(..) => {}
            Self::Acl {
                gain,
                tag,
                id,
                bits,
            } => {
                let mut acl = acl_of(path);
                for record in acl[4..].chunks_exact_mut(8) {
                    let same = u16::from_le_bytes([record[0], record[1]]) == *tag
                        && (*id == u32::MAX || record[4..] == id.to_le_bytes());
                    if same {
                        let held = u16::from_le_bytes([record[2], record[3]]);
                        let now = if *gain { held | bits } else { held & !bits };
                        record[2..4].copy_from_slice(&now.to_le_bytes());
                    }
                }
                rustix::fs::setxattr(path, ACL, &acl, XattrFlags::empty()).expect("setfacl");
            }
        }
    }
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

fn acl_of(path: &Path) -> Vec<u8> {
    let mut buffer = [0_u8; 1024];
    let length = rustix::fs::getxattr(path, ACL, &mut buffer).unwrap_or(0);
    buffer[..length].to_vec()
}

fn flags_of(path: &Path) -> Option<IFlags> {
    let kind = path.symlink_metadata().ok()?.file_type();
    let plain = kind.is_dir() || kind.is_file();
    plain.then(|| rustix::fs::ioctl_getflags(fs::File::open(path).expect("open")).ok())?
}

fn set_flags(path: &Path, flags: Option<IFlags>) {
    if let Some(flags) = flags {
        let file = fs::File::open(path).expect("open");
        rustix::fs::ioctl_setflags(file, flags).expect("chattr");
    }
}

/// An entry as it was, to be put back.
struct Before {
    path: PathBuf,
    mode: u32,
    uid: u32,
    acl: Vec<u8>,
    flags: Option<IFlags>,
}

impl Before {
    fn of(path: &Path) -> Self {
        let seen = path.metadata().expect("stat");
        Self {
            path: path.into(),
            mode: seen.mode() & 0o7777,
            uid: seen.uid(),
            acl: acl_of(path),
            flags: flags_of(path),
        }
    }

    fn unflagged(&self) {
        let plain = self
            .flags
            .map(|it| it.difference(IFlags::IMMUTABLE | IFlags::APPEND));
        set_flags(&self.path, plain);
    }

    fn put_back(&self) {
        self.unflagged();
        chown(&self.path, Some(self.uid), None).expect("chown back");
        chmod(&self.path, self.mode);
        if !self.acl.is_empty() {
            rustix::fs::setxattr(&self.path, ACL, &self.acl, XattrFlags::empty())
                .expect("acl back");
            chmod(&self.path, self.mode);
        }
        set_flags(&self.path, self.flags);
    }
}

/// Follows the advice of some of the seven answers about one path.
pub(crate) fn follow(
    path: &[u8],
    chain: &Chain,
    who: &Principal,
    sysctl: Sysctl,
    (judge_of, tree): (&mut Judge, &Tree),
    random: &mut Random,
    followed: &mut Followed,
) {
    let answers = judge(chain, who, sysctl);
    for right in Right::ALL {
        let answer = answers.of(right);
        if answer.flip.is_none() || !random.chance(SHARE) {
            continue;
        }
        let acts = understand(answer, chain, who);
        // Nothing outside of the tree is ever touched: the path leads through the machine's own directories.
        let ours = |acts: &Vec<(PathBuf, Act)>| {
            let mut all = acts.iter().map(|(at, _)| at);
            all.all(|at| at.starts_with(&tree.base) && met_once(chain, at))
        };
        let Some(acts) = acts.filter(ours) else {
            followed.left_alone += 1;
            continue;
        };
        let before: Vec<Before> = acts.iter().map(|(at, _)| Before::of(at)).collect();
        for (at, act) in &acts {
            let flags = flags_of(at);
            Before::of(at).unflagged();
            act.on(at);
            let flags = match (flags, act) {
                (Some(flags), Act::Flag(flag, true)) => Some(flags | *flag),
                (Some(flags), Act::Flag(flag, false)) => Some(flags.difference(*flag)),
                (flags, _) => flags,
            };
            set_flags(at, flags);
            *followed.kinds.entry(act.kind()).or_default() += 1;
        }
        let after = Looker::based("/".into()).chain(path);
        let errors = judge_of.ask(path, &after, tree);
        for before in before.iter().rev() {
            before.put_back();
        }
        let index = Right::ALL
            .iter()
            .position(|it| *it == right)
            .expect("a right");
        let kernel = granted(path, right, nix::errno::Errno::from_raw(errors[index]));
        assert_eq!(
            Some(!kernel),
            answer.allowed,
            "{} as {} {}: the advice was followed, and the kernel says {kernel}\n{}",
            right.word(),
            who.label(),
            answer.flip.as_deref().unwrap_or_default(),
            describe(path, chain, sysctl)
        );
    }
}

/// Whether the chain leads through this entry by one path only: behind a bind mount it is the same entry, and
/// to change it here is to change it there.
fn met_once(chain: &Chain, at: &Path) -> bool {
    let inode = |path: &Path| {
        let seen = path.symlink_metadata().ok()?;
        Some((seen.dev(), seen.ino()))
    };
    let wanted = inode(at);
    let places = chain.places.iter();
    let same = places.filter(|it| inode(Path::new(OsStr::from_bytes(&it.path))) == wanted);
    same.count() == 1
}

/// The sentence, clause by clause; none where one is about something else than an entry of the chain that may
/// be changed.
fn understand(answer: &Answer, chain: &Chain, who: &Principal) -> Option<Vec<(PathBuf, Act)>> {
    let (_, clauses) = answer.flip.as_deref()?.split_once(" if ")?;
    clauses
        .split(" and ")
        .map(|clause| one(clause, chain, who))
        .collect()
}

fn one(clause: &str, chain: &Chain, who: &Principal) -> Option<(PathBuf, Act)> {
    // The longest path that the clause names.
    let named = chain.places.iter().filter_map(|place| {
        let path = std::str::from_utf8(&place.path).ok()?;
        let found = format!(" {clause}").contains(&format!(" {path} "));
        (found && !place.entry.mount.read_only).then_some(path)
    });
    let path = named.max_by_key(|path| path.len())?;
    let rest = clause.replacen(path, "@", 1);
    let act = understood(rest.trim_end_matches(", which its owner can restore"), who)?;
    Some((path.into(), act))
}

fn understood(clause: &str, who: &Principal) -> Option<Act> {
    if let Some(acl) = clause.strip_prefix("the ACL entry ") {
        let (entry, rest) = acl.split_once(" of @ ")?;
        let (verb, bits) = rest.split_once(' ')?;
        let (tag, id) = match entry.split_once(':') {
            Some(("user", uid)) => (2, uid.parse().ok()?),
            Some(("group", ":")) => (4, u32::MAX),
            Some(("group", gid)) => (8, gid.parse().ok()?),
            None if entry == "mask" => (16, u32::MAX),
            None if entry == "other" => (32, u32::MAX),
            _ => return None,
        };
        let bits = letters(bits) as u16;
        return Some(Act::Acl {
            gain: verb == "gained",
            tag,
            id,
            bits,
        });
    }
    let clause = clause.strip_prefix("@ ")?;
    Some(match clause {
        "were immutable (chattr +i)" => Act::Flag(IFlags::IMMUTABLE, true),
        "were not immutable (chattr -i)" => Act::Flag(IFlags::IMMUTABLE, false),
        "were not append-only (chattr -a)" => Act::Flag(IFlags::APPEND, false),
        "lost its sticky bit" => Act::NotSticky,
        "were owned by somebody else" => Act::Owner(STRANGER),
        _ if clause.starts_with("were owned by ") => Act::Owner(who.uid),
        _ => {
            let (verb, bits) = clause.split_once(' ')?;
            let (class, bits) = bits.split_once('+')?;
            let shift = match class {
                "u" => 6,
                "g" => 3,
                _ => 0,
            };
            Act::Mode {
                gain: verb == "gained",
                bits: letters(bits) << shift,
            }
        }
    })
}

fn letters(text: &str) -> u32 {
    text.chars().fold(0, |bits, letter| {
        bits | match letter {
            'r' => 4,
            'w' => 2,
            _ => 1,
        }
    })
}

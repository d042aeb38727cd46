//! Accounts from `/etc/passwd` and `/etc/group`, and the principal that a name or `UID:GID` stands for.
//! Refuses NSS (a static binary has none) and skips broken lines; an unknown name is an error with near names.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::access::Principal;

/// No account database is larger than this.
const LARGEST: u64 = 64 << 20;

/// A line of passwd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The account's name.
    pub name: String,
    /// Its user id.
    pub uid: u32,
    /// Its primary group.
    pub gid: u32,
}

/// A line of group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The group's name.
    pub name: String,
    /// Its id.
    pub gid: u32,
    /// The names of its members.
    pub members: Vec<String>,
}

/// Both files, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    /// Users, in the file's order.
    pub users: Vec<User>,
    /// Groups, in the file's order.
    pub groups: Vec<Group>,
}

/// Nobody is called so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoSuchAccount {
    /// What was asked for.
    pub asked: String,
    /// Names that look like it.
    pub near: Vec<String>,
}

impl fmt::Display for NoSuchAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no account is called {:?}", self.asked)?;
        if !self.near.is_empty() {
            write!(f, " (did you mean {}?)", self.near.join(", "))?;
        }
        f.write_str("; ids work without an account, as UID:GID[,GID...], for example 33:33")
    }
}

impl std::error::Error for NoSuchAccount {}

impl Accounts {
    /// Reads both files below `root` (`/` for this machine). A missing group file means no groups.
    pub fn read(root: &Path) -> io::Result<Self> {
        let users = read_file(&root.join("etc/passwd"))?;
        let groups = match read_file(&root.join("etc/group")) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        Ok(Self::parse(&users, &groups))
    }

    /// Parses the bytes of both files; lines that are not accounts are passed over, as the C library does.
    #[must_use]
    pub fn parse(passwd: &[u8], group: &[u8]) -> Self {
        Self {
            users: lines(passwd).filter_map(user).collect(),
            groups: lines(group).filter_map(members).collect(),
        }
    }

    /// The principal that `spec` names: an account, a uid that has an account, or `UID:GID[,GID…]`.
    pub fn principal(&self, spec: &str) -> Result<Principal, NoSuchAccount> {
        if let Some(user) = self.users.iter().find(|user| user.name == spec) {
            return Ok(self.account(user));
        }
        if let Some(principal) = numeric(spec) {
            return Ok(principal);
        }
        let by_uid = id(spec).and_then(|uid| self.users.iter().find(|user| user.uid == uid));
        by_uid
            .map(|user| self.account(user))
            .ok_or_else(|| NoSuchAccount {
                asked: spec.into(),
                near: self.near(spec),
            })
    }

    /// An account with its primary group and every group that lists it (as initgroups does).
    fn account(&self, user: &User) -> Principal {
        let mut gids = vec![user.gid];
        for group in self
            .groups
            .iter()
            .filter(|group| group.members.contains(&user.name))
        {
            if !gids.contains(&group.gid) {
                gids.push(group.gid);
            }
        }
        Principal::new(user.name.clone(), user.uid, gids)
    }

    fn near(&self, asked: &str) -> Vec<String> {
        let mut ranked: Vec<(usize, &str)> = self
            .users
            .iter()
            .map(|user| (distance(asked, &user.name), user.name.as_str()))
            .filter(|(distance, name)| *distance <= 2 && *distance < name.len())
            .chain(
                self.users
                    .iter()
                    .filter(|user| asked.len() > 2 && user.name.contains(asked))
                    .map(|user| (3, user.name.as_str())),
            )
            .collect();
        ranked.sort_unstable();
        ranked.dedup_by_key(|(_, name)| *name);
        ranked
            .into_iter()
            .take(3)
            .map(|(_, name)| name.to_owned())
            .collect()
    }
}

/// `UID:GID[,GID…]`.
fn numeric(spec: &str) -> Option<Principal> {
    let (uid, gids) = spec.split_once(':')?;
    let uid = id(uid)?;
    let gids: Vec<u32> = gids.split(',').map(id).collect::<Option<_>>()?;
    Some(Principal::new(format!("uid {uid}"), uid, gids))
}

/// A user or group id; -1 is none (include/linux/uidgid.h uid_valid).
fn id(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits {
        text.parse().ok().filter(|id| *id != u32::MAX)
    } else {
        None
    }
}

fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = String> {
    bytes
        .split(|byte| *byte == b'\n')
        .map(|line| String::from_utf8_lossy(line).trim_start().to_owned())
        .filter(|line| !line.is_empty() && !line.starts_with(['#', '+', '-']))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the end of an iterator of owned lines"
)]
fn user(line: String) -> Option<User> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| !name.is_empty())?;
    let mut ids = fields.skip(1);
    Some(User {
        name: name.into(),
        uid: id(ids.next()?)?,
        gid: id(ids.next()?)?,
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the end of an iterator of owned lines"
)]
fn members(line: String) -> Option<Group> {
    let mut fields = line.split(':');
    let name = fields.next().filter(|name| !name.is_empty())?;
    let mut rest = fields.skip(1);
    let gid = id(rest.next()?)?;
    let members = rest
        .next()
        .unwrap_or_default()
        .split(',')
        .map(|member| member.trim().to_owned());
    Some(Group {
        name: name.into(),
        gid,
        members: members.filter(|member| !member.is_empty()).collect(),
    })
}

/// Levenshtein's distance, in characters.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, pair) in b.iter().zip(row.windows(2)) {
            let [diagonal, above] = pair else { continue };
            left = (diagonal + usize::from(from != *to))
                .min(above + 1)
                .min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts() -> Accounts {
        let passwd = b"root:x:0:0::/root:/bin/sh\n\nbroken\n# no\n+::::::\nx:y:z:1\nwww-data:x:33:33:\xff:/:/bin/false\n";
        Accounts::parse(
            passwd,
            b"www-data:x:33:\nadm:x:4:other, www-data\nbad:x:no:www-data\nlone:x:9\n",
        )
    }

    #[test]
    fn a_name_brings_its_groups() {
        assert_eq!(
            accounts().principal("www-data").unwrap().label(),
            "www-data (33:33,4)"
        );
        assert_eq!(
            accounts().principal("33").unwrap().label(),
            "www-data (33:33,4)"
        );
        assert_eq!(accounts().users.len(), 2);
    }

    #[test]
    fn numbers_need_no_account() {
        let who = accounts().principal("1000:1000,4").unwrap();
        assert_eq!((who.uid, who.gids.as_slice()), (1000, [1000, 4].as_slice()));
        for bad in ["1000:", ":1", "1:2,", "4294967295:1", "-1:1", "1:2:3", ""] {
            assert!(accounts().principal(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_name_says_what_is_near() {
        let error = accounts().principal("ww-data").unwrap_err().to_string();
        assert!(
            error.contains("www-data") && error.contains("UID:GID"),
            "{error}"
        );
    }
}

//! By what right the product reaches what it needs: each account, each path, and every entry on the way,
//! so that a fix can be tried on paper. What it needs is `needs`' and `target`'s business.

use super::data::writers;
use super::principals::Principals;
use super::publish::text;
use super::readable;
use super::tally::Tally;
use crate::access::{AclState, Chain, End, Entry, Kind, Principal, Step, Tag, judge};
use crate::facts::{
    ActingAccount, FilesFacts, Known, Listing, NeededRight, NeedsFacts, PlaceOnDisk, ReadAs,
};
use crate::host::{Host, Looker};
use crate::needs;
use crate::target::Target;
use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// No more entries are described; the rest is said.
const MOST_PLACES: usize = 5000;

pub(super) fn observe(
    host: &Host,
    target: &Target,
    looker: &Looker,
    files: &FilesFacts,
    read_as: Listing<ReadAs>,
) -> NeedsFacts {
    let mut seen = Seen {
        target,
        looker,
        places: BTreeMap::new(),
        missed: BTreeSet::new(),
    };
    let mut rights = Listing {
        rows: Vec::new(),
        missed: target.data_unknown.clone(),
    };
    let roles = &target.roles;
    rights.missed.extend(roles.web_unknown.iter().cloned());
    rights.missed.extend(roles.cron_unknown.iter().cloned());
    seen.data(&mut rights.rows);
    seen.code(&mut rights.rows);
    seen.configuration(host, &mut rights);
    for who in &roles.updaters {
        seen.need(
            &mut rights.rows,
            "updater",
            who,
            "write",
            &target.root,
            "updates",
        );
    }
    seen.named(files);
    seen.finish(accounts(target), rights, read_as)
}

/// What the walk noted of code that an account reads by one right alone.
pub(super) fn read_as(tally: &Tally, principals: &Principals) -> Listing<ReadAs> {
    let rows = tally.read_as.iter().map(|(key, paths)| ReadAs {
        user: principals.name(key.principal).to_owned(),
        by: if key.as_member { "group" } else { "owner" }.to_owned(),
        owner: key.owner,
        count: paths.offered,
        path: paths
            .items()
            .first()
            .map_or_else(String::new, |it| text(it)),
    });
    let mut missed = super::publish::unseen(tally);
    if tally.read_as_dropped {
        missed.push("code has more owners than are listed".to_owned());
    }
    Listing {
        rows: rows.collect(),
        missed,
    }
}

/// The accounts that a fix may give something to.
fn accounts(target: &Target) -> Listing<ActingAccount> {
    let roles = &target.roles;
    let mut who: Vec<Principal> = vec![Principal::root()];
    who.extend(
        roles
            .web
            .iter()
            .chain(&roles.cron)
            .chain(&roles.updaters)
            .cloned(),
    );
    who.extend(target.accounts.principal(&target.facts().owner).ok());
    if roles.web.iter().any(|who| who.uid == 0) {
        who.extend(roles.instead_of_root(&target.accounts).ok());
    }
    who.sort_by_key(|who| who.uid);
    who.dedup_by_key(|who| who.uid);
    let rows = who.into_iter().map(|who| {
        let gid = who.gids.first().copied().unwrap_or(u32::MAX);
        let group = target.accounts.groups.iter().find(|group| group.gid == gid);
        ActingAccount {
            user: who.name,
            uid: who.uid,
            gids: who.gids,
            group: group.map_or_else(|| gid.to_string(), |group| group.name.clone()),
        }
    });
    Listing {
        rows: rows.collect(),
        missed: Vec::new(),
    }
}

struct Seen<'a> {
    target: &'a Target,
    looker: &'a Looker,
    places: BTreeMap<String, PlaceOnDisk>,
    missed: BTreeSet<String>,
}

impl Seen<'_> {
    fn data(&mut self, rows: &mut Vec<NeededRight>) {
        let target = self.target;
        let roles = &target.roles;
        for data in &target.data {
            for who in roles.web.iter().filter(|_| data.written_by_all) {
                self.need(rows, "web", who, "write", &data.path, data.purpose);
            }
            for who in writers(target, data, &roles.cron) {
                self.need(rows, "cron", who, "write", &data.path, data.purpose);
            }
        }
    }

    fn code(&mut self, rows: &mut Vec<NeededRight>) {
        let target = self.target;
        let Known::Known(generation) = &target.generation else {
            return;
        };
        for code in needs::code(generation.word()) {
            let path = if code.path.is_empty() {
                target.root.clone()
            } else {
                target.root.join(code.path)
            };
            for who in target.roles.web.iter().filter(|_| code.web) {
                self.need(rows, "web", who, "read", &path, "code");
            }
            for who in target.roles.cron.iter().filter(|_| code.cron) {
                self.need(rows, "cron", who, "read", &path, "code");
            }
        }
    }

    fn configuration(&mut self, host: &Host, rights: &mut Listing<NeededRight>) {
        let target = self.target;
        let Some(settings) = &target.settings else {
            rights.missed.push(target.no_settings());
            return;
        };
        for path in readable::paths(host, target, settings, &mut rights.missed) {
            for (role, who) in [("web", &target.roles.web), ("cron", &target.roles.cron)] {
                for who in who {
                    self.need(&mut rights.rows, role, who, "read", &path, "configuration");
                }
            }
        }
    }

    fn need(
        &mut self,
        rows: &mut Vec<NeededRight>,
        role: &str,
        who: &Principal,
        right: &str,
        path: &Path,
        purpose: &str,
    ) {
        let chain = self.looker.chain(path.as_os_str().as_bytes());
        let answers = judge(&chain, who, self.looker.sysctl());
        let missing = answers.exists == Some(false);
        if missing && right == "read" {
            return;
        }
        let answer = match right {
            "read" => answers.read,
            _ if missing => answers.replace,
            _ => answers.create,
        };
        let (through, end) = self.way(&chain);
        rows.push(NeededRight {
            role: role.to_owned(),
            user: who.name.clone(),
            right: right.to_owned(),
            path: text(path.as_os_str().as_bytes()),
            purpose: purpose.to_owned(),
            exists: !missing,
            held: answer
                .allowed
                .map_or_else(|| Known::unknown(answer.because), Known::Known),
            through,
            end,
        });
    }

    /// The places on the way and the one at its end, each of them described.
    fn way(&mut self, chain: &Chain) -> (Vec<String>, String) {
        for place in &chain.places {
            self.describe(&place.path, &place.entry);
        }
        let mut through: Vec<String> = Vec::new();
        for step in &chain.steps {
            let id = match *step {
                Step::Search(id) => id,
                Step::Follow { link, .. } => link,
            };
            let path = chain.path(id);
            if !through.contains(&path) {
                through.push(path);
            }
        }
        let end = match &chain.end {
            // The product makes a directory that is missing in the one that would hold it.
            End::Missing(_) => chain.last.map(|last| chain.path(last.directory)),
            _ => chain.end_path().map(text),
        };
        (through, end.unwrap_or_default())
    }

    /// The entries that findings name, and so fixes may.
    fn named(&mut self, files: &FilesFacts) {
        let mut paths: BTreeSet<&str> = BTreeSet::new();
        for row in &files.changeable.rows {
            paths.extend(row.examples.iter().map(String::as_str));
            paths.extend([row.path.as_str(), row.directory.as_str()]);
        }
        paths.extend(files.owners.rows.iter().map(|row| row.path.as_str()));
        paths.extend(files.credentials.rows.iter().map(|row| row.path.as_str()));
        paths.extend(files.backups.rows.iter().map(|row| row.path.as_str()));
        paths.extend(files.leftovers.rows.iter().map(|row| row.path.as_str()));
        paths.extend(files.data_scripts.rows.iter().map(|row| row.path.as_str()));
        paths.extend(files.setid.rows.iter().map(|row| row.path.as_str()));
        paths.extend(files.links.rows.iter().map(|row| row.path.as_str()));
        paths.extend(files.ancestors.rows.iter().map(|row| row.path.as_str()));
        let given: Vec<PathBuf> = self
            .target
            .data
            .iter()
            .filter_map(|data| data.real.clone())
            .collect();
        for path in paths.into_iter().filter(|path| path.starts_with('/')) {
            self.way(&self.looker.chain(path.as_bytes()));
        }
        for path in given {
            self.way(&self.looker.chain(path.as_os_str().as_bytes()));
        }
    }

    fn describe(&mut self, path: &[u8], entry: &Entry) {
        let path = text(path);
        if self.places.contains_key(&path) {
            return;
        }
        if self.places.len() >= MOST_PLACES {
            self.missed
                .insert(format!("more than {MOST_PLACES} entries are not described"));
            return;
        }
        let kind = match entry.kind {
            Kind::File => "file",
            Kind::Directory => "directory",
            Kind::Link => "link",
            _ => "other",
        };
        let place = PlaceOnDisk {
            path: path.clone(),
            kind: kind.to_owned(),
            uid: entry.uid,
            gid: entry.gid,
            mode: format!("{:04o}", entry.mode),
            acl: acl(&entry.acl),
        };
        self.places.insert(path, place);
    }

    fn finish(
        self,
        accounts: Listing<ActingAccount>,
        rights: Listing<NeededRight>,
        read_as: Listing<ReadAs>,
    ) -> NeedsFacts {
        NeedsFacts {
            accounts,
            rights,
            places: Listing {
                rows: self.places.into_values().collect(),
                missed: self.missed.into_iter().collect(),
            },
            read_as,
        }
    }
}

/// As getfacl(1) writes it, accounts by number.
fn acl(state: &AclState) -> Known<Option<Vec<String>>> {
    let acl = match state {
        AclState::None => return Known::Known(None),
        AclState::Unknown(why) => {
            return Known::unknown(format!("its ACL could not be read: {why}"));
        }
        AclState::Some(acl) => acl,
    };
    let line = |(tag, bits): &(Tag, u8)| {
        let who = match tag {
            Tag::UserObj => "user:".to_owned(),
            Tag::User(uid) => format!("user:{uid}"),
            Tag::GroupObj => "group:".to_owned(),
            Tag::Group(gid) => format!("group:{gid}"),
            Tag::Mask => "mask:".to_owned(),
            Tag::Other => "other:".to_owned(),
        };
        let letters = [(4, 'r'), (2, 'w'), (1, 'x')];
        let rights: String = letters
            .iter()
            .map(|(bit, letter)| if bits & bit != 0 { *letter } else { '-' })
            .collect();
        format!("{who}:{rights}")
    };
    Known::Known(Some(acl.entries().iter().map(line).collect()))
}

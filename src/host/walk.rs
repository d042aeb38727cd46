//! Walks a path as the kernel does, one component at a time with a descriptor for each, and writes down what
//! it met. Refuses to let the kernel follow a link for it: whoever swaps links meanwhile cannot aim it elsewhere.

use std::collections::{HashMap, VecDeque};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
use rustix::io::Errno;

use super::component::{Component, components, is_process};
use super::entry::{Sight, blind, entry_of, open_path};
use super::mount::{Mounts, PROC};
use super::mount_table::MountTable;
use crate::access::{
    Blind, Chain, End, Flag, FsKind, Kind, Last, LastName, Place, PlaceId, Step, Want,
};

/// include/linux/namei.h MAXSYMLINKS.
const MOST_LINKS: usize = 40;
/// How many bytes of paths one chain may hold. Forty links of two thousand names each, in a tree that deep,
/// would fill gigabytes.
const MOST_BYTES: usize = 4 << 20;
/// Everything that the rules may ask about.
const EVERYTHING: Want = Want::READ.and(Want::WRITE_EXEC);

/// The chain of an absolute path.
pub(super) fn walk(mounts: &Mounts, table: &MountTable, path: &[u8]) -> Chain {
    let mut walk = Walk {
        mounts,
        table,
        chain: Chain::stopped(End::TooLong),
        known: HashMap::new(),
        todo: VecDeque::new(),
        links: 0,
        must_be_directory: false,
        bytes: 0,
    };
    walk.chain.end = match walk.go(path) {
        Ok(end) | Err(end) => end,
    };
    if walk.chain.last.is_none() {
        walk.chain.parent_steps = walk.chain.steps.len();
    }
    walk.chain
}

/// A directory on the way.
struct Here {
    fd: OwnedFd,
    path: Vec<u8>,
    place: PlaceId,
    mount_id: Option<u64>,
    proc_root: bool,
}

/// A walk under way.
struct Walk<'a> {
    mounts: &'a Mounts,
    table: &'a MountTable,
    chain: Chain,
    known: HashMap<Vec<u8>, PlaceId>,
    todo: VecDeque<Component>,
    links: usize,
    must_be_directory: bool,
    bytes: usize,
}

impl Walk<'_> {
    /// fs/namei.c path_lookupat, with every link followed.
    fn go(&mut self, path: &[u8]) -> Result<End, End> {
        let mut here = self.root()?;
        self.push(path, true);
        if self.todo.is_empty() {
            self.found_last(here.place, LastName::Dot, false);
        }
        while let Some(component) = self.todo.pop_front() {
            self.chain.steps.push(Step::Search(here.place));
            if self.bytes > MOST_BYTES {
                return Err(End::Unseen(here.path, Blind::TooDeep));
            }
            match component.name.as_slice() {
                b"." => self.trailing_dot(&here, &component),
                b".." => {
                    self.trailing_dot(&here, &component);
                    here = self.up(here)?;
                }
                _ => match self.down(here, &component)? {
                    Met::Directory(next) => here = next,
                    Met::Other(end) => return Ok(end),
                },
            }
        }
        Ok(End::Reached(here.place))
    }

    /// One name: a directory to go on from, a link to unfold, or the end.
    fn down(&mut self, here: Here, component: &Component) -> Result<Met, End> {
        let path = below(&here.path, &component.name);
        let first = component.trailing && self.chain.last.is_none();
        if here.proc_root && is_process(&component.name) {
            self.unseen_last(first, here.place, Blind::Process, component.slash);
            return Err(End::Unseen(path, Blind::Process));
        }
        let fd = match open_path(here.fd.as_fd(), &component.name) {
            Ok(fd) => fd,
            Err(error) => return Err(self.not_opened(&here, path, component, first, error)),
        };
        let sight = entry_of(fd.as_fd(), self.mounts, EVERYTHING).map_err(|error| {
            self.unseen_last(first, here.place, blind(error), component.slash);
            End::Unseen(path.clone(), blind(error))
        })?;
        let place = self.place(&path, &sight);
        if first {
            let hidden = here.mount_id.is_some_and(|id| self.table.covers(id, &path));
            let mount_point = if hidden {
                Flag::Yes
            } else {
                mount_point(&here, &sight)
            };
            self.found_last(
                here.place,
                LastName::Entry { place, mount_point },
                component.slash,
            );
        }
        self.must_be_directory |= component.trailing && component.slash;
        match sight.entry.kind {
            Kind::Link => self.follow(here, place, &fd, component),
            Kind::Directory if not_mounted(fd.as_fd()) => Err(End::Unseen(path, Blind::Automount)),
            Kind::Directory => Ok(Met::Directory(Here {
                fd,
                path,
                place,
                mount_id: sight.mount_id,
                proc_root: sight.entry.mount.kind == FsKind::Driver(PROC)
                    && sight.mount_root != Flag::No,
            })),
            _ if !component.trailing || self.must_be_directory => Err(End::NotDirectory(place)),
            _ => Ok(Met::Other(End::Reached(place))),
        }
    }

    /// fs/namei.c pick_link: the link's own components come before what is left.
    fn follow(
        &mut self,
        here: Here,
        link: PlaceId,
        fd: &OwnedFd,
        component: &Component,
    ) -> Result<Met, End> {
        self.links += 1;
        if self.links > MOST_LINKS {
            return Err(End::Loop(link));
        }
        self.chain.steps.push(Step::Follow {
            link,
            directory: here.place,
            trailing: component.trailing,
        });
        let body = match rustix::fs::readlinkat(fd, "", Vec::new()) {
            Ok(body) => body.into_bytes(),
            Err(error) => return Err(End::Unseen(self.bytes(link), blind(error))),
        };
        self.push(&body, component.trailing);
        if body.starts_with(b"/") {
            Ok(Met::Directory(self.root()?))
        } else {
            Ok(Met::Directory(here))
        }
    }

    /// Puts the components of a path in front of what is left to do.
    fn push(&mut self, path: &[u8], trailing: bool) {
        for component in components(path, trailing).into_iter().rev() {
            self.todo.push_front(component);
        }
    }

    fn root(&mut self) -> Result<Here, End> {
        let unseen = |error| End::Unseen(b"/".to_vec(), blind(error));
        let fd = open_path(CWD, b"/").map_err(unseen)?;
        self.here(fd, b"/".to_vec()).map_err(unseen)
    }

    fn up(&mut self, here: Here) -> Result<Here, End> {
        let mut path = here.path;
        let cut = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        path.truncate(cut.max(1));
        let fd = open_path(here.fd.as_fd(), b"..")
            .map_err(|error| End::Unseen(path.clone(), blind(error)))?;
        self.here(fd, path.clone())
            .map_err(|error| End::Unseen(path, blind(error)))
    }

    fn here(&mut self, fd: OwnedFd, path: Vec<u8>) -> Result<Here, Errno> {
        let sight = entry_of(fd.as_fd(), self.mounts, EVERYTHING)?;
        let place = self.place(&path, &sight);
        let proc_root =
            sight.entry.mount.kind == FsKind::Driver(PROC) && sight.mount_root != Flag::No;
        Ok(Here {
            fd,
            path,
            place,
            mount_id: sight.mount_id,
            proc_root,
        })
    }

    fn place(&mut self, path: &[u8], sight: &Sight) -> PlaceId {
        if let Some(id) = self.known.get(path) {
            return *id;
        }
        let id = self.chain.places.len();
        self.chain.places.push(Place {
            path: path.to_vec(),
            entry: sight.entry.clone(),
        });
        self.known.insert(path.to_vec(), id);
        self.bytes += path.len();
        id
    }

    fn bytes(&self, id: PlaceId) -> Vec<u8> {
        self.chain
            .places
            .get(id)
            .map(|place| place.path.clone())
            .unwrap_or_default()
    }

    fn found_last(&mut self, directory: PlaceId, name: LastName, slash: bool) {
        self.chain.parent_steps = self.chain.steps.len();
        self.chain.last = Some(Last {
            directory,
            name,
            slash,
        });
    }

    fn trailing_dot(&mut self, here: &Here, component: &Component) {
        if component.trailing && self.chain.last.is_none() {
            self.found_last(here.place, LastName::Dot, component.slash);
        }
    }

    fn unseen_last(&mut self, first: bool, directory: PlaceId, why: Blind, slash: bool) {
        if first {
            self.found_last(directory, LastName::Unseen(why), slash);
        }
    }

    fn not_opened(
        &mut self,
        here: &Here,
        path: Vec<u8>,
        component: &Component,
        first: bool,
        error: Errno,
    ) -> End {
        let (name, end) = match error {
            Errno::NOENT => (LastName::Missing, End::Missing(path)),
            Errno::NAMETOOLONG => (LastName::TooLong, End::TooLong),
            other => (
                LastName::Unseen(blind(other)),
                End::Unseen(path, blind(other)),
            ),
        };
        if first {
            self.found_last(here.place, name, component.slash);
        }
        end
    }
}

/// What a name led to.
enum Met {
    Directory(Here),
    Other(End),
}

fn below(directory: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = directory.to_vec();
    if !path.ends_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

/// Another mount than the directory's begins here: a directory or a file may be mounted upon.
fn mount_point(here: &Here, sight: &Sight) -> Flag {
    match (here.mount_id, sight.mount_id) {
        (Some(directory), Some(entry)) if directory != entry => Flag::Yes,
        (Some(_), Some(_)) => Flag::No,
        _ => sight.mount_root,
    }
}

/// An automount point on which nothing is mounted yet.
fn not_mounted(fd: BorrowedFd<'_>) -> bool {
    statx(
        fd,
        "",
        AtFlags::EMPTY_PATH | AtFlags::NO_AUTOMOUNT | AtFlags::STATX_DONT_SYNC,
        StatxFlags::TYPE,
    )
    .is_ok_and(|stat| stat.stx_attributes.contains(StatxAttributes::AUTOMOUNT))
}

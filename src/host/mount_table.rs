//! Mount points that are not seen where one looks: the kernel refuses to remove a directory on which something
//! is mounted anywhere in the namespace, also when it is reached through another bind mount of the same tree
//! (fs/namespace.c __is_local_mountpoint). Refuses to trust paths from the tree: only /proc/self/mountinfo.

use std::collections::{HashMap, HashSet};

/// A line of mountinfo.
#[derive(Debug)]
struct Row {
    id: u64,
    parent: u64,
    device: Vec<u8>,
    root: Vec<u8>,
    point: Vec<u8>,
    idmapped: bool,
}

/// Which directories of which file systems carry a mount.
#[derive(Debug, Default)]
pub struct MountTable {
    rows: HashMap<u64, Row>,
    covered: HashSet<(Vec<u8>, Vec<u8>)>,
}

impl MountTable {
    /// The table of this process; empty where /proc does not tell.
    #[must_use]
    pub fn read() -> Self {
        Self::parse(&std::fs::read("/proc/self/mountinfo").unwrap_or_default())
    }

    /// Parses mountinfo (Documentation/filesystems/proc.rst 3.5).
    #[must_use]
    pub fn parse(mountinfo: &[u8]) -> Self {
        let rows: HashMap<u64, Row> = mountinfo
            .split(|byte| *byte == b'\n')
            .filter_map(row)
            .map(|row| (row.id, row))
            .collect();
        let covered = rows
            .values()
            .filter_map(|row| {
                let parent = rows.get(&row.parent)?;
                Some((parent.device.clone(), inside(parent, &row.point)?))
            })
            .collect();
        Self { rows, covered }
    }

    /// Whether the mount shows owners through a map of its own (fs/proc_namespace.c show_mnt_opts).
    #[must_use]
    pub fn is_idmapped(&self, id: u64) -> bool {
        self.rows.get(&id).is_some_and(|row| row.idmapped)
    }

    /// Whether something is mounted on the entry at `path`, seen through mount `id`.
    #[must_use]
    pub fn covers(&self, id: u64, path: &[u8]) -> bool {
        let Some(row) = self.rows.get(&id) else {
            return false;
        };
        inside(row, path).is_some_and(|inside| self.covered.contains(&(row.device.clone(), inside)))
    }
}

/// A path of this namespace as a path inside the file system of a mount that holds it.
fn inside(mount: &Row, path: &[u8]) -> Option<Vec<u8>> {
    let point = mount.point.strip_suffix(b"/").unwrap_or(&mount.point);
    let rest = path.strip_prefix(point)?;
    let root = mount.root.strip_suffix(b"/").unwrap_or(&mount.root);
    (rest.is_empty() || rest.starts_with(b"/")).then(|| [root, rest].concat())
}

fn row(line: &[u8]) -> Option<Row> {
    let mut words = line.split(|byte| *byte == b' ');
    let mut number = || std::str::from_utf8(words.next()?).ok()?.parse().ok();
    let (id, parent) = (number()?, number()?);
    Some(Row {
        id,
        parent,
        device: words.next()?.to_vec(),
        root: unescape(words.next()?),
        point: unescape(words.next()?),
        idmapped: words
            .next()?
            .split(|byte| *byte == b',')
            .any(|option| option == b"idmapped"),
    })
}

/// Blanks, tabs, newlines and backslashes are written as three octal digits.
fn unescape(word: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(word.len());
    let mut rest = word;
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (
                b'\\',
                [
                    a @ b'0'..=b'3',
                    b @ b'0'..=b'7',
                    c @ b'0'..=b'7',
                    after @ ..,
                ],
            ) => {
                plain.push((a & 7) << 6 | (b & 7) << 3 | (c & 7));
                after
            }
            _ => {
                plain.push(*first);
                tail
            }
        };
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_is_found_through_another_bind_of_its_directory() {
        let table = MountTable::parse(
            b"1 0 8:1 / / rw - ext4 /dev/a rw\n2 1 0:9 / /srv/a\\040b/m rw - tmpfs t rw\n3 1 8:1 /srv /mnt rw,idmapped - ext4 /dev/a rw\n",
        );
        assert!(table.is_idmapped(3) && !table.is_idmapped(1) && !table.is_idmapped(9));
        assert!(table.covers(3, b"/mnt/a b/m"));
        assert!(table.covers(1, b"/mnt"));
        assert!(!table.covers(3, b"/mnt/a b"));
        assert!(!table.covers(3, b"/mntx"));
        assert!(!table.covers(9, b"/mnt"));
    }
}

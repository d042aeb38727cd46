//! Sockets that wait for connections, as the kernel lists them (proc(5), /proc/net/tcp and /proc/net/unix),
//! and the processes that hold them. Only those of this network namespace; refuses to guess a holder that
//! the auditor may not see.

use super::read::Host;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// No table of sockets is larger than this.
const LARGEST_TABLE: usize = 16 << 20;
/// No more processes, and descriptors of one process, are looked at.
const MOST: usize = 65_536;
/// A local socket that waits (include/uapi/linux/net.h, `__SO_ACCEPTCON`).
const WAITS: u32 = 1 << 16;

/// A socket of the network that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The address; unspecified is every one.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// `tcp` or `udp`.
    pub protocol: &'static str,
    /// Its inode, by which its holder is found.
    pub inode: u64,
}

/// Every socket of the network that waits, and why there may be more.
#[must_use]
pub fn waiting(host: &Host) -> (Vec<Waiting>, Vec<String>) {
    let (mut sockets, mut missed) = (Vec::new(), Vec::new());
    for (table, protocol) in [
        ("tcp", "tcp"),
        ("tcp6", "tcp"),
        ("udp", "udp"),
        ("udp6", "udp"),
    ] {
        let path = PathBuf::from("/proc/net").join(table);
        match host.read_start(&path, LARGEST_TABLE) {
            Ok(Some(text)) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                let lines = text.lines().skip(1);
                sockets.extend(lines.filter_map(|line| socket(line, protocol)));
            }
            // A kernel without IPv6 has no table of it.
            Ok(None) if table.ends_with('6') => {}
            Ok(None) => missed.push(format!("{} does not exist", path.display())),
            Err(reason) => missed.push(reason),
        }
    }
    (sockets, missed)
}

/// The inodes of local sockets that wait at a path.
///
/// # Errors
/// Why the kernel's table cannot be read.
pub fn waiting_at(host: &Host, path: &Path) -> Result<Vec<u64>, String> {
    let table = Path::new("/proc/net/unix");
    let text = host
        .read_start(table, LARGEST_TABLE)?
        .ok_or_else(|| format!("{} does not exist", table.display()))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    // The kernel has the path as the server bound it: /run or /var/run.
    let same = |bound: &str| {
        let real = || host.real_path(Path::new(bound)).ok().flatten();
        let own = || host.real_path(path).ok().flatten();
        Path::new(bound) == path || own().is_some_and(|own| real() == Some(own))
    };
    let name = path.file_name().map(|name| name.to_string_lossy());
    let local = text.lines().skip(1).filter_map(local);
    let found = local.filter(|(_, bound)| {
        let theirs = Path::new(bound).file_name().map(|it| it.to_string_lossy());
        theirs == name && same(bound)
    });
    Ok(found.map(|(inode, _)| inode).collect())
}

/// The process that holds each of these sockets, as far as the auditor may see that.
#[must_use]
pub fn holders(host: &Host, inodes: &[u64]) -> HashMap<u64, u32> {
    let mut found = HashMap::new();
    let entries = host.list_dir(Path::new("/proc"), MOST).ok().flatten();
    for (name, _) in entries.unwrap_or_default() {
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let base = PathBuf::from(format!("/proc/{pid}/fd"));
        let descriptors = host.list_dir(&base, MOST).ok().flatten();
        for (descriptor, _) in descriptors.unwrap_or_default() {
            let link = host.read_link(&base.join(descriptor));
            let Some(link) = link.ok().flatten() else {
                continue;
            };
            let link = link.to_string_lossy().into_owned();
            let inode = link
                .strip_prefix("socket:[")
                .and_then(|it| it.strip_suffix(']'));
            let inode = inode.and_then(|it| it.parse::<u64>().ok());
            if let Some(inode) = inode.filter(|inode| inodes.contains(inode)) {
                found.entry(inode).or_insert(pid);
            }
        }
    }
    found
}

/// A line of a table, where the socket waits: TCP's state 0A, or a UDP socket without a peer (07).
fn socket(line: &str, protocol: &'static str) -> Option<Waiting> {
    let mut fields = line.split_ascii_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?;
    let waits = if protocol == "tcp" { "0A" } else { "07" };
    if state != waits {
        return None;
    }
    let (address, port) = local.split_once(':')?;
    Some(Waiting {
        address: address_of(address)?,
        port: u16::from_str_radix(port, 16).ok()?,
        protocol,
        inode: inode.parse().ok()?,
    })
}

/// Inode and path of a local socket that waits: `Num RefCount Protocol Flags Type St Inode Path`.
fn local(line: &str) -> Option<(u64, &str)> {
    let mut fields = line.splitn(8, ' ').filter(|field| !field.is_empty());
    let flags = u32::from_str_radix(fields.nth(3)?, 16).ok()?;
    // The inode is padded with blanks, so that it is cut off from the end.
    let (head, path) = line.split_once(" /")?;
    let inode = head.rsplit(' ').next()?.parse().ok()?;
    let at = line.len() - path.len() - 1;
    (flags & WAITS != 0).then_some((inode, line.get(at..)?))
}

/// Words of 32 bits in the byte order of the machine, each as eight hexadecimal digits.
fn address_of(digits: &str) -> Option<IpAddr> {
    let mut bytes = Vec::new();
    for at in (0..digits.len()).step_by(8) {
        let word = u32::from_str_radix(digits.get(at..at + 8)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    if let Ok(four) = <[u8; 4]>::try_from(bytes.as_slice()) {
        return Some(Ipv4Addr::from(four).into());
    }
    let sixteen = <[u8; 16]>::try_from(bytes.as_slice()).ok()?;
    Some(Ipv6Addr::from(sixteen).to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_kernel() {
        let listening = "   0: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   102        0 12345 1 0 100 0 0 10 0";
        let found = socket(listening, "tcp").unwrap();
        assert_eq!(found.address.to_string(), "127.0.0.1");
        assert_eq!((found.port, found.inode), (3306, 12345));
        assert_eq!(socket(&listening.replace(" 0A ", " 01 "), "tcp"), None);
        let six = "00000000000000000000000001000000";
        assert_eq!(address_of(six).unwrap().to_string(), "::1");
        let mapped = "0000000000000000FFFF00000100007F";
        assert_eq!(address_of(mapped).unwrap().to_string(), "127.0.0.1");
        assert_eq!(address_of("0100"), None);
        let bound = "0000000000000000: 00000002 00000000 00010000 0001 01    42 /run/a b.sock";
        assert_eq!(local(bound), Some((42, "/run/a b.sock")));
        assert_eq!(local(&bound.replace(" 00010000", " 00000000")), None);
    }

    #[test]
    fn this_very_socket_is_found() {
        let host = Host::default();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let mut own = waiting(&host).0;
        own.retain(|it| it.port == port);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b");
        let _local = std::os::unix::net::UnixListener::bind(&path).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("link")).unwrap();
        let mut inodes = waiting_at(&host, &folder.path().join("link/a b")).unwrap();
        assert_eq!((own.len(), inodes.len()), (1, 1));
        inodes.push(own[0].inode);
        let holders = holders(&host, &inodes);
        assert!(inodes.iter().all(|it| holders[it] == std::process::id()));
    }
}

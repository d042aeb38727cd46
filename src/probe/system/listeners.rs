//! Services that listen for connections, as the kernel lists its sockets (proc(5), /proc/net/tcp).
//! Refuses to know firewalls: a socket on every address is one that others may reach.

use crate::facts::{Listener, Listing};
use crate::host::Host;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// No table of sockets is larger than this.
const LARGEST_TABLE: usize = 16 << 20;
/// No more processes, and descriptors of one process, are looked at.
const MOST: usize = 65_536;

/// Services that only the helpdesk itself has to reach: name, usual ports, names of programs.
const SERVICES: &[(&str, &[u16], &[&str])] = &[
    ("MySQL", &[3306, 33060], &["mysqld", "mariadbd"]),
    (
        "Elasticsearch",
        &[9200, 9300],
        &["elasticsearch", "opensearch"],
    ),
    (
        "Redis",
        &[6379],
        &["redis-server", "valkey-server", "keydb-server"],
    ),
    ("Memcached", &[11211], &["memcached"]),
    ("PHP-FPM", &[9000], &["php-fpm"]),
    ("the container's status page", &[10_001], &[]),
    ("the container's messenger", &[24_000], &[]),
    ("Tika", &[9998], &[]),
    ("PostgreSQL", &[5432], &["postgres"]),
    ("MongoDB", &[27_017], &["mongod"]),
];

pub(super) fn observe(host: &Host) -> Listing<Listener> {
    let mut list = Listing::whole(Vec::new());
    let mut sockets = Vec::new();
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
                sockets.extend(
                    text.lines()
                        .skip(1)
                        .filter_map(|line| socket(line, protocol)),
                );
            }
            // A kernel without IPv6 has no table of it.
            Ok(None) if table.ends_with('6') => {}
            Ok(None) => list
                .missed
                .push(format!("{} does not exist", path.display())),
            Err(reason) => list.missed.push(reason),
        }
    }
    let programs = programs(host, &sockets);
    for socket in &sockets {
        let program = programs.get(&socket.inode).cloned().unwrap_or_default();
        let Some(service) = service(socket, &program) else {
            continue;
        };
        list.rows.push(Listener {
            service: service.to_owned(),
            address: socket.address.to_string(),
            port: socket.port,
            protocol: socket.protocol.to_owned(),
            public: is_public(socket.address),
            program,
        });
    }
    list.rows
        .sort_by(|a, b| (a.port, &a.address, &a.protocol).cmp(&(b.port, &b.address, &b.protocol)));
    list.rows.dedup();
    list
}

/// A socket that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Socket {
    address: IpAddr,
    port: u16,
    protocol: &'static str,
    inode: u64,
}

/// A line of a table, where the socket waits: TCP's state 0A, or a UDP socket without a peer (07).
fn socket(line: &str, protocol: &'static str) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace();
    let local = fields.nth(1)?;
    let state = fields.nth(1)?;
    let inode = fields.nth(5)?;
    let waits = if protocol == "tcp" { "0A" } else { "07" };
    if state != waits {
        return None;
    }
    let (address, port) = local.split_once(':')?;
    Some(Socket {
        address: address_of(address)?,
        port: u16::from_str_radix(port, 16).ok()?,
        protocol,
        inode: inode.parse().ok()?,
    })
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

/// Neither this machine's own nor a private network's (RFC 1918, RFC 4193, link-local). Every address
/// at once is public.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local()),
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()),
    }
}

/// Which service it is: by the program, where that is seen, else by the port.
fn service(socket: &Socket, program: &str) -> Option<&'static str> {
    let by_program = SERVICES
        .iter()
        .find(|(_, _, programs)| programs.iter().any(|known| program.starts_with(known)));
    let by_port = || {
        let found = SERVICES
            .iter()
            .find(|(_, ports, _)| ports.contains(&socket.port))?;
        let only_memcached = socket.protocol == "tcp" || found.0 == "Memcached";
        only_memcached.then_some(found)
    };
    let found = by_program.or_else(by_port)?;
    Some(found.0)
}

/// The programs that hold these sockets, by the sockets' inodes, as far as the auditor may see them.
fn programs(host: &Host, sockets: &[Socket]) -> HashMap<u64, String> {
    let mut found = HashMap::new();
    let entries = host.list_dir(Path::new("/proc"), MOST).ok().flatten();
    for (name, _) in entries.unwrap_or_default() {
        let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let base = PathBuf::from(format!("/proc/{pid}"));
        let descriptors = host.list_dir(&base.join("fd"), MOST).ok().flatten();
        for (descriptor, _) in descriptors.unwrap_or_default() {
            let link = host.read_link(&base.join("fd").join(descriptor));
            let Some(link) = link.ok().flatten() else {
                continue;
            };
            let link = link.to_string_lossy().into_owned();
            let inode = link
                .strip_prefix("socket:[")
                .and_then(|it| it.strip_suffix(']'));
            let Some(inode) = inode.and_then(|it| it.parse::<u64>().ok()) else {
                continue;
            };
            if sockets.iter().any(|socket| socket.inode == inode) {
                let comm = host.read_start(&base.join("comm"), 64).ok().flatten();
                let comm = String::from_utf8_lossy(&comm.unwrap_or_default())
                    .trim()
                    .to_owned();
                found.entry(inode).or_insert(comm);
            }
        }
    }
    found
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
    }

    #[test]
    fn whom_an_address_is_for() {
        for (address, public) in [
            ("0.0.0.0", true),
            ("::", true),
            ("203.0.113.5", true),
            ("10.0.0.5", false),
            ("127.0.0.1", false),
            ("fd00::1", false),
            ("fe80::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }

    #[test]
    fn this_very_socket_is_found() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let text = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let all: Vec<Socket> = text
            .lines()
            .filter_map(|line| super::socket(line, "tcp"))
            .collect();
        let own: Vec<Socket> = all.into_iter().filter(|it| it.port == port).collect();
        let programs = programs(&Host::default(), &own);
        assert_eq!(programs.len(), 1, "{own:?}");
    }
}

//! Services that listen for connections, as the kernel lists its sockets (proc(5), /proc/net/tcp).
//! Refuses to know firewalls: a socket on every address is one that others may reach.

use crate::facts::{Listener, Listing};
use crate::host::Host;
use crate::host::sockets::{Waiting, holders, waiting};
use std::collections::HashMap;
use std::net::IpAddr;
use std::path::PathBuf;

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
    let (sockets, missed) = waiting(host);
    list.missed = missed;
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

/// Neither this machine's own nor a private network's (RFC 1918, RFC 4193, link-local). Every address
/// at once is public.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_loopback() || v4.is_private() || v4.is_link_local()),
        IpAddr::V6(v6) => !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local()),
    }
}

/// Which service it is: by the program, where that is seen, else by the port.
fn service(socket: &Waiting, program: &str) -> Option<&'static str> {
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
fn programs(host: &Host, sockets: &[Waiting]) -> HashMap<u64, String> {
    let inodes: Vec<u64> = sockets.iter().map(|socket| socket.inode).collect();
    let name = |pid: u32| {
        let comm = host.read_start(&PathBuf::from(format!("/proc/{pid}/comm")), 64);
        let comm = comm.ok().flatten().unwrap_or_default();
        String::from_utf8_lossy(&comm).trim().to_owned()
    };
    let holders = holders(host, &inodes).into_iter();
    holders.map(|(inode, pid)| (inode, name(pid))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
}

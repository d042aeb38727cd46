//! Where a server is and who asks it.

use crate::facts::Secret;
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

/// Where a server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A host by name or address, and its port.
    Tcp {
        /// The name or address, without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// A local socket.
    Socket(PathBuf),
}

impl Place {
    /// The port where nothing else is said.
    pub const PORT: u16 = 3306;

    /// Whether what travels there stays on this machine: a local socket, or an address of loopback.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self {
            Self::Socket(_) => true,
            Self::Tcp { host, .. } => {
                host.eq_ignore_ascii_case("localhost")
                    || host
                        .parse::<IpAddr>()
                        .is_ok_and(|address| address.is_loopback())
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(out, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(out, "{host}:{port}"),
            Self::Socket(path) => write!(out, "the socket {}", path.display()),
        }
    }
}

/// Who asks.
pub struct Login {
    /// The account's name.
    pub user: String,
    /// Its password; empty where there is none.
    pub password: Secret,
    /// The schema that unqualified tables are looked up in.
    pub schema: Option<String>,
    /// Certificates (PEM) that the server's certificate may be signed by, beside the public ones.
    pub authorities: Option<Vec<u8>>,
    /// Whether the password may be shown to a server that could be anybody.
    pub trusts_anybody: bool,
}

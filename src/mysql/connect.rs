//! From a place to a logged-in driver: the server is met first, then the driver is let at it through the
//! gate. The driver reaches the gate over a socket of its own that has no name in the file system, or over
//! loopback where the server is reached without TLS: it sends a password in clear over the one, and only
//! encrypted with the server's key over the other.

use super::failure::Failure;
use super::gate::{Gate, Notes};
use super::greeting::Greeting;
use super::packet::{Stream, read};
use super::place::{Login, Place};
use super::session::{LARGEST_PACKET, failure};
use mysql_async::{Conn, Opts, OptsBuilder};
use std::io::ErrorKind;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener as StdUnixListener};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// No greeting is larger, in bytes.
const LARGEST_GREETING: usize = 4096;
/// Attempts to find a name that nobody has.
const MOST_NAMES: u32 = 100;

/// Connects, with TLS where the server offers it and both sides can agree, and without a schema where the
/// account may not look into the one that is named: it still sees itself and the server.
pub(super) async fn connect(place: &Place, login: &Arc<Login>) -> Result<(Conn, Notes), Failure> {
    let mut schema = login.schema.clone();
    let mut no_tls = None;
    loop {
        let notes = Notes::default();
        let tried = attempt(place, login, schema.clone(), no_tls.is_none(), &notes).await;
        match tried.map_err(|failure| notes.shut().unwrap_or(failure)) {
            Ok(connection) => {
                if let Some(why) = no_tls {
                    notes.no_tls(why);
                }
                return Ok((connection, notes));
            }
            Err(failure) if notes.tls_failed() && no_tls.is_none() => {
                no_tls = Some(failure.to_string());
            }
            Err(Failure::Denied(_) | Failure::Missing(_)) if schema.is_some() => schema = None,
            Err(failure) => return Err(failure),
        }
    }
}

async fn attempt(
    place: &Place,
    login: &Arc<Login>,
    schema: Option<String>,
    tls: bool,
    notes: &Notes,
) -> Result<Conn, Failure> {
    let mut server = reach(place).await?;
    let greeting = Greeting::read(read(&mut server, LARGEST_GREETING).await?)?;
    let tls = tls && greeting.offers_tls() && matches!(place, Place::Tcp { .. });
    let inner = Inner::open(matches!(place, Place::Socket(_)) || tls)
        .await
        .map_err(|error| Failure::Unreachable(error.to_string()))?;
    let options = inner.options(login, schema)?;
    let gate = Gate {
        server,
        greeting,
        place: place.clone(),
        login: Arc::clone(login),
        tls,
        notes: notes.clone(),
    };
    tokio::spawn(async move {
        if let Ok(driver) = inner.accept().await {
            gate.run(driver).await;
        }
    });
    Conn::new(options).await.map_err(failure)
}

async fn reach(place: &Place) -> Result<Box<dyn Stream>, Failure> {
    let refused = |error: std::io::Error| {
        Failure::Unreachable(match error.kind() {
            ErrorKind::ConnectionRefused => {
                "nobody listens there; start the server, or name its place in deskguard.toml ([database] host)".to_owned()
            }
            _ => error.to_string(),
        })
    };
    Ok(match place {
        Place::Tcp { host, port } => {
            let stream = TcpStream::connect((host.as_str(), *port))
                .await
                .map_err(refused)?;
            stream.set_nodelay(true).map_err(refused)?;
            Box::new(stream)
        }
        Place::Socket(path) => {
            let stream = UnixStream::connect(path).await;
            Box::new(stream.map_err(|error| no_socket(&error))?)
        }
    })
}

fn no_socket(error: &std::io::Error) -> Failure {
    Failure::Unreachable(match error.kind() {
        ErrorKind::NotFound => {
            "it is not there; start the server, or name its socket in deskguard.toml ([database] socket)".to_owned()
        }
        ErrorKind::ConnectionRefused => {
            "nobody listens on it; start the server".to_owned()
        }
        ErrorKind::PermissionDenied => {
            "this account may not use it; run deskguard with sudo".to_owned()
        }
        _ => error.to_string(),
    })
}

/// Where the driver comes to the gate.
enum Inner {
    Socket(UnixListener, String),
    Loopback(TcpListener, u16),
}

impl Inner {
    async fn open(socket: bool) -> std::io::Result<Self> {
        if !socket {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
            let port = listener.local_addr()?.port();
            return Ok(Self::Loopback(listener, port));
        }
        let mut last = std::io::Error::other("no name is free");
        for number in 0..MOST_NAMES {
            let name = format!("deskguard-{}-{number}", std::process::id());
            let address = SocketAddr::from_abstract_name(&name)?;
            match StdUnixListener::bind_addr(&address) {
                Ok(listener) => {
                    listener.set_nonblocking(true)?;
                    return Ok(Self::Socket(UnixListener::from_std(listener)?, name));
                }
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn options(&self, login: &Login, schema: Option<String>) -> Result<Opts, Failure> {
        let password = login
            .password
            .shown_to(|bytes| String::from_utf8(bytes.to_vec()))
            .map_err(|_| Failure::LoginRefused("the password is not UTF-8".to_owned()))?;
        let builder = OptsBuilder::default()
            .user(Some(login.user.clone()))
            .pass(Some(password))
            .db_name(schema)
            .prefer_socket(false)
            .enable_cleartext_plugin(false)
            // Given, so that the driver asks for nothing by itself.
            .max_allowed_packet(Some(LARGEST_PACKET))
            .wait_timeout(Some(0))
            .stmt_cache_size(0);
        Ok(match self {
            Self::Socket(_, name) => builder.socket(Some(format!("\0{name}"))),
            Self::Loopback(_, port) => builder.ip_or_hostname("127.0.0.1").tcp_port(*port),
        }
        .into())
    }

    /// The driver; whoever else knocks is turned away.
    async fn accept(self) -> std::io::Result<Box<dyn Stream>> {
        match self {
            Self::Loopback(listener, _) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            Self::Socket(listener, _) => loop {
                let (stream, _) = listener.accept().await?;
                let who = stream.peer_cred()?.pid();
                if who.and_then(|pid| u32::try_from(pid).ok()) == Some(std::process::id()) {
                    return Ok(Box::new(stream));
                }
            },
        }
    }
}

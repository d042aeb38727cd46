//! A database server made by hand, as honest or as hostile as its script. It listens on loopback and keeps
//! every byte that it was sent.

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// `CLIENT_PROTOCOL_41`, `SSL`, `TRANSACTIONS`, `SECURE_CONNECTION`, `PLUGIN_AUTH`, `CONNECT_WITH_DB`,
/// `LOCAL_FILES`, `MULTI_STATEMENTS`, `MULTI_RESULTS`, `DEPRECATE_EOF`: it offers more than is wanted.
const CAPABILITIES: u32 = 0x0008_A288 | 0x0003_0000 | 0x0100_0000;
const TLS: u32 = 0x800;
/// Twenty bytes.
pub(crate) const NONCE: &[u8; 20] = b"abcdefghijklmnopqrst";

trait Both: Read + Write + Send {}
impl<T: Read + Write + Send> Both for T {}

/// One client.
pub(crate) struct Client {
    stream: Box<dyn Both>,
    plain: Option<TcpStream>,
    pub(crate) sequence: u8,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Client {
    /// Reads a packet; `None` once the client is gone.
    pub(crate) fn read(&mut self) -> Option<Vec<u8>> {
        let mut head = [0; 4];
        self.stream.read_exact(&mut head).ok()?;
        let length = usize::from(head[0]) | usize::from(head[1]) << 8 | usize::from(head[2]) << 16;
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload).ok()?;
        self.received.lock().unwrap().extend(&payload);
        self.sequence = head[3].wrapping_add(1);
        Some(payload)
    }

    /// Sends a packet.
    pub(crate) fn write(&mut self, payload: &[u8]) {
        let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
        let mut packet = vec![length[0], length[1], length[2], self.sequence];
        packet.extend(payload);
        self.raw(&packet);
        self.sequence = self.sequence.wrapping_add(1);
    }

    /// Sends bytes as they are. That the client may be gone is its good right.
    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
        let _ = self.stream.flush();
    }

    pub(crate) fn ok(&mut self) {
        self.write(&[0, 0, 0, 2, 0, 0, 0]);
    }

    pub(crate) fn error(&mut self, code: u16, text: &str) {
        let mut payload = vec![0xff];
        payload.extend(code.to_le_bytes());
        payload.extend(b"#HY000");
        payload.extend(text.as_bytes());
        self.write(&payload);
    }

    pub(crate) fn end(&mut self, flags: u8) {
        self.write(&[0xfe, 0, 0, flags, 0]);
    }

    /// A definition of a text column.
    pub(crate) fn column(&mut self, name: &str) {
        let mut payload = Vec::new();
        for text in ["def", "", "", "", name, ""] {
            payload.push(u8::try_from(text.len()).unwrap());
            payload.extend(text.as_bytes());
        }
        payload.extend([0x0c, 45, 0, 0xff, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0]);
        self.write(&payload);
    }

    /// A whole result of text columns.
    pub(crate) fn result(&mut self, names: &[&str], rows: &[&[&[u8]]]) {
        self.write(&[u8::try_from(names.len()).unwrap()]);
        names.iter().for_each(|name| self.column(name));
        self.end(2);
        for row in rows {
            let mut payload = Vec::new();
            for value in *row {
                payload.push(u8::try_from(value.len()).unwrap());
                payload.extend(*value);
            }
            self.write(&payload);
        }
        self.end(2);
    }

    /// Greets with this plugin and gives back the client's answer; TLS is begun where it is asked for.
    pub(crate) fn greet(
        &mut self,
        plugin: &str,
        tls: Option<&Arc<ServerConfig>>,
    ) -> Option<Vec<u8>> {
        let capabilities = CAPABILITIES | if tls.is_some() { TLS } else { 0 };
        let [a, b, c, d] = capabilities.to_le_bytes();
        let mut payload = vec![10];
        payload.extend(b"8.4.2\0");
        payload.extend([7, 0, 0, 0]);
        payload.extend(&NONCE[..8]);
        payload.extend([0, a, b, 45, 2, 0, c, d, 21]);
        payload.extend([0; 10]);
        payload.extend(&NONCE[8..]);
        payload.push(0);
        payload.extend(plugin.as_bytes());
        payload.push(0);
        self.write(&payload);
        let answer = self.read()?;
        let (Some(config), true) = (tls, answer.len() == 32) else {
            return Some(answer);
        };
        let connection = ServerConnection::new(Arc::clone(config)).unwrap();
        let plain = self.plain.take().unwrap();
        self.stream = Box::new(StreamOwned::new(connection, plain));
        self.read()
    }

    /// What an honest server answers to every statement of a session's beginning; `None` for any other.
    pub(crate) fn settle(&mut self, command: &[u8]) -> bool {
        let text = String::from_utf8_lossy(command.get(1..).unwrap_or_default()).into_owned();
        if text.starts_with("SET SESSION") {
            self.ok();
        } else if text.starts_with("SELECT CURRENT_USER()") {
            self.result(
                &["account", "login", "version", "flavour"],
                &[&[b"u@%", b"u@localhost", b"8.4.2", b"MySQL"]],
            );
        } else {
            return false;
        }
        true
    }

    /// Lets the client in without a look at its password, settles its session, and answers every further
    /// statement with `answer`.
    pub(crate) fn serve(mut self, answer: impl Fn(&mut Self)) {
        if self.greet("mysql_native_password", None).is_none() {
            return;
        }
        self.ok();
        while let Some(command) = self.read() {
            if !self.settle(&command) {
                answer(&mut self);
            }
        }
    }
}

/// A running server.
pub(crate) struct Server {
    pub(crate) port: u16,
    received: Arc<Mutex<Vec<u8>>>,
}

impl Server {
    /// Starts one; every client gets the script.
    pub(crate) fn start(script: impl Fn(Client) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let received = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&received);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                stream
                    .set_read_timeout(Some(Duration::from_secs(10)))
                    .unwrap();
                script(Client {
                    plain: Some(stream.try_clone().unwrap()),
                    stream: Box::new(stream),
                    sequence: 0,
                    received: Arc::clone(&kept),
                });
            }
        });
        Self { port, received }
    }

    /// Whether it was ever sent these bytes.
    pub(crate) fn was_sent(&self, bytes: &[u8]) -> bool {
        let all = self.received.lock().unwrap();
        all.windows(bytes.len()).any(|part| part == bytes)
    }
}

/// A certificate for `0.0.0.0`, and the authority that signed it: PEM, and a server's configuration.
pub(crate) fn certificate() -> (String, Arc<ServerConfig>, CertificateDer<'static>) {
    let mut authority = rcgen::CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate().unwrap();
    let authority_certificate = authority.self_signed(&authority_key).unwrap();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let own =
        rcgen::CertificateParams::new(vec!["0.0.0.0".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = own.signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    (
        authority_certificate.pem(),
        Arc::new(config),
        certificate.der().clone(),
    )
}

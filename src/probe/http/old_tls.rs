//! Whether a server still takes TLS 1.0 or 1.1 (or 1.2 with suites that rustls refuses): a hand-made
//! ClientHello, since no modern library sends one. Reads the first record of the answer and no more.
//! Layouts: RFC 5246 sections 6.2.1, 7.2 and 7.4.1; extensions: RFC 6066 section 3, RFC 8422 section 5.1.

use super::connect::LONGEST_CONNECT;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A protocol version by its minor number: 1 is TLS 1.0, 2 is 1.1, 3 is 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Minor(pub(super) u8);

impl Minor {
    pub(super) fn word(self) -> String {
        format!("TLS 1.{}", self.0.saturating_sub(1))
    }
}

/// Suites that servers of the last twenty years take: ECDHE, DHE and RSA with AES and 3DES.
const SUITES: [u16; 22] = [
    0xc02f, 0xc030, 0xc02b, 0xc02c, 0xc027, 0xc028, 0xc023, 0xc024, 0xc013, 0xc014, 0xc009, 0xc00a,
    0x009e, 0x009f, 0x0033, 0x0039, 0x009c, 0x009d, 0x003c, 0x002f, 0x0035, 0x000a,
];
const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const SERVER_HELLO: u8 = 2;
/// A record's header, then the header of a handshake message and its version.
const RECORD: usize = 5;
const ENOUGH: usize = RECORD + 6;

/// Whether the server answers such a hello with one of its own in that very version.
///
/// # Errors
/// Why that cannot be told.
pub(super) async fn accepts(
    there: SocketAddr,
    name: Option<&str>,
    version: Minor,
    random: &[u8; 16],
) -> Result<bool, String> {
    let hello = client_hello(name, version, random);
    let attempt = async {
        let mut stream = TcpStream::connect(there).await?;
        stream.write_all(&hello).await?;
        let mut answer = [0_u8; ENOUGH];
        let mut length = 0;
        while let Some(room) = answer.get_mut(length..)
            && !room.is_empty()
        {
            match stream.read(room).await {
                Ok(0) => break,
                Ok(count) => length += count,
                // A server may end it with a reset instead of an alert.
                Err(_) if length == 0 => break,
                Err(error) => return Err(error),
            }
            // An alert is two bytes long: no more will come.
            if answer.first() == Some(&ALERT) && length > RECORD {
                break;
            }
        }
        Ok::<_, std::io::Error>(answer.get(..length).unwrap_or_default().to_vec())
    };
    match timeout(LONGEST_CONNECT, attempt).await {
        Ok(Ok(answer)) => Ok(chosen(&answer) == Some(version)),
        Ok(Err(error)) => Err(format!("{there}: asking for {}: {error}", version.word())),
        Err(_) => Err(format!(
            "{there}: asking for {}: no answer within {} seconds",
            version.word(),
            LONGEST_CONNECT.as_secs()
        )),
    }
}

/// The version that a ServerHello chose; none for an alert, an end, or anything else.
fn chosen(answer: &[u8]) -> Option<Minor> {
    let (kind, message, major, minor) = (
        *answer.first()?,
        *answer.get(RECORD)?,
        *answer.get(RECORD + 4)?,
        *answer.get(RECORD + 5)?,
    );
    (kind == HANDSHAKE && message == SERVER_HELLO && major == 3).then_some(Minor(minor))
}

fn client_hello(name: Option<&str>, version: Minor, random: &[u8; 16]) -> Vec<u8> {
    let mut body = vec![3, version.0];
    body.extend(random);
    body.extend(random);
    body.push(0); // no session to resume
    body.extend(length16(SUITES.len() * 2));
    for suite in SUITES {
        body.extend(suite.to_be_bytes());
    }
    body.extend([1, 0]); // no compression
    let mut extensions = Vec::new();
    if let Some(name) = name {
        let mut list = vec![0];
        list.extend(length16(name.len()));
        list.extend(name.as_bytes());
        extension(&mut extensions, 0, &with_length(&list));
    }
    // x25519, secp256r1, secp384r1, secp521r1; uncompressed points.
    extension(&mut extensions, 10, &[0, 8, 0, 29, 0, 23, 0, 24, 0, 25]);
    extension(&mut extensions, 11, &[1, 0]);
    if version.0 >= 3 {
        // RSA and ECDSA with SHA-256, SHA-384, SHA-512 and SHA-1; RSA-PSS.
        let schemes = [0, 18, 4, 1, 4, 3, 5, 1, 5, 3, 6, 1, 8, 4, 8, 5, 2, 1, 2, 3];
        extension(&mut extensions, 13, &schemes);
    }
    body.extend(with_length(&extensions));
    let mut message = vec![1, 0];
    message.extend(with_length(&body));
    let mut record = vec![HANDSHAKE, 3, 1];
    record.extend(with_length(&message));
    record
}

fn extension(list: &mut Vec<u8>, number: u16, content: &[u8]) {
    list.extend(number.to_be_bytes());
    list.extend(with_length(content));
}

fn with_length(content: &[u8]) -> Vec<u8> {
    let mut all = length16(content.len()).to_vec();
    all.extend(content);
    all
}

/// Hellos are a few hundred bytes; a host name has at most 253.
fn length16(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_add_up() {
        for version in [1, 2, 3] {
            let hello = client_hello(Some("help.example.com"), Minor(version), &[7; 16]);
            let at =
                |index: usize| usize::from(u16::from_be_bytes([hello[index], hello[index + 1]]));
            assert_eq!(at(3), hello.len() - 5, "record");
            assert_eq!(at(7), hello.len() - 9, "message");
            assert_eq!(&hello[..3], [22, 3, 1]);
            assert_eq!(&hello[9..11], [3, version]);
        }
    }

    #[test]
    fn answers_are_told_apart() {
        let hello = [22, 3, 2, 0, 60, 2, 0, 0, 56, 3, 2];
        assert_eq!(chosen(&hello), Some(Minor(2)));
        assert_eq!(chosen(&[21, 3, 1, 0, 2, 2, 70]), None);
        assert_eq!(chosen(b"HTTP/1.1 400"), None);
        assert_eq!(chosen(&[]), None);
    }
}

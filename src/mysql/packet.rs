//! Packets of the protocol: three bytes of length, one of sequence, the payload. Manual: "Protocol Basics".
//! Refuses a packet that is larger than anything that is asked for.

use super::failure::Failure;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// Both directions of a connection, of whatever kind.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) sequence: u8,
    pub(super) payload: Vec<u8>,
}

impl Packet {
    pub(super) fn first(&self) -> Option<u8> {
        self.payload.first().copied()
    }

    /// `ERR_Packet`
    pub(super) fn is_error(&self) -> bool {
        self.first() == Some(0xff)
    }

    /// `EOF_Packet`: short, so that it is no row whose first value is very long.
    pub(super) fn is_end(&self) -> bool {
        self.first() == Some(0xfe) && self.payload.len() < 9
    }

    /// A number of the protocol's variable length from the front, and where the rest begins.
    pub(super) fn number(&self, at: usize) -> Option<(u64, usize)> {
        let first = *self.payload.get(at)?;
        let width = match first {
            0xfc => 2,
            0xfd => 3,
            0xfe => 8,
            0xfb | 0xff => return None,
            small => return Some((u64::from(small), at + 1)),
        };
        let start = at + 1;
        let bytes = self.payload.get(start..start + width)?;
        let number = bytes
            .iter()
            .rev()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
        Some((number, start + width))
    }
}

/// Reads one packet of at most `largest` bytes.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    largest: usize,
) -> Result<Packet, Failure> {
    let mut head = [0_u8; 4];
    stream
        .read_exact(&mut head)
        .await
        .map_err(|error| gone(&error))?;
    let [a, b, c, sequence] = head;
    let length = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
    if length > largest {
        return Err(Failure::Lie(format!(
            "it announces a packet of {length} bytes"
        )));
    }
    let mut payload = Vec::new();
    // Memory grows with what really comes, not with what is announced.
    let mut limited = (&mut *stream).take(u64::try_from(length).unwrap_or(u64::MAX));
    limited
        .read_to_end(&mut payload)
        .await
        .map_err(|error| gone(&error))?;
    if payload.len() < length {
        return Err(Failure::Unreachable(
            "it hung up in the middle of a packet".to_owned(),
        ));
    }
    Ok(Packet { sequence, payload })
}

/// Writes one packet.
pub(super) async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    packet: &Packet,
) -> Result<(), Failure> {
    let length = u32::try_from(packet.payload.len())
        .unwrap_or(u32::MAX)
        .to_le_bytes();
    let [a, b, c, _] = length;
    stream
        .write_all(&[a, b, c, packet.sequence])
        .await
        .map_err(|error| gone(&error))?;
    stream
        .write_all(&packet.payload)
        .await
        .map_err(|error| gone(&error))
}

pub(super) fn gone(error: &std::io::Error) -> Failure {
    let what = if error.kind() == std::io::ErrorKind::UnexpectedEof {
        "it hung up".to_owned()
    } else {
        error.to_string()
    };
    Failure::Unreachable(what)
}

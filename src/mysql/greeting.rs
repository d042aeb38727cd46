//! The server's first packet, and what the driver is told of it. Manual: "Protocol::HandshakeV10".

use super::failure::Failure;
use super::packet::Packet;

/// `CLIENT_SSL`
const TLS: u32 = 0x800;

/// What the driver is not told that the server can: compression, local files, several statements or
/// results in one, and forms of an answer that [`super::gate`] would not follow.
const NOT_OFFERED: u32 = TLS
    | 0x20 // COMPRESS
    | 0x80 // LOCAL_FILES
    | 0x0001_0000 // MULTI_STATEMENTS
    | 0x0002_0000 // MULTI_RESULTS
    | 0x0004_0000 // PS_MULTI_RESULTS
    | 0x0080_0000 // SESSION_TRACK
    | 0x0100_0000 // DEPRECATE_EOF
    | 0x0200_0000 // OPTIONAL_RESULTSET_METADATA
    | 0x0400_0000 // ZSTD_COMPRESSION_ALGORITHM
    | 0x0800_0000; // QUERY_ATTRIBUTES

/// The first packet.
pub(super) struct Greeting {
    packet: Packet,
    /// Where the lower half of the capabilities stands.
    lower: usize,
}

impl Greeting {
    /// Understands the packet; a server may also greet with an error, such as a blocked host.
    pub(super) fn read(packet: Packet) -> Result<Self, Failure> {
        let odd = || Failure::Lie("it does not greet as a database server does".to_owned());
        if packet.is_error() {
            let code = packet.payload.get(1..3).ok_or_else(odd)?;
            let code = code
                .iter()
                .rev()
                .fold(0_u16, |sum, byte| (sum << 8) | u16::from(*byte));
            let text = String::from_utf8_lossy(packet.payload.get(3..).unwrap_or_default());
            return Err(Failure::LoginRefused(format!("error {code}: {text}")));
        }
        if packet.first() != Some(10) {
            return Err(odd());
        }
        let version = packet.payload.iter().skip(1).position(|byte| *byte == 0);
        // After the version: thread id, eight bytes of challenge, a filler.
        let lower = version.ok_or_else(odd)? + 2 + 4 + 8 + 1;
        let greeting = Self { packet, lower };
        greeting.half(lower).ok_or_else(odd)?;
        greeting.half(greeting.upper()).ok_or_else(odd)?;
        Ok(greeting)
    }

    /// Charset and status stand between the halves.
    const fn upper(&self) -> usize {
        self.lower + 5
    }

    fn half(&self, at: usize) -> Option<u32> {
        let bytes = self.packet.payload.get(at..at + 2)?;
        Some(
            bytes
                .iter()
                .rev()
                .fold(0, |sum, byte| (sum << 8) | u32::from(*byte)),
        )
    }

    fn capabilities(&self) -> u32 {
        self.half(self.lower).unwrap_or(0) | self.half(self.upper()).unwrap_or(0) << 16
    }

    pub(super) fn offers_tls(&self) -> bool {
        self.capabilities() & TLS != 0
    }

    /// The packet as the driver sees it.
    pub(super) fn for_driver(mut self) -> Packet {
        let [a, b, c, d] = (self.capabilities() & !NOT_OFFERED).to_le_bytes();
        let upper = self.upper();
        for (at, byte) in [
            (self.lower, a),
            (self.lower + 1, b),
            (upper, c),
            (upper + 1, d),
        ] {
            if let Some(place) = self.packet.payload.get_mut(at) {
                *place = byte;
            }
        }
        // After the length of the challenge six bytes are reserved; MariaDB's own capabilities follow.
        for at in upper + 3 + 6..upper + 3 + 10 {
            if let Some(place) = self.packet.payload.get_mut(at) {
                *place = 0;
            }
        }
        self.packet
    }
}

/// The driver's answer with the wish for TLS, and the shorter packet that is sent before TLS begins: its
/// first 32 bytes. Manual: "Protocol::SSLRequest".
pub(super) fn with_tls(answer: &Packet) -> Option<(Packet, Packet)> {
    let mut whole = answer.clone();
    let second = whole.payload.get_mut(1)?;
    *second |= (TLS >> 8).to_le_bytes()[0];
    let short = Packet {
        sequence: whole.sequence,
        payload: whole.payload.get(..32)?.to_vec(),
    };
    Some((short, whole))
}

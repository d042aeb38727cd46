//! Honest conversations with random bytes changed: whatever comes of it, it comes soon and nothing breaks.

use crate::server::Server;
use crate::{HERE, login};
use deskguard::mysql::{Bounds, Place, Session, statements};
use std::sync::Mutex;
use std::time::Duration;

/// Conversations that are tried.
const CASES: u64 = 150;

/// xorshift64*, so that a seed is enough to see a case again.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// The packets of an honest answer, one after the other.
const ANSWER: &[&[u8]] = &[
    b"\x02",
    b"\x03def\x00\x00\x00\x04name\x00\x0c\x2d\x00\xff\x00\x00\x00\xfd\x00\x00\x00\x00\x00",
    b"\x03def\x00\x00\x00\x05count\x00\x0c\x2d\x00\xff\x00\x00\x00\xfd\x00\x00\x00\x00\x00",
    b"\xfe\x00\x00\x02\x00",
    b"\x07deskpro\x0212",
    b"\xfb\x011",
    b"\xfe\x00\x00\x02\x00",
];

#[test]
fn random_lies_never_break_anything() {
    let seed = std::env::var("DESKGUARD_SEED")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(20_261_124_u64);
    println!("DESKGUARD_SEED={seed}");
    let random = Mutex::new(Random(seed.max(1)));
    let server = Server::start(move |client| {
        client.serve(|client| {
            let mut random = random.lock().unwrap();
            let mut packets: Vec<Vec<u8>> = ANSWER.iter().map(|packet| packet.to_vec()).collect();
            for _ in 0..=random.below(3) {
                let at = random.below(packets.len());
                let byte = random.below(packets[at].len());
                match random.below(4) {
                    _ if packets[at].is_empty() => {}
                    0 => packets[at].truncate(byte),
                    1 => drop(packets.remove(at)),
                    2 => packets.insert(at, vec![u8::try_from(random.below(256)).unwrap(); byte]),
                    _ => packets[at][byte] = u8::try_from(random.below(256)).unwrap(),
                }
                if packets.is_empty() {
                    break;
                }
            }
            packets.iter().for_each(|packet| client.write(packet));
            // What is left open would be waited for: the end is near either way.
            client.write(b"\xfe\x00\x00\x02\x00");
        });
    });
    let bounds = Bounds {
        statement: Duration::from_millis(300),
        ..crate::bounds()
    };
    let (mut answers, mut refusals) = (0, 0);
    for _ in 0..CASES {
        let place = Place::Tcp {
            host: HERE.to_owned(),
            port: server.port,
        };
        let mut session = Session::open(&place, &login(|_| {}), bounds).unwrap();
        match session.ask(&statements::SCHEMAS, &[]) {
            Ok(answer) => {
                answers += 1;
                for row in &answer.rows {
                    let _ = (row.text("name"), row.integer("count"), row.text_at(1));
                }
            }
            Err(failure) => {
                refusals += 1;
                assert!(!failure.to_string().is_empty());
            }
        }
    }
    println!("{answers} answers, {refusals} refusals");
    assert!(answers > 0 && refusals > 0);
}

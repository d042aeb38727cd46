//! A server that answers at random: any status, headers and bytes, cut and unfinished answers. Nothing
//! panics, nothing takes longer than it may, and noise is taken for no proof.

use crate::install::{Install, asking, given};
use crate::server::Server;
use std::io::Write as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: u64) -> usize {
        usize::try_from((self.next() >> 11) % end).unwrap()
    }

    fn bytes(&mut self, most: u64) -> Vec<u8> {
        let count = self.below(most);
        (0..count).map(|_| self.next().to_le_bytes()[7]).collect()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let count = u64::try_from(from.len()).unwrap();
        from[self.below(count)]
    }
}

const HEADERS: &[&str] = &[
    "Content-Encoding: gzip\r\n",
    "Content-Encoding: br\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\n",
    "Content-Length: -1\r\n",
    "Location: /x/../\r\n",
    "Location: http://[::1\r\n",
    "Location: //\r\n",
    "Location: \r\n",
    "Set-Cookie: ;=;;\r\n",
    "Set-Cookie: sid=1; samesite\r\n",
    "Strict-Transport-Security: max-age=99999999999999999999\r\n",
    "Content-Security-Policy: frame-ancestors;;,frame-ancestors\r\n",
    "Server: \r\n",
    "X: \u{ff}\r\n",
];
const BODIES: &[&str] = &[
    "<title>",
    "<title>Index of /",
    "<meta name=\"generator\" content=",
    "<meta name='generator' content='\u{20ac}",
    "<META ",
    "deskpro",
    "{\"deskpro\":",
    "<?",
    "#!",
    "PHP Version",
    "1.2.",
    "\u{130}<title\u{130}>x</title",
];

fn answer(random: &mut Random) -> Vec<u8> {
    let status = [
        100, 101, 200, 200, 200, 206, 301, 302, 304, 403, 404, 500, 999,
    ][random.below(13)];
    let mut answer = format!("HTTP/1.1 {status} X\r\n").into_bytes();
    let headers = if random.below(3) == 0 { 4 } else { 1 };
    for _ in 0..random.below(headers) {
        answer.extend(random.pick(HEADERS).as_bytes());
    }
    if random.below(30) == 0 {
        answer.extend(random.bytes(60));
    }
    answer.extend(b"Connection: close\r\n\r\n");
    for _ in 0..random.below(4) {
        answer.extend(random.pick(BODIES).as_bytes());
        answer.extend(random.bytes(200));
    }
    let end = if random.below(20) == 0 {
        random.below(u64::try_from(answer.len()).unwrap())
    } else {
        answer.len()
    };
    answer.truncate(end);
    answer
}

#[test]
fn noise_proves_nothing_and_breaks_nothing() {
    let seed = std::env::var("DESKGUARD_SEED").map_or(13, |text| text.parse().unwrap());
    let visits = std::env::var("DESKGUARD_LIVE_VISITS").map_or(20, |text| text.parse().unwrap());
    println!("seed {seed}, {visits} visits");
    let mut asked = 0;
    for visit in 0..visits {
        let random = Mutex::new(Random((seed + visit) * 2 + 1));
        let server = Server::new(move |_, _, stream| {
            let answer = answer(&mut random.lock().unwrap());
            let _ = stream.write_all(&answer);
        });
        let install = Install::v4();
        let mut asking = asking(&server.url());
        asking.limit = Duration::from_secs(5);
        let clock = Instant::now();
        let facts = install.ask(asking);
        assert!(
            clock.elapsed() < Duration::from_secs(15),
            "seed {seed}, visit {visit}"
        );
        let broken = facts
            .target
            .assumptions
            .iter()
            .any(|it| it.contains("broke off"));
        assert!(!broken, "seed {seed}, visit {visit}: a probe panicked");
        let rows = [&facts.live.installer.rows, &facts.live.directories.rows];
        for rows in rows {
            assert_eq!(
                given(rows),
                Vec::<&str>::new(),
                "seed {seed}, visit {visit}"
            );
        }
        asked += server.asked();
    }
    println!("{asked} requests were answered with noise");
}

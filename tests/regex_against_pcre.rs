//! Random and hand-written patterns, matched by this program and by the real PCRE2 that PHP carries.
//! `DESKGUARD_SEED` picks another sequence, `DESKGUARD_REGEX_CASES` another number of patterns.
//! Fails, and does not skip, where php is missing.

// A test may fail by panicking, in its own functions too.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use deskguard::route::regex::Regex;
use std::fmt::Write as _;
use std::process::Command;

/// What people write into configurations, and what costs other engines points.
const PATTERNS: &[&str] = &[
    r"\.php$",
    r"\.php(/|$)",
    r"^/(?:build|tests|config|lib|3rdparty|templates|data)(?:$|/)",
    r"^/(?:\.|autotest|occ|issue|indie|db_|console)",
    r"^(.+?\.php)(/.*)$",
    r"^(.+\.php)(.*)$",
    r"[^/]\.ph(p\d*|tml)$",
    r"/\.(?!well-known)",
    r"(?<!index)\.php$",
    r"^/(?!index\.php).*\.php",
    r"^(?<user>[a-z]+)/(?P<rest>.*)$",
    r"^(?'q'x)\k'q'\k<q>\g{q}(?P=q)",
    r"(a)(b)?\1",
    r"(a)|b\1",
    r"^(a|ab)(?>c|bcd)(d*)$",
    r"a++b",
    r"a?+a",
    r"\Aa\Z",
    r"a\z",
    r"a$",
    r"a$b",
    r"a\n$",
    r"(?:a$|\n)",
    r"[[:alpha:]_]+",
    r"[[:^alpha:]]",
    r"[^[:upper:]]",
    r"[]a]",
    r"[^]a]",
    r"[a-]",
    r"[-a]",
    r"[a&&b]",
    r"[a[b]",
    r"[\d-]",
    r"[\]]",
    r"[a\-z]",
    r"[\x41-\x43]",
    r"[\b]",
    r"\/a\-b\_",
    r"\h\H\v\V",
    r"\R",
    r"\N",
    r"\x",
    r"\x4",
    r"\x{41}",
    r"\o{101}",
    r"\0",
    r"\012",
    r"\cA",
    r"\Qa.b\E.",
    r"a{2}",
    r"a{2,}b",
    r"a{2,3}?",
    r"a{,3}",
    r"a{x}",
    r"a{",
    r"a}",
    r"a{2}{3}",
    r"a**",
    r"a+*",
    r"*a",
    r"(*a)",
    r"()",
    r"(|a)+",
    r"(a*)*",
    r"(a*)+",
    r"(a|b*)*",
    r"(?:a?)*?b",
    r"(?i)a(?-i)b",
    r"(?i:a)b",
    r"(a(?i)b|c)d",
    r"(?i)[[:lower:]]",
    r"(?i)[^a]",
    r"(?i)\xe9",
    r"(?x) a b # c",
    r"(?s).",
    r"(?m)^a$",
    r"(?#c)a",
    r"a(?#c)*",
    r"\bа\b",
    r"\b\.",
    r"\Ba",
    r"^*a",
    r"\b+a",
    r"(?=a)*a",
    r"(?=(a))b?\1",
    r"(?<=a|bc)d",
    r"(?<=/)\w+(?=\.)",
    r"\é",
    r"é+",
    r"[é]",
    r"[^é]",
    r"a|",
    r"|a",
    r"(?|(a)|(b))",
    r"(?R)",
    r"(?1)(a)",
    r"\p{L}",
    r"\X",
    r"\K",
    r"\u0041",
    r"(?<a>x)(?<a>y)",
    r"(",
    r")",
    r"[",
    r"[a",
    r"[b-a]",
    r"[[:nope:]]",
    r"a{3,2}",
    r"a{70000}",
    r"\",
    r"(?",
    r"(?<",
    r"(?<1a>b)",
    r"\Ga",
    r"[a-\d]",
    r"[\w-z]",
    r"[[:digit:]-z]",
    r"[+--]",
    r"[\Qa\E]",
    r"[\n]",
    r"\81",
];

const TEXTS: &[&[u8]] = &[
    b"",
    b"a",
    b"A",
    b"ab",
    b"aab",
    b"abc",
    b"aaab",
    b"abcd",
    b"ad",
    b"bcd",
    b"\n",
    b"a\n",
    b"a\n\n",
    b"\na",
    b"a\nb",
    b"x.php",
    b"/x.php",
    b"/x.php/a",
    b"/x.php\n",
    b"/a.PHP",
    b"/index.php",
    b"/.git/config",
    b"/.well-known/x",
    b"/data/x",
    b"/datax",
    b"/x.phtml",
    b"a&b",
    b"a-b_",
    b"a]b[",
    b"\t \n\x0b",
    b"\r\n",
    b"\xe9",
    b"\xc9",
    b"\xc3\xa9",
    b"\xa0",
    b"\x85",
    b"\0",
    b"a.b.",
    b"xxxxx",
    b"root/x",
    b"{2}",
    b"a{x}",
    b"a{,3}",
    b"aaaaaa",
    b"A1.b2",
];

struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }

    fn pattern(&mut self, depth: usize) -> String {
        let mut out = String::new();
        for _ in 0..1 + self.below(4) {
            let atom = match self.below(if depth > 2 { 8 } else { 14 }) {
                0..=3 => self
                    .pick(&["a", "b", "A", ".", "/", "\\.", "\\/", "p", "\\n", "\\xe9"])
                    .to_owned(),
                4 => self
                    .pick(&[
                        "\\d", "\\w", "\\W", "\\s", "\\h", "\\N", "[^/]", "[a-c]", "[^a]",
                    ])
                    .to_owned(),
                5 => self
                    .pick(&["[[:alpha:]]", "[a&&b]", "[]a]", "[^\\n]", "[\\d-]", "[a[]"])
                    .to_owned(),
                6 => self
                    .pick(&["^", "$", "\\b", "\\B", "\\A", "\\z", "\\Z"])
                    .to_owned(),
                7 => self
                    .pick(&["\\1", "\\g{-1}", "\\R", "(?i)", "x"])
                    .to_owned(),
                8..=9 => format!("({})", self.pattern(depth + 1)),
                10 => format!("(?:{})", self.pattern(depth + 1)),
                11 => format!("({}|{})", self.pattern(depth + 1), self.pattern(depth + 1)),
                12 => format!("(?i:{})", self.pattern(depth + 1)),
                _ => {
                    let open = self.pick(&["(?=", "(?!", "(?<=", "(?<!", "(?>"]);
                    format!("{open}{})", self.pattern(depth + 1))
                }
            };
            out.push_str(&atom);
            if self.below(3) == 0 {
                out.push_str(
                    self.pick(&["*", "+", "?", "*?", "+?", "??", "++", "*+", "{2}", "{1,2}"]),
                );
            }
        }
        out
    }

    fn text(&mut self) -> Vec<u8> {
        let letters = b"aabbAp//..\n\n1_ \xe9x-";
        (0..self.below(9))
            .map(|_| letters[self.below(letters.len())])
            .collect()
    }
}

/// The spans that PCRE found; nothing for no match; an error if it refused the pattern or gave up.
type Found = Result<Option<Vec<(i64, i64)>>, ()>;

const SCRIPT: &str = r#"<?php
foreach (file($argv[1]) as $line) {
    [$pattern, $flags, $text] = explode(' ', rtrim($line, "\n"));
    $found = @preg_match("\x01" . hex2bin($pattern) . "\x01X" . trim($flags, '-'), hex2bin($text), $m,
        PREG_OFFSET_CAPTURE | PREG_UNMATCHED_AS_NULL);
    if ($found === false) { echo "E\n"; continue; }
    if ($found === 0) { echo "N\n"; continue; }
    $out = [];
    foreach ($m as $k => $g) if (is_int($k)) $out[] = $g[1] . ':' . ($g[0] === null ? -1 : $g[1] + strlen($g[0]));
    echo implode(',', $out), "\n";
}
"#;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// Without PCRE's just-in-time compiler, which nginx leaves off and whose groups differ at times.
fn pcre(cases: &[(String, bool, Vec<u8>)]) -> Vec<Found> {
    let folder = tempfile::tempdir().unwrap();
    let lines: String = cases
        .iter()
        .fold(String::new(), |mut out, (pattern, caseless, text)| {
            let flags = if *caseless { "i" } else { "-" };
            let _ = writeln!(out, "{} {flags} {}", hex(pattern.as_bytes()), hex(text));
            out
        });
    std::fs::write(folder.path().join("cases"), lines).unwrap();
    std::fs::write(folder.path().join("judge.php"), SCRIPT).unwrap();
    let output = Command::new("php")
        .args(["-n", "-d", "pcre.jit=0", "judge.php", "cases"])
        .current_dir(folder.path())
        .output()
        .expect("php judges this test; install php-cli");
    assert!(output.status.success(), "{output:?}");
    let answers = String::from_utf8(output.stdout).unwrap();
    let answers: Vec<Found> = answers.lines().map(read).collect();
    assert_eq!(answers.len(), cases.len());
    answers
}

fn read(line: &str) -> Found {
    match line {
        "E" => Err(()),
        "N" => Ok(None),
        spans => Ok(Some(
            spans
                .split(',')
                .map(|span| {
                    let (start, end) = span.split_once(':').unwrap();
                    (start.parse().unwrap(), end.parse().unwrap())
                })
                .collect(),
        )),
    }
}

/// What this program finds, in PHP's form: PHP leaves unmatched groups at -1.
fn ours(regex: &Regex, text: &[u8]) -> Result<Found, String> {
    Ok(Ok(regex.captures(text)?.map(|found| {
        (0..found.count())
            .map(|group| {
                found
                    .span(group)
                    .map_or((-1, -1), |(start, end)| (start as i64, end as i64))
            })
            .collect()
    })))
}

#[test]
fn patterns_match_what_pcre_matches() {
    let number = |name: &str, default: u64| {
        let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
        set.unwrap_or(default)
    };
    let seed = number("DESKGUARD_SEED", 20_261_124);
    let patterns = number("DESKGUARD_REGEX_CASES", 3_000);
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut cases = Vec::new();
    for pattern in PATTERNS {
        for text in TEXTS {
            for caseless in [false, true] {
                cases.push(((*pattern).to_owned(), caseless, text.to_vec()));
            }
        }
    }
    for _ in 0..patterns {
        let pattern = random.pattern(0);
        let caseless = random.below(4) == 0;
        for _ in 0..6 {
            cases.push((pattern.clone(), caseless, random.text()));
        }
    }
    let answers = pcre(&cases);
    let (mut wrong, mut beyond, mut refused, mut compared) = (Vec::new(), 0, 0, 0);
    for ((pattern, caseless, text), pcre) in cases.iter().zip(&answers) {
        let found = Regex::new(pattern.as_bytes(), *caseless).and_then(|regex| ours(&regex, text));
        match (found, pcre) {
            (Err(reason), _) if reason.starts_with("not modelled") => beyond += 1,
            (Err(_), Err(())) => refused += 1,
            (Ok(found), pcre) if found == *pcre => compared += 1,
            (found, pcre) => wrong.push(format!(
                "{pattern:?} caseless {caseless} on {}: {found:?}, PCRE {pcre:?}",
                text.escape_ascii()
            )),
        }
    }
    println!(
        "seed {seed}: {} cases, {compared} compared, {refused} refused by both, {beyond} not modelled, {} wrong",
        cases.len(),
        wrong.len()
    );
    wrong.sort_by_key(String::len);
    assert!(
        wrong.is_empty(),
        "seed {seed}:\n{}",
        wrong[..wrong.len().min(20)].join("\n")
    );
    assert!(
        beyond * 2 < cases.len(),
        "seed {seed}: {beyond} of {} not modelled",
        cases.len()
    );
    assert!(
        compared * 3 > cases.len(),
        "seed {seed}: too few were compared"
    );
}

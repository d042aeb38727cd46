//! Small nasty configurations, by chance.

use crate::lines::{map, server};
use std::fmt::Write as _;

/// Chance that can be repeated: splitmix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// A directive, and what stands inside it.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) line: String,
    pub(crate) inside: Option<Vec<Self>>,
}

/// One configuration: what stands in `http`, in places of its own.
#[derive(Debug, Clone)]
pub(crate) struct Configuration {
    pub(crate) blocks: Vec<Block>,
}

pub(crate) fn simple(line: impl Into<String>) -> Block {
    Block {
        line: line.into(),
        inside: None,
    }
}

pub(crate) fn block(line: impl Into<String>, inside: Vec<Block>) -> Block {
    Block {
        line: line.into(),
        inside: Some(inside),
    }
}

impl Configuration {
    pub(crate) fn random(random: &mut Random) -> Self {
        let mut blocks = Vec::new();
        if random.chance(20) {
            blocks.push(map(random));
        }
        if random.chance(10) {
            blocks.push(block(
                "geo $geo{N}",
                vec![
                    simple("default 0"),
                    simple("127.0.0.2 1"),
                    simple(random.pick(&["127.0.0.0/30 2", "127.0.0.0/8 3", "10.0.0.0/8 4"])),
                ],
            ));
        }
        for _ in 0..1 + random.below(3) {
            let server = server(random);
            blocks.push(server);
        }
        Self { blocks }
    }

    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        write_blocks(&self.blocks, 0, &mut out);
        out
    }

    /// Every configuration that lacks one directive or block of this one.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        without_one(&self.blocks)
            .into_iter()
            .map(|blocks| Self { blocks })
            .collect()
    }
}

fn without_one(blocks: &[Block]) -> Vec<Vec<Block>> {
    let mut found = Vec::new();
    for at in 0..blocks.len() {
        let mut fewer = blocks.to_vec();
        fewer.remove(at);
        found.push(fewer);
        if let Some(inside) = &blocks[at].inside {
            for inside in without_one(inside) {
                let mut changed = blocks.to_vec();
                changed[at].inside = Some(inside);
                found.push(changed);
            }
        }
    }
    found
}

fn write_blocks(blocks: &[Block], depth: usize, out: &mut String) {
    for one in blocks {
        let indent = "  ".repeat(depth);
        match &one.inside {
            None => {
                let _ = writeln!(out, "{indent}{};", one.line);
            }
            Some(inside) => {
                let _ = writeln!(out, "{indent}{} {{", one.line);
                write_blocks(inside, depth + 1, out);
                let _ = writeln!(out, "{indent}}}");
            }
        }
    }
}

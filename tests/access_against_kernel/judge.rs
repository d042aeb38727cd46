//! Root's end of the line to a judge: asks, and puts back what a granted right destroyed.
//! Refuses to go on when the judge dies.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use deskguard::access::{Chain, End, LastName, Principal};

use super::tree::Tree;
use super::{child, hex};

/// A child that has become the user.
pub(crate) struct Judge {
    child: Child,
    replies: BufReader<std::process::ChildStdout>,
}

impl Judge {
    pub(crate) fn start(who: &Principal) -> Self {
        let gids: Vec<String> = who.gids.iter().map(u32::to_string).collect();
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .env(child::JUDGE, format!("{}:{}", who.uid, gids.join(",")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a judge");
        let replies = BufReader::new(child.stdout.take().expect("its answers"));
        Self { child, replies }
    }

    fn tell(&mut self, line: &str) {
        let mut input = self.child.stdin.as_ref().expect("its questions");
        writeln!(input, "{line}").expect("ask");
    }

    /// The error numbers of the seven rights, restoring meanwhile what a success destroyed.
    pub(crate) fn ask(&mut self, path: &[u8], chain: &Chain, tree: &Tree) -> Vec<i32> {
        self.tell(&format!("x{}", hex(path)));
        loop {
            let mut line = String::new();
            let read = self.replies.read_line(&mut line).expect("an answer");
            assert!(
                read > 0,
                "the judge died over {}",
                String::from_utf8_lossy(path)
            );
            let mut words = line.split_whitespace();
            match words.next().expect("a word") {
                "A" => {
                    return words
                        .map(|word| word.parse().expect("an error number"))
                        .collect();
                }
                "U" => tree.relink(&victim(chain)),
                "M" => Tree::unmake(&directory(chain), path),
                "G" => {
                    let mode = words.next().expect("a mode").parse().expect("a mode");
                    std::fs::set_permissions(reached(chain), PermissionsExt::from_mode(mode))
                        .expect("chmod back");
                }
                other => panic!("the judge says {other}"),
            }
            self.tell("done");
        }
    }

    pub(crate) fn stop(mut self) {
        drop(self.child.stdin.take());
        assert!(
            self.child.wait().expect("the judge's end").success(),
            "the judge failed"
        );
    }
}

fn place(chain: &Chain, id: usize) -> PathBuf {
    Path::new(OsStr::from_bytes(&chain.places[id].path)).into()
}

fn victim(chain: &Chain) -> PathBuf {
    match chain.last.expect("a last name").name {
        LastName::Entry { place: id, .. } => place(chain, id),
        other => panic!("the model sees {other:?} where the kernel unlinked"),
    }
}

fn directory(chain: &Chain) -> PathBuf {
    place(chain, chain.last.expect("a last name").directory)
}

fn reached(chain: &Chain) -> PathBuf {
    match chain.end {
        End::Reached(id) => place(chain, id),
        ref other => panic!("the model sees {other:?} where the kernel changed a mode"),
    }
}

//! Who is asked about, and which paths. Refuses to know answers.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use deskguard::access::Principal;

use super::dress::{GIDS, UIDS};
use super::random::Random;
use super::tree::Tree;

/// Root, owners with odd groups, and one who owns nothing.
pub(crate) fn principals(random: &mut Random) -> Vec<Principal> {
    let mut all = vec![
        Principal::new("root", 0, vec![0]),
        Principal::new("stranger", 61999, vec![62999]),
    ];
    for _ in 0..6 {
        let mut gids = vec![*random.pick(&GIDS[1..])];
        for gid in GIDS {
            if random.chance(25) && !gids.contains(&gid) {
                gids.push(gid);
            }
        }
        all.push(Principal::new("user", *random.pick(&UIDS[1..]), gids));
    }
    all
}

/// Every entry, and what can be made of its name.
pub(crate) fn questions(tree: &Tree, random: &mut Random) -> Vec<Vec<u8>> {
    let fixed: [&[u8]; 9] = [
        b"/",
        b"",
        b"//",
        b"/.",
        b"/..",
        b"/../..",
        b"/../tmp",
        b"/missing",
        b"/../missing/",
    ];
    let mut paths: Vec<Vec<u8>> = fixed.iter().map(|path| path.to_vec()).collect();
    let all: Vec<&PathBuf> = tree.directories.iter().chain(&tree.others).collect();
    let long = vec![b'l'; 255 + random.below(2)];
    for entry in &all {
        let path = entry.as_os_str().as_bytes();
        let other = random
            .pick(&all)
            .file_name()
            .expect("name")
            .as_bytes()
            .to_vec();
        let mut ask = |pieces: &[&[u8]]| paths.push(pieces.concat());
        ask(&[path]);
        match random.below(14) {
            0 => ask(&[path, b"/"]),
            1 => ask(&[path, b"/."]),
            2 => ask(&[path, b"/.."]),
            3 => ask(&[path, b"/missing"]),
            4 => ask(&[path, b"/missing/"]),
            5 => ask(&[path, b"/missing/x"]),
            6 | 7 => ask(&[path, b"/", &other]),
            8 => ask(&[path, b"/../", &other]),
            9 => ask(&[path, b"//.//", &other, b"//"]),
            10 => ask(&[path, b"/", &long]),
            11 => ask(&[path, b"/../../", &other, b"/", &other]),
            12 => ask(&[
                path,
                &b"/.".repeat((4095 + random.below(2)).saturating_sub(path.len()) / 2),
            ]),
            _ => ask(&[path, b"/", &other, b"/../", &other]),
        }
        // Directly below a link, so that ways through links are taken often.
        if entry.is_symlink() {
            ask(&[path, b"/"]);
            ask(&[path, b"/", &other]);
        }
    }
    paths
}

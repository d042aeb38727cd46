//! How much memory a large tree takes, and how long: `cargo test --release --test mend large -- --nocapture`,
//! with `DESKGUARD_ENTRIES` for another size.

use crate::ground::{Ground, WEB};
use deskguard::fix::Action;
use std::fs;
use std::time::Instant;

/// The most memory that this process had, in KiB (proc_pid_status(5)).
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_large_tree_in_bounded_memory() {
    let entries = std::env::var("DESKGUARD_ENTRIES").map_or(20_000, |it| it.parse().unwrap());
    let ground = Ground::new();
    for directory in 0..entries / 1000 {
        ground.dir(&format!("srv/dp/{directory}"), WEB, 0o777);
        for file in 0..1000 {
            ground.file(&format!("srv/dp/{directory}/{file}"), WEB, 0o666, "");
        }
    }
    let start = peak();
    let begun = Instant::now();
    let close = Action::CloseTree {
        path: "/srv/dp".to_owned(),
        except: Vec::new(),
        from: "www-data".to_owned(),
        user: "deskpro".to_owned(),
        group: Some("www-data".to_owned()),
        mode: "go-w".to_owned(),
    };
    let applied = ground.apply(&[close]).unwrap();
    let (carried_out, then) = (begun.elapsed(), Instant::now());
    ground.undo().unwrap();
    println!(
        "{} changes: carried out in {carried_out:.2?}, taken back in {:.2?}; peak memory grew by {} KiB",
        applied.changes,
        then.elapsed(),
        peak() - start
    );
    assert!(peak() - start < 32 << 10, "memory grows with the tree");
}

//! The smallest case that still shows a disagreement: lines are left out as long as it stays.

use crate::case::Case;
use crate::real_apache::disk::RealDisk;
use crate::{Stage, judge};
use deskguard::route::{Model as _, Request};

/// Leaves out what is not needed; gives the lines outside, and the case with its `.htaccess` files.
pub(crate) fn shrink(
    stage: &Stage,
    main: &str,
    case: &Case,
    request: &Request,
) -> (String, String) {
    let mut main = main.to_owned();
    let mut case = case.clone();
    let mut tries = 0;
    let mut again = true;
    while again && tries < 150 {
        again = false;
        for smaller in smaller(&main, &case) {
            tries += 1;
            if tries < 150 && disagrees(stage, &smaller.0, &smaller.1, request) {
                (main, case) = smaller;
                again = true;
                break;
            }
        }
    }
    (main, case.text(stage.port))
}

fn disagrees(stage: &Stage, main: &str, case: &Case, request: &Request) -> bool {
    let Ok((apache, model)) = stage.start(main, std::slice::from_ref(case)) else {
        return false;
    };
    let answer = model.answer(request, &RealDisk);
    let seen = judge::ask(request);
    drop(apache);
    seen.is_some_and(|seen| judge::differ(&answer, &seen).is_some())
}

/// The case without one of its parts.
fn smaller(main: &str, case: &Case) -> Vec<(String, Case)> {
    let mut found = Vec::new();
    for at in 0..case.htaccess.len() {
        let mut less = case.clone();
        less.htaccess.remove(at);
        found.push((main.to_owned(), less));
    }
    if case.hosts.len() > 1 {
        let mut less = case.clone();
        less.hosts.pop();
        found.push((main.to_owned(), less));
    }
    for host in 0..case.hosts.len() {
        for lines in without_one(&case.hosts[host]) {
            let mut less = case.clone();
            less.hosts[host] = lines;
            found.push((main.to_owned(), less));
        }
    }
    for file in 0..case.htaccess.len() {
        for lines in without_one(&case.htaccess[file].1) {
            let mut less = case.clone();
            less.htaccess[file].1 = lines;
            found.push((main.to_owned(), less));
        }
    }
    let lines: Vec<String> = main.lines().map(str::to_owned).collect();
    for lines in without_one(&lines) {
        found.push((lines.join("\n") + "\n", case.clone()));
    }
    found
}

/// The lines without one block, or without one line of a block.
fn without_one(lines: &[String]) -> Vec<Vec<String>> {
    let lines: Vec<String> = lines
        .iter()
        .flat_map(|line| line.lines().map(str::to_owned))
        .collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("</") {
            continue;
        }
        let end = if line.starts_with('<') {
            block_end(&lines, at)
        } else {
            at
        };
        let kept = lines[..at].iter().chain(&lines[end + 1..]);
        found.push(kept.cloned().collect());
    }
    found.sort_by_key(Vec::len);
    found
}

fn block_end(lines: &[String], start: usize) -> usize {
    let mut depth = 0;
    for (at, line) in lines.iter().enumerate().skip(start) {
        if line.starts_with("</") {
            depth -= 1;
        } else if line.starts_with('<') {
            depth += 1;
        }
        if depth == 0 {
            return at;
        }
    }
    start
}

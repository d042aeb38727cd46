//! All cases, by what they are about; and that no check is without one.

mod application;
mod around;
mod build;
mod database;
mod directories;
mod leftovers;
mod mail_and_tokens;
mod owners;
mod readers;
mod reading;
mod routes;
mod scripts_and_links;
mod secrets;
mod server_side;
mod servers;
mod switches;
mod trust;

use crate::case::{Case, try_all};
use crate::elsewhere;
use crate::hardened_passes::NEEDS_A_SERVER;
use crate::judged::catalogue;
use deskguard::report::Outcome;
use std::collections::BTreeMap;

pub(crate) const ALL: &[&[Case]] = &[
    application::CASES,
    around::CASES,
    build::CASES,
    database::CASES,
    directories::CASES,
    leftovers::CASES,
    mail_and_tokens::CASES,
    owners::CASES,
    readers::CASES,
    reading::CASES,
    routes::CASES,
    scripts_and_links::CASES,
    secrets::CASES,
    server_side::CASES,
    servers::CASES,
    switches::CASES,
    trust::CASES,
];

#[test]
fn rights_over_the_application() {
    try_all(application::CASES);
}

#[test]
fn rights_around_the_application() {
    try_all(around::CASES);
}

#[test]
fn the_build() {
    try_all(build::CASES);
}

#[test]
fn the_database_by_its_configuration() {
    try_all(database::CASES);
}

#[test]
fn data_directories() {
    try_all(directories::CASES);
}

#[test]
fn leftovers_in_the_web_root() {
    try_all(leftovers::CASES);
}

#[test]
fn mail_and_tokens_in_the_configuration() {
    try_all(mail_and_tokens::CASES);
}

#[test]
fn owners_and_lent_rights() {
    try_all(owners::CASES);
}

#[test]
fn which_line_of_the_configuration_counts() {
    try_all(reading::CASES);
}

#[test]
fn readers_of_what_is_private() {
    try_all(readers::CASES);
}

#[test]
fn scripts_and_links_where_they_should_not_be() {
    try_all(scripts_and_links::CASES);
}

#[test]
fn secrets_in_the_configuration() {
    try_all(secrets::CASES);
}

#[test]
fn who_serves_and_who_schedules() {
    try_all(servers::CASES);
}

#[test]
fn what_nginx_would_do() {
    try_all(routes::CASES);
}

#[test]
fn the_servers_own_settings() {
    try_all(server_side::CASES);
}

#[test]
fn switches_in_the_configuration() {
    try_all(switches::CASES);
}

#[test]
fn trust_and_umask_in_the_configuration() {
    try_all(trust::CASES);
}

/// The hardened installs are every check's passing case; a failing one must be here.
#[test]
fn every_check_has_a_fault() {
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for check in &catalogue().checks {
        counts.insert(check.id.clone(), [0; 3]);
    }
    for case in ALL.iter().copied().flatten() {
        let count = counts.get_mut(case.check).unwrap();
        match case.outcome {
            Outcome::Fail => count[0] += 1,
            Outcome::Pass => count[1] += 1,
            Outcome::Unknown | Outcome::NotApplicable => count[2] += 1,
        }
    }
    println!("check: faults found, lookalikes passed, unknown");
    for (check, [fails, passes, unknown]) in &counts {
        println!("{check}: {fails}, {passes}, {unknown}");
        let elsewhere =
            elsewhere::reason(check).is_some() || NEEDS_A_SERVER.contains(&check.as_str());
        assert!(*fails > 0 || elsewhere, "{check} has no planted fault");
    }
}

//! The loop of every planted fault of the helpdesk's settings: audit fails, its own fix is carried out,
//! audit passes and nothing else is worse, the fix is taken back, audit fails as before, and every row is
//! what it was. Overrides of the configuration are mended there.

#![allow(clippy::print_stdout, reason = "the table is printed")]

use crate::faults::{BOTH, Fault, V4_ONLY, V5_ONLY, V5_TWO};
use crate::helpdesk::{Helpdesk, Kind, all, policy};
use crate::mending::{carry_out, picture, row, take_back};
use deskguard::facts::HelpdeskFacts;
use deskguard::fix::Plan;
use deskguard::mysql::Place;
use deskguard::report::{Outcome, Report};
use std::fs;

fn looked(helpdesk: &Helpdesk, facts: HelpdeskFacts, ids: &[&str]) -> (Plan, Report) {
    let mut policy = policy(helpdesk.kind);
    policy.max_admins = 1;
    let (verdicts, report) = helpdesk.judged_by(facts, policy);
    let own = verdicts.iter().filter(|it| ids.contains(&it.id.as_str()));
    let plan = Plan::of(own.flat_map(|it| it.fixes.iter().map(|step| (it.id.as_str(), step))));
    (plan, report)
}

fn failed(report: &Report) -> Vec<String> {
    let mut failed: Vec<String> = all(report, Outcome::Fail)
        .into_iter()
        .map(str::to_owned)
        .collect();
    failed.sort();
    failed
}

/// Carries the fixes of these checks out and takes them back; whether there was anything to carry out.
fn round(helpdesk: &Helpdesk, ids: &[&str], planted: &str) -> Result<bool, String> {
    let server = &helpdesk.server;
    let (plan, before) = looked(helpdesk, helpdesk.facts(), ids);
    let count = plan.actions().count();
    if count == 0 {
        println!(
            "{:?} {}",
            helpdesk.kind,
            row(&ids.join(" "), planted, "by hand", "-", "-")
        );
        return Ok(false);
    }
    let rows = picture(server);
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let place = Place::Socket(server.socket());
    let run = |journal| carry_out(server, &plan, (helpdesk.root(), place.clone()), journal);
    run(&journal).map_err(|why| why.to_string())?;
    let (_, after) = looked(helpdesk, helpdesk.facts(), ids);
    let (was, is) = (failed(&before), failed(&after));
    let left: Vec<&String> = was
        .iter()
        .filter(|id| !ids.contains(&id.as_str()))
        .collect();
    if is.iter().collect::<Vec<_>>() != left || !all(&after, Outcome::Unknown).is_empty() {
        return Err(format!(
            "{was:?} becomes {is:?}, unknown {:?}",
            all(&after, Outcome::Unknown)
        ));
    }
    take_back(server, helpdesk.root(), &journal);
    if picture(server) != rows {
        return Err("the rows are not what they were".to_owned());
    }
    let (_, undone) = looked(helpdesk, helpdesk.facts(), ids);
    let evidence = |report: &Report| -> Vec<_> {
        report
            .checks
            .iter()
            .map(|it| (it.outcome, it.evidence.clone()))
            .collect()
    };
    if evidence(&undone) != evidence(&before) {
        return Err("it does not fail as before".to_owned());
    }
    let mended = match count {
        1 => "1 deed".to_owned(),
        many => format!("{many} deeds"),
    };
    println!(
        "{:?} {}",
        helpdesk.kind,
        row(&ids.join(" "), planted, &mended, "passes", "undone")
    );
    Ok(true)
}

fn range(helpdesk: &Helpdesk, faults: &[(&[&str], &str)], least: u32) {
    let (mut wrong, mut loops) = (Vec::new(), 0);
    for (ids, plant) in faults {
        helpdesk.sql(plant);
        match round(helpdesk, ids, plant) {
            Ok(looped) => loops += u32::from(looped),
            Err(why) => wrong.push(format!("{ids:?} {plant}: {why}")),
        }
        if plant.starts_with("RENAME") {
            helpdesk.sql("RENAME TABLE hidden_log TO login_log");
        }
        helpdesk.harden();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        loops >= least,
        "only {loops} faults have a fix that can be carried out"
    );
}

fn one<'a>(
    faults: &'a [Fault],
    ids: &'a mut Vec<[&'static str; 1]>,
) -> Vec<(&'a [&'static str], &'static str)> {
    ids.extend(faults.iter().map(|(id, ..)| [*id]));
    let plants = faults.iter().map(|(_, plant, _)| *plant);
    ids.iter().map(|id| id.as_slice()).zip(plants).collect()
}

#[test]
fn every_fault_of_v5_is_mended_and_taken_back() {
    let helpdesk = Helpdesk::start(Kind::V5);
    let (mut both, mut own) = (Vec::new(), Vec::new());
    let mut faults = one(BOTH, &mut both);
    faults.extend(one(V5_ONLY, &mut own));
    faults.extend(V5_TWO.iter().map(|(ids, plant, _)| (*ids, *plant)));
    range(&helpdesk, &faults, 20);
}

#[test]
fn every_fault_of_v4_is_mended_and_taken_back() {
    let helpdesk = Helpdesk::start(Kind::V4);
    let (mut both, mut own) = (Vec::new(), Vec::new());
    let mut faults = one(BOTH, &mut both);
    faults.extend(one(V4_ONLY, &mut own));
    range(&helpdesk, &faults, 6);
}

#[test]
fn what_the_configuration_overrides_is_mended_there() {
    let mut v5 = Helpdesk::start(Kind::V5);
    let path = "config/advanced/config.settings.php";
    let text = "<?php\n// Ours.\n$SETTINGS['agent.password_policy.min_length'] = 6;\n$SETTINGS['agent.password_policy.max_age'] = 0; $SETTINGS['agent.password_policy.forbid_reuse'] = false;\n$SETTINGS['agent.password_policy.require_num_symbol'] = 0;\n$SETTINGS['core.sessions_lifetime'] = '90000';\n$SETTINGS['core.enable_agent_rememberme'] = 1;\n$SETTINGS['core.session_keepalive_require_page'] = false;\n$SETTINGS['agent.ip_security.mode'] = 'none';\n$SETTINGS['agent.ip_security.whitelist_lifetime'] = 63072000;\n";
    v5.write(path, text);
    let ids = [
        "login/agent-password-length",
        "login/agent-password-age",
        "login/agent-password-reuse",
        "login/agent-password-classes",
        "sessions/idle-timeout",
        "sessions/agent-remember-me-off",
        "sessions/activity-required",
        "login/ip-whitelist-on",
        "login/ip-whitelist-fresh",
    ];
    let (plan, before) = looked(&v5, v5.facts(), &ids);
    let failing = all(&before, Outcome::Fail);
    for id in &ids {
        assert!(failing.contains(id), "{id} does not fail: {failing:?}");
    }
    let folder = tempfile::tempdir().unwrap();
    let journal = folder.path().join("journal");
    let place = Place::Socket(v5.server.socket());
    carry_out(&v5.server, &plan, (v5.root(), place), &journal).unwrap();
    v5.look_again();
    let (_, after) = looked(&v5, v5.facts(), &ids);
    assert_eq!(all(&after, Outcome::Fail), ["logs/reviewed"]);
    let now = fs::read_to_string(v5.root().join(path)).unwrap();
    assert!(now.contains("// Ours.") && now.contains("= 12;"), "{now}");
    take_back(&v5.server, v5.root(), &journal);
    assert_eq!(fs::read_to_string(v5.root().join(path)).unwrap(), text);
    println!(
        "{}",
        row(
            "9 checks",
            "overridden in config.settings.php",
            "setting",
            "passes",
            "undone"
        )
    );
}

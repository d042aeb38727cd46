//! What running workers really hold: groups and capabilities beyond those of their account, and security
//! modules that hold them in. Refuses to take a capability of another user namespace for one of the host.

use super::roles::Roles;
use super::servers::RunningWorker;
use crate::access::Capabilities;
use crate::host::{Host, SecurityModules};

/// Capabilities that change who may do what with files.
const OF_FILES: [(Capabilities, &str); 3] = [
    (Capabilities::DAC_OVERRIDE, "CAP_DAC_OVERRIDE"),
    (Capabilities::DAC_READ_SEARCH, "CAP_DAC_READ_SEARCH"),
    (Capabilities::FOWNER, "CAP_FOWNER"),
];

/// Adds to each account what its running workers hold.
pub(super) fn hold(roles: &mut Roles, workers: &[RunningWorker], host: &Host) {
    let modules = SecurityModules::look(host);
    let over_all = modules.over_all();
    if !over_all.is_empty() {
        roles.assumptions.push(format!(
            "{} enforces a policy that deskguard does not read: what is said to be allowed may be refused by it",
            over_all.join(" and ")
        ));
    }
    for worker in workers.iter().filter(|it| it.elsewhere != Some(true)) {
        credentials(roles, worker);
        if !roles.web.iter().any(|who| who.uid == worker.uid) {
            continue;
        }
        let held = match modules.confining(host, worker.pid) {
            Ok(None) => continue,
            Ok(Some(by)) => format!(
                "process {} is held in by {by}, whose rules are not modelled",
                worker.pid
            ),
            Err(why) => format!(
                "whether a security module holds process {} in is unknown: {why}",
                worker.pid
            ),
        };
        if !roles.held_in.iter().any(|(uid, _)| *uid == worker.uid) {
            roles.held_in.push((worker.uid, held));
        }
    }
}

/// Groups and capabilities of one worker.
fn credentials(roles: &mut Roles, worker: &RunningWorker) {
    let Some(who) = roles.web.iter_mut().find(|who| who.uid == worker.uid) else {
        return;
    };
    let held = OF_FILES
        .iter()
        .filter(|(bit, _)| worker.capabilities.has(*bit));
    let held: Vec<_> = held.collect();
    let names: Vec<&str> = held.iter().map(|(_, name)| *name).collect();
    if worker.own_user_namespace != Some(false) {
        for (bit, _) in &held {
            who.capabilities = Capabilities(who.capabilities.0 | bit.0);
        }
        for gid in &worker.groups {
            if !who.is_in(*gid) {
                who.gids.push(*gid);
            }
        }
    } else if !held.is_empty() {
        roles.web_unknown.push(format!(
            "process {} of {} has {} in a user namespace of its own: which files they reach is not modelled",
            worker.pid,
            who.name,
            names.join(", ")
        ));
        return;
    }
    if who.uid != 0 && !held.is_empty() {
        let said = format!(
            "process {} runs as {} with {}",
            worker.pid,
            who.name,
            names.join(", ")
        );
        roles.assumptions.push(said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Principal;
    use crate::target::servers::Program;

    fn worker(capabilities: Capabilities, own: bool) -> RunningWorker {
        RunningWorker {
            program: Program::PhpFpm,
            pid: 7,
            parent: 1,
            uid: 33,
            gid: 33,
            groups: vec![33, 44],
            capabilities,
            own_user_namespace: Some(own),
            pool: None,
            elsewhere: Some(false),
        }
    }

    fn roles() -> Roles {
        Roles {
            web: vec![Principal::new("www-data", 33, vec![33])],
            ..Roles::default()
        }
    }

    #[test]
    fn a_worker_brings_its_groups_and_the_capabilities_of_files() {
        let mut all = roles();
        credentials(&mut all, &worker(Capabilities(1 << 1 | 1 << 10), true));
        assert_eq!(all.web[0].gids, [33, 44]);
        assert_eq!(all.web[0].capabilities, Capabilities::DAC_OVERRIDE);
        assert_eq!(
            all.assumptions,
            ["process 7 runs as www-data with CAP_DAC_OVERRIDE"]
        );
        let mut none = roles();
        credentials(&mut none, &worker(Capabilities(1 << 10), true));
        assert_eq!(
            (none.web[0].capabilities, none.assumptions.len()),
            (Capabilities::NONE, 0)
        );
    }

    #[test]
    fn capabilities_of_another_user_namespace_are_not_the_hosts() {
        let mut all = roles();
        credentials(&mut all, &worker(Capabilities::ALL, false));
        assert_eq!(all.web[0].capabilities, Capabilities::NONE);
        assert!(
            all.web_unknown[0].contains("in a user namespace of its own"),
            "{:?}",
            all.web_unknown
        );
    }
}

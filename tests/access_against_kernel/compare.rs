//! The model's answer beside the kernel's, and the smallest user about whom they still disagree.
//! Refuses an unknown: on a local tree seen by root there is nothing that cannot be known.

use std::collections::BTreeMap;

use deskguard::access::{Answer, Chain, Principal, Right, Sysctl, judge};
use nix::errno::Errno;

use super::judge::Judge;
use super::tree::Tree;

/// What was compared.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) decisions: u64,
    pub(crate) paths: u64,
    pub(crate) rights: BTreeMap<&'static str, (u64, u64)>,
    pub(crate) mechanisms: BTreeMap<&'static str, u64>,
}

/// One right about which model and kernel say different things.
pub(crate) struct Disagreement {
    who: Principal,
    right: Right,
    kernel: Errno,
    model: Answer,
}

impl Disagreement {
    pub(crate) fn sentence(&self) -> String {
        let Self {
            who,
            right,
            kernel,
            model,
        } = self;
        let kernel = if *kernel == Errno::UnknownErrno {
            "yes".into()
        } else {
            format!("{kernel:?}")
        };
        let model = format!("{:?} because {}", model.allowed, model.because);
        format!(
            "{} as {}: the kernel says {kernel}, the model {model}",
            right.word(),
            who.label()
        )
    }
}

/// Compares the seven rights, counting each that agrees.
pub(crate) fn compare(
    path: &[u8],
    chain: &Chain,
    who: &Principal,
    sysctl: Sysctl,
    errors: &[i32],
    tally: &mut Tally,
) -> Result<(), Box<Disagreement>> {
    let answers = judge(chain, who, sysctl);
    for (right, error) in Right::ALL.into_iter().zip(errors) {
        let answer = answers.of(right);
        let error = Errno::from_raw(*error);
        let kernel = granted(path, right, error);
        assert!(!answer.because.is_empty(), "no reason");
        if answer.allowed != Some(kernel) {
            return Err(Box::new(Disagreement {
                who: who.clone(),
                right,
                kernel: error,
                model: answer.clone(),
            }));
        }
        tally.decisions += 1;
        let (yes, no) = tally.rights.entry(right.word()).or_default();
        *if kernel { yes } else { no } += 1;
        if let Some(mechanism) = answer.link.as_ref().and_then(|link| link.mechanism) {
            *tally.mechanisms.entry(mechanism.word()).or_default() += 1;
        }
    }
    Ok(())
}

/// Whether an error number means that permission was there. `UnknownErrno` is 0.
pub(crate) fn granted(path: &[u8], right: Right, error: Errno) -> bool {
    match (right, error) {
        (_, Errno::UnknownErrno) => true,
        (Right::Read | Right::Write, Errno::ENXIO | Errno::ENODEV) => true,
        // For a last `..` it is not the directory's content that the kernel minds (fs/namei.c do_rmdir).
        (Right::Delete, Errno::ENOTEMPTY) => !ends_in_dots(path),
        _ => false,
    }
}

fn ends_in_dots(path: &[u8]) -> bool {
    path.split(|byte| *byte == b'/')
        .rfind(|name| !name.is_empty())
        == Some(b"..")
}

/// Takes groups away from the user, asking a new judge each time, while the two still disagree.
pub(crate) fn shrink(
    mut found: Box<Disagreement>,
    path: &[u8],
    chain: &Chain,
    sysctl: Sysctl,
    tree: &Tree,
) -> Box<Disagreement> {
    let mut index = found.who.gids.len();
    while index > 1 {
        index -= 1;
        let mut who = found.who.clone();
        who.gids.remove(index);
        let mut judge = Judge::start(&who);
        let errors = judge.ask(path, chain, tree);
        judge.stop();
        if let Err(smaller) = compare(path, chain, &who, sysctl, &errors, &mut Tally::default()) {
            found = smaller;
        }
    }
    found
}

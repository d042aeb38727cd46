//! All faults at once, mended by one plan, and taken back.

use crate::apart::apart;
use crate::stage::Stage;
use deskguard::engine::Outcome;
use deskguard::score::Score;

#[test]
fn a_hardened_stage() {
    if !apart("there_and_back::a_hardened_stage") {
        return;
    }
    let mut stage = Stage::hardened();
    let sound = stage.sound();
    stage.start("", &sound);
    assert!(stage.is_up());
    let (_, verdicts) = stage.audit();
    for verdict in verdicts.iter().filter(|it| it.outcome != Outcome::Pass) {
        println!(
            "{} {:?} {:?} {:?}",
            verdict.id,
            verdict.outcome,
            verdict.reason,
            verdict
                .evidence
                .iter()
                .map(|it| &it.message)
                .collect::<Vec<_>>()
        );
    }
    println!("{:?}", Score::of_verdicts(&verdicts));
}

//! A plan as JSON: frozen structs like the report's, so that an inner change cannot change what other
//! people's programs read.

use super::{Planning, spelled};
use crate::fix::{Action, Covered, Plan, Planned};
use crate::prediction::Prediction;
use crate::report::json::{safe, schema_of};
use crate::report::{Kind, Outcome, Risk, Score};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The version of this form.
pub const PLAN_SCHEMA: &str = "deskguard/plan/1";

/// A plan.
#[derive(Debug, Serialize, JsonSchema)]
struct Document {
    /// The version of this form.
    #[schemars(extend("const" = PLAN_SCHEMA))]
    schema: String,
    /// When it was made, RFC 3339 in UTC.
    made: String,
    /// The install's root directory.
    root: String,
    /// How many checks failed.
    failed: usize,
    /// What the plan would come to; null where that could not be foreseen.
    prediction: Option<Foreseen>,
    /// What can be carried out, first step first.
    steps: Vec<StepForm>,
    /// What a person does.
    by_hand: Vec<HandForm>,
    /// Fixes that contradict each other, and are therefore left out.
    conflicts: Vec<ConflictForm>,
    /// Deeds that others make needless.
    covered: Vec<CoveredForm>,
    /// Checks whose fixes would take from the helpdesk what it needs.
    refused: Vec<RefusedForm>,
}

/// A check whose fix is not carried out.
#[derive(Debug, Serialize, JsonSchema)]
struct RefusedForm {
    /// The check.
    check: String,
    /// What the helpdesk would lose.
    because: String,
}

/// What a plan would come to.
#[derive(Debug, Serialize, JsonSchema)]
struct Foreseen {
    /// The score now.
    before: Score,
    /// The score then.
    after: Score,
    /// The checks that come to something else.
    turns: Vec<TurnForm>,
    /// What could not be foreseen, each a sentence.
    untold: Vec<String>,
}

/// A check that comes to something else.
#[derive(Debug, Serialize, JsonSchema)]
struct TurnForm {
    /// The check.
    check: String,
    /// What it comes to now.
    before: Outcome,
    /// What it comes to then.
    after: Outcome,
}

/// A step.
#[derive(Debug, Serialize, JsonSchema)]
struct StepForm {
    /// What it does.
    title: String,
    /// The checks that it mends or helps to mend.
    checks: Vec<String>,
    /// What it may disturb.
    risk: Risk,
    /// What it changes.
    touches: Vec<String>,
    /// Commands that show that it took effect.
    verify: Vec<String>,
    /// What a person should know of the fixes that begin in it.
    notes: Vec<NoteForm>,
    /// The deeds, first one first.
    deeds: Vec<DeedForm>,
}

/// A word about fixes.
#[derive(Debug, Serialize, JsonSchema)]
struct NoteForm {
    /// The checks that they mend.
    checks: Vec<String>,
    /// A sentence or two.
    text: String,
}

/// A deed.
#[derive(Debug, Serialize, JsonSchema)]
struct DeedForm {
    /// As data: `action` says which, the other fields what with.
    deed: Value,
    /// As lines of a shell; an edit of a file is told in comments.
    shell: Vec<String>,
}

/// A step that a person does.
#[derive(Debug, Serialize, JsonSchema)]
struct HandForm {
    /// The checks that it mends.
    checks: Vec<String>,
    /// Which language it is in.
    kind: Kind,
    /// What it may disturb.
    risk: Risk,
    /// The step.
    run: String,
    /// A command that shows that it took effect.
    verify: Option<String>,
}

/// Fixes that contradict each other.
#[derive(Debug, Serialize, JsonSchema)]
struct ConflictForm {
    /// What about.
    about: String,
    /// What is wanted, and by which checks.
    sides: Vec<SideForm>,
}

/// One of the contradicting fixes.
#[derive(Debug, Serialize, JsonSchema)]
struct SideForm {
    /// The checks.
    checks: Vec<String>,
    /// What they want.
    #[serde(flatten)]
    deed: DeedForm,
}

/// A deed that another makes needless.
#[derive(Debug, Serialize, JsonSchema)]
struct CoveredForm {
    /// The checks that asked for it.
    checks: Vec<String>,
    /// The deed.
    #[serde(flatten)]
    deed: DeedForm,
    /// The deed that is done instead.
    by: Value,
    /// Why that is enough.
    because: String,
}

/// The plan, indented, with a newline at the end.
#[must_use]
pub fn plan_json(planning: &Planning<'_>) -> String {
    let plan: &Plan = planning.plan;
    safe(&Document {
        schema: PLAN_SCHEMA.to_owned(),
        made: planning.made.to_owned(),
        root: planning.report.target.root.clone(),
        failed: planning.failed().count(),
        prediction: planning.prediction.map(foreseen),
        steps: plan.steps.iter().map(step).collect(),
        by_hand: plan
            .by_hand
            .iter()
            .map(|it| HandForm {
                checks: it.checks.iter().cloned().collect(),
                kind: it.kind.into(),
                risk: it.risk.into(),
                run: it.run.clone(),
                verify: it.verify.clone(),
            })
            .collect(),
        conflicts: plan
            .conflicts
            .iter()
            .map(|it| ConflictForm {
                about: it.about.clone(),
                sides: it
                    .sides
                    .iter()
                    .map(|(action, checks)| SideForm {
                        checks: checks.iter().cloned().collect(),
                        deed: deed(action),
                    })
                    .collect(),
            })
            .collect(),
        covered: plan.covered.iter().map(covered).collect(),
        refused: plan
            .refused
            .iter()
            .map(|it| RefusedForm {
                check: it.check.clone(),
                because: it.because.clone(),
            })
            .collect(),
    })
}

/// The JSON schema of plans, indented, with a newline at the end.
#[must_use]
pub fn plan_schema() -> String {
    schema_of::<Document>(PLAN_SCHEMA)
}

fn foreseen(prediction: &Prediction) -> Foreseen {
    Foreseen {
        before: prediction.before.into(),
        after: prediction.after.into(),
        turns: prediction
            .turns
            .iter()
            .map(|turn| TurnForm {
                check: turn.check.clone(),
                before: turn.before.into(),
                after: turn.after.into(),
            })
            .collect(),
        untold: prediction.untold.clone(),
    }
}

fn step(step: &Planned) -> StepForm {
    StepForm {
        title: step.title.clone(),
        checks: step.checks().into_iter().map(str::to_owned).collect(),
        risk: step.risk.into(),
        touches: step.touches.clone(),
        verify: step.verify.clone(),
        notes: step
            .notes
            .iter()
            .map(|it| NoteForm {
                checks: it.checks.iter().cloned().collect(),
                text: it.text.clone(),
            })
            .collect(),
        deeds: step.actions.iter().map(deed).collect(),
    }
}

fn deed(action: &Action) -> DeedForm {
    DeedForm {
        deed: data(action),
        shell: spelled(action),
    }
}

fn data(action: &Action) -> Value {
    // A deed has text keys and plain values only, so that writing it cannot fail.
    serde_json::to_value(action).unwrap_or_default()
}

fn covered(covered: &Covered) -> CoveredForm {
    CoveredForm {
        checks: covered.checks.iter().cloned().collect(),
        deed: deed(&covered.action),
        by: data(&covered.by),
        because: covered.because.to_owned(),
    }
}

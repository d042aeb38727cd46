//! The report as it leaves the program: frozen structs, apart from the types that the engine works
//! with, so that an inner change cannot change what other people's programs read. Adding a field
//! is compatible; renaming one makes `deskguard/report/2`. Touches no file, no clock, no network.

mod check_page;
mod convert;
mod diff;
mod escape;
mod exit;
mod finding;
mod html;
mod identity;
mod json;
mod junit;
mod manual;
mod markdown;
mod nagios;
mod ocsf;
mod openmetrics;
mod page;
mod plan;
mod route_page;
#[cfg(test)]
pub(crate) mod samples;
mod sarif;
mod saved;
mod summary;
mod target;
mod text;
mod unknown;
mod waived;

pub use check_page::{explain, list};
pub use convert::Parts;
pub use diff::{
    BaselineMark, Change, ChangeKind, DIFF_SCHEMA, Diff, Movement, Part, Side, Standing, diff,
    diff_json, diff_markdown, diff_text, since,
};
pub use escape::escape;
pub use exit::{COVERAGE_FLOOR, Exit, Gate};
pub use html::html;
pub(crate) use identity::stands_for;
pub use json::{diff_schema, json, schema};
pub use junit::junit;
pub use manual::{manual_html, manual_markdown};
pub use markdown::{COMMENT, markdown};
pub use nagios::{nagios, nagios_refusal};
pub use ocsf::ocsf;
pub use openmetrics::openmetrics;
pub use plan::{PLAN_SCHEMA, Planning, plan_json, plan_schema, plan_text};
pub use route_page::{Routed, RoutedStep, routes};
pub use sarif::{MOST_RESULTS, sarif};
pub use saved::{MAX_REPORT, read};
pub use text::{Detail, Options, text};
pub use waived::{SOON_DAYS, Waived, WaiverFate, WaiverState};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of this form.
pub const SCHEMA: &str = "deskguard/report/1";

/// What one audit found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this form.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// Who judged, and by which checks.
    pub tool: Tool,
    /// What was audited.
    pub target: Target,
    /// Which facts were judged.
    #[serde(default)]
    pub facts: FactsMark,
    /// Which set of policy defaults applied.
    pub profile: String,
    /// When the audit began, RFC 3339 in UTC.
    pub started: String,
    /// How long it took.
    pub duration_ms: u64,
    /// What the checks come to together.
    pub score: Score,
    /// Every check: failed, unknown, passed, not applicable; in each the most severe first.
    pub checks: Vec<Check>,
    /// The waivers that were given, and what became of them.
    pub waivers: Vec<WaiverState>,
    /// What was taken for granted, each a sentence.
    pub assumptions: Vec<String>,
    /// The earlier report that this one was measured against; null without `--baseline`.
    #[serde(default)]
    pub baseline: Option<BaselineMark>,
}

/// Who judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// The program.
    pub name: String,
    /// Its version.
    pub version: String,
    /// By which checks.
    pub catalogue: CatalogueMark,
}

/// Which checks judged. Two reports with the same fingerprint can be compared point by point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CatalogueMark {
    /// How many.
    pub checks: usize,
    /// Changes when an id, a severity or a condition changes; not when wording does.
    pub fingerprint: String,
}

/// Which facts were judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactsMark {
    /// The version of their form.
    pub schema: String,
    /// SHA-256 of the facts as compact JSON, in hexadecimal; the same as in a saved evidence file.
    pub sha256: String,
    /// When they were collected, RFC 3339 in UTC; in a live audit, when it began.
    pub collected: String,
}

/// What was audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// The install's root directory.
    pub root: String,
    /// `v4`, `v5` or `container`; null where it could not be told.
    pub generation: Option<String>,
    /// The configuration file; null where it could not be told.
    pub config_file: Option<String>,
    /// Accounts that answer web requests.
    pub web_users: Vec<String>,
    /// Accounts that run the scheduled tasks.
    pub cron_users: Vec<String>,
    /// Directories that the web server publishes.
    pub document_roots: Vec<String>,
    /// What of the above could not be told, each with its reason.
    pub unknown: Vec<String>,
}

/// What the checks come to together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// Points of 100 if everything unknown failed; thresholds look at this end.
    #[schemars(range(max = 100))]
    pub low: u8,
    /// Points of 100 if everything unknown passed.
    #[schemars(range(max = 100))]
    pub high: u8,
    /// How much of the applicable weight could be judged, in percent.
    #[schemars(range(max = 100))]
    pub coverage: u8,
    /// The severity whose cap lowered the low end, if one did.
    pub low_capped_by: Option<Severity>,
    /// The severity whose cap lowered the high end, if one did.
    pub high_capped_by: Option<Severity>,
    /// Checks that passed.
    pub passed: usize,
    /// Checks that failed.
    pub failed: usize,
    /// Checks that could not be judged.
    pub unknown: usize,
    /// Checks that do not apply.
    pub not_applicable: usize,
    /// The version of the formula.
    pub formula: u32,
}

/// One check and what it came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its id, `area/good-state`.
    pub id: String,
    /// Former ids, so that older reports and waivers can be compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// What is true when it passes.
    pub title: String,
    /// How bad it is when it fails.
    pub severity: Severity,
    /// What it came to.
    pub outcome: Outcome,
    /// Why its failure does not change the exit code; null unless every piece of evidence is waived.
    pub waived: Option<Waived>,
    /// How it stands to the baseline, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standing: Option<Standing>,
    /// Why it is unknown or not applicable, or why a failure may be larger than shown.
    pub reason: Option<String>,
    /// What was found.
    pub evidence: Vec<Evidence>,
    /// How many things the evidence stands for.
    pub evidence_total: u64,
    /// How many points the low end of the score gains if this check alone passes.
    #[schemars(range(max = 100))]
    pub gain: u8,
    /// What an attacker gains.
    pub why: String,
    /// How to mend it on this host.
    pub fixes: Vec<Fix>,
    /// Which advice it carries out.
    pub source: String,
    /// CWE, CIS, ASVS, NIST and links.
    pub refs: Vec<String>,
}

impl Check {
    /// Whether the baseline holds the same failure.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.standing == Some(Standing::Known)
    }
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What it is about.
    pub subject: String,
    /// What was found.
    pub message: String,
    /// Where, if it has a place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// The fact itself.
    pub data: Value,
    /// A name of this finding within its check that survives reordering, another root and new line
    /// numbers: 16 hexadecimal digits.
    #[serde(default)]
    pub fingerprint: String,
    /// Whether a waiver covers it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub waived: bool,
}

/// For fields that are written only where they are true.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A place on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// The file or directory.
    pub path: String,
    /// The line, from 1; absent for the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub line: Option<u32>,
}

/// One step that mends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// Which language it is in.
    pub kind: Kind,
    /// What it may disturb.
    pub risk: Risk,
    /// The step.
    pub run: String,
    /// A command that shows that it took effect.
    pub check: Option<String>,
}

/// How bad it is when a check fails.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending some day.
    Low,
    /// Weakens the host.
    Medium,
    /// An attacker gains something by it.
    High,
    /// An attacker gains the helpdesk by it.
    Critical,
}

impl Severity {
    /// The word as it stands in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What a check came to, in the order of a report.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// What it demands does not hold.
    Fail,
    /// It cannot be told.
    Unknown,
    /// It holds.
    Pass,
    /// The check does not apply here.
    NotApplicable,
}

/// The language of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A POSIX shell script.
    Shell,
    /// MySQL statements.
    Sql,
    /// Lines of an nginx configuration.
    Nginx,
    /// Lines of an Apache configuration.
    Apache,
    /// Lines of a PHP configuration file.
    Php,
    /// Lines of `deskguard.toml`.
    Toml,
    /// Something that a person does.
    Manual,
}

/// What a step may disturb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing.
    None,
    /// A service must be reloaded.
    Reload,
    /// Users notice.
    Outage,
}

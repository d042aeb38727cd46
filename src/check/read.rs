//! One check file: its keys, and their compilation. Unknown keys are refused, so that a misspelt
//! one cannot silently weaken a check.

use super::condition::Condition;
use crate::complaint::Complaint;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// How bad it is when the check fails.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    JsonSchema,
    clap::ValueEnum,
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
    /// The word as it stands in check files and reports.
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

/// Which language a fix is written in, and so how its values are quoted.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum StepKind {
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

/// What a fix may disturb.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Nothing.
    None,
    /// A service is reloaded.
    Reload,
    /// The helpdesk may be away for a while.
    Outage,
}

/// One step of a fix, still a template.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixStep {
    /// Which language.
    pub kind: StepKind,
    /// When the step applies: a condition over facts; always where there is none.
    pub when: Option<String>,
    /// What it may disturb.
    pub risk: Risk,
    /// The step. Where there is none, what `do` does is spelled for the shell.
    #[serde(default)]
    pub run: String,
    /// One sentence before the step.
    pub note: Option<String>,
    /// A command that shows that it took effect.
    pub check: Option<String>,
    /// The same step as deeds that can be carried out and taken back. None: a person does it.
    #[serde(default, rename = "do")]
    pub does: Vec<Recipe>,
    /// What the facts are once it is done.
    #[serde(default)]
    pub after: Vec<Effect>,
}

/// A deed of a fix, still a template: see `fix::Action` for the deeds and their fields.
#[derive(Debug, Clone, Deserialize)]
pub struct Recipe {
    /// An expression whose items are `row`, a deed for each; one deed where there is none.
    pub each: Option<String>,
    /// An expression over `row` and the facts: whether the deed is needed.
    #[serde(rename = "if")]
    pub only_if: Option<String>,
    /// The deed's fields; every text in them is a template.
    #[serde(flatten)]
    pub fields: serde_json::Map<String, serde_json::Value>,
}

/// What becomes of facts by a fix. Conditions and templates see the facts as they were before it, `rows`,
/// which the check found, and `row`, which changes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Effect {
    /// The listing whose rows change; the one that the check judges where none is named.
    pub rows: Option<String>,
    /// A condition over `row` and the facts: which of them; the failing ones where there is none.
    #[serde(rename = "if")]
    pub only_if: Option<String>,
    /// Whether those rows go.
    #[serde(default)]
    pub drop: bool,
    /// Fields of those rows and their values. A name with a dot is the path of a fact from the top.
    #[serde(default)]
    pub set: serde_json::Map<String, serde_json::Value>,
}

/// What an example is expected to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// The check passes.
    Pass,
    /// The check fails.
    Fail,
    /// It cannot be told.
    Unknown,
    /// The check does not apply.
    NotApplicable,
}

/// Facts, and what the check must make of them. Facts that it does not name are unknown.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// What the check must come to.
    pub expect: Expect,
    /// What it comes to once its fixes are carried out, where it fails and that is not `pass`.
    pub after: Option<Expect>,
    /// The facts.
    pub facts: toml::Table,
}

/// The file's keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    severity: Severity,
    source: String,
    #[serde(default)]
    refs: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    when: Option<toml::Spanned<String>>,
    each: Option<toml::Spanned<String>>,
    pass: toml::Spanned<String>,
    require: Option<toml::Spanned<String>>,
    #[serde(default)]
    require_found: Option<String>,
    subject: Option<String>,
    at: Option<String>,
    found: String,
    why: String,
    #[serde(default, rename = "fix")]
    fixes: Vec<FixStep>,
    #[serde(default, rename = "example")]
    examples: Vec<Example>,
}

/// A check, ready to be judged.
#[derive(Debug)]
pub struct Check {
    /// Its path below `checks/`, without the ending.
    pub id: String,
    /// Former ids, so that waivers and baselines survive a renaming.
    pub aliases: Vec<String>,
    /// What is true when it passes.
    pub title: String,
    /// How bad it is when it fails.
    pub severity: Severity,
    /// Which advice it carries out.
    pub source: String,
    /// CWE, CIS, ASVS, NIST and links.
    pub refs: Vec<String>,
    /// When it applies.
    pub when: Option<Condition>,
    /// The listing that it judges row by row.
    pub each: Option<Condition>,
    /// What must hold: of every row, or of the facts.
    pub pass: Condition,
    /// With `each`: what must hold of the facts besides.
    pub require: Option<Condition>,
    /// The message when `require` does not hold.
    pub require_found: Option<String>,
    /// What a piece of evidence is about; `row.path` where none is given.
    pub subject: Option<String>,
    /// The dotted path of a fact with `path` and `line`; the row itself where none is given.
    pub at: Option<String>,
    /// The message of a piece of evidence.
    pub found: String,
    /// What an attacker gains.
    pub why: String,
    /// How to mend it.
    pub fixes: Vec<FixStep>,
    /// What it must make of these facts.
    pub examples: Vec<Example>,
}

impl Check {
    /// Reads and compiles one file's text. Call it on a thread with a large stack.
    ///
    /// # Errors
    /// Every complaint that the text gives cause for, with its place.
    pub fn read(id: &str, file: &Path, text: &str) -> Result<Self, Vec<Complaint>> {
        let parsed: File = toml::from_str(text).map_err(|error| {
            vec![Complaint::in_text(file, text, error.span(), error.message())
                .help("DESIGN: a check has title, severity, source, refs, when, each, pass, require, found, why, [[fix]] and [[example]]; see `deskguard checks ID` for one that is right")]
        })?;
        let mut complaints = Vec::new();
        let mut compile = |written: &toml::Spanned<String>| {
            Condition::compile(written.get_ref())
                .map_err(|problem| {
                    complaints.push(Complaint::in_text(
                        file,
                        text,
                        Some(written.span()),
                        &format!("this condition does not compile: {problem}"),
                    ));
                })
                .ok()
        };
        let when = parsed.when.as_ref().map(&mut compile);
        let each = parsed.each.as_ref().map(&mut compile);
        let require = parsed.require.as_ref().map(&mut compile);
        let Some(pass) = compile(&parsed.pass) else {
            return Err(complaints);
        };
        if !complaints.is_empty() {
            return Err(complaints);
        }
        Ok(Self {
            id: id.to_owned(),
            aliases: parsed.aliases,
            title: parsed.title,
            severity: parsed.severity,
            source: parsed.source,
            refs: parsed.refs,
            when: when.flatten(),
            each: each.flatten(),
            pass,
            require: require.flatten(),
            require_found: parsed.require_found,
            subject: parsed.subject,
            at: parsed.at,
            found: parsed.found,
            why: parsed.why,
            fixes: parsed.fixes,
            examples: parsed.examples,
        })
    }
}

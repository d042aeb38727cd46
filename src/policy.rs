//! The numbers that a site may set for itself, with the defaults of its profile. Conditions read
//! them as `policy.*`; the file is `[policy]` in `deskguard.toml`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which set of defaults applies.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// What every helpdesk on the internet should meet.
    #[default]
    Baseline,
    /// The guide's further steps as well.
    Strict,
}

/// Policy numbers. Every one has a default, so that a site names only what it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Which set of defaults applies.
    #[serde(skip_deserializing)]
    pub profile: Profile,
    /// How old a build may be, in days.
    pub max_build_age_days: i64,
    /// For how many days more the certificate must be valid.
    pub min_certificate_days: i64,
    /// For how many days browsers must be told to use HTTPS only.
    pub min_hsts_days: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            profile: Profile::Baseline,
            max_build_age_days: 365,
            min_certificate_days: 14,
            min_hsts_days: 180,
        }
    }
}

//! The numbers that a site may set for itself, with the defaults of its profile. Conditions read
//! them as `policy.*`; the file is `[policy]` in `deskguard.toml`, and a number that it does not name
//! is that of the profile.

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

/// Each number once: what it means, then its defaults for `baseline` and `strict`.
macro_rules! numbers {
    ($($(#[doc = $doc:literal])+ $name:ident: $baseline:literal, $strict:literal;)+) => {
        /// Policy numbers, each with its value.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        pub struct Policy {
            /// Which set of defaults applies.
            pub profile: Profile,
            /// What the site says of itself.
            #[serde(default)]
            pub attested: Attested,
            $($(#[doc = $doc])+ pub $name: i64,)+
        }

        /// `[policy]`: the numbers that a site names.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Numbers {
            $($(#[doc = $doc])+ pub $name: Option<u32>,)+
        }

        impl Policy {
            /// The profile's numbers, except where the site names its own.
            #[must_use]
            pub fn new(profile: Profile, own: &Numbers) -> Self {
                let of = |own: Option<u32>, baseline: i64, strict: i64| {
                    own.map_or(if profile == Profile::Strict { strict } else { baseline }, i64::from)
                };
                Self {
                    profile,
                    attested: Attested::default(),
                    $($name: of(own.$name, $baseline, $strict),)+
                }
            }
        }
    };
}

numbers! {
    /// How old a build may be, in days.
    max_build_age_days: 365, 180;
    /// For how many days more the certificate must be valid.
    min_certificate_days: 14, 30;
    /// For how many days browsers must be told to use HTTPS only.
    min_hsts_days: 180, 365;
    /// How many live admins there may be.
    max_admins: 5, 3;
    /// How long an admin may stay away, in days.
    max_admin_idle_days: 90, 60;
    /// How long an agent may stay away, in days.
    max_agent_idle_days: 180, 90;
    /// The least length of an agent's password, in characters.
    min_password_length: 12, 14;
    /// After how many days an agent's password must have expired.
    max_password_age_days: 365, 180;
    /// How many failed logins are let through in one window.
    max_login_attempts: 20, 10;
    /// The least width of that window, in minutes.
    min_login_window_minutes: 10, 15;
    /// How long whoever exceeds it is locked out at least, in minutes.
    min_login_lock_minutes: 10, 15;
    /// How long an agent's session may stay idle, in minutes.
    max_session_idle_minutes: 60, 30;
    /// How long a trusted address may stay trusted, in days.
    max_trusted_address_days: 30, 21;
    /// How long the audit log may be silent while agents work, in days.
    max_audit_silence_days: 90, 30;
    /// How large an error log may grow, in MiB.
    max_error_log_mib: 50, 10;
    /// How far back an error log that nobody rotates may reach, in days.
    max_error_log_days: 90, 30;
    /// How long a review of the logs counts, in days.
    max_review_age_days: 30, 14;
}

impl Default for Policy {
    fn default() -> Self {
        Self::new(Profile::Baseline, &Numbers::default())
    }
}

/// What is recorded nowhere and rests on somebody's word: `[[attest]]` in `deskguard.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Attested {
    /// The newest review of the logs; by nobody where none was attested.
    pub logs_reviewed: Review,
}

/// Somebody's word that something was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Review {
    /// Who says so; empty where nobody does.
    pub by: String,
    /// The day, in days since 1970-01-01.
    pub day: i64,
    /// The same day as a date.
    pub on: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_the_site_names_wins_over_both_profiles() {
        let own = Numbers {
            max_admins: Some(9),
            ..Numbers::default()
        };
        let strict = Policy::new(Profile::Strict, &own);
        assert_eq!((strict.max_admins, strict.min_password_length), (9, 14));
        assert_eq!(Policy::default().min_password_length, 12);
    }
}

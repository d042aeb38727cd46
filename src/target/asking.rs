//! What may be asked over HTTP, and from where: found in flags and `deskguard.toml`. Nothing is sent
//! without a URL.

use crate::route::Request;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

/// Where deskguard stands when it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Vantage {
    /// Where addresses may be let in that others are not: on the server, or in its network.
    Inside,
    /// Where any stranger stands.
    Outside,
}

impl Vantage {
    /// The word as it stands in facts and flags.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }
}

/// What the HTTP probe may do.
#[derive(Debug, Clone)]
pub struct Asking {
    /// The helpdesk's address and who says so.
    pub url: Option<(String, String)>,
    /// Where deskguard stands; `Inside` is assumed where nobody says.
    pub vantage: Option<Vantage>,
    /// Whether anything may be sent at all.
    pub offline: bool,
    /// Whether two marker files may be put into a data directory for a moment.
    pub canary: bool,
    /// How long all of it may take.
    pub limit: Duration,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            url: None,
            vantage: None,
            offline: false,
            canary: false,
            limit: Duration::from_secs(60),
        }
    }
}

impl Asking {
    /// Whether it can be carried out.
    ///
    /// # Errors
    /// That the URL is none, or that there is none where one is needed.
    pub fn check(&self) -> Result<(), String> {
        match &self.url {
            Some((url, source)) => Request::new(url, IpAddr::V4(Ipv4Addr::UNSPECIFIED))
                .map(|_| ())
                .map_err(|problem| format!("{source}: {problem}")),
            None if self.canary => {
                Err("--canary needs to know where to ask: give --url".to_owned())
            }
            None => Ok(()),
        }
    }

    /// What is taken for granted about where the questions come from.
    #[must_use]
    pub fn assumed(&self) -> Option<String> {
        (self.url.is_some() && !self.offline && self.vantage.is_none()).then(|| {
            "over HTTP deskguard asks as an insider, which proves nothing about strangers who are let in \
             or kept out by their address; where it stands among them, say --vantage outside"
                .to_owned()
        })
    }
}

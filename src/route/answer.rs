//! What a server would do with one request, and the lines that decided. Refuses to guess: what is not
//! modelled is `Undetermined`, with the directive that stands in the way as its last reason.

use super::Place;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The first that fits the final answer.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Another server answers (`proxy_pass` and its like); PHP over FastCGI is `Executed`.
    Proxied,
    /// PHP ran, whatever the status; the file is the script.
    Executed,
    /// Any 3xx.
    Redirect,
    /// 404.
    NotFound,
    /// Any other status from 400 up; 444 where the server hangs up.
    Denied,
    /// A file's own bytes.
    Static,
    /// The names in a directory.
    Listing,
    /// A body that the configuration itself holds.
    Fixed,
    /// The model ends at the last reason's directive.
    Undetermined,
}

impl Decision {
    /// As JSON spells it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Proxied => "proxied",
            Self::Executed => "executed",
            Self::Redirect => "redirect",
            Self::NotFound => "not-found",
            Self::Denied => "denied",
            Self::Static => "static",
            Self::Listing => "listing",
            Self::Fixed => "fixed",
            Self::Undetermined => "undetermined",
        }
    }
}

/// A line that had a part in the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// Where it stands; none for what is compiled in or lies on disk.
    pub at: Option<Place>,
    /// What it did, in one clause: `location ~ \.php$ beats location /data/`.
    pub text: String,
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What happens in the end.
    pub decision: Decision,
    /// The status code; none where another program chooses it, or the answer is undetermined.
    pub status: Option<u16>,
    /// The file that is sent or run, the directory that is listed.
    pub file: Option<PathBuf>,
    /// Where a redirect leads, as the header would say.
    pub to: Option<String>,
    /// What led there, in the order in which the server came to it.
    pub because: Vec<Because>,
}

/// Where a request arrives: the server block or virtual host that answers it, and the one whose settings
/// hold until its host is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// Whether TLS is spoken there.
    pub tls: bool,
    /// Whether the connection begins with a proxy's word on who the client is.
    pub proxy_protocol: bool,
    /// The line on which the block opens; none for Apache's server outside of all virtual hosts.
    pub answers: Option<Place>,
    /// The same for the first, or default, block of that address and port.
    pub first: Option<Place>,
}

//! What the web server did when it was asked over HTTP.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the web server did when it was asked over HTTP.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LiveFacts {}

//! What the web server would do, by its configuration and the models of `route`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the web server would do, by its configuration and the models of `route`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WebFacts {}

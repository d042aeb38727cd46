//! The helpdesk's own settings, accounts and logs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The helpdesk's own settings, accounts and logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HelpdeskFacts {}

//! The account that the product connects with, and the server it connects to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The account that the product connects with, and the server it connects to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DatabaseFacts {}

//! The faults that are planted together.

use crate::accounts;
use crate::stage::{CRON, Stage};
use std::fs;

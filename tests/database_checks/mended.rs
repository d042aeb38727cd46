//! Fixes.

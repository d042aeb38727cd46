//! Apache.

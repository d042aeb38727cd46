//! Probes observe and never judge: each looks at one part of the host and publishes facts. No probe
//! imports another; what two of them need is found by `target` first.

pub mod files;
pub mod product;
pub mod system;

//! Probes observe and never judge: each looks at one part of the host and publishes facts. No probe
//! imports another; what two of them need is found by `target` first.

pub mod database;
pub mod files;
pub mod helpdesk;
pub mod http;
pub mod product;
pub mod system;
pub mod web_server;

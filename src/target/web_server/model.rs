//! A configuration turned into a model that can be asked about requests.

use super::{Parsed, WebServer};
use crate::host::Host;
use crate::route::{Fpm, Model};

impl WebServer {
    /// The model of this server; `pools` are the pools of PHP-FPM that it may hand scripts to.
    ///
    /// # Errors
    /// Why there is none.
    pub fn model(&self, _host: &Host, _pools: &[Fpm]) -> Result<Box<dyn Model>, String> {
        match &self.parsed {
            Parsed::Nginx { .. } => Err("nginx is not modelled yet".to_owned()),
            Parsed::Apache { .. } => Err("Apache is not modelled yet".to_owned()),
        }
    }
}

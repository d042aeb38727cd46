//! A configuration turned into a model that can be asked about requests.

use super::{Parsed, WebServer};
use crate::host::Host;
use crate::route::{Fpm, Model, nginx};

impl WebServer {
    /// The model of this server; `pools` are the pools of PHP-FPM that it may hand scripts to.
    ///
    /// # Errors
    /// Why there is none.
    pub fn model(&self, _host: &Host, pools: &[Fpm]) -> Result<Box<dyn Model>, String> {
        match &self.parsed {
            Parsed::Nginx { tree, prefix, .. } => {
                let start = nginx::Start::with_prefix(prefix);
                Ok(Box::new(nginx::Model::new(tree, &start, pools.to_vec())))
            }
            Parsed::Apache { .. } => Err(format!(
                "Apache is not modelled yet: what {} would do is unknown",
                self.config.display()
            )),
        }
    }
}

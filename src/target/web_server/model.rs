//! A configuration turned into a model that can be asked about requests.

use super::{Parsed, WebServer};
use crate::host::Host;
use crate::route::{Fpm, Model, apache, nginx};

impl WebServer {
    /// The model of this server; `pools` are the pools of PHP-FPM that it may hand scripts to.
    #[must_use]
    pub fn model(&self, host: &Host, pools: &[Fpm]) -> Box<dyn Model> {
        match &self.parsed {
            Parsed::Nginx { tree, prefix, .. } => {
                let start = nginx::Start::with_prefix(prefix);
                Box::new(nginx::Model::new(tree, &start, pools.to_vec()))
            }
            Parsed::Apache {
                config,
                defines,
                version,
            } => {
                let setup = apache::Setup {
                    defines: defines.clone(),
                    version: *version,
                    fpm: pools.to_vec(),
                };
                Box::new(apache::Model::new(config, &setup, host))
            }
        }
    }
}

//! Each PHP that serves the site: whether its version still receives fixes, and the switches that
//! matter. Refuses to know what the product's own code sets at run time.

mod overrides;
mod serving;
mod settings;
mod version;

use crate::facts::{Listing, Php, PhpSetting};
use crate::host::Host;
use crate::target::Target;
use serving::serving;

pub(super) fn observe(host: &Host, target: &Target) -> (Listing<Php>, Listing<PhpSetting>) {
    let (runtimes, missed) = serving(host, target);
    let mut versions = Listing {
        rows: Vec::new(),
        missed: missed.clone(),
    };
    let mut switches = Listing {
        rows: Vec::new(),
        missed,
    };
    for runtime in runtimes {
        versions.rows.push(version::row(host, target, runtime));
        settings::rows(host, target, runtime, &mut switches);
    }
    (versions, switches)
}

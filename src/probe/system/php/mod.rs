//! Each PHP that serves the site: whether its version still receives fixes, and the switches that
//! matter. Refuses to know what the product's own code sets at run time.

mod overrides;
mod serving;
mod sessions;
mod settings;
mod version;

use crate::facts::{Listing, Php, PhpSetting, SessionLine};
use crate::host::Host;
use crate::target::Target;
use serving::serving;

/// What is known of each PHP that serves the site.
pub(super) struct Seen {
    pub(super) versions: Listing<Php>,
    pub(super) settings: Listing<PhpSetting>,
    pub(super) session_lines: Listing<SessionLine>,
}

pub(super) fn observe(host: &Host, target: &Target) -> Seen {
    let (runtimes, missed) = serving(host, target);
    let mut versions = Listing {
        rows: Vec::new(),
        missed: missed.clone(),
    };
    let mut switches = Listing {
        rows: Vec::new(),
        missed,
    };
    let session_lines = sessions::lines(host, target, &runtimes);
    for runtime in runtimes {
        versions.rows.push(version::row(host, target, runtime));
        settings::rows(host, target, runtime, &mut switches);
    }
    Seen {
        versions,
        settings: switches,
        session_lines,
    }
}

//! The demo's own web server, asked for real.

use crate::install::{Install, given};
use deskguard::demo::Serving;

#[test]
fn the_demo_server_gives_away_what_it_should_not() {
    let install = Install::v4();
    let serving = Serving::start(&install.root).unwrap();
    let live = install.live(&serving.url());
    println!("{}", serde_json::to_string_pretty(&live).unwrap());
    assert!(given(&live.data.rows).contains(&"/data/index.html"));
}

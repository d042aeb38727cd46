//! What the product needs in order to work, by generation, as data: the code that it reads, the URLs that
//! must keep answering, the functions and limits of PHP, the settings that nothing else replaces. What it
//! writes is found by `target`, its database privileges are in `sql::needs`. Refuses to look and to judge.

/// Code that must stay readable, relative to the install's root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The file, or a directory that is listed and entered.
    pub path: &'static str,
    /// Whether web requests need it.
    pub web: bool,
    /// Whether the scheduled task needs it.
    pub cron: bool,
}

/// A URL that visitors need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Url {
    /// Path and query.
    pub target: &'static str,
    /// The script that PHP runs, or the file that is sent, relative to the root; the first one where a
    /// rewrite decides.
    pub file: &'static str,
    /// What it is for.
    pub purpose: &'static str,
    /// Whether everybody needs it; otherwise those inside do.
    pub public: bool,
}

const fn web(path: &'static str) -> Code {
    Code {
        path,
        web: true,
        cron: false,
    }
}

const fn cron(path: &'static str) -> Code {
    Code {
        path,
        web: false,
        cron: true,
    }
}

const fn both(path: &'static str) -> Code {
    Code {
        path,
        web: true,
        cron: true,
    }
}

const fn url(target: &'static str, file: &'static str, purpose: &'static str) -> Url {
    Url {
        target,
        file,
        purpose,
        public: true,
    }
}

/// What may be closed to those outside: the agents' side.
const fn inside(target: &'static str, file: &'static str, purpose: &'static str) -> Url {
    Url {
        public: false,
        ..url(target, file, purpose)
    }
}

/// v4 publishes its root: four entry points, the public assets, and everything else through `app`.
const V4_CODE: [Code; 8] = [
    both(""),
    web("index.php"),
    web("file.php"),
    web("dp.php"),
    web("get_messages.php"),
    web("web"),
    both("app"),
    cron("cron.php"),
];

const V5_CODE: [Code; 7] = [
    both(""),
    web("www"),
    web("www/index.php"),
    web("www/assets"),
    both("app"),
    cron("bin"),
    cron("bin/cron"),
];

const CONTAINER_CODE: [Code; 5] = [
    both(""),
    web("serve/www"),
    web("serve/www/index.php"),
    cron("bin"),
    cron("bin/cron"),
];

const V4_URLS: [Url; 9] = [
    url("/", "index.php", "the portal"),
    url("/index.php", "index.php", "the portal without rewriting"),
    url("/tickets/new", "index.php", "a page of the portal"),
    inside("/agent/", "index.php", "the agents' interface"),
    inside("/api/tickets", "index.php", "the API"),
    url("/file.php/1ABCDEF/picture.png", "file.php", "attachments"),
    url("/dp.php?x", "dp.php", "the chat widget"),
    url(
        "/get_messages.php",
        "get_messages.php",
        "the agents' messages",
    ),
    url("/web/build/logo.png", "web/build/logo.png", "assets"),
];

const V5_URLS: [Url; 8] = [
    url("/", "www/index.php", "the portal"),
    url(
        "/index.php",
        "www/index.php",
        "the portal without rewriting",
    ),
    url("/new-ticket", "www/index.php", "a page of the portal"),
    inside("/agent/", "www/index.php", "the agents' interface"),
    inside("/api/v2/tickets", "www/index.php", "the API"),
    url(
        "/file.php/1ABCDEF/picture.png",
        "www/index.php",
        "attachments",
    ),
    url("/dp.php", "www/index.php", "the chat widget"),
    url("/assets/1/logo.png", "www/assets/1/logo.png", "assets"),
];

const CONTAINER_URLS: [Url; 5] = [
    url("/", "serve/www/index.php", "the portal"),
    inside("/app", "serve/www/index.php", "the agents' interface"),
    inside(
        "/agent-api/",
        "serve/www/index.php",
        "the agents' interface's data",
    ),
    inside("/api/v2/tickets", "serve/www/index.php", "the API"),
    url(
        "/file.php/1ABCDEF/picture.png",
        "serve/www/index.php",
        "attachments",
    ),
];

/// The code that a generation (`v4`, `v5`, `container`) reads; none for any other word.
#[must_use]
pub fn code(generation: &str) -> &'static [Code] {
    match generation {
        "v4" => &V4_CODE,
        "v5" => &V5_CODE,
        "container" => &CONTAINER_CODE,
        _ => &[],
    }
}

/// The URLs that must keep answering visitors.
#[must_use]
pub fn urls(generation: &str) -> &'static [Url] {
    match generation {
        "v4" => &V4_URLS,
        "v5" => &V5_URLS,
        "container" => &CONTAINER_URLS,
        _ => &[],
    }
}

/// What the product's own requirements say must not be disabled: its updater runs programs.
pub const PHP_FUNCTIONS: [&str; 5] = ["chdir", "escapeshellarg", "exec", "passthru", "proc_open"];

/// Least values by the product's own requirements: `memory_limit` in bytes, the other a count.
pub const PHP_LEAST: [(&str, u64); 2] = [
    ("memory_limit", 128 << 20),
    ("pcre.backtrack_limit", 100_000),
];

/// Switches that must stay as they are said here: uploads are attachments; sessions and safe mode are
/// asked about by the product's own requirements.
pub const PHP_SWITCHES: [(&str, bool); 3] = [
    ("file_uploads", true),
    ("safe_mode", false),
    ("session.auto_start", false),
];

/// Parts of the settings' names that a helpdesk cannot do without: no fix empties or replaces them alone.
pub const SETTINGS: [&str; 10] = [
    "DP_DATABASE_",
    "DP_CONFIG['db']",
    "DB_CONFIG['host']",
    "DB_CONFIG['user']",
    "DB_CONFIG['password']",
    "DB_CONFIG['dbname']",
    "CONFIG['database']",
    "CONFIG['app_key']",
    "CONFIG['license_code']",
    "CONFIG['settings']['core.filestorage",
];

/// Rows of the helpdesk's table `settings` that nothing but the helpdesk itself may change: where it is,
/// where its attachments are, which build runs.
pub const SETTING_ROWS: [&str; 4] = [
    "core.deskpro_url",
    "core.deskpro_build",
    "core.filestorage_method",
    "core.cookie_domain",
];

/// Paths that other sites show in frames of theirs, as patterns below the helpdesk's own address: v4's
/// widgets, chat and embedded forms, v5's frames. No fix may forbid browsers to frame them.
pub const EMBEDDED: [&str; 7] = [
    "widget",
    "chat",
    "tickets/new-simple",
    "tickets/new/thanks-simple",
    "accept-temp-upload",
    "frame-embed",
    "focus-win",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agents_side_may_be_closed_to_those_outside() {
        for generation in ["v4", "v5", "container"] {
            for url in urls(generation).iter().filter(|url| url.public) {
                assert!(!url.target.contains("agent"), "{generation} {}", url.target);
            }
        }
    }
}

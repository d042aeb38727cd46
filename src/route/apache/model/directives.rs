//! The directives that Apache's own modules and PHP know: whose they are, where `.htaccess` may hold
//! them, and whether they can change where a request goes. A name that is not here is unknown.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a directive does to the route of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// The model carries it out.
    Models,
    /// It changes headers, bodies, logs, limits or speed, never the route of a GET.
    Harmless,
    /// It can change the route, and the model does not know how.
    Decides,
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// The source file of the module, as `<IfModule>` names it.
    pub(super) module: &'static str,
    /// The classes of `AllowOverride` that let `.htaccess` hold it; empty means never.
    pub(super) classes: u8,
    pub(super) effect: Effect,
}

/// `AllowOverride AuthConfig` and its siblings (http_config.h, `OR_*`).
pub(super) mod class {
    pub(in super::super) const LIMIT: u8 = 1;
    pub(in super::super) const OPTIONS: u8 = 2;
    pub(in super::super) const FILE_INFO: u8 = 4;
    pub(in super::super) const AUTH_CONFIG: u8 = 8;
    pub(in super::super) const INDEXES: u8 = 16;
    pub(in super::super) const ALL: u8 = 31;
}

static TABLE: LazyLock<HashMap<String, Vec<Known>>> = LazyLock::new(|| {
    let mut table: HashMap<String, Vec<Known>> = HashMap::new();
    for line in include_str!("directives.tsv").lines() {
        if let Some((name, known)) = row(line) {
            table.entry(name).or_default().push(known);
        }
    }
    table
});

fn row(line: &'static str) -> Option<(String, Known)> {
    if line.starts_with('#') {
        return None;
    }
    let mut columns = line.split('\t');
    let name = columns.next()?.to_ascii_lowercase();
    let module = columns.next()?;
    let classes = classes(columns.next()?);
    let effect = match columns.next()? {
        "models" => Effect::Models,
        "harmless" => Effect::Harmless,
        _ => Effect::Decides,
    };
    let known = Known {
        module,
        classes,
        effect,
    };
    Some((name, known))
}

fn classes(column: &str) -> u8 {
    column
        .split(',')
        .fold(0, |sum, word| sum | class_named(word))
}

/// The class of that name, any ASCII case; zero for what is none.
pub(super) fn class_named(word: &str) -> u8 {
    match word.to_ascii_lowercase().as_str() {
        "limit" => class::LIMIT,
        "options" => class::OPTIONS,
        "fileinfo" => class::FILE_INFO,
        "authconfig" => class::AUTH_CONFIG,
        "indexes" => class::INDEXES,
        "all" => class::ALL,
        _ => 0,
    }
}

/// What is known of a directive; sections are asked for with their `<`. More than one module may
/// know a name. The name is in small letters.
pub(super) fn known(name: &str) -> &'static [Known] {
    TABLE.get(name).map_or(&[], Vec::as_slice)
}

/// Modules without a directive of their own (Debian's apache2-bin), by their short names.
const SILENT: &[&str] = &[
    "allowmethods",
    "asis",
    "auth_digest",
    "authn_file",
    "authz_host",
    "authz_owner",
    "authz_user",
    "authz_dbm",
    "bucketeer",
    "cgid",
    "data",
    "heartbeat",
    "heartmonitor",
    "lbmethod_bybusyness",
    "lbmethod_byrequests",
    "lbmethod_bytraffic",
    "lbmethod_heartbeat",
    "mpm_event",
    "mpm_worker",
    "proxy_ajp",
    "proxy_balancer",
    "proxy_fdpass",
    "proxy_http",
    "proxy_http2",
    "proxy_uwsgi",
    "ratelimit",
    "slotmem_plain",
    "slotmem_shm",
    "socache_dbm",
    "socache_shmcb",
    "status",
    "systemd",
    "unique_id",
    "php5",
    "php7",
    "md",
];

static MODULES: LazyLock<std::collections::HashSet<String>> = LazyLock::new(|| {
    let named = TABLE
        .values()
        .flatten()
        .filter_map(|known| super::modules::short(known.module));
    named
        .chain(SILENT.iter().map(|name| (*name).to_owned()))
        .collect()
});

/// Whether a module is one of Apache's own or PHP, by its short name: `rewrite`.
pub(super) fn knows_module(name: &str) -> bool {
    MODULES.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        assert!(TABLE.len() > 600);
        let rule = known("rewriterule")[0];
        assert_eq!(
            (rule.module, rule.classes),
            ("mod_rewrite.c", class::FILE_INFO)
        );
        assert_eq!(known("<files")[0].classes, class::ALL);
        assert_eq!(known("documentroot")[0].classes, 0);
        assert_eq!(known("cacheenable")[0].effect, Effect::Decides);
        assert!(known("secruleengine").is_empty());
    }
}

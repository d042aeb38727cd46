//! Which modules are loaded and which names are defined, and so which of the conditional sections
//! hold. Refuses to guess: a section whose condition is not understood stops the reading.

use super::directives;
use crate::route::{Directive, Source, Sources, Word};
use std::collections::BTreeSet;
use std::path::Path;

/// Modules that Debian and most others compile in (`apache2 -l`).
const STATIC: &[&str] = &[
    "core",
    "so",
    "http_core",
    "log_config",
    "logio",
    "version",
    "unixd",
    "watchdog",
];

/// What a lone file is taken to run with: what Debian enables at installation, mod_rewrite and mod_php.
const USUAL: &[&str] = &[
    "access_compat",
    "alias",
    "auth_basic",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_host",
    "authz_user",
    "autoindex",
    "deflate",
    "dir",
    "env",
    "filter",
    "mime",
    "negotiation",
    "reqtimeout",
    "setenvif",
    "status",
    "rewrite",
    "headers",
    "ssl",
    "expires",
    "php",
];

/// The modules and definitions at some line of the configuration.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    modules: BTreeSet<String>,
    defines: BTreeSet<Vec<u8>>,
    version: (u32, u32, u32),
    server_root: std::path::PathBuf,
}

impl Loaded {
    pub(super) fn new(defines: &[String], version: (u32, u32, u32), root: &Path) -> Self {
        Self {
            modules: STATIC.iter().map(|name| (*name).to_owned()).collect(),
            defines: defines
                .iter()
                .map(|name| name.as_bytes().to_vec())
                .collect(),
            version,
            server_root: root.to_owned(),
        }
    }

    /// Takes the usual modules for granted.
    pub(super) fn assume_usual(&mut self) {
        self.modules
            .extend(USUAL.iter().map(|name| (*name).to_owned()));
    }

    /// Whether a module is loaded, by its short name: `rewrite`.
    pub(super) fn has(&self, module: &str) -> bool {
        self.modules.contains(module)
    }

    /// Whether the module of this source file is loaded.
    pub(super) fn has_file(&self, file: &str) -> bool {
        short(file).is_some_and(|short| self.modules.contains(&short))
    }

    /// `LoadModule rewrite_module path`.
    pub(super) fn load(&mut self, name: &Word) {
        let name = name.text();
        self.modules
            .insert(name.strip_suffix("_module").unwrap_or(&name).to_owned());
    }

    pub(super) fn define(&mut self, name: &Word, defined: bool) {
        if defined {
            self.defines.insert(name.bytes().to_vec());
        } else {
            self.defines.remove(name.bytes());
        }
    }

    /// A loaded module that this model has never heard of, so that it may know any directive.
    pub(super) fn stranger(&self) -> Option<&str> {
        self.modules
            .iter()
            .map(String::as_str)
            .find(|name| !directives::knows_module(name))
    }

    /// Whether the conditional section holds; none if it is not one.
    pub(super) fn holds(
        &self,
        section: &Directive,
        sources: &dyn Sources,
    ) -> Option<Result<bool, String>> {
        let name = section.name.text().to_ascii_lowercase();
        let (negated, word) = match section.args.first() {
            Some(word) => match word.bytes().strip_prefix(b"!") {
                Some(rest) => (true, Word::from(rest)),
                None => (false, word.clone()),
            },
            None => (false, Word::default()),
        };
        let found = match name.as_str() {
            "ifmodule" => Ok(self.has_module(&word)),
            "ifdefine" => Ok(self.defines.contains(word.bytes())),
            "iffile" => match sources.read(&self.server_root.join(word.path())) {
                Ok(found) => Ok(found != Source::Missing),
                Err(message) => Err(message),
            },
            "ifversion" => return Some(self.version(section)),
            _ => return None,
        };
        Some(found.map(|found| found != negated))
    }

    fn has_module(&self, word: &Word) -> bool {
        let word = word.text();
        match word.strip_suffix("_module") {
            Some(name) => self.modules.contains(name),
            None => self.has_file(&word),
        }
    }

    /// `<IfVersion >= 2.4>` (mod_version).
    fn version(&self, section: &Directive) -> Result<bool, String> {
        let (operator, wanted) = match section.args.as_slice() {
            [wanted] => ("=".to_owned(), wanted),
            [operator, wanted] => (operator.text().into_owned(), wanted),
            _ => return Err("<IfVersion> needs an operator and a version".to_owned()),
        };
        let (negated, operator) = match operator.strip_prefix('!') {
            Some(rest) => (true, rest.to_owned()),
            None => (false, operator),
        };
        let wanted = wanted.text();
        if operator == "~" || wanted.starts_with('/') {
            return Err("<IfVersion> with a regular expression is not modelled".to_owned());
        }
        let mut parts = wanted.split('.').map(str::parse::<u32>);
        let mut next = || {
            parts
                .next()
                .unwrap_or(Ok(0))
                .map_err(|e| format!("<IfVersion {wanted}>: {e}"))
        };
        let wanted = (next()?, next()?, next()?);
        let order = self.version.cmp(&wanted);
        let holds = match operator.as_str() {
            "=" | "==" => order.is_eq(),
            ">" => order.is_gt(),
            ">=" | "=>" => order.is_ge(),
            "<" => order.is_lt(),
            "<=" | "=<" => order.is_le(),
            _ => return Err(format!("<IfVersion> does not know the operator {operator}")),
        };
        Ok(holds != negated)
    }
}

/// `mod_rewrite.c` is `rewrite`; the core's own files have no prefix.
pub(super) fn short(file: &str) -> Option<String> {
    let stem = file.strip_suffix(".c")?;
    Some(match stem {
        "util_ldap" => "ldap".to_owned(),
        "prefork" | "worker" | "event" => format!("mpm_{stem}"),
        "mod_php5" | "mod_php7" => stem.trim_start_matches("mod_").to_owned(),
        _ => stem.strip_prefix("mod_").unwrap_or(stem).to_owned(),
    })
}

//! What one section says, and what all sections that match a request say together. Merging follows
//! each module's own merger; what a section does not mention stays.

use super::access::Authorization;
use super::hosts::Hosts;
use super::mime::Mime;
use super::options::{Options, Overrides};
use super::pattern::Expression;
use super::rewrite::PerDirectory;
use super::said::Said;
use super::setenv::SetEnv;
use super::text::Text;
use super::uri::Slashes;
use crate::route::{Because, Place};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a section matches.
#[derive(Debug, Clone)]
pub(super) enum Matching {
    /// A path or name, byte for byte.
    Exact(Vec<u8>),
    /// A pattern with wildcards.
    Wild(Vec<u8>),
    /// `<DirectoryMatch>`, `<Directory ~ …>` and the like.
    Regex(Expression),
    /// `<If>`; the branches of one chain exclude one another.
    If(Arc<super::expr::Condition>),
    /// `<ElseIf>`.
    ElseIf(Arc<super::expr::Condition>),
    /// `<Else>`.
    Else,
}

/// A section of the configuration.
#[derive(Debug, Clone)]
pub(super) struct Section {
    pub(super) matching: Matching,
    pub(super) says: Arc<PerDir>,
    pub(super) at: Place,
    /// As written: `<Directory /var/www>`.
    pub(super) written: String,
}

/// `AcceptPathInfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PathInfo {
    Accept,
    Reject,
    Default,
}

/// A `Redirect` of a directory or a server.
#[derive(Debug, Clone)]
pub(super) struct Redirect {
    pub(super) fake: Matching,
    pub(super) to: Option<Vec<u8>>,
    pub(super) status: u16,
    pub(super) at: Place,
}

/// Everything that sections can say.
#[derive(Debug, Clone, Default)]
pub(super) struct PerDir {
    pub(super) options: Options,
    pub(super) overrides: Overrides,
    pub(super) handler: Option<Said<Text>>,
    pub(super) force_type: Option<Said<String>>,
    pub(super) path_info: Option<Said<PathInfo>>,
    pub(super) slashes: Option<Said<Slashes>>,
    pub(super) errors: BTreeMap<u16, Said<Vec<u8>>>,
    pub(super) files: Vec<Arc<Section>>,
    pub(super) ifs: Vec<Arc<Section>>,
    pub(super) auth_type: Option<Said<String>>,
    pub(super) auth_name: Option<Said<()>>,
    pub(super) authorization: Option<Authorization>,
    pub(super) hosts: Option<Hosts>,
    pub(super) rewrite: Option<PerDirectory>,
    pub(super) index: Option<Said<Vec<Vec<u8>>>>,
    pub(super) slash: Option<Said<bool>>,
    pub(super) check_handler: Option<Said<bool>>,
    pub(super) index_redirect: Option<Said<u16>>,
    pub(super) fallback: Option<Said<Vec<u8>>>,
    pub(super) mime: Option<Mime>,
    pub(super) alias: Option<Said<(Text, Option<&'static str>)>>,
    pub(super) redirect: Option<Said<(Option<Text>, u16)>>,
    pub(super) redirects: Vec<Arc<Redirect>>,
    pub(super) set_env: Vec<Arc<SetEnv>>,
    pub(super) php_engine: Option<Said<bool>>,
    pub(super) php_engine_fixed: bool,
    pub(super) actions: BTreeMap<String, Said<(Vec<u8>, bool)>>,
    pub(super) methods: Option<Said<bool>>,
    pub(super) output_filter: Option<Said<String>>,
    pub(super) xbit_hack: Option<Said<()>>,
    /// Directives that can change the route and are not modelled.
    pub(super) unmodelled: Vec<Because>,
}

impl PerDir {
    /// What holds for a server before any line.
    pub(super) fn server() -> Self {
        Self {
            options: Options::server(),
            ..Self::default()
        }
    }

    /// This, and then another section (`ap_merge_per_dir_configs`).
    pub(super) fn merge(&self, other: &Self) -> Self {
        let mut errors = self.errors.clone();
        errors.extend(other.errors.clone());
        let mut actions = self.actions.clone();
        actions.extend(other.actions.clone());
        Self {
            options: self.options.merge(&other.options),
            overrides: self.overrides.merge(&other.overrides),
            handler: later(&self.handler, &other.handler),
            force_type: later(&self.force_type, &other.force_type),
            path_info: later(&self.path_info, &other.path_info),
            slashes: later(&self.slashes, &other.slashes),
            errors,
            files: joined(&self.files, &other.files),
            ifs: joined(&self.ifs, &other.ifs),
            auth_type: later(&self.auth_type, &other.auth_type),
            auth_name: later(&self.auth_name, &other.auth_name),
            authorization: merged(
                &self.authorization,
                &other.authorization,
                Authorization::merge,
            ),
            hosts: later(&self.hosts, &other.hosts),
            rewrite: merged(&self.rewrite, &other.rewrite, PerDirectory::merge),
            index: later(&self.index, &other.index),
            slash: later(&self.slash, &other.slash),
            check_handler: later(&self.check_handler, &other.check_handler),
            index_redirect: later(&self.index_redirect, &other.index_redirect),
            fallback: later(&self.fallback, &other.fallback),
            mime: merged(&self.mime, &other.mime, Mime::merge),
            alias: later(&self.alias, &other.alias),
            redirect: later(&self.redirect, &other.redirect),
            redirects: joined(&other.redirects, &self.redirects),
            set_env: joined(&self.set_env, &other.set_env),
            php_engine: if self.php_engine_fixed && !other.php_engine_fixed {
                self.php_engine.clone()
            } else {
                later(&self.php_engine, &other.php_engine)
            },
            php_engine_fixed: self.php_engine_fixed || other.php_engine_fixed,
            actions,
            methods: later(&self.methods, &other.methods),
            output_filter: later(&self.output_filter, &other.output_filter),
            xbit_hack: later(&self.xbit_hack, &other.xbit_hack),
            unmodelled: joined(&self.unmodelled, &other.unmodelled),
        }
    }

    pub(super) fn authorization_mut(&mut self) -> &mut Authorization {
        self.authorization.get_or_insert_default()
    }
}

fn later<T: Clone>(base: &Option<T>, other: &Option<T>) -> Option<T> {
    other.clone().or_else(|| base.clone())
}

fn joined<T: Clone>(first: &[T], then: &[T]) -> Vec<T> {
    first.iter().chain(then).cloned().collect()
}

fn merged<T: Clone>(base: &Option<T>, other: &Option<T>, merge: impl Fn(&T, &T) -> T) -> Option<T> {
    match (base, other) {
        (Some(base), Some(other)) => Some(merge(base, other)),
        _ => later(base, other),
    }
}

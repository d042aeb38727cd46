//! A hardened helpdesk in a database and in files, and what an audit says of it.

use crate::real_mariadb::{MariaDb, V4, V5};
use deskguard::audit::{Timing, judged};
use deskguard::check::Catalogue;
use deskguard::engine::Verdict;
use deskguard::facts::{DatabaseFacts, Facts, HelpdeskFacts, Known, ServerFacts};
use deskguard::host::Host;
use deskguard::policy::Policy;
use deskguard::probe::helpdesk::Source;
use deskguard::probe::{database, helpdesk, system};
use deskguard::report::{Outcome, Report};
use deskguard::target::{DatabaseWish, Target, Wishes};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// v4 (era E1) or v5 (era E4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    V4,
    V5,
}

/// One helpdesk on one server.
pub(crate) struct Helpdesk {
    pub(crate) server: MariaDb,
    pub(crate) kind: Kind,
    root: tempfile::TempDir,
    target: Target,
    product: ServerFacts,
}

pub(crate) const SCHEMA: &str = "deskpro";

impl Helpdesk {
    /// Hardened: nothing is wrong with it.
    pub(crate) fn start(kind: Kind) -> Self {
        let server = MariaDb::start(&[]);
        server.load(SCHEMA, if kind == Kind::V4 { V4 } else { V5 });
        server.sql("CREATE USER deskpro@localhost IDENTIFIED BY 'kR7$wq-2'; GRANT ALL ON deskpro.* TO deskpro@localhost;");
        let root = tempfile::tempdir().unwrap();
        files(root.path(), kind, &server.socket());
        let target = target(root.path());
        let product = system::observe(&Host::default(), &target);
        let helpdesk = Self {
            server,
            kind,
            root,
            target,
            product,
        };
        helpdesk.harden();
        helpdesk
    }

    /// Puts every row back that checks read.
    pub(crate) fn harden(&self) {
        let rows = if self.kind == Kind::V4 {
            HARDENED_V4
        } else {
            HARDENED_V5
        };
        let rows = format!("{SHARED}{rows}")
            .replace("{build}", &build(self.kind).to_string())
            .replace("{now}", &now().to_string());
        self.server.sql_in(SCHEMA, &rows);
    }

    pub(crate) fn sql(&self, statements: &str) {
        self.server.sql_in(SCHEMA, statements);
    }

    /// Writes a file below the install's root and looks at the install anew.
    pub(crate) fn write(&mut self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self.target = target(self.root.path());
    }

    /// Reads the configuration anew.
    pub(crate) fn look_again(&mut self) {
        self.target = target(self.root.path());
    }

    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// As the product's own account sees it.
    pub(crate) fn facts(&self) -> HelpdeskFacts {
        self.facts_as(&DatabaseWish::default())
    }

    pub(crate) fn facts_as(&self, wish: &DatabaseWish) -> HelpdeskFacts {
        let mut link = database::connect(&Host::default(), &self.target, wish);
        let session = link.session.as_mut().map_err(|why| &*why);
        helpdesk::observe(&Host::default(), &self.target, Source::Session(session))
    }

    /// Reading ends at this moment.
    pub(crate) fn facts_until(&self, dump: &Path, end: Instant) -> HelpdeskFacts {
        helpdesk::observe(
            &Host::default(),
            &self.target,
            Source::Dump(dump, Some(end)),
        )
    }

    pub(crate) fn facts_of_dump(&self, dump: &Path) -> HelpdeskFacts {
        helpdesk::observe(&Host::default(), &self.target, Source::Dump(dump, None))
    }

    /// As mariadb-dump writes it with these options.
    pub(crate) fn dump(&self, options: &[&str]) -> PathBuf {
        let path = self.server.folder().join("dump.sql");
        let status = Command::new("mariadb-dump")
            .args(["--no-defaults", "--user=root"])
            .arg(format!("--socket={}", self.server.socket().display()))
            .args(options)
            .arg(format!("--result-file={}", path.display()))
            .arg(SCHEMA)
            .status()
            .unwrap();
        assert!(status.success());
        path
    }

    /// What the checks make of these facts.
    pub(crate) fn judge(&self, helpdesk: HelpdeskFacts) -> Report {
        self.judge_by(helpdesk, policy(self.kind))
    }

    pub(crate) fn judge_by(&self, helpdesk: HelpdeskFacts, policy: Policy) -> Report {
        self.judged_by(helpdesk, policy).1
    }

    /// The same, and the fixes of the checks that failed.
    pub(crate) fn judged_by(
        &self,
        helpdesk: HelpdeskFacts,
        policy: Policy,
    ) -> (Vec<Verdict>, Report) {
        let mut catalogue = Catalogue::read(Vec::new()).unwrap();
        catalogue.checks.retain(|check| {
            let area = check.id.split('/').next().unwrap();
            ["accounts", "login", "sessions", "logs"].contains(&area)
                || check.id == "server/product-current"
        });
        let facts = Facts {
            target: self.target.facts(),
            server: self.product.clone(),
            helpdesk,
            database: DatabaseFacts {
                schema: Known::Known(SCHEMA.to_owned()),
                ..DatabaseFacts::default()
            },
            ..Facts::default()
        };
        let timing = Timing {
            started: "2026-01-01T00:00:00Z",
            duration_ms: 0,
            today: now() / 86_400,
        };
        let judged = judged(&catalogue, facts, policy, timing);
        let report = judged.report(&catalogue, timing);
        (judged.verdicts, report)
    }
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

/// The last v4, or a build of last month.
pub(crate) fn build(kind: Kind) -> i64 {
    match kind {
        Kind::V4 => 1_374_854_426,
        Kind::V5 => now() / 86_400 * 86_400 - 30 * 86_400,
    }
}

/// The baseline; no v4 is younger than years.
pub(crate) fn policy(kind: Kind) -> Policy {
    let mut policy = Policy::default();
    if kind == Kind::V4 {
        policy.max_build_age_days = 100_000;
    }
    policy
}

fn target(root: &Path) -> Target {
    let wishes = Wishes {
        root: Some(root.to_owned()),
        ..Wishes::default()
    };
    Target::find(&Host::default(), &wishes).unwrap()
}

fn files(root: &Path, kind: Kind, socket: &Path) {
    let write = |path: &str, text: &str| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let host = format!("unix_socket:{}", socket.display());
    let build = build(kind);
    match kind {
        Kind::V4 => {
            write(
                "index.php",
                "<?php define('DP_CONFIG_FILE', dirname(__FILE__) . '/config.php');",
            );
            write(
                "config.php",
                &format!(
                    "<?php\ndefine('DP_DATABASE_HOST', '{host}');\ndefine('DP_DATABASE_USER', 'deskpro');\ndefine('DP_DATABASE_PASSWORD', 'kR7$wq-2');\ndefine('DP_DATABASE_NAME', '{SCHEMA}');\n"
                ),
            );
            write(
                "app/sys/config/build-time.php",
                &format!("<?php define('DP_BUILD_TIME', {build});"),
            );
            for name in [
                "cron.php",
                "dp.php",
                "get_messages.php",
                "app/sys/load_config.php",
            ] {
                write(name, "<?php");
            }
            write("data/logs/error.log", "");
        }
        Kind::V5 => {
            write(
                "config/config.database.php",
                &format!(
                    "<?php\n$DB_CONFIG['host'] = '{host}';\n$DB_CONFIG['user'] = 'deskpro';\n$DB_CONFIG['password'] = 'kR7$wq-2';\n$DB_CONFIG['dbname'] = '{SCHEMA}';\n"
                ),
            );
            for name in ["app/run/init_env.php", "www/index.php", "bin/cron"] {
                write(name, "<?php");
            }
            write("var/cache/active_build.txt", "500\n");
            write("app/run/build-num.txt", "500\n");
            write("app/500/sys/config/build-time.txt", &format!("{build}\n"));
            write("var/logs/error.log", "");
        }
    }
}

/// The evidence of a check that failed; a panic where it did not.
pub(crate) fn failure(report: &Report, id: &str) -> String {
    let check = report.checks.iter().find(|check| check.id == id).unwrap();
    assert_eq!(check.outcome, Outcome::Fail, "{id}: {:?}", check.reason);
    let lines = check
        .evidence
        .iter()
        .map(|it| format!("{} | {}", it.subject, it.message));
    lines.collect::<Vec<_>>().join("\n")
}

/// The checks that came to this.
pub(crate) fn all(report: &Report, outcome: Outcome) -> Vec<&str> {
    let checks = report
        .checks
        .iter()
        .filter(|check| check.outcome == outcome);
    checks.map(|check| check.id.as_str()).collect()
}

/// Facts without what differs between a server and a dump of it by nature.
pub(crate) fn comparable(mut facts: HelpdeskFacts) -> HelpdeskFacts {
    facts.source = Known::Known(String::new());
    facts.assumptions.clear();
    facts
}

const SHARED: &str = "
DELETE FROM settings; DELETE FROM people; DELETE FROM people_emails; DELETE FROM people_prefs; DELETE FROM login_log;
DELETE FROM api_keys; DELETE FROM api_token; DELETE FROM usersources; DELETE FROM worker_jobs;
INSERT INTO people_emails (id, person_id, email, email_domain, is_validated, comment, date_created) VALUES
  (11, 1, 'ann@example.com', 'example.com', 1, '', '2020-01-01'),
  (12, 2, 'bob@example.com', 'example.com', 1, '', '2020-01-01'),
  (13, 3, 'carl@example.org', 'example.org', 1, '', '2020-01-01');
INSERT INTO login_log (person_id, area, is_success, ip_address, hostname, user_agent, note, via_cookie, date_created) VALUES
  (2, 'agent', 1, '192.0.2.2', 'pc2', 'Firefox', '', 0, UTC_TIMESTAMP() - INTERVAL 9 DAY),
  (1, 'admin', 1, '192.0.2.1', 'pc1', 'Firefox', '', 0, UTC_TIMESTAMP() - INTERVAL 3 DAY),
  (2, 'agent', 1, '192.0.2.2', 'pc2', 'Firefox', '', 0, UTC_TIMESTAMP() - INTERVAL 1 DAY);
INSERT INTO people_prefs (person_id, name, value_str) VALUES
  (1, 'agent_notif.login_attempt_fail.email', '1'), (1, 'agent_notif.login_attempt.email', '1'),
  (2, 'agent_notif.login_attempt_fail.email', '1'), (2, 'agent.other', '1');
INSERT INTO worker_jobs (id, job_class, run_interval, last_run_date) VALUES
  ('cleanup_daily', 'Application\\\\DeskPRO\\\\WorkerProcess\\\\Job\\\\CleanupDaily', 86400, UTC_TIMESTAMP() - INTERVAL 5 HOUR);
INSERT INTO settings (name, value) VALUES
  ('core.app_secret', 'uJ4nQmZ7cVtYb2XhKp9LsRw3DfGe6A8TiNoBvCx1yWqEzSdMk5'),
  ('core.deskpro_build', '{build}'), ('core.deskpro_build_num', '500'), ('core.last_cron_run', '{now}'),
  ('core.sessions_lifetime', '1800');
";

/// The columns that a person must have, after the last of those that checks read.
const HARDENED_V4: &str = "
DELETE FROM plugins;
INSERT INTO people (id, primary_email_id, is_contact, is_user, is_agent, was_agent, can_agent, can_admin, is_deleted, is_disabled, name, password, password_scheme, salt, secret_string, date_created, date_last_login,
  gravatar_url, disable_picture, can_billing, can_reports, is_vacation_mode, disable_autoresponses, is_confirmed, is_agent_confirmed, importance, creation_system, title_prefix, override_display_name, summary, organization_position, organization_manager, timezone) VALUES
  (1, 11, 0, 1, 1, 0, 1, 1, 0, 0, 'Ann Admin', '$2a$11$x', 'bcrypt', '', 's', '2020-01-01', UTC_TIMESTAMP() - INTERVAL 3 DAY, '', 0, 0, 1, 0, 0, 1, 1, 0, '', '', '', '', '', 0, 'UTC'),
  (2, 12, 0, 1, 1, 0, 1, 0, 0, 0, 'Bob Agent', '$2a$11$y', 'bcrypt', '', 's', '2020-01-01', UTC_TIMESTAMP() - INTERVAL 1 DAY, '', 0, 0, 0, 0, 0, 1, 1, 0, '', '', '', '', '', 0, 'UTC'),
  (3, 13, 0, 1, 0, 0, 0, 0, 0, 0, 'Carl User', 'abcdef', 'deskpro3', '', 's', '2020-01-01', NULL, '', 0, 0, 0, 0, 0, 1, 0, 0, '', '', '', '', '', 0, 'UTC');
INSERT INTO api_keys (id, person_id, code, note) VALUES (1, 2, 'C0DEC0DEC0DEC0DEC0DEC0DE', 'Zapier');
INSERT INTO usersources (id, title, source_type, lost_password_url, options, display_order, is_enabled) VALUES
  (1, 'DeskPRO', 'Application\\\\DeskPRO\\\\Usersource\\\\Adapter\\\\DeskPRO', '', '', 1, 1);
";

const HARDENED_V5: &str = r#"
DELETE FROM app_instances; DELETE FROM app_packages; DELETE FROM white_listed_ips; DELETE FROM audit_logs;
INSERT INTO people (id, primary_email_id, is_contact, is_user, is_agent, was_agent, can_agent, can_admin, is_deleted, is_disabled, name, password, password_scheme, salt, secret_string, date_created, date_last_login, date_password_set,
  gravatar_url, disable_picture, can_billing, can_reports, is_vacation_mode, disable_autoresponses, is_confirmed, importance, creation_system, title_prefix, override_display_name, summary, organization_position, organization_manager, timezone) VALUES
  (1, 11, 0, 1, 1, 0, 1, 1, 0, 0, 'Ann Admin', '$2a$11$x', 'bcrypt', '', 's', '2020-01-01', UTC_TIMESTAMP() - INTERVAL 3 DAY, '2026-01-01', '', 0, 0, 1, 0, 0, 1, 0, '', '', '', '', '', 0, 'UTC'),
  (2, 12, 0, 1, 1, 0, 1, 0, 0, 0, 'Bob Agent', '$2a$11$y', 'bcrypt', '', 's', '2020-01-01', UTC_TIMESTAMP() - INTERVAL 1 DAY, '2026-01-01', '', 0, 0, 0, 0, 0, 1, 0, '', '', '', '', '', 0, 'UTC'),
  (3, 13, 0, 1, 0, 0, 0, 0, 0, 0, 'Carl User', 'abcdef', 'deskpro3', '', 's', '2020-01-01', NULL, NULL, '', 0, 0, 0, 0, 0, 1, 0, '', '', '', '', '', 0, 'UTC');
INSERT INTO api_keys (id, person_id, code, note, flags) VALUES (1, 2, 'C0DEC0DEC0DEC0DEC0DEC0DE', 'Zapier', '');
INSERT INTO api_token (person_id, token, scope) VALUES (2, 'T0KENT0KENT0KENT0KENT0KE', 'client'), (3, 'T0KENT0KENT0KENT0KENT0KF', 'client');
INSERT INTO app_packages (name, title, description, author_name, author_email, author_link, api_version, version, version_name, native_name, is_single, is_custom, tags, trigger_events, settings_def) VALUES
  ('deskpro_ticket_hostnames', 'h', '', '', '', '', 1, 1, '1', 'h', 1, 0, '', '', ''),
  ('deskpro_us_ldap', 'l', '', '', '', '', 1, 1, '1', 'l', 0, 0, '', '', '');
INSERT INTO app_instances (id, package_name, perm_type, title, secret_key, auth_key, settings, date_created) VALUES
  (1, 'deskpro_ticket_hostnames', 'global', 'h', 'k', 'k', '{}', '2020-01-01'),
  (2, 'deskpro_us_ldap', 'global', 'l', 'k', 'k', '{"host":"ldap.example.com","secure":"tls","service_password":"hunter2hunter2"}', '2020-01-01');
INSERT INTO usersources (id, type, title, source_type, lost_password_url, options, display_order, is_enabled, is_sso_auto, is_sso_background, sync_enabled, auto_agent, app_id, actions) VALUES
  (1, 'agent', 'DeskPRO', 'Application\\DeskPRO\\Usersource\\Adapter\\DeskPRO', '', '{}', 1, 1, 0, 0, 0, 0, NULL, '[]'),
  (2, 'agent', 'Company directory', 'DeskPRO\\Apps\\Usersource\\Ldap', '', '{}', 2, 1, 0, 0, 0, 1, 2, '[]');
INSERT INTO white_listed_ips (person_id, ip_address, date_created) VALUES (1, '192.0.2.1', UTC_TIMESTAMP() - INTERVAL 5 DAY);
INSERT INTO audit_logs (action, date_created, performer_name, performer_id, object_name, object_type, object_id, description, data) VALUES
  ('settings.replace', UTC_TIMESTAMP() - INTERVAL 9 DAY, 'Ann Admin', 1, 'core.sessions_lifetime', 'Setting', NULL, 'changed', '{}');
INSERT INTO settings (name, value) VALUES
  ('core.enable_agent_rememberme', '0'), ('core.session_keepalive_require_page', '1'),
  ('agent.password_policy.min_length', '14'), ('agent.password_policy.max_age', '180'), ('agent.password_policy.forbid_reuse', '1'),
  ('agent.password_policy.require_num_uppercase', '1'), ('agent.password_policy.require_num_lowercase', '1'),
  ('agent.password_policy.require_num_number', '1'), ('agent.password_policy.require_num_symbol', '1'),
  ('agent.ip_security.enabled', '1'), ('agent.ip_security.mode', 'agents,admins'), ('agent.ip_security.whitelist_lifetime', '1814400'),
  ('core.rate_limit_disabled', '0'), ('core.rate_limit_ips', '["10.0.0.0/8"]'),
  ('rdns_ticket_messages', '1'), ('rdns_server', '192.0.2.53');
"#;

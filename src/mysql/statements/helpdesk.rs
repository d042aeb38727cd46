//! What is asked about the helpdesk itself. Columns that hold a secret are judged by the server and never
//! selected: a password by whether it is there and how its hash begins, `core.app_secret` by its length
//! and by the texts that the vendor published, a directory's options by one of their keys.

use crate::mysql::Statement;

/// The server's clock.
pub const HELPDESK_MOMENT: Statement = Statement::new(
    "helpdesk moment",
    1,
    "ages are counted from the server's own clock",
    "SELECT UNIX_TIMESTAMP() AS moment",
);

/// The tables that the account can see.
pub const HELPDESK_TABLES: Statement = Statement::new(
    "helpdesk tables",
    5_000,
    "which generation of the product this is shows in its tables",
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name LIMIT 5000",
);

/// The columns that the account can see, of the tables whose form changed.
pub const HELPDESK_COLUMNS: Statement = Statement::new(
    "helpdesk columns",
    1_000,
    "a column that a release does not have is not asked for",
    "SELECT table_name AS name, column_name AS part FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name IN ('people', 'api_keys', 'api_token', 'usersources', 'audit_logs') ORDER BY table_name, column_name LIMIT 1000",
);

/// Whether all tables, and all columns, show.
pub const HELPDESK_SIGHT: Statement = Statement::new(
    "helpdesk sight",
    1_000,
    "a table that does not show is only missing if the account sees all",
    "SELECT privilege_type AS privilege FROM information_schema.schema_privileges WHERE DATABASE() LIKE table_schema AND grantee = CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') UNION SELECT privilege_type FROM information_schema.user_privileges WHERE grantee = CONCAT('''', SUBSTRING_INDEX(CURRENT_USER(), '@', 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''') LIMIT 1000",
);

/// Settings by name; none of them is a secret.
pub const HELPDESK_SETTINGS: Statement = Statement::new(
    "helpdesk settings",
    200,
    "the settings that checks judge",
    "SELECT name, value FROM settings WHERE value IS NOT NULL AND name IN ('agent.ip_security.enabled', 'agent.ip_security.mode', 'agent.ip_security.whitelist_lifetime', 'agent.login_rate_limit.attempts', 'agent.login_rate_limit.attempts_time', 'agent.login_rate_limit.enabled', 'agent.login_rate_limit.lock_time', 'agent.password_policy.forbid_reuse', 'agent.password_policy.max_age', 'agent.password_policy.min_length', 'agent.password_policy.require_num_lowercase', 'agent.password_policy.require_num_number', 'agent.password_policy.require_num_symbol', 'agent.password_policy.require_num_uppercase', 'audit_log.storage', 'core.deskpro_build', 'core.deskpro_build_num', 'core.enable_agent_rememberme', 'core.last_cron_run', 'core.rate_limit_disabled', 'core.rate_limit_ips', 'core.session_keepalive_require_page', 'core.sessions_lifetime', 'rate_limit.login.agent.enabled', 'rate_limit.login.agent.limit', 'rate_limit.login.agent.lockout_time', 'rate_limit.login.agent.time', 'rate_limit.login.enabled', 'rate_limit.login.limit', 'rate_limit.login.lockout_time', 'rate_limit.login.time', 'rdns_server', 'rdns_ticket_messages', 'user.login_rate_limit.attempts', 'user.login_rate_limit.attempts_time', 'user.login_rate_limit.enabled', 'user.login_rate_limit.lock_time') ORDER BY name LIMIT 200",
);

/// The application's secret as a length and a verdict.
pub const HELPDESK_SECRET: Statement = Statement::new(
    "helpdesk secret",
    1,
    "whether the application's secret is one that the vendor published; the value stays in the server",
    "SELECT LENGTH(value) AS length, value = 'APP_SECRET' OR LEFT(value, 8) = 'YXI5Z2HS' AS shipped FROM settings WHERE name = 'core.app_secret' AND value IS NOT NULL LIMIT 1",
);

/// Agents from a number on.
pub const HELPDESK_AGENTS: Statement = Statement::new(
    "helpdesk agents",
    20_000,
    "who is an agent or an admin, since when away, and in which scheme the password is stored",
    "SELECT p.id AS id, LEFT(p.name, 201) AS name, LEFT(e.email, 201) AS email, p.is_agent AS agent, p.can_admin AS admin, p.is_deleted AS deleted, p.is_disabled AS disabled, p.password_scheme AS scheme, p.password IS NOT NULL AND p.password <> '' AS has_hash, LEFT(p.password, 3) = '$P$' AS portable, p.date_last_login AS last_login, p.date_created AS created, p.date_password_set IS NOT NULL AS dated FROM people p LEFT JOIN people_emails e ON e.id = p.primary_email_id WHERE p.is_agent = 1 AND p.id > ? ORDER BY p.id LIMIT 20000",
);

/// The same for releases that do not record when a password was set.
pub const HELPDESK_AGENTS_E1: Statement = Statement::new(
    "helpdesk agents (early v4)",
    20_000,
    "the same, of a release that does not record when a password was set",
    "SELECT p.id AS id, LEFT(p.name, 201) AS name, LEFT(e.email, 201) AS email, p.is_agent AS agent, p.can_admin AS admin, p.is_deleted AS deleted, p.is_disabled AS disabled, p.password_scheme AS scheme, p.password IS NOT NULL AND p.password <> '' AS has_hash, LEFT(p.password, 3) = '$P$' AS portable, p.date_last_login AS last_login, p.date_created AS created, 0 AS dated FROM people p LEFT JOIN people_emails e ON e.id = p.primary_email_id WHERE p.is_agent = 1 AND p.id > ? ORDER BY p.id LIMIT 20000",
);

/// Former agents, and admins who are no agents, from a number on.
pub const HELPDESK_FORMER: Statement = Statement::new(
    "helpdesk former agents",
    20_000,
    "who is no agent any more and still an admin, or the owner of a key",
    "SELECT p.id AS id, LEFT(p.name, 201) AS name, LEFT(e.email, 201) AS email, p.is_agent AS agent, p.can_admin AS admin, p.is_deleted AS deleted, p.is_disabled AS disabled, NULL AS scheme, 0 AS has_hash, 0 AS portable, p.date_last_login AS last_login, p.date_created AS created, 0 AS dated FROM people p LEFT JOIN people_emails e ON e.id = p.primary_email_id WHERE p.is_agent = 0 AND (p.can_admin = 1 OR p.was_agent = 1) AND p.id > ? ORDER BY p.id LIMIT 20000",
);

/// Agents who are mailed about logins, from a number on.
pub const HELPDESK_MAILED: Statement = Statement::new(
    "helpdesk mailed agents",
    40_000,
    "who is mailed about logins and failed logins (people_prefs; a missing row means no)",
    "SELECT p.id AS id, f.name AS name FROM people p JOIN people_prefs f ON f.person_id = p.id AND f.name IN ('agent_notif.login_attempt.email', 'agent_notif.login_attempt_fail.email') WHERE p.is_agent = 1 AND p.id >= ? AND f.value_str IS NOT NULL AND f.value_str NOT IN ('', '0') ORDER BY p.id, f.name LIMIT 40000",
);

/// API keys.
pub const HELPDESK_KEYS: Statement = Statement::new(
    "helpdesk API keys",
    2_000,
    "whose API keys there are and what they may do; the code stays in the server",
    "SELECT id, person_id AS person, LEFT(note, 201) AS note, LEFT(flags, 201) AS flags FROM api_keys ORDER BY id LIMIT 2000",
);

/// API keys of releases without flags.
pub const HELPDESK_KEYS_E1: Statement = Statement::new(
    "helpdesk API keys (early v4)",
    2_000,
    "the same, of a release whose keys have no flags",
    "SELECT id, person_id AS person, LEFT(note, 201) AS note FROM api_keys ORDER BY id LIMIT 2000",
);

/// Tokens that never expire, of accounts that are more than users and no live agents.
pub const HELPDESK_TOKENS: Statement = Statement::new(
    "helpdesk API tokens",
    2_000,
    "who is gone and still holds tokens that never expire; the token stays in the server",
    "SELECT t.person_id AS person, COUNT(*) AS tokens FROM api_token t JOIN people p ON p.id = t.person_id WHERE t.scope = 'client' AND t.date_expires IS NULL AND (p.is_agent = 0 OR p.is_deleted = 1 OR p.is_disabled = 1) AND (p.is_agent = 1 OR p.was_agent = 1 OR p.can_admin = 1) GROUP BY t.person_id ORDER BY t.person_id LIMIT 2000",
);

/// The same for releases whose tokens have no scope.
pub const HELPDESK_TOKENS_E1: Statement = Statement::new(
    "helpdesk API tokens (early v4)",
    2_000,
    "the same, of a release whose tokens have no scope",
    "SELECT t.person_id AS person, COUNT(*) AS tokens FROM api_token t JOIN people p ON p.id = t.person_id WHERE t.date_expires IS NULL AND (p.is_agent = 0 OR p.is_deleted = 1 OR p.is_disabled = 1) AND (p.is_agent = 1 OR p.was_agent = 1 OR p.can_admin = 1) GROUP BY t.person_id ORDER BY t.person_id LIMIT 2000",
);

/// Sources that people log in through.
pub const HELPDESK_SOURCES: Statement = Statement::new(
    "helpdesk login sources",
    500,
    "which directories people log in through, and whether encrypted; passwords in the options stay in the server",
    "SELECT u.id AS id, LEFT(u.title, 201) AS title, u.type AS people, u.source_type AS adapter, COALESCE(a.package_name, '') AS package, u.auto_agent AS agents, CASE WHEN JSON_VALID(u.options) THEN LEFT(JSON_UNQUOTE(JSON_EXTRACT(u.options, '$.secure')), 20) END AS by_source, CASE WHEN JSON_VALID(a.settings) THEN LEFT(JSON_UNQUOTE(JSON_EXTRACT(a.settings, '$.secure')), 20) END AS by_app FROM usersources u LEFT JOIN app_instances a ON a.id = u.app_id WHERE u.is_enabled = 1 ORDER BY u.id LIMIT 500",
);

/// Sources of releases whose options have no public form.
pub const HELPDESK_SOURCES_E1: Statement = Statement::new(
    "helpdesk login sources (early v4)",
    500,
    "the same, of a release whose options are in no public form",
    "SELECT id, LEFT(title, 201) AS title, '' AS people, source_type AS adapter, '' AS package, 0 AS agents, NULL AS by_source, NULL AS by_app FROM usersources WHERE is_enabled = 1 ORDER BY id LIMIT 500",
);

/// Installed apps.
pub const HELPDESK_APPS: Statement = Statement::new(
    "helpdesk apps",
    500,
    "whether the app that resolves hostnames is installed",
    "SELECT DISTINCT package_name AS package FROM app_instances WHERE package_name IS NOT NULL ORDER BY package_name LIMIT 500",
);

/// Addresses that agents may log in from.
pub const HELPDESK_TRUSTED: Statement = Statement::new(
    "helpdesk trusted addresses",
    1,
    "how many addresses are trusted, and since when the oldest",
    "SELECT COUNT(*) AS addresses, MIN(date_created) AS oldest FROM white_listed_ips LIMIT 1",
);

/// Scheduled jobs.
pub const HELPDESK_JOBS: Statement = Statement::new(
    "helpdesk jobs",
    500,
    "when the job last ran that takes old trusted addresses away",
    "SELECT id, COALESCE(job_class, '') AS class, last_run_date AS last_run FROM worker_jobs ORDER BY id LIMIT 500",
);

/// The newest entry of the log of logins.
pub const HELPDESK_LOGIN_LOG: Statement = Statement::new(
    "helpdesk login log",
    1,
    "whether logins are logged: the newest entry, by the primary key",
    "SELECT date_created AS newest FROM login_log ORDER BY id DESC LIMIT 1",
);

/// The newest entry of the log of admins' changes.
pub const HELPDESK_AUDIT_LOG: Statement = Statement::new(
    "helpdesk audit log",
    1,
    "whether admins' changes are logged: the newest entry, by the primary key",
    "SELECT date_created AS newest FROM audit_logs ORDER BY id DESC LIMIT 1",
);

pub(super) const HELPDESK: &[Statement] = &[
    HELPDESK_MOMENT,
    HELPDESK_TABLES,
    HELPDESK_COLUMNS,
    HELPDESK_SIGHT,
    HELPDESK_SETTINGS,
    HELPDESK_SECRET,
    HELPDESK_AGENTS,
    HELPDESK_AGENTS_E1,
    HELPDESK_FORMER,
    HELPDESK_MAILED,
    HELPDESK_KEYS,
    HELPDESK_KEYS_E1,
    HELPDESK_TOKENS,
    HELPDESK_TOKENS_E1,
    HELPDESK_SOURCES,
    HELPDESK_SOURCES_E1,
    HELPDESK_APPS,
    HELPDESK_TRUSTED,
    HELPDESK_JOBS,
    HELPDESK_LOGIN_LOG,
    HELPDESK_AUDIT_LOG,
];

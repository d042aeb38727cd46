//! What a review asks: who is new, what admins changed, and what the log of logins shows since a day. The
//! log has no index on its dates, so its entries are asked for by their numbers, which grow with time.

use crate::mysql::Statement;

/// Agents and admins that were made since a moment.
pub const REVIEW_ACCOUNTS: Statement = Statement::new(
    "review of accounts",
    500,
    "which agents and admins are new",
    "SELECT p.id AS id, LEFT(p.name, 201) AS name, LEFT(e.email, 201) AS email, p.can_admin AS admin, p.date_created AS created FROM people p LEFT JOIN people_emails e ON e.id = p.primary_email_id WHERE p.is_agent = 1 AND p.is_deleted = 0 AND p.date_created >= ? ORDER BY p.date_created, p.id LIMIT 500",
);

/// What admins changed since a moment.
pub const REVIEW_CHANGES: Statement = Statement::new(
    "review of changes",
    2_000,
    "which settings, accounts and keys were changed, and by whom; old and new values are not asked for",
    "SELECT id, action, date_created AS moment, LEFT(performer_name, 201) AS performer, LEFT(object_name, 201) AS object, object_type AS kind, object_id AS object_id FROM audit_logs WHERE date_created >= ? ORDER BY date_created, id LIMIT 2000",
);

/// The first entry of the log of logins from a number on.
pub const REVIEW_LOGIN_AT: Statement = Statement::new(
    "review of logins: where they begin",
    1,
    "where in the log of logins a day begins, by halving",
    "SELECT id, date_created AS moment FROM login_log WHERE id >= ? ORDER BY id LIMIT 1",
);

/// The last entry's number.
pub const REVIEW_LOGIN_LAST: Statement = Statement::new(
    "review of logins: where they end",
    1,
    "where the log of logins ends",
    "SELECT id FROM login_log ORDER BY id DESC LIMIT 1",
);

/// Failed logins between two numbers, by account and address.
pub const REVIEW_FAILURES: Statement = Statement::new(
    "review of failed logins",
    5_000,
    "which accounts were attacked, and from where",
    "SELECT person_id AS person, ip_address AS address, COUNT(*) AS failures, MIN(date_created) AS first, MAX(date_created) AS last FROM login_log WHERE id BETWEEN ? AND ? AND is_success = 0 GROUP BY person_id, ip_address ORDER BY failures DESC, person_id, ip_address LIMIT 5000",
);

/// Agents' logins between two numbers, by account and address.
pub const REVIEW_LOGINS: Statement = Statement::new(
    "review of agents' logins",
    5_000,
    "from which addresses agents logged in",
    "SELECT l.person_id AS person, l.ip_address AS address, MAX(l.hostname) AS hostname, COUNT(*) AS logins, MIN(l.date_created) AS first, MAX(l.date_created) AS last FROM login_log l STRAIGHT_JOIN people p ON p.id = l.person_id WHERE p.is_agent = 1 AND l.id BETWEEN ? AND ? AND l.is_success = 1 GROUP BY l.person_id, l.ip_address ORDER BY first, l.person_id, l.ip_address LIMIT 5000",
);

/// Whether an account logged in from an address between two numbers.
pub const REVIEW_KNOWN: Statement = Statement::new(
    "review of an address",
    1,
    "whether an agent's address is new",
    "SELECT id FROM login_log WHERE person_id = ? AND ip_address = ? AND is_success = 1 AND id BETWEEN ? AND ? ORDER BY id DESC LIMIT 1",
);

/// Names of accounts from a number on.
pub const REVIEW_NAME: Statement = Statement::new(
    "review of a name",
    1,
    "who an attacked account belongs to",
    "SELECT LEFT(p.name, 201) AS name, LEFT(e.email, 201) AS email, p.can_admin AS admin, p.is_agent AS agent FROM people p LEFT JOIN people_emails e ON e.id = p.primary_email_id WHERE p.id = ? LIMIT 1",
);

pub(super) const REVIEW: &[Statement] = &[
    REVIEW_ACCOUNTS,
    REVIEW_CHANGES,
    REVIEW_LOGIN_AT,
    REVIEW_LOGIN_LAST,
    REVIEW_FAILURES,
    REVIEW_LOGINS,
    REVIEW_KNOWN,
    REVIEW_NAME,
];

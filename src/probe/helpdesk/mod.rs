//! The helpdesk itself: its settings, accounts and logs, from its database or a dump of it. Refuses to
//! select a password, hash, salt, token or code.

//! A read-only session with a MySQL or MariaDB server, bounded in time and rows, and every statement that
//! deskguard may send. Refuses to write, to hand over a local file, and to build SQL from text.

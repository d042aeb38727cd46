//! The hash by which `mysql_native_password` knows a password: a server is told this, and not the password.
//! Manual: "Authentication Plugin - mysql_native_password", SHA-1 of the SHA-1.

use sha1::{Digest as _, Sha1};

/// The hash as `SHOW CREATE USER` writes it: a star and 40 hexadecimal digits.
#[must_use]
pub fn native_hash(password: &[u8]) -> String {
    let twice = Sha1::digest(Sha1::digest(password));
    let digits: String = twice.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("*{digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By `SELECT PASSWORD('password')` of a MariaDB 10.11.
    #[test]
    fn the_hash_is_the_servers() {
        assert_eq!(
            native_hash(b"password"),
            "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"
        );
    }
}

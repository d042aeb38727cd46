//! From where an account may connect. MySQL manual, "Specifying Account Names".

use std::net::IpAddr;

/// How far a host part reaches: `local`, `address`, `name`, `network`, `anywhere`.
pub(super) fn reach(host: &str) -> &'static str {
    let lower = host.trim().to_ascii_lowercase();
    if lower == "localhost" {
        return "local";
    }
    if let Some((address, mask)) = lower.split_once('/') {
        // An address in both notations of a network; a mask of nothing lets everybody in.
        let open = matches!(mask, "0" | "0.0.0.0" | "::");
        return match address.parse::<IpAddr>() {
            Ok(_) if open => "anywhere",
            Ok(address) if address.is_loopback() => "local",
            _ => "network",
        };
    }
    if let Ok(address) = lower.parse::<IpAddr>() {
        return if address.is_loopback() {
            "local"
        } else {
            "address"
        };
    }
    // Wildcards, and nothing that would have to be there but dots and colons.
    if lower.chars().all(|c| matches!(c, '%' | '_' | '.' | ':')) {
        return "anywhere";
    }
    if lower.starts_with("127.") {
        return "local";
    }
    if lower.contains(['%', '_']) {
        return "network";
    }
    "name"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_parts_reach_so_far() {
        for (host, expected) in [
            ("localhost", "local"),
            ("LOCALHOST", "local"),
            ("127.0.0.1", "local"),
            ("127.%", "local"),
            ("::1", "local"),
            ("10.0.0.7", "address"),
            ("2001:db8::7", "address"),
            ("app.example.net", "name"),
            ("10.%", "network"),
            ("10.0.0.0/255.0.0.0", "network"),
            ("%.example.net", "network"),
            ("%", "anywhere"),
            ("", "anywhere"),
            ("%%", "anywhere"),
            ("%.%", "anywhere"),
            ("_%", "anywhere"),
            ("0.0.0.0/0.0.0.0", "anywhere"),
            ("::/0", "anywhere"),
        ] {
            assert_eq!(reach(host), expected, "{host}");
        }
    }
}

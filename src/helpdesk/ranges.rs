//! How much of the internet a list of addresses spares.

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::IpAddr;

/// Public IPv4 addresses beyond which an exemption is wide.
const WIDE_V4: u64 = 1 << 16;
/// An IPv6 prefix shorter than what one provider gets is wide.
const WIDE_V6: u8 = 32;
/// Ranges that nobody on the internet comes from (RFC 1918, 6598, 3927, 1122; RFC 4193, 4291).
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1/128",
];

/// `nobody`, `listed`, `wide` or `everybody`.
///
/// # Errors
/// The entry that is neither an address nor a range, where the others do not decide.
pub(super) fn width(entries: &[String]) -> Result<&'static str, String> {
    let mut four: Vec<Ipv4Net> = Vec::new();
    let mut six: Vec<Ipv6Net> = Vec::new();
    let mut odd = None;
    for entry in entries {
        match read(entry.trim()) {
            Some(IpNet::V4(net)) => four.push(net),
            Some(IpNet::V6(net)) => six.push(net),
            None if entry.trim().is_empty() => {}
            None => odd = Some(entry),
        }
    }
    let public: Vec<Ipv4Net> = four
        .iter()
        .filter(|net| !is_private(IpNet::V4(**net)))
        .copied()
        .collect();
    let addresses: u64 = Ipv4Net::aggregate(&public)
        .iter()
        .map(|net| 1_u64 << (32 - net.prefix_len()))
        .sum();
    let public_six: Vec<Ipv6Net> = six
        .iter()
        .filter(|net| !is_private(IpNet::V6(**net)))
        .copied()
        .collect();
    // In units of a /64: half of 2000::/3 is 2^60 of them.
    let networks: u64 = Ipv6Net::aggregate(&public_six)
        .iter()
        .map(|net| {
            1_u64
                .checked_shl(64_u32.saturating_sub(u32::from(net.prefix_len())))
                .unwrap_or(u64::MAX)
        })
        .fold(0, u64::saturating_add);
    let wide_six = public_six.iter().any(|net| net.prefix_len() < WIDE_V6);
    if addresses >= 1 << 31 || networks >= 1 << 60 {
        return Ok("everybody");
    }
    if addresses > WIDE_V4 || wide_six {
        return Ok("wide");
    }
    if let Some(odd) = odd {
        return Err(format!("{odd:?} is neither an address nor a range"));
    }
    Ok(if four.is_empty() && six.is_empty() {
        "nobody"
    } else {
        "listed"
    })
}

fn read(entry: &str) -> Option<IpNet> {
    entry
        .parse()
        .ok()
        .or_else(|| entry.parse::<IpAddr>().ok().map(IpNet::from))
}

fn is_private(net: IpNet) -> bool {
    PRIVATE
        .iter()
        .filter_map(|range| range.parse::<IpNet>().ok())
        .any(|range| range.contains(&net))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_add_up() {
        for (entries, expected) in [
            (&[][..], "nobody"),
            (&["10.0.0.0/8", "192.168.0.1", "fd00::/8"], "listed"),
            (&["203.0.113.7", "2001:db8::/32"], "listed"),
            (&["203.0.0.0/15"], "wide"),
            (&["2001::/16"], "wide"),
            (&["0.0.0.0/0"], "everybody"),
            (&["::/0"], "everybody"),
            (&["0.0.0.0/1", "128.0.0.0/1"], "everybody"),
            (&["0.0.0.0/2", "64.0.0.0/2", "nonsense"], "everybody"),
            (&["2000::/3"], "everybody"),
        ] {
            let entries: Vec<String> = entries.iter().map(|entry| (*entry).to_owned()).collect();
            assert_eq!(width(&entries).unwrap(), expected, "{entries:?}");
        }
        assert!(width(&["10.0.0.*".to_owned()]).is_err());
    }
}

//! Client addresses in access rules: whole, cut short, with a mask (apr `apr_ipsubnet_create`).

use std::net::{IpAddr, Ipv4Addr};

/// Addresses that one word of a rule names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subnet {
    address: IpAddr,
    bits: u8,
}

impl Subnet {
    /// Reads `10.1`, `10.1.2.3`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `2001:db8::/32`; none for what
    /// is no address.
    pub(super) fn read(word: &str) -> Option<Self> {
        let (address, mask) = match word.split_once('/') {
            Some((address, mask)) => (address, Some(mask)),
            None => (word, None),
        };
        if let Ok(address) = address.parse::<IpAddr>() {
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = match mask {
                None => most,
                Some(mask) => prefix(mask, most)?,
            };
            return Some(Self { address, bits });
        }
        if mask.is_some() {
            return None;
        }
        let parts = address
            .trim_end_matches('.')
            .split('.')
            .map(str::parse::<u8>);
        let parts = parts.collect::<Result<Vec<_>, _>>().ok()?;
        let bits = u8::try_from(parts.len() * 8)
            .ok()
            .filter(|bits| (8..=32).contains(bits))?;
        let mut octets = [0; 4];
        for (octet, part) in octets.iter_mut().zip(&parts) {
            *octet = *part;
        }
        Some(Self {
            address: Ipv4Addr::from(octets).into(),
            bits,
        })
    }

    /// Whether an address is one of them; IPv4 addresses may come as IPv6.
    pub(super) fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                (net.to_bits() ^ address.to_bits()) & mask == 0
            }
            (IpAddr::V6(net), IpAddr::V6(address)) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(self.bits))
                    .unwrap_or(0);
                (net.to_bits() ^ address.to_bits()) & mask == 0
            }
            _ => false,
        }
    }
}

fn prefix(mask: &str, most: u8) -> Option<u8> {
    if let Ok(bits) = mask.parse::<u8>() {
        return (bits <= most).then_some(bits);
    }
    let mask = mask.parse::<Ipv4Addr>().ok()?.to_bits();
    let bits = mask.leading_ones();
    (mask.count_ones() == bits).then(|| u8::try_from(bits).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_addresses() {
        for (word, address, expected) in [
            ("10", "10.9.8.7", true),
            ("10.1.", "10.1.8.7", true),
            ("10.1", "10.2.8.7", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/255.0.0.0", "11.0.0.1", false),
            ("0.0.0.0/0", "11.0.0.1", true),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
            ("2001:db8::/32", "2001:db8:1::2", true),
            ("2001:db8::/32", "10.0.0.1", false),
        ] {
            let subnet = Subnet::read(word).unwrap();
            assert_eq!(
                subnet.holds(address.parse().unwrap()),
                expected,
                "{word} {address}"
            );
        }
        assert_eq!(Subnet::read("help.example.com"), None);
    }
}

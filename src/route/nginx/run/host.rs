//! The host that a request names (`ngx_http_validate_host`).

/// Lower case, without port and last dot; nothing where nginx answers 400.
pub(super) fn validated(host: &[u8]) -> Option<Vec<u8>> {
    let mut end = host.len();
    let mut last_dot: Option<usize> = None;
    let mut is_literal = false;
    let mut is_rest = false;
    for (at, byte) in host.iter().enumerate() {
        match byte {
            b'.' => {
                if at > 0 && last_dot == Some(at - 1) {
                    return None;
                }
                last_dot = Some(at);
            }
            b':' if !is_literal && !is_rest => {
                end = at;
                is_rest = true;
            }
            b'[' if at == 0 => is_literal = true,
            b']' if is_literal => {
                end = at + 1;
                is_literal = false;
                is_rest = true;
            }
            b'/' | 0..=b' ' | 0x7f => return None,
            _ => {}
        }
    }
    if end > 0 && last_dot == Some(end - 1) {
        end -= 1;
    }
    let name = host.get(..end)?.to_ascii_lowercase();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_lose_port_case_and_last_dot() {
        for (host, expected) in [
            ("Help.Example.com:80", Some("help.example.com")),
            ("a.", Some("a")),
            ("a.:80", Some("a")),
            ("[::1]:80", Some("[::1]")),
            ("a..b", None),
            ("a/b", None),
            ("a b", None),
            ("", None),
            (".", None),
            (":80", None),
        ] {
            let found = validated(host.as_bytes());
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{host}");
        }
    }
}

//! Where a `*_by_lua_block` ends: braces balance, Lua's strings and comments aside.
//! Refuses to understand Lua any further.

/// The length of the body up to its closing brace, or nothing if there is none.
pub(super) fn body_length(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    let mut depth = 0_usize;
    while let Some(rest) = text.get(at..) {
        at += match *rest.first()? {
            b'{' => {
                depth += 1;
                1
            }
            b'}' if depth == 0 => return Some(at),
            b'}' => {
                depth -= 1;
                1
            }
            b'-' if rest.starts_with(b"--") => comment_length(rest),
            quote @ (b'"' | b'\'') => string_length(rest, quote),
            b'[' => long_bracket_length(rest).unwrap_or(1),
            _ => 1,
        };
    }
    None
}

fn comment_length(rest: &[u8]) -> usize {
    let after = rest.get(2..).unwrap_or_default();
    long_bracket_length(after).map_or_else(
        || {
            rest.iter()
                .position(|byte| *byte == b'\n')
                .unwrap_or(rest.len())
        },
        |length| length + 2,
    )
}

fn string_length(rest: &[u8], quote: u8) -> usize {
    let mut escaped = true; // the opening quote itself
    for (at, byte) in rest.iter().enumerate() {
        match *byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if byte == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// `[[…]]`, `[=[…]=]` and so on.
fn long_bracket_length(rest: &[u8]) -> Option<usize> {
    let level = rest.get(1..)?.iter().take_while(|b| **b == b'=').count();
    if rest.first() != Some(&b'[') || rest.get(level + 1) != Some(&b'[') {
        return None;
    }
    let mut closing = vec![b'='; level + 2];
    *closing.first_mut()? = b']';
    *closing.last_mut()? = b']';
    let end = rest.windows(closing.len()).position(|w| w == closing);
    Some(end.map_or(rest.len(), |end| end + closing.len()))
}

//! PHP's `serialize()` format, read within bounds: scalars and arrays. Objects, references and anything
//! that lies about its length are refused; PHP's own `unserialize` would at best warn.

use super::Value;

/// How deep arrays may nest.
const MOST_DEPTH: u32 = 32;
/// How many values one text may hold.
const MOST_VALUES: u32 = 20_000;

/// The value, where the whole text is one.
#[must_use]
pub(super) fn parse(bytes: &[u8]) -> Option<Value> {
    let mut reader = Reader {
        rest: bytes,
        values: MOST_VALUES,
    };
    let value = reader.value(MOST_DEPTH)?;
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a [u8],
    values: u32,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: u32) -> Option<Value> {
        self.values = self.values.checked_sub(1)?;
        let (kind, rest) = self.rest.split_first()?;
        self.rest = rest;
        if *kind == b'N' {
            self.expect(b";")?;
            return Some(Value::Null);
        }
        self.expect(b":")?;
        match kind {
            b'b' => match self.until(b';')? {
                b"0" => Some(Value::Bool(false)),
                b"1" => Some(Value::Bool(true)),
                _ => None,
            },
            b'i' => text(self.until(b';')?)?.parse().ok().map(Value::Int),
            b'd' => text(self.until(b';')?)?.parse().ok().map(Value::Float),
            b's' => {
                let length: usize = text(self.until(b':')?)?.parse().ok()?;
                self.expect(b"\"")?;
                let (content, rest) = self.rest.split_at_checked(length)?;
                self.rest = rest;
                self.expect(b"\";")?;
                Some(Value::Bytes(content.to_vec()))
            }
            b'a' => self.array(depth.checked_sub(1)?),
            _ => None,
        }
    }

    fn array(&mut self, depth: u32) -> Option<Value> {
        let count: u32 = text(self.until(b':')?)?.parse().ok()?;
        self.expect(b"{")?;
        let mut items = Vec::new();
        for _ in 0..count {
            match self.value(0)? {
                Value::Int(_) | Value::Bytes(_) => {}
                _ => return None,
            }
            items.push(self.value(depth)?);
        }
        self.expect(b"}")?;
        Some(Value::List(items))
    }

    fn expect(&mut self, token: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(token)?;
        Some(())
    }

    fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let at = self.rest.iter().take(32).position(|byte| *byte == end)?;
        let (content, rest) = self.rest.split_at_checked(at)?;
        self.rest = rest.get(1..)?;
        Some(content)
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_php_serialises_is_read() {
        let list = parse(b"a:2:{i:0;s:3:\"a;\"\";s:1:\"k\";a:1:{i:1;N;}}").unwrap();
        assert_eq!(
            list,
            Value::List(vec![
                Value::Bytes(b"a;\"".to_vec()),
                Value::List(vec![Value::Null])
            ])
        );
        assert_eq!(parse(b"d:0.5;"), Some(Value::Float(0.5)));
        assert_eq!(parse(b"b:1;"), Some(Value::Bool(true)));
    }

    #[test]
    fn lies_and_objects_are_refused() {
        let deep = "a:1:{i:0;".repeat(100_000);
        for hostile in [
            "s:99999999999:\"a\";",
            "s:5:\"abc\";",
            "a:4294967295:{}",
            "a:1:{a:0:{}i:1;}",
            "O:8:\"stdClass\":0:{}",
            "i:1;i:2;",
            "b:2;",
            "i:;",
            "1",
            "",
            &deep,
        ] {
            assert_eq!(parse(hostile.as_bytes()), None);
        }
    }
}

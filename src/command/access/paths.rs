//! The paths asked about: arguments, and a list on standard input where `-` stands.
//! Refuses nothing: names are bytes.

use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;

/// Every path, in order; the first `-` is replaced by the list, a second one finds it empty.
pub(super) fn gather(arguments: &[OsString], input: &mut dyn Read) -> io::Result<Vec<Vec<u8>>> {
    let mut paths = Vec::new();
    for argument in arguments {
        if argument == "-" {
            let mut list = Vec::new();
            input.read_to_end(&mut list)?;
            paths.extend(split(&list));
        } else {
            paths.push(argument.as_bytes().to_vec());
        }
    }
    Ok(paths)
}

/// Separated by NUL if there is any, else by newlines; empty pieces are no paths.
fn split(list: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let separator = if list.contains(&0) { 0 } else { b'\n' };
    list.split(move |byte| *byte == separator)
        .filter(|path| !path.is_empty())
        .map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(input: &[u8]) -> Vec<Vec<u8>> {
        gather(&["a".into(), "-".into(), "z".into()], &mut &input[..]).unwrap()
    }

    #[test]
    fn nul_wins_over_newline() {
        assert_eq!(
            listed(b"b\nc\n"),
            [b"a".to_vec(), b"b".to_vec(), b"c".to_vec(), b"z".to_vec()]
        );
        assert_eq!(
            listed(b"b\nc\0d\0"),
            [
                b"a".to_vec(),
                b"b\nc".to_vec(),
                b"d".to_vec(),
                b"z".to_vec()
            ]
        );
    }
}

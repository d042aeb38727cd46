//! A path as the journal holds it: text where it is UTF-8, hexadecimal bytes where it is not, so that
//! no name is lost. Refuses digits that are none.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// A path of any bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spelled(pub(super) PathBuf);

impl Spelled {
    /// The path.
    #[must_use]
    pub(super) fn as_path(&self) -> &Path {
        &self.0
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Form {
    Text(String),
    Bytes { hex: String },
}

impl Serialize for Spelled {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = match self.0.to_str() {
            Some(text) => Form::Text(text.to_owned()),
            None => Form::Bytes {
                hex: hex(self.0.as_os_str().as_bytes()),
            },
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Spelled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Form::deserialize(deserializer)? {
            Form::Text(text) => Self(text.into()),
            Form::Bytes { hex } => {
                let bytes = unhex(&hex)
                    .ok_or_else(|| serde::de::Error::custom("a path's digits are broken"))?;
                Self(OsString::from_vec(bytes).into())
            }
        })
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that digits stand for; none where they are no such digits.
#[must_use]
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|it| u8::try_from(it).ok())
    };
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_survives() {
        for bytes in [&b"/srv/dp"[..], b"/a\nb\"\\", b"/\xff\x00\x80", b""] {
            let path = Spelled(OsString::from_vec(bytes.to_vec()).into());
            let text = serde_json::to_string(&path).unwrap();
            assert!(!text.contains('\n'), "{text}");
            assert_eq!(serde_json::from_str::<Spelled>(&text).unwrap(), path);
        }
        assert!(serde_json::from_str::<Spelled>(r#"{"hex":"0g"}"#).is_err());
        assert!(serde_json::from_str::<Spelled>(r#"{"hex":"abc"}"#).is_err());
    }
}

//! Facts that were collected, to be judged elsewhere or later: one envelope of JSON, compressed or
//! plain. Secrets cannot be in it, because facts have no room for them. Reading is bounded, refuses
//! other versions and damage, and fills what an older program did not observe with "unknown".

use crate::facts::{FACTS_SCHEMA, Facts, UNKNOWN_KEY};
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{Read as _, Write as _};

/// The version of the envelope.
pub const EVIDENCE_SCHEMA: &str = "deskguard/evidence/1";
/// The largest file that is read, in bytes.
pub const MAX_FILE: usize = 32 << 20;
/// The largest content after decompression, in bytes.
pub const MAX_CONTENT: usize = 64 << 20;

/// What a file holds around the facts.
#[derive(Debug, Serialize, Deserialize)]
struct Envelope {
    schema: String,
    /// The program's version.
    tool: String,
    /// RFC 3339 in UTC.
    collected: String,
    sha256: String,
    facts: Value,
}

/// Facts as they were saved.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// What was observed.
    pub facts: Facts,
    /// When, RFC 3339 in UTC.
    pub collected: String,
    /// The checksum that [`sha256`] gives.
    pub sha256: String,
}

/// The facts' checksum: SHA-256 over their compact JSON with sorted keys, in hexadecimal.
#[must_use]
pub fn sha256(facts: &Facts) -> String {
    // Facts have string keys and finite numbers only, so that writing them cannot fail.
    checksum(&serde_json::to_value(facts).unwrap_or(Value::Null))
}

fn checksum(facts: &Value) -> String {
    let bytes = serde_json::to_vec(facts).unwrap_or_default();
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The facts as plain JSON, indented, with a newline at the end.
#[must_use]
pub fn plain(facts: &Facts, collected: &str) -> Vec<u8> {
    let envelope = Envelope {
        schema: EVIDENCE_SCHEMA.to_owned(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        collected: collected.to_owned(),
        sha256: sha256(facts),
        facts: serde_json::to_value(facts).unwrap_or(Value::Null),
    };
    let mut bytes = serde_json::to_vec_pretty(&envelope).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// The same compressed, as gzip does; the same facts give the same bytes.
///
/// # Errors
/// Never on a machine with memory left.
pub fn compressed(facts: &Facts, collected: &str) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&plain(facts, collected))?;
    encoder.finish()
}

/// Understands a file, compressed or plain.
///
/// # Errors
/// Why it is refused, as the end of a sentence that begins with the file's name.
pub fn read(bytes: &[u8]) -> Result<Saved, String> {
    let text = expand(bytes)?;
    let envelope: Value =
        serde_json::from_slice(&text).map_err(|error| format!("it is no JSON: {error}"))?;
    let schema = envelope.get("schema").and_then(Value::as_str);
    match schema {
        Some(EVIDENCE_SCHEMA) => {}
        Some(other) if other.starts_with("deskguard/evidence/") => {
            return Err(format!(
                "its form is {other}, and this deskguard reads {EVIDENCE_SCHEMA}: use the version that wrote it, or collect anew"
            ));
        }
        _ => {
            return Err(format!(
                "it does not say `\"schema\": \"{EVIDENCE_SCHEMA}\"`: `deskguard collect` writes such files"
            ));
        }
    }
    let envelope: Envelope = serde_json::from_value(envelope)
        .map_err(|error| format!("it is no evidence file: {error}"))?;
    let version = envelope.facts.get("schema").and_then(Value::as_str);
    if version != Some(FACTS_SCHEMA) {
        return Err(format!(
            "its facts are of form {}, and this deskguard judges {FACTS_SCHEMA}: collect anew",
            version.unwrap_or("unknown")
        ));
    }
    if checksum(&envelope.facts) != envelope.sha256 {
        return Err("its facts do not fit its sha256: it was damaged or edited".to_owned());
    }
    let mut facts = serde_json::to_value(Facts::default()).unwrap_or(Value::Null);
    fill(&mut facts, envelope.facts);
    let facts = serde_json::from_value(facts).map_err(|error| {
        format!(
            "its facts were collected by deskguard {} in a form that this one does not judge ({error}): collect anew",
            envelope.tool
        )
    })?;
    Ok(Saved {
        facts,
        collected: envelope.collected,
        sha256: envelope.sha256,
    })
}

fn expand(bytes: &[u8]) -> Result<Vec<u8>, String> {
    const GZIP: [u8; 2] = [0x1f, 0x8b];
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes.to_vec());
    }
    let mut text = Vec::new();
    let limit = u64::try_from(MAX_CONTENT).unwrap_or(u64::MAX);
    MultiGzDecoder::new(bytes)
        .take(limit + 1)
        .read_to_end(&mut text)
        .map_err(|error| format!("it cannot be decompressed: {error}"))?;
    if text.len() > MAX_CONTENT {
        return Err(format!("it expands to more than {} MiB", MAX_CONTENT >> 20));
    }
    Ok(text)
}

/// Puts what was saved over what nobody looked at, group by group; rows are taken as they are.
fn fill(unseen: &mut Value, saved: Value) {
    match (unseen, saved) {
        (Value::Object(unseen), Value::Object(saved))
            if !unseen.contains_key(UNKNOWN_KEY) && !saved.contains_key(UNKNOWN_KEY) =>
        {
            for (name, field) in saved {
                match unseen.get_mut(&name) {
                    Some(place) => fill(place, field),
                    None => drop(unseen.insert(name, field)),
                }
            }
        }
        (place, saved) => *place = saved,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Known, Listing, Owner};

    const WHEN: &str = "2026-11-24T06:00:00Z";

    fn facts() -> Facts {
        let mut facts = Facts {
            schema: FACTS_SCHEMA.to_owned(),
            ..Facts::default()
        };
        facts.target.root = "/srv/desk".to_owned();
        facts.target.generation = Known::Known("v5".to_owned());
        facts.target.config_file = Known::unknown("permission denied on /srv/desk");
        facts.files.owners = Listing::whole(vec![Owner {
            area: "app".to_owned(),
            owner: "deskpro".to_owned(),
            uid: 990,
            count: 7,
            path: "/srv/desk/index.php".to_owned(),
            examples: Vec::new(),
        }]);
        facts
    }

    /// The plain file with one change, its checksum mended unless that is the change.
    fn edited(change: impl Fn(&mut Value)) -> Vec<u8> {
        let mut file: Value = serde_json::from_slice(&plain(&facts(), WHEN)).unwrap();
        file["sha256"] = Value::Null;
        change(&mut file);
        if file["sha256"].is_null() {
            file["sha256"] = checksum(&file["facts"]).into();
        }
        serde_json::to_vec(&file).unwrap()
    }

    fn refusal(bytes: &[u8]) -> String {
        read(bytes).unwrap_err()
    }

    #[test]
    fn what_is_written_reads_back_compressed_and_plain() {
        let facts = facts();
        for bytes in [plain(&facts, WHEN), compressed(&facts, WHEN).unwrap()] {
            let saved = read(&bytes).unwrap();
            assert_eq!(saved.facts, facts);
            assert_eq!(saved.collected, WHEN);
            assert_eq!(saved.sha256, sha256(&facts));
        }
        assert_eq!(
            compressed(&facts, WHEN).unwrap(),
            compressed(&facts, WHEN).unwrap()
        );
    }

    #[test]
    fn what_an_older_program_did_not_observe_is_unknown() {
        let older = edited(|file| {
            file["facts"].as_object_mut().unwrap().remove("web");
            file["facts"]["files"]
                .as_object_mut()
                .unwrap()
                .remove("setid");
            file["facts"]["files"]["owners"]
                .as_object_mut()
                .unwrap()
                .remove("missed");
        });
        let facts = read(&older).unwrap().facts;
        assert_eq!(facts.files.setid.missed, ["nobody looked"]);
        assert_eq!(facts.files.owners.rows.len(), 1);
        assert_eq!(
            facts.files.owners.missed,
            ["nobody looked"],
            "a list that does not say that it is whole is not whole"
        );
    }

    #[test]
    fn other_versions_and_damage_are_refused() {
        assert!(refusal(b"\x00\x01").contains("no JSON"));
        assert!(refusal(b"{}").contains("does not say"));
        let newer = edited(|file| file["schema"] = "deskguard/evidence/2".into());
        assert!(refusal(&newer).contains("deskguard/evidence/2"));
        let newer = edited(|file| file["facts"]["schema"] = "deskguard/facts/9".into());
        assert!(refusal(&newer).contains("deskguard/facts/9"));
        let forged = edited(|file| file["sha256"] = "00".into());
        assert!(refusal(&forged).contains("damaged or edited"));
        let other_row = edited(|file| file["facts"]["files"]["owners"]["rows"][0] = 7.into());
        assert!(refusal(&other_row).contains("collect anew"));
        let mut cut = compressed(&facts(), WHEN).unwrap();
        cut.truncate(cut.len() / 2);
        assert!(refusal(&cut).contains("decompressed"));
    }

    #[test]
    fn a_bomb_and_a_tower_are_refused() {
        let mut bomb = GzEncoder::new(Vec::new(), Compression::default());
        let zeros = vec![b' '; 1 << 20];
        for _ in 0..=(MAX_CONTENT >> 20) {
            bomb.write_all(&zeros).unwrap();
        }
        assert!(refusal(&bomb.finish().unwrap()).contains("expands to more than"));
        assert!(refusal("[".repeat(1 << 20).as_bytes()).contains("no JSON"));
    }
}

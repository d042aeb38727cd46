//! The dump inside its packing: plain, gzip, zstd, or the one dump in the product's own backup zip. What it
//! is shows in its first bytes, not in its name. Bounds on time and size belong to the reader that is given.

use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use std::io::{self, Read, Seek, SeekFrom};
use zip::ZipArchive;

/// A zip with more files than its short form can count is no database backup.
const MOST_FILES: usize = 65_534;
/// zstd at level 19 and below keeps no more than 8 MiB in view; more is not needed and not given.
const MOST_WINDOW: u64 = 128 << 20;

/// Gives the plain dump to `work`.
///
/// # Errors
/// Why it cannot be unpacked.
pub fn unpack<F: Read + Seek, T>(
    mut file: F,
    work: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> Result<T, String> {
    let mut magic = [0_u8; 4];
    let mut read = 0;
    while let Some(room) = magic.get_mut(read..).filter(|room| !room.is_empty()) {
        match file.read(room) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    file.rewind().map_err(|error| error.to_string())?;
    match magic {
        [0x1f, 0x8b, ..] => {
            work(&mut MultiGzDecoder::new(file)).map_err(|error| format!("gzip: {error}"))
        }
        [0x28, 0xb5, 0x2f, 0xfd] => zstd(file, work),
        [b'P', b'K', 3, 4] => zipped(file, work),
        _ => work(&mut file).map_err(|error| error.to_string()),
    }
}

fn zstd<F: Read, T>(
    file: F,
    work: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> Result<T, String> {
    let mut decoder = StreamingDecoder::new_with_max_window_size(file, MOST_WINDOW)
        .map_err(|error| format!("zstd: {error}"))?;
    work(&mut decoder).map_err(|error| format!("zstd: {error}"))
}

fn zipped<F: Read + Seek, T>(
    mut file: F,
    work: impl FnOnce(&mut dyn Read) -> io::Result<T>,
) -> Result<T, String> {
    if files_in(&mut file).map_err(|error| error.to_string())? > MOST_FILES {
        return Err("the zip holds more files than a database backup does".to_owned());
    }
    let mut archive = ZipArchive::new(file).map_err(|error| format!("zip: {error}"))?;
    let dumps: Vec<usize> = (0..archive.len())
        .filter(|at| {
            let name = archive.name_for_index(*at).and_then(Result::ok);
            name.is_some_and(|name| name.to_ascii_lowercase().ends_with(".sql"))
        })
        .collect();
    let [dump] = dumps.as_slice() else {
        return Err(format!(
            "the zip holds {} .sql files, and the product's database backup holds one",
            dumps.len()
        ));
    };
    let mut member = archive
        .by_index(*dump)
        .map_err(|error| format!("zip: {error}"))?;
    work(&mut member).map_err(|error| format!("zip: {error}"))
}

/// How many files the end of the zip counts (APPNOTE 4.3.16), 65,535 for the long form.
fn files_in<F: Read + Seek>(file: &mut F) -> io::Result<usize> {
    const TAIL: u64 = 66_000;
    let size = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.by_ref().take(TAIL).read_to_end(&mut tail)?;
    file.rewind()?;
    let end = memchr::memmem::rfind(&tail, b"PK\x05\x06");
    let count = end.and_then(|at| tail.get(at + 10..at + 12));
    Ok(count.map_or(usize::from(u16::MAX), |count| {
        count
            .iter()
            .rev()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
    }))
}

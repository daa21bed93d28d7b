//! Files, taken apart into JSON documents.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::value::RawValue;

use crate::error::InputError;

/// The largest file that is read. A list of all the invites that a server may
/// have is about a megabyte and a half.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// Some editors put it before the text; decoding skips it, too.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One JSON document of a file.
pub(super) struct Document {
    /// Its place in the file, from 1, if there are several.
    pub(super) number: Option<usize>,
    /// Its text.
    pub(super) bytes: Vec<u8>,
}

/// Reads a file, or standard input for `-`.
///
/// What is not JSON comes back as one document as it is: decoding says where
/// it goes wrong.
pub(super) fn read(path: &Path) -> Result<Vec<Document>, InputError> {
    let name = path.display().to_string();
    let failed = |source| InputError::Read {
        path: name.clone(),
        source,
    };
    let mut bytes = Vec::new();
    let size = if name == "-" {
        io::stdin()
            .lock()
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)
    } else {
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)
    }
    .map_err(failed)?;
    if size as u64 > MAX_BYTES {
        return Err(InputError::TooLarge {
            path: name,
            limit: MAX_BYTES,
        });
    }
    if bytes.trim_ascii().is_empty() {
        return Err(InputError::Empty { path: name });
    }
    Ok(split(bytes))
}

fn split(bytes: Vec<u8>) -> Vec<Document> {
    let mut parts = Vec::new();
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&bytes);
    for part in serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>() {
        match part {
            Ok(part) => parts.push(part.get().as_bytes().to_vec()),
            // As a whole, it gets one error with the right place in it.
            Err(_) => {
                return vec![Document {
                    number: None,
                    bytes,
                }];
            }
        }
    }
    let several = parts.len() > 1;
    parts
        .into_iter()
        .enumerate()
        .map(|(index, bytes)| Document {
            number: several.then_some(index + 1),
            bytes,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(input: &str) -> Vec<String> {
        split(input.to_owned().into_bytes())
            .into_iter()
            .map(|document| String::from_utf8(document.bytes).unwrap())
            .collect()
    }

    #[test]
    fn documents_follow_one_another() {
        assert_eq!(texts("{\"a\": 1}\n[2] 3\n"), ["{\"a\": 1}", "[2]", "3"]);
        assert_eq!(texts(" {} "), ["{}"]);
        assert_eq!(texts("{} nonsense"), ["{} nonsense"]);
        assert_eq!(texts("\u{feff}{} [2]"), ["{}", "[2]"]);
    }
}

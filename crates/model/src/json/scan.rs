//! Finds the end of strings, eight bytes at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The offset from `start` of the first quote, backslash or control character.
#[inline]
pub(super) fn string_stop(bytes: &[u8], start: usize) -> Option<usize> {
    let mut rest = bytes.get(start..)?;
    let mut offset = 0;
    while let Some((chunk, after)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        // A byte below n borrows when n is subtracted, and its high bit was not set before.
        // Flipping the second bit puts the quote (0x22) right behind the control
        // characters (below 0x20) and the space (0x20) out of the way.
        let quotes_and_controls = (word ^ (ONES * 0x02)).wrapping_sub(ONES * 0x21);
        let backslashes = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
        let found = (quotes_and_controls | backslashes) & !word & HIGHS;
        if found != 0 {
            // Bits above the lowest one may be false alarms; the lowest never is.
            return Some(offset + (found.trailing_zeros() / 8) as usize);
        }
        offset += 8;
        rest = after;
    }
    rest.iter()
        .position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20)
        .map(|position| offset + position)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(bytes: &[u8], start: usize) -> Option<usize> {
        bytes
            .get(start..)?
            .iter()
            .position(|&byte| byte == b'"' || byte == b'\\' || byte < 0x20)
    }

    #[test]
    fn every_byte_at_every_place_is_seen_as_the_plain_loop_sees_it() {
        for byte in 0..=255 {
            for filler in [b'a', 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff, b' '] {
                for len in 0..20 {
                    for at in 0..len {
                        let mut text = vec![filler; len];
                        text[at] = byte;
                        assert_eq!(string_stop(&text, 0), plain(&text, 0));
                        if at + 1 < len {
                            text[at + 1] = b'"';
                            assert_eq!(string_stop(&text, 0), plain(&text, 0));
                            assert_eq!(string_stop(&text, at), plain(&text, at));
                        }
                    }
                }
            }
        }
    }
}

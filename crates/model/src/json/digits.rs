//! Reads runs of digits, eight at a time where possible.

const ONES: u64 = 0x0101_0101_0101_0101;

/// The number of digits that always fit in 64 bits.
const MOST: usize = 19;

const fn all_digits(word: u64) -> bool {
    const HIGH: u64 = ONES * 0xf0;
    const ZEROS: u64 = ONES * 0x30;
    // The second sum carries out of the low half exactly for `:` to `?`.
    word & HIGH == ZEROS && word.wrapping_add(ONES * 6) & HIGH == ZEROS
}

/// The value of eight digits, of which the first is in the lowest byte: neighbours are
/// joined to pairs, pairs to fours, fours to eight.
const fn eight(word: u64) -> u64 {
    const LOW: u64 = 0x0000_00ff_0000_00ff;
    let digits = word.wrapping_sub(ONES * 0x30);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let first = (pairs & LOW).wrapping_mul(100 + (1_000_000 << 32));
    let second = ((pairs >> 16) & LOW).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
}

/// The digits from `start` on, at most 19: their value and their number.
#[inline]
pub(super) fn run(bytes: &[u8], start: usize) -> (u64, usize) {
    let mut rest = bytes.get(start..).unwrap_or_default();
    let (mut value, mut len) = (0u64, 0);
    while len < 16
        && let Some((chunk, after)) = rest.split_first_chunk::<8>()
    {
        let word = u64::from_le_bytes(*chunk);
        if !all_digits(word) {
            break;
        }
        value = value * 100_000_000 + eight(word);
        len += 8;
        rest = after;
    }
    one_by_one(rest, value, len)
}

/// As [`run`], for numbers that are usually small.
#[inline]
pub(super) fn few(bytes: &[u8], start: usize) -> (u64, usize) {
    one_by_one(bytes.get(start..).unwrap_or_default(), 0, 0)
}

#[inline]
fn one_by_one(bytes: &[u8], mut value: u64, mut len: usize) -> (u64, usize) {
    for &byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 || len == MOST {
            break;
        }
        value = value * 10 + u64::from(digit);
        len += 1;
    }
    (value, len)
}

/// The values of four pairs of digits.
#[inline]
pub(crate) fn pairs(digits: [u8; 8]) -> Option<[i64; 4]> {
    let word = u64::from_le_bytes(digits);
    if !all_digits(word) {
        return None;
    }
    let digits = word.wrapping_sub(ONES * 0x30);
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let [first, _, second, _, third, _, fourth, _] = pairs.to_le_bytes();
    Some([first, second, third, fourth].map(i64::from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_every_length_are_read_up_to_what_surely_fits() {
        let digits = "9876543210123456789012345";
        for len in 0..=digits.len() {
            for end in ["", "\"", ",", "/", ":", "\u{0}", "é", "x1234567890"] {
                let text = format!("\"{}{end}", &digits[..len]);
                let read = &digits[..len.min(MOST)];
                let value = read.parse().unwrap_or(0);
                assert_eq!(run(text.as_bytes(), 1), (value, read.len()), "{text}");
                assert_eq!(few(text.as_bytes(), 1), (value, read.len()), "{text}");
            }
        }
        assert_eq!(
            run(b"9999999999999999999", 0),
            (9_999_999_999_999_999_999, 19)
        );
        assert_eq!(run(b"1", 5), (0, 0));
    }

    #[test]
    fn pairs_are_read_and_what_is_no_digit_refused() {
        assert_eq!(pairs(*b"20260709"), Some([20, 26, 7, 9]));
        assert_eq!(pairs(*b"99999999"), Some([99; 4]));
        for byte in (0..=255u8).filter(|byte| !byte.is_ascii_digit()) {
            for at in 0..8 {
                let mut text = *b"20260709";
                text[at] = byte;
                assert_eq!(pairs(text), None, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn every_byte_that_is_no_digit_ends_a_run_at_every_place() {
        for byte in (0..=255u8).filter(|byte| !byte.is_ascii_digit()) {
            for at in 0..MOST {
                let mut text = *b"1234567812345678123";
                text[at] = byte;
                assert_eq!(run(&text, 0).1, at, "{byte:#x} at {at}");
            }
        }
    }
}

//! Timestamps.

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Serialize, Serializer};

use crate::json::digits::pairs;

/// A point in time, in microseconds since the start of 1970 (UTC). It can be negative.
///
/// Discord writes timestamps in RFC 3339 with 0, 3 or 6 fractional digits and any offset.
/// Serde reads and writes RFC 3339, too.
///
/// ```
/// use guestlist_model::Timestamp;
///
/// let at = Timestamp::parse("2023-07-22T18:30:11.047000+00:00")?;
/// assert_eq!(at.as_millis(), 1_690_050_611_047);
/// assert_eq!(at.to_string(), "2023-07-22T18:30:11.047Z");
/// # Ok::<(), guestlist_model::TimestampError>(())
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd, Default)]
pub struct Timestamp(i64);

/// The error for a text that is not a timestamp in RFC 3339.
///
/// ```
/// use guestlist_model::Timestamp;
///
/// let error = Timestamp::parse("yesterday").unwrap_err();
/// assert_eq!(error.to_string(), "not a timestamp like 2023-07-22T18:30:11+00:00");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a timestamp like 2023-07-22T18:30:11+00:00")]
pub struct TimestampError;

const DAY: i64 = 86_400;
const MICROS: i64 = 1_000_000;

impl Timestamp {
    /// The earliest timestamp.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest timestamp.
    pub const MAX: Self = Self(i64::MAX);

    /// Creates a timestamp from microseconds since the start of 1970.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Creates a timestamp from milliseconds since the start of 1970. Saturates at the
    /// limits.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Creates a timestamp from seconds since the start of 1970. Saturates at the limits.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(MICROS))
    }

    /// Microseconds since the start of 1970.
    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the start of 1970, rounded down.
    #[must_use]
    pub const fn as_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Seconds since the start of 1970, rounded down.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(MICROS)
    }

    /// Parses RFC 3339: `T` or a space between date and time, up to nine fractional
    /// digits (those after the sixth are ignored), and `Z` or an offset.
    ///
    /// # Errors
    ///
    /// [`TimestampError`] if the text has another form or the date or time does not
    /// exist.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        parse_with_form(text.as_bytes()).map(|(at, _)| at)
    }

    /// Adds a duration; `None` on overflow.
    #[must_use]
    pub fn checked_add(self, duration: Duration) -> Option<Self> {
        let micros = i64::try_from(duration.as_micros()).ok()?;
        self.0.checked_add(micros).map(Self)
    }

    /// Subtracts a duration; `None` on overflow.
    #[must_use]
    pub fn checked_sub(self, duration: Duration) -> Option<Self> {
        let micros = i64::try_from(duration.as_micros()).ok()?;
        self.0.checked_sub(micros).map(Self)
    }

    /// Adds a duration. Saturates at [`Timestamp::MAX`].
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        self.checked_add(duration).unwrap_or(Self::MAX)
    }

    /// Subtracts a duration. Saturates at [`Timestamp::MIN`].
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        self.checked_sub(duration).unwrap_or(Self::MIN)
    }

    /// The duration since `earlier`, or `None` if `earlier` is later than `self`.
    #[must_use]
    pub fn duration_since(self, earlier: Self) -> Option<Duration> {
        if self < earlier {
            return None;
        }
        Some(Duration::from_micros(self.0.abs_diff(earlier.0)))
    }
}

/// The form in which a timestamp was written, if it is a form that can be written again.
///
/// Digits of fraction (0, 3 or 6) times two, plus one if the offset is `Z` instead
/// of `+00:00`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Form(u8);

impl Form {
    const fn new(digits: u8, zulu: bool) -> Self {
        Self(digits * 2 + zulu as u8)
    }

    /// Discord's usual form, for timestamps that were not read.
    pub(crate) const DISCORD: Self = Self::new(6, false);

    const fn digits(self) -> u8 {
        self.0 / 2
    }

    const fn zulu(self) -> bool {
        self.0 % 2 == 1
    }
}

fn digit(byte: u8) -> Option<i64> {
    let digit = byte.wrapping_sub(b'0');
    (digit <= 9).then(|| i64::from(digit))
}

fn two(high: u8, low: u8) -> Option<i64> {
    Some(digit(high)? * 10 + digit(low)?)
}

/// Reads a timestamp; also returns its form if writing it in this form gives the same text.
pub(crate) fn parse_with_form(text: &[u8]) -> Result<(Timestamp, Option<Form>), TimestampError> {
    parse(text).ok_or(TimestampError)
}

fn parse(text: &[u8]) -> Option<(Timestamp, Option<Form>)> {
    let (
        &[
            y1,
            y2,
            y3,
            y4,
            b'-',
            m1,
            m2,
            b'-',
            d1,
            d2,
            separator,
            h1,
            h2,
            b':',
            n1,
            n2,
            b':',
            s1,
            s2,
        ],
        rest,
    ) = text.split_first_chunk::<19>()?
    else {
        return None;
    };
    let mut usual = separator == b'T';
    if !matches!(separator, b'T' | b't' | b' ') {
        return None;
    }
    let [century, year, month, day] = pairs([y1, y2, y3, y4, m1, m2, d1, d2])?;
    let year = century * 100 + year;
    let [hour, minute, second, _] = pairs([h1, h2, n1, n2, s1, s2, b'0', b'0'])?;
    if !(1..=12).contains(&month)
        || day < 1
        || day > days_in_month(year, month)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    // A leap second is read as the second after it and cannot be written again.
    usual &= second < 60;

    let mut rest = rest;
    let mut digits = 0u8;
    let mut micros = 0i64;
    if let Some((b'.', fraction)) = rest.split_first() {
        let mut fraction = fraction;
        while let Some((&byte, after)) = fraction.split_first() {
            let Some(value) = digit(byte) else { break };
            if digits < 6 {
                micros = micros * 10 + value;
            }
            digits += 1;
            if digits > 9 {
                return None;
            }
            fraction = after;
        }
        if digits == 0 {
            return None;
        }
        for _ in digits..6 {
            micros *= 10;
        }
        rest = fraction;
    }
    usual &= matches!(digits, 0 | 3 | 6);

    let mut zulu = false;
    let offset = match *rest {
        [b'Z'] => {
            zulu = true;
            0
        }
        [b'z'] => {
            usual = false;
            0
        }
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (two(h1, h2)?, two(m1, m2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = hours * 3600 + minutes * 60;
            usual &= sign == b'+' && offset == 0;
            if sign == b'-' { -offset } else { offset }
        }
        _ => return None,
    };

    let days = days_from_civil(year, month, day);
    let secs = days * DAY + hour * 3600 + minute * 60 + second - offset;
    let at = Timestamp(secs * MICROS + micros);
    Some((at, usual.then(|| Form::new(digits, zulu))))
}

const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant's
/// `days_from_civil`).
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`].
const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Writes a timestamp in a form.
pub(crate) fn write_form(out: &mut impl fmt::Write, at: Timestamp, form: Form) -> fmt::Result {
    let secs = at.as_secs();
    let (year, month, day) = civil_from_days(secs.div_euclid(DAY));
    let time = secs.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    let micros = at.0.rem_euclid(MICROS);
    write!(
        out,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    )?;
    match form.digits() {
        0 => {}
        3 => write!(out, ".{:03}", micros / 1_000)?,
        _ => write!(out, ".{micros:06}")?,
    }
    out.write_str(if form.zulu() { "Z" } else { "+00:00" })
}

impl fmt::Display for Timestamp {
    /// Writes RFC 3339 in UTC, with a fraction of 3 or 6 digits if there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.rem_euclid(MICROS);
        let digits = match micros {
            0 => 0,
            _ if micros % 1_000 == 0 => 3,
            _ => 6,
        };
        write_form(f, *self, Form::new(digits, true))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        Self::parse(text)
    }
}

/// Converts the time of the system clock, in whole microseconds.
///
/// ```
/// use guestlist_model::Timestamp;
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let at = Timestamp::from(UNIX_EPOCH + Duration::from_millis(1_690_050_611_047));
/// assert_eq!(at.to_string(), "2023-07-22T18:30:11.047Z");
/// ```
impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let start = Self(0);
        match time.duration_since(UNIX_EPOCH) {
            Ok(since) => start.saturating_add(since),
            Err(before) => start.saturating_sub(before.duration()),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_discord_uses_is_written_again_as_it_was() {
        for text in [
            "2023-07-22T18:30:11+00:00",
            "2023-07-22T18:30:11Z",
            "2023-07-15T18:30:11.047+00:00",
            "2023-07-15T18:30:11.047000+00:00",
            "1970-01-01T00:00:00.000000+00:00",
            "1969-12-31T23:59:59.999999+00:00",
            "0000-02-29T00:00:00Z",
            "2024-02-29T23:59:59.120Z",
            "9999-12-31T23:59:59.999999Z",
        ] {
            let (at, form) = parse_with_form(text.as_bytes()).unwrap();
            let mut again = String::new();
            write_form(&mut again, at, form.unwrap()).unwrap();
            assert_eq!(again, text);
        }
    }

    #[test]
    fn other_forms_are_read_but_cannot_be_written_again() {
        let noon = Timestamp::parse("2020-01-01T12:00:00Z").unwrap();
        for text in [
            "2020-01-01t12:00:00z",
            "2020-01-01 12:00:00+00:00",
            "2020-01-01T12:00:00-00:00",
            "2020-01-01T13:30:00+01:30",
            "2020-01-01T04:00:00-08:00",
            "2020-01-01T12:00:00.0Z",
            "2020-01-01T12:00:00.000000000+00:00",
            "2020-01-01T11:59:60Z",
        ] {
            let (at, form) = parse_with_form(text.as_bytes()).unwrap();
            assert_eq!((at, form), (noon, None), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "2020-01-01",
            "2020-01-01T12:00:00",
            "2020-13-01T12:00:00Z",
            "2020-00-01T12:00:00Z",
            "2021-02-29T12:00:00Z",
            "2020-01-01T24:00:00Z",
            "2020-01-01T12:60:00Z",
            "2020-01-01T12:00:61Z",
            "2020-01-01T12:00:00.Z",
            "2020-01-01T12:00:00.0000000000Z",
            "2020-01-01T12:00:00+0000",
            "2020-01-01T12:00:00+24:00",
            "2020-01-01T12:00:00Z ",
            "+020-01-01T12:00:00Z",
            "1577880000",
        ] {
            assert_eq!(Timestamp::parse(text), Err(TimestampError), "{text:?}");
        }
    }

    #[test]
    fn days_count_alike_in_both_directions() {
        let mut previous = None;
        for days in -800_000..3_000_000 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
            assert!(previous < Some((year, month, day)));
            previous = Some((year, month, day));
        }
    }

    #[test]
    fn the_ends_do_not_overflow() {
        let hour = Duration::from_secs(3600);
        assert_eq!(Timestamp::MAX.checked_add(hour), None);
        assert_eq!(Timestamp::MAX.saturating_add(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.saturating_sub(hour), Timestamp::MIN);
        assert!(Timestamp::MAX.duration_since(Timestamp::MIN).is_some());
        assert_eq!(
            Timestamp::from_secs(1).duration_since(Timestamp::from_secs(2)),
            None
        );
        let _ = Timestamp::MIN.to_string();
        let _ = Timestamp::MAX.to_string();
    }
}

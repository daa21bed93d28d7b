//! Virtual time: microseconds since the Unix epoch, and how Discord writes it.

use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// Microseconds since the Unix epoch, on the world's own clock.
pub type Micros = i64;

/// One millisecond.
pub const MILLISECOND: Micros = 1_000;
/// One second.
pub const SECOND: Micros = 1_000_000;
/// One day.
pub const DAY: Micros = 86_400 * SECOND;

/// The first moment of 2015, from which snowflakes count.
pub const DISCORD_EPOCH: Micros = 1_420_070_400 * SECOND;

/// Where a world's clock starts unless told otherwise: 2026-01-01T00:00:00Z.
pub const DEFAULT_START: Micros = 1_767_225_600 * SECOND;

/// Writes a moment as Discord does: microseconds if there are any, `+00:00`.
#[must_use]
pub fn format(micros: Micros) -> String {
    let Ok(moment) = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000) else {
        return String::from("1970-01-01T00:00:00+00:00");
    };
    let fraction = match moment.microsecond() {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{fraction}+00:00",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second(),
    )
}

/// Writes a moment as an HTTP `Date` header.
#[must_use]
pub fn format_http(micros: Micros) -> String {
    let Ok(moment) = OffsetDateTime::from_unix_timestamp(micros.div_euclid(SECOND)) else {
        return String::from("Thu, 01 Jan 1970 00:00:00 GMT");
    };
    let weekday = moment.weekday().to_string();
    let month = moment.month().to_string();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        weekday.get(..3).unwrap_or(&weekday),
        moment.day(),
        month.get(..3).unwrap_or(&month),
        moment.year(),
        moment.hour(),
        moment.minute(),
        moment.second(),
    )
}

/// Reads an RFC 3339 moment, with any offset.
#[must_use]
pub fn parse(text: &str) -> Option<Micros> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(moment.unix_timestamp_nanos() / 1_000).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_discord_writes_them() {
        assert_eq!(format(DEFAULT_START), "2026-01-01T00:00:00+00:00");
        assert_eq!(
            format(DEFAULT_START + 42),
            "2026-01-01T00:00:00.000042+00:00"
        );
        assert_eq!(format_http(DEFAULT_START), "Thu, 01 Jan 2026 00:00:00 GMT");
        assert_eq!(
            parse("2026-01-01T01:00:00.5+01:00"),
            Some(DEFAULT_START + 500_000)
        );
        assert_eq!(parse("yesterday"), None);
    }
}

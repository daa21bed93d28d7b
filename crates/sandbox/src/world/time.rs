//! Virtual time: microseconds since the Unix epoch, and how Discord writes it.

use time::{
    OffsetDateTime,
    format_description::{StaticFormatDescription, well_known::Rfc3339},
    macros::format_description,
};

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

/// Where a world's clock starts by default: 2026-01-01T00:00:00Z.
pub const DEFAULT_START: Micros = 1_767_225_600 * SECOND;

const WHOLE: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+00:00");
const WITH_MICROSECONDS: StaticFormatDescription =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]+00:00");
const HTTP: StaticFormatDescription = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// Writes a moment as Discord does: microseconds if there are any, `+00:00`.
///
/// What no calendar holds is written as the Unix epoch.
#[must_use]
pub fn format(micros: Micros) -> String {
    let form = if micros.rem_euclid(SECOND) == 0 {
        WHOLE
    } else {
        WITH_MICROSECONDS
    };
    write(micros, form)
}

/// Writes a moment as an HTTP `Date` header.
///
/// What no calendar holds is written as the Unix epoch.
#[must_use]
pub fn format_http(micros: Micros) -> String {
    write(micros, HTTP)
}

fn write(micros: Micros, form: StaticFormatDescription) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .format(form)
        // Only a component that the moment lacks could fail, and it has them all.
        .unwrap_or_default()
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

//! Times as people type them.

use serde::{Deserialize, Serialize};
use std::str::FromStr;
use std::time::Duration;

use guestlist_model::Timestamp;

/// A time that a person typed: `7d` (this long ago), `now`, `2026-03-01` (midnight UTC),
/// a time in the format of the tables, or RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// This long before now.
    Ago(Duration),
    /// A point in time.
    At(Timestamp),
}

impl When {
    /// The point in time, relative to `now`.
    #[must_use]
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ago(duration) => {
                let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
                Timestamp::from_micros(now.as_micros().saturating_sub(micros))
            }
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("now") {
            return Ok(Self::Ago(Duration::ZERO));
        }
        // What `date -d` and other programs call "-7d" is as long ago.
        if let Ok(duration) = duration(text.strip_prefix('-').unwrap_or(text)) {
            return Ok(Self::Ago(duration));
        }
        // What is left out is UTC, and the start of the minute or the day.
        ["", "Z", ":00Z", "T00:00:00Z"]
            .iter()
            .find_map(|rest| Timestamp::parse(&format!("{text}{rest}")).ok())
            .map(Self::At)
            .ok_or_else(|| {
                "not a time: try 7d, 1d12h, 2026-03-01, '2026-03-01 18:30' (UTC) or \
                 2026-03-01T18:30:00+01:00"
                    .to_owned()
            })
    }
}

/// Parses a duration in the syntax of humantime, which all options and the configuration
/// file use: `7d`, `1d12h` or `250ms`. `m` is a minute, `M` a month.
///
/// # Errors
///
/// A message with examples if the text is not a duration.
pub fn duration(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text)
        .map_err(|_| format!("'{text}' is not a duration: try 90s, 30m, 12h, 1d12h, 7d or 2w"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2w"), Ok(Duration::from_secs(1_209_600)));
        assert_eq!(duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(duration("1d12h"), duration("36h"));
        assert_eq!(duration("1d12h"), duration("1day 12hours"));
        for wrong in [
            "",
            "d",
            "7",
            "-7d",
            "1d12",
            "1d-12h",
            "7é",
            "99999999999999999999d",
            "18446744073709551615w",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn moments_are_dates_times_or_lengths_before_now() {
        let now = Timestamp::from_secs(1_000_000);
        let at = |text: &str| text.parse::<When>().map(|when| when.resolve(now).as_secs());
        assert_eq!(at("10s"), Ok(999_990));
        assert_eq!(at("1970-01-02"), Ok(86_400));
        assert_eq!(at("1970-01-01T01:00:00+01:00"), Ok(0));
        assert_eq!(at("now"), Ok(1_000_000));
        assert_eq!(at("-10s"), at("10s"));
        for printed in [
            "1970-01-02 03:04:00",
            "1970-01-02T03:04",
            "1970-01-02 03:04",
            "1970-01-02T03:04:00",
            "1970-01-02 04:04:00+01:00",
        ] {
            assert_eq!(at(printed), Ok(97_440), "{printed}");
        }
        for wrong in [
            "",
            "-",
            "yesterday",
            "2026-13-01",
            "2026",
            "--until",
            "7d ago",
        ] {
            assert!(at(wrong).is_err(), "{wrong}");
        }
    }
}

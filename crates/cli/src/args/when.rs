//! Moments as people type them.

use std::str::FromStr;
use std::time::{Duration, SystemTime};

use guestlist::model::Timestamp;

/// `7d` (so long ago), `now`, `2026-03-01` (midnight UTC), a time as the tables
/// print it, or RFC 3339.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// This long before now.
    Ago(Duration),
    /// A moment.
    At(Timestamp),
}

impl When {
    /// The moment, seen from `now`.
    pub(crate) fn resolve(self, now: Timestamp) -> Timestamp {
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

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    SystemTime::now().into()
}

/// A length of time: numbers with `s`, `m`, `h`, `d` or `w`, as `7d` or `1d12h`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    seconds(text).map(Duration::from_secs).ok_or_else(|| {
        format!("'{text}' is not a length of time: try 90s, 30m, 12h, 1d12h, 7d or 2w")
    })
}

fn seconds(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let mut after = after.chars();
        // No `M`: it may as well mean months.
        let unit: u64 = match after.next()? {
            's' | 'S' => 1,
            'm' => 60,
            'h' | 'H' => 60 * 60,
            'd' | 'D' => 24 * 60 * 60,
            'w' | 'W' => 7 * 24 * 60 * 60,
            _ => return None,
        };
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = after.as_str();
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2w"), Ok(Duration::from_secs(1_209_600)));
        assert_eq!(duration("7D"), duration("7d"));
        assert_eq!(duration("1d12h"), duration("36h"));
        for wrong in [
            "",
            "d",
            "7",
            "-7d",
            "7 d",
            "7y",
            "7M",
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

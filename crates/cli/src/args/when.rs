//! Moments as people type them.

use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use guestlist::model::Timestamp;

/// `7d` (so long ago), `2026-03-01` (midnight UTC) or RFC 3339.
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
        if let Ok(duration) = duration(text) {
            return Ok(Self::Ago(duration));
        }
        let full = if text.len() == "2026-03-01".len() {
            format!("{text}T00:00:00Z")
        } else {
            text.to_owned()
        };
        Timestamp::parse(&full).map(Self::At).map_err(|_| {
            "not a time: try 7d, 12h, 30m, 2026-03-01 or 2026-03-01T18:30:00Z".to_owned()
        })
    }
}

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// A length of time: a number with `s`, `m`, `h`, `d` or `w`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("'{text}' is not a length of time: try 90s, 30m, 12h, 7d or 2w");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return Err(wrong()),
    };
    let digits = text.strip_suffix(unit).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("2w"), Ok(Duration::from_secs(1_209_600)));
        for wrong in [
            "",
            "d",
            "7",
            "-7d",
            "7 d",
            "7y",
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
        assert!(at("yesterday").is_err());
        assert!(at("2026-13-01").is_err());
    }
}

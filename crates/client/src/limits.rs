//! Numbers with limits that Discord sets. They are checked once, when they are created.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// An integer from `MIN` to `MAX`, both included.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Bounded<const MIN: u32, const MAX: u32>(u32);

/// The error for a text or number that is not within the bounds.
///
/// ```
/// use guestlist_client::MaxUses;
///
/// let error = MaxUses::new(101).unwrap_err();
/// assert_eq!(error.to_string(), "must be an integer from 0 to 100");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("must be an integer from {min} to {max}")]
#[non_exhaustive]
pub struct OutOfRange {
    /// The lower bound.
    pub min: u32,
    /// The upper bound.
    pub max: u32,
}

/// How many audit log entries to request: 1 to 100.
pub type AuditLogLimit = Bounded<1, 100>;
/// How many guilds to request per page: 1 to 200.
pub type GuildsLimit = Bounded<1, 200>;
/// How many members to search for: 1 to 1000.
pub type SearchLimit = Bounded<1, 1000>;
/// How often an invite may be used: 0 to 100, where 0 means without limit.
///
/// See [Discord Docs/Create Channel Invite](https://discord.com/developers/docs/resources/channel#create-channel-invite).
///
/// ```
/// use guestlist_client::MaxUses;
///
/// let once = MaxUses::new(1)?;
/// assert_eq!(once.get(), 1);
/// assert_eq!("25".parse(), MaxUses::new(25));
/// # Ok::<(), guestlist_client::OutOfRange>(())
/// ```
pub type MaxUses = Bounded<0, 100>;

impl<const MIN: u32, const MAX: u32> Bounded<MIN, MAX> {
    /// The smallest value.
    pub const MIN: Self = Self(MIN);
    /// The largest value.
    pub const MAX: Self = Self(MAX);

    /// Creates a value.
    ///
    /// # Errors
    ///
    /// [`OutOfRange`] if the number is outside the bounds.
    pub const fn new(number: u32) -> Result<Self, OutOfRange> {
        if number < MIN || number > MAX {
            return Err(OutOfRange { min: MIN, max: MAX });
        }
        Ok(Self(number))
    }

    /// Creates a value from the nearest number within the bounds.
    #[must_use]
    pub const fn clamped(number: u32) -> Self {
        if number < MIN {
            Self(MIN)
        } else if number > MAX {
            Self(MAX)
        } else {
            Self(number)
        }
    }

    /// Returns the number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Bounded<MIN, MAX> {
    type Error = OutOfRange;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        Self::new(number)
    }
}

impl<const MIN: u32, const MAX: u32> From<Bounded<MIN, MAX>> for u32 {
    fn from(number: Bounded<MIN, MAX>) -> Self {
        number.0
    }
}

impl<const MIN: u32, const MAX: u32> FromStr for Bounded<MIN, MAX> {
    type Err = OutOfRange;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse()
            .map_err(|_| OutOfRange { min: MIN, max: MAX })
            .and_then(Self::new)
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Display for Bounded<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// How long an invite is valid: forever, or 1 to 5184000 seconds (60 days).
///
/// Discord's OpenAPI specification says 60 days, the documentation 7; the server decides.
///
/// The text form is `never` or a duration in the syntax of
/// [`humantime`](humantime::parse_duration), as everywhere in guestlist: `90s`, `30m`,
/// `12h`, `1d12h`, `7d`.
///
/// ```
/// use guestlist_client::MaxAge;
///
/// assert_eq!("7d".parse::<MaxAge>()?.as_secs(), 604_800);
/// assert_eq!("1d12h".parse::<MaxAge>()?.as_secs(), 129_600);
/// assert_eq!("never".parse::<MaxAge>()?, MaxAge::NEVER);
/// assert!("61d".parse::<MaxAge>().is_err());
/// # Ok::<(), guestlist_client::MaxAgeError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct MaxAge(Bounded<0, 5_184_000>);

/// The error for a text or number that is not a [`MaxAge`].
///
/// ```
/// use guestlist_client::{MaxAge, MaxAgeError};
///
/// assert_eq!("90d".parse::<MaxAge>(), Err(MaxAgeError::TooLong));
/// assert_eq!("soon".parse::<MaxAge>(), Err(MaxAgeError::Format));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MaxAgeError {
    /// The duration is longer than 60 days.
    #[error("an invite is valid for at most 60 days (5184000 seconds)")]
    TooLong,
    /// The duration is shorter than a second, but not zero.
    #[error("an invite is valid for at least one second; use `never` for one that does not expire")]
    TooShort,
    /// The text is not a duration.
    #[error("not a duration: try `90s`, `30m`, `12h`, `1d12h`, `7d` or `never`")]
    Format,
}

impl MaxAge {
    /// The invite never expires.
    pub const NEVER: Self = Self(Bounded(0));
    /// Discord's default: one day.
    pub const DEFAULT: Self = Self(Bounded(86_400));
    /// The longest duration: 60 days.
    pub const LONGEST: Self = Self(Bounded(5_184_000));

    /// Creates a value from seconds; 0 means forever.
    ///
    /// # Errors
    ///
    /// [`MaxAgeError::TooLong`] if it is more than 60 days.
    pub const fn from_secs(secs: u32) -> Result<Self, MaxAgeError> {
        match Bounded::new(secs) {
            Ok(bounded) => Ok(Self(bounded)),
            Err(_) => Err(MaxAgeError::TooLong),
        }
    }

    /// Returns the seconds; 0 means forever.
    #[must_use]
    pub const fn as_secs(self) -> u32 {
        self.0.get()
    }
}

impl TryFrom<u32> for MaxAge {
    type Error = MaxAgeError;

    fn try_from(secs: u32) -> Result<Self, Self::Error> {
        Self::from_secs(secs)
    }
}

impl From<MaxAge> for u32 {
    fn from(age: MaxAge) -> Self {
        age.as_secs()
    }
}

impl TryFrom<Duration> for MaxAge {
    type Error = MaxAgeError;

    fn try_from(duration: Duration) -> Result<Self, Self::Error> {
        if !duration.is_zero() && duration.as_secs() == 0 {
            return Err(MaxAgeError::TooShort);
        }
        u32::try_from(duration.as_secs())
            .map_err(|_| MaxAgeError::TooLong)
            .and_then(Self::from_secs)
    }
}

impl FromStr for MaxAge {
    type Err = MaxAgeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" {
            return Ok(Self::NEVER);
        }
        let length = humantime::parse_duration(text).map_err(|error| match error {
            humantime::DurationError::NumberOverflow => MaxAgeError::TooLong,
            _ => MaxAgeError::Format,
        })?;
        if length.is_zero() {
            return Err(MaxAgeError::TooShort);
        }
        length.try_into()
    }
}

impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.as_secs() {
            0 => f.write_str("never"),
            secs if secs % 86_400 == 0 => write!(f, "{}d", secs / 86_400),
            secs if secs % 3600 == 0 => write!(f, "{}h", secs / 3600),
            secs if secs % 60 == 0 => write!(f, "{}m", secs / 60),
            secs => write!(f, "{secs}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MaxAge, MaxAgeError, MaxUses, SearchLimit};
    use std::time::Duration;

    #[test]
    fn bounds_hold_at_both_ends() {
        assert_eq!(MaxUses::new(0).unwrap().get(), 0);
        assert_eq!(MaxUses::new(100).unwrap().get(), 100);
        assert!(MaxUses::new(101).is_err());
        assert!(SearchLimit::new(0).is_err());
        assert!("1001".parse::<SearchLimit>().is_err());
        assert!("-1".parse::<SearchLimit>().is_err());
        assert_eq!(SearchLimit::clamped(0).get(), 1);
        assert_eq!(SearchLimit::clamped(9999).get(), 1000);
        assert_eq!(
            "x".parse::<MaxUses>().unwrap_err().to_string(),
            "must be an integer from 0 to 100"
        );
    }

    #[test]
    fn ages_are_read_in_units() {
        for (text, secs) in [
            ("never", 0),
            ("90s", 90),
            ("30m", 1800),
            ("12h", 43_200),
            ("1d12h", 129_600),
            ("60d", 5_184_000),
        ] {
            assert_eq!(text.parse::<MaxAge>().unwrap().as_secs(), secs, "{text}");
        }
        for (text, error) in [
            ("61d", MaxAgeError::TooLong),
            ("5184001s", MaxAgeError::TooLong),
            ("99999999999999999999s", MaxAgeError::TooLong),
            ("0", MaxAgeError::TooShort),
            ("0s", MaxAgeError::TooShort),
            ("500ms", MaxAgeError::TooShort),
            ("", MaxAgeError::Format),
            ("90", MaxAgeError::Format),
            ("d", MaxAgeError::Format),
            ("+5s", MaxAgeError::Format),
            ("-5s", MaxAgeError::Format),
            ("soon", MaxAgeError::Format),
        ] {
            assert_eq!(text.parse::<MaxAge>(), Err(error), "{text}");
        }
        assert_eq!(
            MaxAge::try_from(Duration::from_millis(5)),
            Err(MaxAgeError::TooShort)
        );
        assert_eq!(MaxAge::try_from(Duration::ZERO), Ok(MaxAge::NEVER));
        for text in ["never", "7d", "12h", "90m", "61s"] {
            assert_eq!(text.parse::<MaxAge>().unwrap().to_string(), text);
        }
    }
}

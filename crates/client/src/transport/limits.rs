//! Reads rate limits from responses, which may contain anything.
//!
//! See [Discord Docs/Rate Limits](https://discord.com/developers/docs/topics/rate-limits).

use std::time::{Duration, Instant};

use guestlist_model::ApiErrorBody;
use http::{HeaderMap, header::RETRY_AFTER};
use twilight_http_ratelimiting::RateLimitHeaders;

/// The maximum wait that is accepted. Discord's are shorter. A longer one would block the
/// client, and the timers of the rate limiter have a limited range.
pub(super) const LONGEST: Duration = Duration::from_secs(60 * 60);
/// The maximum length of a bucket's name. Discord's have 32 characters.
const LONGEST_NAME: usize = 64;

/// The bucket of a response, if it names one and its numbers are valid.
pub(super) fn bucket(headers: &HeaderMap) -> Option<RateLimitHeaders> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    if text(RateLimitHeaders::SCOPE) == Some("global") {
        return None;
    }
    let name = text(RateLimitHeaders::BUCKET).filter(|name| name.len() <= LONGEST_NAME)?;
    let shared = text(RateLimitHeaders::SCOPE) == Some("shared");
    let (limit, remaining, reset_after) = if shared {
        (0, 0, seconds(text(RETRY_AFTER.as_str())?)?)
    } else {
        (
            text(RateLimitHeaders::LIMIT)?.parse().ok()?,
            text(RateLimitHeaders::REMAINING)?.parse().ok()?,
            seconds(text(RateLimitHeaders::RESET_AFTER)?)?,
        )
    };
    Some(RateLimitHeaders {
        bucket: name.as_bytes().to_vec(),
        limit,
        remaining,
        reset_at: Instant::now() + reset_after,
    })
}

/// How long to wait after a 429, if it says so.
pub(super) fn retry_after(headers: &HeaderMap, body: &[u8]) -> Option<Duration> {
    let header = headers.get(RETRY_AFTER).and_then(|it| it.to_str().ok());
    header.and_then(|text| seconds(text.trim())).or_else(|| {
        let millis = ApiErrorBody::from_slice(body).ok()?.retry_after_ms?;
        Some(Duration::from_millis(millis).min(LONGEST))
    })
}

/// Seconds, with an optional fraction. `None` for a negative number or another text.
fn seconds(text: &str) -> Option<Duration> {
    let seconds: f64 = text.parse().ok()?;
    if seconds.is_nan() || seconds < 0.0 {
        return None;
    }
    Some(Duration::try_from_secs_f64(seconds).map_or(LONGEST, |it| it.min(LONGEST)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let value = HeaderValue::from_str(value).unwrap();
            (HeaderName::from_static(name), value)
        });
        pairs.collect()
    }

    #[test]
    fn waits_are_believed_up_to_an_hour() {
        let of = |text| retry_after(&headers(&[("retry-after", text)]), b"");
        assert_eq!(of("65"), Some(Duration::from_secs(65)));
        assert_eq!(of("0.25"), Some(Duration::from_millis(250)));
        for text in [
            "31536000",
            "1e300",
            "inf",
            "340282366920938463463374607431768211456",
        ] {
            assert_eq!(of(text), Some(LONGEST), "{text}");
        }
        for text in [
            "-1",
            "-inf",
            "NaN",
            "soon",
            "",
            "Wed, 21 Oct 2015 07:28:00 GMT",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        let body = br#"{"message":"m","retry_after":31536000.0,"global":false}"#;
        assert_eq!(retry_after(&HeaderMap::new(), body), Some(LONGEST));
        let body = br#"{"message":"m","retry_after":-5}"#;
        assert_eq!(retry_after(&HeaderMap::new(), body), None);
    }

    #[test]
    fn a_bucket_needs_a_name_and_numbers() {
        let good = [
            ("x-ratelimit-bucket", "abcd"),
            ("x-ratelimit-limit", "5"),
            ("x-ratelimit-remaining", "1"),
            ("x-ratelimit-reset-after", "1.5"),
        ];
        let read = bucket(&headers(&good)).unwrap();
        assert_eq!((read.limit, read.remaining), (5, 1));
        for (name, wrong) in [
            ("x-ratelimit-reset-after", "NaN"),
            ("x-ratelimit-reset-after", "-3"),
            ("x-ratelimit-remaining", "-1"),
            ("x-ratelimit-limit", "many"),
            ("x-ratelimit-scope", "global"),
        ] {
            let mut wrongly = headers(&good);
            wrongly.insert(name, HeaderValue::from_str(wrong).unwrap());
            assert!(bucket(&wrongly).is_none(), "{name}: {wrong}");
        }
        let mut far = headers(&good);
        far.insert("x-ratelimit-reset-after", HeaderValue::from_static("1e30"));
        assert!(bucket(&far).unwrap().reset_at <= Instant::now() + LONGEST);
        let mut long = headers(&good);
        let name = HeaderValue::from_str(&"x".repeat(10_000)).unwrap();
        long.insert("x-ratelimit-bucket", name);
        assert!(bucket(&long).is_none());
    }
}

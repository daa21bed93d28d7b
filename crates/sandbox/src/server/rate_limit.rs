//! Rate limits: buckets by route and major parameter, and the global one.
//!
//! See Discord Docs/Rate Limits.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use super::identify_limit::IdentifyLimit;
use crate::world::{
    Micros,
    time::{DAY, SECOND},
};

/// A number of requests per time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// The number of requests.
    pub requests: u32,
    /// The time.
    pub window: Duration,
}

impl Limit {
    /// A number of requests per time.
    #[must_use]
    pub const fn new(requests: u32, window: Duration) -> Self {
        Self { requests, window }
    }
}

/// The rate limits of a sandbox. They follow its clock, and each bot has its own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// The limit of all requests of a bot per second; `None` for no limit.
    pub global_per_second: Option<u32>,
    /// The limit of routes that are not in `routes`; `None` for no limit.
    pub default: Option<Limit>,
    /// The limits by method and path template, such as `("GET", "/guilds/{guild_id}/invites")`.
    pub routes: HashMap<(String, String), Limit>,
    /// The limit of invites that are looked up without a token; `None` for no limit. Exceeding it leads
    /// to a ban for a day.
    pub lookups: Option<Limit>,
    /// The limit of IDENTIFY on the gateway; `None` for no limit.
    pub identify: Option<IdentifyLimit>,
}

impl Default for RateLimits {
    /// Close to Discord's: 50 per second in total, 10 per second on a route, an IDENTIFY
    /// for each of 16 keys in five seconds.
    fn default() -> Self {
        Self {
            global_per_second: Some(50),
            default: Some(Limit::new(10, Duration::from_secs(1))),
            routes: HashMap::new(),
            lookups: Some(Limit::new(250, Duration::from_secs(600))),
            identify: Some(IdentifyLimit::default()),
        }
    }
}

impl RateLimits {
    /// Creates rate limits without any limit.
    #[must_use]
    pub fn none() -> Self {
        Self {
            global_per_second: None,
            default: None,
            routes: HashMap::new(),
            lookups: None,
            identify: None,
        }
    }

    /// Sets the limit of a route.
    #[must_use]
    pub fn route(mut self, method: &str, template: &str, limit: Limit) -> Self {
        self.routes
            .insert((String::from(method), String::from(template)), limit);
        self
    }

    /// Sets the limit of IDENTIFY.
    #[must_use]
    pub const fn identify(mut self, limit: Option<IdentifyLimit>) -> Self {
        self.identify = limit;
        self
    }

    /// Sets the limit of look-ups without a token.
    #[must_use]
    pub const fn lookups(mut self, limit: Option<Limit>) -> Self {
        self.lookups = limit;
        self
    }

    /// Sets the limit of all requests of a bot per second.
    #[must_use]
    pub const fn global(mut self, per_second: Option<u32>) -> Self {
        self.global_per_second = per_second;
        self
    }
}

/// What a request is told of its limit.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// Go on, unlimited.
    Unlimited,
    /// Go on; this is what the headers say.
    Allowed(Headers),
    /// Too many on this route.
    Limited(Headers),
    /// Too many in all.
    Global { retry_after: Micros },
}

#[derive(Clone, Debug)]
pub(crate) struct Headers {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_after: Micros,
    pub(crate) bucket: String,
}

#[derive(Debug)]
struct Bucket {
    used: u32,
    resets_at: Micros,
}

/// A request, as far as limits go.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    /// Whose request it is; 0 for those without a token, who share their limits.
    pub(crate) caller: u64,
    pub(crate) method: &'static str,
    pub(crate) template: &'static str,
    /// The guild or channel in the path; 0 for none, and for those that do not exist.
    pub(crate) major: u64,
}

/// What was used of the limits. Its clock is the world's.
#[derive(Debug, Default)]
pub(crate) struct RateLimiter {
    lookups: VecDeque<Micros>,
    banned_until: Option<Micros>,
    buckets: HashMap<(u64, &'static str, &'static str, u64), Bucket>,
    recent: HashMap<u64, VecDeque<Micros>>,
    /// With so many buckets, those that are over are looked for.
    crowded: usize,
}

impl RateLimiter {
    /// For how long somebody without a token who looks up an invite is banned, if they are.
    pub(crate) fn look_up(&mut self, limits: &RateLimits, now: Micros) -> Option<Micros> {
        let limit = limits.lookups?;
        if let Some(until) = self.banned_until.filter(|until| now < *until) {
            return Some(until - now);
        }
        forget_before(&mut self.lookups, now, micros(limit.window));
        self.lookups.push_back(now);
        if self.lookups.len() <= usize::try_from(limit.requests).unwrap_or(usize::MAX) {
            return None;
        }
        self.banned_until = Some(now + DAY);
        Some(DAY)
    }

    pub(crate) fn check(&mut self, limits: &RateLimits, now: Micros, asked: Asked) -> Verdict {
        if let Some(most) = limits.global_per_second {
            let recent = self.recent.entry(asked.caller).or_default();
            forget_before(recent, now, SECOND);
            if recent.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                let oldest = recent.front().copied().unwrap_or(now);
                let retry_after = oldest + SECOND - now;
                return Verdict::Global { retry_after };
            }
            recent.push_back(now);
        }
        let Asked {
            caller,
            method,
            template,
            major,
        } = asked;
        let own = limits
            .routes
            .iter()
            .find(|((its_method, its_template), _)| {
                its_method == method && its_template == template
            })
            .map(|(_, limit)| *limit);
        let Some(limit) = own.or(limits.default) else {
            return Verdict::Unlimited;
        };
        if self.buckets.len() >= self.crowded {
            self.buckets.retain(|_, bucket| bucket.resets_at > now);
            self.crowded = 1_000 + 2 * self.buckets.len();
        }
        let new = || Bucket {
            used: 0,
            resets_at: now + micros(limit.window),
        };
        let bucket = self
            .buckets
            .entry((caller, method, template, major))
            .or_insert_with(new);
        if now >= bucket.resets_at {
            *bucket = new();
        }
        let allowed = bucket.used < limit.requests;
        if allowed {
            bucket.used += 1;
        }
        let headers = Headers {
            limit: limit.requests,
            remaining: limit.requests - bucket.used,
            reset_after: bucket.resets_at - now,
            bucket: bucket_name(method, template),
        };
        if allowed {
            Verdict::Allowed(headers)
        } else {
            Verdict::Limited(headers)
        }
    }
}

/// Forgets the moments that a window which ends now does not reach.
pub(crate) fn forget_before(moments: &mut VecDeque<Micros>, now: Micros, window: Micros) {
    while moments.front().is_some_and(|at| now - *at >= window) {
        moments.pop_front();
    }
}

/// A duration on the world's clock.
pub(crate) fn micros(duration: Duration) -> Micros {
    Micros::try_from(duration.as_micros()).unwrap_or(Micros::MAX / 4)
}

fn bucket_name(method: &str, template: &str) -> String {
    let mut hasher = DefaultHasher::new();
    (method, template).hash(&mut hasher);
    let first = hasher.finish();
    "guestlist".hash(&mut hasher);
    format!("{first:016x}{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::time::MILLISECOND;

    const fn asked(caller: u64, major: u64) -> Asked {
        Asked {
            caller,
            method: "GET",
            template: "/x",
            major,
        }
    }

    #[test]
    fn buckets_empty_and_fill_again() {
        let limits = RateLimits::none()
            .route("GET", "/x", Limit::new(2, Duration::from_secs(5)))
            .global(Some(3));
        let mut limiter = RateLimiter::default();
        let mut ask = |after: i64, caller, major| {
            limiter.check(&limits, after * MILLISECOND, asked(caller, major))
        };
        assert!(matches!(ask(0, 7, 1), Verdict::Allowed(it) if it.remaining == 1));
        assert!(matches!(ask(0, 7, 1), Verdict::Allowed(it) if it.remaining == 0));
        assert!(matches!(ask(0, 7, 1), Verdict::Limited(it) if it.reset_after == 5 * SECOND));
        assert!(matches!(ask(1, 7, 2), Verdict::Global { .. }));
        assert!(matches!(ask(1, 8, 1), Verdict::Allowed(it) if it.remaining == 1));
        assert!(matches!(ask(1500, 7, 2), Verdict::Allowed(_)));
        assert!(matches!(ask(5000, 7, 1), Verdict::Allowed(it) if it.remaining == 1));
    }

    #[test]
    fn what_is_over_is_forgotten() {
        let limits = RateLimits::none().route("GET", "/x", Limit::new(2, Duration::from_secs(1)));
        let mut limiter = RateLimiter::default();
        for second in 0..100_u32 {
            for major in 0..100 {
                let asked = asked(7, u64::from(second * 100 + major));
                limiter.check(&limits, Micros::from(second) * SECOND, asked);
            }
        }
        assert!(limiter.buckets.len() <= 1_100, "{}", limiter.buckets.len());
    }
}

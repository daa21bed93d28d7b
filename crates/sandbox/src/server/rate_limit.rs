//! Rate limits: buckets by route and major parameter, and the global one.
//!
//! See Discord Docs/Rate Limits.

use std::{
    collections::{HashMap, VecDeque},
    hash::{DefaultHasher, Hash, Hasher},
    time::{Duration, Instant},
};

use super::identify_limit::IdentifyLimit;

/// So many requests in so long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limit {
    /// How many.
    pub requests: u32,
    /// In how long.
    pub window: Duration,
}

impl Limit {
    /// So many requests in so long a time.
    #[must_use]
    pub const fn new(requests: u32, window: Duration) -> Self {
        Self { requests, window }
    }
}

/// The rate limits of a sandbox.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RateLimits {
    /// Of all requests of the bot, per second; `None` for no limit.
    pub global_per_second: Option<u32>,
    /// Of routes not named below; `None` for no limit.
    pub default: Option<Limit>,
    /// By method and path template, such as `("GET", "/guilds/{guild_id}/invites")`.
    pub routes: HashMap<(String, String), Limit>,
    /// Of invites that are looked up without a token; `None` for no limit. Whoever exceeds it is
    /// banned for a day.
    pub lookups: Option<Limit>,
    /// Of IDENTIFY on the gateway; `None` for no limit.
    pub identify: Option<IdentifyLimit>,
}

impl Default for RateLimits {
    /// Near Discord's: 50 a second in all, 10 a second on a route, an IDENTIFY
    /// of each of 16 keys in five seconds.
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
    /// No limits at all.
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

    /// With another limit for one route.
    #[must_use]
    pub fn route(mut self, method: &str, template: &str, limit: Limit) -> Self {
        self.routes
            .insert((String::from(method), String::from(template)), limit);
        self
    }

    /// With another limit of IDENTIFY.
    #[must_use]
    pub const fn identify(mut self, limit: Option<IdentifyLimit>) -> Self {
        self.identify = limit;
        self
    }

    /// With windows that are shorter by a factor.
    pub(crate) fn accelerate(&mut self, speed: u32) {
        let few = self.default.as_mut().into_iter().chain(&mut self.lookups);
        for limit in self.routes.values_mut().chain(few) {
            limit.window /= speed;
        }
        if let Some(identify) = &mut self.identify {
            identify.window /= speed;
        }
    }

    /// With another limit of look-ups without a token.
    #[must_use]
    pub const fn lookups(mut self, limit: Option<Limit>) -> Self {
        self.lookups = limit;
        self
    }

    /// With another global limit.
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
    Global { retry_after: Duration },
}

#[derive(Clone, Debug)]
pub(crate) struct Headers {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    pub(crate) reset_after: Duration,
    pub(crate) bucket: String,
}

#[derive(Debug)]
struct Bucket {
    used: u32,
    resets_at: Instant,
}

#[derive(Debug)]
pub(crate) struct RateLimiter {
    /// How long a second of the global limit is.
    second: Duration,
    lookups: VecDeque<Instant>,
    banned_until: Option<Instant>,
    buckets: HashMap<(&'static str, &'static str, String), Bucket>,
    recent: VecDeque<Instant>,
}

impl RateLimiter {
    pub(crate) fn new(speed: u32) -> Self {
        Self {
            second: Duration::from_secs(1) / speed,
            lookups: VecDeque::new(),
            banned_until: None,
            buckets: HashMap::new(),
            recent: VecDeque::new(),
        }
    }

    /// For how long somebody without a token who looks up an invite is banned, if they are.
    pub(crate) fn look_up(&mut self, limits: &RateLimits, now: Instant) -> Option<Duration> {
        let limit = limits.lookups?;
        if let Some(until) = self.banned_until.filter(|until| now < *until) {
            return Some(until.duration_since(now));
        }
        forget_before(&mut self.lookups, now, limit.window);
        self.lookups.push_back(now);
        if self.lookups.len() <= usize::try_from(limit.requests).unwrap_or(usize::MAX) {
            return None;
        }
        let day = self.second * 86_400;
        self.banned_until = Some(now + day);
        Some(day)
    }

    pub(crate) fn check(
        &mut self,
        limits: &RateLimits,
        now: Instant,
        method: &'static str,
        template: &'static str,
        major: &str,
    ) -> Verdict {
        let limit = limits
            .routes
            .iter()
            .find(|((its_method, its_template), _)| {
                its_method == method && its_template == template
            })
            .map(|(_, limit)| *limit)
            .or(limits.default);
        if let Some(most) = limits.global_per_second {
            let second = self.second;
            forget_before(&mut self.recent, now, second);
            if self.recent.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
                let oldest = self.recent.front().copied().unwrap_or(now);
                let retry_after = second.saturating_sub(now.duration_since(oldest));
                return Verdict::Global { retry_after };
            }
            self.recent.push_back(now);
        }
        let Some(limit) = limit else {
            return Verdict::Unlimited;
        };
        let key = (method, template, String::from(major));
        let bucket = self.buckets.entry(key).or_insert_with(|| Bucket {
            used: 0,
            resets_at: now + limit.window,
        });
        if now >= bucket.resets_at {
            *bucket = Bucket {
                used: 0,
                resets_at: now + limit.window,
            };
        }
        let allowed = bucket.used < limit.requests;
        if allowed {
            bucket.used += 1;
        }
        let headers = Headers {
            limit: limit.requests,
            remaining: limit.requests - bucket.used,
            reset_after: bucket.resets_at.duration_since(now),
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
pub(crate) fn forget_before(moments: &mut VecDeque<Instant>, now: Instant, window: Duration) {
    while moments
        .front()
        .is_some_and(|at| now.duration_since(*at) >= window)
    {
        moments.pop_front();
    }
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

    #[test]
    fn buckets_empty_and_fill_again() {
        let limits = RateLimits::none()
            .route("GET", "/x", Limit::new(2, Duration::from_secs(5)))
            .global(Some(3));
        let mut limiter = RateLimiter::new(1);
        let start = Instant::now();
        let mut ask = |after: u64, major| {
            limiter.check(
                &limits,
                start + Duration::from_millis(after),
                "GET",
                "/x",
                major,
            )
        };
        assert!(matches!(ask(0, "1"), Verdict::Allowed(it) if it.remaining == 1));
        assert!(matches!(ask(0, "1"), Verdict::Allowed(it) if it.remaining == 0));
        assert!(matches!(ask(0, "1"), Verdict::Limited(it) if it.reset_after.as_secs() == 5));
        assert!(matches!(ask(1, "2"), Verdict::Global { .. }));
        assert!(matches!(ask(1500, "2"), Verdict::Allowed(_)));
        assert!(matches!(ask(5000, "1"), Verdict::Allowed(it) if it.remaining == 1));
    }
}

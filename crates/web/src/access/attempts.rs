//! Log-ins with Discord that were begun and not ended. Each is of one browser, is good once,
//! and for ten minutes.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

pub(super) const LASTS: Duration = Duration::from_secs(600);
const MOST: usize = 1_000;

/// What comes back from Discord has to fit.
#[derive(Clone)]
pub(super) struct Attempt {
    pub(super) state: String,
    /// PKCE's: only who has it can exchange the code.
    pub(super) verifier: String,
    /// The page that was wanted.
    pub(super) next: String,
}

impl Attempt {
    /// What Discord is told of the verifier, by S256.
    pub(super) fn challenge(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }
}

/// Attempts, by a digest of what the browser's cookie says.
#[derive(Default)]
pub(super) struct Attempts(HashMap<[u8; 32], (Attempt, Instant)>);

fn digest(id: &str) -> [u8; 32] {
    Sha256::digest(id).into()
}

impl Attempts {
    pub(super) fn begin(&mut self, id: &str, attempt: Attempt, now: Instant) {
        self.0.retain(|_, (_, at)| now.duration_since(*at) < LASTS);
        if self.0.len() >= MOST {
            let oldest = self.0.iter().min_by_key(|(_, (_, at))| *at);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(digest(id), (attempt, now));
    }

    /// Ends a browser's attempt; none if the state is not its own.
    pub(super) fn end(&mut self, id: &str, state: &str, now: Instant) -> Option<Attempt> {
        let (attempt, at) = self.0.remove(&digest(id))?;
        let is_own: bool = attempt.state.as_bytes().ct_eq(state.as_bytes()).into();
        (is_own && now.duration_since(at) < LASTS).then_some(attempt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt() -> Attempt {
        Attempt {
            state: "state".to_owned(),
            // RFC 7636, appendix B.
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            next: "/".to_owned(),
        }
    }

    #[test]
    fn an_attempt_is_good_once_in_its_browser_and_for_ten_minutes() {
        let (mut attempts, now) = (Attempts::default(), Instant::now());
        assert_eq!(
            attempt().challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        attempts.begin("a", attempt(), now);
        assert!(attempts.end("b", "state", now).is_none(), "another browser");
        assert!(attempts.end("a", "state", now).is_some());
        assert!(attempts.end("a", "state", now).is_none(), "used");
        attempts.begin("a", attempt(), now);
        assert!(attempts.end("a", "forged", now).is_none());
        assert!(attempts.end("a", "state", now).is_none(), "one guess alone");
        attempts.begin("a", attempt(), now);
        assert!(
            attempts.end("a", "state", now + LASTS).is_none(),
            "too late"
        );
        for number in 0..=MOST {
            let later = now + Duration::from_secs(1 + (number > 0) as u64);
            attempts.begin(&number.to_string(), attempt(), later);
        }
        assert_eq!(attempts.0.len(), MOST);
        assert!(
            attempts.end("0", "state", now).is_none(),
            "the oldest made room"
        );
    }
}

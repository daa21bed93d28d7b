//! What people have agreed to.

use std::collections::BTreeMap;

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{RngCore as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest as _, Sha256};

use crate::world::{Micros, time};

/// How long a code is good for.
const CODE_LASTS: Micros = 60 * time::SECOND;
/// How long an access token is.
pub(super) const TOKEN_LASTS: Micros = 7 * time::DAY;

/// So many codes, and so many tokens, are remembered.
const MOST: usize = 10_000;

/// Somebody who has agreed, before the code is exchanged.
#[derive(Clone, Debug)]
pub(super) struct Agreed {
    /// With which application.
    pub(super) client: u64,
    pub(super) user: u64,
    pub(super) scope: String,
    pub(super) redirect: String,
    /// PKCE's challenge, made with S256.
    pub(super) challenge: Option<String>,
}

/// What an access token is for.
#[derive(Clone, Debug)]
pub(crate) struct Granted {
    pub(crate) user: u64,
    scope: String,
    until: Micros,
}

impl Granted {
    /// Whether this was agreed to.
    pub(crate) fn has(&self, scope: &str) -> bool {
        self.scope.split(' ').any(|it| it == scope)
    }
}

/// Why a code gives no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Code,
    Redirect,
    Verifier,
}

/// Codes and tokens.
#[derive(Debug)]
pub(crate) struct Grants {
    random: ChaCha8Rng,
    codes: BTreeMap<String, (Agreed, Micros)>,
    tokens: BTreeMap<String, Granted>,
}

impl Grants {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            random: ChaCha8Rng::seed_from_u64(seed ^ 0x6f61_7574_6832),
            codes: BTreeMap::new(),
            tokens: BTreeMap::new(),
        }
    }

    pub(super) fn secret(&mut self) -> String {
        let mut bytes = [0; 24];
        self.random.fill_bytes(&mut bytes);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// A code for somebody who agreed.
    pub(super) fn agree(&mut self, agreed: Agreed, now: Micros) -> String {
        let code = self.secret();
        self.codes.retain(|_, (_, until)| *until > now);
        while self.codes.len() >= MOST {
            self.codes.pop_first();
        }
        self.codes
            .insert(code.clone(), (agreed, now.saturating_add(CODE_LASTS)));
        code
    }

    /// A token for a code, which is used up by it, whether it is right or not.
    pub(super) fn exchange(
        &mut self,
        client: u64,
        code: &str,
        (redirect, verifier): (&str, Option<&str>),
        now: Micros,
    ) -> Result<(String, String), Refused> {
        let (agreed, until) = self.codes.remove(code).ok_or(Refused::Code)?;
        if until <= now || agreed.client != client {
            return Err(Refused::Code);
        }
        if agreed.redirect != redirect {
            return Err(Refused::Redirect);
        }
        if let Some(challenge) = &agreed.challenge {
            let given = verifier.map(|it| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(it)));
            if given.as_ref() != Some(challenge) {
                return Err(Refused::Verifier);
            }
        }
        self.tokens.retain(|_, it| it.until > now);
        while self.tokens.len() >= MOST {
            self.tokens.pop_first();
        }
        let token = self.secret();
        let granted = Granted {
            user: agreed.user,
            scope: agreed.scope.clone(),
            until: now.saturating_add(TOKEN_LASTS),
        };
        self.tokens.insert(token.clone(), granted);
        Ok((token, agreed.scope))
    }

    /// What a token is for, as long as it lasts.
    pub(crate) fn of(&self, token: &str, now: Micros) -> Option<&Granted> {
        self.tokens.get(token).filter(|it| it.until > now)
    }

    /// Takes a token back.
    pub(super) fn revoke(&mut self, token: &str) {
        self.tokens.remove(token);
    }

    /// Takes back all that somebody agreed to, as they can in Discord's settings.
    pub(crate) fn withdraw(&mut self, user: u64) {
        self.tokens.retain(|_, it| it.user != user);
        self.codes.retain(|_, (it, _)| it.user != user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agreed() -> Agreed {
        Agreed {
            client: 1,
            user: 7,
            scope: String::from("identify guilds"),
            redirect: String::from("http://127.0.0.1/back"),
            // RFC 7636, appendix B.
            challenge: Some(String::from("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")),
        }
    }

    const VERIFIER: Option<&str> = Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    const BACK: &str = "http://127.0.0.1/back";

    #[test]
    fn a_code_is_good_once_for_who_asked_and_for_a_minute() {
        let mut grants = Grants::new(1);
        let code = grants.agree(agreed(), 0);
        let (token, scope) = grants.exchange(1, &code, (BACK, VERIFIER), 1).unwrap();
        assert_eq!(scope, "identify guilds");
        let again = grants.exchange(1, &code, (BACK, VERIFIER), 2);
        assert_eq!(again, Err(Refused::Code));
        for (client, redirect, verifier, now, refused) in [
            (2, BACK, VERIFIER, 1, Refused::Code),
            (1, "http://127.0.0.1/", VERIFIER, 1, Refused::Redirect),
            (1, BACK, Some("x"), 1, Refused::Verifier),
            (1, BACK, None, 1, Refused::Verifier),
            (1, BACK, VERIFIER, CODE_LASTS, Refused::Code),
        ] {
            let code = grants.agree(agreed(), 0);
            assert_eq!(
                grants.exchange(client, &code, (redirect, verifier), now),
                Err(refused)
            );
        }
        assert!(
            grants
                .of(&token, 3)
                .is_some_and(|it| it.has("guilds") && !it.has("email"))
        );
        assert!(grants.of(&token, 1 + TOKEN_LASTS).is_none());
        grants.withdraw(7);
        assert!(grants.of(&token, 3).is_none());
    }
}

//! People who log in with their Discord account: OAuth2's authorization code flow.
//!
//! See [Discord Docs/OAuth2](https://discord.com/developers/docs/topics/oauth2).

mod error;
mod secret;

use std::time::Duration;

use guestlist_model::{ApplicationId, User};
use http::HeaderValue;
use serde::Deserialize;

pub use self::{
    error::OauthError,
    secret::{AccessToken, ClientSecret, SecretError},
};
use crate::{
    ApiBase, ApiError, BuildError, Client, GuildSummary, decode,
    percent::PathAndQuery,
    transport::{Body, Method, Reply, Request, without},
};

/// How long somebody waits who logs in.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An application that people log in to with their Discord account. It asks who they are,
/// which guilds they are in, and what they may do there.
///
/// It has its own connections and rate limits: what a person's token may ask is not counted
/// with the bot's requests.
#[derive(Clone, Debug)]
pub struct OauthClient {
    client: Client,
    base: ApiBase,
    id: ApplicationId,
    secret: ClientSecret,
}

/// What an exchanged code gives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Granted {
    /// It asks on the person's behalf.
    pub token: AccessToken,
    /// How long it lasts.
    pub lasts: Duration,
}

#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    expires_in: u64,
    #[serde(default)]
    scope: String,
}

impl OauthClient {
    /// What is asked for: who somebody is, and their guilds.
    pub const SCOPE: &'static str = "identify guilds";

    /// An application, known by its id and the secret from Discord's developer portal.
    ///
    /// # Errors
    ///
    /// There is no tokio runtime.
    pub fn new(id: ApplicationId, secret: ClientSecret, base: ApiBase) -> Result<Self, BuildError> {
        let client = Client::anonymous()
            .api(base.clone())
            .timeout(TIMEOUT)
            .patience(TIMEOUT)
            .build()?;
        Ok(Self {
            client,
            base,
            id,
            secret,
        })
    }

    /// Where a browser is sent, so that somebody agrees. Afterwards Discord sends it to
    /// `redirect`, which has to be registered in the developer portal.
    ///
    /// `state` comes back with it. `challenge` is PKCE's, by S256: the digest of what
    /// [`exchange`](Self::exchange) is given.
    #[must_use]
    pub fn authorize_url(&self, redirect: &str, state: &str, challenge: &str) -> String {
        let mut url = PathAndQuery::new(format!("{}/oauth2/authorize", self.base));
        url.pair("response_type", "code");
        url.pair("client_id", self.id);
        url.pair("scope", Self::SCOPE);
        url.pair("redirect_uri", redirect);
        url.pair("state", state);
        url.pair("code_challenge", challenge);
        url.pair("code_challenge_method", "S256");
        // Who agreed before is not asked again.
        url.pair("prompt", "none");
        url.finish()
    }

    /// Exchanges a code for a token.
    ///
    /// # Errors
    ///
    /// [`OauthError::Code`] if the code was used, is too old or was not given to this
    /// browser, [`OauthError::Client`] if the secret is wrong, [`OauthError::Scope`] if less
    /// was agreed to than was asked for, and whatever keeps Discord from answering.
    pub async fn exchange(
        &self,
        code: &str,
        verifier: &str,
        redirect: &str,
    ) -> Result<Granted, OauthError> {
        let reply = self
            .post(
                "oauth2/token",
                &[
                    ("grant_type", "authorization_code"),
                    ("code", code),
                    ("code_verifier", verifier),
                    ("redirect_uri", redirect),
                ],
            )
            .await?;
        let answer: TokenAnswer = decode::json(&reply)?;
        let agreed = |wanted: &str| answer.scope.split(' ').any(|it| it == wanted);
        if !Self::SCOPE.split(' ').all(agreed) {
            return Err(OauthError::Scope);
        }
        if !answer.token_type.eq_ignore_ascii_case("bearer") {
            return Err(OauthError::Scope);
        }
        let token = AccessToken::new(&answer.access_token).map_err(|_| OauthError::Scope)?;
        Ok(Granted {
            token,
            lasts: Duration::from_secs(answer.expires_in),
        })
    }

    /// Takes a token back, so that it is worth nothing any more.
    ///
    /// # Errors
    ///
    /// See [`exchange`](Self::exchange).
    pub async fn revoke(&self, token: &AccessToken) -> Result<(), OauthError> {
        let token = [("token", token.expose())];
        self.post("oauth2/token/revoke", &token).await.map(drop)
    }

    /// Asks who somebody is.
    ///
    /// # Errors
    ///
    /// [`OauthError::Token`] if the token is worth nothing any more, and whatever keeps
    /// Discord from answering.
    pub async fn user(&self, token: &AccessToken) -> Result<User, OauthError> {
        let reply = self.get("users/@me", token).await?;
        Ok(decode::model(&reply, User::from_slice)?)
    }

    /// Asks which guilds somebody is in: 200 at most, as many as a person can be in.
    ///
    /// # Errors
    ///
    /// See [`user`](Self::user).
    pub async fn guilds(&self, token: &AccessToken) -> Result<Vec<GuildSummary>, OauthError> {
        let reply = self.get("users/@me/guilds", token).await?;
        Ok(decode::json(&reply)?)
    }

    async fn get(&self, path: &str, token: &AccessToken) -> Result<Reply, OauthError> {
        let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose()))
            .map_err(|_| OauthError::Token)?;
        header.set_sensitive(true);
        let request = Request::get(path.to_owned()).authorization(header);
        let answered = self.client.exchange(&request).await?;
        match answered.status {
            Some(200..300) => Ok(Reply {
                status: 200,
                body: answered.body,
                date: None,
            }),
            Some(401) => Err(OauthError::Token),
            status => {
                let body = without(Some(token.expose()), answered.body);
                Err(crate::error::from_answer(status, &body).into())
            }
        }
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Reply, OauthError> {
        let id = self.id.to_string();
        let own = [
            ("client_id", id.as_str()),
            ("client_secret", self.secret.expose()),
        ];
        let mut form = PathAndQuery::new(String::new());
        for (name, value) in own.iter().chain(fields) {
            form.pair(name, value);
        }
        let form = form.finish().split_off(1).into_bytes();
        let request = Request::new(Method::Post, path.to_owned()).body(Body::Form(form));
        let answered = self.client.exchange(&request).await?;
        match answered.status {
            Some(200..300) => Ok(Reply {
                status: 200,
                body: answered.body,
                date: None,
            }),
            status => Err(error::of_token_endpoint(status, &answered.body)),
        }
    }
}

impl From<ApiError> for OauthError {
    fn from(error: ApiError) -> Self {
        Self::Api(error)
    }
}

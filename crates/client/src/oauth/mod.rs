//! Logging in with a Discord account: the authorization code flow of OAuth2.
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
    transport::{Body, Method, Reply, Request},
    words,
};

/// How long a request may take while a person waits to be logged in.
const TIMEOUT: Duration = Duration::from_secs(10);

/// An OAuth2 application that people log in to with their Discord account. It requests
/// who they are, which guilds they are in, and their permissions there.
///
/// It has its own connections and rate limits: requests with a person's token do not count
/// towards the bot's limits.
///
/// ```no_run
/// # async fn example(id: guestlist_model::ApplicationId) -> Result<(), Box<dyn std::error::Error>> {
/// use guestlist_client::{ApiBase, ClientSecret, OauthClient};
///
/// let secret = ClientSecret::new(&std::env::var("CLIENT_SECRET")?)?;
/// let oauth = OauthClient::new(id, secret, ApiBase::default())?;
/// let redirect = "https://bot.example/back";
/// let (state, verifier, challenge) = ("…", "…", "…"); // random, for each log-in
/// println!("open {}", oauth.authorize_url(redirect, state, challenge));
///
/// // Discord redirects the browser to `redirect` with a code.
/// let granted = oauth.exchange("the code", verifier, redirect).await?;
/// println!("{} logged in", oauth.user(&granted.token).await?.name());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct OauthClient {
    client: Client,
    base: ApiBase,
    id: ApplicationId,
    secret: ClientSecret,
}

/// The result of exchanging a code.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Granted {
    /// The token for requests on behalf of the person.
    pub token: AccessToken,
    /// How long the token is valid.
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
    /// The requested scopes: the person's identity and guilds.
    pub const SCOPE: &'static str = "identify guilds";

    /// Creates a client from the application's id and its secret from Discord's developer
    /// portal.
    ///
    /// # Errors
    ///
    /// [`BuildError::NoRuntime`] if no tokio runtime is running.
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

    /// The URL at which a person authorizes the application. Afterwards Discord redirects
    /// the browser to `redirect`, which must be registered in the developer portal.
    ///
    /// Discord returns `state` unchanged. `challenge` is the PKCE code challenge (method
    /// S256): the digest of the verifier that is passed to [`exchange`](Self::exchange).
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
    /// [`OauthError::Code`] if the code was used, has expired or was not issued to this
    /// browser, [`OauthError::Client`] if the secret is wrong, [`OauthError::Scope`] if the
    /// person granted fewer scopes, and other variants if the request fails.
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

    /// Revokes a token.
    ///
    /// # Errors
    ///
    /// See [`exchange`](Self::exchange).
    pub async fn revoke(&self, token: &AccessToken) -> Result<(), OauthError> {
        let token = [("token", token.expose())];
        self.post("oauth2/token/revoke", &token).await.map(drop)
    }

    /// Gets the person's user.
    ///
    /// # Errors
    ///
    /// [`OauthError::Token`] if the token was revoked or has expired, and other variants
    /// if the request fails.
    pub async fn user(&self, token: &AccessToken) -> Result<User, OauthError> {
        let reply = self.get("users/@me", token).await?;
        Ok(decode::model(&reply, User::from_slice)?)
    }

    /// Gets the person's guilds: at most 200, the most that a person can be in.
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
                let body = words::without(token.expose(), answered.body);
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

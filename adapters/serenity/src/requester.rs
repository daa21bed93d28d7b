//! Requests through the bot's own HTTP client.

use std::sync::{Arc, OnceLock};

use guestlist::service::Requester;
use guestlist::tracker::{Failure, HttpRequest, Method, Request, Response};
use serenity::all::{Error, GuildId, Http, HttpError, LightMethod, Route, WebhookId};
use serenity::http::Request as Sent;

/// serenity's HTTP client, once it is known: it comes with the first event, and nothing is
/// asked before.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asking(Arc<OnceLock<Arc<Http>>>);

impl Asking {
    pub(crate) fn through(&self, http: &Arc<Http>) {
        self.0.get_or_init(|| Arc::clone(http));
    }
}

impl Requester for Asking {
    async fn request(&self, request: Request) -> Result<Response, Failure> {
        let Some(http) = self.0.get() else {
            return Err(Failure::Transport("there is no HTTP client yet".to_owned()));
        };
        let (status, body) = send(http, &request)
            .await
            .map_err(|error| Failure::Transport(error.to_string()))?;
        request.read_answer(status, &body)
    }
}

async fn send(http: &Http, request: &Request) -> Result<(u16, Vec<u8>), Error> {
    let HttpRequest {
        method, path, body, ..
    } = request.to_http();
    let guild = request.guild().get();
    let guild_id = GuildId::new(guild);
    let elsewhere = format!("../../{path}");
    let (route, params) = match request {
        Request::ListInvites { .. } => (Route::GuildInvites { guild_id }, None),
        Request::VanityUrl { .. } => (Route::GuildVanityUrl { guild_id }, None),
        Request::AuditLog { action, limit, .. } => {
            let mut params = vec![("limit", limit.to_string())];
            params.extend(action.map(|action| ("action_type", action.to_string())));
            (Route::GuildAuditLogs { guild_id }, Some(params))
        }
        // serenity has no route for the members search and none for paths of one's own. This
        // one leads there, because a URL's `..` leaves out what is before it, and it has a
        // bucket for each guild, as the members search has at Discord.
        _ => {
            let webhook_id = WebhookId::new(guild);
            let token = elsewhere.as_str();
            (Route::WebhookWithToken { webhook_id, token }, None)
        }
    };
    let method = match method {
        Method::Post => LightMethod::Post,
        _ => LightMethod::Get,
    };
    let sent = Sent::new(route, method)
        .params(params)
        .body(body.map(String::into_bytes));
    match http.request(sent).await {
        Ok(response) => {
            let status = response.status().as_u16();
            let body = response.bytes().await.map_err(HttpError::from)?;
            Ok((status, body.to_vec()))
        }
        // serenity has read the body already, and keeps these parts of it. Where it was no
        // JSON, it was not Discord's either, and the code is negative.
        Err(Error::Http(HttpError::UnsuccessfulRequest(refused))) => {
            let body = match u32::try_from(refused.error.code) {
                Ok(code) => serde_json::json!({"code": code, "message": refused.error.message})
                    .to_string()
                    .into_bytes(),
                Err(_) => Vec::new(),
            };
            Ok((refused.status_code.as_u16(), body))
        }
        Err(error) => Err(error),
    }
}

//! Logging in with Discord: the way there, and back.

use std::time::Instant;

use axum::{
    extract::State,
    http::{HeaderMap, Uri, header},
    response::{AppendHeaders, IntoResponse, Redirect, Response},
};
use form_urlencoded::{byte_serialize, parse};
use guestlist_client::OauthError;
use maud::html;

use super::{
    discord::{DiscordLogin, host_of},
    gate::{Access, Visit, is_secure},
    host::host,
    login::is_page,
    sight::managed,
    visits::Person,
};
use crate::{app::App, fault::Fault, parts::frame};

/// The parameters of an address.
struct Given(Vec<(String, String)>);

impl Given {
    fn of(uri: &Uri) -> Self {
        let query = uri.query().unwrap_or("");
        Self(parse(query.as_bytes()).into_owned().collect())
    }

    /// One of them, if it is there just once.
    fn text(&self, name: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(it, _)| it == name);
        let (_, text) = found.next()?;
        found.next().is_none().then_some(text)
    }
}

fn discord(access: &Access) -> Result<&DiscordLogin, Fault> {
    access.discord.as_ref().ok_or(Fault::NotFound)
}

/// Whether the browser gets its cookies over TLS alone.
fn secure(access: &Access, headers: &HeaderMap) -> bool {
    is_secure(headers) || access.url.starts_with("https://")
}

/// Sends a browser to Discord.
pub(crate) async fn begin(
    State(app): State<App>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Fault> {
    let access = app.access();
    let discord = discord(access)?;
    let given = Given::of(&uri);
    let next = given.text("next").filter(|it| is_page(it)).unwrap_or("/");
    // Discord leads back to one address. The cookie has to be that address's.
    if host(&headers) != host_of(&access.url) {
        let next = byte_serialize(next.as_bytes()).collect::<String>();
        let to = format!("{}/login/discord?next={next}", access.url);
        return Ok(Redirect::to(&to).into_response());
    }
    let redirect = access.redirect().ok_or(Fault::NotFound)?;
    let (attempt, cookie) = access.begin(next, secure(access, &headers))?;
    let to = discord
        .oauth
        .authorize_url(&redirect, &attempt.state, &attempt.challenge());
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&to)).into_response())
}

/// Takes a browser that comes back from Discord.
pub(crate) async fn come_back(
    State(app): State<App>,
    axum::Extension(visit): axum::Extension<Visit>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Fault> {
    let access = app.access();
    let discord = discord(access)?;
    let given = Given::of(&uri);
    let attempt = access.end(&headers, given.text("state").unwrap_or(""));
    let attempt = attempt.ok_or(Fault::State)?;
    if given.text("error").is_some() {
        return Err(Fault::Denied);
    }
    let code = given.text("code").ok_or(Fault::State)?;
    access.patient(visit.address)?;
    let redirect = access.redirect().ok_or(Fault::NotFound)?;
    let exchanged = discord
        .oauth
        .exchange(code, &attempt.verifier, &redirect)
        .await;
    if matches!(exchanged, Err(OauthError::Code)) {
        access.wrong(visit.address);
    }
    let granted = exchanged?;
    let guilds = managed(&discord.oauth.guilds(&granted.token).await?);
    let known = app.every_ledger().guild_names().await?;
    if !known.iter().any(|(guild, _)| guilds.contains(guild)) {
        // Nobody keeps a token that is good for nothing.
        let _ = discord.oauth.revoke(&granted.token).await;
        return Err(Fault::NoServer);
    }
    let user = discord.oauth.user(&granted.token).await?;
    let person = Person {
        user: user.id(),
        name: user.name().to_owned(),
        token: granted.token,
        guilds,
        checked: Instant::now(),
    };
    // Another cookie than before, which somebody might have planted.
    let secure = secure(access, &headers);
    let cookie = access.open(&visit.id, Some((person, granted.lasts)), secure)?;
    // A redirect would still count as coming from Discord, and leave the new cookie behind.
    let page = frame::leading(
        "You are logged in",
        &attempt.next,
        &html! { p { a href=(attempt.next) { "Go on" } } },
    );
    let cookies = AppendHeaders([(header::SET_COOKIE, cookie)]);
    Ok((cookies, page).into_response())
}

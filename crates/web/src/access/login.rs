//! The log-in page, logging in with the token, and out.

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use form_urlencoded::{byte_serialize, parse};
use maud::html;

use super::{
    form::Form,
    gate::{Access, Visit, is_secure},
};
use crate::{app::App, fault::Fault, parts::frame};

/// Asks who somebody is.
pub(crate) async fn login_page(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    uri: Uri,
) -> Response {
    if !app.access().is_closed() || visit.logged_in {
        return Redirect::to("/").into_response();
    }
    let next = parse(uri.query().unwrap_or("").as_bytes()).find(|(name, _)| name == "next");
    let next = next.as_ref().map(|(_, next)| next.as_ref());
    asked(app.access(), &visit.secret, next, None).into_response()
}

fn asked(access: &Access, secret: &str, next: Option<&str>, problem: Option<&str>) -> frame::Page {
    let next = next.filter(|it| is_page(it)).unwrap_or("/");
    let wanted = byte_serialize(next.as_bytes()).collect::<String>();
    frame::bare(
        "Log in",
        &html! {
            section.card.narrow-card {
                @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
                @if access.discord.is_some() {
                    p { a.button href={ "/login/discord?next=" (wanted) } { "Log in with Discord" } }
                    p.note {
                        "You see the servers in which you have the permission Manage Server. "
                        "Discord only discloses your account and your list of servers."
                    }
                }
                @if access.token.is_some() {
                    @if access.discord.is_some() { h2 { "Or with the token" } }
                    form.stack method="post" action="/login" {
                        input type="hidden" name=(Form::SECRET) value=(secret);
                        input type="hidden" name="next" value=(next);
                        div.field {
                            label for="token" { "Token" }
                            input id="token" name="token" type="password" required
                                autofocus[access.discord.is_none()] autocomplete="current-password";
                        }
                        button type="submit" { "Log in" }
                    }
                    p.note { "The person who started this dashboard has the token." }
                }
            }
        },
    )
}

/// Compares the token, and lets the browser in.
pub(crate) async fn log_in(
    State(app): State<App>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Fault> {
    let given = form.text("token").unwrap_or("");
    let next = form.text("next").filter(|it| is_page(it)).unwrap_or("/");
    if !app.access().check(given, form.visit.address)? {
        let page = asked(
            app.access(),
            &form.visit.secret,
            Some(next),
            Some("This token is wrong. Copy it again."),
        );
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    // Another cookie than before, which somebody might have planted.
    let cookie = app
        .access()
        .open(&form.visit.id, None, is_secure(&headers))?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response())
}

/// Forgets the browser.
pub(crate) async fn log_out(State(app): State<App>, form: Form) -> Response {
    let person = app.access().close(&form.visit.id);
    // What the person agreed to ends as well. Nobody waits for that.
    if let (Some(person), Some(discord)) = (person, app.access().discord.clone()) {
        tokio::spawn(async move { discord.oauth.revoke(&person.token).await });
    }
    Redirect::to("/login").into_response()
}

/// Whether it is a path of ours, and not a way to another host.
pub(super) fn is_page(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next() == Some(b'/')
        && !matches!(bytes.next(), Some(b'/' | b'\\'))
        && text.bytes().all(|it| it.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::is_page;

    #[test]
    fn nobody_is_sent_to_another_host() {
        assert!(is_page("/"));
        assert!(is_page("/joins?guild=1&span=7d"));
        for elsewhere in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/\r\nset-cookie: a=b",
            "/\t/evil.example",
        ] {
            assert!(!is_page(elsewhere), "{elsewhere:?}");
        }
    }
}

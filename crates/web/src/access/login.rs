//! Logging in with the token, and out.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use maud::html;

use super::{form::Form, gate::is_secure};
use crate::{app::App, fault::Fault, parts::frame, query::Query};

/// Asks for the token.
pub(crate) async fn login_page(State(app): State<App>, query: Query) -> Response {
    if app.access().token.is_none() || query.visit.logged_in {
        return Redirect::to("/").into_response();
    }
    asked(&query.visit.secret, query.text("next"), None).into_response()
}

fn asked(secret: &str, next: Option<&str>, problem: Option<&str>) -> frame::Page {
    frame::bare(
        "Log in",
        &html! {
            section.card.narrow-card {
                @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
                form.stack method="post" action="/login" {
                    input type="hidden" name=(Form::SECRET) value=(secret);
                    input type="hidden" name="next" value=(next.unwrap_or("/"));
                    div.field {
                        label for="token" { "Token" }
                        input id="token" name="token" type="password" required autofocus
                            autocomplete="current-password";
                    }
                    button type="submit" { "Log in" }
                }
                p.note { "Whoever started this dashboard has the token." }
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
            &form.visit.secret,
            Some(next),
            Some("This is not the token. Copy it again."),
        );
        return Ok((StatusCode::FORBIDDEN, page).into_response());
    }
    // Another cookie than before, which somebody might have planted.
    let cookie = app.access().open(&form.visit.id, is_secure(&headers))?;
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(next)).into_response())
}

/// Forgets the browser.
pub(crate) async fn log_out(State(app): State<App>, form: Form) -> Response {
    app.access().close(&form.visit.id);
    Redirect::to("/login").into_response()
}

/// Whether it is a path of ours, and not a way to another host.
fn is_page(text: &str) -> bool {
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

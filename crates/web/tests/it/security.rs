//! Attacks on the log-in and on forms. `docs/security.md` lists them.

use guestlist_testkit::http::{Answer, Request};
use guestlist_web::{Dashboard, WebToken};

use crate::ledger::small;
use crate::pages::PAGES;
use crate::serving::Serving;

const TOKEN: &str = "correct-horse-battery";
async fn closed() -> Serving {
    let (ledger, _) = small("ferris").await;
    let token = WebToken::new(TOKEN).unwrap();
    Serving::with(Dashboard::new(ledger).token(token)).await
}

/// The cookie that an answer sets: with its attributes, and as a browser sends it.
pub(crate) fn cookie(answer: &Answer) -> (String, String) {
    let all = answer.headers["set-cookie"].clone();
    let own = all.split_once(';').unwrap().0.to_owned();
    (all, own)
}

/// The secret in the forms of a page.
pub(crate) fn secret(page: &Answer) -> String {
    let (_, rest) = page.text().split_once("name=\"form\" value=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

pub(crate) fn post(target: &str, body: &str) -> Request {
    Request::new("POST", target)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
}

/// A browser that has opened the page that asks for the token: its cookie and its secret.
async fn visitor(web: &Serving) -> (String, String) {
    let page = web.get("/login").await;
    assert_eq!(page.status, 200);
    (cookie(&page).1, secret(&page))
}

async fn log_in(web: &Serving, token: &str, next: &str) -> Answer {
    let (cookie, secret) = visitor(web).await;
    let body = format!("form={secret}&token={token}&next={next}");
    web.send(post("/login", &body).header("cookie", &cookie))
        .await
}

#[tokio::test]
async fn without_the_token_nothing_is_shown() {
    let web = closed().await;
    for page in PAGES
        .into_iter()
        .chain(["/live", "/invites/1/rust", "/joins/1/2/3"])
    {
        let answer = web.get(page).await;
        assert!(matches!(answer.status, 303 | 401), "{page}");
        assert!(!answer.text().contains("ferris"), "{page}");
    }
    let to = web.get("/joins?span=7d").await.headers["location"].clone();
    assert_eq!(to, "/login?next=%2Fjoins%3Fspan%3D7d");
    for cookie in [
        format!("guestlist-{}={}", web.address.port(), "0".repeat(64)),
        format!("guestlist-{}=", web.address.port()),
        "guestlist=1".to_owned(),
    ] {
        let request = Request::new("GET", "/joins").header("cookie", &cookie);
        assert_eq!(web.send(request).await.status, 303, "{cookie}");
    }
}

#[tokio::test]
async fn the_token_opens_every_page_until_the_browser_logs_out() {
    let web = closed().await;
    let answer = log_in(&web, TOKEN, "/joins").await;
    assert_eq!(
        (answer.status, answer.headers["location"].as_str()),
        (303, "/joins")
    );
    let (all, own) = cookie(&answer);
    assert!(
        all.contains("; HttpOnly") && all.contains("; SameSite=Strict"),
        "{all}"
    );
    assert!(!all.contains("Secure") && !all.contains(TOKEN), "{all}");
    let get = |page: &str| Request::new("GET", page).header("cookie", &own);
    let page = web.send(get("/joins")).await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("ferris") && !page.text().contains(TOKEN));
    let out = post("/logout", &format!("form={}", secret(&page))).header("cookie", &own);
    assert_eq!(web.send(out).await.status, 303);
    assert_eq!(
        web.send(get("/joins")).await.status,
        303,
        "the cookie is worth nothing now"
    );
}

#[tokio::test]
async fn the_cookie_of_a_log_in_is_new_and_secure_behind_tls() {
    let web = closed().await;
    let (planted, secret) = visitor(&web).await;
    let body = format!("form={secret}&token={TOKEN}");
    let request = post("/login", &body)
        .header("cookie", &planted)
        .header("x-forwarded-proto", "https");
    let (all, own) = cookie(&web.send(request).await);
    assert!(all.contains("; Secure"), "{all}");
    assert_ne!(own, planted);
    let request = Request::new("GET", "/joins").header("cookie", &planted);
    assert_eq!(
        web.send(request).await.status,
        303,
        "the old one opens nothing"
    );
}

#[tokio::test]
async fn wrong_tokens_are_refused_and_then_slowed_down() {
    let web = closed().await;
    for _ in 0..4 {
        let answer = log_in(&web, "wrong-horse-battery", "/").await;
        assert_eq!(answer.status, 403);
        assert!(answer.text().contains("This token is wrong"));
        assert!(!answer.text().contains("wrong-horse"), "it is not repeated");
    }
    let bearer = |token: &str| {
        Request::new("GET", "/joins").header("authorization", &format!("Bearer {token}"))
    };
    assert_eq!(web.send(bearer("wrong")).await.status, 401);
    let answer = log_in(&web, TOKEN, "/").await;
    assert_eq!(answer.status, 429, "not even the right one is compared");
    assert!(answer.headers.contains_key("retry-after"));
    assert_eq!(web.send(bearer(TOKEN)).await.status, 429);
}

#[tokio::test]
async fn a_program_sends_the_token_in_a_header() {
    let web = closed().await;
    let request = |value: &str| Request::new("GET", "/joins").header("authorization", value);
    let right = web.send(request(&format!("Bearer {TOKEN}"))).await;
    assert_eq!(right.status, 200);
    for wrong in [
        "Bearer ",
        "Bearer correct-horse",
        "Basic correct-horse-battery",
    ] {
        let answer = web.send(request(wrong)).await;
        assert!(matches!(answer.status, 401 | 303), "{wrong}");
    }
    let query = web.get(&format!("/joins?token={TOKEN}")).await;
    assert_eq!(query.status, 303, "never in an address");
}

#[tokio::test]
async fn a_log_in_leads_to_our_own_pages_alone() {
    for next in [
        "https%3A%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "%2F%5Cevil.example",
        "%2F%0D%0Aset-cookie%3A%20a%3Db",
    ] {
        let web = closed().await;
        let answer = log_in(&web, TOKEN, next).await;
        assert_eq!(answer.headers["location"], "/", "{next}");
    }
}

#[tokio::test]
async fn a_form_of_another_page_changes_nothing() {
    let web = closed().await;
    let own = cookie(&log_in(&web, TOKEN, "/").await).1;
    let get = Request::new("GET", "/joins").header("cookie", &own);
    let secret_of_own = secret(&web.send(get.clone()).await);
    let secret_of_other = visitor(&web).await.1;
    let own_form = format!("form={secret_of_own}");
    let out = |body: &str| post("/logout", body).header("cookie", &own);
    let host = "127.0.0.1";
    let json = Request::new("POST", "/logout").header("cookie", &own);
    for (request, what) in [
        (out(""), "no secret"),
        (out("form="), "an empty secret"),
        (
            out(&format!("form={secret_of_other}")),
            "a secret of another browser",
        ),
        (
            out(&own_form).header("origin", "https://evil.example"),
            "another origin",
        ),
        (out(&own_form).header("origin", "null"), "no origin"),
        (
            out(&own_form).header("sec-fetch-site", "cross-site"),
            "another site",
        ),
        (
            out(&own_form).header("sec-fetch-site", "same-site"),
            "another port",
        ),
        (
            json.header("content-type", "text/plain")
                .body(own_form.as_str()),
            "another kind",
        ),
        (
            out(&format!("x={}&{own_form}", "x".repeat(70_000))),
            "too much",
        ),
    ] {
        assert_eq!(web.send(request).await.status, 403, "{what}");
        assert_eq!(
            web.send(get.clone()).await.status,
            200,
            "{what}: still there"
        );
    }
    let ours = out(&own_form)
        .header("origin", &format!("http://{host}"))
        .header("sec-fetch-site", "same-origin");
    assert_eq!(web.send(ours).await.status, 303);
}

#[tokio::test]
async fn methods_and_files_that_are_not_ours_are_refused() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    for method in ["PUT", "DELETE", "PATCH", "TRACE", "POST"] {
        let answer = web.send(Request::new(method, "/joins")).await;
        assert!(
            matches!(answer.status, 403 | 405),
            "{method} {}",
            answer.status
        );
    }
    for file in [
        "/assets/0/..%2f..%2fCargo.toml",
        "/assets/0/%2e%2e/style.css",
        "/assets/../../etc/passwd",
        "/assets/0/style.css%00.html",
    ] {
        assert_eq!(web.get(file).await.status, 404, "{file}");
    }
}

#[tokio::test]
async fn a_given_name_is_answered_and_others_are_not() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::with(Dashboard::new(ledger).host("guests.example")).await;
    let get = |host: &str| Request::new("GET", "/").host(host);
    assert_eq!(web.send(get("guests.example")).await.status, 200);
    assert_eq!(web.send(get("other.example")).await.status, 421);
}

//! People who agree to be known, told with bytes.

use guestlist_sandbox::{Options, Running, Sandbox};
use guestlist_testkit::http::{Answer, Request};
use serde_json::json;

use crate::support::{control, send};

const BACK: &str = "http://127.0.0.1:1/back";
/// RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

fn authorize(running: &Running, more: &str) -> String {
    format!(
        "/oauth2/authorize?response_type=code&client_id={}&scope=identify%20guilds&state=s\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Fback&code_challenge={CHALLENGE}\
         &code_challenge_method=S256{more}",
        running.client_id()
    )
}

/// A code for the owner of the first guild.
async fn code(running: &Running) -> (u64, String) {
    let guild = running.guild_ids()[0];
    let owner = running.world().read(|it| it.guild(guild).unwrap().owner_id);
    let target = authorize(running, &format!("&sandbox_user={owner}"));
    let answer = send(running, "GET", &target, &[], "").await;
    assert_eq!(answer.status, 302);
    let (to, query) = answer.headers["location"].split_once('?').unwrap();
    assert_eq!(to, BACK);
    let code = query.strip_prefix("code=").unwrap();
    let (code, state) = code.split_once('&').unwrap();
    assert_eq!(state, "state=s");
    (owner, code.to_owned())
}

async fn token(running: &Running, secret: &str, fields: &str) -> Answer {
    let body = format!(
        "client_id={}&client_secret={secret}&grant_type=authorization_code&{fields}",
        running.client_id()
    );
    Request::new("POST", "/api/v10/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send_async(running.address())
        .await
}

fn exchange(code: &str, verifier: &str) -> String {
    let back = "http%3A%2F%2F127.0.0.1%3A1%2Fback";
    format!("code={code}&redirect_uri={back}&code_verifier={verifier}")
}

#[tokio::test]
async fn a_code_gives_a_token_that_tells_of_the_person_alone() {
    let running = Sandbox::start(Options::seeded(5).guilds(2)).await.unwrap();
    let secret = running.client_secret().to_owned();
    let (owner, code) = code(&running).await;
    let answer = token(&running, &secret, &exchange(&code, VERIFIER)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let granted = answer.json();
    assert_eq!(granted["token_type"], "Bearer");
    assert_eq!(granted["scope"], "identify guilds");
    assert_eq!(granted["expires_in"], 604_800);
    let bearer = format!("Bearer {}", granted["access_token"].as_str().unwrap());
    let ask = async |path: &str| {
        let request = Request::new("GET", path).header("authorization", &bearer);
        request.send_async(running.address()).await
    };
    let me = ask("/api/v10/users/@me").await.json();
    assert_eq!(me["id"], owner.to_string());
    assert_eq!(me.get("email"), None);
    let guilds = ask("/api/v10/users/@me/guilds").await.json();
    assert_eq!(guilds.as_array().unwrap().len(), 1);
    assert_eq!(guilds[0]["owner"], true);
    // It is not the bot's.
    assert_eq!(ask("/api/v10/applications/@me").await.status, 401);
    let body = format!(
        "client_id={}&client_secret={secret}&token={}",
        running.client_id(),
        granted["access_token"].as_str().unwrap()
    );
    let revoke = Request::new("POST", "/api/oauth2/token/revoke")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body);
    assert_eq!(revoke.send_async(running.address()).await.status, 200);
    assert_eq!(ask("/api/v10/users/@me").await.status, 401);
}

#[tokio::test]
async fn what_does_not_fit_is_refused_as_discord_does() {
    let running = Sandbox::start(Options::seeded(5)).await.unwrap();
    let secret = running.client_secret().to_owned();
    let (_, first) = code(&running).await;
    let wrong = token(&running, "wrong", &exchange(&first, VERIFIER)).await;
    assert_eq!(
        (wrong.status, wrong.json()),
        (401, json!({"error": "invalid_client"}))
    );
    let wrong = token(&running, &secret, &exchange(&first, "wrong")).await;
    assert_eq!(wrong.status, 400);
    assert_eq!(wrong.json()["error"], "invalid_grant");
    let used = token(&running, &secret, &exchange(&first, VERIFIER)).await;
    let invalid = json!({
        "error": "invalid_grant",
        "error_description": "Invalid \"code\" in request.",
    });
    assert_eq!((used.status, used.json()), (400, invalid));
    let as_json = Request::new("POST", "/api/v10/oauth2/token").json(&json!({"code": first}));
    let as_json = as_json.send_async(running.address()).await;
    assert_eq!(as_json.status, 401, "a body of JSON has no fields");
    for (from, to) in [
        ("response_type=code", "response_type=token"),
        ("client_id=", "client_id=1"),
        ("127.0.0.1", "evil.example"),
        ("scope=identify", "scope=email"),
        ("method=S256", "method=plain"),
    ] {
        let target = authorize(&running, "&sandbox_user=1").replace(from, to);
        let answer = send(&running, "GET", &target, &[], "").await;
        assert_eq!(answer.status, 400, "{to}");
        assert_eq!(answer.headers.get("location"), None, "{to}");
    }
    let denied = authorize(&running, "&sandbox_user=deny");
    let denied = send(&running, "GET", &denied, &[], "").await;
    assert!(denied.headers["location"].starts_with(&format!("{BACK}?error=access_denied")));
    let page = send(&running, "GET", &authorize(&running, ""), &[], "").await;
    assert!(page.text().contains("manages ") && page.text().contains("Cancel"));
    // Once redirects are registered, no other is taken.
    let redirects = json!({"redirect_uris": ["https://guests.example/login/discord/back"]});
    let application = control(&running, "PATCH", "/application", redirects.clone()).await;
    assert_eq!(application["redirect_uris"], redirects["redirect_uris"]);
    let answer = send(&running, "GET", &authorize(&running, ""), &[], "").await;
    assert_eq!(answer.status, 400);
}

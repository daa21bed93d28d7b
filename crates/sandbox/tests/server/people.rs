//! People with clients of their own, and those without a token.

use std::time::Duration;

use guestlist_sandbox::{Limit, Options, RateLimits, Sandbox, world::NewInvite};
use guestlist_testkit::http::Answer;
use serde_json::{Value, json};

use crate::support::{Gateway, control, send};

#[tokio::test]
async fn a_person_accepts_an_invite_and_leaves() {
    let options = Options::seeded(8).guilds(1).rate_limits(RateLimits::none());
    let running = Sandbox::start(options).await.unwrap();
    let guild = running.guild_ids()[0];
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, 1 << 1).await;
    let ada = control(&running, "POST", "/users", json!({"username": "ada"})).await;
    let token = ada["token"].as_str().unwrap().to_owned();
    let call = async |method: &str, path: &str, token: &str| -> Answer {
        let path = format!("/api/v10{path}");
        send(&running, method, &path, &[("authorization", token)], "").await
    };
    assert_eq!(
        call("GET", "/users/@me", &token).await.json()["id"],
        ada["id"]
    );

    let once = NewInvite::default().max_uses(1);
    let code = running.world().create_invite(guild, once).unwrap().code;
    let path = format!("/invites/{code}");
    let accepted = call("POST", &path, &token).await;
    assert_eq!(
        (accepted.status, &accepted.json()["new_member"]),
        (200, &json!(true))
    );
    let added = gateway.expect("GUILD_MEMBER_ADD").await;
    assert_eq!(added["user"]["id"], ada["id"]);
    let again = call("POST", &path, &token).await;
    assert_eq!(again.json()["code"], 10_006, "it was used up");
    let truth = control(&running, "GET", "/truth", Value::Null).await;
    assert_eq!(truth["joins"][0]["code"], code);
    let guilds = call("GET", "/users/@me/guilds", &token).await.json();
    assert_eq!(guilds[0]["id"], guild.to_string());
    let vanity = call("POST", "/invites/guestlist-0", &token).await.json();
    assert_eq!(vanity["new_member"], false);

    let path = format!("/users/@me/guilds/{guild}");
    assert_eq!(call("DELETE", &path, &token).await.status, 204);
    gateway.expect("GUILD_MEMBER_REMOVE").await;
    assert_eq!(
        call("POST", "/invites/guestlist-0", &token).await.status,
        200
    );
    let ban = format!(
        "/guilds/{guild}/members/{}/ban",
        ada["id"].as_str().unwrap()
    );
    control(&running, "POST", &ban, json!({})).await;
    let banned = call("POST", "/invites/guestlist-0", &token).await;
    assert_eq!(banned.json()["code"], 40_007);

    let bot = format!("Bot {}", running.token());
    let refused = call("POST", "/invites/guestlist-0", &bot).await;
    assert_eq!(refused.json()["code"], 20_001);
    let list = format!("/guilds/{guild}/invites");
    assert_eq!(
        call("GET", &list, &token).await.status,
        401,
        "that is for bots"
    );
    let forged = format!("{token}0");
    assert_eq!(call("GET", "/users/@me", &forged).await.status, 401);
}

#[tokio::test]
async fn who_looks_up_too_many_invites_without_a_token_is_banned() {
    let few = Limit::new(3, Duration::from_secs(600));
    let limits = RateLimits::none().lookups(Some(few));
    let options = Options::seeded(8).guilds(1).rate_limits(limits);
    let running = Sandbox::start(options).await.unwrap();
    let path = "/api/v10/invites/guestlist-0";
    for _ in 0..3 {
        assert_eq!(send(&running, "GET", path, &[], "").await.status, 200);
    }
    let banned = send(&running, "GET", path, &[], "").await;
    assert_eq!((banned.status, banned.text()), (429, "error code: 1015"));
    assert_eq!(banned.headers["retry-after"], "86400");
    assert!(!banned.headers.contains_key("via"));
    let token = format!("Bot {}", running.token());
    let headers = [("authorization", token.as_str())];
    assert_eq!(send(&running, "GET", path, &headers, "").await.status, 200);
}

//! Stories over HTTP, told with bytes.
use std::time::Duration;

use crate::support::{control, discord, send};
use guestlist_sandbox::{Clock, Limit, Options, RateLimits, Sandbox};
use serde_json::{Value, json};

#[tokio::test]
async fn tokens_paths_and_methods_are_checked() {
    let running = Sandbox::start(Options::seeded(2)).await.unwrap();
    let unauthorized = json!({"message": "401: Unauthorized", "code": 0});
    for headers in [
        &[][..],
        &[("authorization", "Bot wrong")],
        &[("authorization", "Bearer x")],
    ] {
        let answer = send(&running, "GET", "/api/v10/users/@me", headers, "").await;
        assert_eq!((answer.status, answer.json()), (401, unauthorized.clone()));
    }
    let answer = send(&running, "GET", "/api/v10/gateway", &[], "").await;
    assert_eq!(answer.json(), json!({"url": running.gateway_url()}));
    let answer = discord(&running, "GET", "/nothing", "").await;
    let not_found = json!({"message": "404: Not Found", "code": 0});
    assert_eq!((answer.status, answer.json()), (404, not_found));
    let answer = discord(&running, "PATCH", "/users/@me/guilds", "").await;
    let not_allowed = json!({"message": "405: Method Not Allowed", "code": 0});
    assert_eq!((answer.status, answer.json()), (405, not_allowed));
    let token = format!("Bot {}", running.token());
    for version in ["", "/v6", "/v9", "/v10"] {
        let path = format!("/api{version}/users/@me");
        let answer = send(&running, "GET", &path, &[("authorization", &token)], "").await;
        assert_eq!(
            (answer.status, &answer.json()["username"]),
            (200, &json!("guestlist"))
        );
    }
    for version in ["/v3", "/v5", "/v99", "/v010"] {
        let path = format!("/api{version}/users/@me");
        let answer = send(&running, "GET", &path, &[("authorization", &token)], "").await;
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!(50_041)),
            "{version}"
        );
    }
    let answer = discord(&running, "GET", "/guilds/abc", "").await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (400, &json!(50_035))
    );
    let answer = discord(&running, "GET", "/guilds/123", "").await;
    assert_eq!(
        (answer.status, &answer.json()["code"]),
        (404, &json!(10_004))
    );
}

#[tokio::test]
async fn limits_are_told_and_kept() {
    let limit = Limit::new(2, Duration::from_millis(400));
    let limits = RateLimits::none().route("GET", "/guilds/{guild_id}/invites", limit);
    let running = Sandbox::start(Options::seeded(2).rate_limits(limits))
        .await
        .unwrap();
    let guilds = running.guild_ids();
    let path = format!("/guilds/{}/invites", guilds[0]);
    let first = discord(&running, "GET", &path, "").await;
    assert_eq!(first.headers["x-ratelimit-limit"], "2");
    assert_eq!(first.headers["x-ratelimit-remaining"], "1");
    let reset: f64 = first.headers["x-ratelimit-reset-after"].parse().unwrap();
    assert!(reset > 0.0 && reset <= 0.4, "{reset}");
    assert_eq!(first.headers["x-ratelimit-bucket"].len(), 32);
    discord(&running, "GET", &path, "").await;
    let third = discord(&running, "GET", &path, "").await;
    assert_eq!(
        (third.status, &third.headers["x-ratelimit-scope"]),
        (429, &String::from("user"))
    );
    assert_eq!(third.json()["global"], false);
    let wait = third.json()["retry_after"].as_f64().unwrap();
    let other = format!("/guilds/{}/invites", guilds[1]);
    assert_eq!(
        discord(&running, "GET", &other, "").await.status,
        200,
        "another guild"
    );
    tokio::time::sleep(Duration::from_secs_f64(wait)).await;
    assert_eq!(discord(&running, "GET", &path, "").await.status, 200);

    let running =
        Sandbox::start(Options::seeded(2).rate_limits(RateLimits::none().global(Some(3))))
            .await
            .unwrap();
    for _ in 0..3 {
        assert_eq!(discord(&running, "GET", "/users/@me", "").await.status, 200);
    }
    let fourth = discord(&running, "GET", "/users/@me", "").await;
    assert_eq!(
        (fourth.status, &fourth.json()["global"]),
        (429, &json!(true))
    );
    assert_eq!(fourth.headers["x-ratelimit-global"], "true");
    assert_eq!(fourth.headers["x-ratelimit-scope"], "global");
}

#[tokio::test]
async fn the_global_limit_has_no_bucket() {
    let running = Sandbox::start(Options::seeded(2)).await.unwrap();
    let rule = json!({"status": 429, "global": true, "retry_after": 1.5, "times": 1});
    control(&running, "POST", "/faults", rule).await;
    let limited = discord(&running, "GET", "/users/@me", "").await;
    let headers: Vec<&String> = limited
        .headers
        .keys()
        .filter(|name| name.starts_with("x-ratelimit"))
        .collect();
    assert_eq!(headers, ["x-ratelimit-global", "x-ratelimit-scope"]);
    assert_eq!(limited.headers["retry-after"], "2");
    assert_eq!(
        limited.json(),
        json!({
            "message": "You are being rate limited.", "code": 0, "retry_after": 1.5, "global": true,
        })
    );
    let rule = json!({"status": 429, "retry_after": 1.5, "times": 1});
    control(&running, "POST", "/faults", rule).await;
    let limited = discord(&running, "GET", "/users/@me", "").await;
    assert!(limited.headers.contains_key("x-ratelimit-bucket"));
}

#[tokio::test]
async fn strangers_are_told_no_limits() {
    let running = Sandbox::start(Options::seeded(2)).await.unwrap();
    for (path, headers, status) in [
        ("/users/@me", &[("authorization", "Bot wrong")][..], 401),
        ("/invites/guestlist-0", &[], 200),
    ] {
        let answer = send(&running, "GET", &format!("/api/v10{path}"), headers, "").await;
        assert_eq!(answer.status, status);
        let mut names = answer.headers.keys();
        assert!(!names.any(|it| it.starts_with("x-ratelimit")), "{answer:?}");
    }
}

#[tokio::test]
async fn answers_come_by_way_of_discords_proxy() {
    let limits = RateLimits::none().global(Some(1));
    let running = Sandbox::start(Options::seeded(2).rate_limits(limits))
        .await
        .unwrap();
    for status in [200, 429] {
        let answer = discord(&running, "GET", "/users/@me", "").await;
        assert_eq!(
            (answer.status, &*answer.headers["via"]),
            (status, "1.1 google")
        );
    }
}

#[tokio::test]
async fn limits_end_by_the_clock_that_date_tells() {
    let limits =
        RateLimits::none().route("GET", "/users/@me", Limit::new(5, Duration::from_secs(60)));
    let options = Options::seeded(2).clock(Clock::Manual).rate_limits(limits);
    let running = Sandbox::start(options).await.unwrap();
    let advance = json!({"advance_ms": 3_600_000});
    let clock = control(&running, "POST", "/clock", advance).await;
    let now = clock["now_ms"].as_f64().unwrap() / 1000.0;
    let answer = discord(&running, "GET", "/users/@me", "").await;
    let reset: f64 = answer.headers["x-ratelimit-reset"].parse().unwrap();
    assert!((now + 59.0..=now + 60.0).contains(&reset), "{now} {reset}");
}

#[tokio::test]
async fn faults_come_when_ordered_and_go() {
    let running = Sandbox::start(Options::seeded(2)).await.unwrap();
    let guild = running.guild_ids()[0];
    let path = format!("/guilds/{guild}/invites");
    let rules = json!({"rules": [
        {"method": "GET", "path": "/guilds/*/invites", "times": 1, "status": 503},
        {"path": "/guilds/*/invites", "times": 1, "status": 429, "retry_after": 0.5},
        {"path": "/guilds/*/invites", "times": 1, "drop_connection": true},
    ]});
    control(&running, "POST", "/faults", rules).await;
    assert_eq!(discord(&running, "GET", &path, "").await.status, 503);
    let limited = discord(&running, "GET", &path, "").await;
    assert_eq!(
        (limited.status, &limited.json()["retry_after"]),
        (429, &json!(0.5))
    );
    assert_eq!(limited.headers["x-ratelimit-scope"], "shared");
    assert_eq!(
        limited.json()["message"],
        "The resource is being rate limited."
    );
    assert_eq!(discord(&running, "GET", &path, "").await.status, 0, "cut");
    assert_eq!(discord(&running, "GET", &path, "").await.status, 200);
    control(&running, "POST", "/faults", json!({"status": 500})).await;
    assert_eq!(discord(&running, "GET", &path, "").await.status, 500);
    control(&running, "DELETE", "/faults", Value::Null).await;
    assert_eq!(discord(&running, "GET", &path, "").await.status, 200);
    let log = control(&running, "GET", "/requests", Value::Null).await;
    let counted = &log["counts"]["GET /guilds/{guild_id}/invites"];
    assert_eq!(
        (&counted["total"], &counted["by_status"]["503"]),
        (&json!(6), &json!(1))
    );
    let overview = control(&running, "GET", "", Value::Null).await;
    assert_eq!(overview["requests"], log["total"]);
}

#[tokio::test]
async fn the_control_api_does_what_people_do() {
    let options = Options::seeded(2).clock(Clock::Manual);
    let running = Sandbox::start(options).await.unwrap();
    let new = json!({"name": "Club", "vanity_url_code": "club", "features": ["DISCOVERABLE"]});
    let guild = control(&running, "POST", "/guilds", new).await;
    let guild = guild["id"].as_str().unwrap();
    let user = control(&running, "POST", "/users", json!({"username": "ann"})).await;
    let path = format!("/guilds/{guild}/channels");
    let channel = control(&running, "POST", &path, json!({"name": "hall", "type": 0})).await;
    let new = json!({"channel_id": channel["id"], "max_uses": 1, "inviter_id": user["id"]});
    let invite = control(&running, "POST", &format!("/guilds/{guild}/invites"), new).await;
    assert_eq!(
        (&invite["uses"], &invite["inviter"]["username"]),
        (&json!(0), &json!("ann"))
    );
    let joins = format!("/guilds/{guild}/joins");
    let body = json!({"via": "invite", "code": invite["code"]});
    let joined = control(&running, "POST", &joins, body).await;
    assert_eq!(
        (&joined["code"], &joined["inviter_id"]),
        (&invite["code"], &user["id"])
    );
    for via in [
        "vanity",
        "bot",
        "discovery",
        "hub",
        "integration",
        "linked_lobby",
    ] {
        let joined = control(&running, "POST", &joins, json!({"via": via})).await;
        assert_eq!(joined["via"], via);
    }
    let before = control(&running, "GET", "/clock", Value::Null).await;
    let after = control(&running, "POST", "/clock", json!({"advance_ms": 5000})).await;
    assert_eq!(
        after["now_ms"].as_u64().unwrap() - before["now_ms"].as_u64().unwrap(),
        5000
    );
    let leaver = joined["user_id"].as_str().unwrap();
    control(
        &running,
        "DELETE",
        &format!("/guilds/{guild}/members/{leaver}"),
        Value::Null,
    )
    .await;
    let standing = control(
        &running,
        "POST",
        &format!("/guilds/{guild}/invites"),
        json!({}),
    )
    .await;
    let code = standing["code"].as_str().unwrap();
    let by = json!({"actor_id": user["id"]});
    control(&running, "DELETE", &format!("/invites/{code}"), by).await;
    let truth = control(
        &running,
        "GET",
        &format!("/truth?guild={guild}"),
        Value::Null,
    )
    .await;
    assert_eq!(truth["joins"].as_array().unwrap().len(), 7);
    assert!(truth["joins"][0]["left_at"].is_string());
    assert_eq!(truth["invites"][0]["state"], "exhausted");
    assert_eq!(truth["invites"][1]["ended_by"], user["id"]);

    for (body, field) in [
        (json!({"via": "rocket"}), "via"),
        (json!({"code": "missing"}), "code"),
        (json!({"via": "discovery", "user_id": "abc"}), "user_id"),
        (json!({"wia": "bot"}), "wia"),
    ] {
        let path = format!("/sandbox{joins}");
        let answer = send(&running, "POST", &path, &[], &body.to_string()).await;
        assert!(
            answer.status >= 400 && answer.json()["error"].is_string(),
            "{answer:?}"
        );
        assert!(
            answer.json()["field"] == field || field == "wia",
            "{}",
            answer.json()
        );
    }
    let answer = send(&running, "POST", "/sandbox/clock", &[], "{").await;
    assert_eq!(answer.status, 400);
}

/// For each call that takes a body, an unknown field is answered with those that are known.
#[tokio::test]
async fn the_control_api_is_described_as_it_is() {
    let running = Sandbox::start(Options::seeded(2)).await.unwrap();
    let document = control(&running, "GET", "/openapi.json", Value::Null).await;
    let guild = running.guild_ids()[0].to_string();
    let mut checked = 0;
    for (path, calls) in document["paths"].as_object().unwrap() {
        let place = path
            .replace("{guild}", &guild)
            .replace("{user}", "5")
            .replace("{bot}", &running.client_id().to_string())
            .replace("{action}", "kick");
        for (method, call) in calls.as_object().unwrap() {
            let schema = &call["requestBody"]["content"]["application/json"]["schema"];
            let method = method.to_uppercase();
            if method == "GET" {
                let answer = send(&running, &method, &place, &[], "").await;
                assert_eq!(answer.status, 200, "{method} {place}");
            }
            let Some(described) = schema["properties"].as_object() else {
                continue;
            };
            let body = json!({"odd": 1, "command": "x", "user_id": "5"});
            let mut body = body.as_object().unwrap().clone();
            body.retain(|key, _| key == "odd" || described.contains_key(key));
            let body = Value::Object(body).to_string();
            let answer = send(&running, &method, &place, &[], &body).await;
            let told = answer.json();
            assert_eq!(told["field"], "odd", "{method} {place}: {told}");
            let error = told["error"].as_str().unwrap();
            let known = error.split_once("there are: ").unwrap().1;
            let known: std::collections::BTreeSet<&str> = known.split(", ").collect();
            let described = described.keys().map(String::as_str).collect();
            assert_eq!(known, described, "{method} {place}");
            checked += 1;
        }
    }
    assert!(checked >= 15, "{checked}");
}

#[tokio::test]
async fn there_is_a_page_to_look_at() {
    let running = Sandbox::start(Options::seeded(2)).await.unwrap();
    let page = send(&running, "GET", "/sandbox/ui", &[], "").await;
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    for (file, kind) in [("style.css", "text/css"), ("script.js", "text/javascript")] {
        assert!(page.text().contains(file));
        let answer = send(&running, "GET", &format!("/sandbox/ui/{file}"), &[], "").await;
        assert!(
            answer.headers["content-type"].starts_with(kind),
            "{answer:?}"
        );
    }
    let missing = send(&running, "GET", "/sandbox/ui/x", &[], "").await;
    assert_eq!(missing.status, 404);
    // Everything that the page calls is described.
    let script = send(&running, "GET", "/sandbox/ui/script.js", &[], "").await;
    let document = control(&running, "GET", "/openapi.json", Value::Null).await;
    let paths = document["paths"].as_object().unwrap();
    for path in [
        "/frames",
        "/requests",
        "/gateway",
        "/faults",
        "/scenario",
        "/clock",
    ] {
        assert!(script.text().contains(path) && paths.contains_key(&format!("/sandbox{path}")));
    }
    let frames = control(&running, "GET", "/frames", Value::Null).await;
    assert_eq!(frames, json!([]), "nobody was connected");
}

#[tokio::test]
async fn a_scenario_runs_as_the_clock_goes() {
    let options = Options::seeded(2).clock(Clock::Manual);
    let running = Sandbox::start(options).await.unwrap();
    let body = json!({"joins": 40, "seed": 7, "per_second": 20});
    let started = control(&running, "POST", "/scenario", body).await;
    assert_eq!(started, json!({"state": "running", "joins": 40, "done": 0}));
    control(&running, "POST", "/clock", json!({"advance_ms": 600_000})).await;
    let progress = control(&running, "GET", "/scenario", Value::Null).await;
    assert_eq!(
        progress,
        json!({"state": "finished", "joins": 40, "done": 40})
    );
    let truth = control(&running, "GET", "/truth", Value::Null).await;
    assert_eq!(truth["joins"].as_array().unwrap().len(), 40);
    let moments: std::collections::BTreeSet<&str> = truth["joins"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|join| join["joined_at"].as_str())
        .collect();
    assert!(moments.len() >= 39, "joins have moments of their own");
}

//! `guestlist sandbox`.

use guestlist_testkit::http::Request;
use serde_json::{Value, json};

use crate::harness::Place;
use crate::server::Server;

#[test]
fn the_ready_line_says_where_everything_is() {
    let place = Place::new();
    let server = Server::start(&place, &["--seed", "3", "--guilds", "2"]);
    let keys: Vec<&String> = server.ready.as_object().unwrap().keys().collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        [
            "api",
            "bots",
            "client_id",
            "client_secret",
            "control",
            "event",
            "gateway",
            "guilds",
            "token"
        ]
    );
    assert_eq!(server.ready["event"], "ready");
    assert!(server.text("api").starts_with("http://127.0.0.1:"));
    assert!(server.text("gateway").starts_with("ws://127.0.0.1:"));
    assert_eq!(
        server.text("control"),
        format!("{}/sandbox", server.text("api"))
    );
    assert_eq!(server.ready["guilds"].as_array().unwrap().len(), 2);
    let (status, me) = server.http("GET", "/api/v10/users/@me", &Value::Null);
    assert_eq!((status, &me["bot"]), (200, &json!(true)));
}

#[test]
fn limits_can_be_switched_off() {
    let place = Place::new();
    let server = Server::start(&place, &["--no-limits"]);
    for _ in 0..60 {
        let (status, _) = server.http("GET", "/api/v10/users/@me", &Value::Null);
        assert_eq!(status, 200);
    }
}

#[test]
fn the_members_intent_can_be_switched_off() {
    let place = Place::new();
    let server = Server::start(&place, &["--without-members-intent"]);
    let path = format!("/api/v10/guilds/{}/members", server.guild());
    let (status, error) = server.http("GET", &path, &Value::Null);
    assert_eq!((status, &error["code"]), (403, &json!(50_001)));
}

#[cfg(unix)]
#[test]
fn signals_stop_it_with_exit_code_0() {
    let place = Place::new();
    for name in ["INT", "TERM"] {
        let mut server = Server::start(&place, &[]);
        crate::server::signal(&server.child, name);
        assert_eq!(server.child.wait().unwrap().code(), Some(0), "{name}");
    }
}

#[test]
fn a_file_describes_the_world() {
    let place = Place::new();
    place.file(
        "world.toml",
        include_str!("../../../../examples/world.toml"),
    );
    let server = Server::start(&place, &["--world", "world.toml"]);
    assert_eq!(server.ready["guilds"].as_array().unwrap().len(), 2);
    let (_, guilds) = server.http("GET", "/sandbox/guilds", &Value::Null);
    let guilds = guilds.as_array().unwrap();
    let club = guilds.iter().find(|it| it["name"] == "Club").unwrap();
    // With the owner and two bots.
    assert_eq!(club["member_count"], 9);
    assert_eq!(club["vanity_url_code"], "club");
    let (status, invite) = server.http("GET", "/api/v10/invites/door", &Value::Null);
    assert_eq!(
        (status, &invite["inviter"]["username"]),
        (200, &json!("bob"))
    );
    let bots = server.ready["bots"].as_array().unwrap();
    assert_eq!(bots[1]["name"], "greeter");
    let pub_ = guilds.iter().find(|it| it["name"] == "Pub").unwrap();
    let present = |guild: &Value| {
        let bots = guild["bots"].as_array().unwrap().iter();
        bots.map(|bot| bot["id"].clone()).collect::<Vec<_>>()
    };
    let ids: Vec<Value> = bots.iter().map(|bot| bot["id"].clone()).collect();
    assert_eq!(
        (present(club), present(pub_)),
        (ids.clone(), ids[..1].to_vec())
    );
    place.file("odd.toml", "[[guild]]\nname = \"Club\"\nvanish = true\n");
    let refused = place.run(["sandbox", "--world", "odd.toml"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("vanish"), "{}", refused.stderr);
}

#[test]
fn each_bot_has_a_token() {
    let place = Place::new();
    let server = Server::start(&place, &["--bot", "greeter", "--bot", "logger"]);
    let bots = server.ready["bots"].as_array().unwrap();
    assert_eq!(bots[0]["token"], server.ready["token"]);
    for bot in bots {
        let token = bot["token"].as_str().unwrap();
        let request = Request::new("GET", "/api/v10/users/@me").bot(token);
        let me = request
            .send(&server.text("api").replace("http://", ""))
            .json();
        assert_eq!((&me["id"], &me["username"]), (&bot["id"], &bot["name"]));
        let request = Request::new("GET", "/api/v10/users/@me/guilds").bot(token);
        let guilds = request
            .send(&server.text("api").replace("http://", ""))
            .json();
        assert_eq!(guilds.as_array().unwrap().len(), 3);
    }
}

#[test]
fn what_was_recorded_is_played_back() {
    let place = Place::new();
    let server = Server::start(&place, &["--record", "all.ndjson", "--seed", "3"]);
    let joins = json!({"joins": 5, "per_second": 1000});
    server.http("POST", "/sandbox/scenario", &joins);
    server.http("POST", "/sandbox/clock", &json!({"advance_ms": 60_000}));
    let path = format!("/api/v10/guilds/{}/invites", server.guild());
    let (status, _) = server.http("GET", &path, &Value::Null);
    assert_eq!(status, 200);
    drop(server);
    let mut server = Server::start(&place, &["--replay", "all.ndjson"]);
    let replayed: Value = serde_json::from_str(&server.line()).unwrap();
    assert_eq!(
        replayed,
        json!({"event": "replayed", "calls": 3, "different": []})
    );
    let refused = place.run(["sandbox", "--replay", "none.ndjson"]);
    assert_eq!(refused.code, 7, "{}", refused.stderr);
}

#[test]
fn time_runs_faster_on_demand() {
    let place = Place::new();
    let server = Server::start(&place, &["--speed", "1000"]);
    let now = || {
        let (_, clock) = server.http("GET", "/sandbox/clock", &Value::Null);
        clock["now_ms"].as_u64().unwrap()
    };
    let first = now();
    std::thread::sleep(std::time::Duration::from_millis(50));
    assert!(now() - first >= 50_000);
}

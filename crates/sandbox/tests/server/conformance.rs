//! Every kind of answer, held against Discord's OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};

use guestlist_sandbox::{
    Options, RateLimits, Running, Sandbox,
    api::{self, find_route},
};
use serde_json::{Value, json};

use crate::{
    spec::{self, spec},
    support::{control, discord, discord_as},
};

/// Calls that were made, by method and template.
struct Tour<'a> {
    running: &'a Running,
    made: BTreeSet<String>,
}

impl Tour<'_> {
    /// Calls, which has to succeed. `discord` holds what is said against the document.
    async fn call(&mut self, method: &str, path: &str, body: Value) -> Value {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let answer = discord(self.running, method, path, &text).await;
        assert!(
            (200..300).contains(&answer.status),
            "{method} {path}: {answer:?}"
        );
        let bare = path.split('?').next().unwrap();
        let (route, _) = find_route(method, bare).unwrap();
        self.made.insert(format!("{route:?}"));
        if answer.status == 204 || answer.body.starts_with(b"user_id") {
            Value::Null
        } else {
            answer.json()
        }
    }

    async fn get(&mut self, path: &str) -> Value {
        self.call("GET", path, Value::Null).await
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_kind_of_answer_is_as_the_specification_has_it() {
    let options = Options::seeded(2).rate_limits(RateLimits::none());
    let running = Sandbox::start(options).await.unwrap();
    let guild = running
        .world()
        .read(|world| world.vanity("guestlist-0").unwrap().id);
    let guild = format!("/guilds/{guild}");
    let bot = running.client_id();
    let none = Value::Null;
    let mut tour = Tour {
        running: &running,
        made: BTreeSet::new(),
    };
    for path in [
        "/users/@me",
        "/users/@me/guilds?with_counts=true",
        "/applications/@me",
        "/oauth2/applications/@me",
        "/gateway",
        "/gateway/bot",
    ] {
        tour.get(path).await;
    }
    for path in [
        "?with_counts=true",
        "/preview",
        "/invites",
        "/roles",
        "/vanity-url",
        "/members?limit=1000",
        "/members/@me",
        "/members/search?query=a",
    ] {
        tour.get(&format!("{guild}{path}")).await;
    }
    let owner = text(&tour.get(&guild).await["owner_id"]);
    let channels = tour.get(&format!("{guild}/channels")).await;
    let channel = format!("/channels/{}", text(&channels[0]["id"]));
    tour.get(&channel).await;
    let path = format!("{guild}/members-search");
    tour.call("POST", &path, json!({"limit": 5})).await;
    let body = json!({"name": "The hall", "features": ["COMMUNITY"]});
    tour.call("PATCH", &guild, body).await;
    let path = format!("{guild}/incident-actions");
    let none_paused = json!({"invites_disabled_until": null});
    tour.call("PUT", &path, none_paused).await;

    let path = format!("{guild}/scheduled-events");
    let event = control(&running, "POST", &path, json!({"name": "Picnic"})).await;
    let event = text(&event["id"]);
    tour.get(&path).await;
    tour.get(&format!("{path}/{event}")).await;
    let concert = json!({
        "name": "Concert", "privacy_level": 2, "entity_type": 2, "channel_id": channels[2]["id"],
        "scheduled_start_time": "2099-02-01T20:00:00Z",
    });
    let concert = tour.call("POST", &path, concert).await;
    let path = format!("{path}/{}", text(&concert["id"]));
    tour.call("DELETE", &path, none.clone()).await;

    let path = format!("{channel}/invites");
    let made = tour.call("POST", &path, json!({"max_uses": 3})).await;
    let activity = json!({"target_type": 2, "target_application_id": "880218394199220334"});
    let together = tour.call("POST", &path, activity).await;
    tour.get(&path).await;
    let code = text(&made["code"]);
    for query in [
        String::from("?with_counts=true"),
        format!("?guild_scheduled_event_id={event}&with_permissions=true"),
    ] {
        tour.get(&format!("/invites/{code}{query}")).await;
    }
    tour.get(&format!("/invites/{}", text(&together["code"])))
        .await;
    tour.get("/invites/guestlist-0").await;
    tour.call("DELETE", &format!("/invites/{code}"), none.clone())
        .await;

    let targets = json!({"target_user_ids": [owner]});
    let path = guild.clone() + "/invites";
    let targeted = control(&running, "POST", &path, targets).await;
    let path = format!("/invites/{}/target-users", text(&targeted["code"]));
    tour.get(&path).await;
    tour.get(&format!("{path}/job-status")).await;
    tour.made
        .insert(String::from("PUT /invites/{code}/target-users"));

    // By a person, in another test.
    tour.made.insert(String::from("POST /invites/{code}"));
    let other = running.guild_ids()[1];
    let path = format!("/users/@me/guilds/{other}");
    tour.call("DELETE", &path, none.clone()).await;

    let joined = control(
        &running,
        "POST",
        &format!("{guild}/joins"),
        json!({"code": together["code"]}),
    )
    .await;
    let user = text(&joined["user_id"]);
    let role = control(&running, "POST", &format!("{guild}/roles"), json!({})).await;
    let member = format!("{guild}/members/{user}");
    let roles = format!("{member}/roles/{}", text(&role["id"]));
    tour.get(&member).await;
    tour.call("PUT", &roles, none.clone()).await;
    tour.call("DELETE", &roles, none.clone()).await;
    let body = json!({"nick": "Ada", "roles": [role["id"]]});
    tour.call("PATCH", &member, body).await;
    tour.get(&format!("/users/{user}")).await;
    let direct = json!({"recipient_id": user});
    tour.call("POST", "/users/@me/channels", direct).await;
    let message = json!({
        "content": format!("<@{user}>"),
        "embeds": [{"title": "Hello", "fields": [{"name": "a", "value": "b"}]}],
        "components": [{"type": 1, "components": [
            {"type": 2, "style": 1, "label": "Rules", "custom_id": "rules"},
        ]}],
    });
    tour.call("POST", &format!("{channel}/messages"), message)
        .await;

    for scope in ["", guild.as_str()] {
        let path = format!("/applications/{bot}{scope}/commands");
        let command = json!({"name": "who", "description": "Who invited me?", "options": [
            {"type": 6, "name": "user", "description": "Whom", "required": false},
        ]});
        tour.call("POST", &path, command.clone()).await;
        let list = tour.call("PUT", &path, json!([command])).await;
        tour.get(&path).await;
        let used = json!({"command": "who", "user_id": owner});
        let used = control(&running, "POST", &format!("{guild}/interactions"), used).await;
        let (id, token) = (text(&used["id"]), text(&used["token"]));
        let callback = format!("/interactions/{id}/{token}/callback?with_response=true");
        let answer = json!({"type": 4, "data": {"content": "Ada"}});
        tour.call("POST", &callback, answer).await;
        let webhook = format!("/webhooks/{bot}/{token}");
        tour.call("POST", &webhook, json!({"content": "and Bob"}))
            .await;
        let original = format!("{webhook}/messages/@original");
        tour.get(&original).await;
        tour.call("PATCH", &original, json!({"content": "Cy"}))
            .await;
        let path = format!("{path}/{}", text(&list[0]["id"]));
        tour.call("DELETE", &path, none.clone()).await;
    }
    let ban = format!("{guild}/bans/{user}");
    tour.call("DELETE", &member, none.clone()).await;
    tour.call("PUT", &ban, json!({})).await;
    tour.get(&ban).await;
    tour.get(&format!("{guild}/bans")).await;
    tour.call("DELETE", &ban, none).await;
    tour.get(&format!("{guild}/audit-logs")).await;

    let all: BTreeSet<String> = api::routes().map(|route| format!("{route:?}")).collect();
    let missing: Vec<&String> = all.difference(&tour.made).collect();
    assert!(missing.is_empty(), "nobody called {missing:#?}");
}

#[test]
fn endpoints_are_in_the_specification() {
    let Some(spec) = spec() else {
        return;
    };
    let unknown: Vec<String> = api::routes()
        .filter(|route| {
            let path = route.template.replace(['{', '}'], "");
            !spec.has(route.method, &path)
        })
        .map(|route| format!("{route:?}"))
        .collect();
    // Bots may search members, but only the community's reference tells of it. That people accept
    // invites is no part of an API for bots.
    assert_eq!(
        unknown,
        [
            "POST /invites/{code}",
            "POST /guilds/{guild_id}/members-search"
        ]
    );
}

#[test]
fn what_is_wrong_is_found() {
    let Some(spec) = spec() else {
        return;
    };
    let broken = json!({"type": 0, "code": 7, "guild": {}}).to_string();
    let path = "/invites/abc";
    let problems = spec.problems("GET", path, b"", 200, broken.as_bytes());
    assert!(!problems.is_empty());
    let limited = json!({"message": "slow", "retry_after": 1.5, "global": true}).to_string();
    let problems = spec.problems("GET", path, b"", 429, limited.as_bytes());
    assert!(
        problems.iter().any(|it| it.contains("code")),
        "{problems:?}"
    );
    spec::hold("GET", "/nothing", b"", 200, b"[]");
}

/// Every endpoint, called wrongly in every way that comes to mind. `discord_as` holds the errors
/// against the document.
#[tokio::test]
async fn every_refusal_is_as_the_specification_has_it() {
    let options = Options::seeded(2).rate_limits(RateLimits::none());
    let running = Sandbox::start(options).await.unwrap();
    let guild = running.guild_ids()[0];
    let (channel, code) = running.world().read(|world| {
        let guild = world.guild(guild).unwrap();
        let channel = guild.first_text_channel().unwrap().id.to_string();
        (channel, guild.invites.keys().next().unwrap().clone())
    });
    // A bot that may do nothing, and one that is nowhere.
    let idle = control(
        &running,
        "POST",
        "/bots",
        json!({"guilds": [guild], "permissions": "0"}),
    );
    let idle = text(&idle.await["token"]);
    let stranger = text(&control(&running, "POST", "/bots", json!({})).await["token"]);
    let mut refused = BTreeMap::new();
    for route in api::routes() {
        let known = |name: &str| match name {
            "guild_id" => guild.to_string(),
            "channel_id" => channel.clone(),
            "code" => code.clone(),
            "application_id" | "webhook_id" => running.client_id().to_string(),
            _ => String::from("5"),
        };
        let filled = |fill: &dyn Fn(&str) -> String| {
            let parts = route
                .template
                .split('/')
                .map(|part| match part.strip_prefix('{') {
                    Some(name) => fill(name.trim_end_matches('}')),
                    None => part.to_owned(),
                });
            parts.collect::<Vec<_>>().join("/")
        };
        let (known, unknown) = (filled(&known), filled(&|_| String::from("5")));
        let odd = filled(&|_| String::from("x"));
        for (token, path, body) in [
            ("wrong", &known, "{}"),
            (&*idle, &known, "{}"),
            (&*stranger, &known, "{}"),
            (running.token(), &unknown, "{}"),
            (running.token(), &odd, "{}"),
            (running.token(), &known, "{"),
            (running.token(), &known, "[]"),
            (
                running.token(),
                &known,
                r#"{"name": 7, "roles": 7, "features": 7, "max_age": -1}"#,
            ),
        ] {
            if route.template.starts_with("/users/@me/guilds/") && token == running.token() {
                continue;
            }
            let answer = discord_as(&running, token, route.method, path, body).await;
            if answer.status >= 400 {
                *refused.entry(answer.status).or_insert(0) += 1;
            }
        }
        let rule = json!({"status": 429, "retry_after": 0.1, "times": 1});
        control(&running, "POST", "/faults", rule).await;
        let limited = discord(&running, route.method, &known, "").await;
        assert!(
            limited.status == 429 || route.template.contains("interaction"),
            "{limited:?}"
        );
    }
    let statuses: Vec<u16> = refused.keys().copied().collect();
    assert_eq!(statuses, [400, 401, 403, 404], "{refused:?}");
}

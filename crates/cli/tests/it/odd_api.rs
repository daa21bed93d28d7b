//! Servers that speak Discord's API, but not quite as Discord does.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use guestlist::Timestamp;
use serde_json::{Value, json};

use crate::harness::{Place, outcome};
use crate::scripted::Scripted;

const ME: &str = r#"{"id":"9","username":"bot","bot":true}"#;

fn ok(body: impl ToString) -> Option<(u16, String)> {
    Some((200, body.to_string()))
}

fn not_found() -> Option<(u16, String)> {
    Some((
        404,
        json!({"code": 404, "message": "Nothing here"}).to_string(),
    ))
}

/// An order of two invites is killed while the server, which keeps no audit log, has
/// made the first one and not yet said so.
#[test]
fn a_killed_order_finds_its_invite_although_the_audit_log_is_empty() {
    let made: std::sync::Arc<Mutex<Vec<Value>>> = std::sync::Arc::default();
    let invites = std::sync::Arc::clone(&made);
    let server = Scripted::start(move |asked| match asked {
        "GET /users/@me" => ok(ME),
        "GET /channels/5" => ok(json!({"id": "5", "type": 0, "guild_id": "3"})),
        "GET /guilds/3/audit-logs" => ok(json!({
            "audit_log_entries": [], "users": [], "integrations": [], "webhooks": [],
            "guild_scheduled_events": [], "threads": [], "application_commands": [],
            "auto_moderation_rules": []
        })),
        "GET /channels/5/invites" => ok(Value::Array(invites.lock().unwrap().clone())),
        "POST /channels/5/invites" => {
            let mut invites = invites.lock().unwrap();
            let now = Timestamp::from(SystemTime::now());
            let invite = json!({
                "code": format!("made{}", invites.len()), "type": 0, "guild": {"id": "3"},
                "channel": {"id": "5", "type": 0}, "inviter": {"id": "9", "username": "bot"},
                "uses": 0, "max_uses": 1, "max_age": 86_400, "temporary": false,
                "created_at": now.to_string(),
            });
            invites.push(invite.clone());
            if invites.len() == 1 { None } else { ok(invite) }
        }
        _ => not_found(),
    });
    let place = Place::new();
    let order = "invite create 5 --count 2 --out two.csv";
    let mut child = server.command(&place, order).spawn().unwrap();
    let started = std::time::Instant::now();
    while made.lock().unwrap().is_empty() {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        assert!(started.elapsed() < Duration::from_secs(30), "no request");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let finished = outcome(&mut server.command(&place, order));
    assert_eq!(finished.code, 0, "{finished}");
    let csv = std::fs::read_to_string(place.path("two.csv")).unwrap();
    assert_eq!(made.lock().unwrap().len(), 2, "none twice: {csv}");
    let codes: Vec<&str> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(codes, ["made0", "made1"], "{csv}");
}

/// The request never reached the server, and the bot made an invite by another hand.
#[test]
fn an_invite_that_the_audit_log_puts_down_to_something_else_is_not_taken() {
    let created = std::sync::Arc::new(Mutex::new(0));
    let invite = |code: &str| {
        json!({
            "code": code, "type": 0, "guild": {"id": "3"}, "channel": {"id": "5", "type": 0},
            "inviter": {"id": "9", "username": "bot"}, "uses": 0, "max_uses": 1,
            "created_at": Timestamp::from(SystemTime::now()).to_string(),
        })
    };
    let count = std::sync::Arc::clone(&created);
    let server = Scripted::start(move |asked| match asked {
        "GET /users/@me" => ok(ME),
        "GET /guilds/3/audit-logs" => ok(json!({"audit_log_entries": [{
            "id": "70", "action_type": 40, "user_id": "9", "target_id": null,
            "reason": "by hand", "changes": [{"key": "code", "new_value": "other"}],
        }]})),
        "GET /channels/5/invites" => ok(json!([invite("other")])),
        "POST /channels/5/invites" => {
            let mut count = count.lock().unwrap();
            *count += 1;
            if *count == 1 {
                Some((500, String::new()))
            } else {
                ok(invite("ours"))
            }
        }
        _ => not_found(),
    });
    let place = Place::new();
    let order = "invite create 5 --count 1 --out one.csv";
    let failed = outcome(&mut server.command(&place, order));
    assert_eq!(failed.code, 5, "{failed}");
    let finished = outcome(&mut server.command(&place, order));
    assert_eq!(finished.code, 0, "{finished}");
    let csv = std::fs::read_to_string(place.path("one.csv")).unwrap();
    assert!(csv.contains("ours") && !csv.contains("other"), "{csv}");
    assert_eq!(*created.lock().unwrap(), 2);
}

#[test]
fn a_change_that_was_made_is_no_failure() {
    let server = Scripted::start(|asked| match asked {
        "DELETE /invites/abc" => ok(json!({"invite": {"code": "abc"}})),
        "DELETE /invites/def" => Some((204, String::new())),
        "PUT /guilds/3/incident-actions" => ok(json!({"invites_disabled_until": 7})),
        "POST /channels/5/invites" => ok(json!({"ok": 1})),
        _ => not_found(),
    });
    let place = Place::new();
    let run = |line: &str| outcome(&mut server.command(&place, line));
    let deleted = run("invite delete abc def");
    assert_eq!(deleted.code, 0, "{deleted}");
    assert_eq!(deleted.stdout, "deleted abc\ndeleted def\n", "{deleted}");
    let warning = "warning: done, but Discord's response has an unexpected form: $.code";
    assert_eq!(deleted.stderr.matches(warning).count(), 1, "{deleted}");
    let json = run("invite delete abc --json");
    assert_eq!(
        json.stdout, "{\"code\":\"abc\",\"deleted\":true}\n",
        "{json}"
    );
    for line in ["invite pause 3", "invite resume 3", "invite create 5"] {
        let done = run(line);
        assert_eq!(done.code, 0, "{done}");
        assert!(done.stderr.contains("warning: done, but"), "{done}");
    }
}

#[test]
fn a_server_that_does_not_tell_permissions_is_not_said_to_deny_them() {
    let role =
        |permissions: &str| json!({"id": "3", "name": "@everyone", "permissions": permissions});
    let text = |id: &str, deny: u32| {
        let deny = json!({"id": "3", "type": 0, "allow": "0", "deny": deny.to_string()});
        json!({"id": id, "type": 0, "name": format!("c{id}"), "permission_overwrites": [deny]})
    };
    for (roles, channels, code, says) in [
        // Nothing is known.
        (
            json!([]),
            json!([]),
            0,
            "! permissions: Odd: Discord does not say",
        ),
        // The roles tell it.
        (
            json!([role("8")]),
            json!([]),
            0,
            "✓ permissions: Odd: the bot has all permissions that it needs",
        ),
        (
            json!([role("1024")]),
            json!([]),
            1,
            "✗ permissions: Odd: joins cannot be attributed",
        ),
        // Manage Server, Manage Channels, View Audit Log, View Channel, but not everywhere.
        (
            json!([role("1200")]),
            json!([text("5", 0), text("6", 16), text("7", 1024)]),
            0,
            "! permissions: Odd: invites to #c6 and #c7 are noticed late",
        ),
    ] {
        let guild = json!({"id": "3", "name": "Odd", "owner_id": "1", "roles": roles});
        let server = Scripted::start(move |asked| match asked {
            "GET /users/@me" => ok(ME),
            "GET /users/@me/guilds" => ok(json!([{"id": "3", "name": "Odd"}])),
            "GET /applications/@me" => ok(json!({"id": "9", "name": "bot", "flags": 1 << 14})),
            "GET /gateway/bot" => ok(json!({
                "url": "ws://127.0.0.1:1", "shards": 1,
                "session_start_limit":
                    {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
            })),
            "GET /guilds/3" => ok(&guild),
            "GET /guilds/3/members/9" => {
                ok(json!({"user": {"id": "9", "username": "bot"}, "roles": []}))
            }
            "GET /guilds/3/channels" => ok(&channels),
            _ => not_found(),
        });
        let place = Place::new();
        let doctor = outcome(&mut server.command(&place, "doctor"));
        assert!(doctor.stdout.contains(says), "{says}: {doctor}");
        assert_eq!(doctor.code, code, "{doctor}");
        assert!(server.asked().contains(&"GET /guilds/3".to_owned()));
    }
}

#[test]
fn the_servers_own_words_reach_the_reader() {
    let server = Scripted::start(|asked| match asked {
        "GET /invites/gone" => Some((
            404,
            json!({"code": 404, "message": "Invite was eaten"}).to_string(),
        )),
        "GET /applications/@me" | "GET /gateway/bot" => Some((
            400,
            json!({"code": 400, "message": "Error: Invalid Token"}).to_string(),
        )),
        "GET /guilds/3/invites" => Some((
            401,
            json!({"code": 0, "message": "Token of yesterday"}).to_string(),
        )),
        "POST /channels/5/invites" => Some((
            400,
            json!({"code": 50035, "message": "Invalid Form Body"}).to_string(),
        )),
        _ => not_found(),
    });
    for (line, code, words) in [
        ("invite get gone", 4, "Invite was eaten"),
        ("invite list --guild 3", 7, "Token of yesterday"),
        ("invite create 5", 4, "Invalid Form Body"),
        ("track --log off", 4, "Invalid Token"),
    ] {
        let place = Place::new();
        let refused = outcome(&mut server.command(&place, line));
        assert_eq!(refused.code, code, "{refused}");
        assert!(
            refused.stderr.contains(words),
            "{:?}: {refused}",
            server.asked()
        );
        for wrong in ["discordstatus.com", "in that server", "named above"] {
            assert!(!refused.stderr.contains(wrong), "{refused}");
        }
    }
}

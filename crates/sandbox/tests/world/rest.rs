//! What the REST API makes of it.

use guestlist_sandbox::{
    api::{self, Body, Request},
    world::{
        Entry, NewGuild, NewInvite, NewUser, Overwrite, Refusal, Via, World, WorldOptions,
        permissions,
        time::{DAY, MILLISECOND, SECOND},
    },
};
use serde_json::{Value, json};

use crate::{get, names, post, world};

#[test]
fn the_search_index_lags_and_tells_the_source() {
    let (mut world, guild) = world();
    let owner = world.guild(guild).unwrap().owner_id;
    let code = world
        .create_invite(guild, NewInvite::default().by(owner))
        .unwrap()
        .code;
    let joined = world.accept_invite(&code, None).unwrap();
    let path = format!("/guilds/{guild}/members-search");
    let wanted = json!({"and_query": {"user_id": {"or_query": [joined.user_id.to_string()]}}});
    assert_eq!(post(&mut world, &path, &wanted).1["total_result_count"], 0);
    world.advance(400 * MILLISECOND);
    let (status, found) = post(&mut world, &path, &wanted);
    assert_eq!((status, &found["page_result_count"]), (200, &json!(1)));
    assert_eq!(found["members"][0]["join_source_type"], 5);
    assert_eq!(found["members"][0]["source_invite_code"], code);
    assert_eq!(found["members"][0]["inviter_id"], owner.to_string());
    let millis = joined.joined_at / MILLISECOND;
    let range =
        json!({"and_query": {"guild_joined_at": {"range": {"gte": millis, "lte": millis}}}});
    assert_eq!(post(&mut world, &path, &range).1["total_result_count"], 1);
    let later = json!({"and_query": {"guild_joined_at": {"range": {"gte": millis + 1}}}});
    assert_eq!(post(&mut world, &path, &later).1["total_result_count"], 0);
    world.guild_mut(guild).unwrap().indexed = false;
    let (status, body) = post(&mut world, &path, &wanted);
    assert_eq!((status, &body["code"]), (202, &json!(110_000)));
    world.guild_mut(guild).unwrap().indexed = true;
    let many: Vec<String> = (0..11).map(|n| n.to_string()).collect();
    let (status, error) = post(
        &mut world,
        &path,
        &json!({"and_query": {"user_id": {"or_query": many}}, "limit": 0}),
    );
    assert_eq!((status, &error["code"]), (400, &json!(50_035)));
    assert!(
        error["errors"]["and_query"]["user_id"]["or_query"]["_errors"].is_array(),
        "{error}"
    );
    assert_eq!(
        error["errors"]["limit"]["_errors"][0]["code"],
        "NUMBER_TYPE_MIN"
    );
    let bot = world.bot().id;
    world.bot_mut(bot).unwrap().flags = 0;
    assert_eq!(post(&mut world, &path, &wanted).1["code"], 50_001);
}

#[test]
fn a_guild_is_the_same_in_its_invites() {
    let (mut world, guild) = world();
    let (_, own) = get(&mut world, &format!("/guilds/{guild}"));
    assert_eq!(own["premium_tier"], 3, "{own}");
    let (_, list) = get(&mut world, &format!("/guilds/{guild}/invites"));
    let vanity = own["vanity_url_code"].as_str().unwrap();
    let (_, by_vanity) = get(&mut world, &format!("/invites/{vanity}"));
    for seen in [&list[0]["guild"], &by_vanity["guild"]] {
        for (key, value) in seen.as_object().unwrap() {
            assert_eq!(&own[key], value, "{key}");
        }
    }
}

#[test]
fn members_are_found_by_how_their_name_begins() {
    let (mut world, guild) = world();
    for name in ["Zoe", "zoltan", "azoe"] {
        let user = world.create_user(NewUser::named(name)).id;
        world
            .join(guild, Entry::new(Via::GuildsJoin).user(user))
            .unwrap();
    }
    let path = format!("/guilds/{guild}/members/search");
    let names = |found: &Value| -> Vec<String> {
        let found = found.as_array().unwrap();
        let names = found.iter().map(|it| it["user"]["username"].as_str());
        let mut names: Vec<String> = names.flatten().map(String::from).collect();
        names.sort();
        names
    };
    let (status, found) = get(&mut world, &format!("{path}?query=zO&limit=5"));
    assert_eq!(status, 200);
    assert_eq!(names(&found), ["Zoe", "zoltan"]);
    let (_, one) = get(&mut world, &format!("{path}?query=zo"));
    assert_eq!(names(&one).len(), 1, "one unless said otherwise");
    for (wrong, field) in [("", "query"), ("?query=a&limit=0", "limit")] {
        let (status, error) = get(&mut world, &format!("{path}{wrong}"));
        assert_eq!((status, &error["code"]), (400, &json!(50_035)));
        assert!(error["errors"][field].is_object(), "{error}");
    }
}

#[test]
fn permissions_decide_what_the_bot_sees() {
    let (mut world, _) = world();
    let new = |bot_permissions| {
        let mut guild = NewGuild::default();
        guild.bot_permissions = bot_permissions;
        guild
    };
    let (blind, _) = world.create_guild(new(permissions::VIEW_CHANNEL)).unwrap();
    let made = world.create_invite(blind, NewInvite::default()).unwrap();
    assert!(made.effects.iter().all(|effect| !effect.is_visible()));
    assert!(world.accept_invite(&made.code, None).unwrap().effects[0].is_visible());
    let path = format!("/guilds/{blind}/invites");
    assert_eq!(
        get(&mut world, &path).1,
        json!({"message": "Missing Permissions", "code": 50_013})
    );

    let (auditor, _) = world
        .create_guild(new(permissions::VIEW_AUDIT_LOG))
        .unwrap();
    let made = world.create_invite(auditor, NewInvite::default()).unwrap();
    let visible: Vec<bool> = made
        .effects
        .iter()
        .map(|effect| effect.is_visible())
        .collect();
    assert_eq!(visible, [false, true]);
    let (_, list) = get(&mut world, &format!("/guilds/{auditor}/invites"));
    assert_eq!(list[0]["code"], made.code);
    assert!(
        list[0].get("uses").is_none(),
        "no metadata without MANAGE_GUILD"
    );

    // One channel where the bot manages nothing.
    let (guild, _) = world.create_guild(NewGuild::default()).unwrap();
    let bot = world.bot().id;
    let closed = Overwrite::new(bot, 1, 0, permissions::MANAGE_CHANNELS);
    let (channel, _) = world
        .create_channel(guild, "closed", 0, vec![closed])
        .unwrap();
    let made = world
        .create_invite(guild, NewInvite::default().to(channel))
        .unwrap();
    assert!(!made.effects[0].is_visible());
    assert_eq!(
        get(&mut world, &format!("/channels/{channel}/invites")).0,
        403
    );

    let stranger = World::new(&WorldOptions::seeded(99)).guild_ids()[0];
    assert_eq!(
        get(&mut world, &format!("/guilds/{stranger}/invites")).1["code"],
        10_004
    );
    world.leave(guild, bot).unwrap();
    assert_eq!(
        get(&mut world, &format!("/guilds/{guild}/invites")).1["code"],
        50_001
    );
}

#[test]
fn nobody_grants_more_than_they_have() {
    let (mut world, guild) = world();
    let channel = world.guild(guild).unwrap().first_text_channel().unwrap().id;
    let path = format!("/channels/{channel}/invites");
    let grant = |world: &mut World, role_permissions| {
        let (role, _) = world.create_role(guild, "r", role_permissions).unwrap();
        post(world, &path, &json!({"role_ids": [role.to_string()]}))
    };
    let own = permissions::MANAGE_GUILD | permissions::SEND_MESSAGES;
    assert_eq!(grant(&mut world, own).0, 200);
    for more in [permissions::ADMINISTRATOR, 1 << 60] {
        let refused = json!({"message": "Missing Permissions", "code": 50_013});
        assert_eq!(grant(&mut world, own | more), (403, refused));
    }
    let bot = world.bot().id;
    let roles = &mut world.guild_mut(guild).unwrap().roles;
    for role in roles.values_mut().filter(|role| role.bot_id == Some(bot)) {
        role.permissions = permissions::ADMINISTRATOR;
    }
    assert_eq!(grant(&mut world, permissions::ADMINISTRATOR).0, 200);
}

#[test]
fn a_reason_has_512_characters_at_most() {
    let (mut world, guild) = world();
    let code = world.guild(guild).unwrap().invites.keys().next().cloned();
    let channel = world.guild(guild).unwrap().first_text_channel().unwrap().id;
    let mut create = Request::new("POST", &format!("/channels/{channel}/invites")).json(&json!({}));
    let mut delete = Request::new("DELETE", &format!("/invites/{}", code.unwrap()));
    for (length, status) in [(513, 400), (512, 200)] {
        for request in [&mut create, &mut delete] {
            request.reason = Some("ü".repeat(length));
            let reply = api::call(&mut world, request);
            assert_eq!(reply.status, status, "{reply:?}");
            if status == 400 {
                assert_eq!(reply.json()["code"], 50_035);
            }
        }
    }
}

#[test]
fn a_thousand_invites_are_enough() {
    let (mut world, guild) = world();
    while world.create_invite(guild, NewInvite::default()).is_ok() {}
    assert_eq!(world.guild(guild).unwrap().invites.len(), 1000);
    let channel = world.guild(guild).unwrap().first_text_channel().unwrap().id;
    let (status, error) = post(
        &mut world,
        &format!("/channels/{channel}/invites"),
        &json!({}),
    );
    assert_eq!((status, &error["code"]), (400, &json!(30_016)));
}

#[test]
fn paused_invites_admit_nobody() {
    let (mut world, guild) = world();
    let code = world
        .create_invite(guild, NewInvite::default())
        .unwrap()
        .code;
    let until = guestlist_sandbox::world::time::format(world.now() + DAY / 2);
    let request = Request::new("PUT", &format!("/guilds/{guild}/incident-actions"))
        .json(&json!({"invites_disabled_until": until}));
    let reply = api::call(&mut world, &request);
    assert_eq!(reply.json()["invites_disabled_until"], until);
    assert_eq!(names(&reply.effects), ["GUILD_UPDATE"]);
    assert_eq!(
        world.accept_invite(&code, None).unwrap_err(),
        Refusal::InvitesPaused
    );
    world.advance(DAY);
    world.accept_invite(&code, None).unwrap_err(); // It lived a day.
    let late = guestlist_sandbox::world::time::format(world.now() + 3 * DAY);
    let request = Request::new("PUT", &format!("/guilds/{guild}/incident-actions"))
        .json(&json!({"invites_disabled_until": late}));
    assert_eq!(api::call(&mut world, &request).json()["code"], 50_035);
}

#[test]
fn target_users_come_in_a_file_and_take_their_time() {
    let (mut world, guild) = world();
    let channel = world.guild(guild).unwrap().first_text_channel().unwrap().id;
    let friend = world.create_user(NewUser::default()).id;
    let multipart = |file: &str| {
        format!(
            "--b\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\r\n\
             {{\"max_uses\":3}}\r\n--b\r\nContent-Disposition: form-data; \
             name=\"target_users_file\"; filename=\"users.csv\"\r\nContent-Type: text/csv\r\n\r\n\
             {file}\r\n--b--\r\n"
        )
    };
    let send = |world: &mut World, method: &str, path: String, file: &str| {
        let mut request = Request::new(method, &path);
        request.content_type = Some(String::from("multipart/form-data; boundary=b"));
        request.body = multipart(file).into_bytes();
        api::call(world, &request)
    };
    let path = format!("/channels/{channel}/invites");
    let bad = send(&mut world, "POST", path.clone(), "user_id\n12\nabc");
    assert_eq!(bad.status, 400);
    assert_eq!(
        bad.json(),
        &json!({"target_users_file": [
            "Line 2: invalid user ID - must be a valid Discord snowflake",
            "Line 3: invalid user ID format",
        ]})
    );
    let twice = format!("user_id\n{friend}\n{friend}\n");
    let made = send(&mut world, "POST", path, &twice);
    assert_eq!(
        (made.status, &made.json()["max_uses"]),
        (200, &json!(3)),
        "{made:?}"
    );
    let code = made.json()["code"].as_str().unwrap().to_owned();
    let job = format!("/invites/{code}/target-users/job-status");
    assert_eq!(get(&mut world, &job).1["status"], 1);
    world.advance(SECOND);
    let (_, status) = get(&mut world, &job);
    assert_eq!(
        (&status["status"], &status["processed_users"]),
        (&json!(2), &json!(1))
    );
    let file = api::call(
        &mut world,
        &Request::new("GET", &format!("/invites/{code}/target-users")),
    );
    assert_eq!(file.body, Body::Csv(format!("user_id\n{friend}\n")));
    assert!(matches!(
        world.accept_invite(&code, None),
        Err(Refusal::NotTargeted(_))
    ));
    world.accept_invite(&code, Some(friend)).unwrap();
    let put = send(
        &mut world,
        "PUT",
        format!("/invites/{code}/target-users"),
        "user_id\n",
    );
    assert_eq!(put.status, 204);
    let plain = world
        .create_invite(guild, NewInvite::default())
        .unwrap()
        .code;
    assert_eq!(
        get(&mut world, &format!("/invites/{plain}/target-users")).1["code"],
        10_129
    );
    let (_, error) = get(
        &mut world,
        &format!("/invites/{plain}/target-users/job-status"),
    );
    assert_eq!(error["code"], 10_124);
}

#[test]
fn forms_are_checked_as_discord_does() {
    let (mut world, guild) = world();
    let channel = world.guild(guild).unwrap().first_text_channel().unwrap().id;
    let path = format!("/channels/{channel}/invites");
    let body = json!({
        "max_age": 5_184_001, "max_uses": -1, "temporary": "yes", "target_type": 9,
        "role_ids": ["x"],
    });
    let (status, error) = post(&mut world, &path, &body);
    assert_eq!((status, &error["code"]), (400, &json!(50_035)));
    let code = |pointer: &str| {
        error["errors"]
            .pointer(pointer)
            .map(|it| it["code"].clone())
    };
    assert_eq!(
        code("/max_age/_errors/0"),
        Some(json!("NUMBER_TYPE_MAX")),
        "{error}"
    );
    assert_eq!(code("/max_uses/_errors/0"), Some(json!("NUMBER_TYPE_MIN")));
    assert_eq!(
        code("/temporary/_errors/0"),
        Some(json!("BOOLEAN_TYPE_CONVERT"))
    );
    assert_eq!(
        code("/target_type/_errors/0"),
        Some(json!("BASE_TYPE_CHOICES"))
    );
    assert_eq!(
        code("/role_ids/0/_errors/0"),
        Some(json!("NUMBER_TYPE_COERCE"))
    );
    let mut broken = Request::new("POST", &path);
    broken.content_type = Some(String::from("application/json"));
    broken.body = b"{".to_vec();
    assert_eq!(api::call(&mut world, &broken).json()["code"], 50_109);
    let (_, made) = post(&mut world, &path, &json!({}));
    assert_eq!(
        (&made["max_age"], &made["uses"]),
        (&json!(86_400), &json!(0))
    );
    let (_, same) = post(&mut world, &path, &json!({}));
    assert_eq!(same["code"], made["code"], "an equal invite is given back");
    let (_, other) = post(&mut world, &path, &json!({"unique": true}));
    assert_ne!(other["code"], made["code"]);
    let unavailable = String::from("INVITES_UNAVAILABLE");
    world.guild_mut(guild).unwrap().features.insert(unavailable);
    assert_eq!(post(&mut world, &path, &json!({})), (204, Value::Null));
}

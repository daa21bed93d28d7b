//! What goes over the wire, request by request.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use guestlist_client::{
    AuditLogLimit, Client, GuildsLimit, MaxAge, MaxUses, MemberQuery, Reason, RoleIds, SearchLimit,
    TargetUsers, Token,
};
use guestlist_model::{GuildId, Id, InviteCode, InviteFlags, Timestamp, UserId};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use support::{Scripted, answer};

fn id<M>(number: u64) -> Id<M> {
    Id::new_checked(number).unwrap()
}

fn code(text: &str) -> InviteCode {
    text.parse().unwrap()
}

/// From Discord Docs/Resources/Invite, shortened.
const INVITE: &str = r#"{"type":0,"code":"0vCdhLbwjZZTWZLD","guild":{"id":"165176875973476352","name":"CS:GO Fraggers Only","splash":null,"banner":null,"description":null,"icon":null,"features":["NEWS"],"verification_level":2,"vanity_url_code":null,"nsfw_level":0,"premium_subscription_count":5},"channel":{"id":"165176875973476352","name":"illuminati","type":0},"inviter":{"id":"115590097100865541","username":"speed","avatar":"deadbeef","discriminator":"7653"},"target_type":1,"expires_at":null}"#;

#[tokio::test]
async fn an_invite_is_looked_up_with_its_query() {
    let discord = Scripted::answering([answer(200, INVITE)]).await;
    let client = discord.client();
    let invite = client
        .get_invite(code("0vCdhLbwjZZTWZLD"))
        .with_counts(true)
        .with_permissions(true)
        .scheduled_event(id(77))
        .await
        .unwrap();
    assert_eq!(invite.code().as_str(), "0vCdhLbwjZZTWZLD");
    let asked = discord.only();
    assert_eq!(
        asked.line(),
        "GET /api/v10/invites/0vCdhLbwjZZTWZLD?with_counts=true&with_permissions=true&guild_scheduled_event_id=77"
    );
    assert_eq!(
        asked.header("authorization"),
        Some(format!("Bot {}", support::SECRET).as_str())
    );
    let agent = asked.header("user-agent").unwrap();
    assert!(agent.starts_with("DiscordBot (https://"), "{agent}");
    assert_eq!(asked.headers.get_all("user-agent").iter().count(), 1);
}

#[tokio::test]
async fn nothing_is_asked_that_was_not_asked_for() {
    let discord = Scripted::answering([answer(200, INVITE)]).await;
    discord.client().get_invite(code("abc")).await.unwrap();
    assert_eq!(discord.only().line(), "GET /api/v10/invites/abc");
}

#[tokio::test]
async fn a_path_prefix_stays_in_front() {
    let discord = Scripted::answering([answer(200, INVITE)]).await;
    let base = format!("http://{}/some/prefix/", discord.address)
        .parse()
        .unwrap();
    let client = discord.builder().api(base).build().unwrap();
    client.get_invite(code("abc")).await.unwrap();
    assert_eq!(discord.only().uri, "/some/prefix/api/v10/invites/abc");
}

#[tokio::test]
async fn a_client_without_a_token_sends_none() {
    let discord = Scripted::answering([answer(200, INVITE)]).await;
    let base = format!("http://{}", discord.address).parse().unwrap();
    let client = Client::anonymous().api(base).build().unwrap();
    client.get_invite(code("abc")).await.unwrap();
    assert_eq!(discord.only().header("authorization"), None);
}

#[tokio::test]
async fn twilights_own_client_serves_as_well() {
    let discord = Scripted::answering([answer(200, INVITE)]).await;
    // Whoever has a client of twilight's has chosen a provider, as building
    // one of ours does here.
    drop(discord.client());
    let http = twilight_http::Client::builder()
        .proxy(discord.address.clone(), true)
        .token("theirs".to_owned())
        .build();
    let client = Client::from_twilight(Arc::new(http));
    client.get_invite(code("abc")).await.unwrap();
    assert_eq!(discord.only().header("authorization"), Some("Bot theirs"));
}

#[tokio::test]
async fn a_reason_is_percent_encoded() {
    let discord = Scripted::answering([answer(200, INVITE)]).await;
    let reason = Reason::new("räumt auf: 100 %\nX-Evil: 1").unwrap();
    discord
        .client()
        .delete_invite(code("abc"))
        .reason(reason)
        .await
        .unwrap();
    let asked = discord.only();
    assert_eq!(asked.line(), "DELETE /api/v10/invites/abc");
    assert_eq!(
        asked.header("x-audit-log-reason"),
        Some("r%C3%A4umt%20auf%3A%20100%20%25%0AX-Evil%3A%201")
    );
}

#[tokio::test]
async fn an_invite_is_created_from_an_empty_object() {
    let discord = Scripted::answering([answer(200, INVITE)]).await;
    let created = discord.client().create_invite(id(5)).await.unwrap();
    assert!(created.into_told().is_some());
    let asked = discord.only();
    assert_eq!(asked.line(), "POST /api/v10/channels/5/invites");
    assert_eq!(asked.body, "{}");
    assert_eq!(asked.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn an_invite_is_created_with_everything() {
    let discord = Scripted::answering([answer(200, INVITE)]).await;
    let create = discord
        .client()
        .create_invite(id(5))
        .max_age(MaxAge::LONGEST)
        .max_uses(MaxUses::MAX)
        .temporary(true)
        .unique(true)
        .role_ids(RoleIds::try_from(vec![id(8), id(9)]).unwrap())
        .flags(InviteFlags::GUEST)
        .reason(Reason::new("why").unwrap());
    create.clone().target_stream(id(6)).await.unwrap();
    create
        .target_stream(id(6))
        .target_application(id(7))
        .await
        .unwrap();
    let asked = discord.asked();
    assert_eq!(
        asked[0].json(),
        json!({"max_age": 5_184_000, "max_uses": 100, "temporary": true, "unique": true,
            "role_ids": ["8", "9"], "flags": 1, "target_type": 1, "target_user_id": "6"})
    );
    assert_eq!(asked[1].json()["target_application_id"], "7");
    assert_eq!(asked[1].json()["target_type"], 2);
    assert_eq!(asked[1].json().get("target_user_id"), None);
    assert_eq!(asked[1].header("x-audit-log-reason"), Some("why"));
}

#[tokio::test]
async fn target_users_go_as_a_file_beside_the_json() {
    let discord = Scripted::answering([answer(204, "")]).await;
    let users: TargetUsers = [id(11), id(12)].into_iter().collect();
    let client = discord.client();
    let created = client
        .create_invite(id(5))
        .max_uses(MaxUses::new(1).unwrap())
        .target_users(users.clone())
        .await
        .unwrap();
    assert!(created.into_told().is_none(), "204 tells nothing");
    client.set_target_users(code("abc"), users).await.unwrap();

    let asked = discord.asked();
    let boundary = |index: usize| {
        let content_type = asked[index].header("content-type").unwrap();
        content_type
            .strip_prefix("multipart/form-data; boundary=")
            .unwrap()
            .to_owned()
    };
    let file = "Content-Disposition: form-data; name=\"target_users_file\"; \
                filename=\"target_users.csv\"\r\n\r\nuser_id\n11\n12\n\r\n";
    let b = boundary(0);
    assert_eq!(
        asked[0].body,
        format!(
            "--{b}\r\nContent-Disposition: form-data; name=\"payload_json\"\r\n\
             Content-Type: application/json\r\n\r\n{{\"max_uses\":1}}\r\n--{b}\r\n{file}--{b}--"
        )
    );
    let b = boundary(1);
    assert_eq!(asked[1].line(), "PUT /api/v10/invites/abc/target-users");
    assert_eq!(asked[1].body, format!("--{b}\r\n{file}--{b}--"));
}

#[tokio::test]
async fn target_users_come_as_a_file() {
    let discord = Scripted::answering([answer(200, "user_id\r\n11\r\n12\r\n")]).await;
    let users = discord
        .client()
        .get_target_users(code("abc"))
        .await
        .unwrap();
    assert_eq!(users.as_slice(), [id(11), id(12)]);
    assert_eq!(
        discord.only().line(),
        "GET /api/v10/invites/abc/target-users"
    );
}

#[tokio::test]
async fn a_job_is_waited_for_with_its_progress() {
    let job = |status: u8, processed: u32| {
        answer(
            200,
            format!(
                r#"{{"status":{status},"total_users":100,"processed_users":{processed},"created_at":"2025-01-08T12:00:00.000000+00:00","completed_at":null,"error_message":null}}"#
            ),
        )
    };
    let discord = Scripted::answering([job(0, 0), job(1, 40), job(2, 100)]).await;
    let (sender, receiver) = std::sync::mpsc::channel();
    let last = discord
        .client()
        .get_target_users_job(code("abc"))
        .wait()
        .every(Duration::from_millis(5))
        .progress(move |job| sender.send(job.processed_users.unwrap()).unwrap())
        .await
        .unwrap();
    assert_eq!(last.status, guestlist_model::JobStatus::Completed);
    assert_eq!(receiver.iter().collect::<Vec<_>>(), [0, 40, 100]);
    assert_eq!(
        discord.asked()[0].line(),
        "GET /api/v10/invites/abc/target-users/job-status"
    );
}

#[tokio::test]
async fn a_job_that_never_ends_is_given_up() {
    let body = r#"{"status":1,"total_users":1,"processed_users":0,"created_at":null,"completed_at":null,"error_message":null}"#;
    let discord = Scripted::answering([answer(200, body)]).await;
    let wait = discord
        .client()
        .get_target_users_job(code("abc"))
        .wait()
        .every(Duration::from_millis(5))
        .at_most(Duration::from_millis(40));
    assert!(matches!(
        wait.await,
        Err(guestlist_client::ApiError::Timeout)
    ));
}

#[tokio::test]
async fn members_are_searched_by_user_and_by_time() {
    let found = r#"{"guild_id":"3","members":[],"page_result_count":0,"total_result_count":0}"#;
    let discord = Scripted::answering([answer(200, found)]).await;
    let client = discord.client();
    let guild: GuildId = id(3);
    let users: Vec<UserId> = vec![id(1), id(2)];
    client
        .search_members(guild, MemberQuery::users(users).unwrap())
        .limit(SearchLimit::MAX)
        .await
        .unwrap();
    let (from, to) = (
        Timestamp::from_millis(1_700_000_000_123),
        Timestamp::from_millis(1_700_000_001_000),
    );
    client
        .search_members(guild, MemberQuery::joined_between(from, to).unwrap())
        .oldest_first()
        .after(from, id(1))
        .await
        .unwrap();
    let asked = discord.asked();
    assert_eq!(asked[0].line(), "POST /api/v10/guilds/3/members-search");
    assert_eq!(
        asked[0].json(),
        json!({"limit": 1000, "sort": 1, "or_query": {}, "and_query": {"user_id": {"or_query": ["1", "2"]}}})
    );
    assert_eq!(
        asked[1].json(),
        json!({"sort": 2, "or_query": {},
            "and_query": {"guild_joined_at": {"range": {"gte": 1_700_000_000_123_u64, "lte": 1_700_000_001_000_u64}}},
            "after": {"guild_joined_at": 1_700_000_000_123_u64, "user_id": "1"}})
    );
}

#[tokio::test]
async fn lists_vanity_audit_log_and_the_rest_have_their_paths() {
    let discord = Scripted::answering([
        answer(200, format!("[{INVITE}]")),
        answer(200, "[]"),
        answer(200, r#"{"code":null,"uses":0}"#),
        answer(200, r#"{"audit_log_entries":[],"users":[]}"#),
        answer(
            200,
            r#"{"invites_disabled_until":null,"dms_disabled_until":null}"#,
        ),
        answer(200, r#"{"id":"9","name":"bot","flags":32768}"#),
        answer(
            200,
            r#"{"id":"9","username":"bot","discriminator":"0","avatar":null,"bot":true}"#,
        ),
    ])
    .await;
    let client = discord.client();
    let guild: GuildId = id(3);
    assert_eq!(
        client
            .list_guild_invites(guild)
            .await
            .unwrap()
            .invites
            .len(),
        1
    );
    assert!(
        client
            .list_channel_invites(id(4))
            .await
            .unwrap()
            .invites
            .is_empty()
    );
    assert!(client.get_vanity_url(guild).await.unwrap().code.is_none());
    client
        .get_audit_log(guild)
        .action(guestlist_model::AuditAction::INVITE_DELETE)
        .user(id(5))
        .before(id(6))
        .after(id(7))
        .limit(AuditLogLimit::clamped(10))
        .await
        .unwrap();
    client
        .set_incident_actions(guild)
        .invites_disabled_until(None)
        .await
        .unwrap();
    assert!(
        client
            .get_current_application()
            .await
            .unwrap()
            .has_members_intent()
    );
    assert_eq!(client.get_current_user().await.unwrap().id(), id(9));
    let asked = discord.asked();
    let lines: Vec<_> = asked.iter().map(support::Asked::line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v10/guilds/3/invites",
            "GET /api/v10/channels/4/invites",
            "GET /api/v10/guilds/3/vanity-url",
            "GET /api/v10/guilds/3/audit-logs?action_type=42&user_id=5&before=6&after=7&limit=10",
            "PUT /api/v10/guilds/3/incident-actions",
            "GET /api/v10/applications/@me",
            "GET /api/v10/users/@me",
        ]
    );
    assert_eq!(asked[4].json(), json!({"invites_disabled_until": null}));
}

#[tokio::test]
async fn invites_are_paused_until_a_time() {
    let discord = Scripted::answering([answer(
        200,
        r#"{"invites_disabled_until":"2026-01-01T00:00:00+00:00"}"#,
    )])
    .await;
    let until = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    discord
        .client()
        .set_incident_actions(id(3))
        .invites_disabled_until(until)
        .await
        .unwrap();
    let sent = discord.only().json()["invites_disabled_until"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(Timestamp::parse(&sent), Ok(until));
}

#[tokio::test]
async fn guilds_are_listed_page_by_page() {
    let page = |ids: &[u64]| {
        let guilds: Vec<_> = ids
            .iter()
            .map(|id| json!({"id": id.to_string(), "name": "g", "owner": false, "permissions": "32", "features": []}))
            .collect();
        answer(200, serde_json::to_string(&guilds).unwrap())
    };
    let discord = Scripted::answering([page(&[1, 2]), page(&[3, 4]), page(&[5])]).await;
    let guilds = discord
        .client()
        .list_current_guilds()
        .limit(GuildsLimit::clamped(2))
        .all()
        .await
        .unwrap();
    assert_eq!(
        guilds
            .iter()
            .map(|guild| guild.id.get())
            .collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(
        guilds[0].permissions,
        Some(guestlist_client::Permissions::MANAGE_GUILD)
    );
    let uris: Vec<_> = discord.asked().into_iter().map(|asked| asked.uri).collect();
    assert_eq!(uris[2], "/api/v10/users/@me/guilds?limit=2&after=4");

    // A server that ignores `after` is not asked for ever.
    let discord = Scripted::answering([page(&[1, 2])]).await;
    let guilds = discord
        .client()
        .list_current_guilds()
        .limit(GuildsLimit::clamped(2))
        .all()
        .await
        .unwrap();
    assert_eq!((guilds.len(), discord.asked().len()), (4, 2));
}

#[tokio::test]
async fn a_guild_its_members_and_channels_tell_the_permissions() {
    let discord = Scripted::answering([
        answer(200, r#"{"id":"3","name":"g","owner_id":"1","roles":[{"id":"3","name":"@everyone","permissions":"1024","position":0},{"id":"4","name":"bots","permissions":"32","position":1,"managed":true}],"features":["COMMUNITY"],"vanity_url_code":null,"incidents_data":null}"#),
        answer(200, r#"{"user":{"id":"9","username":"bot","discriminator":"0","avatar":null},"roles":["4"],"joined_at":"2020-01-01T00:00:00+00:00","flags":0}"#),
        answer(200, r#"[{"id":"5","type":0,"name":"c","permission_overwrites":[{"id":"9","type":1,"allow":"1","deny":"32"}]}]"#),
        answer(200, r#"{"id":"5","type":2,"guild_id":"3"}"#),
        answer(200, r#"{"url":"wss://gateway.example","shards":2,"session_start_limit":{"total":1000,"remaining":999,"reset_after":14400000,"max_concurrency":16}}"#),
    ])
    .await;
    let client = discord.client();
    let guild = client.get_guild(id(3)).await.unwrap();
    let member = client.get_guild_member(id(3), id(9)).await.unwrap();
    let permissions = guild.permissions(id(9), &member.roles).unwrap();
    assert_eq!(permissions.to_string(), "Manage Server, View Channel");
    let channel = client.list_guild_channels(id(3)).await.unwrap().remove(0);
    assert!(channel.takes_invites());
    let permissions =
        permissions.in_channel(id(3), &channel.permission_overwrites, id(9), &member.roles);
    assert_eq!(permissions.to_string(), "Create Invite, View Channel");
    assert_eq!(client.get_channel(id(5)).await.unwrap().kind, 2);
    let bot = client.get_gateway_bot().await.unwrap();
    assert_eq!(
        (bot.url.to_string().as_str(), bot.shards),
        ("wss://gateway.example", 2)
    );
    assert_eq!(bot.session_start_limit.max_concurrency, 16);
    let lines: Vec<_> = discord.asked().iter().map(support::Asked::line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v10/guilds/3",
            "GET /api/v10/guilds/3/members/9",
            "GET /api/v10/guilds/3/channels",
            "GET /api/v10/channels/5",
            "GET /api/v10/gateway/bot",
        ]
    );
}

#[test]
fn without_a_runtime_there_is_an_error_and_no_panic() {
    let builder = Client::builder(Token::new("abc").unwrap());
    assert_eq!(
        builder.build().unwrap_err(),
        guestlist_client::BuildError::NoRuntime
    );
}

#[tokio::test]
async fn a_code_may_be_any_text_and_what_is_not_a_code_is_never_sent() {
    let discord = Scripted::answering([answer(200, r#"{"code":"abc"}"#)]).await;
    let client = discord.client();
    client.get_invite("abc").await.unwrap();
    client.get_invite(String::from("abc")).await.unwrap();
    client.get_invite(code("abc")).await.unwrap();
    assert_eq!(discord.asked().len(), 3);
    for text in ["", "../users/@me", "a/b", "https://discord.gg/abc"] {
        let refused = [
            client.get_invite(text).await.unwrap_err(),
            client.delete_invite(text).await.unwrap_err(),
            client.get_target_users(text).await.unwrap_err(),
            client.get_target_users_job(text).await.unwrap_err(),
            client
                .set_target_users(text, Default::default())
                .await
                .unwrap_err(),
        ];
        for error in refused {
            assert!(
                matches!(error, guestlist_client::ApiError::InvalidCode(_)),
                "{text:?}: {error}"
            );
        }
    }
    assert_eq!(discord.asked().len(), 3);
}

/// A reader finds the method of an endpoint by the name of its file.
#[test]
fn methods_are_named_as_their_files() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rest");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if matches!(name.as_str(), "mod" | "raw") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let request: String = name
            .split('_')
            .map(|word| word[..1].to_uppercase() + &word[1..])
            .collect();
        let method = text
            .split("pub fn ")
            .find(|rest| rest.starts_with(&format!("{name}(")))
            .unwrap_or_else(|| panic!("{name}.rs has no method `{name}`"));
        let signature = method.split('{').next().unwrap();
        assert!(signature.contains(&format!("-> {request}")), "{signature}");
    }
}

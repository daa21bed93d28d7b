//! Every endpoint against the sandbox, with its failures.

mod support;

use guestlist_client::{
    ApiError, Client, MaxAge, MaxUses, MemberQuery, Permissions, Reason, RoleIds, SearchLimit,
    TargetUsers, Token,
};
use guestlist_model::{
    AuditAction, GuildId, InviteCode, JobStatus, MemberSearch, Timestamp, UserId,
};
use guestlist_sandbox::{
    FaultRule, Limit, Options, RateLimits,
    world::{NewGuild, NewInvite},
};
use guestlist_testkit::Log;
use std::{
    future::IntoFuture as _,
    time::{Duration, Instant},
};
use support::world::{World, created, id};
use tokio::task::JoinSet;

#[tokio::test]
async fn an_invite_lives_from_creation_to_deletion() {
    let world = World::start().await;
    let channel = world.text_channel(world.guild).await;
    let create = world
        .client
        .create_invite(channel.id)
        .max_age(MaxAge::LONGEST)
        .max_uses(MaxUses::new(5).unwrap())
        .unique(true)
        .reason(Reason::new("für Gäste").unwrap());
    let invite = created(create.await.unwrap());
    assert_eq!(
        (invite.max_age(), invite.max_uses(), invite.uses()),
        (Some(5_184_000), Some(5), Some(0))
    );

    let found = world
        .client
        .get_invite(invite.code())
        .with_counts(true)
        .await
        .unwrap();
    assert_eq!(found.guild_id(), Some(world.guild));
    assert!(found.uses().is_none());
    let listed = world.client.list_guild_invites(world.guild).await.unwrap();
    assert!(listed.failed.is_empty());
    assert!(
        listed
            .invites
            .iter()
            .any(|listed| listed.code() == invite.code())
    );
    let listed = world.client.list_channel_invites(channel.id).await.unwrap();
    assert!(
        listed
            .invites
            .iter()
            .any(|listed| listed.code() == invite.code())
    );

    let reason = Reason::new("vorbei").unwrap();
    let deleted = world
        .client
        .delete_invite(invite.code())
        .reason(reason)
        .await
        .unwrap();
    assert_eq!(deleted.into_told().unwrap().code(), invite.code());
    let error = world.client.get_invite(invite.code()).await.unwrap_err();
    assert!(matches!(error, ApiError::UnknownInvite { .. }), "{error}");
    let error = world.client.delete_invite(invite.code()).await.unwrap_err();
    assert!(matches!(error, ApiError::UnknownInvite { .. }), "{error}");

    let log = world
        .client
        .get_audit_log(world.guild)
        .action(AuditAction::INVITE_DELETE)
        .await
        .unwrap();
    assert_eq!(log.entries[0].reason.as_deref(), Some("vorbei"));
    assert_eq!(
        log.entries[0].invite_change().unwrap().code.as_ref(),
        Some(invite.code())
    );
}

#[tokio::test]
async fn what_the_bot_may_not_do_is_refused() {
    let world = World::start().await;
    let guild = world.guild_with(Permissions::VIEW_CHANNEL.bits());
    let channel = world.text_channel(guild).await;
    let client = &world.client;
    let refused =
        |error: ApiError| assert!(matches!(error, ApiError::MissingPermission), "{error}");
    refused(client.list_guild_invites(guild).await.unwrap_err());
    refused(client.list_channel_invites(channel.id).await.unwrap_err());
    refused(client.get_vanity_url(guild).await.unwrap_err());
    refused(client.get_audit_log(guild).await.unwrap_err());
    refused(
        client
            .search_members(guild, MemberQuery::everyone())
            .await
            .unwrap_err(),
    );
    refused(
        client
            .set_incident_actions(guild)
            .invites_disabled_until(None)
            .await
            .unwrap_err(),
    );
    let code = world
        .sandbox
        .world()
        .create_invite(guild.get(), NewInvite::default())
        .unwrap()
        .code;
    let code: InviteCode = code.parse().unwrap();
    refused(client.delete_invite(&code).await.unwrap_err());

    let member = client
        .get_guild_member(guild, client.get_current_user().await.unwrap().id())
        .await
        .unwrap();
    let permissions = client
        .get_guild(guild)
        .await
        .unwrap()
        .permissions(member.user.id(), &member.roles)
        .unwrap();
    let wanted = Permissions::MANAGE_GUILD | Permissions::VIEW_CHANNEL;
    assert_eq!(wanted.difference(permissions).to_string(), "Manage Server");
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let world = World::start().await;
    let client = &world.client;
    let nowhere: GuildId = id(42);
    for error in [
        client.get_guild(nowhere).await.unwrap_err(),
        client.list_guild_invites(nowhere).await.unwrap_err(),
        client.create_invite(id(42)).await.unwrap_err(),
        client.get_channel(id(42)).await.unwrap_err(),
        client
            .get_guild_member(world.guild, id(42))
            .await
            .unwrap_err(),
    ] {
        assert!(
            matches!(error, ApiError::NotFound { .. } | ApiError::MissingAccess),
            "{error}"
        );
        assert!(!error.help().is_empty());
    }
    let bad = Client::builder(Token::new("wrong").unwrap())
        .api(world.sandbox.api_url().parse().unwrap())
        .build()
        .unwrap();
    assert!(matches!(
        bad.get_current_user().await,
        Err(ApiError::Unauthorized { .. })
    ));
}

#[tokio::test]
async fn a_wrong_form_names_its_fields() {
    let world = World::start().await;
    let channel = world.text_channel(world.guild).await;
    let roles = RoleIds::try_from(vec![id(12345), id(12345)]).unwrap();
    let error = world
        .client
        .create_invite(channel.id)
        .role_ids(roles)
        .await
        .unwrap_err();
    let ApiError::InvalidForm { fields, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(fields[0].path.starts_with("role_ids"), "{fields:?}");
}

#[tokio::test]
async fn target_users_are_set_read_and_waited_for() {
    let world = World::start().await;
    let client = &world.client;
    let channel = world.text_channel(world.guild).await;
    let users: TargetUsers = [id(80_351_110_224_678_912), id(115_590_097_100_865_541)]
        .into_iter()
        .collect();
    let invite = created(
        client
            .create_invite(channel.id)
            .unique(true)
            .target_users(users.clone())
            .await
            .unwrap(),
    );
    assert_eq!(client.get_target_users(invite.code()).await.unwrap(), users);
    let job = client
        .get_target_users_job(invite.code())
        .wait()
        .every(Duration::from_millis(50))
        .at_most(Duration::from_secs(20))
        .await
        .unwrap();
    assert_eq!(
        (job.status, job.total_users),
        (JobStatus::Completed, Some(2))
    );
    let one: TargetUsers = [id::<guestlist_model::marker::User>(80_351_110_224_678_912)]
        .into_iter()
        .collect();
    client
        .set_target_users(invite.code(), one.clone())
        .await
        .unwrap();
    assert_eq!(client.get_target_users(invite.code()).await.unwrap(), one);

    // The parser accepts what only looks like an id; Discord names the line.
    let odd: TargetUsers = [id(5)].into_iter().collect();
    let error = client
        .set_target_users(invite.code(), odd)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, ApiError::TargetUsersFile { lines } if lines[0].line == Some(2)),
        "{error:?}"
    );

    let open = world.one_use().await;
    for error in [
        client.get_target_users(open.code()).await.unwrap_err(),
        client.get_target_users_job(open.code()).await.unwrap_err(),
        client
            .set_target_users(open.code(), users)
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, ApiError::NoTargetUsers), "{error:?}");
    }
}

#[tokio::test]
async fn invites_are_paused_and_resumed() {
    let world = World::start().await;
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    let until = Timestamp::from_secs(0)
        .checked_add(Duration::from_secs(now.as_secs() + 3600))
        .unwrap();
    let actions = world.client.set_incident_actions(world.guild);
    let state = actions.clone().invites_disabled_until(until).await.unwrap();
    assert_eq!(
        state.into_told().unwrap().invites_disabled_until,
        Some(until)
    );
    let guild = world.client.get_guild(world.guild).await.unwrap();
    assert_eq!(
        guild.incidents_data.unwrap().invites_disabled_until,
        Some(until)
    );
    let state = actions.clone().invites_disabled_until(None).await.unwrap();
    assert_eq!(state.into_told().unwrap().invites_disabled_until, None);
    let far = until.checked_add(Duration::from_secs(48 * 3600)).unwrap();
    let error = actions.invites_disabled_until(far).await.unwrap_err();
    assert!(matches!(error, ApiError::InvalidForm { .. }), "{error:?}");
}

#[tokio::test]
async fn a_vanity_invite_has_its_count_or_cannot_be() {
    let world = World::start().await;
    let mut new = NewGuild::default();
    new.vanity_url_code = Some("hello-there".to_owned());
    let guild = world
        .sandbox
        .world()
        .act(|world| world.create_guild(new))
        .unwrap();
    let vanity = world.client.get_vanity_url(id(guild)).await.unwrap();
    assert_eq!(vanity.code.unwrap().as_str(), "hello-there");
    assert_eq!(vanity.uses, Some(0));
    let plain = world.guild_with(Permissions::ADMINISTRATOR.bits());
    let error = world.client.get_vanity_url(plain).await.unwrap_err();
    assert!(matches!(error, ApiError::VanityUnavailable), "{error:?}");
}

#[tokio::test]
async fn a_member_is_found_with_the_invite_it_used() {
    let world = World::start().await;
    let invite = world.one_use().await;
    let joined = world
        .sandbox
        .world()
        .accept_invite(invite.code().as_str(), None)
        .unwrap();
    let user: UserId = id(joined.user_id);
    world.sandbox.world().advance(Duration::from_secs(60));
    let query = MemberQuery::users(vec![user]).unwrap();
    let found = world
        .client
        .search_members(world.guild, query)
        .await
        .unwrap();
    let MemberSearch::Found { members, .. } = found else {
        panic!("{found:?}")
    };
    assert_eq!(members[0].member.user.id(), user);
    assert_eq!(members[0].joined.code.as_ref(), Some(invite.code()));
    let at = Timestamp::from_micros(joined.joined_at);
    let (from, to) = (
        Timestamp::from_millis(at.as_millis()),
        Timestamp::from_millis(at.as_millis() + 1),
    );
    let query = MemberQuery::joined_between(from, to).unwrap();
    let found = world
        .client
        .search_members(world.guild, query)
        .limit(SearchLimit::MAX)
        .await
        .unwrap();
    let MemberSearch::Found { members, .. } = found else {
        panic!("{found:?}")
    };
    assert_eq!(members.len(), 1);

    let index = world.sandbox.world().act(|world| {
        world.guild_mut(joined.guild_id).unwrap().indexed = false;
        Ok::<_, guestlist_sandbox::world::Refusal>(((), Vec::new()))
    });
    index.unwrap();
    let found = world
        .client
        .search_members(world.guild, MemberQuery::everyone())
        .await
        .unwrap();
    assert!(
        matches!(
            found,
            MemberSearch::NotIndexed {
                retry_after_ms: Some(1..)
            }
        ),
        "{found:?}"
    );
}

#[tokio::test]
async fn who_the_bot_is_and_where() {
    let world = World::start().await;
    assert!(world.client.get_current_user().await.unwrap().is_bot());
    assert!(
        world
            .client
            .get_current_application()
            .await
            .unwrap()
            .has_members_intent()
    );
    let guilds = world
        .client
        .list_current_guilds()
        .with_counts(true)
        .all()
        .await
        .unwrap();
    let ids: Vec<_> = guilds.iter().map(|guild| guild.id.get()).collect();
    assert_eq!(ids, world.sandbox.guild_ids());
    assert!(
        guilds[0]
            .permissions
            .unwrap()
            .contains(Permissions::MANAGE_GUILD)
    );
    let channel = world.text_channel(world.guild).await;
    let alone = world.client.get_channel(channel.id).await.unwrap();
    assert_eq!((alone.id, alone.guild_id), (channel.id, Some(world.guild)));
    let bot = world.client.get_gateway_bot().await.unwrap();
    assert_eq!(bot.url.to_string(), world.sandbox.gateway_url());
}

#[tokio::test]
async fn limits_slow_requests_down_and_lose_none() {
    let limits = RateLimits::none();
    let mut options = Options::seeded(7).rate_limits(limits);
    options.rate_limits.default = Some(Limit::new(5, Duration::from_millis(500)));
    let world = World::with(options).await;
    let started = Instant::now();
    let mut requests = JoinSet::new();
    for _ in 0..20 {
        let request = world.client.list_guild_invites(world.guild);
        requests.spawn(async move { request.await.map(|list| list.invites.len()) });
    }
    while let Some(outcome) = requests.join_next().await {
        outcome.unwrap().unwrap();
    }
    assert!(
        started.elapsed() >= Duration::from_millis(1200),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn faults_are_told_apart() {
    let world = World::start().await;
    let client = &world.client;
    world
        .sandbox
        .world()
        .fault(FaultRule::fail(503, 1).on("GET", "/invites/"));
    let error = client
        .get_invite("abc".parse::<InviteCode>().unwrap())
        .await
        .unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    let mut global = FaultRule::fail(429, 1).on("GET", "/users/@me");
    global.retry_after = Some(0.3);
    global.global = true;
    world.sandbox.world().fault(global);
    client.get_current_user().await.unwrap();
    let mut cut = FaultRule::fail(500, 1).on("GET", "/gateway/bot");
    cut.drop_connection = true;
    world.sandbox.world().fault(cut);
    let outcome = client.get_gateway_bot().await;
    assert!(
        matches!(outcome, Err(ApiError::Transport(_)) | Ok(_)),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn some_hundred_requests_at_once_keep_below_the_global_limit_and_log_nothing() {
    let log = Log::default();
    let collector = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::WARN)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(collector);
    // Discord's limits: 50 requests a second.
    let world = World::with(Options::seeded(7).rate_limits(RateLimits::default())).await;
    let mut requests = JoinSet::new();
    // Manage Server.
    let guilds: Vec<_> = (0..200).map(|_| world.guild_with(1 << 5)).collect();
    let started = Instant::now();
    for guild in guilds {
        let list = world.client.list_guild_invites(guild);
        requests.spawn(list.into_future());
    }
    while let Some(outcome) = requests.join_next().await {
        outcome.unwrap().unwrap();
    }
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(log.text(), "");
}

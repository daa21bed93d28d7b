//! A client that nobody here wrote: twilight connects, listens, resumes.
use std::time::Duration;

use guestlist_sandbox::{Options, Running, Sandbox, world::NewInvite};
use twilight_gateway::{
    ConfigBuilder, Event, EventTypeFlags, Intents, Shard, ShardId, StreamExt as _,
};
use twilight_http::request::AuditLogReason as _;

/// twilight leaves the choice of cryptography to the program, even for `ws://`.
fn choose_cryptography() {
    // The second test finds the first one's choice.
    let _chosen = rustls::crypto::ring::default_provider().install_default();
}

async fn next(shard: &mut Shard) -> Event {
    tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            match shard
                .next_event(EventTypeFlags::all())
                .await
                .expect("the shard goes on")
            {
                Ok(event) => return event,
                Err(error) => println!("twilight says: {error:?}"),
            }
        }
    })
    .await
    .expect("an event in ten seconds")
}

fn shard(running: &Running) -> Shard {
    let intents = Intents::GUILDS
        | Intents::GUILD_INVITES
        | Intents::GUILD_MEMBERS
        | Intents::GUILD_MODERATION;
    let config = ConfigBuilder::new(running.token().to_owned(), intents)
        .proxy_url(running.gateway_url())
        .build();
    Shard::with_config(ShardId::ONE, config)
}

#[tokio::test]
async fn a_shard_connects_listens_and_resumes() {
    choose_cryptography();
    let running = Sandbox::start(Options::seeded(3).guilds(2)).await.unwrap();
    let guild = running.guild_ids()[0];
    let mut shard = shard(&running);
    let mut guilds = 0;
    while guilds < 2 {
        match next(&mut shard).await {
            Event::Ready(ready) => assert_eq!(ready.guilds.len(), 2),
            Event::GuildCreate(_) => guilds += 1,
            _ => {}
        }
    }
    let made = running
        .world()
        .create_invite(guild, NewInvite::default().max_uses(1))
        .unwrap();
    loop {
        if let Event::InviteCreate(invite) = next(&mut shard).await {
            assert_eq!(invite.code, made.code);
            break;
        }
    }
    assert_eq!(running.world().drop_gateway(None, true), 1);
    let joined = running.world().accept_invite(&made.code, None).unwrap();
    let (mut added, mut deleted, mut resumed) = (false, false, false);
    while !(added && deleted && resumed) {
        match next(&mut shard).await {
            Event::Resumed => resumed = true,
            Event::MemberAdd(member) => {
                assert_eq!(member.user.id.get(), joined.user_id);
                added = true;
            }
            Event::InviteDelete(invite) => {
                assert_eq!(invite.code, made.code);
                deleted = true;
            }
            Event::Ready(_) => panic!("a new session instead of a resume"),
            _ => {}
        }
    }
    running.shutdown().await;
}

#[tokio::test]
async fn the_http_client_reads_everything_it_knows() {
    choose_cryptography();
    let running = Sandbox::start(Options::seeded(4).guilds(2)).await.unwrap();
    let http = twilight_http::Client::builder()
        .token(running.token().to_owned())
        .proxy(running.address().to_string(), true)
        .build();
    let user = http.current_user().await.unwrap().model().await.unwrap();
    let guilds = http
        .current_user_guilds()
        .await
        .unwrap()
        .model()
        .await
        .unwrap();
    assert_eq!(guilds.len(), 2);
    let guild = guilds[0].id;
    http.gateway()
        .authed()
        .await
        .unwrap()
        .model()
        .await
        .unwrap();
    http.current_user_application()
        .await
        .unwrap()
        .model()
        .await
        .unwrap();
    http.guild(guild).await.unwrap().model().await.unwrap();
    http.roles(guild).await.unwrap().model().await.unwrap();
    let members = http
        .guild_members(guild)
        .limit(100)
        .await
        .unwrap()
        .models()
        .await
        .unwrap();
    assert!(members.len() > 3);
    http.guild_member(guild, user.id)
        .await
        .unwrap()
        .model()
        .await
        .unwrap();
    let channels = http
        .guild_channels(guild)
        .await
        .unwrap()
        .models()
        .await
        .unwrap();
    let invites = http
        .guild_invites(guild)
        .await
        .unwrap()
        .models()
        .await
        .unwrap();
    assert_eq!(invites.len(), 5);
    let made = http
        .create_invite(channels[0].id)
        .max_uses(2)
        .reason("because of tests, öh")
        .await
        .unwrap()
        .model()
        .await
        .unwrap();
    let seen = http
        .invite(&made.code)
        .with_counts()
        .await
        .unwrap()
        .model()
        .await
        .unwrap();
    assert!(seen.approximate_member_count.is_some());
    http.delete_invite(&made.code).await.unwrap();
    let log = http.audit_log(guild).await.unwrap().model().await.unwrap();
    assert_eq!(log.entries.len(), 2);
    assert_eq!(
        log.entries[1].reason.as_deref(),
        Some("because of tests, öh")
    );
    let with_vanity = running
        .world()
        .read(|world| world.vanity("guestlist-0").unwrap().id);
    let with_vanity = twilight_model::id::Id::new(with_vanity);
    let vanity = http
        .guild_vanity_url(with_vanity)
        .await
        .unwrap()
        .model()
        .await
        .unwrap();
    assert_eq!(vanity.uses, 17);
    running.shutdown().await;
}

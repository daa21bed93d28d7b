//! Connections that are lost while REST still answers.

use std::time::Duration;

use guestlist::tracker::{ConfirmPolicy, GuildState};
use guestlist::{Certainty, Config, Embedded, ShardId};
use guestlist_sandbox::world::{Entry, NewInvite, Via};
use serde_json::json;

use crate::bot::Bot;

/// Somebody comes by discovery, the connection is lost, somebody comes by an invite.
/// Gives both.
fn join_around_a_loss(bot: &mut Bot, told: impl FnOnce(&mut Bot)) -> (u64, u64) {
    let invite = NewInvite::default().max_age(0);
    let made = bot.world.create_invite(bot.guild, invite).unwrap();
    bot.tell(&made.effects);
    bot.run(30);

    let entry = Entry::new(Via::Discovery);
    let discovered = bot.world.join(bot.guild, entry).unwrap();
    bot.tell(&discovered.effects);
    bot.run(1);
    told(bot);
    bot.connected = false;
    bot.run(1);
    let invited = bot.accept(&made.code);
    bot.run(18);
    bot.resume();
    bot.run(120);
    (discovered.user_id, invited)
}

/// Counts alone, so that a wrong conclusion from them shows.
fn counting() -> Config {
    let mut config = Config::default();
    config.confirm = ConfirmPolicy::Never;
    config
}

fn deduces(bot: &Bot, user: u64) -> bool {
    bot.said(user)
        .any(|said| matches!(said.certainty, Certainty::Deduced(_)))
}

#[test]
fn while_disconnected_nothing_is_deduced() {
    let mut bot = Bot::new(counting());
    let (discovered, invited) = join_around_a_loss(&mut bot, |bot| {
        let now = bot.now();
        bot.tracker.disconnected(now, ShardId::ONE);
    });
    assert!(!deduces(&bot, discovered));
    assert_eq!(bot.said(discovered).count(), 1);
    assert_eq!(bot.said(invited).count(), 1);
}

#[test]
fn frames_tell_that_the_connection_will_end() {
    for frame in [
        json!({"op": 7, "d": null}),
        json!({"op": 9, "d": true}),
        json!({"op": 10, "d": {"heartbeat_interval": 41250}}),
    ] {
        let mut bot = Bot::new(counting());
        let (discovered, _) = join_around_a_loss(&mut bot, |bot| bot.frame(&frame));
        assert!(!deduces(&bot, discovered), "{frame}");
    }
}

/// A bot that was started again: what it knew is restored, and the session of a shard
/// resumed. Whether it deduces how somebody came after that.
fn deduces_after_resuming(shard: ShardId) -> bool {
    let mut bot = Bot::new(counting());
    let now = bot.now();
    let known = bot.tracker.take_changed();
    bot.tracker = Embedded::new(counting());
    for change in known {
        let mut state = GuildState::default();
        state.apply(&change);
        let whole = bot.tracker.restore(now, change.guild, &state);
        assert_eq!(whole, Ok(true));
    }
    bot.tracker.event(now, shard, "RESUMED", b"{}").unwrap();
    bot.run(30);
    let user = bot.accept_any();
    bot.run(60);
    deduces(&bot, user)
}

#[test]
fn a_shard_that_resumed_is_trusted_again_and_no_other() {
    assert!(deduces_after_resuming(ShardId::ONE));
    let guild = Bot::new(counting()).guild;
    let own = u32::try_from((guild >> 22) % 3).unwrap();
    let of_three = |number| ShardId::new(number % 3, 3).unwrap();
    assert!(deduces_after_resuming(of_three(own)));
    assert!(!deduces_after_resuming(of_three(own + 1)));
}

#[test]
fn whoever_came_by_an_event_that_is_not_understood_is_found() {
    let mut bot = Bot::new(Config::default());
    bot.accept_any();
    bot.run(60);

    let entry = Entry::new(Via::Discovery);
    let joined = bot.world.join(bot.guild, entry).unwrap();
    let guild = bot.guild.to_string();
    let frame = json!({"op": 0, "t": "GUILD_MEMBER_ADD", "d": {"guild_id": guild, "user": 1}});
    let now = bot.now();
    let frame = frame.to_string();
    assert!(
        bot.tracker
            .frame(now, ShardId::ONE, frame.as_bytes())
            .is_err()
    );
    bot.run(60);
    assert_eq!(bot.said(joined.user_id).count(), 1);
}

#[test]
fn waiting_is_never_longer_than_asked_for() {
    let mut bot = Bot::new(Config::default());
    bot.accept_any();
    let at = bot.tracker.wake_at().unwrap();
    let before = at.saturating_sub(Duration::from_secs(3));
    assert_eq!(bot.tracker.wake_in(before), Some(Duration::from_secs(3)));
    let after = at.saturating_add(Duration::from_secs(3));
    assert_eq!(bot.tracker.wake_in(after), Some(Duration::ZERO));
}

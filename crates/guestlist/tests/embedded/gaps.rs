//! Events that were missed.

use std::collections::BTreeSet;

use guestlist::{Certainty, Config, Origin, Record};
use guestlist_sandbox::world::NewInvite;
use guestlist_sandbox::world::time::MILLISECOND;

use crate::bot::Bot;

/// More than two pages of a search.
const MANY: u64 = 2500;

#[test]
fn whoever_joined_in_a_gap_is_found_however_many_there_are() {
    let mut bot = Bot::new(Config::default());
    let invite = NewInvite::default().max_age(0);
    let made = bot.world.create_invite(bot.guild, invite).unwrap();
    bot.tell(&made.effects);
    bot.accept(&made.code);
    bot.run(60);

    bot.connected = false;
    let mut missed = BTreeSet::new();
    for _ in 0..MANY {
        missed.insert(bot.accept(&made.code));
        let effects = bot.world.advance(20 * MILLISECOND);
        bot.tell(&effects);
    }
    // The session cannot be resumed.
    bot.begin_session();
    bot.run(120);

    let by_invite = |certainty: &Certainty| {
        matches!(certainty, Certainty::Confirmed(Origin::Invite { code, .. })
            if *code == made.code.as_str())
    };
    let found: BTreeSet<u64> = bot
        .records
        .iter()
        .filter_map(|record| match record {
            Record::Attribution(said) if by_invite(&said.certainty) => Some(said.key.user.get()),
            _ => None,
        })
        .collect();
    let lost = missed.difference(&found).count();
    assert_eq!(lost, 0, "of {MANY} who joined");
    assert!(
        bot.records
            .iter()
            .any(|record| matches!(record, Record::Gap(gap) if gap.caught_up))
    );
}

//! Random records in random portions, orders and repetitions.

use guestlist_testkit::Random;
use guestlist_tracker::{Candidate, Certainty, InviteState, Origin, Reason, Record};

use super::{
    Stores, Write, dump,
    facts::{at, attributed, by_invite, code, guild, invite, join, key, leave, user},
};
use crate::Batch;

fn index(random: &mut Random, length: usize) -> usize {
    usize::try_from(random.below(length as u64)).unwrap_or(0)
}

/// Mixes a list.
fn shuffle<T>(random: &mut Random, list: &mut [T]) {
    for last in (1..list.len()).rev() {
        list.swap(last, index(random, last + 1));
    }
}

/// The seeds of a story: so many from 0 on, or the one that the environment variable
/// `GUESTLIST_LEDGER_SEED` names. A story prints the one that it is at.
pub(super) fn seeds(count: u64) -> impl Iterator<Item = u64> {
    let named = std::env::var("GUESTLIST_LEDGER_SEED").ok();
    let named = named.map(|text| text.parse::<u64>().expect("a seed is a number"));
    let seeds = named.map_or(0..count, |seed| seed..seed + 1);
    seeds.inspect(|seed| println!("GUESTLIST_LEDGER_SEED={seed}"))
}

/// Records about a few members and codes, so that many are about the same ones,
/// in no particular order. What Discord would say the same every time (an
/// invite's inviter, limits) is the same every time.
///
/// # Panics
///
/// Never: every id and code it makes is valid.
pub fn shuffled_records(seeds: &mut Random, about: usize) -> Vec<Record> {
    let mut records = Vec::new();
    for _ in 0..about {
        let (guild_number, user_number) = (seeds.below(2), seeds.below(5));
        let when = i64::try_from(seeds.below(6) * 100).unwrap_or(0);
        let joined = key(guild_number, user_number, when);
        match seeds.below(10) {
            0..=2 => records.push(random_join(seeds, joined)),
            3 => {
                let observed = i64::try_from(seeds.below(700)).unwrap_or(0);
                let told = (seeds.below(2) == 0).then_some(when);
                let mut record = leave(guild_number, user_number, told, observed);
                if let Record::Leave(leave) = &mut record
                    && told.is_none()
                    && seeds.below(2) == 0
                {
                    leave.joined_before = Some(at(when));
                }
                records.push(record);
            }
            4..=6 => records.push(random_invite(seeds, guild_number)),
            _ => {
                let revision = u32::try_from(seeds.below(4)).unwrap_or(0);
                // What is stated at one revision is one statement.
                let mut statement =
                    Random::new(joined.user.get() * 31 + joined.joined_at.as_secs().unsigned_abs());
                for _ in 0..revision {
                    statement.bits();
                }
                records.push(random_join(seeds, joined));
                records.push(attributed(
                    joined,
                    random_certainty(&mut statement),
                    revision,
                ));
            }
        }
    }
    shuffle(seeds, &mut records);
    records
}

fn random_join(seeds: &mut Random, joined: guestlist_tracker::JoinKey) -> Record {
    let Record::Join(mut told) = join(joined) else {
        unreachable!("join makes a join")
    };
    let later = std::time::Duration::from_secs(seeds.below(50));
    told.observed_at = told.observed_at.saturating_add(later);
    told.pending = later.as_secs() < 20;
    told.rejoined = [None, Some(joined.user.get().is_multiple_of(2))][index(seeds, 2)];
    told.observed_by = if later.as_secs().is_multiple_of(2) {
        guestlist_tracker::Observation::Gateway
    } else {
        guestlist_tracker::Observation::CatchUp
    };
    Record::Join(told)
}

fn random_invite(seeds: &mut Random, guild_number: u64) -> Record {
    let number = seeds.below(4);
    let created = [None, Some(0), Some(300)][index(seeds, 3)];
    let mut record = invite(
        guild_number,
        &format!("code{number}"),
        Some(number),
        created,
    );
    record.observed_at = at(i64::try_from(seeds.below(600)).unwrap_or(0));
    record.uses = [None, Some(seeds.below(10))][index(seeds, 2)];
    record.max_uses = [None, Some(number * 5)][index(seeds, 2)];
    record.temporary = [None, Some(number.is_multiple_of(2))][index(seeds, 2)];
    record.state = [
        InviteState::Active,
        InviteState::Active,
        InviteState::Active,
        InviteState::Gone,
        InviteState::Expired,
        InviteState::Exhausted,
        InviteState::Revoked,
    ][index(seeds, 7)];
    if record.state == InviteState::Revoked {
        record.ended_by = [None, Some(user(seeds.below(3)))][index(seeds, 2)];
    }
    if record.state.has_ended() {
        record.ended_at = Some(record.observed_at);
    }
    Record::Invite(record)
}

fn random_certainty(seeds: &mut Random) -> Certainty {
    let number = seeds.below(4);
    let origin = by_invite(&format!("code{number}"), Some(number));
    match seeds.below(6) {
        0 => Certainty::Confirmed(origin),
        1 => Certainty::Deduced(origin),
        2 => Certainty::Ambiguous(vec![
            Candidate::new(origin, 0.75),
            Candidate::new(
                Origin::Vanity {
                    code: Some(code("town")),
                },
                0.25,
            ),
        ]),
        3 => Certainty::Confirmed(Origin::Bot {
            added_by: Some(user(number)),
        }),
        4 => Certainty::Provisional(vec![
            Candidate::new(origin, 0.97),
            Candidate::new(Origin::Unseen, 0.03),
        ]),
        _ => Certainty::Unknown(Reason::NoCountMoved),
    }
}

pub async fn order_splits_and_repeats_do_not_matter(stores: &impl Stores) {
    for seed in seeds(12) {
        let mut random = Random::new(seed);
        let mut records = shuffled_records(&mut random, 120);
        let whole = stores.open(&format!("random-{seed}-whole")).await;
        whole
            .store(&Batch::of(records.clone()))
            .await
            .expect("stored");
        let expected = dump(&whole).await;
        assert!(
            expected
                .joins
                .iter()
                .all(|row| [guild(0), guild(1)].contains(&row.join.key.guild))
        );
        for round in 0..3 {
            let parts = stores.open(&format!("random-{seed}-{round}")).await;
            shuffle(&mut random, &mut records);
            let mut rest = records.as_slice();
            while !rest.is_empty() {
                let (part, after) = rest.split_at(1 + index(&mut random, rest.len().min(25)));
                for _ in 0..=random.below(3) {
                    parts
                        .store(&Batch::of(part.to_vec()))
                        .await
                        .expect("stored");
                }
                // Something from long ago comes again.
                let again = index(&mut random, records.len());
                let earlier = records[again..].iter().take(5).cloned();
                if records.len() - rest.len() > again + 5 {
                    parts.store(&Batch::of(earlier)).await.expect("stored");
                }
                rest = after;
            }
            assert_eq!(dump(&parts).await, expected, "seed {seed}, round {round}");
        }
    }
}

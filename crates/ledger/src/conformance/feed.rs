//! The feed.

use std::collections::BTreeSet;

use guestlist_testkit::Random;
use guestlist_tracker::{Certainty, Gap, InviteState, Record};

use super::{
    Stores, Write,
    facts::{
        at, attributed, by_invite, confirmed, deduced, ended, guild, invite, join, key, leave, user,
    },
    news, shuffled_records,
};
use crate::{Batch, ChangeFilter, ChangeKind, Cursor, News, Privacy, Reports, is_forgotten};

fn kinds(news: &[News]) -> Vec<&'static str> {
    news.iter().map(|news| news.kind().as_str()).collect()
}

fn story() -> Batch {
    let active = invite(1, "abc", Some(9), Some(-5));
    Batch::of([
        Record::Invite(active.clone()),
        join(key(1, 1, 0)),
        deduced(key(1, 1, 0), by_invite("abc", Some(9))),
        Record::Invite(ended(active, InviteState::Gone, None, 10)),
        leave(1, 1, None, 20),
        Record::Gap(Gap::new(guild(1), at(30), at(31))),
    ])
}

pub async fn the_feed_tells_everything_new_once(stores: &impl Stores) {
    let ledger = stores.open("feed").await;
    assert_eq!(ledger.latest().await.expect("read"), Cursor::START);
    let committed = ledger.store(&story()).await.expect("stored");
    let told = news(&ledger).await;
    let order = [
        "invite_seen",
        "join",
        "attribution",
        "invite_ended",
        "leave",
        "gap",
    ];
    assert_eq!(kinds(&told), order, "in the order of the records");
    assert_eq!(ledger.latest().await.expect("read"), committed.cursor);
    let News::Attribution(row) = &told[2] else {
        panic!("{:?} is an attribution", told[2])
    };
    assert_eq!(row.join.name.as_deref(), Some("user-2001"));
    assert_eq!(row.inviter_name.as_deref(), Some("user-2009"));

    let again = ledger.store(&story()).await.expect("stored");
    assert_eq!(again.cursor, committed.cursor);
    let mut more = invite(1, "abc", Some(9), Some(-5));
    more.uses = Some(4);
    let more = ledger.store(&Batch::of([Record::Invite(more)])).await;
    assert_eq!(more.expect("stored").fresh, [true]);
    assert_eq!(kinds(&news(&ledger).await), order, "a count is no entry");
}

pub async fn the_feed_survives_being_dropped(stores: &impl Stores) {
    let name = "feed-dropped";
    let ledger = stores.open(name).await;
    let cursor = ledger.store(&story()).await.expect("stored").cursor;
    let told = news(&ledger).await;
    drop(ledger);
    let ledger = stores.open(name).await;
    assert_eq!(news(&ledger).await, told);
    let next = ledger
        .store(&Batch::of([join(key(1, 2, 40))]))
        .await
        .expect("stored");
    assert!(next.cursor > cursor, "no number is used again");
    let changes = ledger.changes(cursor, &ChangeFilter::new(), 10).await;
    assert_eq!(changes.expect("read").entries.len(), 1);
}

pub async fn the_feed_tells_each_revision_as_it_was_stated(stores: &impl Stores) {
    let ledger = stores.open("feed-revisions").await;
    let joined = key(1, 1, 0);
    let sure = Certainty::Confirmed(by_invite("abc", Some(9)));
    // Of one batch, and the second even of the same revision.
    let batch = Batch::of([
        join(joined),
        deduced(joined, by_invite("abc", Some(9))),
        confirmed(joined, by_invite("abc", Some(9))),
        attributed(joined, sure, 1),
        deduced(joined, by_invite("late", None)),
    ]);
    let committed = ledger.store(&batch).await.expect("stored");
    assert_eq!(committed.fresh, [true, true, true, true, false]);
    let stated: Vec<Record> = (news(&ledger).await.into_iter())
        .filter_map(|news| match news {
            News::Attribution(row) => row.attribution.map(Record::Attribution),
            _ => None,
        })
        .collect();
    assert_eq!(stated, batch.records[1..4]);
    let history = ledger.attribution_history(&joined).await.expect("read");
    let history: Vec<Record> = history.into_iter().map(Record::Attribution).collect();
    assert_eq!(history, batch.records[1..4]);
    // Stated before its join is known, it is told after it.
    let early = key(1, 2, 5);
    let early = [deduced(early, by_invite("abc", None)), join(early)];
    for record in early {
        ledger.store(&Batch::of([record])).await.expect("stored");
    }
    assert_eq!(kinds(&news(&ledger).await)[4..], ["join", "attribution"]);
}

pub async fn the_feed_can_be_narrowed_and_read_in_pages(stores: &impl Stores) {
    let ledger = stores.open("feed-pages").await;
    let mut random = Random::new(5);
    for part in shuffled_records(&mut random, 150).chunks(17) {
        ledger
            .store(&Batch::of(part.to_vec()))
            .await
            .expect("stored");
    }
    let whole = ledger
        .changes(Cursor::START, &ChangeFilter::new(), u32::MAX)
        .await
        .expect("read");
    assert_eq!(whole.next, ledger.latest().await.expect("read"));
    assert!(
        whole.entries.is_sorted_by(|a, b| a.cursor < b.cursor),
        "in order, and no number twice"
    );
    let told: BTreeSet<_> = whole
        .entries
        .iter()
        .map(|entry| entry.news.kind())
        .collect();
    assert!(told.len() >= 5, "{told:?}");
    let filters = [
        ChangeFilter::new(),
        ChangeFilter::new().kind(ChangeKind::Attribution),
        ChangeFilter::new()
            .kind(ChangeKind::Join)
            .kind(ChangeKind::InviteEnded)
            .guild(guild(1)),
        ChangeFilter::new().kind(ChangeKind::Gap),
        ChangeFilter::new().guild(guild(77)),
    ];
    for filter in filters {
        let kinds: Vec<ChangeKind> = filter.kinds().collect();
        let expected: Vec<_> = (whole.entries.iter())
            .filter(|entry| kinds.contains(&entry.news.kind()))
            .filter(|entry| filter.guild.is_none_or(|guild| entry.news.guild() == guild))
            .cloned()
            .collect();
        let mut pages = Vec::new();
        let mut cursor = Cursor::START;
        while cursor < whole.next {
            let page = ledger.changes(cursor, &filter, 7).await.expect("read");
            assert!(page.next > cursor, "it goes on, also where nothing matches");
            assert!(page.entries.len() <= 7);
            cursor = page.next;
            pages.extend(page.entries);
        }
        assert_eq!(pages, expected, "{filter:?}");
    }
    let nothing = ledger.changes(Cursor::START, &ChangeFilter::new(), 0).await;
    let nothing = nothing.expect("read");
    assert_eq!((nothing.entries.len(), nothing.next), (0, Cursor::START));
}

pub async fn the_feed_keeps_its_numbers_when_somebody_is_forgotten(stores: &impl Stores) {
    let ledger = stores.open("feed-forgotten").await;
    ledger.store(&story()).await.expect("stored");
    let ask = async || {
        let everything = ChangeFilter::new();
        let changes = ledger.changes(Cursor::START, &everything, 100).await;
        changes.expect("read").entries
    };
    let before = ask().await;
    for person in [1, 9] {
        let forgotten = ledger.forget_user(user(person), at(50)).await;
        forgotten.expect("forgotten");
    }
    let after = ask().await;
    let numbers = |entries: &[crate::Change]| -> Vec<_> {
        let number = |entry: &crate::Change| (entry.cursor, entry.news.kind());
        entries.iter().map(number).collect()
    };
    assert_eq!(numbers(&after), numbers(&before));
    let told = format!("{after:?}");
    assert!(!told.contains("2001") && !told.contains("2009"), "{told}");
    let News::Leave(leave) = &after[4].news else {
        panic!("{:?} is a leave", after[4])
    };
    assert!(is_forgotten(leave.user));
}

//! `guestlist forget`, `guestlist guilds`, `joins --history` and `joins --gaps`.

use guestlist::Timestamp;
use guestlist::ledger::{Batch, GuildInfo, Partition, SqliteLedger, Store};
use guestlist::tracker::{Attribution, Candidate, Certainty, Gap, Join, JoinKey, Origin, Record};
use serde_json::{Value, json};

use crate::harness::{Outcome, Place, snapshot, words};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// One member who joined twice, the first time with three answers; a server with a gap.
fn ledger(place: &Place) {
    let key =
        |joined: &str| JoinKey::new("1".parse().unwrap(), "1001".parse().unwrap(), at(joined));
    let by = Origin::Invite {
        code: "hB6mWNqr".parse().unwrap(),
        inviter: Some("77".parse().unwrap()),
        channel: None,
    };
    let join = |joined: &str| {
        let mut join = Join::new(key(joined), at(joined));
        join.name = Some("ada".into());
        // Discord says that it does not know the member.
        join.rejoined = Some(false);
        Record::Join(join)
    };
    let (first, second) = ("2026-03-01T18:30:00Z", "2026-03-04T00:00:00Z");
    let answer = |certainty, decided: &str, revision| {
        let answer = Attribution::new(key(first), certainty, at(decided));
        Record::Attribution(answer.with_revision(revision))
    };
    let candidates = vec![
        Candidate::new(by.clone(), 0.75),
        Candidate::new(Origin::Discovery, 0.25),
    ];
    let mut gap = Gap::new(
        "1".parse().unwrap(),
        at("2026-03-02T06:00:00Z"),
        at("2026-03-02T06:00:30Z"),
    );
    gap.last_known = Some(at("2026-03-02T05:00:00Z"));
    gap.joins_found = 2;
    gap.uses_moved = Some(3);
    let mut batch = Batch::of([
        join(first),
        answer(Certainty::Ambiguous(candidates), "2026-03-01T18:30:05Z", 0),
        answer(Certainty::Deduced(by.clone()), "2026-03-01T18:30:10Z", 1),
        answer(Certainty::Confirmed(by), "2026-03-01T18:30:20Z", 2),
        join(second),
        Record::Gap(gap),
    ]);
    batch.guilds = vec![GuildInfo::new("1".parse().unwrap(), "Rust")];
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let path = place.path("guestlist.db");
        let ledger = SqliteLedger::open(path).await.unwrap();
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        ledger.commit(claim, &batch).await.unwrap();
        ledger.close().await;
    });
}

fn lines(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.code, 0, "{outcome}");
    let lines = outcome.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_person_is_forgotten_when_that_is_confirmed() {
    let place = Place::new();
    ledger(&place);
    let unasked = place.run(words("forget 1001"));
    assert_eq!(unasked.code, 2, "{unasked}");
    assert!(unasked.stderr.contains("--yes"), "{unasked}");
    assert!(place.run(words("joins")).stdout.contains("ada"));

    let forgotten = lines(&place.run(words("forget 1001 --yes --json")));
    assert_eq!(forgotten[0]["joins"], json!(2), "{forgotten:?}");
    assert_eq!(forgotten[0]["user_id"], json!("1001"));
    let joins = place.run(words("joins --json"));
    assert_eq!(joins.stdout.lines().count(), 2, "counts stay: {joins}");
    assert!(!joins.stdout.contains("ada"), "{joins}");
    assert!(!joins.stdout.contains("\"1001\""), "{joins}");

    let table = place.run(words("joins"));
    assert_eq!(table.stdout.matches("(forgotten)").count(), 2, "{table}");

    let again = place.run(words("forget 1001 --yes"));
    assert_eq!(
        again.stdout, "there was no data about user 1001\n",
        "{again}"
    );
    let nowhere = place.run(words("forget 1001 --yes --db none.db"));
    assert_eq!(nowhere.code, 6, "{nowhere}");
    assert!(!place.path("none.db").exists(), "nothing was created");
}

#[test]
fn nobody_is_forgotten_while_somebody_else_is_writing() {
    let place = Place::new();
    ledger(&place);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let writer = runtime
        .block_on(SqliteLedger::open(place.path("guestlist.db")))
        .unwrap();
    let refused = place.run(words("forget 1001 --yes"));
    assert_eq!(refused.code, 6, "{refused}");
    assert!(
        refused
            .stderr
            .contains("stop the `guestlist track` that is using it"),
        "{refused}"
    );
    runtime.block_on(writer.close());
    drop(writer);
    assert_eq!(place.run(words("forget 1001 --yes")).code, 0);
}

#[test]
fn the_history_of_a_join_has_every_answer() {
    let place = Place::new();
    ledger(&place);
    let history = lines(&place.run(words("joins --user 1001 --history --json")));
    let told: Vec<_> = history
        .iter()
        .map(|line| {
            (
                line["certainty"].as_str().unwrap(),
                line["revision"].as_u64(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("ambiguous", Some(0)),
            ("deduced", Some(1)),
            ("confirmed", Some(2))
        ]
    );
    snapshot!(
        place,
        "joins_history",
        place.run(words("joins --user 1001 --history"))
    );
    let everyone = place.run(words("joins --history"));
    assert_eq!(everyone.code, 2, "{everyone}");
}

#[test]
fn gaps_and_servers_are_listed() {
    let place = Place::new();
    ledger(&place);
    snapshot!(place, "joins_gaps", place.run(words("joins --gaps")));
    snapshot!(
        place,
        "joins_gaps_csv",
        place.run(words("joins --gaps --csv"))
    );
    snapshot!(place, "guilds_table", place.run(words("guilds")));
    snapshot!(place, "guilds_json", place.run(words("guilds --json")));
    let none = place.run(words("joins --gaps --since 2026-03-03"));
    assert_eq!(none.stdout, "no gaps match\n", "{none}");
}

#[test]
fn a_member_who_is_known_to_have_joined_before_has_rejoined() {
    let place = Place::new();
    ledger(&place);
    let joins = lines(&place.run(words("joins --json")));
    let rejoined: Vec<_> = joins.iter().map(|join| &join["rejoined"]).collect();
    assert_eq!(rejoined, [&json!(true), &json!(false)], "newest first");
    let table = place.run(words("joins"));
    assert_eq!(table.stdout.matches("ada (rejoined)").count(), 1, "{table}");
}

//! `guestlist joins`, `inviters` and `invites`.

use guestlist::Timestamp;
use guestlist::ledger::{Batch, GuildInfo, Ledger, SqliteLedger};
use guestlist::tracker::{
    Attribution, Candidate, Certainty, InviteRecord, InviteState, Join, JoinKey, Leave, Origin,
    Reason, Record,
};
use serde_json::Value;

use crate::harness::{Place, snapshot, words};

const GUILD: &str = "613425648685547541";
const FERRIS: &str = "80351110224678912";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn key(user: &str, joined: &str) -> JoinKey {
    JoinKey {
        guild: GUILD.parse().unwrap(),
        user: user.parse().unwrap(),
        joined_at: at(joined),
    }
}

fn join(user: &str, name: &str, joined: &str) -> Record {
    let mut join = Join::new(key(user, joined), at(joined));
    join.name = Some(name.to_owned());
    Record::Join(join)
}

fn answer(user: &str, joined: &str, certainty: Certainty) -> Record {
    Record::Attribution(Attribution::new(key(user, joined), certainty, at(joined)))
}

fn by(code: &str) -> Origin {
    Origin::Invite {
        code: code.parse().unwrap(),
        inviter: Some(FERRIS.parse().unwrap()),
        channel: None,
    }
}

/// A ledger of one small server: five joins, a leave, two invites.
fn ledger(place: &Place) {
    ledger_at(place, "guestlist.db");
}

fn ledger_at(place: &Place, name: &str) {
    let mut first = InviteRecord::new(
        GUILD.parse().unwrap(),
        "hB6mWNqr".parse().unwrap(),
        at("2026-03-01T12:00:00Z"),
    );
    first.inviter = Some(FERRIS.parse().unwrap());
    first.inviter_name = Some("ferris".into());
    first.created_at = Some(at("2026-02-01T00:00:00Z"));
    first.max_uses = Some(10);
    first.uses = Some(3);
    let mut second = first.clone();
    second.code = "-evil".parse().unwrap();
    second.state = InviteState::Revoked;
    second.ended_at = Some(at("2026-03-02T00:00:00Z"));
    let mut batch = Batch::of([
        Record::Invite(first),
        Record::Invite(second),
        join("1001", "ada", "2026-03-01T18:30:12.5Z"),
        answer(
            "1001",
            "2026-03-01T18:30:12.5Z",
            Certainty::Confirmed(by("hB6mWNqr")),
        ),
        join("1002", "=HYPERLINK(\"http://x\")", "2026-03-01T18:31:00Z"),
        answer(
            "1002",
            "2026-03-01T18:31:00Z",
            Certainty::Deduced(by("hB6mWNqr")),
        ),
        join("1003", "gr\u{1b}[31mace", "2026-03-02T00:00:00Z"),
        answer(
            "1003",
            "2026-03-02T00:00:00Z",
            Certainty::Ambiguous(vec![
                Candidate::new(by("hB6mWNqr"), 0.75),
                Candidate::new(Origin::Discovery, 0.25),
            ]),
        ),
        join("1004", "linus", "2026-03-03T00:00:00Z"),
        answer(
            "1004",
            "2026-03-03T00:00:00Z",
            Certainty::Unknown(Reason::NoCountMoved),
        ),
        join("1005", "dennis", "2026-03-04T00:00:00Z"),
        Record::Leave(Leave::new(
            GUILD.parse().unwrap(),
            "1001".parse().unwrap(),
            Some(at("2026-03-01T18:30:12.5Z")),
            at("2026-03-05T00:00:00Z"),
        )),
    ]);
    batch.guilds = vec![GuildInfo::new(GUILD.parse().unwrap(), "Rust")];
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ledger = SqliteLedger::open(place.path(name)).await.unwrap();
        ledger.commit(&batch).await.unwrap();
    });
}

#[test]
fn joins_in_all_forms() {
    let place = Place::new();
    ledger(&place);
    snapshot!(place, "joins_table", place.run(words("joins")));
    snapshot!(place, "joins_csv", place.run(words("joins --csv")));
    snapshot!(place, "joins_json", place.run(words("joins --json")));
}

#[test]
fn inviters_in_all_forms() {
    let place = Place::new();
    ledger(&place);
    snapshot!(place, "inviters_table", place.run(words("inviters")));
    snapshot!(place, "inviters_csv", place.run(words("inviters --csv")));
    snapshot!(place, "inviters_json", place.run(words("inviters --json")));
}

#[test]
fn invites_in_all_forms() {
    let place = Place::new();
    ledger(&place);
    snapshot!(place, "invites_table", place.run(words("invites")));
    snapshot!(place, "invites_csv", place.run(words("invites --csv")));
    snapshot!(place, "invites_json", place.run(words("invites --json")));
}

#[test]
fn filters_narrow_it_down() {
    let place = Place::new();
    ledger(&place);
    let names = |line: &str| -> Vec<String> {
        let outcome = place.run(words(&format!("joins --json {line}")));
        assert_eq!(outcome.code, 0, "{outcome}");
        let lines = outcome.stdout.lines();
        lines
            .map(|line| {
                serde_json::from_str::<Value>(line).unwrap()["user_id"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect()
    };
    assert_eq!(names(""), ["1005", "1004", "1003", "1002", "1001"]);
    assert_eq!(names("--limit 2"), ["1005", "1004"]);
    assert_eq!(names("--guild 1"), [""; 0]);
    assert_eq!(
        names("--code https://discord.gg/hB6mWNqr"),
        ["1002", "1001"]
    );
    assert_eq!(names(&format!("--inviter {FERRIS}")), ["1002", "1001"]);
    assert_eq!(names("--since 2026-03-02"), ["1005", "1004", "1003"]);
    assert_eq!(names("--until 2026-03-02"), ["1002", "1001"]);
    assert_eq!(
        names("--since 2026-03-01T18:30:30+00:00 --until 2026-03-01T20:00:00+01:00"),
        ["1002"]
    );
    assert_eq!(names("--since 1s"), [""; 0]);
    assert_eq!(names("--since -1s"), [""; 0]);
    assert_eq!(names("--certainty confirmed"), ["1001"]);
    assert_eq!(names("--certainty unknown"), ["1004"]);
    // As the table prints it.
    let since = place.run(["joins", "--json", "--since", "2026-03-03 00:00:00"]);
    assert_eq!(since.stdout.lines().count(), 2, "{since}");
    let active = place.run(words("invites --json --active"));
    assert_eq!(active.stdout.lines().count(), 1, "{active}");
    let ended = place.run(words("invites --json --ended"));
    assert!(ended.stdout.contains("\"revoked\""), "{ended}");
    let none = place.run(words("joins --guild 1"));
    assert_eq!((none.code, none.stdout.as_str()), (0, "no joins match\n"));
}

#[test]
fn the_database_may_be_named_by_the_environment() {
    let place = Place::new();
    ledger_at(&place, "other.db");
    let mut command = place.command(words("joins --json"));
    let outcome = crate::harness::outcome(command.env("GUESTLIST_DB", "other.db"));
    assert_eq!(outcome.stdout.lines().count(), 5, "{outcome}");
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    let place = Place::new();
    ledger(&place);
    let plain = place.run(words("joins"));
    assert!(!plain.stdout.contains('\u{1b}'), "{plain}");
    let colour = place.run(words("joins --color always"));
    assert!(
        colour.stdout.contains("\u{1b}[38;5;10m") || colour.stdout.contains("\u{1b}[32m"),
        "{colour}"
    );
    // A name cannot bring its own.
    assert!(!colour.stdout.contains("\u{1b}[31mace"), "{colour}");
}

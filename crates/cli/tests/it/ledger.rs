//! `guestlist joins`, `inviters` and `invites`.

use guestlist::Timestamp;
use guestlist::ledger::{Batch, GuildInfo, Partition, SqliteLedger, Store};
use guestlist::tracker::{
    Attribution, Candidate, Certainty, InviteRecord, InviteState, Join, JoinKey, Leave, Origin,
    Reason, Record,
};
use serde_json::Value;

use crate::harness::{Place, snapshot, words};

pub(crate) const GUILD: &str = "613425648685547541";
const FERRIS: &str = "80351110224678912";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn key(user: &str, joined: &str) -> JoinKey {
    JoinKey::new(GUILD.parse().unwrap(), user.parse().unwrap(), at(joined))
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
pub(crate) fn ledger(place: &Place) {
    ledger_at(place, "guestlist.db");
}

pub(crate) fn ledger_at(place: &Place, name: &str) {
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
    write(place, name, &batch);
}

pub(crate) fn write(place: &Place, name: &str, batch: &Batch) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let ledger = SqliteLedger::open(place.path(name)).await.unwrap();
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        ledger.commit(claim, batch).await.unwrap();
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
fn filters_of_joins_narrow_it_down() {
    let place = Place::new();
    ledger(&place);
    let names = |line: &str| -> Vec<String> {
        let outcome = place.run(words(&format!("joins --json {line}")));
        assert_eq!(outcome.code, 0, "{outcome}");
        let user = |line: &str| serde_json::from_str::<Value>(line).unwrap()["user_id"].clone();
        let users = outcome.stdout.lines().map(user);
        users
            .map(|user| user.as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names("--gone"), ["1001"]);
    assert_eq!(names("--here --origin invite"), ["1002"]);
    assert_eq!(names("--name LINU"), ["1004"]);
    assert_eq!(names("--name 1005"), ["1005"]);
    // Ids of 2015.
    assert_eq!(names("--account-younger-than 30d"), [""; 0]);
    assert_eq!(names("--account-younger-than 20years").len(), 5);
    let inviters = place.run(words("inviters --json --gone"));
    assert_eq!(inviters.stdout.lines().count(), 1, "{inviters}");
    for wrong in ["--origin door", "--here --gone", "--account-younger-than 7"] {
        let outcome = place.run(words(&format!("joins {wrong}")));
        assert_eq!(outcome.code, 2, "{wrong}: {outcome}");
    }
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
    assert!(colour.stdout.contains("\u{1b}[38;5;10m"), "{colour}");
    // A name cannot bring its own.
    assert!(!colour.stdout.contains("\u{1b}[31mace"), "{colour}");
}

#[test]
fn a_limit_says_when_there_is_more() {
    let place = Place::new();
    ledger(&place);
    let last = |line: &str| {
        let outcome = place.run(words(line));
        assert_eq!(outcome.code, 0, "{outcome}");
        outcome.stdout.lines().last().unwrap().to_owned()
    };
    let more = "there are more: increase --limit or omit it";
    assert_eq!(
        last("joins --limit 3"),
        format!("the first 3 joins; {more}")
    );
    assert_eq!(last("joins --limit 5"), "5 joins");
    assert_eq!(
        last("invites --limit 1"),
        format!("the first 1 invite; {more}")
    );
    assert_eq!(
        last("inviters --limit 1"),
        format!("the first 1 inviter; {more}")
    );
    assert_eq!(last("inviters --limit 2"), "1 inviter");
    let csv = place.run(words("joins --csv --limit 3"));
    assert_eq!(csv.stdout.lines().count(), 1 + 3, "{csv}");
}

#[test]
fn questions_that_nothing_can_match_are_usage_errors() {
    let place = Place::new();
    ledger(&place);
    for command in ["joins", "inviters", "invites"] {
        for question in [
            "--limit 0",
            "--since 2026-03-02 --until 2026-03-01",
            "--since 7d --until 7d",
            "--since now --until 1d",
        ] {
            let outcome = place.run(words(&format!("{command} {question}")));
            assert_eq!(outcome.code, 2, "{command} {question}: {outcome}");
        }
    }
}

#[test]
fn an_unseen_way_is_explained() {
    let place = Place::new();
    let when = "2026-03-01T18:30:00Z";
    let ways = vec![
        Candidate::new(by("hB6mWNqr"), 0.57),
        Candidate::new(Origin::Unseen, 0.43),
    ];
    let batch = Batch::of([
        join("1001", "ada", when),
        answer("1001", when, Certainty::Ambiguous(ways)),
    ]);
    write(&place, "guestlist.db", &batch);
    let joins = place.run(words("joins"));
    assert!(
        joins.stdout.contains("perhaps hB6mWNqr 57 %, unseen 43 %"),
        "{joins}"
    );
    assert!(
        joins
            .stdout
            .contains("\nunseen: without an invite, or by one that was never listed\n"),
        "{joins}"
    );
}

#[test]
fn an_invite_whose_time_is_over_is_not_called_active() {
    let place = Place::new();
    let mut invite = InviteRecord::new(
        GUILD.parse().unwrap(),
        "hB6mWNqr".parse().unwrap(),
        at("2020-01-01T12:00:00Z"),
    );
    invite.expires_at = Some(at("2020-01-02T12:00:00Z"));
    write(&place, "guestlist.db", &Batch::of([Record::Invite(invite)]));
    for format in ["", "--json", "--csv"] {
        let invites = place.run(words(&format!("invites {format}")));
        assert!(invites.stdout.contains("expired"), "{invites}");
        assert!(!invites.stdout.contains("active"), "{invites}");
        assert!(invites.stdout.contains("2020-01-02"), "{invites}");
    }
}

/// A statement of this revision.
fn revised(user: &str, joined: &str, certainty: Certainty, revision: u32) -> Record {
    let said = Attribution::new(key(user, joined), certainty, at(joined));
    Record::Attribution(said.with_revision(revision))
}

#[test]
fn what_was_said_before_is_compared_with_what_was_confirmed() {
    let place = Place::new();
    let (march, april) = ("2026-03-01T18:30:00Z", "2026-04-02T00:00:00Z");
    let two = |heavy: &str, light: &str| {
        let heavy = Candidate::new(by(heavy), 0.75);
        vec![heavy, Candidate::new(by(light), 0.25)]
    };
    let first = vec![
        Candidate::new(by("aaa"), 0.97),
        Candidate::new(Origin::Unseen, 0.03),
    ];
    let batch = Batch::of([
        join("1", "ada", march),
        revised("1", march, Certainty::Provisional(first.clone()), 0),
        revised("1", march, Certainty::Deduced(by("aaa")), 1),
        revised("1", march, Certainty::Confirmed(by("aaa")), 2),
        join("2", "ben", march),
        revised("2", march, Certainty::Provisional(first), 0),
        revised("2", march, Certainty::Deduced(by("aaa")), 1),
        revised("2", march, Certainty::Confirmed(Origin::Discovery), 2),
        join("3", "cai", april),
        revised("3", april, Certainty::Ambiguous(two("aaa", "bbb")), 0),
        revised("3", april, Certainty::Confirmed(by("aaa")), 1),
        join("4", "dee", april),
        revised("4", april, Certainty::Ambiguous(two("bbb", "aaa")), 0),
        revised("4", april, Certainty::Confirmed(by("aaa")), 1),
        join("5", "eli", april),
        revised("5", april, Certainty::Ambiguous(two("aaa", "bbb")), 0),
    ]);
    write(&place, "guestlist.db", &batch);
    snapshot!(place, "accuracy_table", place.run(words("accuracy")));
    snapshot!(
        place,
        "accuracy_weights",
        place.run(words("accuracy --weights"))
    );
    snapshot!(place, "accuracy_json", place.run(words("accuracy --json")));
}

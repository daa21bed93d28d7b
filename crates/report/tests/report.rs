//! A small ledger, and what its report says.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

use guestlist_ledger::{Batch, GuildInfo, Labels, Partition, SqliteLedger, Store};
use guestlist_model::{GuildId, Id, Timestamp, UserId};
use guestlist_report::{Amount, Report, Wanted, html, markdown};
use guestlist_tracker::{
    Attribution, Certainty, Gap, InviteRecord, Join, JoinKey, Leave, Origin, Reason, Record,
};

const DAY: i64 = 86_400;

fn guild() -> GuildId {
    Id::new_checked(7).unwrap()
}

fn user(number: u64) -> UserId {
    Id::new_checked(1_000 + number).unwrap()
}

fn at(days: i64) -> Timestamp {
    Timestamp::from_secs(1_767_225_600 + days * DAY)
}

fn joined(number: u64, day: i64, code: Option<&str>) -> [Record; 2] {
    let key = JoinKey::new(guild(), user(number), at(day));
    let mut join = Join::new(key, at(day));
    join.name = (number != 1).then(|| format!("member {number}"));
    let certainty = match code {
        Some(code) => Certainty::Deduced(Origin::Invite {
            code: code.parse().unwrap(),
            inviter: Some(user(1)),
            channel: None,
        }),
        None => Certainty::Unknown(Reason::NoCountMoved),
    };
    let told = Attribution::new(key, certainty, at(day));
    [Record::Join(join), Record::Attribution(told)]
}

/// In the first ten days two joins, in the next ten five, of which one leaves after two
/// days. The inviter's name is hostile.
async fn report() -> Report {
    let ledger = SqliteLedger::in_memory().await.unwrap();
    let mut invite = InviteRecord::new(guild(), "spring".parse().unwrap(), at(0));
    invite.inviter = Some(user(1));
    invite.inviter_name = Some("<b>|@everyone\u{202e}".into());
    invite.created_at = Some(at(0));
    let mut gap = Gap::new(guild(), at(15), at(15));
    gap.last_known = Some(at(14));
    let mut records = vec![Record::Invite(invite), Record::Gap(gap)];
    for (number, day, code) in [
        (10, 1, Some("spring")),
        (11, 2, None),
        (12, 11, Some("spring")),
        (13, 12, Some("spring")),
        (14, 12, Some("other")),
        (1, 12, Some("spring")),
        (15, 13, None),
    ] {
        records.extend(joined(number, day, code));
    }
    records.push(Record::Leave(Leave::new(
        guild(),
        user(12),
        Some(at(11)),
        at(13),
    )));
    let mut batch = Batch::of(records);
    batch.guilds = vec![GuildInfo::new(guild(), "<script>town</script>")];
    let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
    ledger.commit(claim, &batch).await.unwrap();
    let (code, label) = ("spring".parse().unwrap(), "May".parse().unwrap());
    ledger
        .set_label(guild(), &code, &label, at(0))
        .await
        .unwrap();
    let wanted = Wanted::new(guild(), at(30)).span(at(10), at(20));
    Report::read(&ledger, &wanted).await.unwrap()
}

#[tokio::test]
async fn the_numbers_are_of_the_span_and_of_the_one_before() {
    let report = report().await;
    assert_eq!(report.before_since, at(0));
    let figure = |name: &str| {
        let found = report.figures.iter().find(|it| it.name == name).unwrap();
        (found.now, found.before)
    };
    assert_eq!(figure("joins"), (Amount::Count(5), Amount::Count(2)));
    assert_eq!(figure("leaves"), (Amount::Count(1), Amount::Count(0)));
    assert_eq!(
        figure("growth"),
        (Amount::Difference(4), Amount::Difference(2))
    );
    assert_eq!(
        figure("certain"),
        (Amount::Share(Some(0.8)), Amount::Share(Some(0.5)))
    );
    assert_eq!(figure("own").0, Amount::Count(1));
    assert_eq!(
        figure("stayed_7d"),
        (Amount::Share(Some(0.8)), Amount::Share(Some(1.0)))
    );
    assert_eq!(
        figure("stayed_30d").0,
        Amount::Share(None),
        "not old enough"
    );
    assert_eq!((report.kept[1].days, report.kept[1].over_gap), (7, 4));
    let invites: Vec<_> = (report.invites.iter())
        .map(|line| (line.key.as_deref(), line.joins, line.before, line.here))
        .collect();
    assert_eq!(
        invites,
        [
            (Some("spring"), 3, 1, 2),
            (Some("other"), 1, 0, 1),
            (None, 1, 1, 1)
        ]
    );
    assert_eq!(report.invites[0].label.as_deref(), Some("May"));
    assert_eq!(report.labels[0].key.as_deref(), Some("May"));
    assert_eq!(report.inviters[0].joins, 4);
    assert_eq!(report.inviters[0].marks.unwrap().own, 1);
    assert_eq!(report.gaps.len(), 1);
    let days: Vec<_> = report
        .days
        .iter()
        .map(|day| (day.joins, day.leaves))
        .collect();
    assert_eq!(days, [(1, 0), (3, 0), (1, 1)]);
}

#[tokio::test]
async fn what_shows_it_shows_names_as_text() {
    let report = report().await;
    let page = html(&report);
    assert!(page.contains("&lt;script&gt;town&lt;/script&gt;"), "{page}");
    assert!(!page.contains("<script") && !page.contains("<b>"), "{page}");
    assert!(
        !page.contains("http://") && !page.contains("https://"),
        "{page}"
    );
    let text = markdown(&report);
    assert!(text.contains("\\<script\\>town"), "{text}");
    assert!(
        !text.contains("@everyone") && !text.contains('\u{202e}'),
        "{text}"
    );
    // The pipe of the name opens no cell.
    let row = text.lines().find(|line| line.contains("everyone")).unwrap();
    let header = text
        .lines()
        .find(|line| line.starts_with("| code"))
        .unwrap();
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    assert_eq!(cells(row), cells(header), "{row}");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["invites"][0]["label"], "May");
    assert_eq!(json["guild_id"], "7");
    assert_eq!(json["figures"][0]["now"], 5);
    assert_eq!(json["gaps"][0]["caught_up"], false);
}

//! What pages say.

use std::sync::Arc;

use guestlist_ledger::{Batch, Labels, Page, Reports, Scope, SqliteLedger, Store};
use guestlist_tracker::{Attribution, Certainty, Origin, Record};

use crate::ledger::{ago, empty, guild, join, small, user};
use crate::serving::Serving;

/// Every page that the navigation leads to.
pub(crate) const PAGES: [&str; 9] = [
    "/",
    "/joins",
    "/invites",
    "/inviters",
    "/tree",
    "/retention",
    "/alerts",
    "/accuracy",
    "/tracking",
];

#[tokio::test]
async fn an_empty_ledger_has_every_page_and_says_what_comes_next() {
    let (ledger, _) = empty().await;
    let web = Serving::of(ledger).await;
    for page in PAGES {
        let answer = web.get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        assert!(answer.text().contains("<h1>"), "{page}");
    }
    let overview = web.get("/").await;
    assert!(overview.text().contains("This ledger is still empty"));
    assert!(overview.text().contains("guestlist doctor"));
}

#[tokio::test]
async fn the_overview_tells_what_happened() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    let page = web.get("/").await;
    let text = page.text();
    for part in [
        "<span class=\"big\">5</span><span class=\"small\">1 left</span>",
        // Two of the four that have a final answer.
        "<span class=\"big\">50 %</span><span class=\"small\">1 confirmed by Discord</span>",
        "role=\"img\"",
        "The numbers",
        "data-live=\"/live?after=",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let later = web.get("/?since=1m").await;
    assert!(later.text().contains("Nobody joined or left in this time"));
}

#[tokio::test]
async fn joins_are_filtered_by_their_address() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger.clone()).await;
    let rows = async |address: &str| {
        let page = web.get(address).await;
        assert_eq!(page.status, 200, "{address}");
        page.text().matches("<time ").count()
    };
    assert_eq!(rows("/joins").await, 5);
    assert_eq!(rows("/joins?certainty=confirmed").await, 1);
    assert_eq!(
        rows("/joins?code=https%3A%2F%2Fdiscord.gg%2Fferris").await,
        1
    );
    assert_eq!(rows(&format!("/joins?user={}", user(12))).await, 1);
    assert_eq!(rows(&format!("/joins?inviter={}", user(1))).await, 2);
    assert_eq!(rows(&format!("/joins?guild={}", guild())).await, 5);
    assert_eq!(rows("/joins?guild=1").await, 0);
    assert_eq!(rows("/joins?until=10m&since=28m30s").await, 3);
    assert_eq!(rows("/joins?span=all").await, 5);
    assert_eq!(rows("/joins?name=RRI").await, 5);
    assert_eq!(rows("/joins?name=nobody").await, 0);
    assert_eq!(rows("/joins?source=invite").await, 2);
    assert_eq!(rows("/joins?source=vanity").await, 0);
    assert_eq!(rows("/joins?here=no").await, 1);
    assert_eq!(rows("/joins?here=yes").await, 4);
    assert_eq!(rows("/joins?younger=1d").await, 0);
    assert_eq!(rows("/joins?younger=9999d").await, 5);
    let (code, label) = ("ferris".parse().unwrap(), "newsletter May".parse().unwrap());
    ledger
        .set_label(guild(), &code, &label, ago(0))
        .await
        .unwrap();
    assert_eq!(rows("/joins?label=newsletter%20May").await, 1);
    assert_eq!(rows("/joins?label=newsletter%20June").await, 0);
}

#[tokio::test]
async fn a_filter_that_cannot_be_used_is_named() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    let page = web.get("/joins?certainty=sure").await;
    assert_eq!(page.status, 400);
    assert!(page.text().contains("certainty: choose confirmed"));
    let page = web.get("/joins/1/2/3").await;
    assert_eq!(page.status, 404);
    let page = web.get("/nothing").await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("This page does not exist"));
}

#[tokio::test]
async fn pages_of_joins_follow_each_other_without_a_gap() {
    let (ledger, claim) = empty().await;
    let records = (0..120).map(|number| {
        let name = format!("member{number}");
        // Several at the same moment, which only the cursor tells apart.
        join(1000 + number, &name, ago(number / 7)).1
    });
    let batch = Batch::of(records);
    ledger.commit(claim, &batch).await.unwrap();
    let web = Serving::of(ledger).await;
    let mut address = "/joins?span=24h".to_owned();
    let mut members = Vec::new();
    let mut pages = 0;
    loop {
        let page = web.get(&address).await;
        pages += 1;
        let text = page.text();
        let names = text.split("<bdi>member").skip(1);
        members.extend(names.map(|it| it.split_once('<').unwrap().0.to_owned()));
        let Some((_, next)) = text.split_once("rel=\"next\" href=\"") else {
            break;
        };
        address = next.split_once('"').unwrap().0.replace("&amp;", "&");
    }
    assert_eq!(pages, 3);
    assert_eq!(members.len(), 120);
    members.sort();
    members.dedup();
    assert_eq!(members.len(), 120, "none comes twice");
}

#[tokio::test]
async fn a_join_shows_what_each_answer_rests_on() {
    let (ledger, _) = small("ferris").await;
    let joins = ledger
        .joins(&Scope::new().user(user(12)), Page::ALL)
        .await
        .unwrap();
    let key = joins[0].join.key;
    let web = Serving::of(ledger).await;
    let address = format!(
        "/joins/{}/{}/{}",
        key.guild,
        key.user,
        key.joined_at.as_millis()
    );
    let page = web.get(&address).await;
    assert_eq!(page.status, 200);
    for part in [
        "uses of rust rose from 2 to 3",
        "75 %",
        "<meter",
        "<span class=\"pill warn\">ambiguous</span>",
    ] {
        assert!(page.text().contains(part), "{part}");
    }
}

#[tokio::test]
async fn people_are_shown_below_who_brought_them() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    let roots = web.get("/tree").await;
    let below = format!("/tree?parent={}", user(1));
    assert!(roots.text().contains(&below), "{}", roots.text());
    let page = web.get(&below).await;
    for part in [
        "aria-current=\"page\"",
        "confirmed",
        "deduced",
        "3 members in this tree",
    ] {
        assert!(page.text().contains(part), "{part} in {}", page.text());
    }
    let nobody = web.get("/tree?parent=1").await;
    assert!(nobody.text().contains("Nobody is known to have joined"));
}

/// Five thousand members: one has invited a thousand, and below each of these is a chain of four.
async fn crowd() -> Arc<SqliteLedger> {
    let (ledger, claim) = empty().await;
    let members: Vec<u64> = (2..=5_001).collect();
    for members in members.chunks(500) {
        let told = members.iter().flat_map(|number| {
            let (key, joined) = join(*number, &format!("member {number}."), ago(6_000 - number));
            let inviter = if *number <= 1_001 { 1 } else { number - 1_000 };
            let way = Origin::Invite {
                code: "rust".parse().unwrap(),
                inviter: Some(user(inviter)),
                channel: None,
            };
            let answer = Attribution::new(key, Certainty::Confirmed(way), ago(1));
            [joined, Record::Attribution(answer)]
        });
        ledger.commit(claim, &Batch::of(told)).await.unwrap();
    }
    ledger
}

#[tokio::test]
async fn a_tree_of_five_thousand_is_read_in_pages_and_walked_by_links() {
    let web = Serving::of(crowd().await).await;
    let link = |page: &str, before: &str| {
        let (before, _) = page.split_once(before)?;
        let (_, link) = before.rsplit_once("href=\"")?;
        Some(link.split('"').next()?.replace("&amp;", "&"))
    };
    // Whom one has invited, page by page.
    let (mut next, mut seen, mut pages) = (format!("/tree?parent={}", user(1)), Vec::new(), 0);
    loop {
        let page = web.get(&next).await.text().to_owned();
        let (_, rows) = page.split_once("<tbody>").unwrap();
        let names = rows.split("member ").skip(1);
        let names: Vec<u64> = names
            .filter_map(|it| it.split('.').next()?.parse().ok())
            .collect();
        assert!(names.len() <= 100 && page.len() < 100_000, "{}", page.len());
        assert!(page.contains("5,001 members in this tree"), "and the first");
        (pages, seen) = (pages + 1, [seen, names].concat());
        match link(&page, ">More</a>") {
            Some(link) => next = link,
            None => break,
        }
    }
    seen.sort_unstable();
    assert_eq!(pages, 10);
    assert_eq!(seen, (2..=1_001).collect::<Vec<_>>(), "each of them once");
    // Down to a member who has invited nobody, and the way back.
    let mut page = web.get(&next).await.text().to_owned();
    let last = page.rsplit_once("member ").unwrap().1;
    let mut number: u64 = last.split('.').next().unwrap().parse().unwrap();
    for _ in 0..4 {
        let below = link(&page, &format!(">member {number}."))
            .or_else(|| link(&page, &format!("><bdi>member {number}.")));
        page = web.get(&below.unwrap()).await.text().to_owned();
        number += 1_000;
        assert!(page.contains(&format!("member {number}.")), "{number}");
    }
    let (_, rest) = page.split_once("Path from the root").unwrap();
    let path = rest.split_once("</nav>").unwrap().0;
    assert_eq!(path.matches("<a ").count(), 5, "All and four more: {path}");
}

#[tokio::test]
async fn retention_says_how_many_were_observed_long_enough() {
    let (ledger, claim) = empty().await;
    let old = (1..=4).map(|number| join(number, "ferris", ago(3 * 24 * 60)).1);
    let young = (5..=6).map(|number| join(number, "ferris", ago(5)).1);
    let batch = Batch::of(old.chain(young));
    ledger.commit(claim, &batch).await.unwrap();
    let web = Serving::of(ledger).await;
    let page = web.get("/retention").await;
    let text = page.text();
    assert!(text.contains("(4 for a day or more)"), "{text}");
    assert!(text.contains("100 % of 4"), "{text}");
    assert!(text.contains("<svg"), "{text}");
    for by in ["invite", "label", "inviter", "source"] {
        let page = web.get(&format!("/retention?by={by}&weekly=yes")).await;
        assert_eq!(page.status, 200, "{by}");
        assert!(page.text().contains("week of (UTC)"), "{by}");
    }
}

#[tokio::test]
async fn a_burst_leads_to_its_joins() {
    let (ledger, claim) = empty().await;
    let joins = (0..20).flat_map(|number| {
        let (key, join) = join(number + 50, "ferris", ago(60));
        let certainty = Certainty::Confirmed(crate::ledger::by("rust"));
        let answer = Attribution::new(key, certainty, ago(59));
        [join, Record::Attribution(answer)]
    });
    let batch = Batch::of(joins.collect::<Vec<_>>());
    ledger.commit(claim, &batch).await.unwrap();
    let web = Serving::of(ledger).await;
    let page = web.get("/alerts").await;
    let (_, rest) = page.text().split_once("<td data-label=\"what\"").unwrap();
    let (_, rest) = rest.split_once("href=\"").unwrap();
    let address = rest.split_once('"').unwrap().0.replace("&amp;", "&");
    let joins = web.get(&address).await;
    assert_eq!(joins.text().matches("<time ").count(), 20, "{address}");
    let calm = web.get("/alerts?since=30m").await;
    assert!(calm.text().contains("Nothing unusual happened"));
}

#[tokio::test]
async fn accuracy_compares_what_was_said_with_what_was_confirmed() {
    use guestlist_tracker::{Attribution, Candidate, Certainty, Record};

    let (ledger, claim) = empty().await;
    let (key, join) = join(50, "ferris", ago(60));
    let by = crate::ledger::by;
    let candidates = vec![
        Candidate::new(by("rust"), 0.75),
        Candidate::new(by("ferris"), 0.25),
    ];
    let said = Attribution::new(key, Certainty::Ambiguous(candidates), ago(59));
    let truth = Attribution::new(key, Certainty::Confirmed(by("rust")), ago(58)).with_revision(1);
    let records = [join, Record::Attribution(said), Record::Attribution(truth)];
    let batch = Batch::of(records);
    ledger.commit(claim, &batch).await.unwrap();
    let web = Serving::of(ledger).await;
    let page = web.get("/accuracy").await;
    for part in ["1 of 1 were correct", "Accuracy of weights", "70 to 80 %"] {
        assert!(page.text().contains(part), "{part} in {}", page.text());
    }
}

#[tokio::test]
async fn an_invite_shows_its_lives_and_who_stayed() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    let page = web.get(&format!("/invites/{}/rust", guild())).await;
    for part in [
        "Invite rust",
        "Invites with this code",
        "Who stayed",
        "guestlist label",
    ] {
        assert!(page.text().contains(part), "{part} in {}", page.text());
    }
    for nothing in ["/invites/1/rust", "/invites/x/rust", "/invites/1/a%20b"] {
        assert_eq!(web.get(nothing).await.status, 404, "{nothing}");
    }
}

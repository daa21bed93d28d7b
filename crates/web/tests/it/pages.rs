//! What pages say.

use guestlist_ledger::{Page, Reports, Scope};

use crate::ledger::{ago, empty, guild, small, user};
use crate::serving::Serving;

const PAGES: [&str; 5] = ["/", "/joins", "/invites", "/inviters", "/tracking"];

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
    assert!(overview.text().contains("Nothing is in this ledger yet"));
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
    let web = Serving::of(ledger).await;
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
    assert!(page.text().contains("There is no such page"));
}

#[tokio::test]
async fn pages_of_joins_follow_each_other_without_a_gap() {
    let (ledger, claim) = empty().await;
    let records = (0..120).map(|number| {
        let name = format!("member{number}");
        // Several at the same moment, which only the cursor tells apart.
        crate::ledger::join(1000 + number, &name, ago(number / 7)).1
    });
    let batch = guestlist_ledger::Batch::of(records);
    guestlist_ledger::Store::commit(&*ledger, claim, &batch)
        .await
        .unwrap();
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

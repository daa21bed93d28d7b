//! New joins as they come.

use std::time::Duration;

use guestlist_ledger::{Batch, Partition, Store};
use guestlist_tracker::{Attribution, Certainty, Join, JoinKey, Record};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::ledger::{HOSTILE, ago, by, empty, join, user};
use crate::people::{MANAGE, Town, login};
use crate::security::{post, secret};
use crate::serving::Serving;

/// A browser's side of a stream of events.
struct Events(Lines<BufReader<TcpStream>>);

impl Events {
    async fn open(web: &Serving, target: &str, last: Option<u64>) -> Self {
        let last = last.map_or_else(String::new, |id| format!("last-event-id: {id}\r\n"));
        Self::with(web, target, &last).await
    }

    async fn with(web: &Serving, target: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(web.address).await.unwrap();
        let head = format!(
            "GET {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{headers}\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        Self(BufReader::new(stream).lines())
    }

    /// The next event's id and data; none if the stream ended.
    async fn next(&mut self) -> Option<(u64, serde_json::Value)> {
        let (mut id, mut data) = (None, None::<serde_json::Value>);
        loop {
            let line = timeout(Duration::from_secs(20), self.0.next_line());
            let line = line.await.expect("an event in time").ok()??;
            if let Some(number) = line.strip_prefix("id: ") {
                id = number.parse().ok();
            } else if let Some(text) = line.strip_prefix("data: ") {
                data = serde_json::from_str(text).ok();
            }
            if let (Some(id), Some(data)) = (id, &data) {
                return Some((id, data.clone()));
            }
        }
    }
}

#[tokio::test]
async fn a_join_appears_and_then_its_answer() {
    let (ledger, claim) = empty().await;
    let web = Serving::of(ledger.clone()).await;
    let mut events = Events::open(&web, "/live?after=0", None).await;
    let (key, record) = join(20, HOSTILE, ago(1));
    ledger.commit(claim, &Batch::of([record])).await.unwrap();
    let (_, event) = events.next().await.unwrap();
    assert_eq!(event["certainty"], "waiting");
    let member = event["member"].as_str().unwrap();
    assert!(member.contains("<script>") && !member.contains('\u{202e}'));
    let answer = Attribution::new(key, Certainty::Confirmed(by("rust")), ago(0));
    let batch = Batch::of([Record::Attribution(answer)]);
    ledger.commit(claim, &batch).await.unwrap();
    let (_, event) = events.next().await.unwrap();
    assert_eq!(
        (&event["certainty"], &event["way"]),
        (&"confirmed".into(), &"rust".into())
    );
}

#[tokio::test]
async fn whoever_reconnects_misses_nothing_even_at_another_process() {
    let (ledger, claim) = empty().await;
    let store = async |numbers: std::ops::Range<u64>| {
        let joins = numbers.map(|it| join(it, &format!("m{it}"), ago(it)).1);
        ledger.commit(claim, &Batch::of(joins)).await.unwrap();
    };
    let web = Serving::of(ledger.clone()).await;
    let mut events = Events::open(&web, "/live?after=0", None).await;
    store(100..103).await;
    let (first, _) = events.next().await.unwrap();
    drop(events);
    store(103..330).await;
    // A restart of the dashboard; the browser still has the address with which it began.
    let again = Serving::of(ledger.clone()).await;
    let mut events = Events::open(&again, "/live?after=0", Some(first)).await;
    let mut members = Vec::new();
    for _ in 0..229 {
        members.push(events.next().await.unwrap().1["member"].clone());
    }
    let mut wanted: Vec<String> = (100..330).map(|it| format!("m{it}")).collect();
    let mut got: Vec<String> = members
        .iter()
        .map(|it| it.as_str().unwrap().to_owned())
        .collect();
    got.sort();
    got.dedup();
    assert_eq!(got.len(), 229, "each once");
    wanted.retain(|it| !got.contains(it));
    assert_eq!(wanted.len(), 1, "all but the one that was seen before");
}

#[tokio::test]
async fn streams_end_when_the_dashboard_stops() {
    let (ledger, claim) = empty().await;
    let web = Serving::of(ledger.clone()).await;
    let mut events = Events::open(&web, "/live?after=0", None).await;
    let (_, record) = join(20, "ferris", ago(1));
    ledger.commit(claim, &Batch::of([record])).await.unwrap();
    assert!(events.next().await.is_some());
    web.stop.cancel();
    assert_eq!(events.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_has_the_own_server_alone_and_ends_so_that_discord_is_asked_again() {
    let every = Duration::from_secs(1);
    let town = Town::with(|sandbox, it| {
        it.discord(login(sandbox, sandbox.client_secret()).look_again(every))
    })
    .await;
    let who = town.member(0, MANAGE);
    let cookie = format!("cookie: {}\r\n", town.enter(who).await);
    let mut events = Events::with(&town.web, "/live?after=0", &cookie).await;
    let mut last = 0;
    for _ in 0..60 {
        let (id, event) = events.next().await.unwrap();
        assert_eq!(event["member"], "alpha member");
        last = id;
    }
    let ended = timeout(every * 10, events.next()).await;
    assert_eq!(ended.unwrap(), None, "the browser has to come again");
    town.permit(0, who, 0);
    let again = format!("{cookie}last-event-id: {last}\r\n");
    let mut events = Events::with(&town.web, "/live?after=0", &again).await;
    assert_eq!(events.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_the_log_out() {
    let town = Town::with(|sandbox, it| it.discord(login(sandbox, sandbox.client_secret()))).await;
    let cookie = town.enter(town.owner(0)).await;
    let header = format!("cookie: {cookie}\r\n");
    let mut events = Events::with(&town.web, "/live?after=0", &header).await;
    for _ in 0..60 {
        events.next().await.unwrap();
    }
    let page = town.get("/joins", &cookie).await;
    let out = post("/logout", &format!("form={}", secret(&page)));
    let out = out
        .host(&town.web.address.to_string())
        .header("cookie", &cookie);
    assert_eq!(town.web.send(out).await.status, 303);
    let guild = town.guilds[0].to_string().parse().unwrap();
    let key = JoinKey::new(guild, user(400), ago(1));
    let claim = town.ledger.claim(Partition::ALL, "another").await.unwrap();
    let batch = Batch::of([Record::Join(Join::new(key, ago(1)))]);
    town.ledger.commit(claim, &batch).await.unwrap();
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn a_place_that_is_no_number_is_refused() {
    let (ledger, _) = empty().await;
    let web = Serving::of(ledger).await;
    assert_eq!(web.get("/live?after=x").await.status, 400);
}

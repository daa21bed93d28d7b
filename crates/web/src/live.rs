//! New joins as they come: server-sent events from the ledger's feed.
//!
//! An event's id is its place in the feed. A browser that reconnects sends the last one, and
//! goes on behind it, whether this process is the same or another one.

use std::{collections::VecDeque, convert::Infallible, future::pending, sync::Arc, time::Duration};

use axum::{
    extract::State,
    http::HeaderMap,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, stream};
use guestlist_client::Repeated;
use guestlist_ledger::{Change, ChangeFilter, ChangeKind, Cursor, JoinRow, News, Reports};
use guestlist_view::{Answered, for_terminal, member_label, moment};
use serde::Serialize;
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, sleep_until},
};

use crate::{
    access::Visit,
    app::App,
    fault::Fault,
    parts::tone_class,
    query::{BadQuery, Query, join_path},
};

/// How often the end of the feed is looked at while somebody follows it.
const LOOK: Duration = Duration::from_millis(400);
/// Entries that are read at once.
const PAGE: u32 = 100;

/// Looks at the end of the feed, for all streams together, until the dashboard stops.
pub(crate) async fn watch(app: App) {
    let unreadable = Repeated::new();
    let look = async {
        loop {
            if app.feed().receiver_count() > 0 {
                match app.every_ledger().latest().await {
                    Ok(end) => {
                        app.feed().send_if_modified(|it| {
                            let moved = *it != end;
                            *it = end;
                            moved
                        });
                    }
                    Err(error) => {
                        if let Some(times) = unreadable.note(()) {
                            tracing::warn!(%error, "the ledger's feed cannot be read{times}");
                        }
                    }
                }
            }
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        () = app.stop().cancelled() => {}
        () = look => {}
    }
}

/// Follows the joins of a server, or of all.
pub(crate) async fn stream(
    State(app): State<App>,
    query: Query,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let permit = app.streams().try_acquire_owned().map_err(|_| Fault::Busy)?;
    let last = headers.get("last-event-id").and_then(|it| it.to_str().ok());
    let after = match last.or_else(|| query.text("after")) {
        Some(number) => Cursor::new(number.parse().map_err(|_| BadQuery {
            name: "after",
            problem: "must be the id of an event".to_owned(),
        })?),
        None => app.every_ledger().latest().await?,
    };
    let mut filter = ChangeFilter::new()
        .kind(ChangeKind::Join)
        .kind(ChangeKind::Attribution);
    filter.guild = query.guild;
    let events = follow(app, query.visit, filter, after, permit);
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)));
    Ok(sse.into_response())
}

struct Following {
    app: App,
    visit: Visit,
    /// When the browser has to come again, so that it is asked who that is.
    until: Option<Instant>,
    ledger: Arc<dyn Reports>,
    filter: ChangeFilter,
    read: Cursor,
    page: VecDeque<Change>,
    feed: tokio::sync::watch::Receiver<Cursor>,
    _permit: OwnedSemaphorePermit,
}

fn follow(
    app: App,
    visit: Visit,
    filter: ChangeFilter,
    after: Cursor,
    permit: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let mut feed = app.feed().subscribe();
    // What is there already has to be read before anything new comes.
    feed.mark_changed();
    let following = Following {
        until: app.access().look_again().map(|it| Instant::now() + it),
        ledger: app.ledger(&visit),
        visit,
        app,
        filter,
        read: after,
        page: VecDeque::new(),
        feed,
        _permit: permit,
    };
    stream::unfold(following, async |mut it| {
        let change = it.next().await?;
        let event = event(&change)?;
        Some((Ok(event), it))
    })
}

impl Following {
    /// The next entry; none when the dashboard stops or the ledger cannot be read, after
    /// which the browser connects again.
    async fn next(&mut self) -> Option<Change> {
        loop {
            if let Some(change) = self.page.pop_front() {
                let guild = change.news.guild();
                return self
                    .app
                    .access()
                    .still_sees(&self.visit, guild)
                    .then_some(change);
            }
            tokio::select! {
                () = self.app.stop().cancelled() => return None,
                () = passed(self.until) => return None,
                changed = self.feed.changed() => changed.ok()?,
            }
            let changes = self
                .ledger
                .changes(self.read, &self.filter, PAGE)
                .await
                .ok()?;
            self.read = changes.next.max(self.read);
            if changes.entries.len() == PAGE as usize {
                // There may be more behind a full page.
                self.feed.mark_changed();
            }
            self.page.extend(changes.entries);
        }
    }
}

/// Ends at a time; never, if there is none.
async fn passed(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
}

/// A join as the script shows it. Every text in it is shown as text.
#[derive(Serialize)]
struct Shown {
    key: String,
    href: String,
    at: String,
    server: Option<String>,
    member: String,
    way: Option<String>,
    inviter: Option<String>,
    certainty: String,
    left: Option<String>,
    tone: &'static str,
}

fn event(change: &Change) -> Option<Event> {
    let (News::Join(row) | News::Attribution(row)) = &change.news else {
        return None;
    };
    let shown = serde_json::to_string(&shown(row)).ok()?;
    Some(
        Event::default()
            .id(change.cursor.to_string())
            .event("join")
            .data(shown),
    )
}

fn shown(row: &JoinRow) -> Shown {
    let answer = row.answer();
    let text = |text: &str| for_terminal(text).into_owned();
    Shown {
        key: join_path(&row.join.key).into_owned(),
        href: join_path(&row.join.key).into_owned(),
        at: moment(row.join.joined_at),
        server: row.guild_name.as_deref().map(text),
        member: text(&member_label(row)),
        way: answer.way().map(|way| text(&way)),
        inviter: answer.inviter_label().map(|it| text(&it)),
        certainty: answer.certainty_word().to_owned(),
        left: row.left_at.map(moment),
        tone: tone_class(answer.tone()),
    }
}

//! One shard: its session over all its connections.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use guestlist_model::{Envelope, Event, RawFrame, ShardId};
use serde_json::{Value, json};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep, sleep_until},
};
use tokio_websockets::Connector;
use twilight_gateway_queue::{InMemoryQueue, Queue as _};

use super::{
    GatewayError, GatewayItem, Intents, Item, SavedSession,
    connection::{Connection, Read},
    heart::Heart,
    pauses::Pauses,
};
use crate::{GatewayUrl, Token};

/// How long Discord may take to answer our farewell.
const FAREWELL: Duration = Duration::from_secs(2);
/// How long Discord may take to say hello.
const HELLO: Duration = Duration::from_secs(20);
/// Closes a connection such that its session can be resumed: 1000 and 1001 end it.
const RESUMABLE: u16 = 4000;

/// What all shards share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) token: Token,
    pub(super) intents: Intents,
    pub(super) url: GatewayUrl,
    /// Lets a shard identify when Discord's limits do.
    pub(super) queue: InMemoryQueue,
    /// Building it once lets all shards share one set of certificates.
    pub(super) tls: Arc<Connector>,
}

pub(super) struct Task {
    id: ShardId,
    shared: Shared,
    /// What can be resumed.
    session: Option<SavedSession>,
    /// A session was given that is of no use.
    was_refused: bool,
    items: mpsc::Sender<GatewayItem>,
    stop: watch::Receiver<bool>,
    asked: mpsc::UnboundedReceiver<u64>,
    heart: Heart,
    pauses: Pauses,
}

/// How a connection ended.
enum End {
    /// The gateway was asked to close, or nobody listens any more.
    Stopped,
    /// Discord does not want this shard again.
    Fatal(GatewayError),
    /// Another connection is to be made.
    Again(String),
}

/// What one connection is about to do.
#[derive(Default)]
struct Phase {
    /// When Discord must have said hello; `None` once it has.
    hello_until: Option<Instant>,
    /// Comes when the shard may identify.
    permit: Option<oneshot::Receiver<()>>,
    /// The farewell was said, and is waited for until then.
    farewell: Option<Instant>,
}

impl Task {
    pub(super) fn new(
        id: ShardId,
        shared: Shared,
        saved: Option<&SavedSession>,
        items: mpsc::Sender<GatewayItem>,
        stop: watch::Receiver<bool>,
        asked: mpsc::UnboundedReceiver<u64>,
    ) -> Self {
        let usable = saved.filter(|session| session.shard == id);
        Self {
            id,
            shared,
            session: usable.cloned(),
            was_refused: saved.is_some() && usable.is_none(),
            items,
            stop,
            asked,
            heart: Heart::default(),
            pauses: Pauses::default(),
        }
    }

    pub(super) async fn run(mut self) {
        if self.was_refused {
            tracing::warn!(
                shard = %self.id,
                "the saved session has another number of shards"
            );
            self.tell(Item::SessionLost).await;
        }
        loop {
            match self.connection().await {
                End::Stopped => return,
                End::Fatal(error) => return self.tell(Item::Fatal(error)).await,
                End::Again(reason) => {
                    if self.items.is_closed() {
                        return;
                    }
                    let pause = self.pauses.ended(self.id, &reason);
                    self.tell(Item::Reconnecting { reason }).await;
                    tokio::select! {
                        () = sleep(pause) => {}
                        () = asked_to_stop(&mut self.stop) => return,
                    }
                }
            }
        }
    }

    async fn tell(&self, item: Item) {
        // An error means that nobody reads any more, which `run` looks at.
        let _ = self
            .items
            .send(GatewayItem {
                shard: self.id,
                item,
            })
            .await;
    }

    /// Makes a connection and goes on until it ends.
    async fn connection(&mut self) -> End {
        self.heart.reconnect();
        let url = self.where_to();
        let tls = Arc::clone(&self.shared.tls);
        let opened = tokio::select! {
            opened = Connection::open(&url, &tls) => opened,
            () = asked_to_stop(&mut self.stop) => return End::Stopped,
        };
        let mut connection = match opened {
            Ok(connection) => connection,
            Err(error) => {
                // The host that READY named may be gone.
                if let Some(session) = &mut self.session {
                    session.resume_url.clear();
                }
                return End::Again(error.to_string());
            }
        };
        let mut phase = Phase {
            hello_until: Some(Instant::now() + HELLO),
            ..Phase::default()
        };
        loop {
            match self.step(&mut connection, &mut phase).await {
                Ok(()) if self.items.is_closed() => return End::Stopped,
                Ok(()) => {}
                Err(_) if phase.farewell.is_some() => return End::Stopped,
                Err(end) => return end,
            }
        }
    }

    /// Where to connect: where the session is, or to the gateway.
    fn where_to(&self) -> GatewayUrl {
        let resume = self
            .session
            .as_ref()
            .map(|session| session.resume_url.parse());
        match resume {
            Some(Ok(url)) => url,
            _ => self.shared.url.clone(),
        }
    }

    /// Waits for what happens next, and does what follows from it.
    async fn step(&mut self, connection: &mut Connection, phase: &mut Phase) -> Result<(), End> {
        let is_leaving = phase.farewell.is_some();
        tokio::select! {
            biased;
            // Also when the gateway is dropped.
            () = asked_to_stop(&mut self.stop), if !is_leaving => {
                phase.farewell = Some(Instant::now() + FAREWELL);
                sent(connection.close(RESUMABLE).await)
            }
            () = until(phase.farewell), if is_leaving => Err(End::Stopped),
            Some(barrier) = self.asked.recv() => {
                self.heart.ask(barrier);
                Ok(())
            }
            () = until(self.heart.due()), if !is_leaving => {
                if self.heart.is_dead() {
                    let _ = connection.close(RESUMABLE).await;
                    return Err(again("heartbeats are not acknowledged"));
                }
                self.beat(connection).await
            }
            () = until(phase.hello_until) => Err(again("Discord did not send HELLO")),
            permit = allowed(&mut phase.permit) => {
                // Without a permit the queue was closed, which is with the gateway.
                phase.permit = None;
                match permit {
                    Ok(()) => sent(connection.send(&self.identify()).await),
                    Err(_) => Err(End::Stopped),
                }
            }
            read = connection.next() => match read {
                Some(Ok(Read::Frame(frame))) => self.frame(connection, phase, frame).await,
                Some(Ok(Read::Closed(close))) => Err(self.closed(close).await),
                Some(Err(error)) => Err(End::Again(error.to_string())),
                None => Err(again("the connection was lost")),
            },
        }
    }

    async fn frame(
        &mut self,
        connection: &mut Connection,
        phase: &mut Phase,
        bytes: Bytes,
    ) -> Result<(), End> {
        let envelope = Envelope::read(&bytes);
        match envelope.op {
            // What cannot be read may have been an event.
            Some(opcode::DISPATCH) | None => {
                self.event(envelope, bytes).await;
                Ok(())
            }
            Some(opcode::HEARTBEAT) => self.beat(connection).await,
            Some(opcode::RECONNECT) => {
                let _ = connection.close(RESUMABLE).await;
                Err(again("Discord requested a reconnect"))
            }
            Some(opcode::INVALID_SESSION) => {
                if !envelope.flag {
                    self.lose_session().await;
                }
                let _ = connection.close(RESUMABLE).await;
                Err(again("the session is invalid"))
            }
            Some(opcode::HELLO) => {
                let interval = heartbeat_interval(&bytes)
                    .ok_or_else(|| again("Discord's HELLO has no heartbeat interval"))?;
                self.heart.begin(interval);
                phase.hello_until = None;
                match &self.session {
                    Some(session) => sent(connection.send(&self.resume(session)).await),
                    None => {
                        phase.permit = Some(self.shared.queue.enqueue(self.id.number()));
                        Ok(())
                    }
                }
            }
            Some(opcode::HEARTBEAT_ACK) => {
                for barrier in self.heart.acknowledged() {
                    self.tell(Item::Barrier(barrier)).await;
                }
                Ok(())
            }
            Some(_) => Ok(()),
        }
    }

    async fn event(&mut self, envelope: Envelope, bytes: Bytes) {
        let frame = RawFrame::of(self.id, envelope, bytes);
        match frame.name.as_deref() {
            Some("READY") => self.begin_session(&frame).await,
            Some("RESUMED") => self.established(),
            _ => {}
        }
        if let (Some(session), Some(sequence)) = (&mut self.session, frame.sequence) {
            session.sequence = sequence;
        }
        self.tell(Item::Frame(frame)).await;
    }

    async fn begin_session(&mut self, frame: &RawFrame) {
        // A server that begins a new session without a word of the old one.
        self.lose_session().await;
        let Ok(Some(decoded)) = Event::from_frame(&frame.bytes) else {
            return;
        };
        let Event::Ready(ready) = decoded.event else {
            return;
        };
        self.established();
        let told = ready.resume_gateway_url.as_deref().unwrap_or_default();
        let url = told.parse::<GatewayUrl>();
        if url.is_err() {
            tracing::warn!(shard = %self.id, told, "READY has an unusable resume URL");
        }
        let session = SavedSession::new(
            self.id,
            ready.session_id.to_string(),
            url.map(|url| url.to_string()).unwrap_or_default(),
            frame.sequence.unwrap_or_default(),
        );
        self.session = Some(session.clone());
        self.tell(Item::Session(session)).await;
    }

    fn established(&mut self) {
        self.pauses.established();
        self.heart.set_active();
    }

    async fn lose_session(&mut self) {
        if self.session.take().is_some() {
            self.tell(Item::SessionLost).await;
        }
    }

    async fn closed(&mut self, close: Option<(u16, String)>) -> End {
        let Some((code, reason)) = close else {
            return again("closed without a code");
        };
        if let Some(error) = GatewayError::from_close_code(code) {
            return End::Fatal(error);
        }
        if close_code::ENDS_SESSION.contains(&code) {
            self.lose_session().await;
        }
        End::Again(if reason.is_empty() {
            format!("closed with code {code}")
        } else {
            format!("closed with code {code}: {reason}")
        })
    }

    async fn beat(&mut self, connection: &mut Connection) -> Result<(), End> {
        self.heart.beat();
        let sequence = self.session.as_ref().map(|session| session.sequence);
        sent(
            connection
                .send(&json!({"op": opcode::HEARTBEAT, "d": sequence}))
                .await,
        )
    }

    fn identify(&self) -> Value {
        json!({"op": opcode::IDENTIFY, "d": {
            "token": self.shared.token.expose(),
            "intents": self.shared.intents.bits(),
            "shard": self.id,
            "compress": false,
            "large_threshold": 250,
            "properties": {"os": std::env::consts::OS, "browser": "guestlist", "device": "guestlist"},
        }})
    }

    fn resume(&self, session: &SavedSession) -> Value {
        json!({"op": opcode::RESUME, "d": {
            "token": self.shared.token.expose(),
            "session_id": session.session_id,
            "seq": session.sequence,
        }})
    }
}

fn again(reason: &str) -> End {
    End::Again(reason.to_owned())
}

/// What was sent has arrived at least at this machine's network.
fn sent(outcome: Result<(), crate::TransportError>) -> Result<(), End> {
    outcome.map_err(|error| End::Again(error.to_string()))
}

/// The interval in HELLO. One of zero would never let anything else be done.
fn heartbeat_interval(hello: &[u8]) -> Option<Duration> {
    let hello: Value = serde_json::from_slice(hello).ok()?;
    let millis = hello.get("d")?.get("heartbeat_interval")?.as_u64()?;
    (millis > 0).then(|| Duration::from_millis(millis))
}

async fn asked_to_stop(stop: &mut watch::Receiver<bool>) {
    // An error means that the gateway was dropped.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// At that moment; never, if there is none.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// When the shard may identify; never, if it did not ask.
async fn allowed(
    permit: &mut Option<oneshot::Receiver<()>>,
) -> Result<(), oneshot::error::RecvError> {
    match permit {
        Some(permit) => permit.await,
        None => std::future::pending().await,
    }
}

/// See [Discord Docs/Gateway Opcodes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-opcodes).
mod opcode {
    pub(super) const DISPATCH: u64 = 0;
    pub(super) const HEARTBEAT: u64 = 1;
    pub(super) const IDENTIFY: u64 = 2;
    pub(super) const RESUME: u64 = 6;
    pub(super) const RECONNECT: u64 = 7;
    pub(super) const INVALID_SESSION: u64 = 9;
    pub(super) const HELLO: u64 = 10;
    pub(super) const HEARTBEAT_ACK: u64 = 11;
}

/// See [Discord Docs/Gateway Close Event Codes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
mod close_code {
    /// An invalid sequence number, and a session that timed out: a new one is to begin.
    pub(super) const ENDS_SESSION: [u16; 2] = [4007, 4009];
}

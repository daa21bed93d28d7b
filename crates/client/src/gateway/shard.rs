//! One shard: its session over all its connections.

use std::{ops::RangeInclusive, sync::Arc, time::Duration};

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
    Cause, CauseKind, GatewayError, GatewayItem, Intents, Item, SavedSession,
    connection::{Connection, Read},
    heart::Heart,
    pauses::Pauses,
    queue::Sender,
    trust::Trust,
};
use crate::{GatewayUrl, Repeated, Token, words};

/// How long Discord may take to respond to a close frame.
const FAREWELL: Duration = Duration::from_secs(2);
/// How many times longer than other responses the start of a session may take, because
/// Discord collects the content of READY or the missed events.
const SESSION: u32 = 3;
/// The accepted heartbeat intervals; Discord's is 41.25 seconds. A shorter one would be a
/// flood, and with a longer one a dead connection would not be noticed.
const RHYTHM: RangeInclusive<Duration> = Duration::from_millis(100)..=Duration::from_secs(600);
/// How many frames of a connection may be invalid before the connection is closed.
const ODD_FRAMES: usize = 50;
/// The close code that keeps the session resumable; 1000 and 1001 end it.
const RESUMABLE: u16 = 4000;

/// What all shards share.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) token: Token,
    pub(super) intents: Intents,
    pub(super) url: GatewayUrl,
    /// Lets a shard identify when Discord's limits allow it.
    pub(super) queue: InMemoryQueue,
    /// Building it once lets all shards share one set of certificates.
    pub(super) tls: Arc<Connector>,
    /// The addresses to which the token may be sent.
    pub(super) trust: Arc<Trust>,
    /// How long the gateway may take to respond.
    pub(super) timeout: Duration,
    /// The logged reasons why connections failed.
    pub(super) said: Arc<Repeated<Cause>>,
    /// Other logged events.
    pub(super) oddities: Arc<Repeated<&'static str>>,
}

pub(super) struct Task {
    id: ShardId,
    shared: Shared,
    /// The session to resume.
    session: Option<SavedSession>,
    /// Whether a given session cannot be used.
    was_refused: bool,
    items: Sender,
    stop: watch::Receiver<bool>,
    asked: mpsc::UnboundedReceiver<u64>,
    heart: Heart,
    pauses: Pauses,
}

/// How a connection ended.
enum End {
    /// The gateway is being closed, or nobody reads it any longer.
    Stopped,
    /// The shard cannot continue.
    Fatal(GatewayError),
    /// The shard opens another connection.
    Again(Cause),
}

/// The progress of one connection.
#[derive(Default)]
struct Phase {
    /// The deadline for HELLO; `None` once it has arrived.
    hello_until: Option<Instant>,
    /// Resolves when the shard may identify.
    permit: Option<oneshot::Receiver<()>>,
    /// The deadline for READY or RESUMED, which events extend.
    session_until: Option<Instant>,
    /// Whether READY or RESUMED has arrived.
    has_begun: bool,
    /// The number of invalid frames.
    odd: usize,
    /// The deadline for the response to the close frame, once it was sent.
    farewell: Option<Instant>,
}

impl Task {
    pub(super) fn new(
        id: ShardId,
        shared: Shared,
        saved: Option<&SavedSession>,
        items: Sender,
        stop: watch::Receiver<bool>,
        asked: mpsc::UnboundedReceiver<u64>,
    ) -> Self {
        let usable = saved.filter(|session| session.shard == id);
        let pauses = Pauses::new(Arc::clone(&shared.said));
        Self {
            id,
            shared,
            session: usable.cloned(),
            was_refused: saved.is_some() && usable.is_none(),
            items,
            stop,
            asked,
            heart: Heart::default(),
            pauses,
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
                End::Again(mut reason) => {
                    reason.text = self.masked(&reason.text);
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
        let shard = self.id;
        self.items.send(GatewayItem { shard, item }).await;
    }

    /// Opens a connection and runs it until it ends.
    async fn connection(&mut self) -> End {
        self.heart.reconnect();
        let url = self.where_to();
        let tls = Arc::clone(&self.shared.tls);
        let opened = tokio::select! {
            opened = Connection::open(&url, &tls, self.shared.timeout) => opened,
            () = asked_to_stop(&mut self.stop) => return End::Stopped,
        };
        let mut connection = match opened {
            Ok(connection) => connection,
            Err(error) => {
                // The host that READY named may be gone.
                if let Some(session) = &mut self.session {
                    session.resume_url.clear();
                }
                return again(CauseKind::Unreachable, &error.to_string());
            }
        };
        let mut phase = Phase {
            hello_until: Some(Instant::now() + self.shared.timeout),
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

    /// The URL to connect to: that of the session, or else the gateway's.
    fn where_to(&self) -> GatewayUrl {
        let resume = self
            .session
            .as_ref()
            .map(|session| session.resume_url.parse());
        match resume {
            // One that was stored came from a server, too.
            Some(Ok(url)) if self.shared.trust.check(&url).is_ok() => url,
            _ => self.shared.url.clone(),
        }
    }

    /// Waits for the next event of the connection and handles it.
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
                    return Err(again(CauseKind::Silent, "heartbeats are not acknowledged"));
                }
                self.beat(connection).await
            }
            () = until(phase.hello_until) => {
                Err(again(CauseKind::Silent, "Discord did not send HELLO"))
            }
            () = until(phase.session_until), if !is_leaving => {
                let _ = connection.close(RESUMABLE).await;
                Err(again(CauseKind::Silent, "Discord did not begin or resume the session"))
            }
            permit = allowed(&mut phase.permit) => {
                // Without a permit the queue was closed, which is with the gateway.
                phase.permit = None;
                match permit {
                    Ok(()) => {
                        self.expect_session(phase);
                        sent(connection.send(&self.identify()).await)
                    }
                    Err(_) => Err(End::Stopped),
                }
            }
            read = connection.next() => match read {
                Some(Ok(Read::Frame(frame))) => {
                    let frame = self.without_secret(frame);
                    self.frame(connection, phase, frame).await
                }
                Some(Ok(Read::Closed(close))) => Err(self.closed(close).await),
                Some(Err(cause)) => Err(End::Again(cause)),
                None => Err(again(CauseKind::Closed, "the connection was lost")),
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
            Some(opcode::DISPATCH) => self.event(phase, envelope, bytes).await,
            None => {
                phase.odd += 1;
                if phase.odd > ODD_FRAMES {
                    let _ = connection.close(RESUMABLE).await;
                    return Err(malformed("Discord sends frames that are no gateway frames"));
                }
                // It may have been an event.
                self.event(phase, envelope, bytes).await
            }
            Some(opcode::HEARTBEAT) => {
                self.heart.demand();
                Ok(())
            }
            Some(opcode::RECONNECT) => {
                let _ = connection.close(RESUMABLE).await;
                Err(again(CauseKind::Requested, "Discord requested a reconnect"))
            }
            Some(opcode::INVALID_SESSION) => {
                if !envelope.flag {
                    self.lose_session().await;
                }
                let _ = connection.close(RESUMABLE).await;
                Err(again(CauseKind::Requested, "the session is invalid"))
            }
            Some(opcode::HELLO) => {
                if phase.hello_until.is_none() {
                    return Err(malformed("Discord sent HELLO twice"));
                }
                let interval = heartbeat_interval(&bytes).ok_or_else(|| {
                    malformed("Discord's HELLO has no heartbeat interval that can be kept")
                })?;
                self.heart.begin(interval);
                phase.hello_until = None;
                match &self.session {
                    Some(session) => {
                        self.expect_session(phase);
                        sent(connection.send(&self.resume(session)).await)
                    }
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

    async fn event(
        &mut self,
        phase: &mut Phase,
        envelope: Envelope,
        bytes: Bytes,
    ) -> Result<(), End> {
        let frame = RawFrame::of(self.id, envelope, bytes);
        match frame.name.as_deref() {
            Some("READY") if phase.has_begun => {
                return Err(malformed(
                    "Discord began a second session on one connection",
                ));
            }
            Some("READY") => phase.has_begun = self.begin_session(&frame).await,
            Some("RESUMED") => {
                phase.has_begun = true;
                self.established();
            }
            _ => {}
        }
        if phase.has_begun {
            phase.session_until = None;
        } else if phase.session_until.is_some() && frame.sequence.is_some() {
            // What was missed is on its way.
            self.expect_session(phase);
        }
        if let (Some(session), Some(sequence)) = (&mut self.session, frame.sequence) {
            if sequence < session.sequence
                && let Some(times) = self.shared.oddities.note("sequence")
            {
                tracing::warn!(
                    shard = %self.id,
                    from = session.sequence,
                    to = sequence,
                    "sequence numbers go back; the events count{times}"
                );
            }
            session.sequence = session.sequence.max(sequence);
        }
        self.tell(Item::Frame(frame)).await;
        Ok(())
    }

    /// Returns whether READY could be read.
    async fn begin_session(&mut self, frame: &RawFrame) -> bool {
        // A server that begins a new session without a word of the old one.
        self.lose_session().await;
        let Ok(Some(decoded)) = Event::from_frame(&frame.bytes) else {
            return false;
        };
        let Event::Ready(ready) = decoded.event else {
            return false;
        };
        self.established();
        let told = ready.resume_gateway_url.as_deref().unwrap_or_default();
        let url = told
            .parse::<GatewayUrl>()
            .map_err(|error| Cause::new(CauseKind::Malformed, &error.to_string()))
            .and_then(|url| self.shared.trust.check(&url).map(|()| url));
        if let Err(reason) = &url
            && let Some(times) = self.shared.oddities.note("resume URL")
        {
            let reason = self.masked(&reason.text);
            tracing::warn!(
                shard = %self.id,
                reason,
                "READY has an unusable resume URL; the session will be resumed at the gateway's own{times}"
            );
        }
        let session = SavedSession::new(
            self.id,
            ready.session_id.to_string(),
            url.map(|url| url.to_string()).unwrap_or_default(),
            frame.sequence.unwrap_or_default(),
        );
        self.session = Some(session.clone());
        self.tell(Item::Session(session)).await;
        true
    }

    fn expect_session(&self, phase: &mut Phase) {
        phase.session_until = Some(Instant::now() + self.shared.timeout * SESSION);
    }

    /// Removes the token from a server's text.
    fn masked(&self, text: &str) -> String {
        let bytes = words::without(self.shared.token.secret(), text.as_bytes().to_vec());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Removes the token from a frame, in case the server repeats it.
    fn without_secret(&self, frame: Bytes) -> Bytes {
        let secret = self.shared.token.secret();
        if words::repeats(secret, &frame) {
            words::without(secret, frame.into()).into()
        } else {
            frame
        }
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
            return again(CauseKind::Closed, "closed without a code");
        };
        if let Some(error) = GatewayError::from_close_code(code) {
            return End::Fatal(error);
        }
        if close_code::ENDS_SESSION.contains(&code) {
            self.lose_session().await;
        }
        let text = match words::harmless(&self.masked(&reason)) {
            words if words.is_empty() => format!("closed with code {code}"),
            words => format!("closed with code {code}: {words}"),
        };
        again(CauseKind::Closed, &text)
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

fn again(kind: CauseKind, text: &str) -> End {
    End::Again(Cause::new(kind, text))
}

fn malformed(text: &str) -> End {
    again(CauseKind::Malformed, text)
}

/// Converts the result of sending a frame.
fn sent(outcome: Result<(), crate::TransportError>) -> Result<(), End> {
    outcome.map_err(|error| again(CauseKind::Closed, &error.to_string()))
}

/// The interval in HELLO, if it is within the accepted range.
fn heartbeat_interval(hello: &[u8]) -> Option<Duration> {
    let hello: Value = serde_json::from_slice(hello).ok()?;
    let millis = hello.get("d")?.get("heartbeat_interval")?.as_u64()?;
    let interval = Duration::from_millis(millis);
    RHYTHM.contains(&interval).then_some(interval)
}

async fn asked_to_stop(stop: &mut watch::Receiver<bool>) {
    // An error means that the gateway was dropped.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// Waits until this time; forever if there is none.
async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Waits until the shard may identify; forever if it has not requested it.
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
    /// Invalid sequence number, and session timed out: a new session must begin.
    pub(super) const ENDS_SESSION: [u16; 2] = [4007, 4009];
}

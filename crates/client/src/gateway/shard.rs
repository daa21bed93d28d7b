//! One shard: reads frames, decodes what we use, keeps track of the session.

use super::{GatewayError, GatewayItem, Item, SavedSession, barriers::Barriers, pauses::Pauses};
use crate::{AnswerError, GatewayUrl};
use futures_util::StreamExt as _;
use guestlist_model::{Decoder, Envelope, Event, ShardId};
use serde_json::json;
use std::{future::poll_fn, task::Poll, time::Duration};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until, timeout_at},
};
use twilight_gateway::{
    Config, ConfigBuilder, Message, Session, Shard, ShardId as TwilightId, ShardState,
    error::ReceiveMessageError, queue::InMemoryQueue,
};
use twilight_model::gateway::CloseFrame;

/// How long Discord may take to answer our farewell.
const FAREWELL: Duration = Duration::from_secs(2);
/// The longest pause in which twilight may be left to its next connection: it gives up on
/// one after ten seconds, which go on meanwhile.
const LONGEST_UNPOLLED: Duration = Duration::from_secs(2);

pub(super) struct Task {
    id: ShardId,
    shard: Shard<InMemoryQueue>,
    /// There is a session whose loss would be news.
    has_session: bool,
    /// A session was given that is of no use.
    was_refused: bool,
    items: mpsc::Sender<GatewayItem>,
    stop: watch::Receiver<bool>,
    asked: mpsc::UnboundedReceiver<u64>,
    barriers: Barriers,
    /// Whether the shard was connected when it was last looked at.
    connected: bool,
    /// What repeats in a shard's events is decoded once.
    decoder: Decoder,
    pauses: Pauses,
}

/// What the shard came up with.
enum Seen {
    Message(Result<Message, ReceiveMessageError>),
    /// The connection ended without a word, and twilight makes another.
    Cut,
    End,
}

/// What becomes of a shard after a message.
enum Next {
    Continue,
    End,
}

impl Task {
    pub(super) fn new(
        id: ShardId,
        config: Config<InMemoryQueue>,
        saved: Option<&SavedSession>,
        items: mpsc::Sender<GatewayItem>,
        stop: watch::Receiver<bool>,
        asked: mpsc::UnboundedReceiver<u64>,
    ) -> Self {
        let usable = saved.filter(|session| session.shard == id);
        let config = match usable {
            Some(session) => resuming(config, session),
            None => config,
        };
        Self {
            id,
            shard: Shard::with_config(TwilightId::new(id.number(), id.count().get()), config),
            has_session: usable.is_some(),
            was_refused: saved.is_some() && usable.is_none(),
            items,
            stop,
            asked,
            barriers: Barriers::default(),
            connected: false,
            decoder: Decoder::new(),
            pauses: Pauses::default(),
        }
    }

    pub(super) async fn run(mut self) {
        if self.was_refused {
            tracing::warn!(
                shard = %self.id,
                "the saved session is of another number of shards"
            );
            self.tell(Item::SessionLost).await;
        }
        let mut farewell: Option<Instant> = None;
        loop {
            let message = match farewell {
                Some(deadline) => {
                    match timeout_at(deadline, see(&mut self.shard, &mut self.connected)).await {
                        Ok(message) => message,
                        Err(_) => return,
                    }
                }
                None => tokio::select! {
                    biased;
                    // Also when the gateway is dropped.
                    _ = self.stop.wait_for(|stop| *stop) => {
                        if matches!(self.shard.state(), ShardState::Disconnected { .. }) {
                            return;
                        }
                        self.shard.close(CloseFrame::RESUME);
                        farewell = Some(Instant::now() + FAREWELL);
                        continue;
                    }
                    Some(barrier) = self.asked.recv() => {
                        self.barriers.ask(barrier);
                        continue;
                    }
                    () = wait(self.barriers.due()), if self.shard.state() == ShardState::Active => {
                        self.barriers.beat();
                        let sequence = self.shard.session().map(Session::sequence);
                        self.shard.send(json!({"op": opcode::HEARTBEAT, "d": sequence}).to_string());
                        continue;
                    }
                    message = see(&mut self.shard, &mut self.connected) => message,
                },
            };
            self.barriers.theirs(self.shard.latency().sent());
            let closing = farewell.is_some();
            let next = match message {
                Seen::Message(Ok(Message::Text(text))) => self.text(text).await,
                Seen::Message(Ok(Message::Close(frame))) => {
                    self.closed(
                        frame.map(|frame| (frame.code, frame.reason.into_owned())),
                        closing,
                    )
                    .await
                }
                Seen::Message(Err(error)) => self.failed(error, closing).await,
                Seen::Cut if closing => Next::End,
                Seen::Cut => {
                    self.reconnecting("the connection broke".to_owned()).await;
                    Next::Continue
                }
                Seen::End => Next::End,
            };
            if matches!(next, Next::End) || self.items.is_closed() {
                return;
            }
        }
    }

    async fn tell(&mut self, item: Item) {
        // An error means that nobody reads any more, which `run` looks at.
        let _ = self
            .items
            .send(GatewayItem {
                shard: self.id,
                item,
            })
            .await;
    }

    async fn text(&mut self, text: String) -> Next {
        let frame = match self.decoder.frame(text.as_bytes()) {
            Ok(Some(frame)) => frame,
            Ok(None) => {
                self.control(&text).await;
                return Next::Continue;
            }
            Err(error) => {
                self.undecodable(text, error.into()).await;
                return Next::Continue;
            }
        };
        let sequence = frame.sequence.unwrap_or_default();
        if matches!(frame.event, Event::Ready(_) | Event::Resumed) {
            self.pauses.established();
        }
        if let Event::Ready(ready) = &frame.event {
            // A server that begins a new session without a word of the old one.
            self.lost().await;
            self.has_session = true;
            let url = self.check_resume_url(
                ready.resume_gateway_url.as_deref().unwrap_or_default(),
                &ready.session_id,
                sequence,
            );
            self.tell(Item::Session(SavedSession::new(
                self.id,
                ready.session_id.to_string(),
                url,
                sequence,
            )))
            .await;
        }
        self.tell(Item::Event {
            sequence,
            event: frame.event,
        })
        .await;
        Next::Continue
    }

    /// A frame that is no event.
    async fn control(&mut self, text: &str) {
        let frame = Envelope::read(text.as_bytes());
        match frame.op {
            Some(opcode::RECONNECT) => {
                self.tell_reconnecting("Discord asks for it".to_owned())
                    .await
            }
            Some(opcode::INVALID_SESSION) => {
                if !frame.flag {
                    self.lost().await;
                }
                self.tell_reconnecting("the session is invalid".to_owned())
                    .await;
            }
            Some(opcode::HELLO) => self.barriers.reconnected(),
            Some(opcode::HEARTBEAT_ACK) => {
                for barrier in self.barriers.acknowledged() {
                    self.tell(Item::Barrier(barrier)).await;
                }
            }
            _ => {}
        }
    }

    async fn tell_reconnecting(&mut self, reason: String) {
        self.tell(Item::Reconnecting { reason }).await;
    }

    async fn lost(&mut self) {
        if std::mem::take(&mut self.has_session) {
            self.tell(Item::SessionLost).await;
        }
    }

    async fn undecodable(&mut self, raw: String, error: AnswerError) {
        self.tell(Item::Undecodable { error, raw }).await;
    }

    /// twilight takes the URL of `READY` as it is, and panics if it is none.
    /// Then the shard is set up anew, with the same session.
    fn check_resume_url(&mut self, told: &str, session_id: &str, sequence: u64) -> String {
        let good = told.parse::<GatewayUrl>().map(|url| url.to_string());
        match good {
            Ok(url) if url == told.trim_end_matches('/') => url,
            good => {
                let url = good.unwrap_or_default();
                tracing::warn!(
                    shard = %self.id,
                    told,
                    "READY has an unusable resume URL"
                );
                let session =
                    SavedSession::new(self.id, session_id.to_owned(), url.clone(), sequence);
                let config = resuming(self.shard.config().clone(), &session);
                self.shard = Shard::with_config(self.shard.id(), config);
                url
            }
        }
    }

    async fn closed(&mut self, frame: Option<(u16, String)>, closing: bool) -> Next {
        if let Some(error) = frame
            .as_ref()
            .and_then(|(code, _)| GatewayError::from_close_code(*code))
        {
            self.tell(Item::Fatal(error)).await;
            return Next::End;
        }
        if closing {
            return Next::End;
        }
        let reason = match frame {
            Some((code, reason)) if reason.is_empty() => format!("closed with code {code}"),
            Some((code, reason)) => format!("closed with code {code}: {reason}"),
            None => "closed without a code".to_owned(),
        };
        self.reconnecting(reason).await;
        Next::Continue
    }

    async fn failed(&mut self, error: ReceiveMessageError, closing: bool) -> Next {
        use twilight_gateway::error::ReceiveMessageErrorType as Type;

        if closing {
            return Next::End;
        }
        let words = crate::TransportError::new(&error).to_string();
        match error.into_parts().0 {
            Type::Deserializing { event } => {
                self.undecodable(event, AnswerError::new("$", "not a frame of the gateway"))
                    .await;
            }
            _ => self.reconnecting(words).await,
        }
        Next::Continue
    }

    /// A connection ended, and the shard makes another after a pause: a server that
    /// refuses it again and again must not make us spin.
    async fn reconnecting(&mut self, reason: String) {
        let pause = self.pauses.ended(self.id, &reason);
        self.tell_reconnecting(reason).await;
        // After connections that could not be made, twilight waits by itself.
        let attempts = match self.shard.state() {
            ShardState::Disconnected { reconnect_attempts } => reconnect_attempts,
            _ => 0,
        };
        if attempts > 0 || pause.is_zero() {
            return;
        }
        if pause > LONGEST_UNPOLLED {
            self.begin_anew();
        }
        let mut stop = self.stop.clone();
        tokio::select! {
            () = sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => {}
        }
    }

    /// Drops a connection that is being made, which would time out in a long pause. The
    /// session is kept.
    fn begin_anew(&mut self) {
        let config = self.shard.config().clone();
        let config = match self.shard.session() {
            Some(session) => {
                let session = SavedSession::new(
                    self.id,
                    session.id().to_owned(),
                    self.shard.resume_url().unwrap_or_default().to_owned(),
                    session.sequence(),
                );
                resuming(config, &session)
            }
            None => config,
        };
        self.shard = Shard::with_config(self.shard.id(), config);
        self.connected = false;
    }
}

/// The next message, or that there is another connection: twilight says
/// nothing of one that ends without a close frame. Cancel safe.
async fn see(shard: &mut Shard<InMemoryQueue>, was_connected: &mut bool) -> Seen {
    poll_fn(|cx| {
        let poll = shard.poll_next_unpin(cx);
        let connected = !matches!(shard.state(), ShardState::Disconnected { .. });
        let cut = std::mem::replace(was_connected, connected) && !connected;
        match poll {
            Poll::Ready(Some(message)) => Poll::Ready(Seen::Message(message)),
            Poll::Ready(None) => Poll::Ready(Seen::End),
            Poll::Pending if cut => Poll::Ready(Seen::Cut),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

fn resuming(config: Config<InMemoryQueue>, session: &SavedSession) -> Config<InMemoryQueue> {
    let builder = ConfigBuilder::from(config)
        .session(Session::new(session.sequence, session.session_id.clone()));
    match session.resume_url.parse::<GatewayUrl>() {
        Ok(url) => builder.resume_url(url.to_string()).build(),
        Err(_) => builder.build(),
    }
}

/// At that moment; never, if there is none.
async fn wait(until: Option<Instant>) {
    match until {
        Some(until) => sleep_until(until).await,
        None => std::future::pending().await,
    }
}

/// See [Discord Docs/Gateway Opcodes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-opcodes).
mod opcode {
    pub(super) const HEARTBEAT: u64 = 1;
    pub(super) const RECONNECT: u64 = 7;
    pub(super) const INVALID_SESSION: u64 = 9;
    pub(super) const HELLO: u64 = 10;
    pub(super) const HEARTBEAT_ACK: u64 = 11;
}

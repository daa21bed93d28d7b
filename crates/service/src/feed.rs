//! Events from a bot that has its own gateway connection.

use std::{collections::BTreeMap, convert::Infallible, fmt};

use bytes::Bytes;
use guestlist_client::{Cause, Repeated};
use guestlist_model::{Envelope, RawFrame, ShardId};
use tokio::sync::mpsc;

use crate::{Connect, EventSource, GatewaySession, Signal, SignalKind};

/// Passes events to the service from a bot that has its own gateway connection. Cheap to
/// clone.
///
/// ```no_run
/// use guestlist_client::Client;
/// use guestlist_ledger::SqliteLedger;
/// use guestlist_model::ShardId;
/// use guestlist_service::{Feed, Service};
///
/// # async fn example(http: Client, frame: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let (feed, source) = Feed::new();
/// let ledger = SqliteLedger::open("guestlist.db").await?;
/// let running = Service::builder(http, source, ledger).build().start().await?;
///
/// // For every frame of the bot's connection, in order:
/// feed.frame(ShardId::ONE, frame);
/// # Ok(()) }
/// ```
///
/// No method blocks or fails. Once the service has ended, events are dropped.
///
/// # What to report
///
/// Counts prove who used an invite only if no other join was missed. So pass every event
/// of a shard, including `READY` and `RESUMED`, in order and without delay, and report
/// when the connection is [lost](Self::disconnected).
///
/// The service does not store the bot's gateway sessions. After a restart, it continues
/// with the state in the ledger, and searches for members who joined in the meantime when
/// `GUILD_CREATE` arrives.
#[derive(Clone)]
pub struct Feed {
    inputs: mpsc::UnboundedSender<Input>,
}

/// The source of events that belongs to a [`Feed`].
pub struct Fed {
    inputs: mpsc::UnboundedReceiver<Input>,
    /// Whether events arrive on a shard.
    live: BTreeMap<ShardId, bool>,
    /// Sessions in the ledger that belong to another program.
    foreign: Vec<ShardId>,
    /// The logged reasons why connections were lost.
    said: Repeated<Cause>,
}

enum Input {
    Frame(RawFrame),
    Gone(ShardId, Cause),
}

/// Whether the tracker uses events with this name.
fn matters(name: &str) -> bool {
    matches!(
        name,
        "READY"
            | "RESUMED"
            | "GUILD_CREATE"
            | "GUILD_UPDATE"
            | "GUILD_DELETE"
            | "GUILD_MEMBER_ADD"
            | "GUILD_MEMBER_REMOVE"
            | "GUILD_MEMBER_UPDATE"
            | "INVITE_CREATE"
            | "INVITE_DELETE"
            | "GUILD_AUDIT_LOG_ENTRY_CREATE"
    )
}

impl Feed {
    /// Creates a feed and its source for [`Service::builder`](crate::Service::builder).
    #[must_use]
    pub fn new() -> (Self, Fed) {
        let (sender, inputs) = mpsc::unbounded_channel();
        let fed = Fed {
            inputs,
            live: BTreeMap::new(),
            foreign: Vec::new(),
            said: Repeated::new(),
        };
        (Self { inputs: sender }, fed)
    }

    /// Handles a gateway frame: `{"op": 0, "t": …, "d": …}`. Pass every frame; those that
    /// do not concern joins are ignored.
    ///
    /// A frame with opcode 7, 9 or 10 also reports that the connection is lost.
    pub fn frame(&self, shard: ShardId, json: &[u8]) {
        let envelope = Envelope::read(json);
        match (envelope.op, envelope.name.as_deref()) {
            (Some(7), _) => self.disconnected(shard, "Discord requested a reconnect"),
            (Some(9), _) => self.disconnected(shard, "the session is invalid"),
            (Some(10), _) => self.disconnected(shard, "a new connection began"),
            (_, Some(name)) if matters(name) => {
                let bytes = Bytes::copy_from_slice(json);
                self.send(Input::Frame(RawFrame::of(shard, envelope, bytes)));
            }
            _ => {}
        }
    }

    /// Handles an event, given its name, such as `GUILD_MEMBER_ADD`, and the JSON of its
    /// `d`. Invalid JSON counts as an event that cannot be decoded.
    pub fn event(&self, shard: ShardId, name: &str, data: &[u8]) {
        if matters(name) {
            let envelope = Envelope::of_event(name, data);
            // The names are those above: nothing in them needs escaping.
            let head = format!(r#"{{"op":0,"t":"{name}","d":"#);
            let bytes = [head.as_bytes(), data, b"}"].concat();
            self.send(Input::Frame(RawFrame::of(shard, envelope, bytes.into())));
        }
    }

    /// Whether [`event`](Self::event) uses events with this name. You do not need to
    /// serialize others.
    #[must_use]
    pub fn wants(name: &str) -> bool {
        matters(name)
    }

    /// Reports that the connection of a shard is lost: closed by either side, broken, or
    /// timed out. Nothing is deduced until `RESUMED` or `GUILD_CREATE` arrives on that
    /// shard. Reporting it twice has no effect.
    pub fn disconnected(&self, shard: ShardId, reason: impl Into<Cause>) {
        self.send(Input::Gone(shard, reason.into()));
    }

    fn send(&self, input: Input) {
        // An error means that the service has ended.
        let _ = self.inputs.send(input);
    }
}

impl Connect for Fed {
    type Source = Self;
    type Error = Infallible;

    async fn connect(mut self, resume: Vec<GatewaySession>) -> Result<Self, Infallible> {
        let shards = resume
            .iter()
            .filter_map(|session| ShardId::new(session.shard, session.shards).ok());
        self.foreign = shards.collect();
        Ok(self)
    }
}

impl EventSource for Fed {
    type Error = Infallible;

    async fn next(&mut self) -> Option<Signal<Infallible>> {
        if let Some(shard) = self.foreign.pop() {
            return Some(Signal::new(shard, SignalKind::SessionLost));
        }
        loop {
            match self.inputs.recv().await? {
                Input::Frame(frame) => {
                    let shard = frame.shard;
                    if matches!(frame.name.as_deref(), Some("READY" | "RESUMED")) {
                        self.live.insert(shard, true);
                    }
                    return Some(Signal::new(shard, SignalKind::Frame(frame)));
                }
                Input::Gone(shard, reason) => {
                    if self.live.insert(shard, false) == Some(true) {
                        if let Some(times) = self.said.note(reason.clone()) {
                            tracing::info!(%shard, %reason, "the connection was lost{times}");
                        }
                        return Some(Signal::new(shard, SignalKind::Reconnecting { reason }));
                    }
                }
            }
        }
    }

    fn close(&mut self) {
        self.inputs.close();
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").finish_non_exhaustive()
    }
}

impl fmt::Debug for Fed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fed")
            .field("live", &self.live)
            .finish_non_exhaustive()
    }
}

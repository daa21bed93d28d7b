//! One connection, from HELLO to its end.

mod commands;
mod heartbeat;
mod members;

use std::{collections::VecDeque, pin::pin, sync::Arc, time::Duration};

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde_json::json;
use tokio::sync::mpsc::Receiver;

use self::heartbeat::Heartbeat;
use super::{
    close::{self, Close},
    encode::Encoding,
    line::Line,
    session::{Outgoing, frame},
};
use crate::{server::Shared, world::Micros};

/// What a handler decides about the connection.
enum Next {
    Go,
    Send(Arc<str>),
    /// INVALID_SESSION, but only after a pause.
    Refuse(Duration),
    Close(Close),
}

struct Connection {
    shared: Arc<Shared>,
    line: Line,
    version: u8,
    session: Option<String>,
    compress_payloads: bool,
    commands: VecDeque<Micros>,
    heartbeat: Heartbeat,
    /// When an IDENTIFY is answered with INVALID_SESSION. Until then, others are passed over.
    refused_at: Option<tokio::time::Instant>,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(socket: WebSocket, shared: Arc<Shared>, query: Vec<(String, String)>) {
    let value = |name: &str| {
        query
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    };
    let version = match value("v") {
        None | Some("10") => Some(10),
        Some("9") => Some(9),
        Some("8") => Some(8),
        Some("7") => Some(7),
        Some("6") => Some(6),
        Some(_) => None,
    };
    let json = value("encoding").is_none_or(|encoding| encoding == "json");
    let encoding = Encoding::from_query(value("compress"));
    let (number, heartbeat) = {
        let mut core = shared.lock();
        let heartbeat = Heartbeat::at(core.world.now(), core.skipped());
        (core.sessions.next_socket(), heartbeat)
    };
    let (line, receiver) = Line::new(number);
    let mut connection = Connection {
        shared,
        line,
        version: version.unwrap_or(10),
        session: None,
        compress_payloads: false,
        commands: VecDeque::new(),
        heartbeat,
        refused_at: None,
    };
    let for_good = match encoding {
        Some(encoding) if version.is_some() && json => {
            connection.run(socket, receiver, encoding).await
        }
        Some(_) if !json => {
            // Only JSON is spoken here, no ETF.
            send_close(
                socket,
                (close::INVALID_VERSION.0, "Only encoding=json is served."),
            )
            .await;
            true
        }
        Some(_) => {
            send_close(socket, close::INVALID_VERSION).await;
            true
        }
        None => {
            send_close(socket, close::DECODE_ERROR).await;
            true
        }
    };
    if let Some(session) = connection.session {
        connection
            .shared
            .lock()
            .sessions
            .detach(&session, number, for_good);
    }
}

async fn send_close(mut socket: WebSocket, (code, reason): Close) {
    let frame = CloseFrame {
        code,
        reason: Utf8Bytes::from_static(reason),
    };
    if socket.send(Message::Close(Some(frame))).await.is_ok() {
        // The other side answers with its own close; then it is over.
        let answer = async { while let Some(Ok(_)) = socket.recv().await {} };
        let _late = tokio::time::timeout(Duration::from_secs(1), answer).await;
    }
}

impl Connection {
    /// Runs the connection; says whether its session ends with it.
    async fn run(
        &mut self,
        mut socket: WebSocket,
        mut receiver: Receiver<Outgoing>,
        mut encoding: Encoding,
    ) -> bool {
        let speed = self.shared.options.speed;
        let interval = self.shared.options.heartbeat_interval / speed;
        let millis = u64::try_from(interval.as_millis()).unwrap_or(u64::MAX);
        let trace = ["[\"guestlist-sandbox\",{}]"];
        let hello = json!({"heartbeat_interval": millis, "_trace": trace});
        let Ok(hello) = encoding.encode(&frame(10, &hello)) else {
            return true;
        };
        if socket.send(hello).await.is_err() {
            return false;
        }
        // Made once, for they are waited for with every frame.
        let (stop, line) = (self.shared.stop.clone(), self.line.clone());
        let mut stopped = pin!(stop.cancelled());
        let mut overfull = pin!(line.overfull());
        let (mut steps, mut more_steps) = (self.shared.steps(), true);
        let began = tokio::time::Instant::now();
        self.await_heartbeat();
        loop {
            let missed_at = self.heartbeat.missed_at;
            let next = tokio::select! {
                () = stopped.as_mut() => {
                    send_close(socket, (1001, "The sandbox stops.")).await;
                    return true;
                }
                () = tokio::time::sleep_until(missed_at.unwrap_or(began)), if missed_at.is_some() => {
                    self.miss_heartbeat()
                }
                stepped = steps.changed(), if more_steps => {
                    more_steps = stepped.is_ok();
                    self.await_heartbeat();
                    Next::Go
                }
                () = tokio::time::sleep_until(self.refused_at.unwrap_or(began)),
                        if self.refused_at.is_some() => {
                    self.refused_at = None;
                    invalid_session()
                }
                () = overfull.as_mut() => return false,
                outgoing = receiver.recv() => match outgoing {
                    Some(Outgoing::Frame(text)) => Next::Send(text),
                    Some(Outgoing::Invalidate(text)) => {
                        // The client may resume, or identify, right here.
                        self.session = None;
                        Next::Send(text)
                    }
                    Some(Outgoing::Close(close)) => Next::Close(close),
                    Some(Outgoing::Abort) | None => return false,
                },
                incoming = socket.recv() => match incoming {
                    None => return false,
                    // Too long, or not what the protocol allows. Where the connection is gone,
                    // nobody hears it.
                    Some(Err(_)) => Next::Close(close::DECODE_ERROR),
                    Some(Ok(Message::Close(frame))) => {
                        // 1000 and 1001 mean: I am not coming back.
                        return frame.is_some_and(|frame| matches!(frame.code, 1000 | 1001));
                    }
                    Some(Ok(Message::Text(text))) => self.hear(text.as_str()),
                    Some(Ok(Message::Binary(bytes))) => match std::str::from_utf8(&bytes) {
                        Ok(text) => self.hear(text),
                        Err(_) => Next::Close(close::DECODE_ERROR),
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => Next::Go,
                },
            };
            if self.compress_payloads && matches!(encoding, Encoding::Plain) {
                encoding = Encoding::Payload;
            }
            match next {
                Next::Go => {}
                Next::Refuse(pause) => {
                    let pause = pause / speed;
                    self.refused_at = Some(tokio::time::Instant::now() + pause);
                }
                Next::Send(text) => {
                    self.record(false, &text);
                    let Ok(message) = encoding.encode(&text) else {
                        return true;
                    };
                    // A client that reads nothing does not keep the connection for ever.
                    let patience = self.shared.options.patience;
                    let sent = tokio::time::timeout(patience, socket.send(message)).await;
                    if !matches!(sent, Ok(Ok(()))) {
                        return false;
                    }
                }
                Next::Close(reason) => {
                    send_close(socket, reason).await;
                    return matches!(reason.0, 4004 | 4007 | 4009..=4014);
                }
            }
        }
    }

    /// Writes a frame down where that is wanted.
    fn record(&self, from_client: bool, frame: &str) {
        if self.shared.is_watched() {
            let mut core = self.shared.lock();
            let at = core.world.now();
            core.frames.note(at, self.line.number, from_client, frame);
            if let Some(recorder) = &mut core.recorder {
                recorder.frame(at, self.line.number, from_client, frame);
            }
        }
    }
}

fn invalid_session() -> Next {
    Next::Send(frame(9, &json!(false)))
}

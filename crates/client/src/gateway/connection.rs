//! One websocket connection to the gateway.

use std::{io, time::Duration};

use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http::header::USER_AGENT;
use serde_json::Value;
use tokio::{net::TcpStream, time::timeout};
use tokio_websockets::{
    ClientBuilder, CloseCode, Connector, Error, Limits, MaybeTlsStream, Message, WebSocketStream,
};

use super::{Cause, CauseKind, guarded::Guarded, inflate::Inflate};
use crate::{GatewayUrl, TransportError};

/// How long sending a frame may take.
const SEND: Duration = Duration::from_secs(10);
/// The maximum size of a message, before it is decompressed.
const LARGEST: usize = 8 * 1024 * 1024;

pub(super) struct Connection {
    socket: WebSocketStream<Guarded<MaybeTlsStream<TcpStream>>>,
    inflate: Inflate,
}

/// An item that was read.
pub(super) enum Read {
    Frame(Bytes),
    /// The server closed the connection, with a code and a message if it sent them.
    Closed(Option<(u16, String)>),
}

impl Connection {
    /// Connects to the gateway, version 10.
    pub(super) async fn open(
        url: &GatewayUrl,
        tls: &Connector,
        within: Duration,
    ) -> Result<Self, TransportError> {
        let uri = format!("{url}/?v=10&encoding=json&compress=zstd-stream");
        let connect = async {
            let builder = ClientBuilder::new()
                .uri(&uri)
                .map_err(|error| TransportError::new(&error))?
                .add_header(USER_AGENT, crate::AGENT)
                .map_err(|error| TransportError::new(&error))?
                .limits(Limits::default().max_payload_len(Some(LARGEST)));
            let host = url.host();
            // Brackets are for URLs.
            let host = host.trim_start_matches('[').trim_end_matches(']');
            let tcp = TcpStream::connect((host, url.port())).await;
            let tcp = tcp.map_err(|error| TransportError::new(&error))?;
            let plain = Connector::Plain;
            let tls = if url.is_plain() { &plain } else { tls };
            let stream = tls.wrap(host, tcp).await;
            let stream = stream.map_err(|error| TransportError::new(&error))?;
            let (stream, guard) = Guarded::new(stream);
            let connected = builder.connect_on(stream).await;
            guard.release();
            connected.map_err(|error| TransportError::new(&error))
        };
        let Ok(connected) = timeout(within, connect).await else {
            let words = format!("no connection within {} s", within.as_secs_f64());
            return Err(TransportError::text(words));
        };
        let (socket, _) = connected?;
        let inflate = Inflate::new().map_err(|error| TransportError::new(&error))?;
        Ok(Self { socket, inflate })
    }

    /// Returns the next item, or `None` at the end. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<Result<Read, Cause>> {
        loop {
            let message = match self.socket.next().await? {
                Ok(message) => message,
                Err(error) => return Some(Err(lost(&error))),
            };
            if message.is_close() {
                let close = message.as_close();
                let close = close.map(|(code, reason)| (code.into(), reason.to_owned()));
                return Some(Ok(Read::Closed(close)));
            }
            if message.is_text() {
                return Some(Ok(Read::Frame(message.into_payload().into())));
            }
            if message.is_binary() {
                let frame = self.inflate.frame(message.as_payload());
                let frame = frame.map(Read::Frame);
                return Some(frame.map_err(|error| broken(&error)));
            }
            // Pings are answered by the socket.
        }
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: &Value) -> Result<(), TransportError> {
        self.give(Message::text(frame.to_string())).await
    }

    /// Starts to close the connection.
    pub(super) async fn close(&mut self, code: u16) -> Result<(), TransportError> {
        let code = CloseCode::try_from(code).ok();
        self.give(Message::close(code, "")).await
    }

    async fn give(&mut self, message: Message) -> Result<(), TransportError> {
        match timeout(SEND, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(TransportError::new(&error)),
            Err(_) => Err(TransportError::new(&Error::Io(
                io::ErrorKind::TimedOut.into(),
            ))),
        }
    }
}

fn broken(error: &io::Error) -> Cause {
    let text = format!("the compressed stream is corrupt: {error}");
    Cause::new(CauseKind::Malformed, &text)
}

/// The reason why nothing more can be read.
fn lost(error: &Error) -> Cause {
    let kind = match error {
        Error::Io(_) => CauseKind::Closed,
        _ => CauseKind::Malformed,
    };
    Cause::new(kind, &TransportError::new(error).to_string())
}

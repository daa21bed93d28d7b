//! Calls over a plain socket and a raw gateway client: they know bytes, not Discord.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use guestlist_sandbox::Running;
use guestlist_testkit::http::{Answer, Request};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, tungstenite::Message};

/// Sends one request over a connection of its own.
pub(crate) async fn send(
    running: &Running,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::new(method, path).body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request.send_async(running.address()).await
}

/// Calls Discord's API with the first bot's token.
pub(crate) async fn discord(running: &Running, method: &str, path: &str, body: &str) -> Answer {
    discord_as(running, running.token(), method, path, body).await
}

/// Calls Discord's API with this token.
pub(crate) async fn discord_as(
    running: &Running,
    token: &str,
    method: &str,
    path: &str,
    body: &str,
) -> Answer {
    let token = format!("Bot {token}");
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
    ];
    let answer = send(running, method, &format!("/api/v10{path}"), &headers, body).await;
    if answer.status != 0 {
        crate::spec::hold(method, path, body.as_bytes(), answer.status, &answer.body);
    }
    answer
}

/// Calls the control API, which has to agree.
pub(crate) async fn control(running: &Running, method: &str, path: &str, body: Value) -> Value {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let answer = send(running, method, &format!("/sandbox{path}"), &[], &body).await;
    assert!(
        answer.status < 300,
        "{method} {path}: {answer:?} {}",
        answer.json()
    );
    answer.json()
}

enum Decoder {
    Plain,
    Zlib(flate2::Decompress),
    Zstd(Box<zstd::stream::raw::Decoder<'static>>),
}

/// A gateway connection.
pub(crate) struct Gateway {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    decoder: Decoder,
    pub(crate) sequence: u64,
    /// The events as they came, to the byte.
    pub(crate) texts: Vec<String>,
}

/// What a gateway connection hears.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    Frame(Value),
    Closed(u16),
    Cut,
}

impl Gateway {
    pub(crate) async fn connect(running: &Running, query: &str) -> Self {
        let url = format!("{}/?{query}", running.gateway_url());
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let decoder = if query.contains("zlib-stream") {
            Decoder::Zlib(flate2::Decompress::new(true))
        } else if query.contains("zstd-stream") {
            Decoder::Zstd(Box::new(zstd::stream::raw::Decoder::new().unwrap()))
        } else {
            Decoder::Plain
        };
        Self {
            socket,
            decoder,
            sequence: 0,
            texts: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.socket
            .send(Message::text(frame.to_string()))
            .await
            .unwrap();
    }

    pub(crate) async fn hear(&mut self) -> Heard {
        let wait = tokio::time::timeout(Duration::from_secs(10), self.socket.next());
        let text = match wait.await.expect("something within ten seconds") {
            Some(Ok(Message::Text(text))) => text.to_string(),
            Some(Ok(Message::Binary(bytes))) => self.decode(&bytes),
            Some(Ok(Message::Close(frame))) => {
                return Heard::Closed(frame.map_or(1005, |frame| frame.code.into()));
            }
            None | Some(Err(_)) => return Heard::Cut,
            Some(Ok(other)) => panic!("unexpected {other:?}"),
        };
        let frame: Value = serde_json::from_str(&text).unwrap();
        crate::payloads::hold(&frame);
        if let Some(sequence) = frame["s"].as_u64() {
            assert_eq!(sequence, self.sequence + 1, "no gaps: {frame}");
            self.sequence = sequence;
            self.texts.push(text);
        }
        Heard::Frame(frame)
    }

    pub(crate) async fn frame(&mut self) -> Value {
        match self.hear().await {
            Heard::Frame(frame) => frame,
            other => panic!("instead of a frame: {other:?}"),
        }
    }

    /// The next frame, which has to be this dispatch.
    pub(crate) async fn expect(&mut self, name: &str) -> Value {
        let mut frame = self.frame().await;
        assert_eq!(frame["t"], name, "{frame}");
        frame["d"].take()
    }

    pub(crate) async fn identify(&mut self, running: &Running, intents: u64) -> Value {
        self.identify_as(running.token(), intents).await
    }

    /// Identifies with a token of its own.
    pub(crate) async fn identify_as(&mut self, token: &str, intents: u64) -> Value {
        assert_eq!(self.frame().await["op"], 10);
        self.send(identify(token, intents)).await;
        self.expect("READY").await
    }

    /// Hears whatever was sent so far: what comes before a heartbeat is acknowledged.
    pub(crate) async fn catch_up(&mut self) {
        self.send(json!({"op": 1, "d": null})).await;
        while self.frame().await["op"] != 11 {}
    }

    /// Nothing more was sent: a heartbeat is acknowledged first.
    pub(crate) async fn nothing(&mut self) {
        self.send(json!({"op": 1, "d": null})).await;
        let frame = self.frame().await;
        assert_eq!(frame["op"], 11, "{frame}");
    }

    pub(crate) async fn resume(&mut self, running: &Running, session: &str, sequence: u64) {
        assert_eq!(self.frame().await["op"], 10);
        self.sequence = sequence;
        let data = json!({"token": running.token(), "session_id": session, "seq": sequence});
        self.send(json!({"op": 6, "d": data})).await;
    }

    fn decode(&mut self, bytes: &[u8]) -> String {
        let mut text = Vec::new();
        match &mut self.decoder {
            Decoder::Plain => {
                let mut decoder = flate2::Decompress::new(true);
                text.reserve(1 << 20);
                decoder
                    .decompress_vec(bytes, &mut text, flate2::FlushDecompress::Finish)
                    .unwrap();
            }
            Decoder::Zlib(decoder) => {
                assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]), "a flushed frame");
                text.reserve(1 << 20);
                decoder
                    .decompress_vec(bytes, &mut text, flate2::FlushDecompress::Sync)
                    .unwrap();
            }
            Decoder::Zstd(decoder) => {
                use zstd::stream::raw::Operation as _;
                let mut rest = bytes;
                let mut chunk = vec![0; 1 << 18];
                while !rest.is_empty() {
                    let status = decoder.run_on_buffers(rest, &mut chunk).unwrap();
                    text.extend_from_slice(&chunk[..status.bytes_written]);
                    rest = &rest[status.bytes_read..];
                }
            }
        }
        String::from_utf8(text).unwrap()
    }
}

/// An IDENTIFY.
pub(crate) fn identify(token: &str, intents: u64) -> Value {
    json!({"op": 2, "d": {
        "token": token,
        "intents": intents,
        "properties": {"os": "linux", "browser": "test", "device": "test"},
    }})
}

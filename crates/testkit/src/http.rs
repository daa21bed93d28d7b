//! HTTP/1.1 over a plain socket: it knows bytes, not Discord. A test that speaks to the
//! sandbox with it shares no code with the client under test.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::Value;

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    host: String,
    head: String,
    body: Vec<u8>,
}

impl Request {
    /// A request without a body. `target` is the path with its query.
    #[must_use]
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            head: format!("{method} {target} HTTP/1.1\r\nconnection: close\r\n"),
            body: Vec::new(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    /// The same for a host of another name.
    #[must_use]
    pub fn host(mut self, name: &str) -> Self {
        name.clone_into(&mut self.host);
        self
    }

    /// The same as a bot's with this token.
    #[must_use]
    pub fn bot(self, token: &str) -> Self {
        self.header("authorization", &format!("Bot {token}"))
    }

    /// The same with this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The same with this JSON as its body; `null` is no body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        let this = self.header("content-type", "application/json");
        if body.is_null() {
            this
        } else {
            this.body(body.to_string())
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let length = self.body.len();
        let (head, host) = (&self.head, &self.host);
        let mut bytes =
            format!("{head}host: {host}\r\ncontent-length: {length}\r\n\r\n").into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Sends it over a connection of its own, and waits.
    ///
    /// # Panics
    ///
    /// If nobody listens at `address`, or the answer is not HTTP.
    #[must_use]
    pub fn send(&self, address: &str) -> Answer {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(&self.bytes()).unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        Answer::parse(bytes)
    }

    /// Sends it over a connection of its own.
    ///
    /// # Panics
    ///
    /// If nobody listens at `address`, or the answer is not HTTP.
    #[cfg(feature = "tokio")]
    pub async fn send_async(&self, address: std::net::SocketAddr) -> Answer {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        stream.write_all(&self.bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::parse(bytes)
    }
}

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status; 0 if the connection was cut before the head was complete.
    pub status: u16,
    /// The headers by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: Vec<u8>) -> Self {
        let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else {
            return Self {
                status: 0,
                headers: BTreeMap::new(),
                body: bytes,
            };
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Self {
            status: status.unwrap().parse().unwrap(),
            headers,
            body: bytes[end + 4..].to_vec(),
        }
    }

    /// The body as text.
    ///
    /// # Panics
    ///
    /// If it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as JSON; `null` if it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }
}

//! The server's side of a websocket, frame by frame, so that a test can send wrong ones.
//!
//! See RFC 6455.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// The types of frames.
pub(crate) const CONTINUATION: u8 = 0;
pub(crate) const TEXT: u8 = 1;
pub(crate) const BINARY: u8 = 2;
const CLOSE: u8 = 8;

/// A connection that was upgraded.
pub(crate) struct Ws {
    stream: TcpStream,
}

impl Ws {
    /// Upgrades a connection whose request had this key.
    pub(crate) async fn accept(mut stream: TcpStream, key: &str) -> std::io::Result<Self> {
        let accept = derive_accept_key(key.as_bytes());
        let head = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        Ok(Self { stream })
    }

    /// Writes a frame. The last of a message is final.
    pub(crate) async fn frame(&mut self, kind: u8, last: bool, data: &[u8]) -> std::io::Result<()> {
        self.head(kind, last, data.len() as u64).await?;
        self.stream.write_all(data).await
    }

    /// Writes the head of a frame that claims to have so many bytes.
    pub(crate) async fn head(&mut self, kind: u8, last: bool, length: u64) -> std::io::Result<()> {
        let mut head = vec![kind | if last { 0x80 } else { 0 }];
        match length {
            0..=125 => head.push(length as u8),
            126..=0xffff => {
                head.push(126);
                head.extend((length as u16).to_be_bytes());
            }
            _ => {
                head.push(127);
                head.extend(length.to_be_bytes());
            }
        }
        self.stream.write_all(&head).await
    }

    /// Writes bytes as they are.
    pub(crate) async fn raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// Writes JSON as a text.
    pub(crate) async fn json(&mut self, value: &Value) -> std::io::Result<()> {
        self.frame(TEXT, true, value.to_string().as_bytes()).await
    }

    /// Closes the connection with a code and a reason.
    pub(crate) async fn close(&mut self, code: u16, reason: &str) -> std::io::Result<()> {
        let data = [&code.to_be_bytes()[..], reason.as_bytes()].concat();
        self.frame(CLOSE, true, &data).await?;
        // The client answers, and then the socket may go.
        while self.receive().await?.is_some() {}
        Ok(())
    }

    /// The next JSON of the client; none when it closes. Not cancel safe, but for a
    /// cancellation before the first byte.
    pub(crate) async fn receive(&mut self) -> std::io::Result<Option<Value>> {
        loop {
            let mut head = [0; 2];
            if self.stream.peek(&mut head).await? == 0 {
                return Ok(None);
            }
            self.stream.read_exact(&mut head).await?;
            let length = match head[1] & 0x7f {
                126 => usize::from(self.stream.read_u16().await?),
                127 => usize::try_from(self.stream.read_u64().await?).unwrap(),
                few => usize::from(few),
            };
            let mut mask = [0; 4];
            self.stream.read_exact(&mut mask).await?;
            let mut data = vec![0; length];
            self.stream.read_exact(&mut data).await?;
            for (byte, mask) in data.iter_mut().zip(mask.iter().cycle()) {
                *byte ^= mask;
            }
            match head[0] & 0x0f {
                TEXT => return Ok(serde_json::from_slice(&data).ok()),
                CLOSE => return Ok(None),
                _ => {}
            }
        }
    }
}

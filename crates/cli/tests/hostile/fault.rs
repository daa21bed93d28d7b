//! What a broken server does.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::ws::{BINARY, CONTINUATION, TEXT, Ws};

/// What is answered to a path, where that is broken.
pub(crate) type Replies = dyn Fn(&str) -> Option<Reply> + Send + Sync;

/// What is broken: some paths, the gateway, or both.
#[derive(Clone)]
pub(crate) struct Fault {
    pub(crate) rest: Arc<Replies>,
    pub(crate) gateway: Option<Gateway>,
}

/// An answer, as bytes.
#[derive(Clone)]
pub(crate) enum Reply {
    Bytes(Vec<u8>),
    /// And then nothing.
    Stalled(Vec<u8>),
    /// And then this for ever.
    Endless(Vec<u8>, Vec<u8>),
}

/// What is wrong with the gateway.
#[derive(Clone)]
pub(crate) enum Gateway {
    /// It answers this instead of upgrading.
    Instead(Reply),
    NoHello,
    /// HELLO with this interval.
    Heartbeat(Value),
    /// READY names this address.
    ResumeAt(String),
    /// Instead of READY or RESUMED.
    BeforeSession(Vec<Play>),
    /// After READY or RESUMED.
    AfterSession(Vec<Play>),
}

/// A step of a wrong gateway.
#[derive(Clone)]
pub(crate) enum Play {
    Json(Value),
    Binary(Vec<u8>),
    /// The same text, so often.
    Flood(String, usize),
    /// A frame with so many bytes.
    Huge(u64),
    /// A message of frames without an end.
    Fragments,
    Close(u16, String),
}

impl Fault {
    /// These paths are answered so; a path is meant by its beginning.
    pub(crate) fn rest(paths: &'static [&'static str], reply: Reply) -> Self {
        Self {
            rest: Arc::new(move |path| {
                let is_meant = paths.iter().any(|start| path.starts_with(start));
                is_meant.then(|| reply.clone())
            }),
            gateway: None,
        }
    }

    pub(crate) fn gateway(gateway: Gateway) -> Self {
        Self {
            rest: Arc::new(|_| None),
            gateway: Some(gateway),
        }
    }
}

impl Reply {
    /// A whole answer.
    pub(crate) fn new(status: u16, headers: &str, body: &[u8]) -> Self {
        let head = format!(
            "HTTP/1.1 {status} Scripted\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        Self::Bytes([head.as_bytes(), body].concat())
    }

    pub(crate) fn json(status: u16, body: &Value) -> Self {
        let body = body.to_string();
        Self::new(
            status,
            "Content-Type: application/json\r\n",
            body.as_bytes(),
        )
    }
}

impl Play {
    pub(crate) async fn act(&self, ws: &mut Ws) -> std::io::Result<()> {
        match self {
            Self::Json(value) => ws.json(value).await,
            Self::Binary(bytes) => ws.frame(BINARY, true, bytes).await,
            Self::Flood(text, times) => {
                for _ in 0..*times {
                    ws.frame(TEXT, true, text.as_bytes()).await?;
                }
                Ok(())
            }
            Self::Huge(bytes) => {
                ws.head(TEXT, true, *bytes).await?;
                let piece = vec![b' '; 64 * 1024];
                for _ in 0..bytes / piece.len() as u64 {
                    ws.raw(&piece).await?;
                    sleep(Duration::from_millis(1)).await;
                }
                Ok(())
            }
            Self::Fragments => {
                let piece = vec![b' '; 64 * 1024];
                ws.frame(TEXT, false, &piece).await?;
                loop {
                    ws.frame(CONTINUATION, false, &piece).await?;
                    sleep(Duration::from_millis(1)).await;
                }
            }
            Self::Close(code, reason) => ws.close(*code, reason).await,
        }
    }
}

/// So many bytes of spaces after a beginning, as gzip: a bomb.
pub(crate) fn gzip_bomb(bytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let piece = vec![b' '; 1 << 20];
    for _ in 0..bytes / piece.len() {
        encoder.write_all(&piece).unwrap();
    }
    encoder.finish().unwrap()
}

/// A frame, as the first of a stream that is compressed with zstd.
pub(crate) fn zstd_frame(text: &[u8]) -> Vec<u8> {
    use zstd::stream::raw::{Encoder, InBuffer, Operation as _, OutBuffer};

    let mut chunk = vec![0; text.len() / 100 + text.len().min(4096) + 1024];
    let mut output = OutBuffer::around(chunk.as_mut_slice());
    let mut input = InBuffer::around(text);
    let mut encoder = Encoder::new(3).unwrap();
    while input.pos() < text.len() {
        encoder.run(&mut input, &mut output).unwrap();
    }
    while encoder.flush(&mut output).unwrap() > 0 {}
    output.as_slice().to_vec()
}

/// An event.
pub(crate) fn event(sequence: u64, name: &str, data: &Value) -> Play {
    Play::Json(json!({"op": 0, "s": sequence, "t": name, "d": data}))
}

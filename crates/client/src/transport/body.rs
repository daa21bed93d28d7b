//! Bodies of responses, with a limit on the memory that they use.

use std::{fmt, io::Write as _, time::Duration};

use flate2::write::GzDecoder;
use http::{HeaderMap, header::CONTENT_ENCODING};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

use crate::{ApiError, error::TransportError};

/// The maximum size of a body, decompressed. A list of 1000 invites has about two megabytes.
pub(super) const LARGEST: usize = 8 * 1024 * 1024;
/// Bodies up to this size are read without waiting.
const SMALL: usize = 512 * 1024;
/// How many larger bodies are read at once.
const LARGE_AT_ONCE: usize = 4;
/// How many bytes are decompressed at a time. Deflate expands them at most a thousandfold.
const PIECE: usize = 4 * 1024;

/// Reads bodies for one client with bounded memory, regardless of the number of requests and
/// of what the server sends.
#[derive(Debug)]
pub(super) struct Bodies {
    large: Semaphore,
}

impl Default for Bodies {
    fn default() -> Self {
        Self {
            large: Semaphore::new(LARGE_AT_ONCE),
        }
    }
}

/// The reason why a body cannot be read.
#[derive(Clone, Copy, Debug)]
enum Problem {
    TooLarge,
    Encoding,
    Corrupt,
    Truncated,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "the response is larger than {} MB", LARGEST >> 20),
            Self::Encoding => f.write_str("the response has an encoding that was not requested"),
            Self::Corrupt => f.write_str("the compressed response is corrupt"),
            Self::Truncated => f.write_str("the compressed response ends too early"),
        }
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Transport(TransportError::text(problem.to_string()))
    }
}

/// The destination of a body's bytes.
enum Sink {
    Plain(Vec<u8>),
    Gzip(Box<GzDecoder<Vec<u8>>>),
}

impl Sink {
    fn new(headers: &HeaderMap) -> Result<Self, Problem> {
        match headers.get(CONTENT_ENCODING).map(|it| it.as_bytes()) {
            None | Some(b"" | b"identity") => Ok(Self::Plain(Vec::new())),
            Some(b"gzip") => Ok(Self::Gzip(Box::new(GzDecoder::new(Vec::new())))),
            Some(_) => Err(Problem::Encoding),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Plain(body) => body.len(),
            Self::Gzip(decoder) => decoder.get_ref().len(),
        }
    }

    fn write(&mut self, piece: &[u8]) -> Result<(), Problem> {
        match self {
            Self::Plain(body) => body.extend_from_slice(piece),
            Self::Gzip(decoder) => decoder.write_all(piece).map_err(|_| Problem::Corrupt)?,
        }
        if self.len() > LARGEST {
            return Err(Problem::TooLarge);
        }
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>, Problem> {
        match self {
            Self::Plain(body) => Ok(body),
            Self::Gzip(decoder) => decoder.finish().map_err(|_| Problem::Truncated),
        }
    }
}

impl Bodies {
    /// Reads a body, within this time.
    pub(super) async fn read(
        &self,
        headers: &HeaderMap,
        mut body: Incoming,
        within: Duration,
    ) -> Result<Vec<u8>, ApiError> {
        let deadline = Instant::now() + within;
        let mut sink = Sink::new(headers)?;
        let mut place = None;
        loop {
            let frame = timeout_at(deadline, body.frame()).await;
            let Some(frame) = frame.map_err(|_| ApiError::Timeout)? else {
                return Ok(sink.finish()?);
            };
            let frame = frame.map_err(|error| ApiError::Transport(TransportError::new(&error)))?;
            let data = frame.into_data().unwrap_or_default();
            for piece in data.chunks(PIECE) {
                if place.is_none() && sink.len() + piece.len() > SMALL {
                    let free = timeout_at(deadline, self.large.acquire()).await;
                    // It is never closed.
                    place = free.map_err(|_| ApiError::Timeout)?.ok();
                }
                sink.write(piece)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use http::HeaderValue;

    fn gzip(body: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(body).unwrap();
        encoder.finish().unwrap()
    }

    fn sink(encoding: &'static str) -> Result<Sink, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        Sink::new(&headers)
    }

    #[test]
    fn a_gzip_bomb_is_given_up_early() {
        let bomb = gzip(&vec![0; 64 * 1024 * 1024]);
        let mut sink = sink("gzip").unwrap();
        let mut failed = None;
        for piece in bomb.chunks(PIECE) {
            if let Err(problem) = sink.write(piece) {
                failed = Some(problem);
                break;
            }
        }
        assert!(matches!(failed, Some(Problem::TooLarge)), "{failed:?}");
        assert!(sink.len() < LARGEST + 1100 * PIECE, "{}", sink.len());
    }

    #[test]
    fn gzip_is_read_and_nothing_else() {
        let mut good = sink("gzip").unwrap();
        good.write(&gzip(b"[]")).unwrap();
        assert_eq!(good.finish().unwrap(), b"[]");
        let mut short = sink("gzip").unwrap();
        let whole = gzip(b"[1, 2, 3]");
        short.write(&whole[..whole.len() - 9]).unwrap();
        assert!(matches!(short.finish(), Err(Problem::Truncated)));
        let mut wrong = sink("gzip").unwrap();
        assert!(wrong.write(b"this is not compressed").is_err());
        for other in ["br", "zstd", "gzip, gzip"] {
            assert!(matches!(sink(other), Err(Problem::Encoding)), "{other}");
        }
    }
}

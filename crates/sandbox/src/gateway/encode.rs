//! Frames on the wire: plain, or compressed in one of three ways.
//!
//! See Discord Docs/Gateway#encoding-and-compression.

use std::io::Write;

use axum::extract::ws::{Message, Utf8Bytes};
use flate2::{Compress, Compression, FlushCompress, Status, write::ZlibEncoder};
use zstd::stream::raw::{Encoder, Operation, OutBuffer};

/// Payloads shorter than this are not worth compressing one by one.
const WORTH_COMPRESSING: usize = 1024;

/// How frames are written on one connection.
pub(crate) enum Encoding {
    /// As text.
    Plain,
    /// Large payloads on their own, for `compress: true` in IDENTIFY.
    Payload,
    /// One zlib stream for the whole connection, flushed after each frame.
    ZlibStream(Box<Compress>),
    /// One zstd frame for the whole connection, flushed likewise.
    ZstdStream(Box<Encoder<'static>>),
}

impl Encoding {
    /// For the value of `compress` in the URL; `None` if there is no such.
    pub(crate) fn from_query(compress: Option<&str>) -> Option<Self> {
        match compress {
            None | Some("") => Some(Self::Plain),
            Some("zlib-stream") => Some(Self::ZlibStream(Box::new(Compress::new(
                Compression::fast(),
                true,
            )))),
            Some("zstd-stream") => Some(Self::ZstdStream(Box::new(Encoder::new(3).ok()?))),
            Some(_) => None,
        }
    }

    /// Writes a frame.
    pub(crate) fn encode(&mut self, text: &str) -> std::io::Result<Message> {
        Ok(match self {
            Self::Plain => Message::Text(Utf8Bytes::from(text)),
            Self::Payload if text.len() < WORTH_COMPRESSING => Message::Text(Utf8Bytes::from(text)),
            Self::Payload => {
                let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
                encoder.write_all(text.as_bytes())?;
                Message::Binary(encoder.finish()?.into())
            }
            Self::ZlibStream(stream) => Message::Binary(zlib(stream, text.as_bytes())?.into()),
            Self::ZstdStream(stream) => Message::Binary(zstd(stream, text.as_bytes())?.into()),
        })
    }
}

fn zlib(stream: &mut Compress, input: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(input.len() / 3 + 64);
    let before = stream.total_in();
    loop {
        let consumed = usize::try_from(stream.total_in() - before).unwrap_or(usize::MAX);
        let rest = input.get(consumed..).unwrap_or_default();
        if out.capacity() - out.len() < 64 {
            out.reserve(out.capacity().max(256));
        }
        let status = stream
            .compress_vec(rest, &mut out, FlushCompress::Sync)
            .map_err(std::io::Error::other)?;
        let consumed = usize::try_from(stream.total_in() - before).unwrap_or(usize::MAX);
        // Room left over means that the flush is complete.
        if consumed >= input.len() && out.len() < out.capacity() {
            return Ok(out);
        }
        if status == Status::StreamEnd {
            return Err(std::io::Error::other("the zlib stream ended"));
        }
    }
}

fn zstd(stream: &mut Encoder<'static>, input: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::with_capacity(input.len() / 3 + 64);
    let mut chunk = vec![0; 16 * 1024];
    let mut rest = input;
    while !rest.is_empty() {
        let status = stream.run_on_buffers(rest, &mut chunk)?;
        out.extend(chunk.iter().take(status.bytes_written));
        rest = rest.get(status.bytes_read..).unwrap_or_default();
    }
    loop {
        let mut buffer = OutBuffer::around(chunk.as_mut_slice());
        let left = stream.flush(&mut buffer)?;
        out.extend_from_slice(buffer.as_slice());
        if left == 0 {
            return Ok(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn frames() -> Vec<String> {
        let long = (0..40_000).map(|n| format!("{n:x}")).collect::<String>();
        vec![
            String::from("{\"op\":10}"),
            long,
            String::from("{\"op\":11}"),
            String::new(),
        ]
    }

    fn bytes(message: Message) -> Vec<u8> {
        match message {
            Message::Binary(bytes) => bytes.to_vec(),
            other => panic!("not binary: {other:?}"),
        }
    }

    #[test]
    fn a_zlib_stream_can_be_read_frame_by_frame() {
        let mut encoding = Encoding::from_query(Some("zlib-stream")).unwrap();
        let mut decoder = flate2::Decompress::new(true);
        for frame in frames() {
            let bytes = bytes(encoding.encode(&frame).unwrap());
            assert!(bytes.ends_with(&[0, 0, 0xff, 0xff]) || frame.is_empty());
            let mut text = Vec::with_capacity(frame.len() + 64);
            let read = decoder.total_in();
            decoder
                .decompress_vec(&bytes, &mut text, flate2::FlushDecompress::Sync)
                .unwrap();
            assert_eq!(decoder.total_in() - read, bytes.len() as u64);
            assert_eq!(String::from_utf8(text).unwrap(), frame);
        }
    }

    #[test]
    fn a_zstd_stream_can_be_read_frame_by_frame() {
        let mut encoding = Encoding::from_query(Some("zstd-stream")).unwrap();
        let mut decoder = zstd::stream::raw::Decoder::new().unwrap();
        for frame in frames() {
            let bytes = bytes(encoding.encode(&frame).unwrap());
            let mut text = Vec::new();
            let mut rest = bytes.as_slice();
            let mut chunk = vec![0; 1 << 18];
            while !rest.is_empty() {
                let status = decoder.run_on_buffers(rest, &mut chunk).unwrap();
                text.extend_from_slice(&chunk[..status.bytes_written]);
                rest = &rest[status.bytes_read..];
            }
            assert_eq!(String::from_utf8(text).unwrap(), frame);
        }
    }

    #[test]
    fn large_payloads_are_compressed_alone() {
        let text = "x".repeat(5000);
        let bytes = bytes(Encoding::Payload.encode(&text).unwrap());
        let mut back = String::new();
        flate2::read::ZlibDecoder::new(&bytes[..])
            .read_to_string(&mut back)
            .unwrap();
        assert_eq!(back, text);
    }
}

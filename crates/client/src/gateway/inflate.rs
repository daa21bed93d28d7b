//! The stream of compressed frames of one connection.

use std::io;

use bytes::Bytes;
use zstd::stream::raw::{Decoder, InBuffer, Operation as _, OutBuffer};

/// What is decompressed at a time.
const CHUNK: usize = 32 * 1024;
/// No frame of Discord's is nearly as large; a server that sends more wants our memory.
const MOST: usize = 256 * 1024 * 1024;

/// Decompresses messages, each of which ends a frame.
///
/// See [Discord Docs/Transport Compression](https://discord.com/developers/docs/events/gateway#transport-compression).
pub(super) struct Inflate {
    decoder: Decoder<'static>,
}

impl Inflate {
    /// At the beginning of a connection.
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            decoder: Decoder::new()?,
        })
    }

    /// The frame of a message.
    pub(super) fn frame(&mut self, message: &[u8]) -> io::Result<Bytes> {
        let mut frame = Vec::with_capacity(message.len().saturating_mul(4));
        let mut chunk = vec![0; CHUNK];
        let mut input = InBuffer::around(message);
        loop {
            let mut output = OutBuffer::around(chunk.as_mut_slice());
            self.decoder.run(&mut input, &mut output)?;
            let written = output.as_slice();
            frame.extend_from_slice(written);
            if frame.len() > MOST {
                return Err(io::Error::other("a frame is too large"));
            }
            // Where there is room left, all that the message holds has been written.
            if input.pos() == message.len() && written.len() < CHUNK {
                return Ok(frame.into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use zstd::stream::raw::Encoder;

    use super::*;

    fn compressed(encoder: &mut Encoder<'_>, text: &[u8]) -> Vec<u8> {
        let mut chunk = vec![0; text.len() + 1024];
        let mut output = OutBuffer::around(chunk.as_mut_slice());
        let mut input = InBuffer::around(text);
        encoder.run(&mut input, &mut output).unwrap();
        while encoder.flush(&mut output).unwrap() > 0 {}
        output.as_slice().to_vec()
    }

    #[test]
    fn frames_of_one_stream_come_out_one_by_one() {
        let mut encoder = Encoder::new(3).unwrap();
        let mut inflate = Inflate::new().unwrap();
        for size in [1, 5, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 2] {
            let text = vec![b'x'; size];
            let message = compressed(&mut encoder, &text);
            assert_eq!(inflate.frame(&message).unwrap(), text, "{size}");
        }
    }

    #[test]
    fn what_is_not_compressed_is_an_error() {
        let mut inflate = Inflate::new().unwrap();
        assert!(inflate.frame(b"{\"op\":10}").is_err());
    }
}

//! The stream of compressed frames of one connection.

use std::io;

use bytes::Bytes;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

/// How many bytes are decompressed at a time.
const CHUNK: usize = 32 * 1024;
/// The maximum size of a frame. Discord's frames are much smaller.
const MOST: usize = 16 * 1024 * 1024;
/// The binary logarithm of the maximum window size: 8 MB, which the specification of the
/// format recommends to support.
const WINDOW: u32 = 23;

/// Decompresses messages, each of which ends a frame.
///
/// See [Discord Docs/Transport Compression](https://discord.com/developers/docs/events/gateway#transport-compression).
pub(super) struct Inflate {
    decoder: Decoder<'static>,
}

impl Inflate {
    /// Creates the stream for a new connection.
    pub(super) fn new() -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(WINDOW))?;
        Ok(Self { decoder })
    }

    /// Decompresses a message into a frame.
    pub(super) fn frame(&mut self, message: &[u8]) -> io::Result<Bytes> {
        let mut frame = Vec::with_capacity(message.len().saturating_mul(4).min(MOST));
        let mut chunk = vec![0; CHUNK];
        let mut input = InBuffer::around(message);
        loop {
            let mut output = OutBuffer::around(chunk.as_mut_slice());
            self.decoder.run(&mut input, &mut output)?;
            let written = output.as_slice();
            frame.extend_from_slice(written);
            if frame.len() > MOST {
                let words = format!("a frame is larger than {} MB", MOST >> 20);
                return Err(io::Error::other(words));
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
    fn a_bomb_is_given_up_early() {
        let mut encoder = Encoder::new(3).unwrap();
        let message = compressed(&mut encoder, &vec![b' '; 4 * MOST]);
        assert!(message.len() < MOST / 100);
        let error = Inflate::new().unwrap().frame(&message).unwrap_err();
        assert!(error.to_string().contains("larger than 16 MB"), "{error}");
    }

    #[test]
    fn a_stream_that_demands_much_memory_is_refused() {
        // The header of a frame with a window of 128 MB (RFC 8878, 3.1.1.1).
        let header = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00];
        assert!(Inflate::new().unwrap().frame(&header).is_err());
    }

    #[test]
    fn what_is_not_compressed_is_an_error() {
        let mut inflate = Inflate::new().unwrap();
        assert!(inflate.frame(b"{\"op\":10}").is_err());
    }
}

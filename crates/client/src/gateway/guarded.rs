//! A stream that returns a limited number of bytes until the handshake has finished.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How many bytes the response to the handshake may have.
const MOST: usize = 64 * 1024;

/// A stream from which only a limited number of bytes can be read until it is released. The
/// parser of the handshake keeps everything up to the end of the headers in memory.
pub(super) struct Guarded<S> {
    stream: S,
    read: usize,
    released: Arc<AtomicBool>,
}

/// Releases a [`Guarded`].
pub(super) struct Guard(Arc<AtomicBool>);

impl Guard {
    pub(super) fn release(self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<S> Guarded<S> {
    pub(super) fn new(stream: S) -> (Self, Guard) {
        let released = Arc::new(AtomicBool::new(false));
        let guard = Guard(Arc::clone(&released));
        let guarded = Self {
            stream,
            read: 0,
            released,
        };
        (guarded, guard)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read > MOST && !self.released.load(Ordering::Relaxed) {
            let words = "the response to the handshake does not end";
            return Poll::Ready(Err(io::Error::other(words)));
        }
        let before = buffer.filled().len();
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buffer);
        let read = buffer.filled().len().saturating_sub(before);
        self.read = self.read.saturating_add(read);
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, repeat};

    #[tokio::test]
    async fn a_handshake_without_an_end_ends() {
        let (mut stream, _guard) = Guarded::new(repeat(b'x'));
        let mut read = Vec::new();
        let error = stream.read_to_end(&mut read).await.unwrap_err();
        assert!(error.to_string().contains("does not end"), "{error}");
        assert!(read.len() <= 4 * MOST, "{}", read.len());
    }

    #[tokio::test]
    async fn what_is_released_is_read_on() {
        let (mut stream, guard) = Guarded::new(repeat(b'x'));
        guard.release();
        stream.read_exact(&mut vec![0; 10 * MOST]).await.unwrap();
    }
}

//! Connections: taken, served, and cut when nothing comes through them.

use std::{
    convert::Infallible,
    io,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::body::Body;
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::Shared;

/// Serves connections until the sandbox stops, then waits for those that are open.
pub(crate) async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let (alive, mut ended) = mpsc::channel::<Infallible>(1);
    loop {
        let stream = tokio::select! {
            () = shared.stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Too many open files, or the client is gone: neither ends the sandbox.
                    tracing::debug!(%error, "no connection was accepted");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                }
            },
        };
        let (shared, alive) = (Arc::clone(&shared), alive.clone());
        tokio::spawn(async move {
            serve_one(stream, shared).await;
            drop(alive);
        });
    }
    drop((listener, alive));
    ended.recv().await;
}

async fn serve_one(stream: TcpStream, shared: Arc<Shared>) {
    // Frames and answers are small and should not wait for one another.
    let _slower = stream.set_nodelay(true);
    let stop = shared.stop.clone();
    let patience = shared.options.patience;
    let activity = Arc::new(Activity::new());
    let seen = Arc::clone(&activity);
    let service = service_fn(move |request: Request<Incoming>| {
        let (shared, seen) = (Arc::clone(&shared), Arc::clone(&seen));
        async move {
            seen.set(Doing::Serving);
            let response = super::answer(shared, request.map(Body::new)).await;
            seen.set(Doing::Nothing);
            Ok::<_, Infallible>(response)
        }
    });
    let io = Lingering {
        stream: Some(stream),
        activity: Arc::clone(&activity),
    };
    let mut connection = pin!(
        http1::Builder::new()
            .max_buf_size(LARGEST_HEAD)
            .serve_connection(TokioIo::new(io), service)
            .with_upgrades()
    );
    let mut look = tokio::time::interval(patience / 4);
    loop {
        tokio::select! {
            ended = connection.as_mut() => return trace(ended),
            () = stop.cancelled() => break,
            _ = look.tick() => if activity.is_over(patience) {
                return;
            },
        }
    }
    connection.as_mut().graceful_shutdown();
    trace(connection.await);
}

/// The head of a request may have so many bytes.
const LARGEST_HEAD: usize = 64 * 1024;

/// A connection over which nothing comes lives so many times as long as one over which half a
/// request came: clients keep theirs for the next request.
const IDLE: u32 = 12;

/// What goes on over a connection, and since when.
#[derive(Debug)]
struct Activity(Mutex<(Doing, Instant)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Doing {
    Nothing,
    /// The head of a request has begun.
    Reading,
    Serving,
}

impl Activity {
    fn new() -> Self {
        Self(Mutex::new((Doing::Nothing, Instant::now())))
    }

    fn lock(&self) -> MutexGuard<'_, (Doing, Instant)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, doing: Doing) {
        *self.lock() = (doing, Instant::now());
    }

    /// Something came.
    fn heard(&self) {
        let mut state = self.lock();
        if state.0 == Doing::Nothing {
            *state = (Doing::Reading, Instant::now());
        }
    }

    /// Whether it has taken too long.
    fn is_over(&self, patience: Duration) -> bool {
        let (doing, since) = *self.lock();
        match doing {
            Doing::Nothing => since.elapsed() > patience * IDLE,
            Doing::Reading => since.elapsed() > patience,
            Doing::Serving => false,
        }
    }
}

fn trace(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::trace!(%error, "a connection ended");
    }
}

/// What the other side still sends is read, and thrown away, for so long.
const LINGER: Duration = Duration::from_secs(1);

/// A connection that may be closed before everything was read. The system would tell the other
/// side so with a reset, which destroys the answer on its way.
struct Lingering {
    stream: Option<TcpStream>,
    activity: Arc<Activity>,
}

impl Drop for Lingering {
    fn drop(&mut self) {
        if let (Some(stream), Ok(runtime)) =
            (self.stream.take(), tokio::runtime::Handle::try_current())
        {
            runtime.spawn(linger(stream));
        }
    }
}

async fn linger(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut scrap = vec![0; 16 * 1024];
    let rest = async { while matches!(stream.read(&mut scrap).await, Ok(1..)) {} };
    let _late = tokio::time::timeout(LINGER, rest).await;
}

fn closed<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
}

impl AsyncRead for Lingering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_read(cx, buffer),
            None => closed(),
        };
        if buffer.filled().len() > before {
            self.activity.heard();
        }
        read
    }
}

impl AsyncWrite for Lingering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_write(cx, bytes),
            None => closed(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_flush(cx),
            None => closed(),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_shutdown(cx),
            None => closed(),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Some(stream) => Pin::new(stream).poll_write_vectored(cx, slices),
            None => closed(),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}

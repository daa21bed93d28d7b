//! Waiting for a condition, instead of sleeping.

use std::future::Future;
use std::time::{Duration, Instant};

/// How long something may take on a busy machine.
const DEADLINE: Duration = Duration::from_secs(30);
/// How often to look.
const PAUSE: Duration = Duration::from_millis(5);

/// Waits until `check` is true.
///
/// # Panics
///
/// With `what` if that takes more than 30 s.
pub async fn until<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    // Real time, so that a paused clock does not end the wait.
    let end = Instant::now() + DEADLINE;
    while !check().await {
        assert!(
            Instant::now() < end,
            "{what} did not happen in {DEADLINE:?}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}

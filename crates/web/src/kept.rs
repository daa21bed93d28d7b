//! Answers over all servers at once, which are kept for a while: they look at every join of
//! their time, and many people ask the same.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use guestlist_client::Repeated;

/// So old an answer may be without anybody looking again.
const FRESH: Duration = Duration::from_secs(30);
/// So old it may be while somebody looks again.
const USABLE: Duration = Duration::from_secs(600);
/// Answers that are kept.
const MOST: usize = 32;

/// Answers that could not be renewed.
static NOT_RENEWED: Repeated<()> = Repeated::new();

/// An answer, and when it was asked for; held while it is.
type Slot<T> = Arc<tokio::sync::Mutex<Option<(Instant, Arc<T>)>>>;

/// Answers by what was asked.
pub(crate) struct Kept<T>(Mutex<HashMap<String, Slot<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    fn slot(&self, asked: String) -> Slot<T> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(&asked) {
            // Those that nobody waits for. What is asked often comes back soon.
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
        }
        Arc::clone(slots.entry(asked).or_default())
    }

    /// The answer to what was asked, from `ask` if there is none that is new enough. Whoever
    /// asks the same meanwhile waits for the same answer. One that is not quite new is given
    /// at once, and asked for again behind it.
    pub(crate) async fn get<E, F>(
        &self,
        asked: String,
        ask: impl FnOnce() -> F,
    ) -> Result<Arc<T>, E>
    where
        E: std::fmt::Display + Send + 'static,
        F: Future<Output = Result<T, E>> + Send + 'static,
    {
        let slot = self.slot(asked);
        let mut held = Arc::clone(&slot).lock_owned().await;
        let now = Instant::now();
        let kept = held
            .as_ref()
            .map(|(at, kept)| (now - *at, Arc::clone(kept)));
        match kept {
            Some((age, kept)) if age < FRESH => Ok(kept),
            Some((age, kept)) if age < USABLE => {
                // Nobody else begins to look as well.
                *held = Some((now, Arc::clone(&kept)));
                drop(held);
                let asking = ask();
                tokio::spawn(async move {
                    let renewed = asking.await;
                    let renewed = renewed.inspect_err(|error| {
                        if let Some(times) = NOT_RENEWED.note(()) {
                            tracing::warn!(%error, "an answer could not be renewed{times}");
                        }
                    });
                    // After a failure, whoever asks next is told why.
                    *slot.lock().await = renewed.ok().map(|answer| (now, Arc::new(answer)));
                });
                Ok(kept)
            }
            _ => {
                let answer = Arc::new(ask().await?);
                *held = Some((Instant::now(), Arc::clone(&answer)));
                Ok(answer)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    async fn count(asked: Arc<AtomicU64>) -> Result<u64, String> {
        tokio::task::yield_now().await;
        Ok(asked.fetch_add(1, Ordering::SeqCst))
    }

    #[tokio::test]
    async fn those_who_ask_the_same_at_once_get_one_answer() {
        let kept = Kept::<u64>::default();
        let asked = Arc::new(AtomicU64::new(0));
        let get = |what: &str| kept.get(what.to_owned(), || count(Arc::clone(&asked)));
        let (first, second, other) = tokio::join!(get("a"), get("a"), get("b"));
        assert_eq!(first.unwrap(), second.unwrap());
        other.unwrap();
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_failure_is_not_kept() {
        let kept = Kept::<u64>::default();
        let failed = kept.get("a".to_owned(), async || Err("no".to_owned()));
        assert_eq!(failed.await, Err("no".to_owned()));
        let asked = kept.get("a".to_owned(), async || Ok::<_, String>(7));
        assert_eq!(*asked.await.unwrap(), 7);
    }

    #[tokio::test]
    async fn an_old_answer_is_given_once_more_and_not_for_ever() {
        let kept = Kept::<u64>::default();
        let old = Instant::now().checked_sub(FRESH * 2).unwrap();
        *kept.slot("a".to_owned()).lock().await = Some((old, Arc::new(1)));
        let ask = || kept.get("a".to_owned(), async || Err("no".to_owned()));
        assert_eq!(*ask().await.unwrap(), 1);
        while kept.slot("a".to_owned()).lock().await.is_some() {
            tokio::task::yield_now().await;
        }
        assert_eq!(ask().await, Err("no".to_owned()));
    }

    #[tokio::test]
    async fn there_are_never_too_many() {
        let kept = Kept::<u64>::default();
        for number in 0..200 {
            let asked = kept.get(number.to_string(), async move || Ok::<_, String>(number));
            assert_eq!(*asked.await.unwrap(), number);
        }
        assert!(kept.0.lock().unwrap().len() <= MOST);
    }
}

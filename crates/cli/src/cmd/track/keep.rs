//! `--keep`: people about whom nothing has happened for long are forgotten.

use std::sync::Arc;
use std::time::{Duration, Instant};

use guestlist::ledger::{LedgerError, Privacy};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::args::now;

/// How often it is looked for them.
const EVERY: Duration = Duration::from_secs(3_600);
/// People who are looked up at once.
const AT_ONCE: u32 = 100;
/// The longest pause between two people.
const PAUSE: Duration = Duration::from_secs(2);

/// Reads a length of time: a day or more.
pub(super) fn at_least_a_day(text: &str) -> Result<Duration, String> {
    match guestlist_view::duration(text)? {
        length if length >= Duration::from_secs(86_400) => Ok(length),
        _ => Err("must be a day or more, such as 90d".to_owned()),
    }
}

/// Forgets people until it is stopped: at once, and then every hour.
pub(super) async fn keep(ledger: Arc<dyn Privacy>, keep: Duration, stop: CancellationToken) {
    loop {
        match sweep(&*ledger, keep, &stop).await {
            Ok(0) => {}
            Ok(people) => tracing::info!(people, "forgot people because of --keep"),
            Err(error) => {
                tracing::warn!(%error, "failed to forget people; trying again in an hour")
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(EVERY) => {}
        }
    }
}

/// Forgets everybody of whom all that is held is older, and says how many that were.
async fn sweep(
    ledger: &dyn Privacy,
    keep: Duration,
    stop: &CancellationToken,
) -> Result<u64, LedgerError> {
    let mut forgotten = 0;
    loop {
        let idle = ledger
            .idle_people(now().saturating_sub(keep), AT_ONCE)
            .await?;
        if idle.is_empty() {
            return Ok(forgotten);
        }
        for user in idle {
            if stop.is_cancelled() {
                return Ok(forgotten);
            }
            let began = Instant::now();
            ledger.forget_user(user, now()).await?;
            forgotten += 1;
            // Joins are written meanwhile: half of the time is theirs.
            sleep(began.elapsed().min(PAUSE)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use guestlist::ledger::{Batch, Page, Partition, Reports, Scope, SqliteLedger, Store};
    use guestlist::tracker::{Join, JoinKey, Record};

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn less_than_a_day_is_refused() {
        assert_eq!(at_least_a_day("90d"), Ok(DAY * 90));
        assert_eq!(at_least_a_day("24h"), Ok(DAY));
        assert!(at_least_a_day("23h").is_err());
        assert!(at_least_a_day("soon").is_err());
    }

    #[tokio::test]
    async fn who_is_older_is_forgotten_and_the_others_are_not() {
        let ledger = SqliteLedger::in_memory().await.unwrap();
        let claim = ledger.claim(Partition::ALL, "a test").await.unwrap();
        let joins = (1..=250_u64).map(|number| {
            // Two hundred and ten of them joined more than thirty days ago.
            let days = if number <= 210 { 31 } else { 29 };
            let at = now().saturating_sub(DAY * days);
            let user = number.to_string().parse().unwrap();
            let mut join = Join::new(JoinKey::new("1".parse().unwrap(), user, at), at);
            join.name = Some(format!("m{number}"));
            Record::Join(join)
        });
        ledger.commit(claim, &Batch::of(joins)).await.unwrap();
        let stop = CancellationToken::new();
        stop.cancel();
        assert_eq!(sweep(&ledger, DAY * 30, &stop).await.unwrap(), 0, "stopped");
        let stop = CancellationToken::new();
        assert_eq!(sweep(&ledger, DAY * 30, &stop).await.unwrap(), 210);
        assert_eq!(sweep(&ledger, DAY * 30, &stop).await.unwrap(), 0);
        let rows = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
        assert_eq!(rows.len(), 250, "counts stay what they were");
        let named = rows.iter().filter_map(|it| it.join.name.as_deref());
        let named: Vec<u64> = named.map(|it| it[1..].parse().unwrap()).collect();
        assert_eq!(named.len(), 40);
        assert!(named.iter().all(|it| *it > 210));
    }
}

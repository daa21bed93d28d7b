//! Personal links: an invite with one use for each of many people. They are made one after the
//! other while nobody has to wait, and each is labelled with the name at once, so that what was
//! made is kept whatever happens then.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use guestlist_client::{ApiError, Client, Done, MaxAge, MaxUses, Reason};
use guestlist_ledger::{InviteStatus, Label, Labels, LedgerError, Reports, Scope};
use guestlist_model::{ChannelId, GuildId, InviteCode};
use guestlist_view::SeenInvite;
use tokio::{task::JoinHandle, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::app::now;

/// People at once. A server has a thousand invites at most.
pub(crate) const MOST: usize = 100;
/// How long a request may take before a stop no longer waits for its answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);

/// What is to be made.
pub(crate) struct Order {
    pub(crate) guild: GuildId,
    pub(crate) channel: ChannelId,
    pub(crate) age: MaxAge,
    /// For whom, as labels.
    pub(crate) people: Vec<Label>,
    /// Who ordered it, for the audit log.
    pub(crate) by: Option<String>,
}

/// How far an order is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    pub(crate) all: usize,
    pub(crate) made: usize,
    /// Who had a link that can still be used.
    pub(crate) skipped: usize,
    pub(crate) running: bool,
    /// Why it ended before all were made.
    pub(crate) problem: Option<String>,
}

/// The orders of this process: the latest of each server.
#[derive(Default)]
pub(crate) struct Orders {
    progress: Mutex<HashMap<GuildId, Arc<Mutex<Progress>>>>,
    running: Mutex<Vec<JoinHandle<()>>>,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Orders {
    /// How far the latest order of a server is.
    pub(crate) fn progress(&self, guild: GuildId) -> Option<Progress> {
        let progress = held(&self.progress).get(&guild).cloned()?;
        let progress = held(&progress).clone();
        Some(progress)
    }

    /// Begins an order; false if one of this server is under way.
    pub(crate) fn begin(&self, making: Making, order: Order) -> bool {
        let progress = Arc::new(Mutex::new(Progress {
            all: order.people.len(),
            running: true,
            ..Progress::default()
        }));
        let mut latest = held(&self.progress);
        if let Some(before) = latest.get(&order.guild)
            && held(before).running
        {
            return false;
        }
        latest.insert(order.guild, Arc::clone(&progress));
        drop(latest);
        let task = tokio::spawn(async move {
            let problem = making.make(&order, &progress).await.err();
            let mut progress = held(&progress);
            (progress.running, progress.problem) = (false, problem);
        });
        let mut running = held(&self.running);
        running.retain(|it| !it.is_finished());
        running.push(task);
        true
    }

    /// Waits for what is under way, after a stop.
    pub(crate) async fn end(&self) {
        let running = mem::take(&mut *held(&self.running));
        for task in running {
            // One that panicked has nothing more to write.
            let _ = task.await;
        }
    }
}

/// With what links are made.
pub(crate) struct Making {
    pub(crate) client: Client,
    pub(crate) ledger: Arc<dyn Reports>,
    pub(crate) labels: Arc<dyn Labels>,
    pub(crate) stop: CancellationToken,
}

impl Making {
    async fn make(&self, order: &Order, progress: &Mutex<Progress>) -> Result<(), String> {
        let unread = |error: LedgerError| {
            tracing::error!(%error, "failed to create personal links");
            "the ledger cannot be read or written; see the log of guestlist for the reason"
                .to_owned()
        };
        let known = links(&*self.ledger, order.guild).await.map_err(unread)?;
        let usable = known.iter().filter(|it| it.is_usable());
        let has: HashSet<&Label> = usable.map(|it| &it.label).collect();
        for label in &order.people {
            if has.contains(label) {
                held(progress).skipped += 1;
                continue;
            }
            if self.stop.is_cancelled() {
                return Err("guestlist was stopped".to_owned());
            }
            let request = self.request(order, label)?;
            let made = tokio::select! {
                made = request.into_future() => made,
                () = self.given_up() => return Err("guestlist was stopped".to_owned()),
            };
            let made = made.map_err(told)?;
            let Done::Told(invite) = made else {
                return Err(format!(
                    "Discord created the link for {}, but did not return the code",
                    name(label)
                ));
            };
            let written = self
                .labels
                .set_label(order.guild, invite.code(), label, now())
                .await;
            if let Err(error) = written {
                let code = invite.code();
                return Err(format!(
                    "the link for {} was created, but could not be stored: {code}; {}",
                    name(label),
                    unread(error)
                ));
            }
            held(progress).made += 1;
        }
        Ok(())
    }

    fn request(
        &self,
        order: &Order,
        label: &Label,
    ) -> Result<guestlist_client::CreateInvite, String> {
        let by = order.by.as_deref().map(|it| format!("; {it}"));
        let reason = format!("{label}{}", by.unwrap_or_default());
        let reason = Reason::new(&reason).map_err(|error| error.to_string())?;
        let once = MaxUses::new(1).map_err(|error| error.to_string())?;
        Ok(self
            .client
            .create_invite(order.channel)
            .max_age(order.age)
            .max_uses(once)
            .unique(true)
            .reason(reason))
    }

    /// Ends when no answer is waited for any longer.
    async fn given_up(&self) {
        self.stop.cancelled().await;
        sleep(ANSWERED_WITHIN).await;
    }
}

fn told(error: ApiError) -> String {
    format!("{error}. To fix it: {}", error.help())
}

fn name(label: &Label) -> &str {
    label.person().unwrap_or(label.as_str())
}

/// A personal link of a server.
pub(crate) struct Link {
    pub(crate) label: Label,
    pub(crate) code: InviteCode,
    /// Its latest life; none if the ledger has not seen it yet.
    pub(crate) invite: Option<SeenInvite>,
}

impl Link {
    pub(crate) fn name(&self) -> &str {
        name(&self.label)
    }

    fn is_usable(&self) -> bool {
        let invite = self.invite.as_ref();
        invite.is_none_or(|it| !it.state().has_ended())
    }

    /// How many members joined through it.
    pub(crate) fn joins(&self) -> u64 {
        self.invite.as_ref().map_or(0, |it| it.row.joins())
    }

    /// What became of it, in words.
    pub(crate) fn state(&self) -> String {
        match &self.invite {
            Some(invite) => invite.state().label().to_owned(),
            None => "just created".to_owned(),
        }
    }
}

/// The personal links of a server, by name.
pub(crate) async fn links(ledger: &dyn Reports, guild: GuildId) -> Result<Vec<Link>, LedgerError> {
    let scope = Scope::new().guild(guild);
    let labels = ledger.labels(&scope).await?;
    let now = now();
    let mut lives: BTreeMap<InviteCode, SeenInvite> = BTreeMap::new();
    for row in ledger.invites(&scope, InviteStatus::Any, None).await? {
        let seen = SeenInvite { row, now };
        let code = seen.row.invite.code.clone();
        let newer = |it: &SeenInvite| it.row.invite.created_at >= seen.row.invite.created_at;
        if !lives.get(&code).is_some_and(newer) {
            lives.insert(code, seen);
        }
    }
    let personal = labels.into_iter().filter(|it| it.label.person().is_some());
    let links = personal.map(|row| Link {
        invite: lives.remove(&row.code),
        label: row.label,
        code: row.code,
    });
    Ok(links.collect())
}

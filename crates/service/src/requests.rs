//! The requests in progress.

use std::{collections::HashMap, sync::Arc, time::Duration};

use guestlist_ledger::Resume;
use guestlist_tracker::{Failure, Request, RequestId, Response};
use tokio::{
    task::{Id as TaskId, JoinError, JoinSet},
    time::timeout,
};

use crate::{Requester, members::Members, meters::Timer, trouble::About};

/// The maximum duration of a request, regardless of its requester.
const LONGEST: Duration = Duration::from_secs(180);

/// How a request's task ended.
pub(crate) type Reply = Result<(TaskId, Result<Response, Failure>), JoinError>;

/// A request that has ended.
pub(crate) struct Ended {
    pub(crate) id: RequestId,
    pub(crate) about: About,
    pub(crate) result: Result<Response, Failure>,
}

/// The reason if a task ended without a result.
const PANICKED: &str = "the request's task failed, which is a bug";

pub(crate) struct Requests<R, L> {
    requester: R,
    members: Members<L>,
    /// The maximum number of requests in progress.
    most: usize,
    tasks: JoinSet<Result<Response, Failure>>,
    ids: HashMap<TaskId, (RequestId, About, Timer)>,
}

impl<R: Requester, L: Resume + 'static> Requests<R, L> {
    pub(crate) fn new(requester: R, ledger: Arc<L>, most: usize) -> Self {
        Self {
            requester,
            members: Members::new(ledger),
            most,
            tasks: JoinSet::new(),
            ids: HashMap::new(),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Whether another request may be sent.
    pub(crate) fn has_room(&self) -> bool {
        self.tasks.len() < self.most
    }

    pub(crate) fn send(&mut self, id: RequestId, request: Request) {
        tracing::trace!(%id, request = request.label(), guild = %request.guild(), "asking");
        let about = About::new(&request);
        let (requester, members) = (self.requester.clone(), self.members.clone());
        let task = self.tasks.spawn(async move {
            timeout(LONGEST, members.ask(&requester, request))
                .await
                .unwrap_or_else(|_| Err(Failure::Transport("no answer in time".to_owned())))
        });
        self.ids.insert(task.id(), (id, about, Timer::start()));
    }

    /// Returns the next reply, or `None` if no request is in progress. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Reply> {
        self.tasks.join_next_with_id().await
    }

    /// Handles the end of a request. Returns the request and its result.
    pub(crate) fn ended(&mut self, reply: Reply) -> Option<Ended> {
        let (task, result) = match reply {
            Ok(reply) => reply,
            Err(error) => (error.id(), Err(Failure::Transport(PANICKED.to_owned()))),
        };
        let (id, about, timer) = self.ids.remove(&task)?;
        timer.request(about.label(), result.is_ok());
        Some(Ended { id, about, result })
    }

    /// Aborts all requests.
    pub(crate) fn abort(&mut self) {
        self.tasks.abort_all();
    }
}

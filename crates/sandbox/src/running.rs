//! Starting and stopping.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{net::TcpListener, task::JoinHandle};

use crate::{
    Clock, Options,
    gateway::{Sessions, Which},
    server::{self, Core, FaultRule, Recorder, Shared},
    world::{
        Bot, Effect, Entry, Joined, MadeInvite, Micros, NewInvite, Refusal, World,
        scenario::{Progress, Scenario, ScenarioOptions},
    },
};

/// The error for a sandbox that does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port.
        port: u16,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A recording cannot be written, or read.
    #[error("cannot use {} as a recording", path.display())]
    Recording {
        /// The file.
        path: std::path::PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// The description of the world is inconsistent.
    #[error("cannot create the described world")]
    World(#[source] Refusal),
}

/// A simulated Discord, behind sockets on 127.0.0.1.
#[derive(Debug)]
pub struct Sandbox;

impl Sandbox {
    /// Starts a sandbox, which serves until [`Running`] is dropped.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Listen`] if the port is not available.
    pub async fn start(mut options: Options) -> Result<Running, SandboxError> {
        let port = options.port;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(|source| SandboxError::Listen { port, source })?;
        let address = listener
            .local_addr()
            .map_err(|source| SandboxError::Listen { port, source })?;
        if options.clock == Clock::Live {
            let since = SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            options.world.start = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        }
        options.settle_speed();
        let mut world = World::new(&options.world);
        let first = world.bot().id;
        if let (Some(token), Some(bot)) = (&options.token, world.bot_mut(first)) {
            bot.token.clone_from(token);
        }
        let first = world.first_bot().clone();
        let gateway_url = format!("ws://{address}");
        let sessions = Sessions::new(
            world.seed(),
            gateway_url.clone(),
            options.replay_limit,
            options.resume_window,
        );
        let mut core = Core::new(world, sessions, &options);
        if let Some(path) = &options.record {
            let recorder = Recorder::create(path, &options);
            core.recorder = Some(recorder.map_err(|source| SandboxError::Recording {
                path: path.clone(),
                source,
            })?);
        }
        let shared = Arc::new(Shared::new(options, gateway_url, core));
        let task = tokio::spawn(server::serve(listener, Arc::clone(&shared)));
        tokio::spawn(server::tick(Arc::clone(&shared)));
        tracing::debug!(%address, "the sandbox is up");
        Ok(Running {
            shared,
            address,
            first,
            task: Some(task),
        })
    }
}

/// A sandbox that serves. Dropping it stops it.
pub struct Running {
    shared: Arc<Shared>,
    address: SocketAddr,
    first: Bot,
    task: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

impl Running {
    /// The address of the sandbox.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The URL that replaces `https://discord.com`, before `/api/v10`.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The URL that replaces `wss://gateway.discord.gg`.
    #[must_use]
    pub fn gateway_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// The URL of the control API.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}/sandbox", self.address)
    }

    /// The token of the first bot, without `Bot `.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.first.token
    }

    /// The id of the first bot's application, which OAuth2 calls the client's. An application has
    /// its bot's.
    #[must_use]
    pub fn client_id(&self) -> u64 {
        self.first.id()
    }

    /// The OAuth2 client secret of the first bot's application.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.first.client_secret
    }

    /// All bots that have a token, the first one first.
    #[must_use]
    pub fn bots(&self) -> Vec<Bot> {
        self.shared.lock().world.bots().cloned().collect()
    }

    /// The ids of all guilds, ascending.
    #[must_use]
    pub fn guild_ids(&self) -> Vec<u64> {
        self.shared.lock().world.guild_ids()
    }

    /// A handle on the world, for code in the same process.
    #[must_use]
    pub fn world(&self) -> WorldHandle {
        WorldHandle {
            shared: Arc::clone(&self.shared),
        }
    }

    pub(crate) const fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn core(&self) -> std::sync::MutexGuard<'_, Core> {
        self.shared.lock()
    }

    /// Stops the sandbox and closes all connections.
    pub async fn shutdown(mut self) {
        self.shared.stop.cancel();
        if let Some(mut task) = self.task.take()
            && tokio::time::timeout(Duration::from_secs(2), &mut task)
                .await
                .is_err()
        {
            task.abort();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.shared.stop.cancel();
    }
}

/// Removes a fault when it is dropped.
pub struct FaultGuard {
    shared: Arc<Shared>,
    id: u64,
}

impl std::fmt::Debug for FaultGuard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FaultGuard").field("id", &self.id).finish()
    }
}

impl Drop for FaultGuard {
    fn drop(&mut self) {
        self.shared.lock().faults.remove(self.id);
    }
}

/// A handle on a running world. It does what the control API does, without HTTP.
///
/// The events of a change go to the connected clients at once.
#[derive(Clone)]
pub struct WorldHandle {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for WorldHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WorldHandle").finish_non_exhaustive()
    }
}

impl WorldHandle {
    /// Reads the world.
    pub fn read<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&self.shared.lock().world)
    }

    /// Changes the world and delivers the events.
    ///
    /// # Errors
    ///
    /// The error of the change.
    pub fn act<T, E>(
        &self,
        change: impl FnOnce(&mut World) -> Result<(T, Vec<Effect>), E>,
    ) -> Result<T, E> {
        self.shared.lock().act(change)
    }

    /// Creates an invite.
    ///
    /// # Errors
    ///
    /// See [`World::create_invite`].
    pub fn create_invite(&self, guild: u64, new: NewInvite) -> Result<MadeInvite, Refusal> {
        self.act(|world| {
            let made = world.create_invite(guild, new)?;
            let effects = made.effects.clone();
            Ok((made, effects))
        })
    }

    /// Lets somebody accept an invite: this user, or a new one.
    ///
    /// # Errors
    ///
    /// See [`World::accept_invite`].
    pub fn accept_invite(&self, code: &str, user: Option<u64>) -> Result<Joined, Refusal> {
        self.act(|world| {
            let joined = world.accept_invite(code, user)?;
            let effects = joined.effects.clone();
            Ok((joined, effects))
        })
    }

    /// Lets somebody join in another way.
    ///
    /// # Errors
    ///
    /// See [`World::join`].
    pub fn join(&self, guild: u64, entry: Entry) -> Result<Joined, Refusal> {
        self.act(|world| {
            let joined = world.join(guild, entry)?;
            let effects = joined.effects.clone();
            Ok((joined, effects))
        })
    }

    /// Lets a member leave.
    ///
    /// # Errors
    ///
    /// See [`World::leave`].
    pub fn leave(&self, guild: u64, user: u64) -> Result<(), Refusal> {
        self.act(|world| Ok(((), world.leave(guild, user)?)))
    }

    /// Deletes an invite.
    ///
    /// # Errors
    ///
    /// See [`World::revoke_invite`].
    pub fn revoke_invite(&self, code: &str, actor: Option<u64>) -> Result<(), Refusal> {
        self.act(|world| Ok(((), world.revoke_invite(code, actor, None)?.1)))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let by = Micros::try_from(by.as_micros()).unwrap_or(Micros::MAX);
        self.shared.advance_here(by);
    }

    /// Cuts the gateway connections of one shard, or of all; sessions that
    /// are not `resumable` are forgotten. Says how many were cut.
    pub fn drop_gateway(&self, shard: Option<u64>, resumable: bool) -> usize {
        let abort = crate::gateway::Outgoing::Abort;
        self.shared
            .lock()
            .sessions
            .drop_sockets(Which { shard, bot: None }, resumable, &abort)
    }

    /// Starts mixed traffic. It replaces earlier traffic.
    pub fn start_scenario(&self, options: ScenarioOptions) {
        let mut core = self.shared.lock();
        let scenario = Scenario::new(&core.world, options);
        core.scenario = Some(scenario);
    }

    /// The progress of the traffic, if there is any.
    #[must_use]
    pub fn scenario_progress(&self) -> Option<Progress> {
        self.shared.lock().scenario.as_ref().map(Scenario::progress)
    }

    /// Adds a fault, which lasts until it is used up or all faults are removed.
    pub fn fault(&self, rule: FaultRule) {
        self.shared.lock().faults.add(rule);
    }

    /// Adds a fault, which lasts until the guard is dropped.
    ///
    /// ```no_run
    /// # use guestlist_sandbox::{EventFault, FaultRule, Running};
    /// # fn story(running: &Running) {
    /// let world = running.world();
    /// let lossy = world.scoped_fault(FaultRule::event("INVITE_*", EventFault::Dropped));
    /// // Clients receive no events of invites now.
    /// drop(lossy);
    /// # }
    /// ```
    #[must_use = "the fault ends when the guard is dropped"]
    pub fn scoped_fault(&self, rule: FaultRule) -> FaultGuard {
        let id = self.shared.lock().faults.add(rule);
        FaultGuard {
            shared: Arc::clone(&self.shared),
            id,
        }
    }

    /// Revokes what a user has granted with OAuth2: their access tokens end.
    pub fn withdraw(&self, user: u64) {
        self.shared.lock().grants.withdraw(user);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// Resets the count and the list of REST requests.
    pub fn forget_requests(&self) {
        self.shared.lock().log = server::RequestLog::default();
    }

    /// The number of REST requests so far.
    #[must_use]
    pub fn request_count(&self) -> u64 {
        self.shared.lock().log.total()
    }
}

//! A sandbox in the same process, on threads of its own.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use guestlist_client::{Client, GatewayConfig, Token};
use guestlist_sandbox::{
    Limit, Options, RateLimits, Running, Sandbox, WorldHandle, world::NewInvite,
};
use guestlist_service::Discord;
use tokio::runtime::Runtime;

pub(crate) struct Sandboxed {
    running: Running,
    world: WorldHandle,
    codes: Vec<String>,
    joined: AtomicUsize,
}

impl Sandboxed {
    pub(crate) fn start(
        threads: &Runtime,
        guilds: u64,
        invites: usize,
        per_second: Option<u32>,
    ) -> Self {
        let mut limits = RateLimits::none();
        if let Some(per_second) = per_second {
            limits.global_per_second = Some(per_second);
            limits.default = Some(Limit::new(10, Duration::from_secs(1)));
        }
        let mut options = Options::seeded(1)
            .guilds(usize::try_from(guilds).unwrap())
            .rate_limits(limits);
        options.world.invites = 0;
        options.world.quirks.repeat_member_add = 0.0;
        let running = threads.block_on(Sandbox::start(options)).unwrap();
        let world = running.world();
        let mut codes = Vec::new();
        for guild in running.guild_ids() {
            let owner = world.read(|world| world.guild(guild).unwrap().owner_id);
            for _ in 0..invites {
                let mut new = NewInvite::default().by(owner).max_age(0);
                new.unique = true;
                codes.push(world.create_invite(guild, new).unwrap().code);
            }
        }
        Self {
            running,
            world,
            codes,
            joined: AtomicUsize::new(0),
        }
    }

    pub(crate) fn client(&self) -> (Client, Discord) {
        let token = Token::new(self.running.token()).unwrap();
        let client = Client::builder(token.clone())
            .api(self.running.api_url().parse().unwrap())
            .build()
            .unwrap();
        let gateway = Discord::new(client.clone(), GatewayConfig::new(token));
        (client, gateway)
    }

    /// Somebody joins, each time by another invite.
    pub(crate) fn join(&self) {
        let number = self.joined.fetch_add(1, Ordering::Relaxed);
        // Far apart, so that neighbours are in different servers.
        let code = &self.codes[number * 7_919 % self.codes.len()];
        self.world.accept_invite(code, None).unwrap();
    }
}

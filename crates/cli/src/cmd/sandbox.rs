//! `guestlist sandbox`: a simulated Discord to test bots against.

mod described;

use std::path::PathBuf;

use clap::ValueEnum;
use guestlist_sandbox::{
    Clock, Options, RateLimits, Running, Sandbox, SandboxError,
    world::{Bot, PrivilegedIntent},
};
use serde::Serialize;

use crate::error::{CliError, Exit};
use crate::output::Out;
use crate::runtime::{block_on_threads, cancelled_by_signals};

/// Serve a simulated Discord for testing bots
///
/// Serves Discord's REST API and gateway on this machine, for any client with a configurable
/// base URL. The control API under /sandbox creates servers, invites and joins, moves the
/// clock and drops connections. It also knows how each member really joined, to evaluate
/// invite trackers.
///
/// Prints one line of JSON when it is ready, then serves until Ctrl-C or SIGTERM.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist sandbox --port 8080 --seed 7
  guestlist track --api http://127.0.0.1:8080 --db try.db
                  (with DISCORD_TOKEN set to the token that the sandbox prints)
  curl -X POST http://127.0.0.1:8080/sandbox/scenario -d '{\"joins\": 100}' \\
       -H 'content-type: application/json'
  curl http://127.0.0.1:8080/sandbox/truth")]
pub(crate) struct Args {
    /// Listen on this port of 127.0.0.1; 0 lets the system choose
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// The seed of the random numbers
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    seed: u64,
    /// The number of servers at the start
    #[arg(long, value_name = "N", default_value_t = 3, default_value_if("world", clap::builder::ArgPredicate::IsPresent, "0"), value_parser = clap::value_parser!(u32).range(0..=1000))]
    guilds: u32,
    /// The number of invites of each server at the start
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(0..=1000))]
    invites: u32,
    /// The number of members of each server at the start
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    members: u32,
    /// Add a bot with this name and its own token to all servers; repeat it for more bots
    #[arg(long = "bot", value_name = "NAME", conflicts_with = "world")]
    bots: Vec<String>,
    /// The number of shards that the gateway recommends
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    shards: u32,
    /// Whether time follows this machine's clock, or only the control API
    #[arg(long, value_enum, value_name = "CLOCK", default_value = "live")]
    clock: ClockArg,
    /// Make the sandbox's time run N times as fast
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000), conflicts_with = "clock")]
    speed: u32,
    /// Create the servers, bots, members and invites that this TOML file describes
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// Write every request, frame and control call to this file
    #[arg(long, value_name = "FILE", conflicts_with = "world")]
    record: Option<PathBuf>,
    /// Start like the sandbox in this recording, repeat its calls, and print which responses differ
    #[arg(long, value_name = "FILE", conflicts_with_all = ["seed", "guilds", "invites", "members", "bots", "shards", "clock", "speed", "world", "record", "without_members_intent", "no_limits"])]
    replay: Option<PathBuf>,
    /// Disable the privileged members intent of the bot's application: a bot that requests it
    /// is disconnected with close code 4014
    #[arg(long)]
    without_members_intent: bool,
    /// Disable the rate limits on requests and on gateway sessions
    #[arg(long)]
    no_limits: bool,
    /// Print only JSON; this is always the case
    #[arg(long, hide = true)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ClockArg {
    Live,
    Manual,
}

#[derive(Serialize)]
struct Ready {
    event: &'static str,
    api: String,
    gateway: String,
    control: String,
    token: String,
    client_id: String,
    client_secret: String,
    bots: Vec<ReadyBot>,
    guilds: Vec<String>,
}

#[derive(Serialize)]
struct ReadyBot {
    id: String,
    name: String,
    token: String,
}

#[derive(Serialize)]
struct Replayed {
    event: &'static str,
    calls: usize,
    different: Vec<Different>,
}

#[derive(Serialize)]
struct Different {
    line: usize,
    call: String,
}

impl Args {
    fn options(&self) -> Options {
        let mut options = Options::seeded(self.seed)
            .port(self.port)
            .shards(self.shards)
            .speed(self.speed)
            .clock(match self.clock {
                ClockArg::Live => Clock::Live,
                ClockArg::Manual => Clock::Manual,
            })
            .guilds(self.guilds as usize);
        if self.no_limits {
            options = options.rate_limits(RateLimits::none());
        }
        if self.without_members_intent {
            options.world = options.world.without(PrivilegedIntent::Members);
        }
        options.world.invites = self.invites as usize;
        options.world.members = self.members as usize;
        options.world.bots.clone_from(&self.bots);
        options.record.clone_from(&self.record);
        options
    }
}

/// Serves.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let described = args.world.as_deref().map(described::read).transpose()?;
    block_on_threads(async {
        let stop = cancelled_by_signals()?;
        let (running, recording) = match &args.replay {
            Some(file) => {
                let (running, recording) = Sandbox::replay(file, args.port).await?;
                (running, Some(recording))
            }
            None => (Sandbox::start(args.options()).await?, None),
        };
        if let Some(described) = described {
            for bot in described.bots {
                running.employ(bot).map_err(SandboxError::World)?;
            }
            for guild in described.guilds {
                running.found(guild).map_err(SandboxError::World)?;
            }
        }
        out.json(&ready(&running))?;
        out.flush()?;
        let mut exit = Exit::Ok;
        if let Some(recording) = recording {
            let replayed = recording.play(&running).await;
            let different: Vec<Different> = replayed
                .different
                .into_iter()
                .map(|(line, call)| Different { line, call })
                .collect();
            if !different.is_empty() {
                exit = Exit::Negative;
            }
            out.json(&Replayed {
                event: "replayed",
                calls: replayed.calls,
                different,
            })?;
            out.flush()?;
        }
        stop.cancelled().await;
        running.shutdown().await;
        Ok(exit)
    })
}

fn ready_bot(bot: &Bot) -> ReadyBot {
    ReadyBot {
        id: bot.id().to_string(),
        name: bot.user.username.clone(),
        token: bot.token.clone(),
    }
}

fn ready(running: &Running) -> Ready {
    Ready {
        event: "ready",
        api: running.api_url(),
        gateway: running.gateway_url(),
        control: running.control_url(),
        token: running.token().to_owned(),
        client_id: running.client_id().to_string(),
        client_secret: running.client_secret().to_owned(),
        bots: running.bots().iter().map(ready_bot).collect(),
        guilds: running.guild_ids().iter().map(u64::to_string).collect(),
    }
}

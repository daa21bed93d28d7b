//! Each bot runs against a sandbox, and says how members came in. And what guestlist takes of
//! a bot's own code stays as little as promised.

use std::{process::Stdio, time::Duration};

use guestlist_sandbox::{Options, RateLimits, Running, Sandbox, world::NewInvite};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
    time::timeout,
};

/// Everything is done by then, also on a busy machine.
const LONG: Duration = Duration::from_secs(120);

struct Bot {
    server: Running,
    lines: Lines<BufReader<ChildStdout>>,
    _directory: TempDir,
    /// Killed when it is dropped.
    _process: Child,
}

impl Bot {
    async fn start(program: &str, shards: u32) -> Self {
        let options = Options::seeded(3)
            .shards(shards)
            .rate_limits(RateLimits::none());
        let server = Sandbox::start(options).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut process = Command::new(program)
            .env("DISCORD_TOKEN", server.token())
            .env("DISCORD_API", server.api_url())
            .current_dir(directory.path())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            server,
            lines,
            _directory: directory,
            _process: process,
        }
    }

    /// Waits for a line with these words.
    async fn says(&mut self, words: &[&str]) -> String {
        let mut said = Vec::new();
        let found = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                if words.iter().all(|word| line.contains(word)) {
                    return Some(line);
                }
                said.push(line);
            }
            None
        };
        match timeout(LONG, found).await {
            Ok(Some(line)) => line,
            Ok(None) => panic!("the bot ended before it said {words:?}, after {said:?}"),
            Err(_) => panic!("the bot has not said {words:?}, only {said:?}"),
        }
    }

    /// Somebody joins each server by an invite of its own, and the bot says by which.
    async fn says_who_came_in(&mut self) {
        let mut codes = Vec::new();
        for guild in self.server.guild_ids() {
            let new = NewInvite::default();
            let made = self.server.world().create_invite(guild, new).unwrap();
            self.server.world().accept_invite(&made.code, None).unwrap();
            codes.push(made.code);
        }
        // The last one first: what is said before is skipped.
        let mut open = codes;
        while !open.is_empty() {
            let line = self.says(&["confirmed: invite "]).await;
            open.retain(|code| !line.contains(code));
        }
    }
}

#[tokio::test]
async fn the_twilight_bot() {
    let mut bot = Bot::start(env!("CARGO_BIN_EXE_twilight-bot"), 1).await;
    bot.says(&["is connected"]).await;
    bot.says_who_came_in().await;
    // The connection breaks.
    assert_eq!(bot.server.world().drop_gateway(None, true), 1);
    bot.says_who_came_in().await;
}

#[tokio::test]
async fn the_twilight_bot_with_shards() {
    let mut bot = Bot::start(env!("CARGO_BIN_EXE_twilight-sharded"), 2).await;
    bot.says(&["is connected"]).await;
    bot.says(&["is connected"]).await;
    bot.says_who_came_in().await;
}

#[tokio::test]
async fn the_serenity_bot() {
    let mut bot = Bot::start(env!("CARGO_BIN_EXE_serenity-bot"), 1).await;
    bot.says(&["is connected"]).await;
    bot.says_who_came_in().await;
    assert_eq!(bot.server.world().drop_gateway(None, true), 1);
    bot.says_who_came_in().await;
}

#[tokio::test]
async fn the_poise_bot() {
    let mut bot = Bot::start(env!("CARGO_BIN_EXE_poise-bot"), 1).await;
    bot.says(&["is connected"]).await;
    bot.says_who_came_in().await;
}

#[test]
fn five_lines_are_enough() {
    for (bot, source) in [
        ("twilight-bot", include_str!("../src/bin/twilight-bot.rs")),
        (
            "twilight-sharded",
            include_str!("../src/bin/twilight-sharded.rs"),
        ),
        ("serenity-bot", include_str!("../src/bin/serenity-bot.rs")),
        ("poise-bot", include_str!("../src/bin/poise-bot.rs")),
    ] {
        let lines: Vec<&str> = source
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with("use ") && !line.starts_with("//"))
            .filter(|line| line.contains("guests") || line.contains("Guestlist::"))
            .collect();
        assert!((2..=5).contains(&lines.len()), "{bot}: {lines:#?}");
    }
}

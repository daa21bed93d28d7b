//! What the bot under test is to do.

use std::time::Duration;

use crate::{Running, gateway::Which, server::like, world::MessageText};

/// What the bot under test is to do. See [`Running::expect`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Expected {
    what: What,
    bot: Option<u64>,
    within: Duration,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Request { method: String, path: String },
    Message { text: String },
    Connection,
}

impl Expected {
    const fn new(what: What) -> Self {
        Self {
            what,
            bot: None,
            within: Duration::from_secs(10),
        }
    }

    /// A request that succeeds, such as `("PUT", "/guilds/*/members/*/roles/*")`.
    pub fn request(method: &str, path: &str) -> Self {
        Self::new(What::Request {
            method: String::from(method),
            path: String::from(path),
        })
    }

    /// A message that contains this text.
    pub fn message(text: &str) -> Self {
        Self::new(What::Message {
            text: String::from(text),
        })
    }

    /// A connection to the gateway that is ready.
    pub const fn connection() -> Self {
        Self::new(What::Connection)
    }

    /// Sets which bot is to do it; by default, any bot.
    pub const fn by(mut self, bot: u64) -> Self {
        self.bot = Some(bot);
        self
    }

    /// Sets how long to wait. The default is ten seconds.
    pub const fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }
}

/// The error for a bot that did not do what was expected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("expected {what} within {within:?}, but saw {seen}")]
#[non_exhaustive]
pub struct NotSeen {
    /// What was expected.
    pub what: String,
    /// The time for which the sandbox waited.
    pub within: Duration,
    /// What the bot did instead.
    pub seen: String,
}

impl Running {
    /// Waits until the bot has done something, since the sandbox began or
    /// [`WorldHandle::forget_requests`](crate::WorldHandle::forget_requests).
    ///
    /// # Errors
    ///
    /// [`NotSeen`] if the bot does not do it in time.
    pub async fn expect(&self, expected: Expected) -> Result<(), NotSeen> {
        let waiting = async {
            while !self.has_seen(&expected) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let done = tokio::time::timeout(expected.within, waiting).await;
        done.map_err(|_| {
            let (what, seen) = self.tell(&expected.what);
            NotSeen {
                what,
                within: expected.within,
                seen,
            }
        })
    }

    fn has_seen(&self, expected: &Expected) -> bool {
        let core = self.core();
        let bot = expected.bot;
        match &expected.what {
            What::Request { method, path } => {
                core.log.recent().any(|(its_method, its, status, by)| {
                    its_method.eq_ignore_ascii_case(method)
                        && like(its, path)
                        && status < 300
                        && bot.is_none_or(|bot| by == Some(bot))
                })
            }
            What::Message { text } => core
                .world
                .messages()
                .filter(|message| bot.is_none_or(|bot| message.author.id == bot))
                .any(|message| says(&message.text, text)),
            What::Connection => core.sessions.any_connected(Which { bot, shard: None }),
        }
    }

    fn tell(&self, what: &What) -> (String, String) {
        let core = self.core();
        match what {
            What::Request { method, path } => {
                let all = core
                    .log
                    .recent()
                    .map(|(method, path, status, _)| format!("{method} {path} ({status})"));
                let mut all: Vec<String> = all.collect();
                all.dedup();
                let from = all.len().saturating_sub(20);
                let last = all.get(from..).unwrap_or_default().join(", ");
                (format!("{method} {path}"), format!("[{last}]"))
            }
            What::Message { text } => {
                let all = core.world.messages().map(|it| it.text.content.as_str());
                let all: Vec<&str> = all.collect();
                (format!("message with {text:?}"), format!("{all:?}"))
            }
            What::Connection => (
                String::from("connection to the gateway"),
                String::from("no sessions"),
            ),
        }
    }
}

/// Whether a text is somewhere in a message.
fn says(message: &MessageText, text: &str) -> bool {
    let rich = message.embeds.iter().chain(&message.components);
    message.content.contains(text) || rich.map(ToString::to_string).any(|it| it.contains(text))
}

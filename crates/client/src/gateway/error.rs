//! Errors of the gateway.

use super::Cause;
use crate::{ApiError, BuildError, TransportError};

/// The error of a gateway connection that cannot be opened or cannot continue.
///
/// See [Discord Docs/Gateway Close Event Codes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
///
/// ```
/// use guestlist_client::GatewayError;
///
/// let error = GatewayError::from_close_code(4014).unwrap();
/// assert_eq!(error.to_string(), "the bot may not use these intents (close code 4014)");
/// println!("{}", error.help().unwrap_or_default());
/// // Other close codes lead to a new connection.
/// assert!(GatewayError::from_close_code(4000).is_none());
/// ```
#[derive(Clone, Debug, thiserror::Error)]
pub enum GatewayError {
    /// 4004: the token is wrong or was reset.
    #[error("the gateway does not accept the bot token (close code 4004)")]
    BadToken,
    /// 4010: the shard is invalid.
    #[error("the gateway does not accept the shard number (close code 4010)")]
    InvalidShard,
    /// 4011: the bot is in too many guilds for its number of shards.
    #[error("the bot is in too many servers for its number of shards (close code 4011)")]
    ShardingRequired,
    /// 4012: Discord has removed this version of the gateway.
    #[error("the gateway no longer supports this API version (close code 4012)")]
    InvalidApiVersion,
    /// 4013: the intents are invalid.
    #[error("the gateway does not accept these intents (close code 4013)")]
    InvalidIntents,
    /// 4014: the intents are not enabled for the bot.
    #[error("the bot may not use these intents (close code 4014)")]
    DisallowedIntents,
    /// The range of shards is invalid.
    #[error("invalid range of shards: {first} to {last} of {total}")]
    Shards {
        /// The first shard.
        first: u32,
        /// The last shard.
        last: u32,
        /// The total number of shards.
        total: u32,
    },
    /// The API recommends so many shards that one process cannot run them.
    #[error("the API recommends {shards} shards")]
    TooManyShards {
        /// The recommended number.
        shards: u32,
    },
    /// The API names a gateway that does not belong to it. The token is not sent there.
    #[error("{0}")]
    Untrusted(Cause),
    /// The request for the gateway URL failed.
    #[error("cannot get the gateway's URL")]
    Api(#[from] ApiError),
    /// The request for the token's application failed.
    #[error("cannot get the application of the bot token")]
    Application(#[source] ApiError),
    /// TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(TransportError),
    /// No tokio runtime is running.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The task of a shard panicked, which is a bug.
    #[error("the task of the shard panicked")]
    Panicked,
}

impl GatewayError {
    /// The error for a close code after which the shard cannot continue; `None` for other
    /// codes.
    #[must_use]
    pub const fn from_close_code(code: u16) -> Option<Self> {
        Some(match code {
            4004 => Self::BadToken,
            4010 => Self::InvalidShard,
            4011 => Self::ShardingRequired,
            4012 => Self::InvalidApiVersion,
            4013 => Self::InvalidIntents,
            4014 => Self::DisallowedIntents,
            _ => return None,
        })
    }

    /// What a person can do about the error.
    #[must_use]
    pub const fn help(&self) -> Option<&'static str> {
        Some(match self {
            Self::BadToken => {
                "copy the token again from https://discord.com/developers/applications (Bot, Reset Token)"
            }
            Self::DisallowedIntents | Self::InvalidIntents => {
                "enable SERVER MEMBERS INTENT in the developer portal: \
                 https://discord.com/developers/applications, your application, Bot, Privileged Gateway Intents"
            }
            Self::InvalidShard | Self::Shards { .. } => {
                "shards are numbered from 0; each is below their total number"
            }
            Self::TooManyShards { .. } => "check the API's address, or set the shards yourself",
            Self::Untrusted(_) => {
                "check the API's address; if the gateway is meant to be elsewhere, set its address yourself"
            }
            Self::ShardingRequired => "use more shards, or let Discord choose the number",
            Self::InvalidApiVersion => "update this program",
            Self::Api(error) | Self::Application(error) => error.help(),
            Self::Build(_) | Self::Tls(_) => return None,
            Self::Panicked => "please report this with the log",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::GatewayError;

    #[test]
    fn fatal_close_codes_are_the_ones_of_twilight() {
        for code in 4000..4100 {
            let fatal = twilight_model::gateway::CloseCode::try_from(code)
                .is_ok_and(|code| !code.can_reconnect());
            assert_eq!(
                GatewayError::from_close_code(code).is_some(),
                fatal,
                "{code}"
            );
        }
        for code in [4013, 4014] {
            let error = GatewayError::from_close_code(code).unwrap();
            assert!(error.help().unwrap().contains("SERVER MEMBERS INTENT"));
        }
    }
}

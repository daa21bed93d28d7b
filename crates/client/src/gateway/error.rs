//! Why the gateway cannot be used.

use crate::{ApiError, BuildError, TransportError};

/// Why a connection to the gateway cannot be made or cannot go on.
///
/// See [Discord Docs/Gateway Close Event Codes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
#[derive(Clone, Debug, thiserror::Error)]
pub enum GatewayError {
    /// 4004: the token is wrong or was reset.
    #[error("the gateway does not accept the bot token (close code 4004)")]
    BadToken,
    /// 4010: there is no such shard.
    #[error("the gateway does not accept the shard's number (close code 4010)")]
    InvalidShard,
    /// 4011: the bot is in too many guilds for so few shards.
    #[error("the bot is in too many servers for so few shards (close code 4011)")]
    ShardingRequired,
    /// 4012: this version of the gateway is gone.
    #[error("the gateway no longer speaks this version (close code 4012)")]
    InvalidApiVersion,
    /// 4013: there are no such intents.
    #[error("the gateway does not know these intents (close code 4013)")]
    InvalidIntents,
    /// 4014: the intents are not enabled for the bot.
    #[error("the bot may not use these intents (close code 4014)")]
    DisallowedIntents,
    /// Shards that cannot be.
    #[error("shards {first} to {last} out of {total} cannot be")]
    Shards {
        /// The first.
        first: u32,
        /// The last.
        last: u32,
        /// How many there are in all.
        total: u32,
    },
    /// The API did not say where the gateway is.
    #[error("cannot ask where the gateway is")]
    Api(#[from] ApiError),
    /// The API did not say which application the token belongs to.
    #[error("cannot ask which application the bot token belongs to")]
    Application(#[source] ApiError),
    /// No encrypted connection can be made.
    #[error("cannot set up encryption: {0}")]
    Tls(TransportError),
    /// There is no runtime to connect in.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The task of a shard panicked: an error in this program.
    #[error("the shard's task panicked")]
    Panicked,
}

impl GatewayError {
    /// What a close code means, if it is one after which nothing can go on.
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

    /// What a person can do about it.
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
            Self::ShardingRequired => "use more shards, or leave their number to Discord",
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

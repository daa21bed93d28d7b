use crate::{ApiError, Client, GatewayUrl, decode, transport::Request};
use serde::Deserialize;
use std::time::Duration;

/// Asks where the gateway is and how many shards the bot should have.
///
/// See [Discord Docs/Get Gateway Bot](https://discord.com/developers/docs/events/gateway#get-gateway-bot).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetGatewayBot {
    client: Client,
}

/// Where the gateway is, and how to connect to it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct GatewayBot {
    /// Where to connect to.
    pub url: GatewayUrl,
    /// How many shards Discord recommends.
    pub shards: u32,
    /// How many sessions may be started.
    pub session_start_limit: SessionStartLimit,
}

/// How many sessions a bot may start a day, and at a time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SessionStartLimit {
    /// Sessions a day.
    pub total: u32,
    /// Sessions left.
    pub remaining: u32,
    /// When the count starts anew.
    pub reset_after: Duration,
    /// Shards that may identify within five seconds.
    pub max_concurrency: u16,
}

#[derive(Deserialize)]
struct Raw {
    url: String,
    shards: u32,
    session_start_limit: RawLimit,
}

#[derive(Deserialize)]
struct RawLimit {
    total: u32,
    remaining: u32,
    reset_after: u64,
    #[serde(default = "one")]
    max_concurrency: u16,
}

const fn one() -> u16 {
    1
}

impl Client {
    /// Asks where the gateway is and how many shards the bot should have.
    pub fn get_gateway_bot(&self) -> GetGatewayBot {
        GetGatewayBot {
            client: self.clone(),
        }
    }
}

impl GetGatewayBot {
    async fn send(self) -> Result<GatewayBot, ApiError> {
        let reply = self
            .client
            .send(&Request::get("gateway/bot".to_owned()))
            .await?;
        let raw: Raw = decode::json(&reply)?;
        let url = raw
            .url
            .parse()
            .map_err(|error| decode::failure("url", &error))?;
        let limit = raw.session_start_limit;
        Ok(GatewayBot {
            url,
            shards: raw.shards.max(1),
            session_start_limit: SessionStartLimit {
                total: limit.total,
                remaining: limit.remaining,
                reset_after: Duration::from_millis(limit.reset_after),
                max_concurrency: limit.max_concurrency.max(1),
            },
        })
    }
}

into_future!(GetGatewayBot => GatewayBot);

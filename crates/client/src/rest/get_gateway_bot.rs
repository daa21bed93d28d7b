use crate::{ApiError, Client, GatewayUrl, decode, transport::Request};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Gets the gateway URL and the recommended number of shards.
///
/// See [Discord Docs/Get Gateway Bot](https://discord.com/developers/docs/events/gateway#get-gateway-bot).
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), guestlist_client::ApiError> {
/// let gateway = client.get_gateway_bot().await?;
/// println!("{} shards at {}", gateway.shards, gateway.url);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetGatewayBot {
    client: Client,
}

/// The gateway URL, and how to connect to it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GatewayBot {
    /// The URL.
    pub url: GatewayUrl,
    /// The recommended number of shards.
    pub shards: u32,
    /// The limit on starting sessions.
    pub session_start_limit: SessionStartLimit,
}

/// The limit on starting sessions.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SessionStartLimit {
    /// How many sessions the bot may start per day.
    pub total: u32,
    /// How many remain today.
    pub remaining: u32,
    /// The time until the limit resets.
    pub reset_after: Duration,
    /// How many shards may identify within five seconds.
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

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

const fn one() -> u16 {
    1
}

impl Client {
    /// Gets the gateway URL and the recommended number of shards.
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
                // Discord's limit is of a day.
                reset_after: Duration::from_millis(limit.reset_after).min(DAY),
                max_concurrency: limit.max_concurrency.max(1),
            },
        })
    }
}

into_future!(GetGatewayBot => GatewayBot);

//! A twilight bot that says which invite each new member used.
//!
//! ```console
//! $ DISCORD_TOKEN=… cargo run --bin twilight-bot
//! ```

use std::{env, error::Error, sync::Arc};

use guestlist_twilight::{Guestlist, INTENTS};
use twilight_gateway::{ConfigBuilder, Event, EventTypeFlags, Shard, ShardId, StreamExt as _};
use twilight_http::Client;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // twilight leaves the choice to the bot.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let token = env::var("DISCORD_TOKEN")?;
    let mut http = Client::builder().token(token.clone());
    let mut config = ConfigBuilder::new(token, INTENTS);
    // A sandbox in the place of Discord: `http://127.0.0.1:8080`.
    if let Ok(api) = env::var("DISCORD_API") {
        http = http.proxy(api.replace("http://", ""), true);
        config = config.proxy_url(api.replace("http", "ws"));
    }
    let http = Arc::new(http.build());
    let shard = Shard::with_config(ShardId::ONE, config.build());

    let guests = Guestlist::start(http, "guestlist.db").await?;
    guests.on_attribution(|answer| println!("{answer}"));
    let mut shard = guests.watch(shard);

    while let Some(event) = shard.next_event(EventTypeFlags::all()).await {
        // Here your bot does what it has always done.
        if let Event::Ready(ready) = event? {
            println!("{} is connected", ready.user.name);
        }
    }
    Ok(())
}

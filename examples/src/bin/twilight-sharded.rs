//! A twilight bot with as many shards as Discord recommends.
//!
//! ```console
//! $ DISCORD_TOKEN=… cargo run --bin twilight-sharded
//! ```

use std::{env, error::Error, sync::Arc};

use guestlist_twilight::{Guestlist, INTENTS, Watched};
use tokio::task::JoinSet;
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
    let count = http.gateway().authed().await?.model().await?.shards;
    // Clones share the queue in which shards wait for their turn to identify.
    let config = config.build();

    let guests = Guestlist::start(http, "guestlist.db").await?;
    guests.on_attribution(|answer| println!("{answer}"));

    let mut running = JoinSet::new();
    for number in 0..count {
        let shard = Shard::with_config(ShardId::new(number, count), config.clone());
        running.spawn(run(guests.watch(shard)));
    }
    running.join_all().await;
    Ok(())
}

/// What a shard of your bot does.
async fn run(mut shard: Watched) {
    while let Some(event) = shard.next_event(EventTypeFlags::all()).await {
        match event {
            Ok(Event::Ready(_)) => println!("shard {} is connected", shard.id()),
            Ok(_) => {}
            Err(error) => eprintln!("shard {}: {error}", shard.id()),
        }
    }
}

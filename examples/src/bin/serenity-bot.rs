//! A serenity bot that says which invite each new member used.
//!
//! ```console
//! $ DISCORD_TOKEN=… cargo run --bin serenity-bot
//! ```

use std::{env, error::Error};

use guestlist_serenity::{Guestlist, INTENTS};
use serenity::all::{ClientBuilder, Context, EventHandler, HttpBuilder, Ready};
use serenity::async_trait;

/// What your bot has always done.
struct Handler;

#[async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _: Context, ready: Ready) {
        println!("{} is connected", ready.user.name);
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut http = HttpBuilder::new(env::var("DISCORD_TOKEN")?);
    // A sandbox in the place of Discord: `http://127.0.0.1:8080`. serenity's rate limiter
    // would go to Discord all the same.
    if let Ok(api) = env::var("DISCORD_API") {
        http = http.proxy(api).ratelimiter_disabled(true);
    }

    let guests = Guestlist::start("guestlist.db").await?;
    guests.on_attribution(|answer| println!("{answer}"));

    let mut client = ClientBuilder::new_with_http(http.build(), INTENTS)
        .event_handler(Handler)
        .raw_event_handler(guests)
        .await?;
    client.start_autosharded().await?;
    Ok(())
}

//! A poise bot with a command that says how a member came in.
//!
//! ```console
//! $ DISCORD_TOKEN=… cargo run --bin poise-bot
//! ```

use std::{env, error::Error};

use guestlist_serenity::guestlist::{
    UserId,
    ledger::{Page, Reports as _, Scope},
};
use guestlist_serenity::{Guestlist, INTENTS};
use poise::{CreateReply, Framework, FrameworkOptions};
use serenity::all::{ClientBuilder, CreateAllowedMentions, HttpBuilder, User};

type Failure = Box<dyn Error + Send + Sync>;
type Context<'a> = poise::Context<'a, Guestlist, Failure>;

/// Says how a member came in.
#[poise::command(slash_command, guild_only)]
async fn invited(context: Context<'_>, member: User) -> Result<(), Failure> {
    let user = UserId::new_checked(member.id.get()).ok_or("an id is not zero")?;
    let ledger = context.data().ledger();
    let joins = ledger
        .joins(&Scope::new().user(user), Page::first(1))
        .await?;
    let answer = joins.into_iter().next().and_then(|join| join.attribution);
    let text = match answer {
        Some(answer) => answer.certainty.to_string(),
        None => "I did not see this member join.".to_owned(),
    };
    // Names are what people choose: they must not mention anybody.
    let quiet = CreateAllowedMentions::new();
    let reply = CreateReply::default().content(text).allowed_mentions(quiet);
    context.send(reply.ephemeral(true)).await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut http = HttpBuilder::new(env::var("DISCORD_TOKEN")?);
    // A sandbox in the place of Discord: `http://127.0.0.1:8080`. serenity's rate limiter
    // would go to Discord all the same.
    if let Ok(api) = env::var("DISCORD_API") {
        http = http.proxy(api).ratelimiter_disabled(true);
    }

    let guests = Guestlist::start("guestlist.db").await?;
    guests.on_attribution(|answer| println!("{answer}"));

    let data = guests.clone();
    let framework = Framework::builder()
        .options(FrameworkOptions {
            commands: vec![invited()],
            ..FrameworkOptions::default()
        })
        .setup(|_, ready, _| {
            Box::pin(async move {
                // Here your bot registers its commands.
                println!("{} is connected", ready.user.name);
                Ok(data)
            })
        })
        .build();
    let mut client = ClientBuilder::new_with_http(http.build(), INTENTS)
        .framework(framework)
        .raw_event_handler(guests)
        .await?;
    client.start_autosharded().await?;
    Ok(())
}

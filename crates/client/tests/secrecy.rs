//! The token is in no log, no error and no `Debug` output.

mod support;

use guestlist_client::{Gateway, GatewayConfig, Token};
use guestlist_model::InviteCode;
use guestlist_testkit::Log;
use std::{fmt::Write as _, time::Duration};
use support::{SECRET, Scripted, answer, refusal};

#[tokio::test]
async fn the_token_stays_secret() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .init();

    let code: InviteCode = "abc".parse().unwrap();
    let discord = Scripted::answering([
        answer(200, r#"{"code":"abc"}"#),
        refusal(404, 10006),
        answer(502, "<html>"),
        answer(200, r#"{"code":7}"#),
        answer(429, r#"{"message":"m","retry_after":1,"global":true}"#)
            .header("x-ratelimit-scope", "global"),
        answer(200, "{}").after(Duration::from_secs(5)),
        refusal(401, 0),
    ])
    .await;
    let builder = discord.builder().timeout(Duration::from_millis(300));
    let client = builder.clone().build().unwrap();
    let mut seen = format!("{builder:?}\n{builder:#?}\n{client:?}\n{client:#?}\n");
    for _ in 0..6 {
        let request = client.delete_invite(&code);
        writeln!(seen, "{request:?}").unwrap();
        match request.await {
            Ok(invite) => writeln!(seen, "{invite:?}").unwrap(),
            Err(error) => writeln!(seen, "{error} {error:?} {error:#?}").unwrap(),
        }
    }

    // A gateway that nobody serves, and one that is no gateway.
    let token = Token::new(SECRET).unwrap();
    let config = GatewayConfig::new(token.clone())
        .url(format!("ws://{}", discord.address).parse().unwrap())
        .shards(guestlist_client::Shards::Range(
            guestlist_client::ShardRange::new(0, 0, 1).unwrap(),
        ));
    writeln!(seen, "{token} {token:?} {config:?} {config:#?}").unwrap();
    let mut gateway = Gateway::connect(&client, config).await.unwrap();
    writeln!(seen, "{gateway:?}").unwrap();
    let item = tokio::time::timeout(Duration::from_secs(5), gateway.next())
        .await
        .unwrap();
    writeln!(seen, "{item:?}").unwrap();

    assert!(
        seen.contains("UnknownInvite") && seen.contains("Unauthorized"),
        "{seen}"
    );
    assert!(
        discord.asked()[0]
            .header("authorization")
            .unwrap()
            .contains(SECRET)
    );
    assert!(
        discord
            .asked()
            .iter()
            .all(|asked| !asked.uri.contains(SECRET))
    );
    let log = log.text();
    assert!(log.contains("permitted"), "nothing was logged");
    for (what, text) in [("output", &seen), ("log", &log)] {
        let place = text.find("s3cret");
        let around = place.map(|at| &text[at.saturating_sub(200)..(at + 50).min(text.len())]);
        assert_eq!(around, None, "the token is in the {what}");
    }
}

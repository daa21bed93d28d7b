//! Frames of the gateway that are in order, almost in order, and not at all.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use guestlist_testkit::Random;
use serde_json::{Value, json};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{
        Message,
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::{
    Target,
    values::{noise, text, value},
};

pub(crate) async fn attack(target: &Target, mut random: Random) {
    while !target.is_over() {
        let query = random.of([
            "v=10&encoding=json",
            "v=10&encoding=json",
            "v=10&encoding=json&compress=zlib-stream",
            "v=10&encoding=json&compress=zstd-stream",
            "v=3",
            "encoding=etf",
            "compress=x",
            "",
        ]);
        let url = format!("ws://{}/?{query}", target.address);
        let Ok((mut socket, _)) = connect_async(url).await else {
            continue;
        };
        if random.chance(800) {
            let identify = target.identify(&mut random).to_string();
            let _gone = socket.send(Message::text(identify)).await;
        }
        for _ in 0..random.below(30) {
            let message = message(target, &mut random);
            target.count();
            if socket.send(message).await.is_err() {
                break;
            }
            if random.chance(500) {
                let _late = tokio::time::timeout(Duration::from_millis(2), socket.next()).await;
            }
        }
        if random.chance(300) {
            let code = CloseCode::from(random.of([1000, 1001, 4000, 4999, 3000]));
            let reason = text(target, &mut random)
                .chars()
                .take(20)
                .collect::<String>();
            let close = CloseFrame {
                code,
                reason: reason.into(),
            };
            let _gone = socket.close(Some(close)).await;
        }
    }
}

fn message(target: &Target, random: &mut Random) -> Message {
    match random.below(12) {
        0 => Message::binary(noise(random, 300)),
        1 => Message::text(text(target, random)),
        2 => Message::Ping(noise(random, 100).into()),
        3 => Message::text("x".repeat(usize::try_from(random.below(10_000)).unwrap())),
        4 => Message::text(target.identify(random).to_string()),
        5 => {
            let token = random.pick(&target.tokens).unwrap();
            let session = text(target, random);
            let resume = json!({"token": token, "session_id": session, "seq": random.below(9)});
            Message::text(json!({"op": 6, "d": resume}).to_string())
        }
        6 | 7 => {
            let guild = random.pick(&target.ids).unwrap();
            let request = json!({
                "guild_id": guild, "query": text(target, random), "limit": value(target, random, 0),
                "user_ids": value(target, random, 1), "nonce": text(target, random),
            });
            Message::text(json!({"op": 8, "d": request}).to_string())
        }
        _ => {
            let op = random.of([0, 1, 1, 2, 3, 4, 5, 6, 8, 10, 31, 99]);
            let mut frame = json!({"op": op, "d": value(target, random, 2)});
            if random.chance(100) {
                frame["op"] = value(target, random, 1);
            }
            if random.chance(50) {
                frame = Value::Array(vec![frame]);
            }
            Message::text(frame.to_string())
        }
    }
}

//! Requests that are in order, almost in order, and not at all.

use std::time::{Duration, Instant};

use guestlist_sandbox::api;
use guestlist_testkit::Random;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    Target,
    values::{self, bytes, noise, text},
};

/// Nobody waits longer for an answer: some are never to come, by a fault.
const PATIENCE: Duration = Duration::from_millis(300);

pub(crate) async fn attack(target: &Target, mut random: Random) {
    // A bot that has left a server can do nothing there any more.
    let leaves = |it: &&api::Route| it.method == "DELETE" && it.template.starts_with("/users");
    let routes = api::routes().filter(|it| !leaves(it));
    let routes: Vec<(&str, &str)> = routes.map(|it| (it.method, it.template)).collect();
    while !target.is_over() {
        let request = match random.below(20) {
            0 => noise(&mut random, 400),
            1..=4 => control(target, &mut random),
            _ => discord(target, &mut random, &routes),
        };
        send(target, &mut random, request).await;
        target.count();
    }
}

/// A request to Discord's API.
fn discord(target: &Target, random: &mut Random, routes: &[(&str, &str)]) -> Vec<u8> {
    let (method, template) = random.pick(routes).unwrap();
    let method = if random.chance(50) {
        random.of(["GET", "PUT", "BREW", "OPTIONS", "get", "HEAD"])
    } else {
        method
    };
    let mut path = filled(target, random, template);
    if random.chance(50) {
        path = text(target, random);
    }
    if random.chance(300) {
        let query = random.of([
            "with_counts",
            "guild_scheduled_event_id",
            "limit",
            "after",
            "before",
            "query",
            "with_response",
            "action_type",
            "user_id",
        ]);
        path = format!(
            "{path}?{query}={}&{}",
            encoded(&text(target, random)),
            "&".repeat(3)
        );
    }
    let version = random.of(["/v10", "/v10", "/v10", "/v9", "", "/v0", "/vx"]);
    let body = bytes(target, random, &[]);
    let content_type = random.of([
        "application/json",
        "application/json",
        "multipart/form-data; boundary=b",
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data",
        "",
    ]);
    let token = random.pick(&target.tokens).unwrap();
    let reason = encoded(&text(target, random));
    let headers = format!(
        "authorization: {token}\r\ncontent-type: {content_type}\r\nx-audit-log-reason: {reason}\r\n"
    );
    written(method, &format!("/api{version}{path}"), &headers, body)
}

/// A control call. Calls that let much happen at once do so a little only.
fn control(target: &Target, random: &mut Random) -> Vec<u8> {
    let (method, path, fields) = random.pick(&target.controls).unwrap();
    let path = filled(target, random, &path);
    let builds = method == "POST" && !path.ends_with("/faults") && !path.contains("/gateway/");
    if builds && Instant::now() > target.building_until {
        return written("GET", "/sandbox/truth?limit=10", "", Vec::new());
    }
    let mut body = values::object(target, random, &fields, 2);
    for (field, most) in [
        ("members", 20),
        ("joins", 50),
        ("advance_ms", 100_000),
        ("refuse_ms", 5),
    ] {
        if body.get(field).is_some() {
            body[field] = random.below(most).into();
        }
    }
    if path.ends_with("/faults") && method == "POST" {
        // A fault without an end would keep all other requests from being served.
        body["times"] = (1 + random.below(3)).into();
        body["rules"] = serde_json::Value::Null;
    }
    let body = if random.chance(200) {
        bytes(target, random, &fields)
    } else {
        body.to_string().into_bytes()
    };
    written(&method, &path, "", body)
}

/// A path whose variable parts are ids that there are, or anything.
fn filled(target: &Target, random: &mut Random, template: &str) -> String {
    let parts = template
        .split('/')
        .map(|part| match part.strip_prefix('{') {
            None => part.to_owned(),
            Some(_) if random.chance(150) => encoded(&text(target, random)),
            Some(name) if name.starts_with("code") => random.pick(&target.codes).unwrap(),
            Some(name) => {
                let kind = name.trim_end_matches('}').trim_end_matches("_id");
                let ids = target.ids_of.get(kind).unwrap_or(&target.ids);
                random.pick(ids).unwrap()
            }
        });
    parts.collect::<Vec<_>>().join("/")
}

/// What cannot stand in a head is written with percent signs.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'@' | b'%' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02x}"),
        })
        .collect()
}

fn written(method: &str, path: &str, headers: &str, body: Vec<u8>) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\n{headers}content-length: {length}\r\n\r\n");
    [head.into_bytes(), body].concat()
}

async fn send(target: &Target, random: &mut Random, mut request: Vec<u8>) {
    let mut stream = TcpStream::connect(target.address).await.unwrap();
    if random.chance(30) {
        // Only half of it comes, and the rest is waited for in vain.
        request.truncate(request.len() / 2);
    }
    let exchange = async {
        stream.write_all(&request).await?;
        if random.chance(100) {
            // Nobody is there for the answer.
            return Ok(());
        }
        let mut answer = vec![0; 4096];
        stream.read(&mut answer).await.map(|_| ())
    };
    // An answer that does not come, or a connection that is cut, is no failure by itself.
    let _late: Result<std::io::Result<()>, _> = tokio::time::timeout(PATIENCE, exchange).await;
}

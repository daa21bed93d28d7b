//! What Discord and the network do wrong, and what the caller is told.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use guestlist_client::{ApiError, Client, Done, MemberQuery, Token};
use guestlist_model::{Id, InviteCode, MemberSearch};
use std::{
    future::IntoFuture as _,
    time::{Duration, Instant},
};
use support::{Scripted, answer, refusal};

fn id<M>(number: u64) -> Id<M> {
    Id::new_checked(number).unwrap()
}

fn code(text: &str) -> InviteCode {
    text.parse().unwrap()
}

#[tokio::test]
async fn refusals_come_back_typed() {
    let discord = Scripted::answering([
        refusal(404, 10006),
        refusal(403, 50013),
        answer(400, r#"{"code":50035,"message":"Invalid Form Body","errors":{"max_age":{"_errors":[{"code":"NUMBER_TYPE_MAX","message":"too old"}]}}}"#),
        answer(400, r#"{"target_users_file":["Line 5: invalid user ID"]}"#),
        answer(500, ""),
        answer(502, "<html><head><title>502 Bad Gateway</title></head></html>"),
    ])
    .await;
    let client = discord.client();
    let mut errors = Vec::new();
    for _ in 0..6 {
        errors.push(client.delete_invite(code("abc")).await.unwrap_err());
    }
    assert!(matches!(errors[0], ApiError::UnknownInvite { .. }));
    assert!(matches!(errors[1], ApiError::MissingPermission));
    assert!(
        matches!(&errors[2], ApiError::InvalidForm { fields, .. } if fields[0].path == "max_age")
    );
    assert!(matches!(&errors[3], ApiError::TargetUsersFile { lines } if lines[0].line == Some(5)));
    assert!(matches!(&errors[4], ApiError::NotDiscord { .. }));
    assert!(
        errors[5].to_string().contains("502 Bad Gateway"),
        "{}",
        errors[5]
    );
    assert!(errors[4].is_transient() && errors[5].is_transient());
    assert!(errors.iter().all(|error| !error.help().is_empty()));
}

#[tokio::test]
async fn a_change_that_is_made_is_no_failure_whatever_the_answer_looks_like() {
    let discord = Scripted::answering([
        answer(200, r#"{"invite":{"code":"abc"}}"#),
        answer(204, ""),
        answer(200, r#"{"ok":true}"#),
        answer(200, r#"{"invites_disabled_until":7}"#),
        answer(200, "<title>Log in to the hotel's network</title>"),
    ])
    .await;
    let client = discord.client();
    let deleted = client.delete_invite(code("abc")).await.unwrap();
    assert!(
        matches!(&deleted, Done::Odd(at) if at.path == "$.code"),
        "{deleted:?}"
    );
    let deleted = client.delete_invite(code("abc")).await.unwrap();
    assert!(matches!(deleted, Done::Silent), "{deleted:?}");
    let created = client.create_invite(id(5)).await.unwrap();
    assert!(matches!(created, Done::Odd(_)), "{created:?}");
    let paused = client.set_incident_actions(id(3)).await.unwrap();
    assert!(matches!(paused, Done::Odd(_)), "{paused:?}");
    // A page of a network in between says nothing about Discord.
    let error = client.delete_invite(code("abc")).await.unwrap_err();
    assert!(matches!(error, ApiError::NotDiscord { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_repeats_the_token_does_not_put_it_into_the_error() {
    let words = r#"{"code":400,"message":"Error: Invalid Token Bot TOKEN"}"#;
    let words = words.replace("TOKEN", support::SECRET);
    let discord = Scripted::answering([
        answer(400, &words),
        answer(401, &words),
        answer(403, support::SECRET),
    ])
    .await;
    let client = discord.client();
    for _ in 0..2 {
        let error = client.get_vanity_url(id(1)).await.unwrap_err();
        assert!(error.to_string().contains("Invalid Token"), "{error}");
        assert!(!format!("{error:?}").contains(support::SECRET), "{error:?}");
    }
}

#[tokio::test]
async fn after_a_401_nothing_is_sent_for_a_while() {
    let discord = Scripted::answering([
        answer(401, r#"{"message":"401: Unauthorized","code":0}"#),
        answer(200, r#"{"id":"1","username":"bot"}"#),
    ])
    .await;
    let client = discord.client();
    for _ in 0..3 {
        assert!(matches!(
            client.get_current_user().await,
            Err(ApiError::Unauthorized { .. })
        ));
    }
    // 10,000 answers of 401 in ten minutes ban the address.
    assert_eq!(discord.asked().len(), 1);
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(7)).await;
    tokio::time::resume();
    assert!(client.get_current_user().await.is_ok(), "it was a mishap");
}

#[tokio::test]
async fn answers_that_are_not_understood_name_the_place() {
    let discord = Scripted::answering([
        answer(200, r#"{"code":5}"#),
        answer(200, r#"{"id":"x","name":"app"}"#),
        answer(200, r#"[{"id":"1","permissions":{}}]"#),
        answer(200, ""),
        answer(200, "<!doctype html><title>Log in to the hotel's network</title>"),
        answer(200, r#"{"url":"http://no.gateway","shards":1,"session_start_limit":{"total":1,"remaining":1,"reset_after":0,"max_concurrency":1}}"#),
    ])
    .await;
    let client = discord.client();
    let error = client.get_invite(code("abc")).await.unwrap_err();
    assert!(
        matches!(&error, ApiError::Decode(at) if at.path == "$.code"),
        "{error}"
    );
    let error = client.get_current_application().await.unwrap_err();
    assert!(
        matches!(&error, ApiError::Decode(at) if at.path == "$.id"),
        "{error}"
    );
    let error = client.list_current_guilds().await.unwrap_err();
    assert!(
        matches!(&error, ApiError::Decode(at) if at.path == "$[0].permissions"),
        "{error}"
    );
    let error = client.get_vanity_url(id(1)).await.unwrap_err();
    assert!(matches!(
        error,
        ApiError::NotDiscord {
            status: Some(200),
            ..
        }
    ));
    let error = client.get_vanity_url(id(1)).await.unwrap_err();
    assert!(error.to_string().contains("hotel"), "{error}");
    let error = client.get_gateway_bot().await.unwrap_err();
    assert!(
        matches!(&error, ApiError::Decode(at) if at.path == "$.url"),
        "{error}"
    );
}

#[tokio::test]
async fn one_odd_invite_does_not_lose_the_list() {
    let body = r#"[{"code":"good"},{"code":7},{"code":"fine"}]"#;
    let discord = Scripted::answering([answer(200, body)]).await;
    let list = discord.client().list_guild_invites(id(1)).await.unwrap();
    assert_eq!(list.invites.len(), 2);
    assert_eq!(list.failed[0].0, 1);
}

#[tokio::test]
async fn a_search_without_an_index_says_when_to_ask_again() {
    // As an answer of 202, which is what Discord sends, and as an error.
    let body = r#"{"message":"Index not yet available. Try again later","code":110000,"documents_indexed":0,"retry_after":15}"#;
    for status in [202, 400] {
        let discord = Scripted::answering([answer(status, body)]).await;
        let found = discord
            .client()
            .search_members(id(1), MemberQuery::everyone())
            .await
            .unwrap();
        assert!(
            matches!(
                found,
                MemberSearch::NotIndexed {
                    retry_after_ms: Some(15_000)
                }
            ),
            "{found:?}"
        );
    }
}

#[tokio::test]
async fn a_bucket_that_is_empty_is_waited_for() {
    let limited = answer(
        429,
        r#"{"message":"You are being rate limited.","retry_after":0.5,"global":false}"#,
    )
    .header("x-ratelimit-bucket", "abcd")
    .header("x-ratelimit-limit", 5)
    .header("x-ratelimit-remaining", 0)
    .header("x-ratelimit-reset-after", 0.5)
    .header("x-ratelimit-scope", "user");
    let discord = Scripted::answering([limited, answer(200, r#"{"code":"abc"}"#)]).await;
    let started = Instant::now();
    discord.client().get_invite(code("abc")).await.unwrap();
    assert!(
        started.elapsed() >= Duration::from_millis(400),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(discord.asked().len(), 2);
}

#[tokio::test]
async fn a_bucket_that_stays_empty_is_told_to_the_caller() {
    let limited = answer(
        429,
        r#"{"message":"You are being rate limited.","retry_after":600,"global":false}"#,
    )
    .header("x-ratelimit-bucket", "abcd")
    .header("x-ratelimit-limit", 5)
    .header("x-ratelimit-remaining", 0)
    .header("x-ratelimit-reset-after", 600)
    .header("x-ratelimit-scope", "user");
    let discord = Scripted::answering([limited]).await;
    let client = discord
        .builder()
        .timeout(Duration::from_millis(200))
        .patience(Duration::from_millis(200))
        .build()
        .unwrap();
    let error = client.get_invite(code("abc")).await.unwrap_err();
    let ApiError::RateLimited {
        retry_after,
        global: false,
    } = error
    else {
        panic!("{error}")
    };
    assert!(
        (590..=600).contains(&retry_after.as_secs()),
        "{retry_after:?}"
    );
    assert_eq!(discord.asked().len(), 1);
}

#[tokio::test]
async fn a_limit_without_a_bucket_is_not_run_into_again_and_again() {
    // As Cloudflare answers while an address is banned, soon or late.
    for delay in [0, 300] {
        let banned = answer(429, "error code: 1015").after(Duration::from_millis(delay));
        let discord = Scripted::answering([banned]).await;
        let client = discord
            .builder()
            .patience(Duration::from_millis(1200))
            .build()
            .unwrap();
        let mut requests = tokio::task::JoinSet::new();
        for _ in 0..5 {
            requests.spawn(client.get_invite(code("abc")).into_future());
        }
        while let Some(outcome) = requests.join_next().await {
            let error = outcome.unwrap().unwrap_err();
            assert!(
                matches!(error, ApiError::RateLimited { global: true, .. }),
                "{error}"
            );
        }
        // Unbounded, twilight would ask as fast as there are answers.
        let asked = discord.asked().len();
        assert!(asked <= 5 * 4, "{asked} requests");
    }
}

#[tokio::test]
async fn no_answer_is_a_timeout_and_no_server_a_transport_error() {
    let discord = Scripted::answering([answer(200, "{}").after(Duration::from_secs(30))]).await;
    let client = discord
        .builder()
        .timeout(Duration::from_millis(100))
        .build()
        .unwrap();
    assert!(matches!(
        client.get_invite(code("abc")).await,
        Err(ApiError::Timeout)
    ));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::builder(Token::new("abc").unwrap())
        .api(format!("http://{address}").parse().unwrap())
        .build()
        .unwrap();
    let error = client.get_invite(code("abc")).await.unwrap_err();
    assert!(matches!(error, ApiError::Transport(_)), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn no_code_leaves_its_place_in_the_path() {
    let discord = Scripted::answering([answer(200, r#"{"code":"abc"}"#)]).await;
    let client = discord.client();
    for text in [
        "..",
        ".",
        "../guilds/1",
        "a/b",
        "a?b",
        "a#b",
        "a%2Fb",
        "a b",
        "a\r\nb",
        "a&b=c",
        "é",
    ] {
        let Ok(code) = text.parse::<InviteCode>() else {
            continue;
        };
        let _ = client.get_invite(code).await;
    }
    for asked in discord.asked() {
        let rest = asked.uri.strip_prefix("/api/v10/invites/").unwrap();
        assert!(
            !rest.contains(['/', '?', '#']) && rest != "..",
            "{}",
            asked.uri
        );
    }
}

//! The JSON API, held against its own document, `/metrics` and `/health`.

use std::collections::BTreeSet;

use guestlist_service::Status;
use guestlist_testkit::http::Request;
use guestlist_tracker::{Attribution, Candidate, Certainty, Origin, Record};
use guestlist_web::{Dashboard, WebToken};
use serde_json::{Value, json};

use crate::ledger::{HOSTILE, ago, by, empty, guild, join, small, user};
use crate::serving::Serving;

/// Whether a value is what a schema says. The document uses no more than this.
fn fits(value: &Value, schema: &Value, document: &Value) -> bool {
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.strip_prefix("#/components/schemas/").unwrap();
        return fits(value, &document["components"]["schemas"][name], document);
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return true,
    };
    let is = |kind: &str| match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "string" => value.as_str().is_some_and(|text| {
            let is_time = schema["format"] == "date-time";
            let is_id = schema["pattern"] == "^[0-9]+$";
            (!is_time || guestlist_model::Timestamp::parse(text).is_ok())
                && (!is_id || text.bytes().all(|it| it.is_ascii_digit()))
        }),
        _ => false,
    };
    if !kinds.into_iter().any(is) {
        return false;
    }
    match value {
        Value::Array(items) => items.iter().all(|it| fits(it, &schema["items"], document)),
        Value::Object(fields) => {
            let required = schema["required"].as_array().into_iter().flatten();
            let known = |(name, value): (&String, &Value)| {
                let field = &schema["properties"][name];
                !field.is_null() && fits(value, field, document)
            };
            required
                .filter_map(Value::as_str)
                .all(|it| fields.contains_key(it))
                && fields.iter().all(known)
        }
        _ => true,
    }
}

#[tokio::test]
async fn every_endpoint_answers_as_the_document_says() {
    let (ledger, claim) = small(HOSTILE).await;
    // Enough for a burst, and somebody with a label.
    let joins = (0..20).flat_map(|number| {
        let (key, join) = join(number + 50, "ferris", ago(60));
        let certainty = Certainty::Confirmed(by("rust"));
        let answer = Attribution::new(key, certainty, ago(59));
        [join, Record::Attribution(answer.with_revision(1))]
    });
    // And somebody of whom it is not certain, and one whose estimate was confirmed later.
    let (key, uncertain) = join(91, "ferris", ago(60));
    let candidates = vec![
        Candidate::new(by("rust"), 0.75),
        Candidate::new(Origin::Unseen, 0.25),
    ];
    let answer = Attribution::new(key, Certainty::Ambiguous(candidates), ago(59));
    let uncertain = [uncertain, Record::Attribution(answer)];
    let (key, estimated) = join(90, "ferris", ago(60));
    let candidate = |code, weight| Candidate::new(by(code), weight);
    let candidates = vec![candidate("rust", 0.75), candidate("ferris", 0.25)];
    let estimate = Attribution::new(key, Certainty::Ambiguous(candidates), ago(59));
    let confirmed = Attribution::new(key, Certainty::Confirmed(by("rust")), ago(58));
    let estimated = [
        estimated,
        Record::Attribution(estimate),
        Record::Attribution(confirmed.with_revision(1)),
    ];
    let batch =
        guestlist_ledger::Batch::of(joins.chain(uncertain).chain(estimated).collect::<Vec<_>>());
    guestlist_ledger::Store::commit(&*ledger, claim, &batch)
        .await
        .unwrap();
    let (code, label) = ("rust".parse().unwrap(), "May".parse().unwrap());
    guestlist_ledger::Labels::set_label(&*ledger, guild(), &code, &label, ago(1))
        .await
        .unwrap();
    let web = Serving::of(ledger).await;
    let document = web.get("/api/v1/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let paths = document["paths"].as_object().unwrap();
    assert_eq!(paths.len(), 13);
    for (path, item) in paths {
        let answer = web
            .get(&format!("{path}?guild={}&by=invite", guild()))
            .await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let schema = &item["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        let answer = answer.json();
        assert!(fits(&answer, schema, &document), "{path}: {answer:#}");
        let rows = answer["data"].as_array().unwrap();
        assert!(!rows.is_empty(), "{path} has a row");
        // Each name in the document is one that answers have, or leave out where it is empty.
        let row = schema["properties"]["data"]["items"]["$ref"]
            .as_str()
            .unwrap();
        let row = row.rsplit('/').next().unwrap();
        let documented = document["components"]["schemas"][row]["properties"].as_object();
        let documented: BTreeSet<&String> = documented.unwrap().keys().collect();
        if path == "/api/v1/joins" {
            assert!(rows.iter().any(|it| it["candidates"].is_array()));
        }
        if path == "/api/v1/retention" {
            assert!(rows.iter().any(|it| it["kept"][0]["days"].is_u64()));
        }
        let given: BTreeSet<&String> = rows
            .iter()
            .flat_map(|it| it.as_object().unwrap().keys())
            .collect();
        let required = document["components"]["schemas"][row]["required"].as_array();
        for name in documented.difference(&given) {
            let always = required.unwrap().iter().any(|it| it == name.as_str());
            assert!(!always, "{path}: {name}");
        }
    }
}

#[tokio::test]
async fn a_schema_that_does_not_fit_is_noticed() {
    let document = serde_json::json!({"components": {"schemas": {"Row": {
        "type": "object", "properties": {"user_id": {"type": ["string", "null"], "pattern": "^[0-9]+$"}},
    }}}});
    let schema = serde_json::json!({"$ref": "#/components/schemas/Row"});
    let fit = |value: Value| fits(&value, &schema, &document);
    assert!(fit(serde_json::json!({"user_id": "1"})));
    assert!(fit(serde_json::json!({"user_id": null})));
    assert!(!fit(serde_json::json!({"user_id": 1})));
    assert!(!fit(serde_json::json!({"user_id": "x"})));
    assert!(!fit(serde_json::json!({"other": "1"})));
    let schema = serde_json::json!({"type": "object"});
    let row = serde_json::json!({"other": "1"});
    assert!(
        !fits(&row, &schema, &document),
        "a record has to be described"
    );
}

#[tokio::test]
async fn a_cursor_leads_through_all_joins() {
    let (ledger, claim) = empty().await;
    let joins = (0..25).map(|number| join(number + 50, "ferris", ago(number / 5)).1);
    let batch = guestlist_ledger::Batch::of(joins);
    guestlist_ledger::Store::commit(&*ledger, claim, &batch)
        .await
        .unwrap();
    let web = Serving::of(ledger).await;
    let mut members = BTreeSet::new();
    let mut place = String::new();
    for size in [10, 10, 5] {
        let answer = web
            .get(&format!("/api/v1/joins?limit=10&before={place}"))
            .await
            .json();
        let rows = answer["data"].as_array().unwrap();
        assert_eq!(rows.len(), size);
        members.extend(
            rows.iter()
                .map(|row| row["user_id"].as_str().unwrap().to_owned()),
        );
        place = answer["next"].as_str().unwrap_or("").to_owned();
    }
    assert_eq!((members.len(), place.as_str()), (25, ""));
}

#[tokio::test]
async fn the_api_and_the_pages_say_the_same() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    let totals = web.get("/api/v1/totals").await.json();
    let totals = &totals["data"][0];
    let page = web.get("/").await;
    let joined = format!("<span class=\"big\">{}</span>", totals["joins"]);
    assert!(page.text().contains(&joined));
    let invites = web.get("/api/v1/invites").await.json();
    let page = web.get("/invites").await;
    for invite in invites["data"].as_array().unwrap() {
        let code = invite["code"].as_str().unwrap();
        let (_, row) = page.text().split_once(&format!(">{code}</a>")).unwrap();
        let (_, joins) = row.split_once("data-label=\"joins\"").unwrap();
        let joins = joins.split_once("<bdi>").unwrap().1;
        assert!(
            joins.starts_with(&format!("{}<", invite["joins"])),
            "{code}"
        );
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_in_json() {
    let (ledger, _) = small("ferris").await;
    let token = WebToken::new("correct-horse-battery").unwrap();
    let web = Serving::with(Dashboard::new(ledger).token(token)).await;
    let closed = web.get("/api/v1/joins").await;
    assert_eq!(closed.status, 401);
    assert_eq!(closed.json()["error"]["status"], 401);
    let ask = |target: &str| {
        Request::new("GET", target).header("authorization", "Bearer correct-horse-battery")
    };
    let document = web.send(ask("/api/v1/openapi.json")).await.json();
    for (target, status, word) in [
        ("/api/v1/joins?limit=0", 400, "limit"),
        ("/api/v1/joins?user=x", 400, "user"),
        ("/api/v1/tree", 400, "guild"),
        ("/api/v1/nothing", 404, "Check"),
    ] {
        let answer = web.send(ask(target)).await;
        assert_eq!(answer.status, status, "{target}");
        let error = answer.json()["error"].clone();
        assert!(
            error["help"].as_str().unwrap().contains(word),
            "{target}: {error}"
        );
        let (path, _) = target.split_once('?').unwrap_or((target, ""));
        let documented = &document["paths"][path]["get"]["responses"];
        let is_endpoint = documented.is_object();
        assert!(
            !is_endpoint || documented[status.to_string()].is_object(),
            "{target}"
        );
    }
    let other = ask("/api/v1/joins").host("evil.example");
    assert_eq!(web.send(other).await.json()["error"]["status"], 421);
    let responses = &document["paths"]["/api/v1/joins"]["get"]["responses"];
    assert!(responses["421"].is_object() && responses["401"].is_object());
}

#[tokio::test]
async fn metrics_name_servers_by_id_and_health_needs_no_token() {
    let (ledger, _) = small(HOSTILE).await;
    let token = WebToken::new("correct-horse-battery").unwrap();
    let web = Serving::with(Dashboard::new(ledger).token(token)).await;
    assert_eq!(web.get("/metrics").await.status, 401);
    let ask = Request::new("GET", "/metrics");
    let ask = ask.header("authorization", "Bearer correct-horse-battery");
    let metrics = web.send(ask).await;
    let line = format!(
        "guestlist_joins{{guild=\"{}\",certainty=\"confirmed\"}} 1",
        guild()
    );
    assert!(
        metrics.text().lines().any(|it| it == line),
        "{}",
        metrics.text()
    );
    assert!(!metrics.text().contains("script"), "no name is in it");
    for line in metrics.text().lines().filter(|it| !it.starts_with('#')) {
        let (name, number) = line.rsplit_once(' ').unwrap();
        assert!(
            name.starts_with("guestlist_") && number.parse::<u64>().is_ok(),
            "{line}"
        );
    }
    let health = web.get("/health").await;
    assert_eq!(
        (health.status, &health.json()["status"]),
        (200, &"ok".into())
    );
    assert!(!health.text().contains(&user(1).to_string()));
}

#[tokio::test]
async fn health_and_the_page_health_tell_why_nothing_arrives() {
    let trouble = |about: Value, kind: &str, text: &str| {
        json!({"about": about, "cause": {"kind": kind, "text": text},
            "since": "2026-01-02T03:04:05Z", "times": 7})
    };
    let requests = |guild: &str| {
        let about = json!({"requests": {"guild": guild, "kind": "list_invites"}});
        trouble(about, "forbidden", "the bot does not have the permission")
    };
    let corrupt = "the compressed stream is corrupt <script>";
    let mut status = serde_json::to_value(Status::default()).unwrap();
    status["troubles"] = json!([
        trouble(json!({"shard": [0, 1]}), "malformed", corrupt),
        requests("300000000000000003"),
        requests("300000000000000004"),
    ]);
    let status: Status = serde_json::from_value(status).unwrap();
    let (_sender, status) = tokio::sync::watch::channel(status);
    let web = Serving::with(Dashboard::new(empty().await.0).status(status)).await;

    let health = web.get("/health").await;
    let troubles = &health.json()["troubles"];
    assert_eq!(troubles.as_array().unwrap().len(), 2, "{troubles}");
    let all = troubles.to_string();
    for part in [
        "\"malformed\"",
        "shard 0 of 1",
        corrupt,
        "requests: list_invites",
        "14",
    ] {
        assert!(all.contains(part), "no {part} in {all}");
    }
    assert!(
        !all.contains("300000000000000003"),
        "no server is named: {all}"
    );

    let page = web.get("/tracking").await;
    let page = page.text();
    for part in [
        "What does not work",
        "malformed",
        "stream is corrupt &lt;script&gt;",
        "7 times",
    ] {
        assert!(page.contains(part), "no {part} in {page}");
    }
}

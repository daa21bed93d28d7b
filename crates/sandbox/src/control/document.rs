//! `GET /sandbox/openapi.json`: the control API, described for machines.

use serde_json::{Map, Value, json};

/// A call: method, path below `/sandbox`, what it does, and the fields of its body. A `!` behind a
/// field's type means that it has to be there.
type Call = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const RULE: &[(&str, &str)] = &[
    ("rules", "array"),
    ("on", "string"),
    ("method", "string"),
    ("path", "string"),
    ("event", "string"),
    ("guild", "id"),
    ("times", "integer"),
    ("probability", "number"),
    ("status", "integer"),
    ("code", "integer"),
    ("message", "string"),
    ("retry_after", "number"),
    ("global", "boolean"),
    ("delay_ms", "integer"),
    ("delay_up_to_ms", "integer"),
    ("delay_mean_ms", "integer"),
    ("drop_connection", "boolean"),
    ("body", "string"),
    ("event_fault", "string"),
    ("how", "string"),
    ("resumable", "boolean"),
    ("close_code", "integer"),
    ("swap_events", "integer"),
    ("search_lag_ms", "integer"),
    ("uses_lag_ms", "integer"),
    ("event_delay_ms", "integer"),
    ("search_unavailable", "boolean"),
];

const INVITE: &[(&str, &str)] = &[
    ("widget", "boolean"),
    ("channel_id", "id"),
    ("inviter_id", "id"),
    ("max_age", "integer"),
    ("max_uses", "integer"),
    ("uses", "integer"),
    ("temporary", "boolean"),
    ("unique", "boolean"),
    ("flags", "integer"),
    ("role_ids", "ids"),
    ("target_user_id", "id"),
    ("target_application_id", "id"),
    ("code", "string"),
    ("reason", "string"),
    ("target_type", "integer"),
    ("target_users_failure", "string"),
    ("target_user_ids", "ids"),
];

const APPLICATION: &[(&str, &str)] = &[
    ("flags", "integer"),
    ("redirect_uris", "strings"),
    ("members_intent", "boolean"),
    ("presence_intent", "boolean"),
    ("message_content_intent", "boolean"),
];

const CALLS: &[Call] = &[
    ("GET", "", "Shows addresses, token and servers", &[]),
    ("GET", "/openapi.json", "Returns this document", &[]),
    (
        "GET",
        "/frames",
        "Shows the latest frames of the gateway, from the first call on: ?after=",
        &[],
    ),
    (
        "GET",
        "/application",
        "Shows the first bot's application",
        &[],
    ),
    (
        "PATCH",
        "/application",
        "Enables or disables privileged intents, and sets the redirect URLs of OAuth2",
        APPLICATION,
    ),
    ("GET", "/bots", "Lists the bots, with their tokens", &[]),
    (
        "POST",
        "/bots",
        "Creates a bot, with a token of its own",
        &[
            ("username", "string"),
            ("token", "string"),
            ("members_intent", "boolean"),
            ("presence_intent", "boolean"),
            ("message_content_intent", "boolean"),
            ("guilds", "ids"),
            ("permissions", "id"),
        ],
    ),
    ("GET", "/bots/{bot}", "Shows a bot and its application", &[]),
    (
        "PATCH",
        "/bots/{bot}",
        "Enables or disables privileged intents of a bot, and sets its redirect URLs of OAuth2",
        APPLICATION,
    ),
    ("GET", "/guilds", "Lists the servers", &[]),
    (
        "POST",
        "/guilds",
        "Creates a server",
        &[
            ("name", "string"),
            ("features", "strings"),
            ("vanity_url_code", "string"),
            ("bot_permissions", "id"),
            ("bots", "array"),
            ("members", "integer"),
            ("screening", "boolean"),
        ],
    ),
    ("GET", "/guilds/{guild}", "Shows a server", &[]),
    (
        "PATCH",
        "/guilds/{guild}",
        "Changes a server",
        &[
            ("features", "strings"),
            ("vanity_url_code", "string"),
            ("bot_permissions", "id"),
            ("bots", "array"),
            ("screening", "boolean"),
            ("indexed", "boolean"),
        ],
    ),
    (
        "POST",
        "/guilds/{guild}/channels",
        "Creates a channel",
        &[
            ("name", "string"),
            ("type", "integer"),
            ("permission_overwrites", "array"),
        ],
    ),
    (
        "POST",
        "/guilds/{guild}/roles",
        "Creates a role",
        &[("name", "string"), ("permissions", "id")],
    ),
    (
        "POST",
        "/guilds/{guild}/invites",
        "Creates an invite",
        INVITE,
    ),
    (
        "POST",
        "/guilds/{guild}/scheduled-events",
        "Creates a scheduled event",
        &[
            ("name", "string"),
            ("starts_in_ms", "integer"),
            ("channel_id", "id"),
            ("location", "string"),
            ("description", "string"),
            ("creator_id", "id"),
        ],
    ),
    (
        "POST",
        "/guilds/{guild}/interactions",
        "A member uses a command of a bot",
        &[
            ("command", "string!"),
            ("user_id", "id!"),
            ("channel_id", "id"),
            ("bot_id", "id"),
            ("options", "array"),
        ],
    ),
    (
        "POST",
        "/guilds/{guild}/joins",
        "A user joins",
        &[
            ("code", "string"),
            ("via", "string"),
            ("user_id", "id"),
            ("actor_id", "id"),
            ("permissions", "id"),
            ("voice", "boolean"),
        ],
    ),
    (
        "GET",
        "/guilds/{guild}/members",
        "Lists the members who joined last: ?limit=",
        &[],
    ),
    (
        "GET",
        "/guilds/{guild}/invites",
        "Lists the invites made last: ?limit=",
        &[],
    ),
    (
        "DELETE",
        "/guilds/{guild}/members/{user}",
        "A member leaves",
        &[],
    ),
    (
        "POST",
        "/guilds/{guild}/members/{user}/voice",
        "A member enters a voice channel",
        &[("channel_id", "id")],
    ),
    (
        "DELETE",
        "/guilds/{guild}/members/{user}/voice",
        "A member leaves the voice channel; a guest leaves the server",
        &[],
    ),
    (
        "POST",
        "/guilds/{guild}/members/{user}/{action}",
        "A member passes the screening, disconnects, is kicked or banned",
        &[("actor_id", "id")],
    ),
    (
        "POST",
        "/users",
        "Creates an account",
        &[("username", "string"), ("bot", "boolean")],
    ),
    (
        "DELETE",
        "/invites/{code}",
        "Revokes an invite",
        &[("actor_id", "id"), ("reason", "string")],
    ),
    (
        "GET",
        "/messages",
        "Shows the bots' messages: ?guild=, ?user=, ?bot=, ?limit=",
        &[],
    ),
    ("GET", "/clock", "Shows the time", &[]),
    (
        "POST",
        "/clock",
        "Moves the time forward",
        &[("advance_ms", "integer")],
    ),
    ("GET", "/gateway", "Lists the gateway sessions", &[]),
    (
        "POST",
        "/gateway/drop",
        "Drops connections",
        &[
            ("bot_id", "id"),
            ("shard", "integer"),
            ("resumable", "boolean"),
            ("how", "string"),
            ("code", "integer"),
            ("refuse_ms", "integer"),
        ],
    ),
    (
        "POST",
        "/gateway/heartbeat",
        "Requests a heartbeat from the clients",
        &[("bot_id", "id"), ("shard", "integer")],
    ),
    ("GET", "/faults", "Lists the faults", &[]),
    ("POST", "/faults", "Adds faults", RULE),
    ("DELETE", "/faults", "Removes all faults", &[]),
    ("DELETE", "/faults/{id}", "Removes a rule", &[]),
    (
        "GET",
        "/truth",
        "Shows how everybody really joined: ?guild=, ?limit=, ?after=",
        &[],
    ),
    (
        "GET",
        "/requests",
        "Counts the REST requests, and shows the latest: ?limit=",
        &[],
    ),
    ("DELETE", "/requests", "Starts counting again", &[]),
    (
        "GET",
        "/scenario",
        "Shows the progress of mixed traffic",
        &[],
    ),
    (
        "POST",
        "/scenario",
        "Starts mixed traffic",
        &[
            ("joins", "integer"),
            ("seed", "integer"),
            ("per_second", "number"),
            ("guilds", "ids"),
        ],
    ),
];

fn kind(name: &str) -> Value {
    let id = json!({"type": ["string", "integer"], "description": "A snowflake, or permissions"});
    match name.trim_end_matches('!') {
        "id" => id,
        "ids" => json!({"type": "array", "items": id}),
        "strings" => json!({"type": "array", "items": {"type": "string"}}),
        "array" => json!({"type": "array", "items": {"type": "object"}}),
        other => json!({"type": other}),
    }
}

/// The document.
pub(super) fn document() -> Value {
    let mut paths = Map::new();
    for (method, path, about, fields) in CALLS {
        let place = paths
            .entry(format!("/sandbox{path}"))
            .or_insert_with(|| json!({}));
        let variables: Vec<Value> = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| {
                let schema = json!({"type": "string"});
                json!({"name": name, "in": "path", "required": true, "schema": schema})
            })
            .collect();
        let mut call = json!({
            "summary": about,
            "parameters": variables,
            "responses": {
                "2XX": {"description": "Done", "content": {"application/json": {"schema": {}}}},
                "4XX": {"$ref": "#/components/responses/Refused"},
            },
        });
        if !fields.is_empty() {
            let properties: Map<String, Value> = fields
                .iter()
                .map(|(name, it)| (String::from(*name), kind(it)))
                .collect();
            let required: Vec<&str> = fields
                .iter()
                .filter(|(_, kind)| kind.ends_with('!'))
                .map(|(name, _)| *name)
                .collect();
            let schema = json!({
                "type": "object",
                "properties": properties,
                "required": required,
                "additionalProperties": false,
            });
            let body = json!({"content": {"application/json": {"schema": schema}}});
            if let Some(call) = call.as_object_mut() {
                call.insert(String::from("requestBody"), body);
            }
        }
        if let Some(place) = place.as_object_mut() {
            place.insert(method.to_lowercase(), call);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Control API of the guestlist sandbox",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "paths": paths,
        "components": {
            "responses": {
                "Refused": {
                    "description": "Nothing was done",
                    "content": {"application/json": {"schema": {
                        "type": "object",
                        "properties": {
                            "error": {"type": "string"},
                            "field": {"type": "string"},
                        },
                        "required": ["error"],
                    }}},
                },
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The calls that `route` knows, as it writes them: `("GET", ["guilds", guild])`.
    fn routes() -> BTreeSet<String> {
        let source = include_str!("mod.rs");
        let mut routes = BTreeSet::new();
        for line in source.lines().map(str::trim) {
            let arm = line.strip_prefix("(\"").and_then(|it| it.split_once("])"));
            let Some((method, parts)) = arm.and_then(|(it, _)| it.split_once("\", [")) else {
                continue;
            };
            let parts = parts.split(", ").filter(|part| !part.is_empty());
            let parts = parts.map(|part| match part.strip_prefix('"') {
                Some(fixed) => format!("/{}", fixed.trim_end_matches('"')),
                None => format!("/{{{part}}}"),
            });
            routes.insert(format!("{method} {}", parts.collect::<String>()));
        }
        routes
    }

    #[test]
    fn every_call_is_described() {
        let mut routes = routes();
        assert!(routes.len() > 30, "{routes:?}");
        // It takes its time, and has a way of its own.
        routes.insert(String::from("POST /clock"));
        let described = CALLS.iter();
        let described = described.map(|(method, path, ..)| format!("{method} {path}"));
        assert_eq!(described.collect::<BTreeSet<_>>(), routes);
    }
}

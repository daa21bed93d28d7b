//! Holds what the gateway sends against the tables of Discord Docs/Gateway Events, written down in
//! `payloads.json`: which fields there are, of which type. `?` behind a name means that the field
//! may be absent.

use std::sync::OnceLock;

use guestlist_sandbox::world::time;
use serde_json::{Map, Value};

fn tables() -> &'static Map<String, Value> {
    static TABLES: OnceLock<Map<String, Value>> = OnceLock::new();
    TABLES.get_or_init(|| serde_json::from_str(include_str!("payloads.json")).unwrap())
}

/// Holds a frame against the tables.
pub(crate) fn hold(frame: &Value) {
    let (op, name) = (frame["op"].as_u64(), frame["t"].as_str());
    assert!(frame.as_object().unwrap().len() == 4, "{frame}");
    let name = match (op, name) {
        (Some(0), Some(name)) => {
            assert!(frame["s"].is_u64(), "{frame}");
            name
        }
        (Some(10), None) => "HELLO",
        // INVALID_SESSION says whether the session may be resumed.
        (Some(9), None) => return assert!(frame["d"].is_boolean(), "{frame}"),
        (Some(1 | 7 | 11), None) => return assert!(frame["d"].is_null(), "{frame}"),
        _ => panic!("no such frame is documented: {frame}"),
    };
    let table = tables().get(name);
    let problems = check(
        table.unwrap_or_else(|| panic!("no table of {name}")),
        &frame["d"],
    );
    assert!(problems.is_empty(), "{name}: {problems:?}\n{frame}");
}

fn check(table: &Value, body: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    for (field, kinds) in table.as_object().unwrap() {
        let name = field.trim_end_matches('?');
        match body.get(name) {
            None if field.ends_with('?') => {}
            None => problems.push(format!("{name} is missing")),
            Some(value) => {
                let mut kinds = kinds.as_str().unwrap().split('|');
                if !kinds.any(|kind| is(value, kind)) {
                    problems.push(format!("{name} is {value}"));
                }
            }
        }
    }
    problems
}

fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        "snowflake" => value.as_str().is_some_and(|it| it.parse::<u64>().is_ok()),
        "moment" => value.as_str().and_then(time::parse).is_some(),
        other => panic!("{other} is not a kind"),
    }
}

#[test]
fn what_is_wrong_is_found() {
    let table = &tables()["INVITE_DELETE"];
    let broken = serde_json::json!({"channel_id": 7, "guild_id": "8"});
    let problems = check(table, &broken);
    assert_eq!(problems, ["channel_id is 7", "code is missing"]);
}

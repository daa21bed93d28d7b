//! Holds what the gateway sends against the tables of Discord Docs/Gateway Events, written down in
//! `payloads.json`: which fields there are, of which kind.
//!
//! - `?` behind a name: the field may be absent.
//! - `a|b`: one of several kinds. `[a]`: a list of a kind.
//! - `@name`: an object as that table has it. The field `+` adds the fields of another table.

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
    if let Some(name) = table.as_str() {
        return check(&tables()[name], body);
    }
    let mut problems = Vec::new();
    for (field, kinds) in table.as_object().unwrap() {
        let name = field.trim_end_matches('?');
        let kinds = kinds.as_str().unwrap();
        match body.get(name) {
            _ if name == "+" => {
                let mut more = tables()[kinds].clone();
                // What the table itself says of a field goes first.
                let own = |it: &String| table.get(it.trim_end_matches('?')).is_none();
                more.as_object_mut().unwrap().retain(|it, _| own(it));
                problems.extend(check(&more, body));
            }
            None if field.ends_with('?') => {}
            None => problems.push(format!("{name} is missing")),
            Some(value) => problems.extend(kind(name, value, kinds)),
        }
    }
    problems
}

/// What is wrong with a value that is to be of one of these kinds.
fn kind(name: &str, value: &Value, kinds: &str) -> Vec<String> {
    let mut first = None;
    for kind in kinds.split('|') {
        let problems = match (kind.strip_prefix('['), value) {
            (Some(items), Value::Array(values)) => {
                let items = items.trim_end_matches(']');
                let found = values.iter().enumerate();
                found
                    .flat_map(|(index, it)| self::kind(&format!("{name}.{index}"), it, items))
                    .collect()
            }
            (None, Value::Object(_)) if kind.starts_with('@') => check(&tables()[kind], value)
                .iter()
                .map(|problem| format!("{name}.{problem}"))
                .collect(),
            (None, _) if !kind.starts_with('@') && is(value, kind) => Vec::new(),
            _ => vec![format!("{name} is {value}")],
        };
        if problems.is_empty() {
            return problems;
        }
        first.get_or_insert(problems);
    }
    first.unwrap_or_default()
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
    let table = &tables()["GUILD_MEMBER_ADD"];
    let broken = serde_json::json!({
        "guild_id": "8", "joined_at": null, "pending": false, "roles": ["1", 2], "deaf": false, "mute": false,
        "flags": 0, "user": {"id": "7", "username": "ada", "discriminator": "0", "avatar": null},
    });
    let mut problems = check(table, &broken);
    problems.sort_unstable();
    let expected = [
        "joined_at is null",
        "roles.1 is 2",
        "user.global_name is missing",
    ];
    assert_eq!(problems, expected);
}

//! An update sets what it says and nothing else; a failed one changes nothing.

#![no_main]

use guestlist_model::{Invite, json};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|texts: (&str, &str)| {
    let (old, partial) = texts;
    // Mutations rarely make two valid texts at once.
    let old = if old.len() % 2 == 0 { old } else { r#"{"code":"abc","uses":-1,"x":1,"guild":{}}"# };
    let Ok(mut invite) = Invite::from_slice(old.as_bytes()) else { return };
    let before = invite.to_value();
    match invite.update(partial.as_bytes()) {
        Ok(()) => {
            let (Value::Object(before), Value::Object(after), Ok(Value::Object(new))) =
                (before, invite.to_value(), json::to_value(partial))
            else {
                panic!("all are objects");
            };
            for (key, value) in &new {
                match (value, &after[key]) {
                    // A nested object may have more than was said, from before.
                    (Value::Object(said), Value::Object(all)) => {
                        assert!(said.iter().all(|(key, value)| all.get(key) == Some(value)));
                    }
                    (value, is) => assert_eq!(value, is),
                }
            }
            // What is about another guild or channel goes.
            let others = ["guild", "guild_id", "channel", "channel_id"];
            for (key, value) in &before {
                if !new.contains_key(key) && !others.contains(&key.as_str()) {
                    assert_eq!(after.get(key), Some(value));
                }
            }
            assert!(after.keys().all(|key| new.contains_key(key) || before.contains_key(key)));
            // As if it had been decoded so.
            let again = Invite::from_value(&invite.to_value()).expect("it is an invite");
            assert_eq!(again.guild_id(), invite.guild_id());
            assert_eq!(again.uses(), invite.uses());
        }
        Err(_) => assert_eq!(invite.to_value(), before),
    }
});

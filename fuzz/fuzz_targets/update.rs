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
            let (Value::Object(mut expected), Ok(Value::Object(new))) =
                (before, json::to_value(partial))
            else {
                panic!("both are objects");
            };
            expected.extend(new);
            assert_eq!(invite.to_value(), Value::Object(expected));
        }
        Err(_) => assert_eq!(invite.to_value(), before),
    }
});

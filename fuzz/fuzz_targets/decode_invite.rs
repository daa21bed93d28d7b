//! What decodes is encoded as the same JSON value, and decodes again.

#![no_main]

use guestlist_model::{Invite, json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(invite) = Invite::from_slice(bytes) else { return };
    let text = std::str::from_utf8(bytes).expect("what decodes is UTF-8");
    let original = json::to_value(text).expect("what decodes is JSON");
    let encoded = invite.to_json();
    assert_eq!(invite.to_value(), original);
    let again = Invite::from_slice(encoded.as_bytes()).expect("what is encoded decodes");
    assert_eq!(again.to_json(), encoded);
    assert_eq!(again.uses(), invite.uses());
    assert_eq!(again.expiry(), invite.expiry());
    assert_eq!(again.guild_id(), invite.guild_id());
    assert_eq!(again.inviter_id(), invite.inviter_id());
    if let Ok(theirs) = serde_json::from_slice::<serde_json::Value>(bytes) {
        assert_eq!(theirs, original);
    }
    let _ = (invite.remaining_uses(), invite.is_vanity(), invite.extras(), invite.to_string());
});

//! A list loses only its odd elements; sharing entities changes nothing.

#![no_main]

use guestlist_model::{Decoder, Invite, decode_invites, json};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(list) = decode_invites(bytes) else { return };
    let text = std::str::from_utf8(bytes).expect("what decodes is UTF-8");
    let Ok(Value::Array(elements)) = json::to_value(text) else { panic!("a list is an array") };
    assert_eq!(elements.len(), list.invites.len() + list.failed.len());
    let mut invites = list.invites.iter();
    for (index, element) in elements.iter().enumerate() {
        if list.failed.iter().all(|(failed, _)| *failed != index) {
            let invite = invites.next().expect("one for each element that did not fail");
            assert_eq!(invite.to_value(), *element);
        }
    }
    // Decoded once more by a decoder that knows all entities, and each by itself.
    let mut decoder = Decoder::new();
    for _ in 0..2 {
        let again = decoder.invites(bytes).expect("it decoded before");
        assert_eq!(again.to_json(), list.to_json());
        assert_eq!(again.failed, list.failed);
    }
    for invite in &list.invites {
        let alone = Invite::from_slice(invite.to_json().as_bytes()).expect("it decoded before");
        assert_eq!(alone.to_json(), invite.to_json());
    }
});

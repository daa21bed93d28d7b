//! A frame decodes or fails; any payload that decodes is encoded without loss.

#![no_main]

use guestlist_model::{ApiErrorBody, Event, decode_any};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = Event::from_frame(bytes);
    for name in ["INVITE_CREATE", "GUILD_MEMBER_ADD", "GUILD_AUDIT_LOG_ENTRY_CREATE", "READY"] {
        let _ = Event::from_parts(name, bytes);
    }
    let _ = ApiErrorBody::from_slice(bytes);
    if let Ok(payload) = decode_any(None, bytes) {
        assert!(payload.is_lossless());
        let _ = payload.summary();
    }
});

//! A link that parses prints as a link that parses to the same.

#![no_main]

use guestlist_model::{InviteCode, InviteLink};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(link) = text.parse::<InviteLink>() {
        let printed = link.to_string();
        assert_eq!(printed.parse::<InviteLink>().expect("a printed link parses"), link);
        let code = link.code().as_str();
        assert!(code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
    if let Ok(code) = text.parse::<InviteCode>() {
        assert_eq!(code.as_str(), text);
    }
});

//! Spans are in the text, in order, and apart.

#![no_main]

use guestlist_model::find_invites;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut end = 0;
    for found in find_invites(text) {
        assert!(end <= found.span.start && found.span.start < found.span.end);
        let part = text.get(found.span.clone()).expect("a span is in the text");
        // What was found is found again by itself.
        let again = find_invites(part).next().expect("the span holds the link");
        assert_eq!(again.code(), found.code());
        end = found.span.end;
    }
});

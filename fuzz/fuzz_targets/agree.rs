//! Finding and parsing agree on every text.

#![no_main]

use guestlist_model::{InviteLink, find_invites};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let found: Vec<_> = find_invites(text).collect();
    for found in &found {
        let alone = &text[found.span.clone()];
        assert_eq!(alone.parse::<InviteLink>().as_ref(), Ok(&found.link), "{alone:?}");
    }
    // A code by itself is no link. Underscores at the end are Markdown's in a text.
    let path = text.split(['?', '#']).next().unwrap_or_default();
    if let Ok(link) = text.parse::<InviteLink>()
        && path.contains(['/', '\\', '%', '／'])
    {
        let code = link.code().as_str().trim_end_matches('_');
        let first = found.first().map(|found| found.code().as_str());
        assert_eq!(first, Some(code).filter(|code| !code.is_empty()), "{text:?}");
    }
});

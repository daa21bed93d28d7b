//! Percent-encoding for path segments, query values and the reason header.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Encodes everything but RFC 3986's unreserved characters.
pub(crate) fn encode(text: &str) -> PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// A path with a query that grows by pairs.
#[derive(Debug)]
pub(crate) struct PathAndQuery {
    text: String,
    has_query: bool,
}

impl PathAndQuery {
    pub(crate) const fn new(path: String) -> Self {
        Self {
            text: path,
            has_query: false,
        }
    }

    pub(crate) fn pair(&mut self, key: &str, value: impl std::fmt::Display) {
        self.text.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        self.text.push_str(key);
        self.text.push('=');
        self.text.extend(encode(&value.to_string()));
    }

    pub(crate) fn pair_if(&mut self, key: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.pair(key, value);
        }
    }

    pub(crate) fn finish(self) -> String {
        self.text
    }
}

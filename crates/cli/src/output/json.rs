//! JSON that a terminal can be shown.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use guestlist_view::is_hostile;

/// One value as one line. What could steer a terminal or turn a line round is
/// escaped: the same value, in harmless letters.
pub(crate) fn json_line(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut line = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut line, Escaping);
    value.serialize(&mut serializer)?;
    line.push(b'\n');
    Ok(line)
}

struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        escape(writer, fragment)
    }

    fn write_raw_fragment<W>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()>
    where
        W: ?Sized + Write,
    {
        escape(writer, fragment)
    }
}

/// Only strings can hold such characters: outside of them, the only control
/// characters of JSON are line breaks and tabs, which stay.
fn escape<W: ?Sized + Write>(writer: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some((at, c)) = rest
        .char_indices()
        .find(|(_, c)| !c.is_ascii_whitespace() && is_hostile(*c))
    {
        let (before, after) = rest.split_at(at);
        writer.write_all(before.as_bytes())?;
        write!(writer, "\\u{:04x}", u32::from(c))?;
        rest = after.get(c.len_utf8()..).unwrap_or_default();
    }
    writer.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::*;

    #[test]
    fn what_steers_a_terminal_is_escaped_and_the_value_stays_the_same() {
        let name = "c1\u{9b}31m \u{202e}Y\u{7f}\u{1b}[2J\n Zoë 🎉";
        let line = String::from_utf8(json_line(&name).unwrap()).unwrap();
        assert_eq!(
            line,
            "\"c1\\u009b31m \\u202eY\\u007f\\u001b[2J\\n Zoë 🎉\"\n"
        );
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), name);
    }

    #[test]
    fn payloads_that_are_passed_on_as_they_are_are_escaped_as_well() {
        let raw = RawValue::from_string("{\n\t\"a\": \"\u{9b}2J\"}".into()).unwrap();
        let line = String::from_utf8(json_line(&raw).unwrap()).unwrap();
        assert_eq!(line, "{\n\t\"a\": \"\\u009b2J\"}\n");
    }
}

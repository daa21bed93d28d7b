//! Collecting parts, and reading them.

use std::collections::BTreeMap;

use guestlist_model::GuildId;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{GuildChange, GuildState, Kept, Marked, PartChange, StateError, WHOLE, v1};

/// The stored form of a value.
pub(super) fn body<T: Serialize>(value: &T) -> String {
    // Plain data without maps always has a form.
    serde_json::to_string(value).unwrap_or_default()
}

/// The parts of a guild that changed, being collected.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    parts: Vec<PartChange>,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    fn push(&mut self, name: String, body: Option<String>) {
        self.parts.push(PartChange { name, body });
    }

    /// Stores a value, whether it changed or not.
    pub(crate) fn put<T: Serialize>(&mut self, name: &str, value: &T) {
        self.push(name.to_owned(), Some(body(value)));
    }

    /// Stores a value if it changed.
    pub(crate) fn value<T: Serialize>(&mut self, name: &str, value: &mut Marked<T>) {
        if let Some(body) = value.take_changed() {
            self.push(name.to_owned(), Some(body));
        }
    }

    /// Stores the entries of a map that changed.
    pub(crate) fn entries<K: Ord + Clone, V: Serialize>(
        &mut self,
        kept: &mut Kept<K, V>,
        name: impl Fn(&K) -> String,
    ) {
        kept.take_changed(|key, value| self.push(name(key), value.map(body)));
    }

    /// Stores the members of a set that changed: the name says it all.
    pub(crate) fn members<K: Ord + Clone>(
        &mut self,
        kept: &mut Kept<K, ()>,
        name: impl Fn(&K) -> String,
    ) {
        kept.take_changed(|key, value| self.push(name(key), value.map(|()| String::new())));
    }

    pub(crate) fn into_change(self, guild: GuildId, afresh: bool) -> GuildChange {
        GuildChange::new(guild, afresh, self.parts)
    }
}

/// The parts of a stored state, being read.
pub(crate) struct Reader<'a> {
    guild: GuildId,
    parts: BTreeMap<&'a str, &'a str>,
    /// The parts of an older version, in the form of this one.
    converted: Option<GuildState>,
}

impl<'a> Reader<'a> {
    /// Begins to read. A state of version 1 is converted first.
    pub(crate) fn new(guild: GuildId, state: &'a GuildState) -> Result<Self, StateError> {
        let mut reader = Self {
            guild,
            parts: state.parts().collect(),
            converted: None,
        };
        if let Some(whole) = reader.parts.get(WHOLE) {
            let converted = v1::convert(whole).map_err(|error| reader.wrong(WHOLE, &error))?;
            reader.converted = Some(converted);
        }
        Ok(reader)
    }

    /// Whether the parts are those of an older version.
    pub(crate) const fn is_converted(&self) -> bool {
        self.converted.is_some()
    }

    fn wrong(&self, part: &str, reason: &impl ToString) -> StateError {
        StateError {
            guild: self.guild,
            part: part.to_owned(),
            reason: reason.to_string(),
        }
    }

    fn body(&self, name: &str) -> Option<&str> {
        match &self.converted {
            Some(state) => state.parts.get(name).map(String::as_str),
            None => self.parts.get(name).copied(),
        }
    }

    fn parse<T: DeserializeOwned>(&self, name: &str, body: &str) -> Result<T, StateError> {
        serde_json::from_str(body).map_err(|error| self.wrong(name, &error))
    }

    /// A part that can be read, if there is one of this name.
    pub(crate) fn get<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StateError> {
        self.body(name)
            .map(|body| self.parse(name, body))
            .transpose()
    }

    /// A part that must be there is not.
    pub(crate) fn missing(&self, name: &str) -> StateError {
        self.wrong(name, &"it is missing")
    }

    /// All parts whose name begins so.
    pub(crate) fn each<T: DeserializeOwned>(&self, prefix: &str) -> Result<Vec<T>, StateError> {
        self.all(prefix)
            .into_iter()
            .map(|(rest, body)| self.parse(&format!("{prefix}{rest}"), body))
            .collect()
    }

    /// Reads a value that is one part.
    pub(crate) fn value<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        into: &mut Marked<T>,
    ) -> Result<(), StateError> {
        if let Some(body) = self.body(name) {
            let value = self.parse(name, body)?;
            if self.is_converted() {
                **into = value;
            } else {
                into.restore(value, body);
            }
        }
        Ok(())
    }

    /// All parts whose name begins so, with the rest of the name.
    fn all(&self, prefix: &str) -> Vec<(&str, &str)> {
        let strip = |(name, body)| Some((str::strip_prefix(name, prefix)?, body));
        match &self.converted {
            Some(state) => state.parts().filter_map(strip).collect(),
            None => {
                let parts = self.parts.iter().map(|(name, body)| (*name, *body));
                parts.filter_map(strip).collect()
            }
        }
    }

    /// What was converted is not stored yet in this form.
    fn put<K: Ord + Clone, V>(&self, into: &mut Kept<K, V>, key: K, value: V) {
        if self.is_converted() {
            into.insert(key, value);
        } else {
            into.restore(key, value);
        }
    }

    /// Reads a map each entry of which is a part.
    pub(crate) fn entries<K: Ord + Clone, V: DeserializeOwned>(
        &self,
        prefix: &str,
        into: &mut Kept<K, V>,
        key: impl Fn(&str) -> Option<K>,
    ) -> Result<(), StateError> {
        for (rest, body) in self.all(prefix) {
            let name = format!("{prefix}{rest}");
            let key = key(rest).ok_or_else(|| self.wrong(&name, &"not a name of a part"))?;
            self.put(into, key, self.parse(&name, body)?);
        }
        Ok(())
    }

    /// Reads a set each member of which is a part.
    pub(crate) fn members<K: Ord + Clone>(
        &self,
        prefix: &str,
        into: &mut Kept<K, ()>,
        key: impl Fn(&str) -> Option<K>,
    ) -> Result<(), StateError> {
        for (rest, _) in self.all(prefix) {
            let name = format!("{prefix}{rest}");
            let key = key(rest).ok_or_else(|| self.wrong(&name, &"not a name of a part"))?;
            self.put(into, key, ());
        }
        Ok(())
    }
}

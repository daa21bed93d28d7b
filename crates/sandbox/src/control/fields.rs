//! Reading the JSON of a control request, with errors that name the field.

use serde_json::{Map, Value, json};

use crate::{json::number, world::Refusal};

/// What is wrong with a control request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Problem {
    pub(crate) status: u16,
    pub(crate) message: String,
    pub(crate) field: Option<String>,
}

impl Problem {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            field: None,
        }
    }

    pub(crate) fn field(field: &str, message: impl Into<String>) -> Self {
        Self {
            status: 400,
            message: message.into(),
            field: Some(String::from(field)),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match &self.field {
            Some(field) => json!({"error": self.message, "field": field}),
            None => json!({"error": self.message}),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::UnknownGuild(_)
            | Refusal::UnknownInvite(_)
            | Refusal::UnknownCommand(_)
            | Refusal::NotAMember(_) => 404,
            Refusal::Invalid { .. }
            | Refusal::UnknownChannel(_)
            | Refusal::UnknownUser(_)
            | Refusal::UnknownRole(_) => 400,
            _ => 409,
        };
        Self {
            status,
            message: refusal.to_string(),
            field: refusal.field().map(String::from),
        }
    }
}

/// The fields of a request; those that nobody asked for are an error.
pub(crate) struct Fields {
    object: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    /// Reads a body; nothing is an empty object.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Problem> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self::from_object(Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(object)) => Ok(Self::from_object(object)),
            Ok(_) => Err(Problem::new(400, "the body must be a JSON object")),
            Err(error) => Err(Problem::new(400, format!("the body is not JSON: {error}"))),
        }
    }

    pub(crate) const fn from_object(object: Map<String, Value>) -> Self {
        Self {
            object,
            known: Vec::new(),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.object.remove(name).filter(|value| !value.is_null())
    }

    pub(crate) fn value(&mut self, name: &'static str) -> Option<Value> {
        self.take(name)
    }

    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(Problem::field(name, format!("{other} is not a string"))),
        }
    }

    pub(crate) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(Problem::field(
                name,
                format!("{other} is not true or false"),
            )),
        }
    }

    pub(crate) fn float(&mut self, name: &'static str) -> Result<Option<f64>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(value) => value
                .as_f64()
                .filter(|number| number.is_finite() && *number >= 0.0)
                .map(Some)
                .ok_or_else(|| {
                    Problem::field(name, format!("{value} is not a number of 0 or more"))
                }),
        }
    }

    /// A whole number, within a range.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<u64>,
    ) -> Result<Option<u64>, Problem> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        value
            .as_u64()
            .filter(|number| range.contains(number))
            .map(Some)
            .ok_or_else(|| {
                let message = if *range.end() == u64::MAX {
                    format!("{value} is not a whole number from {}", range.start())
                } else {
                    format!(
                        "{value} is not a whole number from {} to {}",
                        range.start(),
                        range.end()
                    )
                };
                Problem::field(name, message)
            })
    }

    pub(crate) fn number32(
        &mut self,
        name: &'static str,
        most: u32,
    ) -> Result<Option<u32>, Problem> {
        let number = self.number(name, 0..=u64::from(most))?;
        Ok(number.and_then(|number| u32::try_from(number).ok()))
    }

    /// An id, written as a text or as a number; permissions likewise.
    pub(crate) fn id(&mut self, name: &'static str) -> Result<Option<u64>, Problem> {
        self.take(name).map(|value| id(name, &value)).transpose()
    }

    pub(crate) fn ids(&mut self, name: &'static str) -> Result<Option<Vec<u64>>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => values
                .iter()
                .map(|value| id(name, value))
                .collect::<Result<_, _>>()
                .map(Some),
            Some(other) => Err(Problem::field(
                name,
                format!("{other} is not a list of ids"),
            )),
        }
    }

    pub(crate) fn texts(&mut self, name: &'static str) -> Result<Option<Vec<String>>, Problem> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(values)) => values
                .into_iter()
                .map(|value| match value {
                    Value::String(text) => Ok(text),
                    other => Err(Problem::field(name, format!("{other} is not a string"))),
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(other) => Err(Problem::field(
                name,
                format!("{other} is not a list of strings"),
            )),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), Problem> {
        match self.object.keys().next() {
            None => Ok(()),
            Some(field) => {
                let message = format!(
                    "there is no such field; there are: {}",
                    self.known.join(", ")
                );
                Err(Problem::field(field, message))
            }
        }
    }
}

/// An id from a field.
pub(crate) fn id(name: &str, value: &Value) -> Result<u64, Problem> {
    number(value).ok_or_else(|| Problem::field(name, format!("{value} is not an id")))
}

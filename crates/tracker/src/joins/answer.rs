//! How far the answer to "how did this member come in" has come.

use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::record::{Certainty, Origin};

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Shape", into = "Shape")]
pub(crate) enum Answer {
    /// There is none.
    #[default]
    Open,
    /// The counts leave no choice, and that is not stated yet, because a confirmation is
    /// on its way. Less may have been stated before.
    Held(Deduced, Option<Stated>),
    /// It is stated.
    Stated(Stated),
}

/// An answer that the counts leave no choice about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deduced {
    #[serde(rename = "o")]
    origin: Origin,
    #[serde(rename = "e")]
    evidence: Vec<Evidence>,
}

impl Deduced {
    pub(crate) const fn new(origin: Origin, evidence: Vec<Evidence>) -> Self {
        Self { origin, evidence }
    }

    pub(crate) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// As it is to be stated.
    pub(crate) fn into_statement(self) -> (Certainty, Vec<Evidence>) {
        (Certainty::Deduced(self.origin), self.evidence)
    }
}

/// An answer that was stated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stated {
    #[serde(rename = "c")]
    certainty: Certainty,
    #[serde(
        rename = "r",
        default,
        skip_serializing_if = "crate::state::shape::is_default"
    )]
    revision: u32,
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    evidence: Vec<Evidence>,
}

impl Stated {
    /// An answer as far as something later builds on it.
    pub(crate) fn new(certainty: Certainty, revision: u32, evidence: Vec<Evidence>) -> Self {
        let (certainty, evidence) = match certainty {
            // Candidates are stated once.
            Certainty::Ambiguous(_) => (Certainty::Ambiguous(Vec::new()), Vec::new()),
            // Discord's word stands.
            Certainty::Confirmed(origin) => (Certainty::Confirmed(origin), Vec::new()),
            certainty => (certainty, evidence),
        };
        Self {
            certainty,
            revision,
            evidence,
        }
    }

    pub(crate) const fn certainty(&self) -> &Certainty {
        &self.certainty
    }

    pub(crate) const fn revision(&self) -> u32 {
        self.revision
    }
}

impl Answer {
    /// What was stated last.
    pub(crate) const fn stated(&self) -> Option<&Stated> {
        match self {
            Self::Open => None,
            Self::Held(_, stated) => stated.as_ref(),
            Self::Stated(stated) => Some(stated),
        }
    }

    /// What is deduced and not stated yet.
    pub(crate) const fn held(&self) -> Option<&Deduced> {
        match self {
            Self::Held(deduced, _) => Some(deduced),
            Self::Open | Self::Stated(_) => None,
        }
    }

    /// The origin that Discord confirmed.
    pub(crate) const fn confirmed(&self) -> Option<&Origin> {
        match self.stated() {
            Some(Stated {
                certainty: Certainty::Confirmed(origin),
                ..
            }) => Some(origin),
            _ => None,
        }
    }

    /// Whether it stays as it is though this is found out: Discord's word stands, and the
    /// same word again is no news.
    pub(crate) fn stands(&self, certainty: &Certainty) -> bool {
        match self {
            Self::Open | Self::Held(..) => false,
            Self::Stated(stated) => {
                matches!(stated.certainty, Certainty::Confirmed(_))
                    || stated.certainty == *certainty
            }
        }
    }

    /// The origin that is confirmed or deduced, stated or not.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        let stated = self.stated().and_then(|stated| stated.certainty.origin());
        stated.or(self.held().map(Deduced::origin))
    }

    /// What an answer rests on that is confirmed now: what was stated, then what was held
    /// back.
    pub(crate) fn evidence(&self) -> impl Iterator<Item = &Evidence> {
        let stated = self
            .stated()
            .into_iter()
            .flat_map(|stated| &stated.evidence);
        let held = self.held().into_iter().flat_map(|held| &held.evidence);
        stated.chain(held)
    }

    /// Holds back what was deduced.
    pub(crate) fn hold(&mut self, deduced: Deduced) {
        let before = match std::mem::take(self) {
            Self::Open => None,
            Self::Held(_, before) => before,
            Self::Stated(before) => Some(before),
        };
        *self = Self::Held(deduced, before);
    }

    /// No longer holds anything back: something is being stated instead. Returns what was
    /// held back.
    pub(crate) fn let_go(&mut self) -> Option<Deduced> {
        match std::mem::take(self) {
            Self::Held(deduced, before) => {
                *self = before.map_or(Self::Open, Self::Stated);
                Some(deduced)
            }
            other => {
                *self = other;
                None
            }
        }
    }
}

/// How an answer is stored: it is open exactly if nothing was stated.
#[derive(Clone, Serialize, Deserialize)]
struct Shape {
    #[serde(rename = "h", default, skip_serializing_if = "Option::is_none")]
    held: Option<Deduced>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    stated: Option<Stated>,
}

impl From<Answer> for Shape {
    fn from(answer: Answer) -> Self {
        let (held, stated) = match answer {
            Answer::Open => (None, None),
            Answer::Held(held, stated) => (Some(held), stated),
            Answer::Stated(stated) => (None, Some(stated)),
        };
        Self { held, stated }
    }
}

impl From<Shape> for Answer {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape {
                held: Some(held),
                stated,
            } => Self::Held(held, stated),
            Shape {
                held: None,
                stated: Some(stated),
            } => Self::Stated(stated),
            Shape {
                held: None,
                stated: None,
            } => Self::Open,
        }
    }
}

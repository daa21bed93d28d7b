//! Records as people and scripts read them: the shapes of `--json`, and the
//! words in tables.

use std::fmt;

use guestlist::ledger::JoinRow;
use guestlist::model::Timestamp;
use guestlist::tracker::{Attribution, Certainty, Origin};
use serde::Serialize;

use crate::output::Tone;

/// "2026-03-01 18:30:12", in UTC.
pub(crate) fn moment(at: Timestamp) -> String {
    let full = Timestamp::from_secs(at.as_secs()).to_string();
    full.trim_end_matches('Z')
        .trim_end_matches("+00:00")
        .replace('T', " ")
}

/// An attribution, told in plain fields.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct AttributionView {
    /// `confirmed`, `deduced`, `ambiguous`, `unknown`, or `waiting` before
    /// there is any.
    pub(crate) certainty: &'static str,
    /// `invite`, `vanity`, `bot` …; only when there is one answer.
    pub(crate) origin: Option<String>,
    /// The invite's code, or the vanity code.
    pub(crate) code: Option<String>,
    /// Who invited, or added the bot.
    pub(crate) inviter_id: Option<String>,
    /// Their name, if it is known.
    pub(crate) inviter: Option<String>,
    /// Why nothing is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    /// What it may have been.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) candidates: Vec<CandidateView>,
    /// What the answer rests on, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) evidence: Vec<String>,
    /// How often the answer was refined.
    pub(crate) revision: u32,
    /// When it was given.
    pub(crate) decided_at: Option<String>,
}

/// One of several possibilities.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CandidateView {
    origin: String,
    code: Option<String>,
    inviter_id: Option<String>,
    weight: f64,
}

impl CandidateView {
    /// The code, or how else.
    fn way(&self) -> &str {
        self.code.as_ref().unwrap_or(&self.origin)
    }
}

/// For a cell of CSV.
impl fmt::Display for CandidateView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.3}", self.way(), self.weight)
    }
}

impl AttributionView {
    /// Tells an attribution.
    pub(crate) fn new(attribution: &Attribution, inviter: Option<&str>) -> Self {
        let mut view = Self {
            evidence: attribution
                .evidence
                .iter()
                .map(ToString::to_string)
                .collect(),
            revision: attribution.revision,
            decided_at: Some(attribution.decided_at.to_string()),
            certainty: attribution.certainty.label(),
            ..Self::waiting()
        };
        match &attribution.certainty {
            Certainty::Confirmed(origin) | Certainty::Deduced(origin) => {
                view.origin = Some(origin.label().to_string());
                view.code = code(origin);
                view.inviter_id = origin.inviter().map(|id| id.to_string());
                view.inviter = inviter.map(str::to_owned);
            }
            Certainty::Ambiguous(candidates) => {
                view.candidates = candidates
                    .iter()
                    .map(|candidate| CandidateView {
                        origin: candidate.origin.label().to_string(),
                        code: code(&candidate.origin),
                        inviter_id: candidate.origin.inviter().map(|id| id.to_string()),
                        weight: candidate.weight,
                    })
                    .collect();
            }
            Certainty::Unknown(reason) => view.reason = Some(reason.to_string()),
        }
        view
    }

    /// A join that is still being worked on.
    pub(crate) fn waiting() -> Self {
        Self {
            certainty: "waiting",
            origin: None,
            code: None,
            inviter_id: None,
            inviter: None,
            reason: None,
            candidates: Vec::new(),
            evidence: Vec::new(),
            revision: 0,
            decided_at: None,
        }
    }

    /// The way in, in a few words: a code, "vanity rust", "discovery" …
    pub(crate) fn way(&self) -> Option<String> {
        match (self.origin.as_deref(), &self.code) {
            (Some("invite"), Some(code)) => Some(code.clone()),
            (Some(origin), Some(code)) => Some(format!("{origin} {code}")),
            (Some(origin), None) => Some(origin.replace('_', " ")),
            (None, _) if self.candidates.is_empty() => None,
            (None, _) => {
                let mut words: Vec<String> = self
                    .candidates
                    .iter()
                    .take(3)
                    .map(|it| format!("{} {:.0}%", it.way(), it.weight * 100.0))
                    .collect();
                if self.candidates.len() > words.len() {
                    words.push("…".to_owned());
                }
                Some(words.join(", "))
            }
        }
    }

    /// The inviter's name, else the id.
    pub(crate) fn inviter_label(&self) -> Option<&str> {
        self.inviter.as_deref().or(self.inviter_id.as_deref())
    }

    /// The certainty, with the reason where nothing is known.
    pub(crate) fn certainty_label(&self) -> String {
        match &self.reason {
            Some(reason) => format!("{}: {reason}", self.certainty),
            None => self.certainty.to_owned(),
        }
    }

    /// The certainty's colour.
    pub(crate) fn tone(&self) -> Tone {
        match self.certainty {
            "confirmed" => Tone::Good,
            "deduced" => Tone::Fair,
            "waiting" => Tone::Dim,
            _ => Tone::Warn,
        }
    }
}

fn code(origin: &Origin) -> Option<String> {
    origin.code().map(ToString::to_string)
}

/// A join of the ledger.
#[derive(Debug, Serialize)]
pub(crate) struct JoinView<'a> {
    pub(crate) joined_at: String,
    pub(crate) guild_id: String,
    pub(crate) guild: Option<&'a str>,
    pub(crate) user_id: String,
    pub(crate) name: Option<&'a str>,
    pub(crate) bot: bool,
    pub(crate) pending: bool,
    pub(crate) rejoined: Option<bool>,
    pub(crate) guest: bool,
    #[serde(flatten)]
    pub(crate) attribution: AttributionView,
    pub(crate) left_at: Option<String>,
    pub(crate) here: bool,
}

impl<'a> JoinView<'a> {
    /// Tells a row.
    pub(crate) fn new(row: &'a JoinRow) -> Self {
        let join = &row.join;
        Self {
            joined_at: join.key.joined_at.to_string(),
            guild_id: join.key.guild.to_string(),
            guild: row.guild_name.as_deref(),
            user_id: join.key.user.to_string(),
            name: join.name.as_deref(),
            bot: join.bot,
            pending: join.pending,
            rejoined: join.rejoined,
            guest: join.guest,
            attribution: match &row.attribution {
                Some(attribution) => AttributionView::new(attribution, row.inviter_name.as_deref()),
                None => AttributionView::waiting(),
            },
            left_at: row.left_at.map(|at| at.to_string()),
            here: row.here,
        }
    }

    /// The server's name, else its id.
    pub(crate) fn guild_label(&self) -> &str {
        self.guild.unwrap_or(&self.guild_id)
    }

    /// The member's name, else the id.
    pub(crate) fn member_label(&self) -> String {
        let name = self.name.unwrap_or(&self.user_id);
        if self.bot {
            format!("{name} (bot)")
        } else {
            name.to_owned()
        }
    }
}

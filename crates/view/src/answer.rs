//! Answers: how a member joined, and how certain that is.

use serde::{Deserialize, Serialize};
use std::{borrow::Cow, sync::LazyLock};

use guestlist_tracker::{Attribution, Candidate, Certainty, Origin};

use crate::person::person;
use crate::{Cell, Field, Fields, Tone, Value, moment};

/// The answer to "how did this member join", if there is one.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Answer<'a> {
    /// The attribution; `None` if there is none yet.
    pub attribution: Option<&'a Attribution>,
    /// The inviter's name, if known.
    pub inviter_name: Option<&'a str>,
}

/// A record with an answer.
pub trait Answered {
    /// The answer.
    fn answer(&self) -> Answer<'_>;
}

impl Answered for Answer<'_> {
    fn answer(&self) -> Answer<'_> {
        *self
    }
}

impl<'a> Answer<'a> {
    /// Creates an answer.
    #[must_use]
    pub const fn new(attribution: Option<&'a Attribution>, inviter_name: Option<&'a str>) -> Self {
        Self {
            attribution,
            inviter_name,
        }
    }

    fn certainty(self) -> Option<&'a Certainty> {
        self.attribution.map(|it| &it.certainty)
    }

    fn origin(self) -> Option<&'a Origin> {
        self.certainty()?.origin()
    }

    fn candidates(self) -> &'a [Candidate] {
        self.certainty().map_or(&[], Certainty::candidates)
    }

    /// `likely` if a candidate has a weight of at least 95 %, `perhaps` if all candidates
    /// have less.
    #[must_use]
    pub fn guess(self) -> Option<&'static str> {
        let certainty = self.certainty()?;
        let likely = certainty.likely().map(|_| "likely");
        likely.or((!self.candidates().is_empty()).then_some("perhaps"))
    }

    /// `confirmed`, `deduced`, `ambiguous`, `unknown`, `provisional`, or `waiting` if
    /// there is no answer yet.
    #[must_use]
    pub fn certainty_word(self) -> &'static str {
        self.certainty().map_or("waiting", Certainty::label)
    }

    /// Why there is no answer, in a sentence.
    #[must_use]
    pub fn reason(self) -> Option<String> {
        match self.certainty()? {
            Certainty::Unknown(reason) => Some(reason.to_string()),
            Certainty::Confirmed(_)
            | Certainty::Deduced(_)
            | Certainty::Ambiguous(_)
            | Certainty::Provisional(_) => None,
        }
    }

    /// The certainty, with the reason if there is no answer.
    #[must_use]
    pub fn certainty_label(self) -> String {
        match self.reason() {
            Some(reason) => format!("{}: {reason}", self.certainty_word()),
            None => self.certainty_word().to_owned(),
        }
    }

    /// How the member joined, in a few words: a code, "vanity rust", "discovery", "likely
    /// rust 97 %", "perhaps rust 61 %, ferris 39 %" and so on.
    #[must_use]
    pub fn way(self) -> Option<String> {
        const SHOWN: usize = 3;
        if let Some(origin) = self.origin() {
            return Some(match (origin, origin.code()) {
                (Origin::Invite { code, .. }, _) => code.to_string(),
                (_, Some(code)) => format!("{} {code}", origin.label()),
                (_, None) => origin.label().replace('_', " "),
            });
        }
        let candidates = self.candidates();
        if candidates.is_empty() {
            return None;
        }
        let shown = |it: &Candidate| format!("{} {} %", way_of(&it.origin), it.percent());
        if let Some(likely) = self.certainty().and_then(Certainty::likely) {
            return Some(format!("likely {}", shown(likely)));
        }
        let mut words: Vec<String> = candidates.iter().take(SHOWN).map(shown).collect();
        if candidates.len() > SHOWN {
            words.push("…".to_owned());
        }
        Some(format!("perhaps {}", words.join(", ")))
    }

    /// The inviter's name, or else the id; `(forgotten)` for a stand-in.
    #[must_use]
    pub fn inviter_label(self) -> Option<Cow<'a, str>> {
        let id = self.origin()?.inviter()?;
        Some(person(self.inviter_name, id))
    }

    /// The certainty's colour.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self.certainty() {
            Some(Certainty::Confirmed(_)) => Tone::Good,
            Some(Certainty::Deduced(_)) => Tone::Fair,
            Some(Certainty::Ambiguous(_) | Certainty::Unknown(_)) => Tone::Warn,
            Some(Certainty::Provisional(_)) | None => Tone::Dim,
        }
    }

    /// An explanation of a word in the answer, if it needs one.
    #[must_use]
    pub fn note(self) -> Option<&'static str> {
        self.candidates()
            .iter()
            .any(|candidate| candidate.origin == Origin::Unseen)
            .then_some("unseen: without an invite, or by one that was never listed")
    }
}

/// The code, or how else.
fn way_of(origin: &Origin) -> String {
    origin
        .code()
        .map_or_else(|| origin.label().to_owned(), ToString::to_string)
}

fn evidence_of(answer: Answer<'_>) -> Vec<String> {
    let attribution = answer.attribution.into_iter();
    attribution
        .flat_map(|it| &it.evidence)
        .map(ToString::to_string)
        .collect()
}

/// The fields of a candidate.
static CANDIDATE: LazyLock<Fields<Candidate>> = LazyLock::new(|| {
    Fields::from(vec![
        Field::text("origin", |it: &Candidate| it.origin.label().into()),
        Field::text("code", |it: &Candidate| {
            it.origin.code().map(|code| code.as_str()).into()
        }),
        Field::id("inviter_id", |it: &Candidate| it.origin.inviter().into()),
        Field::weight("weight", |it: &Candidate| it.weight.into()),
    ])
});

fn candidate(candidate: &Candidate) -> Value<'_> {
    let short = format!("{} {:.3}", way_of(&candidate.origin), candidate.weight);
    CANDIDATE.within(candidate, short)
}

/// How much of an answer to show in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// The answer.
    Answer,
    /// The answer, its time and its evidence.
    Grounds,
}

/// The fields of a record with an answer, from `certainty` to `decided_at`, with columns
/// at the places 35 to 65.
#[must_use]
pub fn answer_fields<R: Answered>(detail: Detail) -> Vec<Field<R>> {
    let evidence =
        Field::texts("evidence", |row: &R| evidence_of(row.answer()).into()).or_left_out();
    let decided_at = Field::time("decided_at", |row: &R| {
        row.answer().attribution.map(|it| it.decided_at).into()
    });
    let (evidence, decided_at) = match detail {
        Detail::Answer => (evidence, decided_at),
        Detail::Grounds => (
            evidence.column(65, "because", |row| {
                let evidence = evidence_of(row.answer());
                Cell::maybe((!evidence.is_empty()).then(|| evidence.join("; ")))
            }),
            decided_at.column(35, "answered (UTC)", |row| {
                let decided_at = row.answer().attribution.map(|it| it.decided_at);
                Cell::maybe(decided_at.map(moment)).whole()
            }),
        ),
    };
    vec![
        Field::text("certainty", |row: &R| row.answer().certainty_word().into()).column(
            60,
            "certainty",
            |row| {
                let answer = row.answer();
                Cell::new(answer.certainty_label()).tone(answer.tone())
            },
        ),
        Field::text("origin", |row: &R| {
            row.answer().origin().map(|origin| origin.label()).into()
        }),
        Field::text("code", |row: &R| {
            let code = row.answer().origin().and_then(Origin::code);
            code.map(|code| code.as_str()).into()
        })
        .column(40, "origin", |row| Cell::maybe(row.answer().way())),
        Field::id("inviter_id", |row: &R| {
            row.answer().origin().and_then(Origin::inviter).into()
        }),
        Field::text("inviter", |row: &R| {
            let answer = row.answer();
            let inviter = answer.origin().and_then(Origin::inviter);
            inviter.and(answer.inviter_name).into()
        })
        .column(50, "invited by", |row| {
            Cell::maybe(row.answer().inviter_label())
        })
        .expendable(3),
        Field::text("reason", |row: &R| row.answer().reason().into()).or_left_out(),
        Field::text("guess", |row: &R| row.answer().guess().into()).or_left_out(),
        Field::records("candidates", |row: &R| {
            let candidates = row.answer().candidates();
            candidates.iter().map(candidate).collect::<Vec<_>>().into()
        })
        .parts(|| CANDIDATE.kinds().collect())
        .or_left_out(),
        evidence,
        Field::count("revision", |row: &R| {
            let revision = row.answer().attribution.map_or(0, |it| it.revision);
            u64::from(revision).into()
        }),
        decided_at,
    ]
}

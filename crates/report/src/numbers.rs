//! The key figures of a report.

use guestlist_ledger::{
    CertaintyKind, FactSheet, JoinFact, ProfileLimits, RetentionQuestion, share,
};
use guestlist_model::Timestamp;
use guestlist_view::{grouped, percent};
use serde::Serialize;

use crate::Stay;

/// A number, or a share of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Amount {
    /// A count.
    Count(u64),
    /// A difference of counts.
    Difference(i64),
    /// A share from 0 to 1; `None` if there is nothing to divide.
    Share(Option<f64>),
}

impl Amount {
    /// The amount as text for people.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Count(number) => grouped(number),
            Self::Difference(number) if number < 0 => {
                format!("−{}", grouped(number.unsigned_abs()))
            }
            Self::Difference(number) => format!("+{}", grouped(number.unsigned_abs())),
            Self::Share(share) => percent(share),
        }
    }
}

/// A key figure for the time span and for the previous one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Figure {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its title for people.
    pub title: &'static str,
    /// The amount in the span.
    pub now: Amount,
    /// The amount in the previous time span.
    pub before: Amount,
}

/// What is counted of one span.
pub(crate) struct Numbers {
    joins: u64,
    leaves: u64,
    missing: u64,
    here: u64,
    certain: u64,
    answered: u64,
    young: u64,
    rejoined: u64,
    own: u64,
    quick: u64,
    pub(crate) kept: Vec<Stay>,
}

impl Numbers {
    pub(crate) fn of(sheet: &FactSheet, leaves: u64, missing: u64, now: Timestamp) -> Self {
        let facts = sheet.facts();
        let limits = ProfileLimits::new(now);
        let count =
            |is: &dyn Fn(&JoinFact) -> bool| facts.iter().filter(|fact| is(fact)).count() as u64;
        let kept = sheet.retention(&RetentionQuestion::new(now));
        let is_final = |fact: &JoinFact| {
            fact.certainty
                .is_some_and(|kind| kind != CertaintyKind::Provisional)
        };
        Self {
            joins: facts.len() as u64,
            leaves,
            missing,
            here: count(&|fact| fact.here),
            certain: count(&|fact| {
                matches!(
                    fact.certainty,
                    Some(CertaintyKind::Confirmed | CertaintyKind::Deduced)
                )
            }),
            answered: count(&is_final),
            young: count(&|fact| fact.is_young(limits.young)),
            rejoined: count(&|fact| fact.rejoined),
            own: count(&|fact| fact.invited_by() == Some(fact.key.user)),
            quick: count(&|fact| fact.left_within(limits.quick)),
            kept: (kept.first())
                .map(|row| row.kept.iter().map(Stay::from).collect())
                .unwrap_or_default(),
        }
    }

    fn stayed(&self, days: u32) -> Amount {
        let stay = self.kept.iter().find(|stay| stay.days == days);
        Amount::Share(stay.and_then(|stay| stay.share))
    }
}

/// The figures of two spans.
pub(crate) fn figures(now: &Numbers, before: &Numbers) -> Vec<Figure> {
    type Read = fn(&Numbers) -> Amount;
    let all: [(&'static str, &'static str, Read); 13] = [
        ("joins", "joined", |it| Amount::Count(it.joins)),
        ("leaves", "left", |it| Amount::Count(it.leaves)),
        ("missing", "missed joins, at least", |it| {
            Amount::Count(it.missing)
        }),
        ("growth", "joined minus left", |it| {
            Amount::Difference(it.joins.cast_signed() - it.leaves.cast_signed())
        }),
        ("here", "joined and still here", |it| {
            Amount::Share(share(it.here, it.joins))
        }),
        ("certain", "certain answers", |it| {
            Amount::Share(share(it.certain, it.answered))
        }),
        ("stayed_1d", "stayed 1 day", |it| it.stayed(1)),
        ("stayed_7d", "stayed 7 days", |it| it.stayed(7)),
        ("stayed_30d", "stayed 30 days", |it| it.stayed(30)),
        ("rejoined", "had joined before", |it| {
            Amount::Count(it.rejoined)
        }),
        ("young", "accounts younger than a week", |it| {
            Amount::Count(it.young)
        }),
        ("own", "through their own invite", |it| {
            Amount::Count(it.own)
        }),
        ("quick", "left within an hour", |it| Amount::Count(it.quick)),
    ];
    all.into_iter()
        .map(|(name, title, read)| Figure {
            name,
            title,
            now: read(now),
            before: read(before),
        })
        .collect()
}

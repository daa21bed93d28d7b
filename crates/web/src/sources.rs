//! The ways in, as charts and their tables tell them apart.

use guestlist_ledger::{CertaintyKind, SeriesRow};

/// A way in, or why none is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Invite,
    Vanity,
    Discovery,
    Bot,
    Elsewhere,
    Unsure,
    Waiting,
}

impl Source {
    /// From the bottom of a bar to its top.
    pub(crate) const ALL: [Self; 7] = [
        Self::Invite,
        Self::Vanity,
        Self::Discovery,
        Self::Bot,
        Self::Elsewhere,
        Self::Unsure,
        Self::Waiting,
    ];

    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Vanity => "vanity link",
            Self::Discovery => "discovery",
            Self::Bot => "bot",
            Self::Elsewhere => "another way",
            Self::Unsure => "not certain",
            Self::Waiting => "pending",
        }
    }

    /// The one that a row of a series counts for.
    pub(crate) fn of(row: &SeriesRow) -> Self {
        match (row.certainty, row.origin.as_deref()) {
            (Some(CertaintyKind::Confirmed | CertaintyKind::Deduced), origin) => match origin {
                Some("invite") => Self::Invite,
                Some("vanity") => Self::Vanity,
                Some("discovery") => Self::Discovery,
                Some("bot") => Self::Bot,
                _ => Self::Elsewhere,
            },
            (Some(CertaintyKind::Ambiguous | CertaintyKind::Unknown), _) => Self::Unsure,
            _ => Self::Waiting,
        }
    }
}

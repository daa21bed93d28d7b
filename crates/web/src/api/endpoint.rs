//! The list of endpoints, which the router and the document are made of.

use axum::routing::{MethodRouter, get};
use guestlist_ledger::{
    AccuracyRow, Burst, GapRow, GuildRow, InviterProfile, JoinRow, LabelRow, RetentionRow,
    WeightRow,
};
use guestlist_view::{Fields, Kind, Part, SeenInvite, View};

use super::answers;
use crate::app::App;

/// An endpoint.
pub(super) struct Endpoint {
    pub(super) path: &'static str,
    pub(super) summary: &'static str,
    /// What a row is called in the document.
    pub(super) row: &'static str,
    /// Its fields, in order.
    pub(super) fields: fn() -> Vec<Described>,
    /// The filters that mean something, in groups.
    pub(super) filters: &'static [&'static [&'static str]],
    pub(super) route: fn() -> MethodRouter<App>,
}

/// A field of a row.
pub(super) struct Described {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Whether it is there where nothing is in it.
    pub(super) always: bool,
    /// The fields of the records in it.
    pub(super) parts: Vec<Part>,
}

fn of<R: View>() -> Vec<Described> {
    described(&Fields::<R>::new())
}

fn described<R>(fields: &Fields<R>) -> Vec<Described> {
    let left_out: Vec<&str> = fields.left_out().collect();
    fields
        .kinds()
        .map(|(name, kind)| Described {
            name,
            kind,
            always: !left_out.contains(&name),
            parts: fields.parts(name),
        })
        .collect()
}

/// Filters of joins.
const JOINS: &[&str] = &[
    "guild",
    "span",
    "since",
    "until",
    "inviter",
    "user",
    "code",
    "certainty",
    "label",
    "source",
    "here",
    "younger",
    "name",
];
const TIMES: &[&str] = &["guild", "span", "since", "until"];
/// How many rows at most.
const LIMIT: &[&str] = &["limit"];

/// All of them.
pub(super) const ENDPOINTS: [Endpoint; 13] = [
    Endpoint {
        path: "/guilds",
        summary: "Servers with their totals",
        row: "Guild",
        fields: of::<GuildRow>,
        filters: &[LIMIT],
        route: || get(answers::guilds),
    },
    Endpoint {
        path: "/totals",
        summary: "The number of joins by certainty, and of leaves; one row",
        row: "Totals",
        fields: || described(&answers::totals_fields()),
        filters: &[JOINS],
        route: || get(answers::totals),
    },
    Endpoint {
        path: "/series",
        summary: "Joins and leaves over time, by certainty and origin",
        row: "Bucket",
        fields: || described(&answers::series_fields()),
        filters: &[JOINS],
        route: || get(answers::series),
    },
    Endpoint {
        path: "/joins",
        summary: "Joins, latest first, with the latest answer and its evidence",
        row: "Join",
        fields: of::<JoinRow>,
        filters: &[JOINS, &["before"], LIMIT],
        route: || get(answers::joins),
    },
    Endpoint {
        path: "/invites",
        summary: "Invites, most joins first",
        row: "Invite",
        fields: of::<SeenInvite>,
        filters: &[&["guild", "inviter", "code", "label", "state"], LIMIT],
        route: || get(answers::invites),
    },
    Endpoint {
        path: "/inviters",
        summary: "Inviters with their joins, most joins first",
        row: "Inviter",
        fields: of::<InviterProfile>,
        filters: &[JOINS, LIMIT],
        route: || get(answers::inviters),
    },
    Endpoint {
        path: "/tree",
        summary: "The members that a member invited, or the roots of a server's tree",
        row: "Member",
        fields: || described(&answers::tree_fields()),
        filters: &[&["guild", "parent", "place"]],
        route: || get(answers::tree),
    },
    Endpoint {
        path: "/retention",
        summary: "Cohorts, and how many members stayed",
        row: "Cohort",
        fields: of::<RetentionRow>,
        filters: &[JOINS, &["by", "weekly"], LIMIT],
        route: || get(answers::retention),
    },
    Endpoint {
        path: "/bursts",
        summary: "Unusual numbers of joins, latest first",
        row: "Burst",
        fields: of::<Burst>,
        filters: &[TIMES, LIMIT],
        route: || get(answers::bursts),
    },
    Endpoint {
        path: "/accuracy",
        summary: "The answers of each month, compared with what Discord confirmed",
        row: "Month",
        fields: of::<AccuracyRow>,
        filters: &[TIMES, LIMIT],
        route: || get(answers::accuracy),
    },
    Endpoint {
        path: "/weights",
        summary: "The weights of candidates, compared with how many were correct",
        row: "Weight",
        fields: of::<WeightRow>,
        filters: &[TIMES, LIMIT],
        route: || get(answers::weights),
    },
    Endpoint {
        path: "/labels",
        summary: "Labels of invite codes",
        row: "Label",
        fields: of::<LabelRow>,
        filters: &[&["guild", "code", "label"], LIMIT],
        route: || get(answers::labels),
    },
    Endpoint {
        path: "/gaps",
        summary: "Gaps in which joins may have been missed, latest first",
        row: "Gap",
        fields: of::<GapRow>,
        filters: &[TIMES, LIMIT],
        route: || get(answers::gaps),
    },
];

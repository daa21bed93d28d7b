//! An invite that ended.

use std::time::Duration;

use guestlist_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::counts::Known;
use crate::state::shape;
use crate::time::after;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Ended {
    #[serde(rename = "k")]
    known: Known,
    /// When it was noticed.
    #[serde(rename = "n", with = "shape::at")]
    noticed: Timestamp,
    /// When INVITE_DELETE came, if it did.
    #[serde(rename = "d", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    deleted: Option<Timestamp>,
    /// The latest of Discord's times that was known then.
    #[serde(rename = "a", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    deleted_after: Option<Timestamp>,
    /// When all who used it had surely come: who comes later used another way.
    #[serde(rename = "c", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    closed: Option<Timestamp>,
    /// When that will be.
    #[serde(rename = "f", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    closes_at: Option<Timestamp>,
    /// When the last list was asked for that held it.
    #[serde(rename = "l", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    counted: Option<Timestamp>,
    /// Joins that only this step and later ones may count are not in its last known count.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    open_step: Option<u64>,
    /// Whether it has been stated why.
    #[serde(rename = "s", default, skip_serializing_if = "shape::is_default")]
    stated: bool,
    /// Whether it is proven that it was used as often as it might be.
    #[serde(rename = "x", default, skip_serializing_if = "shape::is_default")]
    exhausted: bool,
}

impl Ended {
    pub(super) const fn new(
        known: Known,
        noticed: Timestamp,
        counted: Option<Timestamp>,
        open_step: u64,
    ) -> Self {
        Self {
            known,
            noticed,
            deleted: None,
            deleted_after: None,
            closed: None,
            closes_at: None,
            counted,
            open_step: Some(open_step),
            stated: false,
            exhausted: false,
        }
    }

    /// Changes the balance of the invite.
    pub(super) const fn change_balance(&mut self, by: i64) {
        self.known.change_balance(by);
    }

    /// What was known of the invite.
    pub(crate) const fn known(&self) -> &Known {
        &self.known
    }

    /// When its end was noticed.
    pub(crate) const fn noticed(&self) -> Timestamp {
        self.noticed
    }

    /// When INVITE_DELETE came, if it did.
    pub(crate) const fn deleted(&self) -> Option<Timestamp> {
        self.deleted
    }

    pub(super) const fn was_deleted(&self) -> bool {
        self.deleted.is_some()
    }

    /// The latest of Discord's times that was known then.
    pub(super) const fn deleted_after(&self) -> Option<Timestamp> {
        self.deleted_after
    }

    /// INVITE_DELETE came.
    pub(super) fn delete(
        &mut self,
        now: Timestamp,
        heard: Option<Timestamp>,
        closes_at: Timestamp,
    ) {
        if self.deleted.is_none() {
            self.deleted = Some(now);
            self.deleted_after = heard;
            self.closes_at = Some(closes_at);
        }
    }

    /// When all who used it had surely come.
    pub(crate) const fn closed(&self) -> Option<Timestamp> {
        self.closed
    }

    /// When that will be.
    pub(super) const fn closes_at(&self) -> Option<Timestamp> {
        self.closes_at
    }

    pub(super) const fn close(&mut self, now: Timestamp) {
        self.closes_at = None;
        self.closed = Some(now);
    }

    pub(super) const fn postpone(&mut self, until: Timestamp) {
        self.closes_at = Some(until);
    }

    pub(super) fn slept(&mut self, span: Duration) {
        self.noticed = after(self.noticed, span);
    }

    /// When the last list was asked for that held it.
    pub(crate) const fn counted(&self) -> Option<Timestamp> {
        self.counted
    }

    /// The first step that may count joins which are not in its last known count.
    pub(super) const fn open_step(&self) -> Option<u64> {
        self.open_step
    }

    pub(super) const fn is_stated(&self) -> bool {
        self.stated
    }

    /// Whether its end was stated, so that joins were answered without it.
    pub(crate) const fn is_settled(&self) -> bool {
        self.stated
    }

    /// A list lacks it that came after one that still held it.
    pub(super) fn gone_again(&mut self, known: Known, counted: Option<Timestamp>, open_step: u64) {
        self.known = known;
        self.counted = counted;
        self.open_step = Some(open_step);
    }

    pub(super) const fn set_stated(&mut self, stated: bool) {
        self.stated = stated;
    }

    /// Whether it is proven that it was used as often as it might be.
    pub(super) const fn is_exhausted(&self) -> bool {
        self.exhausted
    }

    pub(super) const fn set_exhausted(&mut self, exhausted: bool) {
        self.exhausted = exhausted;
    }
}

//! A value that knows whether it changed.

use std::ops::{Deref, DerefMut};

use serde::Serialize;

/// A value that is one part of the stored state. Whatever gives access to change it marks
/// it, and what turns out to be as it was stored is not handed out again.
#[derive(Clone, Debug)]
pub(crate) struct Marked<T> {
    value: T,
    touched: bool,
    /// What was handed out last.
    stored: Option<Box<str>>,
}

impl<T: Default> Default for Marked<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

impl<T> Marked<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            value,
            touched: true,
            stored: None,
        }
    }
}

impl<T: Serialize> Marked<T> {
    /// Puts in a value that is stored already.
    pub(crate) fn restore(&mut self, value: T, body: &str) {
        self.value = value;
        self.touched = false;
        self.stored = Some(body.into());
    }

    /// What to store, if it changed.
    pub(crate) fn take_changed(&mut self) -> Option<String> {
        if !std::mem::take(&mut self.touched) {
            return None;
        }
        let body = super::parts::body(&self.value);
        if self.stored.as_deref() == Some(body.as_str()) {
            return None;
        }
        self.stored = Some(body.as_str().into());
        Some(body)
    }
}

impl<T> Deref for Marked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Marked<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.touched = true;
        &mut self.value
    }
}

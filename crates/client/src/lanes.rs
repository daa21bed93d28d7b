//! Several requests for one resource at a time.
//!
//! A rate limiter sends requests for one resource one after another: it waits for each
//! response before it sends the next request. A list of invites is most useful if it is
//! read right after a join, so it must not wait for the previous list. Each further request
//! therefore uses its own lane with its own rate limiter.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Which lanes are reading which resource.
#[derive(Debug)]
pub(crate) struct Lanes {
    count: usize,
    /// A bit for each lane that is reading a resource.
    reading: Mutex<HashMap<String, u8>>,
}

/// The lane of one request. Dropping it frees the lane.
pub(crate) struct Lane<'a> {
    number: usize,
    lanes: &'a Lanes,
    resource: &'a str,
    /// The lane's bit; 0 if none was free.
    bit: u8,
}

impl Lanes {
    pub(crate) fn new(count: usize) -> Self {
        let reading = Mutex::default();
        Self { count, reading }
    }

    /// Returns the first lane on which nobody reads the resource, or else the first lane, on
    /// which the request waits for its turn.
    pub(crate) fn enter<'a>(&'a self, resource: &'a str) -> Lane<'a> {
        let mut reading = self.reading();
        let busy = reading.entry(resource.to_owned()).or_default();
        let bits = (0..u8::BITS).map(|place| 1 << place);
        let free = (0..self.count).zip(bits).find(|(_, bit)| *busy & bit == 0);
        let (number, bit) = free.unwrap_or((0, 0));
        *busy |= bit;
        Lane {
            number,
            lanes: self,
            resource,
            bit,
        }
    }

    fn reading(&self) -> MutexGuard<'_, HashMap<String, u8>> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lane<'_> {
    pub(crate) const fn number(&self) -> usize {
        self.number
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        let mut reading = self.lanes.reading();
        if let Some(busy) = reading.get_mut(self.resource) {
            *busy &= !self.bit;
            if *busy == 0 {
                reading.remove(self.resource);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Lanes;

    #[test]
    fn each_reader_of_a_resource_has_a_lane_of_its_own() {
        let lanes = Lanes::new(2);
        let one = lanes.enter("guilds/1/invites");
        let two = lanes.enter("guilds/1/invites");
        let three = lanes.enter("guilds/1/invites");
        let other = lanes.enter("guilds/2/invites");
        let numbers = [&one, &two, &three, &other].map(|lane| lane.number());
        assert_eq!(numbers, [0, 1, 0, 0]);

        drop(two);
        drop(three);
        let four = lanes.enter("guilds/1/invites");
        assert_eq!(four.number(), 1);

        drop((one, four, other));
        assert!(lanes.reading().is_empty());
    }
}

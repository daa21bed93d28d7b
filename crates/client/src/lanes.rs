//! Several requests for one resource at a time.
//!
//! twilight's rate limiter sends requests for one resource one after the other: the next
//! leaves when the one before is answered. A list of invites tells most when it is read
//! right after somebody joined, so it must not wait for the list before. Each further
//! request goes by a client of its own, with a rate limiter of its own.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use twilight_http::Client;

/// How many requests a second each lane may send, for all of Discord. The first carries
/// nearly everything. Their sum is Discord's limit.
pub(crate) const LIMITS: [u16; 3] = [40, 5, 5];

/// The clients, and which of them is reading what.
pub(crate) struct Lanes {
    first: Arc<Client>,
    more: Vec<Arc<Client>>,
    /// A bit for each lane that is reading a resource.
    reading: Mutex<HashMap<String, u8>>,
}

/// The client for one request. Dropping it frees the lane.
pub(crate) struct Lane<'a> {
    client: &'a Client,
    lanes: &'a Lanes,
    resource: &'a str,
    /// The lane's bit; 0 if none was free.
    bit: u8,
}

impl Lanes {
    /// `more` are for what the first client is reading already.
    pub(crate) fn new(first: Arc<Client>, more: Vec<Arc<Client>>) -> Self {
        let reading = Mutex::default();
        Self {
            first,
            more,
            reading,
        }
    }

    /// The client for all that must not be sent beside another request.
    pub(crate) fn first(&self) -> &Client {
        &self.first
    }

    /// A lane to read a resource by: the first on which nobody reads it. If there is none, the
    /// first of all, where it waits for its turn.
    pub(crate) fn enter<'a>(&'a self, resource: &'a str) -> Lane<'a> {
        let mut reading = self.reading();
        let busy = reading.entry(resource.to_owned()).or_default();
        let clients = std::iter::once(&self.first).chain(&self.more);
        let bits = (0..u8::BITS).map(|place| 1 << place);
        let free = clients.zip(bits).find(|(_, bit)| *busy & bit == 0);
        let (client, bit) = free.unwrap_or((&self.first, 0));
        *busy |= bit;
        Lane {
            client,
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
    pub(crate) const fn client(&self) -> &Client {
        self.client
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

impl fmt::Debug for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lanes")
            .field("more", &self.more.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Lanes;
    use std::sync::Arc;
    use twilight_http::Client;

    fn client() -> Arc<Client> {
        Arc::new(Client::builder().ratelimiter(None).build())
    }

    #[tokio::test]
    async fn each_reader_of_a_resource_has_a_lane_of_its_own() {
        crate::runtime_and_crypto().unwrap();
        let (first, second) = (client(), client());
        let lanes = Lanes::new(Arc::clone(&first), vec![Arc::clone(&second)]);
        let one = lanes.enter("guilds/1/invites");
        let two = lanes.enter("guilds/1/invites");
        let three = lanes.enter("guilds/1/invites");
        let other = lanes.enter("guilds/2/invites");
        assert!(std::ptr::eq(one.client(), &*first));
        assert!(std::ptr::eq(two.client(), &*second));
        assert!(std::ptr::eq(three.client(), &*first));
        assert!(std::ptr::eq(other.client(), &*first));

        drop(two);
        drop(three);
        let four = lanes.enter("guilds/1/invites");
        assert!(std::ptr::eq(four.client(), &*second));

        drop((one, four, other));
        assert!(lanes.reading().is_empty());
    }
}

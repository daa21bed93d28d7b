//! Items on their way from the shards to the reader.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{GatewayItem, Item};

/// How many items can wait for the reader. If there are more, the sockets are not read, and
/// Discord keeps the events for a few minutes.
const WAITING: usize = 16_384;
/// The maximum total size of waiting frames, in bytes.
const BYTES: u32 = 32 * 1024 * 1024;

/// An item, with its share of [`BYTES`] until it is read.
type Waiting = (GatewayItem, Option<OwnedSemaphorePermit>);

#[derive(Clone)]
pub(super) struct Sender {
    items: mpsc::Sender<Waiting>,
    room: Arc<Semaphore>,
}

pub(super) struct Receiver(mpsc::Receiver<Waiting>);

pub(super) fn queue() -> (Sender, Receiver) {
    let (items, receiver) = mpsc::channel(WAITING);
    let room = Arc::new(Semaphore::new(BYTES as usize));
    (Sender { items, room }, Receiver(receiver))
}

impl Sender {
    /// Sends an item as soon as there is room. Does nothing if there is no reader.
    pub(super) async fn send(&self, item: GatewayItem) {
        let mut place = None;
        if let Item::Frame(frame) = &item.item {
            let bytes = u32::try_from(frame.bytes.len()).unwrap_or(BYTES).min(BYTES);
            let room = Arc::clone(&self.room).acquire_many_owned(bytes);
            place = tokio::select! {
                place = room => place.ok(),
                // The reader is gone, and takes nothing any more.
                () = self.items.closed() => return,
            };
        }
        // An error means that nobody reads any more.
        let _ = self.items.send((item, place)).await;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.items.is_closed()
    }
}

impl Receiver {
    pub(super) async fn next(&mut self) -> Option<GatewayItem> {
        self.0.recv().await.map(|(item, _)| item)
    }

    pub(super) fn poll_next(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<GatewayItem>> {
        self.0.poll_recv(cx).map(|next| next.map(|(item, _)| item))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use guestlist_model::{Envelope, RawFrame, ShardId};
    use std::time::Duration;
    use tokio::time::timeout;

    fn frame(bytes: usize) -> GatewayItem {
        let bytes = Bytes::from(vec![b' '; bytes]);
        let frame = RawFrame::of(ShardId::ONE, Envelope::default(), bytes);
        GatewayItem {
            shard: ShardId::ONE,
            item: Item::Frame(frame),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn large_frames_wait_until_others_are_read() {
        let (sender, mut receiver) = queue();
        let large = BYTES as usize / 2;
        sender.send(frame(large)).await;
        sender.send(frame(large)).await;
        let third = timeout(Duration::from_secs(1), sender.send(frame(large))).await;
        assert!(third.is_err(), "there is no room");
        receiver.next().await.unwrap();
        receiver.next().await.unwrap();
        // However large one is, it fits in if nothing else waits.
        sender.send(frame(2 * BYTES as usize)).await;
        drop(receiver);
        sender.send(frame(large)).await;
        assert!(sender.is_closed());
    }
}

//! Discord invites, solved: model them, manage them, and know who came in
//! through which one.

#[cfg(feature = "client")]
pub use guestlist_client as client;
#[cfg(feature = "ledger")]
pub use guestlist_ledger as ledger;
pub use guestlist_model as model;
#[cfg(feature = "service")]
pub use guestlist_service as service;
pub use guestlist_tracker as tracker;

//! The durable record of who joined, through what, and how sure we are.
//!
//! The contract is in `ledger.rs`, its filters and rows in `filter.rs` and `row.rs`;
//! they join the build together with the model's types.

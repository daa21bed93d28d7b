//! The attribution engine: who came in through which invite.
//!
//! The vocabulary is in `record.rs`, `evidence.rs` and `io.rs`; they join the build
//! together with the model's types.

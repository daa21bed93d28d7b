//! The control API under `/sandbox/`.
use crate::server::Shared;
use serde_json::{Value, json};
use std::sync::Arc;

pub(crate) struct ScenarioRun;

pub(crate) fn answer(
    _shared: &Arc<Shared>,
    _method: &str,
    _path: &str,
    _query: &str,
    _body: &[u8],
) -> (u16, Value) {
    (404, json!({"error": "no such thing"}))
}

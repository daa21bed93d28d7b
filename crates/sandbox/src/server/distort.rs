//! What faults make of the bodies of answers.

use std::{
    collections::{HashMap, VecDeque},
    io,
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{StreamExt as _, future, stream};
use serde_json::Value;

use super::{LARGEST_BODY, Shared, fault::BodyFault};

/// The head and the first half of a body are on their way after so long.
const FLUSHED: Duration = Duration::from_millis(20);

/// So many lists of invites are remembered.
const MOST_LISTS: usize = 64;

/// For each list of invites, what was told last, and what was told before that.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    told: HashMap<String, [Bytes; 2]>,
    order: VecDeque<String>,
}

impl Lists {
    /// Notes what was told of a list.
    pub(crate) fn note(&mut self, path: &str, list: &Bytes) {
        if let Some([before, last]) = self.told.get_mut(path) {
            if last != list {
                *before = std::mem::replace(last, list.clone());
            }
            return;
        }
        if self.order.len() == MOST_LISTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.told.remove(&oldest);
        }
        let path = String::from(path);
        self.order.push_back(path.clone());
        self.told.insert(path, [list.clone(), list.clone()]);
    }

    fn earlier(&self, path: &str) -> Option<Bytes> {
        self.told.get(path).map(|[before, _]| before.clone())
    }
}

/// Spoils an answer.
pub(super) async fn distort(
    shared: &Shared,
    path: &str,
    response: Response,
    fault: BodyFault,
) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let half = body.slice(..body.len() / 2);
    let first = stream::once(future::ready(Ok::<_, io::Error>(half)));
    let body = match fault {
        BodyFault::Html => {
            let status = match parts.status {
                status if status.is_success() => StatusCode::BAD_GATEWAY,
                status => status,
            };
            return page(status);
        }
        BodyFault::Truncated => {
            parts
                .headers
                .insert(header::CONTENT_LENGTH, body.len().into());
            let cut = async {
                // What was written so far goes out first.
                tokio::time::sleep(FLUSHED).await;
                Err(io::Error::other("cut by a fault"))
            };
            Body::from_stream(first.chain(stream::once(cut)))
        }
        BodyFault::Stalled => {
            parts
                .headers
                .insert(header::CONTENT_LENGTH, body.len().into());
            let stop = shared.stop.clone().cancelled_owned();
            let end = async move {
                stop.await;
                Err(io::Error::other("the sandbox stops"))
            };
            Body::from_stream(first.chain(stream::once(end)))
        }
        BodyFault::Earlier => Body::from(shared.lock().lists.earlier(path).unwrap_or(body)),
        BodyFault::RowMissing | BodyFault::RowDoubled => {
            Body::from(with_rows(shared, &body, fault).unwrap_or(body))
        }
    };
    Response::from_parts(parts, body)
}

/// The list with a row less, or one twice; nothing if there is none.
fn with_rows(shared: &Shared, body: &[u8], fault: BodyFault) -> Option<Bytes> {
    let mut json: Value = serde_json::from_slice(body).ok()?;
    let rows = match &mut json {
        Value::Array(rows) => rows,
        Value::Object(object) => object.get_mut("members")?.as_array_mut()?,
        _ => return None,
    };
    if rows.is_empty() {
        return None;
    }
    let place = shared.lock().faults.pick(rows.len());
    if fault == BodyFault::RowMissing {
        rows.remove(place);
    } else {
        let row = rows.get(place)?.clone();
        rows.insert(place, row);
    }
    Some(Bytes::from(json.to_string()))
}

/// What the proxy in front of Discord says, in its own words.
fn page(status: StatusCode) -> Response {
    let reason = status.canonical_reason().unwrap_or("Error");
    let title = format!("{} {reason}", status.as_u16());
    let page = format!(
        "<html>\n<head><title>{title}</title></head>\n<body>\n<center><h1>{title}</h1></center>\n\
         <hr><center>cloudflare</center>\n</body>\n</html>\n"
    );
    let html = HeaderValue::from_static("text/html");
    (status, [(header::CONTENT_TYPE, html)], page).into_response()
}

//! A server that answers what it is told and remembers what it was asked.

#![expect(dead_code, reason = "each test file uses a part of it")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri},
};
use guestlist_client::{Client, ClientBuilder, Token};
use std::{
    collections::VecDeque,
    future::IntoFuture as _,
    sync::{Arc, Mutex},
    time::Duration,
};

pub(crate) const SECRET: &str = "MTIzNDU2.s3cret.t0ken";

/// What is answered to a request.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    delay: Duration,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) uri: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

pub(crate) fn answer(status: u16, body: impl Into<String>) -> Answer {
    Answer {
        status,
        headers: Vec::new(),
        body: body.into(),
        delay: Duration::ZERO,
    }
}

pub(crate) fn refusal(status: u16, code: u64) -> Answer {
    answer(
        status,
        format!(r#"{{"code":{code},"message":"as scripted"}}"#),
    )
}

impl Answer {
    pub(crate) fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// `GET /api/v10/…`
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.uri)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    pub(crate) address: String,
    state: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    answers: VecDeque<Answer>,
    asked: Vec<Asked>,
}

impl Scripted {
    /// Answers each request with the next answer, the last one again and again.
    pub(crate) async fn answering(answers: impl IntoIterator<Item = Answer>) -> Self {
        let state = Arc::new(Mutex::new(Shared {
            answers: answers.into_iter().collect(),
            asked: Vec::new(),
        }));
        let app = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&state));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { address, state }
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder(Token::new(SECRET).unwrap())
            .api(format!("http://{}", self.address).parse().unwrap())
            .timeout(Duration::from_secs(2))
            .patience(Duration::from_secs(4))
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// The only request that there was.
    pub(crate) fn only(&self) -> Asked {
        let mut asked = self.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        asked.remove(0)
    }
}

async fn handle(
    State(state): State<Arc<Mutex<Shared>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let answer = {
        let mut state = state.lock().unwrap();
        state.asked.push(Asked {
            method,
            uri: uri.to_string(),
            headers,
            body,
        });
        match state.answers.len() {
            0 => panic!("nothing to answer"),
            1 => state.answers[0].clone(),
            _ => state.answers.pop_front().unwrap(),
        }
    };
    tokio::time::sleep(answer.delay).await;
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap();
    for (name, value) in answer.headers {
        response.headers_mut().append(
            HeaderName::from_static(name),
            HeaderValue::try_from(value).unwrap(),
        );
    }
    response
}

pub(crate) mod gateway;
pub(crate) mod world;

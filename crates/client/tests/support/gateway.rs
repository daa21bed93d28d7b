//! A gateway that a test plays by hand, frame by frame.

use axum::{
    Router,
    extract::{
        State,
        ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderMap, Uri},
    response::Response,
    routing::any,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::{future::IntoFuture as _, time::Duration};
use tokio::{sync::mpsc, time::timeout};

/// Longer than the five seconds that lie between two IDENTIFYs.
const SOON: Duration = Duration::from_secs(15);

#[derive(Debug)]
pub(crate) struct FakeGateway {
    pub(crate) url: String,
    connections: mpsc::UnboundedReceiver<(Uri, HeaderMap, WebSocket)>,
}

/// A connection of the client's.
#[derive(Debug)]
pub(crate) struct Peer {
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    socket: WebSocket,
}

impl FakeGateway {
    pub(crate) async fn start() -> Self {
        let (sender, connections) = mpsc::unbounded_channel();
        let app = Router::new().fallback(any(upgrade)).with_state(sender);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}", listener.local_addr().unwrap());
        tokio::spawn(axum::serve(listener, app).into_future());
        Self { url, connections }
    }

    /// The next connection, greeted.
    pub(crate) async fn accept(&mut self) -> Peer {
        self.accept_at(41_250).await
    }

    /// The same, with heartbeats wanted every so many milliseconds.
    pub(crate) async fn accept_at(&mut self, heartbeat_interval: u64) -> Peer {
        let (uri, headers, socket) = timeout(SOON, self.connections.recv())
            .await
            .expect("nobody connects")
            .unwrap();
        let mut peer = Peer {
            uri,
            headers,
            socket,
        };
        peer.send(json!({"op": 10, "d": {"heartbeat_interval": heartbeat_interval}}))
            .await;
        peer
    }

    /// The next connection, identified and ready.
    pub(crate) async fn accept_ready(&mut self, session: &str) -> Peer {
        let mut peer = self.accept().await;
        assert_eq!(peer.receive().await["op"], 2);
        let resume = format!("{}/resume/", self.url);
        peer.ready(session, &resume).await;
        peer
    }
}

async fn upgrade(
    State(sender): State<mpsc::UnboundedSender<(Uri, HeaderMap, WebSocket)>>,
    uri: Uri,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade.on_upgrade(move |socket| async move {
        let _ = sender.send((uri, headers, socket));
    })
}

impl Peer {
    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, frame: String) {
        self.socket.send(Message::Text(frame.into())).await.unwrap();
    }

    pub(crate) async fn send_binary(&mut self, message: Vec<u8>) {
        let message = Message::Binary(message.into());
        self.socket.send(message).await.unwrap();
    }

    pub(crate) async fn dispatch(&mut self, sequence: u64, name: &str, data: Value) {
        self.send(json!({"op": 0, "s": sequence, "t": name, "d": data}))
            .await;
    }

    pub(crate) async fn ready(&mut self, session: &str, resume_url: &str) {
        let data = json!({"v": 10, "user": {"id": "9", "username": "bot"}, "guilds": [],
            "session_id": session, "resume_gateway_url": resume_url, "shard": [0, 1]});
        self.dispatch(1, "READY", data).await;
    }

    pub(crate) async fn invite_delete(&mut self, sequence: u64, code: &str) {
        let data = json!({"channel_id": "4", "guild_id": "3", "code": code});
        self.dispatch(sequence, "INVITE_DELETE", data).await;
    }

    /// The next frame of the client's but heartbeats.
    pub(crate) async fn receive(&mut self) -> Value {
        self.receive_where(|frame| frame["op"] != 1).await
    }

    /// Reads up to a heartbeat.
    pub(crate) async fn receive_heartbeat(&mut self) -> Value {
        self.receive_where(|frame| frame["op"] == 1).await
    }

    async fn receive_where(&mut self, is_meant: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = timeout(SOON, self.socket.next())
                .await
                .expect("the client is silent");
            let Some(Ok(Message::Text(text))) = message else {
                panic!("{message:?}")
            };
            let frame = serde_json::from_str(&text).unwrap();
            if is_meant(&frame) {
                return frame;
            }
        }
    }

    pub(crate) async fn acknowledge(&mut self) {
        self.send(json!({"op": 11})).await;
    }

    /// The code with which the client closes.
    pub(crate) async fn receive_close(&mut self) -> u16 {
        loop {
            let message = timeout(SOON, self.socket.next())
                .await
                .expect("the client is silent");
            match message {
                Some(Ok(Message::Close(Some(frame)))) => return frame.code,
                Some(Ok(Message::Text(_))) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    pub(crate) async fn close(mut self, code: u16) {
        let frame = CloseFrame {
            code,
            reason: "as scripted".into(),
        };
        self.socket.send(Message::Close(Some(frame))).await.unwrap();
        let _ = timeout(SOON, self.socket.close()).await;
    }
}

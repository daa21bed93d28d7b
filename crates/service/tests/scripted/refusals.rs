//! What Discord refuses, through the client as it is sent.

use guestlist_client::{Client, Token};
use guestlist_service::Requester;
use guestlist_tracker::{Failure, Request};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::fake::guild;

/// Asks a server for invites that answers everything with this.
async fn asked(status: &str, body: &str) -> Failure {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 2048];
            let _ = socket.read(&mut head).await;
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    let token = Token::new("abc").unwrap();
    let api = format!("http://{address}").parse().unwrap();
    let client = Client::builder(token).api(api).build().unwrap();
    let request = Request::ListInvites { guild: guild(0) };
    Requester::request(&client, request).await.unwrap_err()
}

#[tokio::test]
async fn a_403_without_a_code_is_a_missing_permission() {
    for body in ["{}", r#"{"message":"403: Forbidden","code":0}"#] {
        let failure = asked("403 Forbidden", body).await;
        assert_eq!(failure, Failure::MissingPermission, "{body}");
    }
    let coded = asked("403 Forbidden", r#"{"message":"m","code":50001}"#).await;
    assert_eq!(coded, Failure::MissingAccess);
    let page = asked("403 Forbidden", "<html>Access denied</html>").await;
    assert!(matches!(page, Failure::Transport(_)), "{page:?}");
    let gone = asked("404 Not Found", r#"{"message":"m","code":10004}"#).await;
    assert_eq!(gone, Failure::NotFound);
}

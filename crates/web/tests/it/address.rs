//! Where a dashboard may listen.

use guestlist_web::{Dashboard, WebError};

use crate::ledger::empty;

#[tokio::test]
async fn an_address_that_others_can_reach_is_refused() {
    let (ledger, _) = empty().await;
    for address in ["0.0.0.0:0", "[::]:0", "10.1.2.3:0", "[::ffff:10.1.2.3]:0"] {
        let dashboard = Dashboard::new(ledger.clone());
        let refused = dashboard.bind(address.parse().unwrap()).await;
        assert!(matches!(refused, Err(WebError::Open { .. })), "{address}");
    }
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let (ledger, _) = empty().await;
    let free = "127.0.0.1:0".parse().unwrap();
    let first = Dashboard::new(ledger.clone()).bind(free).await.unwrap();
    let second = Dashboard::new(ledger).bind(first.address()).await;
    let Err(error @ WebError::Listen { .. }) = second else {
        panic!("{second:?}");
    };
    assert_eq!(
        error.to_string(),
        format!("cannot listen on {}", first.address())
    );
}

#[tokio::test]
async fn with_a_token_others_may_reach_it() {
    let (ledger, _) = empty().await;
    let token = guestlist_web::WebToken::new("correct-horse-battery").unwrap();
    let dashboard = Dashboard::new(ledger).token(token);
    assert!(dashboard.bind("0.0.0.0:0".parse().unwrap()).await.is_ok());
}

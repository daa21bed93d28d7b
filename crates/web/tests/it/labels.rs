//! Labelling invites.

use guestlist_ledger::{Reports, Scope};
use guestlist_web::Dashboard;

use crate::ledger::{guild, small};
use crate::security::{cookie, post, secret};
use crate::serving::Serving;

#[tokio::test]
async fn a_label_is_set_changed_and_taken_away() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::with(Dashboard::new(ledger.clone()).labels(ledger.clone())).await;
    let address = format!("/invites/{}/rust", guild());
    let page = web.get(&address).await;
    let (cookie, secret) = (cookie(&page).1, secret(&page));
    let save = async |label: &str| {
        let body = format!("form={secret}&label={label}");
        let request = post(&format!("{address}/label"), &body).header("cookie", &cookie);
        let answer = web.send(request).await;
        let labels = ledger.labels(&Scope::new()).await.unwrap();
        let labels: Vec<String> = labels.iter().map(|row| row.label.to_string()).collect();
        (answer.status, labels.join(","))
    };
    assert_eq!(
        save("newsletter+May").await,
        (303, "newsletter May".to_owned())
    );
    assert_eq!(save("a%0Ab").await, (400, "newsletter May".to_owned()));
    let hostile = "%3Cimg+src%3Dx%3E";
    assert_eq!(save(hostile).await, (303, "<img src=x>".to_owned()));
    for page in [
        address.as_str(),
        "/invites",
        "/retention?by=label",
        "/joins",
    ] {
        let page = web.get(page).await;
        assert!(!page.text().contains("<img"), "it is shown as text");
    }
    assert_eq!(save("").await, (303, String::new()));
}

#[tokio::test]
async fn nobody_labels_without_the_secret_or_where_the_ledger_is_only_read() {
    let (ledger, _) = small("ferris").await;
    let address = format!("/invites/{}/rust/label", guild());
    let web = Serving::with(Dashboard::new(ledger.clone()).labels(ledger.clone())).await;
    let answer = web.send(post(&address, "label=x")).await;
    assert_eq!(answer.status, 403);
    assert!(ledger.labels(&Scope::new()).await.unwrap().is_empty());

    let reading = Serving::of(ledger.clone()).await;
    let page = reading.get("/login").await;
    assert_eq!(page.status, 303, "there is nothing to log in to");
    let answer = reading.send(post(&address, "label=x")).await;
    assert_eq!(answer.status, 403);
}

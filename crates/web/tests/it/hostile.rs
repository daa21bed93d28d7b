//! Names that attack, and requests that do.

use guestlist_ledger::{Page, Reports, Scope};
use guestlist_testkit::http::Request;

use crate::ledger::{HOSTILE, guild, small, user};
use crate::pages::PAGES;
use crate::serving::Serving;

#[tokio::test]
async fn no_name_leaves_its_place_on_any_page() {
    let (ledger, _) = small(HOSTILE).await;
    let joins = ledger.joins(&Scope::new(), Page::ALL).await.unwrap();
    let web = Serving::of(ledger).await;
    let mut pages = PAGES
        .map(|page| format!("{page}?guild={}", guild()))
        .to_vec();
    pages.extend(["/", "/joins", "/invites", "/inviters"].map(str::to_owned));
    pages.push(format!("/tree?parent={}", user(1)));
    pages.push(format!("/retention?by=inviter&guild={}", guild()));
    pages.push(format!("/invites/{}/rust", guild()));
    pages.extend(joins.iter().map(|row| {
        let key = row.join.key;
        let at = key.joined_at.as_millis();
        format!("/joins/{}/{}/{at}?guild={}", key.guild, key.user, key.guild)
    }));
    for page in pages {
        let answer = web.get(&page).await;
        assert_eq!(answer.status, 200, "{page}");
        let text = answer.text();
        assert!(text.contains("alert(1)"), "{page} shows the name as text");
        for part in ["<script>", "<img", "\u{202e}", "\u{7}"] {
            assert!(!text.contains(part), "{page} holds {part:?}");
        }
        // Of ours there is one, without a word in it.
        assert_eq!(text.matches("<script").count(), 1, "{page}");
        assert!(text.contains("defer></script>"), "{page}");
    }
}

#[tokio::test]
async fn what_an_address_says_comes_back_as_text_alone() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    for address in [
        "/?span=%3Cscript%3E",
        "/joins?guild=%22%3E%3Cimg%20src=x%3E",
        "/joins?x=%22%3E%3Cimg%20src=x%3E&code=rust",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
    ] {
        let answer = web.get(address).await;
        assert!(!answer.text().contains("<img"), "{address}");
        assert!(!answer.text().contains("<script>"), "{address}");
    }
}

#[tokio::test]
async fn every_answer_forbids_inline_code_frames_and_guesses() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    let page = web.get("/").await;
    let style = page.text().split_once("href=\"/assets").unwrap().1;
    let style = format!("/assets{}", style.split_once('"').unwrap().0);
    for (address, status) in [
        ("/", 200),
        ("/nothing", 404),
        ("/?span=x", 400),
        (style.as_str(), 200),
        ("/assets/0/x", 404),
    ] {
        let answer = web.get(address).await;
        assert_eq!(answer.status, status, "{address}");
        let header = |name: &str| answer.headers.get(name).map(String::as_str);
        let policy = header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), Some("nosniff"));
        assert_eq!(header("x-frame-options"), Some("DENY"));
        assert_eq!(header("referrer-policy"), Some("same-origin"));
        if address != style {
            assert_eq!(header("cache-control"), Some("no-store"), "{address}");
        }
    }
    assert!(!page.text().contains(" style="), "nothing inline");
    assert!(!page.text().contains("<style"), "nothing inline");
}

#[tokio::test]
async fn another_name_for_this_machine_gets_nothing() {
    let (ledger, _) = small("ferris").await;
    let web = Serving::of(ledger).await;
    for name in ["evil.example", "127.0.0.1.evil.example:80", ""] {
        for address in ["/", "/live", "/joins"] {
            let request = Request::new("GET", address).host(name);
            let answer = web.send(request).await;
            assert!(matches!(answer.status, 400 | 421), "{name} {address}");
            assert!(!answer.text().contains("ferris"), "{name} {address}");
        }
    }
    let twice = Request::new("GET", "/").header("host", "evil.example");
    let answer = web.send(twice).await;
    assert!(matches!(answer.status, 400 | 421));
}

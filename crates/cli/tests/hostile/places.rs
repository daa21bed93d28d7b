//! Where the token is led: redirects, gateways elsewhere, TLS of somebody else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

use crate::Rows;
use crate::discord::Discord;
use crate::fault::{Fault, Gateway, Play, Reply};
use crate::track::{Track, pauses_grow};

const SOON: Duration = Duration::from_secs(30);

/// Somebody else's server. Counts who connects.
async fn elsewhere() -> (String, Arc<AtomicUsize>) {
    // The whole of 127.0.0.0/8 is this machine, but another address is another host to
    // whom it is only a name.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let visits = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&visits);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (format!("127.0.0.1:{port}"), visits)
}

#[tokio::test]
async fn the_token_is_not_led_away() {
    let mut rows = Rows::new();
    redirects(&mut rows);
    foreign_gateways(&mut rows);
    foreign_resumes(&mut rows);
    rows.row(wrong_certificate());
    rows.finish().await;
}

fn redirects(rows: &mut Rows) {
    for status in [301, 302, 307, 308] {
        rows.row(async move {
            let name = "redirect";
            let (other, visits) = elsewhere().await;
            let discord = Discord::start().await;
            let header = format!("Location: http://{other}/api/v10/applications/@me\r\n");
            let reply = Reply::new(status, &header, b"");
            discord.break_with(Fault::rest(&["/"], reply));
            let track = Track::start(name, &discord);
            assert!(
                discord.tried(4, SOON).await,
                "{name}: it does not try again"
            );
            pauses_grow(name, &discord.broken_tries(), Duration::from_millis(250));
            track.warned_once(&status.to_string());
            discord.mend();
            track.counts_a_join(&discord).await;
            assert_eq!(visits.load(Ordering::SeqCst), 0, "{name}: it was followed");
            track.bounded().await;
        });
    }
}

fn foreign_gateways(rows: &mut Rows) {
    for (name, url, cause) in [
        (
            "another host",
            "ws://gateway.invalid",
            "not of the API's domain",
        ),
        (
            "another address",
            "ws://198.51.100.7:9",
            "not of the API's domain",
        ),
        (
            "another scheme",
            "https://127.0.0.1",
            "must begin with ws:// or wss://",
        ),
        ("a file", "file:///etc/passwd", "$.url"),
        (
            "no URL",
            "no url at all\r\n\u{1b}[2J",
            "must begin with ws:// or wss://",
        ),
        (
            "a user name",
            "ws://discord.com@gateway.invalid",
            "user name",
        ),
    ] {
        rows.row(async move {
            let discord = Discord::start().await;
            let reply = Reply::json(200, &discord.gateway_bot(url));
            discord.break_with(Fault::rest(&["/gateway"], reply));
            let track = Track::start(name, &discord);
            assert!(
                discord.tried(4, SOON).await,
                "{name}: it does not try again"
            );
            pauses_grow(name, &discord.broken_tries(), Duration::from_millis(250));
            track.warned_once(cause);
            discord.mend();
            track.counts_a_join(&discord).await;
            track.bounded().await;
        });
    }
}

/// READY names where to resume. A session is resumed at the gateway itself if that is
/// elsewhere, and there it goes on.
fn foreign_resumes(rows: &mut Rows) {
    for (name, url) in [
        ("resume at another host", "wss://gateway.invalid"),
        ("resume at another address", "ws://198.51.100.7:9"),
        ("resume at another scheme", "https://127.0.0.1"),
    ] {
        rows.row(async move {
            let discord = Discord::start().await;
            discord.break_with(Fault::gateway(Gateway::ResumeAt(url.to_owned())));
            let track = Track::start(name, &discord);
            track.counts_a_join(&discord).await;
            track.warned_once("READY has an unusable resume URL");
            // The connection is cut, and resumed.
            let close = Play::Close(4000, "as scripted".to_owned());
            discord.break_with(Fault::gateway(Gateway::AfterSession(vec![close])));
            discord.join();
            assert!(discord.tried(3, SOON).await);
            discord.mend();
            track.counts_a_join(&discord).await;
            track.bounded().await;
        });
    }
}

async fn wrong_certificate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // Signed by itself, and the key is known to everybody.
    let pem = include_bytes!("nobody.pem");
    let certificate = CertificateDer::from_pem_slice(pem).unwrap();
    let key = PrivateKeyDer::from_pem_slice(pem).unwrap();
    let config = tokio_rustls::rustls::ServerConfig::builder_with_provider(Arc::new(
        tokio_rustls::rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![certificate], key)
    .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let tries = Arc::new(std::sync::Mutex::new(Vec::new()));
    let told = Arc::new(AtomicUsize::new(0));
    let (seen, heard) = (Arc::clone(&tries), Arc::clone(&told));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            seen.lock().unwrap().push(crate::discord::Try {
                at: std::time::Instant::now(),
                path: "tls".to_owned(),
                broken: true,
            });
            let (acceptor, heard) = (acceptor.clone(), Arc::clone(&heard));
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let read = stream.read(&mut [0; 1024]).await.unwrap_or(0);
                    heard.fetch_add(read, Ordering::SeqCst);
                }
            });
        }
    });
    let name = "TLS";
    let track = Track::start_at(name, &format!("https://{address}"));
    let since = std::time::Instant::now();
    while tries.lock().unwrap().len() < 4 {
        assert!(since.elapsed() < SOON, "it does not try again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    pauses_grow(name, &tries.lock().unwrap(), Duration::from_millis(250));
    track.warned_once("invalid peer certificate");
    track.told("unreachable", "invalid peer certificate");
    assert_eq!(told.load(Ordering::SeqCst), 0, "something was sent");
    track.bounded().await;
}

//! Serves a sandbox until it is stopped, for trying other clients against it:
//! `cargo run -p guestlist-sandbox --example serve`.

use guestlist_sandbox::{Options, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let running = Sandbox::start(Options::seeded(1)).await?;
    println!("{} {}", running.api_url(), running.token());
    std::future::pending::<()>().await;
    running.shutdown().await;
    Ok(())
}

//! A worker that decodes documents with guestlist or with one of its Rust peers.
//!
//! One process measures one peer, so that no peer works in another's heap. The script `run` starts
//! the workers, asks each for a slice of work in turn, and writes the table; the workers in other
//! languages (folder `workers`) speak the same protocol.

mod allocator;
mod corpus;
mod measure;
mod peers;
mod protocol;

use std::process::ExitCode;

#[global_allocator]
static COUNTED: allocator::Counted = allocator::Counted;

fn main() -> ExitCode {
    let done =
        protocol::Arguments::parse(std::env::args().skip(1)).and_then(|arguments| match arguments
            .retained
        {
            Some(task) => protocol::retained(&arguments, task),
            None => protocol::serve(&arguments),
        });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rust-worker: {error}");
            ExitCode::FAILURE
        }
    }
}

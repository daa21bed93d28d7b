//! The `guestlist` program: every subcommand is a file in `cmd/`.
//!
//! `app` parses the arguments and turns the result into an exit code,
//! `error` says what went wrong and what to do next, `output` writes tables,
//! JSON lines and CSV.

mod app;
mod args;
mod cmd;
mod describe;
mod error;
mod logs;
mod output;
mod runtime;

fn main() -> std::process::ExitCode {
    app::main()
}

//! Log lines, on standard error.

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;

use crate::error::CliError;
use crate::output::ColorChoice;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Starts logging.
pub(crate) fn start(filter: &str, format: LogFormat, color: ColorChoice) -> Result<(), CliError> {
    use std::io::IsTerminal;

    let filter = EnvFilter::try_new(filter).map_err(|error| CliError::Usage {
        message: format!("'{filter}' is no log filter: {error}"),
        help: "try --log info, --log debug or --log warn,guestlist_service=debug".into(),
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Text => builder
            .with_ansi(color.enabled(std::io::stderr().is_terminal()))
            .with_target(false)
            .try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    started.map_err(|error| CliError::Internal(error.to_string()))
}

//! Log lines, on standard error.

use clap::ValueEnum;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

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

    let filter = targets(filter)?;
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let registry = tracing_subscriber::registry().with(filter);
    let started = match format {
        LogFormat::Text => {
            let colored = color.enabled(std::io::stderr().is_terminal());
            let lines = lines.with_ansi(colored).with_target(false);
            registry.with(lines).try_init()
        }
        LogFormat::Json => registry.with(lines.json().flatten_event(true)).try_init(),
    };
    started.map_err(|error| CliError::Internal(error.to_string()))
}

/// A level, or `target=level`, or several of them between commas.
fn targets(filter: &str) -> Result<Targets, CliError> {
    let wrong = |why: String| CliError::Usage {
        message: format!("'{filter}' is not a log filter: {why}"),
        help: "try --log info, --log debug or --log warn,guestlist_service=debug".into(),
    };
    // A lone word would be taken for a target, and everything else would fall silent.
    for part in filter.split(',') {
        if !part.contains('=') && (part.is_empty() || part.parse::<LevelFilter>().is_err()) {
            return Err(wrong(format!("'{part}' is not a level")));
        }
    }
    let targets: Targets = filter.parse().map_err(|error| wrong(format!("{error}")))?;
    let level = targets.default_level().unwrap_or(LevelFilter::OFF);
    // At INFO, the rate limiter logs a line for each request that waits.
    let is_named = targets.iter().any(|(target, _)| target == WORDY);
    Ok(if level == LevelFilter::INFO && !is_named {
        targets.with_target(WORDY, LevelFilter::WARN)
    } else {
        targets
    })
}

/// Logs at INFO what belongs to DEBUG.
const WORDY: &str = "twilight_http_ratelimiting";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_and_targets_are_filters() {
        for filter in ["info", "OFF", "warn,guestlist_service=debug"] {
            assert!(targets(filter).is_ok(), "{filter}");
        }
    }

    #[test]
    fn the_rate_limiter_does_not_fill_the_log_unless_asked_to() {
        let enabled = |filter: &str| {
            let targets = targets(filter).unwrap();
            targets.would_enable(WORDY, &tracing::Level::INFO)
        };
        assert!(!enabled("info"));
        assert!(!enabled("info,guestlist_client=debug"));
        assert!(enabled("debug"));
        assert!(enabled("info,twilight_http_ratelimiting=info"));
    }

    #[test]
    fn a_word_that_is_no_level_is_refused() {
        for filter in ["", "verbose", "info,", "guestlist_service=loud"] {
            let error = targets(filter).unwrap_err().to_string();
            assert!(error.contains("is not a log filter"), "{error}");
        }
    }
}

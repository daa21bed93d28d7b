//! Errors as people and machines read them.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::{self, IsTerminal, Write};

use clap::error::{ContextKind, ContextValue};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use serde::Serialize;
use terminal_size::{Width, terminal_size_of};

use super::{CliError, Exit};
use crate::output::{ColorChoice, clean, json_line};

/// How wide an error is at most, and where no terminal says.
const WIDTH: usize = 100;

/// How wide it is at least: a narrower terminal breaks the lines itself.
const LEAST: usize = 40;

/// Prints an error to standard error and gives its exit code.
pub(crate) fn report(error: &CliError, json: bool, color: ColorChoice) -> Exit {
    if error.is_broken_pipe() {
        return Exit::Ok;
    }
    let exit = error.exit();
    if json {
        write_json(&JsonError {
            event: "error",
            kind: exit.word(),
            exit_code: exit.code(),
            code: error.code().map(str::to_owned),
            message: error.to_string(),
            causes: causes(error),
            help: Some(error.help()),
        });
    } else {
        let theme = if color.enabled(io::stderr().is_terminal()) {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(width())
            .with_links(false);
        let shown = Shown::new(error);
        let mut text = String::new();
        if handler.render_report(&mut text, &shown).is_err() {
            text = format!("{shown}\nhelp: {}\n", shown.help);
        }
        // A closed standard error leaves nobody to tell.
        let _ = io::stderr().write_all(text.as_bytes());
    }
    exit
}

fn width() -> usize {
    terminal_size_of(io::stderr()).map_or(WIDTH, |(Width(width), _)| {
        usize::from(width).clamp(LEAST, WIDTH)
    })
}

/// Prints what clap has to say – help, the version, or a usage error.
pub(crate) fn report_usage(
    mut error: clap::Error,
    advice: Option<String>,
    args: &[OsString],
    json: bool,
) -> Exit {
    let failed = error.use_stderr();
    if json && failed {
        let rendered = error.render().to_string();
        let message = rendered
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ")
            .to_owned();
        let suggestion = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
            .into_iter()
            .find_map(|kind| match error.get(kind) {
                Some(ContextValue::String(text)) => Some(text.clone()),
                Some(ContextValue::Strings(texts)) => texts.first().cloned(),
                _ => None,
            });
        let help = match (advice, suggestion) {
            (Some(advice), _) => advice,
            (None, Some(text)) => {
                format!("did you mean '{text}'? `guestlist help` lists everything")
            }
            (None, None) => {
                "`guestlist help` lists the subcommands, `--help` their options".to_owned()
            }
        };
        write_json(&JsonError {
            event: "error",
            kind: Exit::Usage.word(),
            exit_code: Exit::Usage.code(),
            code: None,
            message,
            causes: Vec::new(),
            help: Some(help),
        });
    } else if failed && args.iter().any(|arg| is_hostile(arg)) {
        // clap repeats arguments as they are, so here without its colours.
        let rendered = error.render().to_string();
        let lines: String = rendered
            .lines()
            .map(|line| format!("{}\n", clean(line)))
            .collect();
        let _ = io::stderr().write_all(lines.as_bytes());
    } else {
        if let Some(advice) = advice {
            let tips = ContextValue::StyledStrs(vec![advice.into()]);
            error.insert(ContextKind::Suggested, tips);
        }
        // Help goes to standard output; a reader who hung up wants no more.
        let _ = error.print();
    }
    if failed { Exit::Usage } else { Exit::Ok }
}

/// Whether it holds what could steer a terminal.
fn is_hostile(arg: &OsStr) -> bool {
    let text = arg.to_string_lossy();
    clean(&text) != text
}

#[derive(Serialize)]
struct JsonError {
    event: &'static str,
    kind: &'static str,
    exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    message: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    causes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
}

fn write_json(error: &JsonError) {
    let line = json_line(error).unwrap_or_default();
    let _ = io::stderr().write_all(&line);
}

/// The messages below the first, without repeating one.
fn causes(error: &dyn Error) -> Vec<String> {
    let mut texts = Vec::new();
    let mut last = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if text != last {
            texts.push(text.clone());
            last = text;
        }
        next = cause.source();
    }
    texts
}

/// An error with its advice, for miette. All of it is made fit for a terminal
/// here, so that no message has to think of the names in it.
struct Shown {
    message: Clean,
    help: String,
}

impl Shown {
    fn new(error: &CliError) -> Self {
        let cause = causes(error)
            .iter()
            .rev()
            .fold(None, |cause, text| Some(Box::new(Clean::new(text, cause))));
        Self {
            message: Clean::new(&error.to_string(), cause),
            help: clean(&error.help()).into_owned(),
        }
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.message, f)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.message, f)
    }
}

impl Error for Shown {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.message.source()
    }
}

impl Diagnostic for Shown {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }
}

/// A message that cannot steer a terminal, and its cause.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Clean {
    text: String,
    #[source]
    cause: Option<Box<Clean>>,
}

impl Clean {
    fn new(text: &str, cause: Option<Box<Self>>) -> Self {
        Self {
            text: clean(text).into_owned(),
            cause,
        }
    }
}

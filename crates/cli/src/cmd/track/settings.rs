//! The tracker's settings: one list for options, for the configuration file, and for
//! printing it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use guestlist::tracker::{Config, ConfirmPolicy, PhantomUses};
use toml::de::{DeTable, DeValue};

use crate::args::duration;
use crate::error::{CliError, InputError};

/// A setting.
struct Setting {
    /// Its name in the file.
    key: &'static str,
    /// Its name as an option, if it is one.
    option: Option<&'static str>,
    /// What it does, in one sentence without a full stop.
    about: &'static str,
    slot: Slot,
}

/// Where a setting is in the configuration, and what it holds.
#[derive(Clone, Copy)]
enum Slot {
    Length(fn(&mut Config) -> &mut Duration),
    Number(fn(&mut Config) -> &mut usize),
    Switch(fn(&mut Config) -> &mut bool),
    Confirm,
    PhantomUses,
}

const CONFIRM: [(&str, ConfirmPolicy); 3] = [
    ("always", ConfirmPolicy::Always),
    ("when-ambiguous", ConfirmPolicy::WhenAmbiguous),
    ("never", ConfirmPolicy::Never),
];

const SWITCH: [(&str, bool); 2] = [("on", true), ("off", false)];

const PHANTOM_USES: [(&str, PhantomUses); 2] = [
    ("role-invites", PhantomUses::RoleInvites),
    ("anywhere", PhantomUses::Anywhere),
];

/// Settings that are options as well.
const fn option(
    key: &'static str,
    option: &'static str,
    about: &'static str,
    slot: Slot,
) -> Setting {
    Setting {
        key,
        option: Some(option),
        about,
        slot,
    }
}

/// Settings for the file alone.
const fn file_only(key: &'static str, about: &'static str, slot: Slot) -> Setting {
    Setting {
        key,
        option: None,
        about,
        slot,
    }
}

static SETTINGS: [Setting; 20] = [
    option(
        "confirm",
        "confirm",
        "When to use Discord's members search to find out how a member joined: always, \
         when-ambiguous (only if the counts leave several possibilities) or never",
        Slot::Confirm,
    ),
    option(
        "provisional",
        "provisional",
        "Whether to state a first estimate right after a join, before the final answer: on or \
         off",
        Slot::Switch(|config| &mut config.provisional),
    ),
    option(
        "phantom_uses",
        "phantom-uses",
        "Which invites may count uses by existing members: role-invites (those that grant \
         roles or admit guests) or anywhere (counts alone then prove nothing)",
        Slot::PhantomUses,
    ),
    option(
        "settle",
        "settle",
        "How long after a list that counts a join Discord may send the join's event",
        Slot::Length(|config| &mut config.settle),
    ),
    option(
        "count_lag",
        "count-lag",
        "How long after a join's event its use may appear in the list of invites",
        Slot::Length(|config| &mut config.count_lag),
    ),
    option(
        "audit_lag",
        "audit-lag",
        "How long after the deletion of an invite its entry may appear in the audit log",
        Slot::Length(|config| &mut config.audit_lag),
    ),
    option(
        "rejoin_lag",
        "rejoin-lag",
        "How long the members search must return the same result for a member who rejoined \
         before the answer is confirmed",
        Slot::Length(|config| &mut config.rejoin_lag),
    ),
    option(
        "deduce_hold",
        "deduce-hold",
        "How long after a join a deduced answer waits for its confirmation",
        Slot::Length(|config| &mut config.deduce_hold),
    ),
    file_only(
        "search_delay",
        "How long after a join the first search for its member is sent",
        Slot::Length(|config| &mut config.search_delay),
    ),
    file_only(
        "confirm_gather",
        "How long the search for a member whose answer is deduced waits for other members to search for",
        Slot::Length(|config| &mut config.confirm_gather),
    ),
    file_only(
        "confirm_limit",
        "How long after a join the tracker stops searching for its member",
        Slot::Length(|config| &mut config.confirm_limit),
    ),
    file_only(
        "list_delay",
        "How long a join waits for other joins before the invites are listed",
        Slot::Length(|config| &mut config.list_delay),
    ),
    file_only(
        "list_interval",
        "The minimum time between two lists of one server's invites, once list_burst is used up",
        Slot::Length(|config| &mut config.list_interval),
    ),
    file_only(
        "list_burst",
        "How many lists of one server's invites may be requested immediately; each list_interval \
         without a list allows one more",
        Slot::Number(|config| &mut config.list_burst),
    ),
    file_only(
        "patience",
        "How long after a join the tracker waits for counts",
        Slot::Length(|config| &mut config.patience),
    ),
    file_only(
        "request_timeout",
        "How long a request may take",
        Slot::Length(|config| &mut config.request_timeout),
    ),
    file_only(
        "refused_for",
        "How long an endpoint that denied access is not requested again; the time doubles with each \
         denial, up to an hour",
        Slot::Length(|config| &mut config.refused_for),
    ),
    file_only(
        "max_in_flight",
        "How many requests may be in progress at once, for all servers together",
        Slot::Number(|config| &mut config.max_in_flight),
    ),
    file_only(
        "light_work",
        "How many pairs of a waiting join and a changed count are evaluated about once a second; \
         servers with at most a hundredth of this number evaluate them at each event, servers with \
         more pairs every one to five seconds",
        Slot::Number(|config| &mut config.light_work),
    ),
    file_only(
        "max_joins",
        "The maximum number of joins of one server in memory",
        Slot::Number(|config| &mut config.max_joins),
    ),
];

impl Setting {
    /// Sets it from text, as it stands in an option or between quotes in the file.
    fn set(&self, config: &mut Config, text: &str) -> Result<(), String> {
        match self.slot {
            Slot::Length(slot) => *slot(config) = duration(text)?,
            Slot::Number(slot) => *slot(config) = number(text)?,
            Slot::Switch(slot) => *slot(config) = choice(&SWITCH, text)?,
            Slot::Confirm => config.confirm = choice(&CONFIRM, text)?,
            Slot::PhantomUses => config.phantom_uses = choice(&PHANTOM_USES, text)?,
        }
        Ok(())
    }

    /// Its value as TOML.
    fn toml(&self, config: &mut Config) -> String {
        match self.slot {
            Slot::Length(slot) => format!("\"{}\"", humantime::format_duration(*slot(config))),
            Slot::Number(slot) => slot(config).to_string(),
            Slot::Switch(slot) => format!("\"{}\"", word(&SWITCH, *slot(config))),
            Slot::Confirm => format!("\"{}\"", word(&CONFIRM, config.confirm)),
            Slot::PhantomUses => format!("\"{}\"", word(&PHANTOM_USES, config.phantom_uses)),
        }
    }

    fn arg(&'static self) -> Option<Arg> {
        let option = self.option?;
        let placeholder = match self.slot {
            Slot::Length(_) => "TIME",
            Slot::Number(_) => "N",
            Slot::Switch(_) => "ON/OFF",
            Slot::Confirm => "WHEN",
            Slot::PhantomUses => "WHERE",
        };
        let default = self.toml(&mut Config::default());
        Some(
            Arg::new(self.key)
                .long(option)
                .value_name(placeholder)
                .help_heading("Tracking")
                .help(format!(
                    "{} [default: {}]",
                    self.about,
                    default.trim_matches('"')
                ))
                .value_parser(|text: &str| {
                    self.set(&mut Config::default(), text)
                        .map(|()| text.to_owned())
                }),
        )
    }
}

fn number(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(number) if number > 0 => Ok(number),
        _ => Err("must be an integer of 1 or more".to_owned()),
    }
}

fn choice<T: Copy>(words: &[(&str, T)], text: &str) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("'{text}' is not one of {}", words.join(", "))
    })
}

fn word<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    let found = words.iter().find(|(_, known)| *known == value);
    found.map_or("", |(word, _)| word)
}

/// The options that set something, as they were given.
#[derive(Debug, Clone, Default)]
pub(super) struct Given(Vec<(&'static str, String)>);

impl Args for Given {
    fn augment_args(command: Command) -> Command {
        command.args(SETTINGS.iter().filter_map(Setting::arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Given {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let options = SETTINGS.iter().filter(|setting| setting.option.is_some());
        let given = options.filter_map(|setting| {
            let text = matches.get_one::<String>(setting.key)?;
            Some((setting.key, text.clone()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// The settings: the defaults, then those of the file, then the options.
pub(super) fn config(file: Option<&Path>, given: &Given) -> Result<Config, CliError> {
    let mut config = Config::default();
    if let Some(path) = file {
        read(path, &mut config)?;
    }
    for (key, text) in &given.0 {
        if let Some(setting) = SETTINGS.iter().find(|setting| setting.key == *key) {
            setting.set(&mut config, text).map_err(CliError::Internal)?;
        }
    }
    Ok(config)
}

fn read(path: &Path, config: &mut Config) -> Result<(), CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| InputError::Read {
        path: path.display().to_string(),
        source,
    })?;
    apply(&text, config).map_err(|wrong| {
        InputError::Settings {
            path: PathBuf::from(path),
            line: wrong.line,
            message: wrong.message,
        }
        .into()
    })
}

/// What is wrong with a file of settings, and in which line, counted from 1.
#[derive(Debug, PartialEq)]
struct Wrong {
    line: usize,
    message: String,
}

/// Takes over what a file says.
fn apply(text: &str, config: &mut Config) -> Result<(), Wrong> {
    let at = |offset: usize, message: String| Wrong {
        line: text.get(..offset).unwrap_or(text).matches('\n').count() + 1,
        message,
    };
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(text.len(), |span| span.start);
        at(offset, error.message().to_owned())
    })?;
    for (key, value) in table.get_ref() {
        let name: &str = key.get_ref();
        let setting = SETTINGS
            .iter()
            .find(|setting| setting.key == name)
            .ok_or_else(|| at(key.span().start, format!("unknown setting '{name}'")))?;
        let wrong = |message: String| at(value.span().start, format!("{name}: {message}"));
        match (value.get_ref(), setting.slot) {
            (DeValue::Integer(number), Slot::Number(_)) if number.radix() == 10 => {
                setting.set(config, number.as_str()).map_err(wrong)?;
            }
            (_, Slot::Number(_)) => return Err(wrong("must be an integer".to_owned())),
            (DeValue::String(text), _) => setting.set(config, text).map_err(wrong)?,
            (_, Slot::Length(_)) => {
                return Err(wrong("must be a string such as \"8s\"".to_owned()));
            }
            (_, Slot::Switch(_) | Slot::Confirm | Slot::PhantomUses) => {
                return Err(wrong("must be a string in quotes".to_owned()));
            }
        }
    }
    Ok(())
}

/// The settings as TOML that `--config` reads, with what each of them does.
pub(super) fn print(config: &Config) -> String {
    const WIDTH: usize = 88;
    let mut config = config.clone();
    let mut text = String::from(
        "# Settings of `guestlist track`. Give this file with --config, or name it in\n\
         # GUESTLIST_CONFIG. What is left out has its default; options on the command line win.\n\
         # A duration is a number with a unit, or several of them: 250ms, 8s, 1m 30s, 2h.\n",
    );
    for setting in &SETTINGS {
        text.push('\n');
        let mut line = String::from("#");
        for word in setting.about.split_whitespace() {
            if line.chars().count() + 1 + word.chars().count() > WIDTH {
                let _ = writeln!(text, "{line}");
                line = String::from("#");
            }
            let _ = write!(line, " {word}");
        }
        let value = setting.toml(&mut config);
        let _ = write!(text, "{line}.\n{} = {value}\n", setting.key);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_back(text: &str) -> Config {
        let mut config = Config::default();
        apply(text, &mut config).unwrap();
        config
    }

    #[test]
    fn what_is_printed_reads_back_as_the_same() {
        assert_eq!(read_back(&print(&Config::default())), Config::default());
        // Every setting, away from its default.
        let mut other = Config::default();
        for (index, setting) in SETTINGS.iter().enumerate() {
            let text = match setting.slot {
                Slot::Length(_) => format!("{}ms", 1_500 + index),
                Slot::Number(_) => (7 + index).to_string(),
                Slot::Switch(_) => "off".to_owned(),
                Slot::Confirm => "never".to_owned(),
                Slot::PhantomUses => "anywhere".to_owned(),
            };
            let before = setting.toml(&mut other);
            setting.set(&mut other, &text).unwrap();
            assert_ne!(setting.toml(&mut other), before, "{}", setting.key);
        }
        let printed = print(&other);
        assert_eq!(read_back(&printed), other, "{printed}");
    }

    #[test]
    fn every_word_of_a_choice_reads_back() {
        for (word, policy) in CONFIRM {
            let config = read_back(&format!("confirm = '{word}'"));
            assert_eq!(config.confirm, policy);
        }
        for (word, uses) in PHANTOM_USES {
            let config = read_back(&format!("phantom_uses = '{word}'"));
            assert_eq!(config.phantom_uses, uses);
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, line, says) in [
            (
                "settle = \"8s\"\n\nsetle = \"9s\"\n",
                3,
                "unknown setting 'setle'",
            ),
            (
                "# a\nsettle = 8\n",
                2,
                "settle: must be a string such as \"8s\"",
            ),
            ("settle = \"soon\"", 1, "settle: 'soon' is not a duration"),
            ("confirm = \"often\"", 1, "always, when-ambiguous, never"),
            ("max_joins = 0", 1, "max_joins: must be an integer"),
            ("max_joins = \"9\"", 1, "max_joins: must be an integer"),
            ("[tracker]\nsettle = \"8s\"", 1, "unknown setting 'tracker'"),
            ("settle = \"1s\"\nsettle = \"2s\"", 2, "duplicate"),
            ("a = \"1s\"\nsettle = ", 2, ""),
            ("settle \"8s\"", 1, ""),
        ] {
            let wrong = apply(text, &mut Config::default()).unwrap_err();
            assert_eq!(wrong.line, line, "{text}: {wrong:?}");
            assert!(wrong.message.contains(says), "{text}: {wrong:?}");
        }
    }
}

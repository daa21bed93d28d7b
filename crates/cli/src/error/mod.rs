//! What can go wrong, which exit code that is, and what to do about it.

mod exit;
mod ledger;
mod mask;
mod render;

use std::io;
use std::path::PathBuf;

use guestlist::client::{
    ApiError, BaseError, BuildError, GatewayError, SecretError, TargetUsersError, TokenError,
};
use guestlist::ledger::LedgerError;
use guestlist::model::{DecodeError, ErrorKind, LinkError};
use guestlist::service::ServiceError;
use guestlist_sandbox::SandboxError;
use guestlist_web::{NotAnAddress, WebError, WebTokenError};

pub(crate) use exit::Exit;
pub(crate) use render::{report, report_usage};

/// What to do about a defect.
const REPORT: &str = "this is a bug in guestlist; please report it with the command that you ran";

/// Why a subcommand failed.
///
/// Every variant has an exit code and a piece of advice; both matches below
/// are exhaustive on purpose.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Arguments that clap accepts one by one, but not together.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to type instead.
        help: String,
    },
    /// A file, document or code that cannot be used.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Something has to be set up first.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Discord refused, or was not reached.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// One of several invites could not be deleted.
    #[error("failed to delete {code}")]
    Delete {
        /// Its code.
        code: String,
        /// Why.
        #[source]
        source: ApiError,
    },
    /// The gateway cannot be used.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The database cannot be used.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Standard output could not be written.
    #[error("failed to write the output")]
    Output(#[source] io::Error),
    /// A defect.
    #[error("internal error: {0}")]
    Internal(String),
}

/// A file, document or code that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// A file could not be read.
    #[error("failed to read {path}")]
    Read {
        /// The file, or `-`.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A file has nothing in it.
    #[error("{path} is empty")]
    Empty {
        /// The file, or `-`.
        path: String,
    },
    /// A file is larger than anything that Discord sends.
    #[error("{path} is larger than {} MiB", limit / 1024 / 1024)]
    TooLarge {
        /// The file, or `-`.
        path: String,
        /// The limit, in bytes.
        limit: u64,
    },
    /// A file could not be decoded.
    #[error("failed to decode {path}")]
    Decode {
        /// The file, or `-`.
        path: String,
        /// Why.
        #[source]
        source: DecodeError,
    },
    /// A file is no list of users.
    #[error("{path} is not a list of users")]
    TargetUsers {
        /// The file, or `-`.
        path: String,
        /// Why.
        #[source]
        source: TargetUsersError,
    },
    /// A text is no invite code and no invite link.
    #[error("'{text}' is neither an invite code nor an invite link")]
    Code {
        /// The text.
        text: String,
        /// Why.
        #[source]
        source: LinkError,
    },
    /// A file of settings says something that cannot be used.
    #[error("{}, line {line}: {message}", path.display())]
    Settings {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// A file could not be written.
    #[error("failed to write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Something has to be set up first.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    /// There is no token.
    #[error("there is no bot token")]
    NoToken,
    /// The token's file could not be read.
    #[error("failed to read the token from {path}")]
    TokenFile {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The token is not text.
    #[error("{origin} is not text")]
    TokenNotText {
        /// The variable or the file.
        origin: String,
    },
    /// The token is no token.
    #[error("{origin} does not contain a bot token")]
    Token {
        /// The variable or the file.
        origin: String,
        /// Why.
        #[source]
        source: TokenError,
    },
    /// The API's address is no address.
    #[error("'{}' is not the address of an API", mask::masked(text))]
    Api {
        /// The address.
        text: String,
        /// Why.
        #[source]
        source: BaseError,
    },
    /// The sandbox did not start.
    #[error("the sandbox did not start")]
    Sandbox(#[from] SandboxError),
    /// The dashboard's token cannot be used.
    #[error("{origin} does not contain a token for the dashboard")]
    WebToken {
        /// The variable or the file.
        origin: String,
        /// Why.
        #[source]
        source: WebTokenError,
    },
    /// People are to log in with Discord, and there is no secret for it.
    #[error("there is no client secret for the log-in with Discord")]
    NoClientSecret,
    /// The client secret cannot be used.
    #[error("{origin} does not contain a client secret")]
    ClientSecret {
        /// The variable or the file.
        origin: String,
        /// Why.
        #[source]
        source: SecretError,
    },
    /// The dashboard's own address cannot be used.
    #[error("{text} is not a valid address for the dashboard")]
    WebUrl {
        /// What was given.
        text: String,
        /// Why.
        #[source]
        source: NotAnAddress,
    },
    /// The dashboard cannot be served.
    #[error(transparent)]
    Web(#[from] WebError),
    /// There is no place for temporary files.
    #[error("failed to create a temporary directory")]
    Scratch(#[source] io::Error),
    /// The asynchronous runtime did not start.
    #[error("failed to start the runtime")]
    Runtime(#[source] io::Error),
}

impl CliError {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Usage { .. } => Exit::Usage,
            Self::Input(_) => Exit::Input,
            Self::Config(_) => Exit::Config,
            Self::Api(error) | Self::Delete { source: error, .. } => api_exit(error),
            Self::Gateway(error) => gateway_exit(error),
            Self::Ledger(_) => Exit::Database,
            Self::Output(_) | Self::Internal(_) => Exit::Internal,
        }
    }

    /// What to do next.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Usage { help, .. } => help.clone(),
            Self::Input(error) => error.help(),
            Self::Config(error) => error.help(),
            Self::Api(error) | Self::Delete { source: error, .. } => error.help().to_owned(),
            Self::Gateway(error) => error.help().unwrap_or(REPORT).to_owned(),
            Self::Ledger(error) => ledger::help(error),
            Self::Output(_) => {
                "check the disk or program that receives the output, then run this again".into()
            }
            Self::Internal(_) => REPORT.to_owned(),
        }
    }

    /// The code of the one invite that it is about, if several were asked for.
    pub(crate) fn code(&self) -> Option<&str> {
        match self {
            Self::Delete { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether the reader of standard output has hung up, which is no error.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}

impl From<SandboxError> for CliError {
    fn from(error: SandboxError) -> Self {
        ConfigError::Sandbox(error).into()
    }
}

impl From<WebError> for CliError {
    fn from(error: WebError) -> Self {
        ConfigError::Web(error).into()
    }
}

impl From<BuildError> for CliError {
    fn from(error: BuildError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<ServiceError> for CliError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Ledger(error) => error.into(),
            ServiceError::State(error) => LedgerError::Undecodable {
                at: String::from("the ledger"),
                what: "tracker state",
                detail: error.to_string(),
            }
            .into(),
            ServiceError::Connect(error) | ServiceError::Shard { error, .. } => error.into(),
            ServiceError::Panicked(why) => Self::Internal(format!("the service stopped: {why}")),
        }
    }
}

fn gateway_exit(error: &GatewayError) -> Exit {
    match error {
        GatewayError::Api(error) | GatewayError::Application(error) => api_exit(error),
        GatewayError::Build(_) | GatewayError::Tls(_) | GatewayError::Panicked => Exit::Internal,
        // How the bot is set up: token, intents, shards.
        GatewayError::BadToken
        | GatewayError::InvalidShard
        | GatewayError::ShardingRequired
        | GatewayError::InvalidApiVersion
        | GatewayError::InvalidIntents
        | GatewayError::DisallowedIntents
        | GatewayError::Shards { .. }
        | GatewayError::TooManyShards { .. }
        | GatewayError::Untrusted(_) => Exit::Config,
    }
}

fn api_exit(error: &ApiError) -> Exit {
    match error {
        ApiError::UnknownInvite { .. }
        | ApiError::InvalidCode(_)
        | ApiError::NotFound { .. }
        | ApiError::MissingPermission
        | ApiError::MissingAccess
        | ApiError::Banned
        | ApiError::LimitReached { .. }
        | ApiError::VanityUnavailable
        | ApiError::NoTargetUsers
        | ApiError::NotForBots
        | ApiError::InvalidForm { .. }
        | ApiError::TargetUsersFile { .. } => Exit::Refused,
        ApiError::Unauthorized { .. } => Exit::Config,
        // Its own trouble, which passes: a script may try again.
        ApiError::Api { status: 500.., .. } => Exit::Unreached,
        ApiError::Api { .. } => Exit::Refused,
        ApiError::NotIndexed { .. }
        | ApiError::RateLimited { .. }
        | ApiError::NotDiscord { .. }
        | ApiError::Transport(_)
        | ApiError::Timeout => Exit::Unreached,
        ApiError::Decode(_) => Exit::Internal,
    }
}

impl InputError {
    fn help(&self) -> String {
        match self {
            Self::Read { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => "check the path; use `-` for standard input".into(),
                io::ErrorKind::PermissionDenied => "make the file readable for this user".into(),
                io::ErrorKind::IsADirectory => {
                    "pass the files in the directory, for example with `DIRECTORY/*.json`".into()
                }
                _ => "check the file, then run this again".into(),
            },
            Self::Empty { .. } => "use a file with at least one JSON document".into(),
            Self::TooLarge { .. } => {
                "extract the invites from it first, for example with `jq`".into()
            }
            Self::Decode { source, .. } => match source.kind() {
                ErrorKind::Kind { .. } | ErrorKind::Missing => {
                    "if it is another kind of payload, set the kind with --as; `guestlist inspect --help` lists them"
                        .into()
                }
                _ => "check that position in the JSON; if Discord sent it like this, please report it".into(),
            },
            Self::TargetUsers { .. } => {
                "the first line must be user_id, and each further line a user's id".into()
            }
            Self::Code { .. } => {
                "pass a code such as `rust`, or a link such as https://discord.gg/rust".into()
            }
            Self::Settings { .. } => {
                "`guestlist track --print-config` prints and explains every setting".into()
            }
            Self::Write { source, .. } => match source.kind() {
                io::ErrorKind::NotFound => "create the directory first".into(),
                io::ErrorKind::PermissionDenied => {
                    "choose a location that this user can write to".into()
                }
                io::ErrorKind::StorageFull => "free some space on the disk".into(),
                _ => "choose another location, then run this again".into(),
            },
        }
    }
}

impl ConfigError {
    fn help(&self) -> String {
        match self {
            Self::NoToken => {
                "put it into the environment variable DISCORD_TOKEN, or into a file that you name with \
                 --token-file; it is at https://discord.com/developers/applications under Bot"
                    .into()
            }
            Self::TokenFile { .. } => "check the path and the file's permissions".into(),
            Self::TokenNotText { .. } | Self::Token { .. } => {
                "copy the token again from https://discord.com/developers/applications under Bot".into()
            }
            Self::Api { .. } => {
                "use an address without a path, for example http://127.0.0.1:8080".into()
            }
            Self::Sandbox(SandboxError::Recording { .. }) => {
                "check the path; `guestlist sandbox --record FILE` writes a recording".into()
            }
            Self::Sandbox(SandboxError::World(_)) => {
                "change the description of the world; see docs/guide/sandbox.md".into()
            }
            Self::Sandbox(_) => "choose another port, or omit --port to use a free one".into(),
            Self::NoClientSecret | Self::ClientSecret { .. } => {
                "copy it from https://discord.com/developers/applications, OAuth2, Client Secret, \
                 into a file, and name that with --web-client-secret-file"
                    .into()
            }
            Self::WebUrl { .. } => {
                "use a scheme and a host, for example --web-url https://guests.example".into()
            }
            Self::WebToken { .. } => {
                "create one, for example with `openssl rand -hex 24`, and write it to the file".into()
            }
            Self::Web(WebError::Listen { source, .. }) if source.kind() == io::ErrorKind::AddrInUse => {
                "another program listens there; give the dashboard another port, for example \
                 127.0.0.1:8412, or port 0 to get a free one"
                    .into()
            }
            Self::Web(WebError::Listen { .. }) => {
                "use an address of this machine and a port above 1023, for example 127.0.0.1:8411"
                    .into()
            }
            Self::Web(WebError::Open { .. }) => {
                "put a token of at least 16 characters into a file and name it with \
                 --web-token-file, or give an address that only this machine can reach, for example \
                 127.0.0.1:8411"
                    .into()
            }
            Self::Web(_) => "run this again; if it happens again, please report it".into(),
            Self::Scratch(_) => "free some space there, or set TMPDIR to another directory".into(),
            Self::Runtime(_) => "check the limits on threads and open files (`ulimit -a`)".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_may_pass_by_itself_has_the_exit_code_that_scripts_retry_on() {
        let api = |status| ApiError::Api {
            status,
            code: 0,
            message: "no".into(),
        };
        let limited = ApiError::RateLimited {
            retry_after: Duration::from_secs(9),
            global: false,
        };
        for error in [
            api(400),
            api(500),
            api(503),
            limited,
            ApiError::Timeout,
            ApiError::MissingAccess,
            ApiError::Unauthorized {
                message: String::new(),
            },
        ] {
            let retried = api_exit(&error) == Exit::Unreached;
            assert_eq!(retried, error.is_transient(), "{error}");
        }
    }
}

//! `guestlist invite create`: make one invite, or many.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};
use guestlist::client::{
    Client, CreateInvite, Done, MaxAge, MaxUses, Reason, RoleIds, TargetUsers,
};
use guestlist::model::{ApplicationId, ChannelId, InviteFlags, RoleId, UserId};
use serde_json::{Value, json};

use super::bulk::Many;
use super::{bulk, targets};
use crate::args::ApiArgs;
use crate::describe;
use crate::error::{CliError, Exit, InputError};
use crate::output::Out;
use crate::runtime::block_on;

/// Create an invite to a channel, or many at once
///
/// Requires Create Invite in the channel, and Manage Roles for --role. By default, the invite is
/// valid for a day and can be used without limit.
///
/// With --count, creates that many invites with one use each (or with --max-uses) and writes them
/// to a CSV file. With --personal, creates one for each name in a file. If the command is
/// interrupted, run it again with the same options: it continues where it stopped and creates no
/// invite twice. This requires View Audit Log or Manage Channels.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  guestlist invite create 155101607195836416
  guestlist invite create 155101607195836416 --max-age never --max-uses 100 --unique
  guestlist invite create 155101607195836416 --role 41771983423143936 --reason \"conference\"
  guestlist invite create 155101607195836416 --target-users attendees.csv
  guestlist invite create 155101607195836416 --count 500 --max-age 30d --out badges.csv
  guestlist invite create 155101607195836416 --personal names.csv --out links.csv")]
pub(crate) struct Args {
    /// The channel that the invite leads to
    #[arg(value_name = "CHANNEL_ID")]
    channel: ChannelId,
    #[command(flatten)]
    options: Options,
    /// Create this many invites
    #[arg(long, value_name = "N", requires = "out", group = "many", help_heading = "Many at once",
          allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=1000))]
    count: Option<u32>,
    /// Create an invite for each name in this file: one per line, or a CSV with a column
    /// `name`
    #[arg(
        long,
        value_name = "FILE",
        requires = "out",
        group = "many",
        help_heading = "Many at once"
    )]
    personal: Option<PathBuf>,
    /// Write the invites to this CSV file
    #[arg(
        long,
        value_name = "FILE",
        requires = "many",
        help_heading = "Many at once",
        value_parser = out_file()
    )]
    out: Option<PathBuf>,
    /// Print what was created as JSON, one object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    api: ApiArgs,
}

/// What the invite is like.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// How long it is valid: 30m, 12h, 7d, up to 60d, or never
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    max_age: Option<MaxAge>,
    /// How often it can be used: 1 to 100, or 0 for no limit
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = max_uses)]
    max_uses: Option<MaxUses>,
    /// Remove members when they disconnect, unless they have been given a role
    #[arg(long)]
    temporary: bool,
    /// Create a new invite even if a similar one exists
    #[arg(long)]
    unique: bool,
    /// Open this user's stream in the channel
    #[arg(long, value_name = "USER_ID", conflicts_with = "application")]
    stream: Option<UserId>,
    /// Open this embedded application (an activity)
    #[arg(long, value_name = "APPLICATION_ID")]
    application: Option<ApplicationId>,
    /// Grant this role to members who accept the invite; repeat it for up to 250 roles
    #[arg(long = "role", value_name = "ROLE_ID")]
    roles: Vec<RoleId>,
    /// Invite guests to a voice channel; guests do not become members
    #[arg(long)]
    guest: bool,
    /// Restrict it to the users in this CSV file
    #[arg(long, value_name = "FILE")]
    target_users: Option<PathBuf>,
    /// The reason for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<Reason>,
}

/// Accepts any path but `-`: where an order stands is kept beside its file.
fn out_file() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| {
        if path.as_os_str() == "-" {
            return Err("use a file, so that an interrupted run can continue");
        }
        Ok(path)
    })
}

fn max_uses(text: &str) -> Result<MaxUses, String> {
    text.parse()
        .ok()
        .and_then(|number| MaxUses::new(number).ok())
        .ok_or_else(|| "must be a number from 0 to 100".to_owned())
}

/// Everything read and checked, before the first request.
pub(super) struct Prepared<'a> {
    options: &'a Options,
    roles: Option<RoleIds>,
    target_users: Option<TargetUsers>,
}

impl Options {
    /// Reads the files and checks what the options say together.
    pub(super) fn prepare(&self) -> Result<Prepared<'_>, CliError> {
        let roles = match self.roles.as_slice() {
            [] => None,
            roles => Some(
                RoleIds::try_from(roles.to_vec()).map_err(|error| CliError::Usage {
                    message: error.to_string(),
                    help: "pass --role at most 250 times".into(),
                })?,
            ),
        };
        let target_users = self
            .target_users
            .as_deref()
            .map(targets::read)
            .transpose()?;
        Ok(Prepared {
            options: self,
            roles,
            target_users,
        })
    }
}

impl Prepared<'_> {
    /// The request for one invite.
    pub(super) fn request(&self, client: &Client, channel: ChannelId) -> CreateInvite {
        let options = self.options;
        let mut request = client.create_invite(channel);
        if let Some(max_age) = options.max_age {
            request = request.max_age(max_age);
        }
        if let Some(max_uses) = options.max_uses {
            request = request.max_uses(max_uses);
        }
        if options.temporary {
            request = request.temporary(true);
        }
        if options.unique {
            request = request.unique(true);
        }
        if let Some(user) = options.stream {
            request = request.target_stream(user);
        }
        if let Some(application) = options.application {
            request = request.target_application(application);
        }
        if let Some(roles) = &self.roles {
            request = request.role_ids(roles.clone());
        }
        if options.guest {
            request = request.flags(InviteFlags::GUEST);
        }
        if let Some(users) = &self.target_users {
            request = request.target_users(users.clone());
        }
        if let Some(reason) = &options.reason {
            request = request.reason(reason.clone());
        }
        request
    }

    /// How often each may be used.
    pub(super) fn max_uses(&self) -> Option<MaxUses> {
        self.options.max_uses
    }

    /// Why.
    pub(super) fn reason(&self) -> Option<&Reason> {
        self.options.reason.as_ref()
    }

    /// What makes two runs of `--count` the same order.
    pub(super) fn fingerprint(&self) -> Value {
        let options = self.options;
        json!({
            "max_age": options.max_age.map(MaxAge::as_secs),
            "max_uses": options.max_uses.map(MaxUses::get),
            "temporary": options.temporary,
            "stream": options.stream.map(|id| id.to_string()),
            "application": options.application.map(|id| id.to_string()),
            "roles": options.roles.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "guest": options.guest,
            "target_users": self.target_users.as_ref().map(TargetUsers::to_csv),
        })
    }
}

/// For whom links are made.
fn people(path: &Path) -> Result<Vec<String>, CliError> {
    let text = std::fs::read_to_string(path).map_err(|source| InputError::Read {
        path: path.display().to_string(),
        source,
    })?;
    guestlist_view::names(&text, 1000).map_err(|error| CliError::Usage {
        message: format!("{}: {error}", path.display()),
        help: "write one name per line, or a CSV with a column `name`; at most 1000 names".into(),
    })
}

/// Creates one or many.
pub(crate) fn run(args: &Args, out: &mut Out) -> Result<Exit, CliError> {
    let prepared = args.options.prepare()?;
    let many = match (args.count, &args.personal) {
        (Some(count), _) => Some(Many::Count(count)),
        (None, Some(path)) => Some(Many::Personal(people(path)?)),
        (None, None) => None,
    };
    if let (Some(many), Some(path)) = (many, &args.out) {
        return bulk::run(
            &args.api,
            args.channel,
            &prepared,
            &many,
            path,
            args.json,
            out,
        );
    }
    let created = block_on(async {
        let client = args.api.client()?;
        Ok(prepared.request(&client, args.channel).await?)
    })?;
    match created {
        Done::Told(invite) if args.json => out.line(invite.to_json())?,
        Done::Told(invite) => describe::invite(&invite, out)?,
        unsaid => {
            describe::warn_if_odd(&unsaid);
            if args.json {
                out.json(&json!({"created": true}))?;
            } else {
                out.line("created, but Discord did not return the code")?;
            }
        }
    }
    Ok(Exit::Ok)
}

//! The bot's permissions in each server, and the consequences of missing ones.

use guestlist_client::{ApiError, Channel, Client, Guild, GuildSummary, Permissions};
use guestlist_model::{GuildId, Member, UserId};

use super::Finding;

pub(super) const CHECK: &str = "permissions";

/// The maximum number of servers whose channels are also checked, with three requests per
/// server.
const CLOSELY: usize = 20;

/// The maximum number of channels to name.
const NAMED: usize = 3;

/// Checks the servers that the bot is in.
///
/// If there are more than twenty, channels are not checked.
pub async fn all(client: &Client, me: UserId, guilds: &[GuildSummary]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for guild in guilds {
        let told = if guild.owner {
            Some(Permissions::all())
        } else {
            guild.permissions
        };
        let closely = guilds.len() <= CLOSELY || told.is_none();
        let looked = if closely {
            Some(Looked::at(client, guild.id, me).await)
        } else {
            None
        };
        findings.push(one(guild, told, looked.as_ref()));
    }
    if guilds.len() > CLOSELY {
        findings.push(Finding::ok(
            CHECK,
            format!(
                "the channels are not checked, because the bot is in more than {CLOSELY} servers"
            ),
        ));
    }
    findings
}

/// A server with its channels.
struct Looked {
    guild: Guild,
    member: Member,
    channels: Vec<Channel>,
}

impl Looked {
    async fn at(client: &Client, guild: GuildId, me: UserId) -> Result<Self, ApiError> {
        Ok(Self {
            guild: client.get_guild(guild).await?,
            member: client.get_guild_member(guild, me).await?,
            channels: client.list_guild_channels(guild).await?,
        })
    }

    /// What the bot may do in the server as a whole.
    fn permissions(&self) -> Option<Permissions> {
        let me = self.member.user.id();
        self.guild.permissions(me, &self.member.roles)
    }

    /// The channels whose created and deleted invites Discord does not report.
    fn hidden(&self, have: Permissions) -> Vec<&Channel> {
        let me = self.member.user.id();
        self.channels
            .iter()
            .filter(|channel| channel.takes_invites())
            .filter(|channel| {
                let overwrites = &channel.permission_overwrites;
                !have
                    .in_channel(self.guild.id, overwrites, me, &self.member.roles)
                    .contains(Permissions::MANAGE_CHANNELS)
            })
            .collect()
    }
}

fn one(
    guild: &GuildSummary,
    told: Option<Permissions>,
    looked: Option<&Result<Looked, ApiError>>,
) -> Finding {
    let name = if guild.name.is_empty() {
        guild.id.to_string()
    } else {
        guild.name.clone()
    };
    let looked = looked.and_then(|looked| looked.as_ref().ok());
    let Some(have) = told.or_else(|| looked?.permissions()) else {
        return Finding::warning(
            CHECK,
            format!("{name}: Discord does not say which permissions the bot has"),
            "if joins stay unknown, check that the bot's role has Manage Server, Manage Channels \
             and View Audit Log",
        );
    };
    let needed =
        Permissions::MANAGE_GUILD | Permissions::MANAGE_CHANNELS | Permissions::VIEW_AUDIT_LOG;
    if have.contains(Permissions::ADMINISTRATOR) {
        return Finding::ok(
            CHECK,
            format!("{name}: the bot has all permissions that it needs"),
        );
    }
    let missing = needed.difference(have);
    if missing.is_empty() {
        let hidden = looked.map(|looked| looked.hidden(have)).unwrap_or_default();
        return match hidden.as_slice() {
            [] => Finding::ok(
                CHECK,
                format!("{name}: the bot has all permissions that it needs"),
            ),
            hidden => Finding::warning(
                CHECK,
                format!(
                    "{name}: invites to {} are noticed late when they are created or deleted",
                    names(hidden)
                ),
                "in these channels, allow the bot's role View Channel and Manage Channels",
            ),
        };
    }
    let lacks: Vec<&str> = missing.names().collect();
    let mut costs = Vec::new();
    if missing.contains(Permissions::MANAGE_CHANNELS) {
        costs.push("invites are noticed late when they are created or deleted");
    }
    if missing.contains(Permissions::VIEW_AUDIT_LOG) {
        costs.push(
            "who revoked an invite or added a bot stays unknown, and whether an invite was \
             revoked or used up",
        );
    }
    let help = format!("give the bot's role {}", lacks.join(", "));
    if missing.contains(Permissions::MANAGE_GUILD) {
        costs.insert(0, "joins cannot be attributed");
        Finding::problem(CHECK, format!("{name}: {}", costs.join("; ")), help)
    } else {
        Finding::warning(CHECK, format!("{name}: {}", costs.join("; ")), help)
    }
}

/// "#general, #rules and 7 more channels".
fn names(channels: &[&Channel]) -> String {
    let mut names: Vec<String> = channels
        .iter()
        .take(NAMED)
        .map(|channel| match &channel.name {
            Some(name) => format!("#{name}"),
            None => channel.id.to_string(),
        })
        .collect();
    let more = channels.len().saturating_sub(NAMED);
    if more > 0 {
        let plural = if more == 1 { "" } else { "s" };
        names.push(format!("{more} more channel{plural}"));
    }
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}

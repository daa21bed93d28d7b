use crate::{ApiError, AuditLogLimit, Client, decode, percent::PathAndQuery, transport::Request};
use guestlist_model::{AuditAction, AuditLog, AuditLogEntryId, GuildId, UserId};

/// Gets the audit log of a guild, latest entries first.
///
/// Requires View Audit Log. Discord keeps entries for 45 days.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use guestlist_model::AuditAction;
///
/// let log = client.get_audit_log("10".parse()?).action(AuditAction::INVITE_DELETE).await?;
/// for entry in &log.entries {
///     println!("{:?} deleted an invite", entry.user_id);
/// }
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Get Guild Audit Log](https://discord.com/developers/docs/resources/audit-log#get-guild-audit-log).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct GetAuditLog {
    client: Client,
    guild: GuildId,
    action: Option<AuditAction>,
    user: Option<UserId>,
    before: Option<AuditLogEntryId>,
    after: Option<AuditLogEntryId>,
    limit: Option<AuditLogLimit>,
}

impl Client {
    /// Gets the audit log of a guild.
    pub fn get_audit_log(&self, guild: GuildId) -> GetAuditLog {
        GetAuditLog {
            client: self.clone(),
            guild,
            action: None,
            user: None,
            before: None,
            after: None,
            limit: None,
        }
    }
}

impl GetAuditLog {
    /// Requests only entries with this action.
    pub const fn action(mut self, action: AuditAction) -> Self {
        self.action = Some(action);
        self
    }

    /// Requests only actions of this user.
    pub const fn user(mut self, user: UserId) -> Self {
        self.user = Some(user);
        self
    }

    /// Requests only entries before this one.
    pub const fn before(mut self, entry: AuditLogEntryId) -> Self {
        self.before = Some(entry);
        self
    }

    /// Requests only entries after this one, oldest first.
    pub const fn after(mut self, entry: AuditLogEntryId) -> Self {
        self.after = Some(entry);
        self
    }

    /// Sets the maximum number of entries; defaults to 50.
    pub const fn limit(mut self, limit: AuditLogLimit) -> Self {
        self.limit = Some(limit);
        self
    }

    async fn send(self) -> Result<AuditLog, ApiError> {
        let mut path = PathAndQuery::new(format!("guilds/{}/audit-logs", self.guild));
        path.pair_if("action_type", self.action.map(AuditAction::number));
        path.pair_if("user_id", self.user);
        path.pair_if("before", self.before);
        path.pair_if("after", self.after);
        path.pair_if("limit", self.limit);
        decode::model(
            &self.client.send(&Request::get(path.finish())).await?,
            AuditLog::from_slice,
        )
    }
}

into_future!(GetAuditLog => AuditLog);

use crate::{
    ApiError, Client, Done, MaxAge, MaxUses, Reason, TargetUsers, decode,
    transport::{Body, Method, Request},
};
use guestlist_model::{ApplicationId, ChannelId, Invite, InviteFlags, RoleId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Creates an invite to a channel.
///
/// Requires Create Invite in the channel, and Manage Roles for an invite that grants roles. By
/// default, an invite is valid for a day and can be used without limit.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), Box<dyn std::error::Error>> {
/// use guestlist_client::MaxUses;
///
/// let request = client.create_invite("20".parse()?).max_uses(MaxUses::new(1)?);
/// let created = request.reason("for the newcomer".parse()?).await?;
/// if let Some(invite) = created.into_told() {
///     println!("{}", invite.link());
/// }
/// # Ok(())
/// # }
/// ```
///
/// See [Discord Docs/Create Channel Invite](https://discord.com/developers/docs/resources/channel#create-channel-invite).
#[derive(Clone, Debug)]
#[must_use = "a request is sent when it is awaited"]
pub struct CreateInvite {
    client: Client,
    channel: ChannelId,
    fields: Map<String, Value>,
    target_users: Option<TargetUsers>,
    reason: Option<Reason>,
}

/// The roles that an invite grants: at most 250.
///
/// ```
/// use guestlist_client::RoleIds;
/// use guestlist_model::RoleId;
///
/// let role: RoleId = "41771983423143936".parse()?;
/// let roles = RoleIds::try_from(vec![role])?;
/// assert_eq!(roles.as_slice(), [role]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Vec<RoleId>", into = "Vec<RoleId>")]
pub struct RoleIds(Vec<RoleId>);

/// The error for more than 250 roles.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an invite grants at most 250 roles, not {count}")]
#[non_exhaustive]
pub struct TooManyRoles {
    /// The number of roles.
    pub count: usize,
}

impl RoleIds {
    /// The maximum number of roles.
    pub const MAX: usize = 250;

    /// The roles.
    #[must_use]
    pub fn as_slice(&self) -> &[RoleId] {
        &self.0
    }
}

impl From<RoleIds> for Vec<RoleId> {
    fn from(roles: RoleIds) -> Self {
        roles.0
    }
}

impl TryFrom<Vec<RoleId>> for RoleIds {
    type Error = TooManyRoles;

    fn try_from(roles: Vec<RoleId>) -> Result<Self, Self::Error> {
        match roles.len() {
            count if count > Self::MAX => Err(TooManyRoles { count }),
            _ => Ok(Self(roles)),
        }
    }
}

impl Client {
    /// Creates an invite to a channel.
    pub fn create_invite(&self, channel: ChannelId) -> CreateInvite {
        CreateInvite {
            client: self.clone(),
            channel,
            fields: Map::new(),
            target_users: None,
            reason: None,
        }
    }
}

impl CreateInvite {
    fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// Sets how long the invite is valid; defaults to a day.
    pub fn max_age(self, max_age: MaxAge) -> Self {
        self.set("max_age", max_age.as_secs())
    }

    /// Sets how often the invite may be used; defaults to no limit.
    pub fn max_uses(self, max_uses: MaxUses) -> Self {
        self.set("max_uses", max_uses.get())
    }

    /// Sets whether the invite grants temporary membership, which ends when the member
    /// disconnects.
    pub fn temporary(self, temporary: bool) -> Self {
        self.set("temporary", temporary)
    }

    /// Sets whether Discord creates a new invite even if a similar one exists.
    pub fn unique(self, unique: bool) -> Self {
        self.set("unique", unique)
    }

    /// Makes the invite open the stream of a user, who must be streaming in the channel.
    pub fn target_stream(mut self, user: UserId) -> Self {
        self.fields.remove("target_application_id");
        self.set("target_type", 1)
            .set("target_user_id", user.to_string())
    }

    /// Makes the invite open an embedded application (an activity).
    pub fn target_application(mut self, application: ApplicationId) -> Self {
        self.fields.remove("target_user_id");
        self.set("target_type", 2)
            .set("target_application_id", application.to_string())
    }

    /// Sets the roles that members who accept the invite get.
    pub fn role_ids(self, roles: RoleIds) -> Self {
        let roles: Vec<Value> = roles.0.iter().map(|role| role.to_string().into()).collect();
        self.set("role_ids", roles)
    }

    /// Sets the flags. [`InviteFlags::GUEST`] creates a guest invite to a voice channel.
    pub fn flags(self, flags: InviteFlags) -> Self {
        self.set("flags", flags.bits())
    }

    /// Restricts the invite to these users. Discord processes the list in the background;
    /// see [`Client::get_target_users_job`].
    pub fn target_users(mut self, users: TargetUsers) -> Self {
        self.target_users = Some(users);
        self
    }

    /// Sets the reason for the audit log.
    pub fn reason(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    async fn send(self) -> Result<Done<Invite>, ApiError> {
        let path = format!("channels/{}/invites", self.channel);
        // A body is needed, an empty object at least.
        let json = Value::Object(self.fields).to_string().into_bytes();
        let body = match self.target_users {
            Some(users) => Body::TargetUsers {
                json: Some(json),
                csv: users.to_csv().into_bytes(),
            },
            None => Body::Json(json),
        };
        let request = Request::new(Method::Post, path)
            .body(body)
            .reason(self.reason);
        decode::done(&self.client.send(&request).await?, Invite::from_slice)
    }
}

into_future!(CreateInvite => Done<Invite>);

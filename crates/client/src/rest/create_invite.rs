use crate::{
    ApiError, Client, Done, MaxAge, MaxUses, Reason, TargetUsers, decode,
    transport::{Body, Method, Request},
};
use guestlist_model::{ApplicationId, ChannelId, Invite, InviteFlags, RoleId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Creates an invite to a channel.
///
/// Needs Create Invite in the channel, and Manage Roles for an invite that
/// grants roles. Discord decides what is not set: an invite lasts a day and has no limit of uses.
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
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "Vec<RoleId>", into = "Vec<RoleId>")]
pub struct RoleIds(Vec<RoleId>);

/// More than 250 roles.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an invite grants at most 250 roles, not {count}")]
#[non_exhaustive]
pub struct TooManyRoles {
    /// How many there are.
    pub count: usize,
}

impl RoleIds {
    /// The most roles that an invite grants.
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

    /// How long it lives; a day if not set.
    pub fn max_age(self, max_age: MaxAge) -> Self {
        self.set("max_age", max_age.as_secs())
    }

    /// How often it may be used; without limit if not set.
    pub fn max_uses(self, max_uses: MaxUses) -> Self {
        self.set("max_uses", max_uses.get())
    }

    /// Whether it grants membership only until the member disconnects.
    pub fn temporary(self, temporary: bool) -> Self {
        self.set("temporary", temporary)
    }

    /// Whether a new invite is created even if a similar one exists.
    pub fn unique(self, unique: bool) -> Self {
        self.set("unique", unique)
    }

    /// Leads to the stream of a user, who must be streaming in the channel.
    pub fn target_stream(mut self, user: UserId) -> Self {
        self.fields.remove("target_application_id");
        self.set("target_type", 1)
            .set("target_user_id", user.to_string())
    }

    /// Leads to an embedded application (an activity).
    pub fn target_application(mut self, application: ApplicationId) -> Self {
        self.fields.remove("target_user_id");
        self.set("target_type", 2)
            .set("target_application_id", application.to_string())
    }

    /// Grants roles to whoever accepts it.
    pub fn role_ids(self, roles: RoleIds) -> Self {
        let roles: Vec<Value> = roles.0.iter().map(|role| role.to_string().into()).collect();
        self.set("role_ids", roles)
    }

    /// Sets flags; [`InviteFlags::GUEST`] makes an invite to a voice channel
    /// for guests.
    pub fn flags(self, flags: InviteFlags) -> Self {
        self.set("flags", flags.bits())
    }

    /// Lets only these users accept it. Discord processes the list in the
    /// background: see [`Client::get_target_users_job`].
    pub fn target_users(mut self, users: TargetUsers) -> Self {
        self.target_users = Some(users);
        self
    }

    /// Says why, for the audit log.
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

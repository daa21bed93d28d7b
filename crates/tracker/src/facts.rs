//! What the tracker takes from Discord's payloads.

use guestlist_model::{
    ChannelId, Expiry, GuildCreate, GuildId, Invite, InviteCode, InviteFlags, JoinSource, Member,
    MemberFlags, SearchedMember, Timestamp, UserId,
};
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::record::{InviteRecord, InviteState, Join, Observation, Origin, whole};

/// An invite as a list or an event tells it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    code: InviteCode,
    channel: Option<ChannelId>,
    inviter: Option<UserId>,
    inviter_name: Option<String>,
    created_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    max_uses: Option<u64>,
    max_age: Option<u64>,
    temporary: Option<bool>,
    uses: Option<u64>,
    phantom: bool,
    tells_kind: bool,
}

impl Listed {
    pub(crate) fn new(invite: &Invite) -> Self {
        let inviter = invite.inviter();
        Self {
            code: invite.code().clone(),
            channel: invite.channel_id(),
            inviter: invite.inviter_id(),
            inviter_name: inviter
                .map(|user| user.name().to_owned())
                .filter(|name| !name.is_empty()),
            created_at: invite.created_at(),
            expires_at: match invite.expiry() {
                Expiry::At(at) => Some(at),
                Expiry::Never | Expiry::Unknown => None,
            },
            max_uses: invite.max_uses(),
            max_age: invite.max_age(),
            temporary: invite.temporary(),
            uses: invite.uses(),
            phantom: invite.role_ids().next().is_some()
                || invite.flags().contains(InviteFlags::GUEST),
            tells_kind: invite.has("flags") && (invite.has("role_ids") || invite.has("roles")),
        }
    }

    pub(crate) const fn code(&self) -> &InviteCode {
        &self.code
    }

    pub(crate) const fn channel(&self) -> Option<ChannelId> {
        self.channel
    }

    pub(crate) const fn inviter(&self) -> Option<UserId> {
        self.inviter
    }

    pub(crate) const fn created_at(&self) -> Option<Timestamp> {
        self.created_at
    }

    pub(crate) const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    pub(crate) const fn max_uses(&self) -> Option<u64> {
        self.max_uses
    }

    pub(crate) const fn uses(&self) -> Option<u64> {
        self.uses
    }

    /// Whether its count may rise though nobody new came in.
    pub(crate) const fn is_phantom(&self) -> bool {
        self.phantom
    }

    /// Whether it tells all that [`is_phantom`](Self::is_phantom) depends on.
    pub(crate) const fn tells_kind(&self) -> bool {
        self.tells_kind
    }

    pub(crate) fn record(&self, guild: GuildId, observed_at: Timestamp) -> InviteRecord {
        InviteRecord {
            guild,
            code: self.code.clone(),
            channel: self.channel,
            inviter: self.inviter,
            inviter_name: self.inviter_name.clone(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            max_uses: self.max_uses,
            max_age: self.max_age,
            temporary: self.temporary,
            uses: self.uses,
            state: InviteState::Active,
            ended_at: None,
            ended_by: None,
            observed_at,
        }
    }
}

/// A guild as an event tells it.
pub(crate) struct GuildFacts {
    unavailable: bool,
    vanity_code: Option<InviteCode>,
    joined_at: Option<Timestamp>,
    members: Option<u64>,
}

impl GuildFacts {
    pub(crate) fn new(guild: &GuildCreate) -> Self {
        Self {
            unavailable: guild.unavailable,
            vanity_code: vanity_code(guild).flatten(),
            joined_at: guild.joined_at,
            members: guild.member_count,
        }
    }

    /// How many members there are.
    pub(crate) const fn members(&self) -> Option<u64> {
        self.members
    }

    /// When the bot joined.
    pub(crate) const fn joined_at(&self) -> Option<Timestamp> {
        self.joined_at
    }

    pub(crate) const fn is_unavailable(&self) -> bool {
        self.unavailable
    }

    pub(crate) fn into_vanity_code(self) -> Option<InviteCode> {
        self.vanity_code
    }
}

/// The vanity code, if the event tells whether there is one.
pub(crate) fn vanity_code(guild: &GuildCreate) -> Option<Option<InviteCode>> {
    use guestlist_model::Field;
    match &guild.vanity_url_code {
        Field::Absent => None,
        Field::Null => Some(None),
        Field::Value(code) => Some(code.parse().ok()),
    }
}

/// A join as an event or a search tells it.
#[derive(Debug)]
pub(crate) struct JoinFacts {
    user: UserId,
    joined_at: Timestamp,
    name: Option<String>,
    bot: bool,
    pending: bool,
    rejoined: Option<bool>,
    guest: bool,
    observed_by: Observation,
}

impl JoinFacts {
    /// `None` if Discord does not tell when the member joined, as of some guests.
    pub(crate) fn new(member: &Member, observed_by: Observation) -> Option<Self> {
        let name = member.user.name();
        Some(Self {
            user: member.user.id(),
            joined_at: member.joined_at?,
            name: (!name.is_empty()).then(|| name.to_owned()),
            bot: member.user.is_bot(),
            pending: member.pending,
            rejoined: Some(member.flags.contains(MemberFlags::DID_REJOIN)),
            guest: member.flags.contains(MemberFlags::IS_GUEST),
            observed_by,
        })
    }

    pub(crate) const fn user(&self) -> UserId {
        self.user
    }

    /// When, as precisely as joins are distinguished. See [`JoinKey`](crate::JoinKey).
    pub(crate) const fn joined_at(&self) -> Timestamp {
        whole(self.joined_at)
    }

    /// When, as precisely as it was told.
    pub(crate) const fn told_joined_at(&self) -> Timestamp {
        self.joined_at
    }

    pub(crate) const fn is_bot(&self) -> bool {
        self.bot
    }

    /// Whether the member had been here before.
    pub(crate) const fn is_rejoin(&self) -> bool {
        matches!(self.rejoined, Some(true))
    }

    /// Whether it was found after a gap.
    pub(crate) fn was_caught_up(&self) -> bool {
        self.observed_by == Observation::CatchUp
    }

    /// Adds what is told to a record.
    pub(crate) fn into_record(self, mut record: Join) -> Join {
        record.joined_at = self.joined_at;
        record.name = self.name;
        record.bot = self.bot;
        record.pending = self.pending;
        record.rejoined = self.rejoined;
        record.guest = self.guest;
        record.observed_by = self.observed_by;
        record
    }
}

/// What a search says of how a member came in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Finding {
    #[serde(rename = "s", with = "source")]
    source: JoinSource,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    code: Option<InviteCode>,
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    inviter: Option<UserId>,
}

/// A source, by Discord's number for it.
mod source {
    use guestlist_model::JoinSource;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(source: &JoinSource, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(source.number())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<JoinSource, D::Error> {
        i64::deserialize(from).map(JoinSource::from)
    }
}

impl Finding {
    pub(crate) fn new(member: &SearchedMember) -> Self {
        Self {
            source: member.joined.source,
            code: member.joined.code.clone(),
            inviter: member.joined.inviter_id,
        }
    }

    /// The code that Discord names, if it names one.
    pub(crate) const fn code(&self) -> Option<&InviteCode> {
        self.code.as_ref()
    }

    /// What it proves.
    pub(crate) fn evidence(&self) -> Evidence {
        Evidence::MembersSearch {
            join_source_type: number(self.source),
            code: self.code.clone(),
            inviter: self.inviter,
        }
    }

    /// The origin, if what is found is enough. `is_vanity` knows the guild's vanity codes.
    pub(crate) fn origin(
        &self,
        is_vanity: impl FnOnce(&InviteCode) -> bool,
        vanity: Option<&InviteCode>,
    ) -> Option<Origin> {
        Some(match self.source {
            JoinSource::Unspecified => return None,
            JoinSource::Bot => Origin::Bot {
                added_by: self.inviter,
            },
            JoinSource::Integration => Origin::Integration,
            JoinSource::Discovery => Origin::Discovery,
            JoinSource::Hub => Origin::Hub,
            JoinSource::ManualVerification => Origin::ManualVerification,
            JoinSource::LinkedLobby => Origin::LinkedLobby,
            JoinSource::Vanity => Origin::Vanity {
                code: self.code.clone().or_else(|| vanity.cloned()),
            },
            JoinSource::Invite => {
                // An invite without a code could be any, the vanity link included.
                let code = self.code.clone()?;
                if is_vanity(&code) {
                    Origin::Vanity { code: Some(code) }
                } else {
                    Origin::Invite {
                        code,
                        inviter: self.inviter,
                        channel: None,
                    }
                }
            }
            other => Origin::Other {
                join_source_type: number(other),
            },
        })
    }
}

fn number(source: JoinSource) -> u64 {
    u64::try_from(source.number()).unwrap_or(0)
}

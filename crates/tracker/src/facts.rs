//! What the tracker takes from Discord's payloads.

use guestlist_model::{
    ChannelId, Expiry, GuildCreate, GuildId, Invite, InviteCode, InviteFlags, JoinSource, Member,
    MemberFlags, SearchedMember, Timestamp, UserId,
};

use crate::record::{InviteRecord, InviteState, Observation, Origin};

/// An invite as a list or an event tells it.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) code: InviteCode,
    pub(crate) channel: Option<ChannelId>,
    pub(crate) inviter: Option<UserId>,
    inviter_name: Option<String>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) max_uses: Option<u64>,
    max_age: Option<u64>,
    temporary: Option<bool>,
    pub(crate) uses: Option<u64>,
    /// Whether its count may rise though nobody new came in.
    pub(crate) phantom: bool,
    /// Whether it tells all that `phantom` depends on.
    pub(crate) tells_kind: bool,
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
    pub(crate) unavailable: bool,
    pub(crate) vanity_code: Option<InviteCode>,
}

impl GuildFacts {
    pub(crate) fn new(guild: &GuildCreate) -> Self {
        Self {
            unavailable: guild.unavailable,
            vanity_code: vanity_code(guild).flatten(),
        }
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
pub(crate) struct JoinFacts {
    pub(crate) user: UserId,
    pub(crate) joined_at: Timestamp,
    pub(crate) name: Option<String>,
    pub(crate) bot: bool,
    pub(crate) pending: bool,
    pub(crate) rejoined: Option<bool>,
    pub(crate) guest: bool,
    pub(crate) observed_by: Observation,
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
}

/// What a search says of how a member came in.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) source: u64,
    pub(crate) code: Option<InviteCode>,
    pub(crate) inviter: Option<UserId>,
    kind: JoinSource,
}

impl Told {
    pub(crate) fn new(member: &SearchedMember) -> Self {
        Self {
            source: u64::try_from(member.joined.source.number()).unwrap_or(0),
            code: member.joined.code.clone(),
            inviter: member.joined.inviter_id,
            kind: member.joined.source,
        }
    }

    /// The origin, if what is told is enough. `is_vanity` knows the guild's vanity codes.
    pub(crate) fn origin(
        &self,
        is_vanity: impl FnOnce(&InviteCode) -> bool,
        vanity: Option<&InviteCode>,
    ) -> Option<Origin> {
        Some(match self.kind {
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
                join_source_type: u64::try_from(other.number()).unwrap_or(0),
            },
        })
    }
}

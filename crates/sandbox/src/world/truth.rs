//! What really happened, for scoring those who have to find out.

use super::{Ending, Micros, Via, World};

/// A join as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrueJoin {
    /// Into which guild.
    pub guild_id: u64,
    /// Who.
    pub user_id: u64,
    /// When.
    pub joined_at: Micros,
    /// How.
    pub via: Via,
    /// Through which code: an invite's or the vanity one.
    pub code: Option<String>,
    /// Who made the invite, or added the bot.
    pub inviter_id: Option<u64>,
    /// Whether a bot came.
    pub bot: bool,
    /// Whether it is a guest, who never becomes a member.
    pub guest: bool,
    /// When the member left again.
    pub left_at: Option<Micros>,
}

/// An invite as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrueInvite {
    /// To which guild.
    pub guild_id: u64,
    /// Its code.
    pub code: String,
    /// To which channel.
    pub channel_id: u64,
    /// Whose.
    pub inviter_id: Option<u64>,
    /// When it was made.
    pub created_at: Micros,
    /// Its limit, 0 for none.
    pub max_uses: u32,
    /// Its life in seconds, 0 for ever.
    pub max_age: u32,
    /// How often it was used.
    pub uses: u32,
    /// How it ended; `None` while it lives.
    pub ending: Option<Ending>,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// Who revoked it.
    pub ended_by: Option<u64>,
}

impl World {
    /// Every join since the world began, in order. Members of the first day
    /// are not among them.
    #[must_use]
    pub fn true_joins(&self) -> &[TrueJoin] {
        &self.truth
    }

    /// Every invite that is or was, by guild; ended ones first.
    #[must_use]
    pub fn true_invites(&self) -> Vec<TrueInvite> {
        let tell = |guild_id, invite: &super::Invite| TrueInvite {
            guild_id,
            code: invite.code.clone(),
            channel_id: invite.channel_id,
            inviter_id: invite.inviter.as_ref().map(|user| user.id),
            created_at: invite.created_at,
            max_uses: invite.max_uses,
            max_age: invite.max_age,
            uses: invite.uses,
            ending: None,
            ended_at: None,
            ended_by: None,
        };
        let mut all = Vec::new();
        for guild in self.guilds.values() {
            all.extend(guild.ended.iter().map(|ended| TrueInvite {
                ending: Some(ended.ending),
                ended_at: Some(ended.at),
                ended_by: ended.by,
                ..tell(guild.id, &ended.invite)
            }));
            all.extend(guild.invites.values().map(|invite| tell(guild.id, invite)));
        }
        all
    }
}

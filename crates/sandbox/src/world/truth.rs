//! What really happened, for scoring those who have to find out.

use super::{EndedInvite, Ending, Invite, Micros, Via, World};

/// The truth about a join.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrueJoin {
    /// The guild.
    pub guild_id: u64,
    /// The user.
    pub user_id: u64,
    /// When the user joined.
    pub joined_at: Micros,
    /// How the user joined.
    pub via: Via,
    /// The code of the invite or the vanity link.
    pub code: Option<String>,
    /// The user who created the invite or added the bot.
    pub inviter_id: Option<u64>,
    /// Whether it is a bot.
    pub bot: bool,
    /// Whether it is a guest, who never becomes a member.
    pub guest: bool,
    /// When the user left.
    pub left_at: Option<Micros>,
}

/// The truth about an invite.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrueInvite {
    /// The guild.
    pub guild_id: u64,
    /// The code.
    pub code: String,
    /// The channel.
    pub channel_id: u64,
    /// The user who created it.
    pub inviter_id: Option<u64>,
    /// When it was created.
    pub created_at: Micros,
    /// How often it can be used; 0 means without limit.
    pub max_uses: u32,
    /// For how many seconds it is valid; 0 means forever.
    pub max_age: u32,
    /// How often it was used.
    pub uses: u32,
    /// How it ended; `None` while it is valid.
    pub ending: Option<Ending>,
    /// When it ended.
    pub ended_at: Option<Micros>,
    /// The user who deleted it.
    pub ended_by: Option<u64>,
}

impl World {
    /// Every join since the world began, in order. Members of the first day
    /// are not among them.
    #[must_use]
    pub fn true_joins(&self) -> &[TrueJoin] {
        &self.truth
    }

    /// Every invite that exists or existed, by guild, in the order of creation.
    #[must_use]
    pub fn true_invites(&self) -> Vec<TrueInvite> {
        let (all, _) = self.true_invites_after(None, None, usize::MAX);
        all.into_iter().map(|(_, invite)| invite).collect()
    }

    /// Some of [`World::true_invites`]: of one guild or of all, those that come after this key, and
    /// whether there are more. An invite keeps its place when it ends.
    #[must_use]
    pub fn true_invites_after(
        &self,
        guild: Option<u64>,
        after: Option<&InviteKey>,
        limit: usize,
    ) -> (Vec<(InviteKey, TrueInvite)>, bool) {
        let first = guild.or_else(|| after.map(|key| key.guild_id));
        let last = guild.unwrap_or(u64::MAX);
        let mut found = Vec::new();
        for guild in self.guilds.range(first.unwrap_or(0)..=last).map(|it| it.1) {
            let ended = guild.ended.iter().map(|ended| (&ended.invite, Some(ended)));
            let living = guild.invites.values().map(|invite| (invite, None));
            let mut all: Vec<_> = ended
                .chain(living)
                .filter(|(invite, _)| {
                    let key = (guild.id, invite.created_at, invite.code.as_str());
                    after.is_none_or(|after| {
                        key > (after.guild_id, after.created_at, after.code.as_str())
                    })
                })
                .collect();
            all.sort_by_key(|(invite, _)| (invite.created_at, invite.code.as_str()));
            for (invite, ended) in all {
                if found.len() == limit {
                    return (found, true);
                }
                let key = InviteKey {
                    guild_id: guild.id,
                    created_at: invite.created_at,
                    code: invite.code.clone(),
                };
                found.push((key, tell(guild.id, invite, ended)));
            }
        }
        (found, false)
    }
}

/// The key of an invite, which gives it its place among all others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InviteKey {
    /// The guild.
    pub guild_id: u64,
    /// When it was created.
    pub created_at: Micros,
    /// The code.
    pub code: String,
}

fn tell(guild_id: u64, invite: &Invite, ended: Option<&EndedInvite>) -> TrueInvite {
    TrueInvite {
        guild_id,
        code: invite.code.clone(),
        channel_id: invite.channel_id,
        inviter_id: invite.inviter.as_ref().map(|user| user.id),
        created_at: invite.created_at,
        max_uses: invite.max_uses,
        max_age: invite.max_age,
        uses: invite.uses,
        ending: ended.map(|ended| ended.ending),
        ended_at: ended.map(|ended| ended.at),
        ended_by: ended.and_then(|ended| ended.by),
    }
}

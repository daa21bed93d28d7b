//! Voice channels: who is in which. Nothing is heard there.

use super::{Effect, EventKind, MEMBER_IS_GUEST, Refusal, World};

impl World {
    /// Lets a member enter a voice or stage channel, or change to another one.
    ///
    /// A guest may only enter the channel that the invite led to.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`], [`Refusal::UnknownChannel`],
    /// [`Refusal::Invalid`] for a channel without voice, or another one than the guest's.
    pub fn join_voice(
        &mut self,
        guild_id: u64,
        user_id: u64,
        channel_id: u64,
    ) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let member = guild
            .members
            .get(&user_id)
            .ok_or(Refusal::NotAMember(user_id))?;
        let channel = guild
            .channels
            .get(&channel_id)
            .ok_or(Refusal::UnknownChannel(channel_id))?;
        let invalid = |problem| Refusal::Invalid {
            field: "channel_id",
            problem,
        };
        if !channel.has_voice() {
            return Err(invalid("not a voice or stage channel"));
        }
        if member.guest_of.is_some_and(|only| only != channel_id) {
            return Err(invalid("a guest may only enter the invite's channel"));
        }
        let state = EventKind::VoiceState(Box::new(member.clone()), Some(channel_id));
        guild.voice.insert(user_id, channel_id);
        let mut effects = Vec::new();
        self.emit(guild_id, state, &mut effects);
        Ok(effects)
    }

    /// Lets a member leave the voice channel. A guest leaves the guild, too.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::NotAMember`].
    pub fn leave_voice(&mut self, guild_id: u64, user_id: u64) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let member = guild
            .members
            .get(&user_id)
            .ok_or(Refusal::NotAMember(user_id))?;
        if !guild.voice.contains_key(&user_id) {
            return Ok(Vec::new());
        }
        if member.flags & MEMBER_IS_GUEST != 0 {
            return self.leave(guild_id, user_id);
        }
        let mut effects = Vec::new();
        self.hang_up(guild_id, user_id, &mut effects);
        Ok(effects)
    }

    /// Ends the voice state of a member, if there is one.
    pub(super) fn hang_up(&mut self, guild_id: u64, user_id: u64, effects: &mut Vec<Effect>) {
        let Some(guild) = self.guild_mut(guild_id) else {
            return;
        };
        if guild.voice.remove(&user_id).is_none() {
            return;
        }
        if let Some(member) = guild.members.get(&user_id).cloned() {
            let state = EventKind::VoiceState(Box::new(member), None);
            self.emit(guild_id, state, effects);
        }
    }
}

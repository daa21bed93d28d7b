//! `POST /webhooks/{application_id}/{interaction_token}`: more to say about an interaction.

use super::{Answer, ApiError, Call, Reply, create_message};
use crate::json;

pub(super) fn create_followup(call: &mut Call<'_>) -> Answer {
    let interaction = call.answered_interaction()?;
    let text = create_message::read_message(call)?;
    let Answered {
        bot, channel, id, ..
    } = interaction;
    let written = call.world.write_message(bot, channel, text, Some(id));
    let (message, effects) = written.map_err(|_| ApiError::unknown_channel())?;
    Ok(Reply::ok(json::message(call.world, &message)).with(effects))
}

/// An interaction that was answered.
pub(super) struct Answered {
    bot: u64,
    channel: u64,
    id: u64,
    /// The message that answers it.
    pub(super) original: Option<u64>,
}

impl Call<'_> {
    /// The interaction whose token is in the path, once it was answered. The token says which bot
    /// it is.
    pub(super) fn answered_interaction(&self) -> Result<Answered, ApiError> {
        let bot = self.id(0, "webhook_id")?;
        let interaction = self.world.interaction(self.part(1));
        let interaction = interaction
            .filter(|it| it.answered.is_some() && it.command.application_id == bot)
            .ok_or_else(ApiError::unknown_webhook)?;
        Ok(Answered {
            bot,
            channel: interaction.channel_id,
            id: interaction.id,
            original: interaction.original,
        })
    }
}

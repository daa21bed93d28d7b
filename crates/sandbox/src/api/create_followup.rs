//! `POST /webhooks/{application_id}/{interaction_token}`: more to say about an interaction.

use super::{Answer, ApiError, Call, Reply, create_message};
use crate::json;

pub(super) fn create_followup(call: &mut Call<'_>) -> Answer {
    let interaction = call.answered_interaction()?;
    let text = create_message::read_message(call)?;
    let (channel, id) = (interaction.0, interaction.1);
    let written = call.world.write_message(channel, text, Some(id));
    let (message, effects) = written.map_err(|_| ApiError::unknown_channel())?;
    Ok(Reply::ok(json::message(call.world, &message)).with(effects))
}

impl Call<'_> {
    /// Channel, id and first message of the interaction whose token is in the path.
    pub(super) fn answered_interaction(&self) -> Result<(u64, u64, Option<u64>), ApiError> {
        if self.id(0, "webhook_id")? != self.world.bot().id {
            return Err(ApiError::unknown_webhook());
        }
        let interaction = self.world.interaction(self.part(1));
        let interaction = interaction
            .filter(|it| it.answered.is_some())
            .ok_or_else(ApiError::unknown_webhook)?;
        Ok((interaction.channel_id, interaction.id, interaction.original))
    }
}

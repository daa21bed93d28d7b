//! Finding the invite whose answer was lost.

use guestlist::client::{AuditLogLimit, Client, MaxUses};
use guestlist::model::{AuditAction, AuditLog, ChannelId, Invite, Timestamp};

use super::journal::{Journal, Made};
use crate::error::CliError;

/// What the lost invite is like.
pub(super) struct Lost<'a> {
    /// The channel it leads to.
    pub(super) channel: ChannelId,
    /// Names the order in the audit log.
    pub(super) tag: &'a str,
    /// How often it may be used.
    pub(super) max_uses: MaxUses,
}

impl Lost<'_> {
    /// Looks for it: in the audit log, which knows it by the order's tag even when it
    /// was used up since, and in the channel's list.
    ///
    /// Only what the log says counts, not what it leaves out: a log that is empty, late
    /// or cut short says nothing against an invite that is in the list.
    pub(super) async fn find(
        &self,
        client: &Client,
        journal: &Journal,
    ) -> Result<Option<Made>, CliError> {
        let listed = client.list_channel_invites(self.channel).await;
        let guild = match &listed {
            Ok(list) => list.invites.iter().find_map(Invite::guild_id),
            Err(_) => None,
        };
        let guild = match guild {
            Some(guild) => Some(guild),
            None => client.get_channel(self.channel).await?.guild_id,
        };
        let log = match guild {
            Some(guild) => {
                let asked = client
                    .get_audit_log(guild)
                    .action(AuditAction::INVITE_CREATE);
                asked.limit(AuditLogLimit::MAX).await.ok()
            }
            None => None,
        };
        let named = log.as_ref().map(|log| self.named(log));
        if let Some(found) = named.iter().flatten().find(|it| it.is_lost(journal)) {
            let listed = listed.iter().flat_map(|list| &list.invites);
            let invite = listed
                .into_iter()
                .find(|it| it.code().as_str() == found.code);
            return Ok(Some(
                invite.map_or_else(|| Made::known(&found.code), Made::of),
            ));
        }
        let list = match (listed, &named) {
            (Ok(list), _) => list,
            // Without the list, the log decides, if it knows what was made before.
            (Err(_), Some(named)) if knows_the_last(named, journal) => return Ok(None),
            (Err(error), _) => return Err(error.into()),
        };
        let me = client.get_current_user().await?.id();
        let since = not_before(journal);
        let mut invites = list.invites.iter();
        let lost = invites.find(|invite| {
            let code = invite.code().as_str();
            let of_another = named.iter().flatten().any(|it| it.code == code);
            invite.inviter_id() == Some(me)
                && invite.created_at().is_some_and(|at| at >= since)
                && invite
                    .max_uses()
                    .is_none_or(|uses| uses == u64::from(self.max_uses.get()))
                && !of_another
                && !journal.has(code)
        });
        Ok(lost.map(Made::of))
    }

    fn named(&self, log: &AuditLog) -> Vec<Named> {
        log.entries
            .iter()
            .filter_map(|entry| {
                let reason = entry.reason.as_deref();
                Some(Named {
                    code: entry.invite_change()?.code?.to_string(),
                    ours: reason.is_some_and(|reason| reason.contains(self.tag)),
                })
            })
            .collect()
    }
}

/// An invite that the audit log names.
struct Named {
    code: String,
    /// Whether its reason has the order's tag.
    ours: bool,
}

impl Named {
    fn is_lost(&self, journal: &Journal) -> bool {
        self.ours && !journal.has(&self.code)
    }
}

/// Whether the log has the invite made last, if there is one.
fn knows_the_last(named: &[Named], journal: &Journal) -> bool {
    let mut named = named.iter();
    journal
        .made
        .last()
        .is_none_or(|last| named.any(|it| it.ours && it.code == last.code))
}

/// The earliest moment, by Discord's clock, at which the lost invite can have
/// been made: after the one before it or, for the first, after the order with
/// an hour to spare for clocks that differ.
fn not_before(journal: &Journal) -> Timestamp {
    const HOUR: i64 = 3_600_000_000;
    journal
        .made
        .iter()
        .rev()
        .find_map(|made| Timestamp::parse(made.created_at.as_deref()?).ok())
        .unwrap_or_else(|| Timestamp::from_micros(journal.order.began.saturating_sub(HOUR)))
}

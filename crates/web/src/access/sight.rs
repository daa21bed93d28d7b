//! Which servers somebody may see.

use std::{collections::BTreeSet, sync::Arc};

use guestlist_client::{GuildSummary, Permissions};
use guestlist_model::GuildId;

/// Which servers somebody may see. By default, none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sight {
    /// All of the ledger: who has the token, or where none is needed.
    All,
    /// Those that somebody manages.
    Only(Arc<BTreeSet<GuildId>>),
}

impl Default for Sight {
    fn default() -> Self {
        Self::Only(Arc::default())
    }
}

impl Sight {
    /// Whether a server may be seen.
    pub(crate) fn sees(&self, guild: GuildId) -> bool {
        match self {
            Self::All => true,
            Self::Only(guilds) => guilds.contains(&guild),
        }
    }

    /// Whether everything may be seen.
    pub(crate) const fn is_all(&self) -> bool {
        matches!(self, Self::All)
    }
}

/// The servers that somebody manages: they own it, or have Manage Server or Administrator.
pub(super) fn managed(guilds: &[GuildSummary]) -> Arc<BTreeSet<GuildId>> {
    let any = Permissions::MANAGE_GUILD | Permissions::ADMINISTRATOR;
    let manages =
        |it: &&GuildSummary| it.owner || it.permissions.is_some_and(|own| own.intersects(any));
    let ids = guilds.iter().filter(manages).map(|it| it.id);
    Arc::new(ids.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_managers_and_administrators_see_a_server() {
        let guilds: Vec<GuildSummary> = serde_json::from_str(
            r#"[
                {"id": "1", "name": "owned", "owner": true, "permissions": "0"},
                {"id": "2", "name": "managed", "owner": false, "permissions": "32"},
                {"id": "3", "name": "administered", "owner": false, "permissions": "8"},
                {"id": "4", "name": "channels alone", "owner": false, "permissions": "2147483607"},
                {"id": "5", "name": "a member", "owner": false, "permissions": "2048"},
                {"id": "6", "name": "not told", "owner": false}
            ]"#,
        )
        .unwrap();
        // Every bit but Manage Server and Administrator.
        assert_eq!(2_147_483_607_u64 & (32 | 8), 0);
        let seen: Vec<String> = managed(&guilds).iter().map(ToString::to_string).collect();
        assert_eq!(seen, ["1", "2", "3"]);
        assert!(!Sight::default().sees("1".parse().unwrap()));
    }
}

//! Ledgers that wrap another one.

/// Implements methods of [`Reports`](crate::Reports) by calling another ledger. Use it for a
/// ledger that wraps another one and changes only some methods.
///
/// List every method that you do not implement yourself. A method that you neither implement
/// nor list uses its default implementation, if [`Reports`](crate::Reports) has one.
///
/// ```
/// use guestlist_ledger::{Answer, GuildRow, Reports, hand_through};
///
/// /// A ledger that reports no guilds.
/// struct Discreet<L>(L);
///
/// impl<L: Reports> Reports for Discreet<L> {
///     fn guilds(&self) -> Answer<'_, Vec<GuildRow>> {
///         Box::pin(async { Ok(Vec::new()) })
///     }
///
///     hand_through!(self => self.0;
///         joins, join, attribution_history, inviters, invites, guild_names, totals, series, gaps,
///         changes, labels, facts, names, retention, inviter_profiles, bursts, tree, accuracy,
///         latest);
/// }
/// ```
#[macro_export]
macro_rules! hand_through {
    ($this:ident => $to:expr; $($method:ident),+ $(,)?) => {
        $($crate::hand_through!(@$method $this $to);)+
    };
    (@joins $this:ident $to:expr) => {
        fn joins<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
            page: $crate::Page,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::JoinRow>> {
            $to.joins(scope, page)
        }
    };
    (@join $this:ident $to:expr) => {
        fn join<'a>(
            &'a $this,
            key: &'a $crate::told::JoinKey,
        ) -> $crate::Answer<'a, ::std::option::Option<$crate::JoinRow>> {
            $to.join(key)
        }
    };
    (@attribution_history $this:ident $to:expr) => {
        fn attribution_history<'a>(
            &'a $this,
            key: &'a $crate::told::JoinKey,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::told::Attribution>> {
            $to.attribution_history(key)
        }
    };
    (@inviters $this:ident $to:expr) => {
        fn inviters<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
            limit: ::std::option::Option<u32>,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::InviterRow>> {
            $to.inviters(scope, limit)
        }
    };
    (@invites $this:ident $to:expr) => {
        fn invites<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
            status: $crate::InviteStatus,
            limit: ::std::option::Option<u32>,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::InviteRow>> {
            $to.invites(scope, status, limit)
        }
    };
    (@guilds $this:ident $to:expr) => {
        fn guilds(&$this) -> $crate::Answer<'_, ::std::vec::Vec<$crate::GuildRow>> {
            $to.guilds()
        }
    };
    (@guild_names $this:ident $to:expr) => {
        fn guild_names(
            &$this,
        ) -> $crate::Answer<
            '_,
            ::std::vec::Vec<(
                $crate::told::GuildId,
                ::std::option::Option<::std::string::String>,
            )>,
        > {
            $to.guild_names()
        }
    };
    (@totals $this:ident $to:expr) => {
        fn totals<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
        ) -> $crate::Answer<'a, $crate::Totals> {
            $to.totals(scope)
        }
    };
    (@series $this:ident $to:expr) => {
        fn series<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
            bucket: $crate::Bucket,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::SeriesRow>> {
            $to.series(scope, bucket)
        }
    };
    (@gaps $this:ident $to:expr) => {
        fn gaps<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::GapRow>> {
            $to.gaps(scope)
        }
    };
    (@changes $this:ident $to:expr) => {
        fn changes<'a>(
            &'a $this,
            after: $crate::Cursor,
            filter: &'a $crate::ChangeFilter,
            limit: u32,
        ) -> $crate::Answer<'a, $crate::Changes> {
            $to.changes(after, filter, limit)
        }
    };
    (@labels $this:ident $to:expr) => {
        fn labels<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::LabelRow>> {
            $to.labels(scope)
        }
    };
    (@facts $this:ident $to:expr) => {
        fn facts<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
            page: $crate::Page,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::JoinFact>> {
            $to.facts(scope, page)
        }
    };
    (@names $this:ident $to:expr) => {
        fn names<'a>(
            &'a $this,
            users: &'a [$crate::told::UserId],
        ) -> $crate::Answer<
            'a,
            ::std::collections::BTreeMap<$crate::told::UserId, ::std::string::String>,
        > {
            $to.names(users)
        }
    };
    (@retention $this:ident $to:expr) => {
        fn retention<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
            question: &'a $crate::RetentionQuestion,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::RetentionRow>> {
            $to.retention(scope, question)
        }
    };
    (@inviter_profiles $this:ident $to:expr) => {
        fn inviter_profiles<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
            limits: &'a $crate::ProfileLimits,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::InviterProfile>> {
            $to.inviter_profiles(scope, limits)
        }
    };
    (@bursts $this:ident $to:expr) => {
        fn bursts<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
            limits: &'a $crate::BurstLimits,
        ) -> $crate::Answer<'a, ::std::vec::Vec<$crate::Burst>> {
            $to.bursts(scope, limits)
        }
    };
    (@tree $this:ident $to:expr) => {
        fn tree<'a>(
            &'a $this,
            question: &'a $crate::TreeQuestion,
        ) -> $crate::Answer<'a, $crate::TreePage> {
            $to.tree(question)
        }
    };
    (@accuracy $this:ident $to:expr) => {
        fn accuracy<'a>(
            &'a $this,
            scope: &'a $crate::Scope,
        ) -> $crate::Answer<'a, $crate::Accuracy> {
            $to.accuracy(scope)
        }
    };
    (@latest $this:ident $to:expr) => {
        fn latest(&$this) -> $crate::Answer<'_, $crate::Cursor> {
            $to.latest()
        }
    };
}

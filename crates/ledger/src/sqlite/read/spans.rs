//! Which part of a time is counted already, and which has to be looked at.

use guestlist_model::Timestamp;

use crate::{Bucket, Scope};

/// Microseconds of an hour.
pub(super) const HOUR: i64 = 3_600_000_000;
pub(super) const DAY: i64 = 24 * HOUR;

/// A part of a time. Ends that are open are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Of which width the counts are, in hours; none if joins have to be looked at. Zero is
    /// all time.
    pub(super) counts: Option<i64>,
    /// From here on, in microseconds.
    pub(super) from: Option<i64>,
    /// Before this.
    pub(super) to: Option<i64>,
}

/// Whether counts know what this scope asks for, but for its time.
fn is_counted(scope: &Scope) -> bool {
    let mut rest = scope.clone();
    (rest.guild, rest.certainty, rest.origin) = (None, None, None);
    (rest.since, rest.until) = (None, None);
    rest == Scope::new()
}

/// The parts of a scope's time, such that no part of what is counted is in two buckets; with
/// no bucket, everything is in one.
pub(super) fn spans(scope: &Scope, bucket: Option<Bucket>) -> Vec<Span> {
    let from = scope.since.map(Timestamp::as_micros);
    let to = scope.until.map(Timestamp::as_micros);
    let rows = Span {
        counts: None,
        from,
        to,
    };
    if !is_counted(scope) {
        return vec![rows];
    }
    if bucket.is_none() && scope.guild.is_some() && from.is_none() && to.is_none() {
        let counts = Some(0);
        return vec![Span { counts, ..rows }];
    }
    let fits = |width: &i64| {
        bucket.is_none_or(|bucket| bucket.micros() % width == 0 && bucket.origin() % width == 0)
    };
    // Only all guilds together have hours.
    let widths: &[i64] = if scope.guild.is_some() {
        &[DAY]
    } else {
        &[DAY, HOUR]
    };
    let widths: Vec<i64> = widths.iter().copied().filter(fits).collect();
    divide(rows, &widths)
}

/// The parts of a scope's time of which days are counted whole, where nothing but the guild and
/// the time is asked for.
pub(super) fn days(scope: &Scope) -> Vec<Span> {
    let rows = Span {
        counts: None,
        from: scope.since.map(Timestamp::as_micros),
        to: scope.until.map(Timestamp::as_micros),
    };
    let mut rest = scope.clone().timeless();
    (rest.guild, rest.certainty) = (None, None);
    match rest == Scope::new() {
        true => divide(rows, &[DAY]),
        false => vec![rows],
    }
}

/// Takes what the widest counts know out of the middle; the rest at both ends is left to the
/// narrower ones.
fn divide(span: Span, widths: &[i64]) -> Vec<Span> {
    let Some((width, narrower)) = widths.split_first() else {
        return vec![span];
    };
    let up = |at: i64| {
        at.checked_add(width - 1)
            .map(|at| at - at.rem_euclid(*width))
    };
    let down = |at: i64| at - at.rem_euclid(*width);
    let (Some(from), Some(to)) = (
        span.from.map_or(Some(i64::MIN), up),
        span.to.map_or(Some(i64::MAX), |at| Some(down(at))),
    ) else {
        return divide(span, narrower);
    };
    if from >= to {
        return divide(span, narrower);
    }
    let middle = Span {
        counts: Some(width / HOUR),
        from: span.from.map(|_| from),
        to: span.to.map(|_| to),
    };
    let mut spans = vec![middle];
    if let Some(at) = span.from.filter(|at| *at < from) {
        let before = Span {
            from: Some(at),
            to: Some(from),
            ..span
        };
        spans.extend(divide(before, narrower));
    }
    if let Some(at) = span.to.filter(|at| *at > to) {
        let after = Span {
            from: Some(to),
            to: Some(at),
            ..span
        };
        spans.extend(divide(after, narrower));
    }
    spans
}

#[cfg(test)]
mod tests {
    use guestlist_model::Id;

    use super::*;

    fn hours(hour: i64) -> Timestamp {
        Timestamp::from_micros(hour * HOUR)
    }

    fn of(scope: &Scope, bucket: Option<Bucket>) -> Vec<(Option<i64>, Option<i64>, Option<i64>)> {
        let mut spans: Vec<_> = spans(scope, bucket)
            .iter()
            .map(|it| {
                (
                    it.counts,
                    it.from.map(|at| at / HOUR),
                    it.to.map(|at| at / HOUR),
                )
            })
            .collect();
        spans.sort_by_key(|span| span.1);
        spans
    }

    #[test]
    fn whole_spans_are_counted_and_the_ends_are_looked_at() {
        let all = Scope::new().since(hours(5)).until(hours(75));
        let expected = [
            (Some(1), Some(5), Some(24)),
            (Some(24), Some(24), Some(72)),
            (Some(1), Some(72), Some(75)),
        ];
        assert_eq!(of(&all, None), expected);
        let one = all.clone().guild(Id::new_checked(1).unwrap());
        let expected = [
            (None, Some(5), Some(24)),
            (Some(24), Some(24), Some(72)),
            (None, Some(72), Some(75)),
        ];
        assert_eq!(of(&one, None), expected);
        assert_eq!(of(&one, Some(Bucket::HOUR)), [(None, Some(5), Some(75))]);
        assert_eq!(of(&all, Some(Bucket::HOUR)), [(Some(1), Some(5), Some(75))]);
        let minute = Timestamp::from_secs(60);
        assert_eq!(
            of(&all, Some(Bucket::HOUR.from(minute))),
            [(None, Some(5), Some(75))]
        );
    }

    #[test]
    fn open_ends_are_counted() {
        let one = Scope::new().guild(Id::new_checked(1).unwrap());
        assert_eq!(of(&one, None), [(Some(0), None, None)]);
        assert_eq!(of(&one, Some(Bucket::WEEK)), [(Some(24), None, None)]);
        let since = one.since(hours(-30));
        let expected = [(None, Some(-30), Some(-24)), (Some(24), Some(-24), None)];
        assert_eq!(of(&since, None), expected);
        assert_eq!(of(&Scope::new(), None), [(Some(24), None, None)]);
    }

    #[test]
    fn what_is_not_counted_is_looked_at() {
        assert_eq!(of(&Scope::new().here(true), None), [(None, None, None)]);
        let short = Scope::new().since(hours(5)).until(hours(5));
        assert_eq!(of(&short, None), [(None, Some(5), Some(5))]);
    }
}

//! Bars over time.

use guestlist_view::grouped;
use maud::{Markup, html};
use plotters::{
    prelude::{ChartBuilder, IntoFont as _, Rectangle, TRANSPARENT},
    style::{Color as _, ShapeStyle},
};

use super::{Area, GRID, LEAVES, Named, TEXT, figure, ink};
use crate::fault::Fault;

/// Bars over time: series upon each other above the line, and one below it.
pub(crate) struct Bars<'a> {
    /// Names the picture; unique on a page, and a part of ids.
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// The same in words.
    pub(crate) summary: &'a str,
    /// What is counted.
    pub(crate) unit: &'a str,
    /// What each bar stands for.
    pub(crate) labels: &'a [String],
    /// Names, the numbers of their colours, and counts per bar.
    pub(crate) up: &'a [(&'a str, usize, Vec<u64>)],
    /// Counts that are drawn downwards, with their name.
    pub(crate) down: Option<(&'a str, &'a [u64])>,
}

/// Draws bars, with a legend.
pub(crate) fn bars(bars: &Bars<'_>) -> Result<Markup, Fault> {
    let named = Named {
        id: bars.id,
        title: bars.title,
        summary: bars.summary,
    };
    let legend = html! {
        @for (name, colour, counts) in bars.up {
            @let sum = total(counts);
            @if sum > 0 {
                li { span class={ "ink s" (colour) } {} (name) " " b { (grouped(sum)) } }
            }
        }
        @if let Some((name, counts)) = bars.down {
            li { span.ink.leaves {} (name) " " b { (grouped(total(counts))) } }
        }
    };
    figure(&named, bars.unit, &legend, |area, width| {
        draw(bars, area, width)
    })
}

fn draw(bars: &Bars<'_>, area: &Area<'_>, width: u32) -> Result<(), String> {
    let say = |error: &dyn std::fmt::Display| error.to_string();
    let count = bars.labels.len();
    let sums = (0..count).map(|at| {
        let of = bars.up.iter().filter_map(|(_, _, counts)| counts.get(at));
        of.fold(0, |sum: u64, more| sum.saturating_add(*more))
    });
    let high = signed(sums.max().unwrap_or(0).max(1));
    let low = match bars.down {
        Some((_, counts)) => signed(counts.iter().copied().max().unwrap_or(0)),
        None => 0,
    };
    // Room above the highest bar, so that it does not end at the edge.
    let top = high + (high + 9) / 10;
    let bottom = -(low + (low + 9) / 10);
    let font = ("sans-serif", 12).into_font().color(&TEXT);
    let mut chart = ChartBuilder::on(area)
        .margin_top(8)
        .margin_right(8)
        .x_label_area_size(26)
        .y_label_area_size(44)
        .build_cartesian_2d(0..signed(count as u64), bottom..top)
        .map_err(|error| say(&error))?;
    let label = |at: &i64| {
        let at = usize::try_from(*at).unwrap_or(usize::MAX);
        bars.labels.get(at).cloned().unwrap_or_default()
    };
    let size = |value: &i64| grouped(value.unsigned_abs());
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(1))
        .axis_style(GRID.stroke_width(1))
        .label_style(font)
        .x_labels(if width < 600 { 5 } else { 10 })
        .y_labels(5)
        .x_label_formatter(&label)
        .y_label_formatter(&size)
        .draw()
        .map_err(|error| say(&error))?;
    let mut heights = vec![0_i64; count];
    for (_, colour, counts) in bars.up {
        let style = ink(*colour).filled();
        let mut pieces = Vec::new();
        for (at, (height, more)) in heights.iter_mut().zip(counts).enumerate() {
            if *more > 0 {
                let left = signed(at as u64);
                let above = *height + signed(*more);
                pieces.push(bar(left, *height, above, count, style));
                *height = above;
            }
        }
        chart.draw_series(pieces).map_err(|error| say(&error))?;
    }
    if let Some((_, counts)) = bars.down {
        let pieces = counts.iter().enumerate().filter(|(_, count)| **count > 0);
        let pieces: Vec<_> = pieces
            .map(|(at, many)| bar(signed(at as u64), -signed(*many), 0, count, LEAVES.filled()))
            .collect();
        chart.draw_series(pieces).map_err(|error| say(&error))?;
    }
    Ok(())
}

fn bar(left: i64, from: i64, to: i64, count: usize, style: ShapeStyle) -> Rectangle<(i64, i64)> {
    let mut piece = Rectangle::new([(left, from), (left + 1, to)], style);
    // A gap between bars, unless they are too narrow for one.
    let gap = if count > 90 { 0 } else { 1 };
    piece.set_margin(0, 0, gap, gap);
    piece
}

fn total(counts: &[u64]) -> u64 {
    counts.iter().fold(0, |sum, more| sum.saturating_add(*more))
}

fn signed(count: u64) -> i64 {
    i64::try_from(count)
        .unwrap_or(i64::MAX / 4)
        .min(i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_name_words_and_no_style_of_its_own() {
        let labels = ["<mon>".to_owned(), "tue".to_owned()];
        let drawn = bars(&Bars {
            id: "joins",
            title: "Joins <b>",
            summary: "3 joins",
            unit: "joins",
            labels: &labels,
            up: &[("invite", 0, vec![1, 2])],
            down: Some(("leaves", &[0, 1])),
        })
        .unwrap()
        .into_string();
        for part in [
            "role=\"img\"",
            "<title id=\"joins-wide-title\">Joins &lt;b&gt;</title>",
            "<desc id=\"joins-narrow-text\">3 joins</desc>",
            "fill=\"#000100\"",
            "fill=\"#000003\"",
            "</svg>",
        ] {
            assert!(drawn.contains(part), "{part} in {drawn}");
        }
        assert!(!drawn.contains("style="), "{drawn}");
        assert!(!drawn.contains("<mon>"), "{drawn}");
    }

    #[test]
    fn nothing_and_too_much_can_be_drawn() {
        for counts in [vec![], vec![0, 0], vec![u64::MAX, u64::MAX]] {
            let labels: Vec<String> = counts.iter().map(u64::to_string).collect();
            let up = [("a", 0, counts)];
            let drawn = bars(&Bars {
                id: "x",
                title: "x",
                summary: "x",
                unit: "x",
                labels: &labels,
                up: &up,
                down: None,
            });
            assert!(drawn.is_ok());
        }
    }
}

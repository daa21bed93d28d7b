//! Shares in percent over something: curves, and points with what they count.

use maud::{Markup, html};
use plotters::{
    prelude::{ChartBuilder, Circle, IntoFont as _, LineSeries, TRANSPARENT},
    style::Color as _,
};

use super::{Area, GRID, Named, TEXT, figure, ink};
use crate::{fault::Fault, parts::foreign};

/// Curves of shares.
pub(crate) struct Lines<'a> {
    /// Names the picture; unique on a page, and a part of ids.
    pub(crate) id: &'a str,
    pub(crate) title: &'a str,
    /// The same in words.
    pub(crate) summary: &'a str,
    /// What is shown.
    pub(crate) unit: &'a str,
    /// How far it goes to the right, and the unit there.
    pub(crate) right: (f64, &'a str),
    /// Whether there is a line on which both shares are the same.
    pub(crate) diagonal: bool,
    pub(crate) series: &'a [Series],
}

/// A curve: its name, and its points from left to right. The y is in percent.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Draws curves, with a legend.
pub(crate) fn lines(lines: &Lines<'_>) -> Result<Markup, Fault> {
    let named = Named {
        id: lines.id,
        title: lines.title,
        summary: lines.summary,
    };
    let legend = html! {
        @for (colour, series) in lines.series.iter().enumerate() {
            li { span class={ "ink s" (colour) } {} (foreign(&series.name)) }
        }
        @if lines.diagonal { li { span.ink.even {} "perfect accuracy" } }
    };
    figure(&named, lines.unit, &legend, |area, width| {
        draw(lines, area, width)
    })
}

fn draw(lines: &Lines<'_>, area: &Area<'_>, width: u32) -> Result<(), String> {
    let say = |error: &dyn std::fmt::Display| error.to_string();
    let (right, unit) = lines.right;
    let font = ("sans-serif", 12).into_font().color(&TEXT);
    let mut chart = ChartBuilder::on(area)
        .margin_top(10)
        .margin_right(16)
        .x_label_area_size(26)
        .y_label_area_size(48)
        .build_cartesian_2d(0.0..right, 0.0..103.0)
        .map_err(|error| say(&error))?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID.stroke_width(1))
        .axis_style(GRID.stroke_width(1))
        .label_style(font)
        .x_labels(if width < 600 { 5 } else { 11 })
        .y_labels(6)
        .x_label_formatter(&|x| format!("{x:.0} {unit}"))
        .y_label_formatter(&|y| format!("{y:.0} %"))
        .draw()
        .map_err(|error| say(&error))?;
    if lines.diagonal {
        let even = LineSeries::new([(0.0, 0.0), (right, 100.0)], TEXT.stroke_width(1));
        chart.draw_series(even).map_err(|error| say(&error))?;
    }
    for (colour, series) in lines.series.iter().enumerate() {
        let style = ink(colour);
        let curve = LineSeries::new(series.points.iter().copied(), style.stroke_width(2));
        chart.draw_series(curve).map_err(|error| say(&error))?;
        let dots = series
            .points
            .iter()
            .map(|point| Circle::new(*point, 4, style.filled()));
        chart.draw_series(dots).map_err(|error| say(&error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_have_names_that_are_text() {
        let series = [Series {
            name: "<img src=x>".to_owned(),
            points: vec![(0.0, 100.0), (7.0, 60.0)],
        }];
        let drawn = lines(&Lines {
            id: "stayed",
            title: "Stayed",
            summary: "60 % after 7 days",
            unit: "percent",
            right: (30.0, "d"),
            diagonal: true,
            series: &series,
        })
        .unwrap()
        .into_string();
        assert!(drawn.contains("stroke=\"#000100\""), "{drawn}");
        assert!(drawn.contains("&lt;img src=x&gt;") && !drawn.contains("<img"));
        assert!(!drawn.contains("style="), "{drawn}");
    }
}

//! Charts as SVG. Their colours stand for names that the style sheet knows, so that one
//! picture is legible on light and on dark ground.

mod bars;
mod lines;

use maud::{Markup, PreEscaped, html};
use plotters::{
    coord::Shift,
    prelude::{DrawingArea, IntoDrawingArea as _, RGBColor, SVGBackend},
};

pub(crate) use self::{
    bars::{Bars, bars},
    lines::{Lines, Series, lines},
};
use crate::fault::Fault;

// The style sheet replaces these.
const TEXT: RGBColor = RGBColor(0, 0, 1);
const GRID: RGBColor = RGBColor(0, 0, 2);
const LEAVES: RGBColor = RGBColor(0, 0, 3);

/// The colour of a series.
fn ink(series: usize) -> RGBColor {
    RGBColor(0, 1, u8::try_from(series).unwrap_or(u8::MAX))
}

/// What a picture is called.
struct Named<'a> {
    /// Unique on a page, and a part of ids.
    id: &'a str,
    title: &'a str,
    summary: &'a str,
}

/// Widths and heights for wide and for narrow screens.
const SIZES: [(&str, u32, u32); 2] = [("wide", 880, 300), ("narrow", 420, 280)];

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A chart with its title, what it counts, and the entries of its legend. It is drawn in each
/// size; the style sheet shows one of them.
fn figure(
    named: &Named<'_>,
    unit: &str,
    legend: &Markup,
    draw: impl Fn(&Area<'_>, u32) -> Result<(), String>,
) -> Result<Markup, Fault> {
    let mut pictures = Vec::new();
    for (size, width, height) in SIZES {
        let mut svg = String::new();
        {
            let area = SVGBackend::with_string(&mut svg, (width, height)).into_drawing_area();
            draw(&area, width).map_err(Fault::Chart)?;
            area.present()
                .map_err(|error| Fault::Chart(error.to_string()))?;
        }
        pictures.push(framed(&svg, named, size));
    }
    Ok(html! {
        figure.chart {
            figcaption {
                (named.title)
                span.unit { (unit) }
            }
            ul.legend { (legend) }
            @for picture in &pictures { (picture) }
        }
    })
}

/// Gives the picture its text for whoever cannot see it.
fn framed(svg: &str, named: &Named<'_>, size: &str) -> Markup {
    // What plotters begins with: the size in pixels, which the style sheet decides.
    let inner = svg.split_once("viewBox").map_or("", |(_, rest)| rest);
    let (attributes, drawn) = inner.split_once('>').unwrap_or(("", ""));
    let title = format!("{}-{size}-title", named.id);
    let text = format!("{}-{size}-text", named.id);
    html! {
        (PreEscaped(format!(
            "<svg class=\"{size}\" role=\"img\" aria-labelledby=\"{title} {text}\" viewBox{attributes}>"
        )))
        title id=(title) { (named.title) }
        desc id=(text) { (named.summary) }
        (PreEscaped(drawn))
    }
}

//! A report as one self-contained HTML file.

use guestlist_view::{for_terminal, grouped, moment};

use crate::{Report, Table};

/// The report as one self-contained HTML document: without scripts or external resources,
/// in light and dark.
#[must_use]
pub fn html(report: &Report) -> String {
    let server = escape(&report.server());
    let (since, until) = (moment(report.since), moment(report.until));
    let before = moment(report.before_since);
    let mut body = format!(
        "<h1>{server}</h1>\n<p class=\"span\">{since} to {until} (UTC), compared with the \
         previous time span, from {before}</p>\n"
    );
    let mut tables = report.tables().into_iter();
    for of_numbers in tables.by_ref().take(1) {
        body.push_str(&table(&of_numbers));
    }
    body.push_str(&chart(report));
    for each in tables {
        body.push_str(&table(&each));
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{server}: {since} to {until}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         {body}<footer>Made by guestlist, {} (UTC)</footer>\n</main>\n</body>\n</html>\n",
        moment(report.made_at)
    )
}

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1c2430;--dim:#5b6675;--line:#d8dee6;--paper:#fff;--in:#2f6fde;--out:#c2571a}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--dim:#9aa6b5;--line:#323b47;--paper:#151a21;--in:#7ba7f7;--out:#f0955a}}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:1.5rem 1rem}
h1{font-size:1.6rem;margin:0;overflow-wrap:anywhere}h2{font-size:1.15rem;margin:2rem 0 .5rem}
.span,footer,.note,figcaption{color:var(--dim);font-size:.9rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%}
th,td{padding:.35rem .6rem;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{font-size:.85rem;color:var(--dim);font-weight:600}td{overflow-wrap:anywhere}
.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
figure{margin:1.5rem 0}svg{width:100%;height:auto}.in{fill:var(--in)}.out{fill:var(--out)}.axis{stroke:var(--line)}
svg text{fill:var(--dim);font-size:12px}footer{margin-top:2rem}
";

fn table(table: &Table) -> String {
    let class = |at: usize| if at < table.texts { "" } else { " class=\"n\"" };
    let title = table.title;
    let mut text = format!(
        "<h2>{title}</h2>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\"><table>\n<thead><tr>"
    );
    for (at, cell) in table.header.iter().enumerate() {
        text.push_str(&format!("<th scope=\"col\"{}>{cell}</th>", class(at)));
    }
    text.push_str("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        text.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            text.push_str(&format!("<td{}>{}</td>", class(at), escape(cell)));
        }
        text.push_str("</tr>\n");
    }
    text.push_str("</tbody></table></div>\n");
    if let Some(note) = table.note {
        text.push_str(&format!("<p class=\"note\">{note}</p>\n"));
    }
    text
}

/// Pixels of the chart, before it is scaled.
const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 200.0;
/// A day, in microseconds.
const DAY: i64 = 86_400_000_000;

/// Joins upwards and leaves downwards, a bar for each day.
#[expect(clippy::cast_precision_loss, reason = "pixels need no more")]
fn chart(report: &Report) -> String {
    let (Some(first), Some(last)) = (report.days.first(), report.days.last()) else {
        return String::new();
    };
    let number = |at: i64| (at - first.from.as_micros()) / DAY;
    let step = WIDTH / (number(last.from.as_micros()) + 1) as f64;
    let joins = report.days.iter().map(|day| day.joins).max().unwrap_or(0);
    let leaves = report.days.iter().map(|day| day.leaves).max().unwrap_or(0);
    let scale = HEIGHT / (joins + leaves).max(1) as f64;
    let zero = joins as f64 * scale + 16.0;
    let mut bars = String::new();
    for day in &report.days {
        let x = number(day.from.as_micros()) as f64 * step;
        let width = (step * 0.8).max(0.5);
        let (up, down) = (day.joins as f64 * scale, day.leaves as f64 * scale);
        let y = zero - up;
        bars.push_str(&format!(
            "<g><title>{}: {} joined, {} left</title>\
             <rect class=\"in\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{up:.1}\"/>\
             <rect class=\"out\" x=\"{x:.1}\" y=\"{zero:.1}\" width=\"{width:.1}\" height=\"{down:.1}\"/></g>\n",
            date(day.from),
            grouped(day.joins),
            grouped(day.leaves)
        ));
    }
    let (from, until) = (date(first.from), date(last.from));
    let whole = HEIGHT + 40.0;
    let text = format!(
        "Joins (up) and leaves (down) a day, from {from} to {until}: at most {} joined and {} left.",
        grouped(joins),
        grouped(leaves)
    );
    format!(
        "<figure><svg viewBox=\"0 0 {WIDTH} {whole}\" role=\"img\" aria-label=\"{text}\">\n{bars}\
         <line class=\"axis\" x1=\"0\" x2=\"{WIDTH}\" y1=\"{zero:.1}\" y2=\"{zero:.1}\"/>\
         <text x=\"0\" y=\"{:.0}\">{from}</text><text x=\"{WIDTH}\" y=\"{:.0}\" text-anchor=\"end\">{until}</text>\n\
         </svg><figcaption>{text}</figcaption></figure>\n",
        whole - 4.0,
        whole - 4.0
    )
}

fn date(at: guestlist_model::Timestamp) -> String {
    let mut text = moment(at);
    text.truncate("2026-03-01".len());
    text
}

/// Text for HTML, in elements and in quoted attributes; also without what turns a line
/// round.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in for_terminal(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn names_are_text() {
        assert_eq!(
            escape("<script>alert('&\"')</script>\u{202e}"),
            "&lt;script&gt;alert(&#39;&amp;&quot;&#39;)&lt;/script&gt;\u{fffd}"
        );
    }
}

//! Names of people, as somebody pasted them or keeps them in a file.

use std::collections::HashSet;

/// Why a list of names cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamesError {
    /// There is no name in it.
    #[error("there is no name in the list")]
    Empty,
    /// There are too many.
    #[error("there are {found} names, and {most} can be used at once")]
    Many {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// One stands there twice.
    #[error("line {line}: `{name}` stands there twice; make them different, such as `{name} 2`")]
    Twice {
        /// The line of the second one, counted from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// The list is a CSV with an error in it.
    #[error("line {line}: {problem}")]
    Csv {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

/// Reads names: one a line, or a CSV whose first line has a column `name`. Empty lines and
/// white space around names do not count.
///
/// ```
/// use guestlist_view::names;
///
/// assert_eq!(names("Ada\nGrace\n", 100)?, ["Ada", "Grace"]);
/// assert_eq!(names("Lovelace, Ada", 100)?, ["Lovelace, Ada"]);
/// assert_eq!(names("mail,name\na@b.example,Ada\n", 100)?, ["Ada"]);
/// # Ok::<(), guestlist_view::NamesError>(())
/// ```
///
/// # Errors
///
/// There is none or there are more than `most`, one is there twice, or the CSV is broken.
pub fn names(text: &str, most: usize) -> Result<Vec<String>, NamesError> {
    let text = text.trim_start_matches('\u{feff}');
    let found = match column(text) {
        Some((delimiter, column)) => cells(text, delimiter, column)?,
        None => (1..).zip(text.lines().map(str::to_owned)).collect(),
    };
    let (mut names, mut known) = (Vec::new(), HashSet::new());
    for (line, name) in found {
        let name = name.trim();
        if name.is_empty() {
            continue;
        }
        if !known.insert(name.to_owned()) {
            let name = name.to_owned();
            return Err(NamesError::Twice { line, name });
        }
        names.push(name.to_owned());
    }
    match names.len() {
        0 => Err(NamesError::Empty),
        found if found > most => Err(NamesError::Many { found, most }),
        _ => Ok(names),
    }
}

/// Which column of a CSV has the names, and what is between columns; none if it is no CSV.
fn column(text: &str) -> Option<(u8, usize)> {
    let header = text.lines().find(|it| !it.trim().is_empty())?;
    [b',', b';', b'\t'].into_iter().find_map(|delimiter| {
        let mut cells = header.split(char::from(delimiter));
        let place =
            cells.position(|it| it.trim().trim_matches('"').eq_ignore_ascii_case("name"))?;
        Some((delimiter, place))
    })
}

fn cells(text: &str, delimiter: u8, column: usize) -> Result<Vec<(usize, String)>, NamesError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut found = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| NamesError::Csv {
            line: error
                .position()
                .map_or(0, |it| usize::try_from(it.line()).unwrap_or(0)),
            problem: "this is not a line of CSV".to_owned(),
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let line = usize::try_from(line).unwrap_or(0);
        found.push((line, record.get(column).unwrap_or("").to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lines_or_a_column() {
        for text in [
            "Ada\nGrace",
            "\u{feff}  Ada \r\n\r\n Grace\r\n",
            "name\nAda\nGrace\n",
            "Mail,Name\na@b.example,Ada\n\"x,y\",\"Grace\"\n",
            "Name;Mail\nAda;a@b.example\nGrace\n",
            "mail\tNAME\n\tAda\n\tGrace\n",
        ] {
            assert_eq!(names(text, 9).unwrap(), ["Ada", "Grace"], "{text:?}");
        }
        let hostile = "=1+1,<b>\"'>";
        assert_eq!(names(hostile, 9).unwrap(), [hostile]);
    }

    #[test]
    fn what_cannot_be_used_is_named_with_its_line() {
        assert_eq!(names(" \n\n", 9), Err(NamesError::Empty));
        assert_eq!(names("name\n", 9), Err(NamesError::Empty));
        let many = NamesError::Many { found: 3, most: 2 };
        assert_eq!(names("a\nb\nc", 2), Err(many));
        let twice = |line| NamesError::Twice {
            line,
            name: "Ada".to_owned(),
        };
        assert_eq!(names("Ada\nGrace\n Ada ", 9), Err(twice(3)));
        assert_eq!(names("name,x\nAda,1\nAda,2", 9), Err(twice(3)));
    }
}

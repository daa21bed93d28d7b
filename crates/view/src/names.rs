//! Lists of names of people, pasted or from a file.

use std::collections::HashSet;

/// The error for a list of names that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NamesError {
    /// The list is empty.
    #[error("the list contains no name")]
    Empty,
    /// The list is too long.
    #[error("the list contains {found} names, but can contain at most {most}")]
    Many {
        /// The number of names.
        found: usize,
        /// The maximum number of names.
        most: usize,
    },
    /// A name occurs twice.
    #[error("line {line}: `{name}` occurs twice; make them different, for example `{name} 2`")]
    Twice {
        /// The line of the second occurrence, counted from 1.
        line: usize,
        /// The name.
        name: String,
    },
    /// The list is an invalid CSV.
    #[error("line {line}: {problem}")]
    Csv {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

/// Reads names: one per line, or a CSV with a column `name`. Empty lines and white space
/// around names are ignored.
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
/// [`NamesError`] if there is no name, there are more than `most`, a name occurs twice,
/// or the CSV is invalid.
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
            problem: "this is not a valid line of CSV".to_owned(),
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

//! Which names have the values of enumerations?
//!
//! ```text
//! [EVENT_TYPE]
//! NotificationEvent = 0
//! ```

use std::fmt::Write as _;

use crate::declaration::{self, Error};

/// An enumeration: its name, and its values with theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumeration {
    /// The name of the type.
    pub name: String,
    /// Names and values.
    pub values: Vec<(String, u32)>,
}

/// Parses a text of enumerations, which are sorted by their names.
pub fn parse(file: &str, text: &str) -> Result<Vec<Enumeration>, Error> {
    let mut all: Vec<Enumeration> = Vec::new();
    for (line, source) in declaration::lines(file, text)? {
        let error = |message: String| Error::new(file, line, message);
        let heading = source
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(name) = heading {
            if all.last().is_some_and(|last| last.name.as_str() >= name) {
                return Err(error(format!(
                    "expected a name above the one before, found `{name}`"
                )));
            }
            all.push(Enumeration {
                name: name.to_owned(),
                values: Vec::new(),
            });
            continue;
        }
        let value = source.split_once(" = ").and_then(|(name, value)| {
            let value = match value.strip_prefix("0x") {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => value.parse().ok()?,
            };
            Some((name.to_owned(), value))
        });
        let last = all.last_mut();
        match (last, value) {
            (Some(last), Some(value)) => last.values.push(value),
            _ => {
                return Err(error(format!(
                    "expected `[TYPE]` or `NAME = VALUE`, found `{source}`"
                )));
            }
        }
    }
    Ok(all)
}

/// The table of names.
pub(super) fn module(text: &mut String, all: &[Enumeration]) {
    *text += "/// Names of values by the type of an argument, in the order of types.\n\
              pub(super) static ENUMERATIONS: &[(&str, &[(&str, u32)])] = &[\n";
    for one in all {
        let _ = writeln!(text, "    ({:?}, &{:?}),", one.name, one.values);
    }
    *text += "];\n\n";
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_text_says_which_line_is_wrong() {
        let all = parse("it", "[A]\nX = 0\nY = 0x7\n[B]\n").expect("it reads");
        assert_eq!(all[0].values, [("X".to_owned(), 0), ("Y".to_owned(), 7)]);
        for bad in [
            "X = 0\n",
            "[A]\nX\n",
            "[B]\n[A]\n",
            "[A]\nX = -1\n",
            "[A]\nX = 0xg\n",
        ] {
            assert!(parse("it", bad).is_err(), "{bad}");
        }
    }
}

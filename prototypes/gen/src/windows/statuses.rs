//! Which values of `NTSTATUS` have names?
//!
//! ```text
//! 0xc0000005 STATUS_ACCESS_VIOLATION EXCEPTION_ACCESS_VIOLATION
//! ```
//!
//! A value and its names; the first is the one that is shown.

use std::fmt::Write as _;

use crate::declaration::{self, Error};

/// A value and its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The value.
    pub value: u32,
    /// Its names, the one that is shown first.
    pub names: Vec<String>,
}

/// What most names begin with, and constants of Rust don't.
const PREFIX: &str = "STATUS_";

/// Parses a text of statuses, which are sorted by their values.
pub fn parse(file: &str, text: &str) -> Result<Vec<Status>, Error> {
    let mut all: Vec<Status> = Vec::new();
    for (line, source) in declaration::lines(file, text)? {
        let error = |message: String| Error::new(file, line, message);
        let mut words = source.split_whitespace();
        let value = words
            .next()
            .and_then(|word| u32::from_str_radix(word.strip_prefix("0x")?, 16).ok())
            .ok_or_else(|| error(format!("expected `0xVALUE NAME …`, found `{source}`")))?;
        if all.last().is_some_and(|last| last.value >= value) {
            return Err(error(format!(
                "expected a value above the one before, found {value:#010x}"
            )));
        }
        let names: Vec<String> = words.map(str::to_owned).collect();
        if names.is_empty() {
            return Err(error(format!(
                "expected a name of {value:#010x}, found none"
            )));
        }
        all.push(Status { value, names });
    }
    Ok(all)
}

/// The text from a table of others: `VALUE<TAB>NAME` a line. Of several names of a value those of no family come first.
pub fn import(file: &str, text: &str) -> Result<String, Error> {
    let mut all: Vec<(u32, bool, usize, String)> = Vec::new();
    for (line, source) in declaration::lines(file, text)? {
        let entry = source.split_once('\t').and_then(|(value, name)| {
            let value = u32::from_str_radix(value.trim().strip_prefix("0x")?, 16).ok()?;
            let name = name.trim().to_owned();
            Some((value, !name.starts_with(PREFIX), name.len(), name))
        });
        let expected = || format!("expected `0xVALUE<TAB>NAME`, found `{source}`");
        all.push(entry.ok_or_else(|| Error::new(file, line, expected()))?);
    }
    all.sort_unstable();
    let mut out = "# Values of NTSTATUS by name; of several names the first is shown. Made by\n\
         # `emu-prototypes-gen import windows --statuses`, from the constants of the crate windows-sys.\n"
        .to_owned();
    for same in all.chunk_by(|a, b| a.0 == b.0) {
        // STATUS_WAIT_0 is success, too, but nobody means it by 0.
        let mut names: Vec<&str> = same.iter().map(|(.., name)| name.as_str()).collect();
        names.sort_by_key(|name| *name != "STATUS_SUCCESS");
        writeln!(out, "{:#010x} {}", same[0].0, names.join(" "))
            .expect("writing to a string does not fail");
    }
    Ok(out)
}

/// The constants and the table of names.
pub(super) fn module(text: &mut String, all: &[Status]) {
    *text += "impl super::NtStatus {\n";
    for Status { value, names } in all {
        for name in names.iter().filter_map(|name| name.strip_prefix(PREFIX)) {
            let digit = if name.starts_with(|c: char| c.is_ascii_digit()) {
                "_"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "    pub const {digit}{name}: super::NtStatus = super::NtStatus({value:#010x});"
            );
        }
    }
    *text += "}\n\n/// Names by value, in the order of values.\npub static STATUSES: &[(u32, &str)] = &[\n";
    for Status { value, names } in all {
        let _ = writeln!(text, "    ({value:#010x}, {:?}),", names[0]);
    }
    *text += "];\n\n";
}

#[cfg(test)]
mod tests {
    use super::{import, parse};

    #[test]
    fn of_several_names_the_plain_one_is_shown() {
        let text = import(
            "it",
            "0x00000000\tSTATUS_WAIT_0\n0x00000000\tSTATUS_SUCCESS\n0xc0000005\tEXCEPTION_ACCESS_VIOLATION\n\
             0xc0000005\tSTATUS_ACCESS_VIOLATION\n",
        )
        .expect("it reads");
        let shown: Vec<String> = parse("it", &text)
            .expect("it reads")
            .into_iter()
            .map(|status| status.names[0].clone())
            .collect();
        assert_eq!(shown, ["STATUS_SUCCESS", "STATUS_ACCESS_VIOLATION"]);
        assert!(parse("it", "0x1 A\n0x1 B\n").is_err());
        assert!(parse("it", "0x1\n").is_err());
        assert!(import("it", "1 A\n").is_err());
    }
}

//! What does somebody else's extraction of Linux say of the same calls?
//!
//! A table has `NUMBER<TAB>NAME<TAB>ENTRY<TAB>RETURN<TAB>PARAMETERS` a line. Of the parameters only how many and how wide
//! they are is kept, a letter each; the tests compare that with our own tables.

use std::fmt::Write as _;

use crate::declaration::{self, Error};
use crate::types::Types;

/// The letter of a width.
pub fn letter(width: &str) -> char {
    match width {
        "I8" => 'b',
        "U8" => 'B',
        "I16" => 'h',
        "U16" => 'H',
        "I32" => 'i',
        "U32" => 'I',
        "I64" => 'q',
        "U64" => 'Q',
        "Long" => 'l',
        "ULong" => 'L',
        "Ptr" => 'p',
        "IPtr" => 'P',
        _ => '?',
    }
}

/// The part of `witness.txt` about an ABI.
pub fn table(abi: &str, file: &str, text: &str, types: &Types) -> Result<String, Vec<Error>> {
    let mut errors = Vec::new();
    let mut section = format!("\n[{abi}]\n");
    for (at, line) in text.lines().enumerate() {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        match row(line, types) {
            Ok(row) => writeln!(section, "{row}").expect("writing to a string does not fail"),
            Err(message) => errors.push(Error::new(file, at + 1, message)),
        }
    }
    if errors.is_empty() {
        Ok(section)
    } else {
        Err(errors)
    }
}

fn row(line: &str, types: &Types) -> Result<String, String> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [number, name, entry, _, params, ..] = columns[..] else {
        return Err(format!("expected five columns, found {}", columns.len()));
    };
    if params == "-" || params == "?" {
        return Ok(format!("{number} {name} {entry} ?"));
    }
    let (params, _) = declaration::parse_params(params)?;
    let letters: Result<String, String> = params
        .iter()
        .map(|param| types.width(&param.ty).map(letter))
        .collect();
    let letters = letters?;
    let letters = if letters.is_empty() { "-" } else { &letters };
    Ok(format!("{number} {name} {entry} {letters}"))
}

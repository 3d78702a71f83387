//! Which ABIs does an OS have?
//!
//! ```text
//! X86         x86     ilp32  linux_x86.txt
//! MIPSEL_O32  mipsel  ilp32  linux_mips.txt  mips
//! ```
//!
//! The last column names the ABI whose constants and structures it shares where none are given for itself.

use crate::declaration::{self, Error};

/// An ABI, as its line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The name of its static.
    pub id: String,
    /// The name the other texts use.
    pub name: String,
    /// The variant of `DataModel`.
    pub model: &'static str,
    /// The file with its numbers.
    pub table: String,
    /// The ABIs whose constants and structures it shares where none are given for itself, nearest first.
    pub like: Vec<String>,
}

/// What is known of an ABI.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Of<T> {
    /// Its name.
    pub abi: String,
    /// The ABIs whose facts it shares where they don't differ, nearest first.
    pub like: Vec<String>,
    /// What is known.
    pub facts: T,
}

/// Parses a text of ABIs.
pub fn parse(file: &str, text: &str) -> Result<Vec<Line>, Vec<Error>> {
    let mut all: Vec<Line> = Vec::new();
    let mut errors = Vec::new();
    for (line, source) in declaration::lines(file, text).map_err(|error| vec![error])? {
        match parse_line(&all, &source) {
            Ok(abi) => all.push(abi),
            Err(message) => errors.push(Error::new(file, line, message)),
        }
    }
    if errors.is_empty() {
        Ok(all)
    } else {
        Err(errors)
    }
}

fn parse_line(before: &[Line], source: &str) -> Result<Line, String> {
    let words: Vec<&str> = source.split_whitespace().collect();
    let (id, name, model, table, like) = match words[..] {
        [id, name, model, table] => (id, name, model, table, None),
        [id, name, model, table, like] => (id, name, model, table, Some(like)),
        _ => {
            return Err(format!(
                "expected `STATIC NAME MODEL TABLE [LIKE]`, found `{}`",
                source.trim()
            ));
        }
    };
    let model = match model {
        "ilp32" => "Ilp32",
        "lp64" => "Lp64",
        "llp64" => "Llp64",
        _ => {
            return Err(format!(
                "expected `ilp32`, `lp64` or `llp64`, found `{model}`"
            ));
        }
    };
    if let Some(other) = before
        .iter()
        .find(|other| other.id == id || other.name == name)
    {
        return Err(format!(
            "expected each ABI once, found `{id}` `{name}` beside `{}` `{}`",
            other.id, other.name
        ));
    }
    let mut likes = Vec::new();
    if let Some(like) = like {
        let Some(other) = before.iter().find(|other| other.name == like) else {
            return Err(format!("expected an ABI from above, found `{like}`"));
        };
        likes.push(like.to_owned());
        likes.extend(other.like.iter().cloned());
    }
    Ok(Line {
        id: id.to_owned(),
        name: name.to_owned(),
        model,
        table: table.to_owned(),
        like: likes,
    })
}

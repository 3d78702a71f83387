//! Where are the fields of structures, on which ABI?
//!
//! ```text
//! [timespec]
//! size<TAB>16<TAB>x86=8 arm=8 mips=8
//! tv_sec<TAB>0:8s<TAB>x86=0:4s arm=0:4s mips=0:4s
//! ```
//!
//! A field is `OFFSET:SIZE`, with `s` or `u` behind it when it is a signed or unsigned integer. `-` says that the ABI's
//! structure has no such field, or that the ABI has no such structure.

pub mod measure;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::constants::ByAbi;
use crate::declaration::{self, Error};

/// Where a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Offset in bytes.
    pub offset: u16,
    /// Size in bytes.
    pub size: u16,
    /// Whether it is an integer, and signed.
    pub signed: Option<bool>,
}

/// A structure.
#[derive(Debug, Clone)]
pub struct Struct {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub size: ByAbi<u32>,
    /// Its fields.
    pub fields: Vec<(String, ByAbi<Place>)>,
    /// The line it starts on.
    pub line: usize,
}

pub(crate) fn place(text: &str) -> Result<Place, String> {
    let wrong =
        || format!("expected `OFFSET:SIZE`, `OFFSET:SIZEs` or `OFFSET:SIZEu`, found `{text}`");
    let (offset, rest) = text.split_once(':').ok_or_else(wrong)?;
    let (size, signed) = match (rest.strip_suffix('s'), rest.strip_suffix('u')) {
        (Some(size), _) => (size, Some(true)),
        (_, Some(size)) => (size, Some(false)),
        _ => (rest, None),
    };
    let number = |text: &str| text.parse().map_err(|_| wrong());
    Ok(Place {
        offset: number(offset)?,
        size: number(size)?,
        signed,
    })
}

pub(crate) fn print_place(place: &Place) -> String {
    let sign = match place.signed {
        Some(true) => "s",
        Some(false) => "u",
        None => "",
    };
    format!("{}:{}{sign}", place.offset, place.size)
}

/// Parses a text of structures.
pub fn parse(file: &str, text: &str) -> Result<Vec<Struct>, Vec<Error>> {
    let mut structs: Vec<Struct> = Vec::new();
    let mut names = BTreeSet::new();
    let mut errors = Vec::new();
    let mut sized = false;
    for (line, source) in declaration::lines(file, text).map_err(|error| vec![error])? {
        let mut wrong = |message: String| errors.push(Error::new(file, line, message));
        let source = source.trim();
        if let Some(name) = source
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            if !names.insert(name.to_owned()) {
                wrong(format!(
                    "expected each structure once, found `{name}` again"
                ));
            }
            let size = ByAbi {
                usual: None,
                except: Default::default(),
            };
            sized = false;
            structs.push(Struct {
                name: name.to_owned(),
                size,
                fields: Vec::new(),
                line,
            });
            continue;
        }
        let (name, values) = source.split_once('\t').unwrap_or((source, ""));
        let Some(last) = structs.last_mut() else {
            wrong("expected the `[name]` of a structure first".to_owned());
            continue;
        };
        if name == "size" && !sized {
            sized = true;
            let number = |text: &str| {
                text.parse()
                    .map_err(|_| format!("expected a size in bytes, found `{text}`"))
            };
            match ByAbi::parse(values, number) {
                Ok(size) => last.size = size,
                Err(message) => wrong(message),
            }
            continue;
        }
        if last.fields.iter().any(|(other, _)| other == name) {
            wrong(format!(
                "expected each field of `{}` once, found `{name}` again",
                last.name
            ));
        }
        match ByAbi::parse(values, place) {
            Ok(place) => last.fields.push((name.to_owned(), place)),
            Err(message) => wrong(message),
        }
    }
    if errors.is_empty() {
        Ok(structs)
    } else {
        Err(errors)
    }
}

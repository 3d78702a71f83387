//! Which number is which call on one ABI?
//!
//! ```text
//! NUMBER<TAB>NAME<TAB>ENTRY[<TAB>=CALL][<TAB>(PARAMS)]
//! ```
//!
//! `CALL` names the signature when that has another name than the ABI's; `PARAMS` are there when the ABI passes something
//! else than the signature says: other types, another order, fewer.

use std::fmt;

use crate::declaration::{self, Error, Param, Params};

/// A line of a number table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// The number, the ABI's base included.
    pub number: u32,
    /// The ABI's name of the call.
    pub name: String,
    /// The kernel's entry point.
    pub entry: String,
    /// The name of its signature.
    pub call: String,
    /// What the ABI passes, where that differs from the signature.
    pub params: Option<Vec<Param>>,
    /// The line it stands on, from 1.
    pub line: usize,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Numeral(self.number))?;
        write!(f, "\t{}\t{}", self.name, self.entry)?;
        if self.call != self.name {
            write!(f, "\t={}", self.call)?;
        }
        match &self.params {
            Some(params) => write!(
                f,
                "\t({})",
                Params {
                    params,
                    variadic: false
                }
            ),
            None => Ok(()),
        }
    }
}

/// A number as texts have it: those far above the table, such as ARM's 0x0f0002, are known by their hexadecimal form.
pub(crate) struct Numeral(pub(crate) u32);

impl fmt::Display for Numeral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            ..0x8000 => write!(f, "{}", self.0),
            _ => write!(f, "{:#08x}", self.0),
        }
    }
}

/// Parses a number table.
pub fn parse(file: &str, text: &str) -> Result<Vec<Number>, Error> {
    let mut all: Vec<Number> = Vec::new();
    for (line, source) in declaration::lines(file, text)? {
        let number = parse_line(&source).map_err(|message| Error::new(file, line, message))?;
        if let Some(other) = all.iter().find(|other| other.number == number.number) {
            let message = format!(
                "expected each number once, found {} for `{}` and, on line {}, for `{}`",
                number.number, number.name, other.line, other.name
            );
            return Err(Error::new(file, line, message));
        }
        all.push(Number { line, ..number });
    }
    Ok(all)
}

fn parse_line(source: &str) -> Result<Number, String> {
    let mut columns = source.trim_end().split('\t');
    let mut column = |what: &str| match columns.next() {
        Some(text) if !text.trim().is_empty() => Ok(text.trim()),
        _ => Err(format!("expected {what}, found the end of the line")),
    };
    let number = column("a number")?;
    let name = column("a tab and the name of the call")?;
    let entry = column("a tab and the kernel's entry point")?;
    for word in [name, entry] {
        if !word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(format!("expected a name, found `{word}`"));
        }
    }
    let mut parser = declaration::Parser::new(number);
    let mut row = Number {
        number: parser.number()?,
        name: name.to_owned(),
        entry: entry.to_owned(),
        call: name.to_owned(),
        params: None,
        line: 0,
    };
    parser.end()?;
    for rest in columns.map(str::trim) {
        if let Some(call) = rest.strip_prefix('=') {
            row.call = call.to_owned();
        } else if let Some(params) = rest
            .strip_prefix('(')
            .and_then(|rest| rest.strip_suffix(')'))
        {
            row.params = Some(declaration::parse_params(params)?.0);
        } else {
            return Err(format!("expected `=CALL` or `(PARAMS)`, found `{rest}`"));
        }
    }
    Ok(row)
}

/// Which parameter of the signature each parameter of a variant is.
///
/// When all names of the variant are names of the signature, they go by name: the variant permutes or leaves out.
/// Otherwise both have the same number of parameters and go by position: the variant renames, and a name that the
/// signature knows stays at its place.
pub fn places(signature: &[Param], variant: &[Param]) -> Result<Vec<usize>, String> {
    let by_name = |param: &Param| signature.iter().position(|other| other.name == param.name);
    if let Some(places) = variant.iter().map(by_name).collect() {
        return Ok(places);
    }
    if signature.len() != variant.len() {
        return Err(format!(
            "expected the parameters `{}`, some of them, or as many, found `{}`",
            Params {
                params: signature,
                variadic: false
            },
            Params {
                params: variant,
                variadic: false
            }
        ));
    }
    for (at, param) in variant.iter().enumerate() {
        if by_name(param).is_some_and(|place| place != at) {
            return Err(format!(
                "expected `{}` at its place in `{}`, found it at another among renamed parameters",
                param.name,
                Params {
                    params: signature,
                    variadic: false
                }
            ));
        }
    }
    Ok((0..variant.len()).collect())
}

//! How does a whole profile read as one self-contained text?
//!
//! ```text
//! 5 long open(const char *filename, int flags, umode_t mode);
//! 0x0c NTSTATUS NtClose(HANDLE Handle);
//! ```
//!
//! One line a call, sorted by number. It is what `emu prototypes PROFILE` prints, and the form in which somebody brings
//! prototypes of their own.

use std::collections::HashMap;
use std::fmt;

use crate::declaration::{self, Declaration, Error, Parser};
use crate::nearest::did_you_mean;
use crate::numbers::{Number, Numeral};

/// A line of the classic form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prototype {
    /// The number of the call.
    pub number: u32,
    /// What it is called, takes and returns.
    pub declaration: Declaration,
}

impl fmt::Display for Prototype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Numeral(self.number), self.declaration)
    }
}

/// Parses a text in the classic form. A line that is neither a prototype nor blank nor a comment is an error. Files of
/// this form have comments that start with `;`, too.
pub fn parse(file: &str, text: &str) -> Result<Vec<Prototype>, Error> {
    let mut all = Vec::new();
    let mut lines = HashMap::new();
    for (line, source) in declaration::lines(file, text)? {
        if source.trim_start().starts_with(';') {
            continue;
        }
        let mut prototype =
            parse_line(&source).map_err(|message| Error::new(file, line, message))?;
        prototype.declaration.line = line;
        if let Some(other) = lines.insert(prototype.number, line) {
            let message = format!(
                "expected each number once, found {} again, which is on line {other}",
                Numeral(prototype.number)
            );
            return Err(Error::new(file, line, message));
        }
        all.push(prototype);
    }
    Ok(all)
}

fn parse_line(source: &str) -> Result<Prototype, String> {
    let mut parser = Parser::new(source);
    let number = parser.number()?;
    let declaration = parser.declaration()?;
    parser.end()?;
    Ok(Prototype {
        number,
        declaration,
    })
}

/// The prototypes of a profile: its numbers, its names, and its parameters where they differ from the signature's.
pub fn of(
    file: &str,
    numbers: &[Number],
    signatures: &[Declaration],
) -> Result<Vec<Prototype>, Error> {
    let by_name: HashMap<&str, &Declaration> = signatures
        .iter()
        .map(|signature| (signature.name.as_str(), signature))
        .collect();
    let prototype = |row: &Number| {
        let Some(&signature) = by_name.get(row.call.as_str()) else {
            let known = signatures.iter().map(|signature| signature.name.as_str());
            let nearest = did_you_mean(&row.call, known);
            let message = format!(
                "expected a call of signatures.txt, found `{}`{nearest}",
                row.call
            );
            return Err(Error::new(file, row.line, message));
        };
        let declaration = Declaration {
            name: row.name.clone(),
            params: row
                .params
                .clone()
                .unwrap_or_else(|| signature.params.clone()),
            line: row.line,
            ..signature.clone()
        };
        Ok(Prototype {
            number: row.number,
            declaration,
        })
    };
    numbers.iter().map(prototype).collect()
}

/// What a text in the classic form says otherwise than another.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Difference<'a> {
    /// Numbers that only the first has.
    pub new: Vec<&'a Prototype>,
    /// Numbers that both have and declare in different ways: the first's, the second's.
    pub changed: Vec<(&'a Prototype, &'a Prototype)>,
    /// Numbers that only the second has.
    pub missing: Vec<&'a Prototype>,
    /// How many are the same.
    pub same: usize,
}

/// Compares two texts by number. Names, types and order of arguments count; their names don't, nor does the line they
/// stand on.
pub fn compare<'a>(theirs: &'a [Prototype], ours: &'a [Prototype]) -> Difference<'a> {
    let known: HashMap<u32, &Prototype> = ours.iter().map(|one| (one.number, one)).collect();
    let found: HashMap<u32, &Prototype> = theirs.iter().map(|one| (one.number, one)).collect();
    let mut difference = Difference::default();
    for prototype in theirs {
        match known.get(&prototype.number) {
            None => difference.new.push(prototype),
            Some(other) if alike(&prototype.declaration, &other.declaration) => {
                difference.same += 1;
            }
            Some(other) => difference.changed.push((prototype, other)),
        }
    }
    let missing = ours.iter().filter(|one| !found.contains_key(&one.number));
    difference.missing = missing.collect();
    difference
}

fn alike(a: &Declaration, b: &Declaration) -> bool {
    let types = |declaration: &Declaration| -> Vec<declaration::Type> {
        let params = declaration.params.iter();
        params.map(|param| param.ty.clone()).collect()
    };
    // `sys_read` and `read` are one name: the kernel's and the manual page's.
    let name = |declaration: &Declaration| {
        let name = &declaration.name;
        name.strip_prefix("sys_").unwrap_or(name).to_owned()
    };
    name(a) == name(b) && a.ret == b.ret && types(a) == types(b) && a.variadic == b.variadic
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for prototype in &self.new {
            writeln!(f, "new      {prototype}")?;
        }
        for (theirs, ours) in &self.changed {
            writeln!(f, "changed  {theirs}\n    ours {ours}")?;
        }
        for prototype in &self.missing {
            writeln!(f, "missing  {prototype}")?;
        }
        writeln!(
            f,
            "{} new, {} changed, {} missing, {} the same",
            self.new.len(),
            self.changed.len(),
            self.missing.len(),
            self.same
        )
    }
}

/// Prints prototypes, one a line.
pub fn print(prototypes: &[Prototype]) -> String {
    prototypes
        .iter()
        .map(|prototype| format!("{prototype}\n"))
        .collect()
}

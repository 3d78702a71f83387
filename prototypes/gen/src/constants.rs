//! Which named numbers does an OS have, and which values on which ABI?
//!
//! ```text
//! [open]
//! O_CREAT<TAB>0x40<TAB>mips=0x100
//! O_LARGEFILE<TAB>0x8000<TAB>arm=0x20000 mips=0x2000
//! ```
//!
//! A value stands for all ABIs but those that are named behind it; `-` says that there is none.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::abis::Of;
use crate::compiler::Compiler;
use crate::declaration::{self, Error};

/// A fact that may differ between ABIs: what most of them say, and what the others do. `None`: there is no such thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ByAbi<T> {
    /// For all ABIs that are not among the exceptions.
    pub usual: Option<T>,
    /// For the ABIs named.
    pub except: BTreeMap<String, Option<T>>,
}

impl<T: Clone + PartialEq> ByAbi<T> {
    /// What holds on an ABI, given by its name and the names of those whose facts it shares.
    pub fn on(&self, names: &[String]) -> Option<&T> {
        names
            .iter()
            .find_map(|abi| self.except.get(abi))
            .unwrap_or(&self.usual)
            .as_ref()
    }

    /// Merges what `fact` says of each ABI: the answer of most is the usual one, of equally many the first. ABIs like
    /// another have no vote.
    pub fn merge<F>(all: &[Of<F>], fact: impl Fn(&F) -> Option<T>) -> Self {
        let each: Vec<(&Of<F>, Option<T>)> = all.iter().map(|of| (of, fact(&of.facts))).collect();
        let voters = || each.iter().filter(|(of, _)| of.like.is_empty());
        let votes = |value: &Option<T>| voters().filter(|(_, other)| other == value).count();
        let mut usual: Option<&Option<T>> = None;
        for (_, value) in voters() {
            if usual.is_none_or(|best| votes(value) > votes(best)) {
                usual = Some(value);
            }
        }
        let mut merged = ByAbi {
            usual: usual.cloned().flatten(),
            except: BTreeMap::new(),
        };
        for (of, value) in &each {
            if merged.on(&of.like) != value.as_ref() {
                merged.except.insert(of.abi.clone(), value.clone());
            }
        }
        merged
    }

    /// Parses the columns `VALUE` and `abi=VALUE abi=VALUE`.
    pub fn parse(columns: &str, value: impl Fn(&str) -> Result<T, String>) -> Result<Self, String> {
        let one = |text: &str| match text {
            "-" => Ok(None),
            text => value(text).map(Some),
        };
        let mut words = columns.split_whitespace();
        let usual = one(words
            .next()
            .ok_or("expected a value, found the end of the line")?)?;
        let mut except = BTreeMap::new();
        for word in words {
            let (abi, text) = word
                .split_once('=')
                .ok_or_else(|| format!("expected `abi=VALUE`, found `{word}`"))?;
            if except.insert(abi.to_owned(), one(text)?).is_some() {
                return Err(format!("expected each ABI once, found `{abi}` again"));
            }
        }
        Ok(ByAbi { usual, except })
    }

    /// Writes what [`ByAbi::parse`] reads.
    pub fn print(&self, value: impl Fn(&T) -> String) -> String {
        let one = |fact: &Option<T>| fact.as_ref().map_or_else(|| "-".to_owned(), &value);
        let mut text = one(&self.usual);
        for (at, (abi, fact)) in self.except.iter().enumerate() {
            let _ = write!(
                text,
                "{}{abi}={}",
                if at == 0 { '\t' } else { ' ' },
                one(fact)
            );
        }
        text
    }
}

/// A constant.
#[derive(Debug, Clone)]
pub struct Constant {
    /// The heading it stands under.
    pub group: String,
    /// Its name.
    pub name: String,
    /// Its values.
    pub value: ByAbi<i128>,
    /// The line it stands on.
    pub line: usize,
}

fn number(text: &str) -> Result<i128, String> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let value = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let value =
        value.map_err(|_| format!("expected a number of at most 64 bits, found `{text}`"))?;
    Ok(sign * i128::from(value))
}

fn print_number(value: &i128) -> String {
    if *value > 255 {
        format!("{value:#x}")
    } else {
        value.to_string()
    }
}

/// Parses a text of constants.
pub fn parse(file: &str, text: &str) -> Result<Vec<Constant>, Vec<Error>> {
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    let mut constants = Vec::new();
    let mut errors = Vec::new();
    let mut group = String::new();
    for (line, source) in declaration::lines(file, text).map_err(|error| vec![error])? {
        let source = source.trim();
        if let Some(name) = source
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            group = name.to_owned();
            continue;
        }
        let (name, values) = source.split_once('\t').unwrap_or((source, ""));
        match ByAbi::parse(values, number) {
            Err(message) => errors.push(Error::new(file, line, message)),
            Ok(value) => {
                if let Some(other) = all.insert(name.to_owned(), line) {
                    let message = format!("expected `{name}` once, found it on line {other}, too");
                    errors.push(Error::new(file, line, message));
                }
                let (group, name) = (group.clone(), name.to_owned());
                constants.push(Constant {
                    group,
                    name,
                    value,
                    line,
                });
            }
        }
    }
    if errors.is_empty() {
        Ok(constants)
    } else {
        Err(errors)
    }
}

/// What is known of an ABI's constants.
pub type Values = BTreeMap<String, i128>;

/// Parses a table of one ABI, `GROUP<TAB>NAME<TAB>VALUE` a line, into `headings` (of each name) and the values. Names that
/// have a heading keep it. Headings named in `without` are left out.
pub fn parse_table(
    file: &str,
    text: &str,
    without: &[String],
    headings: &mut BTreeMap<String, String>,
) -> Result<Values, Error> {
    let mut values = Values::new();
    for (line, source) in declaration::lines(file, text)? {
        let columns: Vec<&str> = source.split('\t').collect();
        let &[group, name, value] = &columns[..] else {
            let message = "expected a group, a name and a value, separated by tabs";
            return Err(Error::new(file, line, message));
        };
        if !without.iter().any(|other| other == group) {
            let value = number(value.trim()).map_err(|message| Error::new(file, line, message))?;
            values.insert(name.to_owned(), value);
            headings
                .entry(name.to_owned())
                .or_insert_with(|| group.to_owned());
        }
    }
    Ok(values)
}

/// Asks a compiler for the values of names. Each of `preludes` is tried for the names that those before do not know.
pub fn measure<'a>(
    compiler: &Compiler,
    preludes: &[&str],
    names: impl IntoIterator<Item = &'a String>,
) -> Result<Values, String> {
    let mut names: Vec<&String> = names.into_iter().collect();
    let mut values = Values::new();
    for prelude in preludes {
        let questions: Vec<Vec<String>> = names.iter().map(|name| vec![(*name).clone()]).collect();
        for (name, answer) in names.iter().zip(compiler.ask(prelude, &questions)?) {
            if let Some(&[value]) = answer.as_deref() {
                values.insert((*name).clone(), value);
            }
        }
        names.retain(|name| !values.contains_key(*name));
    }
    Ok(values)
}

/// The text that [`parse`] reads. `headings` says under which each name stands; `head` becomes the comment at the top.
pub fn print(head: &str, headings: &BTreeMap<String, String>, all: &[Of<Values>]) -> String {
    let mut text: String = head.lines().map(|line| format!("# {line}\n")).collect();
    let mut sorted: Vec<(&String, &String)> =
        headings.iter().map(|(name, group)| (group, name)).collect();
    sorted.sort();
    let mut last = "";
    for (group, name) in sorted {
        if group != last {
            let _ = write!(text, "\n[{group}]\n");
            last = group;
        }
        let value = ByAbi::merge(all, |values| values.get(name).copied());
        let _ = writeln!(text, "{name}\t{}", value.print(print_number));
    }
    text
}

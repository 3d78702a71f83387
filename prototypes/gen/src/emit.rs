//! How does an OS read as Rust?
//!
//! The output is the inside of a module that brings `Args`, `Call`, `CallInfo`, `CStr`, `Classes`, `DataModel`, `Ends`,
//! `Field`, `Long`, `Meaning`, `Os`, `Param`, `Ptr`, `Row`, `RowParam`, `Span`, `Stop`, `Struct`, `Table`, `ULong`, `Width`
//! and the OS's own `Abi`, `Group`, `OS` and `Outcome` into scope.

mod calls;
mod facts;
mod services;
mod tables;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::model::Os;

/// Statics of ABIs. Those with the same value are one.
#[derive(Default)]
struct Statics {
    made: HashMap<String, String>,
}

impl Statics {
    /// The name of the static with this type and value: `id`, or that of an earlier one.
    fn one(&mut self, text: &mut String, id: &str, ty: &str, value: &str) -> String {
        let declaration = format!("{ty} = {value}");
        if let Some(other) = self.made.get(&declaration) {
            return other.clone();
        }
        let _ = writeln!(text, "static {id}: {declaration};\n");
        self.made.insert(declaration, id.to_owned());
        id.to_owned()
    }
}

/// The text of the module.
pub fn module(os: &Os) -> String {
    let mut text = calls_module(os);
    facts::errors(&mut text, os);
    facts::constants(&mut text, os);
    facts::layouts(&mut text, os);
    tables::abis(&mut text, os);
    text
}

/// The part of it that is about calls.
pub(crate) fn calls_module(os: &Os) -> String {
    let mut text = String::new();
    calls::structs(&mut text, os);
    calls::infos(&mut text, os);
    calls::any(&mut text, os);
    services::traits(&mut text, os);
    services::dispatch(&mut text, os);
    text
}

/// `rt_sigaction` as `RtSigaction`.
pub(crate) fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|first| first.to_ascii_uppercase());
            let rest = letters.as_str();
            // `ARM_set_tls`
            let rest = if word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase()) {
                rest.to_ascii_lowercase()
            } else {
                rest.to_owned()
            };
            first.into_iter().collect::<String>() + &rest
        })
        .collect()
}

/// Rust's reserved words that may be names of calls or arguments.
const RESERVED: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "continue", "dyn", "final", "fn",
    "gen", "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv",
    "pub", "ref", "trait", "try", "type", "unsafe", "unsized", "use", "virtual", "where", "yield",
];

/// The name as an identifier: `r#type`.
fn ident(name: &str) -> String {
    if RESERVED.contains(&name) {
        format!("r#{name}")
    } else if matches!(name, "self" | "super" | "crate" | "Self") {
        format!("{name}_")
    } else {
        name.to_owned()
    }
}

/// `NtQueryEaFile` as `Nt_Query_Ea_File`; a name that has capitals at the start of words only stays as it is.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (at, &letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| letters[before]);
        let after = letters.get(at + 1);
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts {
            text.push('_');
        }
        text.push(letter);
    }
    text
}

/// A service's method for a call.
fn method(name: &str) -> String {
    ident(&snake(name).trim_start_matches('_').to_ascii_lowercase())
}

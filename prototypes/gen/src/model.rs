//! What do all texts of an OS say together, and do they agree?

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::abis;
use crate::constants::{self, Constant};
use crate::declaration::{self, Declaration, Error};
use crate::emit;
use crate::errors::{self, Errno, What};
use crate::groups::{self, Group};
use crate::meanings::{self, Meaning, Refers, Takes};
use crate::nearest::did_you_mean;
use crate::numbers;
use crate::structs::{self, Struct};
use crate::types::Types;

/// The texts of an OS, by the names of their files.
#[derive(Debug, Default)]
pub struct Texts {
    files: BTreeMap<String, String>,
}

impl Texts {
    /// The `.txt` files of a directory.
    pub fn read(dir: &Path) -> Result<Texts, Vec<Error>> {
        let mut texts = Texts::default();
        let failed = |path: &Path, error: std::io::Error| {
            vec![Error::new(
                &path.display().to_string(),
                0,
                error.to_string(),
            )]
        };
        for entry in fs::read_dir(dir).map_err(|error| failed(dir, error))? {
            let path = entry.map_err(|error| failed(dir, error))?.path();
            if path.extension().is_some_and(|extension| extension == "txt") {
                let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
                let name = path
                    .file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned();
                texts.files.insert(name, text);
            }
        }
        Ok(texts)
    }

    /// Adds a text.
    pub fn with(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    pub(crate) fn get(&self, name: &str) -> Result<&str, Vec<Error>> {
        match self.files.get(name) {
            Some(text) => Ok(text),
            None => Err(vec![Error::new(name, 0, "expected this file, found none")]),
        }
    }
}

/// An OS: everything the generator knows of it.
#[derive(Debug, Default)]
pub struct Os {
    /// The Rust type of its errors.
    pub error: &'static str,
    /// Its calls, sorted by name.
    pub calls: Vec<Call>,
    /// Names of the sections, in their order.
    pub sections: Vec<String>,
    /// Its ABIs.
    pub abis: Vec<Abi>,
    /// Its constants.
    pub constants: Vec<Constant>,
    /// Groups of constants.
    pub groups: Vec<Group>,
    /// Its errors.
    pub errors: Vec<Errno>,
    /// Its structures.
    pub structs: Vec<Struct>,
    /// Names of the structures and opaque types that calls point to.
    pub tags: BTreeSet<String>,
}

/// A call.
#[derive(Debug)]
pub struct Call {
    /// Its declaration.
    pub declaration: Declaration,
    /// The index of its section.
    pub section: usize,
    /// Its parameters.
    pub params: Vec<Param>,
    /// The meaning of its result, as a Rust expression.
    pub ret: String,
    /// The variant of `Ends`.
    pub ends: &'static str,
    /// Its classes.
    pub classes: Vec<String>,
    /// Whether more than its name is known.
    pub known: bool,
}

/// A parameter of a call.
#[derive(Debug)]
pub struct Param {
    /// The variant of `Width`.
    pub width: &'static str,
    /// The Rust type.
    pub rust: String,
    /// The meaning, as a Rust expression.
    pub meaning: String,
}

/// An ABI.
#[derive(Debug)]
pub struct Abi {
    /// The name of its static.
    pub id: String,
    /// The name the texts use.
    pub name: String,
    /// Its name, and the names of the ABIs whose facts it shares where none is given for itself.
    pub facts: Vec<String>,
    /// The variant of `DataModel`.
    pub model: &'static str,
    /// Its numbers, sorted.
    pub rows: Vec<Row>,
}

/// A number of an ABI.
#[derive(Debug)]
pub struct Row {
    /// The number.
    pub number: u32,
    /// The ABI's name of the call.
    pub name: String,
    /// The kernel's entry point.
    pub entry: String,
    /// Index of the call.
    pub call: usize,
    /// For each argument in the order it is passed: index of the call's parameter, variant of `Width`.
    pub params: Vec<(usize, &'static str)>,
    /// How the ABI declares the arguments, where that differs from the call's declaration.
    pub declared: Option<Vec<declaration::Param>>,
}

/// The names of the texts.
pub mod file {
    #![allow(missing_docs, reason = "the names say it")]
    pub const SIGNATURES: &str = "signatures.txt";
    pub const MEANINGS: &str = "meanings.txt";
    pub const TYPES: &str = "types.txt";
    pub const ABIS: &str = "abis.txt";
    pub const CONSTANTS: &str = "constants.txt";
    pub const GROUPS: &str = "groups.txt";
    pub const ERRORS: &str = "errors.txt";
    pub const STRUCTS: &str = "structs.txt";
}

/// What a meaning must not take when the argument has this Rust type.
fn unlike(rust: &str) -> Takes {
    if rust.starts_with("Ptr<") {
        Takes::Value
    } else {
        Takes::Pointer
    }
}

/// Collects errors instead of stopping at the first.
#[derive(Debug, Default)]
pub(crate) struct Check {
    errors: Vec<Error>,
}

impl Check {
    pub(crate) fn add(&mut self, file: &str, line: usize, message: impl Into<String>) {
        self.errors.push(Error::new(file, line, message));
    }

    /// The errors so far, if any.
    pub(crate) fn stop(&mut self) -> Result<(), Vec<Error>> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(std::mem::take(&mut self.errors))
        }
    }

    /// The value, or its default and the errors noted.
    pub(crate) fn take<T: Default>(&mut self, result: Result<T, Vec<Error>>) -> T {
        result.unwrap_or_else(|errors| {
            self.errors.extend(errors);
            T::default()
        })
    }
}

impl Os {
    /// Parses the texts and checks them against each other.
    pub fn new(texts: &Texts) -> Result<Os, Vec<Error>> {
        let mut check = Check::default();
        let one = |error: Error| vec![error];
        let types = check.take(
            texts
                .get(file::TYPES)
                .and_then(|text| Types::parse(file::TYPES, text)),
        );
        let declarations = check.take(
            texts
                .get(file::SIGNATURES)
                .and_then(|text| declaration::parse(file::SIGNATURES, text).map_err(one)),
        );
        let constants = check.take(
            texts
                .get(file::CONSTANTS)
                .and_then(|text| constants::parse(file::CONSTANTS, text)),
        );
        let groups = check.take(
            texts
                .get(file::GROUPS)
                .and_then(|text| groups::parse(file::GROUPS, text, &constants)),
        );
        let errors = check.take(
            texts
                .get(file::ERRORS)
                .and_then(|text| errors::parse(file::ERRORS, text)),
        );
        let structs = check.take(
            texts
                .get(file::STRUCTS)
                .and_then(|text| structs::parse(file::STRUCTS, text)),
        );
        let lines = check.take(
            texts
                .get(file::MEANINGS)
                .and_then(|text| meanings::parse(file::MEANINGS, text)),
        );
        check.stop()?;

        let mut os = Os {
            error: "Errno",
            calls: Vec::new(),
            sections: Vec::new(),
            abis: Vec::new(),
            constants,
            groups,
            errors,
            structs,
            tags: BTreeSet::new(),
        };
        // Each step builds on the one before; what is wrong there would be told again here.
        os.calls(&mut check, &types, declarations, lines);
        check.stop()?;
        os.abis(&mut check, &types, texts);
        check.stop()?;
        os.facts(&mut check);
        os.names(&mut check);
        check.stop()?;
        Ok(os)
    }

    fn calls(
        &mut self,
        check: &mut Check,
        types: &Types,
        mut declarations: Vec<Declaration>,
        lines: Vec<meanings::Line>,
    ) {
        declarations.sort_by(|a, b| a.name.cmp(&b.name));
        for pair in declarations.windows(2) {
            if pair[0].name == pair[1].name {
                let message = format!(
                    "expected each call once, found `{}` again; it stands on line {}",
                    pair[1].name, pair[0].line
                );
                check.add(file::SIGNATURES, pair[1].line, message);
            }
        }
        let names: Vec<&str> = declarations
            .iter()
            .map(|other| other.name.as_str())
            .collect();
        for line in &lines {
            if !names.contains(&line.call.as_str()) {
                let nearest = did_you_mean(&line.call, names.iter().copied());
                let message = format!(
                    "expected a call of {}, found `{}`{nearest}",
                    file::SIGNATURES,
                    line.call
                );
                check.add(file::MEANINGS, line.line, message);
            }
            if !self.sections.contains(&line.section) {
                self.sections.push(line.section.clone());
            }
        }
        for declaration in declarations {
            let Some(line) = lines.iter().find(|line| line.call == declaration.name) else {
                let message = format!(
                    "expected `{}` under a section of {}, found it nowhere",
                    declaration.name,
                    file::MEANINGS
                );
                check.add(file::SIGNATURES, declaration.line, message);
                continue;
            };
            let call = self.call(check, types, declaration, line);
            self.calls.push(call);
        }
    }

    fn call(
        &mut self,
        check: &mut Check,
        types: &Types,
        declaration: Declaration,
        line: &meanings::Line,
    ) -> Call {
        for (name, _) in &line.params {
            if !declaration.params.iter().any(|param| param.name == *name) {
                let names = declaration.params.iter().map(|param| param.name.as_str());
                let message = format!(
                    "expected an argument of `{}`, found `{name}`{}",
                    declaration.name,
                    did_you_mean(name, names)
                );
                check.add(file::MEANINGS, line.line, message);
            }
        }
        let mut params = Vec::new();
        for param in &declaration.params {
            let said: Vec<&str> = line
                .params
                .iter()
                .filter(|(name, _)| *name == param.name)
                .map(|(_, word)| word.as_str())
                .collect();
            if said.len() > 1 {
                let message = format!(
                    "expected one meaning of `{}`, found {}",
                    param.name,
                    said.len()
                );
                check.add(file::MEANINGS, line.line, message);
            }
            let unsaid = if param.ty.is_pointer() {
                "addr"
            } else {
                "plain"
            };
            let word = said.first().copied().unwrap_or(unsaid);
            let (meaning, takes) = self.meaning(check, line, word, &declaration.params);
            let string = matches!(word, "path" | "str");
            let known = types
                .width(&param.ty)
                .and_then(|width| types.rust(&param.ty, string).map(|rust| (width, rust)));
            match known {
                Ok((_, rust)) if takes == unlike(&rust) => {
                    let message = format!(
                        "expected a meaning of `{param}`, found `{word}`, which suits no `{rust}`"
                    );
                    check.add(file::MEANINGS, line.line, message);
                }
                Ok((width, rust)) => params.push(Param {
                    width,
                    rust,
                    meaning,
                }),
                Err(message) => check.add(file::SIGNATURES, declaration.line, message),
            }
            self.tags.extend(types.tag(&param.ty));
        }
        let (ret, _) = self.meaning(check, line, &line.ret, &declaration.params);
        let section = self
            .sections
            .iter()
            .position(|name| *name == line.section)
            .unwrap_or(0);
        Call {
            declaration,
            section,
            params,
            ret,
            ends: line.ends,
            classes: line.classes.clone(),
            known: true,
        }
    }

    fn meaning(
        &self,
        check: &mut Check,
        line: &meanings::Line,
        word: &str,
        params: &[declaration::Param],
    ) -> (String, Takes) {
        let Meaning {
            expression,
            refers,
            takes,
        } = match meanings::meaning(word, params) {
            Ok(known) => known,
            Err(message) => {
                check.add(file::MEANINGS, line.line, message);
                return (String::new(), Takes::Any);
            }
        };
        let (name, names, what, file): (_, Vec<&str>, _, _) = match &refers {
            Refers::Nothing => return (expression, takes),
            Refers::Group(name) => (
                name,
                self.groups
                    .iter()
                    .map(|group| group.name.as_str())
                    .collect(),
                "group",
                file::GROUPS,
            ),
            Refers::Struct(name) => {
                let names = self
                    .structs
                    .iter()
                    .map(|known| known.name.as_str())
                    .collect();
                (name, names, "structure", file::STRUCTS)
            }
        };
        if !names.contains(&name.as_str()) {
            let message = format!(
                "expected a {what} of {file}, found `{name}`{}",
                did_you_mean(name, names)
            );
            check.add(file::MEANINGS, line.line, message);
        }
        (expression, takes)
    }

    fn abis(&mut self, check: &mut Check, types: &Types, texts: &Texts) {
        let lines = texts
            .get(file::ABIS)
            .and_then(|text| abis::parse(file::ABIS, text));
        for abi in check.take(lines) {
            let abis::Line {
                id,
                name,
                model,
                table,
                like,
            } = abi;
            let numbers = texts
                .get(&table)
                .and_then(|text| numbers::parse(&table, text).map_err(|error| vec![error]));
            let numbers = check.take(numbers);
            let rows = self.rows(check, types, &table, numbers);
            let facts = [name.clone()].into_iter().chain(like).collect();
            self.abis.push(Abi {
                id,
                name,
                facts,
                model,
                rows,
            });
        }
    }

    fn rows(
        &self,
        check: &mut Check,
        types: &Types,
        table: &str,
        mut numbers: Vec<numbers::Number>,
    ) -> Vec<Row> {
        numbers.sort_by_key(|number| number.number);
        let mut rows: Vec<Row> = Vec::new();
        for number in numbers {
            let Ok(call) = self
                .calls
                .binary_search_by(|call| call.declaration.name.cmp(&number.call))
            else {
                let names = self.calls.iter().map(|call| call.declaration.name.as_str());
                let message = format!(
                    "expected a call of {}, found `{}`{}",
                    file::SIGNATURES,
                    number.call,
                    did_you_mean(&number.call, names)
                );
                check.add(table, number.line, message);
                continue;
            };
            if rows.iter().any(|row| row.name == number.name) {
                let message = format!("expected each name once, found `{}` again", number.name);
                check.add(table, number.line, message);
            }
            match self.row_params(types, call, number.params.as_deref()) {
                Err(message) => check.add(table, number.line, message),
                Ok(params) => rows.push(Row {
                    number: number.number,
                    name: number.name,
                    entry: number.entry,
                    call,
                    params,
                    declared: number.params,
                }),
            }
        }
        rows
    }

    fn row_params(
        &self,
        types: &Types,
        call: usize,
        variant: Option<&[declaration::Param]>,
    ) -> Result<Vec<(usize, &'static str)>, String> {
        let signature = &self.calls[call];
        let Some(variant) = variant else {
            return Ok(signature
                .params
                .iter()
                .map(|param| param.width)
                .enumerate()
                .collect());
        };
        let places = numbers::places(&signature.declaration.params, variant)?;
        let row: Result<Vec<_>, String> = places
            .into_iter()
            .zip(variant)
            .map(|(place, param)| types.width(&param.ty).map(|width| (place, width)))
            .collect();
        let row = row?;
        if *variant == signature.declaration.params[..] {
            return Err(
                "expected parameters that differ from the signature's, found the same".to_owned(),
            );
        }
        Ok(row)
    }

    /// Each call has a number somewhere, and a name of its own in Rust.
    fn names(&self, check: &mut Check) {
        let mut seen: BTreeMap<String, &str> = BTreeMap::new();
        for (at, call) in self.calls.iter().enumerate() {
            let Declaration { name, line, .. } = &call.declaration;
            if !self
                .abis
                .iter()
                .any(|abi| abi.rows.iter().any(|row| row.call == at))
            {
                let message = format!("expected a number of `{name}` on some ABI, found none");
                check.add(file::SIGNATURES, *line, message);
            }
            if let Some(other) = seen.insert(emit::camel(name), name) {
                let message =
                    format!("expected different names in Rust, found `{other}` and `{name}`");
                check.add(file::SIGNATURES, *line, message);
            }
        }
    }

    /// Constants, errors and structures name known ABIs and known constants.
    fn facts(&self, check: &mut Check) {
        let known: Vec<&str> = self.abis.iter().map(|abi| abi.name.as_str()).collect();
        let mut abis = |file, line, keys: &mut dyn Iterator<Item = &String>| {
            for abi in keys {
                if !known.contains(&abi.as_str()) {
                    let nearest = did_you_mean(abi, known.iter().copied());
                    check.add(
                        file,
                        line,
                        format!("expected an ABI of {}, found `{abi}`{nearest}", file::ABIS),
                    );
                }
            }
        };
        for constant in &self.constants {
            abis(
                file::CONSTANTS,
                constant.line,
                &mut constant.value.except.keys(),
            );
        }
        for known in &self.structs {
            abis(file::STRUCTS, known.line, &mut known.size.except.keys());
            for (_, place) in &known.fields {
                abis(file::STRUCTS, known.line, &mut place.except.keys());
            }
        }
        for errno in &self.errors {
            let constant = self
                .constants
                .iter()
                .find(|constant| constant.name == errno.name);
            if matches!(errno.what, What::Text(_)) && constant.is_none() {
                let names = self.constants.iter().map(|constant| constant.name.as_str());
                let message = format!(
                    "expected a constant of {}, found `{}`{}",
                    file::CONSTANTS,
                    errno.name,
                    did_you_mean(&errno.name, names)
                );
                check.add(file::ERRORS, errno.line, message);
            }
        }
    }

    /// The value of a constant on an ABI, sign-extended.
    pub fn constant(&self, name: &str, abi: &Abi) -> Option<u64> {
        let constant = self
            .constants
            .iter()
            .find(|constant| constant.name == name)?;
        constant.value.on(&abi.facts).map(|&value| value as u64)
    }
}

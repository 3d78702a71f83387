//! What do the texts of Windows say together, and how do they read as Rust?
//!
//! Calls are declared once, as the newest release has them; releases differ by their numbers and by a few declarations.
//! A number takes two bytes in the output, so that forty releases cost little.

pub mod enumerations;
pub mod numbers;
pub mod overrides;
pub mod releases;
pub mod sal;
pub mod statuses;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::declaration::{Declaration, Error, Param, Type};
use crate::emit;
use crate::meanings;
use crate::model::{self, Call, Check, Os, Texts};
use crate::nearest::did_you_mean;
use crate::types::Types;
use enumerations::Enumeration;
use overrides::Override;
use releases::Release;
use sal::Annotated;
use statuses::Status;

/// The names of the texts.
pub mod file {
    #![allow(missing_docs, reason = "the names say it")]
    pub const SIGNATURES: &str = "signatures.txt";
    pub const ADDITIONS: &str = "additions.txt";
    pub const OVERRIDES: &str = "overrides.txt";
    pub const MEANINGS: &str = "meanings.txt";
    pub const TYPES: &str = "types.txt";
    pub const RELEASES: &str = "releases.txt";
    pub const NUMBERS: &str = "numbers.txt";
    pub const STATUSES: &str = "statuses.txt";
    pub const ENUMERATIONS: &str = "enumerations.txt";
    pub const CONTROLS: &str = "controls.txt";
}

/// The section of calls without a signature.
const UNKNOWN: &str = "unknown";
/// The section of calls that no release has: their numbers are read from the stubs of a guest's own library.
const OF_STUBS: &str = "wine";

/// Everything the generator knows of Windows.
#[derive(Debug)]
pub struct Windows {
    /// The calls, those without a signature among them.
    pub os: Os,
    /// The releases, each with its calls by number.
    pub releases: Vec<(Release, BTreeMap<u32, String>)>,
    overrides: Vec<Placed>,
    statuses: Vec<Status>,
    enumerations: Vec<Enumeration>,
}

/// A declaration of older releases: the call, the line, and for each parameter its place in the call's and its width.
type Placed = (usize, Override, Vec<(usize, &'static str)>);

/// A declaration, the section it stands in, and the text and line it stands on.
type Signature = (Annotated, String, &'static str, usize);

/// Parses a text of annotated declarations under the headings of sections.
pub fn signatures(file: &'static str, text: &str) -> Result<Vec<Signature>, Vec<Error>> {
    let mut all = Vec::new();
    let mut errors = Vec::new();
    let mut section = String::new();
    for (line, source) in crate::declaration::lines(file, text).map_err(|error| vec![error])? {
        let source = source.trim();
        let heading = source
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        match heading {
            Some(name) => section = name.to_owned(),
            None if section.is_empty() => errors.push(Error::new(
                file,
                line,
                "expected the `[name]` of a section first",
            )),
            None => match Annotated::parse(source) {
                Ok(declaration) => all.push((declaration, section.clone(), file, line)),
                Err(message) => errors.push(Error::new(file, line, message)),
            },
        }
    }
    if errors.is_empty() {
        Ok(all)
    } else {
        Err(errors)
    }
}

impl Windows {
    /// Parses the texts and checks them against each other.
    pub fn new(texts: &Texts) -> Result<Windows, Vec<Error>> {
        let mut check = Check::default();
        let one = |error: Error| vec![error];
        let types = check.take(
            texts
                .get(file::TYPES)
                .and_then(|text| Types::parse(file::TYPES, text)),
        );
        let releases = check.take(
            texts
                .get(file::RELEASES)
                .and_then(|text| releases::parse(file::RELEASES, text).map_err(one)),
        );
        let mut all: Vec<Signature> = Vec::new();
        for name in [file::SIGNATURES, file::ADDITIONS] {
            all.extend(check.take(texts.get(name).and_then(|text| signatures(name, text))));
        }
        let lines = check.take(
            texts
                .get(file::MEANINGS)
                .and_then(|text| meanings::parse(file::MEANINGS, text)),
        );
        check.stop()?;
        let tables = check.take(
            texts
                .get(file::NUMBERS)
                .and_then(|text| numbers::parse(file::NUMBERS, text, &releases)),
        );
        let overrides = check.take(
            texts
                .get(file::OVERRIDES)
                .and_then(|text| overrides::parse(file::OVERRIDES, text, &releases).map_err(one)),
        );
        let statuses = check.take(
            texts
                .get(file::STATUSES)
                .and_then(|text| statuses::parse(file::STATUSES, text).map_err(one)),
        );
        let mut enumerations: Vec<Enumeration> = Vec::new();
        for name in [file::ENUMERATIONS, file::CONTROLS] {
            enumerations.extend(
                check.take(
                    texts
                        .get(name)
                        .and_then(|text| enumerations::parse(name, text).map_err(one)),
                ),
            );
        }
        enumerations.sort_by(|a, b| a.name.cmp(&b.name));
        check.stop()?;

        let numbered: BTreeSet<&String> = tables.iter().flat_map(|table| table.values()).collect();
        let mut os = Os {
            error: "NtStatus",
            ..Os::default()
        };
        let mut signed: BTreeMap<String, Signature> = BTreeMap::new();
        for signature in all {
            let (annotated, section, file, line) = &signature;
            if section != OF_STUBS && !numbered.contains(&annotated.name) {
                let message = format!(
                    "expected a number of `{}` in some release, found none",
                    annotated.name
                );
                check.add(file, *line, message);
            }
            if let Some(other) = signed.get(&annotated.name) {
                let message = format!(
                    "expected each call once, found `{}` again; it stands in {} on line {}",
                    annotated.name, other.2, other.3
                );
                check.add(file, *line, message);
                continue;
            }
            signed.insert(annotated.name.clone(), signature);
        }
        for line in &lines {
            if !signed.contains_key(&line.call) {
                let nearest = did_you_mean(&line.call, signed.keys().map(String::as_str));
                let message = format!(
                    "expected a call of {}, found `{}`{nearest}",
                    file::SIGNATURES,
                    line.call
                );
                check.add(file::MEANINGS, line.line, message);
            }
        }
        os.sections = signed
            .values()
            .map(|(_, section, ..)| section.clone())
            .collect();
        os.sections.push(UNKNOWN.to_owned());
        os.sections.sort();
        os.sections.dedup();
        let of_stubs = signed
            .values()
            .filter(|(_, section, ..)| section == OF_STUBS);
        let names: BTreeSet<&String> = of_stubs
            .map(|(annotated, ..)| &annotated.name)
            .chain(numbered)
            .collect();
        for name in names {
            let call = match signed.get(name) {
                Some(signature) => {
                    let line = lines.iter().find(|line| line.call == *name);
                    self::call(&mut check, &mut os, &types, signature, line)
                }
                None => unsigned(&os, name),
            };
            os.calls.push(call);
        }
        check.stop()?;
        let overrides = overrides
            .into_iter()
            .filter_map(|line| place(&mut check, &os, &types, line))
            .collect();
        check.stop()?;
        Ok(Windows {
            os,
            releases: releases.into_iter().zip(tables).collect(),
            overrides,
            statuses,
            enumerations,
        })
    }
}

fn section(os: &Os, name: &str) -> usize {
    os.sections
        .iter()
        .position(|known| known == name)
        .unwrap_or(0)
}

/// A call of which no more than its name is known.
fn unsigned(os: &Os, name: &str) -> Call {
    Call {
        declaration: Declaration {
            ret: Type::plain(""),
            name: name.to_owned(),
            params: Vec::new(),
            variadic: false,
            line: 0,
        },
        section: section(os, UNKNOWN),
        params: Vec::new(),
        ret: "Meaning::Plain".to_owned(),
        ends: "Returns",
        classes: Vec::new(),
        known: false,
    }
}

fn call(
    check: &mut Check,
    os: &mut Os,
    types: &Types,
    (annotated, heading, file, at): &Signature,
    line: Option<&meanings::Line>,
) -> Call {
    let declaration = &annotated.declaration;
    let mut params = Vec::new();
    for (param, annotation) in declaration.params.iter().zip(&annotated.annotations) {
        let known = types
            .width(&param.ty)
            .and_then(|width| types.rust(&param.ty, false).map(|rust| (width, rust)));
        let (width, rust) = match known {
            Ok(known) => known,
            Err(message) => {
                check.add(file, *at, message);
                continue;
            }
        };
        for name in lengths(annotation) {
            if !declaration.params.iter().any(|other| other.name == name) {
                let names = declaration.params.iter().map(|other| other.name.as_str());
                let nearest = did_you_mean(&name, names);
                let message = format!(
                    "expected an argument of `{}` in `{annotation}`, found `{name}`{nearest}",
                    declaration.name
                );
                check.add(file, *at, message);
            }
        }
        os.tags.extend(types.tag(&param.ty));
        params.push(model::Param {
            width,
            rust,
            meaning: meaning(types, param, annotation, &declaration.params),
        });
    }
    if let Some(line) = line {
        for (name, word) in &line.params {
            let at = declaration
                .params
                .iter()
                .position(|param| param.name == *name);
            match (at, meanings::meaning(word, &declaration.params)) {
                (Some(at), Ok(meaning)) if at < params.len() => {
                    params[at].meaning = meaning.expression
                }
                (None, _) => {
                    let message =
                        format!("expected an argument of `{}`, found `{name}`", line.call);
                    check.add(file::MEANINGS, line.line, message);
                }
                (_, Err(message)) => check.add(file::MEANINGS, line.line, message),
                _ => {}
            }
        }
    }
    let ret = match declaration.ret.base.as_str() {
        "NTSTATUS" => "Meaning::Hex",
        _ => "Meaning::Plain",
    };
    Call {
        declaration: declaration.clone(),
        section: section(os, heading),
        params,
        ret: ret.to_owned(),
        ends: line.map_or("Returns", |line| line.ends),
        classes: line.map_or(Vec::new(), |line| line.classes.clone()),
        known: true,
    }
}

/// The arguments an annotation names as lengths, but for constants, which are in capitals.
fn lengths(annotation: &str) -> Vec<String> {
    let sal::Travels { count, done, .. } = sal::travels(annotation);
    let count = match count {
        Some(sal::Count::Bytes(name) | sal::Count::Elements(name)) => Some(name),
        _ => None,
    };
    let constant = |name: &String| !name.contains(|c: char| c.is_ascii_lowercase());
    [count, done]
        .into_iter()
        .flatten()
        .filter(|name| !constant(name))
        .collect()
}

fn meaning(types: &Types, param: &Param, annotation: &str, params: &[Param]) -> String {
    let resolved = types.resolve(&param.ty);
    let element = types.element(&param.ty);
    sal::meaning(annotation, &param.ty, &resolved, &element, params)
}

fn place(check: &mut Check, os: &Os, types: &Types, line: Override) -> Option<Placed> {
    let name = &line.declaration.name;
    let Ok(at) = os
        .calls
        .binary_search_by(|call| call.declaration.name.cmp(name))
    else {
        let nearest = did_you_mean(
            name,
            os.calls.iter().map(|call| call.declaration.name.as_str()),
        );
        let message = format!(
            "expected a call of {}, found `{name}`{nearest}",
            file::SIGNATURES
        );
        check.add(file::OVERRIDES, line.line, message);
        return None;
    };
    let variant = &line.declaration.params;
    let places = crate::numbers::places(&os.calls[at].declaration.params, variant);
    let widths: Result<Vec<_>, String> = places.and_then(|places| {
        let each = places.into_iter().zip(variant);
        each.map(|(place, param)| types.width(&param.ty).map(|width| (place, width)))
            .collect()
    });
    match widths {
        Ok(widths) => Some((at, line, widths)),
        Err(message) => {
            check.add(file::OVERRIDES, line.line, message);
            None
        }
    }
}

/// The text of the module.
pub fn module(windows: &Windows) -> String {
    let mut text = emit::calls_module(&windows.os);
    rows(&mut text, windows);
    overrides_table(&mut text, windows);
    releases_table(&mut text, windows);
    statuses::module(&mut text, &windows.statuses);
    enumerations::module(&mut text, &windows.enumerations);
    text
}

fn row_params(params: &[(usize, &'static str)]) -> String {
    let params: Vec<String> = params
        .iter()
        .map(|(field, width)| format!("p({field}, Width::{width})"))
        .collect();
    format!("&[{}]", params.join(", "))
}

/// Arguments as they are passed, by call.
fn rows(text: &mut String, windows: &Windows) {
    *text += "/// The arguments of each call in the order in which they are passed.\npub(super) static PARAMS: [&[RowParam]; CALL_COUNT] = [\n";
    for call in &windows.os.calls {
        let params: Vec<_> = call
            .params
            .iter()
            .map(|param| param.width)
            .enumerate()
            .collect();
        let _ = writeln!(text, "    {},", row_params(&params));
    }
    *text += "];\n\n";
}

fn overrides_table(text: &mut String, windows: &Windows) {
    *text += "/// Declarations of older releases, by call, the oldest first.\npub(super) static OVERRIDES: &[Override] = &[\n";
    let mut sorted: Vec<_> = windows.overrides.iter().collect();
    sorted.sort_by_key(|(call, line, _)| (*call, line.until));
    for (call, line, params) in sorted {
        let declared: Vec<String> = line
            .declaration
            .params
            .iter()
            .map(|param| format!("({:?}, {:?})", param.name, param.ty.to_string()))
            .collect();
        let _ = writeln!(
            text,
            "    // {}\n    Override {{ call: {call}, until: {}, params: {}, declared: &[{}] }},",
            line.declaration,
            line.until,
            row_params(params),
            declared.join(", ")
        );
    }
    *text += "];\n\n";
}

fn releases_table(text: &mut String, windows: &Windows) {
    let mut statics: BTreeMap<Vec<usize>, String> = BTreeMap::new();
    let mut all = "/// All releases: those of 32 bits and those of 64, older ones first.\npub static RELEASES: &[&Release] = &[\n".to_owned();
    for (release, table) in &windows.releases {
        let last = table
            .keys()
            .next_back()
            .map_or(0, |last| *last as usize + 1);
        let mut calls = vec![0; last];
        for (number, name) in table {
            let at = windows
                .os
                .calls
                .binary_search_by(|call| call.declaration.name.cmp(name));
            calls[*number as usize] = at.map_or(0, |at| at + 1);
        }
        let id = format!("{}_{}", release.arch, release.name).to_ascii_uppercase();
        let numbers = statics.entry(calls).or_insert_with_key(|calls| {
            let _ = writeln!(text, "static {id}_CALLS: &[u16] = &{calls:?};\n");
            format!("{id}_CALLS")
        });
        let model = match release.arch {
            releases::Arch::X86 => "Ilp32",
            releases::Arch::X64 => "Llp64",
        };
        let full = |name: &String| format!("windows_{name}_{}", release.arch);
        let _ = writeln!(
            text,
            "/// Windows {} on {}.\npub static {id}: Release = Release::new({name:?}, &{aliases:?}, DataModel::{model}, {age}, {numbers});\n",
            release.name,
            release.arch,
            name = full(&release.name),
            aliases = release.aliases.iter().map(full).collect::<Vec<_>>(),
            age = release.age,
        );
        let _ = writeln!(all, "    &{id},");
    }
    *text += &all;
    *text += "];\n";
}

//! How does a compiler lay out a structure?
//!
//! A C file that asks for offsets and sizes is compiled to assembly with each architecture's compiler, and the answers are
//! read from that. Nothing is executed, so a cross compiler is as good as the machine.
//!
//! ```text
//! stat64?: struct stat64
//!     st_dev __st_ino? st_atime.tv_sec
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Place, print_place};
use crate::constants::ByAbi;
use crate::declaration::{self, Error};

/// A structure to measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Its name.
    pub name: String,
    /// Its C type.
    pub ctype: String,
    /// Whether some ABIs lack it.
    pub optional: bool,
    /// Its fields, and whether some ABIs lack them.
    pub fields: Vec<(String, bool)>,
}

/// What a compiler says of a structure: its size, and the places of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measured {
    /// Size in bytes.
    pub size: u32,
    /// Places of fields.
    pub fields: BTreeMap<String, Place>,
}

/// Parses a list of structures to measure.
pub fn list(file: &str, text: &str) -> Result<Vec<Wanted>, Error> {
    let mut all: Vec<Wanted> = Vec::new();
    for (line, source) in declaration::lines(file, text)? {
        if source.starts_with(char::is_whitespace) {
            let last = all
                .last_mut()
                .ok_or_else(|| Error::new(file, line, "expected `NAME: TYPE` before any fields"))?;
            last.fields.extend(source.split_whitespace().map(
                |field| match field.strip_suffix('?') {
                    Some(field) => (field.to_owned(), true),
                    None => (field.to_owned(), false),
                },
            ));
            continue;
        }
        let (name, ctype) = source.split_once(':').ok_or_else(|| {
            Error::new(
                file,
                line,
                format!("expected `NAME: TYPE`, found `{source}`"),
            )
        })?;
        let (name, optional) = match name.trim().strip_suffix('?') {
            Some(name) => (name, true),
            None => (name.trim(), false),
        };
        let (name, ctype) = (name.to_owned(), ctype.trim().to_owned());
        all.push(Wanted {
            name,
            ctype,
            optional,
            fields: Vec::new(),
        });
    }
    Ok(all)
}

/// The C file, and which structure and field each of its lines asks for. Lines in `without` are left empty.
fn source(
    prelude: &str,
    wanted: &[Wanted],
    without: &BTreeSet<usize>,
) -> (String, Vec<(usize, Option<usize>)>) {
    let mut text = String::from(prelude);
    // `%0` prints a constant on every architecture, some with a sign before it.
    text += "#define ASK(what, offset, size, sign) __asm__ volatile(\"\\n.ascii \\\"->\" what \" %0 %1 %2\\\"\" :: \
             \"i\"(offset), \"i\"(size), \"i\"(sign));\n\
             #define SIGN(x) _Generic((x), char: 0, signed char: 1, short: 1, int: 1, long: 1, long long: 1, \
             unsigned char: 2, unsigned short: 2, unsigned int: 2, unsigned long: 2, unsigned long long: 2, \
             default: 0)\n\
             void ask(void) {\n";
    let mut asks = Vec::new();
    for (at, one) in wanted.iter().enumerate() {
        asks.push((at, None));
        asks.extend((0..one.fields.len()).map(|field| (at, Some(field))));
    }
    for (line, &(at, field)) in asks.iter().enumerate() {
        let ctype = &wanted[at].ctype;
        if !without.contains(&line) {
            let _ = match field.map(|field| &wanted[at].fields[field].0) {
                None => write!(text, "ASK(\"{line}\", 0, sizeof({ctype}), 0)"),
                Some(field) => write!(
                    text,
                    "ASK(\"{line}\", __builtin_offsetof({ctype}, {field}), sizeof((({ctype} *)0)->{field}), \
                     SIGN((({ctype} *)0)->{field}))"
                ),
            };
        }
        text.push('\n');
    }
    text += "}\n";
    (text, asks)
}

/// The lines of `file` in which a compiler's messages see errors.
fn error_lines(file: &str, messages: &str) -> BTreeSet<usize> {
    messages
        .lines()
        .filter(|line| line.contains(" error: ") || line.contains("asm operand"))
        .filter_map(|line| {
            line.strip_prefix(file)?
                .strip_prefix(':')?
                .split(':')
                .next()?
                .parse()
                .ok()
        })
        .collect()
}

/// Asks one compiler. `scratch` is a directory for two files.
pub fn measure(
    compiler: &[String],
    prelude: &str,
    wanted: &[Wanted],
    scratch: &Path,
) -> Result<Vec<Option<Measured>>, String> {
    let (program, options) = compiler
        .split_first()
        .ok_or("expected a compiler, found none")?;
    let (input, output) = (scratch.join("structs.c"), scratch.join("structs.s"));
    let first_line = prelude.lines().count() + 4;
    let mut without = BTreeSet::new();
    let (answers, asks) = loop {
        let (text, asks) = source(prelude, wanted, &without);
        fs::write(&input, &text).map_err(|error| format!("{}: {error}", input.display()))?;
        let run = Command::new(program)
            .args(options)
            .args([
                "-S",
                "-O1",
                "-w",
                "-fmax-errors=0",
                "-fno-diagnostics-color",
                "-o",
            ])
            .args([&output, &input])
            .env("LC_ALL", "C")
            .output()
            .map_err(|error| format!("{program}: {error}"))?;
        if run.status.success() {
            let text = fs::read_to_string(&output)
                .map_err(|error| format!("{}: {error}", output.display()))?;
            break (text, asks);
        }
        let messages = String::from_utf8_lossy(&run.stderr);
        let mut lines = error_lines(&input.display().to_string(), &messages);
        lines.retain(|&line| line >= first_line && line - first_line < asks.len());
        for ask in lines
            .iter()
            .map(|line| line - first_line)
            .collect::<BTreeSet<_>>()
        {
            let (at, field) = asks[ask];
            let optional =
                wanted[at].optional || field.is_some_and(|field| wanted[at].fields[field].1);
            if !optional {
                let field = field.map_or("", |field| &wanted[at].fields[field].0);
                return Err(format!(
                    "{program}: no `{}` `{field}`\n{messages}",
                    wanted[at].ctype
                ));
            }
            if !without.insert(ask) {
                return Err(format!(
                    "{program}: expected to get along without line {ask}\n{messages}"
                ));
            }
        }
        if lines.is_empty() {
            return Err(format!("{program}: {messages}"));
        }
    };
    let mut measured: Vec<Option<Measured>> = vec![None; wanted.len()];
    for answer in answers
        .lines()
        .filter_map(|line| line.split_once("->").map(|(_, rest)| rest))
    {
        let numbers: Option<Vec<u32>> = answer
            .trim_end_matches('"')
            .split_whitespace()
            .map(|word| word.trim_start_matches(['$', '#']).parse().ok())
            .collect();
        let Some(&[ask, offset, size, sign]) = numbers.as_deref() else {
            return Err(format!(
                "{program}: expected four numbers, found `{answer}`"
            ));
        };
        let (at, field) = asks[ask as usize];
        let one = measured[at].get_or_insert_default();
        let Some(field) = field else {
            one.size = size;
            continue;
        };
        let narrow = |number: u32| {
            u16::try_from(number)
                .map_err(|_| format!("expected a small structure, found {number} bytes"))
        };
        let signed = (sign != 0).then_some(sign == 1);
        let place = Place {
            offset: narrow(offset)?,
            size: narrow(size)?,
            signed,
        };
        one.fields.insert(wanted[at].fields[field].0.clone(), place);
    }
    Ok(measured)
}

/// The answers of an ABI's compiler.
#[derive(Debug)]
pub struct Answers {
    /// The ABI.
    pub abi: String,
    /// The ABI whose facts it shares where they don't differ.
    pub like: Option<String>,
    /// What the compiler said of each structure asked for.
    pub structs: Vec<Option<Measured>>,
}

/// Merges what `fact` says of each ABI's answers.
fn merge<T: Clone + PartialEq>(
    all: &[Answers],
    fact: impl Fn(&[Option<Measured>]) -> Option<T>,
) -> ByAbi<T> {
    let own: Vec<(String, Option<T>)> = all
        .iter()
        .filter(|answers| answers.like.is_none())
        .map(|answers| (answers.abi.clone(), fact(&answers.structs)))
        .collect();
    let mut merged = ByAbi::merge(&own);
    for answers in all {
        if let Some(like) = &answers.like {
            merged.add_like(&answers.abi, like, fact(&answers.structs));
        }
    }
    merged
}

/// The text that [`super::parse`] reads. `head` becomes the comment at the top.
pub fn print(head: &str, wanted: &[Wanted], all: &[Answers]) -> String {
    let mut text: String = head.lines().map(|line| format!("# {line}\n")).collect();
    for (at, one) in wanted.iter().enumerate() {
        let size = merge(all, |structs| {
            structs[at].as_ref().map(|measured| measured.size)
        });
        let _ = write!(
            text,
            "\n[{}]\nsize\t{}\n",
            one.name,
            size.print(u32::to_string)
        );
        for (field, _) in &one.fields {
            let place = merge(all, |structs| {
                structs[at].as_ref()?.fields.get(field).copied()
            });
            let _ = writeln!(
                text,
                "{}\t{}",
                field.replace('.', "_"),
                place.print(print_place)
            );
        }
    }
    text
}

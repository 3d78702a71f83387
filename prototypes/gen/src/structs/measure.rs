//! How do compilers lay out the structures?
//!
//! ```text
//! stat64?: struct stat64
//!     st_dev __st_ino? st_atime.tv_sec
//! ```

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Place, print_place};
use crate::compiler::Compiler;
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
    let optional = |word: &str| match word.strip_suffix('?') {
        Some(word) => (word.to_owned(), true),
        None => (word.to_owned(), false),
    };
    for (line, source) in declaration::lines(file, text)? {
        if source.starts_with(char::is_whitespace) {
            let last = all
                .last_mut()
                .ok_or_else(|| Error::new(file, line, "expected `NAME: TYPE` before any fields"))?;
            last.fields.extend(source.split_whitespace().map(optional));
            continue;
        }
        let (name, ctype) = source.split_once(':').ok_or_else(|| {
            Error::new(
                file,
                line,
                format!("expected `NAME: TYPE`, found `{source}`"),
            )
        })?;
        let (name, optional) = optional(name.trim());
        all.push(Wanted {
            name,
            ctype: ctype.trim().to_owned(),
            optional,
            fields: Vec::new(),
        });
    }
    Ok(all)
}

/// 1 for signed integers, 2 for unsigned ones, 0 for anything else.
const SIGN: &str = "\n#define SIGN(x) _Generic((x), signed char: 1, short: 1, int: 1, long: 1, long long: 1, \
                    unsigned char: 2, unsigned short: 2, unsigned int: 2, unsigned long: 2, \
                    unsigned long long: 2, default: 0)\n";

/// Asks one compiler. `prelude` declares the C types.
pub fn measure(
    compiler: &Compiler,
    prelude: &str,
    wanted: &[Wanted],
) -> Result<Vec<Option<Measured>>, String> {
    let mut questions = Vec::new();
    for one in wanted {
        let ctype = &one.ctype;
        questions.push(vec![format!("sizeof({ctype})")]);
        questions.extend(one.fields.iter().map(|(field, _)| {
            let value = format!("(({ctype} *)0)->{field}");
            vec![
                format!("__builtin_offsetof({ctype}, {field})"),
                format!("sizeof({value})"),
                format!("SIGN({value})"),
            ]
        }));
    }
    let mut answers = compiler
        .ask(&format!("{prelude}{SIGN}"), &questions)?
        .into_iter();
    let mut next = || answers.next().flatten();
    let mut measured = Vec::new();
    for one in wanted {
        let Some(size) = next() else {
            if !one.optional {
                return Err(format!("expected `{}`, found none", one.ctype));
            }
            one.fields.iter().for_each(|_| drop(next()));
            measured.push(None);
            continue;
        };
        let size = u32::try_from(size[0]).map_err(|error| format!("`{}`: {error}", one.ctype))?;
        let mut fields = BTreeMap::new();
        for (field, optional) in &one.fields {
            match next() {
                Some(answer) => {
                    let narrow = |number: i128| {
                        u16::try_from(number)
                            .map_err(|error| format!("`{}` `{field}`: {error}", one.ctype))
                    };
                    let signed = (answer[2] != 0).then_some(answer[2] == 1);
                    let place = Place {
                        offset: narrow(answer[0])?,
                        size: narrow(answer[1])?,
                        signed,
                    };
                    fields.insert(field.clone(), place);
                }
                None if *optional => {}
                None => return Err(format!("expected `{field}` in `{}`, found none", one.ctype)),
            }
        }
        measured.push(Some(Measured { size, fields }));
    }
    Ok(measured)
}

/// The text that [`super::parse`] reads, from what the compilers of ABIs say. `head` becomes the comment at the top.
pub fn print(
    head: &str,
    wanted: &[Wanted],
    all: &[crate::abis::Of<Vec<Option<Measured>>>],
) -> String {
    let mut text: String = head.lines().map(|line| format!("# {line}\n")).collect();
    for (at, one) in wanted.iter().enumerate() {
        let size = ByAbi::merge(all, |all| all[at].as_ref().map(|measured| measured.size));
        let _ = write!(
            text,
            "\n[{}]\nsize\t{}\n",
            one.name,
            size.print(u32::to_string)
        );
        for (field, _) in &one.fields {
            let place = ByAbi::merge(all, |all| all[at].as_ref()?.fields.get(field).copied());
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

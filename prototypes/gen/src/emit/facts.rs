//! Errors, constants and structures.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{camel, ident};
use crate::errors::{Errno, What};
use crate::model::{Abi, Os};
use crate::structs::Place;

/// Errors that are variants, and names for others of them: an error with the number of an earlier one on every ABI is
/// another name for it.
fn variants(os: &Os) -> (Vec<(&Errno, &str)>, Vec<(&str, &str)>) {
    let numbers = |name: &str| -> Vec<Option<u64>> {
        os.abis.iter().map(|abi| os.constant(name, &abi.name)).collect()
    };
    let mut own: Vec<(&Errno, &str)> = Vec::new();
    let mut aliases = Vec::new();
    for errno in &os.errors {
        match &errno.what {
            What::Alias(other) => aliases.push((errno.name.as_str(), other.as_str())),
            What::Text(text) => {
                let mine = numbers(&errno.name);
                match own.iter().find(|(other, _)| numbers(&other.name) == mine) {
                    Some((other, _)) => aliases.push((&errno.name, &other.name)),
                    None => own.push((errno, text)),
                }
            }
        }
    }
    (own, aliases)
}

pub(super) fn errors(text: &mut String, os: &Os) {
    let (own, aliases) = variants(os);
    *text += "/// An error. Its number depends on the ABI.\n#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
              #[repr(u16)]\npub enum Errno {\n";
    for (errno, what) in &own {
        let _ = writeln!(text, "    /// {what}\n    {},", errno.name);
    }
    *text += "}\n\nimpl Errno {\n";
    for (alias, name) in &aliases {
        let _ = writeln!(text, "    /// Another name of `{name}`.\n    pub const {alias}: Errno = Errno::{name};");
    }
    *text += "    /// All errors.\n    pub const ALL: &'static [Errno] = &[\n";
    for (errno, _) in &own {
        let _ = writeln!(text, "        Errno::{},", errno.name);
    }
    *text += "    ];\n}\n\n/// Names and descriptions, by `Errno as usize`.\npub(super) static ERRNO_TEXTS: &[(&str, &str)] = &[\n";
    for (errno, what) in &own {
        let _ = writeln!(text, "    ({:?}, {what:?}),", errno.name);
    }
    *text += "];\n\n";
    for abi in &os.abis {
        let numbers: Vec<u64> =
            own.iter().map(|(errno, _)| os.constant(&errno.name, &abi.name).unwrap_or(0)).collect();
        let _ = writeln!(text, "static {}_ERRNOS: &[u16] = &{numbers:?};", abi.id);
        let last = numbers.iter().max().copied().unwrap_or(0) as usize;
        let mut back = vec![0; last + 1];
        for (at, &number) in numbers.iter().enumerate() {
            if number != 0 && back[number as usize] == 0 {
                back[number as usize] = at + 1;
            }
        }
        let _ = writeln!(text, "static {}_ERRNOS_BACK: &[u16] = &{back:?};", abi.id);
    }
    text.push('\n');
}

/// What a constant reads as where the ABI has none of that name. A flag is no bit at all; any other constant is a value
/// that no argument has.
fn absent(os: &Os, name: &str) -> &'static str {
    let among = |flags: bool| {
        os.groups.iter().any(|group| group.flags == flags && group.members.iter().any(|m| m == name))
    };
    if among(true) && !among(false) { "0" } else { "ABSENT" }
}

/// A value as one would write it.
fn number(value: u64) -> String {
    let signed = value as i64;
    match signed {
        0..=255 => value.to_string(),
        -4096..=-1 => format!("{signed}i64 as u64"),
        _ => format!("{value:#x}"),
    }
}

pub(super) fn constants(text: &mut String, os: &Os) {
    *text += "/// The value of each constant on an ABI, sign-extended. Where the ABI has none, a flag is 0 and anything else \
              is [`ABSENT`].\npub struct Constants {\n";
    for constant in &os.constants {
        let _ = writeln!(text, "    pub {}: u64,", ident(&constant.name));
    }
    *text += "}\n\n";
    for abi in &os.abis {
        let _ = writeln!(text, "static {}_CONSTANTS: Constants = Constants {{", abi.id);
        for constant in &os.constants {
            let value = match constant.value.on(&abi.name) {
                Some(&value) => number(value as u64),
                None => absent(os, &constant.name).to_owned(),
            };
            let _ = writeln!(text, "    {}: {value},", ident(&constant.name));
        }
        *text += "};\n\n";
    }
    groups(text, os);
}

/// Groups as tables. ABIs that agree share one.
fn groups(text: &mut String, os: &Os) {
    let mut of_abi: Vec<Vec<(String, String)>> = vec![Vec::new(); os.abis.len()];
    for group in &os.groups {
        let mut made: Vec<(Vec<(&str, u64)>, String)> = Vec::new();
        for (abi, groups) in os.abis.iter().zip(&mut of_abi) {
            let members = group.on(&abi.name, |name, abi| os.constant(name, abi));
            let known = made.iter().find(|(other, _)| *other == members).map(|(_, id)| id.clone());
            let id = known.unwrap_or_else(|| {
                let id = format!("{}_GROUP_{}", abi.id, group.name.to_ascii_uppercase());
                let _ = writeln!(text, "static {id}: &[(&str, u64)] = &[");
                for (name, value) in &members {
                    let _ = writeln!(text, "    ({name:?}, {}),", number(*value));
                }
                *text += "];\n";
                made.push((members, id.clone()));
                id
            });
            groups.push((group.name.clone(), id));
        }
    }
    for (abi, groups) in os.abis.iter().zip(of_abi) {
        let _ = writeln!(text, "static {}_GROUPS: &[Group] = &[", abi.id);
        for ((name, id), group) in groups.iter().zip(&os.groups) {
            let _ =
                writeln!(text, "    Group {{ name: {name:?}, flags: {}, members: {id} }},", group.flags);
        }
        *text += "];\n\n";
    }
}

/// The Rust name of a field: `r#type`; `size_` beside the size of the structure.
fn field(name: &str) -> String {
    if name == "size" { "size_".to_owned() } else { ident(name) }
}

fn place(place: Option<&Place>) -> String {
    match place {
        Some(place) => {
            format!("Field::new({}, {}, {})", place.offset, place.size, place.signed == Some(true))
        }
        None => "Field::ABSENT".to_owned(),
    }
}

pub(super) fn layouts(text: &mut String, os: &Os) {
    *text += "/// A struct for each structure, with a place for each field.\npub mod layout {\n    use super::Field;\n";
    for known in &os.structs {
        let _ = writeln!(
            text,
            "\n    /// `{}`\n    #[derive(Debug, Clone, Copy)]\n    pub struct {} {{\n        \
             /// Size in bytes; 0 where the ABI has no such structure.\n        pub size: u32,",
            known.name,
            camel(&known.name)
        );
        for (name, _) in &known.fields {
            let _ = writeln!(text, "        pub {}: Field,", field(name));
        }
        *text += "    }\n";
    }
    *text += "}\n\n/// The structures of an ABI.\n#[derive(Debug)]\npub struct Layouts {\n    \
              /// The same structures for generic readers, sorted by name; those that the ABI lacks are not there.\n    \
              pub all: &'static [Struct],\n";
    for known in &os.structs {
        let _ = writeln!(text, "    pub {}: layout::{},", ident(&known.name), camel(&known.name));
    }
    *text += "}\n\n";
    for abi in &os.abis {
        layouts_of(text, os, abi);
    }
}

fn layouts_of(text: &mut String, os: &Os, abi: &Abi) {
    let _ = writeln!(text, "static {}_LAYOUTS: Layouts = Layouts {{\n    all: {}_STRUCTS,", abi.id, abi.id);
    for known in &os.structs {
        let size = known.size.on(&abi.name).copied().unwrap_or(0);
        let _ = write!(text, "    {}: layout::{} {{ size: {size}", ident(&known.name), camel(&known.name));
        for (name, at) in &known.fields {
            let _ = write!(text, ", {}: {}", field(name), place(at.on(&abi.name)));
        }
        *text += " },\n";
    }
    let _ = writeln!(text, "}};\n\nstatic {}_STRUCTS: &[Struct] = &[", abi.id);
    let mut sorted: Vec<_> = os.structs.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    for known in sorted {
        let Some(size) = known.size.on(&abi.name) else { continue };
        let _ = write!(text, "    Struct {{ name: {:?}, size: {size}, fields: &[", known.name);
        for (name, at) in &known.fields {
            if let Some(at) = at.on(&abi.name) {
                let _ = write!(text, "({name:?}, {}), ", place(Some(at)));
            }
        }
        *text += "] },\n";
    }
    *text += "];\n\n";
}

/// Signal names by number, for `ABI_SIGNALS`.
pub(super) fn signals(text: &mut String, os: &Os, abi: &Abi) {
    let known = match os.groups.iter().find(|group| group.name == "signal") {
        Some(group) => group.on(&abi.name, |name, abi| os.constant(name, abi)),
        None => Vec::new(),
    };
    let real_time = os.constant("SIGRTMIN", &abi.name);
    let last = os.constant("_NSIG", &abi.name).or(known.iter().map(|&(_, n)| n).max()).unwrap_or(0);
    let mut names = vec![String::new()];
    let mut seen = BTreeSet::new();
    for number in 1..=last.min(128) {
        let name = match (known.iter().find(|(_, value)| *value == number), real_time) {
            (Some((name, _)), _) => (*name).to_owned(),
            (None, Some(first)) if number > first => format!("SIGRT_{}", number - first),
            _ => String::new(),
        };
        debug_assert!(name.is_empty() || seen.insert(name.clone()), "one name for one number");
        names.push(name);
    }
    let _ = writeln!(text, "static {}_SIGNALS: &[&str] = &{names:?};\n", abi.id);
}

//! Errors, constants and structures.

use std::fmt::Write as _;

use super::{Statics, camel, ident};
use crate::errors::{Errno, What};
use crate::model::{Abi, Os};
use crate::structs::Place;

/// The errors of an OS in Rust.
struct Errors<'a> {
    /// Those that are variants, with their descriptions.
    own: Vec<(&'a Errno, &'a str)>,
    /// Other names of them. An error with the number of an earlier one on every ABI is one, too.
    aliases: Vec<(&'a str, &'a str)>,
}

impl<'a> Errors<'a> {
    fn new(os: &'a Os) -> Self {
        let numbers = |name: &str| -> Vec<Option<u64>> {
            os.abis.iter().map(|abi| os.constant(name, abi)).collect()
        };
        let mut errors = Errors {
            own: Vec::new(),
            aliases: Vec::new(),
        };
        for errno in &os.errors {
            let (name, text) = match &errno.what {
                What::Alias(other) => {
                    errors.aliases.push((&errno.name, other));
                    continue;
                }
                What::Text(text) => (&errno.name, text),
            };
            let mine = numbers(name);
            match errors
                .own
                .iter()
                .find(|(other, _)| numbers(&other.name) == mine)
            {
                Some((other, _)) => errors.aliases.push((name, &other.name)),
                None => errors.own.push((errno, text)),
            }
        }
        errors
    }
}

pub(super) fn errors(text: &mut String, os: &Os) {
    let Errors { own, aliases } = Errors::new(os);
    *text += "/// An error. Its number depends on the ABI.\n#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]\n\
              #[repr(u16)]\npub enum Errno {\n";
    for (errno, what) in &own {
        let _ = writeln!(text, "    /// {what}\n    {},", errno.name);
    }
    *text += "}\n\nimpl Errno {\n";
    for (alias, name) in &aliases {
        let _ = writeln!(
            text,
            "    /// Another name of `{name}`.\n    pub const {alias}: Errno = Errno::{name};"
        );
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
}

/// Numbers of errors by error, and back.
pub(super) fn errnos(
    statics: &mut Statics,
    text: &mut String,
    os: &Os,
    abi: &Abi,
) -> (String, String) {
    let own = Errors::new(os).own;
    let numbers: Vec<u64> = own
        .iter()
        .map(|(errno, _)| os.constant(&errno.name, abi).unwrap_or(0))
        .collect();
    let last = numbers.iter().max().copied().unwrap_or(0) as usize;
    let mut back = vec![0; last + 1];
    for (at, &number) in numbers.iter().enumerate() {
        if number != 0 && back[number as usize] == 0 {
            back[number as usize] = at + 1;
        }
    }
    let numbers = statics.one(
        text,
        &format!("{}_ERRNOS", abi.id),
        "&[u16]",
        &format!("&{numbers:?}"),
    );
    let back = statics.one(
        text,
        &format!("{}_ERRNOS_BACK", abi.id),
        "&[u16]",
        &format!("&{back:?}"),
    );
    (numbers, back)
}

/// What a constant reads as where the ABI has none of that name. A flag is no bit at all; any other constant is a value
/// that no argument has.
fn absent(os: &Os, name: &str) -> &'static str {
    let among = |flags: bool| {
        os.groups
            .iter()
            .any(|group| group.flags == flags && group.members.iter().any(|m| m == name))
    };
    if among(true) && !among(false) {
        "0"
    } else {
        "ABSENT"
    }
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
}

/// The values of constants.
pub(super) fn values(statics: &mut Statics, text: &mut String, os: &Os, abi: &Abi) -> String {
    let mut value = "Constants {\n".to_owned();
    for constant in &os.constants {
        let number = match constant.value.on(&abi.facts) {
            Some(&value) => number(value as u64),
            None => absent(os, &constant.name).to_owned(),
        };
        let _ = writeln!(value, "    {}: {number},", ident(&constant.name));
    }
    statics.one(
        text,
        &format!("{}_CONSTANTS", abi.id),
        "Constants",
        &(value + "}"),
    )
}

/// Groups of constants as tables.
pub(super) fn groups(statics: &mut Statics, text: &mut String, os: &Os, abi: &Abi) -> String {
    let mut value = "&[\n".to_owned();
    for group in &os.groups {
        let mut members = "&[\n".to_owned();
        for (name, value) in group.on(|name| os.constant(name, abi)) {
            let _ = writeln!(members, "    ({name:?}, {}),", number(value));
        }
        let id = format!("{}_GROUP_{}", abi.id, group.name.to_ascii_uppercase());
        let id = statics.one(text, &id, "&[(&str, u64)]", &(members + "]"));
        let _ = writeln!(
            value,
            "    Group {{ name: {:?}, flags: {}, members: {id} }},",
            group.name, group.flags
        );
    }
    statics.one(
        text,
        &format!("{}_GROUPS", abi.id),
        "&[Group]",
        &(value + "]"),
    )
}

/// The Rust name of a field: `r#type`; `size_` beside the size of the structure.
fn field(name: &str) -> String {
    if name == "size" {
        "size_".to_owned()
    } else {
        ident(name)
    }
}

fn place(place: Option<&Place>) -> String {
    match place {
        Some(place) => {
            format!(
                "Field::new({}, {}, {})",
                place.offset,
                place.size,
                place.signed == Some(true)
            )
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
        let _ = writeln!(
            text,
            "    pub {}: layout::{},",
            ident(&known.name),
            camel(&known.name)
        );
    }
    *text += "}\n\n";
}

/// The places of fields.
pub(super) fn places(statics: &mut Statics, text: &mut String, os: &Os, abi: &Abi) -> String {
    let mut value = "&[\n".to_owned();
    let mut sorted: Vec<_> = os.structs.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    for known in sorted {
        let Some(size) = known.size.on(&abi.facts) else {
            continue;
        };
        let _ = write!(
            value,
            "    Struct {{ name: {:?}, size: {size}, fields: &[",
            known.name
        );
        for (name, at) in &known.fields {
            if let Some(at) = at.on(&abi.facts) {
                let _ = write!(value, "({name:?}, {}), ", place(Some(at)));
            }
        }
        value += "] },\n";
    }
    let all = statics.one(
        text,
        &format!("{}_STRUCTS", abi.id),
        "&[Struct]",
        &(value + "]"),
    );
    let mut value = format!("Layouts {{\n    all: {all},\n");
    for known in &os.structs {
        let size = known.size.on(&abi.facts).copied().unwrap_or(0);
        let _ = write!(
            value,
            "    {}: layout::{} {{ size: {size}",
            ident(&known.name),
            camel(&known.name)
        );
        for (name, at) in &known.fields {
            let _ = write!(value, ", {}: {}", field(name), place(at.on(&abi.facts)));
        }
        value += " },\n";
    }
    statics.one(
        text,
        &format!("{}_LAYOUTS", abi.id),
        "Layouts",
        &(value + "}"),
    )
}

/// Names of signals by number.
pub(super) fn signals(statics: &mut Statics, text: &mut String, os: &Os, abi: &Abi) -> String {
    let known = match os.groups.iter().find(|group| group.name == "signal") {
        Some(group) => group.on(|name| os.constant(name, abi)),
        None => Vec::new(),
    };
    let real_time = os.constant("SIGRTMIN", abi);
    let last = os
        .constant("_NSIG", abi)
        .or(known.iter().map(|&(_, n)| n).max())
        .unwrap_or(0);
    let mut names = vec![String::new()];
    for number in 1..=last.min(128) {
        names.push(
            match (known.iter().find(|(_, value)| *value == number), real_time) {
                (Some((name, _)), _) => (*name).to_owned(),
                (None, Some(first)) if number > first => format!("SIGRT_{}", number - first),
                _ => String::new(),
            },
        );
    }
    statics.one(
        text,
        &format!("{}_SIGNALS", abi.id),
        "&[&str]",
        &format!("&{names:?}"),
    )
}

//! How does a user bring an operating system of their own?
//!
//! A file says which CPU it runs on, by which instructions it is asked, where number, arguments and results are, and
//! which text has its prototypes. [`File`] is how it reads, [`calls`] what becomes of the prototypes.

mod calls;
mod file;

use std::path::{Path, PathBuf};
use std::{fmt, fs};

use emu_cpu::{Arch, Reg, Trap};
use emu_prototypes::DataModel;
use emu_prototypes::linux::{self, Errno};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::{Entry, Own, Profile, Resume, System, TrapPattern};

pub use file::File;

/// The profiles of descriptions that are built in.
macro_rules! listed {
    ($($name:literal),*) => {
        vec![$($crate::own::built_in(
            $name,
            include_str!(concat!("../own/", $name, ".toml")),
            include_str!(concat!("../../prototypes/own/", $name, ".txt")),
        )),*]
    };
}
pub(crate) use listed;

/// A test sees that they are right.
pub(crate) fn built_in(name: &str, text: &str, prototypes: &str) -> &'static Profile {
    let file = File::parse(text).unwrap_or_else(|error| panic!("{name}.toml: {error}"));
    profile(&file, name, &file.prototypes, prototypes).unwrap_or_else(|error| panic!("{error}"))
}

/// Why a user's operating system can't be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnError(String);

impl OwnError {
    fn new(text: impl Into<String>) -> OwnError {
        OwnError(text.into())
    }
}

impl fmt::Display for OwnError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for OwnError {}

/// The profile that a file describes, or the only `*.toml` file of a directory. It lives as long as the process.
pub fn load(path: &Path) -> Result<&'static Profile, OwnError> {
    let failed =
        |path: &Path, error: std::io::Error| OwnError(format!("{}: {error}", path.display()));
    let path = match path.is_dir() {
        false => path.to_owned(),
        true => only(path)?,
    };
    let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
    let shown = path.display().to_string();
    let file = File::parse(&text).map_err(|error| OwnError(format!("{shown}: {error}")))?;
    let beside = path
        .parent()
        .unwrap_or(Path::new(""))
        .join(&file.prototypes);
    let prototypes = fs::read_to_string(&beside).map_err(|error| failed(&beside, error))?;
    profile(&file, &shown, &beside.display().to_string(), &prototypes)
}

fn only(folder: &Path) -> Result<PathBuf, OwnError> {
    let shown = folder.display();
    let entries = fs::read_dir(folder).map_err(|error| OwnError(format!("{shown}: {error}")))?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<PathBuf> = paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    match (files.pop(), files.len()) {
        (Some(file), 0) => Ok(file),
        (Some(_), more) => Err(OwnError(format!(
            "{shown} has {} *.toml files: name one of them",
            more + 1
        ))),
        (None, _) => Err(OwnError(format!("{shown} has no *.toml file"))),
    }
}

/// The profile that a file and its prototypes describe; `shown` and `prototypes_shown` are their names for messages.
pub fn profile(
    file: &File,
    shown: &str,
    prototypes_shown: &str,
    prototypes: &str,
) -> Result<&'static Profile, OwnError> {
    let at = |what: String| OwnError(format!("{shown}: {what}"));
    let base = file.base().map_err(at)?;
    let arch = base.arch;
    let model = base.model();
    let (table, calls) = calls::read(file, model, prototypes_shown, prototypes)?;
    let serves = |ours: &str| {
        let name = file.services.get(ours)?;
        linux::by_name(name).map(|info| info.id)
    };
    for (ours, theirs) in &file.services {
        if !calls.iter().any(|call| call.name == ours) {
            return Err(at(format!(
                "[services] names `{ours}`, which {prototypes_shown} does not have"
            )));
        }
        if linux::by_name(theirs).is_none() {
            return Err(at(format!(
                "[services] {ours} = {theirs:?}: Linux has no such call"
            )));
        }
    }
    let served: Vec<Option<u16>> = calls.iter().map(|call| serves(call.name)).collect();
    let mut errors = Vec::new();
    for (name, number) in &file.errors {
        let errno = Errno::ALL.iter().find(|errno| errno.name() == name);
        let errno = errno.ok_or_else(|| at(format!("[errors] {name}: there is no such error")))?;
        errors.push((*errno, *number));
    }
    let own: &'static Own = Box::leak(Box::new(Own {
        table,
        calls,
        model,
        linux: base.system().linux(),
        served: served.leak(),
        errors: errors.leak(),
    }));
    if file.entries.is_empty() {
        return Err(at(
            "it has no [[entry]]: nothing says how it is asked".to_owned()
        ));
    }
    let mut entries = Vec::new();
    for described in &file.entries {
        let name = &described.trap;
        entries.push(
            entry(described, arch, model, own)
                .map_err(|what| at(format!("entry `{name}`: {what}")))?,
        );
    }
    Ok(Box::leak(Box::new(Profile {
        name: file.name.clone().leak(),
        aliases: &[],
        arch,
        entries: entries.leak(),
        process: base.process,
        pages: &[],
        machine: base.machine,
        platform: base.platform,
        hwcap: base.hwcap,
        hwcap2: base.hwcap2,
        cpuinfo: base.cpuinfo,
    })))
}

fn entry(
    described: &file::Entry,
    arch: Arch,
    model: DataModel,
    own: &'static Own,
) -> Result<Entry, String> {
    let (trap, number_in_it) = pattern(&described.trap)?;
    let wide = arch.row().bits == 64;
    let number = match described.number.as_deref() {
        None if number_in_it => Number::Instruction,
        None => return Err("`number` is missing: the register that holds the number".to_owned()),
        Some(_) if number_in_it => {
            return Err("the instruction has the number: `number` says otherwise".to_owned());
        }
        Some(name) if wide => Number::Reg32(register(arch, name)?),
        Some(name) => Number::Reg(register(arch, name)?),
    };
    let slots: Vec<Slot> = described
        .args
        .iter()
        .map(|text| slot(arch, text))
        .collect::<Result<_, _>>()?;
    let value = register(arch, &described.result)?;
    let second = described.second.as_deref().map(|name| register(arch, name));
    let second = second.transpose()?.unwrap_or(value);
    let ret = match described
        .errors
        .split_once(' ')
        .unwrap_or((&described.errors, ""))
    {
        ("negative", "") => Return::NegErrno(value),
        ("status", "") => Return::Status(value),
        ("flag", name) => Return::ErrorFlag {
            value,
            flag: register(arch, name)?,
            second,
        },
        ("carry", name) => Return::Carry {
            value,
            flags: register(arch, name)?,
            second,
        },
        _ => {
            return Err(format!(
                "errors = {:?}: expected negative, status, \"flag REGISTER\" or \"carry REGISTER\"",
                described.errors
            ));
        }
    };
    let pairs = match described.pairs.as_deref() {
        None if wide => Pairs::Native,
        None | Some("packed") => Pairs::Packed,
        Some("even") => Pairs::EvenSlot,
        Some("native") => Pairs::Native,
        Some(other) => {
            return Err(format!(
                "pairs = {other:?}: expected native, packed or even"
            ));
        }
    };
    Ok(Entry {
        name: described.trap.clone().leak(),
        trap,
        abi: Abi {
            model,
            word: if wide { Word::Bits64 } else { Word::Bits32 },
            number,
            slots: slots.leak(),
            pairs,
            ret,
            unreadable: Unreadable::Fails,
        },
        system: System::Own(own),
        resume: Resume::Next,
        clobbers: &[],
        indirect: &[],
        unknown_signals: false,
        illegal_from: None,
    })
}

/// `int 0x80`, `sysenter`, `syscall`, `svc`, `svc 5`, `svc from 0x900000`, and whether it carries the number.
fn pattern(text: &str) -> Result<(TrapPattern, bool), String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let trap = match words[..] {
        ["syscall"] => TrapPattern::Is(Trap::Syscall),
        ["sysenter"] => TrapPattern::Is(Trap::Sysenter),
        ["svc" | "swi"] => TrapPattern::AnySvc,
        ["int", vector] => {
            let vector = number(vector).and_then(|vector| u8::try_from(vector).ok());
            let vector = vector.ok_or("expected `int` and a number up to 0xff")?;
            TrapPattern::Is(Trap::Interrupt(vector))
        }
        ["svc" | "swi", immediate] => TrapPattern::Is(Trap::Svc(
            number(immediate).ok_or("expected `svc` and a number")?,
        )),
        ["svc" | "swi", "from", base] => {
            let base = number(base).ok_or("expected `svc from` and a number")?;
            return Ok((TrapPattern::SvcFrom(base, u32::MAX), true));
        }
        _ => {
            return Err("expected int N, sysenter, syscall, svc, svc N or svc from N".to_owned());
        }
    };
    Ok((trap, false))
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn register(arch: Arch, name: &str) -> Result<Reg, String> {
    let names = arch.row().registers;
    let at = names.iter().position(|own| own.eq_ignore_ascii_case(name));
    at.map(|at| Reg(at as u8))
        .ok_or_else(|| format!("{} has no register `{name}`", arch.row().name))
}

/// A register, or `REGISTER+OFFSET` for a word in memory.
fn slot(arch: Arch, text: &str) -> Result<Slot, String> {
    let Some((base, offset)) = text.split_once('+') else {
        return register(arch, text).map(Slot::Reg);
    };
    let offset =
        number(offset.trim()).ok_or_else(|| format!("`{text}`: the offset is no number"))?;
    let at = match base.trim() {
        "sp" => arch.row().sp,
        name => register(arch, name)?,
    };
    Ok(if at == arch.row().sp {
        Slot::Stack(offset)
    } else {
        Slot::Block { at, offset }
    })
}

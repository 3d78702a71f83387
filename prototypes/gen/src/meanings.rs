//! What do arguments and results mean?
//!
//! ```text
//! [file]
//! openat: dfd=dirfd filename=path flags=open mode=mode -> fd %file %desc
//! exit: never %process
//! ```
//!
//! A call stands under the heading of its section, with what is known of its arguments, of its result, how it ends
//! (`never`, `twice`) and its classes. `>stat` is a structure the call fills, `<stat` one it reads, `<>stat` both;
//! `out:count` bytes it fills, their size in argument `count`.

use crate::declaration::{self, Error, Param};
use crate::nearest::did_you_mean;

/// What a line of the text says of a call.
#[derive(Debug)]
pub struct Line {
    /// The section it stands in.
    pub section: String,
    /// The name of the call.
    pub call: String,
    /// Parameters and the words for their meanings.
    pub params: Vec<(String, String)>,
    /// The word for the result's meaning.
    pub ret: String,
    /// How it ends: the variant of `Ends`.
    pub ends: &'static str,
    /// Names of its classes, in capitals.
    pub classes: Vec<String>,
    /// The line it stands on.
    pub line: usize,
}

/// Names of classes.
const CLASSES: [&str; 9] =
    ["file", "desc", "memory", "process", "signal", "network", "ipc", "creds", "clock"];

/// Parses a text of meanings.
pub fn parse(file: &str, text: &str) -> Result<Vec<Line>, Vec<Error>> {
    let mut all: Vec<Line> = Vec::new();
    let mut errors = Vec::new();
    let mut section = String::new();
    for (line, source) in declaration::lines(file, text).map_err(|error| vec![error])? {
        let source = source.trim();
        if let Some(name) = source.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
            continue;
        }
        match parse_line(&section, source) {
            Err(message) => errors.push(Error::new(file, line, message)),
            Ok(call) => {
                if let Some(other) = all.iter().find(|other| other.call == call.call) {
                    let message = format!(
                        "expected each call once, found `{}` again; it stands on line {}",
                        call.call, other.line
                    );
                    errors.push(Error::new(file, line, message));
                }
                all.push(Line { line, ..call });
            }
        }
    }
    if errors.is_empty() { Ok(all) } else { Err(errors) }
}

fn parse_line(section: &str, source: &str) -> Result<Line, String> {
    if section.is_empty() {
        return Err("expected the `[name]` of a section first".to_owned());
    }
    let (call, rest) = source.split_once(':').unwrap_or((source, ""));
    if call.contains(char::is_whitespace) || call.is_empty() {
        return Err(format!("expected `CALL: …`, found `{call}`"));
    }
    let mut line = Line {
        section: section.to_owned(),
        call: call.to_owned(),
        params: Vec::new(),
        ret: "plain".to_owned(),
        ends: "Returns",
        classes: Vec::new(),
        line: 0,
    };
    let mut words = rest.split_whitespace();
    while let Some(word) = words.next() {
        if word == "->" {
            line.ret = words.next().ok_or("expected a meaning behind `->`")?.to_owned();
        } else if word == "never" {
            line.ends = "Never";
        } else if word == "twice" {
            line.ends = "Twice";
        } else if let Some(class) = word.strip_prefix('%') {
            if !CLASSES.contains(&class) {
                return Err(format!(
                    "expected a class of calls, found `%{class}`{}",
                    did_you_mean(class, CLASSES)
                ));
            }
            line.classes.push(class.to_uppercase());
        } else if let Some((param, meaning)) = word.split_once('=') {
            line.params.push((param.to_owned(), meaning.to_owned()));
        } else {
            return Err(format!("expected `ARGUMENT=MEANING`, `-> MEANING` or `%CLASS`, found `{word}`"));
        }
    }
    Ok(line)
}

/// What a meaning refers to outside its call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refers {
    /// To nothing.
    Nothing,
    /// To a group of constants.
    Group(String),
    /// To a structure.
    Struct(String),
}

/// Meanings without more: the word, the Rust expression.
const PLAIN: &[(&str, &str)] = &[
    ("plain", "Plain"),
    ("hex", "Hex"),
    ("octal", "Octal"),
    ("addr", "Address"),
    ("fd", "Fd"),
    ("dirfd", "DirFd"),
    ("path", "Path"),
    ("str", "Str"),
    ("strs", "StrArray"),
    ("open", "OpenFlags"),
    ("mode", "Mode"),
    ("pid", "Pid"),
    ("id", "Id"),
    ("signal", "Signal"),
    ("int_in", "IntIn"),
    ("int_out", "IntOut"),
    ("int_inout", "IntInOut"),
    ("id_out", "IdOut"),
    ("fd_pair", "FdPairOut"),
    ("int64_in", "Int64In"),
    ("int64_out", "Int64Out"),
    ("int64_inout", "Int64InOut"),
    ("long_out", "LongOut"),
    ("long_inout", "LongInOut"),
    ("fcntl", "FcntlCommand"),
    ("fcntl_arg", "FcntlArgument"),
    ("ioctl", "IoctlCommand"),
    ("ioctl_arg", "IoctlArgument"),
    ("clone", "CloneFlags"),
    ("futex", "FutexOp"),
    ("dev", "Device"),
    ("status", "WaitStatusOut"),
];

/// Meanings with another argument behind a colon: the word, the variant, its field.
const WITH_ARGUMENT: &[(&str, &str, &str)] = &[
    ("in", "In", "len"),
    ("out", "Out", "len"),
    ("outstr", "OutStr", "len"),
    ("iovec_in", "IovecIn", "count"),
    ("iovec_out", "IovecOut", "count"),
    ("sigset", "SigSet", "size"),
    ("sigset_out", "SigSetOut", "size"),
    ("sockaddr", "SockaddrIn", "len"),
    ("sockaddr_out", "SockaddrOut", "len"),
    ("fdset", "FdSet", "count"),
    ("fds", "FdArray", "count"),
];

/// The Rust expression for a word of a call with these parameters, and what it refers to.
pub fn expression(word: &str, params: &[Param]) -> Result<(String, Refers), String> {
    let index = |name: &str| {
        params.iter().position(|param| param.name == name).ok_or_else(|| {
            let nearest = did_you_mean(name, params.iter().map(|param| param.name.as_str()));
            format!("expected an argument of the call, found `{name}`{nearest}")
        })
    };
    if let Some((_, variant)) = PLAIN.iter().find(|(name, _)| *name == word) {
        return Ok((format!("Meaning::{variant}"), Refers::Nothing));
    }
    let structure = |variant: &str, rest: &str| match rest.split_once('[') {
        None => Ok((format!("Meaning::Struct{variant}({rest:?})"), Refers::Struct(rest.to_owned()))),
        Some((name, count)) => {
            let count = count.strip_suffix(']').ok_or("expected `[argument]`, found no `]`")?;
            if count == "2" && variant == "In" {
                return Ok((format!("Meaning::PairIn({name:?})"), Refers::Struct(name.to_owned())));
            }
            let expression = format!("Meaning::Array{variant} {{ of: {name:?}, count: {} }}", index(count)?);
            Ok((expression, Refers::Struct(name.to_owned())))
        }
    };
    if let Some(name) = word.strip_prefix("<>") {
        return structure("InOut", name);
    }
    if let Some(name) = word.strip_prefix('<') {
        return structure("In", name);
    }
    if let Some(name) = word.strip_prefix('>') {
        return structure("Out", name);
    }
    let (head, rest) = word.split_once(':').unwrap_or((word, ""));
    match head {
        "flags" => return Ok((format!("Meaning::Flags({rest:?})"), Refers::Group(rest.to_owned()))),
        "enum" => return Ok((format!("Meaning::Enum({rest:?})"), Refers::Group(rest.to_owned()))),
        "dirents" => {
            let (name, len) = rest.split_once(':').ok_or("expected `dirents:STRUCT:ARGUMENT`")?;
            let expression = format!("Meaning::Dirents {{ of: {name:?}, len: {} }}", index(len)?);
            return Ok((expression, Refers::Struct(name.to_owned())));
        }
        "sigset" | "sigset_out" if rest.is_empty() => {
            let variant = if head == "sigset" { "SigSet" } else { "SigSetOut" };
            return Ok((format!("Meaning::{variant} {{ size: 255 }}"), Refers::Nothing));
        }
        _ => {}
    }
    if let Some((_, variant, field)) = WITH_ARGUMENT.iter().find(|(name, ..)| *name == head) {
        if rest.is_empty() {
            return Err(format!("expected `{head}:ARGUMENT`, found `{word}`"));
        }
        return Ok((format!("Meaning::{variant} {{ {field}: {} }}", index(rest)?), Refers::Nothing));
    }
    let known = PLAIN
        .iter()
        .map(|(name, _)| *name)
        .chain(WITH_ARGUMENT.iter().map(|(name, ..)| *name))
        .chain(["flags", "enum", "dirents"]);
    Err(format!("expected a meaning, found `{word}`{}", did_you_mean(head, known)))
}

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
const CLASSES: [&str; 9] = [
    "file", "desc", "memory", "process", "signal", "network", "ipc", "creds", "clock",
];

/// Parses a text of meanings.
pub fn parse(file: &str, text: &str) -> Result<Vec<Line>, Vec<Error>> {
    let mut all: Vec<Line> = Vec::new();
    let mut errors = Vec::new();
    let mut section = String::new();
    for (line, source) in declaration::lines(file, text).map_err(|error| vec![error])? {
        let source = source.trim();
        if let Some(name) = source
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
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
    if errors.is_empty() {
        Ok(all)
    } else {
        Err(errors)
    }
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
            line.ret = words
                .next()
                .ok_or("expected a meaning behind `->`")?
                .to_owned();
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
            return Err(format!(
                "expected `ARGUMENT=MEANING`, `-> MEANING` or `%CLASS`, found `{word}`"
            ));
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

/// Arguments that a meaning suits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Values.
    Value,
    /// Pointers.
    Pointer,
    /// Both.
    Any,
}

/// A word of the text, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The Rust expression.
    pub expression: String,
    /// What it refers to.
    pub refers: Refers,
    /// Which arguments it suits.
    pub takes: Takes,
}

/// Meanings without more: the word, the variant, what kind of argument they suit.
const PLAIN: &[(&str, &str, Takes)] = &[
    ("plain", "Plain", Takes::Value),
    ("hex", "Hex", Takes::Value),
    ("octal", "Octal", Takes::Value),
    ("addr", "Address", Takes::Any),
    ("fd", "Fd", Takes::Value),
    ("dirfd", "DirFd", Takes::Value),
    ("path", "Path", Takes::Pointer),
    ("str", "Str", Takes::Pointer),
    ("strs", "StrArray", Takes::Pointer),
    ("open", "OpenFlags", Takes::Value),
    ("mode", "Mode", Takes::Value),
    ("pid", "Pid", Takes::Value),
    ("id", "Id", Takes::Value),
    ("signal", "Signal", Takes::Value),
    ("int_in", "IntIn", Takes::Pointer),
    ("int_out", "IntOut", Takes::Pointer),
    ("int_inout", "IntInOut", Takes::Pointer),
    ("id_out", "IdOut", Takes::Pointer),
    ("fd_pair", "FdPairOut", Takes::Pointer),
    ("int64_in", "Int64In", Takes::Pointer),
    ("int64_out", "Int64Out", Takes::Pointer),
    ("int64_inout", "Int64InOut", Takes::Pointer),
    ("long_out", "LongOut", Takes::Pointer),
    ("long_inout", "LongInOut", Takes::Pointer),
    ("fcntl", "FcntlCommand", Takes::Value),
    ("fcntl_arg", "FcntlArgument", Takes::Value),
    ("ioctl", "IoctlCommand", Takes::Value),
    ("ioctl_arg", "IoctlArgument", Takes::Any),
    ("clone", "CloneFlags", Takes::Value),
    ("futex", "FutexOp", Takes::Value),
    ("dev", "Device", Takes::Value),
    ("status", "WaitStatusOut", Takes::Pointer),
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

/// What a word means for a call with these parameters.
pub fn meaning(word: &str, params: &[Param]) -> Result<Meaning, String> {
    let index = |name: &str| {
        params
            .iter()
            .position(|param| param.name == name)
            .ok_or_else(|| {
                let nearest = did_you_mean(name, params.iter().map(|param| param.name.as_str()));
                format!("expected an argument of the call, found `{name}`{nearest}")
            })
    };
    let meaning = |expression: String, refers, takes| {
        Ok(Meaning {
            expression: format!("Meaning::{expression}"),
            refers,
            takes,
        })
    };
    if let Some(&(_, variant, takes)) = PLAIN.iter().find(|(name, ..)| *name == word) {
        return meaning(variant.to_owned(), Refers::Nothing, takes);
    }
    for (prefix, way) in [("<>", "InOut"), ("<", "In"), (">", "Out")] {
        let Some(rest) = word.strip_prefix(prefix) else {
            continue;
        };
        let Some((name, count)) = rest.split_once('[') else {
            let refers = Refers::Struct(rest.to_owned());
            return meaning(format!("Struct{way}({rest:?})"), refers, Takes::Pointer);
        };
        let count = count
            .strip_suffix(']')
            .ok_or("expected `[ARGUMENT]`, found no `]`")?;
        let expression = match (count, way) {
            ("2", "In") => format!("PairIn({name:?})"),
            _ => format!("Array{way} {{ of: {name:?}, count: {} }}", index(count)?),
        };
        return meaning(expression, Refers::Struct(name.to_owned()), Takes::Pointer);
    }
    let (head, rest) = word.split_once(':').unwrap_or((word, ""));
    if let "flags" | "enum" = head {
        let (variant, takes) = if head == "flags" {
            ("Flags", Takes::Value)
        } else {
            ("Enum", Takes::Any)
        };
        return meaning(
            format!("{variant}({rest:?})"),
            Refers::Group(rest.to_owned()),
            takes,
        );
    }
    if head == "dirents" {
        let (name, len) = rest
            .split_once(':')
            .ok_or("expected `dirents:STRUCT:ARGUMENT`")?;
        let expression = format!("Dirents {{ of: {name:?}, len: {} }}", index(len)?);
        return meaning(expression, Refers::Struct(name.to_owned()), Takes::Pointer);
    }
    if let Some((_, variant, field)) = WITH_ARGUMENT.iter().find(|(name, ..)| *name == head) {
        let at = match rest {
            // The ABI's old set of one word.
            "" if head.starts_with("sigset") => 255,
            "" => return Err(format!("expected `{head}:ARGUMENT`, found `{word}`")),
            name => index(name)?,
        };
        return meaning(
            format!("{variant} {{ {field}: {at} }}"),
            Refers::Nothing,
            Takes::Pointer,
        );
    }
    let known = PLAIN
        .iter()
        .map(|(name, ..)| *name)
        .chain(WITH_ARGUMENT.iter().map(|(name, ..)| *name))
        .chain(["flags", "enum", "dirents"]);
    Err(format!(
        "expected a meaning, found `{word}`{}",
        did_you_mean(head, known)
    ))
}

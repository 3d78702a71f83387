//! What do prototypes without any explanation say of arguments?
//!
//! C types say how wide a value is, types and names what it means: a `const char *path` is a path, a pointer to bytes and
//! a count behind it are bytes. What a call of Linux answers means what it means there.

use emu_prototypes::linux;
use emu_prototypes::{
    CallInfo, Classes, DataModel, Ends, Meaning, Os, Param, Row, RowParam, Span, Table, Width,
};
use emu_prototypes_gen::classic::{self, Prototype};
use emu_prototypes_gen::declaration::{self, Type};

use super::{File, OwnError};

/// The numbers and the calls of a text in the classic form.
pub(super) fn read(
    file: &File,
    model: DataModel,
    shown: &str,
    text: &str,
) -> Result<(Table, &'static [CallInfo]), OwnError> {
    let mut prototypes =
        classic::parse(shown, text).map_err(|error| OwnError::new(error.to_string()))?;
    if prototypes.is_empty() {
        return Err(OwnError::new(format!("{shown} has no prototypes")));
    }
    prototypes.sort_by_key(|prototype| prototype.number);
    let (mut calls, mut rows): (Vec<CallInfo>, Vec<Row>) = Default::default();
    for prototype in &prototypes {
        let at =
            |what: String| OwnError::new(format!("{shown}:{}: {what}", prototype.declaration.line));
        let (call, row) = one(file, model, prototype, calls.len()).map_err(at)?;
        if calls.iter().any(|other| other.name == call.name) {
            return Err(at(format!(
                "expected each name once, found `{}` again",
                call.name
            )));
        }
        calls.push(call);
        rows.push(row);
    }
    let spans = spans(&rows);
    let table = Table {
        rows: rows.leak(),
        spans: spans.leak(),
    };
    Ok((table, calls.leak()))
}

/// Stretches of numbers that lie close together.
fn spans(rows: &[Row]) -> Vec<Span> {
    const GAP: u32 = 1024;
    let mut all: Vec<(u32, Vec<u16>)> = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let near = all
            .last()
            .is_some_and(|(base, index)| row.number - base - (index.len() as u32) < GAP);
        if !near {
            all.push((row.number, Vec::new()));
        }
        if let Some((base, index)) = all.last_mut() {
            index.resize((row.number - *base) as usize, 0);
            index.push(place as u16 + 1);
        }
    }
    let span = |(base, index): (u32, Vec<u16>)| Span {
        base,
        index: index.leak(),
    };
    all.into_iter().map(span).collect()
}

fn one(
    file: &File,
    model: DataModel,
    prototype: &Prototype,
    index: usize,
) -> Result<(CallInfo, Row), String> {
    let declaration = &prototype.declaration;
    let most = emu_prototypes::MAX_ARGS;
    if declaration.params.len() > most {
        return Err(format!(
            "{} has more than {most} arguments",
            declaration.name
        ));
    }
    let id = u16::try_from(usize::from(Os::Own.first()) + index).ok();
    let id = id.ok_or("there are too many calls")?;
    let answered = file.services.get(&declaration.name);
    let like = answered.and_then(|name| linux::by_name(name));
    let mut params = Vec::new();
    let mut row_params = Vec::new();
    for (at, param) in declaration.params.iter().enumerate() {
        let width = width(file, model, &param.ty)?;
        let theirs = like.and_then(|like| like.params.get(at));
        params.push(Param {
            name: leak(&param.name),
            ctype: leak(&param.ty.to_string()),
            width,
            meaning: match theirs {
                Some(theirs) => theirs.meaning,
                None => meaning(declaration, at),
            },
        });
        row_params.push(RowParam {
            field: at as u8,
            width,
        });
    }
    let name = leak(&declaration.name);
    let info = CallInfo {
        os: Os::Own,
        id,
        name,
        section: "own",
        ret: leak(&declaration.ret.to_string()),
        ret_meaning: match (like, declaration.ret.is_pointer()) {
            (Some(like), _) => like.ret_meaning,
            (None, true) => Meaning::Address,
            (None, false) => Meaning::Plain,
        },
        params: params.leak(),
        ends: like.map_or(Ends::Returns, |like| like.ends),
        classes: like.map_or(Classes::empty(), |like| like.classes),
    };
    let row = Row {
        number: prototype.number,
        name,
        entry: name,
        call: index as u16,
        params: row_params.leak(),
        declared: None,
    };
    Ok((info, row))
}

fn leak(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// C's own types and those that every system has.   [ISO C 7.22; POSIX <sys/types.h>]
const WIDTHS: &[(&str, Width)] = &[
    ("char", Width::I8),
    ("signed char", Width::I8),
    ("unsigned char", Width::U8),
    ("bool", Width::U8),
    ("_Bool", Width::U8),
    ("short", Width::I16),
    ("unsigned short", Width::U16),
    ("int", Width::I32),
    ("unsigned int", Width::U32),
    ("long", Width::Long),
    ("unsigned long", Width::ULong),
    ("long long", Width::I64),
    ("unsigned long long", Width::U64),
    ("int8_t", Width::I8),
    ("uint8_t", Width::U8),
    ("int16_t", Width::I16),
    ("uint16_t", Width::U16),
    ("int32_t", Width::I32),
    ("uint32_t", Width::U32),
    ("int64_t", Width::I64),
    ("uint64_t", Width::U64),
    ("size_t", Width::Ptr),
    ("ssize_t", Width::IPtr),
    ("intptr_t", Width::IPtr),
    ("uintptr_t", Width::Ptr),
    ("pid_t", Width::I32),
    ("uid_t", Width::U32),
    ("gid_t", Width::U32),
    ("off64_t", Width::I64),
    ("loff_t", Width::I64),
];

/// A type that nobody knows is a machine word.
fn width(file: &File, model: DataModel, ty: &Type) -> Result<Width, String> {
    if ty.is_pointer() {
        return Ok(Width::Ptr);
    }
    let known = |name: &str| {
        let mut all = WIDTHS.iter();
        all.find(|(own, _)| *own == name).map(|(_, width)| *width)
    };
    if let Some(told) = file.types.get(&ty.base) {
        let base =
            declaration::parse_type(told).map_err(|what| format!("[types] {}: {what}", ty.base))?;
        return match known(&base.base) {
            Some(width) if !base.is_pointer() => Ok(width),
            None if !base.is_pointer() => Err(format!(
                "[types] {}: `{told}` is none of C's own types",
                ty.base
            )),
            _ => Ok(Width::Ptr),
        };
    }
    // 64 bits of `long` are a word where pointers have 64; elsewhere a pointer is.
    let word = if model == DataModel::Lp64 {
        Width::ULong
    } else {
        Width::Ptr
    };
    Ok(known(&ty.base).unwrap_or(word))
}

/// What an argument means, as far as its type and its name tell.
fn meaning(declaration: &declaration::Declaration, at: usize) -> Meaning {
    let param = &declaration.params[at];
    let name = param.name.to_ascii_lowercase();
    let is = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let Some(pointee) = param.ty.pointee() else {
        return match name.as_str() {
            _ if param.ty.is_pointer() => Meaning::Address,
            "fd" | "fildes" => Meaning::Fd,
            "pid" => Meaning::Pid,
            "mode" => Meaning::Mode,
            _ if is(&["flag", "addr", "mask"]) => Meaning::Hex,
            _ => Meaning::Plain,
        };
    };
    let length = declaration.params.get(at + 1).is_some_and(|next| {
        let next_name = next.name.to_ascii_lowercase();
        let words = ["len", "length", "size", "count", "nbyte", "nbytes", "n"];
        !next.ty.is_pointer() && words.contains(&next_name.as_str())
    });
    let len = at as u8 + 1;
    let bytes = matches!(
        pointee.base.as_str(),
        "char" | "void" | "unsigned char" | "uint8_t"
    );
    let plain = bytes && pointee.pointers.is_empty();
    match (plain, length, pointee.is_const) {
        (true, true, true) => Meaning::In { len },
        (true, true, false) => Meaning::Out { len },
        (true, false, true) if pointee.base == "char" && is(&["path", "file"]) => Meaning::Path,
        (true, false, true) if pointee.base == "char" => Meaning::Str,
        _ => Meaning::Address,
    }
}

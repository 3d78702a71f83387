//! What does a declaration with Microsoft's source annotations say of each argument?
//!
//! ```text
//! NTSTATUS NtReadVirtualMemory(_In_ HANDLE ProcessHandle, _Out_writes_bytes_(Size) PVOID Buffer, _In_ SIZE_T Size);
//! ```

use std::fmt;

use crate::declaration::{self, Declaration, Param, Type};

/// A declaration and the annotation of each of its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotated {
    /// Its name.
    pub name: String,
    /// The declaration without annotations.
    pub declaration: Declaration,
    /// For each parameter its annotations in one spelling; empty when it has none.
    pub annotations: Vec<String>,
}

impl Annotated {
    /// Parses one declaration with its `;`.
    pub fn parse(source: &str) -> Result<Annotated, String> {
        let declaration = declaration::parse_declaration(source)?;
        let inside = source
            .split_once('(')
            .and_then(|(_, rest)| rest.rsplit_once(')'))
            .map_or("", |(inside, _)| inside);
        let annotations: Vec<String> = match declaration.params.is_empty() {
            true => Vec::new(),
            false => split(inside).into_iter().map(annotation).collect(),
        };
        if annotations.len() != declaration.params.len() {
            return Err(format!(
                "expected {} arguments, found {} annotated ones",
                declaration.params.len(),
                annotations.len()
            ));
        }
        Ok(Annotated {
            name: declaration.name.clone(),
            declaration,
            annotations,
        })
    }
}

impl fmt::Display for Annotated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Declaration {
            ret, name, params, ..
        } = &self.declaration;
        write!(f, "{}(", ret.declare(name))?;
        for (at, (param, annotation)) in params.iter().zip(&self.annotations).enumerate() {
            f.write_str(if at == 0 { "" } else { ", " })?;
            if !annotation.is_empty() {
                write!(f, "{annotation} ")?;
            }
            write!(f, "{param}")?;
        }
        f.write_str(if params.is_empty() { "void);" } else { ");" })
    }
}

/// The parts between commas outside of parentheses.
fn split(source: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0i32, 0);
    for (at, letter) in source.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&source[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&source[start..]);
    parts
}

/// The annotations in front of a parameter, without spaces but after commas.
fn annotation(param: &str) -> String {
    let mut all: Vec<String> = Vec::new();
    let mut rest = param.trim();
    while rest.starts_with('_') {
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        if !word.ends_with('_') {
            break;
        }
        let mut word = word.to_owned();
        rest = after.trim_start();
        if rest.starts_with('(') {
            let mut depth = 0;
            let end = rest.find(|c: char| {
                depth += i32::from(c == '(') - i32::from(c == ')');
                depth == 0
            });
            let (group, after) = rest.split_at(end.map_or(rest.len(), |end| end + 1));
            let tight: String = group.split_whitespace().collect();
            word += &tight.replace(',', ", ");
            rest = after.trim_start();
        }
        all.push(word);
    }
    all.join(" ")
}

/// How an argument travels, and how long what it points to is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Travels {
    /// Whether the call reads what the pointer leads to.
    pub input: bool,
    /// Whether the call fills what the pointer leads to.
    pub output: bool,
    /// What counts it.
    pub count: Option<Count>,
    /// The argument that says how much was filled.
    pub done: Option<String>,
}

/// How long what a pointer leads to is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Count {
    /// An argument says how many bytes, or points to that.
    Bytes(String),
    /// An argument says how many elements, or points to that.
    Elements(String),
    /// Something else: an expression.
    Other,
}

/// What annotations say. Without any an argument is one that the call reads.
pub fn travels(annotation: &str) -> Travels {
    let mut travels = Travels::default();
    for word in annotation_words(annotation) {
        let (head, inside) = match word.split_once('(') {
            Some((head, rest)) => (head, rest.strip_suffix(')').unwrap_or(rest)),
            None => (word.as_str(), ""),
        };
        if head.starts_with("_Inout") {
            (travels.input, travels.output) = (true, true);
        } else if head.starts_with("_Out") || head.starts_with("_COM_Out") {
            travels.output = true;
        } else if head.starts_with("_In_") || head.starts_with("_Reserved") {
            travels.input = true;
        }
        let counted = ["_reads_", "_writes_", "_updates_"]
            .iter()
            .any(|way| head.contains(way));
        if !counted || inside.is_empty() {
            continue;
        }
        let mut parts = inside.split(", ");
        let plain = |text: &str| -> Option<String> {
            let name = text.trim_start_matches('*');
            name.chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_')
                .then(|| name.to_owned())
        };
        travels.count = Some(match parts.next().and_then(plain) {
            Some(name) if head.contains("bytes") => Count::Bytes(name),
            Some(name) => Count::Elements(name),
            None => Count::Other,
        });
        travels.done = parts.next().and_then(plain);
    }
    if annotation.is_empty() {
        travels.input = true;
    }
    travels
}

fn annotation_words(annotation: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut depth = 0;
    let mut word = String::new();
    for letter in annotation.chars() {
        match letter {
            ' ' if depth == 0 => words.push(std::mem::take(&mut word)),
            letter => {
                depth += i32::from(letter == '(') - i32::from(letter == ')');
                word.push(letter);
            }
        }
    }
    words.push(word);
    words
}

/// Types that point to one number, by their element.
fn number(element: &str, way: (bool, bool)) -> Option<&'static str> {
    let of = |read, filled, both| match way {
        (true, false) => Some(read),
        (false, _) => Some(filled),
        (true, true) => Some(both),
    };
    match element {
        "unsigned int" | "int" => of("IntIn", "IntOut", "IntInOut"),
        "size_t" | "ssize_t" => of("LongIn", "LongOut", "LongInOut"),
        "long long" | "unsigned long long" => of("Int64In", "Int64Out", "Int64InOut"),
        "unsigned char" => of("ByteIn", "ByteOut", "ByteInOut"),
        "unsigned short" => of("ShortIn", "ShortOut", "ShortInOut"),
        _ => None,
    }
}

/// The meaning of an argument, as an expression of Rust. `plain` is its type as the declaration has it, `resolved` in
/// terms of C, `element` the OS's name of what it points to.
pub fn meaning(
    annotation: &str,
    plain: &Type,
    resolved: &Type,
    element: &str,
    params: &[Param],
) -> String {
    let Travels {
        input,
        output,
        count,
        done,
    } = travels(annotation);
    let index = |name: &str| params.iter().position(|param| param.name == name);
    if !resolved.is_pointer() {
        return match plain.base.as_str() {
            "HANDLE" => "Meaning::Handle".to_owned(),
            "BOOLEAN" => "Meaning::Bool".to_owned(),
            "ACCESS_MASK" | "NTSTATUS" | "LCID" | "LANGID" => "Meaning::Hex".to_owned(),
            name if name.len() > 6 && !name.contains("INT") && resolved.base == "int" => {
                format!("Meaning::Enum({name:?})")
            }
            _ => "Meaning::Plain".to_owned(),
        };
    }
    let way = match (input, output) {
        (true, true) => "InOut",
        (_, true) => "Out",
        _ => "In",
    };
    let done = done
        .as_deref()
        .and_then(index)
        .map_or(255, |done| done as u8);
    match count {
        Some(Count::Bytes(len)) => {
            if let Some(len) = index(&len) {
                return match way {
                    "In" => format!("Meaning::In {{ len: {len} }}"),
                    _ => format!("Meaning::Filled {{ len: {len}, done: {done} }}"),
                };
            }
        }
        Some(Count::Elements(count)) => {
            if let Some(count) = index(&count) {
                return format!("Meaning::Array{way} {{ of: {element:?}, count: {count} }}");
            }
        }
        _ => {}
    }
    let to_pointer = resolved.pointers.len() > 1;
    if to_pointer {
        return match (input, output) {
            (false, true) => "Meaning::LongOut".to_owned(),
            (true, true) => "Meaning::LongInOut".to_owned(),
            _ => "Meaning::Address".to_owned(),
        };
    }
    if element == "HANDLE" {
        return match way {
            "In" => "Meaning::LongIn".to_owned(),
            _ => "Meaning::HandleOut".to_owned(),
        };
    }
    if resolved.base == "void" || resolved.is_function() {
        return "Meaning::Address".to_owned();
    }
    match number(&resolved.base, (input, output)) {
        Some(meaning) => format!("Meaning::{meaning}"),
        None => format!("Meaning::Struct{way}({element:?})"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Annotated, Count, travels};

    #[test]
    fn annotations_are_kept_in_one_spelling() {
        let source = "NTSTATUS NtX(_In_ HANDLE h, _Out_writes_bytes_to_opt_( Size,*Got ) PVOID p, _When_(f == 1, _In_) _Out_opt_ PULONG q, ULONG f);";
        let read = Annotated::parse(source).expect("it reads");
        assert_eq!(
            read.to_string(),
            "NTSTATUS NtX(_In_ HANDLE h, _Out_writes_bytes_to_opt_(Size, *Got) PVOID p, _When_(f==1, _In_) _Out_opt_ PULONG q, ULONG f);"
        );
        assert_eq!(Annotated::parse(&read.to_string()), Ok(read));
    }

    #[test]
    fn direction_and_length_are_understood() {
        let filled = travels("_Out_writes_bytes_to_opt_(Size, *Got)");
        assert!(filled.output && !filled.input);
        assert_eq!(filled.count, Some(Count::Bytes("Size".to_owned())));
        assert_eq!(filled.done, Some("Got".to_owned()));
        let read = travels("_In_reads_(Count)");
        assert!(read.input && !read.output);
        assert_eq!(read.count, Some(Count::Elements("Count".to_owned())));
        assert_eq!(travels("_Out_writes_bytes_(A*2)").count, Some(Count::Other));
        assert!(travels("_Inout_opt_").input && travels("_Inout_opt_").output);
        assert!(travels("").input);
    }
}

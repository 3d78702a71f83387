//! Names of what devices and file systems are asked to do, from headers that have them as macros.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::super::{ImportError, read};
use super::headers::{headers, without_comments};

/// What `controls.txt` begins with.
const HEAD: &str = "# Codes that NtDeviceIoControlFile and NtFsControlFile take, and the kinds of devices. Made by\n\
    # `emu-prototypes-gen import windows --controls`, from System Informer's ntafd.h, the headers of the crate phnt and of\n\
    # mingw-w64, and Wine's wine/afd.h and wine/condrv.h. Of several names of a code the first one counts.\n";

/// A list: its name, what names of it begin with, and which values are some of it.
type List = (&'static str, &'static [&'static str], fn(u32) -> bool);

/// The two lists. A code has a device in its upper half. From 0x8000 on devices are of anybody.
const LISTS: [List; 2] = [
    ("CONTROL_CODE", &["IOCTL_", "FSCTL_"], |value| {
        value >> 16 != 0
    }),
    ("FILE_DEVICE", &["FILE_DEVICE_"], |value| value < 0x100),
];
/// How deep macros stand in each other at most.
const DEPTH: u32 = 16;

/// A macro: its parameters, when it has any, and what stands for it.
struct Macro {
    parameters: Option<Vec<String>>,
    body: String,
}

/// `controls.txt` from the headers of `places`. Of two with a name or a value the earlier counts.
pub fn controls(places: &[PathBuf]) -> Result<String, ImportError> {
    let mut macros: BTreeMap<String, Macro> = BTreeMap::new();
    let mut order = Vec::new();
    for place in places {
        for file in headers(place)? {
            for (name, found) in parse(&read(&file)?) {
                if let Entry::Vacant(place) = macros.entry(name) {
                    order.push(place.key().clone());
                    place.insert(found);
                }
            }
        }
    }
    let mut text = HEAD.to_owned();
    for (list, beginnings, is_some) in LISTS {
        let mut values: BTreeMap<u32, &str> = BTreeMap::new();
        for name in &order {
            let of_list = beginnings
                .iter()
                .any(|beginning| name.starts_with(beginning));
            // What they are counted from is no code itself.
            if !of_list || name.ends_with("_BASE") || macros[name].parameters.is_some() {
                continue;
            }
            if let Some(value) = evaluate(name, &macros, DEPTH).filter(|value| is_some(*value)) {
                values.entry(value).or_insert(name);
            }
        }
        write!(text, "\n[{list}]\n").expect("writing to a string does not fail");
        for (value, name) in values {
            writeln!(text, "{name} = {value:#x}").expect("writing to a string does not fail");
        }
    }
    Ok(text)
}

/// The macros of a header.
fn parse(source: &str) -> Vec<(String, Macro)> {
    let source = without_comments(source)
        .replace("\\\r\n", " ")
        .replace("\\\n", " ");
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut all = Vec::new();
    for line in source.lines() {
        let Some(rest) = line.trim().strip_prefix('#') else {
            continue;
        };
        let Some(rest) = rest.trim_start().strip_prefix("define") else {
            continue;
        };
        let rest = rest.trim_start();
        let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        let (parameters, body) = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')'))
        {
            Some((list, body)) => {
                let names = list.split(',').map(|name| name.trim().to_owned());
                (Some(names.collect()), body)
            }
            None => (None, rest),
        };
        let body = body.trim().to_owned();
        all.push((name.to_owned(), Macro { parameters, body }));
    }
    all
}

/// The value of an expression of numbers, macros, `|`, `+` and `<<`.
fn evaluate(text: &str, macros: &BTreeMap<String, Macro>, depth: u32) -> Option<u32> {
    let depth = depth.checked_sub(1)?;
    let text = text.trim();
    for (operator, apply) in [
        ("|", (|a, b| Some(a | b)) as fn(u32, u32) -> Option<u32>),
        ("<<", |a, b| a.checked_shl(b)),
        ("+", |a, b| Some(a.wrapping_add(b))),
    ] {
        if let Some((left, right)) = split(text, operator) {
            let left = evaluate(left, macros, depth)?;
            return apply(left, evaluate(right, macros, depth)?);
        }
    }
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        && split(inner, ")").is_none()
    {
        return evaluate(inner, macros, depth);
    }
    // A cast changes nothing.
    for kind in ["(DWORD)", "(ULONG)"] {
        if let Some(rest) = text.strip_prefix(kind) {
            return evaluate(rest, macros, depth);
        }
    }
    if let Some(letter) = text
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''))
    {
        return letter.chars().next().map(u32::from);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let digits = text.trim_end_matches(['U', 'L', 'u', 'l']);
        let hex = digits.strip_prefix("0x").or(digits.strip_prefix("0X"));
        return match hex {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        };
    }
    let (name, arguments) = match text.split_once('(') {
        Some((name, rest)) => (name.trim(), Some(rest.strip_suffix(')')?)),
        None => (text, None),
    };
    let found = macros.get(name)?;
    match (&found.parameters, arguments) {
        (None, None) => evaluate(&found.body, macros, depth),
        (Some(names), Some(arguments)) => {
            let mut values = Vec::new();
            for argument in commas(arguments) {
                values.push(evaluate(argument, macros, depth)?.to_string());
            }
            let body = (names.len() == values.len()).then(|| replaced(&found.body, names, &values));
            evaluate(&body?, macros, depth)
        }
        _ => None,
    }
}

/// A text with values in the place of names.
fn replaced(body: &str, names: &[String], values: &[String]) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = body;
    while let Some(start) = rest.find(is_word) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c| !is_word(c)).unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        out.push_str(before);
        let at = names.iter().position(|name| name == word);
        out.push_str(at.map_or(word, |at| &values[at]));
        rest = after;
    }
    out + rest
}

/// Both sides of the last operator that stands in no parentheses; of `)`, of the first that has no partner.
fn split<'a>(text: &'a str, operator: &str) -> Option<(&'a str, &'a str)> {
    let mut depth = 0i32;
    let mut found = None;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 && operator == ")" => return Some((&text[..at], &text[at + 1..])),
            ')' => depth -= 1,
            _ if depth == 0 && text[at..].starts_with(operator) => found = Some(at),
            _ => {}
        }
    }
    found.map(|at| (&text[..at], &text[at + operator.len()..]))
}

/// Arguments between commas that stand in no parentheses.
fn commas(text: &str) -> Vec<&str> {
    let mut all = Vec::new();
    let mut rest = text;
    while let Some((before, last)) = split(rest, ",") {
        all.push(last);
        rest = before;
    }
    all.push(rest);
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use super::{DEPTH, Macro, evaluate, parse};
    use std::collections::BTreeMap;

    #[test]
    fn codes_are_made_of_macros() {
        let source = "#define CTL_CODE( D, F, M, A ) (((D) << 16) | ((A) << 14) | ((F) << 2) | (M))\n\
                      #define FILE_DEVICE_DISK 0x00000007\n#define METHOD_NEITHER 3 /* neither */\n\
                      #define IOCTL_DISK_BASE FILE_DEVICE_DISK\n\
                      #define IOCTL_X CTL_CODE(IOCTL_DISK_BASE, \\\n   0x24 + 1, METHOD_NEITHER, (0))\n\
                      #define AFD(n,m) (0x12 << 12 | n << 2 | m)\n# define IOCTL_Y AFD(8,METHOD_NEITHER)\n\
                      #define LETTER ((ULONG)'W')\n#define LOOP LOOP\n#define OPEN (1\n";
        let macros: BTreeMap<String, Macro> = parse(source).into_iter().collect();
        let value = |name: &str| evaluate(name, &macros, DEPTH);
        assert_eq!(value("IOCTL_X"), Some(0x7_0097));
        assert_eq!(value("IOCTL_Y"), Some(0x1_2023));
        assert_eq!(value("LETTER"), Some(0x57));
        for bad in ["LOOP", "OPEN", "NOTHING", "AFD", "AFD(1)"] {
            assert_eq!(value(bad), None, "{bad}");
        }
    }
}

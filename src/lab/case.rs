//! Experiments as text: the files of `emu lab`.

use std::path::Path;

use emu_prototypes::linux::Errno;
use serde::Deserialize;
use toml::Value as Toml;

use super::{Answer, Expected, Lab, Place, Value, call};
use crate::Error;

/// Experiments of a file.
///
/// ```toml
/// [[case]]
/// name = "a file that is not there"
/// profiles = ["linux_arm", "linux_mips"]     # all of them without it
/// elf = "guest-images/{profile}/error.elf"   # from the file's directory on; or code = "hexadecimal digits",
/// status = 0                                 # or code = { linux_arm = "…", linux_mips = "…" }
///
/// [[case.expect]]
/// call = "openat"
/// args = { filename = "/nonexistent" }       # numbers, strings, or { shows = "O_RDONLY" }
/// fails = "ENOENT"                           # or returns = 3, or never_returns = true
/// registers = { }                            # when it has returned
/// memory = { }                               # an address or an argument = hexadecimal digits
///
/// [[case.expect]]
/// call = "exit"
/// ```
///
/// `[[case.answer]]` with `call` and `fails` or `returns` answers instead of the kernel; `args`, `stdin`, `stdout` and
/// `data` (an address = hexadecimal digits) are the guest's.
#[derive(Debug)]
pub struct Cases {
    /// The experiments, by name.
    pub all: Vec<(String, Lab)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    case: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    profiles: Option<Vec<String>>,
    elf: Option<String>,
    code: Option<Toml>,
    #[serde(default)]
    data: toml::Table,
    #[serde(default)]
    args: Vec<String>,
    stdin: Option<String>,
    stdout: Option<String>,
    status: Option<u8>,
    #[serde(default)]
    answer: Vec<Call>,
    expect: Option<Vec<Call>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Call {
    call: Toml,
    number: Option<u32>,
    #[serde(default)]
    args: toml::Table,
    fails: Option<String>,
    returns: Option<Toml>,
    #[serde(default)]
    never_returns: bool,
    #[serde(default)]
    registers: toml::Table,
    #[serde(default)]
    memory: toml::Table,
}

type Result<T> = std::result::Result<T, String>;

fn hex(text: &str) -> Result<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !b.is_ascii_whitespace()).collect();
    let wrong = || format!("\"{text}\" is no row of hexadecimal bytes");
    let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
    digits
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect::<Option<_>>()
        .ok_or_else(wrong)
}

fn hex_of(value: &Toml) -> Result<Vec<u8>> {
    hex(value
        .as_str()
        .ok_or("bytes stand as a string of hexadecimal digits")?)
}

/// A number, also one of 64 bits, which TOML has not: `"0xffffffffffffffff"`.
fn number(value: &Toml) -> Result<u64> {
    match value {
        Toml::Integer(number) => Ok(*number as u64),
        Toml::String(text) => number_of(text),
        other => Err(format!("a {} is no number", other.type_str())),
    }
}

fn number_of(text: &str) -> Result<u64> {
    let parsed = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    };
    parsed.ok_or_else(|| format!("\"{text}\" is no number"))
}

fn errno(name: &str) -> Result<Errno> {
    let mut all = Errno::ALL.iter().copied();
    all.find(|errno| errno.name() == name)
        .ok_or_else(|| format!("there is no error {name}"))
}

fn name_of(value: &Toml) -> Result<String> {
    match value {
        Toml::String(name) => Ok(name.clone()),
        Toml::Integer(number) => Ok(number.to_string()),
        other => Err(format!("a {} is no name of a call", other.type_str())),
    }
}

fn expected(row: &Call) -> Result<Expected> {
    let mut expected = call(&name_of(&row.call)?);
    if let Some(number) = row.number {
        expected = expected.number(number);
    }
    for (name, value) in &row.args {
        expected = match value {
            Toml::String(text) => expected.arg(name, text.as_str()),
            Toml::Table(table) => match table.get("shows").and_then(Toml::as_str) {
                Some(text) if table.len() == 1 => expected.shows(name, text),
                _ => match table.get("is") {
                    Some(value) if table.len() == 1 => expected.arg(name, number(value)?),
                    _ => return Err(format!("{name} wants shows or is")),
                },
            },
            value => expected.arg(name, Value::Number(number(value)?)),
        };
    }
    match (&row.fails, &row.returns, row.never_returns) {
        (None, None, false) => {}
        (Some(name), None, false) => expected = expected.fails(errno(name)?),
        (None, Some(value), false) => expected = expected.returns(number(value)?),
        (None, None, true) => expected = expected.never_returns(),
        _ => return Err("a call ends in one way".to_owned()),
    }
    for (name, value) in &row.registers {
        expected = expected.register(name, number(value)?);
    }
    for (place, value) in &row.memory {
        let bytes = hex_of(value)?;
        let place = match place.starts_with(|first: char| first.is_ascii_digit()) {
            true => Place::Address(number_of(place)?),
            false => Place::Argument(place.clone()),
        };
        expected.memory.push((place, bytes));
    }
    Ok(expected)
}

fn answer(row: &Call) -> Result<(String, Answer)> {
    let name = name_of(&row.call)?;
    let answer = match (&row.fails, &row.returns) {
        (Some(name), None) => Answer::Fails(errno(name)?),
        (None, Some(value)) => Answer::Returns(number(value)?),
        _ => return Err(format!("the answer to {name} fails or returns")),
    };
    Ok((name, answer))
}

fn lab(case: &Case, directory: &Path) -> Result<Lab> {
    let every: Vec<String>;
    let profiles = match &case.profiles {
        Some(profiles) => profiles,
        None => {
            every = emu_profiles::ALL
                .iter()
                .map(|p| p.name.to_owned())
                .collect();
            &every
        }
    };
    let mut lab = super::guests(profiles.iter().map(String::as_str));
    match (&case.elf, &case.code) {
        (Some(path), None) => lab = lab.elf(directory.join(path)),
        (None, Some(Toml::String(code))) => lab = lab.asm_bytes(hex(code)?),
        (None, Some(Toml::Table(table))) => {
            for (profile, code) in table {
                lab = lab.asm_bytes_for(profile, hex_of(code)?);
            }
        }
        _ => return Err("it wants elf or code".to_owned()),
    }
    for (address, bytes) in &case.data {
        lab = lab.data(number_of(address)?, hex_of(bytes)?);
    }
    lab = lab.args(case.args.iter().map(String::as_str));
    if let Some(text) = &case.stdin {
        lab = lab.input(text.as_bytes());
    }
    if let Some(text) = &case.stdout {
        lab = lab.output(text.as_bytes());
    }
    if let Some(status) = case.status {
        lab = lab.status(status);
    }
    for row in &case.answer {
        let (name, answer) = answer(row)?;
        lab = lab.answer(&name, answer);
    }
    if let Some(rows) = &case.expect {
        lab.expected = Some(Vec::new());
        for row in rows {
            lab = lab.expect(expected(row)?);
        }
    }
    Ok(lab)
}

impl Cases {
    /// Reads a file.
    pub fn read(path: &Path) -> std::result::Result<Cases, Error> {
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|error| Error::io(&shown, error))?;
        let directory = path.parent().unwrap_or(Path::new(""));
        Cases::parse(&text, directory).map_err(|why| Error::Usage(format!("{shown}: {why}")))
    }

    /// Experiments from text; paths in it are relative to a directory.
    fn parse(text: &str, directory: &Path) -> Result<Cases> {
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| {
                text[..span.start.min(text.len())].matches('\n').count() + 1
            });
            format!("line {line}: {}", error.message().replace('\n', " "))
        })?;
        if file.case.is_empty() {
            return Err("there is no [[case]]".to_owned());
        }
        let read = |case: &Case| {
            let lab =
                lab(case, directory).map_err(|why| format!("case \"{}\": {why}", case.name))?;
            Ok((case.name.clone(), lab))
        };
        let all = file.case.iter().map(read).collect::<Result<_>>()?;
        Ok(Cases { all })
    }
}

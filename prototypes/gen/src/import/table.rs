//! Which number enters the kernel where?

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::conditions::{self, Line};
use super::facts::Macros;
use super::profile::{Profile, Source};
use super::{ImportError, read};
use crate::declaration::Error;

/// A live number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    /// The number, the ABI's base included.
    pub(super) number: u32,
    /// The ABI's name of the call.
    pub(super) name: String,
    /// The kernel's entry point.
    pub(super) entry: String,
    /// The file and line that says so.
    pub(super) at: (String, usize),
}

/// The live numbers of a profile, sorted.
fn numbers(tree: &Path, profile: &Profile, macros: &Macros) -> Result<Vec<Row>, ImportError> {
    match profile.source {
        Source::Tbl { path, abis } => tbl(tree, path, abis),
        Source::Generic {
            tbl: path,
            abis,
            header,
        } => {
            if !tree.join(path).exists() {
                return unistd(tree, header, macros);
            }
            let makefile = tree.join(format!("arch/{}/kernel/Makefile.syscalls", profile.arch));
            let makefile = read(&makefile)?;
            let added = makefile
                .lines()
                .filter_map(|line| line.strip_prefix("syscall_abis_64 +="));
            let abis: Vec<&str> = abis
                .iter()
                .copied()
                .chain(added.flat_map(str::split_whitespace))
                .collect();
            tbl(tree, path, &abis)
        }
    }
}

/// The live numbers of a profile and its private ones, sorted.
pub(super) fn live(
    tree: &Path,
    profile: &Profile,
    macros: &Macros,
) -> Result<Vec<Row>, ImportError> {
    let mut rows = numbers(tree, profile, macros)?;
    for row in &mut rows {
        row.number += profile.base;
    }
    if let Some(path) = profile.private {
        rows.extend(private(tree, path, macros)?);
    }
    rows.sort_by_key(|row| row.number);
    for pair in rows.windows(2) {
        if pair[0].number == pair[1].number {
            let (file, line) = &pair[1].at;
            let message = format!(
                "expected each number once, found {} for `{}` and for `{}`",
                pair[0].number, pair[0].name, pair[1].name
            );
            return Err(Error::new(file, *line, message).into());
        }
    }
    Ok(rows)
}

/// Whether a number that enters here is dead.
fn dead(entry: &str) -> bool {
    matches!(entry, "-" | "sys_ni_syscall")
}

/// `NUMBER ABI NAME [ENTRY [COMPAT [noreturn]]]`
fn tbl(tree: &Path, path: &str, abis: &[&str]) -> Result<Vec<Row>, ImportError> {
    let mut rows = Vec::new();
    for (at, line) in read(&tree.join(path))?.lines().enumerate() {
        let columns: Vec<&str> = line
            .split('#')
            .next()
            .unwrap_or("")
            .split_whitespace()
            .collect();
        let (number, abi, name, entry) = match columns[..] {
            [] => continue,
            [number, abi, name] => (number, abi, name, "-"),
            [number, abi, name, entry, ..] => (number, abi, name, entry),
            _ => {
                let message = format!("expected `NUMBER ABI NAME [ENTRY]`, found `{line}`");
                return Err(Error::new(path, at + 1, message).into());
            }
        };
        let number: u32 = number.parse().map_err(|_| {
            Error::new(path, at + 1, format!("expected a number, found `{number}`"))
        })?;
        if abis.contains(&abi) && !dead(entry) {
            rows.push(Row {
                number,
                name: name.to_owned(),
                entry: entry.to_owned(),
                at: (path.to_owned(), at + 1),
            });
        }
    }
    Ok(rows)
}

/// The table as a header, before 6.11: `#define __NR_x 1`, `__SYSCALL(__NR_x, sys_x)`, and for a few calls
/// `#define __NR3264_x 2`, `__SC_3264(__NR3264_x, sys_x64, sys_x)`, `#define __NR_x __NR3264_x`.
fn unistd(tree: &Path, path: &str, macros: &Macros) -> Result<Vec<Row>, ImportError> {
    let wide = macros.get("__BITS_PER_LONG") == Some(&Some("64".to_owned()));
    let mut values: HashMap<String, String> = HashMap::new();
    let mut entries: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for line in lines(tree, path, macros)? {
        if let Some((name, value)) = define(&line) {
            values.insert(name.to_owned(), value.to_owned());
            continue;
        }
        let Some((word, arguments)) = line.text.trim().split_once('(') else {
            continue;
        };
        let arguments: Vec<&str> = arguments
            .trim_end_matches([')', ' '])
            .split(',')
            .map(str::trim)
            .collect();
        let entry = match (word, &arguments[..]) {
            ("__SYSCALL", [_, entry]) | ("__SC_COMP", [_, entry, _]) => entry,
            ("__SC_3264", [_, narrow, long]) | ("__SC_COMP_3264", [_, narrow, long, _]) => {
                if wide {
                    long
                } else {
                    narrow
                }
            }
            _ => continue,
        };
        if !line.unknown.is_empty() {
            let message = format!(
                "expected to know whether {} is defined, found no fact about it",
                line.unknown.join(", ")
            );
            return Err(Error::new(path, line.number, message).into());
        }
        entries.insert(arguments[0].to_owned(), ((*entry).to_owned(), line.number));
    }
    // A name that stands for another is the one that programs know.
    let public: HashMap<&str, &str> = values
        .iter()
        .filter(|(_, value)| entries.contains_key(*value))
        .map(|(name, value)| (value.as_str(), name.as_str()))
        .collect();
    let mut rows = Vec::new();
    for (name, (entry, line)) in &entries {
        let error = |message: String| Error::new(path, *line, message);
        let number = values
            .get(name)
            .and_then(|value| value.parse().ok())
            .ok_or_else(|| error(format!("expected a number for `{name}`, found none")))?;
        let public = public.get(name.as_str()).copied().unwrap_or(name);
        let Some(public) = public.strip_prefix("__NR_") else {
            return Err(error(format!("expected a public name for `{name}`, found none")).into());
        };
        if !dead(entry) {
            rows.push(Row {
                number,
                name: public.to_owned(),
                entry: entry.clone(),
                at: (path.to_owned(), *line),
            });
        }
    }
    Ok(rows)
}

/// Numbers outside the table: `#define __ARM_NR_cacheflush (__ARM_NR_BASE+2)`, all served by
/// `arm_syscall` in arch/arm/kernel/traps.c.
fn private(tree: &Path, path: &str, macros: &Macros) -> Result<Vec<Row>, ImportError> {
    // __NR_SYSCALL_BASE is 0 in EABI.   [arch/arm/include/uapi/asm/unistd.h]
    const BASE: u32 = 0x0f_0000;
    let mut rows = Vec::new();
    for line in lines(tree, path, macros)? {
        let Some((name, value)) = define(&line) else {
            continue;
        };
        let entry = name;
        let Some(name) = name.strip_prefix("__ARM_NR_") else {
            continue;
        };
        let Some(offset) = value.strip_prefix("(__ARM_NR_BASE+") else {
            continue;
        };
        let offset: u32 = offset.trim_end_matches(')').parse().map_err(|_| {
            Error::new(
                path,
                line.number,
                format!("expected a number, found `{value}`"),
            )
        })?;
        rows.push(Row {
            number: BASE + offset,
            name: name.to_owned(),
            entry: entry.to_owned(),
            at: (path.to_owned(), line.number),
        });
    }
    Ok(rows)
}

fn lines(tree: &Path, path: &str, macros: &Macros) -> Result<Vec<Line>, ImportError> {
    let text = read(&tree.join(path))?;
    Ok(conditions::preprocess(&text, macros)
        .map_err(|(line, message)| Error::new(path, line, message))?)
}

/// `#define NAME VALUE`
fn define(line: &Line) -> Option<(&str, &str)> {
    let rest = line
        .text
        .trim_start()
        .strip_prefix('#')?
        .trim_start()
        .strip_prefix("define")?;
    let (name, value) = rest.trim().split_once(char::is_whitespace)?;
    Some((name, value.trim()))
}

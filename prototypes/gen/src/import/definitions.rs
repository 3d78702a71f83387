//! What does an entry point take?
//!
//! `SYSCALL_DEFINE3(read, unsigned int, fd, …)` defines `sys_read`, `COMPAT_SYSCALL_DEFINE3(…)` `compat_sys_read`, and a few
//! entry points of architectures are plain functions marked `asmlinkage`.

use std::collections::HashMap;
use std::path::Path;

use memchr::memmem;

use super::conditions::{self, Line};
use super::facts::{Facts, Macros};
use super::profile::{PROFILES, Profile};
use super::{ImportError, read_bytes};
use crate::declaration::{self, Error, Param, Type};

/// Directories of a tree without code of the kernel proper.
const NO_KERNEL: [&str; 8] = [
    "Documentation",
    "LICENSES",
    "arch",
    "rust",
    "samples",
    "scripts",
    "tools",
    "usr",
];

/// The C files that define entry points.
#[derive(Debug)]
pub(super) struct Sources {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    /// Relative to the tree.
    path: String,
    /// The architecture it belongs to.
    arch: Option<&'static str>,
    text: String,
}

/// A definition of an entry point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    /// What it returns.
    pub(super) ret: Type,
    /// What it takes.
    pub(super) params: Vec<Param>,
    /// File and line.
    pub(super) at: (String, usize),
    /// Whether it belongs to the profile's architecture alone.
    pub(super) arch: bool,
    /// Macros that nobody told about and that its presence hangs on.
    pub(super) unknown: Vec<String>,
}

/// Definitions by entry point.
pub(super) type Definitions = HashMap<String, Vec<Definition>>;

impl Sources {
    /// Finds the files.
    pub(super) fn read(tree: &Path, facts: &Facts) -> Result<Self, ImportError> {
        let mut sources = Sources { files: Vec::new() };
        for name in names(tree)? {
            if !NO_KERNEL.contains(&name.as_str()) && tree.join(&name).is_dir() {
                sources.walk(tree, &name, None, facts)?;
            }
        }
        let mut archs: Vec<&'static str> = PROFILES.iter().map(|profile| profile.arch).collect();
        archs.sort();
        archs.dedup();
        for arch in archs {
            let path = format!("arch/{arch}");
            if tree.join(&path).is_dir() {
                sources.walk(tree, &path, Some(arch), facts)?;
            }
        }
        Ok(sources)
    }

    fn walk(
        &mut self,
        tree: &Path,
        directory: &str,
        arch: Option<&'static str>,
        facts: &Facts,
    ) -> Result<(), ImportError> {
        for name in names(&tree.join(directory))? {
            let path = format!("{directory}/{name}");
            if facts.skips(&path) {
                continue;
            }
            let there = tree.join(&path);
            if there.is_dir() && !there.is_symlink() {
                self.walk(tree, &path, arch, facts)?;
            } else if name.ends_with(".c") && there.is_file() {
                let bytes = read_bytes(&there)?;
                let has = |word: &str| memmem::find(&bytes, word.as_bytes()).is_some();
                if has("SYSCALL_DEFINE")
                    || has("SYSCALL32_DEFINE")
                    || arch.is_some() && has("asmlinkage")
                {
                    // Some comments in the kernel are not UTF-8.
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    self.files.push(File { path, arch, text });
                }
            }
        }
        Ok(())
    }

    /// The definitions that a profile's kernel may have.
    pub(super) fn definitions(
        &self,
        profile: &Profile,
        macros: &Macros,
    ) -> Result<Definitions, ImportError> {
        let narrow = macros.get("BITS_PER_LONG") == Some(&Some("32".to_owned()));
        let mut all = Definitions::new();
        for file in &self.files {
            if file.arch.is_some_and(|arch| arch != profile.arch) {
                continue;
            }
            let error = |(line, message): (usize, String)| Error::new(&file.path, line, message);
            let lines = conditions::preprocess(&file.text, macros).map_err(error)?;
            for (entry, definition) in find(file, &lines, narrow).map_err(error)? {
                all.entry(entry).or_default().push(definition);
            }
        }
        Ok(all)
    }
}

/// What a directory holds, sorted.
fn names(directory: &Path) -> Result<Vec<String>, ImportError> {
    let error = |error| ImportError::Read {
        path: directory.to_owned(),
        error,
    };
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(error)? {
        names.push(
            entry
                .map_err(error)?
                .file_name()
                .to_string_lossy()
                .into_owned(),
        );
    }
    names.sort();
    Ok(names)
}

fn find(
    file: &File,
    lines: &[Line],
    narrow: bool,
) -> Result<Vec<(String, Definition)>, (usize, String)> {
    // One text again, so that a definition may go over several lines.
    let mut text = String::new();
    let mut starts = Vec::new();
    for line in lines
        .iter()
        .filter(|line| !line.text.trim_start().starts_with('#'))
    {
        starts.push((text.len(), line));
        text += &line.text;
        text.push('\n');
    }
    let line_at = |at: usize| starts[starts.partition_point(|&(start, _)| start <= at) - 1].1;
    let mut found = Vec::new();
    let mut push = |at: usize, entry: String, ret: Type, params: Vec<Param>| {
        let line = line_at(at);
        let definition = Definition {
            ret,
            params,
            at: (file.path.clone(), line.number),
            arch: file.arch.is_some(),
            unknown: line.unknown.clone(),
        };
        found.push((entry, definition));
    };
    // The one with 32 is one of the others, by the kernel's word size.   [arch/x86/kernel/signal_32.c]
    let macros: [(&str, &[&str]); 3] = [
        ("SYSCALL_DEFINE", &["sys_"]),
        ("COMPAT_SYSCALL_DEFINE", &["compat_sys_"]),
        (
            "SYSCALL32_DEFINE",
            if narrow { &["sys_"] } else { &["compat_sys_"] },
        ),
    ];
    let uses = macros.iter().flat_map(|(word, prefixes)| {
        text.match_indices(word)
            .map(move |(at, _)| (at, *word, *prefixes))
    });
    for (at, word, prefixes) in uses {
        let before = &text[..at];
        let after = &text[at + word.len()..];
        if before.ends_with(is_word) {
            continue;
        }
        let Some(count @ '0'..='6') = after.chars().next() else {
            continue;
        };
        let Some(arguments) = after[1..].trim_start().strip_prefix('(').and_then(group) else {
            continue;
        };
        let error = |message: String| (line_at(at).number, message);
        let mut arguments = arguments.into_iter();
        let name = arguments.next().unwrap_or("");
        // `compat_arg_u64_dual(pos)`, `arg_u32p(pos)`: both halves of a 64-bit value, in the order of the architecture.
        // [include/asm-generic/compat.h, arch/arm64/kernel/sys32.c]
        let halves = |part: &str| {
            let (word, name) = part.strip_suffix(')')?.split_once('(')?;
            (word.chars().all(is_word) && name.chars().all(is_word)).then(|| name.to_owned())
        };
        let mut joined = 0;
        let mut rest: Vec<String> = Vec::new();
        for part in arguments {
            match halves(part) {
                Some(name) => {
                    joined += 1;
                    rest.extend(["u64".to_owned(), name]);
                }
                None => rest.push(part.to_owned()),
            }
        }
        // The count in the macro's name counts halves.
        if rest.len() + 2 * joined != 2 * (count as usize - '0' as usize) {
            return Err(error(format!(
                "expected {count} types and names for `{name}`, found {} words",
                rest.len()
            )));
        }
        let params: Vec<String> = rest
            .chunks(2)
            .map(|pair| format!("{} {}", pair[0], pair[1]))
            .collect();
        let (params, _) = declaration::parse_params(&params.join(", ")).map_err(error)?;
        for prefix in prefixes {
            push(
                at,
                format!("{prefix}{name}"),
                Type::plain("long"),
                params.clone(),
            );
        }
    }
    for (at, word) in text.match_indices("asmlinkage ") {
        let rest = &text[at + word.len()..];
        let Some(end) = rest.find(['{', ';', '=']) else {
            continue;
        };
        if !rest[end..].starts_with('{') || text[..at].ends_with(is_word) {
            continue;
        }
        // Entry points are `sys_…`, or `sysm_…` on MIPS; other functions that assembly calls may take anything.
        let Ok(found) = declaration::parse_declaration(&format!("{};", rest[..end].trim())) else {
            continue;
        };
        if found.name.starts_with("sys") {
            // Assembly passes its registers; the guest passes nothing.
            let registers = |param: &Param| param.ty.base == "struct pt_regs";
            let params = found
                .params
                .into_iter()
                .filter(|param| !registers(param))
                .collect();
            push(at, found.name, found.ret, params);
        }
    }
    Ok(found)
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The parts between commas up to the parenthesis that closes; nothing when none does.
fn group(text: &str) -> Option<Vec<&str>> {
    let mut depth = 0;
    let mut start = 0;
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            ')' if depth == 0 => {
                parts.push(text[start..at].trim());
                return Some(parts);
            }
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}

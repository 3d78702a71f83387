//! Signatures from headers, with what they say of the direction and length of arguments.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::super::{ImportError, read};
use crate::declaration::Error;
use crate::windows::sal::Annotated;

/// Headers and the sections their calls stand in; any other file's are in `other`.
const SECTIONS: &[(&str, &str)] = &[
    ("ntdbg.h", "debug"),
    ("ntexapi.h", "executive"),
    ("ntioapi.h", "file"),
    ("ntkeapi.h", "processor"),
    ("ntlpcapi.h", "port"),
    ("ntmmapi.h", "memory"),
    ("ntobapi.h", "object"),
    ("ntpnpapi.h", "device"),
    ("ntpoapi.h", "power"),
    ("ntpsapi.h", "process"),
    ("ntregapi.h", "registry"),
    ("ntrtl.h", "runtime"),
    ("ntseapi.h", "security"),
    ("nttmapi.h", "transaction"),
    ("nttp.h", "runtime"),
];

/// A declaration with the place it stands at.
struct Found {
    section: &'static str,
    text: String,
}

/// `signatures.txt` from the headers of `places`, files or directories. Of several declarations of a name that of the
/// earliest place counts, and in one file the first: headers have the newest release's first.
pub fn signatures(places: &[PathBuf], wanted: &[String]) -> Result<String, ImportError> {
    let mut found: BTreeMap<String, Found> = BTreeMap::new();
    for place in places {
        for file in headers(place)? {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let section = SECTIONS
                .iter()
                .find(|(header, _)| *header == name)
                .map_or("other", |(_, section)| section);
            for (line, declaration) in declarations(&read(&file)?) {
                let declaration = Annotated::parse(&declaration)
                    .map_err(|message| Error::new(&file.display().to_string(), line, message))?;
                if wanted.contains(&declaration.name) {
                    found
                        .entry(declaration.name.clone())
                        .or_insert_with(|| Found {
                            section,
                            text: declaration.to_string(),
                        });
                }
            }
        }
    }
    let mut text = "# Signatures of the native calls of Windows with the direction and length of their arguments, as the newest release\n\
                    # has them. Made by `emu-prototypes-gen import windows` from the headers of the crate phnt and of mingw-w64.\n\
                    # Older releases: overrides.txt. What these headers don't declare: additions.txt, or nothing is known of it.\n"
        .to_owned();
    let mut sections: Vec<&str> = found.values().map(|found| found.section).collect();
    sections.sort_unstable();
    sections.dedup();
    for section in sections {
        writeln!(text, "\n[{section}]").expect("writing to a string does not fail");
        for found in found.values().filter(|found| found.section == section) {
            writeln!(text, "{}", found.text).expect("writing to a string does not fail");
        }
    }
    Ok(text)
}

/// The headers of a directory, sorted, or the file itself.
pub(super) fn headers(place: &Path) -> Result<Vec<PathBuf>, ImportError> {
    if place.is_file() {
        return Ok(vec![place.to_owned()]);
    }
    let failed = |error| ImportError::Read {
        path: place.to_owned(),
        error,
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(place).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "h") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// The declarations of `Nt…` functions in a header, each with the line its name stands on.
fn declarations(source: &str) -> Vec<(usize, String)> {
    let source = blank_comments(source);
    let mut all = Vec::new();
    let mut line = 1;
    for statement in source.split_inclusive(';') {
        let first = line;
        line += statement.matches('\n').count();
        let Some(at) = statement.find("\nNTAPI\n").map(|at| at + 7).or_else(|| {
            ["NTAPI ", "NTAPI\n"]
                .iter()
                .find_map(|mark| statement.rfind(mark).map(|at| at + mark.len()))
        }) else {
            continue;
        };
        let name = statement[at..].trim_start();
        if !name.starts_with("Nt") {
            continue;
        }
        // Only what stands right before `NTAPI` belongs to it: the return type.
        let before: Vec<&str> = statement[..at].split_whitespace().collect();
        let ret = before
            .iter()
            .rev()
            .find(|word| !matches!(**word, "NTAPI" | "NTSYSAPI" | "NTSYSCALLAPI"));
        let words: Vec<&str> = name.split_whitespace().collect();
        let text = format!("{} {}", ret.unwrap_or(&"NTSTATUS"), words.join(" "));
        all.push((first + statement[..at].matches('\n').count(), text));
    }
    all
}

/// The text with spaces for what comments and preprocessor lines say.
pub(super) fn blank_comments(source: &str) -> String {
    let text = without_comments(source);
    text.lines()
        .map(|line| match line.trim_start().starts_with('#') {
            true => "\n".to_owned(),
            false => format!("{line}\n"),
        })
        .collect()
}

/// A header without its comments, line by line.
pub(super) fn without_comments(source: &str) -> String {
    let mut text = String::new();
    let mut rest = source;
    while let Some(at) = [rest.find("//"), rest.find("/*")]
        .into_iter()
        .flatten()
        .min()
    {
        text += &rest[..at];
        let end = match rest[at..].starts_with("//") {
            true => rest[at..].find('\n').map(|end| at + end),
            false => rest[at..].find("*/").map(|end| at + end + 2),
        };
        let end = end.unwrap_or(rest.len());
        text.extend(rest[at..end].chars().filter(|&c| c == '\n'));
        rest = &rest[end..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::signatures;

    #[test]
    fn direction_and_length_are_kept_and_the_newest_declaration_counts() {
        let folder = tempfile::tempdir().expect("there is room");
        let file = folder.path().join("ntexapi.h");
        fs::write(
            &file,
            "/* NtNothing(\n */\n#if (PHNT_VERSION >= PHNT_WIN8)\nNTSYSCALLAPI\nNTSTATUS\nNTAPI\nNtWait(\n    \
             _In_ HANDLE Factory, // where\n    _Out_writes_to_(Count, *Got) PPACKET Packets,\n    \
             _In_ ULONG Count,\n    _Out_ PULONG Got\n    );\n#else\nNTSYSCALLAPI\nNTSTATUS\nNTAPI\nNtWait(\n    \
             _In_ HANDLE Factory\n    );\n#endif\n\nNTSYSCALLAPI\nULONG\nNTAPI\nNtTick(\n    VOID\n    );\n\n\
             NTSYSAPI NTSTATUS NTAPI NtOther(_In_ HANDLE Handle);\n",
        )
        .expect("there is room");
        let wanted = ["NtWait", "NtTick"].map(str::to_owned);
        let text = signatures(&[file], &wanted).expect("it reads");
        assert!(
            text.ends_with(
                "\n[executive]\nULONG NtTick(void);\n\
                 NTSTATUS NtWait(_In_ HANDLE Factory, _Out_writes_to_(Count, *Got) PPACKET Packets, _In_ ULONG Count, _Out_ PULONG Got);\n"
            ),
            "{text}"
        );
    }
}

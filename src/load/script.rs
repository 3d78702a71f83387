//! Which program runs a script?

use emu_prototypes::linux::Errno;

use super::image::{self, Kind, head};
use super::{LoadError, Program, Programs};

/// How many interpreters may stand behind each other.   [Linux fs/exec.c, exec_binprm: depth > 5]
const NESTING: usize = 5;

/// Follows `#!` lines to a program that is none, and gives it the arguments Linux gives it.
/// [Linux fs/binfmt_script.c]
pub(super) fn resolve(
    programs: &mut dyn Programs,
    mut program: Program,
    path: &[u8],
    mut argv: Vec<Vec<u8>>,
) -> Result<(Program, Vec<Vec<u8>>), LoadError> {
    let mut name = path.to_vec();
    for _ in 0..=NESTING {
        let head = head(&program.object)?;
        match image::identify(&head)? {
            Kind::Elf => return Ok((program, argv)),
            Kind::Pe => {
                return Err(LoadError::new(
                    Errno::ENOEXEC,
                    "is a DOS or Windows (PE) program, not an ELF image",
                ));
            }
            Kind::Script => {}
        }
        let (interpreter, argument) = parse(&head).ok_or_else(|| {
            LoadError::new(
                Errno::ENOEXEC,
                "is a script whose `#!` line names no interpreter",
            )
        })?;
        if !argv.is_empty() {
            argv.remove(0);
        }
        argv.insert(0, name);
        if let Some(argument) = argument {
            argv.insert(0, argument.to_vec());
        }
        argv.insert(0, interpreter.to_vec());
        program = programs.open(interpreter).map_err(|errno| {
            let shown = String::from_utf8_lossy(interpreter);
            LoadError::new(errno, format!("is a script for {shown}: {}", errno.text()))
        })?;
        name = interpreter.to_vec();
    }
    Err(LoadError::new(
        Errno::ELOOP,
        "is a script for a script for a script, too often",
    ))
}

/// The interpreter and its one argument.
fn parse(head: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let line = head.strip_prefix(b"#!")?;
    let (line, whole) = match line.iter().position(|byte| *byte == b'\n') {
        Some(end) => (&line[..end], true),
        None => (line, head.len() < image::HEAD),
    };
    let line = line.trim_ascii();
    let end = line
        .iter()
        .position(|byte| matches!(byte, b' ' | b'\t' | 0))
        .unwrap_or(line.len());
    let (interpreter, rest) = line.split_at(end);
    // A path that does not end within the bytes that were looked at is cut off.
    if interpreter.is_empty() || (!whole && rest.is_empty()) {
        return None;
    }
    let argument = rest.trim_ascii();
    Some((interpreter, (!argument.is_empty()).then_some(argument)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, expected: Option<(&str, Option<&str>)>) {
        let got = parse(head.as_bytes());
        let expected = expected.map(|(i, a)| (i.as_bytes(), a.map(str::as_bytes)));
        assert_eq!(got, expected, "{head:?}");
    }

    #[test]
    fn a_script_names_its_interpreter_and_at_most_one_argument() {
        check("#!/bin/sh\n", Some(("/bin/sh", None)));
        check("#! /bin/sh -e x \nrest", Some(("/bin/sh", Some("-e x"))));
        check("#!/bin/sh", Some(("/bin/sh", None)));
        check("#!\n", None);
        check("#!  \t \n/bin/sh", None);
        check(&format!("#!/{}", "a".repeat(300))[..256], None);
        let (long, cut) = ("a".repeat(300), "a".repeat(246));
        check(
            &format!("#!/bin/sh {long}")[..256],
            Some(("/bin/sh", Some(&cut))),
        );
    }
}

//! How does a whole profile read as one self-contained text?

use std::fmt;

use crate::{CallInfo, Row, Table};

/// A profile in the classic form: `NUMBER RETTYPE NAME(ARGS);` a line, sorted by number, with the profile's own names,
/// types and order of arguments. It is made to be printed.
///
/// A call of which no more than the name is known is a comment. The prototype parser reads this form back; so do tools
/// that know nothing of ours.
#[derive(Debug, Clone, Copy)]
pub struct Classic<'a> {
    /// The profile's numbers.
    pub table: &'a Table,
    /// The calls of its OS.
    pub calls: &'a [CallInfo],
}

/// One line of it, without the line's end.
#[derive(Debug, Clone, Copy)]
pub struct Prototype<'a> {
    /// The number and what stands for it.
    pub row: &'a Row,
    /// The calls of its OS.
    pub calls: &'a [CallInfo],
}

impl fmt::Display for Classic<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Classic { table, calls } = *self;
        table
            .rows
            .iter()
            .try_for_each(|row| writeln!(f, "{}", Prototype { row, calls }))
    }
}

impl fmt::Display for Prototype<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let call = &self.calls[usize::from(self.row.call)];
        if !call.is_declared() {
            let Row { number, name, .. } = self.row;
            return write!(f, "# {number} {name}: no signature is known");
        }
        // ARM's private calls, far above the others, are known by their hexadecimal numbers.
        match self.row.number {
            number @ ..0x8000 => write!(f, "{number} ")?,
            number => write!(f, "{number:#08x} ")?,
        }
        declare(f, call.ret, self.row.name)?;
        f.write_str("(")?;
        match self.row.declared {
            Some(declared) => list(f, declared.iter().copied())?,
            None => list(f, call.params.iter().map(|param| (param.name, param.ctype)))?,
        }
        f.write_str(");")
    }
}

fn list<'a>(
    f: &mut fmt::Formatter<'_>,
    params: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
) -> fmt::Result {
    if params.len() == 0 {
        return f.write_str("void");
    }
    for (at, (name, ctype)) in params.enumerate() {
        f.write_str(if at == 0 { "" } else { ", " })?;
        declare(f, ctype, name)?;
    }
    Ok(())
}

/// `int fd`, `char *buf`, `void (*handler)(int)`
fn declare(f: &mut fmt::Formatter<'_>, ctype: &str, name: &str) -> fmt::Result {
    match ctype.split_once("(*)") {
        Some((before, after)) => write!(f, "{before}(*{name}){after}"),
        None if ctype.ends_with('*') => write!(f, "{ctype}{name}"),
        None => write!(f, "{ctype} {name}"),
    }
}

#[cfg(test)]
mod tests {
    use emu_prototypes_gen::{classic, declaration, numbers};

    use super::Classic;
    use crate::{CallInfo, Table, freebsd, linux, nt};

    fn check(os: &str, file: &str, table: &Table, calls: &[CallInfo]) {
        let read = |name: &str| {
            let path = format!("{}/{os}/{name}", env!("CARGO_MANIFEST_DIR"));
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
        };
        let signatures = declaration::parse("signatures.txt", &read("signatures.txt"))
            .unwrap_or_else(|error| panic!("{error}"));
        let printed = Classic { table, calls }.to_string();
        let numbers = numbers::parse(file, &read(file)).unwrap_or_else(|error| panic!("{error}"));
        let texts = classic::of(file, &numbers, &signatures).expect("the generator took them");
        assert_eq!(printed, classic::print(&texts), "{file}");
        let read_back = classic::parse(file, &printed).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(classic::print(&read_back), printed, "{file}");
    }

    #[test]
    fn what_is_printed_reads_back_as_what_the_texts_say() {
        for abi in linux::ABIS {
            // Both byte orders of MIPS have one table.
            let file = format!("linux_{}.txt", abi.name.replace("el", ""));
            check("linux", &file, abi.table, &linux::CALLS);
        }
        for abi in freebsd::ABIS {
            let file = format!("freebsd_{}.txt", abi.name);
            check("freebsd", &file, abi.table, &freebsd::CALLS);
        }
    }

    #[test]
    fn every_release_of_windows_reads_back_but_for_calls_without_a_signature() {
        for release in nt::RELEASES {
            let table = release.table();
            let printed = Classic {
                table,
                calls: &nt::CALLS,
            }
            .to_string();
            assert_eq!(printed.lines().count(), table.rows.len());
            let read = classic::parse(release.name, &printed).unwrap_or_else(|e| panic!("{e}"));
            let comments = printed.lines().filter(|line| line.starts_with("# "));
            assert_eq!(read.len() + comments.clone().count(), table.rows.len());
            let declared = printed.lines().filter(|line| !line.starts_with("# "));
            for (line, prototype) in declared.zip(&read) {
                assert_eq!(line, prototype.to_string());
            }
            for line in comments {
                assert!(line.ends_with(": no signature is known"), "{line}");
            }
        }
    }
}

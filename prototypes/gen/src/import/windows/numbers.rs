//! Numbers of all releases, from tables with a column a release.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::declaration::Error;
use crate::windows::releases::{Arch, Release};

/// A table as comma-separated values: a header with the names of releases, then `NAME,0x0123,…,` a line; an empty cell
/// says that the release has no such call.
#[derive(Debug)]
pub struct Csv<'a> {
    /// Its architecture.
    pub arch: Arch,
    /// The name of its file, for messages.
    pub file: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// `numbers.txt` for the releases. A column that a release names and no table has, two columns of one release that differ,
/// a number twice or a hole is an error.
pub fn numbers(releases: &[Release], tables: &[Csv<'_>]) -> Result<String, Vec<Error>> {
    let mut errors = Vec::new();
    let mut rows: BTreeMap<(String, Arch), Vec<Cell<'_>>> = BTreeMap::new();
    for table in tables {
        let columns = match columns(table) {
            Ok(columns) => columns,
            Err(error) => {
                errors.push(error);
                continue;
            }
        };
        for release in releases.iter().filter(|release| release.arch == table.arch) {
            match column(table.file, &columns, release) {
                Err(error) => errors.push(error),
                Ok(column) => {
                    for (name, number) in column {
                        rows.entry((name.clone(), table.arch))
                            .or_default()
                            .push((&release.name, *number));
                    }
                }
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let mut text = "# Numbers of the native calls of Windows. Made by `emu-prototypes-gen import windows`.\n\
                    # NAME ARCH RELEASE=NUMBER …: the number holds from that release on until the next one named; `-`: no such call.\n"
        .to_owned();
    for ((name, arch), numbers) in rows {
        let mut words = String::new();
        let mut last = None;
        for (release, number) in numbers {
            if number != last {
                let number = number.map_or_else(|| "-".to_owned(), |number| format!("{number:#x}"));
                write!(words, " {release}={number}").expect("writing to a string does not fail");
            }
            last = number;
        }
        if !words.is_empty() {
            writeln!(text, "{name} {arch}{words}").expect("writing to a string does not fail");
        }
    }
    Ok(text)
}

/// A release's name and its number of a call.
type Cell<'a> = (&'a str, Option<u32>);

type Column = Vec<(String, Option<u32>)>;

fn columns(table: &Csv<'_>) -> Result<BTreeMap<String, Column>, Error> {
    let error = |line: usize, message: String| Error::new(table.file, line, message);
    let mut lines = table.text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut columns: BTreeMap<String, Column> = header
        .iter()
        .skip(1)
        .map(|name| (name.trim().to_owned(), Column::new()))
        .collect();
    for (at, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        if cells.len() != header.len() {
            let message = format!("expected {} cells, found {}", header.len(), cells.len());
            return Err(error(at + 2, message));
        }
        for (release, cell) in header.iter().zip(&cells).skip(1) {
            let number = match cell.trim() {
                "" => None,
                cell => Some(
                    cell.strip_prefix("0x")
                        .and_then(|hex| u32::from_str_radix(hex, 16).ok())
                        .ok_or_else(|| {
                            error(
                                at + 2,
                                format!("expected a number such as 0x12, found `{cell}`"),
                            )
                        })?,
                ),
            };
            if let Some(column) = columns.get_mut(release.trim()) {
                column.push((cells[0].trim().to_owned(), number));
            }
        }
    }
    Ok(columns)
}

/// The column of a release, after a check that all of its columns are one and have each number once.
fn column<'a>(
    file: &str,
    columns: &'a BTreeMap<String, Column>,
    release: &Release,
) -> Result<&'a Column, Error> {
    let wrong = |message: String| Error::new(file, 1, message);
    let mut all = Vec::new();
    for name in &release.columns {
        let column = columns
            .get(name)
            .ok_or_else(|| wrong(format!("expected a column `{name}`, found none")))?;
        all.push((name, column));
    }
    let (first, column) = *all.first().ok_or_else(|| {
        wrong(format!(
            "expected a column for {}, found none",
            release.name
        ))
    })?;
    for (name, other) in &all {
        if let Some(((call, one), (_, two))) = column.iter().zip(*other).find(|(a, b)| a != b) {
            return Err(wrong(format!(
                "expected one table for {}, found `{call}` as {one:?} in `{first}` and as {two:?} in `{name}`",
                release.name
            )));
        }
    }
    let mut seen = BTreeSet::new();
    for (call, number) in column {
        if let Some(number) = number
            && !seen.insert(*number)
        {
            return Err(wrong(format!(
                "expected each number of `{first}` once, found {number:#x} again for `{call}`"
            )));
        }
    }
    match (0..)
        .zip(&seen)
        .find(|(expected, number)| expected != *number)
    {
        Some((hole, _)) => Err(wrong(format!(
            "expected all numbers of `{first}`, found none for {hole:#x}"
        ))),
        None => Ok(column),
    }
}

#[cfg(test)]
mod tests {
    use super::{Csv, numbers};
    use crate::windows::releases::{self, Arch};

    fn check(csv: &str) -> Result<String, String> {
        let releases = releases::parse("r", "x86 2000: A; B\nx86 xp: C\n").expect("it reads");
        let table = Csv {
            arch: Arch::X86,
            file: "nt.csv",
            text: csv,
        };
        numbers(&releases, &[table])
            .map(|text| {
                text.lines()
                    .skip(2)
                    .map(|line| format!("{line}\n"))
                    .collect()
            })
            .map_err(|errors| errors[0].to_string())
    }

    #[test]
    fn a_number_is_written_where_it_changes() {
        assert_eq!(
            check("call,A,B,C\nNtA,0x0000,0x0000,0x0001\nNtB,0x0001,0x0001,\nNtC,,,0x0000\n"),
            Ok("NtA x86 2000=0x0 xp=0x1\nNtB x86 2000=0x1 xp=-\nNtC x86 xp=0x0\n".to_owned())
        );
    }

    #[test]
    fn columns_that_differ_holes_and_numbers_twice_are_errors() {
        for (csv, expected) in [
            (
                "call,A,B,C\nNtA,0x0,0x1,0x0\n",
                "nt.csv:1: expected one table for 2000, found `NtA` as Some(0) in `A` and as Some(1) in `B`",
            ),
            (
                "call,A,B,C\nNtA,0x0,0x0,0x1\n",
                "nt.csv:1: expected all numbers of `C`, found none for 0x0",
            ),
            (
                "call,A,B,C\nNtA,0x0,0x0,0x0\nNtB,0x0,0x0,\n",
                "nt.csv:1: expected each number of `A` once, found 0x0 again for `NtB`",
            ),
            (
                "call,A,B\nNtA,0x0,0x0\n",
                "nt.csv:1: expected a column `C`, found none",
            ),
            (
                "call,A,B,C\nNtA,0x0,zero,\n",
                "nt.csv:2: expected a number such as 0x12, found `zero`",
            ),
            (
                "call,A,B,C\nNtA,0x0\n",
                "nt.csv:2: expected 4 cells, found 2",
            ),
        ] {
            assert_eq!(check(csv), Err(expected.to_owned()));
        }
    }
}

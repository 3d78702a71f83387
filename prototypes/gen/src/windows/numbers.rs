//! Which number has a call in each release?
//!
//! ```text
//! NtClose x86 2000=0x18 xpsp01=0x19 8sp0=0x174
//! ```
//!
//! A number holds from its release on until the next one named; `-` says that there is no such call any more.

use std::collections::BTreeMap;

use super::releases::{Arch, Release};
use crate::declaration::{self, Error};
use crate::nearest::did_you_mean;

/// The numbers of each release, in the order of the releases.
pub fn parse(
    file: &str,
    text: &str,
    releases: &[Release],
) -> Result<Vec<BTreeMap<u32, String>>, Vec<Error>> {
    let mut tables = vec![BTreeMap::new(); releases.len()];
    let mut errors = Vec::new();
    let lines = declaration::lines(file, text).map_err(|error| vec![error])?;
    for (line, source) in lines {
        if let Err(message) = parse_line(&source, releases, &mut tables) {
            errors.push(Error::new(file, line, message));
        }
    }
    if errors.is_empty() {
        Ok(tables)
    } else {
        Err(errors)
    }
}

fn parse_line(
    source: &str,
    releases: &[Release],
    tables: &mut [BTreeMap<u32, String>],
) -> Result<(), String> {
    let mut words = source.split_whitespace();
    let name = words.next().unwrap_or_default();
    let arch = Arch::parse(words.next().unwrap_or_default())?;
    let of_arch: Vec<usize> = (0..releases.len())
        .filter(|&at| releases[at].arch == arch)
        .collect();
    let mut spans: Vec<(usize, Option<u32>)> = Vec::new();
    for word in words {
        let (release, number) = word
            .split_once('=')
            .ok_or_else(|| format!("expected `RELEASE=NUMBER`, found `{word}`"))?;
        let from = of_arch
            .iter()
            .position(|&at| releases[at].name == release)
            .ok_or_else(|| {
                let known = of_arch.iter().map(|&at| releases[at].name.as_str());
                let nearest = did_you_mean(release, known);
                format!("expected a release of {arch}, found `{release}`{nearest}")
            })?;
        if spans.last().is_some_and(|(last, _)| *last >= from) {
            return Err(format!(
                "expected older releases first, found `{release}` behind a newer one"
            ));
        }
        let number = match number {
            "-" => None,
            number => Some(
                number
                    .strip_prefix("0x")
                    .and_then(|hex| u32::from_str_radix(hex, 16).ok())
                    .filter(|number| *number < 0x1000)
                    .ok_or_else(|| {
                        format!("expected a number such as 0x12 below 0x1000, found `{number}`")
                    })?,
            ),
        };
        spans.push((from, number));
    }
    if spans.is_empty() {
        return Err(format!("expected a number of `{name}`, found none"));
    }
    for (span, &(from, number)) in spans.iter().enumerate() {
        let to = spans.get(span + 1).map_or(of_arch.len(), |(next, _)| *next);
        let Some(number) = number else { continue };
        for &at in &of_arch[from..to] {
            if let Some(other) = tables[at].insert(number, name.to_owned()) {
                return Err(format!(
                    "expected each number of {} {arch} once, found {number:#x} for `{other}` and `{name}`",
                    releases[at].name
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::parse;
    use crate::windows::releases;

    fn check(text: &str) -> Result<Vec<Vec<(u32, String)>>, String> {
        let releases = releases::parse("r", "x86 2000: A\nx86 xp: B\nx64 xp: B\nx86 7: C\n")
            .expect("it reads");
        parse("numbers.txt", text, &releases)
            .map(|all| {
                all.into_iter()
                    .map(|one| one.into_iter().collect())
                    .collect()
            })
            .map_err(|errors| errors[0].to_string())
    }

    #[test]
    fn a_number_holds_until_the_next() {
        let one = |number, name: &str| vec![(number, name.to_owned())];
        assert_eq!(
            check("NtA x86 2000=0x1 7=0x2\nNtB x86 7=0x1\nNtA x64 xp=0x0\n"),
            Ok(vec![
                one(1, "NtA"),
                one(1, "NtA"),
                one(0, "NtA"),
                [one(1, "NtB"), one(2, "NtA")].concat(),
            ])
        );
    }

    #[test]
    fn a_wrong_row_is_named() {
        for (text, expected) in [
            (
                "NtA x86 2000=0x1\nNtB x86 xp=0x1\n",
                "numbers.txt:2: expected each number of xp x86 once, found 0x1 for `NtA` and `NtB`",
            ),
            (
                "NtA x86 xq=0x1\n",
                "numbers.txt:1: expected a release of x86, found `xq`",
            ),
            (
                "NtA x86 xp=0x1001\n",
                "numbers.txt:1: expected a number such as 0x12 below 0x1000, found `0x1001`",
            ),
            (
                "NtA x86 7=0x1 xp=0x2\n",
                "numbers.txt:1: expected older releases first, found `xp` behind a newer one",
            ),
        ] {
            assert_eq!(check(text), Err(expected.to_owned()));
        }
    }
}

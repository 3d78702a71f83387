//! Which releases of Windows are there, and where do their numbers come from?
//!
//! ```text
//! x86 7: Windows 7 (SP0); Windows 7 (SP1)
//! x64 11_24h2 2025: Windows 11 and Server (11 24H2)
//! ```
//!
//! Architecture, name, other names, and the columns of the tables they were imported from. Older releases come first;
//! a release of both architectures has one age.

use std::fmt;

use crate::declaration::{self, Error};

/// An architecture of Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Arch {
    /// 32 bits.
    X86,
    /// 64 bits.
    X64,
}

impl Arch {
    /// The architecture with that name.
    pub fn parse(name: &str) -> Result<Arch, String> {
        match name {
            "x86" => Ok(Arch::X86),
            "x64" => Ok(Arch::X64),
            _ => Err(format!("expected `x86` or `x64`, found `{name}`")),
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Arch::X86 => "x86",
            Arch::X64 => "x64",
        })
    }
}

/// A release on one architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The architecture.
    pub arch: Arch,
    /// Its name: `vistasp12`.
    pub name: String,
    /// Other names.
    pub aliases: Vec<String>,
    /// The columns of the tables it was imported from.
    pub columns: Vec<String>,
    /// How many releases are older.
    pub age: usize,
}

/// Parses a text of releases.
pub fn parse(file: &str, text: &str) -> Result<Vec<Release>, Error> {
    let mut all: Vec<Release> = Vec::new();
    let mut ages: Vec<String> = Vec::new();
    for (line, source) in declaration::lines(file, text)? {
        let error = |message: String| Error::new(file, line, message);
        let (names, columns) = source
            .split_once(':')
            .ok_or_else(|| error("expected `ARCH NAME …: COLUMN; …`, found no `:`".to_owned()))?;
        let mut names = names.split_whitespace().map(str::to_owned);
        let arch = Arch::parse(&names.next().unwrap_or_default()).map_err(error)?;
        let name = names
            .next()
            .ok_or_else(|| error("expected the name of a release, found none".to_owned()))?;
        let aliases: Vec<String> = names.collect();
        let known = |name: &String| {
            let of_arch = all.iter().filter(|other| other.arch == arch);
            of_arch
                .clone()
                .any(|other| other.name == *name || other.aliases.contains(name))
        };
        if let Some(twice) = [&name].into_iter().chain(&aliases).find(|name| known(name)) {
            return Err(error(format!(
                "expected each name once, found `{twice}` again"
            )));
        }
        let age = ages
            .iter()
            .position(|other| *other == name)
            .unwrap_or_else(|| {
                ages.push(name.clone());
                ages.len() - 1
            });
        all.push(Release {
            arch,
            name,
            aliases,
            columns: columns
                .split(';')
                .map(|column| column.trim().to_owned())
                .collect(),
            age,
        });
    }
    Ok(all)
}

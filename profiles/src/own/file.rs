//! How does a file read that describes an operating system?

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{ALL, Profile};

/// A description of an operating system.
///
/// ```toml
/// name = "newos_x86"
/// arch = "x86"                # or x86-64, arm, arm64, mips, mipsel, mips64, mips64el
/// prototypes = "newos.txt"    # beside this file: a line for each call, `NUMBER TYPE NAME(ARGUMENTS);`
///
/// [[entry]]                   # one for each way to ask; the first one is the usual one
/// trap = "int 0x40"           # or sysenter, syscall, svc, svc N, svc from N
/// number = "eax"              # where the number is; not with `svc from N`, which has it
/// args = ["ebx", "ecx", "edx", "esi+0", "sp+4"]   # registers, or words in memory at a register and an offset
/// result = "eax"
/// errors = "negative"         # or status, "flag REGISTER", "carry REGISTER"
/// pairs = "packed"            # a value of two words: packed, or from an even place on (even)
/// second = "edx"              # a second result
///
/// [services]                  # what the kernel inside answers, as the call of Linux with the same arguments
/// print = "write"
/// leave = "exit_group"
///
/// [errors]                    # numbers of errors that are not Linux's
/// ENOENT = 200
///
/// [types]                     # C types that are not a machine word, nor C's own
/// cookie_t = "unsigned long long"
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// The name of the profile.
    pub name: String,
    /// The CPU.
    pub arch: String,
    /// The file with the prototypes.
    pub prototypes: String,
    /// The ways to ask.
    #[serde(default, rename = "entry")]
    pub entries: Vec<Entry>,
    /// Calls, and the calls of Linux that answer them.
    #[serde(default)]
    pub services: BTreeMap<String, String>,
    /// Errors by name, and their numbers.
    #[serde(default)]
    pub errors: BTreeMap<String, u16>,
    /// C types, and which of C's own they are.
    #[serde(default)]
    pub types: BTreeMap<String, String>,
}

/// A way to ask.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The instruction.
    pub trap: String,
    /// The register of the number.
    pub number: Option<String>,
    /// Where arguments are.
    #[serde(default)]
    pub args: Vec<String>,
    /// The register of the result.
    pub result: String,
    /// How an error is told.
    #[serde(default = "negative")]
    pub errors: String,
    /// Where values of two words go.
    pub pairs: Option<String>,
    /// The register of a second result.
    pub second: Option<String>,
}

fn negative() -> String {
    "negative".to_owned()
}

/// Names of CPUs, and the profile of Linux on each.
const CPUS: &[(&str, &str)] = &[
    ("x86", "linux_x86"),
    ("x86-64", "linux_x64"),
    ("arm", "linux_arm"),
    ("arm64", "linux_arm64"),
    ("mips", "linux_mips"),
    ("mipsel", "linux_mipsel"),
    ("mips64", "linux_mips64"),
    ("mips64el", "linux_mips64el"),
];

impl File {
    /// Parses a text.
    pub fn parse(text: &str) -> Result<File, String> {
        toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| {
                let before = text.get(..span.start).unwrap_or(text);
                1 + before.matches('\n').count()
            });
            format!("line {line}: {}", error.message())
        })
    }

    /// The profile of Linux on its CPU, whose processes look alike.
    pub(super) fn base(&self) -> Result<&'static Profile, String> {
        let known = CPUS.iter().find(|(name, _)| *name == self.arch);
        let base = known.and_then(|(_, base)| ALL.iter().find(|profile| profile.name == *base));
        base.copied().ok_or_else(|| {
            let names: Vec<_> = CPUS.iter().map(|(name, _)| *name).collect();
            format!(
                "arch = {:?}: expected one of {}",
                self.arch,
                names.join(", ")
            )
        })
    }
}

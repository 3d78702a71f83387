//! With which configuration is each ABI's kernel built?
//!
//! ```text
//! CONFIG_64BIT: x64 arm64 mips64 mips64n32      # defined on these profiles, undefined on all others
//! __BITS_PER_LONG: x86=32 x64=64 arm=32         # with a value
//! skip mm/nommu.c                               # a file that none of these kernels is built from
//! ```
//!
//! A macro that stands in no line is unknown: an import fails when a definition hangs on it.

use std::collections::{BTreeMap, HashMap};

use super::profile::PROFILES;
use crate::declaration::Error;
use crate::nearest::did_you_mean;

/// The facts of all profiles.
#[derive(Debug, Default, Clone)]
pub struct Facts {
    /// By macro: on which profiles it is defined, as what.
    macros: BTreeMap<String, BTreeMap<String, String>>,
    skipped: Vec<String>,
}

/// What is known of the macros of one profile: `None` is known to be undefined.
pub(super) type Macros = HashMap<String, Option<String>>;

impl Facts {
    /// Parses `facts.txt`.
    pub fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let mut facts = Facts::default();
        for (at, source) in text.lines().enumerate() {
            let error = |message: String| Error::new(file, at + 1, message);
            let Some((what, _reason)) = with_reason(source).map_err(error)? else {
                continue;
            };
            if let Some(path) = what.strip_prefix("skip ") {
                facts.skipped.push(path.trim().to_owned());
                continue;
            }
            let Some((name, profiles)) = what.split_once(':') else {
                return Err(error(format!(
                    "expected `MACRO: PROFILE…` or `skip FILE`, found `{what}`"
                )));
            };
            let mut values = BTreeMap::new();
            for word in profiles.split_whitespace().filter(|&word| word != "-") {
                let (profile, value) = word.split_once('=').unwrap_or((word, "1"));
                check_profile(profile).map_err(error)?;
                values.insert(profile.to_owned(), value.to_owned());
            }
            if facts
                .macros
                .insert(name.trim().to_owned(), values)
                .is_some()
            {
                return Err(error(format!(
                    "expected each macro once, found `{name}` again"
                )));
            }
        }
        Ok(facts)
    }

    /// What is known of the macros of one profile.
    pub(super) fn macros(&self, profile: &str) -> Macros {
        let of = |values: &BTreeMap<String, String>| values.get(profile).cloned();
        self.macros
            .iter()
            .map(|(name, values)| (name.clone(), of(values)))
            .collect()
    }

    /// Whether no kernel of these is built from `path`.
    pub(super) fn skips(&self, path: &str) -> bool {
        self.skipped.iter().any(|skipped| skipped == path)
    }
}

/// Fails when there is no such profile.
pub(super) fn check_profile(name: &str) -> Result<(), String> {
    if PROFILES.iter().any(|profile| profile.name == name) {
        return Ok(());
    }
    let known = PROFILES.iter().map(|profile| profile.name);
    Err(format!(
        "expected a profile, found `{name}`{}",
        did_you_mean(name, known)
    ))
}

/// Splits a line of a hand-kept text into what it says and why; nothing when it is blank or all comment.
pub(super) fn with_reason(line: &str) -> Result<Option<(&str, &str)>, String> {
    let (what, reason) = line.split_once('#').unwrap_or((line, ""));
    match (what.trim(), reason.trim()) {
        ("", _) => Ok(None),
        (what, "") => Err(format!(
            "expected `# REASON` at the end of the line, found `{what}` alone"
        )),
        (what, reason) => Ok(Some((what, reason))),
    }
}

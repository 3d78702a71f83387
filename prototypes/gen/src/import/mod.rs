//! Which calls, numbers and parameters does a Linux source tree declare?
//!
//! Numbers and entry points come from the kernel's own tables, parameters from the definition of that entry point
//! ([PITFALLS of guessed tables: a name that looks right has another entry point]). What a tree can't tell — which
//! configuration an ABI is built with, and which calls of two ABIs are the same call — is said in two texts kept by hand,
//! `facts.txt` and `identities.txt`, each line with its reason.

mod conditions;
mod definitions;
mod facts;
pub mod freebsd;
mod identities;
mod profile;
mod table;
mod texts;
pub mod windows;
pub mod witness;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::declaration::Error;
pub use facts::Facts;
pub use identities::Identities;
pub use profile::{PROFILES, Profile, Source};

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// Something in a text or in a source file.
    #[error(transparent)]
    Text(#[from] Error),
    /// A file that can't be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Not a Linux source tree.
    #[error("{path} is not a Linux source tree: it has no {missing}")]
    NoTree {
        /// The directory.
        path: PathBuf,
        /// What is not there.
        missing: String,
    },
    /// Several things at once, one a line.
    #[error("{}", .0.join("\n"))]
    Many(Vec<String>),
}

/// Imports all of `profiles` from `tree`. The result maps file names to their texts.
pub fn import(
    tree: &Path,
    profiles: &[Profile],
    facts: &Facts,
    identities: &Identities,
) -> Result<BTreeMap<String, String>, ImportError> {
    let version = version(tree)?;
    let sources = definitions::Sources::read(tree, facts)?;
    let mut errors = Vec::new();
    let mut calls = Vec::new();
    for profile in profiles {
        let macros = facts.macros(profile.name);
        let rows = table::live(tree, profile, &macros)?;
        let definitions = sources.definitions(profile, &macros)?;
        calls.push(identities.resolve(profile, rows, &definitions, &mut errors));
    }
    if !errors.is_empty() {
        return Err(ImportError::Many(errors));
    }
    texts::write(&version, &calls, identities).map_err(ImportError::Many)
}

fn read(path: &Path) -> Result<String, ImportError> {
    Ok(String::from_utf8_lossy(&read_bytes(path)?).into_owned())
}

fn read_bytes(path: &Path) -> Result<Vec<u8>, ImportError> {
    std::fs::read(path).map_err(|error| ImportError::Read {
        path: path.to_owned(),
        error,
    })
}

/// The kernel's version, from its Makefile.
fn version(tree: &Path) -> Result<String, ImportError> {
    let missing = |missing: &str| ImportError::NoTree {
        path: tree.to_owned(),
        missing: missing.to_owned(),
    };
    let makefile = read(&tree.join("Makefile")).map_err(|_| missing("Makefile"))?;
    let part = |name: &str| {
        makefile
            .lines()
            .find_map(|line| {
                Some(
                    line.strip_prefix(name)?
                        .trim_start()
                        .strip_prefix('=')?
                        .trim(),
                )
            })
            .ok_or_else(|| missing(&format!("{name} in its Makefile")))
    };
    Ok(format!(
        "{}.{}.{}",
        part("VERSION")?,
        part("PATCHLEVEL")?,
        part("SUBLEVEL")?
    ))
}

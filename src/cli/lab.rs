//! `emu lab FILE…`: experiments with tiny guests, without Rust.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Parser;
use emu::lab::Cases;

use super::Failure;

/// Runs experiments with tiny guests: a file says which calls a guest makes, how they end, and what registers and memory
/// hold afterwards, on how many profiles it likes. Status 1 when something is not as it says.
#[derive(Debug, Parser)]
#[command(name = "emu lab", arg_required_else_help = true)]
pub(super) struct Lab {
    /// TOML files with `[[case]]` tables; the documentation of `emu::lab::Cases` shows one.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
}

/// Runs the command.
pub(super) fn lab(options: Lab) -> Result<u8, Failure> {
    let mut out = io::stdout().lock();
    let (mut right, mut wrong) = (0, 0);
    for path in &options.files {
        for (name, lab) in Cases::read(path)?.all {
            for outcome in lab.run()? {
                match outcome.difference() {
                    None => {
                        right += 1;
                        writeln!(out, "ok    {name}, {}", outcome.profile)?;
                    }
                    Some(difference) => {
                        wrong += 1;
                        writeln!(out, "WRONG {name}, {difference}")?;
                    }
                }
            }
        }
    }
    writeln!(out, "{right} right, {wrong} wrong")?;
    Ok(u8::from(wrong > 0))
}

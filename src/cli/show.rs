//! `emu show TRACE`: a binary trace in any other form.

use std::path::PathBuf;

use clap::Parser;
use emu::profiles::Profile;
use emu::show::{replay, replay_from};
use emu::sink::Sink;

use super::trace::{Trace, Usual};
use super::{Failure, values};

/// Shows a trace that `--format bin` wrote: as the run itself would have shown it with the same options. What can be shown
/// of strings and structures is what the run was asked to look at.
#[derive(Debug, Parser)]
#[command(name = "emu show", arg_required_else_help = true)]
pub(super) struct Show {
    /// The file; `-` for standard input.
    trace: PathBuf,

    /// The file or directory of a user's own profile that the trace is of.
    #[arg(short, long, value_name = "FILE", value_parser = values::profile)]
    profile: Option<&'static Profile>,

    #[command(flatten)]
    form: Trace,
}

/// Shows it.
pub(super) fn show(options: Show) -> Result<u8, Failure> {
    if let Some(text) = options.form.tampering() {
        return Err(format!("-e {text}: what has run can't be tampered with").into());
    }
    let sinks = options.form.sinks(options.profile, Usual::Stdout)?;
    let mut sinks: Vec<Box<dyn Sink>> = sinks.into_iter().map(|(sink, _)| sink).collect();
    if options.trace.as_os_str() == "-" {
        replay_from(
            "standard input",
            std::io::stdin(),
            options.profile,
            &mut sinks,
        )?;
    } else {
        replay(&options.trace, options.profile, &mut sinks)?;
    }
    Ok(0)
}

//! `emu diff A B`: where two traces part.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use emu::diff::{Trace, compare};
use emu::profiles::Profile;
use emu::sink::{Filter, JsonSink, Output};
use emu::{Builder, GuestSource};

use super::{Failure, values};

/// Strings up to here are compared whole.
const LIMIT: usize = 4096;

/// Shows where two traces part: calls are compared by what they are on every architecture, and by what their arguments
/// mean. Status 0 when nothing differs, 1 otherwise.
#[derive(Debug, Parser)]
#[command(name = "emu diff", arg_required_else_help = true)]
pub(super) struct Diff {
    /// A and B are programs, which are run without arguments, and not traces.
    #[arg(long)]
    run: bool,

    /// How the programs ask; without it each image's header decides.
    #[arg(short, long, value_name = "NAME", value_parser = values::profile, requires = "run")]
    profile: Option<&'static Profile>,

    /// A directory that is the programs' `/`.
    #[arg(long, value_name = "DIR", requires = "run")]
    root: Option<PathBuf>,

    /// How much time of the host each may take.
    #[arg(long, value_name = "TIME", value_parser = values::duration, default_value = "60s")]
    timeout: Duration,

    /// The first trace (of --format json), or program.
    a: PathBuf,

    /// The second.
    b: PathBuf,
}

fn read(path: &Path) -> Result<Trace, Failure> {
    let shown = path.display().to_string();
    let file = File::open(path).map_err(|error| emu::Error::io(&shown, error))?;
    Ok(Trace::read(BufReader::new(file)).map_err(|error| emu::Error::io(&shown, error))?)
}

fn run(options: &Diff, path: &Path) -> Result<Trace, Failure> {
    let (output, written) = Output::memory();
    let mut builder = Builder::new()
        .guest(GuestSource::Either(path.to_owned()))
        .timeout(options.timeout)
        .sink(Box::new(JsonSink::new(output, Filter::all(), LIMIT)));
    if let Some(profile) = options.profile {
        builder = builder.profile(profile);
    }
    if let Some(root) = &options.root {
        builder = builder.root(root);
    }
    builder.build()?.run()?;
    let trace = written.borrow();
    let shown = path.display().to_string();
    Ok(Trace::read(trace.as_slice()).map_err(|error| emu::Error::io(shown, error))?)
}

/// Runs the command.
pub(super) fn diff(options: Diff) -> Result<u8, Failure> {
    let trace = |path: &Path| match options.run {
        true => run(&options, path),
        false => read(path),
    };
    let (a, b) = (trace(&options.a)?, trace(&options.b)?);
    let difference = compare(&a, &b);
    io::stdout().lock().write_all(difference.text.as_bytes())?;
    Ok(u8::from(!difference.is_none()))
}

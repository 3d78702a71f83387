//! `emu diff A B`: where two traces part.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser;
use emu::diff::{Trace, compare};
use emu::profiles::Profile;
use emu::show::replay_from;
use emu::sink::binary::MAGIC;
use emu::sink::{Filter, JsonSink, Output, Sink};
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

    /// How the programs ask; without it each image's header decides. Of a binary trace, the file of a user's own profile.
    #[arg(short, long, value_name = "NAME", value_parser = values::profile)]
    profile: Option<&'static Profile>,

    /// A directory that is the programs' `/`.
    #[arg(long, value_name = "DIR", requires = "run")]
    root: Option<PathBuf>,

    /// How much time of the host each may take.
    #[arg(long, value_name = "TIME", value_parser = values::duration, default_value = "60s")]
    timeout: Duration,

    /// The first trace (of --format json or bin), or program.
    a: PathBuf,

    /// The second.
    b: PathBuf,
}

fn read(options: &Diff, path: &Path) -> Result<Trace, Failure> {
    let shown = path.display().to_string();
    let wrong = |error| emu::Error::io(&shown, error);
    let mut file = BufReader::new(File::open(path).map_err(wrong)?);
    if !file.fill_buf().map_err(wrong)?.starts_with(MAGIC) {
        return Ok(Trace::read(file).map_err(wrong)?);
    }
    // It has the bytes of strings that the run was asked for, as a JSON trace has.
    let (output, written) = Output::memory();
    let mut sinks: [Box<dyn Sink>; 1] = [Box::new(JsonSink::new(output, Filter::all(), LIMIT))];
    replay_from(&shown, file, options.profile, &mut sinks)?;
    let trace = written.borrow();
    Ok(Trace::read(trace.as_slice()).map_err(wrong)?)
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
        false => read(&options, path),
    };
    let (a, b) = (trace(&options.a)?, trace(&options.b)?);
    let difference = compare(&a, &b);
    io::stdout().lock().write_all(difference.text.as_bytes())?;
    Ok(u8::from(!difference.is_none()))
}

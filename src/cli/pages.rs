//! `emu report TRACE`, `emu summary TRACE`: what is looked at when a run is over, of a binary trace.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use emu::profiles::Profile;
use emu::show::{replay, replay_from};
use emu::sink::{BehaviourSink, DEFAULT_LIMIT, Filter, Output, ReportSink, Sink};

use super::{Failure, after, values};

/// Makes a page of a trace that `--format bin` wrote: one HTML file that needs nothing but a browser.
#[derive(Debug, Parser)]
#[command(name = "emu report", arg_required_else_help = true)]
pub(super) struct Report {
    #[command(flatten)]
    source: Source,

    /// Where the page goes.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    output: PathBuf,
}

/// Tells what a program did, on one screen, from a trace that `--format bin` wrote: suspicious acts with what shows them,
/// programs, tasks, network, files, objects, signals, what nobody served.
#[derive(Debug, Parser)]
#[command(name = "emu summary", arg_required_else_help = true)]
pub(super) struct Summary {
    #[command(flatten)]
    source: Source,

    /// Writes to a file instead of standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The form of it.
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Debug, clap::Args)]
struct Source {
    /// The trace; `-` for standard input.
    trace: PathBuf,

    /// The file or directory of a user's own profile that the trace is of.
    #[arg(short, long, value_name = "FILE", value_parser = values::profile)]
    profile: Option<&'static Profile>,

    /// How many bytes of a string, and elements of an array, are shown; not more than the trace has.
    #[arg(short, long, value_name = "N", default_value_t = DEFAULT_LIMIT)]
    string_limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// Lines for a person.
    Text,
    /// One JSON object, with all of it.
    Json,
}

impl Source {
    fn tell(&self, sink: Box<dyn Sink>) -> Result<u8, Failure> {
        let mut sinks = [sink];
        if self.trace == Path::new("-") {
            replay_from("standard input", io::stdin(), self.profile, &mut sinks)?;
        } else {
            replay(&self.trace, self.profile, &mut sinks)?;
        }
        Ok(0)
    }
}

/// Makes the page.
pub(super) fn report(options: Report) -> Result<u8, Failure> {
    let source = options.source;
    // What can't be read leaves no page behind.
    if source.trace != Path::new("-") {
        std::fs::File::open(&source.trace)
            .map_err(|error| emu::Error::io(source.trace.display().to_string(), error))?;
    }
    let output = after::file(&options.output)?;
    let sink = ReportSink::new(output, Filter::all(), source.string_limit);
    let told = source.tell(Box::new(sink));
    let empty = || std::fs::metadata(&options.output).is_ok_and(|about| about.len() == 0);
    if told.is_err() && empty() {
        // What is no trace leaves no page either. That it can't be removed is not what went wrong.
        let _ = std::fs::remove_file(&options.output);
    }
    told
}

/// Tells it.
pub(super) fn summary(options: Summary) -> Result<u8, Failure> {
    let output = match &options.output {
        Some(path) => after::file(path)?,
        None => Output::lines(Box::new(io::stdout())),
    };
    let limit = options.source.string_limit;
    let sink =
        BehaviourSink::new(output, Filter::all(), limit).with_json(options.format == Form::Json);
    options.source.tell(Box::new(sink))
}

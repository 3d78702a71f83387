//! Options of the trace: what is shown, how, and where it goes. strace's letters where they mean the same.

use std::io;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use emu::profiles::{Profile, System};
use emu::sink::{BehaviourSink, PerfettoSink, SummarySink, TextSink};
use emu::sink::{
    BinarySink, DEFAULT_LIMIT, Filter, JsonSink, Output, Rescue, Sink, SortBy, Statuses,
};

use super::Failure;

/// Options of the trace.
#[derive(Debug, Args)]
pub(super) struct Trace {
    /// No trace.
    #[arg(short, long, conflicts_with_all = ["output", "format", "expression"])]
    pub(super) quiet: bool,

    /// Write the trace to a file instead of standard error.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The form of the trace.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Which calls to trace: `trace=` and names or classes between commas: %file %desc %memory %process %signal %network
    /// %ipc %creds %clock, all, none; `!` before them takes the others, `?` before a name allows that there is none. Of
    /// several sets the last one counts. And which ends: `status=` and successful, failed, unfinished, all, none.
    #[arg(short, long, value_name = "trace=SET|status=SET")]
    expression: Vec<String>,

    /// How many bytes of a string, and elements of an array, are shown.
    #[arg(short, long, value_name = "N", default_value_t = DEFAULT_LIMIT)]
    string_limit: usize,

    /// Tells what descriptors are open on: `3</etc/passwd>`. Of the text format.
    #[arg(short = 'y', long)]
    decode_fds: bool,

    /// Shows calls that succeeded only. Of the text format, as are -Z and -e status=.
    #[arg(short = 'z', long, conflicts_with = "failed_only")]
    successful_only: bool,

    /// Shows calls that failed only.
    #[arg(short = 'Z', long)]
    failed_only: bool,

    /// Tells how long each call took, in seconds of the guest's time. Of the text format.
    #[arg(short = 'T', long)]
    syscall_times: bool,

    /// Counts calls, their time and their errors, and prints a table in the place of the trace when the run is over.
    #[arg(short = 'c', long, conflicts_with_all = ["summary", "format", "quiet"])]
    summary_only: bool,

    /// The same, behind the trace.
    #[arg(short = 'C', long, conflicts_with = "quiet")]
    summary: bool,

    /// What the table is sorted by.
    #[arg(short = 'S', long, value_enum, default_value_t = Sort::Time, value_name = "BY")]
    summary_sort_by: Sort,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines in strace's form.
    Text,
    /// JSON lines, one object an event; `emu schema` describes them.
    Json,
    /// Chrome's trace events, to be seen in Perfetto, chrome://tracing or speedscope.
    Perfetto,
    /// A small file for `emu show`, which makes any other form of it. It needs --output.
    Bin,
}

/// Where a trace goes that is not told where to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Usual {
    /// Standard error, as standard output is the guest's.
    Stderr,
    /// Standard output.
    Stdout,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// The time that calls took.
    Time,
    /// How many there were.
    Calls,
    /// How many failed.
    Errors,
    /// Their names.
    Name,
}

impl From<Sort> for SortBy {
    fn from(sort: Sort) -> SortBy {
        match sort {
            Sort::Time => SortBy::Time,
            Sort::Calls => SortBy::Calls,
            Sort::Errors => SortBy::Errors,
            Sort::Name => SortBy::Name,
        }
    }
}

/// A sink, and what it holds back.
pub(super) type Traced = (Box<dyn Sink>, Option<Rescue>);

impl Trace {
    /// How many bytes of a string are shown.
    pub(super) fn limit(&self) -> usize {
        self.string_limit
    }

    /// What the options ask for. `profile` is the guest's, when it is known.
    pub(super) fn sinks(
        &self,
        profile: Option<&'static Profile>,
        usual: Usual,
    ) -> Result<Vec<Traced>, Failure> {
        let options = self;
        if options.quiet {
            return Ok(Vec::new());
        }
        let own = match profile.map(|profile| profile.system()) {
            Some(System::Own(own)) => own.calls,
            _ => &[],
        };
        let mut filter = Filter::all();
        let mut statuses = match (options.successful_only, options.failed_only) {
            (true, _) => Statuses::SUCCESSFUL,
            (_, true) => Statuses::FAILED,
            _ => Statuses::all(),
        };
        for set in &options.expression {
            match set.strip_prefix("status=") {
                Some(set) => statuses = Statuses::parse(set)?,
                None => filter = Filter::parse_with(set, own)?,
            }
        }
        let output = match &options.output {
            Some(path) => {
                let wrong = |error| emu::Error::io(path.display().to_string(), error);
                match options.format {
                    Format::Bin if !options.summary_only => Output::binary(path).map_err(wrong)?,
                    _ => Output::file(path).map_err(wrong)?,
                }
            }
            None if options.format == Format::Bin && !options.summary_only => {
                return Err("--format bin needs --output".to_owned().into());
            }
            None if usual == Usual::Stdout => Output::pieces(Box::new(io::stdout())),
            None => Output::stderr(),
        };
        let limit = options.string_limit;
        let rescue = output.rescue();
        let sort = options.summary_sort_by.into();
        if options.summary_only {
            return Ok(vec![(
                Box::new(SummarySink::new(output, filter, sort)),
                rescue,
            )]);
        }
        let mut all: Vec<Traced> = Vec::new();
        let counted = options.summary.then(|| filter.clone());
        all.push(match options.format {
            Format::Text => {
                let sink = TextSink::new(output, filter, limit)
                    .with_paths(options.decode_fds)
                    .with_statuses(statuses)
                    .with_durations(options.syscall_times);
                (Box::new(sink), rescue)
            }
            Format::Json => (Box::new(JsonSink::new(output, filter, limit)), rescue),
            Format::Perfetto => {
                let sink = PerfettoSink::new(output, filter, limit).with_paths(options.decode_fds);
                (Box::new(sink), rescue)
            }
            Format::Bin => {
                let nowhere = Output::nowhere;
                let text = TextSink::new(nowhere(), filter.clone(), limit).with_paths(true);
                let json = JsonSink::new(nowhere(), filter.clone(), limit);
                let acts = BehaviourSink::asks(filter);
                let askers: Vec<Box<dyn Sink>> =
                    vec![Box::new(text), Box::new(json), Box::new(acts)];
                let sink = BinarySink::new(output, askers);
                (Box::new(sink), rescue)
            }
        });
        if let Some(filter) = counted {
            // It comes last, so that it stands behind the trace.
            let sink = SummarySink::new(Output::stderr(), filter, sort);
            all.push((Box::new(sink), None));
        }
        Ok(all)
    }
}

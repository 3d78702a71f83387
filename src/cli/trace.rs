//! Options of the trace: what is shown, how, and where it goes. strace's letters where they mean the same.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use emu::profiles::{Profile, System};
use emu::sink::{Dumps, Filter, JsonSink, Output, Rescue, Sink, SortBy, Statuses};
use emu::sink::{SummarySink, TextSink};

use super::Failure;
use super::depth::{self, Depth};

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
    /// several sets the last one counts. And which ends: `status=` and successful, failed, unfinished, all, none. Or how
    /// calls are shown: `abbrev=SET` shortens structures and arrays of these calls only, `verbose=SET` looks into
    /// structures of these only, `raw=SET` shows numbers only; `read=FDS` and `write=FDS` dump what is transferred.
    #[arg(short, long, value_name = "KIND=SET")]
    expression: Vec<String>,

    #[command(flatten)]
    depth: Depth,

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
    /// What the options ask for. `profile` is the guest's, when it is known.
    pub(super) fn sinks(&self, profile: Option<&'static Profile>) -> Result<Vec<Traced>, Failure> {
        let options = self;
        if options.quiet {
            return Ok(Vec::new());
        }
        let own = match profile.map(|profile| profile.system()) {
            Some(System::Own(own)) => own.calls,
            _ => &[],
        };
        let mut filter = Filter::all();
        let (mut settings, mut dumps) = (options.depth.settings(), Dumps::default());
        let mut statuses = match (options.successful_only, options.failed_only) {
            (true, _) => Statuses::SUCCESSFUL,
            (_, true) => Statuses::FAILED,
            _ => Statuses::all(),
        };
        for set in options
            .depth
            .sets()
            .chain(options.expression.iter().cloned())
        {
            let set = set.as_str();
            if depth::expression(set, &mut settings, &mut dumps, own)? {
                continue;
            }
            match set.strip_prefix("status=") {
                Some(set) => statuses = Statuses::parse(set)?,
                None => filter = Filter::parse_with(set, own)?,
            }
        }
        let output = match &options.output {
            Some(path) => {
                Output::file(path).map_err(|e| emu::Error::io(path.display().to_string(), e))?
            }
            None => Output::stderr(),
        };
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
                let sink = TextSink::new(output, filter, settings)
                    .with_dumps(dumps)
                    .with_statuses(statuses)
                    .with_durations(options.syscall_times);
                (Box::new(sink), rescue)
            }
            Format::Json => (Box::new(JsonSink::new(output, filter, settings)), rescue),
        });
        if let Some(filter) = counted {
            // It comes last, so that it stands behind the trace.
            let sink = SummarySink::new(Output::stderr(), filter, sort);
            all.push((Box::new(sink), None));
        }
        Ok(all)
    }
}

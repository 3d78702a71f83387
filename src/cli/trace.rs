//! Options of the trace: what is shown, how, and where it goes. strace's letters where they mean the same.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use clap::{ArgAction, Args, ValueEnum};
use emu::inject::Rules;
use emu::profiles::{Profile, System};
use emu::prototypes::CallInfo;
use emu::sink::{Apart, BinarySink, Clock, Column, Descriptors, Dumps, Filter, JsonSink};
use emu::sink::{
    BehaviourSink, Leader, Output, PerfettoSink, Precision, Rescue, Selection, Settings, Sink,
};
use emu::sink::{SortBy, Stack, Statuses, SummarySink, TextSink};

use super::depth::{self, Depth};
use super::{Failure, values};

/// Options of the trace.
#[derive(Debug, Args)]
pub(super) struct Trace {
    /// No trace.
    #[arg(short, long, conflicts_with_all = ["output", "format"])]
    pub(super) quiet: bool,

    /// Write the trace to a file instead of standard error; behind `|` or `!`, to a command of the shell.
    #[arg(short, long, value_name = "FILE")]
    output: Option<OsString>,

    /// Keep what is in the file that the trace is written to.
    #[arg(short = 'A', long, requires = "output")]
    output_append_mode: bool,

    /// Tasks that the guest makes are traced, too: they always are. Given twice, with -o, each task has a file of its own,
    /// FILE.TID.
    #[arg(short = 'f', long, action = ArgAction::Count)]
    follow_forks: u8,

    /// With -o, each task has a file of its own.
    #[arg(long, conflicts_with_all = ["summary", "summary_only"])]
    output_separately: bool,

    /// The form of the trace.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// Which calls to trace: `trace=` and names, classes and `/expressions` that names match, between commas: %file %desc
    /// %memory %process %signal %network %ipc %creds %clock %pure %stat %lstat %fstat %%stat %statfs %fstatfs %%statfs, all,
    /// none; `!` before them takes the others, `?` before a name allows that there is none. Of several sets the last one
    /// counts. Which ends: `status=` and successful, failed, unfinished, all, none. Which signals: `signal=` and names or
    /// numbers. Calls on which descriptors: `trace-fds=` and numbers. How calls are shown: `abbrev=SET` shortens structures
    /// and arrays of these calls only, `verbose=SET` looks into structures of these only, `raw=SET` shows numbers only;
    /// `read=FDS` and `write=FDS` dump what is transferred. Or what is done to calls: `inject=SET:…` with error=, retval=,
    /// signal=, delay_enter=, delay_exit=, poke_enter=, poke_exit= and when=, as strace(1) has them; `fault=SET` makes them
    /// fail.
    #[arg(short, long, value_name = "KIND=SET")]
    expression: Vec<String>,

    /// Shows calls only that touch this path, by an argument or by a descriptor that is open on it. May be given more than
    /// once.
    #[arg(short = 'P', long, value_name = "PATH")]
    trace_path: Vec<OsString>,

    /// Ends the run when so many calls have been shown.
    #[arg(long, value_name = "N", value_parser = values::positive)]
    syscall_limit: Option<u64>,

    #[command(flatten)]
    depth: Depth,

    /// Shows calls that succeeded only.
    #[arg(short = 'z', long, conflicts_with = "failed_only")]
    successful_only: bool,

    /// Shows calls that failed only.
    #[arg(short = 'Z', long)]
    failed_only: bool,

    /// Tells in front of each line the time of day of the guest, in UTC; twice with microseconds, three times as seconds
    /// since 1970.
    #[arg(short = 't', action = ArgAction::Count)]
    times: u8,

    /// The same in another form: time or unix, and how exactly: s, ms, us or ns.
    #[arg(long, alias = "timestamps", value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "time")]
    absolute_timestamps: Option<String>,

    /// What counts as the time of day there: the guest's clock, or how many instructions it has run.
    #[arg(long, value_enum, default_value_t = Stamp::Time, value_name = "WHAT")]
    stamp: Stamp,

    /// Tells in front of each line the time since the line before; s, ms, us or ns.
    #[arg(short = 'r', long, value_name = "PRECISION", num_args = 0..=1, require_equals = true, default_missing_value = "us", value_parser = values::precision)]
    relative_timestamps: Option<Precision>,

    /// Tells in front of each line the number of the call.
    #[arg(short = 'n', long)]
    syscall_number: bool,

    /// Tells in front of each line where the program is.
    #[arg(short = 'i', long)]
    instruction_pointer: bool,

    /// Tells how long each call took, in seconds of the guest's time; s, ms, us or ns.
    #[arg(short = 'T', long, value_name = "PRECISION", num_args = 0..=1, require_equals = true, default_missing_value = "us", value_parser = values::precision)]
    syscall_times: Option<Precision>,

    /// Colours for names, errors, signals and ends: on a terminal, unless NO_COLOR is set.
    #[arg(long, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    color: Colour,

    /// Tells behind each call which functions led to it; twice, as --stack-trace=source, with the lines of their source.
    #[arg(short = 'k', action = ArgAction::Count)]
    stack: u8,

    /// The same in a word.
    #[arg(
        long,
        visible_alias = "stack-traces",
        value_enum,
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "symbol",
        value_name = "WHAT"
    )]
    stack_trace: Option<StackTrace>,

    /// Counts calls, their time and their errors, and prints a table in the place of the trace when the run is over.
    #[arg(short = 'c', long, conflicts_with_all = ["summary", "format", "quiet"])]
    summary_only: bool,

    /// The same, behind the trace.
    #[arg(short = 'C', long, conflicts_with = "quiet")]
    summary: bool,

    /// Times of the table are those between begin and end of calls: they always are, as the guest has one clock only.
    #[arg(short = 'w', long)]
    summary_wall_clock: bool,

    /// What the table is sorted by.
    #[arg(short = 'S', long, value_enum, default_value_t = Sort::Time, value_name = "BY")]
    summary_sort_by: Sort,

    /// The columns of the table, between commas: time-percent, total-time, min-time, max-time, avg-time, calls, errors, name.
    #[arg(short = 'U', long, value_name = "COLUMNS")]
    summary_columns: Option<String>,
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
enum Stamp {
    /// The guest's clock.
    Time,
    /// The count of instructions.
    Insn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Colour {
    /// When the trace goes to a terminal, and NO_COLOR is not set.
    Auto,
    /// Whatever it goes to.
    Always,
    /// None.
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StackTrace {
    /// Names of functions.
    Symbol,
    /// The lines of their source as well.
    Source,
}

/// [strace(1), -S]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// The time that calls took.
    #[value(aliases = ["time-percent", "time-total", "total-time"])]
    Time,
    /// The shortest one.
    #[value(aliases = ["shortest", "time-min"])]
    MinTime,
    /// The longest one.
    #[value(aliases = ["longest", "time-max"])]
    MaxTime,
    /// The time that they took in the mean.
    #[value(alias = "time-avg")]
    AvgTime,
    /// How many there were.
    #[value(alias = "count")]
    Calls,
    /// How many failed.
    #[value(alias = "error")]
    Errors,
    /// Their names.
    #[value(aliases = ["syscall", "syscall-name"])]
    Name,
    /// Nothing: they stand in the order of their numbers.
    #[value(alias = "none")]
    Nothing,
}

impl From<Sort> for SortBy {
    fn from(sort: Sort) -> SortBy {
        match sort {
            Sort::Time => SortBy::Time,
            Sort::MinTime => SortBy::MinTime,
            Sort::MaxTime => SortBy::MaxTime,
            Sort::AvgTime => SortBy::AvgTime,
            Sort::Calls => SortBy::Calls,
            Sort::Errors => SortBy::Errors,
            Sort::Name => SortBy::Name,
            Sort::Nothing => SortBy::Nothing,
        }
    }
}

/// A sink, and what it holds back.
pub(super) type Traced = (Box<dyn Sink>, Option<Rescue>);

/// How a sink of the text or JSON format is made.
type Make = Box<dyn FnMut(Output) -> Box<dyn Sink>>;

/// Calls of the guest's system that only its user knows.
fn own_calls(profile: Option<&'static Profile>) -> &'static [CallInfo] {
    match profile.map(|profile| profile.system()) {
        Some(System::Own(own)) => own.calls,
        _ => &[],
    }
}

/// Whether an expression tampers with calls.
fn tampers(text: &str) -> bool {
    text.starts_with("inject=") || text.starts_with("fault=")
}

impl Trace {
    /// How many bytes of a string are shown.
    pub(super) fn limit(&self) -> usize {
        self.depth.limit()
    }

    /// What is told of who called whom.
    fn stack(&self) -> Stack {
        match (self.stack, self.stack_trace) {
            (2.., _) | (_, Some(StackTrace::Source)) => Stack::Source,
            (1, _) | (_, Some(StackTrace::Symbol)) => Stack::Symbols,
            (0, None) => Stack::None,
        }
    }

    /// What `-e` says of what is shown.
    fn shown(&self) -> impl Iterator<Item = &str> {
        let all = self.expression.iter().map(String::as_str);
        all.filter(|text| !tampers(text))
    }

    /// The first of what `-e` says of how calls are tampered with.
    pub(super) fn tampering(&self) -> Option<&str> {
        let mut all = self.expression.iter().map(String::as_str);
        all.find(|text| tampers(text))
    }

    /// What `-e` says of how calls are tampered with. As in strace, calls that are not traced are spared.
    pub(super) fn injections(&self, profile: Option<&'static Profile>) -> Result<Rules, Failure> {
        let own = own_calls(profile);
        let mut rules = Rules::new();
        for text in self.expression.iter().filter(|text| tampers(text)) {
            rules = rules.with_own(text, own)?;
        }
        match rules.is_empty() {
            true => Ok(rules),
            false => Ok(rules.only(self.selection(profile)?.filter().clone())),
        }
    }

    /// What the options ask for. `profile` is the guest's, when it is known.
    pub(super) fn sinks(
        &self,
        profile: Option<&'static Profile>,
        usual: Usual,
    ) -> Result<Vec<Traced>, Failure> {
        if self.quiet {
            if let Some(text) = self.shown().next() {
                return Err(Failure::Line(format!(
                    "-q shows nothing that -e {text} could pick"
                )));
            }
            return Ok(Vec::new());
        }
        let selection = self.selection(profile)?;
        let depth = self.depth(profile)?;
        let columns = match &self.summary_columns {
            Some(text) => Column::parse(text).map_err(|what| format!("-U {text}: {what}"))?,
            None => Column::USUAL.to_vec(),
        };
        let sort = self.summary_sort_by.into();
        let summary = |output, selection| -> Box<dyn Sink> {
            let sink = SummarySink::new(output, selection, sort);
            Box::new(sink.with_columns(columns.clone()))
        };
        let mut make = self.make(selection.clone(), depth, usual)?;
        if let Some(prefix) = self.prefix()? {
            let sink = Apart::new(prefix, self.output_append_mode, selection, make);
            let rescue = sink.rescue();
            return Ok(vec![(Box::new(sink), Some(rescue))]);
        }
        let output = self.receiver(usual)?;
        let rescue = output.rescue();
        if self.summary_only {
            return Ok(vec![(summary(output, selection), rescue)]);
        }
        if !self.summary {
            return Ok(vec![(make(output), rescue)]);
        }
        // A table is no line of JSON.
        let behind = match self.format {
            Format::Text => output.shared(),
            Format::Json | Format::Bin | Format::Perfetto => Output::stderr(),
        };
        // It comes last, so that it stands behind the trace, which counts for the limit.
        let summary = summary(behind, selection.with_limit(None));
        Ok(vec![(make(output), rescue), (summary, None)])
    }

    /// Whether it needs a count of instructions.
    pub(super) fn counts_instructions(&self) -> bool {
        self.stamp == Stamp::Insn
    }

    /// Whether the trace goes to standard error while the guest runs.
    pub(super) fn is_on_stderr(&self) -> bool {
        self.output.is_none() && !self.quiet && !self.summary_only
    }

    /// What is shown.
    fn selection(&self, profile: Option<&'static Profile>) -> Result<Selection, Failure> {
        let own = own_calls(profile);
        let mut selection = Selection::default().with_limit(self.syscall_limit);
        for path in &self.trace_path {
            selection = selection.with_path(path.clone().into_vec());
        }
        if self.successful_only {
            selection = selection.with_statuses(Statuses::SUCCESSFUL);
        }
        if self.failed_only {
            selection = selection.with_statuses(Statuses::FAILED);
        }
        for expression in self.shown().filter(|text| !depth::is(text)) {
            selection.qualify(expression, own)?;
        }
        Ok(selection)
    }

    /// How calls are shown, and whose data is dumped.
    fn depth(&self, profile: Option<&'static Profile>) -> Result<(Settings, Dumps), Failure> {
        let own = own_calls(profile);
        let (mut settings, mut dumps) = (self.depth.settings(), Dumps::default());
        let said = self.shown().filter(|text| depth::is(text));
        for set in self.depth.sets().chain(said.map(str::to_owned)) {
            depth::expression(&set, &mut settings, &mut dumps, own)?;
        }
        Ok((settings, dumps))
    }

    /// What makes a sink of the trace itself.
    fn make(
        &self,
        selection: Selection,
        (settings, dumps): (Settings, Dumps),
        usual: Usual,
    ) -> Result<Make, Failure> {
        let (leader, stack) = (self.leader()?, self.stack());
        let (durations, coloured) = (self.syscall_times, self.coloured(usual));
        Ok(match self.format {
            Format::Text => Box::new(move |output| {
                let sink = TextSink::new(output, selection.clone(), settings.clone())
                    .with_dumps(dumps.clone())
                    .with_durations(durations)
                    .with_leader(leader.clone())
                    .with_stack(stack)
                    .with_colours(coloured);
                Box::new(sink)
            }),
            Format::Json => Box::new(move |output| {
                let sink = JsonSink::new(output, selection.clone(), settings.clone());
                Box::new(sink.with_stack(stack))
            }),
            Format::Perfetto => Box::new(move |output| {
                Box::new(PerfettoSink::new(
                    output,
                    selection.clone(),
                    settings.clone(),
                ))
            }),
            // Whoever shows it picks among all that happens in these calls, and says how.
            Format::Bin => Box::new(move |output| {
                let (nowhere, calls) = (Output::nowhere, selection.calls());
                let mut settings = settings.clone();
                settings.descriptors = Descriptors::Details;
                settings.raw = Filter::none();
                let text = TextSink::new(nowhere(), calls.clone(), settings.clone())
                    .with_dumps(dumps.clone())
                    .with_stack(stack);
                let calls = calls.with_limit(None);
                let json = JsonSink::new(nowhere(), calls.clone(), settings.clone());
                // It finds none, and so it asks for all that -P may ask for.
                let paths = TextSink::new(nowhere(), calls.clone().with_path([]), settings.clone());
                let acts = BehaviourSink::asks(calls);
                let askers: Vec<Box<dyn Sink>> = vec![
                    Box::new(text),
                    Box::new(json),
                    Box::new(paths),
                    Box::new(acts),
                ];
                Box::new(BinarySink::new(output, askers))
            }),
        })
    }

    /// What stands in front of lines.
    fn leader(&self) -> Result<Leader, Failure> {
        let mut clock = match self.times {
            0 => None,
            1 => Some(Clock::Time(Precision::Seconds)),
            2 => Some(Clock::Time(Precision::Micros)),
            _ => Some(Clock::Unix(Precision::Micros)),
        };
        if let Some(form) = &self.absolute_timestamps {
            clock = Clock::parse(form).map_err(|what| format!("--absolute-timestamps: {what}"))?;
        }
        if self.stamp == Stamp::Insn {
            clock = Some(Clock::Instructions);
        }
        Ok(Leader::default()
            .with_clock(clock)
            .with_relative(self.relative_timestamps)
            .with_number(self.syscall_number)
            .with_pc(self.instruction_pointer))
    }

    fn coloured(&self, usual: Usual) -> bool {
        match self.color {
            Colour::Always => true,
            Colour::Never => false,
            // [no-color.org]: when it is there and not empty.
            Colour::Auto => {
                let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                let terminal = match usual {
                    Usual::Stderr => io::stderr().is_terminal(),
                    Usual::Stdout => io::stdout().is_terminal(),
                };
                self.output.is_none() && !unwanted && terminal
            }
        }
    }

    /// The command that reads the trace.
    fn command(&self) -> Option<&[u8]> {
        let output = self.output.as_ref()?.as_bytes();
        output.strip_prefix(b"|").or(output.strip_prefix(b"!"))
    }

    /// What the names of the files begin with, when each task has one.
    fn prefix(&self) -> Result<Option<&Path>, Failure> {
        if self.follow_forks < 2 && !self.output_separately {
            return Ok(None);
        }
        if self.summary || self.summary_only {
            return Err(
                "-ff makes a file for each task, of which -c and -C have no table"
                    .to_owned()
                    .into(),
            );
        }
        if self.command().is_some() {
            return Err(
                "-ff makes a file for each task: the trace can't go to a command"
                    .to_owned()
                    .into(),
            );
        }
        if self.output.is_some() {
            self.text_only("-ff")?;
        }
        Ok(self.output.as_deref().map(Path::new))
    }

    /// Refuses what can't be done with a binary trace.
    fn text_only(&self, option: &str) -> Result<(), Failure> {
        match self.format {
            Format::Bin => {
                Err(format!("--format bin is one file of its own: {option} is for others").into())
            }
            _ => Ok(()),
        }
    }

    /// Where the trace goes.
    fn receiver(&self, usual: Usual) -> Result<Output, Failure> {
        let binary = self.format == Format::Bin && !self.summary_only;
        let Some(output) = &self.output else {
            return match usual {
                _ if binary => Err("--format bin needs --output".to_owned().into()),
                Usual::Stdout => Ok(Output::pieces(Box::new(io::stdout()))),
                Usual::Stderr => Ok(Output::stderr()),
            };
        };
        let path = Path::new(output);
        let opened = match self.command() {
            Some(line) => {
                self.text_only("a command")?;
                let line = std::str::from_utf8(line)
                    .map_err(|_| format!("-o {}: the command is no text", path.display()))?;
                Output::command(line)
            }
            None if self.output_append_mode => {
                self.text_only("-A")?;
                Output::append(path)
            }
            None if binary => Output::binary(path),
            None => Output::file(path),
        };
        Ok(opened.map_err(|e| emu::Error::io(path.display().to_string(), e))?)
    }
}

//! Options of the trace: what is shown, how, and where it goes. strace's letters where they mean the same.

mod make;

use std::ffi::OsString;

use clap::{ArgAction, Args, ValueEnum};
use emu::sink::{Precision, SortBy};

use super::depth::Depth;
use super::values;
pub(super) use make::Traced;

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

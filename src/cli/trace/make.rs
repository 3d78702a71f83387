//! What the options ask for: which sinks, of what, to where.

use std::io::{self, IsTerminal};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

use emu::inject::Rules;
use emu::profiles::{Profile, System};
use emu::prototypes::CallInfo;
use emu::sink::{Apart, BinarySink, Clock, Column, Descriptors, Dumps, Filter, JsonSink};
use emu::sink::{
    BehaviourSink, Leader, Output, PerfettoSink, Precision, Rescue, Selection, Settings,
};
use emu::sink::{Sink, Stack, Statuses, SummarySink, TextSink};

use super::{Colour, Format, StackTrace, Stamp, Trace, Usual};
use crate::cli::{Failure, depth};

/// A sink, and what it holds back.
pub(in crate::cli) type Traced = (Box<dyn Sink>, Option<Rescue>);

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
    pub(in crate::cli) fn limit(&self) -> usize {
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
    pub(in crate::cli) fn tampering(&self) -> Option<&str> {
        let mut all = self.expression.iter().map(String::as_str);
        all.find(|text| tampers(text))
    }

    /// What `-e` says of how calls are tampered with. As in strace, calls that are not traced are spared.
    pub(in crate::cli) fn injections(
        &self,
        profile: Option<&'static Profile>,
    ) -> Result<Rules, Failure> {
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
    pub(in crate::cli) fn sinks(
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
    pub(in crate::cli) fn counts_instructions(&self) -> bool {
        self.stamp == Stamp::Insn
    }

    /// Whether the trace goes to standard error while the guest runs.
    pub(in crate::cli) fn is_on_stderr(&self) -> bool {
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

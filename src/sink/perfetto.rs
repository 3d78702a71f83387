//! A trace to be seen: Chrome's trace events, as Perfetto, `chrome://tracing` and speedscope read them.
//!
//! A call is a complete event of its task, in microseconds of the guest's time; what else happens is an instant.
//! Processes and tasks have the names of their programs, and an arrow leads from the call that made a task to its first
//! call. Nothing is held back but the calls that have not ended: what was written of a run that was cut can be read, since
//! readers tolerate that the last bracket is missing.   [Trace Event Format, "JSON Array Format"]

use std::collections::BTreeMap;
use std::io;

use emu_prototypes::linux::Errno;
use emu_prototypes::{CallInfo, Ends};

use super::family::{Family, file_name};
use super::json::{key, number_field, string_value, text_field};
use super::output::Output;
use super::whole::{Step, Whole, Wholes};
use super::{Selection, Sink, text};
use crate::decode::settings::Settings;
use crate::decode::{self, number};
use crate::event::{CallEvent, End, Event};
use crate::kernel::task::Tid;
use crate::view::View;

/// Writes trace events.
pub struct PerfettoSink {
    output: Output,
    wholes: Wholes,
    form: Form,
    /// Tasks whose first half is known: when they came to life, or that a call made them.
    made: BTreeMap<Tid, Half>,
    /// Calls that have begun.
    begun: BTreeMap<Tid, Begun>,
}

/// Tasks of which one half is known are not more, however strange the results of calls are.
const HALVES: usize = 65536;

/// What is known of how a task was made. Which half comes first depends on who runs first.
enum Half {
    Born(u64),
    Called,
}

/// What is written of a call when the events end before it.
struct Begun {
    name: Vec<u8>,
    start: u64,
}

/// The text of events.
struct Form {
    line: Vec<u8>,
    family: Family,
    /// Whether there was one already.
    any: bool,
    /// The task of the last event: what belongs to nobody is shown with it.
    last: Tid,
}

impl PerfettoSink {
    /// A sink for the calls of a selection, which shows at most `limit` bytes of a string.
    pub fn new(
        output: Output,
        selection: impl Into<Selection>,
        settings: impl Into<Settings>,
    ) -> Self {
        PerfettoSink {
            output,
            wholes: Wholes::new(selection, settings),
            form: Form {
                line: Vec::new(),
                family: Family::default(),
                any: false,
                last: 0,
            },
            made: BTreeMap::new(),
            begun: BTreeMap::new(),
        }
    }
}

/// The name of a call on its profile.
fn name(call: &CallEvent) -> Vec<u8> {
    let mut name = Vec::new();
    text::name(&mut name, call);
    name
}

/// The task that a call made, when it made one.
fn child(whole: &Whole<'_>) -> Option<Tid> {
    match (whole.call.info?.ends, whole.end) {
        (Ends::Twice, End::Returned(Ok(child))) => Tid::try_from(child).ok(),
        _ => None,
    }
}

impl Form {
    /// Begins an event.
    fn begin(&mut self, phase: &str, name: &[u8], task: Tid) {
        let open: &[u8] = if self.any { b",\n{" } else { HEAD };
        self.any = true;
        self.last = task;
        self.line.extend_from_slice(open);
        self.line.extend_from_slice(b"\"ph\":\"");
        self.line.extend_from_slice(phase.as_bytes());
        self.line.push(b'"');
        text_field(&mut self.line, "name", name);
        let process = self.family.process(task);
        number_field(&mut self.line, "pid", i64::from(process));
        number_field(&mut self.line, "tid", i64::from(task));
    }

    /// Appends a time, in microseconds.
    fn micros(&mut self, name: &str, nanos: u64) {
        key(&mut self.line, name);
        number::decimal(&mut self.line, nanos / 1000);
        let rest = nanos % 1000;
        if rest != 0 {
            self.line
                .extend_from_slice(format!(".{rest:03}").as_bytes());
        }
    }

    fn end(&mut self) {
        self.line.push(b'}');
    }

    /// A name of a process or a task.
    fn label(&mut self, what: &str, task: Tid, label: &[u8]) {
        self.begin("M", what.as_bytes(), task);
        self.line.extend_from_slice(b",\"args\":{\"name\":");
        string_value(&mut self.line, label);
        self.line.push(b'}');
        self.end();
    }

    /// The names of a task, which its program gives it.
    fn labels(&mut self, task: Tid) {
        let process = self.family.process(task);
        let program = self.family.program(process).unwrap_or_default();
        if program.is_empty() {
            return;
        }
        if process == task {
            self.label("process_name", task, &program);
        }
        let name = file_name(&program).to_vec();
        self.label("thread_name", task, &name);
    }

    /// What happens in no time. `scope` is how much of the picture it concerns: `t`ask, `p`rocess or `g`lobal.
    fn instant(&mut self, (category, scope): (&str, &str), name: &[u8], task: Tid, time: u64) {
        self.begin("i", name, task);
        text_field(&mut self.line, "cat", category.as_bytes());
        text_field(&mut self.line, "s", scope.as_bytes());
        self.micros("ts", time);
    }

    fn call(&mut self, whole: &Whole<'_>) {
        let call = whole.call;
        self.begin("X", &name(call), call.task);
        let section = call.info.map_or("unknown", |info| info.section);
        text_field(&mut self.line, "cat", section.as_bytes());
        self.micros("ts", whole.start);
        self.micros("dur", whole.took);
        self.line.extend_from_slice(b",\"args\":{\"args\":");
        string_value(&mut self.line, whole.args);
        text_field(&mut self.line, "result", whole.result);
        if let End::Returned(Err(errno)) = whole.end {
            text_field(&mut self.line, "error", Errno::name(errno).as_bytes());
        }
        if whole.missing {
            key(&mut self.line, "missing");
            self.line.extend_from_slice(b"true");
        }
        self.line.push(b'}');
        self.end();
    }

    /// One end of an arrow: `s` where it begins, `f` where it leads to.
    fn arrow(&mut self, end: &str, task: Tid, child: Tid, time: u64) {
        self.begin(end, b"task", task);
        text_field(&mut self.line, "cat", b"task");
        number_field(&mut self.line, "id", i64::from(child));
        self.micros("ts", time);
        self.end();
    }

    /// All events but those of calls.
    fn other(&mut self, event: &Event<'_>, view: &mut View<'_>, wholes: &mut Wholes) {
        let now = view.now.time;
        let mut words = Vec::new();
        match event {
            Event::Born { task, .. } | Event::Start { task, .. } => self.labels(*task),
            Event::Signal { task, info, .. } => {
                wholes.signal(&mut words, info, view);
                self.instant(("signal", "t"), info.name.as_bytes(), *task, now);
                self.line.extend_from_slice(b",\"args\":{\"info\":");
                string_value(&mut self.line, &words);
                self.line.push(b'}');
                self.end();
            }
            Event::Exception { task, record } => {
                decode::nt::exception(&mut words, record);
                self.instant(("exception", "t"), &words, *task, now);
                self.end();
            }
            Event::Stopped { task, signal } => {
                words.extend_from_slice(b"stopped by ");
                words.extend_from_slice(signal.as_bytes());
                self.instant(("signal", "t"), &words, *task, now);
                self.end();
            }
            Event::TaskEnd { task, status } => {
                text::ended(&mut words, status);
                self.instant(("end", "t"), &words, *task, now);
                self.end();
            }
            Event::Note { text } => {
                self.instant(("note", "g"), text.as_bytes(), self.last, now);
                self.end();
            }
            Event::Enter(_) | Event::Exit { .. } => {}
        }
    }
}

/// What stands before the first event.
const HEAD: &[u8] = b"{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n{";

impl Sink for PerfettoSink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.wholes.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        let PerfettoSink {
            output,
            wholes,
            form,
            made,
            begun,
        } = self;
        form.family.before(event);
        form.line.clear();
        if let Event::Born { task, .. } = event {
            match made.remove(task) {
                Some(Half::Called) => form.arrow("f", *task, *task, view.now.time),
                _ => drop(made.insert(*task, Half::Born(view.now.time))),
            }
        }
        let unwanted = match event {
            Event::Signal { info, .. } => !wholes.selection.has_signal(info.name, view.abi),
            Event::Stopped { signal, .. } => !wholes.selection.has_signal(signal, view.abi),
            _ => false,
        };
        if !unwanted {
            form.other(event, view, wholes);
        }
        wholes.event(event, view, |step, _| match step {
            Step::Begins(call) => {
                let start = call.time;
                let name = name(call);
                begun.insert(call.task, Begun { name, start });
            }
            Step::Ends(whole) => {
                begun.remove(&whole.call.task);
                form.call(&whole);
                if let Some(child) = child(&whole) {
                    form.arrow("s", whole.call.task, child, whole.start);
                    match made.remove(&child) {
                        Some(Half::Born(time)) => form.arrow("f", child, child, time),
                        _ if made.len() < HALVES => drop(made.insert(child, Half::Called)),
                        _ => {}
                    }
                }
            }
        });
        if let Event::TaskEnd { task, .. } = event {
            made.remove(task);
            begun.remove(task);
        }
        form.family.behind(event);
        output.line(&form.line)
    }

    fn is_over(&self) -> bool {
        self.wholes.selection.is_over()
    }

    fn finish(&mut self) -> io::Result<()> {
        let form = &mut self.form;
        form.line.clear();
        for (task, call) in std::mem::take(&mut self.begun) {
            form.begin("B", &call.name, task);
            form.micros("ts", call.start);
            form.end();
        }
        if !form.any {
            form.line.extend_from_slice(&HEAD[..HEAD.len() - 1]);
        }
        form.line.extend_from_slice(b"\n]}\n");
        self.output.line(&form.line)?;
        self.output.finish()
    }
}

//! A file of its own for each task.   [strace(1), -ff]

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;

use emu_prototypes::CallInfo;

use super::{Output, Rescue, Selection, Sink};
use crate::event::Event;
use crate::kernel::task::Tid;
use crate::view::View;

/// Makes the sink that writes about a task.
type Make = Box<dyn FnMut(Output) -> Box<dyn Sink>>;

/// Tells of each task in a file of its own, `FILE.TID`.
pub struct Apart {
    prefix: PathBuf,
    append: bool,
    make: Make,
    /// What is shown, so that one can be asked before there is any task.
    selection: Selection,
    sinks: BTreeMap<Tid, Box<dyn Sink>>,
    /// Tasks that have a file. Another may get a former one's number.
    known: BTreeSet<Tid>,
    rescue: Rescue,
    last: Option<Tid>,
}

impl Apart {
    /// Writes to files that begin with `prefix`; `make` makes what writes to one of them, and shows `selection`. With
    /// `append`, what is in the files stays.
    pub fn new(
        prefix: impl Into<PathBuf>,
        append: bool,
        selection: Selection,
        make: impl FnMut(Output) -> Box<dyn Sink> + 'static,
    ) -> Self {
        Apart {
            prefix: prefix.into(),
            append,
            make: Box::new(make),
            selection,
            sinks: BTreeMap::new(),
            known: BTreeSet::new(),
            rescue: Rescue::default(),
            last: None,
        }
    }

    /// A handle on what is not written yet.
    pub fn rescue(&self) -> Rescue {
        self.rescue.clone()
    }

    fn of(&mut self, task: Tid) -> io::Result<&mut Box<dyn Sink>> {
        if !self.sinks.contains_key(&task) {
            let mut name: OsString = self.prefix.clone().into();
            name.push(format!(".{task}"));
            let append = self.append || !self.known.insert(task);
            let output = Output::reopened(name.into(), append)?;
            self.rescue.add(&output);
            self.sinks.insert(task, (self.make)(output));
        }
        Ok(self.sinks.get_mut(&task).expect("it has just been made"))
    }
}

impl Sink for Apart {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.selection.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        // What is said of the run stands with the task that made the last event.
        let Some(task) = event.task().or(self.last) else {
            return Ok(());
        };
        self.last = Some(task);
        self.of(task)?.event(event, view)?;
        if let Event::TaskEnd { .. } = event
            && let Some(mut sink) = self.sinks.remove(&task)
        {
            sink.finish()?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.selection.is_over()
    }

    fn finish(&mut self) -> io::Result<()> {
        let mut finished = Ok(());
        for sink in self.sinks.values_mut() {
            finished = finished.and(sink.finish());
        }
        finished
    }
}

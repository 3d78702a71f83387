//! Which task belongs to which process, and which program does it run?

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::event::Event;
use crate::kernel::task::Tid;

/// The tasks that live.
#[derive(Default)]
pub(super) struct Family {
    /// The process of each task.
    tasks: BTreeMap<Tid, Tid>,
    processes: BTreeMap<Tid, Process>,
}

struct Process {
    program: Rc<[u8]>,
    parent: Option<Tid>,
    tasks: u32,
}

impl Family {
    /// Takes an event, before it is told.
    pub(super) fn before(&mut self, event: &Event<'_>) {
        match event {
            Event::Born {
                task,
                process,
                parent,
            } => {
                self.tasks.insert(*task, *process);
                let program = parent.and_then(|parent| self.program(parent));
                let known = self.processes.entry(*process).or_insert_with(|| Process {
                    program: program.unwrap_or_default(),
                    parent: *parent,
                    tasks: 0,
                });
                known.tasks += 1;
            }
            Event::Start { task, path, .. } => {
                let process = self.process(*task);
                if let Some(process) = self.processes.get_mut(&process) {
                    process.program = Rc::from(*path);
                }
            }
            _ => {}
        }
    }

    /// Takes an event, after it was told.
    pub(super) fn behind(&mut self, event: &Event<'_>) {
        let Event::TaskEnd { task, .. } = event else {
            return;
        };
        let Some(process) = self.tasks.remove(task) else {
            return;
        };
        if let Some(known) = self.processes.get_mut(&process) {
            known.tasks -= 1;
            if known.tasks == 0 {
                self.processes.remove(&process);
            }
        }
    }

    /// The process of a task.
    pub(super) fn process(&self, task: Tid) -> Tid {
        self.tasks.get(&task).copied().unwrap_or(task)
    }

    /// The program that a process runs.
    pub(super) fn program(&self, process: Tid) -> Option<Rc<[u8]>> {
        Some(Rc::clone(&self.processes.get(&process)?.program))
    }

    /// Whether a process is a child, or a child's child, of another.
    pub(super) fn descends(&self, process: Tid, from: Tid) -> bool {
        let parent = |process: &Tid| self.processes.get(process)?.parent;
        // A chain is not longer than there are processes.
        std::iter::successors(parent(&process), parent)
            .take(self.processes.len())
            .any(|ancestor| ancestor == from)
    }
}

/// The last part of a path, of Unix or of Windows.
pub(super) fn file_name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| matches!(byte, b'/' | b'\\'))
        .next()
        .unwrap_or(path)
}

//! Who is told of Ctrl+C and Ctrl+Break?
//!
//! A thread of their own runs the handlers of each process: it begins in `CtrlRoutine`, which Windows' libraries have for it.
//! A process that has no such libraries ends.   [Microsoft, CTRL+C and CTRL+BREAK Signals; HandlerRoutine]

use std::rc::Rc;

use emu_cpu::AddressSpace;
use emu_prototypes::nt::NtStatus;

use super::Console;
use crate::event::ExitStatus;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::memory::{Kind, Tag};
use crate::kernel::nt::{process, thread};
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Fate, Kernel};
use crate::load;

/// `CTRL_C_EVENT` and `CTRL_BREAK_EVENT`.
const CTRL_C: u32 = 0;
const CTRL_BREAK: u32 = 1;
/// Libraries that have the routine: the first that does is asked.
const LIBRARIES: [&str; 2] = ["kernelbase.dll", "kernel32.dll"];

/// The processes of a console: all, or those of a group.
pub(super) fn members(kernel: &Kernel, console: &Rc<Console>, group: Tid) -> Vec<Tid> {
    let own = |process: &super::super::Process| {
        let console = process
            .console
            .as_ref()
            .filter(|own| Rc::ptr_eq(own, console));
        console.is_some() && (group == 0 || process.group == group)
    };
    let processes = kernel.nt.processes.iter();
    processes
        .filter(|(_, process)| own(process))
        .map(|(pid, _)| *pid)
        .collect()
}

/// Serves `IOCTL_CONDRV_CTRL_EVENT`.   [GenerateConsoleCtrlEvent]
pub(super) fn send(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    console: &Rc<Console>,
    event: u32,
    group: u32,
) -> Result<(), NtStatus> {
    if event > CTRL_BREAK {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let group = match group {
        0 => 0,
        number => process::pid(number.into()).ok_or(NtStatus::INVALID_PARAMETER)?,
    };
    let told = members(kernel, console, group);
    if told.is_empty() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    for pid in told {
        kernel.tell_event(cx, pid, event);
    }
    Ok(())
}

/// Where a process runs what handles events.
fn routine(space: &mut AddressSpace) -> Option<u64> {
    LIBRARIES.iter().find_map(|library| {
        let is_library = |name: &[u8]| {
            let name = name.rsplit(|byte| *byte == b'/').next().unwrap_or(name);
            name.eq_ignore_ascii_case(library.as_bytes())
        };
        let base = space.regions().find_map(|region| {
            let tag = Tag::of(region);
            let named = region
                .label
                .as_ref()
                .is_some_and(|label| is_library(&label.name));
            (named && tag.kind == Kind::Image).then_some(tag.base)
        })?;
        load::export(space, base, "CtrlRoutine")
    })
}

impl Kernel {
    /// Ctrl+C was pressed so many times: all processes of the console are told of one.
    pub(super) fn interrupted(&mut self, cx: &mut Cx<'_>, console: &Rc<Console>, times: usize) {
        if times == 0 {
            return;
        }
        // The line that was being typed is given up.
        console.state.borrow_mut().input.line = None;
        self.nt_process(cx);
        for pid in members(self, console, 0) {
            self.tell_event(cx, pid, CTRL_C);
        }
    }

    fn tell_event(&mut self, cx: &mut Cx<'_>, pid: Tid, event: u32) {
        let Some(process) = self.linux.processes.get(pid).cloned() else {
            return;
        };
        let own = Rc::ptr_eq(&process, &cx.task.linux.process);
        let start = match own {
            true => routine(cx.mem),
            false => {
                let threads = process.borrow().threads.clone();
                let task = threads.iter().find_map(|tid| self.tasks.get(*tid));
                task.and_then(|task| routine(&mut task.space.borrow_mut()))
            }
        };
        let status = ExitStatus::Status(NtStatus::CONTROL_C_EXIT.0);
        match start {
            // Who has no room for another thread misses it.
            Some(start) => drop(thread::begin_at(self, cx, process, start, event.into())),
            None if own => cx.fate = Some(Fate::ExitGroup(status)),
            None => self.end_process(&process, status),
        }
    }

    /// Something has come in at a console: who waits for that goes on.
    pub(super) fn came_in(&mut self, console: &Rc<Console>) {
        console.queue.wake();
        self.signal(&Object::Console(super::Part::Console(console.clone())));
    }
}

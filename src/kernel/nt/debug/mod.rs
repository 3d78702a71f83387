//! Debug objects: what a debugger is told of processes, and when those go on.
//! [Windows Internals, User-mode debugging framework; the headers of the crate phnt, ntdbg.h]
//!
//! A process stands still from an event until the debugger has been told of it and has said to continue.

mod event;
mod report;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use super::handles::Object;
use super::named::Wish;
use super::wait::What as Waits;
use crate::event::ExitStatus;
use crate::kernel::linux::process::Process;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};
use event::Given;
pub(super) use event::{Event, What};

/// Events that wait at most.
const MAX_EVENTS: usize = 1 << 12;
/// Access to debug objects.   [ntdbg.h: DEBUG_READ_EVENT, DEBUG_PROCESS_ASSIGN, DEBUG_SET_INFORMATION]
const READ_EVENT: u32 = 1;
const PROCESS_ASSIGN: u32 = 2;
const SET_INFORMATION: u32 = 4;
/// Access to a process that is debugged.   [winnt.h: PROCESS_SUSPEND_RESUME]
const SUSPEND_RESUME: u32 = 0x800;
/// A flag of debug objects: processes end with them.   [ntdbg.h: DEBUG_KILL_ON_CLOSE]
const KILL_ON_CLOSE: u32 = 1;
/// `DebugObjectKillProcessOnExitInformation`.
const KILL_ON_EXIT: i32 = 1;

/// How a thread goes on.   [ntstatus.h: DBG_CONTINUE and following]
mod way {
    use emu_prototypes::nt::NtStatus;

    pub(super) const EXCEPTION_HANDLED: NtStatus = NtStatus(0x0001_0001);
    pub(super) const CONTINUE: NtStatus = NtStatus(0x0001_0002);
    pub(super) const REPLY_LATER: NtStatus = NtStatus(0x4001_0001);
    pub(super) const TERMINATE_THREAD: NtStatus = NtStatus(0x4001_0003);
    pub(super) const TERMINATE_PROCESS: NtStatus = NtStatus(0x4001_0004);
    pub(super) const EXCEPTION_NOT_HANDLED: NtStatus = NtStatus(0x8001_0001);
}

/// A debug object.
#[derive(Debug, Default)]
pub(super) struct Debugger {
    events: RefCell<VecDeque<Event>>,
    kills: Cell<bool>,
}

impl Debugger {
    /// The next event that a debugger can be told of: of a process that it has not been told of another of.
    fn next(&self) -> Option<usize> {
        let events = self.events.borrow();
        let busy = |pid: Tid| events.iter().any(|event| event.told && event.pid == pid);
        events
            .iter()
            .position(|event| !event.told && !busy(event.pid))
    }

    /// Whether there is an event to be told.
    pub(super) fn is_ready(&self) -> bool {
        self.next().is_some()
    }

    fn has(&self, pid: Tid) -> bool {
        self.events.borrow().iter().any(|event| event.pid == pid)
    }
}

impl services::Debug<Cx<'_>> for Kernel {
    fn nt_create_debug_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateDebugObject,
    ) -> Outcome {
        if call.Flags & !KILL_ON_CLOSE != 0 {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let debugger = Debugger::default();
        debugger.kills.set(call.Flags & KILL_ON_CLOSE != 0);
        let wish = Wish::new(
            call.DebugObjectHandle,
            call.DesiredAccess,
            call.ObjectAttributes,
        );
        self.nt_make(cx, wish, Object::Debug(Rc::new(debugger)))?
            .outcome()
    }

    fn nt_debug_active_process(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtDebugActiveProcess,
    ) -> Outcome {
        let process = self.process_for(cx, call.ProcessHandle, SUSPEND_RESUME)?;
        let debugger = self.debugger(cx, call.DebugObjectHandle, PROCESS_ASSIGN)?;
        if Rc::ptr_eq(&process, &cx.task.linux.process) {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        if super::process::ended(&process.borrow()).is_some() {
            return Err(NtStatus::PROCESS_IS_TERMINATING.into());
        }
        let pid = process.borrow().pid;
        match self.nt.processes.get_mut(&pid) {
            Some(record) if record.debugger.is_some() => {
                return Err(NtStatus::PORT_ALREADY_SET.into());
            }
            Some(record) => record.debugger = Some(debugger),
            None => return Err(NtStatus::PROCESS_IS_TERMINATING.into()),
        }
        self.show_debugged(cx, &process, true)?;
        self.report_all(cx, &process)?;
        Ok(0)
    }

    fn nt_remove_process_debug(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtRemoveProcessDebug,
    ) -> Outcome {
        let process = self.process_for(cx, call.ProcessHandle, SUSPEND_RESUME)?;
        let debugger = self.debugger(cx, call.DebugObjectHandle, PROCESS_ASSIGN)?;
        let pid = process.borrow().pid;
        let own = self.nt.processes.get(&pid);
        let own = own.and_then(|record| record.debugger.as_ref());
        if !own.is_some_and(|own| Rc::ptr_eq(own, &debugger)) {
            return Err(NtStatus::PORT_NOT_SET.into());
        }
        self.show_debugged(cx, &process, false)?;
        self.leave_debugger(&debugger, pid);
        Ok(0)
    }

    fn nt_set_information_debug_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationDebugObject,
    ) -> Outcome {
        if call.DebugObjectInformationClass != KILL_ON_EXIT {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        if call.DebugInformationLength != 4 {
            cx.returned_length(call.ReturnLength.address, 4)?;
            return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
        }
        let flags = cx.mem.read_u32(call.DebugInformation.address)?;
        if flags & !KILL_ON_CLOSE != 0 {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let debugger = self.debugger(cx, call.DebugObjectHandle, SET_INFORMATION)?;
        debugger.kills.set(flags != 0);
        Ok(0)
    }

    fn nt_wait_for_debug_event(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForDebugEvent,
    ) -> Outcome {
        let timeout = call.Timeout.address;
        if let Some(outcome) = self.wait_again(cx, timeout) {
            match outcome? {
                0 => {}
                other => return Ok(other),
            }
        }
        let debugger = self.debugger(cx, call.DebugObjectHandle, READ_EVENT)?;
        loop {
            let Some(at) = debugger.next() else {
                let objects = vec![Object::Debug(debugger.clone())];
                let all = false;
                let what = Waits::Objects { objects, all };
                match self.nt_wait_for(cx, what, call.Alertable != 0, timeout)? {
                    0 => continue,
                    other => return Ok(other),
                }
            };
            let event = debugger.events.borrow()[at].clone();
            let given = self.give(cx, &event)?;
            let bytes = event.bytes(cx.word(), given);
            cx.mem.write(call.WaitStateChange.address, &bytes)?;
            debugger.events.borrow_mut()[at].told = true;
            return Ok(0);
        }
    }

    fn nt_debug_continue(&mut self, cx: &mut Cx<'_>, call: &nt::NtDebugContinue) -> Outcome {
        let word = cx.word();
        let asked = NtStatus(call.ContinueStatus.cast_unsigned());
        let known = [
            way::EXCEPTION_HANDLED,
            way::CONTINUE,
            way::REPLY_LATER,
            way::TERMINATE_THREAD,
            way::TERMINATE_PROCESS,
            way::EXCEPTION_NOT_HANDLED,
        ];
        if !known.contains(&asked) {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let debugger = self.debugger(cx, call.DebugObjectHandle, READ_EVENT)?;
        let process = cx.read_word(call.ClientId.address)?;
        let thread = cx.read_word(call.ClientId.address.wrapping_add(word))?;
        let is_that = |event: &Event| {
            event.told && super::client_id(event.pid, event.tid) == (process, thread)
        };
        let at = debugger.events.borrow().iter().position(is_that);
        let at = at.ok_or(NtStatus::INVALID_PARAMETER)?;
        if asked == way::REPLY_LATER {
            debugger.events.borrow_mut()[at].told = false;
            self.signal(&Object::Debug(debugger));
            return Ok(0);
        }
        let event = debugger.events.borrow_mut().remove(at);
        if let Some(event) = event {
            self.continue_after(cx, &event, asked);
            self.thaw(&debugger, event.pid);
        }
        self.signal(&Object::Debug(debugger));
        Ok(0)
    }
}

impl Kernel {
    fn debugger(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
        access: u32,
    ) -> Result<Rc<Debugger>, NtStatus> {
        match self.nt_object_for(cx, handle, access)? {
            Object::Debug(debugger) => Ok(debugger),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// The debug object that an attribute of a new process names.
    pub(super) fn debugger_for(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
    ) -> Result<Rc<Debugger>, NtStatus> {
        self.debugger(cx, handle, PROCESS_ASSIGN)
    }

    /// Handles that go with an event.
    fn give(&mut self, cx: &Cx<'_>, event: &Event) -> Result<Given, NtStatus> {
        let mut given = Given::default();
        let (process, thread) = match event.what {
            What::CreateProcess { .. } => (true, true),
            What::CreateThread { .. } => (false, true),
            _ => (false, false),
        };
        let file = event.path().and_then(|path| self.nt_open(path).ok());
        let of_process = self.linux.processes.get(event.pid).cloned();
        let of_thread = self.nt.threads.get(&event.tid).cloned();
        let handles = &mut self.nt_process(cx).handles;
        let mut insert = |object: Option<Object>| match object {
            Some(object) => handles
                .insert(object)
                .ok_or(NtStatus::INSUFFICIENT_RESOURCES),
            None => Ok(0),
        };
        given.process = insert(of_process.filter(|_| process).map(Object::Process))?;
        given.thread = insert(of_thread.filter(|_| thread).map(Object::Thread))?;
        given.file = insert(file.map(Object::File))?;
        Ok(given)
    }

    /// Tells a process by its own block that it is debugged, or no more.   [winternl.h: PEB, BeingDebugged]
    fn show_debugged(
        &mut self,
        cx: &mut Cx<'_>,
        process: &Rc<RefCell<Process>>,
        debugged: bool,
    ) -> Result<(), NtStatus> {
        let (block, narrow) = self.blocks_of(cx, process);
        self.in_memory(cx, process, |target| {
            for block in [Some(block), narrow].into_iter().flatten() {
                target.space.poke(block + 2, &[debugged.into()])?;
            }
            Ok(())
        })
    }

    /// A process is not debugged any more, and goes on.
    fn leave_debugger(&mut self, debugger: &Rc<Debugger>, pid: Tid) {
        if let Some(record) = self.nt.processes.get_mut(&pid) {
            record.debugger = None;
        }
        let own: Vec<Event> = {
            let mut events = debugger.events.borrow_mut();
            let (own, others) = events.drain(..).partition(|event| event.pid == pid);
            *events = others;
            own.into()
        };
        for event in own {
            self.go_on_after(&event, false);
        }
        self.thaw(debugger, pid);
    }

    /// A handle of a debug object is gone. With the last one processes are not debugged any more, or end.
    pub(super) fn debugger_closed(&mut self, debugger: &Rc<Debugger>) {
        if self.handles_of(&Object::Debug(debugger.clone())) > 0 {
            return;
        }
        let debugged: Vec<Tid> = self
            .nt
            .processes
            .iter()
            .filter(|(_, record)| {
                let own = record.debugger.as_ref();
                own.is_some_and(|own| Rc::ptr_eq(own, debugger))
            })
            .map(|(pid, _)| *pid)
            .collect();
        for pid in debugged {
            self.leave_debugger(debugger, pid);
            let process = self.linux.processes.get(pid).cloned();
            if let Some(process) = process.filter(|_| debugger.kills.get()) {
                let status = ExitStatus::Status(NtStatus::DEBUGGER_INACTIVE.0);
                self.end_process(&process, status);
            }
        }
    }
}

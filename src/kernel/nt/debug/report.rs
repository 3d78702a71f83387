//! When is a debugger told of something, and how does the thread go on afterwards?

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{AddressSpace, Cpu, GuestMemory};
use emu_profiles::Symbol;
use emu_prototypes::nt::NtStatus;

use super::event::{Event, What};
use super::{Debugger, MAX_EVENTS, way};
use crate::event::ExitStatus;
use crate::kernel::linux::process::Process;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::exception::Record;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::memory::{Kind, Tag};
use crate::kernel::nt::thread::Thread;
use crate::kernel::nt::wait::What as Waits;
use crate::kernel::task::{Task, Tid};
use crate::kernel::wait::Wake;
use crate::kernel::{Cx, Kernel};

/// What a call that waited for a debugger learns: whether an exception has been handled.
const NOT_HANDLED: u64 = 0;
const HANDLED: u64 = 1;

impl Kernel {
    fn debugger_of(&self, pid: Tid) -> Option<Rc<Debugger>> {
        self.nt.processes.get(&pid)?.debugger.clone()
    }

    /// Adds an event: the process stands still. Answers whether there is a debugger, who will be told.
    fn report(&mut self, pid: Tid, tid: Tid, what: What) -> bool {
        let Some(debugger) = self.debugger_of(pid) else {
            return false;
        };
        let hidden = self.nt.threads.get(&tid);
        if hidden.is_some_and(|thread| thread.is_hidden()) {
            return false;
        }
        if debugger.events.borrow().len() >= MAX_EVENTS {
            return false;
        }
        let told = false;
        debugger.events.borrow_mut().push_back(Event {
            pid,
            tid,
            what,
            told,
        });
        self.freeze(pid, true);
        self.signal(&Object::Debug(debugger));
        true
    }

    /// Has the threads of a process stand still, or run again.
    fn freeze(&mut self, pid: Tid, frozen: bool) {
        let threads = self.nt.threads.values();
        let own: Vec<Rc<Thread>> = threads
            .filter(|thread| thread.pid == pid)
            .cloned()
            .collect();
        for thread in own {
            let before = thread.frozen.replace(frozen);
            if before
                && !frozen
                && let Some(task) = self.tasks.get(thread.tid)
            {
                task.waker.wake();
            }
        }
    }

    /// A process of which no event is left goes on.
    pub(super) fn thaw(&mut self, debugger: &Debugger, pid: Tid) {
        if !debugger.has(pid) {
            self.freeze(pid, false);
        }
    }

    /// A call has done what a debugger is told of: it ends with its status when that one says so.
    fn report_in_call(&mut self, cx: &mut Cx<'_>, what: What, status: u64) -> Outcome {
        let thread = self.nt_thread(cx, cx.task.tid);
        if !self.report(thread.pid, thread.tid, what) {
            return Ok(status);
        }
        thread.kept.set(status);
        self.nt_wait_for(cx, Waits::Debugger, false, 0)
    }

    /// The end of a call that has waited for a debugger. `None` when it begins.
    pub(in crate::kernel::nt) fn after_debugger(&mut self, cx: &mut Cx<'_>) -> Option<Outcome> {
        let outcome = self.wait_again(cx, 0)?;
        let thread = self.nt_thread(cx, cx.task.tid);
        Some(outcome.map(|_| thread.kept.get()))
    }

    /// The same of one that raises an exception: whether that has been handled.
    pub(in crate::kernel::nt) fn debugger_handled(
        &mut self,
        cx: &mut Cx<'_>,
    ) -> Option<Result<bool, emu_prototypes::Stop<NtStatus>>> {
        let outcome = self.wait_again(cx, 0)?;
        Some(outcome.map(|code| code == HANDLED))
    }

    /// A call raises an exception: waits for the debugger; `false` where there is none.
    pub(in crate::kernel::nt) fn report_raised(
        &mut self,
        cx: &mut Cx<'_>,
        record: Record,
        first: bool,
    ) -> Result<bool, emu_prototypes::Stop<NtStatus>> {
        let what = What::Exception { record, first };
        let code = self.report_in_call(cx, what, NOT_HANDLED)?;
        Ok(code == HANDLED)
    }

    /// An image has been mapped in the process that asks.
    pub(in crate::kernel::nt) fn report_image(
        &mut self,
        cx: &mut Cx<'_>,
        base: u64,
        status: u64,
    ) -> Outcome {
        if self.debugger_of(cx.process().pid).is_none() {
            return Ok(status);
        }
        let word = cx.word();
        let region = cx.mem.region_at(base);
        let label = region.and_then(|region| region.label.as_ref());
        let path = label.map(|label| label.name.to_vec()).unwrap_or_default();
        let teb = self.nt_thread(cx, cx.task.tid).teb;
        let what = What::LoadDll {
            base,
            path,
            name: name_pointer(teb, word),
        };
        self.report_in_call(cx, what, status)
    }

    /// An image has gone from the process that asks.
    pub(in crate::kernel::nt) fn report_unmapped(&mut self, cx: &mut Cx<'_>, base: u64) -> Outcome {
        self.report_in_call(cx, What::UnloadDll { base }, 0)
    }

    /// A thread has been made.
    pub(in crate::kernel::nt) fn report_thread(&mut self, thread: &Thread) {
        let start = thread.start();
        self.report(thread.pid, thread.tid, What::CreateThread { start });
    }

    /// A thread, and perhaps its process, has ended.
    pub(in crate::kernel::nt) fn report_end(&mut self, thread: &Thread, status: u32, last: bool) {
        let what = match last {
            true => What::ExitProcess(status),
            false => What::ExitThread(status),
        };
        self.report(thread.pid, thread.tid, what);
    }

    /// A process has been made by its debugger, or by a process that is debugged.
    pub(in crate::kernel::nt) fn report_process(
        &mut self,
        cx: &mut Cx<'_>,
        process: &Rc<RefCell<Process>>,
    ) -> Result<(), NtStatus> {
        self.show_debugged(cx, process, true)?;
        self.report_all(cx, process)
    }

    /// The same of a process with its first thread, when anybody debugs it.
    pub(in crate::kernel::nt) fn report_first(
        &mut self,
        cx: &mut Cx<'_>,
        process: &Rc<RefCell<Process>>,
    ) -> Result<(), NtStatus> {
        match self.debugger_of(process.borrow().pid) {
            Some(_) => self.report_process(cx, process),
            None => Ok(()),
        }
    }

    /// All that is there already: the process, its other threads, its images.
    pub(super) fn report_all(
        &mut self,
        cx: &mut Cx<'_>,
        process: &Rc<RefCell<Process>>,
    ) -> Result<(), NtStatus> {
        let word = cx.word();
        let tids: Vec<Tid> = process.borrow().threads.iter().copied().collect();
        let task = tids.iter().find_map(|tid| self.tasks.get(*tid));
        let loader = task.and_then(|task| task.symbol(Symbol::LoaderStart));
        let (block, _) = self.blocks_of(cx, process);
        let (image, entry, images) = self.in_memory(cx, process, |target| {
            let image = target.space.read_word(block + 2 * word, word)?;
            let entry = entry(target.space, image)?;
            let mut images = images(target.space);
            // The library that loads the others comes first.
            let region = loader.and_then(|at| target.space.region_at(at));
            let first = region.map(|region| Tag::of(region).base);
            images.sort_by_key(|(base, _)| Some(*base) != first);
            Ok((image, entry, images))
        })?;
        let (pid, exe) = {
            let process = process.borrow();
            (process.pid, process.exe.clone())
        };
        let first = tids.iter().copied().min().unwrap_or(pid);
        let threads: Vec<Rc<Thread>> = tids.iter().map(|tid| self.nt_thread(cx, *tid)).collect();
        let start = threads.iter().find(|thread| thread.tid == first);
        let what = What::CreateProcess {
            image,
            entry,
            path: exe.to_vec(),
        };
        self.report(pid, first, what);
        for thread in threads.iter().filter(|thread| thread.tid != first) {
            self.report_thread(thread);
        }
        let teb = start.map_or(0, |thread| thread.teb);
        for (base, path) in images.into_iter().filter(|(base, _)| *base != image) {
            let name = name_pointer(teb, word);
            self.report(pid, first, What::LoadDll { base, path, name });
        }
        Ok(())
    }

    /// The CPU has reported an exception: whether the thread waits for a debugger. A breakpoint is behind it then.
    /// [Windows Internals, Exception dispatching; KiDispatchException]
    pub(crate) fn reports_exception(
        &mut self,
        task: &Task,
        cpu: &mut dyn Cpu,
        record: &Record,
        first: bool,
    ) -> bool {
        let pid = task.linux.process.borrow().pid;
        let record = record.clone();
        let code = record.code;
        let reported = self.report(pid, task.tid, What::Exception { record, first });
        if reported && code == NtStatus::BREAKPOINT {
            cpu.set_pc(cpu.pc().wrapping_add(1));
        }
        reported
    }

    /// The exception that a thread about to run has to handle itself, as its debugger has not; and whether it is the first
    /// time that anybody is asked.
    pub(crate) fn unhandled(&mut self, tid: Tid, cpu: &mut dyn Cpu) -> Option<(Record, bool)> {
        if self.nt.unhandled.is_empty() {
            return None;
        }
        let (record, first) = self.nt.unhandled.remove(&tid)?;
        if record.code == NtStatus::BREAKPOINT {
            cpu.set_pc(cpu.pc().wrapping_sub(1));
        }
        Some((record, first))
    }

    /// A debugger has said how the thread of an event goes on.
    pub(super) fn continue_after(&mut self, cx: &Cx<'_>, event: &Event, asked: NtStatus) {
        let handled = asked != way::EXCEPTION_NOT_HANDLED;
        self.go_on_after(event, handled);
        if asked == way::TERMINATE_PROCESS {
            let process = self.linux.processes.get(event.pid).cloned();
            if let Some(process) = process {
                self.end_process(&process, ExitStatus::Status(asked.0));
            }
        }
        if asked == way::TERMINATE_THREAD
            && event.tid != cx.task.tid
            && let Some(task) = self.tasks.get_mut(event.tid)
        {
            task.doom = Some(ExitStatus::Status(asked.0));
            task.waker.wake();
        }
    }

    /// The thread of an event goes on: in the call that it is in, or with its exception.
    pub(super) fn go_on_after(&mut self, event: &Event, handled: bool) {
        let Some(thread) = self.nt.threads.get(&event.tid).cloned() else {
            return;
        };
        let waits = thread.waiting.borrow();
        let waits = waits
            .as_ref()
            .is_some_and(|waiting| waiting.is_for_debugger());
        if waits {
            let code = if handled { HANDLED } else { NOT_HANDLED };
            self.end_wait(&thread, code);
            return;
        }
        if let What::Exception { record, first } = &event.what
            && !handled
        {
            let kept = (record.clone(), *first);
            self.nt.unhandled.insert(event.tid, kept);
        }
    }
}

/// Where in a thread's block libraries may leave a pointer to a name.   [winnt.h: NT_TIB, ArbitraryUserPointer]
fn name_pointer(teb: u64, word: u64) -> u64 {
    teb + 5 * word
}

/// Where an image begins to run.   [winnt.h: IMAGE_DOS_HEADER, e_lfanew; IMAGE_OPTIONAL_HEADER, AddressOfEntryPoint]
fn entry(space: &mut AddressSpace, image: u64) -> Result<u64, NtStatus> {
    let headers = space.read_u32(image.wrapping_add(0x3c))?;
    let at = image.wrapping_add(u64::from(headers) + 0x28);
    Ok(image.wrapping_add(space.read_u32(at)?.into()))
}

/// Images in a space: where, and their paths.
fn images(space: &AddressSpace) -> Vec<(u64, Vec<u8>)> {
    let mut found: Vec<(u64, Vec<u8>)> = Vec::new();
    for region in space.regions() {
        let tag = Tag::of(region);
        if tag.kind == Kind::Image && found.last().is_none_or(|(base, _)| *base != tag.base) {
            let label = region.label.as_ref();
            let path = label.map(|label| label.name.to_vec()).unwrap_or_default();
            found.push((tag.base, path));
        }
    }
    found
}

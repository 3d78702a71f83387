//! How is a process made that has no thread yet?   [the headers of the crate phnt, ntpsapi.h: NtCreateProcess,
//! NtCreateProcessEx; Windows Internals of Windows 2000, Flow of CreateProcess]
//!
//! It has the image of a section, the libraries that each process has, and its block. Who makes it puts parameters into its
//! memory and makes its first thread.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{AddressSpace, GuestMemory};
use emu_profiles::Symbol;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::create::{Source, load};
use crate::event::ExitStatus;
use crate::kernel::linux::process::{Process, copy_process, make_process};
use crate::kernel::nt::console::Console;
use crate::kernel::nt::handles::{Handles, Object};
use crate::kernel::nt::memory::{Section, failed, take_away};
use crate::kernel::nt::named::Wish;
use crate::kernel::nt::thread::teb;
use crate::kernel::nt::{Outcome, Process as Record, blocks, client_id, job};
use crate::kernel::task::{Task, Tid};
use crate::kernel::{Cx, Kernel};
use crate::load::{Child, Loaded, Parameters};

/// `Flags`.   [phnt: PROCESS_CREATE_FLAGS_BREAKAWAY, NO_DEBUG_INHERIT, INHERIT_HANDLES, OVERRIDE_ADDRESS_SPACE]
const BREAKAWAY: u32 = 1;
const NO_DEBUG_INHERIT: u32 = 2;
const INHERIT_HANDLES: u32 = 4;
const OVERRIDE_ADDRESS_SPACE: u32 = 8;
const KNOWN: u32 = BREAKAWAY | NO_DEBUG_INHERIT | INHERIT_HANDLES | OVERRIDE_ADDRESS_SPACE;
/// `PROCESS_CREATE_PROCESS`, `SECTION_MAP_EXECUTE`, `TOKEN_ASSIGN_PRIMARY`.   [winnt.h]
const CREATE_PROCESS: u32 = 0x80;
const MAP_EXECUTE: u32 = 8;
const ASSIGN_PRIMARY: u32 = 1;

/// What a process has instead of threads until its first one is made.
pub(in crate::kernel::nt) struct Unstarted {
    /// That thread, but for its registers.
    task: Box<Task>,
    /// The console that it will belong to.
    console: Option<Rc<Console>>,
}

/// Serves `NtCreateProcess`, whose flags are a truth value and the lowest bits of two handles.
/// [ReactOS, ntoskrnl/ps/process.c: NtCreateProcess]
pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtCreateProcess) -> Outcome {
    let flag = |holds: bool, flag: u32| if holds { flag } else { 0 };
    let flags = flag(call.SectionHandle & 1 != 0, BREAKAWAY)
        | flag(call.DebugPort & 1 != 0, NO_DEBUG_INHERIT)
        | flag(call.InheritObjectTable != 0, INHERIT_HANDLES);
    let later = nt::NtCreateProcessEx {
        ProcessHandle: call.ProcessHandle,
        DesiredAccess: call.DesiredAccess,
        ObjectAttributes: call.ObjectAttributes,
        ParentProcess: call.ParentProcess,
        Flags: flags,
        SectionHandle: call.SectionHandle & !1,
        DebugPort: call.DebugPort & !1,
        TokenHandle: call.TokenHandle,
        Reserved: 0,
    };
    create_ex(kernel, cx, &later)
}

/// Serves `NtCreateProcessEx`. Without a section the process is a copy of its parent, which has none of its threads.
pub(super) fn create_ex(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateProcessEx,
) -> Outcome {
    if call.Flags & !KNOWN != 0 || call.ParentProcess == 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    // Where the handle goes has to be there before anything is made.
    cx.read_word(call.ProcessHandle.address)?;
    let parent = kernel.process_for(cx, call.ParentProcess, CREATE_PROCESS)?;
    if super::ended(&parent.borrow()).is_some() {
        return Err(NtStatus::PROCESS_IS_TERMINATING.into());
    }
    let section = match call.SectionHandle {
        0 => None,
        handle => match kernel.nt_object_for(cx, handle, MAP_EXECUTE)? {
            Object::Section(section) => Some(section),
            _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
        },
    };
    let debugger = match call.DebugPort {
        0 => None,
        handle => Some(kernel.debugger_for(cx, handle)?),
    };
    let token = match call.TokenHandle {
        0 => None,
        handle => match kernel.nt_object_for(cx, handle, ASSIGN_PRIMARY)? {
            Object::Token(token) => Some(token),
            _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
        },
    };
    kernel.nt_process(cx);
    let above = parent.borrow().pid;
    let own = kernel.nt.processes.get(&above);
    let own = own.ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
    let jobs = job::of_child(&own.jobs, call.Flags & BREAKAWAY != 0)?;
    let inherited = own.debugger.clone().filter(|_| !own.debugged_alone);
    let mut record = Record {
        handles: match call.Flags & INHERIT_HANDLES {
            0 => Handles::default(),
            _ => own.handles.inherited(None),
        },
        jobs,
        token: token.or_else(|| own.token.clone()),
        group: own.group,
        debugger: debugger.or(inherited),
        debugged_alone: call.Flags & NO_DEBUG_INHERIT != 0,
        ..Record::default()
    };
    let console = own.console.clone();
    let task = match &section {
        Some(section) => of_section(kernel, cx, section)?,
        None => {
            record.copies(own);
            of_parent(kernel, cx, &parent)?
        }
    };
    if section.is_some() {
        record.image = section;
    }
    let process = task.linux.process.clone();
    {
        let mut process = process.borrow_mut();
        process.threads.clear();
        kernel.linux.processes.set_parent(&mut process, above);
    }
    let task = Box::new(task);
    record.unstarted = Some(Box::new(Unstarted { task, console }));
    for job in &record.jobs {
        job.upgrade().inspect(|job| job.join(&process));
    }
    let pid = process.borrow().pid;
    kernel.nt.processes.insert(pid, record);
    let flags = cx.handle_flags(call.ObjectAttributes.address);
    let wish = Wish::new(
        call.ProcessHandle,
        call.DesiredAccess,
        call.ObjectAttributes,
    );
    kernel.nt_hand(cx, wish, flags, Object::Process(process), None)?;
    Ok(0)
}

impl Record {
    /// What is known of the memory of another process, of which this one has a copy.
    fn copies(&mut self, other: &Record) {
        self.image = other.image.clone();
        self.thread_end = other.thread_end;
        self.call_start = other.call_start;
        self.tables = other.tables.clone();
        self.cookie = other.cookie;
        self.settings = other.settings;
    }
}

/// Makes the process of an image. Gives its first thread.
fn of_section(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    section: &Section,
) -> Result<Task, Stop<NtStatus>> {
    let image = section.image().ok_or(NtStatus::SECTION_NOT_IMAGE)?;
    let pid = kernel.linux.processes.number();
    let pid = pid.ok_or(NtStatus::NO_MEMORY)?;
    let child = Child {
        parameters: Parameters::default(),
        client: client_id(pid, pid),
    };
    let source = Source::Section(image.program().clone());
    let mut loaded = load(kernel, cx, source, &child)?;
    if loaded.profile.arch != cx.profile.arch {
        return Err(NtStatus::IMAGE_MACHINE_TYPE_MISMATCH.into());
    }
    // That has two threads' stacks and blocks to take away, of which one is told to it elsewhere, too.
    if loaded.is_narrow() {
        return Err(Stop::Missing);
    }
    let own_loader = symbol(&loaded, Symbol::LoaderStart).is_some();
    // Entry points of libraries that our loader has bound would be called on the stack of a thread that is not there.
    if !own_loader && loaded.entry != loaded.image.entry {
        return Err(Stop::Missing);
    }
    take_thread(&mut loaded.space, loaded.profile.pointer())?;
    let registers = cx.cpu.context();
    let made = make_process(kernel, cx, pid, registers, loaded);
    Ok(made.map_err(|_| NtStatus::NO_MEMORY)?)
}

/// Makes the process that is a copy of another one. Views that are said to be a process's alone are not in it, and its block
/// says that it has been copied.   [winternl.h; phnt, ntpebteb.h: PEB, InheritedAddressSpace]
fn of_parent(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    parent: &Rc<RefCell<Process>>,
) -> Result<Task, Stop<NtStatus>> {
    let own = Rc::ptr_eq(parent, &cx.task.linux.process);
    let task = match own {
        true => None,
        false => {
            let threads = parent.borrow().threads.clone();
            let mut threads = threads.into_iter();
            let task = threads.find(|tid| kernel.tasks.get(*tid).is_some());
            // One without threads would have to be copied from what is kept for its first one.
            Some(task.ok_or(Stop::Missing)?)
        }
    };
    let space = kernel.in_memory(cx, parent, |target| target.space.fork().map_err(failed));
    let mut space = space?;
    let (block, _) = kernel.blocks_of(cx, parent);
    space.poke(block, &[1])?;
    let pid = kernel.linux.processes.number();
    let pid = pid.ok_or(NtStatus::NO_MEMORY)?;
    let made = copy_process(kernel, cx, pid, task, space);
    Ok(made.map_err(|_| NtStatus::NO_MEMORY)?)
}

fn symbol(loaded: &Loaded, wanted: Symbol) -> Option<u64> {
    let mut symbols = loaded.symbols.iter();
    symbols
        .find(|(own, _)| *own == wanted)
        .map(|(_, address)| *address)
}

/// A program is loaded with its first thread. Takes away what that has, and the parameters: block, stack, and what leads to them.
fn take_thread(space: &mut AddressSpace, word: u64) -> Result<(), NtStatus> {
    let (thread, process) = blocks(word);
    let parameters = process + 4 * word;
    let stack = space.read_word(thread + teb::allocation(word), word)?;
    let own = space.read_word(parameters, word)?;
    for at in [stack, thread, own] {
        take_away(space, at);
    }
    space.poke(parameters, &0_u64.to_le_bytes()[..word as usize])?;
    Ok(())
}

impl Kernel {
    /// A task of a process: one that has not the CPU, or the first one that it is yet to get.
    pub(in crate::kernel::nt) fn task_of(&self, process: &Process) -> Option<&Task> {
        let mut threads = process.threads.iter();
        let running = threads.find_map(|tid| self.tasks.get(*tid));
        running.or_else(|| {
            let unstarted = self.nt.processes.get(&process.pid)?.unstarted.as_ref()?;
            Some(&unstarted.task)
        })
    }

    /// Whether a process has never had a thread.
    pub(in crate::kernel::nt) fn is_unstarted(&self, pid: Tid) -> bool {
        let record = self.nt.processes.get(&pid);
        record.is_some_and(|record| record.unstarted.is_some())
    }

    /// A process gets its first thread, with these registers. `None` when it has one.
    pub(in crate::kernel::nt) fn start(
        &mut self,
        pid: Tid,
        registers: Box<dyn emu_cpu::Context>,
    ) -> Option<Tid> {
        let record = self.nt.processes.get_mut(&pid)?;
        let Unstarted { mut task, console } = *record.unstarted.take()?;
        record.console = console;
        let tid = task.tid;
        task.registers = Some(registers);
        task.linux.process.borrow_mut().threads.insert(tid);
        self.tasks.add(task);
        Some(tid)
    }

    /// The last handle of a process is closed. One that has never had a thread goes with it.
    pub(in crate::kernel::nt) fn process_closed(&mut self, process: &Rc<RefCell<Process>>) {
        if self.is_unstarted(process.borrow().pid) {
            self.end_process(process, ExitStatus::Status(0));
        }
    }

    /// A process ends that has never had a thread.
    pub(crate) fn end_unstarted(&mut self, process: &Rc<RefCell<Process>>, status: ExitStatus) {
        let pid = process.borrow().pid;
        let record = self.nt.processes.get_mut(&pid);
        if let Some(mut own) = record.and_then(|record| record.unstarted.take()) {
            self.end_task(&mut own.task, status);
        }
    }
}

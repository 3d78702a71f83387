//! Windows of the NT line: one file per section of the prototypes, each one `impl` of that section's service trait, and
//! what they share.
//!
//! A service answers with a status. Those travel as values: `Ok(status)` is what the guest finds in eax.

mod about;
mod apc;
mod atoms;
mod attributes;
mod caller;
mod change;
mod closing;
mod completion;
mod console;
pub(crate) mod context;
mod debug;
mod directory;
mod dispatchers;
pub(crate) mod exception;
mod executive;
mod file;
mod handles;
mod job;
mod keyed;
mod kinds;
pub mod mailslot;
pub(crate) mod memory;
mod named;
mod namespace;
mod net;
mod nls;
mod object;
pub(crate) mod path;
mod pipe;
mod pool;
mod port;
mod process;
mod query;
mod registry;
mod reply;
mod reserve;
mod security;
mod shared;
mod sync;
mod system;
pub(crate) mod thread;
mod ticks;
pub mod timer;
mod token;
mod wait;
mod wait_packet;
mod watched;
pub(crate) mod wow64;

pub(crate) use attributes::{unicode_string, units_of};
pub(crate) use registry::registry_file;
pub(crate) use security::{descriptor_text, sid_text};

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use emu_profiles::Symbol;
use emu_prototypes::nt::{self, NtStatus, services};
use emu_prototypes::{Args, Stop, linux};

use super::task::{Task, Tid};
use super::vfs::{Limits, OpenFile, OpenFlags};
use super::{Cx, Kernel};
use caller::Pseudo;
use console::Part;
use handles::{Handles, Object, Slot};

/// Process and thread number of the first thread, as the guest sees them.
pub(crate) const FIRST_PROCESS: (u64, u64) = (8000, 8004);
/// Standard input, output and error of the first process.
pub(crate) const STANDARD: [u64; 3] = [4, 8, 12];
/// Its console.
pub(crate) const CONSOLE: u64 = 16;

/// Where the blocks of the first thread and of the process are, by the width of pointers: among the places where Windows XP
/// had them.
pub(crate) const fn blocks(word: u64) -> (u64, u64) {
    match word {
        4 => (0x7ffd_a000, 0x7ffd_f000),
        _ => (0x7ff_fffd_8000, 0x7ff_fffd_f000),
    }
}

/// What all processes of Windows share.
#[derive(Default)]
pub struct Nt {
    processes: BTreeMap<Tid, Process>,
    registry: registry::Registry,
    threads: BTreeMap<Tid, Rc<thread::Thread>>,
    /// Names of objects.
    names: namespace::Namespace,
    /// Threads that wait, in the order in which they began to; and how many waits there have been.
    waiting: BTreeMap<u64, Rc<thread::Thread>>,
    waits: u64,
    /// Ports that are told of a file's transfers, and the file's key there, by the number of the open file.
    ports: BTreeMap<u64, (Rc<completion::Completion>, u64)>,
    /// How those are told, by the same number.
    port_modes: BTreeMap<u64, u32>,
    /// The tick that processes see.
    ticks: u64,
    pipes: pipe::Pipes,
    mailslots: mailslot::Mailslots,
    /// Packets that wait for objects, in the order in which they began to.
    wait_packets: Vec<Rc<wait_packet::WaitPacket>>,
    /// Requests that are over, of which nobody has been told yet.
    ended: Vec<reply::Ended>,
    /// What is kept of what guests leave with the kernel.
    pool: pool::Pool,
    /// How many numbers of their own have been given.
    luids: u32,
    atoms: atoms::Atoms,
    opened: file::Opened,
    ids: file::Ids,
    locks: file::AllLocks,
    watches: file::Watches,
    /// Who owns what, and who may use it, as far as somebody has said so.
    securities: security::Securities,
    /// Screen buffers of consoles, as far as they are there.
    screens: Vec<std::rc::Weak<console::Buffer>>,
    /// The number of the last message of a port.
    messages: u32,
    /// Exceptions that debuggers have not handled, by the thread that is about to, and whether it is asked first.
    unhandled: BTreeMap<Tid, (exception::Record, bool)>,
}

impl Nt {
    /// Libraries of the guest's own find out from the kernel which release it is.
    pub(crate) fn tell_release(&mut self, wide: bool) {
        let told = self.registry.tell_release(wide);
        debug_assert!(told.is_ok(), "there is room for a few values");
    }

    /// Adds to the registry what the text of a `.reg` file says, or, at a key, what is in a hive; fails with a line, if any,
    /// and what is wrong: `3: expected …`, ` expected …`.
    pub(crate) fn load_registry(&mut self, key: Option<&str>, bytes: &[u8]) -> Result<(), String> {
        let done = match key {
            Some(key) => self.registry.load_hive(key, bytes),
            None => registry::no_hive(bytes),
        };
        done.map_err(|message| format!(" {message}"))?;
        match key {
            Some(_) => Ok(()),
            None => self
                .registry
                .load(bytes)
                .map_err(|(line, message)| format!("{line}: {message}")),
        }
    }

    /// What a handle of a task's process stands for, for those who show it. The handles of the standard files and of the
    /// console are there from the start.
    pub(crate) fn describe(&self, task: &Task, handle: u64) -> Option<Vec<u8>> {
        let pid = task.linux.process.borrow().pid;
        match self.processes.get(&pid) {
            Some(process) => {
                let slot = process.handles.slot(handle)?;
                let mut told = slot.object.describe();
                if let Some(name) = &slot.name {
                    told.push(b' ');
                    told.extend(String::from_utf16_lossy(name).into_bytes());
                }
                Some(told)
            }
            None => {
                let console = task.linux.process.borrow().image.console;
                let files = task.linux.files.borrow();
                let file = |fd: usize| files.any(fd as i32).ok();
                let own = |name: &str| Some(console::described(name));
                match STANDARD.iter().position(|own| *own == handle) {
                    Some(fd) if !(console && file(fd)?.terminal().is_some()) => {
                        Some(Object::File(Rc::clone(file(fd)?)).describe())
                    }
                    Some(0) => own(Part::Input.name()),
                    Some(_) => own(Part::Output.name()),
                    None if console && handle == CONSOLE => own(console::REFERENCE),
                    None => None,
                }
            }
        }
    }
}

/// What NT knows of a process.
#[derive(Default)]
struct Process {
    handles: Handles,
    network: net::Network,
    /// Where functions of threads return to.
    thread_end: Option<u64>,
    /// What makes a thread's calls, in a program without an `ntdll.dll` of its own.
    call_start: Option<u64>,
    /// Tables of languages that are mapped: where, and how long.
    tables: BTreeMap<String, (u64, u64)>,
    /// What directories that are being listed are asked for, by the number of the open file.
    scans: BTreeMap<u64, Vec<u16>>,
    /// What the process hides its pointers with, once it has asked.
    cookie: Option<u32>,
    /// What has been set of it.
    settings: process::Settings,
    /// The jobs it is in.
    jobs: Vec<std::rc::Weak<job::Job>>,
    /// Who debugs it, and whether not its children, too.
    debugger: Option<Rc<debug::Debugger>>,
    debugged_alone: bool,
    /// Its token, once somebody has asked for it.
    token: Option<Rc<token::Token>>,
    /// Pages that it has locked.
    locked: BTreeSet<u64>,
    /// The console it is one of the processes of.
    console: Option<Rc<console::Console>>,
    /// The group of processes that events of the console are sent to: its first process.
    group: Tid,
    /// The first thread that it is yet to get, and the image that it was made of.
    unstarted: Option<Box<process::Unstarted>>,
    image: Option<Rc<memory::Section>>,
    /// How fine a clock it has asked for, in units of 100 ns.
    resolution: Option<u32>,
}

/// What a service answers.
type Outcome = nt::Outcome;

/// Serves a call of Windows.
pub(super) fn serve(kernel: &mut Kernel, cx: &mut Cx<'_>, args: &Args) -> linux::Outcome {
    kernel.go_on_in_network(cx);
    if !kernel.nt.ended.is_empty() {
        kernel.nt_tell_ended(Some(cx));
    }
    let outcome = nt::dispatch(kernel, cx, cx.row.call, args);
    if !kernel.nt.ended.is_empty() {
        kernel.nt_tell_ended(Some(cx));
    }
    if cx.task.symbol(Symbol::LoaderStart).is_some() {
        kernel.show_time(cx.mem);
    }
    match outcome {
        Ok(status) => Ok(status),
        Err(Stop::Fail(status)) => Ok(status.0.into()),
        Err(Stop::Missing) => Err(Stop::Missing),
        Err(Stop::Resumed) => Err(Stop::Resumed),
        Err(Stop::Never) => Err(Stop::Never),
        Err(Stop::Block) => Err(Stop::Block),
    }
}

// Sections of which nothing is served yet.
impl services::Device<Cx<'_>> for Kernel {}
impl services::Power<Cx<'_>> for Kernel {}
impl services::Runtime<Cx<'_>> for Kernel {}
impl services::Transaction<Cx<'_>> for Kernel {}
impl services::Unknown<Cx<'_>> for Kernel {}

impl services::Wine<Cx<'_>> for Kernel {
    fn nt_wine_unix_call(&mut self, cx: &mut Cx<'_>, call: &nt::NtWineUnixCall) -> Outcome {
        net::call_unix_half(
            self,
            cx,
            (call.Library.address, call.Function, call.Arguments.address),
        )
    }
}

/// The number of a process or of a thread. Both come from one table in NT, and are multiples of 4.
fn client_id(pid: Tid, tid: Tid) -> (u64, u64) {
    let number = |tid: Tid| 8 * u64::from(tid.unsigned_abs());
    (number(pid), number(tid) + 4)
}

impl Kernel {
    /// The process of the task that asks. Its table of handles begins with the standard files.
    fn nt_process(&mut self, cx: &Cx<'_>) -> &mut Process {
        let pid = cx.process().pid;
        if !self.nt.processes.contains_key(&pid) {
            let first = self.nt_first_process(cx);
            self.nt.processes.insert(pid, first);
        }
        self.nt.processes.entry(pid).or_default()
    }

    /// The first process. What is a terminal to emu is the console to it, of which a program with windows has none.
    fn nt_first_process(&self, cx: &Cx<'_>) -> Process {
        let files = cx.task.linux.files.borrow();
        let files: Vec<_> = (0..3)
            .filter_map(|fd| files.any(fd).ok().cloned())
            .collect();
        let mut process = Process {
            group: cx.process().pid,
            ..Process::default()
        };
        if cx.process().image.console {
            process.console = self.first_console(cx, &files);
        }
        for (fd, file) in files.into_iter().enumerate() {
            let object = match (fd, file.terminal()) {
                (0, Some(_)) if process.console.is_some() => Object::Console(Part::Input),
                (_, Some(_)) if process.console.is_some() => Object::Console(Part::Output),
                _ => Object::File(file),
            };
            let mut slot = Slot::new(object);
            slot.inherited = true;
            let _ = process.handles.insert_slot(slot);
        }
        if let Some(console) = process.console.clone() {
            let object = Object::Console(Part::Console(console));
            let _ = process.handles.insert_slot(Slot::new(object));
        }
        process
    }

    /// What the process hides its pointers with.   [RtlEncodePointer]
    fn nt_cookie(&mut self, cx: &Cx<'_>) -> u32 {
        let fresh = self.random.next_u64() as u32;
        *self.nt_process(cx).cookie.get_or_insert(fresh)
    }

    /// Opens a file of the tree to read it.
    fn nt_open(&mut self, path: &[u8]) -> Result<Rc<OpenFile>, NtStatus> {
        self.nt_walk(|walker| {
            let path = path::spelled(walker, path)?;
            let root = &walker.context.root;
            let opened = walker.open(root, &path, OpenFlags::READ, 0, Limits::empty());
            opened.map_err(path::status)
        })
    }

    /// What a handle stands for.
    fn nt_object(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Object, NtStatus> {
        match cx.pseudo(handle) {
            Some(Pseudo::Process) => return Ok(Object::Process(cx.task.linux.process.clone())),
            Some(Pseudo::Thread) => return Ok(Object::Thread(self.nt_thread(cx, cx.task.tid))),
            None => {}
        }
        let process = self.nt_process(cx);
        process.handles.get(handle).ok_or(NtStatus::INVALID_HANDLE)
    }

    /// A new handle with all access, written to where the guest wants it. It may be inherited when the object's attributes
    /// say so, which are at another address, or nowhere.
    fn nt_give(
        &mut self,
        cx: &mut Cx<'_>,
        (at, attributes): (u64, u64),
        object: Object,
    ) -> Result<(), NtStatus> {
        let mut slot = Slot::new(object);
        slot.inherited = cx.handle_flags(attributes) & named::OBJ_INHERIT != 0;
        self.nt_give_slot(cx, at, slot)
    }

    /// Only one's own process can be meant so far.
    fn own_process(&mut self, cx: &Cx<'_>, handle: u64) -> Result<(), NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::Process(process) if Rc::ptr_eq(&process, &cx.task.linux.process) => Ok(()),
            Object::Process(_) => Err(NtStatus::ACCESS_DENIED),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }
}

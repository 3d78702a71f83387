//! Threads: how one is made, what is known of it, and what it leaves when it ends.

pub(crate) mod begin;
pub(super) mod control;
mod create;
mod home;
pub(super) mod information;
pub(super) mod registers;
pub(crate) mod stack;
pub(crate) mod teb;

pub(super) use create::{begin_at, create_ex, create_old};

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use emu_cpu::Arch;
use emu_profiles::Profile;

use super::apc::Apc;
use super::completion::Completion;
use super::executive::system_time;
use super::handles::Object;
use super::port::Lpc;
use super::sync::Dispatcher;
use super::token::Token;
use super::wait::Waiting;
use super::wow64;
use crate::event::ExitStatus;
use crate::kernel::task::{Task, Tid};
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};

/// A thread, as long as somebody has a handle.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) tid: Tid,
    /// Its process.
    pub(super) pid: Tid,
    /// Its block.
    pub(super) teb: u64,
    /// How often it has been suspended.
    suspended: Cell<u32>,
    /// Its status, when it has ended.
    pub(super) ended: Cell<Option<u32>>,
    /// Who waits for its end.
    pub(super) queue: WaitQueue,
    /// Its function.
    start: Cell<u64>,
    /// Memory that goes with it: addresses and sizes of the stack, of one more for 64-bit code where that is not the
    /// program's, and of the block.
    memory: Cell<[(u64, u64); 3]>,
    /// Whether it ends by itself. Of one that others end libraries may still look at its block.
    leaves: Cell<bool>,
    /// When it began and ended, in units of 100 ns since 1601; CPU time that it took, in calls and in user code.
    times: Cell<[u64; 4]>,
    /// What it waits for.
    pub(super) waiting: RefCell<Option<Rc<Waiting>>>,
    pub(super) port: RefCell<Option<Rc<Completion>>>,
    /// Calls that it has before it.
    pub(super) calls: RefCell<VecDeque<Apc>>,
    /// Whether its next alertable wait ends, and whether that for its number does.
    pub(super) alerted: Cell<bool>,
    pub(super) told: Cell<bool>,
    /// Mutants that it owns.
    mutants: RefCell<Vec<Weak<Dispatcher>>>,
    /// Whether it stands still until its debugger lets it go on, and what the call that it is in returns then.
    pub(super) frozen: Cell<bool>,
    pub(super) kept: Cell<u64>,
    /// What it has to do with ports.
    pub(super) lpc: RefCell<Lpc>,
    /// The token that it acts with, when that is not its process's.
    pub(super) acts_as: RefCell<Option<Rc<Token>>>,
    /// What it is called, and what else was said of it.
    said: RefCell<information::Said>,
}

impl Thread {
    fn new((pid, tid): (Tid, Tid), teb: u64, start: u64, now: u64) -> Thread {
        Thread {
            tid,
            pid,
            teb,
            suspended: Cell::new(0),
            ended: Cell::new(None),
            queue: WaitQueue::default(),
            start: Cell::new(start),
            memory: Cell::default(),
            leaves: Cell::new(false),
            times: Cell::new([now, 0, 0, 0]),
            waiting: RefCell::default(),
            port: RefCell::default(),
            calls: RefCell::default(),
            alerted: Cell::new(false),
            told: Cell::new(false),
            mutants: RefCell::default(),
            frozen: Cell::new(false),
            kept: Cell::new(0),
            lpc: RefCell::default(),
            acts_as: RefCell::default(),
            said: RefCell::default(),
        }
    }

    /// Whether debuggers are not told of it.
    pub(super) fn is_hidden(&self) -> bool {
        self.said.borrow().hidden
    }

    /// Where its function is.
    pub(super) fn start(&self) -> u64 {
        self.start.get()
    }

    /// It has got a mutant.
    pub(super) fn owns(&self, mutant: &Rc<Dispatcher>) {
        self.mutants.borrow_mut().push(Rc::downgrade(mutant));
    }

    /// It has given one up.
    pub(super) fn disowns(&self, mutant: &Rc<Dispatcher>) {
        let gone = Rc::as_ptr(mutant);
        self.mutants
            .borrow_mut()
            .retain(|own| !std::ptr::eq(own.as_ptr(), gone) && own.strong_count() > 0);
    }
}

/// Code that ends a process or a thread with what a function returned.   [RtlExitUserThread]
pub(crate) fn end_code(profile: &Profile, call: &str, handle: i8) -> Vec<u8> {
    let number = profile.number(call).unwrap_or(0).to_le_bytes();
    let handle = handle.cast_unsigned();
    match profile.arch {
        // mov edx,eax; mov r10,handle; mov eax,number; syscall
        Arch::X86_64 => {
            let move_handle = [0x89, 0xc2, 0x49, 0xc7, 0xc2, handle, 0xff, 0xff, 0xff, 0xb8];
            [&move_handle[..], &number, &[0x0f, 0x05]].concat()
        }
        // push eax; push handle; mov edx,esp; mov eax,number; int 2e
        _ => [
            &[0x50, 0x6a, handle, 0x89, 0xe2, 0xb8][..],
            &number,
            &[0xcd, 0x2e],
        ]
        .concat(),
    }
}

/// The first thread of a new process.
pub(super) fn first(kernel: &mut Kernel, tid: Tid, teb: u64, suspended: bool) -> Rc<Thread> {
    let now = system_time(kernel);
    let thread = Rc::new(Thread::new((tid, tid), teb, 0, now));
    thread.suspended.set(suspended.into());
    kernel.nt.threads.insert(tid, thread.clone());
    thread
}

impl Kernel {
    /// A thread of Windows by its task.
    pub(super) fn nt_thread(&mut self, cx: &Cx<'_>, tid: Tid) -> Rc<Thread> {
        let now = system_time(self);
        let other = self.tasks.get(tid);
        let narrow = other.unwrap_or(cx.task).is_narrow();
        let teb = wow64::first_teb(narrow, cx.word());
        let other = other.map(|task| &task.linux.process);
        let pid = other.unwrap_or(&cx.task.linux.process).borrow().pid;
        let fresh = || Rc::new(Thread::new((pid, tid), teb, 0, now));
        self.nt.threads.entry(tid).or_insert_with(fresh).clone()
    }

    /// Whether a task must not run until it is resumed.
    pub(crate) fn is_suspended(&self, tid: Tid) -> bool {
        let thread = self.nt.threads.get(&tid);
        thread.is_some_and(|thread| thread.suspended.get() > 0 || thread.frozen.get())
    }

    /// A task has ended: who waits for it goes on. Its stack goes with it, unless all memory of the process does.
    pub(crate) fn end_nt_thread(&mut self, task: &Task, status: ExitStatus) {
        if let Some(thread) = self.nt.threads.remove(&task.tid) {
            if task.linux.process.borrow().threads.len() > 1
                && let Ok(mut space) = task.space.try_borrow_mut()
            {
                let [stack, wide, block] = thread.memory.take();
                let block = if thread.leaves.get() { block } else { (0, 0) };
                for (at, size) in [stack, wide, block].into_iter().filter(|own| own.1 > 0) {
                    let _ = space.unmap(at, size);
                }
            }
            let status = match status {
                ExitStatus::Status(status) => status,
                other => other.code().into(),
            };
            thread.ended.set(Some(status));
            self.nt.unhandled.remove(&task.tid);
            let (last, of_all) = {
                let process = task.linux.process.borrow();
                (process.threads.len() <= 1, super::process::ended(&process))
            };
            self.report_end(&thread, of_all.unwrap_or(status), last);
            let ((user, system), [created, ..]) = (task.linux.used, thread.times.get());
            let now = system_time(self);
            thread.times.set([created, now, system / 100, user / 100]);
            if let Some(waiting) = thread.waiting.take() {
                self.nt.waiting.remove(&waiting.key());
            }
            self.thread_left_ports(&thread);
            thread.port.take();
            thread.calls.take();
            let mutants = thread.mutants.take();
            self.abandon(mutants.iter().filter_map(Weak::upgrade).collect());
            thread.queue.wake();
            self.leave_packets(&Object::Thread(thread.clone()));
            if !last {
                self.cancel_requests_of((thread.pid, thread.tid));
            }
        }
    }
}

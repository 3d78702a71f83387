//! How does a task make another one?

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{Constants, Errno, Outcome};

use super::{pidfd, segments};
use crate::kernel::linux::LinuxTask;
use crate::kernel::linux::process::Resource;
use crate::kernel::linux::ptrace::Stop;
use crate::kernel::linux::signal::frame::AltStack;
use crate::kernel::task::{Birth, State, Task, Tid};
use crate::kernel::wait::{Wait, WaitQueue, Waker};
use crate::kernel::{Cx, Kernel};

/// What a parent waits for that made its child by `vfork`.
#[derive(Debug, Default)]
pub struct Vfork {
    done: Cell<bool>,
    queue: WaitQueue,
}

impl Vfork {
    /// The child has another program, or is gone.
    pub fn finish(&self) {
        self.done.set(true);
        self.queue.wake();
    }
}

/// What a task asks for, in whatever form.
pub(super) struct Asked {
    pub(super) flags: u64,
    /// As the ABI numbers it; 0 for none.
    pub(super) exit_signal: u64,
    /// The child's stack pointer, or 0 for its parent's.
    pub(super) stack: u64,
    pub(super) parent_tid: u64,
    pub(super) child_tid: u64,
    pub(super) tls: u64,
    pub(super) pidfd: u64,
}

/// Flags that ask for a name space of its own.
pub(super) fn namespaces(cx: &Cx<'_>) -> u64 {
    let k = cx.k;
    k.CLONE_NEWNS
        | k.CLONE_NEWCGROUP
        | k.CLONE_NEWUTS
        | k.CLONE_NEWIPC
        | k.CLONE_NEWUSER
        | k.CLONE_NEWPID
        | k.CLONE_NEWNET
}

/// [Linux kernel/fork.c, copy_process]
fn check(cx: &Cx<'_>, asked: &Asked) -> Result<(), Errno> {
    let k = cx.k;
    let has = |flag: u64| asked.flags & flag != 0;
    if has(k.CLONE_NEWNS) && has(k.CLONE_FS)
        || has(k.CLONE_NEWUSER) && has(k.CLONE_FS)
        || has(k.CLONE_THREAD) && !has(k.CLONE_SIGHAND)
        || has(k.CLONE_SIGHAND) && !has(k.CLONE_VM)
        || has(k.CLONE_SIGHAND) && has(k.CLONE_CLEAR_SIGHAND)
        || has(k.CLONE_PIDFD) && has(k.CLONE_THREAD)
    {
        return Err(Errno::EINVAL);
    }
    // A user name space would be all that an unprivileged program needs to get the others.
    if has(namespaces(cx)) {
        return Err(Errno::EPERM);
    }
    Ok(())
}

/// Whether the user has as many tasks as the limit of the one that asks for another allows, dead ones that nobody waited
/// for among them. The superuser is not limited.   [getrlimit(2), RLIMIT_NPROC; Linux kernel/fork.c, copy_process]
fn is_crowded(kernel: &Kernel, cx: &Cx<'_>) -> bool {
    let (soft, _) = cx.process().limits.get(Resource::Nproc);
    let uid = cx.task.linux.credentials.uid;
    if uid == 0 || (kernel.linux.processes.tasks() as u64) < soft {
        return false;
    }
    let others = kernel.tasks.iter();
    let own = others.filter(|task| task.tid != cx.task.tid && task.linux.credentials.uid == uid);
    let dead = kernel.linux.processes.iter().filter(|process| {
        let process = process.try_borrow();
        process.is_ok_and(|process| {
            let remains = process.remains.as_ref();
            process.is_zombie() && remains.is_some_and(|remains| remains.credentials.uid == uid)
        })
    });
    1 + own.count() as u64 + dead.count() as u64 >= soft
}

/// Makes a task. The task that asks gets its number; the new one comes back from the same call with 0.
pub(super) fn clone(kernel: &mut Kernel, cx: &mut Cx<'_>, asked: &Asked) -> Outcome {
    if cx.again
        && let Some((tid, vfork)) = cx.task.linux.vforked.clone()
    {
        return wait_for(cx, tid, &vfork);
    }
    check(cx, asked)?;
    let k = cx.k;
    let has = |flag: u64| asked.flags & flag != 0;
    if kernel
        .linux
        .max_tasks
        .is_some_and(|most| kernel.linux.processes.tasks() >= most)
    {
        return Err(Errno::EAGAIN.into());
    }
    if is_crowded(kernel, cx) {
        return Err(Errno::EAGAIN.into());
    }
    let (tls, descriptor) = match has(k.CLONE_SETTLS) {
        true if segments::has_descriptors(cx) => (None, Some(segments::of_child(cx, asked.tls)?)),
        true => (Some(asked.tls), None),
        false => (None, None),
    };
    let space = if has(k.CLONE_VM) {
        cx.task.space.clone()
    } else {
        let copy = cx.mem.fork().map_err(|_| Errno::ENOMEM)?;
        kernel.inherit_segments(cx);
        Rc::new(RefCell::new(copy))
    };
    let tid = kernel.linux.processes.number().ok_or(Errno::EAGAIN)?;
    if has(k.CLONE_SYSVSEM) {
        let list = || kernel.linux.ipc.new_undo_list();
        cx.task.linux.undo.get_or_insert_with(list);
    }
    let linux = child(kernel, cx.k, cx.task, asked, tid);
    if has(k.CLONE_PIDFD) {
        let pidfd = pidfd::make(kernel, cx, &linux.process.clone(), false)?;
        cx.mem.write_u32(asked.pidfd, pidfd as u32)?;
    }
    if has(k.CLONE_PARENT_SETTID) {
        // A pointer that can't be written is the program's own trouble.   [Linux kernel/fork.c, kernel_clone]
        let _ = cx.mem.write_u32(asked.parent_tid, tid as u32);
    }
    let mut registers = cx.cpu.context();
    cx.cpu.save(registers.as_mut());
    if has(k.CLONE_THREAD) {
        linux.process.borrow_mut().threads.insert(tid);
        kernel.linux.processes.add_thread(tid);
    } else {
        kernel.linux.processes.insert(&linux.process);
        kernel.linux.watch_cpu_limit(&linux.process);
    }
    let vfork = linux.vfork.clone();
    let mut child = Task {
        tid,
        profile: cx.task.profile,
        space,
        registers: Some(registers),
        state: State::Ready,
        waker: Waker::new(tid, kernel.tasks.run_queue()),
        pending: None,
        birth: Some(Box::new(Birth {
            entry: cx.entry,
            told: None,
            answers: true,
            stack: (asked.stack != 0).then_some(asked.stack),
            set_tid: if has(k.CLONE_CHILD_SETTID) {
                asked.child_tid
            } else {
                0
            },
            tls,
            descriptor,
        })),
        restart: None,
        doom: None,
        symbols: cx.task.symbols.clone(),
        linux,
    };
    if cx.task.linux.traced.is_some() {
        kernel.trace_child(cx.task, &mut child, asked.flags, asked.exit_signal);
    }
    kernel.tasks.add(child);
    cx.born = Some(tid);
    match vfork {
        Some(vfork) => {
            cx.task.linux.vforked = Some((tid, vfork.clone()));
            wait_for(cx, tid, &vfork)
        }
        None => Ok(tid as u64),
    }
}

fn wait_for(cx: &mut Cx<'_>, tid: Tid, vfork: &Vfork) -> Outcome {
    if vfork.done.get() {
        cx.task.linux.vforked = None;
        let k = cx.k;
        if let Some(traced) = &mut cx.task.linux.traced
            && traced.has(k.PTRACE_O_TRACEVFORKDONE)
        {
            let event = Stop::Event(k.PTRACE_EVENT_VFORK_DONE, tid as u64);
            traced.due.push_back(event);
        }
        return Ok(tid as u64);
    }
    cx.wait_in(&vfork.queue);
    Err(cx.block(Wait::Vfork))
}

/// A thread more of the process that asks, or of that of another task, which is none of Linux's: it begins with these
/// registers.
pub(crate) fn add_thread(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    sibling: Option<Tid>,
    registers: Box<dyn emu_cpu::Context>,
) -> Result<Tid, Errno> {
    let most = kernel.linux.max_tasks;
    if most.is_some_and(|most| kernel.linux.processes.tasks() >= most) {
        return Err(Errno::EAGAIN);
    }
    let tid = kernel.linux.processes.number().ok_or(Errno::EAGAIN)?;
    let k = cx.k;
    let asked = Asked {
        flags: k.CLONE_VM | k.CLONE_FS | k.CLONE_FILES | k.CLONE_SIGHAND | k.CLONE_THREAD,
        exit_signal: 0,
        stack: 0,
        parent_tid: 0,
        child_tid: 0,
        tls: 0,
        pidfd: 0,
    };
    let sibling = match sibling {
        Some(sibling) => kernel.tasks.get(sibling).ok_or(Errno::ESRCH)?,
        None => &*cx.task,
    };
    let linux = child(kernel, k, sibling, &asked, tid);
    let (profile, space) = (sibling.profile, sibling.space.clone());
    let symbols = sibling.symbols.clone();
    linux.process.borrow_mut().threads.insert(tid);
    kernel.linux.processes.add_thread(tid);
    kernel.tasks.add(Task {
        tid,
        profile,
        space,
        registers: Some(registers),
        state: State::Ready,
        waker: Waker::new(tid, kernel.tasks.run_queue()),
        pending: None,
        birth: None,
        restart: None,
        doom: None,
        symbols,
        linux,
    });
    Ok(tid)
}

/// A process more, which is none of Linux's: its number, its first registers, and what was loaded. It has the files and the
/// directory of the one that asks.
pub(crate) fn add_process(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    pid: Tid,
    registers: Box<dyn emu_cpu::Context>,
    loaded: crate::load::Loaded,
) -> Result<Rc<RefCell<super::Process>>, Errno> {
    let task = make_process(kernel, cx, pid, registers, loaded)?;
    let process = task.linux.process.clone();
    kernel.tasks.add(task);
    Ok(process)
}

/// The same without a task yet that would run: its first one.
pub(crate) fn make_process(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    pid: Tid,
    registers: Box<dyn emu_cpu::Context>,
    loaded: crate::load::Loaded,
) -> Result<Task, Errno> {
    let mut linux = alone(kernel, cx, cx.task, pid)?;
    linux.exec(&loaded);
    Ok(first_task(
        kernel,
        cx,
        pid,
        linux,
        registers,
        Place::of(loaded),
    ))
}

/// The first task of a process that has the memory of another one, as it is now.
pub(crate) fn copy_process(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    pid: Tid,
    parent: Option<Tid>,
    space: emu_cpu::AddressSpace,
) -> Result<Task, Errno> {
    let task = match parent {
        Some(tid) => kernel.tasks.get(tid).ok_or(Errno::ESRCH)?,
        None => &*cx.task,
    };
    let linux = alone(kernel, cx, task, pid)?;
    let place = Place {
        profile: task.profile,
        space,
        symbols: task.symbols.clone(),
    };
    let registers = cx.cpu.context();
    Ok(first_task(kernel, cx, pid, linux, registers, place))
}

/// Where a task runs.
struct Place {
    profile: &'static emu_profiles::Profile,
    space: emu_cpu::AddressSpace,
    symbols: Rc<[(emu_profiles::Symbol, u64)]>,
}

impl Place {
    fn of(loaded: crate::load::Loaded) -> Place {
        Place {
            profile: loaded.profile,
            symbols: loaded.symbols.as_slice().into(),
            space: loaded.space,
        }
    }
}

/// What Linux knows of a process that shares nothing with its parent.
fn alone(kernel: &Kernel, cx: &Cx<'_>, task: &Task, pid: Tid) -> Result<LinuxTask, Errno> {
    let most = kernel.linux.max_tasks;
    if most.is_some_and(|most| kernel.linux.processes.tasks() >= most) {
        return Err(Errno::EAGAIN);
    }
    let asked = Asked {
        flags: 0,
        exit_signal: 0,
        stack: 0,
        parent_tid: 0,
        child_tid: 0,
        tls: 0,
        pidfd: 0,
    };
    Ok(child(kernel, cx.k, task, &asked, pid))
}

fn first_task(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    pid: Tid,
    linux: LinuxTask,
    registers: Box<dyn emu_cpu::Context>,
    place: Place,
) -> Task {
    kernel.linux.processes.insert(&linux.process);
    Task {
        tid: pid,
        profile: place.profile,
        space: Rc::new(RefCell::new(place.space)),
        registers: Some(registers),
        state: State::Ready,
        waker: Waker::new(pid, kernel.tasks.run_queue()),
        pending: None,
        birth: Some(Box::new(Birth {
            entry: cx.entry,
            told: None,
            answers: false,
            stack: None,
            set_tid: 0,
            tls: None,
            descriptor: None,
        })),
        restart: None,
        doom: None,
        symbols: place.symbols,
        linux,
    }
}

/// What Linux knows of the new task.   [clone(2); fork(2)]
fn child(kernel: &Kernel, k: &Constants, task: &Task, asked: &Asked, tid: Tid) -> LinuxTask {
    let has = |flag: u64| asked.flags & flag != 0;
    let own = &task.linux;
    fn shared<T>(shares: bool, own: &Rc<RefCell<T>>, copy: impl FnOnce(&T) -> T) -> Rc<RefCell<T>> {
        match shares {
            true => own.clone(),
            false => Rc::new(RefCell::new(copy(&own.borrow()))),
        }
    }
    let now = kernel.clock.now();
    let thread = has(k.CLONE_THREAD);
    let process = shared(thread, &own.process, |process| {
        let mut child = process.fork(tid, now);
        child.exit_signal = asked.exit_signal as u32;
        child.maker = task.tid;
        if has(k.CLONE_PARENT) {
            child.parent = process.parent;
            child.maker = process.maker;
            child.exit_signal = process.exit_signal;
        }
        child
    });
    // A thread on a stack of its own has no alternative one yet.   [Linux kernel/fork.c, copy_process, sas_ss_reset]
    let keeps_stack = !has(k.CLONE_VM) || has(k.CLONE_VFORK);
    LinuxTask {
        process,
        files: shared(has(k.CLONE_FILES), &own.files, |files| files.duplicate()),
        fs: shared(has(k.CLONE_FS), &own.fs, |fs| fs.clone()),
        handlers: shared(has(k.CLONE_SIGHAND), &own.handlers, |handlers| {
            let mut copy = handlers.clone();
            if has(k.CLONE_CLEAR_SIGHAND) {
                copy.exec();
            }
            copy
        }),
        mask: own.mask,
        saved_mask: None,
        awaited: Default::default(),
        halts: false,
        progress: Default::default(),
        signalled: match has(k.CLONE_SIGHAND) {
            true => own.signalled.clone(),
            false => Rc::default(),
        },
        pending: Default::default(),
        ignored: Vec::new(),
        noted: own.noted,
        credentials: own.credentials.clone(),
        name: own.name.clone(),
        clear_child_tid: if has(k.CLONE_CHILD_CLEARTID) {
            asked.child_tid
        } else {
            0
        },
        robust_list: (0, 0),
        used: (0, 0),
        deadline: None,
        altstack: if keeps_stack {
            own.altstack
        } else {
            AltStack::none(k)
        },
        parent_death_signal: 0,
        timer_slack: own.timer_slack,
        descriptors: own.descriptors,
        vfork: has(k.CLONE_VFORK).then(Rc::default),
        vforked: None,
        seccomp: own.seccomp.clone(),
        traced: None,
        undo: own.undo.clone().filter(|_| has(k.CLONE_SYSVSEM)),
    }
}

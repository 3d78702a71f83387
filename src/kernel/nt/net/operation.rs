//! What is under way at sockets, and how does it come to its end?
//!
//! A call that can't be finished at once is pending. Whenever its process makes a call, or a wait of it is looked at again,
//! each pending operation is tried once more; who waits is woken by the sockets of all of them.

use std::rc::{Rc, Weak};

use emu_prototypes::nt::{self, NtStatus};

use super::accept_into::AcceptInto;
use super::afd::{Afd, poll};
use super::select::Poll;
use super::status::status;
use super::transfer::{Accept, Receive, Send};
use super::transmit::Transmit;
use crate::kernel::net::{Address, Made, State};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::reply::{Reply, asked};
use crate::kernel::nt::sync::Dispatcher;
use crate::kernel::task::Tid;
use crate::kernel::vfs::OpenFile;
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};

/// Operations under way in a process at most, and sockets with events.
const MOST: usize = 4096;

/// What is to be done.
pub(super) enum Work {
    Connect(Connect),
    Accept(Accept),
    AcceptInto(AcceptInto),
    Receive(Receive),
    Send(Send),
    Transmit(Transmit),
    Poll(Poll),
    /// Something that doesn't happen here.
    Never,
}

/// A connection to be made, and what is sent through it at once.
pub(super) struct Connect {
    pub(super) to: Address,
    pub(super) begun: bool,
    pub(super) first: Option<Send>,
}

/// A status and how much was done; nothing when it has to wait.
pub(super) type Done = Option<(NtStatus, u64)>;

struct Pending {
    file: Rc<OpenFile>,
    reply: Reply,
    deadline: Option<u64>,
    work: Work,
}

/// What a process has under way.
#[derive(Default)]
pub(in crate::kernel::nt) struct Network {
    pending: Vec<Pending>,
    selected: Vec<Weak<OpenFile>>,
    /// Who waits is told when there is more.
    more: WaitQueue,
}

impl Network {
    fn is_idle(&self) -> bool {
        self.pending.is_empty() && self.selected.is_empty()
    }

    /// Its process has ended: what is under way is given up.
    pub(in crate::kernel::nt) fn abandon(&mut self, kernel: &mut Kernel) {
        for one in std::mem::take(&mut self.pending) {
            one.end(kernel, NtStatus::CANCELLED, 0);
        }
    }

    pub(super) fn select(&mut self, file: &Rc<OpenFile>) -> Result<(), NtStatus> {
        self.selected.retain(|other| {
            other.strong_count() > 0 && !std::ptr::eq(other.as_ptr(), Rc::as_ptr(file))
        });
        if self.selected.len() >= MOST {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        self.selected.push(Rc::downgrade(file));
        self.more.wake();
        Ok(())
    }
}

/// Begins something. `waits` says that it may be pending; without it, what can't be done now fails.
pub(super) fn begin(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (call, file): (&nt::NtDeviceIoControlFile, &Rc<OpenFile>),
    mut work: Work,
    (waits, deadline): (bool, Option<u64>),
) -> Outcome {
    if call.Event != 0 {
        kernel.dispatcher(cx, call.Event, 0)?.set_event(false);
    }
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let late = deadline.is_some_and(|deadline| deadline <= kernel.clock.now());
    let mut done = kernel.attempt(cx, file, &mut work, late)?;
    if !waits && done.is_none() {
        done = match &work {
            Work::Send(send) if send.done > 0 => Some((NtStatus::SUCCESS, send.done)),
            _ => return Err(NtStatus::DEVICE_NOT_READY.into()),
        };
    }
    if let Some(done) = done {
        return kernel.finish(cx, (call, file), done);
    }
    if afd.synchronous && !matches!(work, Work::Poll(_)) {
        return Err(cx.wait_for_file(file));
    }
    cx.io_status(call.IoStatusBlock.address, NtStatus::PENDING, 0)?;
    if kernel.nt_process(cx).network.pending.len() >= MOST {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let reply = kernel.nt_later(cx, &Object::File(file.clone()), asked!(call))?;
    let network = &mut kernel.nt_process(cx).network;
    network.pending.push(Pending {
        file: file.clone(),
        reply,
        deadline,
        work,
    });
    network.more.wake();
    Ok(NtStatus::PENDING.0.into())
}

impl Kernel {
    /// Tells of a request that is over at once.
    pub(super) fn finish(
        &mut self,
        cx: &mut Cx<'_>,
        (call, file): (&nt::NtDeviceIoControlFile, &Rc<OpenFile>),
        done: (NtStatus, u64),
    ) -> Outcome {
        let source = Object::File(file.clone());
        self.nt_done(cx, &source, asked!(call), done)
    }

    /// Tries what is to be done.
    fn attempt(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
        work: &mut Work,
        late: bool,
    ) -> Result<Done, NtStatus> {
        let now = self.clock.now();
        let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
        let done = match work {
            Work::Connect(connect) => connect.attempt(cx, afd)?,
            Work::Accept(accept) => self.accept(cx, afd, accept)?,
            Work::AcceptInto(accept) => accept.attempt(cx, afd)?,
            Work::Receive(receive) => receive.attempt(cx, afd)?,
            Work::Send(send) => send.attempt(cx, afd)?,
            Work::Transmit(transmit) => self.transmit_on(cx, afd, transmit)?,
            Work::Never => None,
            Work::Poll(poll) => return poll.attempt(cx, now, late),
        };
        match done {
            None if late => Err(NtStatus::IO_TIMEOUT),
            done => Ok(done),
        }
    }

    /// Tries all that is under way in the process of a task, and sets the events of sockets that have news.
    pub(in crate::kernel::nt) fn go_on_in_network(&mut self, cx: &mut Cx<'_>) {
        let pid = cx.process().pid;
        let Some(process) = self.nt.processes.get_mut(&pid) else {
            return;
        };
        if process.network.is_idle() {
            return;
        }
        let now = self.clock.now();
        let mut pending = std::mem::take(&mut process.network.pending);
        let mut over = Vec::new();
        let mut at = 0;
        while at < pending.len() {
            let one = &mut pending[at];
            let late = one.deadline.is_some_and(|deadline| deadline <= now);
            match self.attempt(cx, &one.file, &mut one.work, late) {
                Ok(None) => at += 1,
                Ok(Some(done)) => over.push((pending.remove(at), done)),
                Err(status) => over.push((pending.remove(at), (status, 0))),
            }
        }
        self.nt_process(cx).network.pending = pending;
        for (one, done) in over {
            one.end(self, done.0, done.1);
        }
        let mut set = Vec::new();
        let network = &mut self.nt_process(cx).network;
        network.selected.retain(|file| {
            let Some(file) = file.upgrade() else {
                return false;
            };
            file.object_of::<Afd>()
                .is_some_and(|afd| look(afd, now, &mut set))
        });
        for event in set {
            self.signal(&Object::Dispatcher(event));
        }
    }

    /// Has a task that waits woken by what is under way. Tells when that is over at the latest, and whether the host's
    /// network has a part in it.
    pub(in crate::kernel::nt) fn watch_network(&mut self, cx: &Cx<'_>) -> (Option<u64>, bool) {
        let network = &self.nt_process(cx).network;
        cx.wait_in(&network.more);
        let (mut until, mut hosted) = (None::<u64>, false);
        let mut watch = |file: &OpenFile| {
            file.watch(cx.task.waker.clone());
            hosted |= file.is_hosted();
            file.due()
        };
        let selected = network.selected.iter().filter_map(Weak::upgrade);
        let due = selected.map(|file| watch(&file)).collect::<Vec<_>>();
        let mut times: Vec<Option<u64>> = due;
        for one in &network.pending {
            times.extend([one.deadline, watch(&one.file)]);
            match &one.work {
                Work::Poll(poll) => times.extend(poll.files().map(|file| watch(file))),
                Work::AcceptInto(accept) => times.push(watch(&accept.socket)),
                _ => {}
            }
        }
        for time in times.into_iter().flatten() {
            until = Some(until.map_or(time, |until| until.min(time)));
        }
        (until, hosted)
    }

    /// A process has no handle of a socket any more: what it has under way there is given up.
    pub(in crate::kernel::nt) fn network_left(&mut self, pid: Tid, file: &Rc<OpenFile>) {
        let Some(process) = self.nt.processes.get_mut(&pid) else {
            return;
        };
        // Who polls it is told of that.
        for one in &mut process.network.pending {
            if let Work::Poll(poll) = &mut one.work {
                poll.closed(file);
            }
        }
        process.network.more.wake();
        self.give_up(pid, |one| {
            Rc::ptr_eq(&one.file, file) && !matches!(one.work, Work::Poll(_))
        });
    }

    /// Gives up what a process has under way at a socket, and says how much it was.
    pub(in crate::kernel::nt) fn cancel_network(
        &mut self,
        pid: Tid,
        file: &Rc<OpenFile>,
        is_meant: impl Fn(&Reply) -> bool,
    ) -> usize {
        self.give_up(pid, |one| {
            Rc::ptr_eq(&one.file, file) && is_meant(&one.reply)
        })
    }

    fn give_up(&mut self, pid: Tid, which: impl Fn(&Pending) -> bool) -> usize {
        let Some(process) = self.nt.processes.get_mut(&pid) else {
            return 0;
        };
        let pending = std::mem::take(&mut process.network.pending);
        let (gone, stay): (Vec<Pending>, _) = pending.into_iter().partition(|one| which(one));
        process.network.pending = stay;
        let count = gone.len();
        for one in gone {
            one.end(self, NtStatus::CANCELLED, 0);
        }
        count
    }
}

impl Pending {
    /// It is over.
    fn end(self, kernel: &mut Kernel, status: NtStatus, information: u64) {
        if let Some(queue) = self.file.queue() {
            queue.wake();
        }
        kernel.nt_end(self.reply, status, information, None);
    }
}

impl Connect {
    fn attempt(&mut self, cx: &mut Cx<'_>, afd: &Afd) -> Result<Done, NtStatus> {
        let endpoint = afd.endpoint()?;
        if !std::mem::replace(&mut self.begun, true) {
            match endpoint.connect(&self.to, true) {
                Ok(Made::Done) => {}
                Ok(Made::Later) => return Ok(None),
                Err(error) => return Err(status(error)),
            }
        }
        endpoint.look();
        match endpoint.state() {
            State::Connecting => return Ok(None),
            State::Connected => {}
            _ => {
                let error = endpoint.take_error();
                return Err(error.map_or(NtStatus::CONNECTION_REFUSED, status));
            }
        }
        match &mut self.first {
            Some(first) => first.attempt(cx, afd),
            None => Ok(Some((NtStatus::SUCCESS, 0))),
        }
    }
}

/// Looks for news of a socket that has an event. Answers whether it still has one.
fn look(afd: &Afd, now: u64, set: &mut Vec<Rc<Dispatcher>>) -> bool {
    let selected = afd.selected.borrow();
    let Some(selected) = &*selected else {
        return false;
    };
    let bits = afd.ready_bits(now) & selected.mask;
    let fresh = bits & !afd.told.get();
    if fresh == 0 {
        return true;
    }
    if fresh & (poll::CONNECT_ERR | poll::RESET) != 0
        && let Some(error) = afd.take_error()
    {
        let mut statuses = afd.statuses.get();
        for kind in [4, 8] {
            statuses[kind] = status(error).0;
        }
        afd.statuses.set(statuses);
        afd.error.set(Some(error));
    }
    afd.told.set(afd.told.get() | fresh);
    afd.news.set(afd.news.get() | fresh);
    selected.event.set_event(true);
    set.push(selected.event.clone());
    true
}

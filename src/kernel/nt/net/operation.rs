//! What is under way at sockets, and how does it come to its end?
//!
//! A call that can't be finished at once is pending. Whenever its process makes a call, or a wait of it is looked at again,
//! each pending operation is tried once more; who waits is woken by the sockets of all of them.

use std::rc::{Rc, Weak};

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::afd::{Afd, poll};
use super::select::Poll;
use super::status::status;
use super::transfer::{Accept, Receive, Send};
use crate::kernel::net::{Address, Made, State};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::sync::Dispatcher;
use crate::kernel::vfs::OpenFile;
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};

/// Operations under way in a process at most, and sockets with events.
const MOST: usize = 4096;

/// What is to be done.
pub(super) enum Work {
    Connect { to: Address, begun: bool },
    Accept(Accept),
    Receive(Receive),
    Send(Send),
    Poll(Poll),
}

/// A status and how much was done; nothing when it has to wait.
pub(super) type Done = Option<(NtStatus, u64)>;

struct Pending {
    file: Rc<OpenFile>,
    event: Option<Rc<Dispatcher>>,
    io_status: u64,
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
    let event = match call.Event {
        0 => None,
        handle => Some(kernel.dispatcher(cx, handle, 0)?),
    };
    if let Some(event) = &event {
        event.set_event(false);
    }
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let io_status = call.IoStatusBlock.address;
    let late = deadline.is_some_and(|deadline| deadline <= kernel.clock.now());
    if let Some((status, information)) = kernel.attempt(cx, file, &mut work, late)? {
        return kernel.finish(cx, call, status, information);
    }
    if !waits {
        return match &work {
            Work::Send(send) if send.done > 0 => {
                let done = send.done;
                kernel.finish(cx, call, NtStatus::SUCCESS, done)
            }
            _ => Err(NtStatus::DEVICE_NOT_READY.into()),
        };
    }
    // Calls of procedures are not made yet.
    if call.ApcRoutine.address != 0 {
        return Err(Stop::Missing);
    }
    if afd.synchronous && !matches!(work, Work::Poll(_)) {
        return Err(cx.wait_for_file(file));
    }
    cx.io_status(io_status, NtStatus::PENDING, 0)?;
    let network = &mut kernel.nt_process(cx).network;
    if network.pending.len() >= MOST {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    afd.under_way.set(afd.under_way.get().saturating_add(1));
    network.pending.push(Pending {
        file: file.clone(),
        event,
        io_status,
        deadline,
        work,
    });
    network.more.wake();
    Ok(NtStatus::PENDING.0.into())
}

impl Kernel {
    /// Tells of an operation that is over.
    pub(super) fn finish(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtDeviceIoControlFile,
        status: NtStatus,
        information: u64,
    ) -> Outcome {
        cx.io_status(call.IoStatusBlock.address, status, information)?;
        if call.Event != 0 {
            self.signal_event(cx, call.Event)?;
        }
        Ok(status.0.into())
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
            Work::Connect { to, begun } => connect(afd, to, begun)?,
            Work::Accept(accept) => self.accept(cx, afd, accept)?,
            Work::Receive(receive) => receive.attempt(cx, afd)?,
            Work::Send(send) => send.attempt(cx, afd)?,
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
        let mut set = Vec::new();
        pending.retain_mut(|one| {
            let late = one.deadline.is_some_and(|deadline| deadline <= now);
            let (status, information) = match self.attempt(cx, &one.file, &mut one.work, late) {
                Ok(None) => return true,
                Ok(Some(done)) => done,
                Err(status) => (status, 0),
            };
            one.end(cx, status, information);
            set.extend(one.event.clone());
            false
        });
        let network = &mut self.nt_process(cx).network;
        network.pending.append(&mut pending);
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
            if let Work::Poll(poll) = &one.work {
                times.extend(poll.files().map(|file| watch(file)));
            }
        }
        for time in times.into_iter().flatten() {
            until = Some(until.map_or(time, |until| until.min(time)));
        }
        (until, hosted)
    }

    /// A handle of a socket was closed: without others, what is under way there is given up.
    pub(in crate::kernel::nt) fn network_closed(&mut self, cx: &mut Cx<'_>, file: &Rc<OpenFile>) {
        if file.object_of::<Afd>().is_none() || self.nt_process(cx).handles.has_file(file) {
            return;
        }
        let pending = std::mem::take(&mut self.nt_process(cx).network.pending);
        let (gone, stay): (Vec<Pending>, _) = pending
            .into_iter()
            .partition(|one| Rc::ptr_eq(&one.file, file));
        self.nt_process(cx).network.pending = stay;
        for one in gone {
            one.end(cx, NtStatus::CANCELLED, 0);
            if let Some(event) = one.event {
                self.signal(&Object::Dispatcher(event));
            }
        }
    }
}

impl Pending {
    /// It is over. Where nobody can be told, nobody is.
    fn end(&self, cx: &mut Cx<'_>, status: NtStatus, information: u64) {
        let _ = cx.io_status(self.io_status, status, information);
        if let Some(afd) = self.file.object_of::<Afd>() {
            afd.under_way.set(afd.under_way.get().saturating_sub(1));
        }
        if let Some(queue) = self.file.queue() {
            queue.wake();
        }
        if let Some(event) = &self.event {
            event.set_event(true);
        }
    }
}

/// Goes on with a connection.
fn connect(afd: &Afd, to: &Address, begun: &mut bool) -> Result<Done, NtStatus> {
    let endpoint = afd.endpoint()?;
    if !std::mem::replace(begun, true) {
        return match endpoint.connect(to, true) {
            Ok(Made::Done) => Ok(Some((NtStatus::SUCCESS, 0))),
            Ok(Made::Later) => Ok(None),
            Err(error) => Err(status(error)),
        };
    }
    endpoint.look();
    match endpoint.state() {
        State::Connecting => Ok(None),
        State::Connected => Ok(Some((NtStatus::SUCCESS, 0))),
        _ => Err(endpoint
            .take_error()
            .map_or(NtStatus::CONNECTION_REFUSED, status)),
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

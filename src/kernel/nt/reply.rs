//! How does who did not wait learn that a request is over?   [Microsoft Learn, Synchronous and Asynchronous I/O]
//!
//! A request that can't be finished at once answers `STATUS_PENDING` and leaves a [`Reply`]. Whatever ends it puts what there
//! is to tell aside; it is told when the call that is being served is over, in the order in which requests ended.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{AddressSpace, Fault, GuestMemory, Prot};
use emu_prototypes::nt::NtStatus;

use super::completion::{Completion, Packet};
use super::handles::Object;
use super::sync::Dispatcher;
use super::thread::Thread;
use super::{Outcome, apc};
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// How a call wants to be told: an event that is set, a function that the thread calls with an argument, or a packet with
/// that argument for the file's port; and a block with status and count. Wine's LockFileEx has no block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) event: u64,
    pub(super) function: u64,
    pub(super) context: u64,
    pub(super) io_status: u64,
}

impl Asked {
    /// Nothing but the block.
    pub(super) fn block(io_status: u64) -> Asked {
        Asked {
            event: 0,
            function: 0,
            context: 0,
            io_status,
        }
    }
}

/// The `Asked` of a call's arguments, which have the same names in all calls of transfers.
macro_rules! asked {
    ($call:expr) => {
        $crate::kernel::nt::reply::Asked {
            event: $call.Event,
            function: $call.ApcRoutine.address,
            context: $call.ApcContext.address,
            io_status: $call.IoStatusBlock.address,
        }
    };
}
pub(super) use asked;

/// A request that is under way, and who waits for its end.
pub(super) struct Reply {
    asked: Asked,
    event: Option<Rc<Dispatcher>>,
    source: Object,
    thread: Rc<Thread>,
    process: Tid,
    space: Rc<RefCell<AddressSpace>>,
    word: u64,
    /// Whether the block is sure to be there until the end. Else it is written only while it still says that the request is
    /// under way: the place may be another's by now.
    pub(super) lasting: bool,
    /// Whether it goes on when its thread ends. Since Vista what a port alone is told of is no thread's.
    /// [Windows Internals, Thread-agnostic I/O; Wine's server, cancel_terminating_thread_asyncs]
    outlives: bool,
}

impl Reply {
    /// Whether a process, and of it a thread, has asked, with this block; 0 stands for any. What goes on when its thread ends
    /// is not that thread's any more then.
    pub(super) fn is_of(&self, process: Tid, thread: Option<Tid>, io_status: u64) -> bool {
        self.process == process
            && thread.is_none_or(|thread| self.thread.tid == thread && !self.is_left())
            && (io_status == 0 || self.asked.io_status == io_status)
    }
}

impl Reply {
    fn is_left(&self) -> bool {
        self.outlives && self.thread.ended.get().is_some()
    }
}

/// A request that is over, of which nobody has been told yet.
pub(super) struct Ended {
    reply: Reply,
    status: NtStatus,
    information: u64,
    /// What was read, and where it goes.
    read: Option<(u64, Vec<u8>)>,
    /// The port that is told, which may not be the file's any more by then.
    port: Option<(Rc<Completion>, u64)>,
}

impl Cx<'_> {
    /// Where the end of a request is told, and the width of words there. A 32-bit program on a 64-bit system has its own
    /// block, to which the first word of the one that the call names leads.   [Wine's ntdll, iosb_client_ptr]
    pub(super) fn later_block(&mut self, at: u64) -> Result<(u64, u64), Fault> {
        if at == 0 || !self.task.is_narrow() {
            return Ok((at, self.word()));
        }
        Ok((self.mem.read_u64(at)?, 4))
    }

    /// Whether memory can be written to, without writing to it.
    pub(super) fn may_write(&self, at: u64, len: u64) -> Result<(), NtStatus> {
        let end = at.checked_add(len).ok_or(NtStatus::ACCESS_VIOLATION)?;
        let mut next = at;
        while next < end {
            match self.mem.region_at(next) {
                Some(region) if region.prot.effective().contains(Prot::WRITE) => next = region.end,
                _ => return Err(NtStatus::ACCESS_VIOLATION),
            }
        }
        Ok(())
    }
}

impl Kernel {
    /// A request of the task that asks begins; its event is reset.
    pub(super) fn nt_later(
        &mut self,
        cx: &mut Cx<'_>,
        source: &Object,
        asked: Asked,
    ) -> Result<Reply, NtStatus> {
        let event = match asked.event {
            0 => None,
            handle => Some(self.dispatcher(cx, handle, 0)?),
        };
        if let Some(event) = &event {
            event.set_event(false);
        }
        let (io_status, word) = cx.later_block(asked.io_status)?;
        source.count_requests(1);
        Ok(Reply {
            asked: Asked { io_status, ..asked },
            event,
            source: source.clone(),
            thread: self.nt_thread(cx, cx.task.tid),
            process: cx.process().pid,
            space: cx.task.space.clone(),
            word,
            lasting: true,
            outlives: asked.event == 0
                && asked.function == 0
                && asked.context != 0
                && cx.profile.number("NtCancelIoFileEx").is_some()
                && self.port_of(source).is_some(),
        })
    }

    /// A request is over.
    pub(super) fn nt_end(
        &mut self,
        reply: Reply,
        status: NtStatus,
        information: u64,
        read: Option<(u64, Vec<u8>)>,
    ) {
        let port = self.port_of(&reply.source);
        self.nt.ended.push(Ended {
            port,
            reply,
            status,
            information,
            read,
        });
    }

    /// Tells of all requests that are over. Memory that is not there any more is its owner's trouble; what belongs to who runs
    /// just now is told when it asks for something next.
    pub(crate) fn nt_tell_ended(&mut self, mut cx: Option<&mut Cx<'_>>) {
        for ended in std::mem::take(&mut self.nt.ended) {
            let reply = &ended.reply;
            let _ = match &mut cx {
                Some(cx) if Rc::ptr_eq(&reply.space, &cx.task.space) => ended.write(cx.mem),
                _ => match reply.space.clone().try_borrow_mut() {
                    Ok(mut space) => ended.write(&mut space),
                    Err(_) => {
                        self.nt.ended.push(ended);
                        continue;
                    }
                },
            };
            reply.source.count_requests(-1);
            self.signal(&reply.source);
            if let Some(event) = &reply.event {
                event.set_event(true);
                self.signal(&Object::Dispatcher(event.clone()));
            }
            if reply.asked.function != 0 {
                let arguments = [reply.asked.context, reply.asked.io_status, 0];
                if reply.thread.ended.get().is_none() {
                    let _ = apc::leave(&reply.thread, reply.asked.function, arguments);
                    self.nt_wake(&reply.thread);
                }
            } else if reply.asked.context != 0 {
                let done = (ended.status, ended.information);
                let _ = self.tell_port(ended.port.clone(), reply.asked.context, done);
            }
        }
    }

    /// A request was over at once: what the call answers, and who is told besides.
    pub(super) fn nt_done(
        &mut self,
        cx: &mut Cx<'_>,
        source: &Object,
        asked: Asked,
        (status, information): (NtStatus, u64),
    ) -> Outcome {
        // Who is called is told of the block, to which nothing leads any more when it has been filled.
        let block = match asked.function {
            0 => 0,
            _ => cx.later_block(asked.io_status)?.0,
        };
        if asked.io_status != 0 {
            cx.io_status(asked.io_status, status, information)?;
        }
        if asked.event != 0 {
            self.signal_event(cx, asked.event)?;
        }
        if asked.function != 0 {
            let arguments = [asked.context, block, 0];
            let thread = self.nt_thread(cx, cx.task.tid);
            apc::leave(&thread, asked.function, arguments)?;
        } else if asked.context != 0 && self.tells_at_once(source) {
            let port = self.port_of(source);
            self.tell_port(port, asked.context, (status, information))?;
        }
        Ok(status.0.into())
    }

    /// Leaves a packet at a port, when there is one.
    fn tell_port(
        &mut self,
        port: Option<(Rc<Completion>, u64)>,
        transfer: u64,
        (status, information): (NtStatus, u64),
    ) -> Result<(), NtStatus> {
        let Some((port, key)) = port else {
            return Ok(());
        };
        let packet = Packet {
            key,
            transfer,
            status: status.0,
            information,
            used: None,
        };
        self.nt_complete(&port, packet)
    }
}

impl Ended {
    fn write(&self, space: &mut AddressSpace) -> Result<(), Fault> {
        if let Some((at, bytes)) = &self.read {
            space.write(*at, bytes)?;
        }
        let (block, word) = (self.reply.asked.io_status, self.reply.word);
        if block == 0 || !self.reply.lasting && !is_pending(space, block, word)? {
            return Ok(());
        }
        match word {
            4 => space.write_u32(block.wrapping_add(word), self.information as u32)?,
            _ => space.write_u64(block.wrapping_add(word), self.information)?,
        }
        space.write_u32(block, self.status.0)
    }
}

/// Whether a block says what it does while a request is under way.
fn is_pending(space: &mut AddressSpace, block: u64, word: u64) -> Result<bool, Fault> {
    let information = space.read_word(block.wrapping_add(word), word)?;
    Ok(space.read_u32(block)? == NtStatus::PENDING.0 && information == 0)
}

impl Object {
    /// Counts requests that are under way: the object is signaled when there are none.
    fn count_requests(&self, more: i32) {
        let count = match self {
            Object::File(file) => &file.under_way,
            Object::Pipe(end) => end.under_way(),
            Object::Mailslot(slot) => &slot.under_way,
            _ => return,
        };
        count.set(count.get().saturating_add_signed(more));
    }
}

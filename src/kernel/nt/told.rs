//! Who is told that a request is over: an event, a function that a thread calls, or the file's port of completion.
//! [Microsoft Learn, NtDeviceIoControlFile, I/O completion ports; wdm.h: IO_STATUS_BLOCK]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::NtStatus;

use super::apc;
use super::completion::Packet;
use super::handles::Object;
use super::sync::Dispatcher;
use super::thread::Thread;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// What a request says of that.
pub(super) struct Told {
    /// Who asked, and of which process that is.
    thread: Rc<Thread>,
    pid: Tid,
    event: Option<Rc<Dispatcher>>,
    /// `ApcRoutine` and `ApcContext`.
    function: u64,
    context: u64,
    /// Where the `IO_STATUS_BLOCK` is.
    pub(super) io_status: u64,
    /// Whether that is sure to be there until the end.
    pub(super) lasting: bool,
}

/// What is written to an `IO_STATUS_BLOCK` later.
#[derive(Clone, Copy)]
pub(super) struct Late {
    at: u64,
    lasting: bool,
    done: (NtStatus, u64),
}

impl Late {
    /// Writes it. What was pending at a place that may be another's by now is written only while it says that.
    fn fill(self, cx: &mut Cx<'_>) {
        let word = cx.word();
        let mut is_pending = || {
            let status = cx.mem.read_u32(self.at).ok();
            let information = cx.read_word(self.at.wrapping_add(word)).ok();
            (status, information) == (Some(NtStatus::PENDING.0), Some(0))
        };
        if self.lasting || is_pending() {
            let _ = cx.io_status(self.at, self.done.0, self.done.1);
        }
    }
}

impl Told {
    /// Takes what a call says: an event, which is reset, a function and its context, and where the `IO_STATUS_BLOCK` is.
    pub(super) fn begin(
        kernel: &mut Kernel,
        cx: &mut Cx<'_>,
        (event, function, context, io_status): (u64, u64, u64, u64),
    ) -> Result<Told, NtStatus> {
        let event = match event {
            0 => None,
            handle => Some(kernel.dispatcher(cx, handle, 0)?),
        };
        if let Some(event) = &event {
            event.set_event(false);
        }
        // What can't be written there later fails now.
        let before = cx.mem.read_u32(io_status)?;
        cx.mem.write_u32(io_status, before)?;
        Ok(Told {
            thread: kernel.nt_thread(cx, cx.task.tid),
            pid: cx.process().pid,
            event,
            function,
            context,
            io_status,
            lasting: true,
        })
    }
}

impl Kernel {
    /// A request is over. `port` is the number of the open file whose port is told, when there is one. Where nobody can be
    /// told any more, nobody is; another process finds its `IO_STATUS_BLOCK` filled when it next asks for something.
    pub(super) fn tell(
        &mut self,
        cx: &mut Cx<'_>,
        port: Option<u64>,
        told: &Told,
        (status, information): (NtStatus, u64),
    ) {
        let late = Late {
            at: told.io_status,
            lasting: told.lasting,
            done: (status, information),
        };
        if told.pid == cx.process().pid {
            late.fill(cx);
        } else if let Some(process) = self.nt.processes.get_mut(&told.pid) {
            process.late.push(late);
        }
        if let Some(event) = &told.event {
            event.set_event(true);
            self.signal(&Object::Dispatcher(event.clone()));
        }
        if told.function != 0 {
            if told.thread.ended.get().is_none() {
                let arguments = [told.context, told.io_status, 0];
                let _ = apc::leave(&told.thread, told.function, arguments);
                self.nt_wake(&told.thread);
            }
            return;
        }
        let port = port.and_then(|file| self.nt.ports.get(&file).cloned());
        if let Some((port, key)) = port.filter(|_| told.context != 0) {
            let packet = Packet {
                key,
                transfer: told.context,
                status: status.0,
                information,
            };
            let _ = self.nt_complete(&port, packet);
        }
    }

    /// Fills what others have finished for the process that asks.
    pub(super) fn fill_late(&mut self, cx: &mut Cx<'_>) {
        let pid = cx.process().pid;
        let late = self.nt.processes.get_mut(&pid);
        for one in late
            .map(|own| std::mem::take(&mut own.late))
            .into_iter()
            .flatten()
        {
            one.fill(cx);
        }
    }
}

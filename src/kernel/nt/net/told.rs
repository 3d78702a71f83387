//! Who is told that a request is over: an event, a function that a thread calls, or the file's port of completion.
//! [Microsoft Learn, NtDeviceIoControlFile, I/O completion ports; wdm.h: IO_STATUS_BLOCK]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use crate::kernel::nt::apc;
use crate::kernel::nt::completion::Packet;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::sync::Dispatcher;
use crate::kernel::nt::thread::Thread;
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};

/// What a request says of that.
pub(super) struct Told {
    /// Who asked.
    thread: Rc<Thread>,
    event: Option<Rc<Dispatcher>>,
    /// `ApcRoutine` and `ApcContext`.
    function: u64,
    context: u64,
    /// Where the `IO_STATUS_BLOCK` is.
    pub(super) io_status: u64,
}

impl Told {
    /// Reads it from a call, whose event is reset.
    pub(super) fn begin(
        kernel: &mut Kernel,
        cx: &mut Cx<'_>,
        call: &nt::NtDeviceIoControlFile,
    ) -> Result<Told, NtStatus> {
        let event = match call.Event {
            0 => None,
            handle => Some(kernel.dispatcher(cx, handle, 0)?),
        };
        if let Some(event) = &event {
            event.set_event(false);
        }
        // What can't be written there later fails now.
        let at = call.IoStatusBlock.address;
        let before = cx.mem.read_u32(at)?;
        cx.mem.write_u32(at, before)?;
        Ok(Told {
            thread: kernel.nt_thread(cx, cx.task.tid),
            event,
            function: call.ApcRoutine.address,
            context: call.ApcContext.address,
            io_status: at,
        })
    }

    /// Whether a thread began it.
    pub(super) fn is_of(&self, thread: &Rc<Thread>) -> bool {
        Rc::ptr_eq(&self.thread, thread)
    }
}

impl Kernel {
    /// A request of a file is over. Where nobody can be told any more, nobody is.
    pub(super) fn tell(
        &mut self,
        cx: &mut Cx<'_>,
        file: &OpenFile,
        told: &Told,
        (status, information): (NtStatus, u64),
    ) {
        let _ = cx.io_status(told.io_status, status, information);
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
        let port = self.nt.ports.get(&file.id).cloned();
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
}

//! How are requests taken back?

use emu_prototypes::nt::NtStatus;

use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::kinds::Kind;
use crate::kernel::nt::reply::Reply;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

impl Kernel {
    /// Serves `NtCancelIoFile`, which is about what the thread that asks has begun, and `NtCancelIoFileEx`, about what its
    /// process has, or one request of it.
    pub(super) fn cancel_io(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        only: u64,
        (io_status, must): (u64, bool),
    ) -> Outcome {
        let object = self.nt_object(cx, handle)?;
        if Kind::of(&object) != Kind::File {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        }
        let whose = (cx.process().pid, (!must).then_some(cx.task.tid));
        let count = self.cancel_requests(&object, whose, only);
        if count == 0 && must {
            return Err(NtStatus::NOT_FOUND.into());
        }
        cx.io_status(io_status, NtStatus::SUCCESS, 0)?;
        Ok(0)
    }

    /// Takes back what a process, or one thread of it, has asked of an object and what is not over yet, or the request with
    /// this block; says how much it was. Transfers of files are over when their call is.
    pub(in crate::kernel::nt) fn cancel_requests(
        &mut self,
        object: &Object,
        (process, thread): (Tid, Option<Tid>),
        only: u64,
    ) -> usize {
        match object {
            Object::File(file) => {
                let is_meant = |reply: &Reply| reply.is_of(process, thread, only);
                self.cancel_locks(file, is_meant)
                    + self.cancel_watch(file, is_meant)
                    + self.cancel_network(process, file, is_meant)
            }
            Object::Pipe(end) => self.cancel_pipe(end, (process, thread), only),
            Object::Mailslot(slot) => self.cancel_reads(slot, (process, thread), only),
            _ => 0,
        }
    }
}

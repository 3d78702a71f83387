//! How far has a call come that waits in the middle? It is asked again then, and goes on there.

use crate::kernel::Cx;

/// What is done of a call. Whoever looks at a number has written it when the call had to wait.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::kernel::linux) struct Progress {
    /// Bytes, of the message that is at hand.
    pub(in crate::kernel::linux) bytes: u64,
    /// Whole messages before it (`sendmmsg`, `recvmmsg`).
    pub(in crate::kernel::linux) messages: u64,
}

impl Cx<'_> {
    /// The bytes that an earlier start of this call has moved, of the first message that asks.
    pub(in crate::kernel::linux) fn take_progress(&mut self) -> u64 {
        let before = std::mem::take(&mut self.task.linux.progress.bytes);
        if self.again { before } else { 0 }
    }

    /// Keeps how many bytes the call has moved, for its next start.
    pub(in crate::kernel::linux) fn keep_progress(&mut self, done: u64) {
        self.task.linux.progress.bytes = done;
    }

    /// The messages that an earlier start of this call is done with.
    pub(in crate::kernel::linux) fn messages_before(&self) -> u64 {
        if self.again {
            self.task.linux.progress.messages
        } else {
            0
        }
    }
}

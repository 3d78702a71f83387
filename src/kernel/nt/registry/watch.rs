//! Who wants to know that something changes at a key or below it?   [Microsoft Learn, ZwNotifyChangeKey; winnt.h:
//! REG_NOTIFY_CHANGE_NAME and following]

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::tree::Key;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::reply::{Asked, Reply, asked};
use crate::kernel::task::Tid;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

/// `CompletionFilter`: keys are made, removed or renamed; values are set or removed.
pub(super) const NAME: u32 = 1;
pub(super) const LAST_SET: u32 = 4;
/// `REG_LEGAL_CHANGE_FILTER`, and `REG_NOTIFY_THREAD_AGNOSTIC`.
const LEGAL: u32 = 0x1000_000f;
/// `KEY_NOTIFY`.
const ACCESS: u32 = 0x10;
/// Wishes of all processes at most.
const MOST: usize = 4096;

/// What kinds of changes, and whether those of keys below count, too.
pub(super) type Filter = (u32, bool);

/// A wish to know of the next change.
pub(super) struct Watch {
    key: Rc<Key>,
    /// By which handle it was told, of which process; and the thread when that waits.
    handle: (Tid, u64),
    waits: Option<Tid>,
    filter: Filter,
    /// Nothing when it is over, and the thread that waits has not seen that yet.
    reply: Option<Reply>,
}

/// Serves `NtNotifyChangeKey` and `NtNotifyChangeMultipleKeys` without other keys.
pub(super) fn notify(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtNotifyChangeKey,
) -> Outcome {
    let tid = cx.task.tid;
    let watches = &mut kernel.nt.registry.watches;
    let own = watches.iter().position(|watch| watch.waits == Some(tid));
    if let Some(at) = own.filter(|_| cx.again) {
        // What it was is in the block; the call has done what it was to.
        if watches[at].reply.is_none() {
            watches.remove(at);
            return Ok(0);
        }
        return Err(sleep(kernel, cx));
    }
    let key = kernel.key(cx, call.KeyHandle, ACCESS)?;
    if call.CompletionFilter & !LEGAL != 0 || call.CompletionFilter & LEGAL == 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    // What changed is told to nobody.
    if call.BufferSize != 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let processes = &kernel.nt.processes;
    let watches = &mut kernel.nt.registry.watches;
    watches.retain(|watch| processes.contains_key(&watch.handle.0));
    let filters = &mut kernel.nt.registry.filters;
    filters.retain(|(pid, _), _| processes.contains_key(pid));
    if watches.len() >= MOST {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let waits = call.Asynchronous == 0;
    let asked = match waits {
        true => Asked::block(call.IoStatusBlock.address),
        false => asked!(call),
    };
    let handle = (cx.process().pid, call.KeyHandle);
    let mut reply = kernel.nt_later(cx, &Object::Key(key.clone()), asked)?;
    cx.io_status(asked.io_status, NtStatus::PENDING, 0)?;
    // Wine's RegNotifyChangeKeyValue has its block on the stack, and returns. [Wine's dlls/kernelbase/registry.c]
    reply.lasting = waits;
    // A handle goes on with what it was told first. [Microsoft Learn, RegNotifyChangeKeyValue, Remarks]
    let filters = &mut kernel.nt.registry.filters;
    let wish = (call.CompletionFilter, call.WatchTree != 0);
    let watch = Watch {
        key,
        handle,
        waits: waits.then_some(tid),
        filter: *filters.entry(handle).or_insert(wish),
        reply: Some(reply),
    };
    kernel.nt.registry.watches.push(watch);
    match waits {
        true => Err(sleep(kernel, cx)),
        false => Ok(NtStatus::PENDING.0.into()),
    }
}

fn sleep(kernel: &Kernel, cx: &mut Cx<'_>) -> Stop<NtStatus> {
    cx.wait_in(&kernel.nt.registry.changed);
    cx.block_as(Wait::Ipc, Interrupted::Never)
}

impl Kernel {
    /// Something has changed at a key.
    pub(super) fn key_changed(&mut self, key: &Rc<Key>, what: u32) {
        let mut line = vec![key.clone()];
        while let Some(parent) = line.last().and_then(|key| key.parent()) {
            line.push(parent);
        }
        let about = |watch: &Watch| {
            let at = line.iter().position(|key| Rc::ptr_eq(key, &watch.key));
            let (kinds, subtree) = watch.filter;
            kinds & what != 0 && at.is_some_and(|at| at == 0 || subtree)
        };
        // [ntstatus.h: what has changed is to be looked for]
        self.end_watches(about, NtStatus::NOTIFY_ENUM_DIR);
    }

    /// A key is gone: nothing more will change there.
    pub(super) fn key_removed(&mut self, key: &Rc<Key>) {
        let about = |watch: &Watch| Rc::ptr_eq(key, &watch.key);
        self.end_watches(about, NtStatus::NOTIFY_CLEANUP);
    }

    /// A handle of a key is closed, and wishes by it are over.
    pub(in crate::kernel::nt) fn key_closed(&mut self, handle: (Tid, u64)) {
        self.nt.registry.filters.remove(&handle);
        let about = |watch: &Watch| watch.handle == handle;
        self.end_watches(about, NtStatus::NOTIFY_CLEANUP);
    }

    fn end_watches(&mut self, about: impl Fn(&Watch) -> bool, status: NtStatus) {
        let watches = std::mem::take(&mut self.nt.registry.watches);
        let (gone, mut stay): (Vec<Watch>, Vec<Watch>) = watches
            .into_iter()
            .partition(|watch| watch.reply.is_some() && about(watch));
        for mut watch in gone {
            if let Some(reply) = watch.reply.take() {
                self.nt_end(reply, status, 0, None);
            }
            if watch.waits.is_some() {
                stay.push(watch);
            }
        }
        self.nt.registry.watches = stay;
        self.nt.registry.changed.wake();
    }
}

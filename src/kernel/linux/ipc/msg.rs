//! Queues of messages.   [msgget(2), msgop(2), msgctl(2); Linux ipc/msg.c]

use std::collections::VecDeque;
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use super::form::{Form, Places, places, put_time};
use super::table::{Found, Guarded, Permissions};
use crate::kernel::layout::Image;
use crate::kernel::task::Tid;
use crate::kernel::vfs::Stored;
use crate::kernel::wait::{Interrupted, Wait, WaitQueue, Wake, Waker};
use crate::kernel::{Cx, Kernel};

// [Linux include/uapi/linux/msg.h]
/// The most queues.
const MOST: u32 = 32_000;
/// The largest message, in bytes.
const LARGEST: u64 = 8192;
/// The most bytes of a queue, unless it is told otherwise.
const CAPACITY: u64 = 16_384;
/// What a message takes besides its text, as the account of what is stored knows it.
const OVERHEAD: u64 = 48;

/// A queue of messages.
pub(super) struct Queue {
    permissions: Permissions,
    messages: VecDeque<Message>,
    bytes: u64,
    capacity: u64,
    /// Who waits for a message, the longest-waiting first.
    receivers: Vec<Receiver>,
    /// Who waits for room.
    drained: Rc<WaitQueue>,
    sent: u64,
    received: u64,
    changed: u64,
    last_sender: Tid,
    last_receiver: Tid,
}

impl Guarded for Queue {
    fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    fn permissions_mut(&mut self) -> &mut Permissions {
        &mut self.permissions
    }
}

struct Message {
    kind: i64,
    text: Vec<u8>,
    _stored: Stored,
}

/// Which message is wanted.
#[derive(Clone, Copy)]
enum Wanted {
    First,
    Number(i64),
    Equal(i64),
    NotEqual(i64),
    /// The lowest, and not above this.
    UpTo(i64),
}

impl Wanted {
    fn accepts(self, kind: i64) -> bool {
        match self {
            Wanted::First | Wanted::Number(_) => true,
            Wanted::Equal(wanted) => kind == wanted,
            Wanted::NotEqual(other) => kind != other,
            Wanted::UpTo(most) => kind <= most,
        }
    }
}

/// A task that waits for a message. Whoever sends it one gives it to the task.
struct Receiver {
    tid: Tid,
    waker: Rc<Waker>,
    pid: Tid,
    wanted: Wanted,
    size: u64,
    got: Option<Result<Message, Errno>>,
}

impl Queue {
    /// The place of the message that is wanted.   [Linux ipc/msg.c, find_msg]
    fn find(&self, wanted: Wanted) -> Option<usize> {
        let mut all = self.messages.iter().enumerate();
        match wanted {
            Wanted::Number(number) => usize::try_from(number)
                .ok()
                .filter(|number| *number < self.messages.len()),
            Wanted::UpTo(most) => all
                .filter(|(_, message)| message.kind <= most)
                .min_by_key(|(at, message)| (message.kind, *at))
                .map(|(at, _)| at),
            _ => all
                .find(|(_, message)| wanted.accepts(message.kind))
                .map(|(at, _)| at),
        }
    }

    fn fits(&self, len: u64) -> bool {
        len.saturating_add(self.bytes) <= self.capacity
            && (self.messages.len() as u64) < self.capacity
    }

    /// Gives a message to one who waits for such a one, or keeps it.   [Linux ipc/msg.c, pipelined_send]
    fn deliver(&mut self, message: Message, now: u64) {
        for receiver in &mut self.receivers {
            if receiver.got.is_some() || !receiver.wanted.accepts(message.kind) {
                continue;
            }
            receiver.waker.wake();
            if receiver.size < message.text.len() as u64 {
                receiver.got = Some(Err(Errno::E2BIG));
                continue;
            }
            self.last_receiver = receiver.pid;
            self.received = now;
            receiver.got = Some(Ok(message));
            return;
        }
        self.bytes += message.text.len() as u64;
        self.messages.push_back(message);
    }

    fn take(&mut self, at: usize) -> Option<Message> {
        let message = self.messages.remove(at)?;
        self.bytes -= message.text.len() as u64;
        self.drained.wake();
        Some(message)
    }
}

impl Kernel {
    pub(super) fn get_queue(&mut self, cx: &Cx<'_>, key: i32, flags: i32) -> Outcome {
        let now = self.seconds();
        let table = &mut self.linux.ipc.queues;
        if let Found::Old(id) = table.find(cx, key, flags, |_| true)? {
            return Ok(id as u64);
        }
        let id = table.add(cx, key, flags, MOST, |permissions| Queue {
            permissions,
            messages: VecDeque::new(),
            bytes: 0,
            capacity: CAPACITY,
            receivers: Vec::new(),
            drained: Rc::default(),
            sent: 0,
            received: 0,
            changed: now,
            last_sender: 0,
            last_receiver: 0,
        })?;
        Ok(id as u64)
    }

    pub(super) fn send_message_to(
        &mut self,
        cx: &mut Cx<'_>,
        id: i32,
        (address, len): (u64, u64),
        flags: i32,
    ) -> Outcome {
        let at = cx.layouts.msgbuf;
        let kind = read_kind(cx, address)?;
        if len > LARGEST || id < 0 || kind < 1 {
            return Err(Errno::EINVAL.into());
        }
        let mut text = vec![0; len as usize];
        let from = address.wrapping_add(u64::from(at.mtext.offset));
        cx.mem.read(from, &mut text)?;
        let (pid, now) = (cx.process().pid, self.seconds());
        let space = self.vfs.space().clone();
        let Ok(queue) = self.linux.ipc.queues.get_mut(id) else {
            let errno = if cx.again {
                Errno::EIDRM
            } else {
                Errno::EINVAL
            };
            return Err(errno.into());
        };
        queue.permissions.check(cx, 0o222)?;
        if !queue.fits(len) {
            if u64::from(flags as u32) & cx.k.IPC_NOWAIT != 0 {
                return Err(Errno::EAGAIN.into());
            }
            cx.wait_in(&queue.drained);
            return Err(cx.block_as(Wait::Ipc, Interrupted::WithoutHandler));
        }
        let stored = Stored::take(&space, len + OVERHEAD).map_err(|_| Errno::ENOMEM)?;
        (queue.last_sender, queue.sent) = (pid, now);
        let message = Message {
            kind,
            text,
            _stored: stored,
        };
        queue.deliver(message, now);
        Ok(0)
    }

    pub(super) fn receive_message_from(
        &mut self,
        cx: &mut Cx<'_>,
        id: i32,
        (address, size): (u64, u64),
        kind: i64,
        flags: i32,
    ) -> Outcome {
        let k = cx.k;
        let flag = |flag: u64| u64::from(flags as u32) & flag != 0;
        // Its size is signed.
        let most = if cx.word() == 4 {
            i32::MAX as u64
        } else {
            i64::MAX as u64
        };
        if id < 0 || size > most {
            return Err(Errno::EINVAL.into());
        }
        if flag(k.MSG_COPY) && (flag(k.MSG_EXCEPT) || !flag(k.IPC_NOWAIT)) {
            return Err(Errno::EINVAL.into());
        }
        let wanted = if flag(k.MSG_COPY) {
            Wanted::Number(kind)
        } else if kind == 0 {
            Wanted::First
        } else if kind < 0 {
            Wanted::UpTo(kind.checked_neg().unwrap_or(i64::MAX))
        } else if flag(k.MSG_EXCEPT) {
            Wanted::NotEqual(kind)
        } else {
            Wanted::Equal(kind)
        };
        let (pid, tid, now) = (cx.process().pid, cx.task.tid, self.seconds());
        let Ok(queue) = self.linux.ipc.queues.get_mut(id) else {
            let errno = if cx.again {
                Errno::EIDRM
            } else {
                Errno::EINVAL
            };
            return Err(errno.into());
        };
        if cx.again {
            let own = queue.receivers.iter().position(|one| one.tid == tid);
            let own = own.ok_or(Errno::EIDRM)?;
            match queue.receivers[own].got.take() {
                Some(got) => {
                    queue.receivers.remove(own);
                    return give(cx, address, size, &got?);
                }
                None if cx.is_interrupted() => {
                    queue.receivers.remove(own);
                    return Err(Errno::EINTR.into());
                }
                None => return Err(cx.block_as(Wait::Ipc, Interrupted::WithoutHandler)),
            }
        }
        queue.permissions.check(cx, 0o444)?;
        let Some(at) = queue.find(wanted) else {
            if flag(k.IPC_NOWAIT) {
                return Err(Errno::ENOMSG.into());
            }
            queue.receivers.push(Receiver {
                tid,
                waker: cx.task.waker.clone(),
                pid,
                wanted,
                size: if flag(k.MSG_NOERROR) { u64::MAX } else { size },
                got: None,
            });
            return Err(cx.block_as(Wait::Ipc, Interrupted::WithoutHandler));
        };
        if size < queue.messages[at].text.len() as u64 && !flag(k.MSG_NOERROR) {
            return Err(Errno::E2BIG.into());
        }
        if flag(k.MSG_COPY) {
            return give(cx, address, size, &queue.messages[at]);
        }
        let message = queue.take(at).ok_or(Errno::EIDRM)?;
        (queue.last_receiver, queue.received) = (pid, now);
        give(cx, address, size, &message)
    }

    pub(super) fn control_queue(
        &mut self,
        cx: &mut Cx<'_>,
        id: i32,
        (form, command): (Form, u64),
        buf: u64,
    ) -> Outcome {
        let k = cx.k;
        if id < 0 {
            return Err(Errno::EINVAL.into());
        }
        if command == k.IPC_INFO || command == k.MSG_INFO {
            self.queue_limits(cx, command == k.MSG_INFO, buf)
        } else if [k.IPC_STAT, k.MSG_STAT, k.MSG_STAT_ANY].contains(&command) {
            let table = &self.linux.ipc.queues;
            let queue = match command == k.IPC_STAT {
                true => table.get(id)?,
                false => table.at(id)?,
            };
            if command != k.MSG_STAT_ANY {
                queue.permissions.check(cx, 0o444)?;
            }
            describe(cx, queue, form).store(cx.mem, buf)?;
            Ok(match command == k.IPC_STAT {
                true => 0,
                false => queue.permissions.id as u64,
            })
        } else if command == k.IPC_SET {
            let (size, fields) = shape(cx, form);
            let image = cx.load(buf, size)?;
            let (change, capacity) = (fields.get(&image), capacity(cx, &image, form));
            let may_more = cx.capable(k.CAP_SYS_RESOURCE);
            let now = self.seconds();
            let queue = self.linux.ipc.queues.get_mut(id)?;
            queue.permissions.check_owner(cx)?;
            if capacity > CAPACITY && !may_more {
                return Err(Errno::EPERM.into());
            }
            queue.permissions.change(&change)?;
            queue.capacity = capacity;
            queue.changed = now;
            queue.drained.wake();
            Ok(0)
        } else if command == k.IPC_RMID {
            let table = &mut self.linux.ipc.queues;
            table.get(id)?.permissions.check_owner(cx)?;
            if let Some(queue) = table.remove(id) {
                // Who finds it gone knows that it was removed.
                queue.drained.wake();
                for receiver in queue.receivers {
                    receiver.waker.wake();
                }
            }
            Ok(0)
        } else {
            Err(Errno::EINVAL.into())
        }
    }

    fn queue_limits(&self, cx: &mut Cx<'_>, used: bool, buf: u64) -> Outcome {
        let table = &self.linux.ipc.queues;
        let at = cx.layouts.msginfo;
        let mut image = cx.image(at.size);
        let messages: u64 = table.iter().map(|queue| queue.messages.len() as u64).sum();
        let bytes: u64 = table.iter().map(|queue| queue.bytes).sum();
        // [Linux include/uapi/linux/msg.h, MSGPOOL, MSGTQL, MSGMAP, MSGSSZ, MSGSEG]
        let pool = u64::from(MOST) * CAPACITY / 1024;
        image
            .put(at.msgmni, u64::from(MOST))
            .put(at.msgmax, LARGEST)
            .put(at.msgmnb, CAPACITY)
            .put(at.msgssz, 16)
            .put(at.msgseg, (pool * 1024 / 16).min(0xffff))
            .put(at.msgpool, if used { table.len() as u64 } else { pool })
            .put(at.msgmap, if used { messages } else { CAPACITY })
            .put(at.msgtql, if used { bytes } else { CAPACITY });
        image.store(cx.mem, buf)?;
        Ok(table.highest())
    }

    /// A task that waits for a message is gone. What it got is lost, as on Linux.
    pub(super) fn forget_receiver(&mut self, tid: Tid) {
        for queue in self.linux.ipc.queues.iter_mut() {
            queue.receivers.retain(|receiver| receiver.tid != tid);
        }
    }
}

fn read_kind(cx: &mut Cx<'_>, address: u64) -> Result<i64, Stop<Errno>> {
    let at = cx.layouts.msgbuf;
    let head = cx.load(address, u32::from(at.mtype.offset + at.mtype.size))?;
    Ok(head.get_signed(at.mtype))
}

/// A message goes to the guest, as far as there is room for it.   [Linux ipc/msg.c, do_msg_fill]
fn give(cx: &mut Cx<'_>, address: u64, size: u64, message: &Message) -> Outcome {
    let at = cx.layouts.msgbuf;
    let mut head = cx.image(u32::from(at.mtype.offset + at.mtype.size));
    head.put(at.mtype, message.kind as u64);
    head.store(cx.mem, address)?;
    let len = size.min(message.text.len() as u64);
    let to = address.wrapping_add(u64::from(at.mtext.offset));
    cx.mem.write(to, &message.text[..len as usize])?;
    Ok(len)
}

/// The size of the structure, and where it has its permissions.
fn shape(cx: &Cx<'_>, form: Form) -> (u32, Places) {
    match form {
        Form::Wide => {
            let at = cx.layouts.msqid64_ds;
            let places = places!(at, msg_perm_key msg_perm_uid msg_perm_gid msg_perm_cuid msg_perm_cgid msg_perm_mode msg_perm_seq);
            (at.size, places)
        }
        Form::Old => {
            let at = cx.layouts.old_msqid_ds;
            let places = places!(at, msg_perm_key msg_perm_uid msg_perm_gid msg_perm_cuid msg_perm_cgid msg_perm_mode msg_perm_seq);
            (at.size, places)
        }
    }
}

/// How many bytes `IPC_SET` wants a queue to take.   [Linux ipc/msg.c, copy_msqid_from_user]
fn capacity(cx: &Cx<'_>, image: &Image, form: Form) -> u64 {
    match form {
        Form::Wide => image.get(cx.layouts.msqid64_ds.msg_qbytes),
        Form::Old => {
            let at = cx.layouts.old_msqid_ds;
            match image.get(at.msg_qbytes) {
                0 => image.get(at.msg_lqbytes),
                bytes => bytes,
            }
        }
    }
}

fn describe(cx: &Cx<'_>, queue: &Queue, form: Form) -> Image {
    let (size, fields) = shape(cx, form);
    let mut image = cx.image(size);
    fields.put(&mut image, &queue.permissions, queue.permissions.mode);
    let count = queue.messages.len() as u64;
    let (sender, receiver) = (queue.last_sender as u64, queue.last_receiver as u64);
    match form {
        Form::Wide => {
            let at = cx.layouts.msqid64_ds;
            image
                .put(at.msg_cbytes, queue.bytes)
                .put(at.msg_qnum, count)
                .put(at.msg_qbytes, queue.capacity)
                .put(at.msg_lspid, sender)
                .put(at.msg_lrpid, receiver);
            put_time(&mut image, at.msg_stime, at.msg_stime_high, queue.sent);
            put_time(&mut image, at.msg_rtime, at.msg_rtime_high, queue.received);
            put_time(&mut image, at.msg_ctime, at.msg_ctime_high, queue.changed);
        }
        Form::Old => {
            // The old fields are 16 bits wide.   [Linux ipc/msg.c, copy_msqid_to_user]
            let at = cx.layouts.old_msqid_ds;
            image
                .put(at.msg_cbytes, queue.bytes.min(0xffff))
                .put(at.msg_lcbytes, queue.bytes)
                .put(at.msg_qnum, count.min(0xffff))
                .put(at.msg_qbytes, queue.capacity.min(0xffff))
                .put(at.msg_lqbytes, queue.capacity)
                .put(at.msg_lspid, sender)
                .put(at.msg_lrpid, receiver)
                .put(at.msg_stime, queue.sent)
                .put(at.msg_rtime, queue.received)
                .put(at.msg_ctime, queue.changed);
        }
    }
    image
}

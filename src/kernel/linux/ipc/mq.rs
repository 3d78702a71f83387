//! The calls of POSIX message queues.   [mq_open(3), mq_send(3), mq_receive(3), mq_notify(3), mq_getattr(3)]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{self, Errno, Outcome};

use super::mqueue::{Message, MessageQueue, Notify, QueueFile, Receiver, Sender};
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::process::Resource;
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::linux::signals::Info;
use crate::kernel::linux::time::Form;
use crate::kernel::vfs::{Handle, NAME_MAX, OpenFlags, Stored};
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

// [Linux include/linux/ipc_namespace.h, DFLT_QUEUESMAX, DFLT_MSGMAX, DFLT_MSGSIZEMAX, HARD_MSGMAX, HARD_MSGSIZEMAX]
/// The most queues.
const MOST: usize = 256;
/// The most messages of a queue, and the largest of them: those that a queue gets which is made without attributes, too.
const MOST_MESSAGES: u64 = 10;
const LARGEST: u64 = 8192;
/// The same for who has CAP_SYS_RESOURCE.
const HARD_MESSAGES: u64 = 65_536;
const HARD_LARGEST: u64 = 16 << 20;
/// Priorities.   [Linux include/uapi/linux/mqueue.h, MQ_PRIO_MAX]
const PRIORITIES: u32 = 32_768;
/// What a message counts for besides its text.   [Linux include/linux/msg.h, msg_msg; ipc/mqueue.c, posix_msg_tree_node]
const OVERHEAD: u64 = 48 + 48;

/// A name in the directory of queues.   [Linux fs/namei.c, lookup_one_len]
fn name(
    cx: &mut Cx<'_>,
    at: emu_prototypes::Ptr<emu_prototypes::CStr>,
) -> Result<Vec<u8>, Stop<Errno>> {
    let name = cx.path(at)?;
    if name.is_empty() {
        return Err(Errno::ENOENT.into());
    }
    if name.contains(&b'/') || name == b"." || name == b".." {
        return Err(Errno::EACCES.into());
    }
    if name.len() > NAME_MAX {
        return Err(Errno::ENAMETOOLONG.into());
    }
    Ok(name)
}

/// Whether a task may use a queue so.   [Linux fs/namei.c, generic_permission]
fn may(cx: &Cx<'_>, queue: &MessageQueue, wanted: u32) -> bool {
    let who = &cx.task.linux.credentials;
    let granted = if who.fsuid == queue.uid {
        queue.mode >> 6
    } else if who.in_group(queue.gid) {
        queue.mode >> 3
    } else {
        queue.mode
    };
    wanted & !granted & 7 == 0 || cx.capable(cx.k.CAP_DAC_OVERRIDE)
}

pub(super) fn open(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &linux::MqOpen) -> Outcome {
    let k = cx.k;
    let flags = u64::from(call.oflag as u32);
    let attributes = match call.u_attr.address {
        0 => None,
        address => {
            let at = cx.layouts.mq_attr;
            let image = cx.load(address, at.size)?;
            Some((
                image.get_signed(at.mq_maxmsg),
                image.get_signed(at.mq_msgsize),
            ))
        }
    };
    let name = name(cx, call.u_name)?;
    let limit = cx.process().limits.soft(Resource::Nofile);
    cx.task.linux.files.borrow().room(0, limit)?;
    let access = flags & k.O_ACCMODE;
    let found = kernel.linux.ipc.posix.names.get(&name).cloned();
    let queue = match found {
        Some(_) if flags & k.O_CREAT != 0 && flags & k.O_EXCL != 0 => {
            return Err(Errno::EEXIST.into());
        }
        Some(_) if access == k.O_ACCMODE => return Err(Errno::EINVAL.into()),
        Some(queue) => {
            let wanted = match access {
                access if access == k.O_RDONLY => 4,
                access if access == k.O_WRONLY => 2,
                _ => 6,
            };
            if !may(cx, &queue, wanted) {
                return Err(Errno::EACCES.into());
            }
            queue
        }
        None if flags & k.O_CREAT == 0 => return Err(Errno::ENOENT.into()),
        None => {
            let mode = u32::from(call.mode) & 0o7777;
            let mode = mode & !u32::from(cx.task.linux.fs.borrow().umask);
            make(kernel, cx, &name, mode, attributes)?
        }
    };
    let mut open = OpenFlags::empty();
    open.set(OpenFlags::READ, access != k.O_WRONLY);
    open.set(OpenFlags::WRITE, access != k.O_RDONLY);
    open.set(OpenFlags::NONBLOCK, flags & k.O_NONBLOCK != 0);
    let now = kernel.file_time();
    let handle = Handle::Object(Rc::new(QueueFile::new(&queue)));
    let shown = [b"/dev/mqueue/", &name[..]].concat();
    let file = kernel.vfs.anonymous_file(&shown, handle, open, now)?;
    cx.install(file, true)
}

/// [Linux ipc/mqueue.c, mqueue_create_attr, mqueue_get_inode]
fn make(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    name: &[u8],
    mode: u32,
    attributes: Option<(i64, i64)>,
) -> Result<Rc<MessageQueue>, Stop<Errno>> {
    let free = cx.capable(cx.k.CAP_SYS_RESOURCE);
    let queues = &mut kernel.linux.ipc.posix;
    if queues.live().count() >= MOST && !free {
        return Err(Errno::ENOSPC.into());
    }
    let (most, size) = attributes.unwrap_or((MOST_MESSAGES as i64, LARGEST as i64));
    let (most_messages, largest) = match free {
        true => (HARD_MESSAGES, HARD_LARGEST),
        false => (MOST_MESSAGES, LARGEST),
    };
    let in_range =
        |value: i64, most: u64| u64::try_from(value).ok().filter(|v| (1..=most).contains(v));
    let most = in_range(most, most_messages).ok_or(Errno::EINVAL)?;
    let size = in_range(size, largest).ok_or(Errno::EINVAL)?;
    // In range by the limits above.
    let bytes = most * size + most * OVERHEAD;
    let who = &cx.task.linux.credentials;
    let others = queues.live().filter(|queue| queue.counted.0 == who.uid);
    let used: u64 = others.map(|queue| queue.counted.1).sum();
    if used.saturating_add(bytes) > cx.process().limits.soft(Resource::Msgqueue) {
        return Err(Errno::EMFILE.into());
    }
    let owner = (mode, who.fsuid, who.fsgid);
    let queue = Rc::new(MessageQueue::new(owner, (most, size), (who.uid, bytes)));
    queues.add(name, &queue);
    Ok(queue)
}

/// The directory of queues is everybody's, and sticky.   [Linux ipc/mqueue.c, mqueue_fill_super]
pub(super) fn unlink(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &linux::MqUnlink) -> Outcome {
    let name = name(cx, call.u_name)?;
    let names = &mut kernel.linux.ipc.posix.names;
    let queue = names.get(&name).ok_or(Errno::ENOENT)?;
    let fsuid = cx.task.linux.credentials.fsuid;
    if fsuid != 0 && fsuid != queue.uid && !cx.capable(cx.k.CAP_FOWNER) {
        return Err(Errno::EPERM.into());
    }
    names.remove(&name);
    Ok(0)
}

/// The open queue of a descriptor.
fn queue(cx: &Cx<'_>, fd: i32) -> Result<(Rc<OpenFile>, Rc<MessageQueue>), Errno> {
    let file = cx.file(fd)?;
    let queue = file.object_of::<QueueFile>().ok_or(Errno::EBADF)?;
    let queue = queue.queue.clone();
    Ok((file, queue))
}

impl Kernel {
    /// When a wait is over, in guest time since the start: the time given is the wall clock's.
    fn end_of_wait(
        &self,
        cx: &mut Cx<'_>,
        (address, form): (u64, Form),
    ) -> Result<Option<u64>, Stop<Errno>> {
        if address == 0 {
            return Ok(None);
        }
        let time = cx.get_timespec(address, form)?;
        let ahead = time.saturating_sub(self.clock.wall());
        let at = self.clock.now().saturating_add(ahead);
        cx.deadline(|_| Ok(at)).map(Some)
    }

    pub(super) fn send_mq(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (address, len): (u64, u64),
        priority: u32,
        timeout: (u64, Form),
    ) -> Outcome {
        let end = self.end_of_wait(cx, timeout)?;
        if priority >= PRIORITIES {
            return Err(Errno::EINVAL.into());
        }
        let (file, queue) = queue(cx, fd)?;
        let tid = cx.task.tid;
        if cx.again {
            let mut inner = queue.inner.borrow_mut();
            if let Some(at) = inner.senders.iter().position(|one| one.tid == tid) {
                if inner.senders[at].message.is_none() {
                    inner.senders.remove(at);
                    return Ok(0);
                }
                return Err(self.still_waits(cx, end, || {
                    inner.senders.remove(at);
                }));
            }
        }
        if !file.flags().contains(OpenFlags::WRITE) {
            return Err(Errno::EBADF.into());
        }
        if len > queue.size {
            return Err(Errno::EMSGSIZE.into());
        }
        let mut text = vec![0; len as usize];
        cx.mem.read(address, &mut text)?;
        let stored = Stored::take(self.vfs.space(), len + OVERHEAD);
        let message = Message {
            priority,
            text,
            _stored: stored.map_err(|_| Errno::ENOMEM)?,
        };
        if queue.is_full() {
            if file.nonblocking() {
                return Err(Errno::EAGAIN.into());
            }
            if end.is_some_and(|end| end <= self.clock.now()) {
                return Err(Errno::ETIMEDOUT.into());
            }
            let waker = cx.task.waker.clone();
            queue.inner.borrow_mut().senders.push(Sender {
                tid,
                waker,
                message: Some(message),
            });
            return Err(waits(cx, end));
        }
        if let Some(notify) = queue.send(message) {
            self.notify(cx, notify);
        }
        Ok(0)
    }

    pub(super) fn receive_mq(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (address, len): (u64, u64),
        priority: u64,
        timeout: (u64, Form),
    ) -> Outcome {
        let end = self.end_of_wait(cx, timeout)?;
        let (file, queue) = queue(cx, fd)?;
        let tid = cx.task.tid;
        if cx.again {
            let mut inner = queue.inner.borrow_mut();
            if let Some(at) = inner.receivers.iter().position(|one| one.tid == tid) {
                if let Some(message) = inner.receivers[at].got.take() {
                    inner.receivers.remove(at);
                    return give(cx, address, priority, &message);
                }
                return Err(self.still_waits(cx, end, || {
                    inner.receivers.remove(at);
                }));
            }
        }
        if !file.flags().contains(OpenFlags::READ) {
            return Err(Errno::EBADF.into());
        }
        if len < queue.size {
            return Err(Errno::EMSGSIZE.into());
        }
        if let Some(message) = queue.receive() {
            return give(cx, address, priority, &message);
        }
        if file.nonblocking() {
            return Err(Errno::EAGAIN.into());
        }
        if end.is_some_and(|end| end <= self.clock.now()) {
            return Err(Errno::ETIMEDOUT.into());
        }
        let waker = cx.task.waker.clone();
        queue.inner.borrow_mut().receivers.push(Receiver {
            tid,
            waker,
            got: None,
        });
        Err(waits(cx, end))
    }

    /// A task that waits was woken for another reason than what it waits for.
    fn still_waits(
        &self,
        cx: &mut Cx<'_>,
        end: Option<u64>,
        give_up: impl FnOnce(),
    ) -> Stop<Errno> {
        if cx.is_interrupted() {
            // The call ends or is made anew.
            give_up();
        } else if end.is_some_and(|end| end <= self.clock.now()) {
            give_up();
            return Errno::ETIMEDOUT.into();
        }
        waits(cx, end)
    }

    /// A message came to an empty queue, and somebody wants to know.
    fn notify(&mut self, cx: &mut Cx<'_>, notify: Notify) {
        let process = self.linux.processes.get(notify.pid).cloned();
        let (Some((signal, value)), Some(process)) = (notify.signal, process) else {
            return;
        };
        let first = process.borrow().threads.first().copied();
        let abi = first.and_then(|tid| self.with_task(Some(cx.task), tid, |task| abi_of(task)));
        let (Some(abi), true) = (abi, signal != 0) else {
            return;
        };
        let sender = (cx.process().pid, cx.task.linux.credentials.uid);
        let info = Info {
            sender: Some(sender),
            value,
            ..Info::new(abi, signal, abi.k.SI_MESGQ)
        };
        // One whose queue of signals is full misses it, as on Linux.
        let _ = self.signal_process(Some(cx.task), &process, abi, &info);
    }

    pub(super) fn ask_notify(&mut self, cx: &mut Cx<'_>, fd: i32, event: u64) -> Outcome {
        let k = cx.k;
        let pid = cx.process().pid;
        let wanted = match event {
            0 => None,
            address => {
                let at = cx.layouts.sigevent;
                let image = cx.load(address, at.size)?;
                let kind = image.get(at.sigev_notify) & 0xffff_ffff;
                let signal = image.get(at.sigev_signo) & 0xffff_ffff;
                if kind == k.SIGEV_THREAD {
                    // By a socket of its own kind, which there is not: what a descriptor of anything else gets.
                    // [Linux net/netlink/af_netlink.c, netlink_getsockbyfilp]
                    cx.mem.read(image.get(at.sigev_value), &mut [0; 32])?;
                    cx.file(signal as i32)?;
                    return Err(Errno::ENOTSOCK.into());
                }
                let signals = kind == k.SIGEV_SIGNAL;
                if !signals && kind != k.SIGEV_NONE || signals && signal > k._NSIG {
                    return Err(Errno::EINVAL.into());
                }
                let value = image.get(at.sigev_value);
                Some(Notify {
                    pid,
                    kind,
                    signal: signals.then_some((signal, value)),
                })
            }
        };
        let (_, queue) = queue(cx, fd)?;
        let mut inner = queue.inner.borrow_mut();
        match (wanted, inner.notify) {
            (None, Some(other)) if other.pid == pid => inner.notify = None,
            (None, _) => {}
            (Some(_), Some(_)) => return Err(Errno::EBUSY.into()),
            (wanted, None) => inner.notify = wanted,
        }
        Ok(0)
    }

    pub(super) fn attributes_of_mq(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::MqGetsetattr,
    ) -> Outcome {
        let at = cx.layouts.mq_attr;
        let nonblock = cx.k.O_NONBLOCK;
        let wanted = match call.u_mqstat.address {
            0 => None,
            address => Some(cx.load(address, at.size)?.get(at.mq_flags)),
        };
        if wanted.is_some_and(|flags| flags & !nonblock != 0) {
            return Err(Errno::EINVAL.into());
        }
        let (file, queue) = queue(cx, call.mqdes)?;
        let mut image = cx.image(at.size);
        image
            .put(at.mq_flags, if file.nonblocking() { nonblock } else { 0 })
            .put(at.mq_maxmsg, queue.most)
            .put(at.mq_msgsize, queue.size)
            .put(at.mq_curmsgs, queue.inner.borrow().count);
        if let Some(flags) = wanted {
            let mut open = file.flags();
            open.set(OpenFlags::NONBLOCK, flags & nonblock != 0);
            file.set_flags(open);
        }
        if call.u_omqstat.address != 0 {
            image.store(cx.mem, call.u_omqstat.address)?;
        }
        Ok(0)
    }
}

fn waits<E>(cx: &mut Cx<'_>, end: Option<u64>) -> Stop<E> {
    cx.block_as(end.map_or(Wait::Ipc, Wait::Until), Interrupted::Restarts)
}

/// A message goes to the guest.
fn give(cx: &mut Cx<'_>, address: u64, priority: u64, message: &Message) -> Outcome {
    if priority != 0 {
        cx.mem.write_u32(priority, message.priority)?;
    }
    cx.mem.write(address, &message.text)?;
    Ok(message.text.len() as u64)
}

//! Mailslots: messages that many write and one reads.   [Microsoft Learn, Mailslots; NtCreateMailslotFile; ntioapi.h of phnt:
//! FILE_MAILSLOT_QUERY_INFORMATION]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::handles::Object;
use super::named::Wish;
use super::pipe::{Moved, below};
use super::pool::Kept;
use super::reply::Reply;
use super::{Outcome, completion};
use crate::kernel::linux::Alarm;
use crate::kernel::task::Tid;
use crate::kernel::timer::Ticket;
use crate::kernel::wait::{Interrupted, Wait, WaitQueue};
use crate::kernel::{Cx, Kernel};

/// Bytes and messages that wait in one at most, and requests; how many there are.
const MOST_BYTES: usize = 1 << 20;
const MOST_MESSAGES: usize = 1 << 12;
const MOST_REQUESTS: usize = 0x100;
const MOST_SLOTS: usize = 0x200;
/// `FILE_SYNCHRONOUS_IO_ALERT` and `FILE_SYNCHRONOUS_IO_NONALERT`.
const SYNCHRONOUS: u32 = 0x30;
/// `FILE_SHARE_READ`, which who writes has to say.
const SHARE_READ: u32 = 1;
/// `FILE_INFORMATION_CLASS`: FileMailslotQueryInformation, FileMailslotSetInformation, FileCompletionInformation.
const QUERY: i32 = 26;
const SET: i32 = 27;
const COMPLETION: i32 = 30;
/// What is told of no message.   [winbase.h, MAILSLOT_NO_MESSAGE]
const NO_MESSAGE: u32 = u32::MAX;
/// `FILE_CREATED`.
const CREATED: u64 = 2;

/// Names of the device.
const DEVICES: [&str; 4] = [
    "\\Device\\Mailslot",
    "\\??\\mailslot",
    "\\DosDevices\\mailslot",
    "\\GLOBAL??\\mailslot",
];

/// All mailslots by their names, in capital letters.
pub(super) type Mailslots = BTreeMap<Vec<u16>, Weak<Mailslot>>;

/// A mailslot: what who reads has open.
pub struct Mailslot {
    name: Vec<u16>,
    /// Bytes of a message at most; 0 for any.
    most: u32,
    quota: u32,
    /// How long a read waits: in units of 100 ns below 0.
    timeout: Cell<i64>,
    synchronous: bool,
    open: Cell<bool>,
    messages: RefCell<VecDeque<Kept<Vec<u8>>>>,
    requests: RefCell<VecDeque<Request>>,
    queue: WaitQueue,
    pub(super) under_way: Cell<u32>,
    pub(super) port: RefCell<Option<(Rc<completion::Completion>, u64)>>,
}

/// A read that is under way.
struct Request {
    reply: Reply,
    buffer: u64,
    length: u64,
    due: Option<u64>,
    _ticket: Option<Ticket>,
}

/// What who writes has open.
pub(super) struct Writer {
    pub(super) slot: Rc<Mailslot>,
}

/// The name below the device, in capital letters.
pub(super) fn name(path: &[u16]) -> Option<Vec<u16>> {
    below(path, DEVICES)
}

impl Mailslot {
    /// When a read that begins now is over, in nanoseconds since the start; `None` for never.
    fn due(&self, kernel: &Kernel) -> Option<u64> {
        match self.timeout.get() {
            -1 | i64::MAX => None,
            time => Some(kernel.point(time)),
        }
    }

    /// The length of the next message.
    fn next(&self) -> Option<usize> {
        (self.messages.borrow().front()).map(|message| message.len())
    }
}

/// Serves `NtCreateMailslotFile`.
pub(super) fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateMailslotFile,
) -> Outcome {
    let attributes = cx.attributes(call.ObjectAttributes.address)?;
    let attributes = attributes.ok_or(NtStatus::INVALID_PARAMETER)?;
    let name = match attributes.root {
        0 => name(&attributes.name).filter(|name| !name.is_empty()),
        _ => None,
    };
    let name = name.ok_or(NtStatus::OBJECT_NAME_INVALID)?;
    let timeout = match call.ReadTimeout.address {
        0 => -1,
        at => cx.mem.read_u64(at)?.cast_signed(),
    };
    let slots = &mut kernel.nt.mailslots;
    slots.retain(|_, slot| slot.upgrade().is_some_and(|slot| slot.open.get()));
    if slots.contains_key(&name) {
        return Err(NtStatus::OBJECT_NAME_COLLISION.into());
    }
    if slots.len() >= MOST_SLOTS {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let slot = Rc::new(Mailslot {
        name: name.clone(),
        most: call.MaximumMessageSize,
        quota: call.MailslotQuota,
        timeout: Cell::new(timeout),
        synchronous: call.CreateOptions & SYNCHRONOUS != 0,
        open: Cell::new(true),
        messages: RefCell::default(),
        requests: RefCell::default(),
        queue: WaitQueue::default(),
        under_way: Cell::new(0),
        port: RefCell::default(),
    });
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, CREATED)?;
    let wish = Wish::new(call.FileHandle, call.DesiredAccess, call.ObjectAttributes);
    let object = Object::Mailslot(slot.clone());
    kernel.secure_new(cx, call.ObjectAttributes.address, &object)?;
    kernel.nt_hand(cx, wish, attributes.flags, object, None)?;
    kernel.nt.mailslots.insert(name, Rc::downgrade(&slot));
    Ok(0)
}

/// Opens a mailslot to write to it.
pub(super) fn open(kernel: &Kernel, name: &[u16], share: u32) -> Result<Object, NtStatus> {
    let slot = kernel.nt.mailslots.get(name).and_then(Weak::upgrade);
    let slot = slot.filter(|slot| slot.open.get());
    let slot = slot.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
    match share & SHARE_READ {
        0 => Err(NtStatus::SHARING_VIOLATION),
        _ => Ok(Object::Writer(Rc::new(Writer { slot }))),
    }
}

/// Serves `NtReadFile`: the next message, which has to fit.
pub(super) fn read(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    slot: &Rc<Mailslot>,
    moved: &Moved,
) -> Outcome {
    let source = Object::Mailslot(slot.clone());
    cx.io_status(moved.asked.io_status, NtStatus::PENDING, 0)?;
    if let Some(next) = slot.next() {
        if next as u64 > moved.length {
            return Err(NtStatus::BUFFER_TOO_SMALL.into());
        }
        let mut messages = slot.messages.borrow_mut();
        cx.mem.write(moved.buffer, &messages[0])?;
        messages.pop_front();
        drop(messages);
        return kernel.nt_done(cx, &source, moved.asked, (NtStatus::SUCCESS, next as u64));
    }
    let due = match cx.again {
        true => cx.task.linux.deadline,
        false => slot.due(kernel),
    };
    if due.is_some_and(|due| due <= kernel.clock.now()) {
        return Err(NtStatus::IO_TIMEOUT.into());
    }
    if slot.synchronous {
        cx.task.linux.deadline = due;
        cx.wait_in(&slot.queue);
        let wait = due.map_or(Wait::Ipc, Wait::Until);
        return Err(cx.block_as(wait, Interrupted::Never));
    }
    cx.may_write(moved.buffer, moved.length)?;
    if slot.requests.borrow().len() >= MOST_REQUESTS {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let reply = kernel.nt_later(cx, &source, moved.asked)?;
    let alarm = || Alarm::Mailslot(Rc::downgrade(slot));
    let ticket = due.map(|due| kernel.linux.timers.keep(due, alarm()));
    slot.requests.borrow_mut().push_back(Request {
        reply,
        buffer: moved.buffer,
        length: moved.length,
        due,
        _ticket: ticket,
    });
    Err(Stop::Fail(NtStatus::PENDING))
}

/// Serves `NtWriteFile`: one message.
pub(super) fn write(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    writer: &Rc<Writer>,
    moved: &Moved,
) -> Outcome {
    let slot = &writer.slot;
    cx.io_status(moved.asked.io_status, NtStatus::PENDING, 0)?;
    if !slot.open.get() {
        return Err(NtStatus::FILE_FORCED_CLOSED.into());
    }
    if slot.most != 0 && moved.length > slot.most.into() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let waiting: usize = (slot.messages.borrow().iter())
        .map(|message| message.len())
        .sum();
    let full = slot.messages.borrow().len() >= MOST_MESSAGES;
    if full || waiting as u64 + moved.length > MOST_BYTES as u64 {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let length = moved.length as usize;
    let mut bytes = kernel.nt.pool.keep(vec![0; length], length)?;
    cx.mem.read(moved.buffer, &mut bytes)?;
    slot.messages.borrow_mut().push_back(bytes);
    slot.queue.wake();
    kernel.mailslot_filled(slot);
    let source = Object::Writer(writer.clone());
    kernel.nt_done(cx, &source, moved.asked, (NtStatus::SUCCESS, moved.length))
}

/// Serves `NtQueryInformationFile`.
pub(super) fn query(
    cx: &mut Cx<'_>,
    slot: &Mailslot,
    call: &nt::NtQueryInformationFile,
) -> Outcome {
    if call.FileInformationClass != QUERY {
        return Err(Stop::Missing);
    }
    let next = slot.next().map_or(NO_MESSAGE, |next| next as u32);
    let count = slot.messages.borrow().len() as u32;
    let mut bytes = [slot.most, slot.quota, next, count]
        .map(u32::to_le_bytes)
        .concat();
    bytes.extend_from_slice(&slot.timeout.get().to_le_bytes());
    if (call.Length as usize) < bytes.len() {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    cx.mem.write(call.FileInformation.address, &bytes)?;
    let count = bytes.len() as u64;
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, count)?;
    Ok(0)
}

/// How long reads wait: an address of that, which Wine's SetMailslotInfo does not have but the time itself. No time is where
/// memory of a process can be.
fn read_timeout(cx: &mut Cx<'_>, (at, length): (u64, u32)) -> Result<i64, NtStatus> {
    let word = cx.word();
    if u64::from(length) < word {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    if length >= 8 {
        let time = cx.mem.read_u64(at)?.cast_signed();
        if word == 4 || time <= 0 || time >= 1 << 47 {
            return Ok(time);
        }
    }
    let at = cx.read_word(at)?;
    Ok(cx.mem.read_u64(at)?.cast_signed())
}

/// Serves `NtSetInformationFile`: how long reads wait from now on, at an address.
pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    slot: &Rc<Mailslot>,
    call: &nt::NtSetInformationFile,
) -> Outcome {
    let place = (call.FileInformation.address, call.Length);
    match call.FileInformationClass {
        SET => {
            let timeout = read_timeout(cx, place)?;
            slot.timeout.set(timeout);
        }
        COMPLETION => {
            completion::associate(kernel, cx, &Object::Mailslot(slot.clone()), place)?;
        }
        _ => return Err(Stop::Missing),
    }
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
    Ok(0)
}

impl Kernel {
    /// Gives requests the messages that there are.
    fn mailslot_filled(&mut self, slot: &Mailslot) {
        while let Some(next) = slot.next() {
            let Some(request) = slot.requests.borrow_mut().pop_front() else {
                return;
            };
            if next as u64 > request.length {
                self.nt_end(request.reply, NtStatus::BUFFER_TOO_SMALL, 0, None);
                continue;
            }
            let message = slot.messages.borrow_mut().pop_front();
            let message = message.map(Kept::into_inner).unwrap_or_default();
            let read = Some((request.buffer, message));
            self.nt_end(request.reply, NtStatus::SUCCESS, next as u64, read);
        }
    }

    /// Some requests have waited for long enough.
    pub(crate) fn mailslot_is_due(&mut self, slot: &Weak<Mailslot>) {
        let Some(slot) = slot.upgrade() else {
            return;
        };
        let now = self.clock.now();
        let late = |request: &Request| request.due.is_some_and(|due| due <= now);
        self.end_reads(&slot, late, NtStatus::IO_TIMEOUT);
    }

    /// The last handle of a mailslot is closed.
    pub(super) fn mailslot_closed(&mut self, slot: &Mailslot) {
        slot.open.set(false);
        slot.messages.take();
        self.nt.mailslots.remove(&slot.name);
        self.end_reads(slot, |_| true, NtStatus::CANCELLED);
        slot.port.take();
        slot.queue.wake();
    }

    /// Takes back the reads of a process, or of one thread of it, or the one with this block, and says how many they were.
    pub(super) fn cancel_reads(
        &mut self,
        slot: &Mailslot,
        (process, thread): (Tid, Option<Tid>),
        only: u64,
    ) -> usize {
        let is_meant = |request: &Request| request.reply.is_of(process, thread, only);
        self.end_reads(slot, is_meant, NtStatus::CANCELLED)
    }

    fn end_reads(
        &mut self,
        slot: &Mailslot,
        is_meant: impl Fn(&Request) -> bool,
        status: NtStatus,
    ) -> usize {
        let all = slot.requests.take();
        let (gone, stay): (Vec<_>, Vec<_>) = all.into_iter().partition(is_meant);
        slot.requests.replace(stay.into());
        let count = gone.len();
        for request in gone {
            self.nt_end(request.reply, status, 0, None);
        }
        count
    }
}

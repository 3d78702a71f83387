//! A trace for later: small, and whole enough that any other form can be made of it.
//!
//! Beside the events it keeps what the other sinks asked of the guest when they happened: bytes of memory, what descriptors
//! were open on, which file was mapped where. [`replay`](crate::show::replay) gives events and answers to other sinks,
//! which can't tell it from a run.
//!
//! # The form
//!
//! [`MAGIC`], then an LZ4 frame   [LZ4 Frame Format Description 1.6.2]   of records, one an event. Numbers are LEB128,
//! signed ones zigzagged before. A record begins with a byte: its [`Kind`] in the lower half, in the upper half what
//! follows (`TASK`, `WORLD`, `ANSWERS`, `MORE`). Then come
//!
//! 1. with `TASK`, the task, else it is that of the record before;
//! 2. with `WORLD`, the ABI by whose tables the event is shown, byte order and pointer size of the guest, and whether
//!    instructions are counted, else they are as before; the first record has it, and behind it the epoch;
//! 3. time, and instructions if counted, as differences to those of the record before;
//! 4. with `ANSWERS`, their number and the answers: a byte whose lower 3 bits say what is answered, and the answer;
//! 5. what belongs to the kind.
//!
//! Strings are told once: a string is its number among those told so far, and when that is the next free one, its bytes
//! follow. So are call sites: profile, entry, number, program counter, return address and stack pointer. Arguments are
//! differences to those of the last call from the same site. An exit refers to the call its task is in. When there are
//! [`MOST`] strings or sites, the next one is the first again.

mod ask;
mod auto;
mod keep;
mod read;
mod sink;
mod state;
#[cfg(test)]
mod tests;
mod wire;
mod write;

pub(crate) use read::Reader;
pub use sink::BinarySink;
pub(super) use sink::Packed;

/// What a file begins with; the number is that of the form.
pub const MAGIC: &[u8; 12] = b"emu trace 1\n";

/// Strings and call sites that are known at the same time.
const MOST: usize = 1 << 16;
/// Bytes of strings that are known at the same time.
const MOST_BYTES: usize = 4 << 20;
/// The longest string, and the longest piece of memory.
const LONGEST: u64 = 1 << 30;

/// The task follows.
const TASK: u8 = 0x10;
/// What is true of many events follows.
const WORLD: u8 = 0x20;
/// Answers follow.
const ANSWERS: u8 = 0x40;
/// Of an exit: the call follows, as it is not as it began.
const MORE: u8 = 0x80;

/// What a record tells. The numbers are those of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Born = 1,
    Start = 2,
    Enter = 3,
    Exit = 4,
    Signal = 5,
    Exception = 6,
    Stopped = 7,
    TaskEnd = 8,
    Note = 9,
}

impl Kind {
    const ALL: [Kind; 9] = [
        Kind::Born,
        Kind::Start,
        Kind::Enter,
        Kind::Exit,
        Kind::Signal,
        Kind::Exception,
        Kind::Stopped,
        Kind::TaskEnd,
        Kind::Note,
    ];
}

/// What else a call has, one bit each.
mod has {
    /// It began at another time than its event.
    pub(super) const TIME: u64 = 1;
    /// It was started more than once.
    pub(super) const ATTEMPTS: u64 = 2;
    /// An argument could not be read.
    pub(super) const FAULT: u64 = 4;
    /// It stands for another call.
    pub(super) const INSIDE: u64 = 8;
    /// More arguments than its prototype has.
    pub(super) const ALL_ARGS: u64 = 16;
    /// Another count of instructions than its event.
    pub(super) const INSTRUCTIONS: u64 = 32;
    /// It was tampered with: 1 its result, 2 what its arguments point to, 4 delayed.
    pub(super) const TAMPERED: u64 = 64;
}

/// How a call ended, and what else is told of it.
mod end {
    pub(super) const VALUE: u64 = 0;
    pub(super) const ERROR: u64 = 1;
    pub(super) const NEVER: u64 = 2;
    pub(super) const RESTARTED: u64 = 3;
    pub(super) const CHILD: u64 = 4;
    pub(super) const KILLED: u64 = 5;
    /// The bits of those.
    pub(super) const HOW: u64 = 7;
    /// Nobody served it.
    pub(super) const MISSING: u64 = 8;
    /// It has a second result.
    pub(super) const SECOND: u64 = 16;
    /// It ended at another time than its event.
    pub(super) const TIME: u64 = 32;
}

/// What is answered, the lower 3 bits of an answer's first byte.
mod answer {
    /// Memory: the upper 5 bits are 1 + the argument that points to it, or 0, and then the distance from the last piece's
    /// end follows; length and bytes.
    pub(super) const MEMORY: u8 = 0;
    /// A descriptor and what it is open on: 1 + string, or 0.
    pub(super) const DESCRIPTOR: u8 = 1;
    /// The working directory: 1 + string, or 0.
    pub(super) const DIRECTORY: u8 = 2;
    /// An address and what is mapped there: 1 + string, offset and place in the file, or 0.
    pub(super) const PLACE: u8 = 3;
    /// Who called whom.
    pub(super) const STACK: u8 = 4;
    /// A descriptor and what is known of what it is open on.
    pub(super) const OPENED: u8 = 6;
    /// A handle and what it stands for: 1 + string, or 0.
    pub(super) const HANDLE: u8 = 5;
}

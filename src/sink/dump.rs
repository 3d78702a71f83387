//! What was transferred, whole: in hexadecimal and in ASCII, below the line of the call.

use std::io;

use emu_cpu::GuestMemory;
use emu_prototypes::linux::id;

use super::numbers::Numbers;
use super::output::Output;
use crate::decode::{Asked, number};

/// How many bytes a line has.
const LINE: usize = 16;
/// The most vectors of one call that are looked at: no kernel takes more (`UIO_MAXIOV`).
const MAX_VECTORS: u64 = 1024;

/// Descriptors whose data is dumped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dumps {
    /// Those of which what is read is dumped.
    pub read: Numbers,
    /// Those of which what is written is dumped.
    pub written: Numbers,
}

/// Where the data of a call is.
#[derive(Clone, Copy)]
enum Data {
    Buffer(u64, u64),
    Vectors(u64, u64),
    Message(u64),
    Messages(u64, u64),
}

impl Dumps {
    /// Writes what a call has transferred. `value` is its result, if it succeeded.
    pub(super) fn write(
        &self,
        asked: &Asked<'_>,
        value: Option<u64>,
        memory: &mut dyn GuestMemory,
        output: &mut Output,
    ) -> io::Result<()> {
        if self.read.is_empty() && self.written.is_empty() {
            return Ok(());
        }
        let [fd, second, third] = [0, 1, 2].map(|field| asked.args[field]);
        let (data, limit) = match asked.info.id {
            id::READ
            | id::PREAD64
            | id::RECV
            | id::RECVFROM
            | id::MQ_TIMEDRECEIVE
            | id::MQ_TIMEDRECEIVE_TIME64
                if self.read.has(fd as i32) =>
            {
                (Data::Buffer(second, u64::MAX), value)
            }
            id::READV | id::PREADV | id::PREADV2 if self.read.has(fd as i32) => {
                (Data::Vectors(second, third), value)
            }
            id::RECVMSG if self.read.has(fd as i32) => (Data::Message(second), value),
            id::RECVMMSG | id::RECVMMSG_TIME64 if self.read.has(fd as i32) => {
                (Data::Messages(second, value.unwrap_or(0)), value)
            }
            id::WRITE
            | id::PWRITE64
            | id::SEND
            | id::SENDTO
            | id::MQ_TIMEDSEND
            | id::MQ_TIMEDSEND_TIME64
                if self.written.has(fd as i32) =>
            {
                (Data::Buffer(second, third), Some(u64::MAX))
            }
            id::WRITEV | id::PWRITEV | id::PWRITEV2 | id::VMSPLICE
                if self.written.has(fd as i32) =>
            {
                (Data::Vectors(second, third), Some(u64::MAX))
            }
            id::SENDMSG if self.written.has(fd as i32) => (Data::Message(second), Some(u64::MAX)),
            id::SENDMMSG if self.written.has(fd as i32) => {
                (Data::Messages(second, value.unwrap_or(0)), value)
            }
            _ => return Ok(()),
        };
        let Some(limit) = limit else {
            return Ok(());
        };
        let mut to = Dump {
            asked,
            memory,
            output,
        };
        match data {
            Data::Buffer(address, len) => to.bytes(address, len.min(limit)),
            Data::Vectors(address, count) => to.vectors(address, count, limit),
            Data::Message(address) => to.message(address, limit, None),
            Data::Messages(address, count) => to.messages(address, count),
        }
    }
}

/// A dump that is being written.
struct Dump<'a> {
    asked: &'a Asked<'a>,
    memory: &'a mut dyn GuestMemory,
    output: &'a mut Output,
}

impl Dump<'_> {
    /// A field of a structure of the guest.
    fn field(&mut self, shape: &str, name: &str, address: u64) -> Option<u64> {
        let field = self.asked.abi.structure(shape)?.field(name)?;
        let at = address.wrapping_add(u64::from(field.offset));
        self.memory.read_word(at, field.size.into()).ok()
    }

    fn size(&self, shape: &str) -> u64 {
        let shape = self.asked.abi.structure(shape);
        shape.map_or(0, |shape| u64::from(shape.size))
    }

    /// ` | 00000  68 69 ff 0a                                       hi..             |`
    fn bytes(&mut self, address: u64, len: u64) -> io::Result<()> {
        let mut done = 0;
        let mut line = Vec::new();
        // No kernel transfers more at once.   [Linux include/linux/fs.h, MAX_RW_COUNT]
        let len = len.min(0x7fff_f000);
        let digits = match len {
            0..=0xf_ffff => 5,
            0x10_0000..=0xff_ffff => 6,
            _ => 7,
        };
        while done < len {
            let mut bytes = [0; LINE];
            let count = (len - done).min(LINE as u64) as usize;
            let bytes = &mut bytes[..count];
            if self.memory.read(address.wrapping_add(done), bytes).is_err() {
                break;
            }
            line.clear();
            line.extend_from_slice(b" | ");
            let mut place = Vec::new();
            number::hex0(&mut place, done);
            line.resize(
                line.len() + usize::saturating_sub(digits, place.len() - 2),
                b'0',
            );
            line.extend_from_slice(&place[2..]);
            line.push(b' ');
            for at in 0..LINE {
                if at % 8 == 0 {
                    line.push(b' ');
                }
                match bytes.get(at) {
                    Some(byte) => {
                        for nibble in [byte >> 4, byte & 15] {
                            line.push(b"0123456789abcdef"[usize::from(nibble)]);
                        }
                        line.push(b' ');
                    }
                    None => line.extend_from_slice(b"   "),
                }
            }
            line.push(b' ');
            let shown = |byte: &u8| {
                if matches!(byte, 0x20..=0x7e) {
                    *byte
                } else {
                    b'.'
                }
            };
            line.extend(bytes.iter().map(shown));
            line.resize(line.len() + LINE - count, b' ');
            line.extend_from_slice(b" |\n");
            self.output.line(&line)?;
            done += count as u64;
        }
        Ok(())
    }

    fn vectors(&mut self, address: u64, count: u64, mut left: u64) -> io::Result<()> {
        let size = self.size("iovec");
        for index in 0..count.min(MAX_VECTORS) {
            let at = address.wrapping_add(index.wrapping_mul(size));
            let base = self.field("iovec", "iov_base", at);
            let len = self.field("iovec", "iov_len", at);
            let Some((base, len)) = base.zip(len) else {
                break;
            };
            let len = len.min(left);
            if len == 0 {
                continue;
            }
            left -= len;
            let head = format!(" * {len} bytes in buffer {index}\n");
            self.output.line(head.as_bytes())?;
            self.bytes(base, len)?;
        }
        Ok(())
    }

    /// The vectors of a message; below a line of their number when it is one of several.
    fn message(&mut self, address: u64, left: u64, place: Option<u64>) -> io::Result<()> {
        let vectors = self.field("msghdr", "msg_iov", address);
        let count = self.field("msghdr", "msg_iovlen", address);
        let Some((vectors, count)) = vectors.zip(count) else {
            return Ok(());
        };
        if let Some(place) = place {
            let head = format!(" = {count} buffers in vector {place}\n");
            self.output.line(head.as_bytes())?;
        }
        self.vectors(vectors, count, left)
    }

    fn messages(&mut self, address: u64, count: u64) -> io::Result<()> {
        let size = self.size("mmsghdr");
        for index in 0..count.min(MAX_VECTORS) {
            let at = address.wrapping_add(index.wrapping_mul(size));
            let Some(len) = self.field("mmsghdr", "msg_len", at) else {
                break;
            };
            self.message(at, len, Some(index))?;
        }
        Ok(())
    }
}

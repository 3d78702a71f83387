//! One argument of a call whose arguments hang on a command, and the ways in which those are shown.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::Errno;

use super::super::structure::Part;
use super::super::{Asked, Phase, Printer, When, number};

/// How an argument is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Of 32 bits, signed.
    Number,
    /// A word, unsigned.
    Unsigned,
    Hex,
    Address,
    Signal,
    Flags(&'static str),
    Value(&'static str),
    /// A name, or else a decimal number.
    Named(&'static str),
    OpenFlags,
    Id,
    Descriptor,
    Text,
    Path,
    /// A text of that many bytes at most.
    Name(usize),
    /// Bytes, as many as another argument says.
    Bytes(u8),
    HexBytes(u8),
    /// Bytes that the call gives: as many as its result says, and another argument at most.
    BytesOut(u8),
    NameOut(usize),
    IntIn,
    IntOut,
    HexOut,
    WordOut,
    WordHexOut,
    AddressOut,
    WideOut,
    FlagsIn(&'static str),
    FlagsOut(&'static str),
    ValueIn(&'static str),
    ValueOut(&'static str),
    ByteOut(&'static str),
    Character,
    /// Two numbers of 64 bits.
    Range,
    /// A vector, without what it points to.
    Vector,
    In(&'static str),
    Out(&'static str),
    /// Descriptors, as many as another argument says.
    Descriptors(u8),
    Interface(Part),
    SetInterface(Part),
    InterfaceName,
    Interfaces,
    /// A request to who serves page faults.
    Fault(&'static str),
    /// A structure whose first fields are the question, the others the answer.
    Answered(&'static str, u8),
    /// A structure that is a question, and then its answer.
    Question(&'static str),
    VideoFormat,
    /// A buffer of a video device, whether it is taken from it.
    VideoBuffer(bool),
    VideoSizes,
    /// Vectors without what they point to, as many as another argument says.
    RawVectors(u8),
    /// Structures, as many as another argument says.
    Structures(&'static str, u8),
    /// An error by its number.
    Error,
    /// A program of `seccomp`.
    Filter,
    /// The operation of a tone generator: how long, how high.
    Tone,
}

impl How {
    /// When it can be shown.
    pub(super) fn when(self) -> When {
        match self {
            How::BytesOut(_)
            | How::NameOut(_)
            | How::IntOut
            | How::HexOut
            | How::WordOut
            | How::WordHexOut
            | How::AddressOut
            | How::WideOut
            | How::FlagsOut(_)
            | How::ValueOut(_)
            | How::ByteOut(_)
            | How::Out(_)
            | How::Interface(_)
            | How::InterfaceName
            | How::Interfaces
            | How::Answered(..)
            | How::VideoFormat
            | How::VideoBuffer(_)
            | How::VideoSizes
            | How::Fault(_) => When::Exit,
            How::Question(_) => When::Both,
            _ => When::Enter,
        }
    }
}

impl Printer<'_> {
    /// Appends an argument that is shown so.
    pub(super) fn shown(&mut self, asked: &Asked<'_>, value: u64, how: How, phase: Phase) {
        let result = match phase {
            Phase::Exit(result) => result,
            Phase::Enter => None,
        };
        let small = value & 0xffff_ffff;
        match how {
            How::Interface(part) => return self.interface(value, part, result.is_some()),
            How::InterfaceName => return self.interface_by_index(value, result.is_some()),
            How::Interfaces => return self.interfaces(value, result.is_some()),
            How::Fault(shape) => return self.fault_request(shape, value, result.is_some()),
            How::Answered(shape, first) => {
                return self.answered(shape, usize::from(first), value, result.is_some());
            }
            How::VideoFormat => return self.video_format(value, result.is_some()),
            How::VideoBuffer(taken) => return self.video_buffer(value, taken, result.is_some()),
            How::VideoSizes => return self.video_sizes(value, result.is_some()),
            How::Question(shape) => return self.question(shape, value),
            how if how.when() == When::Exit && result.is_none() => return self.address(value),
            _ => {}
        }
        match how {
            How::Number => number::signed(self.out, i64::from(value as i32)),
            How::Unsigned => self.decimal(value),
            How::Hex => self.hex(value),
            How::Address => self.address(value),
            How::Signal => self.signal(small),
            How::Flags(group) => self.flags(group, value),
            How::Value(group) => self.value(group, value),
            How::Named(group) => self.value_or(group, value, |out, value| {
                number::signed(out, i64::from(value as i32));
            }),
            How::OpenFlags => self.open_flags(value),
            How::Id => number::signed(self.out, i64::from(value as i32)),
            How::Descriptor => self.dirfd(value),
            How::Text => self.string(value),
            How::Path => self.path(value),
            How::Name(len) | How::NameOut(len) => self.string_of(value, len),
            How::Bytes(len) => self.buffer(value, asked.arg(len)),
            How::HexBytes(len) => self.hex_buffer(value, asked.arg(len)),
            How::BytesOut(len) => {
                let done = result.unwrap_or(0).min(asked.arg(len));
                self.buffer(value, done);
            }
            How::IntIn | How::IntOut => self.int_at(value),
            How::HexOut => self.bracketed_int(value, |printer, value| printer.hex(value)),
            How::WordOut => self.bracketed_word(value, |printer, value| printer.decimal(value)),
            How::WordHexOut => self.bracketed_word(value, |printer, value| printer.hex(value)),
            How::AddressOut => self.bracketed_word(value, |printer, value| printer.address(value)),
            How::WideOut => match self.memory.read_u64(value) {
                Ok(wide) => {
                    self.out.push(b'[');
                    self.decimal(wide);
                    self.out.push(b']');
                }
                Err(_) => self.address(value),
            },
            How::FlagsIn(group) | How::FlagsOut(group) => {
                self.bracketed_int(value, |printer, value| printer.flags(group, value));
            }
            How::ValueIn(group) | How::ValueOut(group) => {
                self.bracketed_int(value, |printer, value| printer.value(group, value));
            }
            How::ByteOut(group) => match self.memory.read_u8(value) {
                Ok(byte) => {
                    self.out.push(b'[');
                    self.value(group, u64::from(byte));
                    self.out.push(b']');
                }
                Err(_) => self.address(value),
            },
            How::Character => self.buffer(value, 1),
            How::Range => {
                let second = value.wrapping_add(8);
                match (self.memory.read_u64(value), self.memory.read_u64(second)) {
                    (Ok(start), Ok(len)) => {
                        self.out.push(b'[');
                        self.decimal(start);
                        self.text(", ");
                        self.decimal(len);
                        self.out.push(b']');
                    }
                    _ => self.address(value),
                }
            }
            How::Vector => self.shaped("iovec", "raw_iovec", value, u64::MAX),
            How::In(shape) | How::Out(shape) => self.structure(shape, value),
            How::Descriptors(count) => self.descriptors(value, asked.arg(count) & 0xffff_ffff),
            How::SetInterface(part) => self.interface(value, part, true),
            How::RawVectors(count) => {
                let size = 2 * self.word_size();
                self.elements(
                    value,
                    asked.arg(count) & 0xffff_ffff,
                    size,
                    |printer, at| {
                        printer.shaped("iovec", "raw_iovec", at, u64::MAX);
                    },
                );
            }
            How::Structures(shape, count) => {
                let size = self
                    .abi
                    .structure(shape)
                    .map_or(1, |shape| u64::from(shape.size));
                self.elements(
                    value,
                    asked.arg(count) & 0xffff_ffff,
                    size,
                    |printer, at| {
                        printer.structure(shape, at);
                    },
                );
            }
            How::Error => {
                let known = u16::try_from(value)
                    .ok()
                    .and_then(|number| Errno::from_number(self.abi, number));
                match known {
                    Some(errno) => self.constant(
                        |out| number::decimal(out, value),
                        |printer| printer.text(errno.name()),
                    ),
                    None => self.decimal(value),
                }
            }
            How::Filter => self.filter_program(value, true),
            How::Tone => {
                self.decimal(small & 0xffff);
                if small >> 16 == 0 && !self.has_words() {
                } else if small >> 16 == 0 {
                    self.text(" /* off */");
                } else {
                    self.text("<<0 | ");
                    self.decimal(small >> 16);
                    self.text("<<16");
                }
            }
            How::Interface(_)
            | How::InterfaceName
            | How::Interfaces
            | How::Answered(..)
            | How::Question(_)
            | How::VideoFormat
            | How::VideoBuffer(_)
            | How::VideoSizes
            | How::Fault(_) => {}
        }
    }

    fn bracketed_int(&mut self, address: u64, one: impl FnOnce(&mut Self, u64)) {
        match self.memory.read_u32(address) {
            Ok(value) if address != 0 => {
                self.out.push(b'[');
                one(self, u64::from(value));
                self.out.push(b']');
            }
            _ => self.address(address),
        }
    }

    pub(super) fn bracketed_word(&mut self, address: u64, one: impl FnOnce(&mut Self, u64)) {
        match self.word(address) {
            Some(value) if address != 0 => {
                self.out.push(b'[');
                one(self, value);
                self.out.push(b']');
            }
            _ => self.address(address),
        }
    }

    /// `IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 4)`   [Linux include/uapi/linux/ioprio.h]
    pub(in super::super) fn io_priority(&mut self, value: u64) {
        let (names, numbers) = (self.has_words(), !self.only_words());
        if numbers {
            self.decimal(value & 0xffff_ffff);
        }
        if names && numbers {
            self.text(" /* ");
        }
        if names {
            self.priority_words(value);
        }
        if names && numbers {
            self.text(" */");
        }
    }

    /// The same in words; the class is a constant of its own.
    pub(in super::super) fn priority_words(&mut self, value: u64) {
        self.text("IOPRIO_PRIO_VALUE(");
        self.value("ioprio_class", value >> 13 & 7);
        self.text(", ");
        self.decimal(value & 0x1fff);
        self.out.push(b')');
    }
}

//! One argument, by what it means.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::id;
use emu_prototypes::{DataModel, Meaning, Width};

use super::{Asked, Phase, Printer, nt, number, particular, sets};

impl Printer<'_> {
    /// Appends an argument.
    pub(crate) fn argument(&mut self, asked: &Asked<'_>, field: u8, phase: Phase) {
        self.adopt(asked);
        if asked.extent.raw {
            let value = asked.arg(field);
            return number::hex(self.out, self.cut(value));
        }
        if nt::argument(self, asked, field, phase) {
            return;
        }
        if !particular::argument(self, asked, field, phase) {
            self.by_meaning(asked, field, asked.meaning(field), phase);
        }
    }

    /// Appends an argument as `meaning` has it.
    pub(super) fn by_meaning(
        &mut self,
        asked: &Asked<'_>,
        field: u8,
        meaning: Meaning,
        phase: Phase,
    ) {
        let value = asked.arg(field);
        let result = match phase {
            Phase::Enter => None,
            Phase::Exit(value) => value,
        };
        match meaning {
            Meaning::Plain => {
                if asked.width(field).signed() {
                    self.signed(value);
                } else {
                    self.decimal(value);
                }
            }
            Meaning::Hex => self.hex(asked.width_cut(field, value)),
            Meaning::Octal => number::octal(self.out, asked.width_cut(field, value), 1),
            Meaning::Address => self.address(value),
            Meaning::Fd => self.descriptor(value as i32),
            Meaning::Pid => self.signed(i64::from(value as i32) as u64),
            Meaning::DirFd => self.dirfd(value),
            Meaning::Path => self.path(value),
            Meaning::Str => self.string(value),
            Meaning::StrArray => self.strings(asked, field, value),
            Meaning::In { len } => self.buffer(value, asked.arg(len)),
            Meaning::Out { len } => match result {
                Some(done) => self.buffer(value, done.min(asked.arg(len))),
                None => self.address(value),
            },
            Meaning::OutStr { len } => match result {
                Some(done) => self.buffer(value, done.min(asked.arg(len))),
                None => self.address(value),
            },
            Meaning::IovecIn { count } => self.iovec(value, asked.arg(count), u64::MAX),
            Meaning::IovecOut { count } => match result {
                Some(done) => self.iovec(value, asked.arg(count), done),
                None if phase == Phase::Enter => self.address(value),
                None => self.vectors(value, asked.arg(count)),
            },
            Meaning::Flags(group) => self.flags(group, asked.width_cut(field, value)),
            Meaning::Enum(group) => self.value(group, asked.width_cut(field, value)),
            Meaning::OpenFlags => self.open_flags(value),
            Meaning::Mode => number::octal(self.out, value & 0xffff_ffff, 3),
            Meaning::Id => self.id(asked, field, value),
            Meaning::Signal => self.signal(value),
            Meaning::SigSet { size } => self.sigset(value, sets::signals(asked, size, self.model)),
            Meaning::SigSetOut { size } => match phase {
                Phase::Exit(Some(_)) => {
                    self.sigset(value, sets::signals(asked, size, self.model));
                }
                _ => self.address(value),
            },
            Meaning::StructIn(name) => self.structure(name, value),
            Meaning::StructOut(name) => match phase {
                Phase::Exit(Some(_)) => self.structure(name, value),
                _ => self.address(value),
            },
            Meaning::StructInOut(name) => match phase {
                Phase::Exit(None) => self.address(value),
                _ => self.structure(name, value),
            },
            Meaning::PairIn(of) => self.array(of, value, 2),
            Meaning::ArrayIn { of, count } => self.array(of, value, asked.arg(count)),
            Meaning::ArrayOut { of, count } => match result {
                Some(done) => self.array(of, value, done.min(asked.arg(count))),
                None => self.address(value),
            },
            Meaning::ArrayInOut { of, count } => self.array(of, value, asked.arg(count)),
            Meaning::Dirents { of, len } => match result {
                Some(done) => self.dirents(of, value, done.min(asked.arg(len))),
                None => self.address(value),
            },
            Meaning::SockaddrIn { len } => self.sockaddr(value, asked.arg(len)),
            Meaning::SockaddrOut { len } => {
                let room = self.memory.read_u32(asked.arg(len));
                match (result, room) {
                    (Some(_), Ok(room)) => self.sockaddr(value, u64::from(room)),
                    _ => self.address(value),
                }
            }
            Meaning::FdSet { count } => self.fd_set(value, asked.arg(count)),
            Meaning::FdArray { count } => self.descriptors(value, asked.arg(count)),
            Meaning::IntIn => self.int_at(value),
            Meaning::IntOut => match phase {
                Phase::Exit(Some(_)) => self.int_at(value),
                _ => self.address(value),
            },
            Meaning::IntInOut => self.int_at(value),
            Meaning::IdOut => match phase {
                Phase::Exit(Some(_)) => self.id_at(asked, field, value),
                _ => self.address(value),
            },
            Meaning::WaitStatusOut => match phase {
                Phase::Exit(Some(1..)) => self.wait_status(value),
                _ => self.address(value),
            },
            Meaning::LongOut => match phase {
                Phase::Exit(Some(_)) => {
                    let param = asked.info.params.get(usize::from(field));
                    self.long_at(value, param.is_some_and(|param| param.ctype.contains("**")));
                }
                _ => self.address(value),
            },
            Meaning::LongInOut => self.long_at(value, false),
            Meaning::FdPairOut => match phase {
                Phase::Exit(Some(_)) => self.descriptors(value, 2),
                _ => self.address(value),
            },
            Meaning::Int64Out => match phase {
                Phase::Exit(Some(_)) => self.int64_at(value),
                _ => self.address(value),
            },
            Meaning::Int64In | Meaning::Int64InOut => self.int64_at(value),
            Meaning::FcntlCommand => self.value(particular::group::FCNTL, value),
            Meaning::FcntlArgument => self.hex(value),
            Meaning::IoctlCommand => self.ioctl_command(value),
            Meaning::IoctlArgument => self.hex(value),
            Meaning::CloneFlags => self.clone_flags(value),
            Meaning::FutexOp => self.value(particular::group::FUTEX, value),
            Meaning::Device => self.device(value),
            Meaning::Handle => self.hex(asked.width_cut(field, value)),
            Meaning::Bool => match value {
                0 => self.text("FALSE"),
                1 => self.text("TRUE"),
                other => self.decimal(other),
            },
            Meaning::Filled { len, done } => match phase {
                Phase::Exit(Some(_)) => self.filled(asked, value, len, done),
                _ => self.address(value),
            },
            Meaning::HandleOut => match phase {
                Phase::Exit(Some(_)) => self.long_at(value, true),
                _ => self.address(value),
            },
            Meaning::LongIn => self.long_at(value, true),
            Meaning::ByteIn | Meaning::ByteInOut => self.narrow_at(value, 1),
            Meaning::ShortIn | Meaning::ShortInOut => self.narrow_at(value, 2),
            Meaning::ByteOut | Meaning::ShortOut => match phase {
                Phase::Exit(Some(_)) => {
                    self.narrow_at(value, if meaning == Meaning::ByteOut { 1 } else { 2 });
                }
                _ => self.address(value),
            },
        }
    }

    /// An argument that counts bytes, or points to such a count.
    fn count(&mut self, asked: &Asked<'_>, field: u8) -> Option<u64> {
        let value = asked.arg(field);
        let param = asked.info.params.get(usize::from(field))?;
        match param.ctype {
            "SIZE_T" | "size_t" => Some(value),
            "PSIZE_T" => self.word(value),
            _ if param.width == Width::Ptr => self.memory.read_u32(value).ok().map(u64::from),
            _ => Some(value),
        }
    }

    /// Bytes that a call has filled.
    fn filled(&mut self, asked: &Asked<'_>, address: u64, len: u8, done: u8) {
        let room = self.count(asked, len);
        let filled = match done {
            255 => room,
            done => self.count(asked, done),
        };
        match room.zip(filled) {
            Some((room, filled)) => self.buffer(address, filled.min(room)),
            None => self.address(address),
        }
    }

    /// `[…]` with an unsigned integer of that many bytes.
    fn narrow_at(&mut self, address: u64, bytes: u64) {
        self.elements(address, 1, bytes, |printer, at| {
            let value = match bytes {
                1 => printer.memory.read_u8(at).map(u64::from),
                _ => printer.memory.read_u16(at).map(u64::from),
            };
            match value {
                Ok(value) => number::decimal(printer.out, value),
                Err(_) => number::address(printer.out, at),
            }
        });
    }

    /// Appends an argument of two halves: `before` is what it was, and what it has become follows when that differs.
    pub(crate) fn changed(&mut self, asked: &Asked<'_>, field: u8, phase: Phase, before: &[u8]) {
        let start = self.out.len();
        self.out.extend_from_slice(before);
        if asked.extent.shallow {
            return;
        }
        if asked.info.id == id::CLONE3 && matches!(phase, Phase::Exit(Some(_))) {
            self.clone_filled(asked.arg(field));
            return;
        }
        if let (id::IOCTL, Phase::Exit(Some(_))) = (asked.info.id, phase)
            && let Some(shape) = particular::answers(asked, field)
        {
            self.adopt(asked);
            self.answer(shape, asked.arg(field));
            return;
        }
        if !matches!(phase, Phase::Exit(Some(_))) || !before.starts_with(b"[") {
            return;
        }
        let end = self.out.len();
        self.argument(asked, field, phase);
        let (old, new) = self.out[start..].split_at(end - start);
        let told = matches!(asked.info.id, id::SENDFILE | id::SENDFILE64);
        let moved = matches!(phase, Phase::Exit(Some(1..)));
        if old == new && !(told && moved) {
            self.out.truncate(end);
        } else if matches!(
            asked.meaning(field),
            Meaning::Int64InOut | Meaning::LongInOut
        ) {
            self.out.splice(end..end, *b" => ");
        } else {
            // `[128]` and `[16]` are told as `[128 => 16]`.
            self.out.splice(end - 1..=end, *b" => ");
        }
    }

    fn id(&mut self, asked: &Asked<'_>, field: u8, value: u64) {
        let none = match asked.width(field).bytes(self.model) {
            2 => 0xffff,
            _ => 0xffff_ffff,
        };
        if value & none == none {
            self.text("-1");
        } else {
            self.decimal(value & none);
        }
    }

    fn id_at(&mut self, asked: &Asked<'_>, field: u8, address: u64) {
        let param = asked.info.params.get(usize::from(field));
        let old = param.is_some_and(|param| param.ctype.starts_with("old_"));
        let value = match old {
            true => self.memory.read_u16(address).map(u32::from),
            false => self.memory.read_u32(address),
        };
        self.bracketed(address, value.ok().map(u64::from));
    }

    fn bracketed(&mut self, address: u64, value: Option<u64>) {
        match value {
            Some(value) => {
                self.out.push(b'[');
                self.signed(value);
                self.out.push(b']');
            }
            None => self.address(address),
        }
    }

    pub(super) fn int_at(&mut self, address: u64) {
        let value = if address == 0 {
            None
        } else {
            self.memory.read_u32(address).ok()
        };
        self.bracketed(address, value.map(|value| i64::from(value as i32) as u64));
    }

    fn int64_at(&mut self, address: u64) {
        let value = if address == 0 {
            None
        } else {
            self.memory.read_u64(address).ok()
        };
        self.bracketed(address, value);
    }

    fn long_at(&mut self, address: u64, pointer: bool) {
        let value = if address == 0 {
            None
        } else {
            self.word(address)
        };
        match value {
            Some(value) => {
                self.out.push(b'[');
                if pointer {
                    self.address(value);
                } else {
                    self.signed(value);
                }
                self.out.push(b']');
            }
            None => self.address(address),
        }
    }

    /// A pointer-sized word of the ABI the call came by, which may be narrower than the CPU's pointers.
    pub(super) fn word(&mut self, address: u64) -> Option<u64> {
        match self.model {
            DataModel::Ilp32 => self.memory.read_u32(address).ok().map(u64::from),
            DataModel::Lp64 | DataModel::Llp64 => self.memory.read_u64(address).ok(),
        }
    }

    pub(super) fn word_size(&self) -> u64 {
        match self.model {
            DataModel::Ilp32 => 4,
            DataModel::Lp64 | DataModel::Llp64 => 8,
        }
    }

    pub(super) fn open_flags(&mut self, value: u64) {
        // O_ACCMODE is 3 on every ABI.   [Linux include/uapi/asm-generic/fcntl.h]
        let mode = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"][(value & 3) as usize];
        self.hex_or(value & 0xffff_ffff, |printer| {
            printer.text(mode);
            printer.and_flags(particular::group::OPEN, value & 0xffff_fffc);
        });
    }

    /// Flags behind something else, each after `|`.
    pub(super) fn and_flags(&mut self, group: &'static str, value: u64) {
        if value == 0 {
            return;
        }
        let left = self.names.more_flags(self.out, self.abi, group, value);
        if left != 0 {
            self.out.push(b'|');
            self.hex(left);
        }
    }

    fn wait_status(&mut self, address: u64) {
        let Ok(status) = self.memory.read_u32(address) else {
            self.address(address);
            return;
        };
        self.text("[{");
        let (low, high) = (status & 0x7f, u64::from(status >> 8 & 0xff));
        // [wait(2); Linux include/uapi/linux/wait.h has no words for these]
        if low == 0 {
            self.text("WIFEXITED(s) && WEXITSTATUS(s) == ");
            self.decimal(high);
        } else if status == 0xffff {
            self.text("WIFCONTINUED(s)");
        } else if low == 0x7f {
            self.text("WIFSTOPPED(s) && WSTOPSIG(s) == ");
            self.in_words(|printer| printer.signal(high));
        } else {
            self.text("WIFSIGNALED(s) && WTERMSIG(s) == ");
            self.in_words(|printer| printer.signal(u64::from(low)));
            if status & 0x80 != 0 {
                self.text(" && WCOREDUMP(s)");
            }
        }
        self.text("}]");
    }

    /// A device number as user space has it.   [glibc bits/sysmacros.h, gnu_dev_major]
    pub(super) fn device(&mut self, value: u64) {
        let major = value >> 8 & 0xfff | value >> 32 & 0xffff_f000;
        let minor = value & 0xff | value >> 12 & 0xffff_ff00;
        self.hex_or(value, |printer| {
            printer.text("makedev(");
            printer.hex(major);
            printer.text(", ");
            printer.hex(minor);
            printer.out.push(b')');
        });
    }

    fn clone_flags(&mut self, value: u64) {
        let (signal, flags) = (value & 0xff, value & 0xffff_ff00);
        if flags != 0 {
            self.flags(particular::group::CLONE, flags);
        }
        if signal != 0 {
            if flags != 0 {
                self.out.push(b'|');
            }
            self.signal(signal);
        } else if flags == 0 {
            self.out.push(b'0');
        }
    }
}

impl Asked<'_> {
    /// A value cut to its argument's width, for showing in hexadecimal.
    fn width_cut(&self, field: u8, value: u64) -> u64 {
        match self.width(field).bytes(self.model) {
            bytes @ 1..8 => value & ((1 << (8 * bytes)) - 1),
            _ => value,
        }
    }
}

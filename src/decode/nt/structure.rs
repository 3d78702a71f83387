//! Structures of both widths: a pointer takes 4 bytes or 8, and stands at a multiple of that.

use emu_cpu::{Fault, GuestMemory};

use super::names;
use crate::decode::quote;
use crate::decode::settings::Descriptors;
use crate::decode::{Asked, Printer, number};
use crate::kernel::nt::{descriptor_text, unicode_string};

/// Units of a name that are shown at most.
const MAX_UNITS: usize = 4096;
/// `FileFsDeviceInformation`.
const FS_DEVICE: u64 = 4;
/// `TokenUser`.
const TOKEN_USER: u64 = 1;

impl Printer<'_> {
    /// A handle; one that stands for who uses it by its name.
    pub(super) fn handle(&mut self, value: u64, name: &str) {
        let signed = match self.word_size() {
            4 => i64::from(value as u32 as i32),
            _ => value as i64,
        };
        match (signed, name) {
            (-1, "ProcessHandle" | "ParentProcess") => self.text("NtCurrentProcess()"),
            (-2, "ThreadHandle") => self.text("NtCurrentThread()"),
            (-4, "TokenHandle") => self.text("NtCurrentProcessToken()"),
            (-5, "TokenHandle") => self.text("NtCurrentThreadToken()"),
            (-6, "TokenHandle") => self.text("NtCurrentThreadEffectiveToken()"),
            (0, _) => self.text("NULL"),
            _ => self.object(value),
        }
    }

    /// A handle; with what it stands for, when that is known: `0x10<File C:\\note>`.
    fn object(&mut self, handle: u64) {
        self.hex(handle);
        if self.settings.descriptors != Descriptors::Numbers
            && let Some(object) = self.memory.guest.handle(handle)
        {
            self.out.push(b'<');
            // Backslashes are everywhere in names, and stand for themselves.
            for (index, part) in object.split(|byte| *byte == b'\\').enumerate() {
                if index > 0 {
                    self.out.push(b'\\');
                }
                quote::inside(self.out, part, self.settings.strings);
            }
            self.out.push(b'>');
        }
    }

    /// The handle at an address.
    pub(super) fn handle_at(&mut self, address: u64) {
        let word = self.word_size();
        self.elements(address, 1, word, |printer, at| {
            let handle = printer.word_at(at).unwrap_or(0);
            printer.object(handle);
        });
    }

    pub(super) fn word_at(&mut self, at: u64) -> Result<u64, Fault> {
        let word = self.word_size();
        self.memory.read_word(at, word)
    }

    /// What `show` appends, or the address when something there can't be read.
    pub(super) fn or_address(
        &mut self,
        address: u64,
        show: impl FnOnce(&mut Self) -> Result<(), Fault>,
    ) {
        let start = self.out.len();
        if address == 0 || show(self).is_err() {
            self.out.truncate(start);
            self.address(address);
        }
    }

    /// `"\??\C:\x"`
    pub(super) fn unicode_string(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let word = printer.word_size();
            let (len, buffer) = unicode_string(&mut printer.memory, word, address)?;
            printer.units(buffer, usize::from(len) / 2)
        });
    }

    pub(super) fn units(&mut self, buffer: u64, count: usize) -> Result<(), Fault> {
        let shown = count.min(MAX_UNITS);
        let mut bytes = vec![0; 2 * shown];
        self.memory.read(buffer, &mut bytes)?;
        let units = bytes
            .chunks_exact(2)
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
        self.out.push(b'"');
        for letter in char::decode_utf16(units) {
            match letter {
                Ok('"') => self.text("\\\""),
                // Backslashes are everywhere in names, and stand for themselves.
                Ok(letter) if !letter.is_control() => {
                    self.text(letter.encode_utf8(&mut [0; 4]));
                }
                Ok(letter) => self.unit(u32::from(letter)),
                Err(error) => self.unit(error.unpaired_surrogate().into()),
            }
        }
        self.out.push(b'"');
        if shown < count {
            self.text("...");
        }
        Ok(())
    }

    fn unit(&mut self, unit: u32) {
        self.text("\\u{");
        let hex = format!("{unit:x}}}");
        self.text(&hex);
    }

    /// `{ObjectName="\??\C:\x", Attributes=OBJ_CASE_INSENSITIVE}`
    pub(super) fn object_attributes(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let word = printer.word_size();
            let root = printer.word_at(address.wrapping_add(word))?;
            let name = printer.word_at(address.wrapping_add(2 * word))?;
            let attributes = printer.memory.read_u32(address.wrapping_add(3 * word))?;
            printer.text("{");
            if root != 0 {
                printer.text("RootDirectory=");
                printer.hex(root);
                printer.text(", ");
            }
            printer.text("ObjectName=");
            printer.unicode_string(name);
            printer.text(", Attributes=");
            names::set(printer.out, names::ATTRIBUTES, attributes.into());
            let security = printer.word_at(address.wrapping_add(4 * word))?;
            if security != 0 {
                printer.text(", SecurityDescriptor=");
                printer.security(security);
            }
            printer.text("}");
            Ok(())
        });
    }

    /// A security descriptor: `O:BAG:BAD:(A;;FA;;;WD)`.
    pub(super) fn security(&mut self, address: u64) {
        let word = self.word_size();
        let text = match address {
            0 => None,
            at => descriptor_text(&mut self.memory, word, at),
        };
        match text {
            Some(text) => self.text(&text),
            None => self.address(address),
        }
    }

    /// `{Status=0, Information=6}`
    pub(super) fn io_status(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let status = printer.memory.read_u32(address)?;
            let information = printer.word_at(address.wrapping_add(printer.word_size()))?;
            printer.text("{Status=");
            super::status(printer.out, status.into());
            printer.text(", Information=");
            printer.decimal(information);
            printer.text("}");
            Ok(())
        });
    }

    /// `{UniqueProcess=0x1f40, UniqueThread=0x1f44}`
    pub(super) fn client_id(&mut self, address: u64) {
        self.words_at(address, &[("UniqueProcess", 0), ("UniqueThread", 1)]);
    }

    /// `[0x10, 0x14]`
    pub(super) fn handles(&mut self, address: u64, count: u64) {
        let word = self.word_size();
        self.elements(address, count, word, |printer, at| {
            let handle = printer.word_at(at).unwrap_or(0);
            printer.object(handle);
        });
    }

    fn words_at(&mut self, address: u64, fields: &[(&str, u64)]) {
        self.or_address(address, |printer| printer.words(address, fields));
    }

    /// Words at multiples of their size.
    fn words(&mut self, address: u64, fields: &[(&str, u64)]) -> Result<(), Fault> {
        let word = self.word_size();
        for (index, (name, at)) in fields.iter().enumerate() {
            self.text(if index == 0 { "{" } else { ", " });
            self.text(name);
            self.text("=");
            let value = self.word_at(address.wrapping_add(at * word))?;
            self.hex(value);
        }
        self.text("}");
        Ok(())
    }

    /// `{ContextFlags=0x10007, Eip=0x401000, Esp=0x12ff80}`
    pub(super) fn context(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let narrow = printer.word_size() == 4;
            let (flags, pc, sp) = if narrow {
                (0, 0xb8, 0xc4)
            } else {
                (0x30, 0xf8, 0x98)
            };
            let flags = printer.memory.read_u32(address.wrapping_add(flags))?;
            let pc = printer.word_at(address.wrapping_add(pc))?;
            let sp = printer.word_at(address.wrapping_add(sp))?;
            printer.text("{ContextFlags=");
            printer.hex(flags.into());
            printer.text(if narrow { ", Eip=" } else { ", Rip=" });
            printer.hex(pc);
            printer.text(if narrow { ", Esp=" } else { ", Rsp=" });
            printer.hex(sp);
            printer.text("}");
            Ok(())
        });
    }

    /// `[0x10000]`
    pub(super) fn pointer_at(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let value = printer.word_at(address)?;
            printer.text("[");
            printer.address(value);
            printer.text("]");
            Ok(())
        });
    }

    /// `[PAGE_READWRITE]`
    pub(super) fn protection_at(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let value = printer.memory.read_u32(address)?;
            printer.text("[");
            names::set(printer.out, names::PROTECTION, value.into());
            printer.text("]");
            Ok(())
        });
    }

    /// A value of an enumeration.
    pub(super) fn kind(&mut self, kind: &str, value: u64) {
        match names::kind(kind, value) {
            Some(name) => self.text(name),
            None => number::signed(self.out, i64::from(value as i32)),
        }
    }

    /// What a call has filled, where it is known better than by its room. False when it is not.
    pub(super) fn filled_by(&mut self, asked: &Asked<'_>, address: u64, room: u64) -> bool {
        match (asked.info.name, asked.arg(2), asked.arg(1)) {
            ("NtReadFile", ..) => {
                let at = asked.arg(4).wrapping_add(self.word_size());
                let done = self.word_at(at).unwrap_or(0);
                self.buffer(address, done.min(room));
            }
            ("NtDeviceIoControlFile" | "NtFsControlFile", ..) if address != 0 => {
                let at = asked.arg(4).wrapping_add(self.word_size());
                let done = self.word_at(at).unwrap_or(0).min(room);
                if done == 0 {
                    self.address(address);
                } else if !self.control_output(asked.arg(5), address, done) {
                    self.buffer(address, done);
                }
            }
            ("NtQueryInformationFile", ..) => {
                return self.file_information(asked.arg(4), address, room);
            }
            ("NtQueryVolumeInformationFile", ..) if asked.arg(4) == FS_DEVICE => {
                self.device_kind(address);
            }
            ("NtQueryDirectoryFile", ..) => {
                return self.directory_entries(asked.arg(7), address, room);
            }
            ("NtQueryInformationToken", _, TOKEN_USER) => self.token_user(address),
            ("NtQueryInformationProcess", _, 27 | 43) | ("NtQueryObject", _, 1 | 2) => {
                self.unicode_string(address);
            }
            ("NtQueryValueKey", 2, _) => self.value_partial(address),
            ("NtQueryVirtualMemory", 0, _) => self.memory_information(address),
            ("NtQueryInformationProcess", _, 0) => self.words_at(
                address,
                &[
                    ("ExitStatus", 0),
                    ("PebBaseAddress", 1),
                    ("UniqueProcessId", 4),
                ],
            ),
            ("NtQueryInformationThread", _, 0) => self.words_at(
                address,
                &[
                    ("ExitStatus", 0),
                    ("TebBaseAddress", 1),
                    ("UniqueProcess", 2),
                    ("UniqueThread", 3),
                ],
            ),
            _ => return false,
        }
        true
    }

    /// A `MEMORY_BASIC_INFORMATION`.
    fn memory_information(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let word = printer.word_size();
            let rest = address.wrapping_add(if word == 4 { 12 } else { 24 });
            let base = printer.word_at(address)?;
            let allocation = printer.word_at(address.wrapping_add(word))?;
            let size = printer.word_at(rest)?;
            let mut word32 = [0; 3];
            for (index, value) in word32.iter_mut().enumerate() {
                let at = rest.wrapping_add(word + 4 * index as u64);
                *value = printer.memory.read_u32(at)?.into();
            }
            let [state, protect, kind] = word32;
            printer.text("{BaseAddress=");
            printer.address(base);
            printer.text(", AllocationBase=");
            printer.address(allocation);
            printer.text(", RegionSize=");
            printer.decimal(size);
            for (name, table, value) in [
                (", State=", names::MEMORY, state),
                (", Protect=", names::PROTECTION, protect),
                (", Type=", names::MEMORY, kind),
            ] {
                printer.text(name);
                names::set(printer.out, table, value);
            }
            printer.text("}");
            Ok(())
        });
    }
}

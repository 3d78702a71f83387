//! What is known of files, and what is changed: structures by their class.   [wdm.h, ntifs.h: FILE_INFORMATION_CLASS]

use emu_cpu::{Fault, GuestMemory};

use super::names;
use crate::decode::Printer;
use crate::kernel::nt::sid_text;

/// Classes of information.
mod class {
    pub(super) const BASIC: u64 = 4;
    pub(super) const STANDARD: u64 = 5;
    pub(super) const NAME: u64 = 9;
    pub(super) const RENAME: u64 = 10;
    pub(super) const LINK: u64 = 11;
    pub(super) const DISPOSITION: u64 = 13;
    pub(super) const POSITION: u64 = 14;
    pub(super) const ALLOCATION: u64 = 19;
    pub(super) const END_OF_FILE: u64 = 20;
}

/// Where in an entry of a directory the length of its name is, and the name, by class.
const ENTRIES: [(u64, u64, u64); 6] = [
    (1, 60, 64),
    (2, 60, 68),
    (3, 60, 94),
    (12, 8, 12),
    (37, 60, 104),
    (38, 60, 80),
];
/// Names of a directory that are shown at most, as many as elements of any array.
const MAX_NAMES: usize = 32;

impl Printer<'_> {
    /// The structure of a class. False for one that is not known here.
    pub(super) fn file_information(&mut self, class: u64, address: u64, len: u64) -> bool {
        let known = matches!(
            class,
            class::BASIC
                | class::STANDARD
                | class::NAME
                | class::RENAME
                | class::LINK
                | class::DISPOSITION
                | class::POSITION
                | class::ALLOCATION
                | class::END_OF_FILE
        );
        if known {
            self.or_address(address, |printer| printer.file_fields(class, address, len));
        }
        known
    }

    fn file_fields(&mut self, class: u64, at: u64, len: u64) -> Result<(), Fault> {
        self.text("{");
        match class {
            class::BASIC => {
                let times = [
                    "CreationTime",
                    "LastAccessTime",
                    "LastWriteTime",
                    "ChangeTime",
                ];
                for (index, name) in times.iter().enumerate() {
                    self.long(name, at.wrapping_add(8 * index as u64))?;
                    self.text(", ");
                }
                let attributes = self.memory.read_u32(at.wrapping_add(32))?;
                self.text("FileAttributes=");
                names::set(self.out, names::FILE_ATTRIBUTES, attributes.into());
            }
            class::STANDARD => {
                self.long("AllocationSize", at)?;
                self.text(", ");
                self.long("EndOfFile", at.wrapping_add(8))?;
                let links = self.memory.read_u32(at.wrapping_add(16))?;
                self.text(", NumberOfLinks=");
                self.decimal(links.into());
                self.text(", ");
                self.truth("DeletePending", at.wrapping_add(20))?;
                self.text(", ");
                self.truth("Directory", at.wrapping_add(21))?;
            }
            class::NAME => {
                let bytes = self.memory.read_u32(at)?;
                self.text("FileName=");
                self.wide(at.wrapping_add(4), u64::from(bytes).min(len))?;
            }
            class::RENAME | class::LINK => {
                let word = self.word_size();
                self.truth("ReplaceIfExists", at)?;
                let root = self.memory.read_word(at.wrapping_add(word), word)?;
                let bytes = self.memory.read_u32(at.wrapping_add(2 * word))?;
                self.text(", RootDirectory=");
                self.handle(root, "");
                self.text(", FileName=");
                self.wide(at.wrapping_add(2 * word + 4), u64::from(bytes).min(len))?;
            }
            class::DISPOSITION => self.truth("DeleteFile", at)?,
            class::POSITION => self.long("CurrentByteOffset", at)?,
            class::ALLOCATION => self.long("AllocationSize", at)?,
            _ => self.long("EndOfFile", at)?,
        }
        self.text("}");
        Ok(())
    }

    fn long(&mut self, name: &str, at: u64) -> Result<(), Fault> {
        let value = self.memory.read_u64(at)?;
        self.text(name);
        self.text("=");
        self.decimal(value);
        Ok(())
    }

    fn truth(&mut self, name: &str, at: u64) -> Result<(), Fault> {
        let value = self.memory.read_u8(at)?;
        self.text(name);
        self.text(if value == 0 { "=FALSE" } else { "=TRUE" });
        Ok(())
    }

    /// The names of a directory's entries: `[".", "..", "a.txt"]`. False for a class that is not known here.
    pub(super) fn directory_entries(&mut self, class: u64, address: u64, room: u64) -> bool {
        let Some(&(_, len_at, name_at)) = ENTRIES.iter().find(|(own, ..)| *own == class) else {
            return false;
        };
        self.or_address(address, |printer| {
            let mut at = 0;
            printer.text("[");
            for index in 0.. {
                if index > 0 {
                    printer.text(", ");
                }
                if index == MAX_NAMES {
                    printer.text("...");
                    break;
                }
                let entry = address.wrapping_add(at);
                let bytes = printer.memory.read_u32(entry.wrapping_add(len_at))?;
                let name = entry.wrapping_add(name_at);
                printer.wide(name, u64::from(bytes).min(room))?;
                let next = u64::from(printer.memory.read_u32(entry)?);
                at += next;
                if next == 0 || at >= room {
                    break;
                }
            }
            printer.text("]");
            Ok(())
        });
        true
    }

    /// A `FILE_FS_DEVICE_INFORMATION`: `{DeviceType=FILE_DEVICE_DISK, Characteristics=0x20}`
    pub(super) fn device_kind(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let kind = printer.memory.read_u32(address)?;
            let characteristics = printer.memory.read_u32(address.wrapping_add(4))?;
            printer.text("{DeviceType=");
            printer.kind("FILE_DEVICE", kind.into());
            printer.text(", Characteristics=");
            printer.hex(characteristics.into());
            printer.text("}");
            Ok(())
        });
    }

    /// A `TOKEN_USER`: `{User=S-1-5-18}`.   [winnt.h: SID]
    pub(super) fn token_user(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let sid = printer.word_at(address)?;
            let count = printer.memory.read_u8(sid.wrapping_add(1))?;
            let mut authority = [0; 8];
            printer
                .memory
                .read(sid.wrapping_add(2), &mut authority[2..])?;
            let parts = (0..u64::from(count.min(15)))
                .map(|index| printer.memory.read_u32(sid.wrapping_add(8 + 4 * index)));
            let parts = parts.collect::<Result<Vec<u32>, _>>()?;
            printer.text("{User=");
            printer.text(&sid_text(u64::from_be_bytes(authority), &parts));
            printer.text("}");
            Ok(())
        });
    }
}

//! What does a call say by itself of who makes it, and where does it want its answers?

use emu_cpu::{Fault, GuestMemory};
use emu_prototypes::nt::NtStatus;

use crate::kernel::Cx;

/// A handle that stands for who uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pseudo {
    Process,
    Thread,
}

impl Cx<'_> {
    /// Whether the libraries are Wine's, which take some fields for others than Windows's do. Only those have that call.
    pub(super) fn is_wine(&self) -> bool {
        self.profile.number("NtWineUnixCall").is_some()
    }

    /// [NtCurrentProcess, NtCurrentThread]
    pub(super) fn pseudo(&self, handle: u64) -> Option<Pseudo> {
        let signed = match self.word() {
            4 => i64::from(handle as u32 as i32),
            _ => handle as i64,
        };
        match signed {
            -1 => Some(Pseudo::Process),
            -2 => Some(Pseudo::Thread),
            _ => None,
        }
    }

    /// Bytes of a word in structures that a program makes for a device: its own, even where a 64-bit library asks for it.
    pub(super) fn program_word(&self) -> u64 {
        match self.task.is_narrow() {
            true => 4,
            false => self.word(),
        }
    }

    /// Fills an `IO_STATUS_BLOCK`.
    pub(super) fn io_status(
        &mut self,
        at: u64,
        status: NtStatus,
        information: u64,
    ) -> Result<(), Fault> {
        // What is told later goes elsewhere where a 32-bit program has asked.
        let (at, word) = match status {
            NtStatus::PENDING => self.later_block(at)?,
            _ => (at, self.word()),
        };
        self.mem.write_u32(at, status.0)?;
        let information = &information.to_le_bytes()[..word as usize];
        self.mem.write(at.wrapping_add(word), information)
    }

    /// Writes a count where the guest wants it, if it does.
    pub(super) fn returned_length(&mut self, at: u64, length: u64) -> Result<(), Fault> {
        match at {
            0 => Ok(()),
            at => self.mem.write_u32(at, length as u32),
        }
    }
}

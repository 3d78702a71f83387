//! The guest's memory as structures see it: when calls are not to be looked into, nothing of it can be read.

use emu_cpu::{Endian, Fault, GuestMemory};

use crate::view::Guest;

/// The guest, and whether what its pointers lead to is looked at. Strings are told in any case: they ask `guest`.
pub(super) struct Sight<'a> {
    pub(super) guest: &'a mut dyn Guest,
    pub(super) closed: bool,
}

impl<'a> Sight<'a> {
    /// All can be seen.
    pub(super) fn new(guest: &'a mut dyn Guest) -> Self {
        Sight {
            guest,
            closed: false,
        }
    }

    fn check(&self, address: u64) -> Result<(), Fault> {
        match self.closed {
            true => Err(Fault {
                address,
                access: emu_cpu::Access::Read,
                kind: emu_cpu::FaultKind::Denied,
            }),
            false => Ok(()),
        }
    }
}

impl GuestMemory for Sight<'_> {
    fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        self.check(address)?;
        self.guest.read(address, buf)
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.guest.write(address, bytes)
    }

    fn endian(&self) -> Endian {
        self.guest.endian()
    }

    fn pointer_width(&self) -> u64 {
        self.guest.pointer_width()
    }

    fn read_cstr(&mut self, address: u64, max: usize) -> Result<Vec<u8>, Fault> {
        self.check(address)?;
        self.guest.read_cstr(address, max)
    }
}

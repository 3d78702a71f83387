//! How does a reader of guest memory see it, whoever owns the memory?

use super::Fault;
use crate::Endian;

/// Guest memory with checked accesses, in the guest's byte order.
pub trait GuestMemory {
    /// Fills `buf` from `address` on. After a fault the content of `buf` is unspecified.
    fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault>;
    /// Stores `bytes` from `address` on. After a fault the bytes before the faulting address are written.
    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Fault>;
    /// Byte order of the guest.
    fn endian(&self) -> Endian;
    /// Size of the guest's pointers, in bytes.
    fn pointer_width(&self) -> u64;

    /// Reads a byte.
    fn read_u8(&mut self, address: u64) -> Result<u8, Fault> {
        let mut bytes = [0];
        self.read(address, &mut bytes)?;
        Ok(bytes[0])
    }

    /// Reads 16 bits.
    fn read_u16(&mut self, address: u64) -> Result<u16, Fault> {
        let mut bytes = [0; 2];
        self.read(address, &mut bytes)?;
        Ok(match self.endian() {
            Endian::Little => u16::from_le_bytes(bytes),
            Endian::Big => u16::from_be_bytes(bytes),
        })
    }

    /// Reads 32 bits.
    fn read_u32(&mut self, address: u64) -> Result<u32, Fault> {
        let mut bytes = [0; 4];
        self.read(address, &mut bytes)?;
        Ok(match self.endian() {
            Endian::Little => u32::from_le_bytes(bytes),
            Endian::Big => u32::from_be_bytes(bytes),
        })
    }

    /// Reads 64 bits.
    fn read_u64(&mut self, address: u64) -> Result<u64, Fault> {
        let mut bytes = [0; 8];
        self.read(address, &mut bytes)?;
        Ok(match self.endian() {
            Endian::Little => u64::from_le_bytes(bytes),
            Endian::Big => u64::from_be_bytes(bytes),
        })
    }

    /// Reads a word of 4 or 8 bytes, zero-extended.
    fn read_word(&mut self, address: u64, bytes: u64) -> Result<u64, Fault> {
        match bytes {
            4 => self.read_u32(address).map(u64::from),
            _ => self.read_u64(address),
        }
    }

    /// Reads a pointer, zero-extended.
    fn read_pointer(&mut self, address: u64) -> Result<u64, Fault> {
        self.read_word(address, self.pointer_width())
    }

    /// Writes a byte.
    fn write_u8(&mut self, address: u64, value: u8) -> Result<(), Fault> {
        self.write(address, &[value])
    }

    /// Writes 16 bits.
    fn write_u16(&mut self, address: u64, value: u16) -> Result<(), Fault> {
        match self.endian() {
            Endian::Little => self.write(address, &value.to_le_bytes()),
            Endian::Big => self.write(address, &value.to_be_bytes()),
        }
    }

    /// Writes 32 bits.
    fn write_u32(&mut self, address: u64, value: u32) -> Result<(), Fault> {
        match self.endian() {
            Endian::Little => self.write(address, &value.to_le_bytes()),
            Endian::Big => self.write(address, &value.to_be_bytes()),
        }
    }

    /// Writes 64 bits.
    fn write_u64(&mut self, address: u64, value: u64) -> Result<(), Fault> {
        match self.endian() {
            Endian::Little => self.write(address, &value.to_le_bytes()),
            Endian::Big => self.write(address, &value.to_be_bytes()),
        }
    }

    /// Writes a pointer. Where pointers have 32 bits the upper half of `value` is dropped.
    fn write_pointer(&mut self, address: u64, value: u64) -> Result<(), Fault> {
        match self.pointer_width() {
            4 => self.write_u32(address, (value & 0xffff_ffff) as u32),
            _ => self.write_u64(address, value),
        }
    }

    /// Reads the bytes before the first NUL, at most `max` of them; when there is no NUL among the first `max` bytes,
    /// those. Nothing behind the NUL is touched.
    fn read_cstr(&mut self, address: u64, max: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        while bytes.len() < max {
            match self.read_u8(address.wrapping_add(bytes.len() as u64))? {
                0 => break,
                byte => bytes.push(byte),
            }
        }
        Ok(bytes)
    }
}

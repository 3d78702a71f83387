//! Copies between the host and a guest.

use super::resolve::By;
use super::{
    Access, AddressSpace, Backing, Fault, FaultKind, Frame, GuestMemory, PAGE, PAGE_BYTES, Prot,
};
use crate::Endian;

/// Pages that were found lately, so that small copies need not walk the table.
#[derive(Default)]
pub(super) struct Cache([Option<Recent>; CACHED]);

#[derive(Clone, Copy)]
struct Recent {
    page: u64,
    frame: Frame,
    prot: Prot,
}

const CACHED: usize = 16;

impl Cache {
    #[inline]
    fn find(&self, page: u64, access: Access) -> Option<Frame> {
        match self.0[page as usize % CACHED] {
            Some(recent) if recent.page == page && recent.prot.allows(access) => Some(recent.frame),
            _ => None,
        }
    }

    fn keep(&mut self, page: u64, frame: Frame, prot: Prot) {
        self.0[page as usize % CACHED] = Some(Recent { page, frame, prot });
    }

    pub(super) fn forget(&mut self, page: u64) {
        self.0[page as usize % CACHED] = None;
    }

    pub(super) fn clear(&mut self) {
        self.0 = [None; CACHED];
    }
}

impl AddressSpace {
    #[inline]
    fn frame(&mut self, address: u64, access: Access, by: By) -> Result<Frame, Fault> {
        let page = address / PAGE;
        if self.seen == self.memory.epoch()
            && let Some(frame) = self.cache.find(page, access)
        {
            return Ok(frame);
        }
        let found = self.page(address, access, by)?;
        if by == By::Copy {
            self.cache.keep(page, found.frame, found.prot);
        }
        Ok(found.frame)
    }

    /// Calls `copy` with the pieces of `len` bytes from `address` on: frame, offset in it, offset in the whole, length.
    #[inline]
    fn pieces(
        &mut self,
        address: u64,
        len: usize,
        access: Access,
        by: By,
        mut copy: impl FnMut(&mut Self, Frame, usize, usize, usize),
    ) -> (usize, Result<(), Fault>) {
        let mut done = 0;
        while done < len {
            let Some(at) = address.checked_add(done as u64) else {
                let fault = Fault {
                    address: 0,
                    access,
                    kind: FaultKind::Unmapped,
                };
                return (done, Err(fault));
            };
            let within = (at % PAGE) as usize;
            let piece = (len - done).min(PAGE_BYTES - within);
            match self.frame(at, access, by) {
                Ok(frame) => copy(self, frame, within, done, piece),
                Err(fault) => return (done, Err(fault)),
            }
            done += piece;
        }
        (done, Ok(()))
    }

    #[inline]
    fn copy_out(&mut self, address: u64, buf: &mut [u8], by: By) -> (usize, Result<(), Fault>) {
        self.pieces(
            address,
            buf.len(),
            Access::Read,
            by,
            |space, frame, within, done, len| {
                space
                    .memory
                    .bytes_out(frame, within, &mut buf[done..done + len]);
            },
        )
    }

    #[inline]
    fn copy_in(&mut self, address: u64, bytes: &[u8], by: By) -> (usize, Result<(), Fault>) {
        self.pieces(
            address,
            bytes.len(),
            Access::Write,
            by,
            |space, frame, within, done, len| {
                space
                    .memory
                    .bytes_in(frame, within, &bytes[done..done + len]);
            },
        )
    }

    /// Fills `buf` from `address` on, under the guest's protection.
    pub fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        self.copy_out(address, buf, By::Copy).1
    }

    /// Stores `bytes` from `address` on, under the guest's protection. After a fault the bytes before its address are
    /// written.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.copy_in(address, bytes, By::Copy).1
    }

    /// Fills as much of `buf` as is readable without a hole. A fault only when not even the first byte is.
    pub fn read_partial(&mut self, address: u64, buf: &mut [u8]) -> Result<usize, Fault> {
        partial(self.copy_out(address, buf, By::Copy))
    }

    /// Stores as much of `bytes` as is writable without a hole. A fault only when not even the first byte is.
    pub fn write_partial(&mut self, address: u64, bytes: &[u8]) -> Result<usize, Fault> {
        partial(self.copy_in(address, bytes, By::Copy))
    }

    /// Reads whatever the protection: for debuggers and for what emu itself keeps there.
    pub fn peek(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        self.copy_out(address, buf, By::Force).1
    }

    /// Reads private anonymous memory as it is, whatever the protection and without making pages present. Less than asked
    /// for means that something else follows.
    pub fn glance(&self, address: u64, buf: &mut [u8]) -> usize {
        let mut done = 0;
        while done < buf.len() {
            let Some(at) = address.checked_add(done as u64) else {
                break;
            };
            let region = self.region_at(at);
            if !region.is_some_and(|region| matches!(region.backing, Backing::Anonymous)) {
                break;
            }
            let within = (at % PAGE) as usize;
            let end = buf.len().min(done + PAGE_BYTES - within);
            let entry = self.table.get(at / PAGE).entry;
            match entry.is_present() {
                true => self
                    .memory
                    .bytes_out(entry.frame(), within, &mut buf[done..end]),
                false => buf[done..end].fill(0),
            }
            done = end;
        }
        done
    }

    /// Writes whatever the protection: for the loader and for debuggers. A private page gets a copy of its own first, a
    /// shared one is changed for all.
    pub fn poke(&mut self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.copy_in(address, bytes, By::Force).1
    }

    /// Sets `len` bytes from `address` on, under the guest's protection. Zeros don't make anonymous pages present that
    /// are zero because nobody touched them.
    pub fn fill(&mut self, address: u64, len: u64, value: u8) -> Result<(), Fault> {
        let mut done = 0;
        while done < len {
            let Some(at) = address.checked_add(done) else {
                return Err(Fault {
                    address: 0,
                    access: Access::Write,
                    kind: FaultKind::Unmapped,
                });
            };
            let piece = (len - done).min(PAGE - at % PAGE);
            if value != 0 || !self.is_untouched(at) {
                let frame = self.frame(at, Access::Write, By::Copy)?;
                self.memory
                    .bytes_set(frame, (at % PAGE) as usize, piece as usize, value);
            }
            done += piece;
        }
        Ok(())
    }

    /// Whether the page is zero for sure, and writable.
    fn is_untouched(&mut self, address: u64) -> bool {
        !self.is_present(address)
            && self.regions.at(address).is_some_and(|region| {
                region.backing.object().is_none() && region.prot.contains(Prot::WRITE)
            })
    }

    /// Reads the bytes before the first NUL, at most `max` of them; when there is no NUL among the first `max` bytes,
    /// those. What is behind the NUL need not be readable.
    pub fn read_cstr(&mut self, address: u64, max: usize) -> Result<Vec<u8>, Fault> {
        let mut string = Vec::new();
        let mut piece = [0; 256];
        while string.len() < max {
            let at = address.wrapping_add(string.len() as u64);
            let len = (PAGE - at % PAGE).min(piece.len() as u64) as usize;
            let piece = &mut piece[..len.min(max - string.len())];
            self.read(at, piece)?;
            if let Some(end) = piece.iter().position(|&byte| byte == 0) {
                string.extend_from_slice(&piece[..end]);
                break;
            }
            string.extend_from_slice(piece);
        }
        Ok(string)
    }
}

fn partial((done, result): (usize, Result<(), Fault>)) -> Result<usize, Fault> {
    match result {
        Err(fault) if done == 0 => Err(fault),
        _ => Ok(done),
    }
}

impl GuestMemory for AddressSpace {
    fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        AddressSpace::read(self, address, buf)
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        AddressSpace::write(self, address, bytes)
    }

    fn endian(&self) -> Endian {
        self.arch().endian()
    }

    fn pointer_width(&self) -> u64 {
        self.arch().pointer()
    }

    fn read_cstr(&mut self, address: u64, max: usize) -> Result<Vec<u8>, Fault> {
        AddressSpace::read_cstr(self, address, max)
    }
}

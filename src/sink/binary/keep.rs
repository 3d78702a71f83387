//! What sinks asked of the guest, kept; and the guest that answers the same again.

use std::collections::BTreeMap;

use emu_cpu::{Access, Endian, Fault, FaultKind, GuestMemory};

use super::state::TaskState;
use crate::view::{Frame, Guest, Opened, Place};

/// A piece of memory in [`Kept::bytes`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) address: u64,
    pub(super) start: usize,
    pub(super) len: usize,
}

/// Questions and answers of one event.
#[derive(Default)]
pub(super) struct Kept {
    /// Pieces in the order in which they were asked for. They do not overlap.
    pub(super) pieces: Vec<Piece>,
    pub(super) bytes: Vec<u8>,
    pub(super) descriptors: BTreeMap<i32, Option<Vec<u8>>>,
    pub(super) opened: BTreeMap<i32, Option<Opened>>,
    pub(super) handles: BTreeMap<u64, Option<Vec<u8>>>,
    pub(super) directory: Option<Option<Vec<u8>>>,
    pub(super) places: BTreeMap<u64, Option<Place>>,
    pub(super) stack: Option<Vec<Frame>>,
    /// By its first address, where each piece is, once there are many.
    index: BTreeMap<u64, usize>,
}

impl Kept {
    pub(super) fn clear(&mut self) {
        self.pieces.clear();
        self.bytes.clear();
        self.descriptors.clear();
        self.opened.clear();
        self.handles.clear();
        self.directory = None;
        self.places.clear();
        self.stack = None;
        self.index.clear();
    }

    /// Adds a piece whose bytes have been appended. Nothing of it may be known.
    pub(super) fn add(&mut self, piece: Piece) {
        self.index.insert(piece.address, self.pieces.len());
        self.pieces.push(piece);
    }

    /// The piece that an address is in.
    fn piece(&self, address: u64) -> Option<&Piece> {
        let (_, at) = self.index.range(..=address).next_back()?;
        let piece = &self.pieces[*at];
        (address - piece.address < piece.len as u64).then_some(piece)
    }

    /// What is known from an address on.
    fn known(&self, address: u64) -> Option<&[u8]> {
        let piece = self.piece(address)?;
        let skip = (address - piece.address) as usize;
        Some(&self.bytes[piece.start + skip..piece.start + piece.len])
    }

    /// Keeps bytes, as far as they are not known.
    fn keep(&mut self, mut address: u64, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if let Some(known) = self.known(address) {
                let skip = known.len().min(bytes.len());
                (address, bytes) = (address.wrapping_add(skip as u64), &bytes[skip..]);
                continue;
            }
            let next = self.index.range(address..).next().map(|(next, _)| *next);
            let room = next.map_or(u64::MAX, |next| next - address);
            let room = room.min((u64::MAX - address).saturating_add(1));
            let len = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
            let end = self.bytes.len();
            self.bytes.extend_from_slice(&bytes[..len]);
            match self.pieces.last_mut() {
                Some(last) if last.address.checked_add(last.len as u64) == Some(address) => {
                    last.len += len;
                }
                _ => self.add(Piece {
                    address,
                    start: end,
                    len,
                }),
            }
            (address, bytes) = (address.wrapping_add(len as u64), &bytes[len..]);
        }
    }
}

/// Asks the guest, and keeps the answers.
pub(super) struct Keeper<'a> {
    pub(super) guest: &'a mut dyn Guest,
    pub(super) kept: &'a mut Kept,
}

impl Keeper<'_> {
    /// Keeps all that is known of a descriptor: who shows it later may want more or less of it.
    fn keep_descriptor(&mut self, fd: i32) {
        if !self.kept.descriptors.contains_key(&fd) {
            self.kept.descriptors.insert(fd, self.guest.descriptor(fd));
            self.kept.opened.insert(fd, self.guest.opened(fd));
        }
    }
}

impl GuestMemory for Keeper<'_> {
    fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        self.guest.read(address, buf)?;
        self.kept.keep(address, buf);
        Ok(())
    }

    /// Sinks change nothing.
    fn write(&mut self, address: u64, _: &[u8]) -> Result<(), Fault> {
        Err(denied(address))
    }

    fn endian(&self) -> Endian {
        self.guest.endian()
    }

    fn pointer_width(&self) -> u64 {
        self.guest.pointer_width()
    }

    fn read_cstr(&mut self, address: u64, max: usize) -> Result<Vec<u8>, Fault> {
        let string = self.guest.read_cstr(address, max)?;
        self.kept.keep(address, &string);
        if string.len() < max {
            let end = address.wrapping_add(string.len() as u64);
            self.kept.keep(end, &[0]);
        }
        Ok(string)
    }
}

impl Guest for Keeper<'_> {
    fn descriptor(&mut self, fd: i32) -> Option<Vec<u8>> {
        self.keep_descriptor(fd);
        self.kept.descriptors.get(&fd).cloned().flatten()
    }

    fn opened(&mut self, fd: i32) -> Option<Opened> {
        self.keep_descriptor(fd);
        self.kept.opened.get(&fd).cloned().flatten()
    }

    fn handle(&mut self, handle: u64) -> Option<Vec<u8>> {
        let known = self.kept.handles.entry(handle);
        known.or_insert_with(|| self.guest.handle(handle)).clone()
    }

    fn directory(&mut self) -> Option<Vec<u8>> {
        let known = &mut self.kept.directory;
        known.get_or_insert_with(|| self.guest.directory()).clone()
    }

    fn place(&mut self, address: u64) -> Option<Place> {
        let known = self.kept.places.entry(address);
        known.or_insert_with(|| self.guest.place(address)).clone()
    }

    fn stack(&mut self) -> Vec<Frame> {
        let known = &mut self.kept.stack;
        known.get_or_insert_with(|| self.guest.stack()).clone()
    }
}

/// A guest that knows what was kept, and nothing else.
pub(super) struct Past<'a> {
    pub(super) kept: &'a Kept,
    pub(super) task: &'a TaskState,
    pub(super) endian: Endian,
    pub(super) pointer: u64,
}

impl GuestMemory for Past<'_> {
    fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        let mut done = 0;
        while done < buf.len() {
            let at = address.wrapping_add(done as u64);
            let known = self.kept.known(at).ok_or_else(|| unknown(at))?;
            let len = known.len().min(buf.len() - done);
            buf[done..done + len].copy_from_slice(&known[..len]);
            done += len;
        }
        Ok(())
    }

    fn write(&mut self, address: u64, _: &[u8]) -> Result<(), Fault> {
        Err(denied(address))
    }

    fn endian(&self) -> Endian {
        self.endian
    }

    fn pointer_width(&self) -> u64 {
        self.pointer
    }

    fn read_cstr(&mut self, address: u64, max: usize) -> Result<Vec<u8>, Fault> {
        let mut string = Vec::new();
        while string.len() < max {
            let at = address.wrapping_add(string.len() as u64);
            let known = self.kept.known(at).ok_or_else(|| unknown(at))?;
            let known = &known[..known.len().min(max - string.len())];
            match known.iter().position(|byte| *byte == 0) {
                Some(end) => {
                    string.extend_from_slice(&known[..end]);
                    break;
                }
                None => string.extend_from_slice(known),
            }
        }
        Ok(string)
    }
}

impl Guest for Past<'_> {
    fn descriptor(&mut self, fd: i32) -> Option<Vec<u8>> {
        let known = self.task.descriptors.get(&fd)?.as_deref();
        known.map(<[u8]>::to_vec)
    }

    fn opened(&mut self, fd: i32) -> Option<Opened> {
        self.task.opened.get(&fd).cloned().flatten()
    }

    fn handle(&mut self, handle: u64) -> Option<Vec<u8>> {
        let known = self.task.handles.get(&handle)?.as_deref();
        known.map(<[u8]>::to_vec)
    }

    fn directory(&mut self) -> Option<Vec<u8>> {
        let known = self.task.directory.as_ref()?.as_deref();
        known.map(<[u8]>::to_vec)
    }

    fn place(&mut self, address: u64) -> Option<Place> {
        self.task.places.get(&address).cloned().flatten()
    }

    fn stack(&mut self) -> Vec<Frame> {
        self.kept.stack.clone().unwrap_or_default()
    }
}

fn unknown(address: u64) -> Fault {
    Fault {
        address,
        access: Access::Read,
        kind: FaultKind::Unmapped,
    }
}

fn denied(address: u64) -> Fault {
    Fault {
        address,
        access: Access::Write,
        kind: FaultKind::Denied,
    }
}

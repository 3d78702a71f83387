//! Sets: of signals and of descriptors.

use emu_cpu::GuestMemory;
use emu_prototypes::DataModel;

use super::{Asked, Printer, number};

/// The most bytes of one signal set that are read, 128 signals' worth.
const MAX_SIGSET: usize = 16;
/// The most descriptors a set is read for (`FD_SETSIZE`).
const MAX_FDS: u64 = 1024;

/// How many bytes of a set a call takes.
pub(super) fn signals(asked: &Asked<'_>, size: u8, model: DataModel) -> usize {
    match size {
        255 if model == DataModel::Ilp32 => 4,
        255 => 8,
        index => usize::try_from(asked.arg(index)).unwrap_or(usize::MAX),
    }
}

impl Printer<'_> {
    /// A signal by name.
    pub(crate) fn signal(&mut self, value: u64) {
        let known = u32::try_from(value).ok();
        match known.and_then(|number| self.abi.signal_name(number)) {
            Some(name) => self.signed_or(value as i64, |printer| printer.text(name)),
            None => number::signed(self.out, i64::from(value as i32)),
        }
    }

    /// The signal set at an address.
    pub(super) fn sigset(&mut self, address: u64, size: usize) {
        let mut bytes = [0; MAX_SIGSET];
        // No kernel takes a set that is larger than its own.
        let most = (self.abi.k._NSIG / 8).min(MAX_SIGSET as u64);
        if address == 0
            || size as u64 > most
            || self.memory.read(address, &mut bytes[..size]).is_err()
        {
            self.address(address);
            return;
        }
        self.sigset_bytes(&bytes[..size]);
    }

    /// A signal set in the guest's order of words.
    pub(super) fn sigset_bytes(&mut self, bytes: &[u8]) {
        let word = (self.word_size() as usize).min(bytes.len().max(1));
        let mut set = 0u128;
        for (index, chunk) in bytes.chunks(word).enumerate().take(MAX_SIGSET) {
            let mut value = 0u128;
            for (place, byte) in chunk.iter().enumerate() {
                let shift = match self.memory.endian() {
                    emu_cpu::Endian::Little => place,
                    emu_cpu::Endian::Big => chunk.len() - 1 - place,
                };
                value |= u128::from(*byte) << (8 * shift);
            }
            set |= value << (8 * word * index);
        }
        self.sigset_value(set, bytes.len() as u32 * 8);
    }

    /// A set of `count` signals. When most are in it, those that are not are shown.
    pub(super) fn sigset_value(&mut self, set: u128, count: u32) {
        let all = if count >= 128 {
            u128::MAX
        } else {
            (1 << count) - 1
        };
        let mut set = set & all;
        if set.count_ones() >= count * 2 / 3 {
            self.out.push(b'~');
            set = !set & all;
        }
        self.out.push(b'[');
        let mut first = true;
        for number in 1..=count {
            if set >> (number - 1) & 1 == 1 {
                if !first {
                    self.out.push(b' ');
                }
                first = false;
                match self.abi.signal_name(number) {
                    Some(name) => self.signed_or(i64::from(number), |printer| {
                        printer.text(name.strip_prefix("SIG").unwrap_or(name));
                    }),
                    None => self.decimal(u64::from(number)),
                }
            }
        }
        self.out.push(b']');
    }

    /// The descriptors of a set, in its words.
    pub(super) fn fd_set(&mut self, address: u64, count: u64) {
        if address == 0 {
            self.text("NULL");
            return;
        }
        let start = self.out.len();
        self.out.push(b'[');
        let mut first = true;
        for fd in 0..(count as u32 as i32).max(0) as u64 {
            if fd >= MAX_FDS {
                break;
            }
            match self.fd_is_set(address, fd) {
                Some(true) => {
                    if !first {
                        self.out.push(b' ');
                    }
                    first = false;
                    self.decimal(fd);
                }
                Some(false) => {}
                None => {
                    self.out.truncate(start);
                    self.address(address);
                    return;
                }
            }
        }
        self.out.push(b']');
    }

    fn fd_is_set(&mut self, address: u64, fd: u64) -> Option<bool> {
        let bits = 8 * self.word_size();
        let word = self.word(address.wrapping_add(fd / bits * (bits / 8)))?;
        Some(word >> (fd % bits) & 1 == 1)
    }
}

//! Arrays: of numbers, strings, vectors and structures.

use emu_cpu::GuestMemory;

use super::structure::{Image, Protocol};
use super::{Asked, Printer, number};

/// The most elements of an array that are counted.
pub(super) const MAX_COUNT: u64 = 1 << 16;

impl Printer<'_> {
    pub(super) fn ints(&mut self, address: u64, count: u64, signed: bool) {
        self.elements(address, count, 4, |printer, at| {
            match printer.memory.read_u32(at) {
                Ok(value) if signed => number::signed(printer.out, i64::from(value as i32)),
                Ok(value) => number::decimal(printer.out, u64::from(value)),
                Err(_) => number::address(printer.out, at),
            }
        });
    }

    pub(super) fn descriptors(&mut self, address: u64, count: u64) {
        self.elements(address, count, 4, |printer, at| {
            let fd = printer.memory.read_u32(at).unwrap_or(0);
            printer.descriptor(fd as i32);
        });
    }

    /// Appends `[…, …]`, at most as many elements as strings have bytes.
    pub(super) fn elements(
        &mut self,
        address: u64,
        count: u64,
        size: u64,
        mut one: impl FnMut(&mut Self, u64),
    ) {
        if address == 0 {
            self.text("NULL");
            return;
        }
        if count > 0 && self.memory.read_u8(address).is_err() {
            self.address(address);
            return;
        }
        self.out.push(b'[');
        for index in 0..count {
            if index > 0 {
                self.text(", ");
            }
            if index >= self.most() as u64 {
                self.text("...");
                break;
            }
            let at = address.wrapping_add(index.wrapping_mul(size));
            if self.memory.read_u8(at).is_err() {
                self.text("... /* ");
                number::hex0(self.out, at);
                self.text(" */");
                break;
            }
            one(self, at);
        }
        self.out.push(b']');
    }

    pub(super) fn strings(&mut self, asked: &Asked<'_>, field: u8, address: u64) {
        if address == 0 {
            self.text("NULL");
            return;
        }
        let size = self.word_size();
        let mut at = address;
        let Some(mut next) = self.word(at) else {
            self.address(address);
            return;
        };
        let name = asked
            .info
            .params
            .get(usize::from(field))
            .map_or("", |param| param.name);
        if name == "envp" && !self.whole {
            let mut count = 0;
            while next != 0 && count < MAX_COUNT {
                count += 1;
                at = at.wrapping_add(size);
                next = self.word(at).unwrap_or(0);
            }
            self.address(address);
            self.text(" /* ");
            self.decimal(count);
            self.text(if count == 1 { " var */" } else { " vars */" });
            return;
        }
        self.out.push(b'[');
        let mut count = 0;
        while next != 0 {
            if count > 0 {
                self.text(", ");
            }
            if count >= self.most() {
                self.text("...");
                break;
            }
            self.string(next);
            count += 1;
            at = at.wrapping_add(size);
            match self.word(at) {
                Some(word) => next = word,
                None => {
                    self.text(", ");
                    self.address(at);
                    break;
                }
            }
        }
        self.out.push(b']');
    }

    /// Vectors of a transfer of which `left` bytes are there.
    pub(super) fn iovec(&mut self, address: u64, count: u64, left: u64) {
        self.transfer(address, count, left, |printer, base, len| {
            printer.buffer(base, len);
        });
    }

    /// The same, of a netlink socket's messages.
    pub(super) fn netlink_vectors(&mut self, address: u64, count: u64, left: u64, whose: Protocol) {
        self.transfer(address, count, left, |printer, base, len| {
            printer.netlink(base, len, whose);
        });
    }

    fn transfer(
        &mut self,
        address: u64,
        count: u64,
        mut left: u64,
        mut data: impl FnMut(&mut Self, u64, u64),
    ) {
        let word = self.word_size();
        self.elements(address, count, 2 * word, |printer, at| {
            let base = printer.word(at);
            let len = printer.word(at.wrapping_add(word));
            let (Some(base), Some(len)) = (base, len) else {
                printer.address(at);
                return;
            };
            printer.text("{iov_base=");
            let shown = len.min(left);
            data(printer, base, shown);
            left -= shown;
            printer.text(", iov_len=");
            printer.decimal(len);
            printer.out.push(b'}');
        });
    }

    /// Vectors, without what they point to.
    pub(super) fn vectors(&mut self, address: u64, count: u64) {
        let size = 2 * self.word_size();
        self.elements(address, count, size, |printer, at| {
            printer.shaped("iovec", "raw_iovec", at, size);
        });
    }

    pub(super) fn array(&mut self, of: &'static str, address: u64, count: u64) {
        let size = self
            .abi
            .structure(of)
            .map_or(0, |shape| u64::from(shape.size));
        if size == 0 {
            self.address(address);
            return;
        }
        let count = count & 0xffff_ffff;
        self.elements(address, count, size, |printer, at| {
            printer.structure(of, at)
        });
    }

    pub(super) fn dirents(&mut self, of: &'static str, address: u64, len: u64) {
        let length = self
            .abi
            .structure(of)
            .and_then(|shape| shape.field("d_reclen"));
        let Some(length) = length else {
            self.address(address);
            return;
        };
        if self.whole {
            return self.entries(of, address, len, u64::from(length.offset));
        }
        let mut count = 0;
        let mut at = 0u64;
        while at < len && count < MAX_COUNT {
            let place = address
                .wrapping_add(at)
                .wrapping_add(u64::from(length.offset));
            match self.memory.read_u16(place) {
                Ok(reclen @ 1..) => at += u64::from(reclen),
                _ => break,
            }
            count += 1;
        }
        self.address(address);
        if !self.memory.closed {
            self.text(" /* ");
            self.decimal(count);
            self.text(" entries */");
        }
    }

    /// Entries of a directory, one by one.
    fn entries(&mut self, of: &'static str, address: u64, len: u64, length: u64) {
        let start = self.out.len();
        self.out.push(b'[');
        let (mut at, mut count) = (0u64, 0);
        while at < len && count < MAX_COUNT {
            let place = address.wrapping_add(at);
            let size = self.memory.read_u16(place.wrapping_add(length));
            let Some((image, size @ 1..)) = self.load(of, place).zip(size.ok().map(u64::from))
            else {
                break;
            };
            if count > 0 {
                self.text(", ");
            }
            self.entry(of, &image, size.min(len - at));
            at += size;
            count += 1;
        }
        if count == 0 && len > 0 {
            self.out.truncate(start);
            self.address(address);
        } else {
            self.out.push(b']');
        }
    }

    /// `{d_ino=5, d_off=6, d_reclen=24, d_type=DT_REG, d_name="abcd"}`; old entries have their type in the last byte.
    fn entry(&mut self, of: &str, image: &Image, size: u64) {
        self.out.push(b'{');
        for name in ["d_ino", "d_off", "d_reclen"] {
            self.number_field(image, name);
            self.text(", ");
        }
        let wide = of == "dirent64";
        if wide {
            self.text("d_type=");
            self.value("dirent_type", image.get("d_type").unwrap_or(0));
            self.text(", ");
        }
        self.text("d_name=");
        let name = image.place("d_name").unwrap_or(0);
        let before = name.wrapping_sub(image.place("d_ino").unwrap_or(name));
        let room = size.saturating_sub(before + u64::from(!wide));
        self.string_of(name, usize::try_from(room).unwrap_or(0).min(255));
        if !wide && size > 0 {
            self.text(", d_type=");
            let last = image.place("d_ino").unwrap_or(0).wrapping_add(size - 1);
            let kind = self.memory.read_u8(last).unwrap_or(0);
            self.value("dirent_type", u64::from(kind));
        }
        self.out.push(b'}');
    }
}

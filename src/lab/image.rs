//! The smallest image that holds some code.   [ELF gABI, chapters 4 and 5]

use emu_cpu::Endian;
use emu_profiles::{Number, Profile};

/// Where code begins.
pub const CODE: u64 = 0x1_0000;
/// A place for data that no code of moderate size reaches.
pub const STACKLESS_DATA: u64 = 0x10_0000;

const PAGE: u64 = 0x1_0000;
/// Readable, writable, executable.
const RWX: u32 = 7;

/// `e_flags`: ARM's EABI 5 or none; MIPS release 2 with O32, N64 or N32.
/// [ELF for the ARM architecture, 4.1; MIPS ABI; MIPSpro N32 ABI Handbook: EF_MIPS_ABI2]
fn flags(profile: &Profile) -> u32 {
    let row = profile.arch.row();
    match (row.elf_machine, row.bits, profile.pointer()) {
        (40, ..) if profile.entries[0].abi.number == Number::Instruction => 0,
        (40, ..) => 0x0500_0000,
        (8, 32, _) => 0x7000_1000,
        (8, _, 4) => 0x8000_0020,
        (8, ..) => 0x8000_0000,
        _ => 0,
    }
}

struct Writer {
    bytes: Vec<u8>,
    endian: Endian,
    wide: bool,
}

impl Writer {
    fn put(&mut self, value: u64, size: usize) {
        match self.endian {
            Endian::Little => self.bytes.extend(&value.to_le_bytes()[..size]),
            Endian::Big => self.bytes.extend(&value.to_be_bytes()[8 - size..]),
        }
    }

    fn half(&mut self, value: u16) {
        self.put(value.into(), 2);
    }

    fn word(&mut self, value: u32) {
        self.put(value.into(), 4);
    }

    fn long(&mut self, value: u64) {
        self.put(value, if self.wide { 8 } else { 4 });
    }
}

/// An image with these pieces at their addresses, which is entered at [`CODE`].
pub(super) fn build(profile: &Profile, pieces: &[(u64, &[u8])]) -> Vec<u8> {
    let row = profile.arch.row();
    let wide = profile.pointer() == 8;
    let mut out = Writer {
        bytes: vec![0x7f, b'E', b'L', b'F'],
        endian: row.endian,
        wide,
    };
    let class = if wide { 2 } else { 1 };
    let data = match row.endian {
        Endian::Little => 1,
        Endian::Big => 2,
    };
    out.bytes.extend([class, data, 1, 0]);
    out.bytes.extend([0; 8]);
    let (header, entry_size) = if wide { (64, 56) } else { (52, 32) };
    out.half(2);
    out.half(row.elf_machine);
    out.word(1);
    out.long(CODE);
    out.long(header);
    out.long(0);
    out.word(flags(profile));
    out.half(header as u16);
    out.half(entry_size);
    out.half(pieces.len() as u16);
    for _ in 0..3 {
        out.half(0);
    }
    // Each piece lies at an offset that is equal to its address within a page.
    let mut offset = PAGE;
    let mut places = Vec::new();
    for (address, bytes) in pieces {
        let at = offset + address % PAGE;
        places.push(at);
        offset = (at + bytes.len() as u64).next_multiple_of(PAGE);
        let len = bytes.len() as u64;
        out.word(1);
        if wide {
            out.word(RWX);
        }
        out.long(at);
        out.long(*address);
        out.long(*address);
        out.long(len);
        out.long(len);
        if !wide {
            out.word(RWX);
        }
        out.long(PAGE);
    }
    for (at, (_, bytes)) in places.into_iter().zip(pieces) {
        out.bytes.resize(at as usize, 0);
        out.bytes.extend(*bytes);
    }
    out.bytes
}

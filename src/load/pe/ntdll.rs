//! What is `ntdll.dll` when there is none? A library of stubs, one for each call of the release.
//!
//! It is an image like any other: what looks for functions in it by its headers finds them. It has nothing but calls.

use emu_cpu::Trap;
use emu_profiles::{Profile, TrapPattern};
use emu_prototypes::Row;

use crate::kernel::nt::wow64::{AMD64, I386};

/// What it is called.
pub(super) const NAME: &str = "ntdll.dll";
/// Where Windows XP has it.
pub(super) const BASE: u64 = 0x7c90_0000;

const HEADERS: u32 = 0x400;
const PAGE: u32 = 0x1000;
/// `.text` and `.rdata`: readable, the one with code, the other with data.
const TEXT: u32 = 0x6000_0020;
const DATA: u32 = 0x4000_0040;

/// Bytes that grow, little-endian.
#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn half(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    fn word(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// As wide as pointers are.
    fn pointer(&mut self, wide: bool, value: u64) {
        let bytes = value.to_le_bytes();
        self.0
            .extend_from_slice(if wide { &bytes } else { &bytes[..4] });
    }

    fn pad(&mut self, to: usize) {
        self.0.resize(self.0.len().next_multiple_of(to), 0);
    }
}

/// The code of a call's stub.   [Windows 2000, XP and Vista x64: ntdll.dll]
fn stub(profile: &Profile, row: &Row) -> Vec<u8> {
    let number = row.number.to_le_bytes();
    let mut code = Vec::new();
    match profile.entries[0].trap {
        // mov r10,rcx; mov eax,number; syscall; ret
        TrapPattern::Is(Trap::Syscall) => {
            code.extend_from_slice(&[0x4c, 0x8b, 0xd1, 0xb8]);
            code.extend_from_slice(&number);
            code.extend_from_slice(&[0x0f, 0x05, 0xc3]);
            return code;
        }
        // mov eax,number; mov edx,0x7ffe0300; call [edx]; ret words
        TrapPattern::Is(Trap::Sysenter) => {
            code.push(0xb8);
            code.extend_from_slice(&number);
            code.extend_from_slice(&[0xba, 0x00, 0x03, 0xfe, 0x7f, 0xff, 0x12, 0xc2]);
        }
        // mov eax,number; lea edx,[esp+4]; int 2e; ret words
        _ => {
            code.push(0xb8);
            code.extend_from_slice(&number);
            code.extend_from_slice(&[0x8d, 0x54, 0x24, 0x04, 0xcd, 0x2e, 0xc2]);
        }
    }
    let model = profile.model();
    let bytes = row
        .params
        .iter()
        .map(|param| u16::from(param.width.bytes(model)).next_multiple_of(4));
    code.extend_from_slice(&bytes.sum::<u16>().to_le_bytes());
    code
}

/// The image, made to be at an address.
pub(super) fn image(profile: &Profile, base: u64) -> Vec<u8> {
    let wide = profile.pointer() == 8;
    let mut text = Bytes::default();
    let mut names: Vec<(String, u32)> = Vec::new();
    for (row, _) in profile.calls() {
        let Some(rest) = row.name.strip_prefix("Nt") else {
            continue;
        };
        let at = PAGE + text.0.len() as u32;
        names.push((row.name.to_owned(), at));
        names.push((format!("Zw{rest}"), at));
        text.0.extend_from_slice(&stub(profile, row));
        text.pad(16);
    }
    names.sort();
    let text_size = text.0.len() as u32;
    text.pad(0x200);
    let data_at = (PAGE + text_size).next_multiple_of(PAGE);
    let mut data = exports(data_at, &names);
    let data_size = data.0.len() as u32;
    data.pad(0x200);

    let image_size = (data_at + data_size).next_multiple_of(PAGE);
    let mut out = headers(wide, base, image_size, (data_at, data_size));
    let mut offset = HEADERS;
    for (name, at, size, bytes, flags) in [
        (*b".text\0\0\0", PAGE, text_size, &text, TEXT),
        (*b".rdata\0\0", data_at, data_size, &data, DATA),
    ] {
        out.0.extend_from_slice(&name);
        let in_file = bytes.0.len() as u32;
        for value in [size, at, in_file, offset, 0, 0, 0, flags] {
            out.word(value);
        }
        offset += in_file;
    }
    out.0.resize(HEADERS as usize, 0);
    out.0.extend_from_slice(&text.0);
    out.0.extend_from_slice(&data.0);
    out.0
}

/// The headers up to the table of sections.   [Microsoft, PE Format]
fn headers(wide: bool, base: u64, image_size: u32, exports: (u32, u32)) -> Bytes {
    let mut out = Bytes::default();
    out.0.extend_from_slice(b"MZ");
    out.0.resize(0x3c, 0);
    out.word(0x40);
    out.0.extend_from_slice(b"PE\0\0");
    out.half(if wide { AMD64 } else { I386 });
    out.half(2);
    for _ in 0..3 {
        out.word(0);
    }
    out.half(if wide { 0xf0 } else { 0xe0 });
    // A library that can be run; for large addresses, or of 32 bits.
    out.half(if wide { 0x2022 } else { 0x2102 });
    out.half(if wide { 0x20b } else { 0x10b });
    out.half(0);
    // Sizes, no entry point, where code begins.
    for value in [0, 0, 0, 0, PAGE] {
        out.word(value);
    }
    if !wide {
        out.word(0);
    }
    out.pointer(wide, base);
    out.word(PAGE);
    out.word(0x200);
    // Versions of system, image and subsystem.
    for value in [5, 0, 5, 0, 5, 0, 0, 0] {
        out.half(value);
    }
    for value in [image_size, HEADERS, 0] {
        out.word(value);
    }
    out.half(3);
    out.half(0x100);
    for _ in 0..4 {
        out.pointer(wide, 0);
    }
    out.word(0);
    out.word(16);
    out.word(exports.0);
    out.word(exports.1);
    for _ in 1..16 {
        out.word(0);
        out.word(0);
    }
    out
}

/// The table of exports, at an address of the image. Names are sorted.   [Microsoft, PE Format, .edata]
fn exports(at: u32, names: &[(String, u32)]) -> Bytes {
    let count = names.len() as u32;
    let functions = at + 40;
    let pointers = functions + 4 * count;
    let ordinals = pointers + 4 * count;
    let strings = ordinals + 2 * count;
    let mut out = Bytes::default();
    for value in [
        0, 0, 0, strings, 1, count, count, functions, pointers, ordinals,
    ] {
        out.word(value);
    }
    for (_, address) in names {
        out.word(*address);
    }
    let mut next = strings + NAME.len() as u32 + 1;
    for (name, _) in names {
        out.word(next);
        next += name.len() as u32 + 1;
    }
    for index in 0..count {
        out.half(index as u16);
    }
    for text in std::iter::once(NAME).chain(names.iter().map(|(name, _)| name.as_str())) {
        out.0.extend_from_slice(text.as_bytes());
        out.0.push(0);
    }
    out
}

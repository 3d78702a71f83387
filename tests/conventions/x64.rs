//! How x86-64 code asks.

use emu_cpu::Trap;
use rand_chacha::rand_core::RngCore;

use crate::machine::{DATA, SHARED};
use crate::prototype::{Argument, ILP32, LLP64, LP64};
use crate::{Code, Request, Returns, Template, x86};

/// [System V ABI AMD64, A.2.1]
pub(crate) const LINUX: Template = Template {
    name: "syscall",
    model: LP64,
    words: 6,
    takes: one,
    code: linux,
    returns: Returns::Negative64,
    indirect: None,
};
/// The 32-bit call with low halves of registers. The result is that of the kernel's function, a `long`, as it is.
/// [Linux arch/x86/entry/common.c: do_int80_syscall_32; seen on Linux 6.18: `mmap2` gives 0xf7f64000]
pub(crate) const INT80: Template = Template {
    name: "int 0x80",
    model: ILP32,
    takes: |_, argument| if argument.is_wide() { 2 } else { 1 },
    code: int80,
    ..LINUX
};
/// [FreeBSD lib/libc/amd64/SYS.h: KERNCALL; sys/amd64/amd64/trap.c: cpu_fetch_syscall_args]
pub(crate) const FREEBSD: Template = Template {
    name: "a stub of libc",
    words: 8,
    code: freebsd,
    returns: Returns::Flag64,
    ..LINUX
};

/// The stubs of ntdll before Windows 10.
pub(crate) const NT_SYSCALL: Template = Template {
    name: "a stub of ntdll",
    model: LLP64,
    words: 18,
    takes: one,
    code: |request| nt(request, &[0x0f, 0x05, 0xc3], None),
    returns: Returns::Status64,
    indirect: None,
};
/// Those of Windows 10: `test byte [0x7ffe0308], 1; jne` over `syscall; ret` to `int 0x2e; ret`.
const CHOOSES: [u8; 16] = [
    0xf6, 0x04, 0x25, 0x08, 0x03, 0xfe, 0x7f, 1, 0x75, 3, 0x0f, 0x05, 0xc3, 0xcd, 0x2e, 0xc3,
];
pub(crate) const NT_SYSCALL_CHOSEN: Template = Template {
    name: "a stub of ntdll that chooses syscall",
    code: |request| nt(request, &CHOOSES, Some(0)),
    ..NT_SYSCALL
};
pub(crate) const NT_INT2E_CHOSEN: Template = Template {
    name: "a stub of ntdll that chooses int 0x2e",
    code: |request| nt(request, &CHOOSES, Some(1)),
    ..NT_SYSCALL
};

fn one(_: usize, _: &Argument) -> usize {
    1
}

/// `mov reg, value` of 64 bits.
fn load(bytes: &mut Vec<u8>, reg: u8, value: u64) {
    bytes.extend([0x48 | reg >> 3, 0xb8 | reg & 7]);
    bytes.extend(value.to_le_bytes());
}

const RAX: u8 = 0;
const RCX: u8 = 1;
const RDX: u8 = 2;
const RBX: u8 = 3;
const RBP: u8 = 5;
const RSI: u8 = 6;
const RDI: u8 = 7;

/// `mov [DATA + offset], reg` of 64 bits.
fn store(bytes: &mut Vec<u8>, reg: u8, offset: u32) {
    bytes.extend([0x48, 0x89, 0x04 | reg << 3, 0x25]);
    bytes.extend((DATA as u32 + offset).to_le_bytes());
}

/// The number, and anything above it: kernels take 32 bits.   [Linux arch/x86/entry/entry_64.S: movslq %eax, %rsi]
fn load_number(request: &mut Request, bytes: &mut Vec<u8>) {
    let above = u64::from(request.rng.next_u32()) << 32;
    load(bytes, RAX, above | u64::from(request.number));
}

fn linux(request: &mut Request) -> Code {
    let mut bytes = Vec::new();
    for (argument, reg) in request.arguments.iter().zip([RDI, RSI, RDX, 10, 8, 9]) {
        load(&mut bytes, reg, argument.loose);
    }
    load_number(request, &mut bytes);
    bytes.extend([0x0f, 0x05]);
    store(&mut bytes, RAX, 0);
    bytes.extend([0xcd, 0x80]);
    Code {
        bytes,
        memory: Vec::new(),
        trap: Trap::Syscall,
        landing: None,
    }
}

fn int80(request: &mut Request) -> Code {
    let mut bytes = Vec::new();
    let words = x86::words(request.arguments);
    for (word, reg) in words.iter().zip([RBX, RCX, RDX, RSI, RDI, RBP]) {
        let above = u64::from(request.rng.next_u32()) << 32;
        load(&mut bytes, reg, above | u64::from(*word));
    }
    load_number(request, &mut bytes);
    bytes.extend([0xcd, 0x80]);
    store(&mut bytes, RAX, 0);
    bytes.extend([0xcd, 0x80]);
    Code {
        bytes,
        memory: Vec::new(),
        trap: Trap::Interrupt(0x80),
        landing: None,
    }
}

/// `call` over `count` bytes.
fn call_over(bytes: &mut Vec<u8>, count: usize) {
    bytes.push(0xe8);
    bytes.extend((count as u32).to_le_bytes());
}

fn freebsd(request: &mut Request) -> Code {
    let mut bytes = Vec::new();
    let stacked = request.arguments.get(6..).unwrap_or_default();
    for argument in stacked.iter().rev() {
        load(&mut bytes, RAX, argument.loose);
        // push rax
        bytes.push(0x50);
    }
    for (argument, reg) in request.arguments.iter().zip([RDI, RSI, RDX, RCX, 8, 9]) {
        load(&mut bytes, reg, argument.loose);
    }
    // add rsp, 8 * stacked; int 0x80
    let behind = [0x48, 0x83, 0xc4, 8 * stacked.len() as u8, 0xcd, 0x80];
    call_over(&mut bytes, behind.len());
    bytes.extend(behind);
    load_number(request, &mut bytes);
    // mov r10, rcx; clc or stc; syscall
    let carry = 0xf8 | (request.rng.next_u32() & 1) as u8;
    bytes.extend([0x49, 0x89, 0xca, carry, 0x0f, 0x05]);
    store(&mut bytes, RAX, 0);
    store(&mut bytes, RDX, 16);
    // setb al; movzx eax, al
    bytes.extend([0x0f, 0x92, 0xc0, 0x0f, 0xb6, 0xc0]);
    store(&mut bytes, RAX, 8);
    // ret
    bytes.push(0xc3);
    Code {
        bytes,
        memory: Vec::new(),
        trap: Trap::Syscall,
        landing: None,
    }
}

/// A caller, and a stub that ends with `asks`. The caller leaves 32 bytes for the callee's own use below the fifth argument.
/// [Microsoft x64 calling convention]
fn nt(request: &mut Request, asks: &[u8], chosen: Option<u32>) -> Code {
    let mut bytes = Vec::new();
    let stacked = request.arguments.get(4..).unwrap_or_default();
    let room = 0x20 + 8 * stacked.len() as u32;
    // sub rsp, room
    bytes.extend([0x48, 0x81, 0xec]);
    bytes.extend(room.to_le_bytes());
    for (argument, offset) in stacked.iter().zip((0x20u32..).step_by(8)) {
        load(&mut bytes, RAX, argument.loose);
        // mov [rsp+offset], rax
        bytes.extend([0x48, 0x89, 0x84, 0x24]);
        bytes.extend(offset.to_le_bytes());
    }
    for (argument, reg) in request.arguments.iter().zip([RCX, RDX, 8, 9]) {
        load(&mut bytes, reg, argument.loose);
    }
    let mut behind = Vec::new();
    store(&mut behind, RAX, 0);
    // add rsp, room; int 0x80
    behind.extend([0x48, 0x81, 0xc4]);
    behind.extend(room.to_le_bytes());
    behind.extend([0xcd, 0x80]);
    call_over(&mut bytes, behind.len());
    bytes.extend(behind);
    // mov r10, rcx; mov eax, number
    bytes.extend([0x4c, 0x8b, 0xd1, 0xb8]);
    bytes.extend(request.number.to_le_bytes());
    bytes.extend(asks);
    Code {
        bytes,
        memory: chosen
            .map(|chosen| (SHARED + 0x308, chosen))
            .into_iter()
            .collect(),
        trap: match chosen {
            Some(1) => Trap::Interrupt(0x2e),
            _ => Trap::Syscall,
        },
        landing: None,
    }
}

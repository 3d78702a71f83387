//! Selectors of other kernels than Linux, and code of both widths on one CPU.

use emu_cpu::{Arch, Exit, Reg, Selectors, Trap, x86, x86_64};

use crate::machine::{CODE, DATA, Machine};

const X86: [Reg; 6] = [x86::CS, x86::SS, x86::DS, x86::ES, x86::FS, x86::GS];
const X86_64: [Reg; 6] = [
    x86_64::CS,
    x86_64::SS,
    x86_64::DS,
    x86_64::ES,
    x86_64::FS,
    x86_64::GS,
];

/// Flat data of 32 bits at `base`.
fn data(base: u64) -> u64 {
    0x00cf_f300_0000_ffff | (base & 0xff_ffff) << 16 | (base >> 24 & 0xff) << 56
}

#[test]
fn each_kernel_has_its_own() {
    let machine = Machine::of(Arch::X86, Selectors::Nt);
    let nt = [0x1b, 0x23, 0x23, 0x23, 0, 0];
    assert_eq!(X86.map(|s| machine.reg(s)), nt);
    let machine = Machine::of(Arch::X86_64, Selectors::Nt);
    let nt = [0x33, 0x2b, 0x2b, 0x2b, 0x2b, 0x2b];
    assert_eq!(X86_64.map(|s| machine.reg(s)), nt);
    let machine = Machine::of(Arch::X86_64, Selectors::FreeBsd);
    let freebsd = [0x43, 0x3b, 0x3b, 0x3b, 0x13, 0x1b];
    assert_eq!(X86_64.map(|s| machine.reg(s)), freebsd);
    // mov eax, cs; int 0x80: what the guest sees
    for (arch, selectors, cs) in [
        (Arch::X86, Selectors::Nt, 0x1b),
        (Arch::X86_64, Selectors::Nt, 0x33),
        (Arch::X86_64, Selectors::FreeBsd, 0x43),
    ] {
        let mut machine = Machine::of(arch, selectors);
        machine.put(CODE, &[0x8c, 0xc8, 0xcd, 0x80]);
        let exit = machine.run();
        assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
        assert_eq!(machine.reg(x86::EAX), cs);
    }
}

#[test]
fn nt_gives_a_thread_one_descriptor() {
    let mut machine = Machine::of(Arch::X86, Selectors::Nt);
    // mov eax, 0x3b; mov fs, eax; mov eax, fs:[0x18]; int 0x2e
    machine.put(
        CODE,
        &[
            0xb8, 0x3b, 0, 0, 0, 0x8e, 0xe0, 0x64, 0xa1, 0x18, 0, 0, 0, 0xcd, 0x2e,
        ],
    );
    machine.put_words(DATA + 0x18, &[0x1234_5678]);
    assert!(!machine.cpu.set_descriptor(12, data(DATA)));
    assert!(machine.cpu.set_descriptor(7, data(DATA)));
    let exit = machine.run();
    assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
    assert_eq!(machine.reg(x86::EAX), 0x1234_5678);
    assert_eq!(machine.reg(x86::FS), 0x3b);
    let mut machine = Machine::of(Arch::X86_64, Selectors::Nt);
    assert!(!machine.cpu.set_descriptor(7, data(DATA)));
    assert!(machine.cpu.set_descriptor(10, data(DATA)));
}

/// 64-bit code that jumps to 32-bit code at `CODE + 0x100`, and what that does before it jumps back to `CODE + 0x20`.
fn gate(selectors: Selectors, narrow: &[u8]) -> Machine {
    let mut machine = Machine::of(Arch::X86_64, selectors);
    // mov rax, -1; jmp far [rip]
    let mut wide = vec![0x48, 0xc7, 0xc0, 0xff, 0xff, 0xff, 0xff];
    wide.extend([0xff, 0x2d, 0, 0, 0, 0]);
    wide.extend((CODE as u32 + 0x100).to_le_bytes());
    wide.extend([0x23, 0]);
    machine.put(CODE, &wide);
    // inc rax, which is `dec eax; inc eax` in 32-bit code; int 0x2e
    machine.put(CODE + 0x20, &[0x48, 0xff, 0xc0, 0xcd, 0x2e]);
    // jmp 0x33:CODE+0x20
    let mut narrow = narrow.to_vec();
    narrow.push(0xea);
    narrow.extend((CODE as u32 + 0x20).to_le_bytes());
    narrow.extend([0x33, 0]);
    machine.put(CODE + 0x100, &narrow);
    machine
}

#[test]
fn nt_runs_code_of_32_bits_on_a_64_bit_cpu() {
    // inc eax, which is a prefix in 64-bit code; mov edx, cs
    let mut machine = gate(Selectors::Nt, &[0x40, 0x8c, 0xca]);
    let exit = machine.run();
    let next = CODE + 0x25;
    assert_eq!(
        exit,
        Exit::Trap {
            trap: Trap::Interrupt(0x2e),
            pc: next - 2,
            next
        }
    );
    assert_eq!(machine.reg(x86_64::RDX), 0x23);
    assert_eq!(machine.reg(x86_64::RAX), 1);
    assert_eq!(machine.reg(x86_64::CS), 0x33);
}

#[test]
fn there_is_no_code_of_32_bits_on_a_64_bit_cpu_of_linux() {
    let exit = gate(Selectors::Linux, &[0x40]).run();
    let protection = Exit::Exception(emu_cpu::Exception::Protection);
    assert_eq!(exit, protection);
}

#[test]
fn a_run_that_stops_in_code_of_32_bits_goes_on_there() {
    // inc eax; int 0x2e; inc eax; mov ecx, fs:[0x18]
    let code = [0x40, 0xcd, 0x2e, 0x40, 0x64, 0x8b, 0x0d, 0x18, 0, 0, 0];
    let mut machine = gate(Selectors::Nt, &code);
    machine.put_words(DATA + 0x18, &[0x1234_5678]);
    machine.cpu.set_descriptor(10, data(DATA));
    machine.cpu.set_reg(x86_64::FS, 0x53);
    machine.cpu.set_reg(x86_64::FS_BASE, DATA);
    assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 0x101));
    assert_eq!(machine.reg(x86_64::CS), 0x23);
    assert_eq!(machine.reg(x86_64::RAX), 0);
    // The width is part of the state, and can be given.
    let mut state = machine.cpu.context();
    machine.cpu.save(&mut *state);
    machine.cpu.set_reg(x86_64::CS, 0x33);
    assert_eq!(machine.reg(x86_64::CS), 0x33);
    machine.cpu.set_pc(CODE + 0x20);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
    assert_eq!(machine.reg(x86_64::RAX), 1);
    machine.cpu.set_reg(x86_64::CS, 0x23);
    machine.cpu.set_pc(CODE + 0x103);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
    assert_eq!(machine.reg(x86_64::RAX), 3);
    machine.cpu.restore(&*state);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
    assert_eq!(machine.reg(x86_64::RAX), 2);
    assert_eq!(machine.reg(x86_64::RCX), 0x1234_5678);
    assert_eq!(machine.reg(x86_64::CS), 0x33);
}

#[test]
fn faults_and_exceptions_of_32_bit_code_are_told_there() {
    // mov ebx, [0xfffffff0]
    let mut machine = gate(Selectors::Nt, &[0x8b, 0x1d, 0xf0, 0xff, 0xff, 0xff]);
    match machine.run() {
        Exit::Fault(fault) => assert_eq!(fault.address, 0xffff_fff0),
        exit => panic!("{exit:x?}"),
    }
    assert_eq!(machine.cpu.pc(), CODE + 0x100);
    // ud2; inc eax; int3
    for (code, expected) in [
        (&[0x0f, 0x0b][..], Exit::Illegal),
        (
            &[0x40, 0xcc],
            Exit::Exception(emu_cpu::Exception::Breakpoint(0)),
        ),
    ] {
        assert_eq!(gate(Selectors::Nt, code).run(), expected);
    }
}

#[test]
fn pages_and_chains_of_32_bit_code_are_run_whole() {
    // 3000 times `inc eax`, over a page's end: more than fits into one translation.
    let mut machine = gate(Selectors::Nt, &[0x40; 3000]);
    let next = CODE + 0x25;
    let exit = machine.run();
    assert!(
        matches!(exit, Exit::Trap { next: n, .. } if n == next),
        "{exit:x?}"
    );
    assert_eq!(machine.reg(x86_64::RAX), 3000);
}

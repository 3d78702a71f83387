//! What a fresh user-mode CPU looks like.

use emu_cpu::{Arch, Exit, arm, arm64, mips, x86, x86_64};

use crate::faults::trap;
use crate::machine::{CODE, DATA, MIPS, Machine};

fn run_x86(arch: Arch, code: &[u8]) -> Machine {
    let mut code = code.to_vec();
    code.extend(trap(arch));
    let mut machine = Machine::with(arch, &code);
    let exit = machine.run();
    assert!(
        matches!(exit, Exit::Trap { .. }),
        "{arch:?} {code:x?} {exit:x?}"
    );
    machine
}

#[test]
fn x86_is_in_user_mode_with_the_selectors_of_linux() {
    let machine = Machine::new(Arch::X86);
    let selectors = [x86::CS, x86::SS, x86::DS, x86::ES, x86::FS, x86::GS];
    assert_eq!(
        selectors.map(|s| machine.reg(s)),
        [0x23, 0x2b, 0x2b, 0x2b, 0, 0]
    );
    assert_eq!(machine.reg(x86::EFLAGS), 0x202);
    let machine = Machine::new(Arch::X86_64);
    let selectors = [
        x86_64::CS,
        x86_64::SS,
        x86_64::DS,
        x86_64::ES,
        x86_64::FS,
        x86_64::GS,
    ];
    assert_eq!(selectors.map(|s| machine.reg(s)), [0x33, 0x2b, 0, 0, 0, 0]);
    assert_eq!(machine.reg(x86_64::RFLAGS), 0x202);
    // mov eax, cs: what the guest sees
    assert_eq!(run_x86(Arch::X86, &[0x8c, 0xc8]).reg(x86::EAX), 0x23);
    assert_eq!(run_x86(Arch::X86_64, &[0x8c, 0xc8]).reg(x86::EAX), 0x33);
}

#[test]
fn the_x87_unit_is_initialised() {
    for arch in [Arch::X86, Arch::X86_64] {
        let machine = Machine::new(arch);
        let (control, tag, mxcsr) = match arch {
            Arch::X86 => (x86::FPCW, x86::FPTAG, x86::MXCSR),
            _ => (x86_64::FPCW, x86_64::FPTAG, x86_64::MXCSR),
        };
        assert_eq!(machine.reg(control), 0x37f);
        assert_eq!(machine.reg(tag), 0xffff);
        assert_eq!(machine.reg(mxcsr), 0x1f80);
        // fld1; fldpi; faddp; fistp dword [ecx]: 4
        let mut code = vec![0xb9, 0, 0, 0x40, 0];
        code.extend([0xd9, 0xe8, 0xd9, 0xeb, 0xde, 0xc1, 0xdb, 0x19]);
        let mut machine = run_x86(arch, &code);
        assert_eq!(machine.u32(DATA), 4);
    }
}

#[test]
fn cpuid_says_sse4_2_and_no_avx_and_no_rdrand() {
    for arch in [Arch::X86, Arch::X86_64] {
        // mov eax, 1; cpuid
        let machine = run_x86(arch, &[0xb8, 1, 0, 0, 0, 0x0f, 0xa2]);
        let (ecx, edx) = (machine.reg(x86::ECX), machine.reg(x86::EDX));
        assert_ne!(ecx & 1 << 20, 0, "SSE4.2");
        assert_eq!(ecx & 1 << 28, 0, "AVX");
        assert_eq!(ecx & 1 << 30, 0, "RDRAND");
        assert_eq!(ecx & (1 << 26 | 1 << 27), 0, "XSAVE, OSXSAVE");
        assert_ne!(edx & 1 << 26, 0, "SSE2");
    }
}

#[test]
fn the_time_stamp_counter_is_the_same_in_each_run() {
    for arch in [Arch::X86, Arch::X86_64] {
        let values = || {
            // rdtsc; mov ebx, eax; rdtsc
            let machine = run_x86(arch, &[0x0f, 0x31, 0x89, 0xc3, 0x0f, 0x31]);
            (machine.reg(x86::EBX), machine.reg(x86::EAX))
        };
        let (first, second) = values();
        assert!(first < second);
        assert_eq!(values(), (first, second));
    }
}

#[test]
fn a_thread_descriptor_is_seen_through_gs() {
    let mut machine = Machine::with(
        Arch::X86,
        &[
            0xb8, 0x63, 0, 0, 0, // mov eax, 0x63
            0x8e, 0xe8, // mov gs, eax
            0x65, 0xa1, 0x10, 0, 0, 0, // mov eax, gs:[0x10]
            0xcd, 0x80,
        ],
    );
    machine.put_words(DATA + 0x10, &[0x1234_5678]);
    machine.put_words(DATA + 0x1010, &[0x8765_4321]);
    assert!(!machine.cpu.set_descriptor(11, 0));
    assert!(!machine.cpu.set_descriptor(15, 0));
    assert!(machine.cpu.set_descriptor(12, descriptor(DATA)));
    let exit = machine.run();
    assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
    assert_eq!(machine.reg(x86::EAX), 0x1234_5678);
    assert_eq!(machine.reg(x86::GS), 0x63);

    // A change is seen at once, and is part of the state.
    let mut context = machine.cpu.context();
    machine.cpu.save(&mut *context);
    assert!(machine.cpu.set_descriptor(12, descriptor(DATA + 0x1000)));
    machine.cpu.set_pc(CODE + 7);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
    assert_eq!(machine.reg(x86::EAX), 0x8765_4321);
    machine.cpu.restore(&*context);
    machine.cpu.set_pc(CODE);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
    assert_eq!(machine.reg(x86::EAX), 0x1234_5678);
}

/// As Linux makes it of a flat user_desc: 32 bits, limit in pages, writable, usable.
fn descriptor(base: u64) -> u64 {
    0x00cf_f200_0000_ffff | (base & 0xff_ffff) << 16 | (base >> 24 & 0xff) << 56
}

#[test]
fn the_stack_stays_32_bits_wide_behind_a_segment_load() {
    // mov eax, 0x2b; mov es, eax; push eax; pop ecx
    let machine = run_x86(Arch::X86, &[0xb8, 0x2b, 0, 0, 0, 0x8e, 0xc0, 0x50, 0x59]);
    assert_eq!(machine.reg(x86::ECX), 0x2b);
}

#[test]
fn the_descriptor_table_cannot_be_read() {
    // mov rcx, 0xfffffe0000000020; mov eax, [rcx]
    let mut code = vec![0x48, 0xb9];
    code.extend(0xffff_fe00_0000_0020u64.to_le_bytes());
    code.extend([0x8b, 0x01]);
    let mut machine = Machine::with(Arch::X86_64, &code);
    assert!(matches!(machine.run(), Exit::Fault(_)));
    // mov eax, 0x2b; mov ds, eax, and again
    code.splice(0..0, [0xb8, 0x2b, 0, 0, 0, 0x8e, 0xd8]);
    let mut machine = Machine::with(Arch::X86_64, &code);
    let exit = machine.run();
    assert!(matches!(exit, Exit::Fault(_)), "{exit:x?}");
}

#[test]
fn thread_pointers() {
    let mut machine = Machine::with(
        Arch::X86_64,
        &[0x64, 0x8b, 0x04, 0x25, 8, 0, 0, 0, 0xcd, 0x80],
    );
    machine.cpu.set_tls(DATA);
    machine.put_words(DATA + 8, &[77]);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
    assert_eq!(machine.reg(x86::EAX), 77);

    // mrc p15, 0, r0, c13, c0, 3; svc
    let mut machine = Machine::words(Arch::Arm, &[0xee1d_0f70, 0xef00_0000]);
    machine.cpu.set_tls(0x1234_5000);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
    assert_eq!(machine.reg(arm::R0), 0x1234_5000);

    // mrs x0, tpidr_el0; svc
    let mut machine = Machine::words(Arch::Arm64, &[0xd53b_d040, 0xd400_0001]);
    machine.cpu.set_tls(0x12_3456_7890);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
    assert_eq!(machine.reg(arm64::X0), 0x12_3456_7890);

    for arch in MIPS {
        // rdhwr v1, $29; syscall
        let mut machine = Machine::words(arch, &[0x7c03_e83b, 0x0000_000c]);
        machine.cpu.set_tls(0x7fff_7000);
        let exit = machine.run();
        assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
        assert_eq!(machine.reg(mips::V1), 0x7fff_7000);
    }
}

#[test]
fn arm_has_vfp_neon_and_division() {
    // vmov s0, r0; vmov s1, r1; vadd.f32 s2, s0, s1; vmov r2, s2; sdiv r3, r4, r5; vorr q1, q2, q2; svc
    let code = [
        0xee00_0a10,
        0xee00_1a90,
        0xee30_1a20,
        0xee11_2a10,
        0xe713_f514,
        0xf224_2154,
        0xef00_0000,
    ];
    let mut machine = Machine::words(Arch::Arm, &code);
    machine.set(arm::R0, u64::from(1.5f32.to_bits()));
    machine.set(arm::R1, u64::from(2.0f32.to_bits()));
    machine.set(arm::R4, 100);
    machine.set(arm::R5, 7);
    let exit = machine.run();
    assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
    assert_eq!(machine.reg(arm::R2), u64::from(3.5f32.to_bits()));
    assert_eq!(machine.reg(arm::R3), 14);
    assert_eq!(machine.reg(arm::CPSR) & 0x1f, 0x10, "user mode");
}

#[test]
fn a64_may_do_what_linux_allows_at_el0() {
    // mrs x0, dczid_el0; mrs x1, ctr_el0; mrs x2, cntvct_el0; mrs x3, cntfrq_el0; mrs x4, midr_el1;
    // fmov d0, #1.0; fmov x5, d0; dc zva, x6; ic ivau, x6; dc cvau, x6; svc
    let code = [
        0xd53b_00e0,
        0xd53b_0021,
        0xd53b_e042,
        0xd53b_e003,
        0xd538_0004,
        0x1e6e_1000,
        0x9e66_0005,
        0xd50b_7426,
        0xd50b_7526,
        0xd50b_7b26,
        0xd400_0001,
    ];
    let mut machine = Machine::words(Arch::Arm64, &code);
    machine.set(arm64::X6, DATA);
    machine.put(DATA, &[1; 128]);
    let exit = machine.run();
    assert!(
        matches!(exit, Exit::Trap { .. }),
        "{exit:x?} at {:#x}",
        machine.cpu.pc()
    );
    assert_eq!(machine.reg(arm64::X0) & 0x10, 0, "dc zva is allowed");
    assert_ne!(machine.reg(arm64::X1), 0);
    assert_eq!(machine.reg(arm64::X3), 62_500_000);
    assert_eq!(machine.reg(arm64::X4) >> 24, 0x41, "ARM Ltd.");
    assert_eq!(machine.reg(arm64::X5), 1f64.to_bits());
    assert_eq!(machine.u32(DATA), 0);
}

#[test]
fn mips_has_an_fpu_of_single_registers() {
    for arch in [Arch::Mips, Arch::Mipsel] {
        // mtc1 t0, f0; mtc1 t1, f1; mfc1 t2, f0; cvt.d.w f2, f0; mfc1 t3, f3; rdhwr t4, $2; syscall
        let code = [
            0x4488_0000,
            0x4489_0800,
            0x440a_0000,
            0x4680_00a1,
            0x440b_1800,
            0x7c0c_103b,
            0x0000_000c,
        ];
        let mut machine = Machine::words(arch, &code);
        machine.set(mips::T0, 2);
        machine.set(mips::T1, 9);
        let exit = machine.run();
        assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
        assert_eq!(machine.reg(mips::T2), 2);
        assert_eq!(
            machine.reg(mips::T3),
            2f64.to_bits() >> 32,
            "the high half is in the odd one"
        );
        assert_eq!(machine.reg(mips::T4), 1000, "a cycle counter of our own");
    }
}

#[test]
fn several_registers_at_once_are_the_same_as_one_by_one() {
    for arch in Arch::all() {
        let mut machine = Machine::new(arch);
        let count = arch.row().registers.len() as u8;
        let registers: Vec<_> = (0..count).map(emu_cpu::Reg).collect();
        for register in &registers[..8] {
            machine.set(*register, 0x1000 + u64::from(register.0));
        }
        let mut values = vec![0; registers.len()];
        machine.cpu.regs(&registers, &mut values);
        let single: Vec<u64> = registers
            .iter()
            .map(|register| machine.reg(*register))
            .collect();
        assert_eq!(values, single, "{arch:?}");
    }
}

#[test]
fn a64_pointers_may_be_tagged() {
    // ldr w0, [x1]; svc
    let mut machine = Machine::words(Arch::Arm64, &[0xb940_0020, 0xd400_0001]);
    machine.put_words(DATA, &[42]);
    machine.set(arm64::X1, DATA | 0xab << 56);
    let exit = machine.run();
    assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
    assert_eq!(machine.reg(arm64::X0), 42);
}

#[test]
fn a_program_cannot_be_given_privileges() {
    for (arch, register, before) in [
        (Arch::X86, x86::EFLAGS, 0x202),
        (Arch::X86_64, x86_64::RFLAGS, 0x202),
        (Arch::Arm, arm::CPSR, 0x10),
        (Arch::Arm64, arm64::PSTATE, 0),
    ] {
        let mut machine = Machine::with(arch, &trap(arch));
        machine.set(register, u64::MAX);
        let after = machine.reg(register);
        let allowed = match arch {
            // RF is one that a program may set.   [Linux, arch/x86/kernel/signal.c, FIX_EFLAGS]
            Arch::X86 | Arch::X86_64 => 0x25_0dd5,
            Arch::Arm => 0xfe0f_fc20,
            _ => 0xf000_0000,
        };
        assert_eq!(after & !allowed, before & !allowed, "{arch:?} {after:#x}");
        machine.set(register, 0);
        assert!(matches!(machine.run(), Exit::Trap { .. }), "{arch:?}");
    }
    let mut machine = Machine::words(Arch::Mips, &[0x0000_000c]);
    machine.set(mips::ZERO, 5);
    assert_eq!(machine.reg(mips::ZERO), 0);
    machine.set(mips::FCSR, 0xffff_ffff);
    assert_eq!(machine.reg(mips::FCSR) & 0x3_f000, 0);
    assert_eq!(machine.reg(mips::FCSR) & 3, 3);
}

#[test]
fn mips_ll_of_a_page_that_is_not_there_is_a_fault_like_any_other() {
    for arch in MIPS {
        let mut machine = Machine::words(arch, &[0xc128_0000]);
        machine.set(mips::T1, 0x6666_0000);
        let exit = machine.run();
        assert!(
            matches!(exit, Exit::Fault(fault) if fault.address == 0x6666_0000),
            "{exit:x?}"
        );
    }
}

#[test]
fn arm_has_exclusive_accesses() {
    // again: ldrex r0, [r1]; add r0, r0, #5; strex r2, r0, [r1]; cmp r2, #0; bne again; ldrexd r4, r5, [r1];
    // strexd r2, r4, r5, [r1]; svc
    let code = [
        0xe191_0f9f,
        0xe280_0005,
        0xe181_2f90,
        0xe352_0000,
        0x1aff_fffa,
        0xe1b1_4f9f,
        0xe1a1_2f94,
        0xef00_0000,
    ];
    let mut machine = Machine::words(Arch::Arm, &code);
    machine.put_words(DATA, &[37, 9]);
    machine.set(arm::R1, DATA);
    let exit = machine.run();
    assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
    assert_eq!(machine.u32(DATA), 42);
    assert_eq!(
        (
            machine.reg(arm::R4),
            machine.reg(arm::R5),
            machine.reg(arm::R2)
        ),
        (42, 9, 0)
    );
    // again: ldxr x0, [x1]; add x0, x0, #5; stxr w2, x0, [x1]; cbnz w2, again; svc
    let code = [
        0xc85f_7c20,
        0x9100_1400,
        0xc802_7c20,
        0x35ff_ffa2,
        0xd400_0001,
    ];
    let mut machine = Machine::words(Arch::Arm64, &code);
    machine.put_words(DATA, &[37, 0]);
    machine.set(arm64::X1, DATA);
    let exit = machine.run();
    assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
    assert_eq!(machine.u32(DATA), 42);
}

//! Code that means harm, or nothing. Nothing of it may take the host down.

use emu_cpu::memory::PAGE;
use emu_cpu::{Arch, Exit, Prot, mips};

use crate::faults::trap;
use crate::machine::{CODE, Machine, bytes};

fn fill(machine: &mut Machine, pattern: &[u8], pages: u64) {
    machine.map(0x100_0000, pages, Prot::READ | Prot::EXEC);
    let mut code = Vec::new();
    while code.len() + pattern.len() <= (pages * PAGE) as usize - 16 {
        code.extend_from_slice(pattern);
    }
    code.extend(trap(machine.cpu.arch()));
    machine.put(0x100_0000, &code);
    machine.cpu.set_pc(0x100_0000);
}

#[test]
fn four_thousand_nops() {
    for arch in Arch::all() {
        let nop = match arch {
            Arch::X86 | Arch::X86_64 => vec![0x90],
            Arch::Arm => bytes(arch, &[0xe320_f000]),
            Arch::Arm64 => bytes(arch, &[0xd503_201f]),
            _ => bytes(arch, &[0]),
        };
        let mut machine = Machine::new(arch);
        fill(&mut machine, &nop, 4);
        for _ in 0..2 {
            machine.cpu.set_pc(0x100_0000);
            assert!(matches!(machine.run(), Exit::Trap { .. }), "{arch:?}");
        }
    }
}

#[test]
fn pages_of_zeros_are_run_until_their_end() {
    for arch in Arch::all() {
        let mut machine = Machine::new(arch);
        machine.map(0x100_0000, 8, Prot::READ | Prot::EXEC);
        machine.cpu.set_pc(0x100_0000);
        let exit = machine.run();
        match arch {
            // add [eax], al with eax = 0
            Arch::X86 | Arch::X86_64 => assert!(matches!(exit, Exit::Fault(_)), "{exit:x?}"),
            // andeq r0, r0, r0
            Arch::Arm => assert!(matches!(exit, Exit::Fault(_)), "{exit:x?}"),
            Arch::Arm64 => assert_eq!(exit, Exit::Illegal),
            _ => assert!(matches!(exit, Exit::Fault(fault) if fault.address == 0x100_8000)),
        }
    }
}

#[test]
fn straight_runs_of_every_leaking_kind_on_x86() {
    let kinds: &[&[u8]] = &[
        &[0xd8, 0xc1],                      // fadd st1
        &[0xd9, 0xc9],                      // fxch st1
        &[0xd9, 0xe8],                      // fld1
        &[0xdd, 0xd8],                      // fstp st0
        &[0xdc, 0xc1],                      // fadd st1, st0
        &[0xda, 0xc1],                      // fcmovb
        &[0xdb, 0xf1],                      // fcomi
        &[0xd8, 0xc1, 0xd9, 0xc9],          // both
        &[0x90, 0xd9, 0xc9],                // with something between
        &[0xf2, 0x0f, 0x38, 0xf1, 0xc1],    // crc32 eax, ecx
        &[0xf2, 0x0f, 0x38, 0xf0, 0xc1],    // crc32 eax, cl
        &[0x66, 0x0f, 0x70, 0xc1, 0x1b],    // pshufd
        &[0x0f, 0xc6, 0xc1, 0x1b],          // shufps
        &[0x66, 0x0f, 0x3a, 0x0f, 0xc1, 4], // palignr
        &[0x66, 0x0f, 0x3a, 0x63, 0xc1, 4], // pcmpistri
        &[0x66, 0x0f, 0x3a, 0x44, 0xc1, 0], // pclmulqdq
        &[0x66, 0x0f, 0x3a, 0xdf, 0xc1, 1], // aeskeygenassist
        &[0x66, 0x0f, 0x73, 0xd8, 1],       // psrldq
        &[0x0f, 0xc2, 0xc1, 0],             // cmpps
        &[0x0f, 0x58, 0xc1],                // addps
        &[0x66, 0x0f, 0xef, 0xc1],          // pxor
        &[0xc1, 0xd0, 3],                   // rcl eax, 3
        &[0xd3, 0xd0],                      // rcl eax, cl
        &[0x0f, 0xa4, 0xc8, 3],             // shld
        &[0x0f, 0xa5, 0xc8],                // shld cl
        &[0xf7, 0xe1],                      // mul
        &[0x0f, 0xaf, 0xc1],                // imul
        &[0x0f, 0xbc, 0xc1],                // bsf
        &[0x0f, 0xb1, 0xc8],                // cmpxchg
        &[0x0f, 0xc8],                      // bswap
        &[0x0f, 0x31],                      // rdtsc
        &[0x0f, 0xa2],                      // cpuid
        &[0x98],                            // cwde
        &[0x9f],                            // lahf
        &[0xfc],                            // cld
        &[0x8c, 0xd8],                      // mov eax, ds
        &[0x0f, 0x00, 0xc0],                // sldt
        &[0x01, 0xc8],                      // add
        &[0x11, 0xc8],                      // adc
        &[0x0f, 0x95, 0xc0],                // setne
        &[0x0f, 0x44, 0xc1],                // cmove
        &[0xd1, 0xe0],                      // shl
        &[0xd3, 0xe0],                      // shl cl
        &[0x0f, 0x77],                      // emms
        &[0xdb, 0xe3],                      // fninit
        &[0xdf, 0xe0],                      // fnstsw ax
        &[0x0f, 0xae, 0xe8],                // lfence
        &[0x0f, 0x1f, 0x00],                // nop
        &[0x0f, 0xb8, 0xc1],                // (popcnt without f3)
        &[0xf3, 0x0f, 0xb8, 0xc1],          // popcnt
        &[0x0f, 0xa3, 0xc8],                // bt
        &[0x0f, 0xba, 0xe8, 3],             // bts imm
    ];
    for arch in [Arch::X86, Arch::X86_64] {
        for kind in kinds {
            let mut machine = Machine::new(arch);
            fill(&mut machine, kind, 2);
            let exit = machine.run_blocks(1 << 20);
            assert!(
                matches!(exit, Exit::Trap { .. } | Exit::Illegal | Exit::Exception(_)),
                "{arch:?} {kind:x?} {exit:x?}"
            );
        }
    }
}

#[test]
fn odd_places_to_jump_to() {
    for arch in Arch::all() {
        let mask = arch.address_mask();
        for target in [
            0u64,
            1,
            2,
            3,
            0xfff,
            CODE + 1,
            CODE + 2,
            CODE + 3,
            u64::MAX,
            u64::MAX - 3,
            0x7fff_ffff,
            0x8000_0000,
            0xffff_ffff,
            0x000f_ffff_f000,
            0xffff_0ffe,
            0xffff_fe00_0000_0000,
            0xffff_ffff_8000_0000,
            0x8000_0000_0000_0000,
        ] {
            let mut machine = Machine::with(arch, &trap(arch));
            machine.cpu.set_pc(target & mask);
            let exit = machine.run_blocks(1000);
            assert!(
                !matches!(exit, Exit::Stopped),
                "{arch:?} {target:#x} {exit:x?}"
            );
        }
    }
}

#[test]
fn code_on_a_writable_page_may_turn_into_a_long_run_later() {
    // The page is fetched while harmless, stays writable and is filled by the guest itself, without the engine asking.
    for arch in [Arch::Mips, Arch::Mipsel] {
        let mut machine = Machine::new(arch);
        machine.map(0x60_0000, 2, Prot::all());
        // 0x600000: sw zero, 0(t1); addiu t1, t1, 4; bne t1, t2, -3; nop; jr t3; nop
        let code = [0xad20_0000, 0x2529_0004, 0x152a_fffd, 0, 0x0160_0008, 0];
        machine.put_words(0x60_0000, &code);
        machine.put_words(0x60_0040, &[0x2402_0001; 1000]);
        machine.put_words(0x60_0ffc, &[0x0000_000c]);
        for _ in 0..40 {
            machine.set(mips::T1, 0x60_0040);
            machine.set(mips::T2, 0x60_0ff8);
            machine.set(mips::T3, 0x60_0040);
            machine.cpu.set_pc(0x60_0000);
            let exit = machine.run_blocks(10_000);
            assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
        }
    }
}

#[test]
fn random_bytes_are_run_without_harm() {
    let mut seed = 0x1234_5678_9abc_def1u64;
    let mut random = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    for arch in Arch::all() {
        let mut machine = Machine::new(arch);
        machine.map(0x60_0000, 4, Prot::all());
        for _ in 0..60 {
            let bytes: Vec<u8> = (0..4 * PAGE / 8)
                .flat_map(|_| random().to_le_bytes())
                .collect();
            machine.put(0x60_0000, &bytes);
            machine.cpu.reset();
            machine.cpu.set_sp(crate::machine::STACK + 8 * PAGE);
            for _ in 0..300 {
                machine.cpu.set_pc((0x60_0000 + random() % (4 * PAGE)) & !3);
                let exit = machine.run_blocks(200);
                assert!(!matches!(exit, Exit::Stopped), "{arch:?} {exit:x?}");
            }
        }
    }
}

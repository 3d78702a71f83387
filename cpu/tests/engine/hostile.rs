//! Code that means harm, or nothing. Nothing of it may take the host down.

use emu_cpu::memory::{Backing, PAGE};
use emu_cpu::{Arch, Exit, Prot, mips};

use crate::faults::trap;
use crate::machine::{CODE, MIPS, Machine, bytes};

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
fn straight_runs_on_mips_through_branches_that_are_never_taken() {
    // bne t0, t0; bnel; bgtz zero; bgtzl; bltz zero; bltzl; bltzall
    let branches = [
        0x1508_0004,
        0x5508_0004,
        0x1c00_0004,
        0x5c00_0004,
        0x0400_0004,
        0x0402_0004,
        0x0412_0004,
    ];
    for arch in MIPS {
        for branch in branches {
            // With nops, alone, and with a jump in the slot.
            for pattern in [
                vec![branch, 0],
                vec![0, branch, 0, 0, 0, 0],
                vec![branch],
                vec![branch, 0x0800_0000],
            ] {
                let mut machine = Machine::new(arch);
                fill(&mut machine, &bytes(arch, &pattern), 4);
                let exit = machine.run();
                assert!(
                    matches!(exit, Exit::Trap { .. } | Exit::Illegal),
                    "{branch:#x} {exit:x?}"
                );
            }
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
    for arch in MIPS {
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
fn a_panic_in_a_hook_reaches_the_caller() {
    struct Panics;
    impl emu_cpu::memory::Pager for Panics {
        fn read_at(&self, _: u64, _: &mut [u8]) -> std::io::Result<usize> {
            panic!("the disk is on fire");
        }
    }
    // mov eax, [ecx]; int 0x80
    let mut machine = Machine::with(Arch::X86_64, &[0x8b, 0x01, 0xcd, 0x80]);
    let object = emu_cpu::Object::with_pager(&machine.memory, Box::new(Panics), PAGE);
    let backing = Backing::Private { object, offset: 0 };
    machine
        .space
        .map(0x60_0000, PAGE, Prot::READ, backing, None)
        .unwrap();
    machine.set(emu_cpu::x86_64::RCX, 0x60_0000);
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| machine.run()));
    let panic = run.unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the disk is on fire"));
    // And the machine is usable.
    machine.set(emu_cpu::x86_64::RCX, CODE);
    assert!(matches!(machine.run(), Exit::Trap { .. }));
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
}

#[test]
fn random_bytes_are_run_without_harm() {
    for arch in Arch::all() {
        for seed in 1..4 {
            run_random(arch, seed, 20);
        }
    }
}

/// `EMU_FUZZ_SEED` (a number to begin with), `EMU_FUZZ_ROUNDS` and `EMU_FUZZ_ONLY` (an architecture) say what and how
/// much; the code before each run goes to the file `EMU_FUZZ_DUMP`.
#[test]
#[ignore = "takes as long as it is told to"]
fn random_bytes_for_a_long_time() {
    let number = |name, or| {
        std::env::var(name)
            .ok()
            .and_then(|v| v.parse().ok())
            .unwrap_or(or)
    };
    let first: u64 = number("EMU_FUZZ_SEED", 1000);
    for seed in first..first + number("EMU_FUZZ_ROUNDS", 100) {
        for arch in Arch::all() {
            let only = std::env::var("EMU_FUZZ_ONLY").ok();
            if only.is_some_and(|only| format!("{arch:?}") != only) {
                continue;
            }
            println!("{arch:?} {seed}");
            run_random(arch, seed, 20);
        }
    }
}

/// An instruction that is likely to exist.
fn likely_instruction(arch: Arch, random: &mut Random) -> u32 {
    let word = random.next() as u32;
    let mut pick = |choices: &[u32]| choices[random.below(choices.len() as u64) as usize];
    match arch {
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
            let opcode = pick(&[
                0, 0, 0, 1, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x11, 0x11, 0x11, 0x13, 0x14,
                0x15, 0x1c, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x28, 0x29, 0x2a, 0x2b,
                0x2e, 0x30, 0x31, 0x33, 0x35, 0x38, 0x39, 0x3d,
            ]);
            let rest = word & 0x03ff_ffff;
            let rest = match opcode {
                0 => {
                    let functions = [
                        0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 15, 16, 17, 18, 19, 24, 25, 26, 27, 32,
                        33, 34, 35, 36, 37, 38, 39, 42, 43, 48, 52,
                    ];
                    rest & !0x3f | pick(&functions)
                }
                0x11 => {
                    rest & !(31 << 21)
                        | pick(&[0, 2, 3, 4, 6, 7, 8, 16, 16, 17, 17, 20, 21, 22]) << 21
                }
                _ => rest,
            };
            opcode << 26 | rest
        }
        // Always executed, mostly.
        Arch::Arm => word & 0x0fff_ffff | pick(&[0xe, 0xe, 0xe, 0, 1, 0xf]) << 28,
        // Data processing, loads and stores, FP and SIMD.
        Arch::Arm64 => word & !(15 << 25) | pick(&[4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15]) << 25,
        _ => word,
    }
}

/// Random code on pages of all kinds, with random registers, which a task or its fork runs, with a state that comes and
/// goes.
fn run_random(arch: Arch, seed: u64, rounds: u64) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut machine = Machine::new(arch);
    let object = emu_cpu::Object::new(&machine.memory);
    object.truncate(4 * PAGE).unwrap();
    let shared = || Backing::Shared {
        object: object.clone(),
        offset: 0,
    };
    let (rw, rx) = (Prot::READ | Prot::WRITE, Prot::READ | Prot::EXEC);
    machine.map(0x60_0000, 4, Prot::all());
    machine
        .space
        .map(0x61_0000, 4 * PAGE, rw, shared(), None)
        .unwrap();
    machine
        .space
        .map(0x62_0000, 4 * PAGE, rx, shared(), None)
        .unwrap();
    let mut context = machine.cpu.context();
    let general = if arch == Arch::X86 { 8 } else { 16 };
    let mut other = None;
    let dump = std::env::var_os("EMU_FUZZ_DUMP");
    for _ in 0..rounds {
        let kind = random.below(6);
        let few: Vec<u64> = (0..4).map(|_| random.next()).collect();
        let code: Vec<u8> = (0..4 * PAGE / 8)
            .flat_map(|_| {
                match kind {
                    0 => random.next(),
                    // The same few instructions again and again.
                    1 => few[random.below(4) as usize],
                    2 => random.next() & random.next() & random.next(),
                    3 | 4 => {
                        let pair = [(); 2].map(|()| likely_instruction(arch, &mut random));
                        let bytes = crate::machine::bytes(arch, &pair);
                        u64::from_le_bytes(bytes.try_into().unwrap())
                    }
                    _ => few[0],
                }
                .to_le_bytes()
            })
            .collect();
        machine.put(0x60_0000, &code);
        machine.space.write(0x61_0000, &code).unwrap();
        if random.below(4) == 0 {
            other = machine.space.fork().ok();
        }
        if random.below(4) == 0 {
            machine.cpu.restore(&*context);
        }
        if random.below(8) == 0 {
            machine.cpu.reset();
        }
        for _ in 0..100 {
            let base = [0x60_0000, 0x62_0000][random.below(2) as usize];
            for register in 0..general {
                let value = match random.below(4) {
                    0 => random.next(),
                    1 => 0x60_0000 + random.below(0x3_0000),
                    2 => crate::machine::DATA + random.below(0x1_0000),
                    _ => crate::machine::STACK + random.below(0x1_0000),
                };
                machine.cpu.set_reg(emu_cpu::Reg(register), value);
            }
            let unit = if matches!(arch, Arch::X86 | Arch::X86_64) {
                0
            } else {
                3
            };
            let thumb = if arch == Arch::Arm {
                random.below(2)
            } else {
                0
            };
            machine
                .cpu
                .set_pc(((base + random.below(4 * PAGE)) & !unit) | thumb);
            let space = match &mut other {
                Some(other) if random.below(3) == 0 => other,
                _ => &mut machine.space,
            };
            if let Some(file) = &dump {
                let pc = machine.cpu.pc();
                let mut bytes = vec![0; 4 * PAGE as usize];
                let _ = space.peek(base, &mut bytes);
                std::fs::write(file, bytes).unwrap();
                println!("{base:#x} {pc:#x} {kind}");
            }
            let exit = machine.cpu.run(space, Some(100));
            assert!(!matches!(exit, Exit::Stopped), "{arch:?} {exit:x?}");
            if random.below(16) == 0 {
                machine.cpu.save(&mut *context);
            }
        }
    }
}

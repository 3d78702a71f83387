//! What things cost. `cargo test --release -p emu-cpu --features unicorn -- --ignored --nocapture bench`

use std::time::Duration;

use emu_cpu::memory::PAGE;
use emu_cpu::{Arch, Exit, Prot, Reg, arm, arm64, mips, x86_64};
use rustix::time::{ClockId, clock_gettime};

use crate::faults::trap;
use crate::machine::{CODE, Machine, bytes};

/// Time of this thread on a CPU, which other programs on the machine don't add to.
struct Instant(Duration);

impl Instant {
    fn now() -> Instant {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        Instant(Duration::new(time.tv_sec as u64, time.tv_nsec as u32))
    }

    fn elapsed(&self) -> Duration {
        Instant::now().0 - self.0
    }
}

#[test]
#[ignore = "a measurement"]
fn bench_of_a_trap_and_back() {
    for arch in Arch::all() {
        let loops = match arch {
            // jmp -4
            Arch::X86 | Arch::X86_64 => vec![0xeb, 0xfc],
            Arch::Arm => bytes(arch, &[0xeaff_fffd]),
            Arch::Arm64 => bytes(arch, &[0x17ff_ffff]),
            _ => bytes(arch, &[0x1000_fffe, 0]),
        };
        let mut code = trap(arch);
        if arch == Arch::X86_64 {
            code = vec![0x0f, 0x05];
        }
        code.extend(loops);
        let mut machine = Machine::with(arch, &code);
        let registers: Vec<Reg> = (0..7).map(Reg).collect();
        let mut values = [0; 7];
        for with_registers in [false, true] {
            let rounds = 1_000_000;
            let start = Instant::now();
            for _ in 0..rounds {
                assert!(matches!(machine.run(), Exit::Trap { .. }));
                if with_registers {
                    machine.cpu.regs(&registers, &mut values);
                    machine.cpu.set_reg(Reg(0), 1);
                }
            }
            let each = start.elapsed().as_nanos() / rounds;
            println!("{arch:?}: {each} ns a trap, 7 registers read and 1 set: {with_registers}");
        }
    }
}

#[test]
#[ignore = "a measurement"]
fn bench_of_loops() {
    // fib(36), recursive
    let fib: [(Arch, Vec<u8>, Reg, Reg); 2] = [
        (
            Arch::X86_64,
            // fib: cmp edi,2; jb r; push rbx; mov ebx,edi; lea edi,[rbx-1]; call fib; push rax; lea edi,[rbx-2];
            // call fib; pop rcx; add eax,ecx; pop rbx; ret; r: mov eax,edi; ret
            vec![
                0x83, 0xff, 0x02, 0x72, 0x1b, 0x53, 0x89, 0xfb, 0x8d, 0x7b, 0xff, 0xe8, 0xf0, 0xff,
                0xff, 0xff, 0x50, 0x8d, 0x7b, 0xfe, 0xe8, 0xe7, 0xff, 0xff, 0xff, 0x59, 0x01, 0xc8,
                0x5b, 0xc3, 0x90, 0x90, 0x89, 0xf8, 0xc3,
            ],
            x86_64::RDI,
            x86_64::RAX,
        ),
        (
            Arch::Mipsel,
            // fib: sltiu t0,a0,2; bnez t0,r; nop; addiu sp,-12; sw ra,0(sp); sw a0,4(sp); jal fib; addiu a0,-1;
            // sw v0,8(sp); lw a0,4(sp); jal fib; addiu a0,-2; lw t0,8(sp); lw ra,0(sp); addiu sp,12; jr ra;
            // addu v0,v0,t0; r: jr ra; move v0,a0
            bytes(
                Arch::Mipsel,
                &[
                    0x2c88_0002,
                    0x1500_000f,
                    0,
                    0x27bd_fff4,
                    0xafbf_0000,
                    0xafa4_0004,
                    0x0c00_4000,
                    0x2484_ffff,
                    0xafa2_0008,
                    0x8fa4_0004,
                    0x0c00_4000,
                    0x2484_fffe,
                    0x8fa8_0008,
                    0x8fbf_0000,
                    0x27bd_000c,
                    0x03e0_0008,
                    0x0048_1021,
                    0x03e0_0008,
                    0x0080_1021,
                ],
            ),
            mips::A0,
            mips::V0,
        ),
    ];
    for (arch, code, argument, result) in fib {
        let mut machine = Machine::with(arch, &code);
        machine.put(CODE + 0x400, &trap(arch));
        machine.set(argument, 36);
        if arch == Arch::X86_64 {
            let sp = machine.cpu.sp() - 8;
            machine.cpu.set_sp(sp);
            machine
                .space
                .write(sp, &(CODE + 0x400).to_le_bytes())
                .unwrap();
        } else {
            machine.set(mips::RA, CODE + 0x400);
        }
        let start = Instant::now();
        let exit = machine.run();
        assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
        assert_eq!(machine.reg(result), 14_930_352);
        println!("{arch:?}: fib(36) {:?}", start.elapsed());
    }
    // A sieve of 20,000,000 bytes: for each i from 2 with i*i < n, if not marked, mark the multiples.
    let arm: Vec<u8> = bytes(
        Arch::Arm,
        &[
            0xe3a0_1002, // mov r1, #2
            0xe7d0_2001, // outer: ldrb r2, [r0, r1]
            0xe352_0000, // cmp r2, #0
            0x1a00_0005, // bne next
            0xe003_0191, // mul r3, r1, r1
            0xe153_0004, // inner: cmp r3, r4
            0x2a00_0002, // bcs next
            0xe7c0_5003, // strb r5, [r0, r3]
            0xe083_3001, // add r3, r3, r1
            0xeaff_fffa, // b inner
            0xe281_1001, // next: add r1, r1, #1
            0xe151_0006, // cmp r1, r6
            0x3aff_fff3, // bcc outer
            0xef00_0000,
        ],
    );
    let a64: Vec<u8> = bytes(
        Arch::Arm64,
        &[
            0xd280_0041, // mov x1, #2
            0x3861_6802, // outer: ldrb w2, [x0, x1]
            0x3500_00e2, // cbnz w2, next
            0x9b01_7c23, // mul x3, x1, x1
            0xeb04_007f, // inner: cmp x3, x4
            0x5400_0082, // b.cs next
            0x3823_6805, // strb w5, [x0, x3]
            0x8b01_0063, // add x3, x3, x1
            0x17ff_fffc, // b inner
            0x9100_0421, // next: add x1, x1, #1
            0xeb06_003f, // cmp x1, x6
            0x54ff_fec3, // b.cc outer
            0xd400_0001,
        ],
    );
    let registers = |arch| {
        if arch == Arch::Arm {
            [arm::R0, arm::R4, arm::R5, arm::R6]
        } else {
            [arm64::X0, arm64::X4, arm64::X5, arm64::X6]
        }
    };
    for (arch, code) in [(Arch::Arm, arm), (Arch::Arm64, a64)] {
        let mut machine = Machine::with(arch, &code);
        let n = 20_000_000u64;
        machine.map(0x1000_0000, n / PAGE + 1, Prot::READ | Prot::WRITE);
        for (register, value) in registers(arch).iter().zip([0x1000_0000, n, 1, 4473]) {
            machine.set(*register, value);
        }
        let start = Instant::now();
        let exit = machine.run();
        assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
        println!("{arch:?}: sieve of 20,000,000 {:?}", start.elapsed());
    }
}

#[test]
#[ignore = "a measurement"]
fn bench_of_set_up_and_contexts() {
    for arch in Arch::all() {
        let start = Instant::now();
        let mut machine = Machine::new(arch);
        let opened = start.elapsed();
        let mut context = machine.cpu.context();
        let start = Instant::now();
        for _ in 0..100_000 {
            machine.cpu.save(&mut *context);
        }
        let save = start.elapsed() / 100_000;
        let start = Instant::now();
        for _ in 0..100_000 {
            machine.cpu.restore(&*context);
        }
        println!(
            "{arch:?}: open {opened:?}, save {save:?}, restore {:?}",
            start.elapsed() / 100_000
        );
    }
}

//! Where arguments are, written down from the ABI documents and not from our descriptors.

use std::collections::BTreeMap;

use emu_cpu::scripted::Scripted;
use emu_cpu::{Endian, Fault, GuestMemory, Reg, arm, mips, x86, x86_64};
use emu_profiles::{ArgumentFault, by_name};
use emu_prototypes::{Args, linux};

/// Words of 32 bits at addresses; everything else is unreadable.
struct Words {
    endian: Endian,
    words: BTreeMap<u64, u32>,
}

impl GuestMemory for Words {
    fn read(&mut self, address: u64, buffer: &mut [u8]) -> Result<(), Fault> {
        let fault = Fault {
            address,
            access: emu_cpu::Access::Read,
            kind: emu_cpu::FaultKind::Unmapped,
        };
        let word = self.words.get(&address).ok_or(fault)?;
        match self.endian {
            Endian::Little => buffer.copy_from_slice(&word.to_le_bytes()),
            Endian::Big => buffer.copy_from_slice(&word.to_be_bytes()),
        }
        Ok(())
    }
    fn write(&mut self, _: u64, _: &[u8]) -> Result<(), Fault> {
        unimplemented!("arguments are only read")
    }
    fn endian(&self) -> Endian {
        self.endian
    }
    fn pointer_width(&self) -> u64 {
        4
    }
}

/// The values of a call's fields, as a profile's entry reads them.
fn read(
    profile: &str,
    entry: usize,
    call: &str,
    registers: &[(Reg, u64)],
    stack: &[(u64, u32)],
) -> Result<Args, ArgumentFault> {
    let profile = by_name(profile).expect("the profile exists");
    let entry = &profile.entries[entry];
    let cpu = Scripted::new(profile.arch).with(registers);
    let mut memory = Words {
        endian: profile.arch.endian(),
        words: stack.iter().copied().collect(),
    };
    let row = entry.system.table().by_name(call).expect("the call exists");
    let (args, fault) = entry.abi.read_args(&cpu, &mut memory, row.params, 0);
    fault.map_or(Ok(args), Err)
}

fn field(call: &str, name: &str) -> usize {
    let info = linux::by_name(call).expect("the call exists");
    info.params
        .iter()
        .position(|p| p.name == name)
        .expect("the field exists")
}

const POS: u64 = 0x1122_3344_5566_7788;

#[test]
fn arm_passes_pread64s_offset_in_r4_and_r5_and_skips_r3() {
    // [AAPCS32 6.5: a doubleword-aligned argument goes to an even register]
    let registers = [
        (arm::R3, 0xdead),
        (arm::R4, 0x5566_7788),
        (arm::R5, 0x1122_3344),
    ];
    let args = read("linux_arm", 0, "pread64", &registers, &[]).expect("all in registers");
    assert_eq!(args[field("pread64", "pos")], POS);
}

#[test]
fn big_endian_o32_passes_pread64s_offset_on_the_stack_high_word_first() {
    // [MIPS O32 psABI: home slots for a0-a3, doublewords aligned to 8]
    let registers = [(mips::A3, 0xdead), (mips::SP, 0x1000)];
    let stack = [(0x1010, 0x1122_3344), (0x1014, 0x5566_7788)];
    let args = read("linux_mips", 0, "pread64", &registers, &stack).expect("the stack is there");
    assert_eq!(args[field("pread64", "pos")], POS);
}

#[test]
fn little_endian_o32_passes_pread64s_offset_on_the_stack_low_word_first() {
    let registers = [(mips::A3, 0xdead), (mips::SP, 0x1000)];
    let stack = [(0x1010, 0x5566_7788), (0x1014, 0x1122_3344)];
    let args = read("linux_mipsel", 0, "pread64", &registers, &stack).expect("the stack is there");
    assert_eq!(args[field("pread64", "pos")], POS);
}

#[test]
fn x86_packs_pread64s_offset_into_esi_and_edi() {
    let registers = [(x86::ESI, 0x5566_7788), (x86::EDI, 0x1122_3344)];
    let args = read("linux_x86", 0, "pread64", &registers, &[]).expect("all in registers");
    assert_eq!(args[field("pread64", "pos")], POS);
}

#[test]
fn int_0x80_in_64_bit_code_counts_only_low_halves() {
    let registers = [
        (x86_64::RBX, 0xffff_ffff_0000_0001),
        (x86_64::RSI, 0xaaaa_aaaa_5566_7788),
        (x86_64::RDI, 0xbbbb_bbbb_1122_3344),
    ];
    let args = read("linux_x64", 1, "pread64", &registers, &[]).expect("all in registers");
    assert_eq!((args[0], args[field("pread64", "pos")]), (1, POS));
}

#[test]
fn an_unreadable_stack_argument_is_told_and_o32_makes_the_call_all_the_same() {
    // [Linux arch/mips/kernel/scall32-o32.S: bad_stack_a4]
    let fault = read("linux_mips", 0, "_llseek", &[(mips::SP, 0x1000)], &[]);
    assert_eq!(
        fault,
        Err(ArgumentFault {
            index: 4,
            address: 0x1010,
            fails: false
        })
    );
}

#[test]
fn an_o32_stack_that_reaches_kernel_space_fails_every_call() {
    // [Linux arch/mips/kernel/scall32-o32.S: bad_stack]
    let fault = read("linux_mips", 0, "getpid", &[(mips::SP, 0x7fff_ffe0)], &[]);
    assert!(fault.is_err_and(|fault| fault.fails));
    assert!(read("linux_mips", 0, "getpid", &[(mips::SP, 0x7fff_ffdf)], &[]).is_ok());
}

#[test]
fn an_unreadable_sixth_argument_of_sysenter_fails_the_call() {
    // [Linux arch/x86/entry/common.c: do_fast_syscall_32]
    let fault = read("linux_x86", 1, "mmap2", &[(x86::EBP, 0x2000)], &[]);
    assert_eq!(
        fault,
        Err(ArgumentFault {
            index: 5,
            address: 0x2000,
            fails: true
        })
    );
}

#[test]
fn sysenter_has_its_sixth_argument_where_ebp_points_to() {
    // [Linux arch/x86/entry/vdso/vdso32/system_call.S]
    let registers = [(x86::EBP, 0x2000)];
    let args = read("linux_x86", 1, "mmap2", &registers, &[(0x2000, 77)]).expect("readable");
    assert_eq!(args[5], 77);
}

#[test]
fn an_int_is_sign_extended_and_an_unsigned_is_not() {
    let all_ones = [(x86_64::RDI, 0xffff_ffff), (x86_64::RDX, 0xffff_ffff)];
    let openat = read("linux_x64", 0, "openat", &all_ones, &[]).expect("all in registers");
    assert_eq!(openat[field("openat", "dfd")], u64::MAX);
    let lseek = read("linux_x64", 0, "lseek", &all_ones, &[]).expect("all in registers");
    assert_eq!(lseek[field("lseek", "fd")], 0xffff_ffff);
}

#[test]
fn a_mode_has_sixteen_bits() {
    let registers = [(x86_64::R10, 0x1_0000 | 0o644)];
    let args = read("linux_x64", 0, "openat", &registers, &[]).expect("all in registers");
    assert_eq!(args[field("openat", "mode")], 0o644);
}

#[test]
fn clone_has_tls_before_child_tid_except_on_x86_64() {
    // [Linux arch/Kconfig: CLONE_BACKWARDS on x86-32, ARM, ARM64, MIPS]
    let info = linux::by_name("clone").expect("the call exists");
    for profile in emu_profiles::ALL {
        let row = profile.entries[0]
            .system
            .table()
            .by_name("clone")
            .expect("the call exists");
        let order: Vec<&str> = row
            .params
            .iter()
            .map(|p| info.params[usize::from(p.field)].name)
            .collect();
        let tls = order
            .iter()
            .position(|n| *n == "tls")
            .expect("clone takes tls");
        assert_eq!(
            tls,
            if profile.name == "linux_x64" { 4 } else { 3 },
            "{}",
            profile.name
        );
    }
}

#[test]
fn mips_pipe_takes_no_argument() {
    for name in ["linux_mips", "linux_mipsel"] {
        let row = by_name(name).and_then(|p| p.entries[0].system.table().by_name("pipe"));
        assert!(row.expect("the call exists").params.is_empty());
    }
}

//! Where arguments and results of profiles are, above all of those that are not Linux's, written down from documents.

use std::collections::{BTreeMap, BTreeSet};

use emu_cpu::scripted::Scripted;
use emu_cpu::{Arch, Cpu, Endian, Fault, GuestMemory, Reg, Trap, mips, x86, x86_64};
use emu_profiles::{Abi, Entry, Os, Profile, TrapPattern, all, by_name};
use emu_prototypes::Args;

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
        for (at, chunk) in buffer.chunks_mut(4).enumerate() {
            let word = self.words.get(&(address + 4 * at as u64)).ok_or(fault)?;
            chunk.copy_from_slice(&match self.endian {
                Endian::Little => word.to_le_bytes(),
                Endian::Big => word.to_be_bytes(),
            });
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

fn profile(name: &str) -> &'static Profile {
    by_name(name).expect("the profile exists")
}

fn entry(name: &str, by: &str) -> &'static Entry {
    let mut entries = profile(name).entries.iter();
    entries.find(|entry| entry.name == by).expect("it asks so")
}

/// The convention of an entry.
fn abi(name: &str, by: &str) -> &'static Abi {
    &entry(name, by).abi
}

/// The values of a call's fields, as a way reads them.
fn read(
    (name, by): (&str, &str),
    arch: Arch,
    call: &str,
    registers: &[(Reg, u64)],
    memory: &[(u64, u32)],
) -> Args {
    let system = profile(name).system();
    let cpu = Scripted::new(arch).with(registers);
    let mut memory = Words {
        endian: arch.endian(),
        words: memory.iter().copied().collect(),
    };
    let row = system.table().by_name(call).expect("the call exists");
    let (args, fault) = abi(name, by).read_args(&cpu, &mut memory, row.params, 0);
    assert_eq!(fault, None);
    args
}

fn write(abi: &Abi, arch: Arch, before: &[(Reg, u64)], result: Result<u64, u16>) -> Scripted {
    let mut cpu = Scripted::new(arch).with(before);
    abi.write_result(&mut cpu, result);
    cpu
}

/// [FreeBSD Developers' Handbook, 11.3.2; intro(2)]
#[test]
fn freebsd_sets_the_carry_flag_with_an_error() {
    use x86_64::{R8, R9, R10, RAX, RDI, RDX, RFLAGS, RSI};
    let registers = [(RDI, 1), (RSI, 2), (RDX, 3), (R10, 4), (R8, 5), (R9, 6)];
    let by = ("freebsd_x64", "syscall");
    let args = read(by, Arch::X86_64, "mmap", &registers, &[]);
    assert_eq!(args[..6], [1, 2, 3, 4, 5, 6]);

    let abi = &entry("freebsd_amd64", "syscall").abi;
    let flags = [(RFLAGS, 0x246)];
    let failed = write(abi, Arch::X86_64, &flags, Err(2));
    assert_eq!((failed.reg(RAX), failed.reg(RFLAGS)), (2, 0x247));
    let flags = [(RFLAGS, 0x247)];
    let done = write(abi, Arch::X86_64, &flags, Ok(1 << 40));
    assert_eq!((done.reg(RAX), done.reg(RFLAGS)), (1 << 40, 0x246));
    assert_eq!(abi.second_result(), Some(RDX));
}

/// [MIPSpro N32 ABI Handbook, 2.1; Linux arch/mips/kernel/scall64-n32.S]
#[test]
fn n64_and_n32_pass_six_registers_and_64_bits_in_one() {
    use mips::{A0, A1, A2, A3, T0, T1, V0, V1};
    let pos = 0x1_2345_6789;
    let registers = [(A0, 3), (A1, 0x1000), (A2, 16), (A3, pos)];
    let six = [(A0, 1), (A1, 2), (A2, 3), (A3, 4), (T0, 5), (T1, 6)];
    for name in ["linux_mips64", "linux_mips64n32"] {
        let by = (name, "syscall");
        assert_eq!(
            read(by, Arch::Mips64, "pread64", &registers, &[])[3],
            pos,
            "{name}"
        );
        assert_eq!(
            read(by, Arch::Mips64, "mmap", &six, &[])[..6],
            [1, 2, 3, 4, 5, 6]
        );
        assert!(
            profile(name)
                .system()
                .table()
                .by_name("pipe")
                .expect("it is there")
                .params
                .is_empty()
        );
        let abi = abi(name, "syscall");
        let failed = write(abi, Arch::Mips64, &[], Err(89));
        assert_eq!((failed.reg(V0), failed.reg(A3)), (89, 1));
        let done = write(abi, Arch::Mips64, &[(A3, 1)], Ok(pos));
        assert_eq!((done.reg(V0), done.reg(A3)), (pos, 0));
        assert_eq!(abi.second_result(), Some(V1));
    }
    // Only pointers and longs differ.
    let registers = [(A0, 0xffff_ffff_8000_0000)];
    let by = ("linux_mips64n32", "syscall");
    assert_eq!(
        read(by, Arch::Mips64, "brk", &registers, &[])[0],
        0x8000_0000
    );
    let by = ("linux_mips64", "syscall");
    assert_eq!(
        read(by, Arch::Mips64, "brk", &registers, &[])[0],
        0xffff_ffff_8000_0000
    );
}

/// [Linux arch/mips/include/uapi/asm/unistd.h: 5000 and 6000]
#[test]
fn numbers_of_n64_and_n32_have_their_bases() {
    for (name, call, number) in [
        ("linux_mips64", "read", 5000),
        ("linux_mips64el", "openat", 5247),
        ("linux_mips64n32", "read", 6000),
        ("linux_mipsn32el", "openat", 6251),
        ("freebsd_x64", "openat", 499),
    ] {
        let listed = profile(name);
        assert_eq!(listed.number(call), Some(number), "{name} {call}");
        assert_eq!(listed.call(number).expect("it is there").name, call);
    }
}

/// [The stubs of ntdll.dll: `lea edx,[esp+4]; int 2e`, and `mov edx,esp; sysenter` behind two calls]
#[test]
fn windows_of_32_bits_has_its_arguments_at_edx() {
    let stack: Vec<(u64, u32)> = (0..8u32)
        .map(|at| (0x1000 + 4 * u64::from(at), at))
        .collect();
    let registers = [(x86::EDX, 0x1000)];
    for name in [
        "windows_2000_x86",
        "windows_xpsp3_x86",
        "windows_10_22h2_x86",
    ] {
        let by = (name, "int 0x2e");
        let args = read(by, Arch::X86, "NtTerminateProcess", &registers, &stack);
        assert_eq!(args[..2], [0, 1], "{name}");
    }
    let by = ("windows_7_x86", "sysenter");
    let args = read(by, Arch::X86, "NtTerminateProcess", &registers, &stack);
    assert_eq!(args[..2], [2, 3]);
    let ways: Vec<_> = profile("windows_2000_x86")
        .entries
        .iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(ways, ["int 0x2e"]);
}

/// [Microsoft x64 calling convention; the stubs of ntdll.dll: `mov r10,rcx`]
#[test]
fn windows_of_64_bits_has_its_fifth_argument_behind_the_home_slots() {
    use x86_64::{R8, R9, R10, RDX, RSP};
    let stack: Vec<(u64, u32)> = (0..40u32)
        .map(|at| (0x1000 + 4 * u64::from(at), at))
        .collect();
    let registers = [(R10, u64::MAX), (RDX, 2), (R8, 3), (R9, 4), (RSP, 0x1000)];
    for by in ["syscall", "int 0x2e"] {
        let by = ("windows_7_x64", by);
        let args = read(by, Arch::X86_64, "NtCreateFile", &registers, &stack);
        assert_eq!(args[..4], [u64::MAX, 2, 3, 4]);
        // 0x28 and 0x30 above the stack pointer.
        assert_eq!(args[4], 11 << 32 | 10);
        // A ULONG has 32 bits of its slot.
        assert_eq!(args[5], 12);
    }
}

#[test]
fn a_boolean_has_eight_bits() {
    let stack: Vec<(u64, u32)> = (0..8u32)
        .map(|at| (0x1000 + 4 * u64::from(at), 0x1ff))
        .collect();
    let by = ("windows_xpsp3_x86", "int 0x2e");
    let args = read(
        by,
        Arch::X86,
        "NtWaitForSingleObject",
        &[(x86::EDX, 0x1000)],
        &stack,
    );
    assert_eq!(args[..3], [0x1ff, 0xff, 0x1ff]);
}

#[test]
fn a_status_has_32_bits() {
    let abi = &entry("windows_7_x64", "syscall").abi;
    let cpu = write(abi, Arch::X86_64, &[], Ok(0xffff_ffff_c000_0022));
    assert_eq!(cpu.reg(x86_64::RAX), 0xc000_0022);
    assert_eq!(abi.second_result(), None);
}

/// [Linux arch/arm/kernel/sys_oabi-compat.c; arch/arm/tools/syscall.tbl]
#[test]
fn the_old_abi_of_arm_aligns_no_pairs_and_has_calls_of_its_own() {
    use emu_cpu::arm::{R0, R1, R2, R3, R4};
    let registers = [(R0, 3), (R1, 0x1000), (R2, 16), (R3, 0x2345_6789), (R4, 1)];
    let by = ("linux_arm_oabi", "swi");
    let args = read(by, Arch::Arm, "pread64", &registers, &[]);
    assert_eq!(args[3], 0x1_2345_6789);
    let oabi = profile("linux_arm_oabi").system().table();
    for (number, name) in [
        (13, "time"),
        (90, "mmap"),
        (102, "socketcall"),
        (0xf0002, "cacheflush"),
    ] {
        assert_eq!(oabi.row(number).expect("it is there").name, name);
    }
    let eabi = profile("linux_arm");
    assert_eq!(eabi.number("time"), None);
    assert_eq!(eabi.number("cacheflush"), Some(0xf0002));
}

#[test]
fn an_immediate_carries_the_number_from_its_base_on() {
    let oabi = entry("linux_arm", "swi");
    let cpu = Scripted::new(Arch::Arm);
    assert_eq!(oabi.number(&cpu, Trap::Svc(0x90_0004)), 4);
    let matches = |trap| TrapPattern::SvcFrom(0x90_0000, 0x9f_ffff).matches(trap);
    assert!(matches(Trap::Svc(0x9f_0002)));
    assert!(!matches(Trap::Svc(0)));
    assert!(!matches(Trap::Syscall));
    assert!(!entry("linux_arm", "svc").trap.matches(Trap::Svc(0x9f_0002)));
}

#[test]
fn every_profile_has_a_name_of_its_own_and_a_name_for_every_number() {
    let mut seen = BTreeSet::new();
    let mut count = BTreeMap::new();
    for profile in all() {
        for name in [profile.name].iter().chain(profile.aliases) {
            assert!(seen.insert(*name), "{name}");
            assert!(by_name(name).is_some_and(|found| found.name == profile.name));
        }
        let os = profile.system().os();
        let starts = profile.name.starts_with(&os.name().to_lowercase());
        assert!(starts || os == Os::Own, "{}", profile.name);
        assert!(!profile.entries.is_empty());
        for (row, call) in profile.calls() {
            assert!(!row.name.is_empty());
            assert_eq!(profile.number(row.name), Some(row.number));
            assert!(row.params.len() <= call.params.len());
        }
        *count.entry(os.name()).or_insert(0) += 1;
    }
    assert_eq!(count["Linux"], emu_profiles::ALL.len() + 1);
    assert_eq!(count["FreeBSD"], 1);
    assert!(count["Windows"] >= 45);
    assert!(by_name("windows_95_x86").is_none());
    assert_eq!(profile("windows_8.1_x64").name, "windows_8sp1_x64");
    assert_eq!(profile("windows_7_x86").system().os(), Os::Windows);
}

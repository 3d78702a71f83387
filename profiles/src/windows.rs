//! Windows of the NT line, 32 and 64 bits.

use std::sync::{Mutex, PoisonError};

use emu_cpu::{Arch, Trap, x86, x86_64};
use emu_prototypes::{DataModel, nt};

use crate::abi::{Abi, Number, Pairs, Return, Slot, Unreadable, Word};
use crate::linux_x64::SYSCALL_CLOBBERS;
use crate::page::{Page, Place};
use crate::{Clobber, Entry, ProcessLayout, Profile, Resume, System, TrapPattern};

/// The profile of a release. It is made once, and lives as long as the process.
pub(crate) fn profile(release: &'static nt::Release) -> Profile {
    let wide = release.model == DataModel::Llp64;
    let system = System::Windows(release);
    let entries = match wide {
        true => vec![
            x64("syscall", Trap::Syscall, system),
            x64(INT, INT_2E, system),
        ],
        // Windows 2000 knows nothing of `sysenter`.
        false if release.age == nt::X86_2000.age => vec![int_2e(system)],
        false => vec![sysenter(system), int_2e(system)],
    };
    Profile {
        name: release.name,
        aliases: release.aliases,
        arch: if wide { Arch::X86_64 } else { Arch::X86 },
        entries: entries.leak(),
        process: if wide { X64_PROCESS } else { X86_PROCESS },
        pages: if wide { &[SHARED_X64] } else { &[SHARED] },
        machine: if wide { "AMD64" } else { "x86" },
        platform: "",
        hwcap: 0,
        hwcap2: 0,
        cpuinfo: "",
    }
}

/// What `windows_auto` stands for until the guest's own `ntdll.dll` has told its numbers: a release like any other.
pub(crate) fn auto() -> Profile {
    Profile {
        name: AUTO,
        aliases: &[],
        ..profile(&nt::X64_11_24H2)
    }
}

/// The profile whose numbers are those that stubs of an `ntdll.dll` have, by the names of calls. It is that of a known
/// release when all of them agree with it; else one of its own, that lives as long as the process.
pub(crate) fn of_stubs(wide: bool, stubs: &[(&str, u32)]) -> &'static Profile {
    let model = match wide {
        true => DataModel::Llp64,
        false => DataModel::Ilp32,
    };
    let known = nt::Release::with_stubs(model, stubs);
    if let Some(known) = known.and_then(|release| crate::by_name(release.name)) {
        return known;
    }
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let same = |own: &&Made| {
        let told = own
            .stubs
            .iter()
            .map(|(name, number)| (name.as_str(), *number));
        own.wide == wide && told.eq(stubs.iter().copied())
    };
    if let Some(known) = made.iter().find(same) {
        return known.profile;
    }
    let release = nt::Release::of_stubs(AUTO, model, stubs.iter().copied());
    let fresh: &Profile = Box::leak(Box::new(profile(Box::leak(Box::new(release)))));
    let stubs = stubs
        .iter()
        .map(|(name, number)| ((*name).to_owned(), *number));
    made.push(Made {
        wide,
        stubs: stubs.collect(),
        profile: fresh,
    });
    fresh
}

/// A profile that was made for numbers which no known release has.
struct Made {
    wide: bool,
    stubs: Vec<(String, u32)>,
    profile: &'static Profile,
}

/// All of them: processes with the same library share one.
static MADE: Mutex<Vec<Made>> = Mutex::new(Vec::new());

/// The name of a profile whose numbers the guest tells.
const AUTO: &str = "windows_auto";

/// Another way into the kernel, older than the CPU's own.
const INT: &str = "int 0x2e";
const INT_2E: Trap = Trap::Interrupt(0x2e);

/// The stub calls what 0x7ffe0300 says: `mov edx,esp; sysenter`. Two return addresses are below the arguments: that into the
/// stub and that into its caller. The kernel returns to what 0x7ffe0304 says, a `ret`.
/// [KUSER_SHARED_DATA: SystemCall, SystemCallReturn]
const fn sysenter(system: System) -> Entry {
    Entry {
        name: "sysenter",
        trap: TrapPattern::Is(Trap::Sysenter),
        abi: x86_abi(&BEHIND_TWO_ADDRESSES),
        system,
        resume: Resume::Stored {
            at: SYSTEM_CALL_RETURN,
            stack: x86::EDX,
        },
        // `sysexit` takes the address and the stack pointer from registers.   [Intel SDM 2B, SYSEXIT]
        clobbers: &[
            Clobber::Copy {
                to: x86::ECX,
                from: x86::EDX,
            },
            Clobber::Next(x86::EDX),
        ],
        indirect: &[],
        unknown_signals: false,
        illegal_from: None,
    }
}

/// `lea edx,[esp+4]; int 2e`
const fn int_2e(system: System) -> Entry {
    Entry {
        name: INT,
        trap: TrapPattern::Is(INT_2E),
        abi: x86_abi(&AT_EDX),
        system,
        resume: Resume::Next,
        clobbers: &[],
        indirect: &[],
        unknown_signals: false,
        illegal_from: None,
    }
}

/// `KUSER_SHARED_DATA`, as the headers of the DDK have it.
const KUSER_SHARED_DATA: u64 = 0x7ffe_0000;
const SYSTEM_CALL_RETURN: u64 = KUSER_SHARED_DATA + 0x304;

/// It has the addresses of the way in and the way out, whose code lies behind it.
const SHARED: Page = Page {
    place: Place::Fixed(KUSER_SHARED_DATA),
    label: "KUSER_SHARED_DATA",
    pieces: &[
        TICK,
        SYSTEM_ROOT,
        PRODUCT_TYPE,
        (0x300, &0x7ffe_0f00_u32.to_le_bytes()),
        (0x304, &0x7ffe_0f04_u32.to_le_bytes()),
        // mov edx,esp; sysenter; ret
        (0xf00, &[0x8b, 0xd4, 0x0f, 0x34, 0xc3]),
    ],
    symbols: &[],
};

/// The same where programs ask by `syscall`: byte 0x308 is 0, which tells them so.
const SHARED_X64: Page = Page {
    place: Place::Fixed(KUSER_SHARED_DATA),
    label: "KUSER_SHARED_DATA",
    pieces: &[TICK, SYSTEM_ROOT, PRODUCT_TYPE],
    symbols: &[],
};

/// `TickCountMultiplier`: a tick is a millisecond, in units of 2^-24.
const TICK: (u16, &[u8]) = (4, &(1_u32 << 24).to_le_bytes());
/// `NtSystemRoot`.   [ntddk.h, KUSER_SHARED_DATA]
const SYSTEM_ROOT: (u16, &[u8]) = (0x30, b"C\0:\0\\\0W\0i\0n\0d\0o\0w\0s\0");
/// `NtProductType` is `NtProductWinNt`, and that is valid.
const PRODUCT_TYPE: (u16, &[u8]) = (0x264, &[1, 0, 0, 0, 1]);

/// The lowest 64 KiB and those below 2 GiB belong to nobody.   [Windows Internals: MmHighestUserAddress]
const X86_PROCESS: ProcessLayout = ProcessLayout {
    low: 0x1_0000,
    high: 0x7fff_0000,
    stack_top: 0x0013_0000,
    mmap_top: 0x7ff0_0000,
    pie_base: 0x0040_0000,
    stack_align: 16,
    arguments: None,
};

const X64_PROCESS: ProcessLayout = ProcessLayout {
    low: 0x1_0000,
    high: 0x07ff_ffff_0000,
    stack_top: 0x0013_0000,
    mmap_top: 0x07ff_fff0_0000,
    pie_base: 0x0001_4000_0000,
    stack_align: 16,
    arguments: None,
};

const fn x86_abi(slots: &'static [Slot]) -> Abi {
    Abi {
        model: DataModel::Ilp32,
        word: Word::Bits32,
        number: Number::Reg(x86::EAX),
        slots,
        pairs: Pairs::Packed,
        ret: Return::Status(x86::EAX),
        unreadable: Unreadable::Fails,
    }
}

static BEHIND_TWO_ADDRESSES: [Slot; 20] = block(8);
static AT_EDX: [Slot; 20] = block(0);

/// As many words as any call takes, from an offset above edx on.
const fn block(from: u32) -> [Slot; 20] {
    let mut slots = [Slot::Block {
        at: x86::EDX,
        offset: from,
    }; 20];
    let mut at = 0;
    while at < slots.len() {
        slots[at] = Slot::Block {
            at: x86::EDX,
            offset: from + 4 * at as u32,
        };
        at += 1;
    }
    slots
}

/// `syscall`, or `int 2e`, which stubs of Windows 10 choose when bit 0 of 0x7ffe0308 is set.
const fn x64(name: &'static str, trap: Trap, system: System) -> Entry {
    let clobbers: &[Clobber] = match trap {
        Trap::Syscall => SYSCALL_CLOBBERS,
        _ => &[],
    };
    Entry {
        name,
        trap: TrapPattern::Is(trap),
        abi: X64_ABI,
        system,
        resume: Resume::Next,
        clobbers,
        indirect: &[],
        unknown_signals: false,
        illegal_from: None,
    }
}

const X64_ABI: Abi = Abi {
    model: DataModel::Llp64,
    word: Word::Bits64,
    number: Number::Reg32(x86_64::RAX),
    slots: &X64_SLOTS,
    pairs: Pairs::Native,
    ret: Return::Status(x86_64::RAX),
    unreadable: Unreadable::Fails,
};

// The stub moves the first argument from rcx, which `syscall` overwrites, to r10. The return address and home slots for
// four arguments are below the fifth.   [Microsoft x64 calling convention]
static X64_SLOTS: [Slot; 18] = {
    let mut slots = [Slot::Reg(x86_64::R10); 18];
    slots[1] = Slot::Reg(x86_64::RDX);
    slots[2] = Slot::Reg(x86_64::R8);
    slots[3] = Slot::Reg(x86_64::R9);
    let mut at = 4;
    while at < slots.len() {
        slots[at] = Slot::Stack(0x28 + 8 * (at as u32 - 4));
        at += 1;
    }
    slots
};

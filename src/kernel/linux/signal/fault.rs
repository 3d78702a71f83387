//! What does a program learn of the last exception of the CPU, besides the signal?

use emu_cpu::{Access, Exception, Exit, FaultKind, Trap};
use emu_prototypes::linux::Abi;

/// What the kernel notes of a task's last exception, and shows in every frame from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Noted {
    /// Number of the exception (`trapno`, `trap_no`).
    pub trap: u64,
    /// Its code (`err`, `error_code`).
    pub error: u64,
    /// The address of the last page fault (`cr2`, `fault_address`).
    pub address: u64,
    /// The syndrome (`esr_context`), 0 without.
    pub syndrome: u64,
}

struct Notes {
    abis: &'static [&'static str],
    note: fn(&mut Noted, &Exit),
}

static NOTES: &[Notes] = &[
    Notes {
        abis: &["x86", "x64"],
        note: x86,
    },
    Notes {
        abis: &["arm"],
        note: arm,
    },
    Notes {
        abis: &["arm64"],
        note: arm64,
    },
];

impl Noted {
    /// The CPU ended a run with an exception.
    pub(crate) fn note(&mut self, abi: &Abi, exit: &Exit) {
        if let Some(notes) = NOTES.iter().find(|notes| notes.abis.contains(&abi.name)) {
            (notes.note)(self, exit);
        }
    }
}

/// [Intel SDM vol. 3, 6.15; Linux arch/x86/kernel/traps.c, arch/x86/mm/fault.c]
fn x86(noted: &mut Noted, exit: &Exit) {
    let (trap, error) = match exit {
        // Of 32-bit programs all addresses are pages.
        Exit::Fault(fault) if !matches!((fault.address as i64) >> 47, 0 | -1) => (13, 0),
        Exit::Fault(fault) => {
            noted.address = fault.address;
            // Protection, write, user, fetch.
            let protection = u64::from(fault.kind == FaultKind::Denied);
            let access = match fault.access {
                Access::Read => 0,
                Access::Write => 1 << 1,
                Access::Fetch => 1 << 4,
            };
            (14, protection | access | 1 << 2)
        }
        Exit::Illegal => (6, 0),
        Exit::Exception(exception) => match exception {
            Exception::Divide => (0, 0),
            Exception::SingleStep => (1, 0),
            Exception::Breakpoint(_) => (3, 0),
            Exception::Overflow => (4, 0),
            Exception::FloatingPoint(_) => (16, 0),
            Exception::Alignment(_) => (17, 0),
            _ => (13, 0),
        },
        // `int n` through a gate that is not the program's: the selector's error code, with the bit of the IDT.
        Exit::Trap {
            trap: Trap::Interrupt(number),
            ..
        } => (13, u64::from(*number) << 3 | 2),
        _ => (13, 0),
    };
    (noted.trap, noted.error) = (trap, error);
}

/// [ARM ARM, DFSR and IFSR; Linux arch/arm/mm/fault.c, __do_user_fault; arch/arm/kernel/traps.c]
fn arm(noted: &mut Noted, exit: &Exit) {
    /// Page translation, page permission.
    const TRANSLATION: u64 = 0x7;
    const PERMISSION: u64 = 0xf;
    match exit {
        Exit::Fault(fault) => {
            let status = match fault.kind {
                FaultKind::Denied => PERMISSION,
                _ => TRANSLATION,
            };
            // FSR_WRITE, FSR_LNX_PF.
            let access = match fault.access {
                Access::Read => 0,
                Access::Write => 1 << 11,
                Access::Fetch => 1 << 31,
            };
            (noted.trap, noted.error) = (14, status | access);
            noted.address = fault.address;
        }
        // Undefined instructions.
        Exit::Illegal | Exit::Trap { .. } => (noted.trap, noted.error) = (6, 0),
        _ => {}
    }
}

/// [ARM ARM, ESR_ELx; Linux arch/arm64/mm/fault.c, set_thread_esr; arch/arm64/kernel/traps.c, arm64_notify_die]
fn arm64(noted: &mut Noted, exit: &Exit) {
    /// Translation and permission fault, level 3; alignment.
    const TRANSLATION: u64 = 0x07;
    const PERMISSION: u64 = 0x0f;
    const ALIGNMENT: u64 = 0x21;
    /// An instruction of 32 bits.
    const IL: u64 = 1 << 25;
    const INSTRUCTION_ABORT: u64 = 0x20 << 26;
    const DATA_ABORT: u64 = 0x24 << 26;
    match exit {
        Exit::Fault(fault) => {
            let status = match fault.kind {
                FaultKind::Denied => PERMISSION,
                _ => TRANSLATION,
            };
            let class = match fault.access {
                Access::Read => DATA_ABORT,
                Access::Write => DATA_ABORT | 1 << 6,
                Access::Fetch => INSTRUCTION_ABORT,
            };
            noted.syndrome = class | IL | status;
            noted.address = fault.address;
        }
        Exit::Exception(Exception::Alignment(address)) => {
            noted.syndrome = DATA_ABORT | IL | ALIGNMENT;
            noted.address = *address;
        }
        Exit::Illegal => {
            noted.syndrome = 0;
            noted.address = 0;
        }
        _ => {}
    }
}

//! How does a 32-bit program start on a 64-bit system?
//!
//! In the system's own `ntdll.dll`, with a second one of 32 bits that it is told of, and with blocks, parameters and a stack
//! of both widths. All that the program can see is below 2 GiB.

use emu_cpu::AddressSpace;
use emu_profiles::{Profile, Symbol};

use super::exports::Exports;
use super::headers::Pe;
use super::native::{self, Blocks, NARROW_SYSTEM, SYSTEM, WIDE_PEB_PAGES, about, need, put};
use super::start::{self, NARROW, Places, Plan, WIDE};
use super::{bad, image, no_memory};
use crate::kernel::nt::memory::page;
use crate::kernel::nt::thread::stack::{END, guard};
use crate::kernel::nt::wow64::{self, Begin};
use crate::load::{LoadError, Program, Programs};

/// What tells the 64-bit library of the other, and where in it: of what a function of the program's library is, and where
/// that is.   [Wine's winternl.h, SYSTEM_DLL_INIT_BLOCK, as of Windows 10 2004]
const INIT_BLOCK: &str = "LdrSystemDllInitBlock";
const FUNCTIONS: [(u64, &str); 6] = [
    (24, native::LOADER),
    (32, native::DISPATCHER),
    (40, native::APC_DISPATCHER),
    (48, "KiUserCallbackDispatcher"),
    (56, native::THREAD),
    (80, INIT_BLOCK),
];
const LIBRARY: u64 = 72;
const INIT_BLOCK_SIZE: usize = 96;

/// The blocks, and the addresses that the kernel needs.
pub(super) struct Made {
    pub(super) common: Blocks,
    pub(super) symbols: [(Symbol, u64); 2],
}

/// Maps the program's `ntdll.dll`, and makes parameters, stacks and blocks.
pub(super) fn blocks(
    space: &mut AddressSpace,
    profile: &Profile,
    plan: &Plan<'_>,
    programs: &mut dyn Programs,
    ((library, library_pe), system): (&(Program, Pe), &Exports),
) -> Result<Made, LoadError> {
    let mapped = image::map(library_pe, space, profile, library);
    let base = mapped.map_err(about)?.base;
    let exports = Exports::read(space, library_pe, base);
    let block = need(space, system, INIT_BLOCK)?;
    for (offset, name) in FUNCTIONS {
        let address = need(space, &exports, name)?;
        put(space, block + offset, address, 8)?;
    }
    put(space, block + LIBRARY, base, 8)?;
    let mut bytes = [0; INIT_BLOCK_SIZE];
    space.peek(block, &mut bytes).map_err(no_memory)?;
    let own = need(space, &exports, INIT_BLOCK)?;
    space.poke(own, &bytes).map_err(no_memory)?;

    let (teb, peb) = wow64::BLOCKS;
    start::map_blocks(space, (teb, peb), 8, WIDE_PEB_PAGES)?;
    let size = start::stack_size(space, wow64::HIGH, plan)?;
    let mut stack = |size| {
        let at = start::allocate(space, wow64::HIGH, None, size, page::READWRITE)?;
        Ok((at, at + size))
    };
    let (narrow_stack, wide_stack) = (stack(size)?, stack(wow64::WIDE_STACK)?);
    let narrow_peb = wow64::narrow_peb(peb);
    for (offsets, at, stack, directory) in [
        (&WIDE, peb, wide_stack, SYSTEM),
        (&NARROW, narrow_peb, narrow_stack, NARROW_SYSTEM),
    ] {
        let places = Places {
            parameters: plan.parameters(space, (offsets.pointer, wow64::HIGH))?,
            stack,
            lists: 0,
            storage: 0,
            peb_pages: WIDE_PEB_PAGES,
        };
        start::fill_peb(space, plan, (offsets, at), &places)?;
        let sets = native::api_sets(space, profile, programs, directory)?;
        native::fill_more(space, (offsets.pointer, at), sets)?;
    }
    let thread = need(space, &exports, native::THREAD)?;
    let begin = Begin {
        teb,
        peb,
        client: plan.client(),
        wide_stack,
        stack: narrow_stack,
        start: thread,
        function: plan.own.1 + u64::from(plan.own.0.entry),
        argument: narrow_peb,
    };
    wow64::begin(space, &begin).map_err(no_memory)?;
    let low = narrow_stack.0;
    guard(space, low, false).map_err(|_| bad("needs more memory than there is"))?;
    wow64::set_stack_limit(space, teb, low + END).map_err(no_memory)?;
    Ok(Made {
        common: Blocks {
            peb,
            top: wow64::area(wide_stack.1),
            registers: wow64::registers(teb),
        },
        symbols: [
            (Symbol::ProcessBlock, peb),
            (Symbol::NarrowThreadStart, thread),
        ],
    })
}

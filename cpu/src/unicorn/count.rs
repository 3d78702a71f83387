//! How many blocks and instructions ran?
//!
//! One hook at the start of each translated block, added when it is first needed, since it costs up to 13 ns a block, and
//! removed when it has not been needed for long: either way all code has to be translated anew. After a stop there the block has not run: its hook comes again when the run goes on, and then it counts.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;

use unicorn_engine::{HookType, uc_engine, uc_hook};

use super::ffi::Engine;
use super::tlb::{Event, Shared, guarded};
use super::x86_length;
use crate::arch::Arch;

pub(super) struct Count {
    arch: Arch,
    hooked: Cell<Option<uc_hook>>,
    /// Blocks that have called the hook since it was needed last, and how many more take it away.
    unneeded: Cell<u64>,
    patience: Cell<u64>,
    counting: Cell<bool>,
    instructions: Cell<u64>,
    limit: Cell<Option<u64>>,
    /// Blocks that may still run.
    left: Cell<Option<u64>>,
    /// Where the run was started again in the middle of a block that has been counted.
    resumed: Cell<Option<u64>>,
    /// x86 and Thumb: instructions in a block, by its address and size. A block that changed without changing its size
    /// is counted as it was.
    lengths: RefCell<HashMap<(u64, u32), u32>>,
}

/// So many blocks are remembered.
const REMEMBERED: usize = 1 << 16;
/// So many blocks call the hook in vain before it is removed for the first time: they take about as long as translating a
/// middle-sized program anew. Each time after that it is twice as many.
const PATIENCE: u64 = 1 << 20;

impl Count {
    pub(super) fn new(arch: Arch) -> Count {
        Count {
            arch,
            hooked: Cell::new(None),
            unneeded: Cell::new(0),
            patience: Cell::new(PATIENCE),
            counting: Cell::new(false),
            instructions: Cell::new(0),
            limit: Cell::new(None),
            left: Cell::new(None),
            resumed: Cell::new(None),
            lengths: RefCell::default(),
        }
    }

    /// Before a run. `shared` outlives the engine.
    pub(super) fn begin(&self, engine: Engine, shared: *const Shared, blocks: Option<u64>) {
        self.left.set(blocks);
        let needed = blocks.is_some() || self.counting.get();
        if needed {
            self.unneeded.set(0);
        }
        if needed && self.hooked.get().is_none() {
            let data = shared.cast_mut().cast::<c_void>();
            // SAFETY: on_block has the block hook's signature and catches panics; `data` outlives the engine.
            let added =
                unsafe { engine.hook(HookType::BLOCK, on_block as *mut c_void, data, 1, 0) };
            debug_assert!(added.is_ok());
            self.hooked.set(added.ok());
            // Blocks translated before don't call it.
            engine.flush_code();
        }
    }

    /// After a run that ended because nobody needs the hook.
    pub(super) fn end(&self, shared: &Shared) {
        if let Some(hook) = self.hooked.take() {
            let engine = shared.engine;
            engine.flush_code();
            shared.force.set(true);
            engine.unhook(hook);
            shared.force.set(false);
            shared.flush();
            self.patience.set(self.patience.get().saturating_mul(2));
            self.unneeded.set(0);
            self.resumed.set(None);
        }
    }

    /// Whether nobody has needed the hook for long.
    fn is_vain(&self) -> bool {
        if self.left.get().is_some() || self.counting.get() {
            return false;
        }
        self.unneeded.set(self.unneeded.get() + 1);
        self.unneeded.get() > self.patience.get()
    }

    /// Goes on where another has stopped.
    pub(super) fn take_over(&self, old: &Count) {
        self.counting.set(old.counting.get());
        self.instructions.set(old.instructions.get());
        self.limit.set(old.limit.get());
    }

    /// The run goes on in the middle of a block that has been counted.
    pub(super) fn resume_at(&self, pc: u64) {
        self.resumed.set(Some(pc));
    }

    pub(super) fn set_counting(&self, on: bool) {
        self.counting.set(on);
    }

    pub(super) fn instructions(&self) -> Option<u64> {
        self.counting.get().then(|| self.instructions.get())
    }

    pub(super) fn set_limit(&self, limit: Option<u64>) {
        self.limit.set(limit);
        if limit.is_some() {
            self.counting.set(true);
        }
    }

    /// Whether the block may run.
    fn block(&self, shared: &Shared, address: u64, size: u32) -> bool {
        if self.resumed.take() == Some(address) {
            return true;
        }
        if self.left.get() == Some(0) {
            return false;
        }
        if self.counting.get() {
            let counted = self.instructions.get();
            if self.limit.get().is_some_and(|limit| counted >= limit) {
                return false;
            }
            self.instructions
                .set(counted + u64::from(self.length(shared, address, size)));
        }
        self.left.set(self.left.get().map(|left| left - 1));
        true
    }

    fn length(&self, shared: &Shared, address: u64, size: u32) -> u32 {
        match self.arch {
            Arch::Arm64 => size / 4,
            arch if arch.is_mips() => size / 4,
            Arch::Arm if super::arm::thumb_bit(shared.engine) == 0 => size / 4,
            _ => {
                let mut lengths = self.lengths.borrow_mut();
                if lengths.len() >= REMEMBERED {
                    lengths.clear();
                }
                *lengths.entry((address, size)).or_insert_with(|| {
                    let mut bytes = vec![0; size as usize];
                    if !shared.read(address, &mut bytes) {
                        return 1;
                    }
                    match self.arch {
                        Arch::Arm => super::arm::count_thumb(&bytes),
                        _ => x86_length::count(&bytes, shared.is_long()),
                    }
                })
            }
        }
    }
}

extern "C" fn on_block(_: *mut uc_engine, address: u64, size: u32, data: *mut c_void) {
    // SAFETY: `data` is the pointer given when the hook was added, to a Shared that outlives the engine.
    let shared = unsafe { &*data.cast::<Shared>() };
    guarded(shared, || {
        let mips = shared.arch.is_mips();
        let may_run = shared.count.block(shared, address, size);
        // The program counter of a slot does not tell where the branch goes, so a run does not end there.
        let vain = shared.count.is_vain();
        if (!may_run || vain) && (!mips || !super::mips::in_slot(shared, address)) {
            shared.event.set(if may_run {
                Event::Unhook
            } else {
                Event::Quantum
            });
            shared.engine.stop();
        }
    });
}

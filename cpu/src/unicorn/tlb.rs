//! What does an address translate to, and what may be done there?
//!
//! The engine's own MMU is off. It asks [`on_fill`] whenever its TLB has no entry, we ask
//! [`AddressSpace::resolve`], and `wx` says how much of the answer may be granted.

use std::alloc::Layout as HostLayout;
use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use unicorn_engine::{Prot as UcProt, RegisterX86, TlbEntry, uc_engine};

use super::CpuError;
use super::count::Count;
use super::debug::Watched;
use super::ffi::{Engine, Handle, RawContext};
use super::layout;
use super::shadow::Shadows;
use super::temporaries::Temporaries;
use super::{arm, mips, x86};
use crate::arch::Arch;
use crate::memory::{Access, AddressSpace, Fault, FaultKind, Frame, Memory, PAGE, Watch};

/// What a hook has recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    /// Nothing yet.
    None,
    /// An access was refused. The address is that of the page.
    Fault(Fault),
    /// The instruction has to be started again.
    Restart,
    /// x86 `syscall` at this address.
    Syscall(u64),
    /// x86 `sysenter` at this address.
    Sysenter(u64),
    /// x86 port input or output at this address.
    Port(u64),
    /// The budget is used up.
    Quantum,
    /// The hook on blocks is no longer needed.
    Unhook,
    /// x86: the instruction has to be run alone.
    Step,
    /// The code can't be run on this engine.
    Refused,
}

/// What the engine may do with a page: its frame, and UC_PROT bits.
pub(super) struct Grant {
    pub(super) physical: u64,
    pub(super) prot: u32,
}

pub(super) const READ: u32 = 1;
pub(super) const WRITE: u32 = 2;
pub(super) const EXEC: u32 = 4;

/// The TLB starts at 256 entries and grows, up to twofold, only when it is flushed.
const FIRST_GROWTH: u32 = 1024;
const LAST_GROWTH: u32 = 16_384;

/// What hooks see. They get a pointer to it; everything is a cell, because hooks nest into calls of ours.
pub(super) struct Shared {
    pub(super) engine: Engine,
    pub(super) arch: Arch,
    pub(super) memory: Memory,
    pub(super) watch: Watch,
    pub(super) event: Cell<Event>,
    pub(super) panic: Cell<Option<Box<dyn Any + Send>>>,
    pub(super) count: Count,
    pub(super) temporaries: RefCell<Temporaries>,
    /// The frames that were fetched from, by virtual page, in this address space.
    pub(super) fetched: RefCell<HashMap<u64, Frame>>,
    /// How often a frame changed from code to data.
    pub(super) turns: RefCell<HashMap<Frame, u32>>,
    /// While code is being forgotten, every address is fetchable and is its own translation.
    pub(super) force: Cell<bool>,
    /// The page of our own that is everywhere at [`Bench::ADDRESS`] during set-up.
    bench: Cell<Option<u64>>,
    /// x86: where the descriptor table is, and its physical address.
    pub(super) table: Cell<Option<(u64, u64)>>,
    /// 64-bit x86: the selector of 32-bit code, if there may be any.
    pub(super) code_32: Cell<Option<u64>>,
    /// MIPS: code that the engine must not see.
    pub(super) shadows: RefCell<Option<Shadows>>,
    /// MIPS: where the state of a branch is in a context, and a context for looking at it.
    pub(super) branch: RefCell<Option<(mips::Branch, RawContext)>>,
    /// MIPS: the access in a delay slot that has just been started again.
    pub(super) restarted: Cell<Option<(u64, u64)>>,
    /// All translated code has to go, which can't be done in a hook.
    pub(super) flush_code: Cell<bool>,
    /// x86: one instruction runs alone.
    pub(super) stepping: Cell<bool>,
    /// x86: bytes that are watched, if there are any; and the access that has to be looked at.
    pub(super) watched: RefCell<Vec<Watched>>,
    pub(super) watches: Cell<bool>,
    pub(super) looked: Cell<Option<Access>>,
    /// x86: the state at port input or output.
    pub(super) port: RefCell<Option<RawContext>>,
    space: Cell<Option<NonNull<AddressSpace>>>,
    /// Which engine this is.
    id: u64,
    /// The address space that ran last, and its generation.
    seen: Cell<(u64, u64)>,
    /// The frames up to here that must not be written unnoticed are not in the TLB any more. Another engine may have
    /// made more frames into code since.
    pub(super) revoked: Cell<u64>,
    fills: Cell<u32>,
    growth: Cell<u32>,
}

impl Shared {
    pub(super) fn new(engine: Engine, arch: Arch, memory: &Memory) -> Shared {
        Shared {
            engine,
            arch,
            memory: memory.clone(),
            watch: memory.watch(),
            event: Cell::new(Event::None),
            panic: Cell::new(None),
            count: Count::new(arch),
            temporaries: RefCell::new(Temporaries::new(arch)),
            fetched: RefCell::default(),
            turns: RefCell::default(),
            force: Cell::new(false),
            bench: Cell::new(None),
            table: Cell::new(None),
            code_32: Cell::new(None),
            shadows: RefCell::new(None),
            branch: RefCell::new(None),
            restarted: Cell::new(None),
            flush_code: Cell::new(false),
            stepping: Cell::new(false),
            watched: RefCell::default(),
            watches: Cell::new(false),
            looked: Cell::new(None),
            port: RefCell::new(None),
            space: Cell::new(None),
            id: memory.fresh_id(),
            seen: Cell::new((0, 0)),
            revoked: Cell::new(memory.revoked()),
            fills: Cell::new(0),
            growth: Cell::new(FIRST_GROWTH),
        }
    }

    /// Before a run: the engine forgets what is no longer so.
    pub(super) fn enter(&self, space: &mut AddressSpace) {
        assert!(self.memory.same(space.memory()), "one RAM per engine");
        let now = (space.id(), space.generation());
        let mut flush = self.seen.replace(now) != now;
        flush |= space.moves_to(self.id);
        let revoked = self.memory.revoked();
        flush |= self.revoked.replace(revoked) != revoked;
        if flush {
            self.fetched.borrow_mut().clear();
        }
        self.space.set(Some(NonNull::from(space)));
        if !self.watch.is_empty() {
            self.forget_stale();
        } else if flush {
            self.flush();
        }
        self.event.set(Event::None);
        self.restarted.set(None);
        self.looked.set(None);
    }

    /// After a run.
    pub(super) fn leave(&self) {
        self.space.set(None);
    }

    /// The address space that runs.
    ///
    /// # Safety
    ///
    /// No other reference to it may be in use: hooks and the run loop each take it for one statement.
    #[expect(
        clippy::mut_from_ref,
        reason = "the pointer comes from the &mut that run() holds"
    )]
    pub(super) unsafe fn space(&self) -> Option<&mut AddressSpace> {
        // SAFETY: `enter` put the caller's `&mut` here, which lives until `leave`.
        self.space.get().map(|mut space| unsafe { space.as_mut() })
    }

    /// Reads guest memory as code, for looking at instructions. False if it can't be read.
    pub(super) fn read(&self, address: u64, bytes: &mut [u8]) -> bool {
        // SAFETY: the reference is used for this statement only.
        unsafe { self.space() }.is_some_and(|space| space.peek(address, bytes).is_ok())
    }

    /// As many bytes from `address` as can be read.
    pub(super) fn read_up_to<'a>(&self, address: u64, bytes: &'a mut [u8]) -> &'a [u8] {
        let room = (PAGE - address % PAGE) as usize;
        let len = if self.read(address, bytes) {
            bytes.len()
        } else if room < bytes.len() && self.read(address, &mut bytes[..room]) {
            room
        } else {
            0
        };
        &bytes[..len]
    }

    /// Whether a guest runs (and not one of our own calls into the engine).
    pub(super) fn is_running(&self) -> bool {
        self.space.get().is_some()
    }

    /// x86: whether the CPU runs code of 64 bits now.
    pub(super) fn is_long(&self) -> bool {
        let code = RegisterX86::CS as i32;
        self.arch == Arch::X86_64
            && self
                .code_32
                .get()
                .is_none_or(|narrow| self.engine.read(code) != narrow)
    }

    /// Whether a hook has panicked.
    pub(super) fn panic_pending(&self) -> bool {
        let panic = self.panic.take();
        let pending = panic.is_some();
        self.panic.set(panic);
        pending
    }

    /// Forgets all translations of addresses.
    pub(super) fn flush(&self) {
        self.fills.set(0);
        self.engine.flush_tlb();
    }

    fn grow(&self) {
        let fills = self.fills.get() + 1;
        self.fills.set(fills);
        if fills >= self.growth.get() {
            self.growth.set((self.growth.get() * 2).min(LAST_GROWTH));
            self.flush();
        }
    }

    /// The address that the engine means.
    pub(super) fn clean(&self, address: u64) -> u64 {
        match self.arch {
            // Addresses beyond 4 GiB are looked at later.
            Arch::X86 | Arch::X86_64 => address,
            // The top byte of a pointer to user space is the program's.
            //     [Linux, Documentation/arch/arm64/tagged-pointers.rst]
            Arch::Arm64 if address >> 55 & 1 == 0 => address & 0x00ff_ffff_ffff_ffff,
            Arch::Arm64 | Arch::Mips64 | Arch::Mips64el => address,
            Arch::Arm | Arch::Mips | Arch::Mipsel => address & 0xffff_ffff,
        }
    }

    fn fill(&self, address: u64, access: Access) -> Option<Grant> {
        if self.force.get() {
            return Some(Grant {
                physical: address,
                prot: EXEC,
            });
        }
        if let Some((base, physical)) = self.table.get()
            && x86::sees_descriptors(self, address, access, base)
        {
            return Some(Grant {
                physical,
                prot: READ,
            });
        }
        if let Some(physical) = self.bench.get() {
            let here = address & !(PAGE - 1) == Bench::ADDRESS;
            return here.then_some(Grant {
                physical,
                prot: READ | WRITE | EXEC,
            });
        }
        if let Event::Port(_) = self.event.get() {
            return None;
        }
        let address = self.clean(address);
        self.grow();
        let before = self.seen.get();
        let (resolved, now) = {
            // SAFETY: the reference is used in this block only.
            let space = unsafe { self.space() }?;
            let resolved = match address {
                0x1_0000_0000.. if self.arch == Arch::X86 => Err(Fault {
                    address,
                    access,
                    kind: FaultKind::Unmapped,
                }),
                _ => space.resolve(address, access),
            };
            (resolved, (space.id(), space.generation()))
        };
        let page = match resolved {
            Ok(page) => page,
            Err(fault) => {
                self.event.set(Event::Fault(fault));
                return None;
            }
        };
        let looks = self.watches.get() && !self.stepping.get();
        if looks && self.looks_at(address, access) {
            self.looked.set(Some(access));
            self.event.set(Event::Step);
            return None;
        }
        if access != Access::Fetch {
            match self.arch {
                arch if arch.is_mips() && mips::must_restart(self, address) => {
                    self.event.set(Event::Restart);
                    return None;
                }
                Arch::Arm => arm::leave_it_block(self.engine),
                _ => {}
            }
        }
        let moved = now != before;
        if moved {
            self.seen.set(now);
            self.flush();
        }
        match self.grant(address, page, access, moved) {
            Ok(grant) if looks => Some(Grant {
                prot: self.unwatched(address, grant.prot),
                ..grant
            }),
            Ok(grant) => Some(grant),
            Err(event) => {
                self.event.set(event);
                None
            }
        }
    }
}

/// Runs what a hook has to do. A panic must not cross the engine: it is kept, and the run ends.
pub(super) fn guarded<T>(shared: &Shared, hook: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(hook)) {
        Ok(value) => Some(value),
        Err(panic) => {
            shared.panic.set(Some(panic));
            shared.engine.stop();
            None
        }
    }
}

/// The hook that the engine calls for an address it has no translation of.
pub(super) extern "C" fn on_fill(
    _: *mut uc_engine,
    address: u64,
    kind: u32,
    result: *mut TlbEntry,
    data: *mut c_void,
) -> bool {
    // SAFETY: `data` is the pointer given when the hook was added, to a Shared that outlives the engine.
    let shared = unsafe { &*data.cast::<Shared>() };
    let access = match kind {
        17 => Access::Write,
        18 => Access::Fetch,
        _ => Access::Read,
    };
    match guarded(shared, || shared.fill(address, access)).flatten() {
        Some(grant) => {
            let entry = TlbEntry {
                paddr: grant.physical,
                perms: UcProt(grant.prot),
            };
            // SAFETY: the engine gives the place for the answer.
            unsafe { result.write(entry) };
            true
        }
        None => false,
    }
}

/// Pages of host memory that the engine can see.
pub(super) struct HostPages {
    base: NonNull<u8>,
    layout: HostLayout,
}

impl HostPages {
    pub(super) fn new(count: usize) -> HostPages {
        assert!(count > 0);
        let layout = HostLayout::from_size_align(count * PAGE as usize, PAGE as usize);
        let layout = layout.expect("a few pages are a layout");
        // SAFETY: the layout has a size.
        let base = unsafe { std::alloc::alloc_zeroed(layout) };
        let base = NonNull::new(base).unwrap_or_else(|| std::alloc::handle_alloc_error(layout));
        HostPages { base, layout }
    }

    pub(super) fn as_ptr(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    pub(super) fn put(&self, offset: usize, bytes: &[u8]) {
        let size = self.layout.size();
        assert!(offset <= size && bytes.len() <= size - offset);
        // SAFETY: in bounds by the line above; the engine runs on this thread and not now.
        unsafe {
            let place = self.base.as_ptr().add(offset);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len());
        }
    }

    pub(super) fn get(&self, offset: usize) -> u64 {
        assert!(offset <= self.layout.size() - 8);
        // SAFETY: in bounds by the line above; the engine runs on this thread and not now.
        unsafe {
            self.base
                .as_ptr()
                .add(offset)
                .cast::<u64>()
                .read_unaligned()
        }
    }
}

impl Drop for HostPages {
    fn drop(&mut self) {
        // SAFETY: allocated with this layout, freed once.
        unsafe { std::alloc::dealloc(self.base.as_ptr(), self.layout) };
    }
}

/// The page on which set-up code runs, in kernel mode, before there is a guest.
pub(super) struct Bench<'a> {
    handle: &'a Handle,
    shared: &'a Shared,
    page: HostPages,
}

impl<'a> Bench<'a> {
    /// Where it is.
    pub(super) const ADDRESS: u64 = 0x1000;

    pub(super) fn new(handle: &'a Handle, shared: &'a Shared) -> Result<Bench<'a>, CpuError> {
        let page = HostPages::new(1);
        // SAFETY: the page lives until `close` has unmapped it (or the engine is dropped after a failed set-up: then it
        // does not run any more, and closing does not touch RAM).
        unsafe { handle.map_ram_at(0, page.as_ptr(), PAGE)? };
        shared.bench.set(Some(0));
        Ok(Bench {
            handle,
            shared,
            page,
        })
    }

    pub(super) fn put(&self, offset: usize, bytes: &[u8]) {
        self.page.put(offset, bytes);
    }

    /// Runs code at `offset` until it raises an exception, whose number this is.
    pub(super) fn run(&self, offset: u64, code: &[u8]) -> Result<u32, CpuError> {
        self.page.put(offset as usize, code);
        self.handle.remove_code(Self::ADDRESS, Self::ADDRESS + PAGE);
        layout::take_exception();
        self.handle.start(Self::ADDRESS + offset);
        layout::take_exception().ok_or(layout::unexpected(
            "no exception arrived during the set-up of the CPU",
        ))
    }

    /// Runs code that accesses `address`, where nothing is, and checks that the engine tells us so.
    pub(super) fn check_fault(
        &self,
        offset: u64,
        code: &[u8],
        address: u64,
    ) -> Result<(), CpuError> {
        self.page.put(offset as usize, code);
        self.handle.remove_code(Self::ADDRESS, Self::ADDRESS + PAGE);
        layout::take_exception();
        self.handle.start(Self::ADDRESS + offset);
        if layout::take_exception().is_some() || layout::invalid_address(self.handle) != address {
            return Err(layout::unexpected(
                "the address of a refused access was not found",
            ));
        }
        Ok(())
    }

    pub(super) fn close(self) -> Result<(), CpuError> {
        self.handle.remove_code(Self::ADDRESS, Self::ADDRESS + PAGE);
        self.shared.bench.set(None);
        self.handle.unmap_ram_at(0, PAGE)?;
        self.handle.flush_code();
        self.handle.flush_tlb();
        Ok(())
    }
}

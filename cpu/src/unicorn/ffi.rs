//! The calls of libunicorn that this backend uses, with the preconditions of each in one place.

use std::ffi::c_void;
use std::ptr::{self, NonNull};

use unicorn_engine::{
    Arch as UcArch, ControlType, HookType, Mode, TlbType, uc_close, uc_context_alloc,
    uc_context_free, uc_context_restore, uc_context_save, uc_context_size, uc_ctl, uc_emu_start,
    uc_emu_stop, uc_engine, uc_error, uc_hook, uc_hook_add, uc_hook_del, uc_mem_map_ptr,
    uc_mem_unmap, uc_open, uc_reg_read, uc_reg_read_batch, uc_reg_write,
};

use super::CpuError;

/// An open engine, closed when dropped. Its calls that do not own anything are [`Engine`]'s.
pub(super) struct Handle {
    engine: Engine,
}

/// An engine, as a hook sees it: valid only while its [`Handle`] lives.
#[derive(Clone, Copy)]
pub(super) struct Engine(NonNull<uc_engine>);

impl std::ops::Deref for Handle {
    type Target = Engine;

    fn deref(&self) -> &Engine {
        &self.engine
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the pointer came from uc_open and is closed once, here.
        unsafe { uc_close(self.as_ptr()) };
    }
}

/// Turns an error code of the engine into ours.
fn check(what: &'static str, code: uc_error) -> Result<(), CpuError> {
    if code == uc_error::OK {
        Ok(())
    } else {
        Err(CpuError::Engine {
            what,
            code: code as u32,
        })
    }
}

const WRITE: u32 = 1 << 30;

impl Handle {
    pub(super) fn open(arch: UcArch, mode: Mode) -> Result<Handle, CpuError> {
        let mut raw = ptr::null_mut();
        // SAFETY: uc_open writes the handle to the place given.
        check("open", unsafe { uc_open(arch, mode, &raw mut raw) })?;
        let raw = NonNull::new(raw).expect("uc_open gave OK and a handle");
        Ok(Handle {
            engine: Engine(raw),
        })
    }

    /// Chooses the CPU model. Only before the first other call.
    pub(super) fn set_model(&self, model: i32) -> Result<(), CpuError> {
        let control = ControlType(ControlType::CPU_MODEL.0 | WRITE);
        // SAFETY: this control takes one int.
        check("cpu model", unsafe {
            uc_ctl(self.as_ptr(), control, model)
        })
    }

    /// Chooses the page size (ARM only). Only before the first run.
    pub(super) fn set_page_size(&self, size: u32) -> Result<(), CpuError> {
        let control = ControlType(ControlType::UC_PAGE_SIZE.0 | WRITE);
        // SAFETY: this control takes one unsigned int.
        check("page size", unsafe { uc_ctl(self.as_ptr(), control, size) })
    }

    /// Bounds the buffer of translated code. Only before the first run.
    pub(super) fn set_code_buffer(&self, bytes: u32) -> Result<(), CpuError> {
        let control = ControlType(ControlType::TCG_BUFFER_SIZE.0 | WRITE);
        // SAFETY: this control takes one unsigned int.
        check("code buffer", unsafe {
            uc_ctl(self.as_ptr(), control, bytes)
        })
    }

    /// Makes the list of exits, empty at first, decide where a run ends, instead of `until`.
    pub(super) fn enable_exits(&self) -> Result<(), CpuError> {
        let control = ControlType(ControlType::UC_USE_EXITS.0 | WRITE);
        // SAFETY: this control takes one int.
        check("exits", unsafe { uc_ctl(self.as_ptr(), control, 1i32) })
    }

    /// Makes the TLB hook, not the CPU's MMU, translate addresses.
    pub(super) fn set_virtual_tlb(&self) -> Result<(), CpuError> {
        let control = ControlType(ControlType::TLB_TYPE.0 | WRITE);
        // SAFETY: this control takes one int.
        check("tlb type", unsafe {
            uc_ctl(self.as_ptr(), control, TlbType::VIRTUAL as i32)
        })
    }

    /// Maps host memory as the machine's RAM from physical address 0.
    ///
    /// # Safety
    ///
    /// `host` must stay mapped, `size` bytes long, until the engine is closed.
    pub(super) unsafe fn map_ram(&self, host: *mut u8, size: u64) -> Result<(), CpuError> {
        // SAFETY: as the caller says.
        unsafe { self.map_ram_at(0, host, size) }
    }

    /// The same, at another physical address.
    ///
    /// # Safety
    ///
    /// `host` must stay mapped, `size` bytes long, until it is unmapped here or the engine is closed.
    pub(super) unsafe fn map_ram_at(
        &self,
        physical: u64,
        host: *mut u8,
        size: u64,
    ) -> Result<(), CpuError> {
        // SAFETY: the caller keeps the memory alive; 7 is READ|WRITE|EXEC.
        let code = unsafe { uc_mem_map_ptr(self.as_ptr(), physical, size, 7, host.cast()) };
        check("map ram", code)
    }

    /// Takes RAM away.
    pub(super) fn unmap_ram_at(&self, physical: u64, size: u64) -> Result<(), CpuError> {
        // SAFETY: the handle is open.
        check("unmap ram", unsafe {
            uc_mem_unmap(self.as_ptr(), physical, size)
        })
    }

    /// Allocates a context of this engine.
    pub(super) fn new_context(&self) -> Result<RawContext, CpuError> {
        let mut raw = ptr::null_mut();
        // SAFETY: uc_context_alloc writes the pointer to the place given.
        check("context", unsafe {
            uc_context_alloc(self.as_ptr(), &raw mut raw)
        })?;
        // SAFETY: the handle is open.
        let size = unsafe { uc_context_size(self.as_ptr()) };
        let raw = NonNull::new(raw).expect("uc_context_alloc gave OK and a context");
        Ok(RawContext {
            raw: raw.cast(),
            size,
        })
    }

    /// A word inside the engine's own structure, for the two fields without an API (layout.rs).
    ///
    /// # Safety
    ///
    /// `offset` must lie inside `uc_struct`.
    pub(super) unsafe fn word(&self, offset: usize) -> *mut u64 {
        // SAFETY: the caller says that the offset is inside the allocation.
        unsafe { self.as_ptr().cast::<u8>().add(offset).cast() }
    }
}

impl Engine {
    pub(super) fn as_ptr(self) -> *mut uc_engine {
        self.0.as_ptr()
    }

    /// Saves the CPU's state.
    pub(super) fn save(self, context: &mut RawContext) {
        // SAFETY: the context was allocated for an engine of the same architecture (callers check).
        unsafe { uc_context_save(self.as_ptr(), context.raw.as_ptr().cast()) };
    }

    /// Restores the CPU's state. No translation is lost by it.
    pub(super) fn restore(self, context: &RawContext) {
        // SAFETY: as in save; the engine only reads from the context.
        unsafe { uc_context_restore(self.as_ptr(), context.raw.as_ptr().cast()) };
    }

    /// Reads a register of at most eight bytes, zero-extended.
    pub(super) fn read(self, register: i32) -> u64 {
        let mut value = 0u64;
        // SAFETY: the register tables name only registers of at most eight bytes.
        unsafe { uc_reg_read(self.as_ptr(), register, (&raw mut value).cast()) };
        value
    }

    /// Reads registers of at most eight bytes.
    pub(super) fn read_many(self, registers: &[i32], out: &mut [u64]) {
        const AT_ONCE: usize = 16;
        for (ids, values) in registers.chunks(AT_ONCE).zip(out.chunks_mut(AT_ONCE)) {
            values.fill(0);
            let mut places = [ptr::null_mut::<c_void>(); AT_ONCE];
            for (place, value) in places.iter_mut().zip(values.iter_mut()) {
                *place = ptr::from_mut(value).cast();
            }
            let count = ids.len().min(values.len()) as i32;
            // SAFETY: `count` ids and as many places of eight bytes each.
            unsafe {
                uc_reg_read_batch(self.as_ptr(), ids.as_ptr(), places.as_mut_ptr(), count);
            }
        }
    }

    /// Writes a register of at most eight bytes.
    pub(super) fn write(self, register: i32, value: u64) {
        // SAFETY: the register tables name only registers of at most eight bytes.
        unsafe { uc_reg_write(self.as_ptr(), register, (&raw const value).cast()) };
    }

    /// Reads a register of at most sixteen bytes, zero-extended.
    pub(super) fn read_wide(self, register: i32) -> u128 {
        let mut bytes = [0u8; 16];
        // SAFETY: no register that the tables name has more than sixteen bytes.
        unsafe { uc_reg_read(self.as_ptr(), register, bytes.as_mut_ptr().cast()) };
        u128::from_le_bytes(bytes)
    }

    /// Writes a register of at most sixteen bytes.
    pub(super) fn write_wide(self, register: i32, value: u128) {
        let bytes = value.to_le_bytes();
        // SAFETY: no register that the tables name has more than sixteen bytes.
        unsafe { uc_reg_write(self.as_ptr(), register, bytes.as_ptr().cast()) };
    }

    /// Writes a register that has a structure of its own (GDTR, an MSR, a coprocessor register).
    ///
    /// # Safety
    ///
    /// `T` must be the structure that the engine documents for `register`.
    pub(super) unsafe fn write_struct<T>(self, register: i32, value: &T) -> Result<(), CpuError> {
        // SAFETY: the caller knows the type.
        let code = unsafe { uc_reg_write(self.as_ptr(), register, ptr::from_ref(value).cast()) };
        check("register", code)
    }

    /// Reads a register that has a structure of its own.
    ///
    /// # Safety
    ///
    /// As for [`Engine::write_struct`].
    pub(super) unsafe fn read_struct<T>(self, register: i32, value: &mut T) {
        // SAFETY: the caller knows the type.
        unsafe { uc_reg_read(self.as_ptr(), register, ptr::from_mut(value).cast()) };
    }

    /// Runs from `pc` (ARM: bit 0 is the Thumb state) until a hook stops it or an error.
    pub(super) fn start(self, pc: u64) -> uc_error {
        // SAFETY: the handle is open; hooks never unwind (each catches its panics).
        unsafe { uc_emu_start(self.as_ptr(), pc, 0, 0, 0) }
    }

    /// Ends the run, from inside a hook.
    pub(super) fn stop(self) {
        // SAFETY: the handle is open.
        unsafe { uc_emu_stop(self.as_ptr()) };
    }

    /// Forgets all address translations. The engine resizes its TLB on this occasion only.
    pub(super) fn flush_tlb(self) {
        let control = ControlType(ControlType::TLB_FLUSH.0 | WRITE);
        // SAFETY: this control takes nothing.
        unsafe { uc_ctl(self.as_ptr(), control) };
    }

    /// Forgets all translated code.
    pub(super) fn flush_code(self) {
        let control = ControlType(ControlType::TB_FLUSH.0 | WRITE);
        // SAFETY: this control takes nothing.
        unsafe { uc_ctl(self.as_ptr(), control) };
    }

    /// Forgets the code translated from the frame that `[address, end)` resolves to.
    pub(super) fn remove_code(self, address: u64, end: u64) {
        let control = ControlType(ControlType::TB_REMOVE_CACHE.0 | WRITE);
        // SAFETY: this control takes two 64-bit addresses.
        unsafe { uc_ctl(self.as_ptr(), control, address, end) };
    }

    /// Sets where a run ends.
    pub(super) fn set_exits(self, exits: &[u64]) {
        let control = ControlType(ControlType::UC_EXITS.0 | WRITE);
        // SAFETY: this control takes an array and its length; the engine copies it.
        unsafe { uc_ctl(self.as_ptr(), control, exits.as_ptr(), exits.len()) };
    }

    /// Adds a hook on `[begin, end]`; begin > end means everywhere.
    ///
    /// # Safety
    ///
    /// `callback` must have the signature of `kind`, must not unwind, and `data` must outlive the
    /// engine.
    pub(super) unsafe fn hook(
        self,
        kind: HookType,
        callback: *mut c_void,
        data: *mut c_void,
        begin: u64,
        end: u64,
    ) -> Result<uc_hook, CpuError> {
        let mut hook: uc_hook = 0;
        // SAFETY: the caller vouches for callback and data.
        check("hook", unsafe {
            uc_hook_add(
                self.as_ptr(),
                &raw mut hook,
                kind.0 as i32,
                callback,
                data,
                begin,
                end,
            )
        })?;
        Ok(hook)
    }

    /// Removes a hook, outside of a run. The engine looks up where it hooked blocks, so every address must be fetchable.
    pub(super) fn unhook(self, hook: uc_hook) {
        // SAFETY: the handle is open; a hook that is not there (any more) is ignored.
        unsafe { uc_hook_del(self.as_ptr(), hook) };
    }

    /// Adds a hook on one instruction, everywhere.
    ///
    /// # Safety
    ///
    /// As for [`Engine::hook`], with the signature of that instruction's hook.
    pub(super) unsafe fn hook_instruction(
        self,
        instruction: i32,
        callback: *mut c_void,
        data: *mut c_void,
    ) -> Result<(), CpuError> {
        let mut hook: uc_hook = 0;
        let kind = HookType::INSN.0 as i32;
        // SAFETY: the caller vouches for callback and data.
        check("hook", unsafe {
            uc_hook_add(
                self.as_ptr(),
                &raw mut hook,
                kind,
                callback,
                data,
                1u64,
                0u64,
                instruction,
            )
        })
    }
}

/// A saved state of the engine: a copy of the CPU's structure behind a header.
pub(super) struct RawContext {
    raw: NonNull<u8>,
    size: usize,
}

impl RawContext {
    /// The bytes, header included, so that fields without an API can be seen.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: uc_context_alloc allocates uc_context_size bytes, which we own; C wrote them.
        unsafe { std::slice::from_raw_parts(self.raw.as_ptr(), self.size) }
    }

    /// The bytes, for changing such a field.
    pub(super) fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in bytes, and borrowed mutably.
        unsafe { std::slice::from_raw_parts_mut(self.raw.as_ptr(), self.size) }
    }

    /// Copies the state of another context of the same architecture.
    pub(super) fn copy_from(&mut self, other: &RawContext) {
        self.bytes_mut().copy_from_slice(other.bytes());
    }

    /// A copy. It belongs to no engine.
    pub(super) fn duplicate(&self) -> RawContext {
        // SAFETY: the header has no pointer that owns anything as long as memory is not part of contexts, so that a
        // bytewise copy in an allocation of the engine's allocator (which is malloc) is a context.
        let raw = unsafe { libc::malloc(self.size) };
        let raw = NonNull::new(raw.cast::<u8>()).expect("the host has memory for a few kilobytes");
        // SAFETY: both are `size` bytes long and different.
        unsafe { ptr::copy_nonoverlapping(self.raw.as_ptr(), raw.as_ptr(), self.size) };
        RawContext {
            raw,
            size: self.size,
        }
    }
}

impl Drop for RawContext {
    fn drop(&mut self) {
        // SAFETY: allocated by uc_context_alloc, freed once.
        unsafe { uc_context_free(self.raw.as_ptr().cast()) };
    }
}

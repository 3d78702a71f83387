//! x86 in both widths: user mode with descriptors, FPU, and instructions whose answers have to be the same each time.

use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_void};

use unicorn_engine::{RegisterX86, X86CpuModel, X86Insn, uc_engine, uc_x86_mmr, uc_x86_msr};

use super::CpuError;
use super::ffi::{Engine, Handle, RawContext};
use super::layout;
use super::selectors::{Narrow, Selectors, Table, selector};
use super::tlb::{Bench, Event, HostPages, Shared, guarded};
use crate::arch::Arch;
use crate::memory::{Access, PAGE};

/// SSE4.2, AES and PCLMULQDQ; no AVX, which the engine lacks, and no RDRAND, which would ask the host.
pub(super) const MODEL: i32 = X86CpuModel::WESTMERE as i32;

/// The descriptor table in 64-bit mode: in the kernel's half, and only instructions that load a segment see it.
pub(super) const TABLE_64: u64 = 0xffff_fe00_0000_0000;
/// Physical address of the table's page, far above all RAM.
pub(super) const TABLE_PHYSICAL: u64 = 1 << 38;
/// Sixteen entries, as on Linux.
const TABLE_LIMIT: u32 = 16 * 8 - 1;

/// Flat descriptors of privilege 3, already accessed: data, code of 32 bits, code of 64 bits.
pub(super) const DATA: u64 = 0x00cf_f300_0000_ffff;
pub(super) const CODE_32: u64 = 0x00cf_fb00_0000_ffff;
pub(super) const CODE_64: u64 = 0x00af_fb00_0000_ffff;
const ACCESSED: u64 = 1 << 40;

/// IF and the bit that is always set.
const EFLAGS: u64 = 0x202;

pub(super) struct X86 {
    page: HostPages,
    table: Table,
    /// Where the exception in flight is kept in a context. Nothing ever takes it away, and two make a double fault.
    old_exception: usize,
    scratch: RefCell<RawContext>,
    descriptors: Cell<[u64; 3]>,
    /// What a context has otherwise in code of 32 bits than in code of 64 bits, if there are both.
    narrow: Option<Narrow>,
}

impl X86 {
    pub(super) fn new(
        handle: &Handle,
        shared: &Shared,
        bench: &Bench<'_>,
        arch: Arch,
        selectors: Selectors,
    ) -> Result<X86, CpuError> {
        let page = HostPages::new(1);
        // SAFETY: the page is a field of the CPU's that is dropped after the engine. If set-up fails it is dropped
        // before, but then nothing runs any more, and closing does not touch RAM.
        unsafe { handle.map_ram_at(TABLE_PHYSICAL, page.as_ptr(), PAGE)? };
        let table = Table::new(arch, selectors);
        for (index, descriptor) in table.flat() {
            page.put(table.offset(index), &descriptor.to_le_bytes());
        }
        shared.table.set(Some((table.visible(), TABLE_PHYSICAL)));
        let register = uc_x86_mmr {
            selector: 0,
            base: table.base(),
            limit: TABLE_LIMIT,
            flags: 0,
        };
        // SAFETY: GDTR takes this structure.
        unsafe { handle.write_struct(RegisterX86::GDTR as i32, &register)? };
        // CR4: OSFXSR and OSXMMEXCPT, without which there is no SSE. CR0: PE, MP, ET, NE.
        handle.write(
            RegisterX86::CR4 as i32,
            handle.read(RegisterX86::CR4 as i32) | 0x600,
        );
        handle.write(RegisterX86::CR0 as i32, 0x33);

        let here = Bench::ADDRESS;
        match arch {
            Arch::X86 => {
                // iretd to `int 0x80` at 0x100.
                let frame = [
                    here + 0x100,
                    selector(table.code_32),
                    EFLAGS,
                    here + 0x900,
                    selector(table.data),
                ];
                for (n, value) in frame.iter().enumerate() {
                    bench.put(0x800 + 4 * n, &(*value as u32).to_le_bytes());
                }
                handle.write(RegisterX86::ESP as i32, here + 0x800);
                bench.put(0x100, &[0xcd, 0x80]);
                expect(bench.run(0, &[0xcf])?, 0x80, "`int 0x80`")?;
                handle.write(RegisterX86::ESP as i32, 0);
            }
            _ => {
                // EFER: SCE, LME, LMA, NXE. STAR: from what sysretq makes the selectors of code and stack.
                let user = selector(table.code_64) - 16;
                for (rid, value) in [(0xc000_0080, 0xd01), (0xc000_0081, user << 48 | 0x10 << 32)] {
                    // SAFETY: MSR takes this structure.
                    unsafe {
                        handle.write_struct(RegisterX86::MSR as i32, &uc_x86_msr { rid, value })?;
                    }
                }
                handle.write(RegisterX86::RCX as i32, here + 0x100);
                handle.write(RegisterX86::R11 as i32, EFLAGS);
                bench.put(0x100, &[0xcd, 0x80]);
                expect(bench.run(0, &[0x48, 0x0f, 0x07])?, 0x80, "`int 0x80`")?;
                handle.write(RegisterX86::RCX as i32, 0);
                handle.write(RegisterX86::R11 as i32, 0);
            }
        }
        for (segment, value) in table.segments() {
            handle.write(segment as i32, value);
        }
        let register = |wide: RegisterX86, narrow: RegisterX86| {
            if arch == Arch::X86 {
                narrow as i32
            } else {
                wide as i32
            }
        };
        handle.write(register(RegisterX86::RFLAGS, RegisterX86::EFLAGS), EFLAGS);
        // mov eax, [ecx]
        let address = 0x1234_5678;
        handle.write(register(RegisterX86::RCX, RegisterX86::ECX), address);
        bench.check_fault(0x200, &[0x8b, 0x01], address)?;
        handle.write(register(RegisterX86::RCX, RegisterX86::ECX), 0);
        handle.write(RegisterX86::FPCW as i32, 0x37f);
        handle.write(RegisterX86::FPTAG as i32, 0xffff);
        handle.write(RegisterX86::MXCSR as i32, 0x1f80);

        // `hlt` raises #GP in user mode. It is what changes -1 to 13 in the state.
        let mut before = handle.new_context()?;
        let mut after = handle.new_context()?;
        handle.save(&mut before);
        expect(bench.run(0x300, &[0xf4])?, 13, "`hlt`")?;
        handle.save(&mut after);
        let at = |bytes: &[u8], at: usize| {
            i32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let places: Vec<usize> = (0..before.bytes().len() - 3)
            .step_by(4)
            .filter(|n| at(before.bytes(), *n) == -1 && at(after.bytes(), *n) == 13)
            .collect();
        let [old_exception] = places[..] else {
            return Err(layout::unexpected("the exception in flight was not found"));
        };
        handle.restore(&before);
        let narrow = match table.code_32 {
            0 => None,
            code if arch == Arch::X86_64 => {
                Some(Narrow::find(handle, bench, &before, selector(code))?)
            }
            _ => None,
        };
        shared.temporaries.borrow_mut().both_widths = narrow.is_some();
        let code_32 = narrow.as_ref().map(|_| selector(table.code_32));
        shared.code_32.set(code_32);

        *shared.port.borrow_mut() = Some(handle.new_context()?);
        let data = std::ptr::from_ref(shared).cast_mut().cast::<c_void>();
        let hooks: [(X86Insn, *mut c_void); 6] = [
            (X86Insn::SYSCALL, on_syscall as *mut c_void),
            (X86Insn::SYSENTER, on_sysenter as *mut c_void),
            (X86Insn::IN, on_in as *mut c_void),
            (X86Insn::OUT, on_out as *mut c_void),
            (X86Insn::RDTSC, on_rdtsc as *mut c_void),
            (X86Insn::RDTSCP, on_rdtscp as *mut c_void),
        ];
        for (instruction, hook) in hooks {
            // SAFETY: each has the signature of its instruction's hook; `shared` outlives the engine.
            unsafe { handle.hook_instruction(instruction as i32, hook, data)? };
        }
        Ok(X86 {
            page,
            table,
            old_exception,
            scratch: RefCell::new(before),
            descriptors: Cell::new([0; 3]),
            narrow,
        })
    }

    /// After an exception that counts towards a double fault.
    pub(super) fn forget_exception(&self, handle: &Handle) {
        let mut state = self.scratch.borrow_mut();
        handle.save(&mut state);
        let at = self.old_exception;
        state.bytes_mut()[at..at + 4].copy_from_slice(&(-1i32).to_ne_bytes());
        handle.restore(&state);
    }

    /// After a run that port input or output has ended: the state before it.
    pub(super) fn leave_port(&self, handle: &Handle, shared: &Shared) {
        if let Some(state) = &*shared.port.borrow() {
            handle.restore(state);
        }
    }

    /// Writes one of the thread's descriptors.
    pub(super) fn set_descriptor(&self, handle: &Handle, index: u8, descriptor: u64) -> bool {
        let Some(slot) = usize::from(index)
            .checked_sub(self.table.threads.start)
            .filter(|slot| *slot < self.table.threads.len())
        else {
            return false;
        };
        let mut descriptors = self.descriptors.get();
        descriptors[slot] = descriptor;
        self.set_descriptors(descriptors);
        // Linux loads a segment again that refers to a changed entry.   [arch/x86/kernel/tls.c, do_set_thread_area]
        for segment in [
            RegisterX86::DS,
            RegisterX86::ES,
            RegisterX86::FS,
            RegisterX86::GS,
        ] {
            let selector = handle.read(segment as i32);
            if selector >> 3 == u64::from(index) && selector & 4 == 0 {
                self.set_segment(handle, segment as i32, selector);
            }
        }
        true
    }

    pub(super) fn descriptors(&self) -> [u64; 3] {
        self.descriptors.get()
    }

    pub(super) fn set_descriptors(&self, descriptors: [u64; 3]) {
        if self.descriptors.replace(descriptors) == descriptors {
            return;
        }
        for (slot, descriptor) in descriptors.iter().enumerate() {
            // The engine would set the bit at the first load, on a page that it can't write.
            let value = if *descriptor == 0 {
                0
            } else {
                descriptor | ACCESSED
            };
            if slot < self.table.threads.len() {
                let at = self.table.offset(self.table.threads.start + slot);
                self.page.put(at, &value.to_le_bytes());
            }
        }
    }

    /// Loads a segment register, if a process could. SS is the kernel's to give, and so is CS, but for the width of code
    /// where there are both.
    pub(super) fn set_segment(&self, handle: &Handle, id: i32, value: u64) {
        if id == RegisterX86::SS as i32 {
            return;
        }
        if id == RegisterX86::CS as i32 {
            if let Some(narrow) = &self.narrow
                && let Some(wanted) = self.table.is_narrow(value)
                && Some(wanted) != self.table.is_narrow(handle.read(id))
            {
                let mut state = self.scratch.borrow_mut();
                handle.save(&mut state);
                narrow.apply(&mut state, wanted);
                handle.restore(&state);
            }
            return;
        }
        let index = (value >> 3) as usize;
        let null = value < 4;
        let known =
            value & 4 == 0 && (index == self.table.data || self.table.threads.contains(&index));
        let present = known && self.page.get(self.table.offset(index)) >> 47 & 1 != 0;
        if null || present {
            handle.write(id, value);
        } else {
            handle.write(id, 0);
        }
    }
}

fn expect(found: u32, expected: u32, what: &'static str) -> Result<(), CpuError> {
    if found == expected {
        Ok(())
    } else {
        Err(layout::unexpected(what))
    }
}

pub(super) fn is_segment(id: i32) -> bool {
    [
        RegisterX86::CS,
        RegisterX86::SS,
        RegisterX86::DS,
        RegisterX86::ES,
        RegisterX86::FS,
        RegisterX86::GS,
    ]
    .iter()
    .any(|segment| *segment as i32 == id)
}

/// In the TLB hook: whether the access is one to the descriptor table, which is at `table`.
pub(super) fn sees_descriptors(shared: &Shared, address: u64, access: Access, table: u64) -> bool {
    if address & !(PAGE - 1) != table || access != Access::Read {
        return false;
    }
    if shared.arch == Arch::X86 || !shared.is_running() {
        return true;
    }
    // Code of 32 bits gets there by loading a segment only.
    if !shared.is_long() {
        return true;
    }
    let pc = shared.engine.read(RegisterX86::RIP as i32);
    let mut bytes = [0; 15];
    loads_segment(shared.read_up_to(pc, &mut bytes))
}

/// Whether an instruction looks at the descriptor table.
fn loads_segment(code: &[u8]) -> bool {
    let Some((opcode, rest)) = skip_prefixes(code, true) else {
        return false;
    };
    let second = rest.first().copied().unwrap_or(0);
    match opcode {
        // mov sreg; far call and jmp; retf; iret.
        0x8e | 0xff | 0xca | 0xcb | 0xcf => true,
        // lldt/verr group, lar, lsl, pop fs and gs, lss, lfs, lgs.
        0x0f => matches!(
            second,
            0x00 | 0x02 | 0x03 | 0xa1 | 0xa9 | 0xb2 | 0xb4 | 0xb5
        ),
        _ => false,
    }
}

/// The opcode and what follows it.
pub(super) fn skip_prefixes(code: &[u8], long: bool) -> Option<(u8, &[u8])> {
    let is_prefix = |byte: &u8| match byte {
        0x66 | 0x67 | 0xf0 | 0xf2 | 0xf3 | 0x2e | 0x36 | 0x3e | 0x26 | 0x64 | 0x65 => true,
        0x40..=0x4f => long,
        _ => false,
    };
    let at = code.iter().position(|byte| !is_prefix(byte))?;
    Some((code[at], &code[at + 1..]))
}

fn pc(engine: Engine, arch: Arch) -> u64 {
    engine.read(super::registers::program_counter(arch))
}

fn record(data: *mut c_void, event: impl FnOnce(u64) -> Event) {
    // SAFETY: `data` is the pointer given when the hook was added, to a Shared that outlives the engine.
    let shared = unsafe { &*data.cast::<Shared>() };
    guarded(shared, || {
        shared.event.set(event(pc(shared.engine, shared.arch)));
        shared.engine.stop();
    });
}

extern "C" fn on_syscall(_: *mut uc_engine, data: *mut c_void) {
    record(data, Event::Syscall);
}

extern "C" fn on_sysenter(_: *mut uc_engine, data: *mut c_void) {
    record(data, Event::Sysenter);
}

/// The block with the port instruction runs on to its end, and there is no way to stop it. So its effects are taken
/// back: the registers are kept here, and all accesses to memory are refused from now on.
fn port(data: *mut c_void) {
    // SAFETY: as in record.
    let shared = unsafe { &*data.cast::<Shared>() };
    guarded(shared, || {
        if matches!(shared.event.get(), Event::Port(_)) {
            return;
        }
        if let Some(state) = &mut *shared.port.borrow_mut() {
            shared.engine.save(state);
        }
        shared
            .event
            .set(Event::Port(pc(shared.engine, shared.arch)));
        shared.flush();
        shared.engine.stop();
    });
}

extern "C" fn on_in(_: *mut uc_engine, _port: u32, _size: c_int, data: *mut c_void) -> u32 {
    port(data);
    0
}

extern "C" fn on_out(_: *mut uc_engine, _port: u32, _size: c_int, _value: u32, data: *mut c_void) {
    port(data);
}

/// Reads of the time-stamp counter are this far apart.
const TICKS: u64 = 1200;

fn time_stamp(data: *mut c_void) {
    // SAFETY: as in record.
    let shared = unsafe { &*data.cast::<Shared>() };
    let ticks = shared.memory.ticks().get() + TICKS;
    shared.memory.ticks().set(ticks);
    let (low, high) = match shared.arch {
        Arch::X86 => (RegisterX86::EAX, RegisterX86::EDX),
        _ => (RegisterX86::RAX, RegisterX86::RDX),
    };
    shared.engine.write(low as i32, ticks & 0xffff_ffff);
    shared.engine.write(high as i32, ticks >> 32);
}

extern "C" fn on_rdtsc(_: *mut uc_engine, data: *mut c_void) -> c_int {
    time_stamp(data);
    1
}

extern "C" fn on_rdtscp(_: *mut uc_engine, data: *mut c_void) -> c_int {
    time_stamp(data);
    // SAFETY: as in record.
    let shared = unsafe { &*data.cast::<Shared>() };
    let aux = if shared.arch == Arch::X86 {
        RegisterX86::ECX
    } else {
        RegisterX86::RCX
    };
    shared.engine.write(aux as i32, 0);
    1
}

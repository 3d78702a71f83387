//! What ended the run?

use super::tlb::Event;
use super::{Model, UnicornCpu, arm, layout, mips, x86, x86_length};
use crate::arch::Arch;
use crate::memory::{Access, Fault, PAGE};
use crate::reg::Reg;
use crate::{Cause, Cpu, Exception, Exit, Trap};

impl UnicornCpu {
    /// Runs the guest until there is something to tell.
    pub(super) fn run_until_exit(&mut self) -> Exit {
        let mut idle = 0;
        loop {
            if let Some(exit) = self.misaligned() {
                return exit;
            }
            if !self.points.is_empty() {
                if let Some(exit) = self.at_point() {
                    return exit;
                }
            } else {
                self.resumes.set(false);
            }
            let from = self.pc.get();
            layout::take_exception();
            self.handle.start(self.entry());
            let pc = self.fetch_pc();
            let quiet = self.shared.event.get() == Event::None;
            if let Some(exit) = self.outcome(pc) {
                return exit;
            }
            // `hlt`, `wfi` and `wait` end a run without an error: go on. Nothing else ends one and stands still.
            idle = if quiet && pc == from { idle + 1 } else { 0 };
            if idle > 8 {
                return Exit::Exception(Exception::Other(0));
            }
        }
    }

    /// The engine misunderstands a program counter that is not on an instruction.
    fn misaligned(&self) -> Option<Exit> {
        let pc = self.pc.get();
        let bad = match self.arch {
            Arch::Arm64 => pc & 3 != 0,
            arch => arch.is_mips() && pc & 3 != 0,
        };
        bad.then_some(Exit::Exception(Exception::Alignment(pc)))
    }

    pub(super) fn outcome(&mut self, pc: u64) -> Option<Exit> {
        if self.shared.panic_pending() || self.stop.requested() {
            return Some(Exit::Stopped);
        }
        let event = self.shared.event.replace(Event::None);
        if let (Event::Port(at), Model::X86(x86)) = (event, &self.model) {
            layout::take_exception();
            x86.leave_port(&self.handle, &self.shared);
            self.pc.set(at);
            return Some(Exit::Exception(Exception::Protection));
        }
        if let Some(number) = layout::take_exception() {
            return self.exception(number, pc);
        }
        match event {
            Event::None | Event::Port(_) => None,
            Event::Restart => {
                if self.shared.flush_code.take() {
                    self.handle.flush_code();
                }
                self.shared.count.resume_at(pc);
                None
            }
            Event::Step => match self.shared.looked.take() {
                Some(access) => self.look(pc, access),
                None if self.is_point(pc) => None,
                None => self.step(pc),
            },
            Event::Refused => {
                if let Model::Mips(mips) = &self.model {
                    let slot = mips.leave_slot(&self.handle, &self.shared, pc);
                    self.at_branch(pc, slot.is_some());
                }
                Some(Exit::Illegal)
            }
            Event::Quantum => Some(Exit::Quantum),
            Event::Unhook => {
                self.shared.count.end(&self.shared);
                None
            }
            Event::Syscall(at) => Some(Exit::Trap {
                trap: Trap::Syscall,
                pc: at,
                next: pc,
            }),
            Event::Sysenter(at) => Some(Exit::Trap {
                trap: Trap::Sysenter,
                pc: at,
                next: pc,
            }),
            Event::Fault(fault) => self.fault(self.exact(fault), pc),
        }
    }

    fn fault(&mut self, fault: Fault, pc: u64) -> Option<Exit> {
        match &self.model {
            Model::X86(_) if fault.access == Access::Fetch && fault.address / PAGE != pc / PAGE => {
                return self.fetch_ahead(fault, pc);
            }
            Model::Mips(mips) => {
                let slot = mips.leave_slot(&self.handle, &self.shared, pc);
                self.at_branch(pc, slot.is_some());
            }
            _ => {}
        }
        Some(Exit::Fault(fault))
    }

    /// The hook knew the page only.
    pub(super) fn exact(&self, fault: Fault) -> Fault {
        let address = self.shared.clean(layout::invalid_address(&self.handle));
        if address / PAGE == fault.address / PAGE {
            Fault { address, ..fault }
        } else {
            fault
        }
    }

    /// The engine translates x86 code beyond the end of a page before it runs the instructions in front, so that it finds
    /// too early that the next page can't be fetched. They are run up to the first instruction that needs that page.
    fn fetch_ahead(&mut self, fault: Fault, pc: u64) -> Option<Exit> {
        let mut code = [0; PAGE as usize];
        let room = (PAGE - pc % PAGE) as usize;
        if !self.shared.read(pc, &mut code[..room]) {
            return Some(Exit::Fault(fault));
        }
        let reach = x86_length::last_before_end(&code[..room], self.shared.is_long());
        if reach == 0 {
            return Some(Exit::Fault(fault));
        }
        let barrier = pc + reach as u64;
        let points = self.points.iter().map(|(address, _)| *address);
        let exits: Vec<u64> = points.chain([barrier]).collect();
        self.handle.set_exits(&exits);
        layout::take_exception();
        self.handle.start(pc);
        self.end_at_points();
        let now = self.fetch_pc();
        if (now == barrier || self.is_point(now)) && self.shared.event.get() == Event::None {
            return None;
        }
        match self.shared.event.get() {
            Event::Fault(again) if again.access == Access::Fetch && now == pc => {
                self.shared.event.set(Event::None);
                Some(Exit::Fault(fault))
            }
            _ => self.outcome(now),
        }
    }

    fn exception(&mut self, number: u32, pc: u64) -> Option<Exit> {
        match self.arch {
            Arch::X86 | Arch::X86_64 => Some(self.x86_exception(number, pc)),
            Arch::Arm => Some(self.arm_exception(number, pc)),
            Arch::Arm64 => self.arm64_exception(number, pc),
            Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
                self.mips_exception(number, pc)
            }
        }
    }

    fn x86_exception(&mut self, number: u32, pc: u64) -> Exit {
        let long = self.shared.is_long();
        let mut two = [0; 2];
        let mut bytes = [0; 15];
        let plain = self.shared.read(pc, &mut two) && two[0] == 0xcd;
        let code = if plain {
            &two[..]
        } else {
            self.shared.read_up_to(pc, &mut bytes)
        };
        // A fault has the same number as an `int n`, so look at the instruction.
        if let Some((opcode, rest)) = x86::skip_prefixes(code, long) {
            let end = |operand: usize| pc.wrapping_add((code.len() - rest.len() + operand) as u64);
            match opcode {
                0xcd if rest.first().is_some_and(|n| u32::from(*n) == number) => {
                    let next = end(1);
                    self.pc.set(next);
                    return Exit::Trap {
                        trap: Trap::Interrupt(number as u8),
                        pc,
                        next,
                    };
                }
                0xcc if number == 3 => {
                    self.pc.set(end(0));
                    return Exit::Exception(Exception::Breakpoint(0));
                }
                _ => {}
            }
        }
        if let Model::X86(x86) = &self.model {
            x86.forget_exception(&self.handle);
        }
        match number {
            0 => Exit::Exception(Exception::Divide),
            1 => Exit::Exception(Exception::SingleStep),
            3 => Exit::Exception(Exception::Breakpoint(0)),
            4 | 5 => Exit::Exception(Exception::Overflow),
            6 => Exit::Illegal,
            7 | 16 | 19 => Exit::Exception(Exception::FloatingPoint(Cause::Invalid)),
            8 | 10..=13 => Exit::Exception(Exception::Protection),
            17 => Exit::Exception(Exception::Alignment(pc)),
            other => Exit::Exception(Exception::Other(other)),
        }
    }

    fn little(&self, address: u64) -> u32 {
        let mut bytes = [0; 4];
        if self.shared.read(address, &mut bytes) {
            return u32::from_le_bytes(bytes);
        }
        let mut half = [0; 2];
        let read = self.shared.read(address, &mut half);
        if read {
            u32::from(u16::from_le_bytes(half))
        } else {
            0
        }
    }

    // Numbers: qemu, target/arm/cpu.h, EXCP_UDEF and following.
    fn arm_exception(&mut self, number: u32, pc: u64) -> Exit {
        let thumb = arm::thumb_bit(*self.handle) != 0;
        match number {
            2 => {
                let at = pc.wrapping_sub(if thumb { 2 } else { 4 }) & 0xffff_ffff;
                let instruction = self.little(at);
                let number = instruction & if thumb { 0xff } else { 0xff_ffff };
                Exit::Trap {
                    trap: Trap::Svc(number),
                    pc: at,
                    next: pc,
                }
            }
            3 => Exit::Fault(self.exact(Fault {
                address: pc,
                access: Access::Fetch,
                kind: crate::memory::FaultKind::Unmapped,
            })),
            4 | 22 => {
                // Only loads and stores with this base register check alignment.   [ARM ARM, A3.2.1]
                let instruction = self.little(pc);
                let base = if thumb {
                    instruction & 0xf
                } else {
                    instruction >> 16 & 0xf
                };
                let address = self.reg(Reg(base as u8));
                Exit::Exception(Exception::Alignment(address))
            }
            7 => {
                let instruction = self.little(pc);
                let number = if thumb {
                    instruction & 0xff
                } else {
                    instruction >> 4 & 0xfff0 | instruction & 0xf
                };
                Exit::Exception(Exception::Breakpoint(number))
            }
            // Undefined, no coprocessor, invalid state.
            1 | 17 | 18 => Exit::Illegal,
            other => Exit::Exception(Exception::Other(other)),
        }
    }

    fn arm64_exception(&mut self, number: u32, pc: u64) -> Option<Exit> {
        Some(match number {
            _ if pc & 3 != 0 => Exit::Exception(Exception::Alignment(pc)),
            1 => {
                let instruction = self.little(pc);
                if let Model::Arm64(arm64) = &self.model {
                    let shared = &self.shared;
                    let ticks = || {
                        shared
                            .memory
                            .ticks()
                            .replace(shared.memory.ticks().get() + 1000)
                    };
                    if let Some(value) = arm64.emulated(instruction, ticks) {
                        let target = (instruction & 31) as u8;
                        if target < 31 {
                            self.set_reg(Reg(target), value);
                        }
                        self.pc.set(pc.wrapping_add(4));
                        return None;
                    }
                }
                Exit::Illegal
            }
            2 => {
                let at = pc.wrapping_sub(4);
                let number = self.little(at) >> 5 & 0xffff;
                Exit::Trap {
                    trap: Trap::Svc(number),
                    pc: at,
                    next: pc,
                }
            }
            3 => Exit::Exception(Exception::Alignment(pc)),
            4 | 22 => {
                let base = self.little(pc) >> 5 & 31;
                Exit::Exception(Exception::Alignment(self.reg(Reg(base as u8))))
            }
            7 => Exit::Exception(Exception::Breakpoint(self.little(pc) >> 5 & 0xffff)),
            18 => Exit::Illegal,
            other => Exit::Exception(Exception::Other(other)),
        })
    }

    // Numbers: qemu, target/mips/cpu.h, EXCP_RESET and following.
    fn mips_exception(&mut self, number: u32, pc: u64) -> Option<Exit> {
        let Model::Mips(mips) = &self.model else {
            unreachable!("only called on MIPS")
        };
        let instruction = mips.instruction(&self.shared, pc).unwrap_or(0);
        let slot = mips.leave_slot(&self.handle, &self.shared, pc);
        let mask = self.arch.address_mask();
        let next = slot.map_or(pc.wrapping_add(4) & mask, |slot| slot.next);
        match number {
            17 => {
                self.pc.set(next);
                let trap = if slot.is_some() {
                    Trap::SyscallInSlot
                } else {
                    Trap::Syscall
                };
                return Some(Exit::Trap { trap, pc, next });
            }
            // Linux does these in software.
            12 if pc & 3 != 0 => {
                self.renew();
                return Some(Exit::Exception(Exception::Alignment(pc)));
            }
            12 | 13 | 26 => match self.software(number, instruction) {
                mips::Unaligned::Done => {
                    self.pc.set(next);
                    return None;
                }
                mips::Unaligned::Refused(address) => {
                    self.at_branch(pc, slot.is_some());
                    return Some(Exit::Exception(Exception::Alignment(address)));
                }
                mips::Unaligned::Fault(fault) => {
                    self.at_branch(pc, slot.is_some());
                    return Some(Exit::Fault(fault));
                }
            },
            // One of `shadow`'s.
            20 if mips::is_plain_fpu_branch(instruction) && slot.is_none() => {
                let next = mips.branch_on_fpu(&self.handle, &self.shared, instruction, pc);
                self.pc.set(next);
                return None;
            }
            20 => {
                if let Some(target) = mips::reads_cycles(instruction) {
                    let ticks = self.shared.memory.ticks().get() + 1000;
                    self.shared.memory.ticks().set(ticks);
                    self.set_reg(Reg(target), ticks as i32 as u64);
                    self.pc.set(next);
                    return None;
                }
            }
            _ => {}
        }
        self.at_branch(pc, slot.is_some());
        Some(match number {
            18 => Exit::Exception(Exception::Breakpoint(instruction >> 6 & 0xf_ffff)),
            16 | 19 | 20 | 31 | 33 | 34 => Exit::Illegal,
            21 => Exit::Exception(Exception::Overflow),
            22 => Exit::Exception(Exception::TrapCode(mips::trap_code(instruction))),
            23 | 35 => Exit::Exception(Exception::FloatingPoint(mips::float_cause(*self.handle))),
            other => Exit::Exception(Exception::Other(other)),
        })
    }

    /// An exception in a delay slot is the branch's.
    fn at_branch(&self, pc: u64, slot: bool) {
        let pc = if slot {
            pc.wrapping_sub(4) & self.arch.address_mask()
        } else {
            pc
        };
        self.pc.set(pc);
    }

    /// What MIPS does in software: an unaligned access, or `ll` at a place that the CPU's own TLB does not have.
    fn software(&mut self, number: u32, instruction: u32) -> mips::Unaligned {
        match &self.model {
            Model::Mips(mips) if number == 26 => mips
                .load_linked(&self.shared, instruction)
                .unwrap_or(mips::Unaligned::Refused(self.pc.get())),
            _ => self.unaligned(instruction),
        }
    }

    fn unaligned(&mut self, instruction: u32) -> mips::Unaligned {
        // SAFETY: the reference is used for this statement only.
        match unsafe { self.shared.space() } {
            Some(space) => {
                mips::fix_unaligned(*self.handle, self.arch, space, instruction, self.pc.get())
            }
            None => mips::Unaligned::Refused(self.pc.get()),
        }
    }
}

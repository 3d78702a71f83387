//! How is one x86 instruction run alone?
//!
//! With the trap flag set the translator makes a block of each instruction. Needed for pages whose blocks would be too
//! long (`temporaries`), for an instruction that writes to its own page (`wx`), and for watched ones (`debug`).

use unicorn_engine::RegisterX86;

use super::tlb::Event;
use super::{UnicornCpu, layout, x86};
use crate::arch::Arch;
use crate::{Exception, Exit};

const TRAP_FLAG: u64 = 1 << 8;

impl UnicornCpu {
    pub(super) fn step(&mut self, pc: u64) -> Option<Exit> {
        let long = self.shared.is_long();
        let mut bytes = [0; 15];
        let code = self.shared.read_up_to(pc, &mut bytes);
        let opcode = x86::skip_prefixes(code, long).map(|(opcode, _)| opcode);
        // popf and iret could take the flag away, and what comes then would be translated as a whole.
        if let Some(0x9d | 0xcf) = opcode {
            return Some(Exit::Illegal);
        }
        let id = if self.arch == Arch::X86_64 {
            RegisterX86::RFLAGS as i32
        } else {
            RegisterX86::EFLAGS as i32
        };
        let before = self.handle.read(id);
        // The flag leaves its mark in DR6.
        let mark = self.handle.read(RegisterX86::DR6 as i32);
        if !self.points.is_empty() {
            self.handle.set_exits(&[]);
        }
        self.handle.write(id, before | TRAP_FLAG);
        self.shared.stepping.set(true);
        self.shared.count.resume_at(pc);
        layout::take_exception();
        self.handle.start(pc);
        self.shared.stepping.set(false);
        if !self.points.is_empty() {
            self.end_at_points();
        }
        if before & TRAP_FLAG == 0 {
            self.handle.write(RegisterX86::DR6 as i32, mark);
        }
        let now = self.fetch_pc();
        // The page must not stay fetchable.
        self.shared.flush();
        let after = self.handle.read(id);
        self.handle
            .write(id, after & !TRAP_FLAG | before & TRAP_FLAG);
        // `int 1` is the guest's.
        let quiet = self.shared.event.get() == Event::None && opcode != Some(0xcd);
        match layout::peek_exception() {
            Some(1) if quiet && before & TRAP_FLAG == 0 => {
                layout::take_exception();
                None
            }
            Some(1) if quiet => {
                layout::take_exception();
                Some(Exit::Exception(Exception::SingleStep))
            }
            // A block of one instruction fetches nothing that it doesn't need.
            None if let Event::Fault(fault) = self.shared.event.get() => {
                self.shared.event.set(Event::None);
                Some(Exit::Fault(self.exact(fault)))
            }
            _ => self.outcome(now),
        }
    }
}

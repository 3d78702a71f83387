//! How did a task die? Lines for a person who asked for details.

mod backtrace;
mod exidx;
mod file;
mod image;
mod lines;
mod modules;
mod seh;
mod unwind;

use std::fmt::Write as _;

use emu_cpu::memory::PAGE;
use emu_cpu::{AddressSpace, Arch, Cpu, Reg, disasm};

pub(crate) use modules::Modules;

use crate::kernel::nt::wow64;
use crate::view::{Frame, Place};

/// Bytes of code that are shown from the program counter on.
const CODE: usize = 32;
/// Instructions that are shown from the program counter on.
const INSTRUCTIONS: usize = 4;
/// Instructions that are shown before it.
const BEFORE: usize = 4;
/// Bytes of a function that are looked through for the instructions before the program counter.
const FUNCTION: u64 = 0x10000;
/// Registers in a line.
const COLUMNS: usize = 4;
/// Mappings that are shown.
const MAPPINGS: usize = 1000;

/// Registers, the code around the program counter, who called whom, and what is mapped.
pub fn death(cpu: &dyn Cpu, memory: &mut AddressSpace, address: Option<u64>) -> Vec<String> {
    let mut modules = Modules::default();
    let mut lines = registers(cpu);
    lines.extend(code(cpu, memory, &mut modules));
    lines.push("backtrace:".to_owned());
    lines.extend(backtrace::backtrace(cpu, memory, &mut modules));
    lines.push("mappings:".to_owned());
    let places = [
        ("pc", Some(cpu.pc())),
        ("sp", Some(cpu.sp())),
        ("address", address),
    ];
    lines.extend(mappings(memory, &places));
    lines
}

/// Who called whom, the innermost first.
pub(crate) fn stack(cpu: &dyn Cpu, memory: &mut AddressSpace, modules: &mut Modules) -> Vec<Frame> {
    let arch = running(cpu);
    let frames = backtrace::frames(cpu, memory, modules);
    let shown = |frame: &backtrace::Called| {
        let module = modules.at(arch, memory, frame.inside);
        let line = module
            .as_ref()
            .and_then(|module| module.line(arch, frame.inside));
        let function = module.and_then(|module| {
            let (start, _, name) = module.symbol(frame.inside)?;
            let start = start.wrapping_add(module.bias());
            Some((name.clone(), frame.pc.wrapping_sub(start)))
        });
        Frame {
            address: frame.pc,
            place: modules
                .place(arch, memory, frame.inside)
                .map(|place| Place {
                    offset: place.offset.wrapping_add(frame.pc - frame.inside),
                    in_file: place.in_file.wrapping_add(frame.pc - frame.inside),
                    ..place
                }),
            function,
            line,
            certain: frame.certain,
        }
    };
    frames.iter().map(shown).collect()
}

fn registers(cpu: &dyn Cpu) -> Vec<String> {
    let row = cpu.arch().row();
    let digits = usize::from(row.bits) / 4;
    let shown: Vec<u8> = row.shown.clone().collect();
    let line = |numbers: &[u8]| {
        let mut text = String::new();
        for number in numbers {
            let name = row
                .registers
                .get(usize::from(*number))
                .copied()
                .unwrap_or("?");
            let value = cpu.reg(Reg(*number));
            let _ = write!(text, "{:>8} {value:0digits$x}", name.to_ascii_lowercase());
        }
        text
    };
    shown.chunks(COLUMNS).map(line).collect()
}

/// The instruction at the program counter, those behind it, and those before it where it is known that they are some.
fn code(cpu: &dyn Cpu, memory: &mut AddressSpace, modules: &mut Modules) -> Vec<String> {
    let pc = cpu.pc();
    let mut bytes = Vec::new();
    for offset in 0..CODE as u64 {
        let mut byte = [0];
        let at = pc.wrapping_add(offset);
        if memory.region_at(at).is_none() || memory.peek(at, &mut byte).is_err() {
            break;
        }
        bytes.push(byte[0]);
    }
    if bytes.is_empty() {
        return vec![format!("  {pc:#x}: nothing is mapped there")];
    }
    let (arch, thumb) = (running(cpu), is_thumb(cpu));
    // From where one is known to begin: that of the function, or any where all have one length.
    let start = match disasm::fixed_length(arch, thumb) {
        Some(length) => pc.checked_sub(length * BEFORE as u64),
        None => modules.start(arch, memory, pc),
    };
    let start = start.filter(|start| pc - start <= FUNCTION).unwrap_or(pc);
    let mut earlier = vec![0; (pc - start) as usize];
    if memory.peek(start, &mut earlier).is_err() {
        earlier.clear();
    }
    let mut shown = disasm::before(arch, thumb, start, &earlier, BEFORE);
    let here = shown.len();
    shown.extend(disasm::disassemble(arch, thumb, pc, &bytes, INSTRUCTIONS));
    let line = |(index, insn): (usize, disasm::Insn)| {
        let mark = if index == here { "=>" } else { "  " };
        let hex: Vec<String> = insn
            .bytes
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let hex = hex.join(" ");
        format!("{mark}{:#x}: {hex:<24} {}", insn.address, insn.text)
    };
    shown.into_iter().enumerate().map(line).collect()
}

/// Whose code the CPU runs: a 64-bit x86 may run that of 32 bits, whose registers have the same numbers there.
fn running(cpu: &dyn Cpu) -> Arch {
    match wow64::is_narrow(cpu) {
        true => Arch::X86,
        false => cpu.arch(),
    }
}

/// Whether the CPU is in Thumb state, where there is such a thing.   [ARM ARM, CPSR.T]
fn is_thumb(cpu: &dyn Cpu) -> bool {
    let names = cpu.arch().row().registers;
    let cpsr = names.iter().position(|name| *name == "CPSR");
    cpsr.is_some_and(|number| cpu.reg(Reg(number as u8)) >> 5 & 1 != 0)
}

/// All mappings, and which of some addresses are in them.
fn mappings(memory: &AddressSpace, places: &[(&str, Option<u64>)]) -> Vec<String> {
    let mut lines = Vec::new();
    for region in memory.regions() {
        if lines.len() == MAPPINGS {
            let more = memory.regions().count() - MAPPINGS;
            lines.push(format!("  and {more} more"));
            break;
        }
        let name = region.label.as_ref().map_or(String::new(), |label| {
            format!(" {}", String::from_utf8_lossy(&label.name))
        });
        let within: Vec<&str> = places
            .iter()
            .filter(|(_, place)| place.is_some_and(|place| region.contains(place)))
            .map(|(name, _)| *name)
            .collect();
        let within = match &within[..] {
            [] => String::new(),
            within => format!(" <- {}", within.join(", ")),
        };
        let pages = region.len() / PAGE;
        lines.push(format!(
            "  {:08x}-{:08x} {}{} {:08x} {pages:>6} pages{name}{within}",
            region.start,
            region.end,
            region.prot,
            if region.backing.is_shared() { 's' } else { 'p' },
            region.backing.offset(),
        ));
    }
    lines
}

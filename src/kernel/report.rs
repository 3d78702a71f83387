//! How did a task die? Lines for a person who asked for details.

use std::fmt::Write as _;

use emu_cpu::memory::PAGE;
use emu_cpu::{AddressSpace, Cpu, Reg, disasm};

/// Bytes of code that are shown from the program counter on.
const CODE: usize = 32;
/// Instructions that are shown.
const INSTRUCTIONS: usize = 4;
/// Registers in a line.
const COLUMNS: usize = 4;
/// Mappings that are shown on each side of an interesting address.
const NEIGHBOURS: usize = 1;

/// Registers, the code at the program counter, and the mappings around it, around the stack pointer and around the
/// faulting address.
pub fn death(cpu: &dyn Cpu, memory: &mut AddressSpace, address: Option<u64>) -> Vec<String> {
    let mut lines = registers(cpu);
    lines.extend(code(cpu, memory));
    let mut places = vec![cpu.pc(), cpu.sp()];
    places.extend(address);
    lines.extend(mappings(memory, &places));
    lines
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

/// The instruction at the program counter and those behind it.
fn code(cpu: &dyn Cpu, memory: &mut AddressSpace) -> Vec<String> {
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
    let arch = cpu.arch();
    disasm::disassemble(arch, is_thumb(cpu), pc, &bytes, INSTRUCTIONS)
        .into_iter()
        .map(|insn| {
            let hex: Vec<String> = insn
                .bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("  {:#x}: {:<24} {}", insn.address, hex.join(" "), insn.text)
        })
        .collect()
}

/// Whether the CPU is in Thumb state, where there is such a thing.   [ARM ARM, CPSR.T]
fn is_thumb(cpu: &dyn Cpu) -> bool {
    let names = cpu.arch().row().registers;
    let cpsr = names.iter().position(|name| *name == "CPSR");
    cpsr.is_some_and(|number| cpu.reg(Reg(number as u8)) >> 5 & 1 != 0)
}

/// The mappings at and next to some addresses.
fn mappings(memory: &AddressSpace, places: &[u64]) -> Vec<String> {
    let regions: Vec<_> = memory.regions().collect();
    let mut wanted = vec![false; regions.len()];
    for place in places {
        // The first mapping that ends behind the address: it has it, or follows it.
        let at = regions.partition_point(|region| region.end <= *place);
        let first = at.saturating_sub(NEIGHBOURS);
        wanted[first..(at + NEIGHBOURS + 1).min(regions.len())].fill(true);
    }
    let mut lines = Vec::new();
    for (region, _) in regions.iter().zip(wanted).filter(|(_, wanted)| *wanted) {
        let name = region.label.as_ref().map_or(String::new(), |label| {
            format!(" {}", String::from_utf8_lossy(&label.name))
        });
        let pages = region.len() / PAGE;
        lines.push(format!(
            "  {:08x}-{:08x} {} {pages:>6} pages{name}",
            region.start, region.end, region.prot
        ));
    }
    lines
}

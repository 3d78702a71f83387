//! How did a task die? Lines for a person who asked for details.

use std::fmt::Write as _;

use emu_cpu::memory::PAGE;
use emu_cpu::{AddressSpace, Cpu, Reg};

/// Bytes of code that are shown from the program counter on.
const CODE: usize = 16;
/// Registers in a line.
const COLUMNS: usize = 4;
/// Mappings that are shown on each side of an interesting address.
const NEIGHBOURS: usize = 1;

/// Registers, the code at the program counter, and the mappings around it, around the stack pointer and around the
/// faulting address.
pub fn death(cpu: &dyn Cpu, memory: &mut AddressSpace, address: Option<u64>) -> Vec<String> {
    let mut lines = registers(cpu);
    lines.push(code(cpu.pc(), memory));
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
            let name = row.registers.get(usize::from(*number)).copied().unwrap_or("?");
            let value = cpu.reg(Reg(*number));
            let _ = write!(text, "{:>6} {value:0digits$x}", name.to_ascii_lowercase());
        }
        text
    };
    shown.chunks(COLUMNS).map(line).collect()
}

fn code(pc: u64, memory: &mut AddressSpace) -> String {
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
        return format!("  code at {pc:#x}: nothing is mapped there");
    }
    let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("  code at {pc:#x}: {}", hex.join(" "))
}

/// The mappings at and next to some addresses.
fn mappings(memory: &AddressSpace, places: &[u64]) -> Vec<String> {
    let regions: Vec<_> = memory.regions().collect();
    let mut wanted = vec![false; regions.len()];
    for place in places {
        // The first mapping that ends behind the address: it has it, or follows it.
        let at = regions.partition_point(|region| region.end <= *place);
        let first = at.saturating_sub(NEIGHBOURS);
        for index in first..(at + NEIGHBOURS + 1).min(regions.len()) {
            wanted[index] = true;
        }
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

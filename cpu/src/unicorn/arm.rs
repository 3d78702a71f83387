//! 32-bit ARM: user mode, VFP, Thumb and its IT blocks.

use unicorn_engine::{ArmCpuModel, RegisterARM, RegisterARMCP};

use super::CpuError;
use super::ffi::{Engine, Handle};
use super::layout;
use super::tlb::Bench;

/// ARMv7-A with VFPv4, NEON and integer division.
pub(super) const MODEL: i32 = ArmCpuModel::CORTEX_A15 as i32;

const CPSR: i32 = RegisterARM::CPSR as i32;
const CPSR_USER: u64 = 0x10;
const CPSR_T: u64 = 1 << 5;
/// The IT state.   [ARM ARM, CPSR: IT[7:2] in 15:10, IT[1:0] in 26:25]
const CPSR_IT: u64 = 0x0600_fc00;

/// `svc #0` and `ldr r0, [r1]` in A32.
const SVC: [u8; 4] = 0xef00_0000u32.to_le_bytes();
const LDR: [u8; 4] = 0xe591_0000u32.to_le_bytes();

pub(super) fn set_up(handle: &Handle, bench: &Bench<'_>) -> Result<(), CpuError> {
    // CPACR: full access to cp10 and cp11. FPEXC.EN.
    handle.write(RegisterARM::C1_C0_2 as i32, 0xf << 20);
    handle.write(RegisterARM::FPEXC as i32, 1 << 30);
    handle.write(CPSR, CPSR_USER);
    if bench.run(0, &SVC)? != 2 {
        return Err(layout::unexpected("`svc` does not raise exception 2"));
    }
    handle.write(RegisterARM::R1 as i32, 0x1234_5678);
    bench.check_fault(0x10, &LDR, 0x1234_5678)?;
    handle.write(RegisterARM::R1 as i32, 0);
    Ok(())
}

/// 1 in Thumb state.
pub(super) fn thumb_bit(engine: Engine) -> u64 {
    u64::from(engine.read(CPSR) & CPSR_T != 0)
}

/// Enters Thumb or ARM state, at the beginning of an instruction outside of an IT block.
pub(super) fn set_thumb(engine: Engine, thumb: bool) {
    let cpsr = engine.read(CPSR) & !(CPSR_T | CPSR_IT);
    engine.write(CPSR, if thumb { cpsr | CPSR_T } else { cpsr });
}

/// Before a TLB fill that succeeds. The engine has just restored the IT state for it, but the rest of the block expects
/// the state in the translated code, and zero in the register.
pub(super) fn leave_it_block(engine: Engine) {
    let cpsr = engine.read(CPSR);
    if cpsr & CPSR_T != 0 && cpsr & CPSR_IT != 0 {
        engine.write(CPSR, cpsr & !CPSR_IT);
    }
}

/// TPIDRURW, p15 0 c13 c0 2.
fn tpidrurw() -> RegisterARMCP {
    RegisterARMCP::new().cp(15).crn(13).crm(0).opc1(0).opc2(2)
}

pub(super) fn read_tpidrurw(engine: Engine) -> u64 {
    let mut register = tpidrurw();
    // SAFETY: CP_REG takes this structure.
    unsafe { engine.read_struct(RegisterARM::CP_REG as i32, &mut register) };
    register.val & 0xffff_ffff
}

pub(super) fn write_tpidrurw(engine: Engine, value: u64) {
    let register = tpidrurw().val(value);
    // SAFETY: CP_REG takes this structure.
    let written = unsafe { engine.write_struct(RegisterARM::CP_REG as i32, &register) };
    debug_assert!(written.is_ok());
}

/// Whether a Thumb instruction with this first halfword has a second.   [ARM ARM, Thumb instruction set encoding]
pub(super) fn is_wide(first: u16) -> bool {
    first >> 11 > 0b11100
}

/// Thumb instructions in a block.
pub(super) fn count_thumb(code: &[u8]) -> u32 {
    let mut count = 0;
    let mut at = 0;
    while let Some(half) = code.get(at..at + 2) {
        at += if is_wide(u16::from_le_bytes([half[0], half[1]])) {
            4
        } else {
            2
        };
        count += 1;
    }
    count
}

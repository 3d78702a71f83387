//! A64: user mode, floating point, and what EL0 may do.

use unicorn_engine::{Arm64CpuModel, RegisterARM64, RegisterARM64CP};

use super::CpuError;
use super::ffi::{Engine, Handle};
use super::layout;
use super::tlb::Bench;

/// ARMv8.0-A.
pub(super) const MODEL: i32 = Arm64CpuModel::A72 as i32;

/// `svc #0` and `ldr x0, [x1]`.
const SVC: [u8; 4] = 0xd400_0001u32.to_le_bytes();
const LDR: [u8; 4] = 0xf940_0020u32.to_le_bytes();

/// SCTLR_EL1 as Linux sets it for EL0: DZE, UCT, UCI, nTWI, nTWE.   [ARM ARM, SCTLR_EL1; Linux, INIT_SCTLR_EL1_MMU_ON]
const SCTLR_FOR_EL0: u64 = 1 << 14 | 1 << 15 | 1 << 26 | 1 << 16 | 1 << 18;

pub(super) struct Arm64 {
    midr: u64,
}

fn system(op0: u32, op1: u32, crn: u32, crm: u32, op2: u32) -> RegisterARM64CP {
    RegisterARM64CP::new()
        .op0(op0)
        .op1(op1)
        .crn(crn)
        .crm(crm)
        .op2(op2)
}

fn read_system(engine: Engine, mut register: RegisterARM64CP) -> u64 {
    // SAFETY: CP_REG takes this structure.
    unsafe { engine.read_struct(RegisterARM64::CP_REG as i32, &mut register) };
    register.val
}

impl Arm64 {
    pub(super) fn new(handle: &Handle, bench: &Bench<'_>) -> Result<Arm64, CpuError> {
        let engine: Engine = **handle;
        // CPACR_EL1.FPEN: no trap of FP and SIMD.
        handle.write(RegisterARM64::CPACR_EL1 as i32, 0x30_0000);
        // EL0, before the next line makes the engine look at it.
        handle.write(RegisterARM64::PSTATE as i32, 0);
        let sctlr = system(3, 0, 1, 0, 0);
        let value = read_system(engine, sctlr) | SCTLR_FOR_EL0;
        // SAFETY: CP_REG takes this structure.
        unsafe { handle.write_struct(RegisterARM64::CP_REG as i32, &sctlr.val(value))? };
        // TCR_EL1.TBI0: the top byte of a jump target is ignored. For data that happens in `Shared::clean`.
        let tcr = system(3, 0, 2, 0, 2);
        // SAFETY: CP_REG takes this structure.
        unsafe { handle.write_struct(RegisterARM64::CP_REG as i32, &tcr.val(1 << 37))? };
        let midr = read_system(engine, system(3, 0, 0, 0, 0));
        if bench.run(0, &SVC)? != 2 {
            return Err(layout::unexpected("`svc` does not raise exception 2"));
        }
        handle.write(RegisterARM64::X1 as i32, 0x12_3456_7890);
        bench.check_fault(0x10, &LDR, 0x12_3456_7890)?;
        handle.write(RegisterARM64::X1 as i32, 0);
        Ok(Arm64 { midr })
    }

    /// The value of a system register that EL0 may not read and Linux emulates, or that would show the host's time.
    pub(super) fn emulated(&self, instruction: u32, ticks: impl FnOnce() -> u64) -> Option<u64> {
        // mrs Xt, <register>: op0 op1 CRn CRm op2 in bits 20 to 5.
        if instruction >> 20 != 0xd53 {
            return None;
        }
        match instruction >> 5 & 0x7fff {
            // CNTFRQ_EL0, S3_3_C14_C0_0: 62.5 MHz, as QEMU's.
            0x5f00 => Some(62_500_000),
            // CNTPCT_EL0 and CNTVCT_EL0.
            0x5f01 | 0x5f02 => Some(ticks()),
            // MIDR_EL1, MPIDR_EL1, REVIDR_EL1.   [Linux, arch/arm64/kernel/cpufeature.c, emulate_id_reg]
            0x4000 => Some(self.midr),
            0x4005 => Some(1 << 31),
            0x4006 => Some(0),
            // The other ID registers, S3_0_C0_C4..C7_x: ARMv8.0-A with FP and Advanced SIMD; HWCAP tells the rest.
            0x4020..=0x403f => Some(0),
            _ => None,
        }
    }
}

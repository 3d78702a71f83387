//! What does a file's table say of a frame's caller?

use emu_cpu::{AddressSpace, Arch};
use gimli::{
    BaseAddresses, CfaRule, EhFrame, Encoding, EndianSlice, EvaluationResult, Expression, Register,
    RegisterRule, RunTimeEndian, UnwindContext, UnwindSection, Value,
};

use super::backtrace::{Frame, word};
use super::modules::Module;

type Slice<'data> = EndianSlice<'data, RunTimeEndian>;

/// The frame of the caller, where the table knows the function. `Some(None)`: it has none.
pub(super) fn caller(
    arch: Arch,
    memory: &mut AddressSpace,
    module: &Module,
    frame: &Frame,
) -> Option<Option<Frame>> {
    let (at, table) = module.file.unwinding.as_ref()?;
    let endian = match arch.endian() {
        emu_cpu::Endian::Little => RunTimeEndian::Little,
        emu_cpu::Endian::Big => RunTimeEndian::Big,
    };
    let mut section = EhFrame::new(table, endian);
    section.set_address_size(arch.pointer() as u8);
    let bases = BaseAddresses::default().set_eh_frame(*at);
    let mut context = UnwindContext::new();
    let inside = frame.inside(arch).wrapping_sub(module.bias()) & arch.address_mask();
    let fde = section
        .fde_for_address(&bases, inside, EhFrame::cie_from_offset)
        .ok()?;
    let row = fde
        .unwind_info_for_address(&section, &bases, &mut context, inside)
        .ok()?;
    let mut asked = Asked {
        arch,
        memory,
        frame,
        encoding: fde.cie().encoding(),
    };
    let cfa = match row.cfa() {
        CfaRule::RegisterAndOffset { register, offset } => {
            asked.register(*register)?.wrapping_add(*offset as u64)
        }
        CfaRule::Expression(expression) => asked.evaluate(expression.get(&section).ok()?, None)?,
    } & arch.address_mask();
    let column = fde.cie().return_address_register();
    let mut caller = Frame {
        pc: 0,
        returned: !fde.is_signal_trampoline(),
        ..frame.clone()
    };
    let stack = arch.row().sp;
    for number in 0..=column.0.max(caller.registers.len() as u16) {
        let register = Register(number);
        let is_stack = arch.row().dwarf.get(usize::from(number)) == Some(&stack);
        let value = match row.register(register) {
            None if is_stack => Some(cfa),
            None | Some(RegisterRule::SameValue) => asked.register(register),
            Some(RegisterRule::Undefined) if register == column => return Some(None),
            Some(RegisterRule::Offset(offset)) => asked.load(cfa.wrapping_add(offset as u64)),
            Some(RegisterRule::ValOffset(offset)) => Some(cfa.wrapping_add(offset as u64)),
            Some(RegisterRule::Register(other)) => asked.register(other),
            Some(RegisterRule::Expression(expression)) => expression
                .get(&section)
                .ok()
                .and_then(|expression| asked.evaluate(expression, Some(cfa)))
                .and_then(|address| asked.load(address)),
            Some(RegisterRule::ValExpression(expression)) => expression
                .get(&section)
                .ok()
                .and_then(|expression| asked.evaluate(expression, Some(cfa))),
            Some(RegisterRule::Constant(value)) => Some(value),
            Some(_) => None,
        };
        if register == column {
            caller.pc = value?;
        }
        if let Some(own) = caller.registers.get_mut(usize::from(number)) {
            *own = value;
        }
    }
    caller.sp = match arch.row().dwarf.iter().position(|own| *own == stack) {
        Some(number) => caller.registers[number]?,
        None => cfa,
    };
    Some(Some(caller))
}

struct Asked<'a> {
    arch: Arch,
    memory: &'a mut AddressSpace,
    frame: &'a Frame,
    encoding: Encoding,
}

impl Asked<'_> {
    fn register(&self, register: Register) -> Option<u64> {
        *self.frame.registers.get(usize::from(register.0))?
    }

    fn load(&mut self, address: u64) -> Option<u64> {
        word(self.memory, self.arch, address)
    }

    fn evaluate(&mut self, expression: Expression<Slice<'_>>, cfa: Option<u64>) -> Option<u64> {
        let mut evaluation = expression.evaluation(self.encoding);
        evaluation.set_max_iterations(1000);
        if let Some(cfa) = cfa {
            evaluation.set_initial_value(cfa);
        }
        let mut result = evaluation.evaluate().ok()?;
        loop {
            result = match result {
                EvaluationResult::Complete => break,
                EvaluationResult::RequiresRegister { register, .. } => {
                    let value = self.register(register)?;
                    evaluation
                        .resume_with_register(Value::Generic(value))
                        .ok()?
                }
                EvaluationResult::RequiresMemory { address, .. } => {
                    let value = self.load(address)?;
                    evaluation.resume_with_memory(Value::Generic(value)).ok()?
                }
                _ => return None,
            };
        }
        let value = evaluation.value_result()?;
        value.to_u64(self.arch.address_mask()).ok()
    }
}

//! A CPU that plays back a script: for tests of what lies above, without an engine.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::{AddressSpace, Arch, Context, Cpu, Exit, Reg, StopHandle};

/// What happens in one run.
#[derive(Debug, Clone)]
pub struct Step {
    /// Registers that the guest's code changes.
    pub registers: Vec<(Reg, u64)>,
    /// Why the run ends.
    pub exit: Exit,
}

/// A CPU with registers and a list of [`Step`]s. When the list is over each run ends with [`Exit::Stopped`].
#[derive(Debug, Clone)]
pub struct Scripted {
    arch: Arch,
    registers: BTreeMap<Reg, u128>,
    tls: u64,
    descriptors: BTreeMap<u8, u64>,
    steps: VecDeque<Step>,
}

impl Scripted {
    /// A CPU whose registers are all zero.
    pub fn new(arch: Arch) -> Scripted {
        Scripted {
            arch,
            registers: BTreeMap::new(),
            tls: 0,
            descriptors: BTreeMap::new(),
            steps: VecDeque::new(),
        }
    }

    /// Registers with these values.
    pub fn with(mut self, registers: &[(Reg, u64)]) -> Scripted {
        for (reg, value) in registers {
            self.registers.insert(*reg, u128::from(*value));
        }
        self
    }

    /// Adds what the next run does.
    pub fn then(mut self, step: Step) -> Scripted {
        self.steps.push_back(step);
        self
    }

    /// What [`Cpu::set_tls`] was last given.
    pub fn tls(&self) -> u64 {
        self.tls
    }

    /// What [`Cpu::set_descriptor`] was last given for an entry.
    pub fn descriptor(&self, index: u8) -> Option<u64> {
        self.descriptors.get(&index).copied()
    }
}

struct State(Scripted);

impl Context for State {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn duplicate(&self) -> Box<dyn Context> {
        Box::new(State(self.0.clone()))
    }
}

impl Cpu for Scripted {
    fn arch(&self) -> Arch {
        self.arch
    }

    fn run(&mut self, _: &mut AddressSpace, _: Option<u64>) -> Exit {
        let Some(step) = self.steps.pop_front() else {
            return Exit::Stopped;
        };
        for (reg, value) in step.registers {
            self.registers.insert(reg, u128::from(value));
        }
        if let Exit::Trap { next, .. } = step.exit {
            self.set_reg(self.arch.row().pc, next);
        }
        step.exit
    }

    fn reg(&self, reg: Reg) -> u64 {
        self.wide(reg) as u64
    }

    fn wide(&self, reg: Reg) -> u128 {
        self.registers.get(&reg).copied().unwrap_or(0)
    }

    fn set_wide(&mut self, reg: Reg, value: u128) {
        self.registers.insert(reg, value);
    }

    fn set_reg(&mut self, reg: Reg, value: u64) {
        let value = value & self.arch.address_mask();
        self.registers.insert(reg, u128::from(value));
    }

    fn set_pc(&mut self, value: u64) {
        self.set_reg(self.arch.row().pc, value);
    }

    fn set_tls(&mut self, value: u64) {
        self.tls = value;
    }

    fn set_descriptor(&mut self, index: u8, descriptor: u64) -> bool {
        self.descriptors.insert(index, descriptor);
        self.arch == Arch::X86
    }

    fn reset(&mut self) {
        self.registers.clear();
    }

    fn context(&self) -> Box<dyn Context> {
        Box::new(State(Scripted::new(self.arch)))
    }

    fn save(&self, context: &mut dyn Context) {
        if let Some(state) = context.as_any_mut().downcast_mut::<State>() {
            state.0 = self.clone();
        }
    }

    fn restore(&mut self, context: &dyn Context) {
        if let Some(state) = context.as_any().downcast_ref::<State>() {
            self.registers = state.0.registers.clone();
            self.tls = state.0.tls;
            self.descriptors = state.0.descriptors.clone();
        }
    }

    fn count_instructions(&mut self, _: bool) {}

    fn instructions(&self) -> Option<u64> {
        None
    }

    fn limit_instructions(&mut self, _: Option<u64>) {}

    fn stop_handle(&self) -> StopHandle {
        StopHandle(Arc::new(|| ()))
    }
}

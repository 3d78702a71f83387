//! What does a callback see, and how does it interfere?

use emu_cpu::{AddressSpace, Cpu, Fault, Reg};
use emu_profiles::{Entry, Profile};
use emu_prototypes::linux::Errno;
use emu_prototypes::nt::NtStatus;
use emu_prototypes::{Args, CStr, CallInfo, Pod, Ptr};

use super::{CallbackId, Callbacks, Ret, State, States};
use crate::event::{CallEvent, End};
use crate::family::{self, FamilyCall};
use crate::kernel::linux::files::Files;
use crate::kernel::task::Tid;

/// The machine at the time of a callback.
pub(crate) struct Site<'a> {
    pub(crate) cpu: &'a mut dyn Cpu,
    pub(crate) memory: &'a mut AddressSpace,
    pub(crate) files: &'a Files,
}

/// What a callback sees of the task, and how it interferes.
pub struct Context<'a> {
    site: Site<'a>,
    pub(super) event: &'a CallEvent,
    end: Option<End>,
    states: &'a mut States,
    pub(super) current: CallbackId,
    pub(super) answer: Option<Ret>,
}

impl<'a> Context<'a> {
    pub(super) fn new(
        site: Site<'a>,
        event: &'a CallEvent,
        end: Option<End>,
        states: &'a mut States,
    ) -> Self {
        Context {
            site,
            event,
            end,
            states,
            current: CallbackId(0),
            answer: None,
        }
    }

    /// The call with the arguments of its family.
    pub(super) fn with_family(
        &mut self,
        info: &'static CallInfo,
        args: &mut Args,
        run: impl FnOnce(&mut Self, &mut FamilyCall<'_>),
    ) {
        let Some(member) = family::Member::of(info) else {
            return;
        };
        let abi = self.event.entry.system.shown();
        let mut call = FamilyCall::new(&member, info, args, self.site.memory, abi);
        run(self, &mut call);
    }

    /// Address of the trapping instruction.
    pub fn pc(&self) -> u64 {
        self.event.pc
    }

    /// Where the task goes on when the call returns.
    pub fn return_address(&self) -> u64 {
        self.event.return_address
    }

    /// The task that makes the call.
    pub fn task(&self) -> Tid {
        self.event.task
    }

    /// The profile of its program.
    pub fn profile(&self) -> &'static Profile {
        self.event.profile
    }

    /// The entry the call came by.
    pub fn entry(&self) -> &'static Entry {
        self.event.entry
    }

    /// The number of the call on that entry.
    pub fn number(&self) -> u32 {
        self.event.number
    }

    /// The event as sinks will see it.
    pub fn event(&self) -> &CallEvent {
        self.event
    }

    /// Guest instructions run so far, when the emulator counts them.
    pub fn instructions(&self) -> Option<u64> {
        self.event.instructions
    }

    /// In an exit callback: how the call ended.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// A register of the CPU.
    pub fn reg(&self, reg: Reg) -> u64 {
        self.site.cpu.reg(reg)
    }

    /// Changes a register of the CPU. Arguments are changed in the call's fields instead: they have been read already.
    pub fn set_reg(&mut self, reg: Reg, value: u64) {
        self.site.cpu.set_reg(reg, value);
    }

    /// The task's memory.
    pub fn memory(&mut self) -> &mut AddressSpace {
        self.site.memory
    }

    /// Reads what a pointer points to.
    pub fn read<T: Pod>(&mut self, ptr: Ptr<T>) -> Result<T, Fault> {
        ptr.read(self.site.memory)
    }

    /// Writes where a pointer points to.
    pub fn write<T: Pod>(&mut self, ptr: Ptr<T>, value: T) -> Result<(), Fault> {
        ptr.write(self.site.memory, value)
    }

    /// Reads `len` bytes.
    pub fn read_bytes(&mut self, ptr: Ptr<u8>, len: usize) -> Result<Vec<u8>, Fault> {
        let mut bytes = Vec::new();
        for done in (0..len).step_by(4096) {
            let start = bytes.len();
            bytes.resize(start + (len - done).min(4096), 0);
            self.site
                .memory
                .read(ptr.address.wrapping_add(done as u64), &mut bytes[start..])?;
        }
        Ok(bytes)
    }

    /// Reads a path or another string, at most 4096 bytes of it, for showing: bytes that are not UTF-8 are replaced.
    pub fn read_str(&mut self, ptr: Ptr<CStr>) -> Result<String, Fault> {
        let bytes = ptr.read_bytes(self.site.memory, 4096)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The path an open descriptor of the task was opened by.
    pub fn path_of(&self, fd: i32) -> Option<Vec<u8>> {
        self.site.files.path(fd)
    }

    /// In an enter callback: this is the result, the kernel is not asked. The last answer counts.
    pub fn answer(&mut self, ret: Ret) {
        self.answer = Some(ret);
    }

    /// In an enter callback: the call fails with this error, the kernel is not asked.
    pub fn fail(&mut self, errno: Errno) {
        self.answer(Err(errno));
    }

    /// In an enter callback of a call of Windows: the call ends with this status, the kernel is not asked.
    pub fn answer_status(&mut self, status: NtStatus) {
        self.answer(Ok(status.0.into()));
    }

    /// In an enter callback: the call is skipped and returns 0.
    pub fn skip(&mut self) {
        self.answer(Ok(0));
    }

    /// The registration that is running now.
    pub fn id(&self) -> CallbackId {
        self.current
    }

    /// Removes a registration, the running one too. False when it does not exist.
    pub fn remove(&mut self, id: CallbackId) -> bool {
        Callbacks::set(self.states, id, State::Removed)
    }

    /// Disables a registration, the running one too. False when it does not exist.
    pub fn disable(&mut self, id: CallbackId) -> bool {
        Callbacks::set(self.states, id, State::Disabled)
    }

    /// Enables a registration again.
    pub fn enable(&mut self, id: CallbackId) -> bool {
        Callbacks::set(self.states, id, State::Enabled)
    }
}

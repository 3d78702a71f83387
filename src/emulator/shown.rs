//! What sinks are told, and what they may look at.

use emu_cpu::{AddressSpace, Cpu, Endian, Fault, GuestMemory};
use emu_prototypes::linux::Abi;

use super::{Emulator, opened};
use crate::Error;
use crate::event::Event;
use crate::kernel::linux::process::INIT;
use crate::kernel::nt::Nt;
use crate::kernel::report::{self, Modules};
use crate::kernel::task::Task;
use crate::view::{Frame, Guest, Now, Opened, Place, View};

/// The guest at the time of an event.
struct Live<'a> {
    memory: &'a mut AddressSpace,
    task: &'a Task,
    /// The CPU, when the task is on one.
    cpu: Option<&'a dyn Cpu>,
    modules: &'a mut Modules,
    nt: &'a Nt,
}

impl Emulator {
    /// Tells the sinks of something that happened to a task.
    pub(super) fn show(
        &mut self,
        task: &Task,
        cpu: Option<&dyn Cpu>,
        memory: &mut AddressSpace,
        abi: &'static Abi,
        event: &Event<'_>,
    ) -> Result<(), Error> {
        if let Some(count) = cpu.and_then(Cpu::instructions) {
            self.counted = Some(count);
        }
        let mut guest = Live {
            memory,
            task,
            cpu,
            modules: &mut self.modules,
            nt: &self.kernel.nt,
        };
        let mut view = View {
            guest: &mut guest,
            abi,
            now: Now {
                time: self.kernel.clock.now(),
                epoch: self.epoch,
                instructions: self.counted,
            },
        };
        self.sinks.event(event, &mut view)
    }
}

impl Emulator {
    /// Tells that a task has come to life.
    pub(super) fn born(&mut self, task: &Task, memory: &mut AddressSpace) -> Result<(), Error> {
        let process = task.linux.process.borrow();
        let event = Event::Born {
            task: task.tid,
            process: process.pid,
            parent: Some(process.parent).filter(|parent| *parent != INIT),
        };
        drop(process);
        let abi = task.profile.system().shown();
        self.show(task, None, memory, abi, &event)
    }
}

impl GuestMemory for Live<'_> {
    fn read(&mut self, address: u64, buf: &mut [u8]) -> Result<(), Fault> {
        self.memory.read(address, buf)
    }

    fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), Fault> {
        self.memory.write(address, bytes)
    }

    fn endian(&self) -> Endian {
        self.memory.endian()
    }

    fn pointer_width(&self) -> u64 {
        self.memory.pointer_width()
    }

    fn read_cstr(&mut self, address: u64, max: usize) -> Result<Vec<u8>, Fault> {
        self.memory.read_cstr(address, max)
    }
}

impl Guest for Live<'_> {
    fn descriptor(&mut self, fd: i32) -> Option<Vec<u8>> {
        self.task.linux.files.borrow().path(fd)
    }

    fn handle(&mut self, handle: u64) -> Option<Vec<u8>> {
        self.nt.describe(self.task, handle)
    }

    fn opened(&mut self, fd: i32) -> Option<Opened> {
        let files = self.task.linux.files.borrow();
        files.any(fd).ok().map(|file| opened::opened(file))
    }

    fn directory(&mut self) -> Option<Vec<u8>> {
        let context = self.task.linux.fs.borrow();
        Some(context.path_of(&context.cwd))
    }

    fn place(&mut self, address: u64) -> Option<Place> {
        self.modules
            .place(self.task.profile.arch, self.memory, address)
    }

    fn stack(&mut self) -> Vec<Frame> {
        match self.cpu {
            Some(cpu) => report::stack(cpu, self.memory, self.modules),
            None => Vec::new(),
        }
    }
}

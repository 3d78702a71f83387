//! What is a debugger told?   [the headers of the crate phnt, ntdbg.h: DBGUI_WAIT_STATE_CHANGE]

use emu_prototypes::nt::NtStatus;

use crate::kernel::nt::client_id;
use crate::kernel::nt::exception::Record;
use crate::kernel::task::Tid;

/// `DBG_STATE`.
mod state {
    pub(super) const CREATE_THREAD: u32 = 2;
    pub(super) const CREATE_PROCESS: u32 = 3;
    pub(super) const EXIT_THREAD: u32 = 4;
    pub(super) const EXIT_PROCESS: u32 = 5;
    pub(super) const EXCEPTION: u32 = 6;
    pub(super) const BREAKPOINT: u32 = 7;
    pub(super) const SINGLE_STEP: u32 = 8;
    pub(super) const LOAD_DLL: u32 = 9;
    pub(super) const UNLOAD_DLL: u32 = 10;
}

/// What has happened.
#[derive(Debug, Clone)]
pub(in crate::kernel::nt) enum What {
    /// A process runs its first thread: where its image is, and the path of that.
    CreateProcess {
        image: u64,
        entry: u64,
        path: Vec<u8>,
    },
    CreateThread {
        start: u64,
    },
    ExitThread(u32),
    ExitProcess(u32),
    /// An exception, the first time or after nobody has handled it.
    Exception {
        record: Record,
        first: bool,
    },
    /// An image is mapped: where, its path, and where in the thread's block a pointer to its name may be.
    LoadDll {
        base: u64,
        path: Vec<u8>,
        name: u64,
    },
    UnloadDll {
        base: u64,
    },
}

/// An event of a process that is debugged.
#[derive(Debug, Clone)]
pub(in crate::kernel::nt) struct Event {
    pub(in crate::kernel::nt) pid: Tid,
    pub(in crate::kernel::nt) tid: Tid,
    pub(in crate::kernel::nt) what: What,
    /// Whether the debugger has been told.
    pub(super) told: bool,
}

/// Handles that a debugger gets with an event: of the process, of the thread, of the file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given {
    pub(super) process: u64,
    pub(super) thread: u64,
    pub(super) file: u64,
}

impl Event {
    /// The path of the image that the event is of.
    pub(super) fn path(&self) -> Option<&[u8]> {
        match &self.what {
            What::CreateProcess { path, .. } | What::LoadDll { path, .. } => Some(path),
            _ => None,
        }
    }

    /// The structure for pointers of a width.
    pub(super) fn bytes(&self, word: u64, given: Given) -> Vec<u8> {
        let word = word as usize;
        let (process, thread) = client_id(self.pid, self.tid);
        let mut out = Vec::new();
        // A field of four bytes before a pointer takes as much as one.
        let wide = |out: &mut Vec<u8>, value: u64| {
            out.extend_from_slice(&value.to_le_bytes()[..word]);
        };
        wide(&mut out, self.state().into());
        wide(&mut out, process);
        wide(&mut out, thread);
        match &self.what {
            What::Exception { record, first } => {
                out.extend(record.bytes(word as u64));
                out.extend_from_slice(&u32::from(*first).to_le_bytes());
            }
            What::CreateThread { start } => {
                for value in [given.thread, 0, *start] {
                    wide(&mut out, value);
                }
            }
            What::CreateProcess { image, entry, .. } => {
                for value in [given.process, given.thread, 0, given.file, *image] {
                    wide(&mut out, value);
                }
                // Where symbols are in the file, and how many bytes; then the first thread.
                out.extend_from_slice(&[0; 8]);
                wide(&mut out, 0);
                wide(&mut out, *entry);
            }
            What::ExitThread(status) | What::ExitProcess(status) => {
                out.extend_from_slice(&status.to_le_bytes());
            }
            What::LoadDll { base, name, .. } => {
                wide(&mut out, given.file);
                wide(&mut out, *base);
                out.extend_from_slice(&[0; 8]);
                wide(&mut out, *name);
            }
            What::UnloadDll { base } => wide(&mut out, *base),
        }
        // The largest is that of an exception.
        out.resize(if word == 4 { 96 } else { 184 }, 0);
        out
    }

    fn state(&self) -> u32 {
        match &self.what {
            What::CreateProcess { .. } => state::CREATE_PROCESS,
            What::CreateThread { .. } => state::CREATE_THREAD,
            What::ExitThread(_) => state::EXIT_THREAD,
            What::ExitProcess(_) => state::EXIT_PROCESS,
            What::Exception { record, .. } => match record.code {
                NtStatus::BREAKPOINT => state::BREAKPOINT,
                NtStatus::SINGLE_STEP => state::SINGLE_STEP,
                _ => state::EXCEPTION,
            },
            What::LoadDll { .. } => state::LOAD_DLL,
            What::UnloadDll { .. } => state::UNLOAD_DLL,
        }
    }
}

//! What is a task when its program starts?

use std::cell::RefCell;
use std::rc::Rc;

use super::LinuxTask;
use super::files::Files;
use super::process::{Credentials, Process, Resource, UNLIMITED};
use super::signals::{Handlers, SigSet, translate};
use emu_profiles::Profile;
use emu_prototypes::linux::Abi;

use crate::kernel::task::Tid;
use crate::kernel::vfs::{FsContext, Running, Vfs};
use crate::load::Loaded;

/// `current->timer_slack_ns` of a fresh system: 50 µs.
pub(super) const TIMER_SLACK: u64 = 50_000;
/// `READ_IMPLIES_EXEC`, the same on every ABI.   [Linux include/uapi/linux/personality.h]
const READ_IMPLIES_EXEC: u32 = 0x40_0000;

impl Process {
    /// Whether what is readable can be executed.
    pub(crate) fn executes_data(&self) -> bool {
        self.personality & READ_IMPLIES_EXEC != 0
    }
}

impl LinuxTask {
    /// The first task: it leads its session, has the standard streams open, and runs nothing yet.
    pub fn first(
        tid: Tid,
        profile: &Profile,
        vfs: &Vfs,
        fs: FsContext,
        credentials: Credentials,
    ) -> LinuxTask {
        let abi = profile.system().linux();
        LinuxTask {
            process: Rc::new(RefCell::new(Process::new(tid, abi))),
            files: Rc::new(RefCell::new(Files::new(vfs.standard_files()))),
            fs: Rc::new(RefCell::new(fs)),
            handlers: Rc::new(RefCell::new(Handlers::default())),
            mask: SigSet::EMPTY,
            saved_mask: None,
            awaited: SigSet::EMPTY,
            halts: false,
            progress: Default::default(),
            signalled: Rc::default(),
            pending: Default::default(),
            ignored: Vec::new(),
            noted: Default::default(),
            credentials,
            name: Vec::new(),
            clear_child_tid: 0,
            robust_list: (0, 0),
            used: (0, 0),
            deadline: None,
            altstack: Default::default(),
            parent_death_signal: 0,
            timer_slack: TIMER_SLACK,
            descriptors: [0; 3],
            vfork: None,
            vforked: None,
            seccomp: Default::default(),
            traced: None,
            undo: None,
        }
    }

    /// Takes over a program that was loaded. What others share with this task is left to them.
    /// [execve(2), "Effect on process attributes"; Linux fs/exec.c, begin_new_exec]
    pub fn exec(&mut self, loaded: &Loaded) {
        let abi = loaded.profile.system().linux();
        self.renumber(abi);
        let pid = {
            let mut process = self.process.borrow_mut();
            process.exe = loaded.path.clone();
            // Who could be loaded is not open for writing.
            process.exe_entry =
                (loaded.program.entry.as_ref()).and_then(|entry| Running::begin(entry).ok());
            process.image = loaded.image.clone();
            process.has_execed = true;
            process.dumpable = 1;
            process.barriers = 0;
            process.personality &= !READ_IMPLIES_EXEC;
            if loaded.read_implies_exec {
                process.personality |= READ_IMPLIES_EXEC;
            }
            process.pid
        };
        let mut files = self.files.borrow().duplicate();
        files.exec(pid);
        self.files = Rc::new(RefCell::new(files));
        let mut handlers = self.handlers.borrow().clone();
        handlers.exec();
        self.handlers = Rc::new(RefCell::new(handlers));
        self.name = loaded.name.clone();
        self.clear_child_tid = 0;
        self.robust_list = (0, 0);
        // The flags stay as they are.   [Linux fs/exec.c, setup_new_exec]
        (self.altstack.start, self.altstack.size) = (0, 0);
        self.descriptors = [0; 3];
        self.saved_mask = None;
        self.deadline = None;
        // Root gets what the bounding set allows.   [Linux security/commoncap.c, cap_bprm_creds_from_file]
        let who = &mut self.credentials;
        let gained = if who.euid == 0 || who.uid == 0 {
            who.bounding | who.inheritable
        } else {
            who.ambient
        };
        who.permitted = gained;
        who.effective = if who.euid == 0 { gained } else { who.ambient };
        (who.suid, who.fsuid, who.sgid, who.fsgid) = (who.euid, who.euid, who.egid, who.egid);
    }

    /// What it keeps of signals, in the numbers of the program that comes.
    fn renumber(&mut self, abi: &'static Abi) {
        let mut process = self.process.borrow_mut();
        let before = std::mem::replace(&mut process.abi, abi);
        process.exit_signal = match process.exit_signal {
            // The first program has no parent to tell.
            0 => 0,
            _ => abi.k.SIGCHLD as u32,
        };
        if std::ptr::eq(before, abi) {
            return;
        }
        process.pending.translate(before, abi);
        self.pending.translate(before, abi);
        self.mask = self.mask.translated(before, abi);
        let handlers = self.handlers.borrow().translated(before, abi);
        self.handlers = Rc::new(RefCell::new(handlers));
        if self.parent_death_signal != 0 {
            self.parent_death_signal = translate(self.parent_death_signal, before, abi);
        }
    }

    /// RLIMIT_AS, for its address space.
    pub fn address_limit(&self) -> Option<u64> {
        let limit = self.process.borrow().limits.soft(Resource::As);
        (limit != UNLIMITED).then_some(limit)
    }
}

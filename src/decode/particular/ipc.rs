//! Arguments of calls on what processes share.

use emu_prototypes::linux::id;

use super::super::{Asked, Phase, Printer, When};
use super::name;

/// Beside a command: the structures are those of 64 bits, as all but old programs have them.   [Linux include/uapi/linux/ipc.h]
const IPC_64: u64 = 0x100;

/// What a command does with the structure it is given.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Gives,
    Takes,
    Neither,
}

/// The commands of a call by their group, and where they and their structure are.
fn commands(call: u16) -> Option<(&'static str, u8, u8)> {
    Some(match call {
        id::SHMCTL => ("shmctl", 1, 2),
        id::MSGCTL => ("msgctl", 1, 2),
        id::SEMCTL => ("semctl", 2, 3),
        _ => return None,
    })
}

fn usage(asked: &Asked<'_>, group: &str, command: u8) -> Use {
    match name(asked.abi, group, asked.arg(command) & !IPC_64) {
        Some(
            "IPC_STAT" | "SHM_STAT" | "SHM_STAT_ANY" | "MSG_STAT" | "MSG_STAT_ANY" | "SEM_STAT"
            | "SEM_STAT_ANY",
        ) => Use::Gives,
        Some("IPC_SET") => Use::Takes,
        _ => Use::Neither,
    }
}

/// When the structure can be shown; `None` for other arguments.
pub(super) fn when(asked: &Asked<'_>, field: u8) -> Option<When> {
    let (group, command, structure) = commands(asked.info.id)?;
    (field == structure).then(|| match usage(asked, group, command) {
        Use::Gives => When::Exit,
        Use::Takes | Use::Neither => When::Enter,
    })
}

impl Printer<'_> {
    /// A command or its structure; false for other arguments.
    pub(super) fn ipc_control(&mut self, asked: &Asked<'_>, field: u8, phase: Phase) -> bool {
        let Some((group, command, structure)) = commands(asked.info.id) else {
            return false;
        };
        let value = asked.arg(field);
        if field == command {
            if value & IPC_64 != 0 {
                self.hex_or(IPC_64, |printer| printer.text("IPC_64"));
                self.out.push(b'|');
            }
            self.value(group, value & 0xffff_ffff & !IPC_64);
            return true;
        }
        if field != structure {
            return false;
        }
        match usage(asked, group, command) {
            Use::Gives if matches!(phase, Phase::Exit(Some(_))) => {
                self.ipc_state(asked, value, true)
            }
            Use::Takes => self.ipc_state(asked, value, false),
            Use::Gives | Use::Neither => self.address(value),
        }
        true
    }

    /// The state of what is shared; whole, or what can be set of it.
    fn ipc_state(&mut self, asked: &Asked<'_>, address: u64, whole: bool) {
        let (shape, prefix, settable, all): (_, _, &[&str], &[&str]) = match asked.info.id {
            id::SHMCTL => (
                "shmid64_ds",
                "shm_perm",
                &[],
                &[
                    "shm_segsz",
                    "shm_cpid",
                    "shm_lpid",
                    "shm_nattch",
                    "shm_atime",
                    "shm_dtime",
                    "shm_ctime",
                ],
            ),
            id::MSGCTL => (
                "msqid64_ds",
                "msg_perm",
                &["msg_qbytes"],
                &[
                    "msg_stime",
                    "msg_rtime",
                    "msg_ctime",
                    "msg_qnum",
                    "msg_qbytes",
                    "msg_lspid",
                    "msg_lrpid",
                ],
            ),
            _ => (
                "semid64_ds",
                "sem_perm",
                &[],
                &["sem_otime", "sem_ctime", "sem_nsems"],
            ),
        };
        let Some(image) = self.load(shape, address) else {
            self.address(address);
            return;
        };
        self.out.push(b'{');
        self.text(prefix);
        self.out.push(b'=');
        self.permissions(&image, prefix, whole);
        for name in if whole { all } else { settable } {
            self.text(", ");
            self.number_field(&image, name);
        }
        self.out.push(b'}');
    }
}

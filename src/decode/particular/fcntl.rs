//! `fcntl`: what its argument is depends on its command.

use emu_cpu::GuestMemory;

use super::super::{Asked, Phase, Printer, number};
use super::{group, name_of};

/// What an argument of `fcntl` is, by the command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    Nothing,
    Number,
    Signal,
    FdFlags,
    OpenFlags,
    Lock { wide: bool, ofd: bool, get: bool },
    Owner { get: bool },
    Lease,
    Seals,
    Watch,
    Other,
}

const fn lock(wide: bool, ofd: bool, get: bool) -> Argument {
    Argument::Lock { wide, ofd, get }
}

fn by_name(command: &str) -> Argument {
    match command {
        "F_GETFD" | "F_GETFL" | "F_GETOWN" | "F_GETSIG" | "F_GETLEASE" => Argument::Nothing,
        "F_GETPIPE_SZ" | "F_GET_SEALS" => Argument::Nothing,
        "F_DUPFD" | "F_DUPFD_CLOEXEC" | "F_SETOWN" | "F_SETPIPE_SZ" => Argument::Number,
        "F_SETSIG" => Argument::Signal,
        "F_SETFD" => Argument::FdFlags,
        "F_SETFL" => Argument::OpenFlags,
        "F_SETLK" | "F_SETLKW" => lock(false, false, false),
        "F_GETLK" => lock(false, false, true),
        "F_SETLK64" | "F_SETLKW64" => lock(true, false, false),
        "F_GETLK64" => lock(true, false, true),
        "F_OFD_SETLK" | "F_OFD_SETLKW" => lock(true, true, false),
        "F_OFD_GETLK" => lock(true, true, true),
        "F_SETOWN_EX" => Argument::Owner { get: false },
        "F_GETOWN_EX" => Argument::Owner { get: true },
        "F_SETLEASE" => Argument::Lease,
        "F_NOTIFY" => Argument::Watch,
        "F_ADD_SEALS" => Argument::Seals,
        _ => Argument::Other,
    }
}

/// What the argument of this command is.
pub(super) fn of(asked: &Asked<'_>) -> Argument {
    name_of(asked, 1, group::FCNTL).map_or(Argument::Other, by_name)
}

impl Printer<'_> {
    pub(super) fn fcntl_argument(&mut self, asked: &Asked<'_>, value: u64, phase: Phase) {
        let failed = matches!(phase, Phase::Exit(None) | Phase::Enter);
        match of(asked) {
            Argument::Nothing => {}
            Argument::Number => number::signed(self.out, i64::from(value as i32)),
            Argument::Signal => self.signal(value & 0xffff_ffff),
            Argument::FdFlags => self.flags(group::FD_FLAGS, value & 0xffff_ffff),
            Argument::OpenFlags => self.open_flags(value),
            Argument::Lease => self.value(group::LOCK_TYPE, value),
            Argument::Watch => self.flags("dnotify", value & 0xffff_ffff),
            Argument::Seals => self.flags(group::SEALS, value),
            Argument::Lock { get: true, .. } | Argument::Owner { get: true } if failed => {
                self.address(value);
            }
            Argument::Lock { wide, ofd, get } => {
                let shape = if wide && self.abi.structure("flock64").is_some() {
                    "flock64"
                } else {
                    "flock"
                };
                match self.load(shape, value) {
                    Some(image) => self.flock_with(&image, get && !ofd),
                    None => self.address(value),
                }
            }
            Argument::Owner { .. } => {
                let kind = self.memory.read_u32(value);
                let pid = self.memory.read_u32(value.wrapping_add(4));
                let (Ok(kind), Ok(pid)) = (kind, pid) else {
                    self.address(value);
                    return;
                };
                self.text("{type=");
                self.value(group::OWNER, u64::from(kind));
                self.text(", pid=");
                number::signed(self.out, i64::from(pid as i32));
                self.out.push(b'}');
            }
            Argument::Other => self.hex(value),
        }
    }
}

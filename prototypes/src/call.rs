//! What every call has in common.

use crate::{Meaning, Width, freebsd, linux, nt};

/// The most arguments any call of any OS has (`NtAccessCheckByTypeResultListAndAuditAlarmByHandle`: 17).
pub const MAX_ARGS: usize = 18;

/// Argument values in the order of the call's fields, each extended to 64 bits by the sign of its C type. Unused
/// places are zero.
pub type Args = [u64; MAX_ARGS];

/// A typed call: a plain struct with a field per argument.
pub trait Call: Sized + 'static {
    /// What is known of the call.
    const INFO: &'static CallInfo;
    /// What the call gives back: `Result<u64, Errno>` on Linux.
    type Ret;
    /// Takes the fields from argument values.
    fn from_args(args: &Args) -> Self;
    /// Puts the fields back.
    fn to_args(&self, args: &mut Args);
}

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Os {
    /// Linux.
    Linux,
    /// FreeBSD.
    FreeBsd,
    /// Windows of the NT line.
    Windows,
    /// A user's own.
    Own,
}

impl Os {
    /// How a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Os::Linux => "Linux",
            Os::FreeBsd => "FreeBSD",
            Os::Windows => "Windows",
            Os::Own => "own",
        }
    }

    /// The id of its first call; Linux's come first.
    #[inline]
    pub const fn first(self) -> u16 {
        (match self {
            Os::Linux => 0,
            Os::FreeBsd => linux::CALL_COUNT,
            Os::Windows => linux::CALL_COUNT + freebsd::CALL_COUNT,
            Os::Own => linux::CALL_COUNT + freebsd::CALL_COUNT + nt::CALL_COUNT,
        }) as u16
    }

    /// All calls that are built in: their index is their id.
    pub fn all_calls() -> impl Iterator<Item = &'static CallInfo> {
        let others = freebsd::CALLS.iter().chain(&nt::CALLS);
        linux::CALLS.iter().chain(others)
    }
}

/// Facts about a call, the same on every profile of its OS.
#[derive(Debug)]
pub struct CallInfo {
    /// Its operating system.
    pub os: Os,
    /// Its index among the calls of all operating systems.
    pub id: u16,
    /// Its name, as the manual page has it.
    pub name: &'static str,
    /// The section of the prototypes it stands in; one service trait each.
    pub section: &'static str,
    /// Its C return type; empty when no more than the call's name is known.
    pub ret: &'static str,
    /// What a successful result means.
    pub ret_meaning: Meaning,
    /// Its arguments.
    pub params: &'static [Param],
    /// How it ends.
    pub ends: Ends,
    /// For filters such as `%file`.
    pub classes: Classes,
}

impl CallInfo {
    /// Whether more than its name is known.
    pub const fn is_declared(&self) -> bool {
        !self.ret.is_empty()
    }
}

/// An argument.
#[derive(Debug)]
pub struct Param {
    /// The kernel's parameter name.
    pub name: &'static str,
    /// Its C type.
    pub ctype: &'static str,
    /// Width and sign on the profile that defines the call; [`crate::RowParam`] has that of each profile.
    pub width: Width,
    /// What the value means.
    pub meaning: Meaning,
}

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ends {
    /// It returns, or fails.
    Returns,
    /// When it succeeds it never returns (`exit`, `execve`, `rt_sigreturn`).
    Never,
    /// It returns once in the caller and once in a new task (`fork`, `clone`).
    Twice,
}

bitflags::bitflags! {
    /// Classes of calls, with the names and members that strace(1) gives them.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub struct Classes: u16 {
        /// Takes a file name.
        const FILE = 1;
        /// Works on file descriptors.
        const DESC = 2;
        /// Memory mappings.
        const MEMORY = 4;
        /// Process life.
        const PROCESS = 8;
        /// Signals.
        const SIGNAL = 16;
        /// Sockets.
        const NETWORK = 32;
        /// System V IPC.
        const IPC = 64;
        /// Credentials.
        const CREDS = 128;
        /// Clocks.
        const CLOCK = 256;
    }
}

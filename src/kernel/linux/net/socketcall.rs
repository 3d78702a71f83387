//! `socketcall`: one call for all those of sockets.   [socketcall(2)]

use emu_cpu::GuestMemory;
use emu_prototypes::Args;
use emu_prototypes::linux::{self, CALLS, Errno, Outcome, id};

use crate::kernel::{Cx, Kernel};

impl Kernel {
    pub(super) fn call_socket(&mut self, cx: &mut Cx<'_>, call: i32, at: u64) -> Outcome {
        let k = cx.k;
        let call = u64::from(call.cast_unsigned());
        let calls = [
            (k.SYS_SOCKET, id::SOCKET),
            (k.SYS_BIND, id::BIND),
            (k.SYS_CONNECT, id::CONNECT),
            (k.SYS_LISTEN, id::LISTEN),
            (k.SYS_ACCEPT, id::ACCEPT),
            (k.SYS_GETSOCKNAME, id::GETSOCKNAME),
            (k.SYS_GETPEERNAME, id::GETPEERNAME),
            (k.SYS_SOCKETPAIR, id::SOCKETPAIR),
            (k.SYS_SEND, id::SEND),
            (k.SYS_RECV, id::RECV),
            (k.SYS_SENDTO, id::SENDTO),
            (k.SYS_RECVFROM, id::RECVFROM),
            (k.SYS_SHUTDOWN, id::SHUTDOWN),
            (k.SYS_SETSOCKOPT, id::SETSOCKOPT),
            (k.SYS_GETSOCKOPT, id::GETSOCKOPT),
            (k.SYS_SENDMSG, id::SENDMSG),
            (k.SYS_RECVMSG, id::RECVMSG),
            (k.SYS_ACCEPT4, id::ACCEPT4),
            (k.SYS_RECVMMSG, id::RECVMMSG),
            (k.SYS_SENDMMSG, id::SENDMMSG),
        ];
        let meant = calls.iter().find(|(number, _)| *number == call);
        let (_, meant) = meant.ok_or(Errno::EINVAL)?;
        let params = CALLS[usize::from(*meant)].params;
        let mut args = Args::default();
        for (index, (param, arg)) in params.iter().zip(&mut args).enumerate() {
            let word = cx.mem.read_u32(at.wrapping_add(4 * index as u64))?;
            *arg = param.width.extend(cx.abi.model, word.into());
        }
        linux::dispatch(self, cx, *meant, &args)
    }
}

//! Which call is meant by `socketcall` and `ipc`, which stand for many?

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{ABIS, Abi, CALLS, id};
use emu_prototypes::{Args, CallInfo, MAX_ARGS, Row};

use super::Asked;

/// The call that is meant.
pub(crate) struct Inner {
    /// What it is.
    pub(crate) info: &'static CallInfo,
    /// How it would be passed by itself.
    pub(crate) row: &'static Row,
    /// Its arguments by field.
    pub(crate) args: Args,
}

/// The calls of `socketcall` by their numbers, from 1.   [Linux include/uapi/linux/net.h]
const SOCKET: [u16; 20] = [
    id::SOCKET,
    id::BIND,
    id::CONNECT,
    id::LISTEN,
    id::ACCEPT,
    id::GETSOCKNAME,
    id::GETPEERNAME,
    id::SOCKETPAIR,
    id::SEND,
    id::RECV,
    id::SENDTO,
    id::RECVFROM,
    id::SHUTDOWN,
    id::SETSOCKOPT,
    id::GETSOCKOPT,
    id::SENDMSG,
    id::RECVMSG,
    id::ACCEPT4,
    id::RECVMMSG,
    id::SENDMMSG,
];

/// The call that is meant. `None` when it is no such call, or there is no call with that number, or its arguments can't
/// be read.
pub(crate) fn inner(asked: &Asked<'_>, memory: &mut dyn GuestMemory) -> Option<Inner> {
    let (call, words) = match asked.info.id {
        id::SOCKETCALL => socket(asked, memory)?,
        id::IPC => ipc(asked, memory)?,
        _ => return None,
    };
    let row = row(asked.abi, call)?;
    let mut args = [0; MAX_ARGS];
    for (param, word) in row.params.iter().zip(words) {
        args[usize::from(param.field)] = param.width.extend(asked.model, word);
    }
    Some(Inner {
        info: &CALLS[usize::from(call)],
        row,
        args,
    })
}

/// The calls of 32-bit x86 and ARM whose arguments stand in a structure, as the calls that take them one by one.
/// [Linux arch/x86/kernel/sys_ia32.c, fs/select.c]
pub(super) fn spread(asked: &Asked<'_>, memory: &mut dyn GuestMemory) -> Option<Inner> {
    let (call, count) = match asked.info.id {
        id::OLD_MMAP => (id::MMAP, 6),
        id::OLD_SELECT => (id::SELECT, 5),
        _ => return None,
    };
    let row = row(asked.abi, call)?;
    let mut args = [0; MAX_ARGS];
    for (index, param) in row.params.iter().enumerate().take(count) {
        let at = asked.arg(0).wrapping_add(4 * index as u64);
        let word = u64::from(memory.read_u32(at).ok()?);
        args[usize::from(param.field)] = param.width.extend(asked.model, word);
    }
    Some(Inner {
        info: &CALLS[usize::from(call)],
        row,
        args,
    })
}

impl Inner {
    /// The call as it is to be shown.
    pub(super) fn asked<'a>(&'a self, outer: &Asked<'a>) -> Asked<'a> {
        Asked {
            info: self.info,
            row: self.row,
            args: &self.args,
            ..*outer
        }
    }
}

/// How an ABI passes a call; one that has it only inside another, how others do.
fn row(abi: &'static Abi, call: u16) -> Option<&'static Row> {
    let of = |abi: &&'static Abi| abi.table.of_call(call);
    of(&abi).or_else(|| ABIS.iter().find_map(of))
}

/// The arguments of a socket's call are words in memory.
fn socket(asked: &Asked<'_>, memory: &mut dyn GuestMemory) -> Option<(u16, [u64; 6])> {
    let number = usize::try_from(asked.arg(0)).ok()?;
    let call = *SOCKET.get(number.checked_sub(1)?)?;
    let mut words = [0; 6];
    for (index, word) in words
        .iter_mut()
        .enumerate()
        .take(CALLS[usize::from(call)].params.len())
    {
        let at = asked.arg(1).wrapping_add(4 * index as u64);
        *word = u64::from(memory.read_u32(at).ok()?);
    }
    Some((call, words))
}

/// The calls of `ipc` by their numbers.
const IPC: [(u64, u16); 12] = [
    (1, id::SEMOP),
    (2, id::SEMGET),
    (3, id::SEMCTL),
    (4, id::SEMTIMEDOP),
    (11, id::MSGSND),
    (12, id::MSGRCV),
    (13, id::MSGGET),
    (14, id::MSGCTL),
    (21, id::SHMAT),
    (22, id::SHMDT),
    (23, id::SHMGET),
    (24, id::SHMCTL),
];

/// The calls that stand for others.
pub(crate) const OUTER: [u16; 2] = [id::SOCKETCALL, id::IPC];

/// The calls that one call may stand for.
pub(crate) fn stands_for(call: u16) -> impl Iterator<Item = u16> {
    let sockets: &[u16] = if call == id::SOCKETCALL { &SOCKET } else { &[] };
    let others: &[(u64, u16)] = if call == id::IPC { &IPC } else { &[] };
    sockets
        .iter()
        .copied()
        .chain(others.iter().map(|(_, call)| *call))
}

/// The arguments of an IPC call are those of `ipc` in another order.   [Linux ipc/syscall.c]
fn ipc(asked: &Asked<'_>, memory: &mut dyn GuestMemory) -> Option<(u16, [u64; 6])> {
    let [first, second, third, pointer, fifth] = [1, 2, 3, 4, 5].map(|field| asked.arg(field));
    let number = asked.arg(0) & 0xffff;
    let call = IPC
        .iter()
        .find(|(other, _)| *other == number)
        .map(|(_, call)| *call)?;
    let words = match call {
        id::SEMGET | id::SHMGET => [first, second, third, 0, 0, 0],
        // The last one stands in memory.
        id::SEMCTL => [
            first,
            second,
            third,
            u64::from(memory.read_u32(pointer).ok()?),
            0,
            0,
        ],
        id::SEMTIMEDOP => [first, pointer, second, fifth, 0, 0],
        id::MSGSND => [first, pointer, second, third, 0, 0],
        id::MSGRCV => [first, pointer, second, fifth, third, 0],
        id::MSGGET | id::MSGCTL | id::SHMCTL => [first, second, pointer, 0, 0, 0],
        id::SHMDT => [pointer, 0, 0, 0, 0, 0],
        _ => [first, pointer, second, 0, 0, 0],
    };
    Some((call, words))
}

//! `ioctl` on pairs of terminals: what only the master may ask.   [ioctl_tty(2), "Exclusive mode", "Pseudoterminal ioctls"]

use emu_cpu::GuestMemory;
use emu_prototypes::Ptr;
use emu_prototypes::linux::{Errno, Outcome};

use crate::kernel::linux::file::open::flags_from;
use crate::kernel::tty::{Master, News, Pair};
use crate::kernel::{Cx, Kernel};

/// What both ends know.
pub(super) fn of_both(cx: &mut Cx<'_>, pair: &Pair, cmd: u32, arg: u64) -> Outcome {
    let k = cx.k;
    let is = |constant: u64| constant != 0 && cmd == constant as u32;
    if is(k.TIOCEXCL) || is(k.TIOCNXCL) {
        pair.set_exclusive(is(k.TIOCEXCL));
        return Ok(0);
    }
    if is(k.TIOCGEXCL) {
        Ptr::<i32>::new(arg).write(cx.mem, pair.is_exclusive().into())?;
        return Ok(0);
    }
    Err(Errno::ENOTTY.into())
}

/// What the master knows besides.   [Linux drivers/tty/pty.c, pty_unix98_ioctl]
pub(super) fn of_master(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    master: &Master,
    cmd: u32,
    arg: u64,
) -> Outcome {
    let k = cx.k;
    let pair = &master.pair;
    let is = |constant: u64| cmd == constant as u32;
    let told = if is(k.TIOCGPTN) {
        pair.number as i32
    } else if is(k.TIOCGPTLCK) {
        pair.is_locked().into()
    } else if is(k.TIOCGPKT) {
        pair.has_packets().into()
    } else if is(k.TIOCSPTLCK) {
        pair.lock(Ptr::<i32>::new(arg).read(cx.mem)? != 0);
        return Ok(0);
    } else if is(k.TIOCPKT) {
        pair.set_packets(Ptr::<i32>::new(arg).read(cx.mem)? != 0);
        return Ok(0);
    } else if is(k.TIOCGPTPEER) {
        let (flags, close_on_exec) = flags_from(k, arg & 0xffff_ffff)?;
        let file = kernel.vfs.open_peer(pair, flags)?;
        kernel.terminal_opened(cx, &file, flags);
        return cx.install(file, close_on_exec);
    } else if is(k.TIOCSIG) {
        let news = match arg {
            a if a == k.SIGINT => News::Interrupt,
            a if a == k.SIGQUIT => News::Quit,
            a if a == k.SIGTSTP => News::Suspend,
            _ => return Err(Errno::EINVAL.into()),
        };
        pair.tell(news);
        return Ok(0);
    } else {
        return of_both(cx, pair, cmd, arg);
    };
    cx.mem.write_u32(arg, told as u32)?;
    Ok(0)
}

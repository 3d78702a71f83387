//! `ioctl`: what every file knows. What terminals know besides is in the files below.

mod pair;
mod settings;
mod tty;

use emu_cpu::GuestMemory;
use emu_prototypes::Ptr;
use emu_prototypes::linux::{Errno, Outcome};

use self::tty::Tty;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::net::endpoint;
use crate::kernel::vfs::{FileType, Handle, OpenFlags};
use crate::kernel::{Cx, Kernel};

pub(super) fn ioctl(kernel: &mut Kernel, cx: &mut Cx<'_>, fd: i32, cmd: u32, arg: u64) -> Outcome {
    let k = cx.k;
    let file = cx.file(fd)?;
    // Commands are 32 bits; their constants may be sign-extended.
    let is = |constant: u64| cmd == constant as u32;
    if is(k.FIOCLEX) || is(k.FIONCLEX) {
        cx.task
            .linux
            .files
            .borrow_mut()
            .set_close_on_exec(fd, is(k.FIOCLEX))?;
        return Ok(0);
    }
    if is(k.FIONBIO) || is(k.FIOASYNC) {
        let on = Ptr::<i32>::new(arg).read(cx.mem)? != 0;
        if is(k.FIONBIO) {
            let mut flags = file.flags();
            flags.set(OpenFlags::NONBLOCK, on);
            file.set_flags(flags);
        }
        return Ok(0);
    }
    if is(k.FIOQSIZE) && matches!(file.handle, Handle::File(_) | Handle::Directory) {
        let size = file.attributes()?.size;
        cx.mem.write_u64(arg, size)?;
        return Ok(0);
    }
    if let Some(socket) = endpoint(&file)
        && let Some(outcome) = kernel.socket_ioctl(cx, socket, cmd, arg)
    {
        return outcome;
    }
    if is(k.FIONREAD) {
        let count = match &file.handle {
            Handle::File(_) => file.attributes()?.size.saturating_sub(file.position.get()),
            Handle::Pipe(end) => end.pipe.len() as u64,
            Handle::Stream(stream) | Handle::Terminal(stream, _) => kernel.host.available(*stream),
            Handle::Object(object) => object.available().ok_or(Errno::ENOTTY)?,
            _ => return Err(Errno::ENOTTY.into()),
        };
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        Ptr::<i32>::new(arg).write(cx.mem, count)?;
        return Ok(0);
    }
    match Tty::of(&file) {
        Some(tty) => tty.ioctl(kernel, cx, &file, cmd, arg),
        None => Err(other(cx, &file, cmd).into()),
    }
}

/// The error for what a file that is no terminal does not know.
fn other(cx: &Cx<'_>, file: &OpenFile, cmd: u32) -> Errno {
    let flags = [cx.k.FS_IOC_GETFLAGS, cx.k.FS_IOC_SETFLAGS];
    let stored = matches!(
        file.node().file_type(),
        FileType::Regular | FileType::Directory
    );
    match stored && flags.iter().any(|flag| cmd == *flag as u32) {
        true => Errno::EOPNOTSUPP,
        false => Errno::ENOTTY,
    }
}

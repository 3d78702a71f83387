//! `ioctl`: what every file knows, and terminals.

use emu_cpu::GuestMemory;
use emu_prototypes::Ptr;
use emu_prototypes::linux::{Constants, Errno, Outcome};

use crate::kernel::host::{Control, Flags, Stream, Terminal, When};
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::net::endpoint;
use crate::kernel::vfs::{FileType, FsError, Handle, OpenFlags};
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
            Handle::Object(object) => object.available().ok_or(Errno::ENOTTY)?,
            Handle::Stream(stream) | Handle::Terminal(stream, _) => kernel.host.available(*stream),
            _ => return Err(Errno::ENOTTY.into()),
        };
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        Ptr::<i32>::new(arg).write(cx.mem, count)?;
        return Ok(0);
    }
    match file.terminal() {
        Some((input, _)) => terminal(kernel, cx, &file, input, cmd, arg),
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

fn terminal(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    file: &OpenFile,
    stream: Stream,
    cmd: u32,
    arg: u64,
) -> Outcome {
    let k = cx.k;
    let is = |constant: u64| cmd == constant as u32;
    let host = kernel.host.clone();
    if is(k.TCGETS) {
        let settings = host.terminal(stream).ok_or(Errno::EIO)?;
        store_settings(cx, &settings, arg)?;
        return Ok(0);
    }
    for (command, when) in [
        (k.TCSETS, When::Now),
        (k.TCSETSW, When::Drain),
        (k.TCSETSF, When::Flush),
    ] {
        if is(command) {
            let settings = load_settings(cx, arg)?;
            host.set_terminal(stream, &settings, when)
                .map_err(FsError::from)?;
            return Ok(0);
        }
    }
    if is(k.TIOCGWINSZ) {
        let window = host.window(stream).ok_or(Errno::EIO)?;
        let layout = &cx.layouts.winsize;
        let mut image = cx.image(layout.size);
        image
            .put(layout.ws_row, window.rows.into())
            .put(layout.ws_col, window.columns.into())
            .put(layout.ws_xpixel, window.width.into())
            .put(layout.ws_ypixel, window.height.into());
        image.store(cx.mem, arg)?;
        return Ok(0);
    }
    if is(k.TIOCGPGRP) || is(k.TIOCGSID) {
        let id = if is(k.TIOCGPGRP) {
            cx.process().group
        } else {
            cx.process().session
        };
        Ptr::<i32>::new(arg).write(cx.mem, id)?;
        return Ok(0);
    }
    if is(k.TIOCSPGRP) {
        // There is one session, and its processes are all in the foreground.
        let group = Ptr::<i32>::new(arg).read(cx.mem)?;
        return if group < 0 {
            Err(Errno::EINVAL.into())
        } else {
            Ok(0)
        };
    }
    if is(k.TCFLSH) {
        let (input, output) = match arg {
            a if a == k.TCIFLUSH => (true, false),
            a if a == k.TCOFLUSH => (false, true),
            a if a == k.TCIOFLUSH => (true, true),
            _ => return Err(Errno::EINVAL.into()),
        };
        host.flush_terminal(stream, input, output)
            .map_err(FsError::from)?;
        return Ok(0);
    }
    if is(k.TIOCOUTQ) {
        Ptr::<i32>::new(arg).write(cx.mem, 0)?;
        return Ok(0);
    }
    if [
        k.TCSBRK,
        k.TCSBRKP,
        k.TCXONC,
        k.TIOCSCTTY,
        k.TIOCNOTTY,
        k.TIOCSWINSZ,
        k.TIOCEXCL,
        k.TIOCNXCL,
    ]
    .into_iter()
    .any(is)
    {
        // Output is sent already; the window and the session are the host's.
        return Ok(0);
    }
    let _ = file;
    // What a terminal does not know.   [Linux drivers/tty/tty_io.c: -ENOTTY for want of anything else]
    Err(Errno::ENOTTY.into())
}

fn store_settings(cx: &mut Cx<'_>, settings: &Terminal, address: u64) -> Result<(), Errno> {
    let layout = &cx.layouts.termios;
    let mut image = cx.image(layout.size);
    let k = cx.k;
    let bits = |table: &[(Flags, u64)]| {
        let set = table
            .iter()
            .filter(|(flag, _)| settings.flags.contains(*flag));
        set.fold(0, |all, (_, bit)| all | bit)
    };
    let mut controls = vec![0; usize::from(layout.c_cc.size)];
    for (control, value) in Control::ALL.into_iter().zip(settings.controls) {
        if let Some(place) = usize::try_from(index(k, control))
            .ok()
            .and_then(|i| controls.get_mut(i))
        {
            *place = value;
        }
    }
    image
        .put(layout.c_iflag, bits(&input_modes(k)))
        .put(layout.c_oflag, bits(&output_modes(k)))
        // A terminal emulator's line has no speed; 38400 bits a second is what Linux says of it.
        .put(layout.c_cflag, bits(&control_modes(k)) | k.B38400)
        .put(layout.c_lflag, bits(&local_modes(k)))
        .put_bytes(layout.c_cc, &controls);
    Ok(image.store(cx.mem, address)?)
}

fn load_settings(cx: &mut Cx<'_>, address: u64) -> Result<Terminal, Errno> {
    let layout = &cx.layouts.termios;
    let image = cx.load(address, layout.size)?;
    let k = cx.k;
    let mut settings = Terminal {
        flags: Flags::empty(),
        ..Terminal::default()
    };
    let tables = [
        (layout.c_iflag, input_modes(k).to_vec()),
        (layout.c_oflag, output_modes(k).to_vec()),
        (layout.c_cflag, control_modes(k).to_vec()),
        (layout.c_lflag, local_modes(k).to_vec()),
    ];
    for (field, table) in tables {
        let value = image.get(field);
        for (flag, bit) in table {
            if bit != 0 && value & bit == bit {
                settings.flags |= flag;
            }
        }
    }
    let controls = image.get_bytes(layout.c_cc);
    for (control, value) in Control::ALL.into_iter().zip(&mut settings.controls) {
        if let Some(new) = usize::try_from(index(k, control))
            .ok()
            .and_then(|i| controls.get(i))
        {
            *value = *new;
        }
    }
    Ok(settings)
}

fn index(k: &Constants, control: Control) -> u64 {
    match control {
        Control::Intr => k.VINTR,
        Control::Quit => k.VQUIT,
        Control::Erase => k.VERASE,
        Control::Kill => k.VKILL,
        Control::Eof => k.VEOF,
        Control::Time => k.VTIME,
        Control::Min => k.VMIN,
        Control::Start => k.VSTART,
        Control::Stop => k.VSTOP,
        Control::Susp => k.VSUSP,
        Control::Eol => k.VEOL,
        Control::Reprint => k.VREPRINT,
        Control::Discard => k.VDISCARD,
        Control::Werase => k.VWERASE,
        Control::Lnext => k.VLNEXT,
        Control::Eol2 => k.VEOL2,
        Control::Swtc => k.VSWTC,
    }
}

fn input_modes(k: &Constants) -> [(Flags, u64); 15] {
    [
        (Flags::IGNBRK, k.IGNBRK),
        (Flags::BRKINT, k.BRKINT),
        (Flags::IGNPAR, k.IGNPAR),
        (Flags::PARMRK, k.PARMRK),
        (Flags::INPCK, k.INPCK),
        (Flags::ISTRIP, k.ISTRIP),
        (Flags::INLCR, k.INLCR),
        (Flags::IGNCR, k.IGNCR),
        (Flags::ICRNL, k.ICRNL),
        (Flags::IUCLC, k.IUCLC),
        (Flags::IXON, k.IXON),
        (Flags::IXANY, k.IXANY),
        (Flags::IXOFF, k.IXOFF),
        (Flags::IMAXBEL, k.IMAXBEL),
        (Flags::IUTF8, k.IUTF8),
    ]
}

fn output_modes(k: &Constants) -> [(Flags, u64); 8] {
    [
        (Flags::OPOST, k.OPOST),
        (Flags::OLCUC, k.OLCUC),
        (Flags::ONLCR, k.ONLCR),
        (Flags::OCRNL, k.OCRNL),
        (Flags::ONOCR, k.ONOCR),
        (Flags::ONLRET, k.ONLRET),
        (Flags::OFILL, k.OFILL),
        (Flags::OFDEL, k.OFDEL),
    ]
}

fn control_modes(k: &Constants) -> [(Flags, u64); 9] {
    [
        (Flags::CS6, k.CS6),
        (Flags::CS7, k.CS7),
        (Flags::CSTOPB, k.CSTOPB),
        (Flags::CREAD, k.CREAD),
        (Flags::PARENB, k.PARENB),
        (Flags::PARODD, k.PARODD),
        (Flags::HUPCL, k.HUPCL),
        (Flags::CLOCAL, k.CLOCAL),
        (Flags::CRTSCTS, k.CRTSCTS),
    ]
}

fn local_modes(k: &Constants) -> [(Flags, u64); 15] {
    [
        (Flags::ISIG, k.ISIG),
        (Flags::ICANON, k.ICANON),
        (Flags::ECHO, k.ECHO),
        (Flags::ECHOE, k.ECHOE),
        (Flags::ECHOK, k.ECHOK),
        (Flags::ECHONL, k.ECHONL),
        (Flags::NOFLSH, k.NOFLSH),
        (Flags::TOSTOP, k.TOSTOP),
        (Flags::ECHOCTL, k.ECHOCTL),
        (Flags::ECHOPRT, k.ECHOPRT),
        (Flags::ECHOKE, k.ECHOKE),
        (Flags::FLUSHO, k.FLUSHO),
        (Flags::PENDIN, k.PENDIN),
        (Flags::IEXTEN, k.IEXTEN),
        (Flags::EXTPROC, k.EXTPROC),
    ]
}

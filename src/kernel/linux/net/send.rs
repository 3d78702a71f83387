//! `send` in all its forms.

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use super::control::Control;
use super::message::Header;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::io::{Range, range};
use crate::kernel::net::{Address, Endpoint, Family, Kind, NetError, Outgoing, State};
use crate::kernel::{Cx, Kernel};

/// Bytes of a message at most, whatever the buffers are.
const MOST: u64 = 1 << 20;
/// Messages of one call at most.   [UIO_MAXIOV]
const MOST_MESSAGES: u32 = 1024;

/// Reads bytes out of ranges of memory, from the `skip`th on.
fn gather(cx: &mut Cx<'_>, ranges: &[Range], mut skip: u64, buffer: &mut [u8]) -> usize {
    let mut filled = 0;
    for (address, len) in ranges.iter().copied() {
        let before = skip.min(len);
        skip -= before;
        let count = (len - before).min((buffer.len() - filled) as u64) as usize;
        let part = &mut buffer[filled..filled + count];
        let from = address.wrapping_add(before);
        let got = cx.mem.read_partial(from, part).unwrap_or(0);
        filled += got;
        if got < count {
            break;
        }
    }
    filled
}

impl Kernel {
    pub(super) fn send_to(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (address, len): (u64, u64),
        flags: u32,
        to: (u64, i32),
    ) -> Outcome {
        let range = range(cx, address, len)?;
        let (file, socket) = cx.socket(fd)?;
        let to = self.destination(cx, &socket, to)?;
        self.transmit(
            cx,
            (&file, &socket),
            &[range],
            flags.into(),
            to,
            Control::default(),
        )
    }

    /// Where a message goes, when it says so.
    fn destination(
        &self,
        cx: &mut Cx<'_>,
        socket: &Endpoint,
        to: (u64, i32),
    ) -> Result<Option<Address>, Errno> {
        if to.0 == 0 {
            return Ok(None);
        }
        let bytes = cx.take_address(to)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        match (socket.kind, socket.family) {
            // [Linux net/unix/af_unix.c, unix_stream_sendmsg]
            (Kind::Stream, Family::Unix) => Err(match socket.state() {
                State::Connected => Errno::EISCONN,
                _ => Errno::EOPNOTSUPP,
            }),
            (Kind::Stream | Kind::Sequence, _) => Ok(None),
            (kind, family) => Ok(Some(self.target(cx, &bytes, (family, kind))?)),
        }
    }

    /// Sends ranges of memory, as `write` does.
    pub(in crate::kernel::linux) fn write_socket(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
        socket: &Rc<Endpoint>,
        ranges: &[Range],
    ) -> Outcome {
        self.transmit(cx, (file, socket), ranges, 0, None, Control::default())
    }

    /// Sends a message. How much of it was sent, and how much there is.
    pub(super) fn send_message(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        at: u64,
        flags: u32,
    ) -> Result<(u64, u64), Stop<Errno>> {
        let (file, socket) = cx.socket(fd)?;
        let header = Header::load(cx, at)?;
        let control = cx.take_control(header.control, &socket)?;
        let to = self.destination(cx, &socket, header.name)?;
        let sent = self.transmit(
            cx,
            (&file, &socket),
            &header.ranges,
            flags.into(),
            to,
            control,
        )?;
        Ok((sent, header.ranges.iter().map(|(_, len)| len).sum()))
    }

    /// [sendmmsg(2)]
    pub(super) fn send_messages(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (at, count): (u64, u32),
        flags: u32,
    ) -> Outcome {
        cx.socket(fd)?;
        let layout = &cx.layouts.mmsghdr;
        let count = u64::from(count.min(MOST_MESSAGES));
        let before = cx.messages_before();
        for index in before..count {
            let here = at.wrapping_add(index * u64::from(layout.size));
            let (sent, whole) = match self.send_message(cx, fd, here, flags) {
                Ok(sent) => sent,
                Err(Stop::Block) if index > 0 && cx.is_interrupted() => return Ok(index),
                Err(Stop::Block) => {
                    cx.task.linux.progress.messages = index;
                    return Err(Stop::Block);
                }
                Err(_) if index > 0 => return Ok(index),
                Err(stop) => return Err(stop),
            };
            let len = here.wrapping_add(u64::from(layout.msg_len.offset));
            cx.mem.write_u32(len, sent as u32)?;
            // Nothing is sent behind what was sent in part.   [Linux net/socket.c, __sys_sendmmsg]
            if sent < whole {
                return Ok(index + 1);
            }
        }
        Ok(count)
    }

    /// Sends. A stream takes as many bytes as there is room for, and waits for more.
    fn transmit(
        &mut self,
        cx: &mut Cx<'_>,
        (file, socket): (&Rc<OpenFile>, &Rc<Endpoint>),
        ranges: &[Range],
        flags: u64,
        to: Option<Address>,
        control: Control,
    ) -> Outcome {
        let k = cx.k;
        self.net.tick(self.clock.now());
        if flags & (k.MSG_OOB | k.MSG_FASTOPEN) != 0 {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let whole: u64 = ranges.iter().map(|(_, len)| len).sum();
        if socket.family == Family::Kernel {
            return self.ask_kernel(cx, socket, ranges, whole);
        }
        let marks = control.marks(cx, socket);
        let rights = self.rights(control.files)?;
        let time = self.file_time();
        let sender = control.sender.or_else(|| Some(cx.sender()));
        let mut out = Outgoing {
            bytes: &[],
            to,
            rights,
            sender,
            time,
            marks,
        };
        if socket.kind == Kind::Stream {
            let mut buffer = self.vfs.take_buffer();
            let outcome =
                self.transmit_stream(cx, (file, socket), (ranges, whole), flags, out, &mut buffer);
            self.vfs.give_buffer(buffer);
            return outcome;
        }
        if whole > MOST {
            return Err(Errno::EMSGSIZE.into());
        }
        let mut bytes = vec![0; whole as usize];
        if gather(cx, ranges, 0, &mut bytes) < bytes.len() {
            return Err(Errno::EFAULT.into());
        }
        out.bytes = &bytes;
        match socket.send(&mut out) {
            Ok(count) => Ok(count as u64),
            Err(NetError::WouldBlock) => {
                let time = socket.options.borrow().send_timeout;
                // Who is not connected waits where the message goes.
                Err(cx.wait_for_socket(self, file, flags, time))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn transmit_stream(
        &mut self,
        cx: &mut Cx<'_>,
        (file, socket): (&Rc<OpenFile>, &Rc<Endpoint>),
        (ranges, whole): (&[Range], u64),
        flags: u64,
        out: Outgoing<'_>,
        buffer: &mut [u8],
    ) -> Outcome {
        let mut done = cx.take_progress().min(whole);
        let mut rights = match done {
            0 => out.rights,
            // They went with the first bytes.
            _ => None,
        };
        loop {
            let count = (whole - done).min(buffer.len() as u64) as usize;
            let got = gather(cx, ranges, done, &mut buffer[..count]);
            if got < count && got == 0 {
                return match done {
                    0 => Err(Errno::EFAULT.into()),
                    _ => Ok(done),
                };
            }
            let mut part = Outgoing {
                bytes: &buffer[..got],
                to: None,
                rights: rights.take(),
                sender: out.sender,
                time: out.time,
                marks: out.marks,
            };
            let result = socket.send(&mut part);
            rights = part.rights.take();
            match result {
                Ok(count) => {
                    done += count as u64;
                    if done >= whole {
                        return Ok(done);
                    }
                }
                Err(NetError::WouldBlock) => {
                    if done > 0 && cx.is_interrupted() {
                        return Ok(done);
                    }
                    let time = socket.options.borrow().send_timeout;
                    return match cx.wait_for_socket(self, file, flags, time) {
                        Stop::Block => {
                            cx.keep_progress(done);
                            Err(Stop::Block)
                        }
                        _ if done > 0 => Ok(done),
                        stop => Err(stop),
                    };
                }
                Err(_) if done > 0 => return Ok(done),
                Err(NetError::BrokenPipe) => {
                    if flags & cx.k.MSG_NOSIGNAL == 0 {
                        cx.raise(cx.k.SIGPIPE)?;
                    }
                    return Err(Errno::EPIPE.into());
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// What is sent to the kernel itself.
    fn ask_kernel(
        &mut self,
        cx: &mut Cx<'_>,
        socket: &Rc<Endpoint>,
        ranges: &[Range],
        whole: u64,
    ) -> Outcome {
        if whole > MOST {
            return Err(Errno::EMSGSIZE.into());
        }
        let mut bytes = vec![0; whole as usize];
        if gather(cx, ranges, 0, &mut bytes) < bytes.len() {
            return Err(Errno::EFAULT.into());
        }
        self.answer_netlink(cx, socket, &bytes)
    }
}

//! What comes with a message: open files, who sent it, when.   [cmsg(3), unix(7)]

use std::rc::Rc;

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::Stop;
use emu_prototypes::linux::Errno;

use crate::kernel::layout::Image;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::net::{Endpoint, Family, Marks, Sender};
use crate::kernel::{Cx, Kernel};

/// Bytes of it at most.   [/proc/sys/net/core/optmem_max]
const MOST: u64 = 20_480;
/// Open files that go with one message at most.   [Linux include/net/scm.h, SCM_MAX_FD]
const MOST_FILES: usize = 253;

/// What goes with a message.
#[derive(Default)]
pub(super) struct Control {
    pub(super) files: Vec<Rc<OpenFile>>,
    pub(super) sender: Option<Sender>,
    /// What its packets shall say, where that is not what the socket's do.
    hops: Option<u8>,
    class: Option<u8>,
}

impl Control {
    /// What the packets of a message say.   [ip(7), ipv6(7)]
    pub(super) fn marks(&self, cx: &Cx<'_>, socket: &Endpoint) -> Marks {
        let k = cx.k;
        let options = socket.options.borrow();
        let stored = |level: u64, name: u64| {
            let value = options.stored.get(&(level, name))?;
            u8::try_from(cx.word_from(value)).ok()
        };
        let (hops, class) = match socket.family {
            Family::Inet6 => (
                stored(k.IPPROTO_IPV6, k.IPV6_UNICAST_HOPS),
                stored(k.IPPROTO_IPV6, k.IPV6_TCLASS),
            ),
            _ => (
                stored(k.IPPROTO_IP, k.IP_TTL),
                stored(k.IPPROTO_IP, k.IP_TOS),
            ),
        };
        let first = Marks::default();
        Marks {
            hops: self.hops.or(hops).unwrap_or(first.hops),
            class: self.class.or(class).unwrap_or(first.class),
        }
    }
}

impl Cx<'_> {
    /// Reads what shall go with a message.   [Linux net/core/scm.c, __scm_send; net/ipv4/ip_sockglue.c, ip_cmsg_send]
    pub(super) fn take_control(
        &mut self,
        (at, len): (u64, u64),
        socket: &Endpoint,
    ) -> Result<Control, Errno> {
        let mut control = Control::default();
        if at == 0 || len == 0 {
            return Ok(control);
        }
        if len > MOST {
            return Err(Errno::ENOBUFS);
        }
        let mut bytes = vec![0; len as usize];
        self.mem.read(at, &mut bytes)?;
        let k = self.k;
        let layout = &self.layouts.cmsghdr;
        let head = layout.size as usize;
        let mut rest = &bytes[..];
        while rest.len() >= head {
            let image = Image::from_bytes(rest[..head].to_vec(), self.mem.endian());
            let size = usize::try_from(image.get(layout.cmsg_len)).unwrap_or(usize::MAX);
            if size < head || size > rest.len() {
                return Err(Errno::EINVAL);
            }
            let level = image.get(layout.cmsg_level);
            let kind = image.get(layout.cmsg_type);
            let data = &rest[head..size];
            if level == k.SOL_SOCKET {
                if kind == k.SCM_RIGHTS && socket.family == Family::Unix {
                    self.take_files(data, &mut control.files)?;
                } else if kind == k.SCM_CREDENTIALS && socket.family == Family::Unix {
                    control.sender = Some(self.take_sender(data)?);
                } else if kind != k.SCM_RIGHTS && kind != k.SCM_CREDENTIALS {
                    return Err(Errno::EINVAL);
                }
            } else if socket.is_internet() {
                self.take_mark(socket, (level, kind), data, &mut control)?;
            }
            let word = self.word() as usize;
            rest = rest.get(size.next_multiple_of(word)..).unwrap_or(&[]);
        }
        Ok(control)
    }

    /// What a message over the internet says of its packets. Where they leave from makes no difference here.
    /// [Linux net/ipv4/ip_sockglue.c, ip_cmsg_send; net/ipv6/datagram.c, ip6_datagram_send_ctl]
    fn take_mark(
        &self,
        socket: &Endpoint,
        (level, kind): (u64, u64),
        data: &[u8],
        control: &mut Control,
    ) -> Result<(), Errno> {
        let k = self.k;
        let number = || match data.len() {
            4 => Ok(self.word_from(data).cast_signed()),
            _ => Err(Errno::EINVAL),
        };
        let byte = |number: i32| u8::try_from(number).map_err(|_| Errno::EINVAL);
        if level == k.IPPROTO_IP {
            if kind == k.IP_TTL {
                control.hops = match byte(number()?)? {
                    0 => return Err(Errno::EINVAL),
                    hops => Some(hops),
                };
            } else if kind == k.IP_TOS {
                control.class = match data {
                    [class] => Some(*class),
                    _ => Some(byte(number()?)?),
                };
            } else if kind != k.IP_PKTINFO {
                return Err(Errno::EINVAL);
            }
            return Ok(());
        }
        // What version 4 has nothing to do with it passes over.
        if level != k.IPPROTO_IPV6 || socket.family != Family::Inet6 {
            return Ok(());
        }
        if kind == k.IPV6_HOPLIMIT || kind == k.IPV6_TCLASS {
            let value = match number()? {
                -1 => None,
                number => Some(byte(number)?),
            };
            match kind == k.IPV6_HOPLIMIT {
                true => control.hops = value,
                false => control.class = value.or(Some(0)),
            }
        } else if kind != k.IPV6_PKTINFO {
            return Err(Errno::EINVAL);
        }
        Ok(())
    }

    fn word_from(&self, bytes: &[u8]) -> u32 {
        let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
        match self.mem.endian() {
            Endian::Little => u32::from_le_bytes(bytes),
            Endian::Big => u32::from_be_bytes(bytes),
        }
    }

    fn take_files(&self, data: &[u8], files: &mut Vec<Rc<OpenFile>>) -> Result<(), Errno> {
        for word in data.chunks_exact(4) {
            if files.len() >= MOST_FILES {
                return Err(Errno::EINVAL);
            }
            files.push(self.any_file(self.word_from(word).cast_signed())?);
        }
        Ok(())
    }

    /// Who claims to send: it has to be true, unless the task may be anybody.   [unix(7), SCM_CREDENTIALS]
    fn take_sender(&self, data: &[u8]) -> Result<Sender, Errno> {
        if data.len() != 12 {
            return Err(Errno::EINVAL);
        }
        let sender = Sender {
            pid: self.word_from(data).cast_signed(),
            uid: self.word_from(&data[4..]),
            gid: self.word_from(&data[8..]),
        };
        let k = self.k;
        let own = &self.task.linux.credentials;
        let pid = sender.pid == self.process().pid || self.capable(k.CAP_SYS_ADMIN);
        let uid = [own.uid, own.euid, own.suid].contains(&sender.uid) || self.capable(k.CAP_SETUID);
        let gid = [own.gid, own.egid, own.sgid].contains(&sender.gid) || self.capable(k.CAP_SETGID);
        match pid && uid && gid {
            true => Ok(sender),
            false => Err(Errno::EPERM),
        }
    }
}

/// Gives the guest what came with a message.
pub(super) struct Giver {
    at: u64,
    left: u64,
    start: u64,
    /// Whether there was no room for something.
    pub(super) cut: bool,
}

impl Giver {
    pub(super) fn new((at, len): (u64, u64)) -> Giver {
        Giver {
            at,
            left: if at == 0 { 0 } else { len },
            start: at,
            cut: false,
        }
    }

    /// Bytes that were given.
    pub(super) fn used(&self) -> u64 {
        self.at - self.start
    }

    /// [Linux net/core/scm.c, put_cmsg]
    pub(super) fn put(
        &mut self,
        cx: &mut Cx<'_>,
        (level, kind): (u64, u64),
        data: &[u8],
    ) -> Result<(), Stop<Errno>> {
        let layout = &cx.layouts.cmsghdr;
        let head = u64::from(layout.size);
        if self.left < head {
            self.cut = true;
            return Ok(());
        }
        let whole = head + data.len() as u64;
        let len = whole.min(self.left);
        self.cut |= len < whole;
        let mut image = cx.image(layout.size);
        image
            .put(layout.cmsg_len, len)
            .put(layout.cmsg_level, level)
            .put(layout.cmsg_type, kind);
        image.store(cx.mem, self.at)?;
        cx.mem
            .write(self.at + head, &data[..(len - head) as usize])?;
        let space = whole.next_multiple_of(cx.word()).min(self.left);
        self.at += space;
        self.left -= space;
        Ok(())
    }

    /// Open files become descriptors, as many as there is room for.   [Linux net/core/scm.c, scm_detach_fds]
    pub(super) fn put_files(
        &mut self,
        cx: &mut Cx<'_>,
        files: Vec<Rc<OpenFile>>,
        close_on_exec: bool,
    ) -> Result<(), Stop<Errno>> {
        let head = u64::from(cx.layouts.cmsghdr.size);
        let room = (self.left.saturating_sub(head) / 4) as usize;
        self.cut |= room < files.len();
        let mut data = Vec::new();
        for file in files.into_iter().take(room) {
            let Ok(fd) = cx.install(file, close_on_exec) else {
                self.cut = true;
                break;
            };
            data.extend_from_slice(&int(cx, fd as u32));
        }
        if data.is_empty() {
            return Ok(());
        }
        let what = (cx.k.SOL_SOCKET, cx.k.SCM_RIGHTS);
        self.put(cx, what, &data)
    }
}

/// Four bytes in the guest's order.
pub(super) fn int(cx: &Cx<'_>, value: u32) -> [u8; 4] {
    match cx.mem.endian() {
        Endian::Little => value.to_le_bytes(),
        Endian::Big => value.to_be_bytes(),
    }
}

/// Who somebody is, as `struct ucred`.
pub(super) fn ucred(cx: &Cx<'_>, sender: Sender) -> Vec<u8> {
    let words = [sender.pid.cast_unsigned(), sender.uid, sender.gid];
    words.into_iter().flat_map(|word| int(cx, word)).collect()
}

impl Kernel {
    /// The files that go with a message, as the network carries them.
    pub(super) fn rights(
        &self,
        files: Vec<Rc<OpenFile>>,
    ) -> Result<Option<crate::kernel::net::Rights>, Errno> {
        match files.is_empty() {
            true => Ok(None),
            false => Ok(Some(self.net.rights(files)?)),
        }
    }
}

//! `recv` in all its forms.

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use super::control::{Giver, int, ucred};
use super::message::Header;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::io::{Range, range};
use crate::kernel::linux::time::Form;
use crate::kernel::net::{Address, Endpoint, Family, Kind, Marks, NetError, Place, Received};
use crate::kernel::{Cx, Kernel};

/// Bytes that are moved at once.
const PART: u64 = 1 << 20;
/// Messages of one call at most.   [UIO_MAXIOV]
const MOST_MESSAGES: u32 = 1024;

/// What a call answers: the count, the message without its bytes, and flags.
struct Got {
    count: u64,
    message: Received,
    flags: u64,
}

/// How many bytes of ranges of memory can be written, from the `skip`th on, without a fault.
fn writable(cx: &mut Cx<'_>, ranges: &[Range], mut skip: u64, most: u64) -> u64 {
    let mut good = 0;
    for (address, len) in ranges.iter().copied() {
        let before = skip.min(len);
        skip -= before;
        let wanted = (len - before).min(most - good);
        let found = cx.mem.writable(address.wrapping_add(before), wanted);
        good += found;
        if found < wanted {
            break;
        }
    }
    good
}

/// Writes bytes to ranges of memory, from the `skip`th on.
fn scatter(cx: &mut Cx<'_>, ranges: &[Range], mut skip: u64, bytes: &[u8]) -> Result<(), Errno> {
    let mut bytes = bytes;
    for (address, len) in ranges.iter().copied() {
        let before = skip.min(len);
        skip -= before;
        let count = (len - before).min(bytes.len() as u64) as usize;
        let (now, later) = bytes.split_at(count);
        cx.mem.write(address.wrapping_add(before), now)?;
        bytes = later;
    }
    Ok(())
}

impl Kernel {
    pub(super) fn receive_from(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (address, len): (u64, u64),
        flags: u32,
        (at, len_at): (u64, u64),
    ) -> Outcome {
        let range = range(cx, address, len)?;
        let (file, socket) = cx.socket(fd)?;
        let got = self.obtain(cx, (&file, &socket), &[range], flags.into())?;
        if at != 0 {
            let from = match &got.message.from {
                Some(from) => cx.peer_address(from, socket.family),
                None => Vec::new(),
            };
            cx.give_address(at, len_at, &from)?;
        }
        Ok(got.count)
    }

    /// Receives into ranges of memory, as `read` does.
    pub(in crate::kernel::linux) fn read_socket(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
        socket: &Rc<Endpoint>,
        ranges: &[Range],
    ) -> Outcome {
        if ranges.iter().all(|(_, len)| *len == 0) {
            return Ok(0);
        }
        Ok(self.obtain(cx, (file, socket), ranges, 0)?.count)
    }

    pub(super) fn receive_message(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        at: u64,
        flags: u32,
    ) -> Outcome {
        let (file, socket) = cx.socket(fd)?;
        let header = Header::load(cx, at)?;
        let got = self.obtain(cx, (&file, &socket), &header.ranges, flags.into())?;
        let count = got.count;
        self.give_message(cx, &socket, &header, got, flags.into())?;
        Ok(count)
    }

    /// [recvmmsg(2)]
    pub(super) fn receive_messages(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (at, count): (u64, u32),
        flags: u32,
        (timeout, form): (u64, Form),
    ) -> Outcome {
        let k = cx.k;
        cx.socket(fd)?;
        let now = self.clock.now();
        let mut deadline = None;
        if timeout != 0 {
            let time = cx.get_timespec(timeout, form)?;
            // It is looked at when a message has come, and does not end a wait.   [recvmmsg(2), BUGS]
            deadline = Some(now.saturating_add(time));
        }
        let layout = &cx.layouts.mmsghdr;
        let count = u64::from(count.min(MOST_MESSAGES));
        let mut index = cx.messages_before();
        while index < count {
            let here = at.wrapping_add(index * u64::from(layout.size));
            let waits_for_one = u64::from(flags) & k.MSG_WAITFORONE != 0;
            let more = match waits_for_one && index > 0 {
                true => k.MSG_DONTWAIT as u32,
                false => 0,
            };
            let got = match self.receive_message(cx, fd, here, flags | more) {
                Ok(got) => got,
                Err(Stop::Block) if index > 0 && cx.is_interrupted() => break,
                Err(Stop::Block) => {
                    cx.task.linux.progress.messages = index;
                    return Err(Stop::Block);
                }
                Err(_) if index > 0 => break,
                Err(stop) => return Err(stop),
            };
            let len = here.wrapping_add(u64::from(layout.msg_len.offset));
            cx.mem.write_u32(len, got as u32)?;
            index += 1;
            if deadline.is_some_and(|deadline| self.clock.now() >= deadline) {
                break;
            }
        }
        if let Some(deadline) = deadline {
            cx.put_timespec(timeout, form, deadline.saturating_sub(self.clock.now()))?;
        }
        Ok(index)
    }

    /// Receives: what a stream has, or one message.
    fn obtain(
        &mut self,
        cx: &mut Cx<'_>,
        (file, socket): (&Rc<OpenFile>, &Rc<Endpoint>),
        ranges: &[Range],
        flags: u64,
    ) -> Result<Got, Stop<Errno>> {
        let k = cx.k;
        self.net.tick(self.clock.now());
        if flags & k.MSG_OOB != 0 {
            return Err(match socket.is_internet_stream() {
                // There is nothing urgent.   [Linux net/ipv4/tcp.c, tcp_recv_urg]
                true => Errno::EINVAL,
                false => Errno::EOPNOTSUPP,
            }
            .into());
        }
        if flags & k.MSG_ERRQUEUE != 0 {
            return Err(Errno::EAGAIN.into());
        }
        match socket.kind {
            Kind::Stream => self.obtain_stream(cx, (file, socket), ranges, flags),
            _ => self.obtain_message(cx, (file, socket), ranges, flags),
        }
    }

    fn obtain_stream(
        &mut self,
        cx: &mut Cx<'_>,
        (file, socket): (&Rc<OpenFile>, &Rc<Endpoint>),
        ranges: &[Range],
        flags: u64,
    ) -> Result<Got, Stop<Errno>> {
        let k = cx.k;
        let peek = flags & k.MSG_PEEK != 0;
        let all = flags & k.MSG_WAITALL != 0 && !peek;
        // They are thrown away.   [tcp(7), MSG_TRUNC]
        let throw = flags & k.MSG_TRUNC != 0 && socket.is_internet();
        let whole: u64 = ranges.iter().map(|(_, len)| len).sum();
        let mut done = cx.take_progress().min(whole);
        let mut message = Received::default();
        loop {
            let most = (whole - done).min(PART);
            let room = match throw {
                true => most,
                false => writable(cx, ranges, done, most.min(socket.waiting().max(1) as u64)),
            };
            if most > 0 && room == 0 {
                match done {
                    0 => return Err(Errno::EFAULT.into()),
                    _ => break,
                }
            }
            match socket.receive(room as usize, peek) {
                Ok(received) if received.bytes.is_empty() => break,
                Ok(mut received) => {
                    if !throw {
                        scatter(cx, ranges, done, &received.bytes)?;
                    }
                    done += received.bytes.len() as u64;
                    received.bytes = Vec::new();
                    let carries = !received.files.is_empty();
                    message = received;
                    if carries || peek || done >= whole {
                        break;
                    }
                }
                Err(NetError::WouldBlock) => {
                    if done > 0 && (!all || cx.is_interrupted()) {
                        break;
                    }
                    let time = socket.options.borrow().receive_timeout;
                    match cx.wait_for_socket(self, file, flags, time) {
                        Stop::Block => {
                            cx.keep_progress(done);
                            return Err(Stop::Block);
                        }
                        _ if done > 0 => break,
                        stop => return Err(stop),
                    }
                }
                Err(_) if done > 0 => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Got {
            count: done,
            message,
            flags: 0,
        })
    }

    fn obtain_message(
        &mut self,
        cx: &mut Cx<'_>,
        (file, socket): (&Rc<OpenFile>, &Rc<Endpoint>),
        ranges: &[Range],
        flags: u64,
    ) -> Result<Got, Stop<Errno>> {
        let k = cx.k;
        let whole: u64 = ranges.iter().map(|(_, len)| len).sum();
        let wanted = whole.min(socket.waiting() as u64);
        if writable(cx, ranges, 0, wanted) < wanted {
            return Err(Errno::EFAULT.into());
        }
        let most = usize::try_from(whole).unwrap_or(usize::MAX);
        let mut received = match socket.receive(most, flags & k.MSG_PEEK != 0) {
            Ok(received) => received,
            Err(NetError::WouldBlock) => {
                let time = socket.options.borrow().receive_timeout;
                return Err(cx.wait_for_socket(self, file, flags, time));
            }
            Err(error) => return Err(error.into()),
        };
        scatter(cx, ranges, 0, &received.bytes)?;
        let (count, size) = (received.bytes.len(), received.whole);
        received.bytes = Vec::new();
        Ok(Got {
            count: match flags & k.MSG_TRUNC != 0 {
                true => size,
                false => count,
            } as u64,
            message: received,
            flags: match count < size {
                true => k.MSG_TRUNC,
                false => 0,
            },
        })
    }

    /// What comes with a message, and the rest of its `struct msghdr`.   [Linux net/socket.c, ____sys_recvmsg]
    fn give_message(
        &mut self,
        cx: &mut Cx<'_>,
        socket: &Endpoint,
        header: &Header,
        got: Got,
        flags: u64,
    ) -> Result<(), Stop<Errno>> {
        let k = cx.k;
        let mut giver = Giver::new(header.control);
        let mut told = got.flags | flags & k.MSG_CMSG_CLOEXEC;
        let message = got.message;
        if socket.kind != Kind::Stream && message.some {
            give_details(cx, socket, &message, &mut giver)?;
        }
        if socket.options.borrow().pass_sender && socket.family == Family::Unix {
            let bytes = ucred(cx, message.sender.unwrap_or_default());
            giver.put(cx, (k.SOL_SOCKET, k.SCM_CREDENTIALS), &bytes)?;
        }
        if !message.files.is_empty() {
            let close_on_exec = flags & k.MSG_CMSG_CLOEXEC != 0;
            giver.put_files(cx, message.files, close_on_exec)?;
        }
        if giver.cut {
            told |= k.MSG_CTRUNC;
        }
        let layout = &cx.layouts.msghdr;
        let field = |offset: u16| header.at.wrapping_add(u64::from(offset));
        if header.name.0 != 0 {
            let from = match &message.from {
                Some(from) => cx.peer_address(from, socket.family),
                None => Vec::new(),
            };
            cx.give_address(header.name.0, field(layout.msg_namelen.offset), &from)?;
        }
        let flags_at = field(layout.msg_flags.offset);
        let control_at = field(layout.msg_controllen.offset);
        cx.mem.write_u32(flags_at, told as u32)?;
        cx.write_word(control_at, giver.used())?;
        Ok(())
    }
}

/// When a message was sent, and where to.
fn give_details(
    cx: &mut Cx<'_>,
    socket: &Endpoint,
    message: &Received,
    giver: &mut Giver,
) -> Result<(), Stop<Errno>> {
    let k = cx.k;
    let is_set = |level: u64, name: u64| {
        let options = socket.options.borrow();
        let value = options.stored.get(&(level, name));
        value.is_some_and(|value| value.iter().any(|byte| *byte != 0))
    };
    let (seconds, rest) = (
        message.time.div_euclid(1_000_000_000),
        message.time.rem_euclid(1_000_000_000),
    );
    for (name, wide, divisor) in [
        (k.SO_TIMESTAMP_OLD, false, 1000),
        (k.SO_TIMESTAMPNS_OLD, false, 1),
        (k.SO_TIMESTAMP_NEW, true, 1000),
        (k.SO_TIMESTAMPNS_NEW, true, 1),
    ] {
        if is_set(k.SOL_SOCKET, name) {
            let mut bytes = Vec::new();
            for value in [seconds, rest / divisor] {
                bytes.extend(number(cx, value.cast_unsigned(), wide || cx.word() == 8));
            }
            giver.put(cx, (k.SOL_SOCKET, name), &bytes)?;
        }
    }
    let Some(Address::Ip(Place { ip, .. })) = message.to else {
        return Ok(());
    };
    let index = u32::from(!ip.is_loopback()) + 1;
    match ip {
        std::net::IpAddr::V4(ip) if is_set(k.IPPROTO_IP, k.IP_PKTINFO) => {
            let mut bytes = int(cx, index).to_vec();
            bytes.extend_from_slice(&ip.octets());
            bytes.extend_from_slice(&ip.octets());
            giver.put(cx, (k.IPPROTO_IP, k.IP_PKTINFO), &bytes)?;
        }
        std::net::IpAddr::V6(ip) if is_set(k.IPPROTO_IPV6, k.IPV6_RECVPKTINFO) => {
            let mut bytes = ip.octets().to_vec();
            bytes.extend_from_slice(&int(cx, index));
            giver.put(cx, (k.IPPROTO_IPV6, k.IPV6_PKTINFO), &bytes)?;
        }
        _ => {}
    }
    // In this order.   [Linux net/ipv4/ip_sockglue.c, ip_cmsg_recv_offset; net/ipv6/datagram.c,
    // ip6_datagram_recv_specific_ctl]
    let Marks { hops, class } = message.marks;
    let (hops, wide) = (int(cx, hops.into()), int(cx, class.into()));
    let marks: [(u64, u64, u64, &[u8]); 2] = match ip {
        std::net::IpAddr::V4(_) => {
            let level = k.IPPROTO_IP;
            [
                (level, k.IP_RECVTTL, k.IP_TTL, &hops),
                (level, k.IP_RECVTOS, k.IP_TOS, &[class]),
            ]
        }
        std::net::IpAddr::V6(_) => {
            let level = k.IPPROTO_IPV6;
            [
                (level, k.IPV6_RECVHOPLIMIT, k.IPV6_HOPLIMIT, &hops),
                (level, k.IPV6_RECVTCLASS, k.IPV6_TCLASS, &wide),
            ]
        }
    };
    for (level, asked, kind, bytes) in marks {
        if is_set(level, asked) {
            giver.put(cx, (level, kind), bytes)?;
        }
    }
    Ok(())
}

fn number(cx: &Cx<'_>, value: u64, wide: bool) -> Vec<u8> {
    match (cx.mem.endian(), wide) {
        (_, false) => int(cx, value as u32).to_vec(),
        (emu_cpu::Endian::Little, true) => value.to_le_bytes().to_vec(),
        (emu_cpu::Endian::Big, true) => value.to_be_bytes().to_vec(),
    }
}

impl Cx<'_> {
    /// The address of who sent something: nothing where it has none.
    fn peer_address(&self, address: &Address, family: Family) -> Vec<u8> {
        match address {
            Address::Unix(crate::kernel::net::UnixName::Unnamed) => Vec::new(),
            address => self.socket_address(address, family),
        }
    }
}

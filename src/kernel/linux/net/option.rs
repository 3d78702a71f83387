//! `setsockopt` and `getsockopt`: what has an effect here, and what is kept and given back as Linux does.   [socket(7),
//! tcp(7), ip(7), ipv6(7); Linux net/core/sock.c, sk_setsockopt, sk_getsockopt]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Ptr;
use emu_prototypes::linux::{Constants, Errno, Outcome};

use super::control::{int, ucred};
use crate::kernel::layout::Image;
use crate::kernel::net::{Endpoint, Family, Kind, Options, Sender, State};
use crate::kernel::{Cx, Kernel};

/// Bytes of a buffer at least and at most.   [Linux include/net/sock.h, SOCK_MIN_SNDBUF, SOCK_MIN_RCVBUF;
/// /proc/sys/net/core/wmem_max]
const LEAST_SEND: usize = 4608;
const LEAST_RECEIVE: usize = 2304;
const MOST_BUFFER: usize = 212_992;
/// Bytes of an option's value that are looked at.
const MOST: usize = 256;
/// Nanoseconds in a second and in a microsecond.
const SECOND: u64 = 1_000_000_000;
const MICRO: u64 = 1000;
/// A segment's bytes on the loopback interface, and before there is a connection.   [tcp(7), TCP_MAXSEG]
const SEGMENT: i32 = 65_483;
const DEFAULT_SEGMENT: i32 = 536;

/// A number that is kept: its name, what it is at first, and what it may be.
struct Kept {
    name: u64,
    first: i32,
    least: i32,
    most: i32,
    /// Whether anything but 0 is 1.
    switch: bool,
}

fn switch(name: u64, first: i32) -> Kept {
    Kept {
        name,
        first,
        least: i32::MIN,
        most: i32::MAX,
        switch: true,
    }
}

fn number(name: u64, first: i32, least: i32, most: i32) -> Kept {
    Kept {
        name,
        first,
        least,
        most,
        switch: false,
    }
}

fn kept_by_sockets(k: &Constants) -> Vec<Kept> {
    vec![
        switch(k.SO_DEBUG, 0),
        switch(k.SO_DONTROUTE, 0),
        switch(k.SO_KEEPALIVE, 0),
        switch(k.SO_OOBINLINE, 0),
        switch(k.SO_NO_CHECK, 0),
        switch(k.SO_TIMESTAMP_OLD, 0),
        switch(k.SO_TIMESTAMP_NEW, 0),
        switch(k.SO_TIMESTAMPNS_OLD, 0),
        switch(k.SO_TIMESTAMPNS_NEW, 0),
        switch(k.SO_RXQ_OVFL, 0),
        switch(k.SO_SELECT_ERR_QUEUE, 0),
        switch(k.SO_LOCK_FILTER, 0),
        switch(k.SO_NOFCS, 0),
        switch(k.SO_WIFI_STATUS, 0),
        number(k.SO_PRIORITY, 0, 0, 6),
        number(k.SO_INCOMING_CPU, -1, i32::MIN, i32::MAX),
    ]
}

fn kept_by_streams(k: &Constants) -> Vec<Kept> {
    vec![
        switch(k.TCP_NODELAY, 0),
        switch(k.TCP_CORK, 0),
        switch(k.TCP_QUICKACK, 1),
        switch(k.TCP_THIN_LINEAR_TIMEOUTS, 0),
        number(k.TCP_KEEPIDLE, 7200, 1, 32767),
        number(k.TCP_KEEPINTVL, 75, 1, 32767),
        number(k.TCP_KEEPCNT, 9, 1, 127),
        number(k.TCP_SYNCNT, 6, 1, 127),
        number(k.TCP_LINGER2, 60, i32::MIN, 120),
        number(k.TCP_DEFER_ACCEPT, 0, i32::MIN, i32::MAX),
        number(k.TCP_WINDOW_CLAMP, 0, 0, i32::MAX),
        number(k.TCP_USER_TIMEOUT, 0, 0, i32::MAX),
        number(k.TCP_FASTOPEN, 0, 0, i32::MAX),
        switch(k.TCP_FASTOPEN_CONNECT, 0),
        switch(k.TCP_FASTOPEN_NO_COOKIE, 0),
        number(k.TCP_NOTSENT_LOWAT, 0, i32::MIN, i32::MAX),
        number(k.TCP_TIMESTAMP, 0, i32::MIN, i32::MAX),
        switch(k.TCP_INQ, 0),
        number(k.TCP_TX_DELAY, 0, 0, i32::MAX),
    ]
}

fn kept_by_internet(k: &Constants) -> Vec<Kept> {
    vec![
        number(k.IP_TTL, 64, -1, 255),
        number(k.IP_TOS, 0, 0, 255),
        number(k.IP_MTU_DISCOVER, 1, 0, 5),
        switch(k.IP_RECVERR, 0),
        switch(k.IP_PKTINFO, 0),
        switch(k.IP_RECVTTL, 0),
        switch(k.IP_RECVTOS, 0),
        switch(k.IP_RECVOPTS, 0),
        switch(k.IP_RETOPTS, 0),
        switch(k.IP_RECVORIGDSTADDR, 0),
        switch(k.IP_FREEBIND, 0),
        switch(k.IP_BIND_ADDRESS_NO_PORT, 0),
        number(k.IP_MULTICAST_TTL, 1, -1, 255),
        switch(k.IP_MULTICAST_LOOP, 1),
        switch(k.IP_MULTICAST_ALL, 1),
        number(k.IP_MINTTL, 0, 0, 255),
    ]
}

fn kept_by_internet6(k: &Constants) -> Vec<Kept> {
    vec![
        number(k.IPV6_UNICAST_HOPS, 64, -1, 255),
        number(k.IPV6_MULTICAST_HOPS, 1, -1, 255),
        switch(k.IPV6_RECVPKTINFO, 0),
        switch(k.IPV6_RECVERR, 0),
        number(k.IPV6_TCLASS, 0, -1, 255),
        number(k.IPV6_MTU_DISCOVER, 1, 0, 5),
        number(k.IPV6_MTU, 0, 0, 65535),
        switch(k.IPV6_RECVTCLASS, 0),
        switch(k.IPV6_RECVHOPLIMIT, 0),
        switch(k.IPV6_MULTICAST_LOOP, 1),
        number(k.IPV6_MULTICAST_IF, 0, 0, i32::MAX),
        switch(k.IPV6_FREEBIND, 0),
    ]
}

fn kept_by_datagrams(k: &Constants) -> Vec<Kept> {
    vec![switch(k.UDP_CORK, 0)]
}

fn kept_by_kernel(k: &Constants) -> Vec<Kept> {
    vec![
        switch(k.NETLINK_PKTINFO, 0),
        switch(k.NETLINK_BROADCAST_ERROR, 0),
        switch(k.NETLINK_NO_ENOBUFS, 0),
        switch(k.NETLINK_CAP_ACK, 0),
        switch(k.NETLINK_EXT_ACK, 0),
        switch(k.NETLINK_GET_STRICT_CHK, 0),
    ]
}

/// The numbers that a socket keeps at a level; `None` when it does not know the level.
fn kept(k: &Constants, socket: &Endpoint, level: u64) -> Option<Vec<Kept>> {
    match level {
        level if level == k.SOL_SOCKET => Some(kept_by_sockets(k)),
        level if level == k.IPPROTO_TCP && socket.is_internet_stream() => Some(kept_by_streams(k)),
        level
            if level == k.IPPROTO_UDP && socket.is_internet() && socket.kind == Kind::Datagram =>
        {
            Some(kept_by_datagrams(k))
        }
        level if level == k.IPPROTO_IP && socket.is_internet() => Some(kept_by_internet(k)),
        level if level == k.IPPROTO_IPV6 && socket.family == Family::Inet6 => {
            Some(kept_by_internet6(k))
        }
        level if level == k.SOL_NETLINK && socket.family == Family::Kernel => {
            Some(kept_by_kernel(k))
        }
        _ => None,
    }
}

impl Kernel {
    pub(super) fn set_option(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (level, name): (i32, i32),
        (at, len): (u64, i32),
    ) -> Outcome {
        let (_, socket) = cx.socket(fd)?;
        let len = usize::try_from(len).map_err(|_| Errno::EINVAL)?;
        let mut value = vec![0; len.min(MOST)];
        let (level, name) = (unsigned(level), unsigned(name));
        let known = kept(cx.k, &socket, level).ok_or_else(|| stranger(&socket, true))?;
        cx.mem.read(at, &mut value)?;
        if self.set_special(cx, &socket, (level, name), &value)? {
            return Ok(0);
        }
        let kept = known.iter().find(|kept| kept.name == name);
        let kept = kept.ok_or(Errno::ENOPROTOOPT)?;
        let number = int_of(cx, &value, level)?;
        if number < kept.least || number > kept.most {
            return Err(match name == cx.k.SO_PRIORITY {
                true => Errno::EPERM,
                false => Errno::EINVAL,
            }
            .into());
        }
        let number = match (kept.switch, number) {
            (true, number) => i32::from(number != 0),
            (false, -1) => kept.first,
            (false, number) => number,
        };
        let bytes = int(cx, number.cast_unsigned()).to_vec();
        let mut options = socket.options.borrow_mut();
        options.stored.insert((level, name), bytes);
        Ok(0)
    }

    /// Options with an effect. `false` when it is none of them.
    fn set_special(
        &self,
        cx: &mut Cx<'_>,
        socket: &Rc<Endpoint>,
        (level, name): (u64, u64),
        value: &[u8],
    ) -> Result<bool, Errno> {
        let k = cx.k;
        if level == k.SOL_SOCKET {
            return set_at_socket(cx, socket, name, value);
        }
        if level == k.IPPROTO_IPV6 && name == k.IPV6_V6ONLY {
            let on = int_of(cx, value, k.SOL_SOCKET)? != 0;
            if socket.place().is_some_and(|place| place.port != 0) {
                return Err(Errno::EINVAL);
            }
            socket.options.borrow_mut().only_v6 = on;
            return Ok(true);
        }
        // Between the limits of the others, but a message that can't go anywhere makes no sense.
        if level == k.IPPROTO_IP && name == k.IP_TTL && int_of(cx, value, level)? == 0 {
            return Err(Errno::EINVAL);
        }
        if level == k.IPPROTO_TCP && name == k.TCP_MAXSEG {
            let number = int_of(cx, value, level)?;
            if !(88..=32767).contains(&number) {
                return Err(Errno::EINVAL);
            }
            let bytes = int(cx, number.cast_unsigned()).to_vec();
            socket
                .options
                .borrow_mut()
                .stored
                .insert((level, name), bytes);
            return Ok(true);
        }
        if level == k.IPPROTO_TCP && name == k.TCP_CONGESTION {
            let end = value
                .iter()
                .position(|byte| *byte == 0)
                .unwrap_or(value.len());
            return match &value[..end] {
                name_of @ (b"cubic" | b"reno") => {
                    let name_of = name_of.to_vec();
                    socket
                        .options
                        .borrow_mut()
                        .stored
                        .insert((level, name), name_of);
                    Ok(true)
                }
                _ => Err(Errno::ENOENT),
            };
        }
        if level == k.IPPROTO_IP && name == k.IP_TRANSPARENT {
            return Err(Errno::EPERM);
        }
        let groups = [k.IP_ADD_MEMBERSHIP, k.IP_DROP_MEMBERSHIP, k.IP_MULTICAST_IF];
        if level == k.IPPROTO_IP && groups.contains(&name) {
            if value.len() < 4 {
                return Err(Errno::EINVAL);
            }
            // No interface knows groups.
            return Err(Errno::ENODEV);
        }
        Ok(false)
    }

    pub(super) fn get_option(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (level, name): (i32, i32),
        (at, len_at): (u64, u64),
    ) -> Outcome {
        let (_, socket) = cx.socket(fd)?;
        let len_at = Ptr::<i32>::new(len_at);
        let (level, name) = (unsigned(level), unsigned(name));
        let known = kept(cx.k, &socket, level).ok_or_else(|| stranger(&socket, false))?;
        let room = len_at.read(cx.mem)?;
        let room = usize::try_from(room).map_err(|_| Errno::EINVAL)?;
        let value = match self.special(cx, &socket, (level, name))? {
            Some(value) => value,
            None => {
                let kept = known.iter().find(|kept| kept.name == name);
                let kept = kept.ok_or(Errno::ENOPROTOOPT)?;
                let options = socket.options.borrow();
                match options.stored.get(&(level, name)) {
                    Some(value) => value.clone(),
                    None => int(cx, kept.first.cast_unsigned()).to_vec(),
                }
            }
        };
        let count = value.len().min(room);
        cx.mem.write(at, &value[..count])?;
        len_at.write(cx.mem, i32::try_from(count).unwrap_or(i32::MAX))?;
        Ok(0)
    }

    /// The value of an option that is not just kept.
    fn special(
        &self,
        cx: &mut Cx<'_>,
        socket: &Rc<Endpoint>,
        (level, name): (u64, u64),
    ) -> Result<Option<Vec<u8>>, Errno> {
        let k = cx.k;
        if level == k.SOL_SOCKET {
            return at_socket(cx, socket, name);
        }
        let word = |value: i32| Some(int(cx, value.cast_unsigned()).to_vec());
        if level == k.IPPROTO_IPV6 && name == k.IPV6_V6ONLY {
            return Ok(word(socket.options.borrow().only_v6.into()));
        }
        let connected = socket.state() == State::Connected;
        if level == k.IPPROTO_IP && name == k.IP_MTU {
            return match connected {
                true => Ok(word(65_535)),
                false => Err(Errno::ENOTCONN),
            };
        }
        if level != k.IPPROTO_TCP {
            return Ok(None);
        }
        let stored = socket.options.borrow().stored.get(&(level, name)).cloned();
        Ok(match name {
            name if name == k.TCP_MAXSEG => match (connected, stored) {
                (true, _) => word(SEGMENT),
                (false, Some(stored)) => Some(stored),
                (false, None) => word(DEFAULT_SEGMENT),
            },
            name if name == k.TCP_CONGESTION => {
                let mut text = stored.unwrap_or(b"cubic".to_vec());
                text.resize(16, 0);
                Some(text)
            }
            name if name == k.TCP_INFO => Some(tcp_info(cx, socket)),
            _ => None,
        })
    }
}

/// What is said of a level that a socket does not know.   [Linux net/ipv4/ip_sockglue.c, ip_setsockopt,
/// do_ip_getsockopt; net/socket.c, __sys_setsockopt for families without options]
fn stranger(socket: &Endpoint, sets: bool) -> Errno {
    match (socket.family, sets) {
        (Family::Inet | Family::Inet6, false) | (Family::Unix, _) => Errno::EOPNOTSUPP,
        _ => Errno::ENOPROTOOPT,
    }
}

fn unsigned(value: i32) -> u64 {
    value.cast_unsigned().into()
}

/// An option's number. At the levels of the internet a byte will do.   [Linux net/ipv4/ip_sockglue.c, do_ip_setsockopt]
fn int_of(cx: &Cx<'_>, value: &[u8], level: u64) -> Result<i32, Errno> {
    let k = cx.k;
    match value {
        [a, b, c, d, ..] => {
            let bytes = [*a, *b, *c, *d];
            Ok(match cx.mem.endian() {
                emu_cpu::Endian::Little => i32::from_le_bytes(bytes),
                emu_cpu::Endian::Big => i32::from_be_bytes(bytes),
            })
        }
        [byte, ..] if level == k.IPPROTO_IP => Ok((*byte).into()),
        _ => Err(Errno::EINVAL),
    }
}

fn set_at_socket(
    cx: &mut Cx<'_>,
    socket: &Rc<Endpoint>,
    name: u64,
    value: &[u8],
) -> Result<bool, Errno> {
    let k = cx.k;
    if name == k.SO_BINDTODEVICE {
        let end = value
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(value.len());
        let name_of = &value[..end];
        let known = name_of.is_empty()
            || socket
                .net()
                .interfaces()
                .iter()
                .any(|interface| interface.name.as_bytes() == name_of);
        if !known {
            return Err(Errno::ENODEV);
        }
        let kept = name_of.to_vec();
        socket
            .options
            .borrow_mut()
            .stored
            .insert((k.SOL_SOCKET, name), kept);
        return Ok(true);
    }
    let read_only = [
        k.SO_TYPE,
        k.SO_PROTOCOL,
        k.SO_DOMAIN,
        k.SO_ERROR,
        k.SO_ACCEPTCONN,
        k.SO_PEERCRED,
        k.SO_PEERNAME,
        k.SO_SNDLOWAT,
        k.SO_COOKIE,
    ];
    if read_only.contains(&name) {
        return Err(Errno::ENOPROTOOPT);
    }
    let number = int_of(cx, value, k.SOL_SOCKET)?;
    let mut options = socket.options.borrow_mut();
    let on = number != 0;
    let forced = [k.SO_SNDBUFFORCE, k.SO_RCVBUFFORCE, k.SO_MARK];
    match name {
        _ if name == k.SO_REUSEADDR => options.reuse_address = on,
        _ if name == k.SO_REUSEPORT => options.reuse_port = on,
        _ if name == k.SO_BROADCAST => options.broadcast = on,
        _ if name == k.SO_PASSCRED => {
            if socket.family != Family::Unix && socket.family != Family::Kernel {
                return Err(Errno::EOPNOTSUPP);
            }
            options.pass_sender = on;
        }
        _ if name == k.SO_SNDBUF => {
            let size = usize::try_from(number)
                .unwrap_or(MOST_BUFFER)
                .min(MOST_BUFFER);
            options.send_buffer = (2 * size).max(LEAST_SEND);
            options.buffers_set = true;
        }
        _ if name == k.SO_RCVBUF => {
            let size = usize::try_from(number)
                .unwrap_or(MOST_BUFFER)
                .min(MOST_BUFFER);
            options.receive_buffer = (2 * size).max(LEAST_RECEIVE);
            options.buffers_set = true;
        }
        _ if forced.contains(&name) => return Err(Errno::EPERM),
        _ if name == k.SO_RCVLOWAT => {
            // [Linux net/core/sock.c: a negative one is the largest, 0 is 1]
            options.low_water = match number {
                0 => 1,
                number => usize::try_from(number).unwrap_or(i32::MAX as usize),
            };
        }
        _ if name == k.SO_LINGER => {
            let layout = &cx.layouts.linger;
            if value.len() < layout.size as usize {
                return Err(Errno::EINVAL);
            }
            let image = Image::from_bytes(value.to_vec(), cx.mem.endian());
            let time = image.get(layout.l_linger) as u32;
            options.linger = (image.get(layout.l_onoff) != 0).then_some(time);
        }
        _ if name == k.SO_RCVTIMEO_OLD || name == k.SO_RCVTIMEO_NEW => {
            options.receive_timeout = timeout_of(cx, value, name == k.SO_RCVTIMEO_NEW)?;
        }
        _ if name == k.SO_SNDTIMEO_OLD || name == k.SO_SNDTIMEO_NEW => {
            options.send_timeout = timeout_of(cx, value, name == k.SO_SNDTIMEO_NEW)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// A `struct timeval` as a time to wait; none is for ever.   [Linux net/core/sock.c, sock_set_timeout]
fn timeout_of(cx: &Cx<'_>, value: &[u8], new: bool) -> Result<Option<u64>, Errno> {
    let wide = new || cx.word() == 8;
    let part = if wide { 8 } else { 4 };
    if value.len() < 2 * part {
        return Err(Errno::EINVAL);
    }
    let get = |bytes: &[u8]| {
        let mut wide = [0; 8];
        match cx.mem.endian() {
            emu_cpu::Endian::Little => {
                wide[..bytes.len()].copy_from_slice(bytes);
                let value = i64::from_le_bytes(wide);
                if bytes.len() == 4 {
                    i64::from(value as i32)
                } else {
                    value
                }
            }
            emu_cpu::Endian::Big => {
                wide[8 - bytes.len()..].copy_from_slice(bytes);
                let value = i64::from_be_bytes(wide);
                if bytes.len() == 4 {
                    i64::from(value as i32)
                } else {
                    value
                }
            }
        }
    };
    let (seconds, micros) = (get(&value[..part]), get(&value[part..2 * part]));
    if !(0..1_000_000).contains(&micros) {
        return Err(Errno::EDOM);
    }
    let Ok(seconds) = u64::try_from(seconds) else {
        return Ok(Some(0));
    };
    let time = seconds
        .saturating_mul(SECOND)
        .saturating_add(micros.cast_unsigned() * MICRO);
    Ok((time > 0).then_some(time))
}

fn timeout_bytes(cx: &Cx<'_>, time: Option<u64>, new: bool) -> Vec<u8> {
    let time = time.unwrap_or(0);
    let wide = new || cx.word() == 8;
    let mut bytes = Vec::new();
    for value in [time / SECOND, time % SECOND / MICRO] {
        match (cx.mem.endian(), wide) {
            (_, false) => bytes.extend_from_slice(&int(cx, value as u32)),
            (emu_cpu::Endian::Little, true) => bytes.extend_from_slice(&value.to_le_bytes()),
            (emu_cpu::Endian::Big, true) => bytes.extend_from_slice(&value.to_be_bytes()),
        }
    }
    bytes
}

fn at_socket(cx: &Cx<'_>, socket: &Rc<Endpoint>, name: u64) -> Result<Option<Vec<u8>>, Errno> {
    let k = cx.k;
    let word = |value: u64| Some(int(cx, value as u32).to_vec());
    if name == k.SO_ERROR {
        let error = socket.take_error();
        let number = error.map_or(0, |error| Errno::from(error).number(cx.abi));
        return Ok(word(u64::from(number)));
    }
    let options: std::cell::Ref<'_, Options> = socket.options.borrow();
    Ok(match name {
        _ if name == k.SO_TYPE => word(match (socket.kind, socket.family) {
            (_, Family::Kernel) => k.SOCK_RAW,
            (Kind::Stream, _) => k.SOCK_STREAM,
            (Kind::Datagram, _) => k.SOCK_DGRAM,
            (Kind::Sequence, _) => k.SOCK_SEQPACKET,
        }),
        _ if name == k.SO_DOMAIN => word(match socket.family {
            Family::Unix => k.AF_UNIX,
            Family::Inet => k.AF_INET,
            Family::Inet6 => k.AF_INET6,
            Family::Kernel => k.AF_NETLINK,
        }),
        _ if name == k.SO_PROTOCOL => word(socket.protocol.into()),
        _ if name == k.SO_ACCEPTCONN => word((socket.state() == State::Listening).into()),
        _ if name == k.SO_REUSEADDR => word(options.reuse_address.into()),
        _ if name == k.SO_REUSEPORT => word(options.reuse_port.into()),
        _ if name == k.SO_BROADCAST => word(options.broadcast.into()),
        _ if name == k.SO_PASSCRED => word(options.pass_sender.into()),
        _ if name == k.SO_SNDBUF => word(options.send_buffer as u64),
        _ if name == k.SO_RCVBUF => word(options.receive_buffer as u64),
        _ if name == k.SO_RCVLOWAT => word(options.low_water as u64),
        _ if name == k.SO_SNDLOWAT => word(1),
        _ if name == k.SO_BSDCOMPAT => word(0),
        _ if name == k.SO_LINGER => {
            let layout = &cx.layouts.linger;
            let mut image = cx.image(layout.size);
            image
                .put(layout.l_onoff, options.linger.is_some().into())
                .put(layout.l_linger, options.linger.unwrap_or(0).into());
            Some(image.bytes().to_vec())
        }
        _ if name == k.SO_RCVTIMEO_OLD => Some(timeout_bytes(cx, options.receive_timeout, false)),
        _ if name == k.SO_RCVTIMEO_NEW => Some(timeout_bytes(cx, options.receive_timeout, true)),
        _ if name == k.SO_SNDTIMEO_OLD => Some(timeout_bytes(cx, options.send_timeout, false)),
        _ if name == k.SO_SNDTIMEO_NEW => Some(timeout_bytes(cx, options.send_timeout, true)),
        _ if name == k.SO_PEERCRED => {
            let nobody = Sender {
                pid: 0,
                uid: u32::MAX,
                gid: u32::MAX,
            };
            Some(ucred(cx, socket.peer_owner.get().unwrap_or(nobody)))
        }
        _ if name == k.SO_PEERNAME => {
            let bytes = cx.socket_address(&socket.remote()?, socket.family);
            Some(bytes)
        }
        _ if name == k.SO_COOKIE => Some(match cx.mem.endian() {
            emu_cpu::Endian::Little => socket.cookie.to_le_bytes().to_vec(),
            emu_cpu::Endian::Big => socket.cookie.to_be_bytes().to_vec(),
        }),
        _ if name == k.SO_BINDTODEVICE => {
            let stored = options.stored.get(&(k.SOL_SOCKET, name)).cloned();
            let mut text = stored.unwrap_or_default();
            if !text.is_empty() {
                text.push(0);
            }
            Some(text)
        }
        _ => None,
    })
}

/// The start of `struct tcp_info`: what is not about packets.   [Linux include/uapi/linux/tcp.h; include/net/tcp_states.h]
fn tcp_info(cx: &Cx<'_>, socket: &Endpoint) -> Vec<u8> {
    let state = match socket.state() {
        State::Connected => match socket.half_closed() {
            (false, false) => 1,
            // FIN_WAIT2, CLOSE_WAIT, LAST_ACK.
            (true, false) => 5,
            (false, true) => 8,
            (true, true) => 9,
        },
        State::Connecting => 2,
        State::Idle | State::Ended => 7,
        State::Listening => 10,
    };
    let mut info = vec![state, 0, 0, 0, 0, 0, 0, 0];
    // rto, ato in microseconds; snd_mss, rcv_mss.
    for word in [200_000, 40_000, SEGMENT as u32, SEGMENT as u32] {
        info.extend_from_slice(&int(cx, word));
    }
    info.resize(104, 0);
    info
}

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::linux::Errno;

use crate::kernel::linux::trial::{Came, SCRATCH, Trial};
use crate::kernel::net::{Net, Pretended, Script};
use crate::kernel::vfs::{FsContext, Nothing, Walker, Who};
use crate::kernel::wait::Wait;

/// Places for structures.
const ADDRESS: u64 = SCRATCH;
const LEN: u64 = SCRATCH + 0x100;
const BYTES: u64 = SCRATCH + 0x200;
const MESSAGE: u64 = SCRATCH + 0x800;
const RANGE: u64 = SCRATCH + 0x900;
const CONTROL: u64 = SCRATCH + 0xa00;
const PAIR: u64 = SCRATCH + 0xf00;

impl Trial {
    fn put(&mut self, at: u64, bytes: &[u8]) {
        self.space.write(at, bytes).expect("scratch");
    }

    fn get(&mut self, at: u64, len: usize) -> Vec<u8> {
        let mut bytes = vec![0; len];
        self.space.read(at, &mut bytes).expect("scratch");
        bytes
    }

    fn put_int(&mut self, at: u64, value: u32) {
        self.space.write_u32(at, value).expect("scratch");
    }

    fn int(&mut self, at: u64) -> u32 {
        self.space.read_u32(at).expect("scratch")
    }

    fn half(&self, value: u64) -> [u8; 2] {
        match self.space.endian() {
            Endian::Little => (value as u16).to_le_bytes(),
            Endian::Big => (value as u16).to_be_bytes(),
        }
    }

    /// Stores an IPv4 address.
    fn inet(&mut self, ip: [u8; 4], port: u16) {
        let mut bytes = self.half(2).to_vec();
        bytes.extend_from_slice(&port.to_be_bytes());
        bytes.extend_from_slice(&ip);
        bytes.resize(16, 0);
        self.put(ADDRESS, &bytes);
    }

    /// Stores a name of this machine; how long its address is.
    fn unix(&mut self, name: &[u8]) -> u64 {
        let mut bytes = self.half(1).to_vec();
        bytes.extend_from_slice(name);
        self.put(ADDRESS, &bytes);
        bytes.len() as u64
    }

    fn socket(&mut self, family: u64, kind: u64) -> u64 {
        self.ok("socket", &[family, kind, 0])
    }

    fn pair(&mut self, kind: u64) -> [u64; 2] {
        self.ok("socketpair", &[1, kind, 0, PAIR]);
        [self.int(PAIR), self.int(PAIR + 4)].map(u64::from)
    }

    fn port(&mut self, fd: u64) -> u16 {
        self.put_int(LEN, 128);
        self.ok("getsockname", &[fd, BYTES, LEN]);
        let bytes = self.get(BYTES, 4);
        u16::from_be_bytes([bytes[2], bytes[3]])
    }

    /// A socket that listens at 127.0.0.1, and its port.
    fn server(&mut self, backlog: u64) -> (u64, u16) {
        let fd = self.socket(2, self.k().SOCK_STREAM);
        self.inet([127, 0, 0, 1], 0);
        self.ok("bind", &[fd, ADDRESS, 16]);
        self.ok("listen", &[fd, backlog]);
        let port = self.port(fd);
        (fd, port)
    }

    /// Stores a message of one range, with room for what comes with it.
    fn message(&mut self, len: u64, control: u64) {
        let (layouts, endian) = (self.layouts(), self.space.endian());
        let mut range = crate::kernel::layout::Image::new(layouts.iovec.size, endian);
        range
            .put(layouts.iovec.iov_base, BYTES)
            .put(layouts.iovec.iov_len, len);
        range.store(&mut self.space, RANGE).expect("scratch");
        let layout = &layouts.msghdr;
        let mut message = crate::kernel::layout::Image::new(layout.size, endian);
        message
            .put(layout.msg_iov, RANGE)
            .put(layout.msg_iovlen, 1)
            .put(layout.msg_control, if control == 0 { 0 } else { CONTROL })
            .put(layout.msg_controllen, control);
        message.store(&mut self.space, MESSAGE).expect("scratch");
    }

    fn told(&mut self) -> (u64, u64) {
        let layout = &self.layouts().msghdr;
        let image = crate::kernel::layout::Image::load(&mut self.space, MESSAGE, layout.size)
            .expect("scratch");
        (
            image.get(layout.msg_flags),
            image.get(layout.msg_controllen),
        )
    }
}

#[test]
fn a_pair_talks_both_ways_and_the_end_is_seen() {
    for mut t in Trial::all() {
        let [a, b] = t.pair(t.k().SOCK_STREAM);
        t.put(BYTES, b"ping");
        assert_eq!(t.ok("write", &[a, BYTES, 4]), 4);
        assert_eq!(t.ok("read", &[b, BYTES + 8, 100]), 4);
        assert_eq!(t.get(BYTES + 8, 4), b"ping");
        assert_eq!(t.call("read", &[b, BYTES, 1]), Came::Waits(Wait::File));
        t.ok("close", &[a]);
        assert_eq!(t.again("read", &[b, BYTES, 1]), Came::Ok(0));
        assert_eq!(
            t.err("sendto", &[b, BYTES, 1, t.k().MSG_NOSIGNAL]),
            Errno::EPIPE
        );
    }
}

#[test]
fn constants_are_those_of_the_abi() {
    // SOCK_DGRAM is 1 on MIPS and 2 elsewhere.   [Linux arch/mips/include/asm/socket.h]
    for mut t in Trial::all() {
        let mips = t.name().starts_with("linux_mips");
        let fd = t.socket(2, if mips { 2 } else { 1 });
        let (level, name) = if mips { (0xffff, 0x1008) } else { (1, 3) };
        t.put_int(LEN, 4);
        t.ok("getsockopt", &[fd, level, name, BYTES, LEN]);
        assert_eq!(t.int(BYTES), if mips { 2 } else { 1 }, "{}", t.name());
        assert_eq!(
            t.err("getsockopt", &[fd, level, 9999, BYTES, LEN]),
            Errno::ENOPROTOOPT
        );
    }
}

#[test]
fn a_stream_over_loopback_is_connected_accepted_and_ended() {
    for mut t in Trial::all() {
        let (server, port) = t.server(1);
        assert_eq!(
            t.call("accept4", &[server, 0, 0, 0]),
            Came::Waits(Wait::File)
        );
        let client = t.socket(2, t.k().SOCK_STREAM);
        t.inet([127, 0, 0, 1], port);
        t.ok("connect", &[client, ADDRESS, 16]);
        assert_eq!(t.err("connect", &[client, ADDRESS, 16]), Errno::EISCONN);
        t.put_int(LEN, 128);
        let Came::Ok(accepted) = t.again("accept4", &[server, ADDRESS, LEN, 0]) else {
            panic!("{}: nobody was accepted", t.name());
        };
        let peer = t.get(ADDRESS, 16);
        assert_eq!(t.int(LEN), 16);
        assert_eq!(
            (&peer[..2], &peer[4..8]),
            (&t.half(2)[..], &[127, 0, 0, 1][..])
        );
        assert_eq!(u16::from_be_bytes([peer[2], peer[3]]), t.port(client));
        t.put(BYTES, b"hello");
        assert_eq!(t.ok("sendto", &[client, BYTES, 5, 0, 0, 0]), 5);
        t.ok("shutdown", &[client, t.k().SHUT_WR]);
        assert_eq!(
            t.ok("recvfrom", &[accepted, BYTES, 100, t.k().MSG_WAITALL, 0, 0]),
            5
        );
        assert_eq!(t.ok("read", &[accepted, BYTES, 100]), 0);
        // What is not received makes the end a reset.
        t.ok("write", &[accepted, BYTES, 3]);
        t.ok("close", &[client]);
        assert_eq!(t.err("write", &[accepted, BYTES, 1]), Errno::EPIPE);
    }
}

#[test]
fn who_finds_the_queue_full_waits_until_one_is_accepted() {
    for mut t in Trial::all() {
        let (server, port) = t.server(0);
        t.inet([127, 0, 0, 1], port);
        let stream = t.k().SOCK_STREAM;
        let first = t.socket(2, stream);
        t.ok("connect", &[first, ADDRESS, 16]);
        let second = t.socket(2, stream);
        assert_eq!(
            t.call("connect", &[second, ADDRESS, 16]),
            Came::Waits(Wait::File)
        );
        let third = t.socket(2, stream | t.k().SOCK_NONBLOCK);
        assert_eq!(t.err("connect", &[third, ADDRESS, 16]), Errno::EINPROGRESS);
        assert_eq!(t.err("connect", &[third, ADDRESS, 16]), Errno::EALREADY);
        t.ok("accept4", &[server, 0, 0, 0]);
        assert_eq!(t.again("connect", &[second, ADDRESS, 16]), Came::Ok(0));
        t.ok("close", &[server]);
        assert_eq!(t.err("connect", &[third, ADDRESS, 16]), Errno::ECONNREFUSED);
    }
}

#[test]
fn datagrams_keep_their_bounds_and_say_whom_they_are_from() {
    for mut t in Trial::all() {
        let datagram = t.k().SOCK_DGRAM;
        let (a, b) = (t.socket(2, datagram), t.socket(2, datagram));
        t.inet([127, 0, 0, 1], 0);
        t.ok("bind", &[a, ADDRESS, 16]);
        let port = t.port(a);
        assert_eq!(t.err("bind", &[b, ADDRESS, 8]), Errno::EINVAL);
        t.inet([127, 0, 0, 1], port);
        assert_eq!(t.err("bind", &[b, ADDRESS, 16]), Errno::EADDRINUSE);
        t.put(BYTES, b"abcdef");
        assert_eq!(t.ok("sendto", &[b, BYTES, 6, 0, ADDRESS, 16]), 6);
        assert_eq!(t.ok("sendto", &[b, BYTES, 0, 0, ADDRESS, 16]), 0);
        t.put_int(LEN, 16);
        assert_eq!(t.ok("recvfrom", &[a, BYTES, 4, 0, ADDRESS, LEN]), 4);
        let from = t.get(ADDRESS, 16);
        assert_eq!(u16::from_be_bytes([from[2], from[3]]), t.port(b));
        assert_eq!(t.ok("recvfrom", &[a, BYTES, 4, 0, 0, 0]), 0);
        assert_eq!(
            t.err("recvfrom", &[a, BYTES, 4, t.k().MSG_DONTWAIT, 0, 0]),
            Errno::EAGAIN
        );
        assert_eq!(
            t.err("sendto", &[a, BYTES, 4, 0, 0, 0]),
            Errno::EDESTADDRREQ
        );
        // Who is connected learns that nobody is there.
        t.ok("connect", &[a, ADDRESS, 16]);
        t.ok("close", &[b]);
        t.ok("write", &[a, BYTES, 1]);
        assert_eq!(t.err("write", &[a, BYTES, 1]), Errno::ECONNREFUSED);
    }
}

#[test]
fn open_files_travel_with_messages() {
    for mut t in Trial::all() {
        let k = t.k();
        let [a, b] = t.pair(k.SOCK_STREAM);
        let [c, d] = t.pair(k.SOCK_STREAM);
        let layout = &t.layouts().cmsghdr;
        let (head, word) = (
            u64::from(layout.size),
            if layout.size == 16 { 8 } else { 4 },
        );
        let mut control = crate::kernel::layout::Image::new(layout.size, t.space.endian());
        control
            .put(layout.cmsg_len, head + 4)
            .put(layout.cmsg_level, k.SOL_SOCKET)
            .put(layout.cmsg_type, k.SCM_RIGHTS);
        control.store(&mut t.space, CONTROL).expect("scratch");
        t.put_int(CONTROL + head, d as u32);
        let space = (head + 4_u64).next_multiple_of(word);
        t.message(2, space);
        t.put(BYTES, b"fd");
        assert_eq!(t.ok("sendmsg", &[a, MESSAGE, 0]), 2);
        t.ok("close", &[d]);
        assert_eq!(t.kernel.net.in_flight(), 1);
        t.message(10, 64);
        assert_eq!(t.ok("recvmsg", &[b, MESSAGE, k.MSG_CMSG_CLOEXEC]), 2);
        assert_eq!(t.told(), (k.MSG_CMSG_CLOEXEC, space));
        assert_eq!(t.kernel.net.in_flight(), 0);
        let fd = u64::from(t.int(CONTROL + head));
        t.ok("write", &[fd, BYTES, 2]);
        assert_eq!(t.ok("read", &[c, BYTES, 10]), 2);
        // Without room they are closed, and that is told.
        t.put_int(CONTROL + head, fd as u32);
        control.store(&mut t.space, CONTROL).expect("scratch");
        t.message(2, space);
        t.ok("sendmsg", &[a, MESSAGE, 0]);
        t.message(10, 0);
        assert_eq!(t.ok("recvmsg", &[b, MESSAGE, 0]), 2);
        assert_eq!(t.told().0, k.MSG_CTRUNC);
    }
}

#[test]
fn sockets_in_sockets_are_thrown_away_one_after_the_other() {
    let mut t = Trial::new("linux_x64");
    let k = t.k();
    let [mut inner, rest] = t.pair(k.SOCK_STREAM);
    t.ok("close", &[rest]);
    let layout = &t.layouts().cmsghdr;
    let head = u64::from(layout.size);
    let mut control = crate::kernel::layout::Image::new(layout.size, t.space.endian());
    control
        .put(layout.cmsg_len, head + 4)
        .put(layout.cmsg_level, k.SOL_SOCKET)
        .put(layout.cmsg_type, k.SCM_RIGHTS);
    for _ in 0..3000 {
        let [a, b] = t.pair(k.SOCK_STREAM);
        control.store(&mut t.space, CONTROL).expect("scratch");
        t.put_int(CONTROL + head, inner as u32);
        t.message(1, head + 8);
        t.ok("sendmsg", &[a, MESSAGE, 0]);
        t.ok("close", &[a]);
        t.ok("close", &[inner]);
        inner = b;
    }
    assert_eq!(t.kernel.net.in_flight(), 3000);
    t.ok("close", &[inner]);
    assert_eq!(t.kernel.net.in_flight(), 0);
}

#[test]
fn names_of_this_machine_are_in_the_tree_or_outside_of_it() {
    for mut t in Trial::all() {
        let stream = t.k().SOCK_STREAM;
        for name in [&b"/sock\0"[..], b"\0hidden"] {
            let server = t.socket(1, stream);
            let client = t.socket(1, stream);
            let len = t.unix(name);
            assert_eq!(
                t.err("connect", &[client, ADDRESS, len]),
                if name[0] == 0 {
                    Errno::ECONNREFUSED
                } else {
                    Errno::ENOENT
                }
            );
            t.ok("bind", &[server, ADDRESS, len]);
            assert_eq!(t.err("bind", &[client, ADDRESS, len]), Errno::EADDRINUSE);
            assert_eq!(
                t.err("connect", &[client, ADDRESS, len]),
                Errno::ECONNREFUSED
            );
            t.ok("listen", &[server, 5]);
            t.ok("connect", &[client, ADDRESS, len]);
            t.put_int(LEN, 110);
            t.ok("getpeername", &[client, BYTES, LEN]);
            assert_eq!(u64::from(t.int(LEN)), len);
            assert_eq!(t.get(BYTES + 2, name.len()), name);
            let packet = t.socket(1, t.k().SOCK_DGRAM);
            assert_eq!(t.err("connect", &[packet, ADDRESS, len]), Errno::EPROTOTYPE);
            t.ok("close", &[server]);
        }
        let context: FsContext = t.kernel.vfs.context();
        let walker = Walker {
            vfs: &t.kernel.vfs,
            context: &context,
            who: &Who::root(),
            generator: &Nothing,
            now: 0,
        };
        let found = walker
            .find(&context.root, b"/sock", true)
            .map(|entry| entry.node.file_type());
        assert_eq!(found, Ok(crate::kernel::vfs::FileType::Socket));
    }
}

#[test]
fn what_is_set_is_given_back() {
    for mut t in Trial::all() {
        let k = t.k();
        let fd = t.socket(2, k.SOCK_STREAM);
        for (level, name, set, got) in [
            (k.SOL_SOCKET, k.SO_KEEPALIVE, 7, 1),
            (k.SOL_SOCKET, k.SO_SNDBUF, 5000, 10_000),
            (k.SOL_SOCKET, k.SO_RCVBUF, 1, 2304),
            (k.SOL_SOCKET, k.SO_RCVLOWAT, 0, 1),
            (k.IPPROTO_TCP, k.TCP_NODELAY, 2, 1),
            (k.IPPROTO_TCP, k.TCP_KEEPIDLE, 33, 33),
            (k.IPPROTO_IP, k.IP_TTL, 12, 12),
            (k.IPPROTO_IP, k.IP_TTL, u32::MAX, 64),
        ] {
            t.put_int(BYTES, set);
            t.ok("setsockopt", &[fd, level, name, BYTES, 4]);
            t.put_int(LEN, 4);
            t.ok("getsockopt", &[fd, level, name, BYTES + 8, LEN]);
            assert_eq!(t.int(BYTES + 8), got, "{}: {level} {name}", t.name());
        }
        t.put_int(BYTES, 0);
        assert_eq!(
            t.err("setsockopt", &[fd, k.IPPROTO_IP, k.IP_TTL, BYTES, 4]),
            Errno::EINVAL
        );
        assert_eq!(
            t.err("setsockopt", &[fd, k.SOL_SOCKET, k.SO_TYPE, BYTES, 4]),
            Errno::ENOPROTOOPT
        );
        assert_eq!(
            t.err("setsockopt", &[fd, k.SOL_SOCKET, k.SO_KEEPALIVE, BYTES, 2]),
            Errno::EINVAL
        );
    }
}

#[test]
fn a_time_to_receive_is_over_when_it_is() {
    for mut t in Trial::all() {
        let k = t.k();
        let [a, _] = t.pair(k.SOCK_STREAM);
        let layout = &t.layouts().timeval;
        let mut time = crate::kernel::layout::Image::new(layout.size, t.space.endian());
        time.put(layout.tv_sec, 0).put(layout.tv_usec, 20_000);
        time.store(&mut t.space, BYTES).expect("scratch");
        let size = u64::from(layout.size);
        t.ok(
            "setsockopt",
            &[a, k.SOL_SOCKET, k.SO_RCVTIMEO_OLD, BYTES, size],
        );
        let Came::Waits(Wait::Until(until)) = t.call("read", &[a, BYTES, 1]) else {
            panic!("{}: it does not wait", t.name());
        };
        t.kernel.clock.wait_until(until);
        assert_eq!(t.again("read", &[a, BYTES, 1]), Came::Err(Errno::EAGAIN));
    }
}

#[test]
fn one_call_stands_for_all_where_there_is_one() {
    for mut t in Trial::all().filter(|t| t.has("socketcall")) {
        let k = t.k();
        let args = CONTROL;
        for (index, word) in [1, k.SOCK_STREAM as u32, 0, PAIR as u32]
            .into_iter()
            .enumerate()
        {
            t.put_int(args + 4 * index as u64, word);
        }
        t.ok("socketcall", &[k.SYS_SOCKETPAIR, args]);
        let (a, b) = (t.int(PAIR), t.int(PAIR + 4));
        t.put(BYTES, b"x");
        t.ok("write", &[a.into(), BYTES, 1]);
        for (index, word) in [b, BYTES as u32 + 8, 10, 0].into_iter().enumerate() {
            t.put_int(args + 4 * index as u64, word);
        }
        assert_eq!(t.ok("socketcall", &[k.SYS_RECV, args]), 1);
        assert_eq!(t.err("socketcall", &[0, args]), Errno::EINVAL);
        assert_eq!(t.err("socketcall", &[21, args]), Errno::EINVAL);
        assert_eq!(t.err("socketcall", &[k.SYS_RECV, 8]), Errno::EFAULT);
    }
}

#[test]
fn interfaces_are_told_of_by_netlink_and_by_ioctl() {
    for mut t in Trial::all() {
        let k = t.k();
        let fd = t.ok("socket", &[k.AF_NETLINK, k.SOCK_RAW, k.NETLINK_ROUTE]);
        let endian = t.space.endian();
        let word = |value: u32| match endian {
            Endian::Little => value.to_le_bytes(),
            Endian::Big => value.to_be_bytes(),
        };
        let mut asked = word(17).to_vec();
        asked.extend_from_slice(&t.half(k.RTM_GETADDR));
        asked.extend_from_slice(&t.half(k.NLM_F_REQUEST | k.NLM_F_DUMP));
        asked.extend_from_slice(&word(77));
        asked.extend_from_slice(&word(0));
        asked.push(k.AF_INET as u8);
        t.put(BYTES, &asked);
        assert_eq!(t.ok("sendto", &[fd, BYTES, 17, 0, 0, 0]), 17);
        let len = t.ok("recvfrom", &[fd, BYTES, 0x400, 0, 0, 0]);
        let answer = t.get(BYTES, len as usize);
        assert_eq!(answer[4..6], t.half(k.RTM_NEWADDR));
        assert_eq!(answer[8..12], word(77));
        // The family, 8 bits, the scope of the host; then the address behind its attribute's head.
        assert_eq!((answer[16], answer[17], answer[19]), (2, 8, 254));
        assert_eq!(answer[28..32], [127, 0, 0, 1]);
        let len = t.ok("recvfrom", &[fd, BYTES, 0x400, 0, 0, 0]);
        let done = t.get(BYTES, len as usize);
        assert_eq!(done[4..6], t.half(k.NLMSG_DONE));

        let udp = t.socket(2, k.SOCK_DGRAM);
        let layout = &t.layouts().ifreq;
        t.put(BYTES, b"lo\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        t.ok("ioctl", &[udp, k.SIOCGIFADDR, BYTES]);
        let at = BYTES + u64::from(layout.ifr_addr.offset);
        assert_eq!(t.get(at + 4, 4), [127, 0, 0, 1]);
        t.put(BYTES, b"eth0\0");
        assert_eq!(t.err("ioctl", &[udp, k.SIOCGIFADDR, BYTES]), Errno::ENODEV);
    }
}

#[test]
fn outside_there_is_nothing_unless_it_is_made_up() {
    for mut t in Trial::all() {
        let k = t.k();
        let fd = t.socket(2, k.SOCK_STREAM);
        t.inet([10, 1, 2, 3], 80);
        assert_eq!(t.err("connect", &[fd, ADDRESS, 16]), Errno::ENETUNREACH);
        let script =
            Script::parse("tcp 10.1.2.3:80\n recv \"?\"\n send \"!\"\n close\n").expect("a script");
        let world: Net = Net::default();
        world.connect_outside(std::rc::Rc::new(std::rc::Rc::new(Pretended::new(
            None, script,
        ))));
        t.kernel.net = std::rc::Rc::new(world);
        let fd = t.socket(2, k.SOCK_STREAM);
        t.ok("connect", &[fd, ADDRESS, 16]);
        t.put(BYTES, b"what?");
        t.ok("write", &[fd, BYTES, 4]);
        assert!(matches!(
            t.call("read", &[fd, BYTES + 8, 9]),
            Came::Waits(_)
        ));
        t.ok("write", &[fd, BYTES + 4, 1]);
        assert_eq!(t.again("read", &[fd, BYTES + 8, 9]), Came::Ok(1));
        assert_eq!(t.get(BYTES + 8, 1), b"!");
        assert_eq!(t.ok("read", &[fd, BYTES + 8, 9]), 0);
        // Elsewhere everything is taken, and after a while the other side has had enough.
        t.inet([10, 9, 9, 9], 80);
        let fd = t.socket(2, k.SOCK_STREAM);
        t.ok("connect", &[fd, ADDRESS, 16]);
        t.ok("write", &[fd, BYTES, 5]);
        let Came::Waits(Wait::Until(until)) = t.call("read", &[fd, BYTES, 9]) else {
            panic!("{}: it does not wait", t.name());
        };
        t.kernel.clock.wait_until(until);
        assert_eq!(t.again("read", &[fd, BYTES, 9]), Came::Ok(0));
        assert_eq!(
            t.kernel.net.take_notes(),
            ["tcp 10.1.2.3:80", "tcp 10.9.9.9:80"]
        );
    }
}

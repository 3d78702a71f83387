//! What does the kernel answer on a netlink socket? Which interfaces, addresses and routes there are.   [rtnetlink(7),
//! netlink(7)]

use std::net::IpAddr;
use std::rc::Rc;

use emu_cpu::Endian;
use emu_prototypes::linux::{Abi, Constants, Errno, Outcome};

use super::interface::{QUEUE, everybody, flags, kind};
use crate::kernel::net::{Address, Endpoint, Interface, Net, Network};
use crate::kernel::{Cx, Kernel};

/// Bytes of a message's header: its length, type, flags, number, and port.   [struct nlmsghdr]
const HEAD: usize = 16;
/// Types below are not requests.   [NLMSG_MIN_TYPE]
const FIRST: u64 = 16;
/// An interface is up.   [Linux include/uapi/linux/if.h, IF_OPER_UNKNOWN, IF_OPER_UP]
const UNKNOWN: u8 = 0;
const UP: u8 = 6;

/// Messages in the guest's byte order.
struct Writer {
    bytes: Vec<u8>,
    endian: Endian,
    start: usize,
}

impl Writer {
    fn new(endian: Endian) -> Writer {
        Writer {
            bytes: Vec::new(),
            endian,
            start: 0,
        }
    }

    fn half(&mut self, value: u64) -> &mut Writer {
        let value = value as u16;
        self.bytes.extend_from_slice(&match self.endian {
            Endian::Little => value.to_le_bytes(),
            Endian::Big => value.to_be_bytes(),
        });
        self
    }

    fn word(&mut self, value: u64) -> &mut Writer {
        let value = value as u32;
        self.bytes.extend_from_slice(&match self.endian {
            Endian::Little => value.to_le_bytes(),
            Endian::Big => value.to_be_bytes(),
        });
        self
    }

    /// Begins a message.
    fn begin(&mut self, kind: u64, flags: u64, asked: &Asked) {
        self.start = self.bytes.len();
        self.word(0).half(kind).half(flags);
        self.word(asked.number.into()).word(asked.port.into());
    }

    /// Ends it: its length is known.
    fn end(&mut self) {
        let len = (self.bytes.len() - self.start) as u32;
        let bytes = match self.endian {
            Endian::Little => len.to_le_bytes(),
            Endian::Big => len.to_be_bytes(),
        };
        self.bytes[self.start..self.start + 4].copy_from_slice(&bytes);
        self.align();
    }

    fn align(&mut self) {
        let len = self.bytes.len().next_multiple_of(4);
        self.bytes.resize(len, 0);
    }

    /// An attribute.
    fn attribute(&mut self, kind: u64, data: &[u8]) {
        self.half(4 + data.len() as u64).half(kind);
        self.bytes.extend_from_slice(data);
        self.align();
    }

    fn number(&mut self, kind: u64, value: u64) {
        self.half(8).half(kind).word(value);
    }

    fn ip(&mut self, kind: u64, ip: IpAddr) {
        match ip {
            IpAddr::V4(ip) => self.attribute(kind, &ip.octets()),
            IpAddr::V6(ip) => self.attribute(kind, &ip.octets()),
        }
    }

    fn text(&mut self, kind: u64, text: &str) {
        self.attribute(kind, &[text.as_bytes(), b"\0"].concat());
    }
}

/// A request.
struct Asked {
    kind: u64,
    flags: u64,
    number: u32,
    /// The port of who asks.
    port: u32,
    /// What is behind the header.
    body: Vec<u8>,
}

impl Asked {
    /// The family that is asked about; 0 is any.
    fn family(&self) -> u64 {
        self.body.first().copied().unwrap_or(0).into()
    }
}

fn words(bytes: &[u8], endian: Endian, at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(match endian {
        Endian::Little => u32::from_le_bytes(bytes),
        Endian::Big => u32::from_be_bytes(bytes),
    })
}

fn halves(bytes: &[u8], endian: Endian, at: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(
        match endian {
            Endian::Little => u16::from_le_bytes(bytes),
            Endian::Big => u16::from_be_bytes(bytes),
        }
        .into(),
    )
}

impl Kernel {
    /// Takes what was sent to the kernel, and answers at once.   [Linux net/netlink/af_netlink.c, netlink_rcv_skb]
    pub(super) fn answer_netlink(
        &self,
        cx: &Cx<'_>,
        socket: &Rc<Endpoint>,
        bytes: &[u8],
    ) -> Outcome {
        use emu_cpu::GuestMemory;
        let k = cx.k;
        let endian = cx.mem.endian();
        if !matches!(socket.local(), Address::Kernel(port, _) if port != 0) {
            socket.bind_kernel(0, 0)?;
        }
        let Address::Kernel(port, _) = socket.local() else {
            return Err(Errno::EINVAL.into());
        };
        let mut rest = bytes;
        while rest.len() >= HEAD {
            let len = words(rest, endian, 0).unwrap_or(0) as usize;
            if len < HEAD || len > rest.len() {
                break;
            }
            let asked = Asked {
                kind: halves(rest, endian, 4).unwrap_or(0),
                flags: halves(rest, endian, 6).unwrap_or(0),
                number: words(rest, endian, 8).unwrap_or(0),
                port,
                body: rest[HEAD..len].to_vec(),
            };
            if asked.flags & k.NLM_F_REQUEST != 0 && asked.kind >= FIRST {
                for message in answers(k, cx.abi, endian, &self.net, &asked, &rest[..len]) {
                    if !socket.arrived_from(Address::Kernel(0, 0), &message) {
                        return Err(Errno::ENOBUFS.into());
                    }
                }
            }
            rest = rest.get(len.next_multiple_of(4)..).unwrap_or(&[]);
        }
        Ok(bytes.len() as u64)
    }
}

/// The answers to one request, as messages of the socket.
fn answers(
    k: &Constants,
    abi: &Abi,
    endian: Endian,
    net: &Net,
    asked: &Asked,
    whole: &[u8],
) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut writer = Writer::new(endian);
    let dumps = asked.flags & k.NLM_F_DUMP != 0;
    let multi = if dumps { k.NLM_F_MULTI } else { 0 };
    let numbered: Vec<(u64, Interface)> = (1..).zip(net.interfaces()).collect();
    let error = match asked.kind {
        kind if kind == k.RTM_GETLINK => {
            let index = words(&asked.body, endian, 4).unwrap_or(0);
            let name = name_of(k, endian, &asked.body);
            let mut some = false;
            for (number, interface) in &numbered {
                let wanted = dumps
                    || u64::from(index) == *number
                    || index == 0 && name.as_deref() == Some(interface.name.as_bytes());
                if wanted {
                    link(k, &mut writer, multi, asked, (*number, interface));
                    some = true;
                }
            }
            if some { None } else { Some(Errno::ENODEV) }
        }
        kind if kind == k.RTM_GETADDR && dumps => {
            for (number, interface) in &numbered {
                for network in &interface.networks {
                    let family = family(k, network.ip);
                    if asked.family() == 0 || asked.family() == family {
                        address(k, &mut writer, asked, (*number, interface), network);
                    }
                }
            }
            None
        }
        kind if kind == k.RTM_GETROUTE && dumps => {
            if [0, k.AF_INET].contains(&asked.family()) {
                for (number, interface) in &numbered {
                    routes(k, &mut writer, asked, (*number, interface));
                }
            }
            None
        }
        // What is not a question changes something.   [rtnetlink_rcv_msg]
        kind if kind & 3 != 2 => Some(Errno::EPERM),
        _ => Some(Errno::EOPNOTSUPP),
    };
    if !writer.bytes.is_empty() {
        all.push(std::mem::take(&mut writer.bytes));
    }
    let ends = error.is_some() || asked.flags & k.NLM_F_ACK != 0 && !dumps;
    if ends {
        writer.begin(k.NLMSG_ERROR, 0, asked);
        let number = error.map_or(0, |error| -i64::from(error.number(abi)));
        writer.word(number.cast_unsigned());
        // The request comes back: all of it where it failed.
        let back = if error.is_some() {
            whole
        } else {
            &whole[..HEAD]
        };
        writer.bytes.extend_from_slice(back);
        writer.end();
        all.push(writer.bytes);
    } else if dumps {
        writer.begin(k.NLMSG_DONE, k.NLM_F_MULTI, asked);
        writer.word(0);
        writer.end();
        all.push(writer.bytes);
    }
    all
}

/// The name of an interface that is asked about.
fn name_of(k: &Constants, endian: Endian, body: &[u8]) -> Option<Vec<u8>> {
    let mut rest = body.get(16..)?;
    while rest.len() >= 4 {
        let len = halves(rest, endian, 0)? as usize;
        let data = rest.get(4..len)?;
        if halves(rest, endian, 2)? == k.IFLA_IFNAME {
            let end = data
                .iter()
                .position(|byte| *byte == 0)
                .unwrap_or(data.len());
            return Some(data[..end].to_vec());
        }
        rest = rest.get(len.next_multiple_of(4)..)?;
    }
    None
}

fn family(k: &Constants, ip: IpAddr) -> u64 {
    match ip {
        IpAddr::V4(_) => k.AF_INET,
        IpAddr::V6(_) => k.AF_INET6,
    }
}

/// `struct ifinfomsg` and its attributes.   [Linux net/core/rtnetlink.c, rtnl_fill_ifinfo]
fn link(
    k: &Constants,
    writer: &mut Writer,
    multi: u64,
    asked: &Asked,
    (number, interface): (u64, &Interface),
) {
    writer.begin(k.RTM_NEWLINK, multi, asked);
    writer.half(k.AF_UNSPEC).half(kind(k, interface));
    // The lower layer is up, too.   [Linux include/uapi/linux/if.h, IFF_LOWER_UP]
    writer
        .word(number)
        .word(flags(k, interface) | 1 << 16)
        .word(0);
    writer.text(k.IFLA_IFNAME, interface.name);
    writer.number(k.IFLA_TXQLEN, QUEUE.into());
    let state = if interface.loopback { UNKNOWN } else { UP };
    writer.attribute(k.IFLA_OPERSTATE, &[state]);
    writer.number(k.IFLA_MTU, interface.mtu.into());
    writer.text(
        k.IFLA_QDISC,
        if interface.loopback {
            "noqueue"
        } else {
            "fq_codel"
        },
    );
    writer.attribute(k.IFLA_ADDRESS, &interface.hardware);
    let everybody = if interface.loopback {
        [0; 6]
    } else {
        [0xff; 6]
    };
    writer.attribute(k.IFLA_BROADCAST, &everybody);
    writer.end();
}

/// `struct ifaddrmsg` and its attributes.   [Linux net/ipv4/devinet.c, inet_fill_ifaddr]
fn address(
    k: &Constants,
    writer: &mut Writer,
    asked: &Asked,
    (number, interface): (u64, &Interface),
    network: &Network,
) {
    writer.begin(k.RTM_NEWADDR, k.NLM_F_MULTI, asked);
    let scope = match interface.loopback {
        true => k.RT_SCOPE_HOST,
        false => k.RT_SCOPE_UNIVERSE,
    };
    let start = [
        family(k, network.ip) as u8,
        network.bits,
        k.IFA_F_PERMANENT as u8,
        scope as u8,
    ];
    writer.bytes.extend_from_slice(&start);
    writer.word(number);
    writer.ip(k.IFA_ADDRESS, network.ip);
    if let IpAddr::V4(ip) = network.ip {
        writer.ip(k.IFA_LOCAL, network.ip);
        if !interface.loopback {
            writer.ip(k.IFA_BROADCAST, everybody(ip, network.bits).into());
        }
        writer.text(k.IFA_LABEL, interface.name);
    }
    writer.number(k.IFA_FLAGS, k.IFA_F_PERMANENT);
    writer.end();
}

/// The routes that lead over an interface: to its network, and everywhere.   [Linux net/ipv4/fib_semantics.c,
/// fib_dump_info]
fn routes(
    k: &Constants,
    writer: &mut Writer,
    asked: &Asked,
    (number, interface): (u64, &Interface),
) {
    let Some((ip, bits)) = interface.four().filter(|_| !interface.loopback) else {
        return;
    };
    let network = u32::from(ip) & u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
    for everywhere in [true, false] {
        writer.begin(k.RTM_NEWROUTE, k.NLM_F_MULTI, asked);
        let (protocol, scope) = match everywhere {
            true => (k.RTPROT_BOOT, k.RT_SCOPE_UNIVERSE),
            false => (k.RTPROT_KERNEL, k.RT_SCOPE_LINK),
        };
        let start = [
            k.AF_INET as u8,
            if everywhere { 0 } else { bits },
            0,
            0,
            k.RT_TABLE_MAIN as u8,
            protocol as u8,
            scope as u8,
            k.RTN_UNICAST as u8,
        ];
        writer.bytes.extend_from_slice(&start);
        writer.word(0);
        writer.number(k.RTA_TABLE, k.RT_TABLE_MAIN);
        if everywhere {
            writer.ip(k.RTA_GATEWAY, Net::name_server().ip);
        } else {
            writer.attribute(k.RTA_DST, &network.to_be_bytes());
            writer.ip(k.RTA_PREFSRC, ip.into());
        }
        writer.number(k.RTA_OIF, number);
        writer.end();
    }
}

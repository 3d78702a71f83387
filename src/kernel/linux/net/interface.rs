//! `ioctl` on sockets: interfaces, and what waits.   [netdevice(7), tcp(7), unix(7)]

use std::net::Ipv4Addr;
use std::rc::Rc;

use emu_prototypes::Ptr;
use emu_prototypes::linux::{Constants, Errno, Outcome};

use crate::kernel::net::{Address, Endpoint, Family, Interface, Place, State};
use crate::kernel::{Cx, Kernel};

/// Bytes of an interface's name, its end counted.   [IFNAMSIZ]
const NAME: usize = 16;
/// Packets that wait for an interface at most.
pub(super) const QUEUE: u32 = 1000;

/// Flags of an interface.
pub(super) fn flags(k: &Constants, interface: &Interface) -> u64 {
    let up = k.IFF_UP | k.IFF_RUNNING;
    match interface.loopback {
        true => up | k.IFF_LOOPBACK,
        false => up | k.IFF_BROADCAST | k.IFF_MULTICAST,
    }
}

/// The mask of a network.
fn mask(bits: u8) -> Ipv4Addr {
    let host = 32_u32.saturating_sub(bits.into());
    Ipv4Addr::from(u32::MAX.checked_shl(host).unwrap_or(0))
}

/// The address of everybody in a network.
pub(super) fn everybody(ip: Ipv4Addr, bits: u8) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(ip) | !u32::from(mask(bits)))
}

impl Kernel {
    /// `None` when it is no command of sockets.
    pub(in crate::kernel::linux) fn socket_ioctl(
        &mut self,
        cx: &mut Cx<'_>,
        socket: &Rc<Endpoint>,
        cmd: u32,
        arg: u64,
    ) -> Option<Outcome> {
        let k = cx.k;
        let is = |constant: u64| cmd == constant as u32;
        if is(k.FIONREAD) {
            return Some(match socket.state() {
                State::Listening => Err(Errno::EINVAL.into()),
                _ => give(cx, arg, socket.waiting()),
            });
        }
        if is(k.SIOCOUTQ) {
            return Some(match socket.state() {
                State::Listening => Err(Errno::EINVAL.into()),
                _ => give(cx, arg, socket.unsent()),
            });
        }
        if is(k.SIOCATMARK) && socket.is_internet_stream() {
            return Some(give(cx, arg, 0));
        }
        if is(k.SIOCGIFCONF) {
            return Some(self.configuration(cx, arg));
        }
        let asked = [
            k.SIOCGIFNAME,
            k.SIOCGIFINDEX,
            k.SIOCGIFFLAGS,
            k.SIOCGIFADDR,
            k.SIOCGIFNETMASK,
            k.SIOCGIFBRDADDR,
            k.SIOCGIFDSTADDR,
            k.SIOCGIFMTU,
            k.SIOCGIFHWADDR,
            k.SIOCGIFMETRIC,
            k.SIOCGIFTXQLEN,
        ];
        if asked.into_iter().any(is) {
            return Some(self.interface(cx, socket, cmd, arg));
        }
        let changes = [
            k.SIOCSIFNAME,
            k.SIOCSIFFLAGS,
            k.SIOCSIFADDR,
            k.SIOCSIFNETMASK,
            k.SIOCSIFBRDADDR,
            k.SIOCSIFDSTADDR,
            k.SIOCSIFMTU,
            k.SIOCSIFHWADDR,
            k.SIOCSIFMETRIC,
            k.SIOCSIFTXQLEN,
            k.SIOCADDRT,
            k.SIOCDELRT,
            k.SIOCSARP,
            k.SIOCDARP,
        ];
        if changes.into_iter().any(is) {
            // Nobody here has CAP_NET_ADMIN.
            return Some(Err(Errno::EPERM.into()));
        }
        None
    }

    /// One fact of one interface.   [Linux net/core/dev_ioctl.c, dev_ifsioc_locked; net/ipv4/devinet.c, devinet_ioctl]
    fn interface(&mut self, cx: &mut Cx<'_>, socket: &Endpoint, cmd: u32, arg: u64) -> Outcome {
        let k = cx.k;
        let is = |constant: u64| cmd == constant as u32;
        let layout = &cx.layouts.ifreq;
        let mut image = cx.load(arg, layout.size)?;
        let all = self.net.interfaces();
        let index = if is(k.SIOCGIFNAME) {
            usize::try_from(image.get(layout.ifr_ifindex)).unwrap_or(0)
        } else {
            let name = image.get_bytes(layout.ifr_name);
            let end = name.iter().position(|byte| *byte == 0).unwrap_or(NAME - 1);
            let same = |interface: &Interface| interface.name.as_bytes() == &name[..end];
            all.iter().position(same).map_or(0, |index| index + 1)
        };
        let found = index.checked_sub(1).and_then(|index| all.get(index));
        let found = found.ok_or(Errno::ENODEV)?;
        let put_ip = |ip: Ipv4Addr| {
            let address = Address::Ip(Place {
                ip: ip.into(),
                port: 0,
            });
            cx.socket_address(&address, Family::Inet)
        };
        let four = found.four();
        let of_inet = [
            k.SIOCGIFADDR,
            k.SIOCGIFNETMASK,
            k.SIOCGIFBRDADDR,
            k.SIOCGIFDSTADDR,
        ];
        if of_inet.into_iter().any(is) {
            if !socket.is_internet() {
                return Err(Errno::ENOTTY.into());
            }
            let (ip, bits) = four.ok_or(Errno::EADDRNOTAVAIL)?;
            let ip = match cmd {
                _ if is(k.SIOCGIFNETMASK) => mask(bits),
                _ if is(k.SIOCGIFBRDADDR) && found.loopback => Ipv4Addr::UNSPECIFIED,
                _ if is(k.SIOCGIFBRDADDR) => everybody(ip, bits),
                _ => ip,
            };
            image.put_bytes(layout.ifr_addr, &put_ip(ip));
        } else if is(k.SIOCGIFNAME) {
            let mut name = found.name.as_bytes().to_vec();
            name.resize(NAME, 0);
            image.put_bytes(layout.ifr_name, &name);
        } else if is(k.SIOCGIFINDEX) {
            image.put(layout.ifr_ifindex, index as u64);
        } else if is(k.SIOCGIFFLAGS) {
            image.put(layout.ifr_flags, flags(k, found));
        } else if is(k.SIOCGIFMTU) {
            image.put(layout.ifr_mtu, found.mtu.into());
        } else if is(k.SIOCGIFTXQLEN) {
            image.put(layout.ifr_mtu, QUEUE.into());
        } else if is(k.SIOCGIFMETRIC) {
            image.put(layout.ifr_ifindex, 0);
        } else if is(k.SIOCGIFHWADDR) {
            let mut address = cx.image(layout.ifr_addr.size.into());
            let sockaddr = &cx.layouts.sockaddr;
            address
                .put(sockaddr.sa_family, kind(k, found))
                .put_bytes(sockaddr.sa_data, &found.hardware);
            image.put_bytes(layout.ifr_addr, address.bytes());
        }
        image.store(cx.mem, arg)?;
        Ok(0)
    }

    /// All interfaces that have addresses of version 4.   [netdevice(7), SIOCGIFCONF]
    fn configuration(&mut self, cx: &mut Cx<'_>, arg: u64) -> Outcome {
        let (layout, entry) = (&cx.layouts.ifconf, &cx.layouts.ifreq);
        let mut image = cx.load(arg, layout.size)?;
        let buffer = image.get(layout.ifc_buf);
        let room = u64::try_from(image.get_signed(layout.ifc_len)).unwrap_or(0);
        let size = u64::from(entry.size);
        let mut used = 0;
        for interface in self.net.interfaces() {
            let Some((ip, _)) = interface.four() else {
                continue;
            };
            if buffer != 0 {
                if used + size > room {
                    break;
                }
                let address = Address::Ip(Place {
                    ip: ip.into(),
                    port: 0,
                });
                let address = cx.socket_address(&address, Family::Inet);
                let mut image = cx.image(entry.size);
                image
                    .put_bytes(entry.ifr_name, interface.name.as_bytes())
                    .put_bytes(entry.ifr_addr, &address);
                image.store(cx.mem, buffer.wrapping_add(used))?;
            }
            used += size;
        }
        image.put(layout.ifc_len, used);
        image.store(cx.mem, arg)?;
        Ok(0)
    }
}

/// The kind of hardware that an interface is.
pub(super) fn kind(k: &Constants, interface: &Interface) -> u64 {
    match interface.loopback {
        true => k.ARPHRD_LOOPBACK,
        false => k.ARPHRD_ETHER,
    }
}

fn give(cx: &mut Cx<'_>, at: u64, count: usize) -> Outcome {
    let count = i32::try_from(count).unwrap_or(i32::MAX);
    Ptr::<i32>::new(at).write(cx.mem, count)?;
    Ok(0)
}

//! Which sockets and interfaces are there? `/proc/PID/net`: the tables as they are when there is nothing to tell, but
//! those of sockets and the loopback interface.

use super::subject::Subject;
use super::{Name, Own};
use crate::kernel::net::Family;
use crate::kernel::vfs::FsError;

const fn file(path: &'static str, make: fn(&Subject<'_>) -> Result<Vec<u8>, FsError>) -> Name<Own> {
    Name {
        path,
        mode: 0o444,
        what: Own::File(make),
    }
}

/// A table without rows.
macro_rules! empty {
    ($path:literal, $header:expr) => {
        file($path, |_| Ok(concat!($header, "\n").into()))
    };
}

pub(super) static NAMES: &[Name<Own>] = &[
    Name {
        path: "net",
        mode: 0o555,
        what: Own::Directory,
    },
    empty!(
        "net/arp",
        "IP address       HW type     Flags       HW address            Mask     Device"
    ),
    // [Linux net/core/net-procfs.c, dev_seq_show]
    file("net/dev", |_| {
        Ok("Inter-|   Receive                                                |  Transmit\n \
            face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier \
            compressed\n    \
            lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n"
            .into())
    }),
    // [Linux net/ipv6/addrconf.c, if6_seq_show]
    file("net/if_inet6", |_| {
        Ok("00000000000000000000000000000001 01 80 10 80       lo\n".into())
    }),
    file("net/ipv6_route", |_| Ok(Vec::new())),
    empty!(
        "net/netlink",
        "sk               Eth Pid        Groups   Rmem     Wmem     Dump  Locks    Drops    Inode"
    ),
    empty!(
        "net/packet",
        "sk       RefCnt Type Proto  Iface R Rmem   User   Inode"
    ),
    file("net/protocols", |_| Ok(Vec::new())),
    empty!(
        "net/raw",
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops"
    ),
    // Rows of routes are padded to 128 columns.   [Linux net/ipv4/fib_trie.c, fib_route_seq_show]
    file("net/route", |_| {
        Ok(format!(
            "{:<127}\n",
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT"
        )
        .into())
    }),
    file("net/sockstat", |_| {
        Ok("sockets: used 0\nTCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0\nUDP: inuse 0 mem 0\nRAW: inuse 0\nFRAG: inuse 0 memory 0\n"
            .into())
    }),
    file("net/tcp", |s| {
        let header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
        Ok(format!("{header:<149}\n{}", s.tcp(Family::Inet)).into())
    }),
    file("net/tcp6", |s| {
        let header = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
        Ok(format!("{header}\n{}", s.tcp(Family::Inet6)).into())
    }),
    file("net/udp", |s| {
        let header = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
        Ok(format!("{header:<127}\n{}", s.udp(Family::Inet)).into())
    }),
    file("net/udp6", |s| {
        let header = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops";
        Ok(format!("{header}\n{}", s.udp(Family::Inet6)).into())
    }),
    file("net/unix", |s| {
        let header = b"Num       RefCount Protocol Flags    Type St Inode Path\n";
        Ok([&header[..], &s.unix()].concat())
    }),
];

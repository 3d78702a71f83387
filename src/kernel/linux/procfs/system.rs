//! What does `/sys` say? One CPU, one node of memory, one interface.   [sysfs(5); Linux Documentation/ABI/testing/sysfs-*]

use super::{Machine, Name, Proc};

const fn directory(path: &'static str) -> Name<Machine> {
    Name {
        path,
        mode: 0o755,
        what: Machine::Directory,
    }
}

const fn file(path: &'static str, make: fn(&Proc<'_>) -> String) -> Name<Machine> {
    Name {
        path,
        mode: 0o444,
        what: Machine::File(make),
    }
}

pub(super) static NAMES: &[Name<Machine>] = &[
    directory("block"),
    directory("bus"),
    directory("class"),
    directory("class/net"),
    directory("class/net/lo"),
    file("class/net/lo/address", |_| "00:00:00:00:00:00\n".into()),
    file("class/net/lo/broadcast", |_| "00:00:00:00:00:00\n".into()),
    file("class/net/lo/flags", |_| "0x9\n".into()),
    file("class/net/lo/ifindex", |_| "1\n".into()),
    file("class/net/lo/mtu", |_| "65536\n".into()),
    file("class/net/lo/operstate", |_| "unknown\n".into()),
    file("class/net/lo/tx_queue_len", |_| "1000\n".into()),
    file("class/net/lo/type", |_| "772\n".into()),
    directory("dev"),
    directory("dev/block"),
    directory("dev/char"),
    directory("devices"),
    directory("devices/system"),
    directory("devices/system/cpu"),
    directory("devices/system/cpu/cpu0"),
    directory("devices/system/cpu/cpu0/topology"),
    file("devices/system/cpu/cpu0/topology/core_cpus_list", |_| {
        "0\n".into()
    }),
    file("devices/system/cpu/cpu0/topology/core_id", |_| "0\n".into()),
    file(
        "devices/system/cpu/cpu0/topology/core_siblings_list",
        |_| "0\n".into(),
    ),
    file(
        "devices/system/cpu/cpu0/topology/physical_package_id",
        |_| "0\n".into(),
    ),
    file(
        "devices/system/cpu/cpu0/topology/thread_siblings_list",
        |_| "0\n".into(),
    ),
    file("devices/system/cpu/isolated", |_| "\n".into()),
    file("devices/system/cpu/kernel_max", |_| "0\n".into()),
    file("devices/system/cpu/offline", |_| "\n".into()),
    file("devices/system/cpu/online", |_| "0\n".into()),
    file("devices/system/cpu/possible", |_| "0\n".into()),
    file("devices/system/cpu/present", |_| "0\n".into()),
    directory("devices/system/node"),
    directory("devices/system/node/node0"),
    file("devices/system/node/node0/cpulist", |_| "0\n".into()),
    file("devices/system/node/node0/cpumap", |_| "1\n".into()),
    file("devices/system/node/online", |_| "0\n".into()),
    file("devices/system/node/possible", |_| "0\n".into()),
    directory("devices/virtual"),
    directory("firmware"),
    directory("fs"),
    directory("fs/cgroup"),
    directory("kernel"),
    directory("kernel/mm"),
    directory("kernel/mm/hugepages"),
    directory("kernel/mm/transparent_hugepage"),
    file("kernel/mm/transparent_hugepage/enabled", |_| {
        "always madvise [never]\n".into()
    }),
    file("kernel/mm/transparent_hugepage/hpage_pmd_size", |_| {
        "2097152\n".into()
    }),
    directory("module"),
];

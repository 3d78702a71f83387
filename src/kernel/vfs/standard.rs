//! What does every tree have, whatever its root is?

use super::Vfs;
use super::device::Device;
use super::error::FsError;
use super::generated::{Key, Made};
use super::node::{Body, Node};
use super::space::FsKind;
use crate::kernel::host::Stream;

/// Files that an empty root has.
const EMPTY: &[(&str, &str)] = &[
    (
        "/etc/passwd",
        "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n",
    ),
    ("/etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"),
    (
        "/etc/nsswitch.conf",
        "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nprotocols: files\n\
         services: files\n",
    ),
];

/// Files about the machine, for a root that has none of that name: what runs containers gives them to each.
const MACHINE: &[(&str, &str)] = &[
    (
        "/etc/hosts",
        "127.0.0.1\tlocalhost\n127.0.1.1\temu\n::1\tlocalhost ip6-localhost ip6-loopback\n",
    ),
    ("/etc/hostname", "emu\n"),
    ("/etc/resolv.conf", "# There is no name server.\n"),
];

impl Vfs {
    /// Mounts what every tree has. An empty root gets some directories, too.
    pub(super) fn mount_standard(&self, empty: bool) -> Result<(), FsError> {
        let open = |path: &[u8]| -> Result<(), FsError> {
            let entry = self.directory(path)?;
            entry.node.change(|meta| meta.mode = 0o1777);
            Ok(())
        };
        open(b"/tmp")?;
        self.mount_devices()?;
        let fs = self.file_system(FsKind::Processes, None);
        self.mount(
            b"/proc",
            Node::made(&fs, Made::directory(Key::PROC)),
            "proc",
        )?;
        let fs = self.file_system(FsKind::System, None);
        self.mount(
            b"/sys",
            Node::made(&fs, Made::directory(Key::SYSTEM)),
            "sysfs",
        )?;
        if empty {
            self.directory(b"/etc")?;
            self.directory(b"/run")?;
            open(b"/var/tmp")?;
        }
        let is_there = |path: &str| {
            self.walk(|walker| walker.find(self.root(), path.as_bytes(), false))
                .is_ok()
        };
        if is_there("/etc") {
            let more = if empty { EMPTY } else { &[] };
            for (path, text) in more.iter().chain(MACHINE) {
                if !is_there(path) {
                    self.file(path.as_bytes(), text.as_bytes(), 0o644)?;
                }
            }
        }
        Ok(())
    }

    fn mount_devices(&self) -> Result<(), FsError> {
        let fs = self.file_system(FsKind::Devices, None);
        self.mount(b"/dev", self.new_directory(&fs, 0o755), "devtmpfs")?;
        let device =
            |name: &[u8], device, mode| self.put(name, Body::Device(device), mode).map(|_| ());
        device(b"/dev/null", Device::Null, 0o666)?;
        device(b"/dev/zero", Device::Zero, 0o666)?;
        device(b"/dev/full", Device::Full, 0o666)?;
        device(b"/dev/random", Device::Random, 0o666)?;
        device(b"/dev/urandom", Device::Urandom, 0o666)?;
        device(b"/dev/tty", Device::Tty, 0o666)?;
        device(b"/dev/kmsg", Device::Kmsg, 0o644)?;
        device(b"/dev/console", Device::Console, 0o600)?;
        device(b"/dev/ptmx", Device::Ptmx, 0o666)?;
        let link = |name: &[u8], text: &[u8]| {
            self.put(name, Body::Symlink(text.into()), 0o777)
                .map(|_| ())
        };
        link(b"/dev/fd", b"/proc/self/fd")?;
        link(b"/dev/stdin", b"/proc/self/fd/0")?;
        link(b"/dev/stdout", b"/proc/self/fd/1")?;
        link(b"/dev/stderr", b"/proc/self/fd/2")?;
        for (path, source) in [(&b"/dev/shm"[..], "shm"), (b"/dev/mqueue", "mqueue")] {
            let fs = self.file_system(FsKind::Memory, None);
            self.mount(path, self.new_directory(&fs, 0o1777), source)?;
        }
        let fs = self.file_system(FsKind::Terminals, None);
        self.mount(b"/dev/pts", self.new_directory(&fs, 0o755), "devpts")?;
        *self.slaves.borrow_mut() = Some(self.directory(b"/dev/pts")?);
        device(b"/dev/pts/ptmx", Device::Ptmx, 0o666)?;
        if self.terminal_streams().is_some() {
            let terminal = Device::Terminal(Stream::Input);
            let entry = self.put(b"/dev/pts/0", Body::Device(terminal), 0o620)?;
            *self.terminal.borrow_mut() = Some(entry);
        }
        Ok(())
    }
}

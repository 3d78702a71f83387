//! Descriptors, and what is told of them.

use super::settings::Descriptors;
use super::{Printer, number, quote};
use crate::view::{Opened, SocketAbout};

/// What the kernel puts behind the path of a file whose name is gone.
const DELETED: &[u8] = b" (deleted)";

impl Printer<'_> {
    /// A descriptor; with what it is open on, when that is known: `3</etc/passwd>`.
    pub(super) fn descriptor(&mut self, fd: i32) {
        number::signed(self.out, i64::from(fd));
        if self.settings.descriptors == Descriptors::Numbers {
            return;
        }
        let details = match self.settings.descriptors {
            Descriptors::Details => self.memory.guest.opened(fd).unwrap_or(Opened::Other),
            _ => Opened::Other,
        };
        match details {
            Opened::Socket(socket) => self.socket(&socket),
            Opened::Process(pid) => {
                self.text("<pid:");
                number::signed(self.out, i64::from(pid));
                self.out.push(b'>');
            }
            Opened::Character { major, minor } => self.device_file(fd, "char", major, minor),
            Opened::Block { major, minor } => self.device_file(fd, "block", major, minor),
            Opened::Other => {
                if let Some(path) = self.memory.guest.descriptor(fd) {
                    self.inside_angles(&path);
                }
            }
        }
    }

    /// A directory's descriptor, or the working directory.
    pub(super) fn dirfd(&mut self, value: u64) {
        let fd = value as i32;
        // [Linux include/uapi/linux/fcntl.h: the same on every ABI]
        if fd != -100 {
            return self.descriptor(fd);
        }
        self.signed_or(i64::from(fd), |printer| printer.text("AT_FDCWD"));
        if self.settings.descriptors != Descriptors::Numbers
            && let Some(path) = self.memory.guest.directory()
        {
            self.inside_angles(&path);
        }
    }

    /// `</etc/passwd>`, `</tmp/x>(deleted)`
    fn inside_angles(&mut self, path: &[u8]) {
        let name = path.strip_suffix(DELETED);
        self.out.push(b'<');
        quote::inside(self.out, name.unwrap_or(path), self.settings.strings);
        self.text(if name.is_some() { ">(deleted)" } else { ">" });
    }

    /// `</dev/null<char 1:3>>`
    fn device_file(&mut self, fd: i32, kind: &str, major: u32, minor: u32) {
        let Some(path) = self.memory.guest.descriptor(fd) else {
            return;
        };
        let name = path.strip_suffix(DELETED);
        self.out.push(b'<');
        quote::inside(self.out, name.unwrap_or(&path), self.settings.strings);
        self.out.push(b'<');
        self.text(kind);
        self.out.push(b' ');
        self.decimal(major.into());
        self.out.push(b':');
        self.decimal(minor.into());
        self.text(if name.is_some() { ">>(deleted)" } else { ">>" });
    }

    /// `<TCP:[127.0.0.1:4567->127.0.0.1:45396]>`, `<UNIX-STREAM:[11->12,"/run/socket"]>`, `<NETLINK:[ROUTE:77]>`; the number
    /// of its file when it is nowhere yet.
    fn socket(&mut self, socket: &SocketAbout) {
        self.out.push(b'<');
        self.text(&socket.protocol);
        self.text(":[");
        match &socket.local {
            Some(port) if socket.protocol == "NETLINK" => {
                match self.netlink_family(socket) {
                    Some(name) => self.text(name),
                    None => self.decimal(socket.number.into()),
                }
                self.out.push(b':');
                self.text(port);
            }
            Some(place) => self.text(place),
            None => self.decimal(socket.inode),
        }
        if let Some(remote) = &socket.remote {
            self.text("->");
            self.text(remote);
        }
        match &socket.name[..] {
            [] => {}
            [0, name @ ..] => {
                self.text(",@");
                self.quoted(name);
            }
            path => {
                self.out.push(b',');
                self.quoted(path);
            }
        }
        self.text("]>");
    }

    /// `ROUTE`, of a netlink socket.
    pub(super) fn netlink_family(&mut self, socket: &SocketAbout) -> Option<&'static str> {
        let name = self
            .names
            .name(self.abi, "netlink_protocol", socket.number.into())?;
        name.strip_prefix("NETLINK_")
    }
}

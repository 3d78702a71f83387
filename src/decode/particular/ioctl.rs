//! `ioctl`: what its argument is depends on its request.

use super::super::{Asked, Phase, Printer, number};
use super::group;

/// What the argument of an `ioctl` is, by the request's name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Argument {
    Nothing,
    Number,
    IntIn,
    IntOut,
    In(&'static str),
    Out(&'static str),
    Address,
}

/// What the argument of this request is.
pub(super) fn of(asked: &Asked<'_>) -> Argument {
    by_name(name(asked))
}

fn by_name(name: &str) -> Argument {
    match name {
        "TCGETS" => Argument::Out("termios"),
        "TCSETS" | "TCSETSW" | "TCSETSF" => Argument::In("termios"),
        "TIOCGWINSZ" => Argument::Out("winsize"),
        "TIOCSWINSZ" => Argument::In("winsize"),
        "TIOCGPGRP" | "TIOCGSID" | "TIOCGPTN" | "TIOCOUTQ" | "FIONREAD" | "TIOCINQ"
        | "TIOCGETD" | "TIOCMGET" | "TIOCGPTLCK" | "FIOQSIZE" | "FS_IOC_GETFLAGS" => {
            Argument::IntOut
        }
        "TIOCSPGRP" | "TIOCSPTLCK" | "FIONBIO" | "FIOASYNC" | "TIOCPKT" | "TIOCSETD"
        | "TIOCMSET" | "TIOCMBIS" | "TIOCMBIC" | "FS_IOC_SETFLAGS" => Argument::IntIn,
        "TCSBRK" | "TCSBRKP" | "TCFLSH" | "TCXONC" | "TIOCSCTTY" => Argument::Number,
        "FIOCLEX" | "FIONCLEX" | "TIOCNOTTY" | "TIOCEXCL" | "TIOCNXCL" | "TIOCCONS"
        | "TIOCSBRK" | "TIOCCBRK" | "TIOCVHANGUP" | "FICLONE" => Argument::Nothing,
        _ => Argument::Address,
    }
}

pub(super) fn name(asked: &Asked<'_>) -> &'static str {
    let request = asked.arg(1) & 0xffff_ffff;
    let named = asked.abi.group(group::IOCTL).and_then(|members| {
        // Requests share numbers between drivers; those of terminals are the likely ones.
        let same = || {
            members
                .iter()
                .filter(|(_, value)| *value & 0xffff_ffff == request)
        };
        let terminal = |name: &str| name.starts_with('T') || name.starts_with("FIO");
        same()
            .find(|(name, _)| terminal(name))
            .or_else(|| same().next())
    });
    named.map_or("", |(name, _)| name)
}

impl Printer<'_> {
    /// The request of an `ioctl`: its name, or its parts.
    pub(in super::super) fn ioctl_command(&mut self, request: u64) {
        let request = request & 0xffff_ffff;
        let abi = self.abi;
        let members = abi.group(group::IOCTL).unwrap_or(&[]);
        let same = || {
            members
                .iter()
                .filter(|(_, value)| *value & 0xffff_ffff == request)
        };
        let terminal = |name: &str| name.starts_with('T') || name.starts_with("FIO");
        if let Some((name, _)) = same()
            .find(|(name, _)| terminal(name))
            .or_else(|| same().next())
        {
            self.text(name);
            return;
        }
        // FS_IOC_GETFLAGS only reads, so its top bits show how the ABI says so.   [Linux asm/ioctl.h]
        let (shift, none, read, write) = match abi.k.FS_IOC_GETFLAGS >> 29 & 7 {
            2 => (29, 1, 2, 4),
            _ => (30, 0, 2, 1),
        };
        let direction = request >> shift;
        let names = [
            (none, "_IOC_NONE"),
            (read, "_IOC_READ"),
            (write, "_IOC_WRITE"),
        ];
        self.text("_IOC(");
        if direction == read | write {
            self.text("_IOC_READ|_IOC_WRITE");
        } else {
            match names.iter().find(|(bits, _)| *bits == direction) {
                Some((_, name)) => self.text(name),
                None => self.hex(direction),
            }
        }
        let size = request >> 16 & ((1 << (shift - 16)) - 1);
        for part in [request >> 8 & 0xff, request & 0xff, size] {
            self.text(", ");
            self.hex(part);
        }
        self.out.push(b')');
    }

    pub(super) fn ioctl_argument(&mut self, asked: &Asked<'_>, value: u64, phase: Phase) {
        let name = name(asked);
        let succeeded = matches!(phase, Phase::Exit(Some(_)));
        match by_name(name) {
            Argument::Nothing => {}
            Argument::Number => match name {
                "TCFLSH" => self.value(group::TCFLUSH, value),
                "TCXONC" => self.value(group::TCFLOW, value),
                _ => number::signed(self.out, i64::from(value as i32)),
            },
            Argument::IntIn => self.int_at(value),
            Argument::IntOut if succeeded => self.int_at(value),
            Argument::In(shape) => self.structure(shape, value),
            Argument::Out(shape) if succeeded => self.structure(shape, value),
            Argument::IntOut | Argument::Out(_) => self.address(value),
            Argument::Address => number::hex(self.out, value),
        }
    }
}

//! Structures about signals.

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::linux::Errno;

use super::super::particular::group;
use super::super::{Printer, number};
use super::Image;

impl Printer<'_> {
    pub(super) fn sigaction(&mut self, image: &Image) {
        self.text("{sa_handler=");
        match image.get("sa_handler").unwrap_or(0) {
            // [Linux include/uapi/asm-generic/signal-defs.h]
            0 => self.hex_or(0, |printer| printer.text("SIG_DFL")),
            1 => self.hex_or(1, |printer| printer.text("SIG_IGN")),
            address => self.hex(address),
        }
        self.text(", sa_mask=");
        self.sigset_bytes(image.raw("sa_mask"));
        self.text(", sa_flags=");
        let flags = image.get("sa_flags").unwrap_or(0);
        self.flags(group::SA, flags);
        let restorer = self.value_named(group::SA, "SA_RESTORER").unwrap_or(0);
        if flags & restorer != 0 {
            self.text(", sa_restorer=");
            let address = image.get("sa_restorer").unwrap_or(0);
            self.address(address);
        }
        self.out.push(b'}');
    }

    pub(super) fn sigaltstack(&mut self, image: &Image) {
        self.out.push(b'{');
        self.address_field(image, "ss_sp");
        self.text(", ss_flags=");
        self.flags(group::SS, image.get("ss_flags").unwrap_or(0));
        self.text(", ");
        self.number_field(image, "ss_size");
        self.out.push(b'}');
    }

    pub(super) fn siginfo(&mut self, image: &Image) {
        let signal = image.get("si_signo").unwrap_or(0);
        if signal == 0 {
            self.text("{}");
            return;
        }
        let code = image.get("si_code").unwrap_or(0) as i32;
        self.text("{si_signo=");
        self.signal(signal);
        self.text(", si_code=");
        let name = self.abi.signal_name(signal as u32).unwrap_or("");
        self.signal_code(name, code);
        let errno = image.get("si_errno").unwrap_or(0);
        if errno != 0 {
            self.text(", si_errno=");
            match Errno::from_number(self.abi, errno as u16) {
                Some(known) => {
                    self.signed_or(errno as i64, |printer| printer.text(known.name()));
                }
                None => self.signed(errno),
            }
        }
        let sender = |field| image.get(field).unwrap_or(0) != 0;
        let valued = sender("si_value");
        match name {
            _ if code <= 0 => {
                if self.is(group::SI, i64::from(code) as u64, "SI_TIMER") {
                    self.text(", si_timerid=");
                    self.hex(image.get("si_tid").unwrap_or(0) & 0xffff_ffff);
                    self.text(", ");
                    self.number_field(image, "si_overrun");
                    self.signal_value(image);
                } else {
                    self.sender(image);
                    let plain = ["SI_USER", "SI_TKILL"];
                    let plain = plain
                        .iter()
                        .any(|name| self.is(group::SI, i64::from(code) as u64, name));
                    if valued && !plain {
                        self.signal_value(image);
                    }
                }
            }
            "SIGCHLD" => {
                self.sender(image);
                self.text(", si_status=");
                let status = image.get("si_status").unwrap_or(0);
                // CLD_EXITED has a status, the others a signal.
                if code == 1 {
                    self.signed(status);
                } else {
                    self.signal(status);
                }
                for field in ["si_utime", "si_stime"] {
                    self.text(", ");
                    self.ticks(image, field);
                }
            }
            "SIGILL" | "SIGFPE" | "SIGSEGV" | "SIGBUS" | "SIGTRAP" => {
                self.text(", ");
                self.address_field(image, "si_addr");
                match self.signal_code_name(name, code) {
                    Some("SEGV_PKUERR") => {
                        self.text(", ");
                        self.number_field(image, "si_pkey");
                    }
                    Some("BUS_MCEERR_AR" | "BUS_MCEERR_AO") => {
                        self.text(", ");
                        self.number_field(image, "si_addr_lsb");
                    }
                    _ => {}
                }
            }
            "SIGIO" | "SIGPOLL" => {
                self.text(", ");
                self.number_field(image, "si_band");
                self.text(", ");
                self.number_field(image, "si_fd");
            }
            "SIGSYS" => {
                self.text(", ");
                self.address_field(image, "si_call_addr");
                self.text(", si_syscall=");
                let arch = image.get("si_arch").unwrap_or(0) & 0xffff_ffff;
                let number = image.get("si_syscall").unwrap_or(0);
                let own = arch == self.abi.k.AUDIT_ARCH & 0xffff_ffff;
                match self.abi.table.row(number as u32).filter(|_| own) {
                    Some(row) => {
                        self.text("__NR_");
                        self.text(row.name);
                    }
                    None => number::signed(self.out, i64::from(number as i32)),
                }
                self.text(", si_arch=");
                self.value("audit_arch", arch);
            }
            _ => {
                if sender("si_pid") || sender("si_uid") {
                    self.sender(image);
                }
                if valued {
                    self.signal_value(image);
                }
            }
        }
        self.out.push(b'}');
    }

    fn sender(&mut self, image: &Image) {
        for field in ["si_pid", "si_uid"] {
            self.text(", ");
            self.number_field(image, field);
        }
    }

    /// `si_int=5, si_ptr=0x5`
    fn signal_value(&mut self, image: &Image) {
        let bytes = image.raw("si_value").get(..4).unwrap_or(&[0; 4]);
        let int = match self.memory.endian() {
            Endian::Little => i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            Endian::Big => i32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
        };
        self.text(", si_int=");
        number::signed(self.out, i64::from(int));
        self.text(", si_ptr=");
        self.address(image.get("si_value").unwrap_or(0));
    }

    /// `SEGV_MAPERR`, `SI_USER`.
    fn signal_code_name(&mut self, signal: &str, code: i32) -> Option<&'static str> {
        let value = i64::from(code) as u64;
        let own = match signal {
            "SIGSEGV" => "si_code_segv",
            "SIGBUS" => "si_code_bus",
            "SIGILL" => "si_code_ill",
            "SIGFPE" => "si_code_fpe",
            "SIGTRAP" => "si_code_trap",
            "SIGCHLD" => "si_code_chld",
            "SIGIO" | "SIGPOLL" => "si_code_poll",
            "SIGSYS" => "si_code_sys",
            _ => group::SI,
        };
        let own = self.names.name(self.abi, own, value).filter(|_| code > 0);
        own.or_else(|| self.names.name(self.abi, group::SI, value))
    }

    /// What caused a signal.
    pub(crate) fn signal_code(&mut self, signal: &str, code: i32) {
        match self.signal_code_name(signal, code) {
            Some(name) => {
                self.hex_or(u64::from(code as u32), |printer| printer.text(name));
            }
            None => self.hex(u64::from(code as u32)),
        }
    }

    pub(super) fn sigevent(&mut self, image: &Image) {
        self.text("{sigev_value={");
        if let Some(value) = image.place("sigev_value") {
            let int = self.memory.read_u32(value).unwrap_or(0);
            let pointer = self.word(value).unwrap_or(0);
            self.text("sival_int=");
            number::signed(self.out, i64::from(int as i32));
            self.text(", sival_ptr=");
            self.address(pointer);
        }
        self.text("}, sigev_signo=");
        self.signal(image.get("sigev_signo").unwrap_or(0));
        self.text(", sigev_notify=");
        self.value(group::SIGEV, image.get("sigev_notify").unwrap_or(0));
        self.out.push(b'}');
    }
}

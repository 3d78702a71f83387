//! `ioctl`: what its argument is depends on its request.

use super::super::structure::Part;
use super::super::{Asked, Printer};
use super::group;
use super::how::How;

/// What the argument of a request is; `None` when the request takes none.
pub(super) fn argument(asked: &Asked<'_>) -> Option<How> {
    let request = asked.arg(1) & 0xffff_ffff;
    by_name(named(asked.abi, request).unwrap_or("")).map(|how| {
        match (how, event(asked.abi, request)) {
            (How::Hex, Some(("EVIOCGABS", _))) => How::Out("input_absinfo"),
            (How::Hex, Some(("EVIOCGNAME" | "EVIOCGPHYS" | "EVIOCGUNIQ", _))) => {
                How::BytesOut(NO_LIMIT)
            }
            _ => how,
        }
    })
}

/// No argument says how many bytes there are.
const NO_LIMIT: u8 = u8::MAX;

#[rustfmt::skip]
fn by_name(name: &str) -> Option<How> {
    Some(match name {
        // Terminals
        "TCGETS2" => How::Out("termios2"),
        "TCSETS2" | "TCSETSW2" | "TCSETSF2" => How::In("termios2"),
        "TCGETA" => How::Out("termio"),
        "TCSETA" | "TCSETAW" | "TCSETAF" => How::In("termio"),
        "TCGETS" => How::Out("termios"),
        "TCSETS" | "TCSETSW" | "TCSETSF" => How::In("termios"),
        "TIOCGWINSZ" => How::Out("winsize"),
        "TIOCSWINSZ" => How::In("winsize"),
        "TIOCGPGRP" | "TIOCGSID" | "TIOCGPTN" | "TIOCOUTQ" | "FIONREAD" | "TIOCINQ" | "TIOCGETD" | "TIOCGPTLCK"
        | "TIOCGEXCL" | "TIOCGPKT" | "TIOCGSOFTCAR" => How::IntOut,
        "TIOCSPGRP" | "TIOCSPTLCK" | "FIONBIO" | "FIOASYNC" | "TIOCPKT" | "TIOCSETD" | "TIOCSSOFTCAR" => How::IntIn,
        "TIOCMGET" => How::FlagsOut("modem"),
        "TIOCMSET" | "TIOCMBIS" | "TIOCMBIC" => How::FlagsIn("modem"),
        "TCFLSH" => How::Value(group::TCFLUSH),
        "TCXONC" => How::Value(group::TCFLOW),
        "TCSBRK" | "TCSBRKP" | "TIOCSCTTY" => How::Number,
        "TIOCGPTPEER" => How::OpenFlags,
        "TIOCSTI" => How::Character,
        "FIOCLEX" | "FIONCLEX" | "TIOCNOTTY" | "TIOCEXCL" | "TIOCNXCL" | "TIOCCONS" | "TIOCSBRK" | "TIOCCBRK"
        | "TIOCVHANGUP" => return None,
        // Consoles
        "VT_OPENQRY" => How::IntOut,
        "VT_ACTIVATE" | "VT_WAITACTIVE" | "VT_DISALLOCATE" => How::Hex,
        "KDGETMODE" => How::ValueOut("kd_mode"),
        "KDSETMODE" => How::Value("kd_mode"),
        "KDGKBMODE" => How::ValueOut("kb_mode"),
        "KDSKBMODE" => How::Value("kb_mode"),
        "KDGKBTYPE" => How::ByteOut("kb_type"),
        "KDGKBMETA" => How::ValueOut("keyboard_meta"),
        "KDSKBMETA" => How::Value("keyboard_meta"),
        "KDSETLED" => How::Flags("keyboard_led"),
        "KDSIGACCEPT" => How::Signal,
        "KDENABIO" | "KDDISABIO" | "KDMAPDISP" | "KDUNMAPDISP" | "PIO_FONTRESET" => return None,
        "KDMKTONE" | "KIOCSOUND" => How::Tone,
        // File systems
        "FS_IOC_GETFLAGS" => How::FlagsOut("file_attributes"),
        "FS_IOC_SETFLAGS" => How::FlagsIn("file_attributes"),
        "FS_IOC_GETFSLABEL" => How::NameOut(256),
        "FS_IOC_SETFSLABEL" => How::Name(256),
        "FS_IOC_FSGETXATTR" => How::Out("fsxattr"),
        "FS_IOC_FIEMAP" => How::Question("fiemap"),
        "FICLONE" => How::Number,
        "FICLONERANGE" => How::In("file_clone_range"),
        "FITRIM" => How::In("fstrim_range"),
        "FIFREEZE" | "FITHAW" => return None,
        "FIGETBSZ" | "FIBMAP" | "FIOQSIZE" => How::Hex,
        // Block devices
        "BLKGETSIZE64" => How::WideOut,
        "BLKGETSIZE" => How::WordOut,
        "BLKSSZGET" | "BLKROGET" | "BLKPBSZGET" | "BLKIOMIN" | "BLKIOOPT" | "BLKALIGNOFF" | "BLKSECTGET"
        | "BLKROTATIONAL" => How::IntOut,
        "BLKROSET" => How::IntIn,
        "BLKRAGET" | "BLKFRAGET" | "BLKBSZGET" => How::WordOut,
        "BLKRASET" | "BLKFRASET" => How::Unsigned,
        "BLKDISCARD" | "BLKSECDISCARD" | "BLKZEROOUT" => How::Range,
        "BLKRRPART" | "BLKFLSBUF" => return None,
        "HDIO_GETGEO" => How::Out("hd_geometry"),
        "LOOP_SET_FD" | "LOOP_CHANGE_FD" | "LOOP_CTL_ADD" | "LOOP_CTL_REMOVE" | "LOOP_SET_DIRECT_IO"
        | "LOOP_SET_BLOCK_SIZE" => How::Number,
        "LOOP_CLR_FD" | "LOOP_SET_CAPACITY" | "LOOP_CTL_GET_FREE" => return None,
        "LOOP_SET_STATUS64" => How::In("loop_info64"),
        "LOOP_GET_STATUS64" => How::Out("loop_info64"),
        "LOOP_CONFIGURE" => How::In("loop_config"),
        // Network interfaces
        "SIOCGIFNAME" => How::InterfaceName,
        "SIOCGIFCONF" => How::Interfaces,
        "SIOCGIFINDEX" => How::Interface(Part::Index),
        "SIOCGIFFLAGS" => How::Interface(Part::Flags),
        "SIOCSIFFLAGS" => How::SetInterface(Part::Flags),
        "SIOCGIFADDR" => How::Interface(Part::Address("ifr_addr")),
        "SIOCSIFADDR" => How::SetInterface(Part::Address("ifr_addr")),
        "SIOCGIFDSTADDR" => How::Interface(Part::Address("ifr_dstaddr")),
        "SIOCSIFDSTADDR" => How::SetInterface(Part::Address("ifr_dstaddr")),
        "SIOCGIFBRDADDR" => How::Interface(Part::Address("ifr_broadaddr")),
        "SIOCSIFBRDADDR" => How::SetInterface(Part::Address("ifr_broadaddr")),
        "SIOCGIFNETMASK" => How::Interface(Part::Address("ifr_netmask")),
        "SIOCSIFNETMASK" => How::SetInterface(Part::Address("ifr_netmask")),
        "SIOCGIFHWADDR" => How::Interface(Part::Hardware),
        "SIOCSIFHWADDR" => How::SetInterface(Part::Hardware),
        "SIOCGIFMTU" => How::Interface(Part::Number("ifr_mtu")),
        "SIOCSIFMTU" => How::SetInterface(Part::Number("ifr_mtu")),
        "SIOCGIFMETRIC" => How::Interface(Part::Number("ifr_metric")),
        "SIOCSIFMETRIC" => How::SetInterface(Part::Number("ifr_metric")),
        "SIOCGIFTXQLEN" => How::Interface(Part::Number("ifr_qlen")),
        "SIOCSIFTXQLEN" => How::SetInterface(Part::Number("ifr_qlen")),
        "SIOCATMARK" | "SIOCGPGRP" => How::IntOut,
        "SIOCSPGRP" => How::IntIn,
        "FIOGETOWN" | "SIOCOUTQNSD" => How::IntOut,
        "FIOSETOWN" => How::IntIn,
        "SIOCBRADDBR" | "SIOCBRDELBR" => How::Name(16),
        // Video devices
        "VIDIOC_QUERYCAP" => How::Out("v4l2_capability"),
        "VIDIOC_ENUM_FMT" => How::Answered("v4l2_fmtdesc", 2),
        "VIDIOC_G_FMT" => How::VideoFormat,
        "VIDIOC_S_FMT" | "VIDIOC_TRY_FMT" => How::Question("v4l2_format"),
        "VIDIOC_REQBUFS" => How::Question("v4l2_requestbuffers"),
        "VIDIOC_QUERYBUF" | "VIDIOC_QBUF" => How::VideoBuffer(false),
        "VIDIOC_DQBUF" => How::VideoBuffer(true),
        "VIDIOC_STREAMON" | "VIDIOC_STREAMOFF" => How::ValueIn("v4l2_buffer_type"),
        "VIDIOC_G_CTRL" => How::Answered("v4l2_control", 1),
        "VIDIOC_S_CTRL" => How::Question("v4l2_control"),
        "VIDIOC_ENUMINPUT" => How::Answered("v4l2_input", 1),
        "VIDIOC_G_INPUT" => How::IntOut,
        "VIDIOC_S_INPUT" => How::IntIn,
        "VIDIOC_ENUM_FRAMESIZES" => How::VideoSizes,
        // Namespaces, counters, watchdogs
        "NS_GET_USERNS" | "NS_GET_PARENT" | "NS_GET_NSTYPE" => return None,
        "NS_GET_OWNER_UID" => How::IntOut,
        "PERF_EVENT_IOC_ENABLE" | "PERF_EVENT_IOC_DISABLE" | "PERF_EVENT_IOC_RESET" => How::Flags("perf_ioctl"),
        "PERF_EVENT_IOC_REFRESH" | "PERF_EVENT_IOC_SET_OUTPUT" | "PERF_EVENT_IOC_SET_BPF" => How::Number,
        "PERF_EVENT_IOC_PAUSE_OUTPUT" => How::Unsigned,
        "PERF_EVENT_IOC_SET_FILTER" => How::Text,
        "PERF_EVENT_IOC_ID" => How::WideOut,
        "WDIOC_GETSTATUS" | "WDIOC_GETBOOTSTATUS" | "WDIOC_GETTEMP" | "WDIOC_GETTIMEOUT"
        | "WDIOC_GETPRETIMEOUT" | "WDIOC_GETTIMELEFT" => How::IntOut,
        "WDIOC_SETTIMEOUT" | "WDIOC_SETPRETIMEOUT" => How::IntIn,
        "WDIOC_KEEPALIVE" => return None,
        "INOTIFY_IOC_SETNEXTWD" => How::Number,
        // Page faults
        "UFFDIO_API" => How::Fault("uffdio_api"),
        "UFFDIO_REGISTER" => How::Fault("uffdio_register"),
        "UFFDIO_COPY" => How::Fault("uffdio_copy"),
        "UFFDIO_ZEROPAGE" => How::Fault("uffdio_zeropage"),
        "UFFDIO_UNREGISTER" | "UFFDIO_WAKE" => How::In("uffdio_range"),
        // Input devices and others
        "EVIOCGVERSION" => How::HexOut,
        "EVIOCGID" => How::Out("input_id"),
        "EVIOCGRAB" | "EVIOCREVOKE" => How::Unsigned,
        "EVIOCSCLOCKID" => How::ValueIn("clock"),
        "RNDGETENTCNT" => How::IntOut,
        "RNDADDTOENTCNT" => How::IntIn,
        "RNDZAPENTCNT" | "RNDCLEARPOOL" | "RNDRESEEDCRNG" => return None,
        "RTC_WKALM_RD" => How::Out("rtc_wkalrm"),
        "RTC_WKALM_SET" => How::In("rtc_wkalrm"),
        "RTC_PLL_GET" => How::Out("rtc_pll_info"),
        "RTC_PLL_SET" => How::In("rtc_pll_info"),
        "RTC_RD_TIME" | "RTC_ALM_READ" => How::Out("rtc_time"),
        "RTC_SET_TIME" | "RTC_ALM_SET" => How::In("rtc_time"),
        "RTC_AIE_ON" | "RTC_AIE_OFF" | "RTC_UIE_ON" | "RTC_UIE_OFF" | "RTC_PIE_ON" | "RTC_PIE_OFF" | "RTC_WIE_ON"
        | "RTC_WIE_OFF" | "RTC_VL_CLR" => return None,
        "RTC_IRQP_READ" | "RTC_EPOCH_READ" => How::WordOut,
        "RTC_IRQP_SET" | "RTC_EPOCH_SET" => How::Unsigned,
        _ => How::Hex,
    })
}

/// The name of a request.
fn named(abi: &'static emu_prototypes::linux::Abi, request: u64) -> Option<&'static str> {
    let members = abi.group(group::IOCTL)?;
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
        .map(|(name, _)| *name)
}

/// The parts of a request: direction, type, number and size. Directions are numbers of the ABI's own.
struct Parts {
    direction: u64,
    kind: u64,
    number: u64,
    size: u64,
    none: u64,
    read: u64,
    write: u64,
}

fn parts(abi: &'static emu_prototypes::linux::Abi, request: u64) -> Parts {
    // FS_IOC_GETFLAGS only reads, so its top bits show how the ABI says so.   [Linux asm/ioctl.h]
    let (shift, none, read, write) = match abi.k.FS_IOC_GETFLAGS >> 29 & 7 {
        2 => (29, 1, 2, 4),
        _ => (30, 0, 2, 1),
    };
    Parts {
        direction: request >> shift,
        kind: request >> 8 & 0xff,
        number: request & 0xff,
        size: request >> 16 & ((1 << (shift - 16)) - 1),
        none,
        read,
        write,
    }
}

/// Requests to input devices that have a number or a length within: the name, and the number.
/// [Linux include/uapi/linux/input.h]
fn event(abi: &'static emu_prototypes::linux::Abi, request: u64) -> Option<(&'static str, u64)> {
    let parts = parts(abi, request);
    if parts.kind != u64::from(b'E') || parts.direction != parts.read {
        return None;
    }
    Some(match parts.number {
        0x06 => ("EVIOCGNAME", 0),
        0x07 => ("EVIOCGPHYS", 0),
        0x08 => ("EVIOCGUNIQ", 0),
        0x09 => ("EVIOCGPROP", 0),
        0x0a => ("EVIOCGMTSLOTS", 0),
        0x18 => ("EVIOCGKEY", 0),
        0x19 => ("EVIOCGLED", 0),
        0x1a => ("EVIOCGSND", 0),
        0x1b => ("EVIOCGSW", 0),
        number @ 0x20..0x40 => ("EVIOCGBIT", number - 0x20),
        number @ 0x40..0x80 => ("EVIOCGABS", number - 0x40),
        _ => return None,
    })
}

impl Printer<'_> {
    /// The request of an `ioctl`: its name, or its parts.
    pub(in super::super) fn ioctl_command(&mut self, request: u64) {
        let request = request & 0xffff_ffff;
        self.hex_or(request, |printer| printer.ioctl_words(request));
    }

    fn ioctl_words(&mut self, request: u64) {
        if let Some(name) = named(self.abi, request) {
            self.text(name);
            return;
        }
        let parts = parts(self.abi, request);
        if let Some((name, number)) = event(self.abi, request) {
            self.text(name);
            self.out.push(b'(');
            match name {
                "EVIOCGBIT" if number == 0 => self.text("0, "),
                "EVIOCGBIT" => {
                    self.value("event_type", number);
                    self.text(", ");
                }
                "EVIOCGABS" => self.value("event_abs", number),
                _ => {}
            }
            if name != "EVIOCGABS" {
                self.decimal(parts.size);
            }
            self.out.push(b')');
            return;
        }
        let names = [
            (parts.none, "_IOC_NONE"),
            (parts.read, "_IOC_READ"),
            (parts.write, "_IOC_WRITE"),
        ];
        self.text("_IOC(");
        if parts.direction == parts.read | parts.write {
            self.text("_IOC_READ|_IOC_WRITE");
        } else {
            match names.iter().find(|(bits, _)| *bits == parts.direction) {
                Some((_, name)) => self.text(name),
                None => self.hex(parts.direction),
            }
        }
        for part in [parts.kind, parts.number, parts.size] {
            self.text(", ");
            self.hex(part);
        }
        self.out.push(b')');
    }
}

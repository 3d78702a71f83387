//! What can be set on a terminal, under names of our own: each ABI numbers these differently.

#![expect(missing_docs, reason = "named as in termios(3)")]

bitflags::bitflags! {
    /// Modes of a terminal, named as in termios(3).
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Flags: u64 {
        const IGNBRK = 1;
        const BRKINT = 1 << 1;
        const IGNPAR = 1 << 2;
        const PARMRK = 1 << 3;
        const INPCK = 1 << 4;
        const ISTRIP = 1 << 5;
        const INLCR = 1 << 6;
        const IGNCR = 1 << 7;
        const ICRNL = 1 << 8;
        const IUCLC = 1 << 9;
        const IXON = 1 << 10;
        const IXANY = 1 << 11;
        const IXOFF = 1 << 12;
        const IMAXBEL = 1 << 13;
        const IUTF8 = 1 << 14;
        const OPOST = 1 << 16;
        const OLCUC = 1 << 17;
        const ONLCR = 1 << 18;
        const OCRNL = 1 << 19;
        const ONOCR = 1 << 20;
        const ONLRET = 1 << 21;
        const OFILL = 1 << 22;
        const OFDEL = 1 << 23;
        const XTABS = 1 << 35;
        const CS6 = 1 << 24;
        const CS7 = 1 << 25;
        const CS8 = Self::CS6.bits() | Self::CS7.bits();
        const CSTOPB = 1 << 27;
        const CREAD = 1 << 28;
        const PARENB = 1 << 29;
        const PARODD = 1 << 30;
        const HUPCL = 1 << 31;
        const CLOCAL = 1 << 32;
        const CRTSCTS = 1 << 33;
        const ISIG = 1 << 40;
        const ICANON = 1 << 41;
        const ECHO = 1 << 42;
        const ECHOE = 1 << 43;
        const ECHOK = 1 << 44;
        const ECHONL = 1 << 45;
        const NOFLSH = 1 << 46;
        const TOSTOP = 1 << 47;
        const ECHOCTL = 1 << 48;
        const ECHOPRT = 1 << 49;
        const ECHOKE = 1 << 50;
        const FLUSHO = 1 << 51;
        const PENDIN = 1 << 52;
        const IEXTEN = 1 << 53;
        const EXTPROC = 1 << 54;
    }
}

/// A control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    Intr,
    Quit,
    Erase,
    Kill,
    Eof,
    Time,
    Min,
    Start,
    Stop,
    Susp,
    Eol,
    Reprint,
    Discard,
    Werase,
    Lnext,
    Eol2,
    Swtc,
}

impl Control {
    /// All of them.
    pub const ALL: [Control; 17] = [
        Control::Intr,
        Control::Quit,
        Control::Erase,
        Control::Kill,
        Control::Eof,
        Control::Time,
        Control::Min,
        Control::Start,
        Control::Stop,
        Control::Susp,
        Control::Eol,
        Control::Reprint,
        Control::Discard,
        Control::Werase,
        Control::Lnext,
        Control::Eol2,
        Control::Swtc,
    ];
}

/// A terminal's settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terminal {
    /// Modes that are on.
    pub flags: Flags,
    /// Control characters, by [`Control`].
    pub controls: [u8; Control::ALL.len()],
    /// Bits a second: of input and of output.
    pub speeds: (u32, u32),
    /// The number of the line discipline.
    pub discipline: u8,
    /// What else the guest set in each of the four words of modes, in its own numbers: it means nothing and is kept.
    pub other: [u32; 4],
}

impl Default for Terminal {
    /// A fresh Linux terminal.   [include/asm-generic/termios.h, INIT_C_CC; drivers/tty/tty_io.c, tty_std_termios]
    fn default() -> Terminal {
        let flags = Flags::ICRNL
            | Flags::IXON
            | Flags::OPOST
            | Flags::ONLCR
            | Flags::CS8
            | Flags::CREAD
            | Flags::HUPCL
            | Flags::ISIG
            | Flags::ICANON
            | Flags::ECHO
            | Flags::ECHOE
            | Flags::ECHOK
            | Flags::ECHOCTL
            | Flags::ECHOKE
            | Flags::IEXTEN;
        let controls = [3, 28, 127, 21, 4, 0, 1, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0];
        Terminal {
            flags,
            controls,
            speeds: (38_400, 38_400),
            discipline: 0,
            other: [0; 4],
        }
    }
}

/// The size of a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Window {
    /// Lines.
    pub rows: u16,
    /// Characters in a line.
    pub columns: u16,
    /// Width in pixels, 0 when unknown.
    pub width: u16,
    /// Height in pixels, 0 when unknown.
    pub height: u16,
}

//! A terminal's settings as structures of an ABI: `struct termios` and `struct termios2`.

use emu_prototypes::linux::{Constants, Errno};

use crate::kernel::Cx;
use crate::kernel::host::{Control, Flags, Terminal};
use crate::kernel::layout::Image;

/// Which structure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// With the speeds among the control modes.
    Plain,
    /// With speeds as numbers.
    Speeds,
}

/// Where the fields are.
macro_rules! with_layout {
    ($cx:expr, $form:expr, |$layout:ident| $body:expr) => {
        match $form {
            Form::Plain => {
                let $layout = &$cx.layouts.termios;
                $body
            }
            Form::Speeds => {
                let $layout = &$cx.layouts.termios2;
                $body
            }
        }
    };
}

/// Speeds that have a constant.   [termios(3)]
fn speeds(k: &Constants) -> [(u32, u64); 30] {
    [
        (50, k.B50),
        (75, k.B75),
        (110, k.B110),
        (134, k.B134),
        (150, k.B150),
        (200, k.B200),
        (300, k.B300),
        (600, k.B600),
        (1200, k.B1200),
        (1800, k.B1800),
        (2400, k.B2400),
        (4800, k.B4800),
        (9600, k.B9600),
        (19_200, k.B19200),
        (38_400, k.B38400),
        (57_600, k.B57600),
        (115_200, k.B115200),
        (230_400, k.B230400),
        (460_800, k.B460800),
        (500_000, k.B500000),
        (576_000, k.B576000),
        (921_600, k.B921600),
        (1_000_000, k.B1000000),
        (1_152_000, k.B1152000),
        (1_500_000, k.B1500000),
        (2_000_000, k.B2000000),
        (2_500_000, k.B2500000),
        (3_000_000, k.B3000000),
        (3_500_000, k.B3500000),
        (4_000_000, k.B4000000),
    ]
}

/// Where the input speed is among the control modes.   [Linux include/uapi/asm-generic/termbits.h, IBSHIFT]
const INPUT_SHIFT: u32 = 16;

fn bits_of(k: &Constants, speed: u32) -> u64 {
    if speed == 0 {
        return k.B0;
    }
    let known = speeds(k).into_iter().find(|(known, _)| *known == speed);
    known.map_or(k.BOTHER, |(_, bits)| bits)
}

fn speed_of(k: &Constants, bits: u64, number: Option<u64>) -> u32 {
    if bits == k.BOTHER {
        return number.map_or(38_400, |number| number as u32);
    }
    let known = speeds(k).into_iter().find(|(_, known)| *known == bits);
    known.map_or(0, |(speed, _)| speed)
}

fn bits(settings: &Terminal, table: &[(Flags, u64)]) -> u64 {
    let set = table
        .iter()
        .filter(|(flag, _)| settings.flags.contains(*flag));
    set.fold(0, |all, (_, bit)| all | bit)
}

/// Writes them to memory.
pub(super) fn store(
    cx: &mut Cx<'_>,
    settings: &Terminal,
    address: u64,
    form: Form,
) -> Result<(), Errno> {
    let k = cx.k;
    let (input, output) = settings.speeds;
    let mut control = bits(settings, &control_modes(k)) | bits_of(k, output);
    if input != output {
        control |= bits_of(k, input) << INPUT_SHIFT;
    }
    let other = settings.other.map(u64::from);
    let image = with_layout!(cx, form, |layout| {
        let mut image = cx.image(layout.size);
        let mut controls = vec![0; usize::from(layout.c_cc.size)];
        for (control, value) in Control::ALL.into_iter().zip(settings.controls) {
            if let Some(place) = usize::try_from(index(k, control))
                .ok()
                .and_then(|i| controls.get_mut(i))
            {
                *place = value;
            }
        }
        image
            .put(layout.c_iflag, bits(settings, &input_modes(k)) | other[0])
            .put(layout.c_oflag, bits(settings, &output_modes(k)) | other[1])
            .put(layout.c_cflag, control | other[2])
            .put(layout.c_lflag, bits(settings, &local_modes(k)) | other[3])
            .put(layout.c_line, settings.discipline.into())
            .put_bytes(layout.c_cc, &controls);
        image
    });
    let mut image = image;
    if form == Form::Speeds {
        let layout = &cx.layouts.termios2;
        image
            .put(layout.c_ispeed, input.into())
            .put(layout.c_ospeed, output.into());
    }
    Ok(image.store(cx.mem, address)?)
}

/// Reads them from memory.
pub(super) fn load(cx: &mut Cx<'_>, address: u64, form: Form) -> Result<Terminal, Errno> {
    let k = cx.k;
    let size = with_layout!(cx, form, |layout| layout.size);
    let image: Image = cx.load(address, size)?;
    let (words, controls, discipline) = with_layout!(cx, form, |layout| (
        [
            image.get(layout.c_iflag),
            image.get(layout.c_oflag),
            image.get(layout.c_cflag),
            image.get(layout.c_lflag),
        ],
        image.get_bytes(layout.c_cc),
        image.get(layout.c_line) as u8
    ));
    let numbers = match form {
        Form::Plain => None,
        Form::Speeds => {
            let layout = &cx.layouts.termios2;
            Some((image.get(layout.c_ispeed), image.get(layout.c_ospeed)))
        }
    };
    let mut settings = Terminal {
        flags: Flags::empty(),
        discipline,
        ..Terminal::default()
    };
    let tables = [
        input_modes(k).to_vec(),
        output_modes(k).to_vec(),
        control_modes(k).to_vec(),
        local_modes(k).to_vec(),
    ];
    for (index, table) in tables.into_iter().enumerate() {
        let mut other = words[index];
        for (flag, bit) in table {
            if bit != 0 && words[index] & bit == bit {
                settings.flags |= flag;
                other &= !bit;
            }
        }
        if index == 2 {
            other &= !(k.CBAUD | k.CIBAUD);
        }
        settings.other[index] = other as u32;
    }
    let control = words[2];
    let output = speed_of(k, control & k.CBAUD, numbers.map(|(_, output)| output));
    let input = match control >> INPUT_SHIFT & k.CBAUD {
        0 => output,
        bits => speed_of(k, bits, numbers.map(|(input, _)| input)),
    };
    settings.speeds = (input, output);
    for (control, value) in Control::ALL.into_iter().zip(&mut settings.controls) {
        if let Some(new) = usize::try_from(index(k, control))
            .ok()
            .and_then(|i| controls.get(i))
        {
            *value = *new;
        }
    }
    Ok(settings)
}

fn index(k: &Constants, control: Control) -> u64 {
    match control {
        Control::Intr => k.VINTR,
        Control::Quit => k.VQUIT,
        Control::Erase => k.VERASE,
        Control::Kill => k.VKILL,
        Control::Eof => k.VEOF,
        Control::Time => k.VTIME,
        Control::Min => k.VMIN,
        Control::Start => k.VSTART,
        Control::Stop => k.VSTOP,
        Control::Susp => k.VSUSP,
        Control::Eol => k.VEOL,
        Control::Reprint => k.VREPRINT,
        Control::Discard => k.VDISCARD,
        Control::Werase => k.VWERASE,
        Control::Lnext => k.VLNEXT,
        Control::Eol2 => k.VEOL2,
        Control::Swtc => k.VSWTC,
    }
}

fn input_modes(k: &Constants) -> [(Flags, u64); 15] {
    [
        (Flags::IGNBRK, k.IGNBRK),
        (Flags::BRKINT, k.BRKINT),
        (Flags::IGNPAR, k.IGNPAR),
        (Flags::PARMRK, k.PARMRK),
        (Flags::INPCK, k.INPCK),
        (Flags::ISTRIP, k.ISTRIP),
        (Flags::INLCR, k.INLCR),
        (Flags::IGNCR, k.IGNCR),
        (Flags::ICRNL, k.ICRNL),
        (Flags::IUCLC, k.IUCLC),
        (Flags::IXON, k.IXON),
        (Flags::IXANY, k.IXANY),
        (Flags::IXOFF, k.IXOFF),
        (Flags::IMAXBEL, k.IMAXBEL),
        (Flags::IUTF8, k.IUTF8),
    ]
}

fn output_modes(k: &Constants) -> [(Flags, u64); 9] {
    [
        (Flags::XTABS, k.XTABS),
        (Flags::OPOST, k.OPOST),
        (Flags::OLCUC, k.OLCUC),
        (Flags::ONLCR, k.ONLCR),
        (Flags::OCRNL, k.OCRNL),
        (Flags::ONOCR, k.ONOCR),
        (Flags::ONLRET, k.ONLRET),
        (Flags::OFILL, k.OFILL),
        (Flags::OFDEL, k.OFDEL),
    ]
}

fn control_modes(k: &Constants) -> [(Flags, u64); 9] {
    [
        (Flags::CS6, k.CS6),
        (Flags::CS7, k.CS7),
        (Flags::CSTOPB, k.CSTOPB),
        (Flags::CREAD, k.CREAD),
        (Flags::PARENB, k.PARENB),
        (Flags::PARODD, k.PARODD),
        (Flags::HUPCL, k.HUPCL),
        (Flags::CLOCAL, k.CLOCAL),
        (Flags::CRTSCTS, k.CRTSCTS),
    ]
}

fn local_modes(k: &Constants) -> [(Flags, u64); 15] {
    [
        (Flags::ISIG, k.ISIG),
        (Flags::ICANON, k.ICANON),
        (Flags::ECHO, k.ECHO),
        (Flags::ECHOE, k.ECHOE),
        (Flags::ECHOK, k.ECHOK),
        (Flags::ECHONL, k.ECHONL),
        (Flags::NOFLSH, k.NOFLSH),
        (Flags::TOSTOP, k.TOSTOP),
        (Flags::ECHOCTL, k.ECHOCTL),
        (Flags::ECHOPRT, k.ECHOPRT),
        (Flags::ECHOKE, k.ECHOKE),
        (Flags::FLUSHO, k.FLUSHO),
        (Flags::PENDIN, k.PENDIN),
        (Flags::IEXTEN, k.IEXTEN),
        (Flags::EXTPROC, k.EXTPROC),
    ]
}

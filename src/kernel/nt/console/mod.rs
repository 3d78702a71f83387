//! Consoles: the device `ConDrv`, by which Wine's libraries ask for what theirs shows and for what is typed there.
//!
//! emu is the console's host. Where a standard stream is a terminal, that is what the first process's console is seen in;
//! others are seen by nobody.
//! [Microsoft, Consoles; Wine's wine/condrv.h and server/console.c: the names below the device]

mod events;
mod input;
mod keys;
mod line;
mod output;
mod pages;
mod read;
mod requests;
mod screen;
mod shown;
mod terminal;
mod vt;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::{Rc, Weak};

use emu_profiles::{Profile, System};
use emu_prototypes::nt::{NtStatus, X86_10_1507};

use super::attributes::Attributes;
use super::handles::Object;
use crate::kernel::host::{Terminal, Window};
use crate::kernel::task::Tid;
use crate::kernel::vfs::OpenFile;
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};
use input::Input;
use pages::{OEM_US, Page};
use screen::Screen;
use shown::Shown;
use vt::Sequences;

pub(super) use read::{read_file, write_file};
pub(super) use requests::control;

/// The device's directory.
const DEVICE: &str = "\\Device\\ConDrv";
/// What a console is called that a handle stands for.
pub(super) const REFERENCE: &str = "CurrentIn";
/// Names that drives have, too, and what each leads to.   [Microsoft, Console Handles; RtlIsDosDeviceName_U]
const DRIVES: [(&str, &str); 3] = [
    ("CON", "Console"),
    ("CONIN$", "CurrentIn"),
    ("CONOUT$", "CurrentOut"),
];
/// Access that means that somebody will write: `FILE_WRITE_DATA`, and what stands for it; the same of reading.
const WRITES: u32 = 0x5000_0002;
const READS: u32 = 0x9000_0001;
/// The most screen buffers that there are at once, of all consoles.
const MOST_SCREENS: usize = 16;

/// A console: what was typed, and the screen buffers that show what was written.
pub(super) struct Console {
    state: RefCell<State>,
    /// Who waits for input.
    pub(super) queue: WaitQueue,
    /// The terminal in which it is seen.
    terminal: Option<Rc<OpenFile>>,
    /// How that was, once it has been told to send keys at once.
    settings: OnceCell<Terminal>,
}

struct State {
    input: Input,
    active: Rc<Buffer>,
    title: Vec<u16>,
    /// The code pages of input and of output.
    pages: (Page, Page),
    shown: Shown,
}

/// A screen buffer.
pub(super) struct Buffer {
    screen: RefCell<Screen>,
    sequences: RefCell<Sequences>,
}

impl Buffer {
    fn new(screen: Screen) -> Rc<Buffer> {
        Rc::new(Buffer {
            screen: RefCell::new(screen),
            sequences: RefCell::default(),
        })
    }
}

impl Console {
    fn new(screen: Screen, title: Vec<u16>, terminal: Option<Rc<OpenFile>>) -> Option<Rc<Console>> {
        let page = || Page::new(OEM_US);
        Some(Rc::new(Console {
            state: RefCell::new(State {
                input: Input::new(),
                active: Buffer::new(screen),
                title,
                pages: (page()?, page()?),
                shown: Shown::default(),
            }),
            queue: WaitQueue::default(),
            terminal,
            settings: OnceCell::new(),
        }))
    }
}

/// What a handle below the device stands for.
#[derive(Clone)]
pub(super) enum Part {
    /// Input of a console, and a reference to it.
    Console(Rc<Console>),
    /// A screen buffer of a console.
    Screen(Rc<Console>, Rc<Buffer>),
    /// Input or output of whichever console its user has.
    Input,
    Output,
    /// What makes its process one of a console's.
    Connection(Rc<Connection>),
    /// The host's side of a console, once somebody has asked for that.
    Server(Rc<Server>),
}

/// A connection of a process.
pub(super) struct Connection {
    pid: Cell<Tid>,
}

/// The host's side of a console.
#[derive(Default)]
pub(super) struct Server {
    console: RefCell<Option<Rc<Console>>>,
}

impl Part {
    /// Its name, for those who show it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Part::Console(_) => REFERENCE,
            Part::Screen(..) => "CurrentOut",
            Part::Input => "Input",
            Part::Output => "Output",
            Part::Connection(_) => "Connection",
            Part::Server(_) => "Server",
        }
    }

    /// Whether something has come in. What stands for anybody's is bound to a console before a wait for it.
    pub(super) fn has_input(&self) -> bool {
        match self {
            Part::Console(console) => console.state.borrow().input.count() > 0,
            _ => false,
        }
    }

    pub(super) fn is(&self, other: &Part) -> bool {
        match (self, other) {
            (Part::Console(a), Part::Console(b)) => Rc::ptr_eq(a, b),
            (Part::Screen(_, a), Part::Screen(_, b)) => Rc::ptr_eq(a, b),
            (Part::Connection(a), Part::Connection(b)) => Rc::ptr_eq(a, b),
            (Part::Server(a), Part::Server(b)) => Rc::ptr_eq(a, b),
            (Part::Input, Part::Input) | (Part::Output, Part::Output) => true,
            _ => false,
        }
    }
}

/// A name below the device, for those who show it.
pub(super) fn described(name: &str) -> Vec<u8> {
    format!("File {DEVICE}\\{name}").into_bytes()
}

/// Whether a name leads to the device, and what of it.
fn below(name: &[u16]) -> Option<String> {
    let name = String::from_utf16_lossy(name);
    let without = |prefix: &str| {
        let head = name.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| &name[prefix.len()..])
    };
    if let Some(rest) = without(DEVICE) {
        return match rest.strip_prefix('\\') {
            Some(rest) => Some(rest.to_owned()),
            None => rest.is_empty().then(String::new),
        };
    }
    let inside = super::path::DRIVES
        .iter()
        .find_map(|drives| without(drives))?;
    let own = |(own, _): &&(&str, &str)| own.eq_ignore_ascii_case(inside);
    DRIVES.iter().find(own).map(|(_, to)| (*to).to_owned())
}

/// Opens what a name below the device leads to; `None` when it leads elsewhere.
pub(super) fn open(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    attributes: &Attributes,
    access: u32,
) -> Result<Option<Object>, NtStatus> {
    let root = match attributes.root {
        0 => None,
        root => match kernel.nt_object(cx, root)? {
            Object::Console(part) => Some(part),
            _ => return Ok(None),
        },
    };
    let name = match &root {
        Some(_) => String::from_utf16_lossy(&attributes.name),
        None => match below(&attributes.name) {
            Some(name) => name,
            None => return Ok(None),
        },
    };
    let part = match (&root, name.as_str()) {
        (Some(Part::Server(server)), "Reference") => Part::Console(kernel.served(cx, server)?),
        (Some(Part::Console(console)), "Connection") => kernel.connect(cx, Some(console))?,
        (Some(Part::Connection(_)), "Reference") => Part::Console(kernel.own_console(cx)?),
        (Some(_), _) => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        (None, "Input") => Part::Input,
        (None, "Output") => Part::Output,
        (None, "CurrentIn") => Part::Console(kernel.own_console(cx)?),
        (None, "CurrentOut") => kernel.active(cx)?,
        (None, "ScreenBuffer") => kernel.new_screen(cx)?,
        (None, "Connection") => kernel.connect(cx, None)?,
        (None, "Server") => Part::Server(Rc::default()),
        // What it is for says which half is meant: not both.
        (None, "Console" | "") => match (access & READS != 0, access & WRITES != 0) {
            (true, true) => return Err(NtStatus::INVALID_PARAMETER),
            (_, true) => kernel.active(cx)?,
            (_, false) => Part::Console(kernel.own_console(cx)?),
        },
        (None, _) => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
    };
    Ok(Some(Object::Console(part)))
}

/// The screen buffer of a new console and its window, as each release has them.
/// [Microsoft, HKEY_CURRENT_USER\Console: ScreenBufferSize and WindowSize]
fn usual_screen(profile: &Profile) -> Screen {
    match profile.system() {
        System::Windows(release) if release.age >= X86_10_1507.age => {
            Screen::new((120, 9001), (120, 30))
        }
        _ => Screen::new((80, 300), (80, 25)),
    }
}

impl Kernel {
    /// The console of the first process. Its screen buffer is as large as the terminal where there is one.
    pub(super) fn first_console(&self, cx: &Cx<'_>, files: &[Rc<OpenFile>]) -> Option<Rc<Console>> {
        let terminal = files.iter().rev().find(|file| file.terminal().is_some());
        let window = terminal
            .and_then(|file| file.terminal())
            .and_then(|(_, output)| self.host.window(output))
            .filter(|window| window.columns > 0 && window.rows > 0);
        let screen = match window {
            Some(Window { columns, rows, .. }) => {
                let size = (columns.min(1000), rows.min(1000));
                Screen::new(size, size)
            }
            None => usual_screen(cx.profile),
        };
        let title = title(&cx.process().exe);
        Console::new(screen, title, terminal.cloned())
    }

    /// What of a console is waited for, and what has been typed so far.
    pub(super) fn console_waited(
        &mut self,
        cx: &mut Cx<'_>,
        part: &Part,
    ) -> Result<Part, NtStatus> {
        let console = match part {
            Part::Console(console) | Part::Screen(console, _) => console.clone(),
            Part::Input | Part::Output => {
                self.own_console(cx).map_err(|_| NtStatus::ACCESS_DENIED)?
            }
            Part::Connection(_) | Part::Server(_) => return Err(NtStatus::OBJECT_TYPE_MISMATCH),
        };
        Ok(Part::Console(console))
    }

    /// The console of the process that asks.
    fn own_console(&mut self, cx: &Cx<'_>) -> Result<Rc<Console>, NtStatus> {
        let console = self.nt_process(cx).console.clone();
        console.ok_or(NtStatus::INVALID_HANDLE)
    }

    /// What its console shows now.
    fn active(&mut self, cx: &Cx<'_>) -> Result<Part, NtStatus> {
        let console = self.own_console(cx)?;
        let buffer = console.state.borrow().active.clone();
        Ok(Part::Screen(console, buffer))
    }

    /// The console of a server, which is made when it is first asked for.
    fn served(&mut self, cx: &Cx<'_>, server: &Server) -> Result<Rc<Console>, NtStatus> {
        if server.console.borrow().is_some() {
            return Err(NtStatus::INVALID_HANDLE);
        }
        self.count_screen()?;
        let console = Console::new(usual_screen(cx.profile), title(&cx.process().exe), None);
        let console = console.ok_or(NtStatus::NO_MEMORY)?;
        let buffer = Rc::downgrade(&console.state.borrow().active);
        self.nt.screens.push(buffer);
        server.console.replace(Some(console.clone()));
        Ok(console)
    }

    /// Another screen buffer of the own console.
    fn new_screen(&mut self, cx: &Cx<'_>) -> Result<Part, NtStatus> {
        let console = self.own_console(cx)?;
        self.count_screen()?;
        let screen = console.state.borrow().active.screen.borrow().sibling();
        let buffer = Buffer::new(screen);
        self.nt.screens.push(Rc::downgrade(&buffer));
        Ok(Part::Screen(console, buffer))
    }

    fn count_screen(&mut self) -> Result<(), NtStatus> {
        let alive = |buffer: &Weak<Buffer>| buffer.strong_count() > 0;
        self.nt.screens.retain(alive);
        match self.nt.screens.len() < MOST_SCREENS {
            true => Ok(()),
            false => Err(NtStatus::NO_MEMORY),
        }
    }

    /// Makes the process that asks one of a console's. The first is so from the start.
    fn connect(&mut self, cx: &Cx<'_>, console: Option<&Rc<Console>>) -> Result<Part, NtStatus> {
        let process = self.nt_process(cx);
        match (&process.console, console) {
            (Some(own), Some(console)) if Rc::ptr_eq(own, console) => {}
            (Some(_), _) => return Err(NtStatus::ACCESS_DENIED),
            (None, console) => process.console = console.cloned(),
        }
        let pid = Cell::new(cx.process().pid);
        Ok(Part::Connection(Rc::new(Connection { pid })))
    }

    /// A process of a console has ended. With the last one the terminal is again whose it was.
    pub(super) fn console_left(&mut self, console: &Rc<Console>) {
        if events::members(self, console, 0).is_empty() {
            self.give_terminal_back(console);
        }
    }

    /// A handle to something below the device is closed, or its process has ended.
    pub(super) fn console_closed(&mut self, part: &Part) {
        if let Part::Connection(connection) = part
            && Rc::strong_count(connection) == 1
            && let Some(process) = self.nt.processes.get_mut(&connection.pid.get())
        {
            process.console = None;
        }
    }
}

/// What a console is called at first: the program.   [Microsoft, SetConsoleTitle]
fn title(path: &[u8]) -> Vec<u16> {
    let path = path.iter().map(|byte| match byte {
        b'/' => b'\\',
        byte => *byte,
    });
    let path: Vec<u8> = b"C:".iter().copied().chain(path).collect();
    String::from_utf8_lossy(&path).encode_utf16().collect()
}

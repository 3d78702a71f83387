//! What do a call's arguments and its result say, in strace's words?
//!
//! The meaning of an argument comes from the prototypes, names of values and shapes of structures from the tables of the
//! ABI the call came by; [`particular`] knows what is special about single calls. Guest memory is only read, whatever it
//! holds the text is bounded, and nothing here fails: what can't be read is shown as its address.

#[cfg(test)]
mod any;
mod argument;
mod arrays;
mod constant;
mod descriptor;
pub(crate) mod indirect;
mod names;
pub(crate) mod nt;
pub(crate) mod number;
mod particular;
mod quote;
mod result;
mod sets;
pub(crate) mod settings;
mod sight;
mod structure;
#[cfg(test)]
mod tests;

use crate::event::{CallEvent, End};
use crate::kernel::linux::signals::Info;
use crate::view::Guest;
use emu_prototypes::linux::{Abi, id};
use emu_prototypes::{Args, CallInfo, DataModel, Meaning, Row, Width};

use names::Names;
use settings::{Extent, Settings};
use sight::Sight;

pub(crate) use particular::{left_out, when};

/// Shows calls.
pub(crate) struct Decoder {
    settings: Settings,
    names: Names,
}

/// A call to be shown.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// What it is.
    pub(crate) info: &'static CallInfo,
    /// How the profile passes it.
    pub(crate) row: &'static Row,
    /// Its arguments by field.
    pub(crate) args: &'a Args,
    /// Constants and structures of the ABI it came by.
    pub(crate) abi: &'static Abi,
    /// Widths of the convention it came by.
    pub(crate) model: DataModel,
    /// How much of it is shown.
    pub(crate) extent: Extent,
}

impl<'a> Asked<'a> {
    /// The call of an event, shown as usual; `None` for a number without a call.
    pub(crate) fn of(call: &'a CallEvent, abi: &'static Abi) -> Option<Self> {
        Some(Asked {
            info: call.info?,
            row: call.row?,
            args: &call.args,
            abi,
            model: call.entry.abi.model,
            extent: Extent::default(),
        })
    }
}

impl Asked<'_> {
    /// An argument by its field, zero when there is none.
    fn arg(&self, field: u8) -> u64 {
        self.args.get(usize::from(field)).copied().unwrap_or(0)
    }

    /// Width and sign of an argument on this profile.
    fn width(&self, field: u8) -> Width {
        let on_profile = self.row.params.iter().find(|param| param.field == field);
        on_profile.map_or(Width::ULong, |param| param.width)
    }

    /// What an argument means.
    fn meaning(&self, field: u8) -> Meaning {
        self.info
            .params
            .get(usize::from(field))
            .map_or(Meaning::Hex, |param| param.meaning)
    }

    /// Fields in the order in which they are shown.
    fn order(&self, buf: &mut [u8; emu_prototypes::MAX_ARGS]) -> usize {
        if let Some(order) = particular::order(self).filter(|_| !self.extent.raw) {
            buf[..order.len()].copy_from_slice(order);
            return order.len();
        }
        let count = self.row.params.len().min(buf.len());
        for (place, param) in buf.iter_mut().zip(self.row.params) {
            *place = param.field;
        }
        count
    }
}

/// The result of a call that succeeded, so that what it was to fill is filled. A status of Windows says by itself.
pub(crate) fn success(call: &CallEvent, end: End) -> Option<u64> {
    match end {
        End::Returned(Ok(value)) if nt::is(call) && nt::is_error(value) => None,
        End::Returned(Ok(value)) => Some(value),
        _ => None,
    }
}

/// Appends a name for a number without a call.
pub(crate) fn unnamed(out: &mut Vec<u8>, call: &CallEvent) {
    if !nt::unnamed(out, call) {
        out.extend_from_slice(b"syscall_");
        number::hex0(out, u64::from(call.number));
    }
}

/// Where in its call an argument is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The call begins: what it reads is there.
    Enter,
    /// The call has ended: with this value, or without success.
    Exit(Option<u64>),
}

/// When the text of an argument can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// When the call begins.
    Enter,
    /// When it has ended.
    Exit,
    /// One part when it begins, the other when it has ended.
    Both,
}

/// Everything needed for making text.
pub(crate) struct Printer<'a> {
    pub(crate) out: &'a mut Vec<u8>,
    memory: Sight<'a>,
    abi: &'static Abi,
    model: DataModel,
    settings: &'a Settings,
    names: &'a mut Names,
    /// Whether structures are shown with all their fields, arrays with all their elements.
    whole: bool,
}

/// The arguments of a call, half of which may be in text already.
#[derive(Default)]
pub(crate) struct Line {
    /// The text so far.
    pub(crate) text: Vec<u8>,
    /// How many arguments, in their order, it has.
    done: u8,
    /// Whether it has any.
    any: bool,
    /// Whether arguments that are shown are still to come.
    short: bool,
    /// Texts of arguments behind those, made while their memory was still as the call found it.
    early: Vec<u8>,
    /// Place in the order, start and end in `early`.
    spans: Vec<(u8, u32, u32)>,
}

impl Line {
    /// Begins a new line.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.restart();
    }

    /// Begins anew behind the text that is there.
    pub(crate) fn restart(&mut self) {
        self.done = 0;
        self.any = false;
        self.short = false;
        self.early.clear();
        self.spans.clear();
    }

    /// Whether arguments are still to come.
    pub(crate) fn is_short(&self) -> bool {
        self.short
    }

    /// Another line comes between. Arguments that are to come will stand at the beginning of a line.
    pub(crate) fn interrupt(&mut self) {
        if self.short && self.any {
            self.text.extend_from_slice(b", ");
            self.any = false;
        }
    }
}

impl Decoder {
    /// A decoder that shows calls as the settings say.
    pub(crate) fn new(settings: Settings) -> Self {
        let names = Names::new(settings.constants);
        Decoder { settings, names }
    }

    /// The call of an event as the decoder takes it; `None` for a number without a call.
    pub(crate) fn asked<'a>(&self, call: &'a CallEvent, abi: &'static Abi) -> Option<Asked<'a>> {
        Asked::of(call, abi).map(|asked| Asked {
            extent: self.settings.extent(asked.info),
            ..asked
        })
    }

    /// A printer that appends to `out`.
    pub(crate) fn printer<'a>(
        &'a mut self,
        out: &'a mut Vec<u8>,
        memory: &'a mut dyn Guest,
        abi: &'static Abi,
        model: DataModel,
    ) -> Printer<'a> {
        Printer {
            out,
            memory: Sight::new(memory),
            abi,
            model,
            settings: &self.settings,
            names: &mut self.names,
            whole: false,
        }
    }

    /// Appends the arguments that can be shown when the call begins, and keeps the text of later ones.
    pub(crate) fn enter(&mut self, asked: &Asked<'_>, memory: &mut dyn Guest, line: &mut Line) {
        let abi = asked.abi;
        let mut order = [0; emu_prototypes::MAX_ARGS];
        let count = asked.order(&mut order);
        let mut waiting = false;
        for (place, &field) in order[..count].iter().enumerate() {
            if particular::left_out(asked, field) {
                if !waiting {
                    line.done += 1;
                }
                continue;
            }
            let when = particular::when(asked, field);
            if !waiting && when == When::Enter {
                line.separate();
                let mut printer = self.printer(&mut line.text, memory, abi, asked.model);
                printer.labelled(asked, field, Phase::Enter);
                line.done += 1;
                continue;
            }
            waiting = true;
            line.short = true;
            if when != When::Exit && !plain(asked, field) {
                let start = line.early.len() as u32;
                let mut printer = self.printer(&mut line.early, memory, abi, asked.model);
                printer.argument(asked, field, Phase::Enter);
                line.spans
                    .push((place as u8, start, line.early.len() as u32));
            }
        }
    }

    /// Appends the rest of the arguments, when the call has ended. `value` is its result, if it succeeded.
    pub(crate) fn exit(
        &mut self,
        asked: &Asked<'_>,
        value: Option<u64>,
        memory: &mut dyn Guest,
        line: &mut Line,
    ) {
        let abi = asked.abi;
        let mut order = [0; emu_prototypes::MAX_ARGS];
        let count = asked.order(&mut order);
        let phase = Phase::Exit(value);
        for (place, &field) in order[..count]
            .iter()
            .enumerate()
            .skip(usize::from(line.done))
        {
            if particular::left_out(asked, field) {
                continue;
            }
            line.separate();
            let early = line
                .spans
                .iter()
                .find(|(at, ..)| usize::from(*at) == place)
                .copied();
            let mut printer = self.printer(&mut line.text, memory, abi, asked.model);
            let Some((_, start, end)) = early else {
                printer.labelled(asked, field, phase);
                continue;
            };
            if let Some(label) = particular::label(asked, field) {
                printer.text(label);
            }
            let before = &line.early[start as usize..end as usize];
            match particular::when(asked, field) {
                When::Both => printer.changed(asked, field, phase, before),
                When::Enter | When::Exit => printer.out.extend_from_slice(before),
            }
        }
    }
}

impl Decoder {
    /// Appends the arguments of a call of which one, at `index` in the profile's order, could not be read from its slot.
    pub(crate) fn unreadable(
        &mut self,
        asked: &Asked<'_>,
        index: usize,
        memory: &mut dyn Guest,
        line: &mut Line,
    ) {
        for (place, param) in asked.row.params.iter().enumerate() {
            if place < index && particular::left_out(asked, param.field) {
                continue;
            }
            line.separate();
            if place < index {
                let mut printer = self.printer(&mut line.text, memory, asked.abi, asked.model);
                printer.argument(asked, param.field, Phase::Exit(None));
            } else {
                line.text.extend_from_slice(b"<unreadable>");
            }
        }
    }
}

impl Line {
    fn separate(&mut self) {
        if self.any {
            self.text.extend_from_slice(b", ");
        }
        self.any = true;
    }
}

/// Whether each argument of a call is shown for what it is.
pub(crate) fn complete(call: &CallInfo) -> bool {
    call.params.iter().enumerate().all(|(field, param)| {
        let pointer = param.ctype.contains('*') || param.ctype.starts_with("cap_user_");
        let known = !matches!(
            param.meaning,
            Meaning::Plain | Meaning::Hex | Meaning::Address
        );
        // What lies there belongs to the call's user, not to the call.
        let opaque = matches!(
            call.id,
            id::SET_ROBUST_LIST | id::SET_TID_ADDRESS | id::RSEQ
        ) || matches!(
            call.id,
            id::FUTEX | id::FUTEX_TIME64 | id::SHMAT | id::SHMDT
        );
        !pointer || known || opaque || particular::shows(call.id, field as u8)
    })
}

/// Whether the text of an argument does not depend on memory, so that it can be made at any time.
fn plain(asked: &Asked<'_>, field: u8) -> bool {
    matches!(
        asked.meaning(field),
        Meaning::Plain
            | Meaning::Hex
            | Meaning::Octal
            | Meaning::Address
            | Meaning::Fd
            | Meaning::DirFd
            | Meaning::Flags(_)
            | Meaning::Enum(_)
            | Meaning::OpenFlags
            | Meaning::Mode
            | Meaning::Pid
            | Meaning::Id
            | Meaning::Signal
    )
}

impl Printer<'_> {
    /// `--- SIGSEGV {si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=NULL} ---`
    pub(crate) fn signal_line(&mut self, info: &Info) {
        self.text("--- ");
        self.text(info.name);
        self.out.push(b' ');
        self.signal_info(info);
        self.text(" ---");
    }

    /// Appends text.
    pub(crate) fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    /// Shows from now on as much as is to be shown of a call.
    fn adopt(&mut self, asked: &Asked<'_>) {
        self.whole = asked.extent.whole;
        self.memory.closed = asked.extent.shallow;
    }

    /// How many elements of an array are shown.
    fn most(&self) -> usize {
        match self.whole {
            true => arrays::MAX_COUNT as usize,
            false => self.settings.limit,
        }
    }

    fn labelled(&mut self, asked: &Asked<'_>, field: u8, phase: Phase) {
        if let Some(label) = particular::label(asked, field) {
            self.text(label);
        }
        self.argument(asked, field, phase);
    }

    fn flags(&mut self, group: &'static str, value: u64) {
        self.names.flags_of(self.out, self.abi, group, value);
    }

    fn value(&mut self, group: &'static str, value: u64) {
        self.names.value_of(self.out, self.abi, group, value);
    }

    fn value_named(&mut self, group: &'static str, name: &str) -> Option<u64> {
        self.names.value(self.abi, group, name)
    }

    fn is(&mut self, group: &'static str, value: u64, name: &str) -> bool {
        self.names.name(self.abi, group, value) == Some(name)
    }

    fn decimal(&mut self, value: u64) {
        number::decimal(self.out, value);
    }

    fn signed(&mut self, value: u64) {
        number::signed(self.out, value as i64);
    }

    fn hex(&mut self, value: u64) {
        number::hex(self.out, value);
    }

    fn wide_hex(&mut self, value: u64, width: usize) {
        number::wide_hex(self.out, value, width);
    }

    fn address(&mut self, value: u64) {
        number::address(self.out, value);
    }

    /// A known value, or what it is as a number.
    fn value_or(&mut self, group: &'static str, value: u64, other: fn(&mut Vec<u8>, u64)) {
        match self.names.name(self.abi, group, value) {
            Some(name) => self.constant(|out| other(out, value), |printer| printer.text(name)),
            None => other(self.out, value),
        }
    }
}

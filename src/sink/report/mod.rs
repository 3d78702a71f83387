//! A page to look at a run: one HTML file that needs nothing but a browser.
//!
//! Events are written as they come, so that what is held in memory does not grow with their number; what was added up
//! stands behind them.

mod rows;

use std::io;

use emu_prototypes::CallInfo;
use serde::Serialize;

use super::ledger::{Ledger, Told};
use super::output::Output;
use super::plain::plain;
use super::whole::{Step, Whole, Wholes};
use super::{Selection, Sink, text};
use crate::decode;
use crate::decode::settings::{Descriptors, Settings};
use crate::event::Event;
use crate::view::View;
use rows::{Kind, Row, Rows};

/// Events that are in the table. A browser can show more, but not in a time that one likes to wait.
const EVENTS: u64 = 2_000_000;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Where in the page things go.
const STYLE_GOES_HERE: &str = "/* STYLE */";
const DATA_GOES_HERE: &str = "<!-- DATA -->";

/// Writes a page.
pub struct ReportSink {
    wholes: Wholes,
    ledger: Ledger,
    table: Table,
}

/// The events of the page.
struct Table {
    output: Output,
    rows: Rows,
    /// Whether the top of the page is written.
    begun: bool,
    /// Events that are not in the table.
    left_out: u64,
    name: Vec<u8>,
}

/// What stands behind the events.
#[derive(Serialize)]
struct Behind<'a> {
    told: &'a Told,
    names: &'a [(String, &'static str)],
    events: u64,
    bytes: u64,
    left_out: u64,
}

impl ReportSink {
    /// A page of the calls of a selection, which shows at most `limit` bytes of a string.
    pub fn new(
        output: Output,
        selection: impl Into<Selection>,
        settings: impl Into<Settings>,
    ) -> Self {
        let mut settings = settings.into();
        settings.descriptors = settings.descriptors.max(Descriptors::Paths);
        let wholes = Wholes::new(selection, settings);
        ReportSink {
            wholes,
            ledger: Ledger::new(),
            table: Table {
                output,
                rows: Rows::default(),
                begun: false,
                left_out: 0,
                name: Vec::new(),
            },
        }
    }
}

impl Table {
    fn top(&mut self) -> io::Result<()> {
        self.begun = true;
        let (top, _) = split(PAGE, DATA_GOES_HERE);
        let (before, behind) = split(top, STYLE_GOES_HERE);
        for part in [
            before,
            STYLE,
            behind,
            "<script type=\"text/plain\" id=\"events\">\n",
        ] {
            self.output.line(part.as_bytes())?;
        }
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        if self.rows.total >= EVENTS {
            self.left_out += 1;
            return Ok(());
        }
        match self.rows.add(row)? {
            Some(block) => self.output.line(&block),
            None => Ok(()),
        }
    }

    fn call(&mut self, whole: &Whole<'_>) -> io::Result<()> {
        let mut name = std::mem::take(&mut self.name);
        name.clear();
        text::name(&mut name, whole.call);
        let mut kind = Kind::empty();
        kind.set(Kind::FAILED, whole.failed);
        kind.set(Kind::MISSING, whole.missing);
        let row = Row {
            name: &String::from_utf8_lossy(&name),
            section: whole.call.info.map_or("unknown", |info| info.section),
            task: whole.call.task,
            start: whole.start,
            took: whole.took,
            kind,
            args: whole.args,
            result: whole.result,
        };
        let done = self.row(&row);
        self.name = name;
        done
    }

    /// All events but those of calls.
    fn other(
        &mut self,
        event: &Event<'_>,
        view: &mut View<'_>,
        wholes: &mut Wholes,
    ) -> io::Result<()> {
        let mut words = Vec::new();
        let (name, kind, task) = match event {
            Event::Start { task, path, .. } => {
                words.extend_from_slice(plain(path).as_bytes());
                ("program starts", Kind::LIFE, *task)
            }
            Event::Born { task, process, .. } => {
                words.extend_from_slice(format!("in process {process}").as_bytes());
                ("task begins", Kind::LIFE, *task)
            }
            Event::Signal { task, info, .. } => {
                wholes.signal(&mut words, info, view);
                (info.name, Kind::SIGNAL, *task)
            }
            Event::Exception { task, record } => {
                decode::nt::exception(&mut words, record);
                (
                    record.code.name().unwrap_or("exception"),
                    Kind::SIGNAL,
                    *task,
                )
            }
            Event::Stopped { task, signal } => {
                words.extend_from_slice(b"by ");
                words.extend_from_slice(signal.as_bytes());
                ("task stops", Kind::SIGNAL, *task)
            }
            Event::TaskEnd { task, status } => {
                text::ended(&mut words, status);
                ("task ends", Kind::LIFE, *task)
            }
            Event::Note { text } => {
                words.extend_from_slice(plain(text.as_bytes()).as_bytes());
                ("note", Kind::NOTE, 0)
            }
            Event::Enter(_) | Event::Exit { .. } => return Ok(()),
        };
        self.row(&Row {
            name,
            section: "event",
            task,
            start: view.now.time,
            took: 0,
            kind: kind | Kind::OTHER,
            args: &words,
            result: b"",
        })
    }
}

fn split<'a>(text: &'a str, at: &str) -> (&'a str, &'a str) {
    text.split_once(at).expect("the page has this place")
}

/// JSON in a page. No byte of it can end the element that it stands in.   [HTML, 4.12.1.3]
fn json(value: &impl Serialize) -> io::Result<String> {
    Ok(serde_json::to_string(value)?.replace('<', "\\u003c"))
}

impl Sink for ReportSink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.wholes.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        let ReportSink {
            wholes,
            ledger,
            table,
        } = self;
        if !table.begun {
            table.top()?;
        }
        ledger.before(event, view);
        table.other(event, view, wholes)?;
        let done = wholes.event(event, view, |step, view| {
            ledger.step(&step, view);
            match step {
                Step::Begins(_) => Ok(()),
                Step::Ends(whole) => table.call(&whole),
            }
        });
        ledger.behind(event);
        done.unwrap_or(Ok(()))
    }

    fn finish(&mut self) -> io::Result<()> {
        let table = &mut self.table;
        if !table.begun {
            table.top()?;
        }
        if let Some(block) = table.rows.rest()? {
            table.output.line(&block)?;
        }
        let behind = Behind {
            told: &self.ledger.told(),
            names: &table.rows.list,
            events: table.rows.total,
            bytes: table.rows.bytes,
            left_out: table.left_out,
        };
        let (_, bottom) = split(PAGE, DATA_GOES_HERE);
        for part in [
            "</script>\n<script type=\"application/json\" id=\"told\">",
            &json(&behind)?,
            "</script>\n<script>\n",
            SCRIPT,
            "</script>\n",
            bottom,
        ] {
            table.output.line(part.as_bytes())?;
        }
        table.output.finish()
    }
}

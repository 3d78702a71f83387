//! Events as a page keeps them: in blocks of columns, compressed, as letters.
//!
//! A block begins with the count of its events. Then each column follows for all of them: the name's place in the list of
//! names, the task, the start, the time it took, flags, the length of the arguments' text, that of the result's. The texts
//! come last. Numbers are LEB128, those with a sign in zigzag; starts are told as the difference from the one before.
//! All that is compressed by DEFLATE and written in base64, a block a line.   [RFC 1951, RFC 4648]

use std::collections::BTreeMap;
use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::kernel::task::Tid;

/// Events in a block.
const BLOCK: usize = 16 * 1024;
/// How many names are told apart. Programs may use any number for a call.
const NAMES: usize = 4096;
/// What stands for the others.
const OTHER: &str = "other calls";

bitflags::bitflags! {
    /// What an event is.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub(super) struct Kind: u8 {
        /// A call that failed.
        const FAILED = 1;
        /// A call that nobody served.
        const MISSING = 2;
        /// No call.
        const OTHER = 4;
        /// A signal, or an exception.
        const SIGNAL = 8;
        /// The beginning or the end of a task, or of a program.
        const LIFE = 16;
        /// A note about the run.
        const NOTE = 32;
    }
}

/// An event.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    /// The section of the prototypes that a call stands in, or what else it is.
    pub(super) section: &'static str,
    pub(super) task: Tid,
    pub(super) start: u64,
    pub(super) took: u64,
    pub(super) kind: Kind,
    pub(super) args: &'a [u8],
    pub(super) result: &'a [u8],
}

/// Events that are not written yet.
#[derive(Default)]
pub(super) struct Rows {
    columns: [Vec<u8>; 7],
    text: Vec<u8>,
    count: usize,
    last: u64,
    names: BTreeMap<String, u16>,
    /// Names and sections, in the order of their places.
    pub(super) list: Vec<(String, &'static str)>,
    /// Events in all, and bytes of their texts.
    pub(super) total: u64,
    pub(super) bytes: u64,
}

impl Rows {
    /// Adds an event. A block that is full comes back as a line.
    pub(super) fn add(&mut self, row: &Row<'_>) -> io::Result<Option<Vec<u8>>> {
        let name = self.name(row.name, row.section);
        let start = row.start.wrapping_sub(self.last) as i64;
        self.last = row.start;
        let [names, tasks, starts, tooks, kinds, args, results] = &mut self.columns;
        number(names, name.into());
        number(tasks, zigzag(row.task.into()));
        number(starts, zigzag(start));
        number(tooks, row.took);
        kinds.push(row.kind.bits());
        number(args, row.args.len() as u64);
        number(results, row.result.len() as u64);
        self.text.extend_from_slice(row.args);
        self.text.extend_from_slice(row.result);
        self.count += 1;
        self.total += 1;
        self.bytes += (row.args.len() + row.result.len()) as u64;
        match self.count {
            BLOCK => self.block().map(Some),
            _ => Ok(None),
        }
    }

    fn name(&mut self, name: &str, section: &'static str) -> u16 {
        if let Some(at) = self.names.get(name) {
            return *at;
        }
        let name = if self.list.len() < NAMES { name } else { OTHER };
        if let Some(at) = self.names.get(name) {
            return *at;
        }
        let at = self.list.len() as u16;
        self.names.insert(name.to_owned(), at);
        self.list.push((name.to_owned(), section));
        at
    }

    /// The last block, when there is something in it.
    pub(super) fn rest(&mut self) -> io::Result<Option<Vec<u8>>> {
        match self.count {
            0 => Ok(None),
            _ => self.block().map(Some),
        }
    }

    fn block(&mut self) -> io::Result<Vec<u8>> {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::default());
        let mut head = Vec::new();
        number(&mut head, self.count as u64);
        packed.write_all(&head)?;
        for column in &mut self.columns {
            packed.write_all(column)?;
            column.clear();
        }
        packed.write_all(&self.text)?;
        self.text.clear();
        (self.count, self.last) = (0, 0);
        let mut line = STANDARD.encode(packed.finish()?).into_bytes();
        line.push(b'\n');
        Ok(line)
    }
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// [LEB128]
fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

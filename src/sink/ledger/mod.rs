//! What was done in a run, added up in bounded memory: files, sockets, programs, processes, failures.

mod capped;
mod direct;
mod places;
mod suspect;
pub(super) mod told;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::acts::{Act, Acts, Did, Made, Name};
use super::family::Family;
use super::text;
use super::whole::{Step, Whole};
use crate::event::{CallEvent, End, Event};
use crate::kernel::task::Tid;
use crate::view::View;

use capped::Capped;
use suspect::{Evidence, Findings};
pub(super) use told::Told;

/// How many different things of a kind are kept.
const NAMES: usize = 20_000;
/// How many processes, tasks and programs.
const PROCESSES: usize = 10_000;
/// How many notes.
const NOTES: usize = 100;

/// Bytes, and how many calls moved them.
#[derive(Default, Clone, Copy)]
pub(super) struct Moved {
    pub(super) bytes: u64,
    pub(super) calls: u64,
}

/// A file.
#[derive(Default)]
pub(super) struct File {
    pub(super) opened: u64,
    /// Whether it was opened to be written.
    pub(super) writes: bool,
    pub(super) read: Moved,
    pub(super) written: Moved,
    /// Whether it was made, and what, when it is no plain file.
    pub(super) made: Option<(Made, &'static str)>,
    pub(super) deleted: bool,
    /// Its new name.
    pub(super) renamed: Option<Name>,
    /// What else of it was changed.
    pub(super) changed: Option<&'static str>,
}

/// A socket.
#[derive(Default)]
pub(super) struct Socket {
    pub(super) kind: &'static str,
    pub(super) bound: Option<Name>,
    pub(super) listens: bool,
    /// Whom it talks to: it connected, sent, or the other side did.
    pub(super) peers: Vec<Name>,
    pub(super) accepted: bool,
    pub(super) received: Moved,
    pub(super) sent: Moved,
}

/// Peers that are kept of one socket.
const PEERS: usize = 8;

/// A program that was started.
pub(super) struct Program {
    pub(super) task: Tid,
    pub(super) time: u64,
    pub(super) path: Name,
    pub(super) argv: Vec<Name>,
}

/// A task, of the first on.
pub(super) struct Member {
    pub(super) task: Tid,
    pub(super) process: Tid,
    pub(super) parent: Option<Tid>,
    pub(super) program: Rc<[u8]>,
    pub(super) born: u64,
    pub(super) ended: Option<(u64, Name)>,
    pub(super) calls: u64,
}

/// Calls of one name.
#[derive(Default, Clone, Copy)]
pub(super) struct Count {
    pub(super) calls: u64,
    pub(super) errors: u64,
    pub(super) time: u64,
}

/// Things that happened several times.
#[derive(Default)]
pub(super) struct Often {
    pub(super) count: u64,
    pub(super) task: Tid,
    /// When for the first time.
    pub(super) time: u64,
}

impl Often {
    fn add(&mut self, task: Tid, time: u64) {
        if self.count == 0 {
            (self.task, self.time) = (task, time);
        }
        self.count += 1;
    }
}

/// The whole of it.
pub(super) struct Ledger {
    family: Family,
    acts: Acts,
    done: Vec<Act>,
    direct: direct::Direct,
    findings: Findings,
    /// The first program, and its profile.
    first: Name,
    profile: &'static str,
    members: Vec<Member>,
    /// Where in the list those are that live.
    living: BTreeMap<Tid, usize>,
    /// How many tasks are not in the list.
    more_members: u64,
    files: Capped<File>,
    sockets: Capped<Socket>,
    pipes: Capped<(Moved, Moved)>,
    hosts: Capped<Often>,
    programs: Vec<Program>,
    more_programs: u64,
    /// Kind and name.
    objects: Capped<(Did, u64)>,
    /// Values of the registry: whether the last thing was that it was set.
    values: Capped<bool>,
    calls: Capped<Count>,
    /// Call, error and path, with a NUL between them.
    failed: Capped<Often>,
    missing: Capped<Often>,
    /// Signals that came.
    signals: Capped<Often>,
    notes: Vec<String>,
    more_notes: u64,
    count: u64,
    /// The time of the last event, and the time of the day at the first.
    end: u64,
    epoch: u64,
    line: Vec<u8>,
}

impl Ledger {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Ledger {
            family: Family::default(),
            acts: Acts::default(),
            done: Vec::new(),
            direct: direct::Direct::default(),
            findings: Findings::default(),
            first: Name::new(),
            profile: "",
            members: Vec::new(),
            living: BTreeMap::new(),
            more_members: 0,
            files: Capped::new(NAMES),
            sockets: Capped::new(NAMES),
            pipes: Capped::new(NAMES),
            hosts: Capped::new(NAMES),
            programs: Vec::new(),
            more_programs: 0,
            objects: Capped::new(NAMES),
            values: Capped::new(NAMES),
            calls: Capped::new(NAMES),
            failed: Capped::new(NAMES),
            missing: Capped::new(NAMES),
            signals: Capped::new(NAMES),
            notes: Vec::new(),
            more_notes: 0,
            count: 0,
            end: 0,
            epoch: 0,
            line: Vec::new(),
        }
    }

    /// Takes an event, before it is known what it is to a call.
    pub(super) fn before(&mut self, event: &Event<'_>, view: &View<'_>) {
        self.end = self.end.max(view.now.time);
        self.epoch = view.now.epoch;
        self.family.before(event);
        self.other(event, view);
    }

    /// Takes what an event is to a call.
    pub(super) fn step(&mut self, step: &Step<'_>, view: &mut View<'_>) {
        match step {
            Step::Begins(call) => self.begin(call, view),
            Step::Ends(whole) => self.call(whole, view),
        }
    }

    /// Takes an event, when all else has been told of it.
    pub(super) fn behind(&mut self, event: &Event<'_>) {
        if let Event::TaskEnd { task, .. } = event {
            self.acts.gone(*task);
            self.direct.gone(*task);
        }
        self.family.behind(event);
    }

    fn begin(&mut self, call: &CallEvent, view: &mut View<'_>) {
        let process = self.family.process(call.task);
        self.acts.begin(process, call, view);
        if let Some(what) = self.direct.look(process, call.pc, view) {
            self.line.clear();
            text::name(&mut self.line, call);
            self.line
                .extend_from_slice(format!(" at {:#x}", call.pc).as_bytes());
            if let direct::From::Module(module) = &what {
                self.line.extend_from_slice(b" in ");
                self.line.extend_from_slice(module);
            }
            let evidence = Evidence::new(call.task, call.time, &self.line);
            self.findings.direct(&what, evidence);
        }
    }

    /// A call has ended.
    fn call(&mut self, whole: &Whole<'_>, view: &mut View<'_>) {
        let task = whole.call.task;
        self.count += 1;
        if let Some(member) = self.living.get(&task) {
            self.members[*member].calls += 1;
        }
        self.line.clear();
        text::name(&mut self.line, whole.call);
        if let Some(count) = self.calls.entry(&self.line) {
            count.calls += 1;
            count.errors += u64::from(whole.failed);
            count.time += whole.took;
        }
        let process = self.family.process(task);
        let mut done = std::mem::take(&mut self.done);
        done.clear();
        let path = self.acts.end(process, whole, view, &mut done);
        if whole.missing {
            if let Some(often) = self.missing.entry(&self.line) {
                often.add(task, whole.start);
            }
        } else if whole.failed {
            let error = match whole.end {
                End::Returned(Err(errno)) => errno.name().as_bytes(),
                _ => whole.result,
            };
            let path = path.as_deref().unwrap_or_default();
            let key = [&self.line, error, path].join(&0);
            if let Some(often) = self.failed.entry(&key) {
                often.add(task, whole.start);
            }
        }
        for act in &done {
            self.act(act, whole);
            let (findings, family) = (&mut self.findings, &self.family);
            findings.act(act, whole, family, view.abi);
        }
        self.done = done;
    }

    fn act(&mut self, act: &Act, whole: &Whole<'_>) {
        match act {
            Act::Opened { path, writes, made } => {
                if let Some(file) = self.file(path) {
                    file.opened += 1;
                    file.writes |= writes;
                    if file.made.is_none() && *made != Made::No {
                        file.made = Some((*made, ""));
                    }
                }
            }
            Act::Moved { name, bytes, out } => self.moved(name, *bytes, *out),
            Act::Made { path, what } => {
                if let Some(file) = self.file(path) {
                    file.made = Some((Made::Yes, what));
                }
            }
            Act::Deleted { path } => {
                if let Some(file) = self.file(path) {
                    file.deleted = true;
                }
            }
            Act::Renamed { from, to } => {
                if let Some(file) = self.file(from) {
                    file.renamed = Some(to.clone());
                }
            }
            Act::Changed { path, what } => {
                if let Some(file) = self.file(path) {
                    file.changed = Some(what);
                }
            }
            Act::Executed { path, argv, .. } => {
                if self.programs.len() < PROCESSES {
                    self.programs.push(Program {
                        task: whole.call.task,
                        time: whole.start,
                        path: path.clone(),
                        argv: argv.clone(),
                    });
                } else {
                    self.more_programs += 1;
                }
            }
            Act::Socket { name, kind } => {
                if let Some(socket) = self.sockets.entry(name) {
                    socket.kind = kind;
                }
            }
            Act::Connected { name, to } | Act::Sent { name, to } => self.peer(name, to),
            Act::Bound { name, to } => {
                if let Some(socket) = self.sockets.entry(name) {
                    socket.bound = Some(to.clone());
                }
            }
            Act::Listened { name } => {
                if let Some(socket) = self.sockets.entry(name) {
                    socket.listens = true;
                }
            }
            Act::Accepted { name, from } => {
                self.peer(name, from);
                if let Some(socket) = self.sockets.entry(name) {
                    socket.accepted = true;
                }
            }
            Act::Asked { host } => {
                if let Some(often) = self.hosts.entry(host) {
                    often.add(whole.call.task, whole.start);
                }
            }
            Act::Object { kind, name, did } => {
                let key = [kind.as_bytes(), name].join(&0);
                if let Some((most, count)) = self.objects.entry(&key) {
                    *most = (*most).max(*did);
                    *count += 1;
                }
            }
            Act::Value { key, value, set } => {
                let key = [key.as_slice(), value].join(&b'\\');
                if let Some(last) = self.values.entry(&key) {
                    *last = *set;
                }
            }
            Act::Kept { .. }
            | Act::Killed { .. }
            | Act::Traced { .. }
            | Act::Hid { .. }
            | Act::Executable { .. }
            | Act::Named { .. }
            | Act::Ruled { .. } => {}
        }
    }

    fn file(&mut self, path: &[u8]) -> Option<&mut File> {
        let is_path = matches!(path.first(), Some(b'/' | b'\\'));
        is_path.then(|| self.files.entry(path))?
    }

    fn moved(&mut self, name: &[u8], bytes: u64, out: bool) {
        let moved = if name.starts_with(b"socket:") {
            let socket = self.sockets.entry(name);
            socket.map(|socket| match out {
                true => &mut socket.sent,
                false => &mut socket.received,
            })
        } else if name.starts_with(b"pipe:") {
            let pipe = self.pipes.entry(name);
            pipe.map(|(read, written)| if out { written } else { read })
        } else {
            self.file(name).map(|file| match out {
                true => &mut file.written,
                false => &mut file.read,
            })
        };
        if let Some(moved) = moved {
            moved.bytes += bytes;
            moved.calls += 1;
        }
    }

    fn peer(&mut self, socket: &[u8], peer: &Name) {
        if let Some(socket) = self.sockets.entry(socket)
            && socket.peers.len() < PEERS
            && !socket.peers.contains(peer)
        {
            socket.peers.push(peer.clone());
        }
    }

    /// All events but those of calls.
    fn other(&mut self, event: &Event<'_>, view: &View<'_>) {
        let now = view.now.time;
        match event {
            Event::Born {
                task,
                process,
                parent,
            } => {
                if self.members.len() >= PROCESSES {
                    self.more_members += 1;
                    return;
                }
                self.living.insert(*task, self.members.len());
                self.members.push(Member {
                    task: *task,
                    process: *process,
                    parent: *parent,
                    program: self.family.program(*process).unwrap_or_default(),
                    born: now,
                    ended: None,
                    calls: 0,
                });
            }
            Event::Start {
                task,
                profile,
                path,
            } => {
                if self.profile.is_empty() {
                    (self.first, self.profile) = (path.to_vec(), profile.name);
                }
                let process = self.family.process(*task);
                self.direct.gone(process);
                if let Some(member) = self.living.get(task) {
                    self.members[*member].program = Rc::from(*path);
                }
            }
            Event::Signal { task, info, .. } => {
                if let Some(often) = self.signals.entry(info.name.as_bytes()) {
                    often.add(*task, now);
                }
            }
            Event::Exception { task, record } => {
                let name = record.code.name().unwrap_or("exception");
                if let Some(often) = self.signals.entry(name.as_bytes()) {
                    often.add(*task, now);
                }
            }
            Event::TaskEnd { task, status } => {
                if let Some(at) = self.living.remove(task) {
                    let mut how = Vec::new();
                    text::ended(&mut how, status);
                    self.members[at].ended = Some((now, how));
                }
            }
            Event::Note { text } => {
                if self.notes.len() < NOTES {
                    self.notes.push((*text).to_owned());
                } else {
                    self.more_notes += 1;
                }
            }
            Event::Stopped { .. } | Event::Enter(_) | Event::Exit { .. } => {}
        }
    }
}

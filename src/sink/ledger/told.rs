//! What was added up, in the order of its importance, as text and numbers.

use std::cmp::Reverse;

use serde::Serialize;

use super::{Did, Ledger, Made, Often};
use crate::kernel::task::Tid;
use crate::sink::plain::plain;

/// The version of the form. Within a version things are only added.
const VERSION: u32 = 1;

#[derive(Serialize)]
pub(in crate::sink) struct Told {
    pub(in crate::sink) version: u32,
    /// The first program.
    pub(in crate::sink) program: String,
    pub(in crate::sink) profile: &'static str,
    /// Nanoseconds of the guest's time.
    pub(in crate::sink) time: u64,
    /// Nanoseconds since 1970 at the start.
    pub(in crate::sink) epoch: u64,
    pub(in crate::sink) calls: u64,
    pub(in crate::sink) findings: Vec<Finding>,
    pub(in crate::sink) programs: Vec<Program>,
    pub(in crate::sink) more_programs: u64,
    pub(in crate::sink) tasks: Vec<Task>,
    pub(in crate::sink) more_tasks: u64,
    pub(in crate::sink) hosts: Vec<Times>,
    pub(in crate::sink) sockets: Vec<Socket>,
    pub(in crate::sink) more_sockets: u64,
    pub(in crate::sink) files: Vec<File>,
    pub(in crate::sink) more_files: u64,
    pub(in crate::sink) objects: Vec<Object>,
    pub(in crate::sink) values: Vec<Value>,
    pub(in crate::sink) signals: Vec<Times>,
    pub(in crate::sink) missing: Vec<Times>,
    pub(in crate::sink) failed: Vec<Failed>,
    pub(in crate::sink) more_failed: u64,
    pub(in crate::sink) counts: Vec<Counted>,
    pub(in crate::sink) notes: Vec<String>,
    pub(in crate::sink) more_notes: u64,
}

#[derive(Serialize)]
pub(in crate::sink) struct Finding {
    pub(in crate::sink) what: &'static str,
    pub(in crate::sink) count: u64,
    pub(in crate::sink) evidence: Vec<Evidence>,
}

#[derive(Serialize)]
pub(in crate::sink) struct Evidence {
    pub(in crate::sink) task: Tid,
    pub(in crate::sink) time: u64,
    pub(in crate::sink) line: String,
}

#[derive(Serialize)]
pub(in crate::sink) struct Program {
    pub(in crate::sink) task: Tid,
    pub(in crate::sink) time: u64,
    pub(in crate::sink) path: String,
    pub(in crate::sink) argv: Vec<String>,
}

#[derive(Serialize)]
pub(in crate::sink) struct Task {
    pub(in crate::sink) task: Tid,
    pub(in crate::sink) process: Tid,
    pub(in crate::sink) parent: Option<Tid>,
    pub(in crate::sink) program: String,
    pub(in crate::sink) born: u64,
    pub(in crate::sink) ended: Option<u64>,
    /// How it ended; nothing when it did not.
    pub(in crate::sink) how: String,
    pub(in crate::sink) calls: u64,
}

#[derive(Serialize)]
pub(in crate::sink) struct Times {
    pub(in crate::sink) name: String,
    pub(in crate::sink) count: u64,
    /// The first time.
    pub(in crate::sink) task: Tid,
    pub(in crate::sink) time: u64,
}

#[derive(Serialize)]
pub(in crate::sink) struct Socket {
    pub(in crate::sink) name: String,
    pub(in crate::sink) kind: &'static str,
    /// `to` somebody, `accepted`, `listens`, `bound`; nothing for one that was only made.
    pub(in crate::sink) role: &'static str,
    pub(in crate::sink) bound: Option<String>,
    pub(in crate::sink) peers: Vec<String>,
    pub(in crate::sink) sent: u64,
    pub(in crate::sink) received: u64,
}

#[derive(Serialize)]
pub(in crate::sink) struct File {
    pub(in crate::sink) path: String,
    pub(in crate::sink) opened: u64,
    pub(in crate::sink) writes: bool,
    pub(in crate::sink) read: u64,
    pub(in crate::sink) reads: u64,
    pub(in crate::sink) written: u64,
    pub(in crate::sink) writings: u64,
    /// `made`, or `made unless it was there`, with what it is; nothing when it was not made.
    pub(in crate::sink) made: String,
    pub(in crate::sink) deleted: bool,
    pub(in crate::sink) renamed: Option<String>,
    pub(in crate::sink) changed: Option<&'static str>,
}

#[derive(Serialize)]
pub(in crate::sink) struct Object {
    pub(in crate::sink) kind: String,
    pub(in crate::sink) name: String,
    /// `made`, `opened`, or `asked for` in vain.
    pub(in crate::sink) did: &'static str,
    pub(in crate::sink) count: u64,
}

#[derive(Serialize)]
pub(in crate::sink) struct Value {
    pub(in crate::sink) name: String,
    pub(in crate::sink) set: bool,
}

#[derive(Serialize)]
pub(in crate::sink) struct Failed {
    pub(in crate::sink) call: String,
    pub(in crate::sink) error: String,
    pub(in crate::sink) path: String,
    pub(in crate::sink) count: u64,
    pub(in crate::sink) task: Tid,
    pub(in crate::sink) time: u64,
}

#[derive(Serialize)]
pub(in crate::sink) struct Counted {
    pub(in crate::sink) name: String,
    pub(in crate::sink) calls: u64,
    pub(in crate::sink) errors: u64,
    pub(in crate::sink) time: u64,
}

impl File {
    /// Whether it was changed in any way.
    pub(in crate::sink) fn touched(&self) -> bool {
        self.writings > 0
            || self.writes
            || !self.made.is_empty()
            || self.deleted
            || self.renamed.is_some()
            || self.changed.is_some()
    }
}

fn times<'a>(all: impl Iterator<Item = (&'a [u8], &'a Often)>) -> Vec<Times> {
    let mut all: Vec<Times> = all
        .map(|(name, often)| Times {
            name: plain(name),
            count: often.count,
            task: often.task,
            time: often.time,
        })
        .collect();
    all.sort_by_key(|times| Reverse(times.count));
    all
}

impl Ledger {
    /// All of it. What is equally important stays in the order of names.
    pub(in crate::sink) fn told(&self) -> Told {
        let first = self.members.first();
        Told {
            version: VERSION,
            program: plain(&self.first),
            profile: self.profile,
            time: self.end,
            epoch: self.epoch,
            calls: self.count,
            findings: self.told_findings(),
            programs: self.told_programs(),
            more_programs: self.more_programs,
            tasks: first.map_or_else(Vec::new, |_| self.told_tasks()),
            more_tasks: self.more_members,
            hosts: times(self.hosts.iter()),
            sockets: self.told_sockets(),
            more_sockets: self.sockets.left_out,
            files: self.told_files(),
            more_files: self.files.left_out,
            objects: self.told_objects(),
            values: self
                .values
                .iter()
                .map(|(name, set)| Value {
                    name: plain(name),
                    set: *set,
                })
                .collect(),
            signals: times(self.signals.iter()),
            missing: times(self.missing.iter()),
            failed: self.told_failed(),
            more_failed: self.failed.left_out,
            counts: self.told_counts(),
            notes: self
                .notes
                .iter()
                .map(|note| plain(note.as_bytes()))
                .collect(),
            more_notes: self.more_notes,
        }
    }

    fn told_findings(&self) -> Vec<Finding> {
        let evidence = |evidence: &super::Evidence| Evidence {
            task: evidence.task,
            time: evidence.time,
            line: plain(&evidence.line),
        };
        self.findings
            .iter()
            .map(|(what, finding)| Finding {
                what,
                count: finding.count,
                evidence: finding.evidence.iter().map(evidence).collect(),
            })
            .collect()
    }

    fn told_programs(&self) -> Vec<Program> {
        let all = self.programs.iter();
        all.map(|program| Program {
            task: program.task,
            time: program.time,
            path: plain(&program.path),
            argv: program.argv.iter().map(|word| plain(word)).collect(),
        })
        .collect()
    }

    fn told_tasks(&self) -> Vec<Task> {
        let all = self.members.iter();
        all.map(|member| Task {
            task: member.task,
            process: member.process,
            parent: member.parent,
            program: plain(&member.program),
            born: member.born,
            ended: member.ended.as_ref().map(|(time, _)| *time),
            how: member
                .ended
                .as_ref()
                .map_or_else(String::new, |(_, how)| plain(how)),
            calls: member.calls,
        })
        .collect()
    }

    fn told_sockets(&self) -> Vec<Socket> {
        let mut all: Vec<Socket> = self
            .sockets
            .iter()
            .map(|(name, socket)| Socket {
                name: plain(name),
                kind: match socket.kind {
                    "" => "socket",
                    kind => kind,
                },
                role: match (socket.listens, socket.accepted, socket.peers.is_empty()) {
                    (true, ..) => "listens",
                    (_, true, _) => "accepted",
                    (.., false) => "to",
                    _ if socket.bound.is_some() => "bound",
                    _ => "",
                },
                bound: socket.bound.as_deref().map(plain),
                peers: socket.peers.iter().map(|peer| plain(peer)).collect(),
                sent: socket.sent.bytes,
                received: socket.received.bytes,
            })
            .collect();
        // `socket:[7]` before `socket:[10]`.
        let place = |socket: &Socket| (socket.name.len(), socket.name.clone());
        all.sort_by_cached_key(|socket| {
            let bytes = Reverse(socket.sent + socket.received);
            (socket.role.is_empty(), bytes, place(socket))
        });
        all
    }

    fn told_files(&self) -> Vec<File> {
        let mut all: Vec<File> = self
            .files
            .iter()
            .map(|(path, file)| File {
                path: plain(path),
                opened: file.opened,
                writes: file.writes,
                read: file.read.bytes,
                reads: file.read.calls,
                written: file.written.bytes,
                writings: file.written.calls,
                made: match file.made {
                    Some((Made::Yes, "")) => "made".to_owned(),
                    Some((Made::Perhaps, _)) => "made unless it was there".to_owned(),
                    Some((_, what)) => format!("{what} made"),
                    None => String::new(),
                },
                deleted: file.deleted,
                renamed: file.renamed.as_deref().map(plain),
                changed: file.changed,
            })
            .collect();
        all.sort_by_key(|file| (!file.touched(), Reverse(file.written), Reverse(file.read)));
        all
    }

    fn told_objects(&self) -> Vec<Object> {
        let mut all: Vec<Object> = self
            .objects
            .iter()
            .map(|(key, (did, count))| {
                let mut parts = key.splitn(2, |byte| *byte == 0);
                let mut part = || plain(parts.next().unwrap_or_default());
                let (kind, name) = (part(), part());
                let did = match did {
                    Did::AskedFor => "asked for",
                    Did::Opened => "opened",
                    Did::Made => "made",
                };
                Object {
                    kind,
                    name,
                    did,
                    count: *count,
                }
            })
            .collect();
        all.sort_by_key(|object| object.did != "made");
        all
    }

    fn told_failed(&self) -> Vec<Failed> {
        let mut all: Vec<Failed> = self
            .failed
            .iter()
            .map(|(key, often)| {
                let mut parts = key.splitn(3, |byte| *byte == 0);
                let mut part = || plain(parts.next().unwrap_or_default());
                Failed {
                    call: part(),
                    error: part(),
                    path: part(),
                    count: often.count,
                    task: often.task,
                    time: often.time,
                }
            })
            .collect();
        all.sort_by_key(|failed| Reverse(failed.count));
        all
    }

    fn told_counts(&self) -> Vec<Counted> {
        let mut all: Vec<Counted> = self
            .calls
            .iter()
            .map(|(name, count)| Counted {
                name: plain(name),
                calls: count.calls,
                errors: count.errors,
                time: count.time,
            })
            .collect();
        all.sort_by_key(|count| Reverse(count.calls));
        all
    }
}

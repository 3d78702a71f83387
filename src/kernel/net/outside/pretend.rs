//! How is a world made up that takes everything and keeps it?

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use super::super::Net;
use super::super::address::{Address, Kind, Place};
use super::super::endpoint::Endpoint;
use super::super::error::NetError;
use super::dns::{self, Found};
use super::script::{Rule, Script, Step};
use super::{Far, Outside};
use crate::kernel::host::Store;

/// Guest time after which a side that only listens ends its stream, in nanoseconds.
const PATIENCE: u64 = 30_000_000_000;
/// Bytes that are kept of all conversations together at most.
const MOST_KEPT: u64 = 1 << 30;
/// Conversations that get files of their own at most.
const MOST_FILES: u64 = 10_000;
/// Bytes that a script may still wait for at most.
const MOST_PENDING: usize = 1 << 20;
/// Names that are remembered at most.
const MOST_NAMES: usize = 1 << 16;
/// The port of servers of names.
const DNS: u16 = 53;
/// The file that tells of all conversations.
const LOG: &str = "log.txt";

/// A world that is made up: all names have addresses, everybody listens, and what is sent is kept.
pub struct Pretended {
    script: Script,
    keep: Rc<Keep>,
    /// Names by their addresses.
    names: RefCell<BTreeMap<Ipv4Addr, String>>,
    addresses: RefCell<BTreeMap<String, Ipv4Addr>>,
}

/// Where everything goes.
struct Keep {
    store: Option<Rc<dyn Store>>,
    left: Cell<u64>,
    last: Cell<u64>,
    notes: RefCell<Vec<String>>,
}

impl Keep {
    fn note(&self, line: String) {
        if let Some(store) = &self.store {
            // What can't be kept is still told in the trace.
            let _ = store.append(LOG, format!("{line}\n").as_bytes());
        }
        let mut notes = self.notes.borrow_mut();
        if notes.len() < MOST_NAMES {
            notes.push(line);
        }
    }

    fn keep(&self, name: &str, bytes: &[u8]) {
        let Some(store) = &self.store else { return };
        let count = (bytes.len() as u64).min(self.left.get());
        self.left.set(self.left.get() - count);
        let _ = store.append(name, &bytes[..count as usize]);
    }
}

impl Pretended {
    /// A made-up world. `store` is where conversations are kept, if anywhere.
    pub fn new(store: Option<Rc<dyn Store>>, script: Script) -> Pretended {
        let mut names = BTreeMap::new();
        for (name, ip) in &script.names {
            names.insert(*ip, name.clone());
        }
        Pretended {
            addresses: RefCell::new(script.names.clone()),
            names: RefCell::new(names),
            script,
            keep: Rc::new(Keep {
                store,
                left: Cell::new(MOST_KEPT),
                last: Cell::new(0),
                notes: RefCell::default(),
            }),
        }
    }

    fn name_of(&self, ip: IpAddr) -> Option<String> {
        match ip {
            IpAddr::V4(ip) => self.names.borrow().get(&ip).cloned(),
            IpAddr::V6(_) => None,
        }
    }

    /// The address of a name: always the same, unless two names would have one.
    fn address_of(&self, name: &str) -> Ipv4Addr {
        let mut addresses = self.addresses.borrow_mut();
        if let Some(ip) = addresses.get(name) {
            return *ip;
        }
        let mut names = self.names.borrow_mut();
        let mut ip = dns::address_of(name);
        if names.len() >= MOST_NAMES {
            return ip;
        }
        while names.contains_key(&ip) {
            let next = u32::from(ip).wrapping_add(1);
            ip = Ipv4Addr::from(0x0a00_0000 | next & 0x00ff_ffff);
        }
        names.insert(ip, name.to_owned());
        addresses.insert(name.to_owned(), ip);
        ip
    }

    /// What a server of names says.
    fn answer(&self, message: &[u8]) -> Option<Vec<u8>> {
        let question = dns::question(message)?;
        let found = match question.address() {
            Some(ip) => match self.name_of(IpAddr::V4(ip)) {
                Some(name) => Found::Name(name),
                None => Found::NoName,
            },
            None if question.wants_address() => Found::Address(self.address_of(&question.name)),
            None => Found::Nothing,
        };
        let told = match &found {
            Found::Address(ip) => ip.to_string(),
            Found::Name(name) => name.clone(),
            Found::Nothing => "nothing".into(),
            Found::NoName => "no such name".into(),
        };
        let (kind, name) = (question.kind(), &question.name);
        self.keep.note(format!("dns {name} {kind} -> {told}"));
        Some(dns::answer(message, &question, &found))
    }

    /// A new conversation: its file, when it gets one.
    fn begin(&self, what: &str, to: Place) -> Option<String> {
        let number = self.keep.last.get() + 1;
        self.keep.last.set(number);
        let name = self.name_of(to.ip);
        let kept = self.keep.store.is_some() && number <= MOST_FILES;
        let file = kept.then(|| {
            let host = name.clone().unwrap_or(to.ip.to_string());
            let host: String = host
                .chars()
                .map(|c| {
                    if c.is_ascii_alphanumeric() || ".-".contains(c) {
                        c
                    } else {
                        '_'
                    }
                })
                .take(80)
                .collect();
            format!("{number:04}-{what}-{host}-{}", to.port)
        });
        let name = name.map_or(String::new(), |name| format!(" ({name})"));
        let shown = file
            .as_deref()
            .map_or(String::new(), |file| format!(" in {file}"));
        self.keep.note(format!("{what} {to}{name}{shown}"));
        file
    }
}

impl Outside for Rc<Pretended> {
    fn leads_to(&self, _: Place) -> bool {
        true
    }

    fn connect(&self, _: Place, to: Place) -> Result<Rc<dyn Far>, NetError> {
        let name = self.name_of(to.ip);
        let rule = self.script.rule(Kind::Stream, to, name.as_deref());
        if rule.is_some_and(|rule| rule.refuses) {
            self.keep.note(format!("tcp {to} refused"));
            return Err(NetError::Refused);
        }
        let talk = Talk {
            file: self.begin("tcp", to),
            rule: rule.cloned(),
            ..Talk::default()
        };
        Ok(Rc::new(Other {
            world: self.clone(),
            talks: RefCell::new(BTreeMap::from([(to, talk)])),
            to: Some(to),
            patient_until: Cell::new(None),
            ended: Cell::new(false),
        }))
    }

    fn open(&self, _: Place) -> Result<Rc<dyn Far>, NetError> {
        Ok(Rc::new(Other {
            world: self.clone(),
            talks: RefCell::default(),
            to: None,
            patient_until: Cell::new(None),
            ended: Cell::new(false),
        }))
    }

    fn take_notes(&self) -> Vec<String> {
        self.keep.notes.take()
    }
}

/// What is said with one place.
#[derive(Default)]
struct Talk {
    file: Option<String>,
    rule: Option<Rule>,
    /// The step that comes next.
    step: usize,
    /// What came and was not waited for yet.
    pending: Vec<u8>,
}

impl Talk {
    /// Goes on as far as it can without more from the machine: what is sent, and whether the stream ends.
    fn go_on(&mut self) -> (Vec<Vec<u8>>, bool) {
        let mut sent = Vec::new();
        let Some(rule) = &self.rule else {
            self.pending.clear();
            return (sent, false);
        };
        let mut turns = 0;
        while let Some(step) = rule.steps.get(self.step) {
            match step {
                Step::Receive if self.pending.is_empty() => break,
                Step::Receive => self.pending.clear(),
                Step::ReceiveText(text) => {
                    let windows = self.pending.windows(text.len().max(1));
                    let Some(at) = windows.clone().position(|part| part == &text[..]) else {
                        // What is far back is in no answer.
                        let keep = MOST_PENDING.min(self.pending.len());
                        self.pending.drain(..self.pending.len() - keep);
                        break;
                    };
                    self.pending.drain(..at + text.len());
                }
                Step::Send(bytes) => sent.push(bytes.clone()),
                Step::Close => return (sent, true),
                Step::Again => {
                    turns += 1;
                    // Who never receives would never stop.
                    if turns > 1 && self.pending.is_empty() {
                        break;
                    }
                    self.step = 0;
                    continue;
                }
            }
            self.step += 1;
        }
        (sent, false)
    }
}

/// The other side of a socket.
struct Other {
    world: Rc<Pretended>,
    talks: RefCell<BTreeMap<Place, Talk>>,
    /// Where a stream leads.
    to: Option<Place>,
    /// When it ends its stream by itself.
    patient_until: Cell<Option<u64>>,
    ended: Cell<bool>,
}

impl Other {
    fn end(&self, near: &Endpoint) {
        if !self.ended.replace(true) {
            near.ended();
        }
    }

    /// What a script says now to the machine.
    fn talk(&self, near: &Endpoint, to: Place) {
        let (sent, ends, file) = {
            let mut talks = self.talks.borrow_mut();
            let Some(talk) = talks.get_mut(&to) else {
                return;
            };
            let (sent, ends) = talk.go_on();
            (sent, ends, talk.file.clone())
        };
        for bytes in sent {
            if let Some(file) = &file {
                self.world.keep.keep(&format!("{file}.received"), &bytes);
            }
            match self.to {
                Some(_) => near.arrived(&bytes),
                None => near.arrived_from(Address::Ip(to), &bytes),
            };
        }
        if ends && self.to.is_some() {
            self.end(near);
        }
    }

    fn take(&self, to: Place, bytes: &[u8]) {
        let mut talks = self.talks.borrow_mut();
        let Some(talk) = talks.get_mut(&to) else {
            return;
        };
        if let Some(file) = &talk.file {
            self.world.keep.keep(&format!("{file}.sent"), bytes);
        }
        talk.pending.extend_from_slice(bytes);
    }

    /// Servers of names may be asked by a stream, too: every message has its length before it.
    fn answer_stream(&self, near: &Endpoint, to: Place) {
        loop {
            let message = {
                let mut talks = self.talks.borrow_mut();
                let Some(talk) = talks.get_mut(&to) else {
                    return;
                };
                let [high, low, ..] = talk.pending[..] else {
                    return;
                };
                let len = usize::from(u16::from_be_bytes([high, low]));
                if talk.pending.len() < len + 2 {
                    return;
                }
                talk.pending.drain(..len + 2).skip(2).collect::<Vec<u8>>()
            };
            if let Some(answer) = self.world.answer(&message) {
                let len = (answer.len() as u16).to_be_bytes();
                near.arrived(&[&len[..], &answer].concat());
            }
        }
    }
}

impl Far for Other {
    fn send(&self, near: &Endpoint, bytes: &[u8]) -> Result<usize, NetError> {
        let Some(to) = self.to else {
            return Err(NetError::NotConnected);
        };
        self.patient_until.set(None);
        self.take(to, bytes);
        let scripted = self
            .talks
            .borrow()
            .get(&to)
            .is_some_and(|talk| talk.rule.is_some());
        match to.port {
            DNS if !scripted => self.answer_stream(near, to),
            _ => self.talk(near, to),
        }
        Ok(bytes.len())
    }

    fn send_to(&self, near: &Endpoint, to: Place, bytes: &[u8]) -> Result<usize, NetError> {
        let name = self.world.name_of(to.ip);
        let rule = self.world.script.rule(Kind::Datagram, to, name.as_deref());
        if to.port == DNS
            && rule.is_none()
            && let Some(answer) = self.world.answer(bytes)
        {
            near.arrived_from(Address::Ip(to), &answer);
            return Ok(bytes.len());
        }
        if !self.talks.borrow().contains_key(&to) {
            if self.talks.borrow().len() as u64 >= MOST_FILES {
                self.talks.borrow_mut().clear();
            }
            let talk = Talk {
                file: self.world.begin("udp", to),
                rule: rule.cloned(),
                ..Talk::default()
            };
            self.talks.borrow_mut().insert(to, talk);
        }
        self.take(to, bytes);
        self.talk(near, to);
        // Every message is a conversation of its own.
        if let Some(talk) = self.talks.borrow_mut().get_mut(&to) {
            let steps = talk.rule.as_ref().map_or(0, |rule| rule.steps.len());
            if talk.step >= steps {
                talk.step = 0;
            }
        }
        Ok(bytes.len())
    }

    /// Who says no more hears no more.
    fn shut(&self, near: &Endpoint) {
        self.end(near);
    }

    fn close(&self, _: &Endpoint) {}

    /// The side that only listens waits a while for more, and ends its stream then.
    fn pump(&self, near: &Endpoint) {
        let Some(to) = self.to.filter(|_| !self.ended.get()) else {
            return;
        };
        let now = near.net().now();
        match self.patient_until.get() {
            Some(until) if now >= until => self.end(near),
            Some(_) => {}
            None => {
                self.patient_until.set(Some(now.saturating_add(PATIENCE)));
                self.talk(near, to);
            }
        }
    }

    fn due(&self) -> Option<u64> {
        match self.ended.get() {
            true => None,
            false => self.patient_until.get(),
        }
    }
}

impl Net {
    /// What happened outside since the last time, for those who watch.
    pub fn take_notes(&self) -> Vec<String> {
        self.outside().take_notes()
    }
}

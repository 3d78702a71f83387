//! What the writer and the reader of a trace both know at the same place of it.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use emu_profiles::{Entry, Profile};
use emu_prototypes::linux::{self, Abi, Errno};
use emu_prototypes::{Args, MAX_ARGS};

use super::{MOST, MOST_BYTES};
use crate::event::CallEvent;
use crate::kernel::task::Tid;
use crate::view::{Opened, Place};

/// Slots of a number without a call that are kept.
const SLOTS: usize = 6;

/// What is true of many events.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct World {
    /// The place of the ABI among [`abis`].
    pub(super) abi: usize,
    pub(super) big_endian: bool,
    pub(super) pointer: u64,
    pub(super) counted: bool,
}

/// The ABIs by whose tables events are shown, in the order of the form.
pub(super) fn abis() -> impl Iterator<Item = &'static Abi> {
    let freebsd = emu_profiles::by_name("freebsd_x64").map(|profile| profile.system().shown());
    linux::ABIS.iter().copied().chain(freebsd)
}

/// The error of that name.
pub(super) fn errno(name: &[u8]) -> Option<Errno> {
    Errno::ALL
        .iter()
        .find(|errno| errno.name().as_bytes() == name)
        .copied()
}

/// Where calls come from.
#[derive(Clone, Copy)]
pub(super) struct Site {
    pub(super) profile: &'static Profile,
    pub(super) entry: &'static Entry,
    pub(super) number: u32,
    pub(super) through: Option<u32>,
    pub(super) pc: u64,
    pub(super) return_address: u64,
    pub(super) sp: u64,
}

/// What makes two sites one.
pub(super) type Key = (usize, u32, Option<u32>, u64, u64, u64);

impl Site {
    pub(super) fn of(call: &CallEvent) -> Site {
        Site {
            profile: call.profile,
            entry: call.entry,
            number: call.number,
            through: call.through,
            pc: call.pc,
            return_address: call.return_address,
            sp: call.sp,
        }
    }

    pub(super) fn key(&self) -> Key {
        let entry = std::ptr::from_ref(self.entry) as usize;
        (
            entry,
            self.number,
            self.through,
            self.pc,
            self.return_address,
            self.sp,
        )
    }

    /// How many arguments its calls have.
    pub(super) fn arguments(&self) -> usize {
        let row = self.entry.system.table().row(self.number);
        let count = row.map(|row| self.entry.system.info(row).params.len());
        count.map_or(SLOTS, |count| count.min(MAX_ARGS))
    }
}

/// What is known of a task.
#[derive(Default)]
pub(super) struct TaskState {
    /// The call that it is in.
    pub(super) call: Option<CallEvent>,
    pub(super) descriptors: BTreeMap<i32, Option<Rc<[u8]>>>,
    pub(super) opened: BTreeMap<i32, Option<Opened>>,
    pub(super) handles: BTreeMap<u64, Option<Rc<[u8]>>>,
    pub(super) directory: Option<Option<Rc<[u8]>>>,
    pub(super) places: HashMap<u64, Option<Place>>,
}

/// Strings by their numbers.
#[derive(Default)]
pub(super) struct Strings {
    all: Vec<Rc<[u8]>>,
    bytes: usize,
}

impl Strings {
    /// How many there are: the number of the next.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, number: usize) -> Option<&Rc<[u8]>> {
        self.all.get(number)
    }

    /// Adds one. True when all others were forgotten.
    pub(super) fn add(&mut self, string: Rc<[u8]>) -> bool {
        let full = self.all.len() == MOST || self.bytes + string.len() > MOST_BYTES;
        if full {
            self.all.clear();
            self.bytes = 0;
        }
        self.bytes += string.len();
        self.all.push(string);
        full
    }
}

/// All that both know.
#[derive(Default)]
pub(super) struct State {
    pub(super) task: Tid,
    pub(super) time: u64,
    pub(super) instructions: u64,
    pub(super) world: Option<World>,
    pub(super) strings: Strings,
    pub(super) sites: Vec<(Site, Args)>,
    pub(super) tasks: BTreeMap<Tid, TaskState>,
    /// Profiles that were told in full.
    pub(super) autos: Vec<&'static Profile>,
}

impl State {
    pub(super) fn task(&mut self, task: Tid) -> &mut TaskState {
        self.tasks.entry(task).or_default()
    }

    /// Adds a site. True when all others were forgotten.
    pub(super) fn add_site(&mut self, site: Site) -> bool {
        let full = self.sites.len() == MOST;
        if full {
            self.sites.clear();
        }
        self.sites.push((site, [0; MAX_ARGS]));
        full
    }
}

impl TaskState {
    /// Keeps what is mapped at an address.
    pub(super) fn know_place(&mut self, address: u64, place: Option<Place>) {
        if self.places.len() == MOST {
            self.places.clear();
        }
        self.places.insert(address, place);
    }
}

//! The whole against a naive model: a list of pages with maps of bytes, no sharing, no laziness.
//!
//! An engine takes part, too: it keeps what it was told until the generation changes, and must never see or write
//! anything that the model does not have there.

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;

use super::*;

/// The window of addresses, across a boundary of the upper level of the table.
const BASE: u64 = (1 << 30) - 8 * PAGE;
const PAGES: u64 = 16;
const OBJECTS: usize = 2;
const OBJECT_PAGES: u64 = 6;

#[derive(Debug, Clone, Copy)]
enum From {
    Anonymous,
    Private(usize, u64),
    Shared(usize, u64),
}

#[derive(Debug, Clone)]
enum Step {
    Map {
        page: u64,
        len: u64,
        prot: u8,
        from: From,
    },
    Unmap {
        page: u64,
        len: u64,
    },
    Protect {
        page: u64,
        len: u64,
        prot: u8,
    },
    Move {
        old: u64,
        old_len: u64,
        new: u64,
        new_len: u64,
        keep: bool,
    },
    Extend {
        page: u64,
        old_len: u64,
        new_len: u64,
    },
    Discard {
        page: u64,
        len: u64,
    },
    Write {
        at: u64,
        len: u64,
        value: u8,
        force: bool,
    },
    Fill {
        at: u64,
        len: u64,
        value: u8,
    },
    Read {
        at: u64,
        len: u64,
        force: bool,
    },
    Engine {
        at: u64,
        access: Access,
        value: u8,
    },
    ObjectWrite {
        object: usize,
        at: u64,
        len: u64,
        value: u8,
    },
    ObjectRead {
        object: usize,
    },
    Truncate {
        object: usize,
        len: u64,
    },
    Punch {
        object: usize,
        at: u64,
        len: u64,
    },
    Fork {
        to: usize,
    },
    Switch {
        to: usize,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let page = 0..PAGES;
    let len = 1..6u64;
    let prot = prop_oneof![6 => Just(3u8), 1 => Just(1), 1 => Just(0), 1 => Just(7), 1 => Just(5)];
    let object = 0..OBJECTS;
    // Near the edges of pages, where mistakes are.
    let near = (
        0..PAGES,
        prop_oneof![Just(0u64), Just(1), Just(4094), Just(4095), 0..PAGE],
    )
        .prop_map(|(page, offset)| page * PAGE + offset);
    let in_object = (
        0..OBJECT_PAGES,
        prop_oneof![Just(0u64), Just(1), Just(4095), 0..PAGE],
    )
        .prop_map(|(page, offset)| page * PAGE + offset);
    let size = prop_oneof![1..4u64, 4090..9000u64];
    let from = prop_oneof![
        3 => Just(From::Anonymous),
        2 => (0..OBJECTS, 0..OBJECT_PAGES).prop_map(|(object, page)| From::Private(object, page)),
        2 => (0..OBJECTS, 0..OBJECT_PAGES).prop_map(|(object, page)| From::Shared(object, page)),
    ];
    let access =
        prop_oneof![3 => Just(Access::Read), 3 => Just(Access::Write), 1 => Just(Access::Fetch)];
    let step = prop_oneof![
        4 => (page.clone(), len.clone(), prot.clone(), from)
            .prop_map(|(page, len, prot, from)| Step::Map { page, len, prot, from }),
        2 => (page.clone(), len.clone()).prop_map(|(page, len)| Step::Unmap { page, len }),
        2 => (page.clone(), len.clone(), prot)
            .prop_map(|(page, len, prot)| Step::Protect { page, len, prot }),
        1 => (page.clone(), 1..4u64, page.clone(), 1..5u64, any::<bool>())
            .prop_map(|(old, old_len, new, new_len, keep)| Step::Move { old, old_len, new, new_len, keep }),
        1 => (page.clone(), 1..4u64, 2..8u64)
            .prop_map(|(page, old_len, new_len)| Step::Extend { page, old_len, new_len }),
        1 => (page, len).prop_map(|(page, len)| Step::Discard { page, len }),
        5 => (near.clone(), size.clone(), 1..255u8, prop::bool::weighted(0.1))
            .prop_map(|(at, len, value, force)| Step::Write { at, len, value, force }),
        1 => (near.clone(), size.clone(), 0..2u8).prop_map(|(at, len, value)| Step::Fill { at, len, value }),
        3 => (near.clone(), size.clone(), prop::bool::weighted(0.1))
            .prop_map(|(at, len, force)| Step::Read { at, len, force }),
        8 => (near, access, 1..255u8).prop_map(|(at, access, value)| Step::Engine { at, access, value }),
        2 => (object.clone(), in_object.clone(), size.clone(), 1..255u8)
            .prop_map(|(object, at, len, value)| Step::ObjectWrite { object, at, len, value }),
        1 => object.clone().prop_map(|object| Step::ObjectRead { object }),
        1 => (object.clone(), in_object.clone()).prop_map(|(object, len)| Step::Truncate { object, len }),
        1 => (object, in_object, size).prop_map(|(object, at, len)| Step::Punch { object, at, len }),
        1 => (0..3usize).prop_map(|to| Step::Fork { to }),
        1 => (0..3usize).prop_map(|to| Step::Switch { to }),
    ];
    prop::collection::vec(step, 1..120)
}

/// A page's bytes other than zero.
type Bytes = BTreeMap<u64, u8>;

#[derive(Clone)]
struct ModelPage {
    prot: Prot,
    from: From,
    /// What the space has for itself. An anonymous page begins with nothing.
    own: Option<Bytes>,
}

#[derive(Clone, Default)]
struct ModelObject {
    len: u64,
    pages: BTreeMap<u64, Bytes>,
}

impl ModelObject {
    fn count(&self) -> u64 {
        self.len.div_ceil(PAGE)
    }

    fn zero(&mut self, from: u64, to: u64) {
        for (page, bytes) in &mut self.pages {
            bytes.retain(|offset, _| !(from..to).contains(&(page * PAGE + offset)));
        }
    }

    fn grow(&mut self, len: u64) {
        if len > self.len {
            self.zero(self.len, u64::MAX);
            self.len = len;
        }
    }
}

#[derive(Clone)]
struct ModelSpace(Vec<Option<ModelPage>>);

struct Model {
    spaces: Vec<ModelSpace>,
    objects: Vec<ModelObject>,
}

impl ModelPage {
    fn follows(&self, next: &ModelPage) -> bool {
        let goes_on = match (self.from, next.from) {
            (From::Anonymous, From::Anonymous) => true,
            (From::Private(a, x), From::Private(b, y))
            | (From::Shared(a, x), From::Shared(b, y)) => a == b && x + 1 == y,
            _ => false,
        };
        goes_on && self.prot == next.prot
    }

    fn index(&self) -> Option<(usize, u64)> {
        match self.from {
            From::Anonymous => None,
            From::Private(object, index) | From::Shared(object, index) => Some((object, index)),
        }
    }
}

impl ModelSpace {
    fn clear(&mut self, page: u64, len: u64) {
        for slot in (page..page + len).filter(|&page| page < PAGES) {
            self.0[slot as usize] = None;
        }
    }

    fn page(&self, page: u64) -> Option<&ModelPage> {
        self.0.get(page as usize)?.as_ref()
    }

    fn is_one_region(&self, page: u64, len: u64) -> bool {
        (page..page + len).all(|page| self.page(page).is_some())
            && (page + 1..page + len).all(|at| match (self.page(at - 1), self.page(at)) {
                (Some(a), Some(b)) => a.follows(b),
                _ => false,
            })
    }

    fn regions(&self) -> usize {
        (0..PAGES)
            .filter(|&page| match self.page(page) {
                None => false,
                Some(here) => match page.checked_sub(1).and_then(|before| self.page(before)) {
                    Some(before) => !before.follows(here),
                    None => true,
                },
            })
            .count()
    }
}

impl Model {
    fn check(&self, space: usize, at: u64, access: Access, force: bool) -> Result<(), FaultKind> {
        let page = self.spaces[space]
            .page(at / PAGE)
            .ok_or(FaultKind::Unmapped)?;
        if !force && !page.prot.effective().allows(access) {
            return Err(FaultKind::Denied);
        }
        match page.index() {
            Some((object, index))
                if index >= self.objects[object].count() && page.own.is_none() =>
            {
                Err(FaultKind::Bus)
            }
            _ => Ok(()),
        }
    }

    fn load(&self, space: usize, at: u64) -> u8 {
        let page = self.spaces[space].page(at / PAGE).expect("checked");
        let bytes = match (page.index(), &page.own) {
            (_, Some(own)) => Some(own),
            (Some((object, index)), None) => self.objects[object].pages.get(&index),
            (None, None) => None,
        };
        bytes
            .and_then(|bytes| bytes.get(&(at % PAGE)))
            .copied()
            .unwrap_or(0)
    }

    fn store(&mut self, space: usize, at: u64, value: u8) {
        let page = self.spaces[space].0[(at / PAGE) as usize]
            .as_mut()
            .expect("checked");
        let bytes = match page.from {
            From::Shared(object, index) => self.objects[object].pages.entry(index).or_default(),
            From::Private(object, index) => page.own.get_or_insert_with(|| {
                self.objects[object]
                    .pages
                    .get(&index)
                    .cloned()
                    .unwrap_or_default()
            }),
            From::Anonymous => page.own.get_or_insert_default(),
        };
        if value == 0 {
            bytes.remove(&(at % PAGE));
        } else {
            bytes.insert(at % PAGE, value);
        }
    }

    /// Goes through `len` bytes until one may not be accessed.
    fn each(
        &mut self,
        space: usize,
        at: u64,
        len: u64,
        access: Access,
        force: bool,
        mut each: impl FnMut(&mut Model, u64),
    ) -> Result<(), (u64, FaultKind)> {
        for at in at..at + len {
            self.check(space, at, access, force)
                .map_err(|kind| (BASE + at, kind))?;
            each(self, at);
        }
        Ok(())
    }

    fn truncate(&mut self, object: usize, len: u64) {
        let it = &mut self.objects[object];
        if len >= it.len {
            return it.grow(len);
        }
        it.zero(len, u64::MAX);
        it.len = len;
        let count = it.count();
        for slot in self
            .spaces
            .iter_mut()
            .flat_map(|space| &mut space.0)
            .flatten()
        {
            if slot
                .index()
                .is_some_and(|(of, index)| of == object && index >= count)
            {
                slot.own = None;
            }
        }
    }
}

struct Machine {
    model: Model,
    memory: Memory,
    spaces: Vec<AddressSpace>,
    objects: Vec<Rc<Object>>,
    /// Which space the engine runs.
    current: usize,
    tlb: HashMap<u64, Page>,
    flushed_at: (u64, u64),
}

fn simplify<T>(result: Result<T, Fault>) -> Result<T, (u64, FaultKind)> {
    result.map_err(|fault| (fault.address, fault.kind))
}

impl Machine {
    fn new() -> Machine {
        let memory = Memory::new(64 * MIB).expect("address space of the host");
        Machine {
            model: Model {
                spaces: vec![ModelSpace(vec![None; PAGES as usize])],
                objects: vec![ModelObject::default(); OBJECTS],
            },
            spaces: vec![AddressSpace::new(
                &memory,
                Arch::X86_64,
                BASE,
                BASE + PAGES * PAGE,
            )],
            objects: (0..OBJECTS).map(|_| Object::new(&memory)).collect(),
            memory,
            current: 0,
            tlb: HashMap::new(),
            flushed_at: (0, 0),
        }
    }

    fn backing(&self, from: From) -> Backing {
        match from {
            From::Anonymous => Backing::Anonymous,
            From::Private(object, page) => Backing::Private {
                object: Rc::clone(&self.objects[object]),
                offset: page * PAGE,
            },
            From::Shared(object, page) => Backing::Shared {
                object: Rc::clone(&self.objects[object]),
                offset: page * PAGE,
            },
        }
    }

    /// One access by the engine, through a TLB that is flushed only when it must be.
    fn engine(&mut self, at: u64, access: Access, value: u8) -> Result<(), TestCaseError> {
        let space = &mut self.spaces[self.current];
        if self.flushed_at != (space.id(), space.generation()) {
            self.tlb.clear();
            self.flushed_at = (space.id(), space.generation());
        }
        let expected = self.model.check(self.current, at, access, false);
        let page = (BASE + at) / PAGE;
        let known = self
            .tlb
            .get(&page)
            .copied()
            .filter(|known| known.prot.allows(access));
        let answer = match known {
            Some(known) => Ok(known),
            None => simplify(space.resolve(BASE + at, access)),
        };
        prop_assert_eq!(answer.map(drop), expected.map_err(|kind| (BASE + at, kind)));
        let Ok(answer) = answer else { return Ok(()) };
        prop_assert!(answer.prot.allows(access));
        self.tlb.insert(page, answer);
        let offset = (at % PAGE) as usize;
        if access == Access::Write {
            self.memory.bytes_in(answer.frame, offset, &[value]);
            self.model.store(self.current, at, value);
        } else {
            let mut byte = [0];
            self.memory.bytes_out(answer.frame, offset, &mut byte);
            prop_assert_eq!(
                byte[0],
                self.model.load(self.current, at),
                "the engine reads {:#x}",
                at
            );
        }
        Ok(())
    }

    fn step(&mut self, step: Step) -> Result<(), TestCaseError> {
        let now = self.current;
        let model = &mut self.model;
        let prot_of = Prot::from_bits_truncate;
        match step {
            Step::Map {
                page,
                len,
                prot,
                from,
            } => {
                let len = len.min(PAGES - page);
                let backing = self.backing(from);
                let map = self.spaces[now].map(
                    BASE + page * PAGE,
                    len * PAGE,
                    prot_of(prot),
                    backing,
                    None,
                );
                prop_assert_eq!(map, Ok(()));
                for offset in 0..len {
                    let from = match from {
                        From::Anonymous => From::Anonymous,
                        From::Private(object, index) => From::Private(object, index + offset),
                        From::Shared(object, index) => From::Shared(object, index + offset),
                    };
                    self.model.spaces[now].0[(page + offset) as usize] = Some(ModelPage {
                        prot: prot_of(prot),
                        from,
                        own: None,
                    });
                }
            }
            Step::Unmap { page, len } => {
                prop_assert_eq!(
                    self.spaces[now].unmap(BASE + page * PAGE, len * PAGE),
                    Ok(())
                );
                model.spaces[now].clear(page, len);
            }
            Step::Protect { page, len, prot } => {
                let whole = (page..page + len).all(|page| model.spaces[now].page(page).is_some());
                let result =
                    self.spaces[now].protect(BASE + page * PAGE, len * PAGE, prot_of(prot));
                prop_assert_eq!(result, if whole { Ok(()) } else { Err(MapError::Hole) });
                if whole {
                    for page in page..page + len {
                        let slot = model.spaces[now].0[page as usize].as_mut();
                        slot.expect("checked").prot = prot_of(prot);
                    }
                }
            }
            Step::Move {
                old,
                old_len,
                new,
                new_len,
                keep,
            } => {
                let new_len = new_len.min(PAGES - new);
                let space = &mut model.spaces[now];
                let expected = if old < new + new_len && new < old + old_len {
                    Err(MapError::Invalid)
                } else if !space.is_one_region(old, old_len) {
                    Err(MapError::Hole)
                } else {
                    Ok(())
                };
                let at = |page| BASE + page * PAGE;
                let moved = self.spaces[now].move_pages(
                    at(old),
                    old_len * PAGE,
                    at(new),
                    new_len * PAGE,
                    keep,
                );
                prop_assert_eq!(moved, expected);
                if expected.is_ok() {
                    let source: Vec<_> = (old..old + old_len)
                        .map(|page| space.page(page).expect("checked").clone())
                        .collect();
                    for offset in 0..new_len {
                        let first = source[0].clone();
                        let page = source.get(offset as usize).cloned().unwrap_or(ModelPage {
                            from: match first.from {
                                From::Anonymous => From::Anonymous,
                                From::Private(object, index) => {
                                    From::Private(object, index + offset)
                                }
                                From::Shared(object, index) => From::Shared(object, index + offset),
                            },
                            own: None,
                            ..first
                        });
                        space.0[(new + offset) as usize] = Some(page);
                    }
                    for page in old..old + old_len {
                        let slot = &mut space.0[page as usize];
                        if keep {
                            slot.as_mut().expect("checked").own = None;
                        } else {
                            *slot = None;
                        }
                    }
                }
            }
            Step::Extend {
                page,
                old_len,
                new_len,
            } => {
                let new_len = new_len.min(PAGES - page);
                let space = &mut model.spaces[now];
                let expected = if new_len <= old_len || page + old_len > PAGES {
                    None
                } else if !space.is_one_region(page, old_len) {
                    Some(Err(MapError::Hole))
                } else if (page + old_len..page + new_len).any(|page| space.page(page).is_some()) {
                    Some(Err(MapError::Occupied))
                } else {
                    Some(Ok(()))
                };
                if let Some(expected) = expected {
                    let at = BASE + page * PAGE;
                    let result = self.spaces[now].extend(at, old_len * PAGE, new_len * PAGE);
                    prop_assert_eq!(result, expected);
                    if expected.is_ok() {
                        let last = space.page(page + old_len - 1).expect("checked").clone();
                        for more in 1..=new_len - old_len {
                            let from = match last.from {
                                From::Anonymous => From::Anonymous,
                                From::Private(object, index) => From::Private(object, index + more),
                                From::Shared(object, index) => From::Shared(object, index + more),
                            };
                            space.0[(page + old_len - 1 + more) as usize] = Some(ModelPage {
                                from,
                                own: None,
                                ..last
                            });
                        }
                    }
                }
            }
            Step::Discard { page, len } => {
                prop_assert_eq!(
                    self.spaces[now].discard(BASE + page * PAGE, len * PAGE),
                    Ok(())
                );
                for page in (page..page + len).filter(|&page| page < PAGES) {
                    if let Some(slot) = &mut model.spaces[now].0[page as usize] {
                        slot.own = None;
                    }
                }
            }
            Step::Write {
                at,
                len,
                value,
                force,
            } => {
                let bytes = vec![value; len as usize];
                let space = &mut self.spaces[now];
                let result = if force {
                    space.poke(BASE + at, &bytes)
                } else {
                    space.write(BASE + at, &bytes)
                };
                let expected = model.each(now, at, len, Access::Write, force, |model, at| {
                    model.store(now, at, value);
                });
                prop_assert_eq!(simplify(result), expected);
            }
            Step::Fill { at, len, value } => {
                let result = self.spaces[now].fill(BASE + at, len, value);
                let expected = model.each(now, at, len, Access::Write, false, |model, at| {
                    model.store(now, at, value);
                });
                prop_assert_eq!(simplify(result), expected);
            }
            Step::Read { at, len, force } => {
                let mut bytes = vec![0; len as usize];
                let space = &mut self.spaces[now];
                let result = if force {
                    space.peek(BASE + at, &mut bytes)
                } else {
                    space.read(BASE + at, &mut bytes)
                };
                let mut content = Vec::new();
                let expected = model.each(now, at, len, Access::Read, force, |model, at| {
                    content.push(model.load(now, at));
                });
                prop_assert_eq!(simplify(result), expected);
                prop_assert_eq!(&bytes[..content.len()], content);
            }
            Step::Engine { at, access, value } => self.engine(at, access, value)?,
            Step::ObjectWrite {
                object,
                at,
                len,
                value,
            } => {
                let bytes = vec![value; len as usize];
                let written = self.objects[object].write(at, &bytes).expect("room");
                prop_assert_eq!(written, bytes.len());
                let model = &mut model.objects[object];
                model.grow(at + len);
                for at in at..at + len {
                    model
                        .pages
                        .entry(at / PAGE)
                        .or_default()
                        .insert(at % PAGE, value);
                }
            }
            Step::ObjectRead { object } => {
                let mut bytes = vec![0; (self.objects[object].len() + 9) as usize];
                let len = self.objects[object].read(0, &mut bytes).expect("no pager");
                let model = &model.objects[object];
                prop_assert_eq!(len as u64, model.len);
                for (at, &byte) in bytes[..len].iter().enumerate() {
                    let page = model.pages.get(&(at as u64 / PAGE));
                    let expected = page.and_then(|page| page.get(&(at as u64 % PAGE)));
                    prop_assert_eq!(byte, expected.copied().unwrap_or(0));
                }
            }
            Step::Truncate { object, len } => {
                self.objects[object].truncate(len).expect("no pager");
                model.truncate(object, len);
            }
            Step::Punch { object, at, len } => {
                self.objects[object].punch(at, len).expect("no pager");
                let model = &mut model.objects[object];
                model.zero(at, (at + len).min(model.count() * PAGE));
            }
            Step::Fork { to } => {
                let child = self.spaces[now].fork().expect("room");
                let copy = model.spaces[now].clone();
                if to < self.spaces.len() && to != now {
                    self.spaces[to] = child;
                    model.spaces[to] = copy;
                } else if self.spaces.len() < 3 {
                    self.spaces.push(child);
                    model.spaces.push(copy);
                }
            }
            Step::Switch { to } => self.current = to % self.spaces.len(),
        }
        let space = &self.spaces[self.current];
        let model = &self.model.spaces[self.current];
        prop_assert_eq!(space.regions().count(), model.regions());
        let mapped = model.0.iter().flatten().count() as u64 * PAGE;
        prop_assert_eq!(space.mapped_bytes(), mapped);
        self.check_tlb()
    }

    /// What the engine still believes has to be right.
    fn check_tlb(&self) -> Result<(), TestCaseError> {
        let space = &self.spaces[self.current];
        if self.flushed_at != (space.id(), space.generation()) {
            return Ok(());
        }
        for (page, known) in &self.tlb {
            let at = page * PAGE - BASE;
            for access in [Access::Read, Access::Write, Access::Fetch] {
                let expected = self.model.check(self.current, at, access, false);
                prop_assert!(
                    !known.prot.allows(access) || expected.is_ok(),
                    "at {:#x}",
                    at
                );
            }
            for offset in [0, 1, PAGE_BYTES - 1] {
                let mut byte = [0];
                self.memory.bytes_out(known.frame, offset, &mut byte);
                let expected = self.model.load(self.current, at + offset as u64);
                prop_assert_eq!(byte[0], expected, "the engine knows {:#x}", at);
            }
        }
        Ok(())
    }

    fn compare_all(&mut self) -> Result<(), TestCaseError> {
        for (index, space) in self.spaces.iter_mut().enumerate() {
            for page in 0..PAGES {
                let mut bytes = vec![0; PAGE_BYTES];
                let result = space
                    .peek(BASE + page * PAGE, &mut bytes)
                    .map_err(|fault| fault.kind);
                let expected = self.model.check(index, page * PAGE, Access::Read, true);
                prop_assert_eq!(result, expected);
                if expected.is_ok() {
                    for (offset, &byte) in bytes.iter().enumerate() {
                        let at = page * PAGE + offset as u64;
                        prop_assert_eq!(
                            byte,
                            self.model.load(index, at),
                            "space {} at {:#x}",
                            index,
                            at
                        );
                    }
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn an_address_space_is_what_a_map_of_bytes_is(steps in steps()) {
        let mut machine = Machine::new();
        for step in steps {
            machine.step(step)?;
        }
        machine.compare_all()?;
        let memory = machine.memory.clone();
        drop(machine);
        prop_assert_eq!((memory.used(), memory.tables()), (0, 0), "all is given back");
    }
}

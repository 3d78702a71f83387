//! May the guest touch this page, and which frame is it?

use super::object::ObjectError;
use super::table::{Entry, NoMemory, Owner};
use super::{Access, AddressSpace, Backing, Fault, FaultKind, Frame, PAGE, Prot};

/// A page that is present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Its frame.
    pub frame: Frame,
    /// What may be done with the frame without asking again. WRITE is missing, although the mapping allows it, as long
    /// as the first store has to copy the page.
    pub prot: Prot,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// An engine, which keeps the answer in its TLB.
    Engine,
    /// A copy to or from the guest, under the guest's own protection.
    Copy,
    /// The loader or a debugger, which protection does not stop.
    Force,
}

impl AddressSpace {
    /// Makes the page of `address` present for `access` by an engine, copying it when a store needs that.
    ///
    /// The engine may keep the answer until [`AddressSpace::generation`] changes. That can happen *in* this call when a page
    /// with translated code gets another frame: compare it before and after, and flush at once. The entry for the page itself
    /// is replaced by the new answer and needs no flush otherwise. Everybody else uses the accessors, or
    /// [`AddressSpace::populate`].
    #[cfg_attr(
        not(any(feature = "unicorn", test)),
        expect(dead_code, reason = "used by engines only")
    )]
    pub(crate) fn resolve(&mut self, address: u64, access: Access) -> Result<Page, Fault> {
        let page = self.page(address, access, By::Engine);
        self.granted = true;
        page
    }

    pub(super) fn page(&mut self, address: u64, access: Access, by: By) -> Result<Page, Fault> {
        self.sync();
        let fault = |kind| Fault {
            address,
            access,
            kind,
        };
        let page = address / PAGE;
        let found = self.table.get(page);
        if !found.entry.is_present() {
            return self.absent(address, access, by).map_err(fault);
        }
        let entry = found.entry;
        let prot = entry.prot();
        if by != By::Force && !prot.allows(access) {
            return Err(fault(FaultKind::Denied));
        }
        let frame = entry.frame();
        let direct = match entry.owner() {
            Owner::Shared => true,
            Owner::Object => false,
            Owner::Private => found.unshared && frame != Frame::ZERO && self.memory.is_sole(frame),
        };
        if access != Access::Write || direct {
            let prot = if direct { prot } else { prot - Prot::WRITE };
            return Ok(Page { frame, prot });
        }
        // The level of the table first: making it our own adds the references that tell us whether we must copy.
        self.table
            .reserve(page)
            .map_err(|NoMemory| fault(FaultKind::NoMemory))?;
        if entry.owner() == Owner::Private && frame != Frame::ZERO && self.memory.is_sole(frame) {
            return Ok(Page { frame, prot });
        }
        let copy = self
            .memory
            .allocate_copy(frame)
            .ok_or(fault(FaultKind::NoMemory))?;
        self.put(page, copy, prot, Owner::Private).map_err(fault)?;
        if by != By::Engine || self.memory.has_code(frame) {
            self.invalidate();
        }
        Ok(Page { frame: copy, prot })
    }

    fn absent(&mut self, address: u64, access: Access, by: By) -> Result<Page, FaultKind> {
        let page = address / PAGE;
        let region = self.regions.at(address).ok_or(FaultKind::Unmapped)?;
        let prot = region.prot.effective();
        if by != By::Force && !prot.allows(access) {
            return Err(FaultKind::Denied);
        }
        let (frame, owner) = match &region.backing {
            Backing::Anonymous if access == Access::Write => (
                self.memory.allocate().ok_or(FaultKind::NoMemory)?,
                Owner::Private,
            ),
            Backing::Anonymous => {
                // Only an engine keeps what it was told, so only for it the zero page has to be remembered.
                if by == By::Engine {
                    self.put(page, Frame::ZERO, prot, Owner::Private)?;
                }
                return Ok(Page {
                    frame: Frame::ZERO,
                    prot: prot - Prot::WRITE,
                });
            }
            Backing::Private { object, .. } | Backing::Shared { object, .. } => {
                let index = region.offset_of(page * PAGE) / PAGE;
                if index >= object.page_count() {
                    return Err(FaultKind::Bus);
                }
                if !region.backing.is_shared() && access == Access::Write {
                    (object.copy_page(index)?, Owner::Private)
                } else {
                    let frame = object.mapped_page(index)?;
                    self.memory.retain(frame);
                    let shared = region.backing.is_shared();
                    (frame, if shared { Owner::Shared } else { Owner::Object })
                }
            }
        };
        self.put(page, frame, prot, owner)?;
        let prot = if owner == Owner::Object {
            prot - Prot::WRITE
        } else {
            prot
        };
        Ok(Page { frame, prot })
    }

    /// Enters a frame, whose reference goes to the table, or is given up on failure.
    fn put(&mut self, page: u64, frame: Frame, prot: Prot, owner: Owner) -> Result<(), FaultKind> {
        self.cache.forget(page);
        self.table
            .set(page, Entry::new(frame, prot, owner))
            .map_err(|NoMemory| {
                self.memory.release(frame);
                FaultKind::NoMemory
            })
    }

    /// Lets go of pages that mapped objects have lost since the last call.
    pub(super) fn sync(&mut self) {
        let epoch = self.memory.epoch();
        if self.seen == epoch {
            return;
        }
        let mut lost = Vec::new();
        for region in self.regions.iter() {
            let fewest = region
                .backing
                .object()
                .and_then(|object| object.fewest_since(self.seen));
            let Some(fewest) = fewest else { continue };
            self.table
                .each(region.start / PAGE..region.end / PAGE, |page, entry| {
                    // A private copy survives a punched hole, but not the end of the file.   [mm/memory.c, even_cows]
                    let index = region.offset_of(page * PAGE) / PAGE;
                    if entry.owner() != Owner::Private || index >= fewest {
                        lost.push(page);
                    }
                });
        }
        for page in lost {
            self.table.clear_anyway(page..page + 1);
        }
        self.seen = epoch;
        self.cache.clear();
    }
}

impl From<ObjectError> for FaultKind {
    fn from(error: ObjectError) -> FaultKind {
        match error {
            ObjectError::NoMemory => FaultKind::NoMemory,
            ObjectError::TooBig | ObjectError::Io(_) => FaultKind::Bus,
        }
    }
}

//! Which function of which mapped file is at an address?

use std::collections::HashMap;
use std::rc::{Rc, Weak};

use emu_cpu::memory::{Label, Region};
use emu_cpu::{AddressSpace, Arch, Object};

use super::file::{File, read};
use crate::kernel::nt::memory::{Kind, Tag};
use crate::view::Place;

/// A file, where it is mapped.
pub(super) struct Module {
    name: Rc<Label>,
    /// What to add to its addresses.
    bias: u64,
    pub(super) file: Rc<File>,
    object: Rc<Object>,
}

impl Module {
    pub(super) fn bias(&self) -> u64 {
        self.bias
    }

    /// Where an image of Windows is.
    pub(super) fn base(&self) -> Option<u64> {
        Some(self.file.base?.wrapping_add(self.bias))
    }

    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.name.name).into_owned()
    }

    /// The function at an address.
    pub(super) fn symbol(&self, address: u64) -> Option<&(u64, u64, String)> {
        self.file.symbol(address.wrapping_sub(self.bias))
    }

    /// The source file and line of an address.
    pub(super) fn line(&self, arch: Arch, address: u64) -> Option<(String, u32)> {
        let own = address.wrapping_sub(self.bias) & arch.address_mask();
        self.file.line(arch, &self.object, own)
    }
}

/// The mapped files, read as they are asked for.
#[derive(Default)]
pub(crate) struct Modules {
    /// By where the object is, which nothing else takes the place of while somebody points to it.
    read: HashMap<*const Object, (Weak<Object>, Option<Rc<File>>)>,
    /// So many are kept before those that are gone are forgotten.
    room: usize,
}

impl Modules {
    /// The file at an address.
    pub(super) fn at(&mut self, arch: Arch, memory: &AddressSpace, address: u64) -> Option<Module> {
        let region = memory.region_at(address)?;
        let name = region.label.as_ref()?.clone();
        let Some(object) = region.backing.object().cloned() else {
            return self.image(arch, memory, region);
        };
        let file = self.file(arch, &object)?;
        let (start, offset) = (region.start, region.backing.offset());
        let (begin, _, own) = file.segments.iter().find(|(begin, len, _)| {
            let first = begin & !0xfff;
            (first..begin.saturating_add(*len)).contains(&offset)
        })?;
        let bias = start
            .wrapping_sub(offset)
            .wrapping_add(*begin)
            .wrapping_sub(*own)
            & arch.address_mask();
        Some(Module {
            name,
            bias,
            file,
            object,
        })
    }

    /// An image of Windows, whose bytes are copied into memory. The labels of its headers, at least, know its file.
    fn image(&mut self, arch: Arch, memory: &AddressSpace, region: &Region) -> Option<Module> {
        let Tag {
            base,
            kind: Kind::Image,
            ..
        } = Tag::of(region)
        else {
            return None;
        };
        let name = memory.region_at(base)?.label.as_ref()?.clone();
        let object = name.file.clone()?.downcast::<Object>().ok()?;
        let file = self.file(arch, &object)?;
        let bias = base.wrapping_sub(file.base?) & arch.address_mask();
        Some(Module {
            name,
            bias,
            file,
            object,
        })
    }

    fn file(&mut self, arch: Arch, object: &Rc<Object>) -> Option<Rc<File>> {
        if let Some((_, file)) = self.read.get(&Rc::as_ptr(object)) {
            return file.clone();
        }
        if self.read.len() >= self.room {
            self.read.retain(|_, (object, _)| object.strong_count() > 0);
            self.room = 2 * self.read.len().max(32);
        }
        let file = read(arch, object).map(Rc::new);
        let known = (Rc::downgrade(object), file.clone());
        self.read.insert(Rc::as_ptr(object), known);
        file
    }

    /// What is mapped at an address, and where that is in it.
    pub(crate) fn place(
        &mut self,
        arch: Arch,
        memory: &AddressSpace,
        address: u64,
    ) -> Option<Place> {
        let region = memory.region_at(address)?;
        let in_file = address - region.start + region.backing.offset();
        if let Some(module) = self.at(arch, memory, address) {
            let offset = address.wrapping_sub(module.bias) & arch.address_mask();
            let base = module.file.base;
            return Some(Place {
                module: module.name.name.as_ref().into(),
                offset,
                in_file: base.map_or(in_file, |base| offset.wrapping_sub(base)),
            });
        }
        let label = region.label.as_ref()?;
        Some(Place {
            module: label.name.as_ref().into(),
            offset: in_file,
            in_file,
        })
    }

    /// Where the function at an address begins.
    pub(super) fn start(&mut self, arch: Arch, memory: &AddressSpace, address: u64) -> Option<u64> {
        let module = self.at(arch, memory, address)?;
        let symbol = module.symbol(address)?;
        Some(symbol.0.wrapping_add(module.bias))
    }

    /// `name+0x12 (/bin/foo)` for an address, `inside` of the function that it belongs to: a return address may already
    /// be that of the next one.
    pub(super) fn describe(
        &mut self,
        arch: Arch,
        memory: &AddressSpace,
        address: u64,
        inside: u64,
    ) -> String {
        // Nothing called what a signal's handler returns to.
        let inside = match self.start(arch, memory, inside) {
            None if memory.region_at(address).is_some() => address,
            _ => inside,
        };
        let Some(module) = self.at(arch, memory, inside) else {
            let region = memory.region_at(inside);
            let label = region.and_then(|region| region.label.as_ref());
            return match label {
                Some(label) => format!("({})", String::from_utf8_lossy(&label.name)),
                None if region.is_some() => "(anonymous memory)".to_owned(),
                None => "(nothing is mapped there)".to_owned(),
            };
        };
        let relative = address.wrapping_sub(module.bias);
        match module.symbol(inside) {
            Some((start, _, name)) => {
                let offset = relative.wrapping_sub(*start);
                format!("{name}+{offset:#x} ({})", module.name())
            }
            None => format!("({}+{relative:#x})", module.name()),
        }
    }
}

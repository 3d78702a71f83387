//! Sections of data: memory or a file that is seen at addresses.

use std::cell::Cell;
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_cpu::Object as Pages;
use emu_cpu::memory::{Label, PAGE};
use emu_prototypes::nt::{self, NtStatus};

use super::tag::page;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::named::Wish;
use crate::kernel::nt::path::status;
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};
use crate::load::{Image, Program};

/// `AllocationAttributes`: an image.
const IMAGE: u32 = 0x100_0000;

/// A section.
pub(in crate::kernel::nt) struct Section {
    /// The image that it is, when it is one.
    pub(super) image: Option<Image>,
    pub(super) pages: Rc<Pages>,
    pub(super) size: Cell<u64>,
    protect: u32,
    /// The file whose data it is, when it is one.
    file: Option<Rc<OpenFile>>,
}

impl Section {
    /// Whether it can be seen with a protection: with no more rights than it was made with.
    pub(super) fn allows(&self, protect: u32) -> bool {
        let writes = |protect: u32| protect & (page::READWRITE | page::EXECUTE_READWRITE) != 0;
        let executes = |protect: u32| protect & 0xf0 != 0;
        (!writes(protect) || writes(self.protect)) && (!executes(protect) || executes(self.protect))
    }

    /// The image that it is, when it is one.
    pub(in crate::kernel::nt) fn image(&self) -> Option<&Image> {
        self.image.as_ref()
    }

    /// Makes it as large as asked, which has to fit its file; one that is larger already stays. Gives its size.
    pub(super) fn grow(&self, asked: u64, now: i64) -> Result<u64, NtStatus> {
        let file = self.file.as_ref().ok_or(NtStatus::SECTION_NOT_EXTENDED)?;
        let size = self.size.get();
        if asked <= size {
            return Ok(size);
        }
        if asked > Pages::MAX_LEN {
            return Err(NtStatus::SECTION_TOO_BIG);
        }
        if asked > file.attributes().map_err(status)?.size {
            if !self.allows(page::READWRITE) {
                return Err(NtStatus::SECTION_NOT_EXTENDED);
            }
            file.truncate(asked, now).map_err(status)?;
        }
        self.size.set(asked);
        Ok(asked)
    }

    /// Where its file is, for those who ask for it; nothing for one of memory.
    pub(super) fn name(&self) -> Vec<u8> {
        self.file
            .as_ref()
            .map(|file| file.path())
            .unwrap_or_default()
    }
}

/// Protections of sections and views, copies on writing among them.
pub(super) fn is_protection(protect: u32) -> bool {
    protect & 0xff != 0 && (protect & 0xff).is_power_of_two()
}

/// Serves `NtCreateSection`.
pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtCreateSection) -> Outcome {
    if !is_protection(call.SectionPageProtection) {
        return Err(NtStatus::INVALID_PAGE_PROTECTION.into());
    }
    let wish = Wish::new(
        call.SectionHandle,
        call.DesiredAccess,
        call.ObjectAttributes,
    );
    if call.AllocationAttributes & IMAGE != 0 {
        let section = image(kernel, cx, call)?;
        let made = kernel.nt_make(cx, wish, Object::Section(Rc::new(section)))?;
        return made.outcome();
    }
    let asked = match call.MaximumSize.address {
        0 => 0,
        at => cx.mem.read_u64(at)?,
    };
    if asked > Pages::MAX_LEN {
        return Err(NtStatus::SECTION_TOO_BIG.into());
    }
    let protect = call.SectionPageProtection & 0xff;
    let section = match call.FileHandle {
        0 if asked == 0 => return Err(NtStatus::INVALID_PARAMETER_4.into()),
        0 => {
            let pages = Pages::new(&kernel.memory);
            let size = asked.next_multiple_of(PAGE);
            pages
                .truncate(size)
                .map_err(|_| NtStatus::SECTION_TOO_BIG)?;
            Section {
                image: None,
                pages,
                size: Cell::new(size),
                protect,
                file: None,
            }
        }
        handle => {
            let Object::File(file) = kernel.nt_object(cx, handle)? else {
                return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
            };
            let flags = file.flags();
            let changes = protect & (page::READWRITE | page::EXECUTE_READWRITE) != 0;
            if changes && !flags.contains(crate::kernel::vfs::OpenFlags::WRITE) {
                return Err(NtStatus::ACCESS_DENIED.into());
            }
            let size = file.attributes().map_err(status)?.size;
            match (size, asked) {
                (0, 0) => return Err(NtStatus::MAPPED_FILE_SIZE_ZERO.into()),
                (size, asked) if asked > size && !changes => {
                    return Err(NtStatus::SECTION_TOO_BIG.into());
                }
                (size, asked) if asked > size => {
                    let now = i64::try_from(kernel.clock.wall()).unwrap_or(i64::MAX);
                    file.truncate(asked, now).map_err(status)?;
                }
                _ => {}
            }
            Section {
                image: None,
                pages: file.object(changes).map_err(status)?,
                size: Cell::new(if asked == 0 { size } else { asked }),
                protect,
                file: Some(Rc::clone(&file)),
            }
        }
    };
    kernel
        .nt_make(cx, wish, Object::Section(Rc::new(section)))?
        .outcome()
}

/// The section that a file with an image is.
fn image(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateSection,
) -> Result<Section, NtStatus> {
    let Object::File(file) = kernel.nt_object(cx, call.FileHandle)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH);
    };
    let pages = file.object(false).map_err(status)?;
    if !Image::has_signature(&pages) {
        return Err(NtStatus::INVALID_IMAGE_NOT_MZ);
    }
    let program = Program {
        object: pages.clone(),
        label: Label::file(file.path(), 0, 0, None),
        entry: None,
    };
    let image = Image::new(program).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)?;
    // A 64-bit system knows images of 32 bits, too.
    if image.is_wide() && cx.word() == 4 {
        return Err(NtStatus::INVALID_IMAGE_FORMAT);
    }
    Ok(Section {
        size: Cell::new(image.size()),
        image: Some(image),
        pages,
        protect: page::EXECUTE_WRITECOPY,
        file: None,
    })
}

/// `SECTION_INFORMATION_CLASS`.
const BASIC: i32 = 0;
const IMAGE_INFORMATION: i32 = 1;

/// Serves `NtQuerySection`.
pub(super) fn query(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtQuerySection) -> Outcome {
    let Object::Section(section) = kernel.nt_object(cx, call.SectionHandle)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    let bytes = match call.SectionInformationClass {
        BASIC => {
            // Address, attributes, size.
            let word = cx.word() as usize;
            let attributes = if section.image.is_some() { IMAGE } else { 0 };
            let mut bytes = vec![0; word];
            bytes.extend_from_slice(&attributes.to_le_bytes());
            bytes.resize(2 * word, 0);
            bytes.extend_from_slice(&section.size.get().to_le_bytes());
            bytes
        }
        IMAGE_INFORMATION => match &section.image {
            Some(image) => image.information(cx.word()),
            None => return Err(NtStatus::SECTION_NOT_IMAGE.into()),
        },
        _ => return Err(NtStatus::INVALID_INFO_CLASS.into()),
    };
    if call.SectionInformationLength < bytes.len() as u64 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    cx.mem.write(call.SectionInformation.address, &bytes)?;
    if call.ReturnLength.address != 0 {
        cx.write_word(call.ReturnLength.address, bytes.len() as u64)?;
    }
    Ok(0)
}

//! Which keys are always there?   [Windows Internals, The registry: root keys, hives and symbolic links]

use emu_prototypes::nt::NtStatus;

use super::tree::{Key, LINK, Making, Registry, Value};
use crate::kernel::nt::token;

use std::rc::Rc;

/// Keys, each with all above it.
const ALWAYS: &[&str] = &[
    "Machine\\SAM",
    "Machine\\Security",
    "Machine\\Software\\Classes",
    "Machine\\Software\\Microsoft\\Windows\\CurrentVersion",
    "Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion",
    "Machine\\System\\ControlSet001\\Control",
    "Machine\\System\\ControlSet001\\Services",
    "Machine\\System\\ControlSet001\\Hardware Profiles\\0001",
    "User\\.Default",
];
/// Keys that are made anew whenever the machine begins.
const VOLATILE: [&str; 1] = ["Machine\\Hardware"];
/// Links: which key, its name, and where it leads to.
const LINKS: [(&str, &str, &str); 2] = [
    (
        "Machine\\System",
        "CurrentControlSet",
        "\\Registry\\Machine\\System\\ControlSet001",
    ),
    (
        "Machine\\System\\ControlSet001\\Hardware Profiles",
        "Current",
        "\\Registry\\Machine\\System\\ControlSet001\\Hardware Profiles\\0001",
    ),
];

impl Registry {
    /// Makes them. Whoever the user is has classes of their own.
    pub(super) fn begin(&mut self) -> Result<(), NtStatus> {
        let root = self.root();
        for name in ALWAYS {
            self.make(&root, name)?;
        }
        for name in VOLATILE {
            self.make_volatile(&root, name)?;
        }
        for (above, name, target) in LINKS {
            self.link(&root, above, (name, target))?;
        }
        let user = token::user();
        self.make(&root, &format!("User\\{user}_Classes"))?;
        let software = format!("User\\{user}\\Software");
        let target = format!("\\Registry\\User\\{user}_Classes");
        self.link(&root, &software, ("Classes", &target))
    }

    /// A key that is volatile, as all are below such a one.
    pub(super) fn make_volatile(
        &mut self,
        root: &Rc<Key>,
        name: &str,
    ) -> Result<Rc<Key>, NtStatus> {
        let mut key = root.clone();
        for part in name.split('\\') {
            let part: Vec<u16> = part.encode_utf16().collect();
            let making = Making {
                volatile: true,
                ..Making::default()
            };
            key = match self.find(&key, &part) {
                Ok(key) => key,
                Err(_) => self.create(&key, &part, making, 0)?,
            };
        }
        Ok(key)
    }

    fn link(
        &mut self,
        root: &Rc<Key>,
        above: &str,
        (name, target): (&str, &str),
    ) -> Result<(), NtStatus> {
        let above = self.make(root, above)?;
        let making = Making {
            link: true,
            ..Making::default()
        };
        let name: Vec<u16> = name.encode_utf16().collect();
        let key = self.create(&above, &name, making, 0)?;
        let value = Value {
            name: "SymbolicLinkValue".encode_utf16().collect(),
            kind: LINK,
            data: target.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        };
        self.set(&key, value, 0)
    }
}

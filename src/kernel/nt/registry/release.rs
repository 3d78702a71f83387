//! What does the registry say of the release?   [Windows 10 22H2: its values of that key]

use emu_prototypes::nt::NtStatus;

use super::tree::{Registry, Value};

/// Where that stands.
const KEY: &str = "Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion";
/// Texts.
const TEXTS: [(&str, &str); 6] = [
    ("CurrentVersion", "6.3"),
    ("CurrentBuild", "19045"),
    ("CurrentBuildNumber", "19045"),
    ("DisplayVersion", "22H2"),
    ("ProductName", "Windows 10 Pro"),
    ("SystemRoot", "C:\\Windows"),
];
/// What the machine is called, as its environment says, too.
const NAMES: [(&str, &str, &str); 3] = [
    (
        "Machine\\System\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName",
        "ComputerName",
        "EMU",
    ),
    (
        "Machine\\System\\CurrentControlSet\\Control\\ComputerName\\ComputerName",
        "ComputerName",
        "EMU",
    ),
    (
        "Machine\\System\\CurrentControlSet\\Services\\Tcpip\\Parameters",
        "Hostname",
        "EMU",
    ),
];
/// Numbers.
const NUMBERS: [(&str, u32); 2] = [
    ("CurrentMajorVersionNumber", 10),
    ("CurrentMinorVersionNumber", 0),
];
/// `REG_SZ` and `REG_DWORD`.
const TEXT: u32 = 1;
const NUMBER: u32 = 4;

impl Registry {
    /// Says which release it is, for libraries that look there.
    pub(in crate::kernel::nt) fn tell_release(&mut self) -> Result<(), NtStatus> {
        let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
        let (start, _) = self.absolute(&units("\\REGISTRY"))?;
        let key = self.find(&start, &units(KEY))?;
        let texts = TEXTS.map(|(name, text)| {
            let ended = units(text).into_iter().chain([0]);
            (name, TEXT, ended.flat_map(u16::to_le_bytes).collect())
        });
        let numbers = NUMBERS.map(|(name, number)| (name, NUMBER, number.to_le_bytes().to_vec()));
        for (name, kind, data) in texts.into_iter().chain(numbers) {
            let name = units(name);
            self.set(&key, Value { name, kind, data }, 0)?;
        }
        for (key, name, text) in NAMES {
            let mut at = start.clone();
            for part in key.split('\\') {
                at = match self.find(&at, &units(part)) {
                    Ok(key) => key,
                    Err(_) => self.create(&at, &units(part), 0)?,
                };
            }
            let data = units(text).into_iter().chain([0]);
            let data = data.flat_map(u16::to_le_bytes).collect();
            let name = units(name);
            let kind = TEXT;
            self.set(&at, Value { name, kind, data }, 0)?;
        }
        Ok(())
    }
}

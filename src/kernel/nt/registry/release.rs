//! What does the registry say of the release and of the machine?   [Windows 10 22H2: its values of those keys]

use emu_prototypes::nt::NtStatus;

use super::tree::{Registry, Value};

/// Data of a value.
#[derive(Clone, Copy)]
enum Data {
    /// `REG_SZ`.
    Text(&'static str),
    /// `REG_EXPAND_SZ`: it has names of variables in it.
    Expanded(&'static str),
    /// `REG_DWORD`.
    Number(u32),
    /// `REG_BINARY`: so many zeros.
    Zeros(usize),
}

use Data::{Expanded, Number, Text, Zeros};

/// A key with its values.
type Told = (&'static str, &'static [(&'static str, Data)]);

const KEYS: [Told; 9] = [
    (
        "Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion",
        &[
            ("CurrentVersion", Text("6.3")),
            ("CurrentBuild", Text("19045")),
            ("CurrentBuildNumber", Text("19045")),
            ("CurrentMajorVersionNumber", Number(10)),
            ("CurrentMinorVersionNumber", Number(0)),
            ("CurrentType", Text("Multiprocessor Free")),
            ("DisplayVersion", Text("22H2")),
            ("EditionID", Text("Professional")),
            ("InstallationType", Text("Client")),
            ("ProductName", Text("Windows 10 Pro")),
            ("ReleaseId", Text("2009")),
            ("SystemRoot", Text("C:\\Windows")),
        ],
    ),
    (
        "Machine\\Software\\Microsoft\\Windows\\CurrentVersion",
        &[
            ("CommonFilesDir", Text("C:\\Program Files\\Common Files")),
            ("ProgramFilesDir", Text("C:\\Program Files")),
            ("ProgramFilesPath", Expanded("%ProgramFiles%")),
        ],
    ),
    // What the machine is called, as its environment says, too.
    (
        "Machine\\System\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName",
        &[("ComputerName", Text("EMU"))],
    ),
    (
        "Machine\\System\\CurrentControlSet\\Control\\ComputerName\\ComputerName",
        &[("ComputerName", Text("EMU"))],
    ),
    (
        "Machine\\System\\CurrentControlSet\\Services\\Tcpip\\Parameters",
        &[
            (
                "DataBasePath",
                Expanded("%SystemRoot%\\System32\\drivers\\etc"),
            ),
            ("Domain", Text("")),
            ("Hostname", Text("EMU")),
            ("NV Hostname", Text("EMU")),
        ],
    ),
    (
        "Machine\\System\\CurrentControlSet\\Control\\Session Manager\\Environment",
        &[
            ("ComSpec", Expanded("%SystemRoot%\\system32\\cmd.exe")),
            ("NUMBER_OF_PROCESSORS", Text("1")),
            ("OS", Text("Windows_NT")),
            (
                "Path",
                Expanded("%SystemRoot%\\system32;%SystemRoot%;%SystemRoot%\\system32\\wbem"),
            ),
            (
                "PATHEXT",
                Text(".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH"),
            ),
            ("PROCESSOR_LEVEL", Text("6")),
            ("PROCESSOR_REVISION", Text("0000")),
            ("TEMP", Expanded("%SystemRoot%\\TEMP")),
            ("TMP", Expanded("%SystemRoot%\\TEMP")),
            ("windir", Expanded("%SystemRoot%")),
        ],
    ),
    // The clock runs in universal time.
    (
        "Machine\\System\\CurrentControlSet\\Control\\TimeZoneInformation",
        &[
            ("ActiveTimeBias", Number(0)),
            ("Bias", Number(0)),
            ("DaylightBias", Number(0)),
            ("DaylightName", Text("@tzres.dll,-931")),
            ("DaylightStart", Zeros(16)),
            ("DynamicDaylightTimeDisabled", Number(0)),
            ("StandardBias", Number(0)),
            ("StandardName", Text("@tzres.dll,-932")),
            ("StandardStart", Zeros(16)),
            ("TimeZoneKeyName", Text("UTC")),
        ],
    ),
    (
        "Machine\\System\\CurrentControlSet\\Control\\Nls\\CodePage",
        &[
            ("ACP", Text("1252")),
            ("OEMCP", Text("437")),
            ("MACCP", Text("10000")),
        ],
    ),
    (
        "Machine\\System\\CurrentControlSet\\Control\\Nls\\Language",
        &[("Default", Text("0409")), ("InstallLanguage", Text("0409"))],
    ),
];

/// The processor, below keys that are made when the machine begins: the one that programs see.   [a Westmere]
const PROCESSOR: &str = "Machine\\Hardware\\Description\\System\\CentralProcessor\\0";
const PROCESSOR_NAME: &str = "Westmere E56xx/L56xx/X56xx (Nehalem-C)";
const ENVIRONMENT: &str =
    "Machine\\System\\CurrentControlSet\\Control\\Session Manager\\Environment";

fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

impl Data {
    /// Its type, and its bytes.   [winnt.h: REG_SZ and following]
    fn bytes(self) -> (u32, Vec<u8>) {
        let ended = |text: &str| {
            let units = text.encode_utf16().chain([0]);
            units.flat_map(u16::to_le_bytes).collect()
        };
        match self {
            Text(text) => (1, ended(text)),
            Expanded(text) => (2, ended(text)),
            Zeros(count) => (3, vec![0; count]),
            Number(number) => (4, number.to_le_bytes().to_vec()),
        }
    }
}

impl Registry {
    /// Says which release it is, and on which machine, for libraries that look there.
    pub(in crate::kernel::nt) fn tell_release(&mut self, wide: bool) -> Result<(), NtStatus> {
        let root = self.root();
        for (key, values) in KEYS {
            let key = self.make(&root, key)?;
            for (name, data) in values {
                self.tell_value(&key, name, *data)?;
            }
        }
        let (architecture, identifier) = match wide {
            true => ("AMD64", "Intel64 Family 6 Model 44 Stepping 1"),
            false => ("x86", "x86 Family 6 Model 44 Stepping 1"),
        };
        let environment = self.make(&root, ENVIRONMENT)?;
        self.tell_value(&environment, "PROCESSOR_ARCHITECTURE", Text(architecture))?;
        let processor = self.make_volatile(&root, PROCESSOR)?;
        for (name, data) in [
            ("Identifier", Text(identifier)),
            ("ProcessorNameString", Text(PROCESSOR_NAME)),
            ("VendorIdentifier", Text("GenuineIntel")),
            ("~MHz", Number(2000)),
        ] {
            self.tell_value(&processor, name, data)?;
        }
        // What programs of 32 bits see instead, where there are both.
        if wide {
            self.make(&root, "Machine\\Software\\Wow6432Node")?;
        }
        Ok(())
    }

    fn tell_value(
        &mut self,
        key: &super::tree::Key,
        name: &str,
        data: Data,
    ) -> Result<(), NtStatus> {
        let (kind, data) = data.bytes();
        let name = units(name);
        self.set(key, Value { name, kind, data }, 0)
    }
}

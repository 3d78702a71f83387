//! Where in a Linux source tree does each ABI keep its table?

/// A profile that can be imported.
#[derive(Debug, Clone, Copy)]
pub struct Profile {
    /// Its short name, as the hand-kept texts use it: `arm` for `linux_arm`.
    pub name: &'static str,
    /// Its directory below `arch`.
    pub arch: &'static str,
    /// Its number table.
    pub source: Source,
    /// Added to each number of the table.
    pub base: u32,
    /// A header with numbers that stand outside the table.
    pub private: Option<&'static str>,
    /// Whether its text is among the committed ones.
    pub committed: bool,
}

/// A number table.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    /// A `.tbl` file; of its rows those of these ABIs.
    Tbl {
        /// The file in the tree.
        path: &'static str,
        /// What its second column may be.
        abis: &'static [&'static str],
    },
    /// The table of newer architectures: `scripts/syscall.tbl` since 6.11, before that the header that a kernel's own
    /// table was made of by the preprocessor.
    Generic {
        /// The table.
        tbl: &'static str,
        /// What its second column may be; `Makefile.syscalls` of the architecture adds to it.
        abis: &'static [&'static str],
        /// The header.
        header: &'static str,
    },
}

impl Profile {
    /// The profile's full name, which is also that of its text.
    pub fn full_name(&self) -> String {
        format!("linux_{}", self.name)
    }
}

/// All of them. The first profile with a call gives it its signature, unless `identities.txt` names another.
pub const PROFILES: &[Profile] = &[
    Profile {
        name: "x64",
        arch: "x86",
        source: Source::Tbl {
            path: "arch/x86/entry/syscalls/syscall_64.tbl",
            // "x32" rows have bit 30 of the number set.   [Documentation/arch/x86/x86_64, x32 ABI]
            abis: &["common", "64"],
        },
        base: 0,
        private: None,
        committed: true,
    },
    Profile {
        name: "arm64",
        arch: "arm64",
        source: Source::Generic {
            tbl: "scripts/syscall.tbl",
            abis: &["common", "64"],
            header: "include/uapi/asm-generic/unistd.h",
        },
        base: 0,
        private: None,
        committed: true,
    },
    Profile {
        name: "x86",
        arch: "x86",
        source: Source::Tbl {
            path: "arch/x86/entry/syscalls/syscall_32.tbl",
            abis: &["i386"],
        },
        base: 0,
        private: None,
        committed: true,
    },
    Profile {
        name: "arm",
        arch: "arm",
        source: Source::Tbl {
            path: "arch/arm/tools/syscall.tbl",
            abis: &["common", "eabi"],
        },
        base: 0,
        private: Some("arch/arm/include/uapi/asm/unistd.h"),
        committed: true,
    },
    Profile {
        name: "arm_oabi",
        arch: "arm",
        source: Source::Tbl {
            path: "arch/arm/tools/syscall.tbl",
            abis: &["common", "oabi"],
        },
        base: 0,
        private: Some("arch/arm/include/uapi/asm/unistd.h"),
        committed: true,
    },
    Profile {
        name: "mips",
        arch: "mips",
        source: Source::Tbl {
            path: "arch/mips/kernel/syscalls/syscall_o32.tbl",
            abis: &["o32"],
        },
        // __NR_Linux of each ABI.   [arch/mips/include/uapi/asm/unistd.h]
        base: 4000,
        private: None,
        committed: true,
    },
    Profile {
        name: "mips64",
        arch: "mips",
        source: Source::Tbl {
            path: "arch/mips/kernel/syscalls/syscall_n64.tbl",
            abis: &["n64"],
        },
        base: 5000,
        private: None,
        committed: true,
    },
    Profile {
        name: "mips64n32",
        arch: "mips",
        source: Source::Tbl {
            path: "arch/mips/kernel/syscalls/syscall_n32.tbl",
            abis: &["n32"],
        },
        base: 6000,
        private: None,
        committed: true,
    },
];

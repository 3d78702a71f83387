//! Whose numbers, names and structures does an entry use?

use std::sync::LazyLock;

use emu_prototypes::linux::Errno;
use emu_prototypes::nt::NtStatus;
use emu_prototypes::{CallInfo, Classic, DataModel, Os, Row, Table, freebsd, linux, nt};

/// The knowledge of an operating system that an entry uses.
#[derive(Debug, Clone, Copy)]
pub enum System {
    /// Linux, with the tables of one ABI.
    Linux(&'static linux::Abi),
    /// FreeBSD, with the tables of one ABI.
    FreeBsd(&'static freebsd::Abi),
    /// A release of Windows.
    Windows(&'static nt::Release),
    /// A user's own.
    Own(&'static Own),
}

/// An operating system that a user has described.
#[derive(Debug)]
pub struct Own {
    /// Its numbers.
    pub table: Table,
    /// What is known of its calls: their ids begin with [`Os::first`] of [`Os::Own`].
    pub calls: &'static [CallInfo],
    /// How wide its C types are.
    pub model: DataModel,
    /// The ABI of Linux whose kernel serves what is served.
    pub linux: &'static linux::Abi,
    /// For each call the index of the Linux call that answers it, if one does. Arguments go in their order.
    pub served: &'static [Option<u16>],
    /// Its numbers of errors, where they are not those of [`Own::linux`].
    pub errors: &'static [(Errno, u16)],
}

impl System {
    /// The operating system.
    #[inline]
    pub fn os(self) -> Os {
        match self {
            System::Linux(_) => Os::Linux,
            System::FreeBsd(_) => Os::FreeBsd,
            System::Windows(_) => Os::Windows,
            System::Own(_) => Os::Own,
        }
    }

    /// The numbers of calls.
    #[inline]
    pub fn table(self) -> &'static Table {
        match self {
            System::Linux(abi) => abi.table,
            System::FreeBsd(abi) => abi.table,
            System::Windows(release) => release.table(),
            System::Own(own) => &own.table,
        }
    }

    /// The calls that the rows of the table name.
    #[inline]
    pub fn calls(self) -> &'static [CallInfo] {
        match self {
            System::Linux(_) => &linux::CALLS,
            System::FreeBsd(_) => &freebsd::CALLS,
            System::Windows(_) => &nt::CALLS,
            System::Own(own) => own.calls,
        }
    }

    /// What is known of the call of a row.
    #[inline]
    pub fn info(self, row: &Row) -> &'static CallInfo {
        &self.calls()[usize::from(row.call)]
    }

    /// The ABI of Linux that is nearest: its own, or the one by whose constants and structures the kernel inside works
    /// for a guest of another operating system.
    #[inline]
    pub fn linux(self) -> &'static linux::Abi {
        match self {
            System::Linux(abi) => abi,
            System::FreeBsd(_) => &linux::X64,
            System::Windows(release) => match release.model {
                DataModel::Ilp32 => &linux::X86,
                DataModel::Lp64 | DataModel::Llp64 => &linux::X64,
            },
            System::Own(own) => own.linux,
        }
    }

    /// The same with the names, numbers and structures of the system itself, for whoever shows arguments.
    #[inline]
    pub fn shown(self) -> &'static linux::Abi {
        match self {
            System::FreeBsd(_) => &FREEBSD_SHOWN,
            _ => self.linux(),
        }
    }

    /// A result as the guest gets it: a value, or the system's own number of an error.
    #[inline]
    pub fn result(self, result: Result<u64, Errno>) -> Result<u64, u16> {
        match self {
            System::Linux(abi) => result.map_err(|errno| errno.number(abi)),
            System::FreeBsd(abi) => result.map_err(|errno| freebsd_errno(errno).number(abi)),
            System::Windows(_) => Ok(result.unwrap_or_else(|errno| status(errno).0.into())),
            System::Own(own) => result.map_err(|errno| {
                let own_number = own.errors.iter().find(|(error, _)| *error == errno);
                own_number.map_or_else(|| errno.number(own.linux), |(_, number)| *number)
            }),
        }
    }

    /// What a number without a call gives.
    pub fn unknown(self) -> Result<u64, Errno> {
        match self {
            System::Windows(_) => Ok(NtStatus::INVALID_SYSTEM_SERVICE.0.into()),
            _ => Err(Errno::ENOSYS),
        }
    }

    /// A result as events tell it: statuses are values.
    #[inline]
    pub fn told(self, result: Result<u64, Errno>) -> Result<u64, Errno> {
        match (self, result) {
            (System::Windows(_), Err(errno)) => Ok(status(errno).0.into()),
            _ => result,
        }
    }

    /// All prototypes, made to be printed.
    pub fn classic(self) -> Classic<'static> {
        Classic {
            table: self.table(),
            calls: self.calls(),
        }
    }
}

/// FreeBSD's error of that name; one that it lacks goes as `EINVAL`.
pub fn freebsd_errno(errno: Errno) -> freebsd::Errno {
    let mut all = freebsd::Errno::ALL.iter();
    let same = all.find(|own| own.name() == errno.name());
    same.copied().unwrap_or(freebsd::Errno::EINVAL)
}

/// Linux's ABI with what FreeBSD has other names, numbers and structures for.
static FREEBSD_SHOWN: LazyLock<linux::Abi> = LazyLock::new(|| {
    let (base, own) = (&linux::X64, &freebsd::X64);
    let number = |errno: &Errno| freebsd_errno(*errno).number(own);
    let errnos: Vec<u16> = Errno::ALL.iter().map(number).collect();
    let mut back = vec![0; usize::from(errnos.iter().copied().max().unwrap_or(0)) + 1];
    for (at, (errno, number)) in Errno::ALL.iter().zip(&errnos).enumerate() {
        // Those that FreeBSD lacks have taken the number of another.
        if freebsd_errno(*errno).name() == errno.name() {
            back[usize::from(*number)] = at as u16 + 1;
        }
    }
    linux::Abi {
        name: own.name,
        table: own.table,
        layouts: Box::leak(Box::new(linux::Layouts {
            all: own.layouts.all,
            ..*base.layouts
        })),
        errnos: errnos.leak(),
        errnos_back: back.leak(),
        groups: own.groups,
        signals: own.signals,
        ..*base
    }
});

/// What Windows says where the kernel inside has an error of Linux: its own services answer with statuses.
fn status(errno: Errno) -> NtStatus {
    match errno {
        Errno::EFAULT => NtStatus::ACCESS_VIOLATION,
        Errno::ENOSYS => NtStatus::NOT_IMPLEMENTED,
        _ => NtStatus::INVALID_PARAMETER,
    }
}

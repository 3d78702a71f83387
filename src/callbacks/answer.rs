//! How do callbacks of an operating system see a result?

use emu_prototypes::freebsd;
use emu_prototypes::linux::Errno;
use emu_prototypes::nt::NtStatus;

use super::Ret;

/// A result as the callbacks of an operating system see it.
pub trait Answer: Sized + PartialEq + Clone {
    /// From the result that the kernel inside gives.
    fn of(ret: Ret) -> Self;
    /// Back to it.
    fn ret(self) -> Ret;
}

impl Answer for Ret {
    fn of(ret: Ret) -> Self {
        ret
    }

    fn ret(self) -> Ret {
        self
    }
}

/// Errors of FreeBSD go by their names. One that Linux lacks can't be given.
impl Answer for Result<u64, freebsd::Errno> {
    fn of(ret: Ret) -> Self {
        ret.map_err(emu_profiles::freebsd_errno)
    }

    fn ret(self) -> Ret {
        self.map_err(|errno| {
            let mut all = Errno::ALL.iter();
            let same = all.find(|own| own.name() == errno.name());
            same.copied().unwrap_or(Errno::EINVAL)
        })
    }
}

/// A status is a value: success and information are `Ok`, warnings and errors `Err`.
impl Answer for Result<u64, NtStatus> {
    fn of(ret: Ret) -> Self {
        match ret {
            Ok(value) if NtStatus(value as u32).is_success() => Ok(value),
            Ok(value) => Err(NtStatus(value as u32)),
            Err(_) => Err(NtStatus::NOT_IMPLEMENTED),
        }
    }

    fn ret(self) -> Ret {
        Ok(self.unwrap_or_else(|status| status.0.into()))
    }
}

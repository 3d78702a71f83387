//! Pages of code that a kernel puts into each process.

/// A page of kernel-provided code.
#[derive(Debug)]
pub struct Page {
    /// Where it is mapped.
    pub place: Place,
    /// How `/proc/self/maps` names it.
    pub label: &'static str,
    /// Pieces of its contents: offset in bytes, bytes. What lies between is zero.
    pub pieces: &'static [(u16, &'static [u8])],
    /// Addresses in it that the kernel needs, as offsets.
    pub symbols: &'static [(Symbol, u16)],
}

/// Where a page is mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At this address, even above the end of user space.
    Fixed(u64),
    /// Wherever a mapping without a wish goes.
    Anywhere,
}

/// An address that the kernel goes to, in a page of its own or in a library of Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// `AT_SYSINFO`: the fast way to ask.
    Sysinfo,
    /// Where such a call comes back.
    Landing,
    /// Signal return without `siginfo`.
    Sigreturn,
    /// Signal return with `siginfo`.
    RtSigreturn,
    /// The same, for handlers in Thumb code; bit 0 is set by the user.
    ThumbSigreturn,
    /// The same, for handlers in Thumb code; bit 0 is set by the user.
    ThumbRtSigreturn,
    /// `LdrInitializeThunk`: where each thread begins.
    LoaderStart,
    /// `RtlUserThreadStart`: what runs a thread's own function.
    ThreadStart,
    /// `KiUserExceptionDispatcher`: who is told of exceptions.
    ExceptionDispatcher,
    /// `KiUserApcDispatcher`: who makes calls that were left to a thread.
    ApcDispatcher,
    /// The block of the process (PEB), where it is not in its usual place: of a 32-bit program on a 64-bit system.
    ProcessBlock,
    /// There: `RtlUserThreadStart` of 32 bits.
    NarrowThreadStart,
}

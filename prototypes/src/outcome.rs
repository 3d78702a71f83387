//! What a service answers when it does not simply return.

/// Why a service has no result. `E` is the OS's error: `Errno`, `NtStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop<E> {
    /// The guest's mistake, or the world's: an error in its registers.
    Fail(E),
    /// The task waits; what for was told to the context. The service is asked again when that is ready.
    Block,
    /// The task is gone or runs another image: there is no return.
    Never,
    /// The service put the task's registers where they belong itself (`rt_sigreturn`).
    Resumed,
    /// Nobody serves this.
    Missing,
}

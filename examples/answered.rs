//! A call that is answered instead of the kernel: the guest believes that it is process 4711, and can open nothing.
//!
//!     cargo run --release --example answered -- guest-images/linux_mips/error.elf

use emu::linux::{self, Errno};
use emu::{Builder, GuestSource};

fn main() -> Result<(), emu::Error> {
    let mut words = std::env::args().skip(1);
    let guest = words.next().expect("usage: answered GUEST [ARGS]...");
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(guest.into()))
        .args(words)
        .build()?;
    emulator.on_enter(|cx, _: &mut linux::Getpid| cx.answer(Ok(4711)));
    emulator.on_enter(|cx, call: &mut linux::Openat| {
        let path = cx.read_str(call.filename);
        println!("no: {}", path.as_deref().unwrap_or("?"));
        cx.fail(Errno::EACCES);
    });
    emulator.on_any_return(|cx, ret| println!("number {} gave {ret:?}", cx.number()));
    let status = emulator.run()?;
    println!("status {}", status.code());
    Ok(())
}

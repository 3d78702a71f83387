//! Which path a descriptor stands for, at every call that takes one.
//!
//!     cargo run --release --example fd_paths -- GUEST [ARGS]...

use emu::prototypes::Meaning;
use emu::{Builder, GuestSource};

fn main() -> Result<(), emu::Error> {
    let mut words = std::env::args().skip(1);
    let guest = words.next().expect("usage: fd_paths GUEST [ARGS]...");
    let mut emulator = Builder::new()
        .guest(GuestSource::Host(guest.into()))
        .args(words)
        .build()?;
    // What a parameter means is said once for all calls; no list of names is needed here.
    emulator.on_any_enter(|cx, call| {
        for (param, value) in call.info.params.iter().zip(call.args.iter()) {
            if param.meaning != Meaning::Fd {
                continue;
            }
            let fd = *value as i32;
            match cx.path_of(fd) {
                Some(path) => println!("{}: {fd} is {}", call.info.name, path.escape_ascii()),
                None => println!("{}: {fd} is not open", call.info.name),
            }
        }
    });
    emulator.run()?;
    Ok(())
}
